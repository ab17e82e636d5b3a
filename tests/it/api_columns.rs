//! Extra columns as filters, and the values they have.

use gridmap::model::{ExtraColumn, ExtraType, LayerName, Value};
use jiff::civil::date;
use serde_json::json;

use crate::api::{TestApp, district};

/// The district with columns kept: texts with commas and signs, numbers, days.
async fn app() -> TestApp {
    let mut rows = district();
    let column = |name: &str, extra_type| ExtraColumn {
        name: name.to_owned(),
        extra_type,
    };
    let about = rows.district.get_or_insert_default();
    about.extra_columns[LayerName::Incidents.slot()] = vec![
        column("处置单位", ExtraType::Text),
        column("金额 a&b", ExtraType::Number),
        column("回访日", ExtraType::Date),
    ];
    about.extra_columns[LayerName::Compounds.slot()] = vec![column("楼栋", ExtraType::Number)];
    for (n, incident) in rows.incidents.put.iter_mut().enumerate() {
        let unit = ["城管,二中队", "派出所", "100%物业"][n % 3];
        let day = date(2026, 10, 1 + (n % 20) as i8);
        incident.meta.extra = vec![
            ("处置单位".to_owned(), Value::Text(unit.to_owned())),
            ("金额 a&b".to_owned(), Value::Integer((n % 40) as i64)),
            ("回访日".to_owned(), Value::Date(day)),
        ];
    }
    for (n, compound) in rows.compounds.put.iter_mut().enumerate() {
        compound.meta.extra = vec![("楼栋".to_owned(), Value::Number(n as f64))];
    }
    TestApp::of(rows).await
}

/// The pieces of an address that a client writes.
const UNIT: &str = "x.%E5%A4%84%E7%BD%AE%E5%8D%95%E4%BD%8D";
const AMOUNT: &str = "x.%E9%87%91%E9%A2%9D%20a%26b";
const DAY: &str = "x.%E5%9B%9E%E8%AE%BF%E6%97%A5";
const BLOCKS: &str = "x.%E6%A5%BC%E6%A0%8B";

#[tokio::test]
async fn every_question_takes_the_columns_and_they_agree() {
    let app = app().await;
    for (query, total) in [
        (
            format!("{UNIT}=%E5%9F%8E%E7%AE%A1%2C%E4%BA%8C%E4%B8%AD%E9%98%9F"),
            84,
        ),
        (
            format!("{UNIT}=%E6%B4%BE%E5%87%BA%E6%89%80,100%25%E7%89%A9%E4%B8%9A"),
            166,
        ),
        (format!("{AMOUNT}=0..3"), 28),
        (format!("{AMOUNT}=38..,..0,5"), 26),
        (format!("{DAY}=2026-10-01..2026-10-02"), 26),
        (format!("{DAY}=2026-10-20..&{AMOUNT}=39"), 6),
    ] {
        let counts = app.json(&format!("/api/counts?by=kind&{query}")).await;
        assert_eq!(counts["total"], total, "{query}");
        let items = app
            .json(&format!("/collections/incidents/items?limit=1&{query}"))
            .await;
        assert_eq!(items["numberMatched"], total, "{query}");
        let bins = app.json(&format!("/api/histogram?{query}")).await;
        let sum: u64 = bins["counts"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(serde_json::Value::as_u64)
            .sum();
        assert_eq!(sum, total, "{query}");
        let stats = app.json(&format!("/api/stats/grids?{query}")).await;
        assert_eq!(stats["total"], total, "{query}");
        let file = app.get(&format!("/api/export/incidents?{query}")).await;
        assert_eq!(
            file.text().trim_end().lines().count() as u64,
            total + 1,
            "{query}"
        );
        // A page leads to the next one with the same filter.
        let next = items["links"]
            .as_array()
            .unwrap()
            .iter()
            .find(|link| link["rel"] == "next");
        let next = next.unwrap()["href"].as_str().unwrap();
        let next = app
            .json(next.strip_prefix("http://localhost:8080").unwrap())
            .await;
        assert_eq!(next["numberMatched"], total, "{query}");
        let tiles = app.json(&format!("/tiles/incidents?{query}")).await;
        let template = tiles["tiles"][0].as_str().unwrap();
        let tile = template.strip_prefix("http://localhost:8080").unwrap();
        let tile = tile
            .replace("{z}", "10")
            .replace("{x}", "845")
            .replace("{y}", "416");
        assert_eq!(app.get(&tile).await.status, 200, "{tile}");
    }
    let one = app
        .get(&format!("/tiles/incidents/10/845/416?{AMOUNT}=1"))
        .await;
    let two = app
        .get(&format!("/tiles/incidents/10/845/416?{AMOUNT}=1..30"))
        .await;
    assert_ne!(one.header("etag"), two.header("etag"));
    assert_ne!(one.body, two.body);
    let inside = json!({"layer": "incidents", "limit": 1, "filter": {"x.金额 a&b": "1,2"},
        "polygon": {"type": "Polygon", "coordinates": [[[117.0,31.0],[118.0,31.0],[118.0,32.0],[117.0,32.0],[117.0,31.0]]]}});
    let inside = app.post("/api/inside", &inside).await;
    assert_eq!(inside.status, 200, "{}", inside.text());
}

#[tokio::test]
async fn other_layers_have_columns_of_their_own() {
    let app = app().await;
    let page = app
        .json(&format!("/collections/compounds/items?{BLOCKS}=1.."))
        .await;
    assert_eq!(page["numberMatched"], 2);
    let near = format!("/api/nearest?layer=compounds&lon=117.28&lat=31.82&{BLOCKS}=2");
    assert_eq!(app.json(&near).await["items"].as_array().unwrap().len(), 1);
    let wrong = app
        .get(&format!("/collections/grids/items?{BLOCKS}=1"))
        .await;
    assert_eq!(wrong.status, 400);
    let near = app
        .get("/api/counts?by=kind&x.%E5%A4%84%E7%BD%AE%E5%8D%95=1")
        .await;
    assert_eq!(near.status, 400);
    assert!(near.text().contains("x.处置单位"), "{}", near.text());
}

#[tokio::test]
async fn values_of_a_column() {
    let app = app().await;
    let column = UNIT.trim_start_matches("x.");
    let units = app
        .json(&format!("/api/values?layer=incidents&column={column}"))
        .await;
    assert_eq!(
        (&units["type"], &units["more"]),
        (&json!("text"), &json!(0))
    );
    assert_eq!(
        units["values"][0],
        json!({"value": "城管,二中队", "count": 84})
    );
    assert_eq!((&units["min"], &units["max"]), (&json!(null), &json!(null)));
    let column = AMOUNT.trim_start_matches("x.");
    let amounts = format!("/api/values?layer=incidents&column={column}&{DAY}=2026-10-05");
    let amounts = app.json(&amounts).await;
    assert_eq!(amounts["column"], "金额 a&b");
    assert_eq!(
        amounts["values"],
        json!([{"value": 4.0, "count": 7}, {"value": 24.0, "count": 6}])
    );
    assert_eq!(
        (&amounts["min"], &amounts["max"]),
        (&json!(4.0), &json!(24.0))
    );
    let days = app
        .json("/api/values?layer=incidents&column=%E5%9B%9E%E8%AE%BF%E6%97%A5")
        .await;
    assert_eq!(
        (&days["min"], &days["max"]),
        (&json!("2026-10-01"), &json!("2026-10-20"))
    );
    let status = app
        .json("/api/values?layer=incidents&column=status&kind=police")
        .await;
    assert_eq!(status["values"].as_array().unwrap().len(), 2);
    for bad in [
        "",
        "?layer=incidents",
        "?layer=incidents&column=text",
        "?layer=x&column=status",
    ] {
        assert_eq!(
            app.get(&format!("/api/values{bad}")).await.status,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn the_document_lists_the_columns() {
    let app = app().await;
    let document = app.json("/openapi.json").await;
    let names = |path: &str| -> Vec<String> {
        let list = document["paths"][path]["get"]["parameters"]
            .as_array()
            .unwrap();
        list.iter()
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect()
    };
    for path in [
        "/api/counts",
        "/api/values",
        "/collections/{layer}/items",
        "/tiles/{layers}/{z}/{x}/{y}",
    ] {
        assert!(names(path).contains(&"x.回访日".to_owned()), "{path}");
    }
    assert!(!names("/api/here").iter().any(|name| name.starts_with("x.")));
}
