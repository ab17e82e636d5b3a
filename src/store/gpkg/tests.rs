use sqlx::sqlite::SqliteConnectOptions;

use super::*;
use crate::model::{Entity, FeatureId, LayerName};
use crate::store::tests::{audit, everything, incident, load};

async fn plain(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    // As QGIS and GDAL do.
    functions::register(&mut connection).await.unwrap();
    connection
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

#[tokio::test]
async fn the_index_triggers_are_those_of_the_standard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    GpkgStore::open(&path).await.unwrap().close().await;
    let mut file = plain(&path).await;
    for layer in LayerName::ALL {
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 AND name LIKE 'rtree%' ORDER BY name",
        )
        .bind(layer.as_str())
        .fetch_all(&mut file)
        .await
        .unwrap();
        let mut wanted =
            geopackage_core::triggers::create_triggers_sql(layer.as_str(), "geom", "fid").unwrap();
        wanted.sort();
        assert_eq!(found, wanted);
    }
    let application: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut file)
        .await
        .unwrap();
    let version: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut file)
        .await
        .unwrap();
    assert_eq!((application, version), (0x4750_4B47, 10400));
}

#[tokio::test]
async fn the_index_and_the_contents_follow_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    store.apply(&everything(), &audit()).await.unwrap();
    let mut file = plain(&path).await;
    let count = "SELECT count(*) FROM rtree_incidents_geom";
    let bounds = "SELECT min_x FROM gpkg_contents WHERE table_name = 'incidents'";
    let indexed: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut file)
        .await
        .unwrap();
    assert_eq!(indexed, 1, "a row without a place is not in the index");
    let west: f64 = sqlx::query_scalar(bounds)
        .fetch_one(&mut file)
        .await
        .unwrap();
    assert!((west - 117.3).abs() < 1e-9, "{west}");

    let (all, _) = load(&store).await;
    let mut moved = all.incidents.put[0].clone();
    moved.at = None;
    let mut placed = all.incidents.put[1].clone();
    placed.at = Some(geo::coord! { x: 116.0, y: 31.0 });
    let changes = ChangeSet {
        incidents: vec![moved, placed].into(),
        ..ChangeSet::default()
    };
    store.apply(&changes, &audit()).await.unwrap();
    let ids: Vec<i64> = sqlx::query_scalar("SELECT id FROM rtree_incidents_geom WHERE maxx < 117")
        .fetch_all(&mut file)
        .await
        .unwrap();
    assert_eq!(ids, [all.incidents.put[1].meta.id.0]);
    let west: f64 = sqlx::query_scalar(bounds)
        .fetch_one(&mut file)
        .await
        .unwrap();
    assert!((west - 116.0).abs() < 1e-9, "{west}");
}

#[tokio::test]
async fn garbage_in_a_geometry_blocks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    let before = store.apply(&everything(), &audit()).await.unwrap();
    {
        let mut writer = store.writer.lock().await;
        for blob in [
            &b""[..],
            b"GP",
            b"GP\0\x01\xe6\x10\0\0\x01\x07\0\0\0\xff\xff\xff\x7f",
            b"hello",
        ] {
            sqlx::query(
                "UPDATE incidents SET geom = ?1, kind = 'no such kind' WHERE source_id = '1'",
            )
            .bind(blob)
            .execute(&mut *writer)
            .await
            .unwrap();
        }
        let functions: (Option<f64>, i64, Option<i64>) =
            sqlx::query_as("SELECT ST_MinX(x'00'), ST_IsEmpty(x'4750'), ST_IsEmpty(NULL)")
                .fetch_one(&mut *writer)
                .await
                .unwrap();
        assert_eq!(functions, (None, 1, None));
    }
    let Changes::Rows { changes, .. } = store.changes_since(before).await.unwrap() else {
        panic!("rows");
    };
    assert_eq!(
        changes.incidents.delete.len(),
        1,
        "no longer readable, so gone"
    );
    assert_eq!(load(&store).await.0.incidents.put.len(), 1);
}

#[tokio::test]
async fn edits_by_other_programs_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    let before = store.apply(&everything(), &audit()).await.unwrap();
    store.touched().await.unwrap();
    assert!(!store.touched().await.unwrap());
    let mut other = plain(&path).await;
    run(
        &mut other,
        "UPDATE grids SET name = '改名' WHERE fid = 1; DELETE FROM streets;",
    )
    .await;
    assert!(store.touched().await.unwrap());
    let Changes::Rows { changes, .. } = store.changes_since(before).await.unwrap() else {
        panic!("rows");
    };
    assert_eq!(changes.grids.put[0].name, "改名");
    assert_eq!(changes.streets.delete, [FeatureId(1)]);
}

#[tokio::test]
async fn a_replaced_table_gets_its_triggers_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    let before = store.apply(&everything(), &audit()).await.unwrap();
    let mut other = plain(&path).await;
    run(
        &mut other,
        "CREATE TABLE n (fid INTEGER PRIMARY KEY, geom MULTILINESTRING, name TEXT); \
         INSERT INTO n SELECT fid, geom, 'neu' FROM streets; \
         DROP TABLE streets; DROP TABLE rtree_streets_geom; ALTER TABLE n RENAME TO streets;",
    )
    .await;
    assert!(store.touched().await.unwrap());
    assert_eq!(store.changes_since(before).await.unwrap(), Changes::Reload);
    let (all, revision) = load(&store).await;
    assert_eq!(all.streets.put[0].name, "neu");
    let mut edited = all.streets.put[0].clone();
    edited.meta_mut().source_id = "9".to_owned();
    let changes = ChangeSet {
        streets: vec![edited].into(),
        ..ChangeSet::default()
    };
    store.apply(&changes, &audit()).await.unwrap();
    assert!(matches!(
        store.changes_since(revision).await.unwrap(),
        Changes::Rows { .. }
    ));
}

#[tokio::test]
async fn other_files_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.gpkg");
    std::fs::write(&text, "name,lon,lat\n").unwrap();
    let error = GpkgStore::open(&text).await.unwrap_err();
    assert!(matches!(error, Error::NotGeoPackage(_)), "{error}");
    assert_eq!(std::fs::read(&text).unwrap(), b"name,lon,lat\n");

    let sqlite = folder.path().join("other.gpkg");
    let mut other = SqliteConnection::connect_with(
        &SqliteConnectOptions::new()
            .filename(&sqlite)
            .create_if_missing(true),
    )
    .await
    .unwrap();
    run(&mut other, "CREATE TABLE t (a)").await;
    let error = GpkgStore::open(&sqlite).await.unwrap_err();
    assert!(matches!(error, Error::NotGeoPackage(_)), "{error}");

    let newer = folder.path().join("newer.gpkg");
    GpkgStore::open(&newer).await.unwrap().close().await;
    let mut file = plain(&newer).await;
    run(
        &mut file,
        "UPDATE gridmap_settings SET value = '999' WHERE name = 'store_version'",
    )
    .await;
    let error = GpkgStore::open(&newer).await.unwrap_err();
    assert!(error.to_string().contains("newer gridmap"), "{error}");
}

#[tokio::test]
async fn a_clean_stop_leaves_one_file_and_a_backup_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let copy = folder.path().join("copy.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    store.apply(&everything(), &audit()).await.unwrap();
    store.backup(&copy).await.unwrap();
    assert!(matches!(store.backup(&copy).await, Err(Error::Exists(_))));
    let wanted = load(&store).await;
    store.close().await;
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["a.gpkg", "copy.gpkg"]);
    let restored = GpkgStore::open(&copy).await.unwrap();
    assert_eq!(load(&restored).await, wanted);
}

#[tokio::test]
async fn the_log_is_bounded_and_who_lags_reloads() {
    let folder = tempfile::tempdir().unwrap();
    let store = GpkgStore::open(&folder.path().join("a.gpkg"))
        .await
        .unwrap();
    let start = store.apply(&everything(), &audit()).await.unwrap();
    {
        let mut writer = store.writer.lock().await;
        run(
            &mut writer,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200100) \
             INSERT INTO gridmap_changes (layer, fid, op) SELECT 'incidents', 1, 'update' FROM n",
        )
        .await;
    }
    let changes = ChangeSet {
        incidents: vec![incident("n", 117.0)].into(),
        ..ChangeSet::default()
    };
    store.apply(&changes, &audit()).await.unwrap();
    assert_eq!(store.changes_since(start).await.unwrap(), Changes::Reload);
    let mut writer = store.writer.lock().await;
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM gridmap_changes")
        .fetch_one(&mut *writer)
        .await
        .unwrap();
    assert_eq!(kept, LOG_BOUND);
}
