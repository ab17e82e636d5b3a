//! CQL2 text on the items of every layer.

use serde_json::{Value, json};

use crate::api::{PLACED, SOUTH, TestApp, UNPLACED, WEST};
use crate::support::fixture;

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02x}")).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next().unwrap(), rest.next().unwrap()];
            let pair = std::str::from_utf8(&pair).unwrap().to_owned();
            bytes.push(u8::from_str_radix(&pair, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

async fn count(app: &TestApp, layer: &str, filter: &str) -> u64 {
    let path = format!(
        "/collections/{layer}/items?filter={}&limit=1",
        encoded(filter)
    );
    app.json(&path).await["numberMatched"].as_u64().unwrap()
}

#[tokio::test]
async fn filters_agree_with_the_plain_parameters() {
    let app = TestApp::new().await;
    let all = (PLACED + UNPLACED) as u64;
    let (e, n) = (WEST + 0.01, SOUTH + 0.01);
    for (cql, plain) in [
        ("kind = 'police'", "kind=police".to_owned()),
        (
            "kind IN ('police', 'hotline')",
            "kind=police,hotline".to_owned(),
        ),
        (
            "NOT (kind = 'police') AND status = '处置中'",
            "kind=dispute,hotline&status=%E5%A4%84%E7%BD%AE%E4%B8%AD".to_owned(),
        ),
        ("geometry IS NULL", "placed=false".to_owned()),
        (
            "found = 'patrol' AND grid = 'WG001'",
            "found=patrol&grid=WG001".to_owned(),
        ),
        (
            "occurred_at >= DATE('2026-10-05') AND occurred_at < DATE('2026-10-09')",
            "datetime=2026-10-05/2026-10-09".to_owned(),
        ),
        (
            "T_DURING(occurred_at, INTERVAL('2026-10-05T00:00:00+08:00', '..'))",
            "datetime=2026-10-05T00:00:01/..".to_owned(),
        ),
        (
            &format!("S_INTERSECTS(geometry, BBOX({WEST},{SOUTH},{e},{n}))"),
            format!("bbox={WEST},{SOUTH},{e},{n}"),
        ),
        (
            &format!(
                "S_WITHIN(geometry, POLYGON(({WEST} {SOUTH},{e} {SOUTH},{e} {n},{WEST} {n},{WEST} {SOUTH})))"
            ),
            format!("bbox={WEST},{SOUTH},{e},{n}"),
        ),
    ] {
        let page = app
            .json(&format!("/collections/incidents/items?{plain}&limit=1"))
            .await;
        let wanted = page["numberMatched"].as_u64().unwrap();
        assert!(wanted > 0 && wanted < all, "{plain}: {wanted}");
        assert_eq!(count(&app, "incidents", cql).await, wanted, "{cql}");
    }
}

#[tokio::test]
async fn filters_work_in_every_layer_and_through_the_pages() {
    let app = TestApp::new().await;
    let all = (PLACED + UNPLACED) as u64;
    assert_eq!(count(&app, "incidents", "id > 0").await, all);
    assert_eq!(
        count(&app, "grids", "households > 401 AND valid_to IS NULL").await,
        2
    );
    assert_eq!(
        count(
            &app,
            "compounds",
            "casei(code) LIKE 'c_' AND priority * 2 <= 4"
        )
        .await,
        2
    );
    assert_eq!(
        count(&app, "streets", "oneway OR class = 'arterial'").await,
        2
    );
    assert_eq!(count(&app, "routes", "checkpoints LIKE '南%'").await, 1);
    // Together with other parameters, and through the pages.
    let path = format!(
        "/collections/incidents/items?kind=police&limit=10&filter-lang=cql2-text&filter={}",
        encoded("status = '处置中'")
    );
    let page = app.json(&path).await;
    let next = page["links"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["rel"] == "next")
        .unwrap();
    let next = next["href"]
        .as_str()
        .unwrap()
        .strip_prefix("http://localhost:8080")
        .unwrap();
    let second = app.json(next).await;
    assert_eq!(second["numberMatched"], page["numberMatched"]);
    for feature in second["features"].as_array().unwrap() {
        assert_eq!(feature["properties"]["status"], "处置中");
        assert_eq!(feature["properties"]["kind"], "police");
    }
}

#[tokio::test]
async fn errors_name_the_place_in_both_languages() {
    let app = TestApp::new().await;
    for (lang, words) in [("zh", "第 1 个字符"), ("en", "character 1")] {
        let path = format!(
            "/collections/incidents/items?lang={lang}&filter={}",
            encoded("knd = 'x'")
        );
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 400);
        let problem = answer.json();
        assert_eq!(problem["code"], "bad-filter");
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{problem}"
        );
    }
    for bad in [
        "filter-lang=cql-text",
        "filter-crs=http://www.opengis.net/def/crs/EPSG/0/4490",
        "filter=",
    ] {
        let answer = app
            .get(&format!("/collections/incidents/items?{bad}"))
            .await;
        assert_eq!(answer.status, 400, "{bad}");
    }
    // Characters count, not bytes.
    let path = format!(
        "/collections/incidents/items?lang=en&filter={}",
        encoded("status = '处置中' AND")
    );
    let detail = app.get(&path).await.json()["detail"].clone();
    assert!(
        detail.as_str().unwrap().contains("character 19"),
        "{detail}"
    );
}

#[tokio::test]
async fn queryables_are_what_filters_take() {
    let app = TestApp::new().await;
    for layer in ["grids", "compounds", "streets", "routes", "incidents"] {
        let answer = app.get(&format!("/collections/{layer}/queryables")).await;
        assert_eq!(answer.header("content-type"), "application/schema+json");
        let schema = answer.json();
        assert_eq!(schema["additionalProperties"], false);
        for (name, property) in schema["properties"].as_object().unwrap() {
            let filter = match property["type"].as_str() {
                _ if property["format"]
                    .as_str()
                    .is_some_and(|f| f.starts_with("geometry")) =>
                {
                    assert_eq!(property["x-ogc-role"], "primary-geometry");
                    format!("S_INTERSECTS({name}, POINT(117 31)) OR {name} IS NULL")
                }
                Some("boolean") => format!("{name} = true"),
                Some("integer" | "number") => format!("{name} > 1"),
                _ if property["format"] == "date" => format!("{name} > DATE('2026-01-01')"),
                _ if property["format"] == "date-time" => {
                    format!("{name} > TIMESTAMP('2026-01-01T00:00:00Z')")
                }
                _ => format!("\"{name}\" LIKE 'x%'"),
            };
            let path = format!("/collections/{layer}/items?filter={}", encoded(&filter));
            assert_eq!(app.get(&path).await.status, 200, "{layer}: {filter}");
        }
        let one = app.json(&format!("/collections/{layer}")).await;
        let link = one["links"]
            .as_array()
            .unwrap()
            .iter()
            .any(|l| l["rel"] == "http://www.opengis.net/def/rel/ogc/1.0/queryables");
        assert!(link, "{layer}");
    }
    let classes = app.json("/conformance").await["conformsTo"].clone();
    for class in [
        "ogcapi-features-3/1.0/conf/features-filter",
        "cql2/1.0/conf/cql2-text",
        "cql2/1.0/conf/basic-cql2",
    ] {
        let uri = format!("http://www.opengis.net/spec/{class}");
        assert!(classes.as_array().unwrap().contains(&uri.into()), "{class}");
    }
}

/// Texts that were made to break filters give an answer of the allowed kinds,
/// and none of them selects what a sound filter would not.
#[tokio::test]
async fn hostile_filters_do_nothing() {
    let Some(path) = fixture("fixtures/hostile/requests.jsonl") else {
        return;
    };
    let app = TestApp::new().await;
    let text = std::fs::read_to_string(path).unwrap();
    let mut asked = 0;
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let id = case["id"].as_str().unwrap();
        if !id.starts_with("filter") {
            continue;
        }
        asked += 1;
        let url = case["url"]
            .as_str()
            .unwrap()
            .replace("{items}", "/collections/incidents/items");
        if url.len() > 60_000 {
            // No HTTP library takes such an address; the filter by itself.
            let bytes = url.split_once("filter=").unwrap().1;
            let text = decoded(bytes);
            let district = gridmap::model::District::default();
            let layer = gridmap::model::LayerName::Incidents;
            assert!(
                gridmap::query::Cql::read(&text, layer, &district).is_err(),
                "{id}"
            );
            continue;
        }
        let answer = app.get(&url).await;
        let allowed = case["status"].as_array().unwrap();
        let status = json!(answer.status.as_u16());
        assert!(allowed.contains(&status), "{id}: {status}");
        if case["may_return_rows"] == false && answer.status == 200 {
            // `OR 1=1` is sound CQL2 that is true of every row; who may see
            // which rows does not depend on it.
            assert!(url.contains("OR%201%3D1"), "{id}");
        }
    }
    assert!(asked >= 10, "{asked}");
}
