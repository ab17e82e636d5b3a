//! Grids split, merged and divided anew: the ground stays covered exactly, and
//! the past stays in the grids of its time.

use serde_json::{Value, json};

use crate::api::{Answer, SOUTH, TestApp, WEST};

async fn grids(app: &TestApp) -> Vec<Value> {
    let page = app
        .json("/collections/grids/items?etags=true&limit=100")
        .await;
    page["features"].as_array().unwrap().clone()
}

async fn grid(app: &TestApp, code: &str) -> Value {
    let found = grids(app).await;
    let found = found.into_iter().find(|g| g["properties"]["code"] == code);
    found.unwrap_or_else(|| panic!("no grid {code}"))
}

/// Gaps and overlaps that the server finds on a day.
async fn faults(app: &TestApp, on: &str) -> (usize, usize) {
    let answer = app.post("/api/check/grids", &json!({"on": on})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let view = answer.json();
    let count = |name: &str| view[name].as_array().unwrap().len();
    (count("gaps"), count("overlaps"))
}

async fn by_grid(app: &TestApp, code: &str, grids: &str) -> u64 {
    let path = format!("/collections/incidents/items?grid={code}&grids={grids}&limit=1");
    app.json(&path).await["numberMatched"].as_u64().unwrap()
}

fn line() -> Value {
    // Up through the middle of WG001, ends over the border.
    let x = WEST + 0.004;
    json!({"type": "LineString", "coordinates": [[x, SOUTH - 0.001], [x + 0.001, SOUTH + 0.0101]]})
}

async fn split(app: &TestApp, valid_from: Option<&str>, codes: [&str; 2]) -> Answer {
    let old = grid(app, "WG001").await;
    let body = json!({"id": old["id"], "etag": old["etag"], "line": line(),
        "valid_from": valid_from, "codes": codes, "names": ["东片", "西片"]});
    app.post("/api/grids/split", &body).await
}

#[tokio::test]
async fn a_split_and_a_merge_keep_the_ground_covered() {
    let app = TestApp::new().await;
    let today = "2026-11-22";
    assert_eq!(faults(&app, today).await, (0, 0));
    let before = grid(&app, "WG001").await;
    let inside = by_grid(&app, "WG001", "event").await;
    let done = split(&app, None, ["WG001", "WG011"]).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(faults(&app, today).await, (0, 0));
    let (a, b) = (grid(&app, "WG001").await, grid(&app, "WG011").await);
    assert_eq!(a["id"], before["id"], "one half is the old row");
    assert_eq!(
        (&a["properties"]["name"], &b["properties"]["name"]),
        (&json!("东片"), &json!("西片"))
    );
    assert_eq!(a["properties"]["households"], Value::Null);
    assert_eq!(a["properties"]["post"], before["properties"]["post"]);
    // The neighbour above has the corner in which the line ends.
    let above = grid(&app, "WG003").await;
    let corners = above["geometry"]["coordinates"][0]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(corners, 6, "{above}");
    let halves = by_grid(&app, "WG001", "event").await + by_grid(&app, "WG011", "event").await;
    assert_eq!(halves, inside);
    // What was read before is outdated now.
    let stale =
        json!({"id": before["id"], "etag": before["etag"], "line": line(), "codes": ["x", "y"]});
    assert_eq!(app.post("/api/grids/split", &stale).await.status, 412);
    let merge = json!({"ids": [a["id"], b["id"]], "etags": [a["etag"], b["etag"]],
        "code": "WG001", "name": "第1网格"});
    let merged = app.post("/api/grids/merge", &merge).await;
    assert_eq!(merged.status, 200, "{}", merged.text());
    assert_eq!(faults(&app, today).await, (0, 0));
    assert_eq!(by_grid(&app, "WG001", "event").await, inside);
    assert!(
        grids(&app)
            .await
            .iter()
            .all(|g| g["properties"]["code"] != "WG011")
    );
}

#[tokio::test]
async fn a_new_division_keeps_the_past_in_its_grids() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::stored(&folder.path().join("a.gpkg")).await;
    let day = "2026-11-01";
    let past = by_grid(&app, "WG001", "event").await;
    let before_day = {
        let path = format!("/collections/incidents/items?grid=WG001&datetime=../{day}&limit=1");
        app.json(&path).await["numberMatched"].as_u64().unwrap()
    };
    assert!(before_day > 0 && before_day < past);
    let done = split(&app, Some(day), ["WG021", "WG022"]).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let old = grid(&app, "WG001").await;
    let new = grid(&app, "WG021").await;
    assert_eq!(old["properties"]["valid_to"], day);
    assert_eq!(new["properties"]["valid_from"], day);
    assert_ne!(old["id"], new["id"]);
    // Last month's are in the old grid by the day they happened, in the new
    // ones by today's.
    assert_eq!(by_grid(&app, "WG001", "event").await, before_day);
    let since = by_grid(&app, "WG021,WG022", "event").await;
    assert_eq!(since, past - before_day);
    assert_eq!(by_grid(&app, "WG001", "today").await, 0);
    assert_eq!(by_grid(&app, "WG021,WG022", "today").await, past);
    for on in ["2026-10-15", "2026-10-31", day, "2026-12-01"] {
        assert_eq!(faults(&app, on).await, (0, 0), "{on}");
    }
    // A grid that has ended cannot end again.
    let body = json!({"id": old["id"], "etag": old["etag"], "line": line(),
        "valid_from": "2026-11-05", "codes": ["a", "b"]});
    let late = app.post("/api/grids/split", &body).await;
    assert_eq!(late.status, 422);
    assert_eq!(late.json()["problems"][0]["code"], "bad_day");
    // Merged again from another day on.
    let other = grid(&app, "WG022").await;
    let merge = json!({"ids": [new["id"], other["id"]], "etags": [new["etag"], other["etag"]],
        "code": "WG001", "valid_from": "2026-11-10"});
    let merged = app.post("/api/grids/merge", &merge).await;
    assert_eq!(merged.status, 200, "{}", merged.text());
    for on in ["2026-10-31", "2026-11-09", "2026-11-10"] {
        assert_eq!(faults(&app, on).await, (0, 0), "{on}");
    }
    // The history of the row tells it.
    let history = app.json(&format!("/api/history/grids/{}", old["id"])).await;
    assert_eq!(history["items"][0]["action"], "split");
    assert_eq!(history["items"][0]["changed"], json!(["valid_to"]));
}

#[tokio::test]
async fn what_cannot_be_split_or_merged_is_told() {
    let app = TestApp::new().await;
    let one = grid(&app, "WG001").await;
    let ask = |line: Value, codes: Value| json!({"id": one["id"], "etag": one["etag"], "line": line, "codes": codes});
    let short = json!({"type": "LineString", "coordinates": [[WEST + 0.002, SOUTH + 0.002], [WEST + 0.004, SOUTH + 0.004]]});
    let answer = app
        .post("/api/grids/split", &ask(short, json!(["a", "b"])))
        .await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.json()["problems"][0]["code"].clone()
        ),
        (422, json!("not_through"))
    );
    let taken = app
        .post("/api/grids/split", &ask(line(), json!(["WG001", "WG002"])))
        .await;
    assert_eq!(
        taken.json()["problems"][0]["code"],
        "duplicate_code",
        "{}",
        taken.text()
    );
    for bad in [
        ask(
            json!({"type": "Point", "coordinates": [1, 2]}),
            json!(["a", "b"]),
        ),
        ask(line(), json!(["a"])),
        ask(line(), json!(["a", ""])),
    ] {
        assert_eq!(
            app.post("/api/grids/split", &bad).await.status,
            400,
            "{bad}"
        );
    }
    let (four, five) = (grid(&app, "WG004").await, grid(&app, "WG005").await);
    let merge = |a: &Value, b: &Value| json!({"ids": [a["id"], b["id"]], "etags": [a["etag"], b["etag"]], "code": "X"});
    let kinds = app.post("/api/grids/merge", &merge(&four, &five)).await;
    assert_eq!(kinds.json()["problems"][0]["code"], "mixed_kinds");
    let corner = app.post("/api/grids/merge", &merge(&one, &four)).await;
    assert_eq!(
        corner.status,
        422,
        "a corner is no border: {}",
        corner.text()
    );
    assert_eq!(
        app.post("/api/grids/merge", &merge(&one, &one))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn edits_are_checked_before_they_are_made() {
    let app = TestApp::new().await;
    let mut one = grid(&app, "WG001").await;
    let ring = one["geometry"]["coordinates"][0].as_array_mut().unwrap();
    // The east border 100 m to the west: a slit that is open to the south.
    for corner in ring.iter_mut() {
        if corner[0].as_f64().unwrap() > WEST + 0.005 {
            corner[0] = json!(WEST + 0.009);
        }
    }
    let answer = app.post("/api/check/grids", &json!({"put": [one]})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["overlaps"], json!([]));
    // Over its neighbour instead.
    let mut two = grid(&app, "WG002").await;
    for corner in two["geometry"]["coordinates"][0].as_array_mut().unwrap() {
        if corner[0].as_f64().unwrap() < WEST + 0.015 {
            corner[0] = json!(WEST + 0.009);
        }
    }
    let answer = app.post("/api/check/grids", &json!({"put": [two]})).await;
    let overlap = answer.json()["overlaps"][0].clone();
    assert_eq!(overlap["between"], json!(["WG001", "WG002"]));
    let area = overlap["area_m2"].as_f64().unwrap();
    assert!((90_000.0..120_000.0).contains(&area), "{area}");
    assert!(matches!(
        overlap["geometry"]["type"].as_str(),
        Some("Polygon" | "MultiPolygon")
    ));
    // A hole in the middle of four, which all touch.
    let hole = json!([
        [WEST + 0.004, SOUTH + 0.004],
        [WEST + 0.004, SOUTH + 0.006],
        [WEST + 0.006, SOUTH + 0.006],
        [WEST + 0.006, SOUTH + 0.004],
        [WEST + 0.004, SOUTH + 0.004]
    ]);
    let mut holed = grid(&app, "WG001").await;
    holed["geometry"]["coordinates"]
        .as_array_mut()
        .unwrap()
        .push(hole);
    let answer = app.post("/api/check/grids", &json!({"put": [holed]})).await;
    let gaps = answer.json()["gaps"].clone();
    assert_eq!(gaps.as_array().unwrap().len(), 1, "{gaps}");
    assert_eq!(gaps[0]["between"], json!(["WG001"]));
    let mut crossed = grid(&app, "WG001").await;
    crossed["geometry"]["coordinates"][0]
        .as_array_mut()
        .unwrap()
        .swap(1, 2);
    let answer = app
        .post("/api/check/grids", &json!({"put": [crossed]}))
        .await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.json()["problems"][0]["at"].is_array(),
        "{}",
        answer.text()
    );
    assert_eq!(
        faults(&app, "2026-11-22").await,
        (0, 0),
        "nothing was stored"
    );
}

async fn ready(app: &TestApp, id: &str) -> Value {
    for _ in 0..600 {
        let view = app.json(&format!("/api/grids/propose/{id}")).await;
        if view["state"] != "running" {
            return view;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no proposal within half a minute");
}

#[tokio::test]
async fn a_proposal_is_made_changed_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::stored(&folder.path().join("a.gpkg")).await;
    for bad in [
        json!({}),
        json!({"households": 400, "grids": 3}),
        json!({"grids": 0}),
        json!({"grids": 3, "boundary": {"community": "没有"}}),
        json!({"grids": 3, "boundary": {"type": "Point", "coordinates": [1, 2]}}),
        json!({"grids": 3, "tolerance_pct": 1000}),
    ] {
        assert_eq!(
            app.post("/api/grids/propose", &bad).await.status,
            400,
            "{bad}"
        );
    }
    let begun = app
        .post("/api/grids/propose", &json!({"grids": 3, "seed": 7}))
        .await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let id = begun.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(begun.header("location"), format!("/api/grids/propose/{id}"));
    let view = ready(&app, &id).await;
    assert_eq!(view["state"], "ready", "{view}");
    let faces = view["proposal"]["faces"]["features"].as_array().unwrap();
    let grids_before = view["proposal"]["grids"]["features"]
        .as_array()
        .unwrap()
        .len();
    assert!(faces.len() >= grids_before && grids_before == 3, "{view}");
    // Any face that may move to a neighbour.
    let mut moved = None;
    'search: for face in faces {
        for to in 0..grids_before {
            let ask = json!({"face": face["id"], "grid": to});
            let answer = app
                .post(&format!("/api/grids/propose/{id}/move"), &ask)
                .await;
            match answer.status.as_u16() {
                200 if face["properties"]["grid"] != json!(to) => {
                    moved = Some((face["id"].as_u64().unwrap(), to, answer.json()));
                    break 'search;
                }
                200 | 422 => {}
                other => panic!("{other}: {}", answer.text()),
            }
        }
    }
    if let Some((face, to, view)) = moved {
        let now = &view["proposal"]["faces"]["features"][face as usize];
        assert_eq!(now["properties"]["grid"], json!(to));
    }
    let wrong = app
        .post(
            &format!("/api/grids/propose/{id}/move"),
            &json!({"face": 99_999, "grid": 0}),
        )
        .await;
    assert_eq!(wrong.status, 422);
    let save = json!({"prefix": "340111001001", "community": "板桥", "valid_from": "2026-11-15"});
    let saved = app
        .post(&format!("/api/grids/propose/{id}/save"), &save)
        .await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    for on in ["2026-11-14", "2026-11-15", "2026-12-01"] {
        assert_eq!(faults(&app, on).await, (0, 0), "{on}");
    }
    let first = grid(&app, "340111001001001").await;
    assert_eq!(first["properties"]["valid_from"], "2026-11-15");
    assert_eq!(
        grid(&app, "WG001").await["properties"]["valid_to"],
        "2026-11-15"
    );
    let new = "340111001001001,340111001001002,340111001001003";
    let all =
        by_grid(&app, "WG001,WG002,WG003,WG004", "event").await + by_grid(&app, new, "event").await;
    assert_eq!(by_grid(&app, new, "today").await, all);
    assert_eq!(
        app.get(&format!("/api/grids/propose/{id}")).await.status,
        404,
        "saved and forgotten"
    );
    // The same codes can be given again later.
    let again = app
        .post(
            "/api/grids/propose",
            &json!({"boundary": {}, "grids": 3, "seed": 7}),
        )
        .await
        .json();
    let id = again["id"].as_str().unwrap().to_owned();
    assert_eq!(ready(&app, &id).await["state"], "ready");
    let save = json!({"prefix": "340111001001", "community": "板桥", "valid_from": "2026-11-20"});
    let saved = app
        .post(&format!("/api/grids/propose/{id}/save"), &save)
        .await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    let of_code = grids(&app)
        .await
        .into_iter()
        .filter(|g| g["properties"]["code"] == "340111001001001")
        .count();
    assert_eq!(of_code, 2, "the one that ended stays");
}

#[tokio::test]
async fn a_proposal_can_be_cancelled_and_not_too_many_wait() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    loop {
        let answer = app.post("/api/grids/propose", &json!({"grids": 2})).await;
        if answer.status == 503 {
            break;
        }
        assert_eq!(answer.status, 202);
        ids.push(answer.json()["id"].as_str().unwrap().to_owned());
        assert!(ids.len() < 100);
    }
    for id in &ids {
        let path = format!("/api/grids/propose/{id}");
        assert_eq!(app.change("DELETE", &path, &[], None).await.status, 204);
        assert_eq!(app.get(&path).await.status, 404);
        assert_eq!(app.change("DELETE", &path, &[], None).await.status, 404);
    }
    assert_eq!(
        app.post("/api/grids/propose", &json!({"grids": 2}))
            .await
            .status,
        202
    );
    // Households that nobody knows.
    let far = json!({"type": "Polygon", "coordinates": [[[100.0, 30.0], [100.01, 30.0], [100.01, 30.01], [100.0, 30.0]]]});
    let begun = app
        .post(
            "/api/grids/propose",
            &json!({"households": 400, "boundary": far}),
        )
        .await
        .json();
    let view = ready(&app, begun["id"].as_str().unwrap()).await;
    assert_eq!(
        (&view["state"], &view["error"]["code"]),
        (&json!("failed"), &json!("no_households"))
    );
}
