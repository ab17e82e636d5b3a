//! Layers as one GeoPackage: what the other exports have, whole, and gone from
//! the disk afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use gridmap::format::ForeignTable;
use gridmap::model::{LayerName, Value};
use gridmap::store::gpkg::foreign::{read, read_bytes};
use serde_json::Value as Json;
use tower::ServiceExt as _;

use crate::api::{TestApp, district};
use crate::process::run;

/// Extra columns whose names are not easy: a quote, one that the table has
/// already, one that differs in case alone.
const COLUMNS: [&str; 4] = ["备\"注", "fid", "Text", "geom"];

/// The small district, where incidents keep these columns.
fn rows() -> gridmap::model::ChangeSet {
    let mut rows = district();
    let mut of = rows.district.clone().unwrap_or_default();
    of.extra_columns[LayerName::Incidents.slot()] = COLUMNS
        .iter()
        .map(|name| gridmap::model::ExtraColumn {
            name: (*name).to_owned(),
            extra_type: gridmap::model::ExtraType::Text,
        })
        .collect();
    rows.district = Some(of);
    for (n, incident) in rows.incidents.put.iter_mut().enumerate() {
        let cell = |name: &&str| ((*name).to_owned(), Value::text(&format!("{name} {n}")));
        incident.meta.extra = COLUMNS.iter().map(cell).collect();
    }
    rows
}

async fn package(app: &TestApp, path: &str, layer: LayerName) -> ForeignTable {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        "application/geopackage+sqlite3"
    );
    assert_eq!(
        answer.header("content-length"),
        answer.body.len().to_string()
    );
    assert!(answer.header("content-disposition").contains(".gpkg"));
    let table = read_bytes(answer.body.to_vec(), Some(layer.as_str()), None).await;
    table.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Texts of the rows in order, by the names of the columns.
fn texts(table: &ForeignTable) -> Vec<BTreeMap<String, String>> {
    let row = |row: &gridmap::format::ForeignRow| {
        let cells = table.columns.iter().zip(&row.values);
        let filled = cells.filter(|(_, value)| **value != Value::Null);
        let cells = filled.map(|(name, value)| (name.clone(), value.to_string()));
        cells.collect()
    };
    table.rows.iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_has_the_rows_and_columns_of_the_other_exports() {
    let app = TestApp::of(rows()).await;
    let filters = [
        "",
        "&kind=police",
        "&placed=false",
        "&filter=id%20%3E%20100%20AND%20kind%20%3D%20'hotline'",
        "&hour=0-5&filter=geometry%20IS%20NOT%20NULL",
        "&kind=police&filter=kind%20%3D%20'dispute'",
    ];
    for filter in filters {
        let path = format!("/api/export/incidents?format=gpkg{filter}");
        let table = package(&app, &path, LayerName::Incidents).await;
        let path = format!("/api/export/incidents?format=geojson{filter}");
        let other: Json = app.json(&path).await;
        let features = other["features"].as_array().unwrap();
        let found = texts(&table);
        assert_eq!(found.len(), features.len(), "{filter}");
        // Both are in the order of their ids.
        for (feature, (row, geometry)) in features.iter().zip(found.iter().zip(&table.rows)) {
            let properties = feature["properties"].as_object().unwrap();
            let told = format!("{filter} {}", feature["id"]);
            for name in ["kind", "status", "grid", "text", "备\"注"] {
                let wanted = properties.get(name).and_then(Json::as_str);
                let wanted = wanted.filter(|text| !text.is_empty());
                assert_eq!(row.get(name).map(String::as_str), wanted, "{told} {name}");
            }
            let placed = geometry.geometry.is_some();
            assert_eq!(placed, !feature["geometry"].is_null(), "{told}");
        }
    }
    // The columns are those of the CSV, but for the places of points and what
    // is called like another.
    let csv = app
        .get("/api/export/incidents?format=csv&lang=en")
        .await
        .text();
    let table = package(
        &app,
        "/api/export/incidents?format=gpkg",
        LayerName::Incidents,
    )
    .await;
    let heads = csv.lines().next().unwrap().split(',').count();
    assert_eq!(table.columns.len(), heads - 3, "{:?}", table.columns);
    let all: BTreeSet<String> = table
        .columns
        .iter()
        .map(|name| name.to_lowercase())
        .collect();
    assert_eq!(all.len(), table.columns.len(), "{all:?}");
    for name in ["fid_2", "geom_2", "text_2"] {
        assert!(all.contains(name), "{all:?}");
    }
    assert!(!all.iter().any(|name| name.contains("gridmap")));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_layers_go_into_one_file_that_other_programs_open() {
    let app = TestApp::of(rows()).await;
    let names = "grids,compounds,streets,routes,incidents";
    let answer = app.get(&format!("/api/export/{names}?format=gpkg")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.gpkg");
    std::fs::write(&path, &answer.body).unwrap();
    let snapshot = app.state.service.snapshot();
    for layer in LayerName::ALL {
        let table = read(&path, Some(layer.as_str()), None).await.unwrap();
        assert_eq!(table.rows.len(), snapshot.count(*layer).total, "{layer}");
        assert_eq!(table.layers.len(), 5);
    }
    let mut ids: Vec<i64> = snapshot.incidents.rows().map(|row| row.id().0).collect();
    ids.sort_unstable();
    sound(&path, "grids", snapshot.grids.len(), &ids).await;
    sound(&path, "incidents", snapshot.incidents.len(), &ids).await;
    // The parameters hold for each layer, as if it were asked alone.
    let west = format!(
        "bbox={},31,{},32",
        crate::api::WEST,
        crate::api::WEST + 0.01
    );
    let both = format!("/api/export/grids,incidents?format=gpkg&{west}");
    for layer in [LayerName::Grids, LayerName::Incidents] {
        let one = format!("/collections/{layer}/items?{west}&limit=1");
        let wanted = app.json(&one).await["numberMatched"].as_u64().unwrap();
        let table = package(&app, &both, layer).await;
        assert_eq!(table.rows.len() as u64, wanted, "{layer}");
    }
    for (path, status) in [
        ("grids,incidents?format=csv", 400),
        ("grids,grids?format=gpkg", 400),
        ("grids,people?format=gpkg", 404),
        ("grids,?format=gpkg", 404),
        ("grids,incidents?format=gpkg&hour=3", 400),
        ("incidents?format=gpkg&filter=nonsense", 400),
        ("incidents?format=gpk", 400),
    ] {
        let answer = app.get(&format!("/api/export/{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
}

/// The file is what the standard wants, by its numbers and by GDAL.
async fn sound(path: &Path, layer: &str, count: usize, ids_of_incidents: &[i64]) {
    let url = format!("sqlite://{}?mode=ro", path.display());
    let connected = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await;
    let mut connection = connected.unwrap();
    for (pragma, wanted) in [
        ("PRAGMA application_id", "1196444487"),
        ("PRAGMA user_version", "10400"),
    ] {
        let found: i64 = sqlx::query_scalar(pragma)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(found.to_string(), wanted, "{pragma}");
    }
    let ids: Vec<i64> = sqlx::query_scalar("SELECT fid FROM incidents ORDER BY fid")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(ids, ids_of_incidents);
    let check: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(check, "ok");
    let shown = path.display().to_string();
    let output = Command::new("ogrinfo")
        .args(["-ro", "-so", &shown, layer])
        .output()
        .expect("ogrinfo is on the machine: see tests/setup.sh");
    let said = String::from_utf8_lossy(&output.stdout);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(
        !told.contains("ERROR") && !told.contains("Warning"),
        "{told}"
    );
    assert!(said.contains(&format!("Feature Count: {count}")), "{said}");
    assert!(said.contains("WGS 84"), "{said}");
}

/// Files of exports by this process that lie in the folder for such.
fn left() -> usize {
    let mine = format!("gridmap-export-{}-", std::process::id());
    let entries = std::fs::read_dir(std::env::temp_dir()).unwrap();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| name.starts_with(&mine)).count()
}

async fn none_left(when: &str) {
    let started = Instant::now();
    while left() > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "{when}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_on_the_disk() {
    let mut big = rows();
    let first = big.incidents.put.clone();
    for n in 0..80 {
        big.incidents
            .put
            .extend(first.iter().cloned().map(|mut row| {
                row.meta.source_id = format!("{}-{n}", row.meta.source_id);
                row
            }));
    }
    let app = TestApp::of(big).await;
    let ask = || {
        let request = Request::get("/api/export/incidents?format=gpkg")
            .header(header::HOST, "localhost:8080")
            .body(Body::empty())
            .unwrap();
        gridmap::api::router(app.state.clone()).oneshot(request)
    };
    // The client goes away while the file is made.
    let mut seen = 0;
    for after_ms in [1, 30, 80] {
        let gone = tokio::time::timeout(Duration::from_millis(after_ms), ask()).await;
        seen += usize::from(gone.is_err());
        none_left("given up while it was made").await;
    }
    assert!(seen > 0, "the file takes longer than a moment");
    // The client goes away in the middle of the answer.
    let response = ask().await.unwrap();
    assert_eq!(response.status(), 200);
    let length = response.headers()[header::CONTENT_LENGTH].clone();
    assert!(length.to_str().unwrap().parse::<u64>().unwrap() > 2 << 20);
    assert!(left() >= 1, "it is sent from a file");
    drop(response);
    none_left("given up while it was sent").await;
    // It reads all of it.
    let whole = app.get("/api/export/incidents?format=gpkg").await;
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    drop(whole);
    none_left("sent").await;
    // No place is kept by those that went away.
    for _ in 0..8 {
        assert_eq!(ask().await.unwrap().status(), 200);
        none_left("again").await;
    }
}

#[tokio::test]
async fn the_command_writes_it_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let made = run(&[
        "sample",
        "--until",
        "2026-11-01",
        "--data",
        &data,
        "--count",
        "500",
    ]);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let path = folder.path().join("out.gpkg");
    let shown = path.display().to_string();
    let export = |layers: &str, more: &[&str]| {
        run(&[
            &["export", layers, "--format", "gpkg", "--data", &data],
            more,
        ]
        .concat())
    };
    for _ in 0..2 {
        let done = export("grids,incidents", &["-o", &shown]);
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
    let table = read(&path, Some("incidents"), None).await.unwrap();
    assert_eq!((table.rows.len(), table.layers.len()), (500, 2));
    let before = std::fs::read(&path).unwrap();
    assert_eq!(
        export("grids,grids", &["-o", &shown]).status.code(),
        Some(2)
    );
    assert_eq!(export("grids", &[]).status.code(), Some(2));
    let csv = run(&[
        "export",
        "grids,incidents",
        "--format",
        "csv",
        "--data",
        &data,
    ]);
    assert_eq!(csv.status.code(), Some(2));
    let nowhere = folder
        .path()
        .join("no")
        .join("out.gpkg")
        .display()
        .to_string();
    assert_eq!(export("grids", &["-o", &nowhere]).status.code(), Some(2));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 2, "the data and the file");
}
