//! Settings and the category tree over HTTP.

use serde_json::{Value, json};

use crate::api::{Answer, TestApp};

async fn put(app: &TestApp, path: &str, etag: &str, body: &Value) -> Answer {
    let headers = [("if-match", etag), ("content-type", "application/json")];
    app.change("PUT", path, &headers, Some(body)).await
}

fn sound(name: &str) -> Value {
    match name {
        "teams" => json!([{"name": "一组", "size": 4, "mode": "foot"}]),
        "visits" => json!({"by_priority": {"1": {"per": "day", "times": 2}}, "by_compound": []}),
        "shifts" => json!([{"name": "夜班", "start": "22:00", "end": "06:00", "days": [5, 6]}]),
        "import_profiles" => json!({"110": {"layer": "incidents", "map": {"text": "内容"}}}),
        "source_crs" => json!({"12345": "gcj02"}),
        _ => json!([{"name": "影像", "url": "http://10.0.0.8/{z}/{x}/{y}?tk={key}", "minzoom": 3,
            "maxzoom": 18, "tile_size": 256, "scheme": "xyz", "datum": "wgs84",
            "key_ref": "GRIDMAP_IMAGE_KEY"}]),
    }
}

#[tokio::test]
async fn every_setting_is_read_written_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::stored(&folder.path().join("a.gpkg")).await;
    for name in [
        "teams",
        "visits",
        "shifts",
        "import_profiles",
        "source_crs",
        "backgrounds",
    ] {
        let path = format!("/api/settings/{name}");
        let unset = app.get(&path).await;
        assert_eq!(unset.status, 200);
        let value = sound(name);
        let headers = [("content-type", "application/json")];
        let without = app.change("PUT", &path, &headers, Some(&value)).await;
        assert_eq!(without.status, 428, "{name}");
        let first = put(&app, &path, unset.header("etag"), &value).await;
        assert_eq!(first.status, 200, "{name}: {}", first.text());
        assert!(!first.text().contains("GRIDMAP_IMAGE_KEY"));
        let read = app.get(&path).await;
        assert_eq!(read.header("etag"), first.header("etag"));
        assert_eq!(read.text(), first.text());
        let stale = put(&app, &path, unset.header("etag"), &value).await;
        assert_eq!(stale.status, 412, "{name}");
        assert_eq!(stale.json()["current"], read.json());
        assert_eq!(stale.header("etag"), read.header("etag"));
        let bad = put(&app, &path, read.header("etag"), &json!(["张伟"])).await;
        assert_eq!(bad.status, 422, "{name}");
        assert!(bad.json()["problems"][0]["property"].is_string());
        // Sent back as it was shown, nothing changes.
        let same = put(&app, &path, read.header("etag"), &read.json()).await;
        assert_eq!(
            (same.status.as_u16(), same.header("etag")),
            (200, read.header("etag"))
        );
        let history = app.json(&format!("{path}/history")).await;
        let items = history["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{history}");
        assert_eq!(
            (&items[0]["op"], &items[0]["actor"]),
            (&json!("insert"), &json!("local"))
        );
    }
    assert_eq!(app.get("/api/settings/district").await.status, 404);
    // Another start finds them.
    let again = TestApp::open(&folder.path().join("a.gpkg")).await;
    assert_eq!(again.json("/api/settings/teams").await, sound("teams"));
}

#[tokio::test]
async fn two_editors_of_a_setting_lose_nothing() {
    let app = TestApp::new().await;
    let path = "/api/settings/teams";
    let editor = |name: &'static str| {
        let app = &app;
        async move {
            let mut stored = 0;
            while stored < 20 {
                let read = app.get(path).await;
                tokio::task::yield_now().await;
                let mut teams = read.json();
                let team = json!({"name": format!("{name}{stored}组"), "size": 2, "mode": "foot"});
                teams.as_array_mut().unwrap().push(team);
                match put(app, path, read.header("etag"), &teams)
                    .await
                    .status
                    .as_u16()
                {
                    200 => stored += 1,
                    412 => {}
                    other => panic!("{other}"),
                }
            }
        }
    };
    tokio::join!(editor("甲"), editor("乙"));
    assert_eq!(app.json(path).await.as_array().unwrap().len(), 40);
}

#[tokio::test]
async fn a_category_in_use_does_not_go() {
    let app = TestApp::new().await;
    let path = "/api/categories";
    let read = app.get(path).await;
    let tree = read.json();
    let thefts = tree["incidents"]["police.theft"].as_u64().unwrap();
    assert!(thefts > 0);
    let etag = read.header("etag").to_owned();
    // As it came, with the counts, it is the same tree.
    let same = put(&app, path, &etag, &tree).await;
    assert_eq!(same.status, 200, "{}", same.text());
    assert!(etag[1..].starts_with(same.header("etag").trim_matches('"')));
    let without: Vec<Value> = tree["categories"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["code"] != "police.theft")
        .cloned()
        .collect();
    let refused = put(&app, path, &etag, &json!({"categories": without})).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(
        refused.json()["in_use"],
        json!([{"code": "police.theft", "incidents": thefts}])
    );
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains(&thefts.to_string())
    );
    // Renamed, and one more below it.
    let mut renamed = tree["categories"].clone();
    for item in renamed.as_array_mut().unwrap() {
        if item["code"] == "police.theft" {
            item["name_zh"] = json!("偷盗");
        }
    }
    renamed
        .as_array_mut()
        .unwrap()
        .push(json!({"code": "police.theft.ebike",
        "parent": "police.theft", "kind": "police", "name_zh": "盗电动车"}));
    let done = put(&app, path, &etag, &json!({"categories": renamed})).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let meta = app.json("/api/meta").await.to_string();
    assert!(meta.contains("偷盗") && meta.contains("盗电动车"));
    assert_eq!(put(&app, path, &etag, &tree).await.status, 412);
    // Another one takes its place, and its incidents.
    let etag = app.get(path).await.header("etag").to_owned();
    let mut fewer: Vec<Value> = done.json()["categories"].as_array().unwrap().clone();
    fewer.retain(|c| c["code"] != "police.theft");
    for item in &mut fewer {
        if item["code"] == "police.theft.ebike" {
            item["parent"] = json!("police");
        }
    }
    let body = json!({"categories": fewer, "replace": {"police.theft": "police.theft.ebike"}});
    let done = put(&app, path, &etag, &body).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let counts = app.json(path).await["incidents"].clone();
    assert_eq!(counts["police.theft.ebike"], thefts);
    assert_eq!(counts.get("police.theft"), None);
    // Another kind is another category.
    let etag = app.get(path).await.header("etag").to_owned();
    let mut moved = app.json(path).await["categories"].clone();
    for item in moved.as_array_mut().unwrap() {
        if item["code"] == "dispute" {
            item["kind"] = json!("hotline");
        }
    }
    assert_eq!(
        put(&app, path, &etag, &json!({"categories": moved}))
            .await
            .status,
        409
    );
    let broken = put(&app, path, &etag, &json!({"categories": [{"code": "X"}]})).await;
    assert_eq!(broken.status, 422);
}
