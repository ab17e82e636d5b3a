//! Imports of every kind of file: what is found in it, and what is refused.

use serde_json::json;

use crate::api_imports::{Clerk, fixture_bytes, numbers};

#[tokio::test(flavor = "multi_thread")]
async fn the_datum_is_found_and_remembered() {
    let clerk = Clerk::new().await;
    // The grids that the places lie in.
    let grids = fixture_bytes("formats/grids.geojson");
    let (id, session) = clerk.upload(&[("grids.geojson", &grids)], None).await;
    assert_eq!(session["guessed_layer"], "grids", "{session}");
    assert_eq!(session["crs"]["named_by_file"], "wgs84");
    assert_eq!(clerk.commit(&id, None).await.status, 200);

    // Shifted by half a kilometre: most fall out of the grids as they are.
    let shifted = fixture_bytes("formats/incidents_gcj02_utf8.csv");
    let (id, session) = clerk.upload(&[("a.csv", &shifted)], None).await;
    assert_eq!(session["layer"], "incidents");
    let candidates = session["crs"]["candidates"].as_array().unwrap();
    assert_eq!(candidates[0]["crs"], "gcj02", "{session}");
    assert_eq!(
        (&candidates[0]["inside_share"], &candidates[0]["best"]),
        (&json!(1.0), &json!(true))
    );
    assert!(candidates[1]["inside_share"].as_f64().unwrap() < 0.9);
    assert!((10..=60).contains(&candidates[0]["points"].as_array().unwrap().len()));
    assert_eq!(
        (&session["crs"]["chosen"], &session["crs"]["undecided"]),
        (&json!("gcj02"), &json!(false))
    );
    let rows = clerk.rows(&id, "limit=1").await;
    let x = rows["rows"][0]["at"][0].as_f64().unwrap();
    assert!((x - 117.286_829).abs() < 1e-6, "{rows}");

    // Named by the clerk against the guess, and remembered with a profile.
    let options = json!({
        "layer": "incidents", "crs": "wgs84", "remember_crs": true, "save_profile": "周报",
        "map": {"occurred_at": session["columns"].as_array().unwrap().iter()
            .find(|column| column["field"] == "occurred_at").unwrap()["name"]},
    });
    clerk.choose(&id, &options).await;
    assert_eq!(clerk.commit(&id, None).await.status, 200);
    let (id, session) = clerk.upload(&[("b.csv", &shifted)], None).await;
    assert_eq!(session["crs"]["remembered"], "wgs84", "{session}");
    assert_eq!(session["crs"]["chosen"], "wgs84");
    assert_eq!(
        session["profile"],
        json!({"name": "周报", "available": ["周报"]})
    );
    assert_eq!(session["options"]["map"], options["map"]);
    assert_eq!(numbers(&session), [30, 0, 0, 30, 0], "{session}");
    let none = json!({"layer": "incidents", "profile": "没有"});
    let path = format!("/api/imports/{id}/options");
    assert_eq!(clerk.send("PUT", &path, Some(&none)).await.status, 422);

    // Other headings, few rows: nothing is guessed and nothing can be stored.
    let few = "编号,种类,发生时间,经度,纬度\n1,110,2026-10-01 08:30,117.2912,31.8912\n";
    let (id, session) = clerk.upload(&[("c.csv", few.as_bytes())], None).await;
    assert_eq!(
        (&session["state"], &session["crs"]["undecided"]),
        (&json!("ready"), &json!(true))
    );
    assert_eq!(session["problems"][0]["action"], "crs", "{session}");
    let refused = clerk.commit(&id, None).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["code"]),
        (409, &json!("crs-undecided"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn workbooks_and_packages_come_from_memory_alone() {
    let Some(folder) = crate::support::fixture("fixtures/formats") else {
        return;
    };
    let clerk = Clerk::new().await;
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (id, session) = clerk
        .upload(&[("incidents.xlsx", &read("incidents.xlsx"))], None)
        .await;
    assert_eq!(session["file"]["format"], "excel", "{session}");
    assert_eq!(session["sheets"].as_array().unwrap().len(), 2, "{session}");
    let session = clerk
        .choose(&id, &json!({"layer": "incidents", "crs": "wgs84"}))
        .await;
    assert_eq!(numbers(&session), [30, 30, 0, 0, 0], "{session}");
    let columns = session["columns"].as_array().unwrap();
    let time = columns
        .iter()
        .find(|c| c["field"] == "occurred_at")
        .unwrap();
    assert_eq!(
        (&time["personal"], &time["filled_share"]),
        (&json!(false), &json!(1.0))
    );
    let fields = session["fields"].as_array().unwrap();
    let wanted = fields
        .iter()
        .find(|field| field["name"] == "occurred_at")
        .unwrap();
    assert_eq!(
        (&wanted["required"], &wanted["title"]),
        (&json!(true), &json!("Occurred"))
    );

    // As a program leaves it that keeps a log beside it.
    let mut package = read("all_ogr.gpkg");
    package[18..20].fill(2);
    let (id, session) = clerk.upload(&[("all.gpkg", &package)], Some("grids")).await;
    assert_eq!(session["file"]["format"], "geopackage", "{session}");
    assert_eq!(numbers(&session), [6, 6, 0, 0, 0], "{session}");
    let other = session["sheets"].as_array().unwrap();
    let other = other.iter().find(|sheet| sheet["chosen"] == false).unwrap();
    assert!(other["rows"].as_u64().unwrap() > 0, "{session}");
    let sheet = json!({"layer": "grids", "sheet": "nothing of this name"});
    let session = clerk.choose(&id, &sheet).await;
    assert_eq!(
        (&session["state"], &session["error"]["code"]),
        (&json!("failed"), &json!("mapping"))
    );
    let session = clerk.choose(&id, &json!({"layer": "grids"})).await;
    assert_eq!(session["state"], "ready", "other options help");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoding_can_be_chosen() {
    let clerk = Clerk::new().await;
    let gbk = fixture_bytes("formats/incidents_gbk.csv");
    let (id, session) = clerk.upload(&[("a.csv", &gbk)], Some("incidents")).await;
    let encodings = session["encodings"].as_array().unwrap();
    let chosen = encodings.iter().find(|e| e["chosen"] == true).unwrap();
    assert_eq!(chosen["name"], "gb18030", "{session}");
    let wrong = json!({"layer": "incidents", "crs": "wgs84", "encoding": "utf-8"});
    let session = clerk.choose(&id, &wrong).await;
    assert_eq!(session["state"], "failed", "{session}");
    let right = json!({"layer": "incidents", "crs": "wgs84", "encoding": "gbk"});
    let session = clerk.choose(&id, &right).await;
    assert_eq!(numbers(&session), [30, 30, 0, 0, 0], "{session}");
    let path = format!("/api/imports/{id}/options");
    let none = json!({"encoding": "klingon"});
    assert_eq!(clerk.send("PUT", &path, Some(&none)).await.status, 422);
}

/// Every file of the hostile corpus, as any layer: the reader may refuse it,
/// but never breaks down, and nothing is stored.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_are_read_or_refused_but_break_nothing() {
    let clerk = Clerk::new().await;
    let revision = clerk.app.state.service.revision();
    let own = std::path::PathBuf::from(format!(
        "{}/tests/fixtures/hostile",
        env!("CARGO_MANIFEST_DIR")
    ));
    let all = crate::support::fixture("fixtures/hostile").unwrap_or(own);
    let mut asked = 0;
    for kind in ["csv", "geojson", "kml", "zip", "image", "pii"] {
        let Ok(entries) = std::fs::read_dir(all.join(kind)) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).unwrap();
            let layer = ["grids", "incidents"][asked % 2];
            let answer = clerk.post_form(&[(&name, &bytes)], Some(layer)).await;
            asked += 1;
            if answer.status == 400 {
                assert!(bytes.is_empty(), "{name}: {}", answer.text());
                continue;
            }
            assert_eq!(answer.status, 202, "{name}: {}", answer.text());
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let session = clerk.settled(&id).await;
            let state = session["state"].as_str().unwrap();
            assert!(matches!(state, "ready" | "failed"), "{name}: {session}");
            assert_ne!(session["error"]["code"], "unsafe_file", "{name}: {session}");
            if state == "failed" {
                let detail = session["error"]["detail"].as_str().unwrap();
                assert!(detail.chars().count() > 10, "{name}: {session}");
            } else {
                let [read, new, updated, unchanged, rejected] = numbers(&session);
                assert_eq!(read, new + updated + unchanged + rejected, "{name}");
                let rows = clerk.rows(&id, "limit=200").await;
                assert_eq!(rows["total"], read, "{name}");
            }
            clerk
                .send("DELETE", &format!("/api/imports/{id}"), None)
                .await;
        }
    }
    assert!(asked >= 90, "only {asked} files");
    assert_eq!(clerk.app.state.service.revision(), revision);
    assert_eq!(clerk.app.get("/healthz").await.status, 200);
}
