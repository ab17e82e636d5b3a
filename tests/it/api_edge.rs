//! What holds for every answer: headers, languages, encodings, tags, methods.

use axum::body::Body;
use axum::http::Request;

use crate::api::TestApp;

const CSP: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::new().await;
    for path in [
        "/",
        "/?f=json",
        "/healthz",
        "/no/such/address",
        "/assets/none.js",
        "/api/counts?by=nothing",
        "/tiles/grids/14/13529/6662",
        "/openapi.json",
        "/page.css",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("content-security-policy"), CSP, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(
            answer.header("permissions-policy"),
            "geolocation=(self), camera=(), microphone=()"
        );
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert_eq!(answer.header("server"), "");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn problems_speak_the_readers_language() {
    let app = TestApp::new().await;
    let path = "/collections/grids/items?limit=0";
    let problem = async |path: &str, language: &str| {
        let answer = app.get_with(path, &[("accept-language", language)]).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        answer.json()
    };
    let zh = problem(path, "zh-CN,zh;q=0.9").await;
    assert_eq!(zh["title"], "请求有误");
    assert!(zh["detail"].as_str().unwrap().contains("limit"));
    let en = problem(path, "en-US,en;q=0.9,zh;q=0.8").await;
    assert_eq!(en["title"], "Bad Request");
    assert_eq!(en["code"], zh["code"]);
    assert_eq!(en["status"], 400);
    let forced = problem("/collections/grids/items?limit=0&lang=en", "zh").await;
    assert_eq!(forced["detail"], en["detail"]);
    for path in [
        "/no/such",
        "/collections/none",
        "/collections/grids/items/9999",
        "/tiles/x/0/0/0",
    ] {
        let answer = app.get_with(path, &[("accept-language", "en")]).await;
        assert_eq!(answer.status, 404, "{path}");
        let problem = answer.json();
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["title"], "Not Found");
        assert!(problem["detail"].as_str().unwrap().is_ascii(), "{problem}");
    }
}

#[tokio::test]
async fn long_answers_are_gzipped_when_asked_for() {
    let app = TestApp::new().await;
    let path = "/collections/incidents/items?limit=250";
    let plain = app.get(path).await;
    assert_eq!(plain.header("content-encoding"), "");
    let packed = app
        .get_with(path, &[("accept-encoding", "gzip, deflate")])
        .await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.header("vary").to_lowercase().contains("accept"));
    assert!(packed.body.len() * 3 < plain.body.len());
    let mut out = vec![0; plain.body.len() + 1024];
    let n = libdeflater::Decompressor::new()
        .gzip_decompress(&packed.body, &mut out)
        .expect("one whole gzip member");
    let page: serde_json::Value = serde_json::from_slice(&out[..n]).unwrap();
    assert_eq!(page["features"], plain.json()["features"]);
    let short = app
        .get_with("/healthz", &[("accept-encoding", "gzip")])
        .await;
    assert_eq!(short.header("content-encoding"), "", "not worth it");
    let refused = app
        .get_with(path, &[("accept-encoding", "gzip;q=0, identity")])
        .await;
    assert_eq!(refused.header("content-encoding"), "");
}

#[tokio::test]
async fn unchanged_answers_are_not_sent_again() {
    let app = TestApp::new().await;
    for path in [
        "/collections",
        "/collections/incidents/items?limit=3",
        "/collections/grids",
        "/api/counts?by=kind",
        "/api/stats/grids",
        "/tiles/grids,streets/14/13529/6662",
        "/tiles/grids.json",
        "/style.json",
        "/openapi.json",
    ] {
        let first = app.get(path).await;
        assert!(first.status.is_success(), "{path}: {}", first.status);
        let tag = first.header("etag").to_owned();
        assert!(!tag.is_empty(), "{path}");
        let again = app.get_with(path, &[("if-none-match", &tag)]).await;
        assert_eq!(again.status, 304, "{path}");
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), tag);
        let other = app.get_with(path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, first.status, "{path}");
    }
}

#[tokio::test]
async fn a_write_changes_the_tags_of_what_it_touches() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let app = TestApp::stored(&folder.path().join("t.gpkg")).await;
    let tag = async |path: &str| app.get(path).await.header("etag").to_owned();
    let (incidents, streets) = (
        "/tiles/incidents/14/13529/6662",
        "/tiles/streets/14/13529/6662",
    );
    let items = "/collections/incidents/items";
    let before = (tag(incidents).await, tag(streets).await, tag(items).await);
    let snapshot = app.state.service.snapshot();
    let mut row = snapshot
        .incidents
        .rows()
        .next()
        .expect("there are some")
        .to_incident();
    row.status = "已回访".to_owned();
    let changes = gridmap::model::ChangeSet {
        incidents: vec![row].into(),
        ..Default::default()
    };
    let audit = gridmap::model::Audit {
        actor: "test".to_owned(),
        action: "edit".to_owned(),
        reason: String::new(),
    };
    app.state
        .service
        .apply(changes, audit)
        .await
        .expect("applies");
    assert_ne!(tag(incidents).await, before.0);
    assert_eq!(tag(streets).await, before.1, "streets did not change");
    assert_ne!(tag(items).await, before.2);
}

#[tokio::test]
async fn methods() {
    let app = TestApp::new().await;
    let send = async |method: &str, path: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .body(Body::empty())
            .unwrap();
        app.send(request).await
    };
    let head = send("HEAD", "/collections/grids/items").await;
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
    assert_eq!(head.header("content-type"), "application/geo+json");
    assert!(send("HEAD", "/no/such").await.body.is_empty());
    let options = send("OPTIONS", "/collections/grids/items").await;
    assert_eq!(options.status, 204);
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert!(
            options.header("allow").contains(method),
            "{}",
            options.header("allow")
        );
    }
    assert!(
        send("OPTIONS", "/api/inside")
            .await
            .header("allow")
            .contains("POST")
    );
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "FOO"] {
        let answer = send(method, "/collections/grids/items").await;
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.header("allow").contains("GET"), "{method}");
        assert_eq!(answer.json()["code"], "method-not-allowed");
    }
}

#[tokio::test]
async fn foreign_host_names_and_origins_are_turned_away() {
    let app = TestApp::new().await;
    let with = async |method: &str, path: &str, headers: &[(&str, &str)]| {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        app.send(request.body(Body::from("{}")).unwrap()).await
    };
    let evil = with("GET", "/", &[("host", "evil.invalid")]).await;
    assert_eq!(evil.status, 421);
    assert!(!evil.text().contains("evil"));
    assert_eq!(with("GET", "/", &[]).await.status, 421, "no host at all");
    for host in ["localhost", "127.0.0.1:8080", "[::1]:8080"] {
        assert_eq!(
            with("GET", "/healthz", &[("host", host)]).await.status,
            200,
            "{host}"
        );
    }
    let json = ("content-type", "application/json");
    let local = ("host", "localhost");
    for theirs in [
        ("origin", "https://evil.invalid"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let answer = with("POST", "/api/inside", &[local, json, theirs]).await;
        assert_eq!(answer.status, 403, "{theirs:?}");
    }
    let ours = with(
        "POST",
        "/api/inside",
        &[local, json, ("origin", "http://localhost")],
    )
    .await;
    assert_eq!(ours.status, 400, "let in, then refused for its empty body");
    let form = with(
        "POST",
        "/api/inside",
        &[local, ("content-type", "text/plain")],
    )
    .await;
    assert_eq!(form.status, 415);
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let app = TestApp::new().await;
    let request = Request::post("/api/inside")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Body::from(vec![b' '; 3 << 20]))
        .unwrap();
    assert_eq!(app.send(request).await.status, 413);
}

#[tokio::test]
async fn a_panic_is_an_answer_without_its_message() {
    use axum::routing::get;
    use tower::ServiceExt;
    async fn fail() -> &'static str {
        panic!("secret words")
    }
    let router = gridmap::api::guarded(
        axum::Router::new().route("/fail", get(fail)),
        gridmap::api::edge::Hosts::Loopback,
    );
    let request = Request::get("/fail?lang=en")
        .header("host", "localhost")
        .body(Body::empty())
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 500);
    let body = axum::body::to_bytes(response.into_body(), 10_000)
        .await
        .unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["code"], "internal");
    assert!(!problem.to_string().contains("secret"));
}
