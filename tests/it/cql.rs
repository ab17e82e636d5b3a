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

/// What every address says of the incidents that pass.
async fn figures(app: &TestApp, filter: &str) -> Vec<(&'static str, u64)> {
    let filter = encoded(filter);
    let number = |json: Value, name: &str| json[name].as_u64().unwrap();
    let get = async |path: &str| {
        let join = if path.contains('?') { '&' } else { '?' };
        app.json(&format!("{path}{join}filter={filter}")).await
    };
    let bins = get("/api/histogram").await;
    let bins = bins["counts"].as_array().unwrap().iter();
    let csv = app
        .get(&format!("/api/export/incidents?filter={filter}"))
        .await;
    let values = get("/api/values?layer=incidents&column=source").await;
    let values = values["values"].as_array().unwrap().iter();
    vec![
        ("counts", number(get("/api/counts?by=kind").await, "total")),
        ("stats", number(get("/api/stats/grids").await, "total")),
        ("histogram", bins.map(|n| n.as_u64().unwrap()).sum()),
        ("export", csv.text().lines().count() as u64 - 1),
        ("values", values.map(|v| v["count"].as_u64().unwrap()).sum()),
    ]
}

#[tokio::test]
async fn every_figure_takes_the_filter_and_they_agree() {
    let app = TestApp::new().await;
    for filter in [
        "kind = 'police'",
        "id > 100 AND NOT (kind = 'dispute')",
        "geometry IS NULL OR grid = 'WG001'",
        "T_AFTER(occurred_at, DATE('2026-10-05')) AND status IS NOT NULL",
        "kind = 'police' AND kind = 'dispute'",
    ] {
        let wanted = count(&app, "incidents", filter).await;
        for (name, found) in figures(&app, filter).await {
            assert_eq!(found, wanted, "{name}: {filter}");
        }
    }
    // With the plain parameters, both must hold.
    let both = "kind=police&filter=id%20%3E%20100";
    let items = format!("/collections/incidents/items?limit=1&{both}");
    let counts = format!("/api/counts?by=hour&{both}");
    let wanted = &app.json(&items).await["numberMatched"];
    assert_eq!(&app.json(&counts).await["total"], wanted);
    // Near places it means the layer that is asked.
    let near = format!("/api/nearest?lon={WEST}&lat={SOUTH}&layer=grids");
    let one = format!("{near}&filter={}", encoded("code = 'WG001'"));
    assert_eq!(
        app.json(&one).await["items"].as_array().map(Vec::len),
        Some(1)
    );
    for path in [
        "/api/counts?by=kind",
        "/api/stats/grids?placed=true",
        "/api/histogram?step=day",
        "/api/values?layer=grids&column=source",
        "/tiles/incidents/12/0/0?placed=true",
        "/tiles/incidents?placed=true",
        "/map.png?width=100&height=100",
        "/api/export/streets?format=geojson",
    ] {
        let answer = app.get(&format!("{path}&filter=nonsense%20%3D%201")).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        assert_eq!(answer.json()["code"], "bad-filter", "{path}");
        let other = app.get(&format!("{path}&filter-lang=cql2-json")).await;
        assert_eq!(other.status, 400, "{path}");
    }
}

#[tokio::test]
async fn tiles_are_kept_apart_by_their_filters() {
    let app = TestApp::new().await;
    let (x, y) = tile_of(WEST + 0.005, SOUTH + 0.005, 12);
    let tile = async |query: &str| {
        let answer = app
            .get(&format!("/tiles/incidents/12/{x}/{y}?{query}"))
            .await;
        let tag = answer.header("etag").to_owned();
        (answer.status.as_u16(), answer.body, tag)
    };
    let plain = tile("kind=police").await;
    let same = tile("filter=kind%20%3D%20'police'").await;
    let other = tile("filter=kind%20%3D%20'hotline'").await;
    let none = tile("filter=kind%20%3D%20'police'%20AND%20kind%20%3D%20'hotline'").await;
    assert_eq!((plain.0, &plain.1), (same.0, &same.1), "the same rows");
    assert!(plain.2 != same.2 && same.2 != other.2, "other addresses");
    assert!(other.1 != same.1 && other.0 == 200);
    assert_eq!(none.0, 204);
    // From the cache it is the same, and known by its tag.
    assert_eq!(tile("filter=kind%20%3D%20'police'").await, same);
    let path = format!("/tiles/incidents/12/{x}/{y}?filter=kind%20%3D%20'police'");
    let fresh = app.get_with(&path, &[("if-none-match", &same.2)]).await;
    assert_eq!(fresh.status, 304);
    // TileJSON hands the filter on.
    let json = app
        .json("/tiles/incidents?filter=kind%20%3D%20'police'")
        .await;
    let address = json["tiles"][0].as_str().unwrap();
    assert!(decoded(address).contains("kind = 'police'"), "{address}");
}

/// The tile that holds a place.
fn tile_of(lon: f64, lat: f64, z: u32) -> (u32, u32) {
    let n = f64::from(1_u32 << z);
    let (sin, pi) = (lat.to_radians().sin(), std::f64::consts::PI);
    let y = (0.5 - ((1.0 + sin) / (1.0 - sin)).ln() / (4.0 * pi)) * n;
    (((lon + 180.0) / 360.0 * n) as u32, y as u32)
}
