//! OGC API - Features 1.0 core: the abstract tests A.2.1 to A.2.8, restated.

use serde_json::Value;

use crate::api::{FIRST, PLACED, SOUTH, TestApp, UNPLACED, WEST};

const LAYERS: [&str; 5] = ["grids", "compounds", "streets", "routes", "incidents"];
const ITEMS: &str = "/collections/incidents/items";

fn link<'v>(value: &'v Value, rel: &str) -> Option<&'v str> {
    let links = value["links"].as_array().expect("links are a list");
    let found = links.iter().find(|link| link["rel"] == rel)?;
    for member in ["href", "rel", "type"] {
        assert!(found[member].is_string(), "a link needs {member}: {found}");
    }
    found["href"].as_str()
}

/// Path and query of an absolute link to this server.
fn local(href: &str) -> &str {
    href.strip_prefix("http://localhost:8080")
        .unwrap_or_else(|| panic!("not absolute: {href}"))
}

fn ids(page: &Value) -> Vec<i64> {
    let features = page["features"].as_array().expect("features are a list");
    features
        .iter()
        .map(|f| f["id"].as_i64().expect("integer id"))
        .collect()
}

/// A.2.2: landing page.
#[tokio::test]
async fn landing_page_leads_everywhere() {
    let app = TestApp::new().await;
    for accept in [("/", "application/json"), ("/?f=json", "text/html")] {
        let answer = app.get_with(accept.0, &[("accept", accept.1)]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        let page = answer.json();
        for rel in ["self", "service-desc", "service-doc", "conformance", "data"] {
            let href = link(&page, rel).unwrap_or_else(|| panic!("no link {rel}"));
            assert_eq!(app.get(local(href)).await.status, 200, "{href}");
        }
    }
}

#[tokio::test]
async fn browsers_get_the_map_page_at_the_root() {
    let app = TestApp::new().await;
    let answer = app
        .get_with(
            "/",
            &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
        )
        .await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().to_lowercase().contains("<!doctype html>"));
}

/// A.2.3: API definition.
#[tokio::test]
async fn api_definition_is_openapi() {
    let app = TestApp::new().await;
    let answer = app.get("/openapi.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.oai.openapi+json;version=3.1"
    );
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

/// A.2.4: conformance.
#[tokio::test]
async fn conformance_names_core_geojson_and_html() {
    let app = TestApp::new().await;
    let classes = app.json("/conformance?f=json").await["conformsTo"].clone();
    for class in ["core", "geojson", "html"] {
        let uri = format!("http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{class}");
        assert!(
            classes.as_array().unwrap().contains(&uri.clone().into()),
            "{uri}"
        );
    }
}

/// A.2.5 and A.2.6: the collections and each of them.
#[tokio::test]
async fn collections_are_described() {
    let app = TestApp::new().await;
    let all = app.json("/collections").await;
    assert!(link(&all, "self").is_some() && link(&all, "alternate").is_some());
    let named: Vec<&str> = all["collections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert_eq!(named, LAYERS);
    for (n, layer) in LAYERS.iter().enumerate() {
        let one = app.json(&format!("/collections/{layer}")).await;
        for member in ["id", "title", "extent", "crs", "itemType"] {
            assert_eq!(
                one[member], all["collections"][n][member],
                "{layer} {member}"
            );
        }
        let bbox = &one["extent"]["spatial"]["bbox"][0];
        assert!(
            bbox[0].as_f64().unwrap() < bbox[2].as_f64().unwrap(),
            "{layer}"
        );
        let items = link(&one, "items").expect("a link to the items");
        assert_eq!(app.get(local(items)).await.status, 200);
    }
    assert_eq!(app.get("/collections/nothing").await.status, 404);
    assert_eq!(
        app.get("/collections/grid").await.status,
        404,
        "aliases are for files"
    );
}

/// A.2.7: features, their members and paging over all of them.
#[tokio::test]
async fn pages_lead_through_all_features_once() {
    let app = TestApp::new().await;
    let mut path = format!("{ITEMS}?limit=70");
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/geo+json");
        let page = answer.json();
        assert_eq!(page["type"], "FeatureCollection");
        assert_eq!(page["numberMatched"], PLACED + UNPLACED);
        assert_eq!(page["numberReturned"], ids(&page).len());
        let stamp: jiff::Timestamp = page["timeStamp"].as_str().unwrap().parse().unwrap();
        assert!(stamp.as_second() > 1_700_000_000);
        assert!(link(&page, "self").is_some() && link(&page, "alternate").is_some());
        assert_eq!(link(&page, "prev").is_some(), pages > 0);
        seen.extend(ids(&page));
        pages += 1;
        match link(&page, "next") {
            Some(next) => path = local(next).to_owned(),
            None => break,
        }
    }
    assert_eq!(pages, 4);
    assert_eq!(seen.len(), PLACED + UNPLACED);
    let unique: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "no feature twice");
}

#[tokio::test]
async fn links_of_a_page_keep_the_question() {
    let app = TestApp::new().await;
    let page = app
        .json(&format!(
            "{ITEMS}?limit=5&kind=police&status=%E5%B7%B2%E5%8A%9E%E7%BB%93"
        ))
        .await;
    let next = link(&page, "next").unwrap();
    for part in [
        "limit=5",
        "kind=police",
        "status=%E5%B7%B2",
        "offset=5",
        "f=json",
    ] {
        assert!(next.contains(part), "{next}");
    }
    let second = app.json(local(next)).await;
    assert_eq!(second["numberMatched"], page["numberMatched"]);
    assert!(ids(&second).iter().all(|id| !ids(&page).contains(id)));
    let back = app.json(local(link(&second, "prev").unwrap())).await;
    assert_eq!(ids(&back), ids(&page));
}

/// A.2.7: limit.
#[tokio::test]
async fn limit_bounds_the_page() {
    let app = TestApp::new().await;
    for (limit, expect) in [
        ("1", 1),
        ("100", 100),
        ("10000", 250),
        ("10001", 250),
        ("1000000", 250),
    ] {
        let page = app.json(&format!("{ITEMS}?limit={limit}")).await;
        assert_eq!(ids(&page).len(), expect, "limit={limit}");
    }
    assert_eq!(ids(&app.json(ITEMS).await).len(), 100, "the default");
    for bad in ["0", "-1", "1.5", "abc", "", "99999999999999999999"] {
        let answer = app.get(&format!("{ITEMS}?limit={bad}")).await;
        assert_eq!(answer.status, 400, "limit={bad}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

/// A.2.7: bbox, against the slow obvious answer.
#[tokio::test]
async fn bbox_selects_what_lies_inside() {
    let app = TestApp::new().await;
    let all = app.json(&format!("{ITEMS}?limit=1000")).await;
    let (w, s, e, n) = (WEST + 0.004, SOUTH + 0.002, WEST + 0.012, SOUTH + 0.015);
    let expect: Vec<i64> = all["features"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| {
            let at = &f["geometry"]["coordinates"];
            let inside =
                |v: &Value, low: f64, high: f64| v.as_f64().is_some_and(|v| low <= v && v <= high);
            inside(&at[0], w, e) && inside(&at[1], s, n)
        })
        .map(|f| f["id"].as_i64().unwrap())
        .collect();
    assert!(expect.len() > 20, "the box holds something");
    let crs = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
    for query in [
        format!("bbox={w},{s},{e},{n}"),
        format!("bbox={w},{s},-10,{e},{n},8000"),
        format!("bbox={w},{s},{e},{n}&bbox-crs={crs}"),
        format!("bbox={w}%2C{s}%2C{e}%2C{n}"),
    ] {
        let page = app.json(&format!("{ITEMS}?limit=1000&{query}")).await;
        let mut got = ids(&page);
        got.sort_unstable();
        let mut want = expect.clone();
        want.sort_unstable();
        assert_eq!(got, want, "{query}");
    }
    for bad in [
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=nan,nan,nan,nan",
        "bbox=121,32,122,31",
        "bbox=1,2,3,4&bbox-crs=http://example.invalid/crs",
        "bbox=1,2,x,4,5,6",
        "bbox=1,2,9,3,4,6",
    ] {
        assert_eq!(
            app.get(&format!("{ITEMS}?{bad}")).await.status,
            400,
            "{bad}"
        );
    }
}

/// A.2.7: bbox of areas and lines takes all that it touches.
#[tokio::test]
async fn bbox_takes_areas_that_it_touches() {
    let app = TestApp::new().await;
    let (x, y) = (WEST + 0.005, SOUTH + 0.005);
    let path = format!("/collections/grids/items?bbox={x},{y},{x},{y}");
    let page = app.json(&path).await;
    assert_eq!(page["features"][0]["properties"]["code"], "WG001");
    assert_eq!(page["numberMatched"], 1);
    let far = app.json("/collections/grids/items?bbox=0,0,1,1").await;
    assert_eq!(far["numberMatched"], 0);
    assert_eq!(far["features"].as_array().unwrap().len(), 0);
}

/// A.2.7: datetime.
#[tokio::test]
async fn datetime_selects_by_instant_day_and_interval() {
    let app = TestApp::new().await;
    let count = async |query: &str| {
        let page = app.json(&format!("{ITEMS}?limit=1&{query}")).await;
        page["numberMatched"].as_u64().unwrap()
    };
    let total = (PLACED + UNPLACED) as u64;
    let expect = |from: i64, to: i64| {
        (0..total as i64)
            .filter(|n| (from..to).contains(&(FIRST + n * 7 * 3600)))
            .count() as u64
    };
    let day = 86_400;
    assert_eq!(count("datetime=../..").await, total);
    assert_eq!(
        count("datetime=2026-10-01").await,
        expect(FIRST, FIRST + day)
    );
    assert_eq!(
        count("datetime=2026-10-03/2026-10-10").await,
        expect(FIRST + 2 * day, FIRST + 9 * day)
    );
    assert_eq!(
        count("datetime=2026-10-02T16:00:00Z/..").await,
        expect(FIRST + 2 * day, i64::MAX)
    );
    assert_eq!(
        count("datetime=../2026-10-03T00:00:00%2B08:00").await,
        expect(0, FIRST + 2 * day)
    );
    // Exactly the second incident.
    assert_eq!(count("datetime=2026-10-01T07:00:00").await, 1);
    for bad in [
        "2026-02-30T00:00:00Z",
        "2026-03-02/2026-03-01",
        "yesterday",
        "2026",
        "",
    ] {
        let answer = app.get(&format!("{ITEMS}?datetime={bad}")).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
}

/// A.2.7: features without a time match any; grids have their days of validity.
#[tokio::test]
async fn datetime_of_other_layers() {
    let app = TestApp::new().await;
    for layer in ["compounds", "streets", "routes"] {
        let path = format!("/collections/{layer}/items");
        let all = app.json(&path).await["numberMatched"].clone();
        let filtered = app
            .json(&format!("{path}?datetime=1999-01-01/1999-02-01"))
            .await;
        assert_eq!(filtered["numberMatched"], all, "{layer}");
    }
    let codes = async |datetime: &str| {
        let page = app
            .json(&format!("/collections/grids/items?datetime={datetime}"))
            .await;
        let features = page["features"].as_array().unwrap().clone();
        let mut codes: Vec<String> = features
            .iter()
            .map(|f| f["properties"]["code"].as_str().unwrap().to_owned())
            .collect();
        codes.sort();
        codes.join(" ")
    };
    assert_eq!(codes("2024-06-01").await, "WG001 WG002 WG003 WG005");
    assert_eq!(codes("2026-06-01").await, "WG001 WG002 WG003 WG004");
    assert_eq!(
        codes("2024-06-01/2026-06-01").await,
        "WG001 WG002 WG003 WG004 WG005"
    );
}

/// A.2.7: filter by property, unknown and repeated parameters.
#[tokio::test]
async fn properties_filter_and_unknown_parameters_are_refused() {
    let app = TestApp::new().await;
    let page = app.json("/collections/streets/items?class=arterial").await;
    assert_eq!(page["numberMatched"], 1);
    let page = app
        .json("/collections/grids/items?community=%E6%9D%BF%E6%A1%A5")
        .await;
    assert_eq!(page["numberMatched"], 3);
    for bad in [
        "no_such_param=1",
        "limit=1&limit=2",
        "f=xml",
        "lang=fr",
        "q=%ff",
    ] {
        for layer in LAYERS {
            let path = format!("/collections/{layer}/items?{bad}");
            assert_eq!(app.get(&path).await.status, 400, "{path}");
        }
    }
    for path in [
        "/",
        "/conformance",
        "/collections",
        "/collections/grids",
        "/api/meta",
        "/healthz",
    ] {
        let answer = app
            .get_with(&format!("{path}?x=1"), &[("accept", "*/*")])
            .await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.json()["code"], "unknown-parameter");
    }
}

#[tokio::test]
async fn sorting_by_time() {
    let app = TestApp::new().await;
    let page = app
        .json(&format!("{ITEMS}?sort=-occurred_at&limit=3"))
        .await;
    let times: Vec<&str> = page["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["properties"]["occurred_at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
}

/// A.2.8: a feature.
#[tokio::test]
async fn one_feature() {
    let app = TestApp::new().await;
    for layer in LAYERS {
        let page = app
            .json(&format!("/collections/{layer}/items?limit=1"))
            .await;
        let expect = &page["features"][0];
        let id = expect["id"].as_i64().unwrap();
        let answer = app.get(&format!("/collections/{layer}/items/{id}")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/geo+json");
        let one = answer.json();
        for member in ["type", "id", "geometry", "properties"] {
            assert_eq!(one[member], expect[member], "{layer} {member}");
        }
        for rel in ["self", "alternate", "collection"] {
            let href = link(&one, rel).unwrap_or_else(|| panic!("no link {rel}"));
            assert_eq!(app.get(local(href)).await.status, 200, "{href}");
        }
    }
    for bad in [
        "0",
        "-1",
        "01",
        "999999",
        "x",
        "1.5",
        "99999999999999999999",
    ] {
        let answer = app.get(&format!("{ITEMS}/{bad}")).await;
        assert_eq!(answer.status, 404, "{bad}");
    }
}

#[tokio::test]
async fn unplaced_features_have_null_geometry() {
    let app = TestApp::new().await;
    let page = app.json(&format!("{ITEMS}?placed=false&limit=100")).await;
    assert_eq!(page["numberMatched"], UNPLACED);
    for feature in page["features"].as_array().unwrap() {
        assert!(feature["geometry"].is_null());
        assert!(feature.as_object().unwrap().contains_key("geometry"));
    }
}

#[tokio::test]
async fn pages_for_people_escape_what_they_show() {
    let app = TestApp::new().await;
    let id = app.first_id("incidents").await;
    for path in [
        "/?f=html".to_owned(),
        "/conformance?f=html".to_owned(),
        "/collections?f=html".to_owned(),
        "/collections/incidents?f=html".to_owned(),
        format!("{ITEMS}?f=html&lang=en"),
        format!("{ITEMS}/{id}?f=html"),
        "/api.html".to_owned(),
    ] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        let text = answer.text();
        assert!(text.ends_with("</html>\n"), "{path}");
        assert!(!text.contains("<b>"), "{path}: data became markup");
        assert!(
            !text.contains("<script") && !text.contains("style=\""),
            "{path}"
        );
    }
    let page = app.get(&format!("{ITEMS}?f=html")).await.text();
    assert!(page.contains("虚构示例"), "the note is shown");
    assert!(page.contains("第0件 &lt;b&gt;&amp;&quot;&#39;"));
}
