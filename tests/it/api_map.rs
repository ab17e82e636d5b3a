//! What the browser map asks for: facts, tiles, analyses, search, exports.

use serde_json::{Value, json};

use crate::api::{FIRST, PLACED, SOUTH, TestApp, UNPLACED, WEST};

const TOTAL: usize = PLACED + UNPLACED;

#[tokio::test]
async fn meta_says_what_there_is() {
    let app = TestApp::new().await;
    let meta = app.json("/api/meta").await;
    assert_eq!(meta["product"], "gridmap");
    assert_eq!(meta["district"]["name"], "测试街道");
    assert_eq!(meta["district"]["note"], "虚构示例");
    let counts: Vec<u64> = meta["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["count"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [5, 3, 4, 1, TOTAL as u64]);
    assert_eq!(meta["layers"][4]["unplaced"], UNPLACED);
    assert_eq!(meta["time"]["first"], "2026-10-01T00:00:00+08:00");
    assert_eq!(meta["categories"][1]["parent"], "police");
    let bounds = meta["bounds"].as_array().unwrap();
    assert!((bounds[0].as_f64().unwrap() - WEST).abs() < 1e-6);
    assert!(meta["revisions"]["incidents"].as_i64().unwrap() <= meta["revision"].as_i64().unwrap());
}

#[tokio::test]
async fn counts_add_up() {
    let app = TestApp::new().await;
    for by in ["grid", "community", "category", "kind", "weekday", "day"] {
        let counts = app.json(&format!("/api/counts?by={by}")).await;
        assert_eq!(counts["total"], TOTAL, "{by}");
        assert_eq!(counts["placed"], PLACED);
        assert_eq!(counts["unplaced"], UNPLACED);
        let sum: u64 = counts["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["count"].as_u64().unwrap())
            .sum();
        let expect = match by {
            "grid" | "community" => PLACED,
            _ => TOTAL,
        };
        assert_eq!(sum, expect as u64, "{by}: {counts}");
    }
    let hours = app.json("/api/counts?by=hour").await;
    assert_eq!(hours["date_only"], 5);
    let police = app.json("/api/counts?by=category&kind=police").await;
    assert_eq!(police["items"][0]["key"], "police.theft");
    let nobody = app.json("/api/counts?by=kind&datetime=1999-01-01").await;
    assert_eq!(nobody["total"], 0);
    for bad in ["", "?by=age", "?by=kind&kind=x", "?by=kind&bbox=1,2"] {
        assert_eq!(
            app.get(&format!("/api/counts{bad}")).await.status,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn grid_stats_tell_rates_and_doubts() {
    let app = TestApp::new().await;
    let stats = app.json("/api/stats/grids").await;
    let grids = stats["grids"].as_array().unwrap();
    let sum: u64 = grids
        .iter()
        .filter(|grid| grid["kind"] == "basic")
        .map(|grid| grid["count"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, PLACED as u64);
    for grid in grids {
        assert!(grid["area_m2"].as_f64().unwrap() > 100_000.0, "{grid}");
        assert_eq!(grid["few"], grid["count"].as_u64().unwrap() < 5);
    }
    let first = &grids[0];
    assert_eq!(
        (first["code"].as_str(), first["households"].as_u64()),
        (Some("WG001"), Some(401))
    );
    assert_eq!(first["households_from"], "grid");
}

#[tokio::test]
async fn histogram_keeps_its_bins() {
    let app = TestApp::new().await;
    let all = app.json("/api/histogram?step=day").await;
    assert_eq!(all["start"], "2026-10-01");
    let sum = |value: &Value| -> u64 {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .sum()
    };
    assert_eq!(sum(&all["counts"]), TOTAL as u64);
    let part = app
        .json("/api/histogram?step=day&datetime=2026-10-03/2026-10-05")
        .await;
    assert_eq!(part["other"], all["other"]);
    assert_eq!(sum(&part["other"]), TOTAL as u64);
    let expect = (0..TOTAL as i64)
        .filter(|n| (2 * 86_400..4 * 86_400).contains(&(n * 7 * 3600)))
        .count();
    assert_eq!(sum(&part["counts"]), expect as u64);
    assert_eq!(app.get("/api/histogram?step=year").await.status, 400);
}

#[tokio::test]
async fn here_names_what_is_at_a_place() {
    let app = TestApp::new().await;
    let (lon, lat) = (WEST + 0.003, SOUTH + 0.004);
    let here = app.json(&format!("/api/here?lon={lon}&lat={lat}")).await;
    assert_eq!(here["grid"]["code"], "WG001");
    assert!(here["special_grid"].is_null());
    assert_eq!(here["community"], "板桥");
    let nowhere = app.json("/api/here?lon=0&lat=0").await;
    assert!(nowhere["grid"].is_null() && nowhere["street"].is_null());
    let street = app
        .json(&format!("/api/here?lon={lon}&lat={}", SOUTH + 0.0022))
        .await;
    assert_eq!(street["street"]["name"], "胜利0路");
    let metres = street["street"]["distance_m"].as_f64().unwrap();
    assert!((metres - 22.2).abs() < 0.5, "{metres}");
    for bad in [
        "lon=1",
        "lon=nan&lat=1",
        "lon=181&lat=1",
        "lon=1&lat=1&k=2",
        "lon=1e999&lat=0",
    ] {
        assert_eq!(
            app.get(&format!("/api/here?{bad}")).await.status,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn neighbours_come_nearest_first() {
    let app = TestApp::new().await;
    let at = format!("lon={}&lat={}", WEST + 0.01, SOUTH + 0.01);
    let distances = |answer: &Value| -> Vec<f64> {
        let items = answer["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["distance_m"].as_f64().unwrap())
            .collect()
    };
    let nearest = app
        .json(&format!("/api/nearest?layer=incidents&{at}&k=5"))
        .await;
    let near = distances(&nearest);
    assert_eq!(near.len(), 5);
    assert!(near.is_sorted());
    let radius = near[4] + 0.01;
    let within = app
        .json(&format!(
            "/api/within?layer=incidents&{at}&radius_m={radius}"
        ))
        .await;
    assert_eq!(within["total"], 5);
    assert_eq!(distances(&within), near);
    let one = app
        .json(&format!(
            "/api/within?layer=incidents&{at}&radius_m={radius}&limit=1"
        ))
        .await;
    assert_eq!((one["total"].as_u64(), distances(&one).len()), (Some(5), 1));
    for bad in [
        "radius_m=-1",
        "radius_m=nan",
        "radius_m=1e9",
        "",
        "radius_m=5&limit=1001",
    ] {
        let path = format!("/api/within?layer=incidents&{at}&{bad}");
        assert_eq!(app.get(&path).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn along_a_route_and_inside_an_area() {
    let app = TestApp::new().await;
    let route = app.json("/collections/routes/items").await["features"][0]["id"].clone();
    let along = app
        .json(&format!("/api/along?route={route}&within_m=60&limit=1000"))
        .await;
    let all = app.json("/collections/incidents/items?limit=1000").await;
    let lat = |feature: &Value| feature["geometry"]["coordinates"][1].as_f64();
    let expect = all["features"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(lat)
        .filter(|lat| ((lat - (SOUTH + 0.005)) * 111_000.0).abs() < 58.0)
        .count() as u64;
    let got = along["total"].as_u64().unwrap();
    assert!(got >= expect && got <= expect + 4, "{got} against {expect}");
    assert_eq!(app.get("/api/along?route=9999").await.status, 404);
    assert_eq!(app.get("/api/along?route=x").await.status, 404);

    let (w, s, e, n) = (WEST, SOUTH, WEST + 0.01, SOUTH + 0.01);
    let polygon =
        json!({"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]});
    let question =
        json!({"layer": "incidents", "polygon": polygon, "filter": {"kind": "police"}, "limit": 7});
    let inside = app.post("/api/inside", &question).await;
    assert_eq!(inside.status, 200, "{}", inside.text());
    let bbox = format!("/collections/incidents/items?kind=police&bbox={w},{s},{e},{n}");
    assert_eq!(
        inside.json()["total"],
        app.json(&bbox).await["numberMatched"]
    );
    assert_eq!(inside.json()["items"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn areas_that_cannot_be_calculated_with_are_refused() {
    let app = TestApp::new().await;
    let ring = |n: usize| -> Vec<[f64; 2]> { (0..n).map(|i| [i as f64 * 0.001, 1.0]).collect() };
    for polygon in [
        json!(null),
        json!({"type": "Point", "coordinates": [1, 2]}),
        json!({"type": "Polygon", "coordinates": []}),
        json!({"type": "Polygon", "coordinates": [[]]}),
        json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
        json!({"type": "Polygon", "coordinates": [[[0, 0], [999, 0], [1, 1], [0, 0]]]}),
        json!({"type": "Polygon", "coordinates": [ring(20_000)]}),
        json!({"type": "MultiPolygon", "coordinates": []}),
        json!({"type": "GeometryCollection", "geometries": []}),
    ] {
        let question = json!({"layer": "incidents", "polygon": polygon});
        let answer = app.post("/api/inside", &question).await;
        assert_eq!(answer.status, 400, "{polygon}");
    }
    let square = json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]});
    for question in [
        json!({"layer": "x", "polygon": square}),
        json!({"layer": "grids", "polygon": square, "limit": 0}),
        json!({"layer": "grids", "polygon": square, "surprise": 1}),
        json!({"layer": "grids", "polygon": square, "filter": {"nope": "1"}}),
        json!([]),
    ] {
        assert_eq!(
            app.post("/api/inside", &question).await.status,
            400,
            "{question}"
        );
    }
}

#[tokio::test]
async fn search_by_name_pinyin_and_pasted_coordinates() {
    let app = TestApp::new().await;
    let groups = async |q: &str| app.json(&format!("/api/search?q={q}")).await["groups"].clone();
    for q in ["%E5%85%83%E4%B8%80", "yymc", "yuanyi", "C0"] {
        let found = groups(q).await;
        let compounds = found
            .as_array()
            .unwrap()
            .iter()
            .find(|g| g["group"] == "compounds");
        let first = &compounds.unwrap_or_else(|| panic!("{q}: {found}"))["items"][0];
        assert_eq!(first["name"], "元一名城", "{q}");
        assert_eq!(first["bbox"].as_array().unwrap().len(), 4);
    }
    let pasted = groups("31.82,117.28").await;
    let places = pasted
        .as_array()
        .unwrap()
        .iter()
        .find(|g| g["group"] == "coordinates")
        .unwrap();
    let datums: Vec<&str> = places["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["datum"].as_str().unwrap())
        .collect();
    assert_eq!(datums, ["wgs84", "gcj02", "bd09"]);
    assert_eq!(places["items"][0]["lon"], 117.28);
    assert_eq!(
        groups("%E6%B2%A1%E6%9C%89%E7%9A%84")
            .await
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(app.get("/api/search").await.status, 400);
    assert_eq!(
        app.get(&format!("/api/search?q={}", "a".repeat(101)))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn summaries_for_the_inspector() {
    let app = TestApp::new().await;
    let (grid, incident) = (app.first_id("grids").await, app.first_id("incidents").await);
    let path = format!("/api/feature/grids/{grid}/summary?datetime=2026-10-10/2026-11-10");
    let grid = app.json(&path).await;
    let sum = |value: &Value| -> u64 {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .sum()
    };
    let total = grid["counts"]["total"].as_u64().unwrap();
    assert!(total > 10);
    assert_eq!(sum(&grid["by_weekday"]), total);
    assert_eq!(grid["by_hour"].as_array().unwrap().len(), 24);
    assert!(grid["previous_total"].is_u64());
    let recent = grid["recent"].as_array().unwrap();
    assert_eq!(recent.len(), 10);
    assert!(recent.is_sorted_by(|a, b| a["occurred_at"].as_str() >= b["occurred_at"].as_str()));
    let incident = app
        .json(&format!(
            "/api/feature/incidents/{incident}/summary?lang=en"
        ))
        .await;
    assert_eq!(incident["category_name"], "Theft");
    assert!(incident["here"]["grid"]["code"].is_string());
    assert_eq!(app.get("/api/feature/grids/9999/summary").await.status, 404);
}

#[tokio::test]
async fn tiles_are_mvt_packed_as_asked_and_204_when_empty() {
    let app = TestApp::new().await;
    let path = "/tiles/grids,streets,incidents/14/13529/6662";
    let plain = app.get(path).await;
    assert_eq!(plain.status, 200);
    assert_eq!(
        plain.header("content-type"),
        "application/vnd.mapbox-vector-tile"
    );
    assert_eq!(plain.header("vary"), "Accept-Encoding");
    assert_eq!(plain.header("cache-control"), "no-cache");
    let packed = app.get_with(path, &[("accept-encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut out = vec![0; plain.body.len()];
    let n = libdeflater::Decompressor::new()
        .gzip_decompress(&packed.body, &mut out)
        .expect("one whole gzip member");
    assert_eq!(out[..n], plain.body[..]);
    let browser = [("accept-encoding", "gzip, deflate, br, zstd")];
    let quick = app.get_with(path, &browser).await;
    assert_eq!(quick.header("content-encoding"), "zstd");
    let unpacked = zstd::bulk::decompress(&quick.body, plain.body.len());
    assert_eq!(unpacked.expect("one whole frame"), plain.body);
    let any = app.get_with(path, &[("accept-encoding", "*")]).await;
    assert_eq!(any.header("content-encoding"), "gzip");
    let filtered = app.get(&format!("{path}?kind=police")).await;
    assert!(filtered.body.len() < plain.body.len());
    assert_ne!(filtered.header("etag"), plain.header("etag"));
    for empty in [
        "/tiles/grids/14/0/0",
        "/tiles/incidents/14/13529/6662?datetime=1999-01-01",
    ] {
        let answer = app.get(empty).await;
        assert_eq!(answer.status, 204, "{empty}");
        assert!(answer.body.is_empty());
    }
    for (bad, status) in [
        ("/tiles/grids,grids/0/0/0", 400),
        ("/tiles/none/0/0/0", 404),
        ("/tiles/grids/03/01/02", 400),
        ("/tiles/grids/3/8/0", 400),
        ("/tiles/grids/0/0/0?fields=nope", 400),
        ("/tiles/grids/0/0/0?kind=x", 400),
    ] {
        assert_eq!(app.get(bad).await.status, status, "{bad}");
    }
}

#[tokio::test]
async fn tilejson_and_style_lead_to_the_tiles() {
    let app = TestApp::new().await;
    for path in ["/tiles/grids,incidents", "/tiles/grids,incidents.json"] {
        let set = app.json(&format!("{path}?kind=police")).await;
        assert_eq!(set["tilejson"], "3.0.0");
        assert_eq!(set["aggregated_below_zoom"], 14);
        assert_eq!(
            set["tiles"][0],
            "http://localhost:8080/tiles/grids,incidents/{z}/{x}/{y}?kind=police"
        );
        assert_eq!(set["vector_layers"].as_array().unwrap().len(), 2);
    }
    let style = app.json("/style.json?theme=dark").await;
    assert_eq!(style["version"], 8);
    assert_eq!(app.get("/style.json?theme=pink").await.status, 400);
}

#[tokio::test]
async fn exports_are_whole_and_safe_in_a_spreadsheet() {
    let app = TestApp::new().await;
    let answer = app
        .get("/api/export/incidents?format=csv&kind=police")
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; filename=\"incidents-")
    );
    let text = answer.text();
    let text = text
        .strip_prefix('\u{feff}')
        .expect("a byte order mark for Excel");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next(), Some("id"));
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    let matched = app
        .json("/collections/incidents/items?kind=police&limit=1")
        .await;
    assert_eq!(
        rows.len() as u64,
        matched["numberMatched"].as_u64().unwrap()
    );
    let whole = app.json("/api/export/incidents?format=geojson").await;
    assert_eq!(whole["features"].as_array().unwrap().len(), TOTAL);
    assert_eq!(whole["note"], "虚构示例");
    let grids = app.get("/api/export/grids").await.text();
    assert!(grids.contains("POLYGON((117.28"), "{grids}");
    assert_eq!(app.get("/api/export/grids?format=xls").await.status, 400);
    assert_eq!(app.get("/api/export/none").await.status, 404);
}

#[tokio::test]
async fn grid_check_finds_nothing_wrong_here() {
    let app = TestApp::new().await;
    let check = app.json("/api/check/grids").await;
    let basic = check["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .find(|k| k["kind"] == "basic")
        .unwrap();
    assert_eq!(basic["grids"], 4);
    assert_eq!(basic["overlaps"].as_array().unwrap().len(), 0);
    assert_eq!(basic["gaps"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn times_are_local() {
    let app = TestApp::new().await;
    let one = app
        .json("/collections/incidents/items?datetime=2026-10-01T00:00:00%2B08:00")
        .await;
    assert_eq!(one["numberMatched"], 1);
    assert_eq!(
        one["features"][0]["properties"]["occurred_at"],
        "2026-10-01T00:00:00+08:00"
    );
    let _ = FIRST;
}

#[tokio::test]
async fn health_is_never_cached() {
    let app = TestApp::new().await;
    let answer = app.get("/healthz").await;
    assert_eq!(answer.json()["status"], "ok");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_server_draws_the_map() {
    let app = TestApp::new().await;
    let side = |answer: &crate::api::Answer, at: usize| -> u32 {
        u32::from_be_bytes(answer.body[at..at + 4].try_into().expect("four bytes"))
    };
    let picture = app.get("/map.png?width=320&height=200&measure=count").await;
    assert_eq!(picture.status, 200);
    assert_eq!(picture.header("content-type"), "image/png");
    assert_eq!(&picture.body[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!((side(&picture, 16), side(&picture, 20)), (320, 200));
    let dark = app.get("/map.png?width=320&height=200&theme=dark").await;
    assert_ne!(dark.body, picture.body);
    for bad in [
        "width=63",
        "height=4097",
        "bbox=1,1,1,1",
        "bbox=",
        "measure=x",
        "layers=none",
        "theme=pink",
    ] {
        assert_eq!(
            app.get(&format!("/map.png?{bad}")).await.status,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn grids_of_another_day() {
    let app = TestApp::new().await;
    let codes = |page: &Value| -> Vec<String> {
        let features = page["features"].as_array().unwrap();
        features
            .iter()
            .map(|f| f["properties"]["code"].as_str().unwrap().to_owned())
            .collect()
    };
    // WG004 begins in 2026, WG005 ended with 2024.
    for (day, expected) in [
        ("2024-12-31", &["WG001", "WG002", "WG003", "WG005"][..]),
        ("2025-01-01", &["WG001", "WG002", "WG003"]),
        ("2025-12-31", &["WG001", "WG002", "WG003"]),
        ("2026-01-01", &["WG001", "WG002", "WG003", "WG004"]),
    ] {
        let page = app
            .json(&format!(
                "/collections/grids/items?sort=code&grids_on={day}"
            ))
            .await;
        assert_eq!(codes(&page), expected, "{day}");
        let tile = app
            .get(&format!(
                "/tiles/grids,grids_label/14/13529/6662?grids_on={day}"
            ))
            .await;
        for code in ["WG001", "WG002", "WG003", "WG004", "WG005"] {
            let there = tile.body.windows(5).any(|bytes| bytes == code.as_bytes());
            // Text of grids that are not shown may be in no tile at all.
            assert_eq!(there, expected.contains(&code), "{day} {code}");
        }
    }
    let tag = async |query: &str| {
        let answer = app.get(&format!("/tiles/grids/14/13529/6662{query}")).await;
        assert_eq!(answer.status, 200);
        answer.header("etag").to_owned()
    };
    let today = tag("").await;
    assert_eq!(tag("?grids_on=2026-02-03").await, today, "the same grids");
    let before = tag("?grids_on=2025-05-05").await;
    assert_ne!(before, today);
    assert_eq!(tag("?grids_on=2025-06-06").await, before, "the same grids");
    let path = "/tiles/grids/14/13529/6662?grids_on=2025-06-06";
    let fresh = app.get_with(path, &[("if-none-match", &before)]).await;
    assert_eq!(fresh.status, 304);
    let stale = app.get_with(path, &[("if-none-match", &today)]).await;
    assert_eq!(stale.status, 200);
    // It does not matter to layers without grids.
    let streets = "/tiles/streets/14/13529/6662";
    let plain = app.get(streets).await;
    let dated = app.get(&format!("{streets}?grids_on=2025-05-05")).await;
    assert_eq!(plain.header("etag"), dated.header("etag"));
    let set = app.json("/tiles/grids?grids_on=2025-05-05").await;
    let template = set["tiles"][0].as_str().unwrap();
    assert!(template.ends_with("?grids_on=2025-05-05"), "{template}");
    let picture = async |query: &str| {
        app.get(&format!(
            "/map.png?width=256&height=256&layers=grids{query}"
        ))
        .await
        .body
    };
    assert_ne!(picture("").await, picture("&grids_on=2024-05-05").await);
    assert_eq!(picture("").await, picture("&grids_on=2026-05-05").await);
    for bad in ["2026-13-01", "today", "2026-1-1", ""] {
        for path in [
            "/tiles/grids/14/13529/6662",
            "/collections/grids/items",
            "/map.png",
        ] {
            let answer = app.get(&format!("{path}?grids_on={bad}")).await;
            assert_eq!(answer.status, 400, "{path} {bad}");
        }
    }
    let other = app
        .get("/collections/streets/items?grids_on=2026-01-01")
        .await;
    assert_eq!(other.status, 400);
}
