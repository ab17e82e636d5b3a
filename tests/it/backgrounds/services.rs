//! Tiles that the server fetches.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gridmap::service::backgrounds::{BackgroundOptions, HostList};
use serde_json::{Value, json};

use super::upstream::{Upstream, png};
use super::{app, at, list, set};
use crate::api::TestApp;

const KEY: &str = "s3cr3t/+key";
const KEY_SENT: &str = "s3cr3t%2F%2Bkey";

fn variables(name: &str) -> Option<String> {
    match name {
        "GRIDMAP_A_KEY" | "GRIDMAP_B_KEY" | "GRIDMAP_C_KEY" => Some(KEY.to_owned()),
        "GRIDMAP_A_KEY_HOSTS" => Some("tiles.invalid, 127.0.0.1".to_owned()),
        "GRIDMAP_B_KEY_HOSTS" => Some(".tianditu.gov.cn".to_owned()),
        _ => None,
    }
}

fn options() -> BackgroundOptions {
    BackgroundOptions {
        variable: variables,
        ..BackgroundOptions::default()
    }
}

fn entry(name: &str, port: u16, path: &str, key_ref: Option<&str>) -> Value {
    let mut entry = json!({"name": name,
        "url": format!("http://127.0.0.1:{port}/{path}/{{z}}/{{x}}/{{y}}"),
        "minzoom": 3, "maxzoom": 18, "tile_size": 256, "scheme": "xyz", "datum": "gcj02",
        "attribution": "某图", "approval": "GS(2026)1号"});
    if let Some(key_ref) = key_ref {
        let url = entry["url"].as_str().unwrap();
        entry["url"] = format!("{url}?tk={{key}}").into();
        entry["key_ref"] = key_ref.into();
    }
    entry
}

/// A server with one background whose tiles are at a path of the service.
async fn with(upstream: &Upstream, path: &str) -> (TestApp, Value) {
    let setting = json!([entry("底图", upstream.port, path, Some("GRIDMAP_A_KEY"))]);
    let app = app(&options(), &setting).await;
    let listed = list(&app).await.remove(0);
    (app, listed)
}

/// What was logged meanwhile.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_tile_comes_through_the_server_and_is_kept() {
    let upstream = Upstream::start().await;
    let mut setting = entry("底图", upstream.port, "ok", Some("GRIDMAP_A_KEY"));
    setting["labels_url"] =
        format!("http://127.0.0.1:{}/ok/l/{{z}}/{{y}}/{{x}}", upstream.port).into();
    setting["scheme"] = "tms".into();
    let app = app(&options(), &json!([setting])).await;
    let listed = list(&app).await.remove(0);
    assert_eq!(listed["kind"], "raster");
    assert_eq!(
        (&listed["format"], &listed["schema"]),
        (&json!("raster"), &json!("raster"))
    );
    assert_eq!(
        (&listed["datum"], &listed["bounds"]),
        (&json!("gcj02"), &Value::Null)
    );
    assert_eq!(
        (&listed["minzoom"], &listed["maxzoom"], &listed["tile_size"]),
        (&json!(3), &json!(18), &json!(256))
    );
    assert_eq!(
        (&listed["attribution"], &listed["approval"]),
        (&json!("某图"), &json!("GS(2026)1号"))
    );
    assert_eq!(listed["problem"], Value::Null);
    assert!(!listed.to_string().contains("127.0.0.1"), "{listed}");
    let id = listed["id"].as_str().unwrap();
    assert!(id.len() == 10 && id.bytes().all(|b| b.is_ascii_hexdigit()));

    let tile = app.get(&at(&listed, "tiles", 5, 26, 12)).await;
    assert_eq!(tile.status, 200, "{}", tile.text());
    // Rows from the south: 2^5 - 1 - 12.
    assert_eq!(tile.body, png(&format!("/ok/5/26/19?tk={KEY_SENT}")));
    assert_eq!(tile.header("content-type"), "image/png");
    assert_eq!(tile.header("cache-control"), "max-age=3600");
    assert_eq!(tile.header("x-content-type-options"), "nosniff");
    let known = [("if-none-match", tile.header("etag"))];
    let again = app
        .get_with(&format!("/background/{id}/5/26/12"), &known)
        .await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let labels = app.get(&at(&listed, "labels", 5, 26, 12)).await;
    assert_eq!(labels.body, png("/ok/l/5/19/26"));
    assert_eq!(upstream.asked().len(), 2, "{:?}", upstream.asked());
    assert_eq!(upstream.connections(), 1, "the connection is used again");
    let head = &upstream.asked()[0];
    assert!(
        !head.to_lowercase().contains("cookie") && head.contains("user-agent: gridmap/"),
        "{head}"
    );

    for (path, status) in [
        (format!("/background/{id}/2/1/1"), 404),
        (format!("/background/{id}/19/1/1"), 404),
        (format!("/background/{id}/labels/2/1/1"), 404),
        ("/background/0123456789/5/1/1".to_owned(), 404),
        ("/background/osm.png/5/1/1".to_owned(), 404),
        (format!("/background/{id}/5/32/1"), 400),
        (format!("/background/{id}/5/01/1"), 400),
        (format!("/background/{id}/5/1/1?x=1"), 400),
    ] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    assert_eq!(upstream.asked().len(), 2);
    // Another address under the same name: the same id, other tiles.
    set(&app, &json!([entry("底图", upstream.port, "ok/b", None)])).await;
    let changed = list(&app).await.remove(0);
    assert_eq!(changed["id"], listed["id"]);
    assert_ne!(changed["tiles"], listed["tiles"]);
    assert_eq!(changed["labels"], Value::Null);
    let tile = app.get(&at(&changed, "tiles", 5, 26, 12)).await;
    assert_eq!(tile.body, png("/ok/b/5/26/12"));
    let none = app.get(&format!("/background/{id}/labels/5/26/12")).await;
    assert_eq!(none.status, 204);
}

#[tokio::test]
async fn the_same_tile_asked_for_at_once_is_fetched_once() {
    let upstream = Upstream::start().await;
    let (app, listed) = with(&upstream, "slow").await;
    let path = at(&listed, "tiles", 5, 26, 12);
    let asked = (0..20).map(|_| app.get(&path));
    let answers = futures_of(asked).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 200 && answer.body == answers[0].body)
    );
    assert_eq!(upstream.count("/slow/5/26/12"), 1);
    // Other tiles meanwhile are other requests, side by side.
    let began = Instant::now();
    let paths: Vec<String> = (0..20).map(|x| at(&listed, "tiles", 5, x, 0)).collect();
    let answers = futures_of(paths.iter().map(|path| app.get(path))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(upstream.asked().len(), 21);
    // Who asked first goes away: the others still get it.
    let path = at(&listed, "tiles", 6, 1, 1);
    let first = tokio::time::timeout(Duration::from_millis(50), app.get(&path));
    let (first, second) = tokio::join!(first, app.get(&path));
    assert!(first.is_err());
    assert_eq!(second.status, 200);
}

/// Runs them side by side.
async fn futures_of<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|cx| {
        let mut waiting = false;
        for (future, done) in &mut all {
            if done.is_none() {
                match future.as_mut().poll(cx) {
                    std::task::Poll::Ready(value) => *done = Some(value),
                    std::task::Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
    all.into_iter().map(|(_, done)| done.unwrap()).collect()
}

#[tokio::test]
async fn whatever_the_service_does_the_key_stays_here() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let upstream = Upstream::start().await;
    for (path, status, says) in [
        ("huge", 502, "2 MB"),
        ("endless", 502, "2 MB"),
        ("page", 502, "no picture"),
        ("lie", 502, "no picture"),
        ("svg", 502, "no picture"),
        ("none", 204, ""),
        ("refuse", 502, "403"),
        ("fail", 502, "500"),
        ("away", 502, "302"),
        ("garbage", 502, "no HTTP"),
    ] {
        let (app, listed) = with(&upstream, path).await;
        let tile = at(&listed, "tiles", 5, 26, 12);
        for _ in 0..3 {
            let answer = app.get_with(&tile, &[("accept-language", "en")]).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
            let all = format!("{:?} {}", answer.headers, answer.text());
            assert!(
                !all.contains("s3cr3t") && !all.contains("tk="),
                "{path}: {all}"
            );
            if status == 502 {
                let problem = answer.json();
                assert_eq!(problem["code"], "background_unreachable");
                let detail = problem["detail"].as_str().unwrap();
                assert!(
                    detail.contains(says) && detail.contains("127.0.0.1"),
                    "{path}: {detail}"
                );
                assert_eq!(answer.header("cache-control"), "no-store");
                let zh = app.get_with(&tile, &[("accept-language", "zh")]).await;
                assert!(zh.text().contains("没有给出瓦片"), "{}", zh.text());
            }
        }
        // A failure is remembered: it was asked once.
        assert_eq!(upstream.count(&format!("/{path}/5/26/12")), 1, "{path}");
        let settings = app.get("/api/settings/backgrounds").await;
        for text in [settings.text(), list(&app).await[0].to_string()] {
            assert!(
                !text.contains("s3cr3t") && !text.contains("GRIDMAP_A"),
                "{text}"
            );
        }
    }
    assert!(upstream.asked().iter().all(|head| head.contains(KEY_SENT)));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("a background tile did not come from 127.0.0.1"),
        "{log}"
    );
    assert!(!log.contains("s3cr3t") && !log.contains("tk="), "{log}");
}

#[tokio::test]
async fn who_does_not_answer_is_given_up_after_eight_seconds() {
    let upstream = Upstream::start().await;
    let (hangs, hanging) = with(&upstream, "hang").await;
    let (drips, dripping) = with(&upstream, "drip").await;
    let began = Instant::now();
    let paths = [
        at(&hanging, "tiles", 5, 1, 1),
        at(&dripping, "tiles", 5, 1, 1),
    ];
    let (hung, dripped) = tokio::join!(hangs.get(&paths[0]), drips.get(&paths[1]));
    for answer in [hung, dripped] {
        assert_eq!(answer.status, 502);
        assert!(answer.text().contains("8 秒"), "{}", answer.text());
    }
    let took = began.elapsed().as_secs_f64();
    assert!((7.5..11.0).contains(&took), "{took}");
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_no_failure() {
    let upstream = Upstream::start().await;
    let (app, listed) = with(&upstream, "once").await;
    for x in 0..6 {
        let tile = app.get(&at(&listed, "tiles", 5, x, 1)).await;
        assert_eq!(tile.status, 200, "{}", tile.text());
    }
    assert_eq!(upstream.connections(), 6);
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_is_asked_once_for_a_while() {
    // A port that nobody has: bound, and given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let app = app(&options(), &json!([entry("底图", port, "ok", None)])).await;
    let listed = list(&app).await.remove(0);
    for x in 0..3 {
        let answer = app.get(&at(&listed, "tiles", 5, x, 1)).await;
        assert_eq!(answer.status, 502);
        assert!(answer.text().contains("连不上"), "{}", answer.text());
    }
    // Somebody is there now, but the memory lasts.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .unwrap();
    let answer = app.get(&at(&listed, "tiles", 5, 9, 9)).await;
    assert_eq!(answer.status, 502);
    let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err());
}

#[tokio::test]
async fn the_key_goes_to_its_hosts_alone() {
    let upstream = Upstream::start().await;
    let labelled = {
        let mut entry = entry("标注", upstream.port, "ok", Some("GRIDMAP_A_KEY"));
        entry["labels_url"] = "http://localhost/{z}/{x}/{y}?tk={key}".into();
        entry
    };
    let spread = {
        let mut entry = entry("分流", upstream.port, "ok", Some("GRIDMAP_B_KEY"));
        entry["url"] = "https://t{s}.tianditu.gov.cn/{z}/{x}/{y}?tk={key}".into();
        entry["subdomains"] = json!(["0", "1"]);
        entry
    };
    let unnamed = {
        let mut entry = entry("无名", upstream.port, "ok", Some("GRIDMAP_A_KEY"));
        entry.as_object_mut().unwrap().remove("key_ref");
        entry
    };
    let setting = json!([
        entry("有", upstream.port, "ok", Some("GRIDMAP_A_KEY")),
        entry("无", upstream.port, "ok", Some("GRIDMAP_NO_KEY")),
        entry("未列", upstream.port, "ok", Some("GRIDMAP_C_KEY")),
        entry("别处", upstream.port, "ok", Some("GRIDMAP_B_KEY")),
        labelled,
        spread,
        unnamed,
        entry("不用", upstream.port, "ok", None),
    ]);
    let app = app(&options(), &setting).await;
    let listed = list(&app).await;
    let codes: Vec<&str> = listed
        .iter()
        .map(|entry| entry["problem"]["code"].as_str().unwrap_or("-"))
        .collect();
    assert_eq!(
        codes,
        [
            "-",
            "background_key_missing",
            "background_key_hosts_missing",
            "background_key_host",
            "background_key_host",
            "-",
            "background_key_missing",
            "-",
        ]
    );
    for (entry, says) in [
        (1, "GRIDMAP_NO_KEY"),
        (2, "GRIDMAP_C_KEY_HOSTS"),
        (3, "127.0.0.1"),
        (6, "key_ref"),
    ] {
        for lang in ["zh", "en"] {
            let said = listed[entry]["problem"][lang].as_str().unwrap();
            assert!(said.contains(says), "{said}");
        }
        let answer = app.get(&at(&listed[entry], "tiles", 5, 1, 1)).await;
        assert_eq!(answer.status, 409);
        assert_eq!(answer.json()["code"], listed[entry]["problem"]["code"]);
    }
    assert_eq!(upstream.asked().len(), 0);
    // The labels go elsewhere; the picture below them is not held back.
    assert_eq!(app.get(&at(&listed[4], "tiles", 5, 1, 1)).await.status, 200);
    assert_eq!(
        app.get(&at(&listed[4], "labels", 5, 1, 1)).await.status,
        409
    );
    assert_eq!(app.get(&at(&listed[7], "tiles", 5, 1, 1)).await.status, 200);
    assert!(!upstream.asked()[1].contains("s3cr3t"));
}

#[tokio::test]
async fn only_the_hosts_that_the_operator_named_are_asked() {
    let upstream = Upstream::start().await;
    let elsewhere = {
        let mut entry = entry("别处", upstream.port, "ok", None);
        entry["url"] = format!("http://localhost:{}/ok/{{z}}/{{x}}/{{y}}", upstream.port).into();
        entry
    };
    let only = BackgroundOptions {
        only_hosts: Some(HostList::read("127.0.0.1")),
        ..options()
    };
    let app = app(
        &only,
        &json!([entry("这里", upstream.port, "ok", None), elsewhere]),
    )
    .await;
    let listed = list(&app).await;
    assert_eq!(listed[0]["problem"], Value::Null);
    assert_eq!(listed[1]["problem"]["code"], "background_host_refused");
    assert_eq!(app.get(&at(&listed[0], "tiles", 5, 1, 1)).await.status, 200);
    assert_eq!(app.get(&at(&listed[1], "tiles", 5, 1, 1)).await.status, 409);
    assert_eq!(upstream.asked().len(), 1);
}

#[tokio::test]
async fn link_local_addresses_are_never_asked() {
    let entries: Vec<Value> = [
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "0.0.0.0",
    ]
    .iter()
    .enumerate()
    .map(|(n, host)| {
        let mut entry = entry(&format!("图{n}层"), 1, "ok", None);
        entry["url"] = format!("http://{host}/latest/{{z}}/{{x}}/{{y}}").into();
        entry
    })
    .collect();
    let app = app(&options(), &json!(entries)).await;
    for listed in list(&app).await {
        let began = Instant::now();
        let answer = app.get(&at(&listed, "tiles", 5, 1, 1)).await;
        assert_eq!(answer.status, 502);
        assert!(answer.text().contains("链路本地"), "{}", answer.text());
        assert!(began.elapsed() < Duration::from_secs(2));
    }
}
