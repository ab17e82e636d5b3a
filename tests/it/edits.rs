//! Features changed one at a time and in batches: nothing of anybody's is
//! lost, nothing about persons gets in.

use serde_json::{Value, json};

use crate::api::{Answer, SOUTH, TestApp, WEST};

const LAYERS: [&str; 5] = ["grids", "compounds", "streets", "routes", "incidents"];

async fn put(app: &TestApp, path: &str, etag: &str, body: &Value) -> Answer {
    app.change("PUT", path, &[("if-match", etag)], Some(body))
        .await
}

async fn patch(app: &TestApp, path: &str, etag: &str, body: &Value) -> Answer {
    let headers = [
        ("if-match", etag),
        ("content-type", "application/merge-patch+json"),
    ];
    app.change("PATCH", path, &headers, Some(body)).await
}

fn square(x: f64, y: f64, side: f64) -> Value {
    json!({"type": "Polygon", "coordinates":
        [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]]})
}

fn incident(properties: Value, at: Option<[f64; 2]>) -> Value {
    let geometry = at.map(|at| json!({"type": "Point", "coordinates": at}));
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}

/// What is read can be put back as it came, in every layer, and changes
/// nothing.
#[tokio::test]
async fn a_feature_put_back_as_it_came_stays_as_it_is() {
    let app = TestApp::new().await;
    for layer in LAYERS {
        let page = app
            .json(&format!("/collections/{layer}/items?limit=10&etags=true"))
            .await;
        for listed in page["features"].as_array().unwrap() {
            let path = format!("/collections/{layer}/items/{}", listed["id"]);
            let read = app.get(&path).await;
            let etag = read.header("etag").to_owned();
            assert!(etag.starts_with('"'), "a strong tag: {etag}");
            assert!(etag[1..].starts_with(listed["etag"].as_str().unwrap()));
            let answer = put(&app, &path, &etag, &read.json()).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            assert_eq!(
                answer.header("etag"),
                etag,
                "{path}: {} {}",
                read.text(),
                answer.text()
            );
            let same = patch(&app, &path, &etag, &json!({})).await;
            assert_eq!(
                (same.status.as_u16(), same.header("etag")),
                (200, etag.as_str())
            );
            assert_eq!(
                app.get(&path).await.json()["properties"],
                read.json()["properties"]
            );
        }
    }
}

#[tokio::test]
async fn a_new_incident_is_masked_placed_and_found() {
    let app = TestApp::new().await;
    let at = [WEST + 0.015, SOUTH + 0.004];
    let body = incident(
        json!({"kind": "police", "category": "police.theft", "occurred_at": "2026-11-20 21:40",
            "found": "patrol", "status": "处置中", "text": "报警人张三电话13800138000"}),
        Some(at),
    );
    let made = app
        .change("POST", "/collections/incidents/items", &[], Some(&body))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let place = made
        .header("location")
        .strip_prefix("http://localhost:8080")
        .unwrap()
        .to_owned();
    let read = app.get(&place).await;
    assert_eq!(read.header("etag"), made.header("etag"));
    let properties = &read.json()["properties"];
    assert_eq!(properties["text"], "报警人[姓名]电话[电话]");
    assert_eq!(properties["occurred_at"], "2026-11-20T21:40:00+08:00");
    assert_eq!(properties["grid"], "WG002");
    assert_eq!(properties["source"], "manual");
    assert!(!read.text().contains("13800138000"));
    // Corrected, closed, and its place taken away and given back.
    let etag = read.header("etag").to_owned();
    let closed = patch(
        &app,
        &place,
        &etag,
        &json!({"properties": {"status": "已办结"}}),
    )
    .await;
    assert_eq!(closed.json()["properties"]["status"], "已办结");
    assert_eq!(closed.json()["properties"]["found"], "patrol");
    let etag = closed.header("etag").to_owned();
    let off = patch(&app, &place, &etag, &json!({"geometry": null})).await;
    assert_eq!(off.json()["geometry"], Value::Null);
    assert_eq!(off.json()["properties"]["grid"], Value::Null);
    let etag = off.header("etag").to_owned();
    let point =
        json!({"geometry": {"type": "Point", "coordinates": [WEST + 0.005, SOUTH + 0.015]}});
    let on = patch(&app, &place, &etag, &point).await;
    assert_eq!(on.json()["properties"]["grid"], "WG003");
    let day = json!({"properties": {"occurred_at": "2026-11-19"}});
    let etag = on.header("etag").to_owned();
    let day = patch(&app, &place, &etag, &day).await;
    assert_eq!(day.json()["properties"]["date_only"], true);
    let hour = json!({"properties": {"occurred_at": "2026-11-19T08:00"}});
    let hour = patch(&app, &place, day.header("etag"), &hour).await;
    assert_eq!(hour.json()["properties"]["date_only"], false);
}

/// 404, 428, 412: before the body is looked at.
#[tokio::test]
async fn every_way_to_be_refused() {
    let app = TestApp::new().await;
    let items = "/collections/incidents/items";
    let path = format!("{items}/{}", app.first_id("incidents").await);
    let read = app.get(&path).await;
    let (etag, body) = (read.header("etag").to_owned(), read.json());
    for method in ["PUT", "PATCH", "DELETE"] {
        let at = |path: String| {
            let (app, body) = (&app, &body);
            async move {
                app.change(method, &path, &[], Some(body))
                    .await
                    .status
                    .as_u16()
            }
        };
        assert_eq!(at(format!("{items}/999999")).await, 404);
        assert_eq!(at("/collections/nothing/items/1".to_owned()).await, 404);
        assert_eq!(at(path.clone()).await, 428, "{method}");
        let stale = [("if-match", "\"0000.00\"")];
        let answer = app.change(method, &path, &stale, Some(&json!({}))).await;
        assert_eq!(answer.status, 412, "{method}");
        let problem = answer.json();
        assert_eq!(problem["current"]["properties"], body["properties"]);
        assert!(etag[1..].starts_with(answer.header("etag").trim_matches('"')));
        assert_eq!(problem["code"], "edited-since");
    }
}

#[tokio::test]
async fn what_cannot_be_read_or_stored_is_told() {
    let app = TestApp::new().await;
    let items = "/collections/incidents/items";
    let path = format!("{items}/{}", app.first_id("incidents").await);
    let read = app.get(&path).await;
    let (etag, body) = (read.header("etag").to_owned(), read.json());
    for method in ["PUT", "PATCH"] {
        let form = [("if-match", etag.as_str()), ("content-type", "text/plain")];
        let answer = app.change(method, &path, &form, Some(&body)).await;
        assert_eq!(answer.status, 415, "{method}");
        assert_eq!(answer.header("accept-patch").is_empty(), method == "PUT");
    }
    let html = [("content-type", "text/html")];
    assert_eq!(
        app.change("POST", items, &html, Some(&body)).await.status,
        415
    );
    assert_eq!(
        app.change("POST", items, &[], Some(&json!([])))
            .await
            .status,
        422
    );
    for (change, code) in [
        (json!({"properties": {"kind": "x"}}), "kind"),
        (
            json!({"properties": {"category": "police.nothing"}}),
            "bad_value",
        ),
        (json!({"properties": {"found": "x"}}), "bad_value"),
        (
            json!({"properties": {"报警人电话": "1"}}),
            "pii_column_dropped",
        ),
        (json!({"properties": {"colour": "red"}}), "mapping"),
        (
            json!({"properties": {"occurred_at": "yesterday"}}),
            "time_parse",
        ),
        (
            json!({"properties": {"occurred_at": "2999-01-01"}}),
            "time_parse",
        ),
        (
            json!({"geometry": {"type": "Point", "coordinates": [31.8, 117.2]}}),
            "swapped",
        ),
        (
            json!({"geometry": {"type": "LineString", "coordinates": [[1, 1], [2, 2]]}}),
            "geom_type",
        ),
    ] {
        let answer = patch(&app, &path, &etag, &change).await;
        assert_eq!(answer.status, 422, "{change}: {}", answer.text());
        let problem = answer.json();
        assert_eq!(problem["problems"][0]["code"], code, "{change}");
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    let mut twin = body.clone();
    twin["properties"]["source_id"] = json!("7");
    let twin = app.change("POST", items, &[], Some(&twin)).await;
    assert_eq!(twin.status, 409, "{}", twin.text());
    let broken = [
        ("content-type", "application/geo+json"),
        ("content-encoding", "gzip"),
    ];
    assert_eq!(
        app.change("POST", items, &broken, Some(&body)).await.status,
        415
    );
    assert_eq!(
        app.get(&path).await.header("etag"),
        etag,
        "nothing was changed"
    );
}

#[tokio::test]
async fn a_doubled_key_stores_nothing() {
    let app = TestApp::new().await;
    let request = axum::http::Request::post("/collections/incidents/items")
        .header("host", "localhost:8080")
        .header("content-type", "application/geo+json")
        .body(axum::body::Body::from(
            r#"{"type":"Feature","geometry":null,"properties":{"kind":"police","kind":"hotline","occurred_at":"2026-11-01"}}"#,
        ))
        .unwrap();
    assert_eq!(app.send(request).await.status, 400);
}

#[tokio::test]
async fn minimal_answers_and_the_methods_of_an_address() {
    let app = TestApp::new().await;
    let items = "/collections/streets/items";
    let path = format!("{items}/{}", app.first_id("streets").await);
    let read = app.get(&path).await;
    let headers = [
        ("if-match", read.header("etag")),
        ("prefer", "return=minimal"),
    ];
    let done = app.change("PUT", &path, &headers, Some(&read.json())).await;
    assert_eq!((done.status.as_u16(), done.text().as_str()), (204, ""));
    assert_eq!(done.header("preference-applied"), "return=minimal");
    assert_eq!(done.header("etag"), read.header("etag"));
    for (at, methods) in [
        (items, vec!["GET", "HEAD", "POST", "OPTIONS"]),
        (
            path.as_str(),
            vec!["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
        ),
    ] {
        let allow = app.change("OPTIONS", at, &[], None).await;
        assert_eq!(allow.status, 204);
        let mut listed: Vec<&str> = allow.header("allow").split(',').map(str::trim).collect();
        let mut methods = methods;
        listed.sort_unstable();
        methods.sort_unstable();
        assert_eq!(listed, methods, "{at}");
    }
    let gone = [("if-match", "*")];
    assert_eq!(app.change("DELETE", &path, &gone, None).await.status, 204);
    assert_eq!(app.get(&path).await.status, 404);
    assert_eq!(app.change("DELETE", &path, &gone, None).await.status, 404);
    let classes = app.json("/conformance").await["conformsTo"].clone();
    for class in [
        "create-replace-delete",
        "update",
        "features",
        "optimistic-locking-etags",
    ] {
        let uri = format!("http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/{class}");
        assert!(classes.as_array().unwrap().contains(&uri.into()), "{class}");
    }
}

/// An item's tag changes with the grid it lies in, so that nobody keeps an
/// outdated answer; for a change only the row itself counts.
#[tokio::test]
async fn a_new_grid_border_renews_answers_but_stops_no_edit() {
    let app = TestApp::new().await;
    let items = "/collections/incidents/items";
    let page = app.json(&format!("{items}?limit=1&grid=WG001")).await;
    let path = format!("{items}/{}", page["features"][0]["id"]);
    let before = app.get(&path).await.header("etag").to_owned();
    let grids = app
        .json("/collections/grids/items?etags=true&code=WG001")
        .await;
    let mut grid = grids["features"][0].clone();
    grid["properties"]["code"] = json!("WG901");
    let at = format!("/collections/grids/items/{}", grid["id"]);
    let etag = format!("\"{}\"", grid["etag"].as_str().unwrap());
    assert_eq!(put(&app, &at, &etag, &grid).await.status, 200);
    let after = app.get_with(&path, &[("if-none-match", &before)]).await;
    assert_eq!(after.status, 200);
    assert_eq!(after.json()["properties"]["grid"], "WG901");
    assert_ne!(after.header("etag"), before);
    let closed = patch(
        &app,
        &path,
        &before,
        &json!({"properties": {"status": "x"}}),
    )
    .await;
    assert_eq!(closed.status, 200, "{}", closed.text());
}

/// Two editors on one object: every change that another one's would have been
/// lost under is answered 412, and none is lost.
#[tokio::test]
async fn two_editors_lose_nothing_in_two_hundred_rounds() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::stored(&folder.path().join("a.gpkg")).await;
    let path = format!("/collections/routes/items/{}", app.first_id("routes").await);
    let editor = |name: &'static str| {
        let (app, path) = (&app, path.clone());
        async move {
            let (mut done, mut refused) = (Vec::new(), 0);
            for round in 0..200 {
                let read = app.get(&path).await;
                tokio::task::yield_now().await;
                let word = format!("{name}{round}");
                let line = read.json()["properties"]["name"]
                    .as_str()
                    .unwrap()
                    .to_owned();
                let tail: String = line.chars().take(60).collect();
                let change = json!({"properties": {"name": format!("{word}<{tail}")}});
                let answer = patch(app, &path, read.header("etag"), &change).await;
                match answer.status.as_u16() {
                    200 => done.push((line, word)),
                    412 => {
                        refused += 1;
                        let current = answer.json()["current"]["properties"]["name"].clone();
                        assert_ne!(current.as_str().unwrap(), line, "refused without cause");
                    }
                    other => panic!("{other}: {}", answer.text()),
                }
            }
            (done, refused)
        }
    };
    let (a, b) = tokio::join!(editor("a"), editor("b"));
    let (writes, refused) = (a.0.len() + b.0.len(), a.1 + b.1);
    assert_eq!(writes + refused, 400);
    assert!(refused > 0, "the two never met");
    // Each write was made on what the one before it wrote: the chain of all
    // writes has no branch.
    let mut seen: Vec<String> = a.0.iter().chain(&b.0).map(|(on, _)| on.clone()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), writes, "two writes were made on one state");
}

#[tokio::test]
async fn a_batch_is_stored_whole_or_not_at_all() {
    let app = TestApp::new().await;
    let grids = app.json("/collections/grids/items?etags=true").await;
    let of = |code: &str| {
        let all = grids["features"].as_array().unwrap();
        all.iter()
            .find(|g| g["properties"]["code"] == code)
            .unwrap()
            .clone()
    };
    let (one, two, five) = (of("WG001"), of("WG002"), of("WG005"));
    let mut changed = one.clone();
    changed["properties"]["name"] = json!("改名");
    let new = json!({"type": "Feature", "geometry": square(WEST + 0.03, SOUTH, 0.01),
        "properties": {"code": "WG006", "kind": "basic"}});
    let batch = |feature: &Value, etag: &Value, new: &Value| {
        json!({"reason": "重划 联系人张三",
            "put": [{"layer": "grids", "id": one["id"], "etag": etag, "feature": feature},
                    {"layer": "grids", "feature": new}],
            "delete": [{"layer": "grids", "id": five["id"], "etag": five["etag"]}]})
    };
    let before = app.json("/collections/grids/items?etags=true").await["features"].clone();
    // One outdated tag refuses all, and shows what is there.
    let stale = app
        .post("/api/edits", &batch(&changed, &two["etag"], &new))
        .await;
    assert_eq!(stale.status, 412, "{}", stale.text());
    let conflicts = stale.json()["conflicts"].clone();
    assert_eq!(conflicts.as_array().unwrap().len(), 1);
    assert_eq!(conflicts[0]["etag"], one["etag"]);
    assert_eq!(
        conflicts[0]["current"]["properties"]["name"],
        one["properties"]["name"]
    );
    // Every fault is told at once, by index.
    let mut bad = changed.clone();
    bad["geometry"] = json!({"type": "Polygon", "coordinates":
        [[[117.0, 31.0], [117.1, 31.1], [117.1, 31.0], [117.0, 31.1], [117.0, 31.0]]]});
    let mut taken = new.clone();
    taken["properties"]["code"] = json!("WG002");
    let faulty = app
        .post("/api/edits", &batch(&bad, &one["etag"], &taken))
        .await;
    assert_eq!(faulty.status, 422, "{}", faulty.text());
    let problems = faulty.json()["problems"].clone();
    assert_eq!(
        (&problems[0]["index"], &problems[0]["code"]),
        (&json!(0), &json!("self_intersection"))
    );
    assert_eq!(problems[0]["at"], json!([117.05, 31.05]));
    assert_eq!(
        (&problems[1]["index"], &problems[1]["code"]),
        (&json!(1), &json!("duplicate_code"))
    );
    assert_eq!(
        app.json("/collections/grids/items?etags=true").await["features"],
        before
    );
    // All of it.
    let done = app
        .post("/api/edits", &batch(&changed, &one["etag"], &new))
        .await;
    assert_eq!(done.status, 200, "{}", done.text());
    let items = done.json()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 2);
    assert_eq!(items[0]["id"], one["id"]);
    let path = format!("/collections/grids/items/{}", items[1]["id"]);
    let read = app.get(&path).await;
    assert!(read.header("etag")[1..].starts_with(items[1]["etag"].as_str().unwrap()));
    assert_eq!(read.json()["properties"]["code"], "WG006");
    assert_eq!(
        app.get(&format!("/collections/grids/items/{}", five["id"]))
            .await
            .status,
        404
    );
    for wrong in [
        json!({"put": [{"layer": "grids", "id": 1, "feature": changed}]}),
        json!({"put": [{"layer": "people", "feature": changed}]}),
        json!({"puts": []}),
    ] {
        assert_eq!(app.post("/api/edits", &wrong).await.status, 400, "{wrong}");
    }
}

async fn stored() -> (tempfile::TempDir, TestApp) {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::stored(&folder.path().join("a.gpkg")).await;
    (folder, app)
}

#[tokio::test]
async fn a_row_goes_back_to_what_it_was_and_comes_back_when_deleted() {
    let (_folder, app) = stored().await;
    for layer in LAYERS {
        let id = app.first_id(layer).await;
        let path = format!("/collections/{layer}/items/{id}");
        let first = app.get(&path).await;
        let property = match layer {
            "incidents" => "status",
            _ => "name",
        };
        let change = json!({"properties": {property: "另一个"}});
        let second = patch(&app, &path, first.header("etag"), &change).await;
        assert_eq!(second.status, 200, "{}", second.text());
        let history = format!("/api/history/{layer}/{id}");
        let items = app.json(&history).await["items"].clone();
        assert_eq!(items[0]["op"], "update");
        assert_eq!(items[0]["changed"], json!([property]));
        assert_eq!(items[0]["actor"], "local");
        assert_eq!(
            items[0]["before"]["properties"][property],
            first.json()["properties"][property]
        );
        assert_eq!(items[1]["op"], "insert");
        assert_eq!(items[1]["before"], Value::Null);
        let revision = json!({"revision": items[0]["revision"]});
        let restore = format!("{history}/restore");
        let without = app.change("POST", &restore, &[], Some(&revision)).await;
        assert_eq!(without.status, 428);
        let stale = [("if-match", first.header("etag"))];
        assert_eq!(
            app.change("POST", &restore, &stale, Some(&revision))
                .await
                .status,
            412
        );
        let fresh = [("if-match", second.header("etag"))];
        let back = app.change("POST", &restore, &fresh, Some(&revision)).await;
        assert_eq!(back.status, 200, "{}", back.text());
        assert_eq!(back.header("etag"), first.header("etag"));
        let gone = [("if-match", back.header("etag"))];
        assert_eq!(app.change("DELETE", &path, &gone, None).await.status, 204);
        let items = app.json(&history).await["items"].clone();
        assert_eq!(
            (&items[0]["op"], &items[1]["op"]),
            (&json!("delete"), &json!("update"))
        );
        let revision = json!({"revision": items[0]["revision"]});
        let back = app.change("POST", &restore, &[], Some(&revision)).await;
        assert_eq!(back.status, 200, "{}", back.text());
        assert_eq!(app.get(&path).await.header("etag"), first.header("etag"));
        let first_change = items.as_array().unwrap().last().unwrap()["revision"].clone();
        let at = [("if-match", first.header("etag"))];
        let never = json!({"revision": first_change});
        assert_eq!(
            app.change("POST", &restore, &at, Some(&never)).await.status,
            409
        );
        let other = json!({"revision": 999_999});
        assert_eq!(
            app.change("POST", &restore, &at, Some(&other)).await.status,
            404
        );
    }
    assert_eq!(app.get("/api/history/grids/999999").await.status, 404);
}

#[tokio::test]
async fn what_is_sent_twice_under_one_key_is_done_once() {
    let (_folder, app) = stored().await;
    let body = incident(
        json!({"kind": "police", "occurred_at": "2026-11-01T08:00"}),
        None,
    );
    let key = [("idempotency-key", "k-1")];
    let items = "/collections/incidents/items";
    let first = app.change("POST", items, &key, Some(&body)).await;
    let again = app.change("POST", items, &key, Some(&body)).await;
    assert_eq!(
        (first.status.as_u16(), again.status.as_u16()),
        (201, 201),
        "{}",
        again.text()
    );
    assert_eq!(first.header("location"), again.header("location"));
    let other = incident(
        json!({"kind": "hotline", "occurred_at": "2026-11-01T08:00"}),
        None,
    );
    assert_eq!(
        app.change("POST", items, &key, Some(&other)).await.status,
        422
    );
    assert_eq!(
        app.json(&format!("{items}?source=manual")).await["numberMatched"],
        1
    );
    // A batch that changes a row outdates its own tag.
    let listed = app.json("/collections/routes/items?etags=true").await["features"][0].clone();
    let mut feature = listed.clone();
    feature["properties"]["name"] = json!("二号线");
    let batch = json!({"key": "k-2", "reason": "",
        "put": [{"layer": "routes", "id": listed["id"], "etag": listed["etag"], "feature": feature}]});
    let first = app.post("/api/edits", &batch).await;
    let again = app.post("/api/edits", &batch).await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.json(), again.json());
    let history = app
        .json(&format!("/api/history/routes/{}", listed["id"]))
        .await;
    assert_eq!(history["items"].as_array().unwrap().len(), 2);
}

/// What another program writes in between is not overwritten either.
#[tokio::test]
async fn a_write_of_another_program_is_noticed() {
    let (folder, app) = stored().await;
    let path = format!("/collections/routes/items/{}", app.first_id("routes").await);
    let read = app.get(&path).await;
    let other = TestApp::open(&folder.path().join("a.gpkg")).await;
    let theirs = patch(
        &other,
        &path,
        read.header("etag"),
        &json!({"properties": {"name": "甲"}}),
    )
    .await;
    assert_eq!(theirs.status, 200, "{}", theirs.text());
    let ours = patch(
        &app,
        &path,
        read.header("etag"),
        &json!({"properties": {"name": "乙"}}),
    )
    .await;
    assert_eq!(ours.status, 412);
    assert_eq!(ours.json()["current"]["properties"]["name"], "甲");
}
