use sqlx::sqlite::SqliteConnectOptions;

use super::*;
use crate::model::{Entity, FeatureId, LayerName, Revision};
use crate::store::tests::{everything, incident, load, write};
use crate::store::{Content, Op, Subject};

mod replaced;

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
    store.apply(&everything(), &write()).await.unwrap();
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
    store.apply(&changes, &write()).await.unwrap();
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

async fn texts(file: &mut SqliteConnection, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(file).await.unwrap()
}

/// The index holds every geometry, rounded outwards, and finds them in a strip.
async fn agrees_with_the_rows(file: &mut SqliteConnection) {
    let wrong: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM incidents i LEFT JOIN rtree_incidents_geom r ON r.id = i.fid \
         WHERE (i.geom ISNULL) != (r.id ISNULL) OR ST_MinX(i.geom) < r.minx OR ST_MaxX(i.geom) > r.maxx \
         OR ST_MinY(i.geom) < r.miny OR ST_MaxY(i.geom) > r.maxy OR r.maxx - r.minx > 0.0001",
    )
    .fetch_one(&mut *file)
    .await
    .unwrap();
    assert_eq!(wrong, 0);
    let found: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM rtree_incidents_geom WHERE maxx >= 117.05 AND minx <= 117.06",
    )
    .fetch_one(&mut *file)
    .await
    .unwrap();
    let seen: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM incidents WHERE ST_MaxX(geom) >= 117.05 AND ST_MinX(geom) <= 117.06",
    )
    .fetch_one(&mut *file)
    .await
    .unwrap();
    assert!(
        found >= seen && found <= seen + 20 && seen > 500,
        "{found} {seen}"
    );
}

#[tokio::test]
async fn many_rows_at_once_leave_the_file_as_row_by_row_would() {
    const SCHEMA: &str = "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    let mut file = plain(&path).await;
    let schema = texts(&mut file, SCHEMA).await;
    let rows = |from: usize, to: usize| -> Vec<crate::model::Incident> {
        let row = |n: usize| {
            let mut row = incident(&format!("n{n}"), 117.0 + (n % 997) as f64 * 1e-4);
            row.at = (!n.is_multiple_of(10)).then_some(geo::coord! { x: 117.0 + (n % 997) as f64 * 1e-4, y: 31.0 + (n % 89) as f64 * 1e-4 });
            row
        };
        (from..to).map(row).collect()
    };
    let put = |rows: Vec<crate::model::Incident>| ChangeSet {
        incidents: rows.into(),
        ..ChangeSet::default()
    };
    // Into an empty layer; then new rows, among them keys that are there, into
    // one that is not; then a few row by row into the packed tree.
    let first = store.apply(&put(rows(0, 5000)), &write()).await.unwrap();
    let second = store.apply(&put(rows(4000, 8000)), &write()).await.unwrap();
    let third = store.apply(&put(rows(8000, 8100)), &write()).await.unwrap();
    assert_eq!(texts(&mut file, SCHEMA).await, schema);
    for check in [
        "SELECT rtreecheck('rtree_incidents_geom')",
        "PRAGMA integrity_check",
    ] {
        assert_eq!(texts(&mut file, check).await, ["ok"]);
    }
    let indexed: i64 = sqlx::query_scalar("SELECT count(*) FROM rtree_incidents_geom")
        .fetch_one(&mut file)
        .await
        .unwrap();
    assert_eq!(indexed, 8100 - 810);
    agrees_with_the_rows(&mut file).await;
    // Everything can be edited and deleted again.
    run(
        &mut file,
        "UPDATE incidents SET geom = (SELECT geom FROM incidents WHERE fid = 2) WHERE fid < 3000; \
         DELETE FROM incidents WHERE fid % 2 = 0",
    )
    .await;
    let check = texts(&mut file, "SELECT rtreecheck('rtree_incidents_geom')").await;
    assert_eq!(check, ["ok"]);

    let counts: Vec<_> = store.writes(None, 9).await.unwrap();
    let count = |n: usize, op| counts[n].counts["incidents"].get(&op).copied();
    assert_eq!(
        (count(2, Op::Insert), count(2, Op::Update)),
        (Some(5000), None)
    );
    assert_eq!(
        (count(1, Op::Insert), count(1, Op::Update)),
        (Some(3000), Some(1000))
    );
    assert_eq!(count(0, Op::Insert), Some(100));
    let touched = store.touched(first.before, first.revision).await.unwrap();
    assert_eq!(touched.len(), 5000);
    assert!(touched.iter().all(|t| t.op == Op::Insert));
    assert!(first.revision.0 - first.before.0 < 5, "one run");
    assert!(second.revision.0 - second.before.0 < 1100);
    let Changes::Rows { changes, .. } = store.changes_since(second.before).await.unwrap() else {
        panic!("rows");
    };
    let all = load(&store).await.0.incidents.put;
    assert_eq!(all.len(), 4050);
    let mut told = changes.incidents.put;
    told.sort_by_key(|row| row.meta.id);
    // Each of the others was new, updated by key, moved or deleted.
    let same = |row: &crate::model::Incident| (3000..=4000).contains(&row.meta.id.0);
    let changed: Vec<_> = all.into_iter().filter(|row| !same(row)).collect();
    assert!(told == changed, "{} {}", told.len(), changed.len());
    let past = store
        .history(&Subject::Row(LayerName::Incidents, FeatureId(4999)))
        .await
        .unwrap();
    let ops: Vec<Op> = past.iter().map(|past| past.op).collect();
    assert_eq!(ops, [Op::Update, Op::Insert]);
    assert!(third.revision > second.revision);
}

#[tokio::test]
async fn garbage_in_a_geometry_blocks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    let before = store.apply(&everything(), &write()).await.unwrap().revision;
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
    let before = store.apply(&everything(), &write()).await.unwrap().revision;
    store.poll().await.unwrap();
    assert!(!store.poll().await.unwrap());
    let mut other = plain(&path).await;
    run(
        &mut other,
        "UPDATE grids SET name = '改名' WHERE fid = 1; DELETE FROM streets;",
    )
    .await;
    assert!(store.poll().await.unwrap());
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
    let before = store.apply(&everything(), &write()).await.unwrap().revision;
    let mut other = plain(&path).await;
    run(
        &mut other,
        "CREATE TABLE n (fid INTEGER PRIMARY KEY, geom MULTILINESTRING, name TEXT); \
         INSERT INTO n SELECT fid, geom, 'neu' FROM streets; \
         DROP TABLE streets; DROP TABLE rtree_streets_geom; ALTER TABLE n RENAME TO streets;",
    )
    .await;
    assert!(store.poll().await.unwrap());
    assert_eq!(store.changes_since(before).await.unwrap(), Changes::Reload);
    let (all, revision) = load(&store).await;
    assert_eq!(all.streets.put[0].name, "neu");
    let mut edited = all.streets.put[0].clone();
    edited.meta_mut().source_id = "9".to_owned();
    let changes = ChangeSet {
        streets: vec![edited].into(),
        ..ChangeSet::default()
    };
    store.apply(&changes, &write()).await.unwrap();
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
    store.apply(&everything(), &write()).await.unwrap();
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
async fn a_store_in_the_place_of_another_goes_on_numbering() {
    let folder = tempfile::tempdir().unwrap();
    let store = GpkgStore::open(&folder.path().join("a.gpkg"))
        .await
        .unwrap();
    let old = store.apply(&everything(), &write()).await.unwrap().revision;
    store.number_above(Revision(0)).await.unwrap();
    assert_eq!(store.revision().await.unwrap(), old, "it is above already");
    store.number_above(Revision(1000)).await.unwrap();
    assert_eq!(store.revision().await.unwrap(), Revision(1001));
    assert_eq!(store.changes_since(old).await.unwrap(), Changes::Reload);
    let next = store.apply(&everything(), &write()).await.unwrap();
    assert_eq!(next.before, Revision(1001));
    assert!(matches!(
        store.changes_since(next.before).await.unwrap(),
        Changes::Rows { .. }
    ));
}

#[tokio::test]
async fn old_writes_are_forgotten_and_who_lags_reloads() {
    let folder = tempfile::tempdir().unwrap();
    let store = GpkgStore::open(&folder.path().join("a.gpkg"))
        .await
        .unwrap();
    let start = store.apply(&everything(), &write()).await.unwrap().revision;
    {
        let mut writer = store.writer.lock().await;
        run(
            &mut writer,
            "UPDATE gridmap_revisions SET at = '2020-01-01T00:00:00.000Z'",
        )
        .await;
    }
    let changes = ChangeSet {
        incidents: vec![incident("n", 117.0)].into(),
        ..ChangeSet::default()
    };
    let last = store.apply(&changes, &write()).await.unwrap().revision;
    let before = Revision(start.0 - 1);
    assert_eq!(store.changes_since(before).await.unwrap(), Changes::Reload);
    assert!(matches!(
        store.touched(before, last).await,
        Err(Error::Forgotten(_))
    ));
    assert_eq!(store.touched(start, last).await.unwrap().len(), 1);
    assert_eq!(
        store.writes(None, 9).await.unwrap().len(),
        2,
        "the record of writes stays"
    );

    let mut writer = store.writer.lock().await;
    run(
        &mut writer,
        "INSERT INTO gridmap_changes (layer, fid, op, fid_to) VALUES ('incidents', 1, 'insert', 300000)",
    )
    .await;
    drop(writer);
    assert_eq!(
        store.changes_since(last).await.unwrap(),
        Changes::Reload,
        "loading is quicker"
    );
}

/// The file as the version before history left it.
async fn downgrade(path: &Path) {
    let mut file = plain(path).await;
    run(
        &mut file,
        "DROP INDEX gridmap_changes_row; DROP INDEX gridmap_changes_run; \
         DROP INDEX gridmap_revisions_revision; DROP INDEX gridmap_revisions_at; \
         DROP INDEX gridmap_revisions_key; DROP INDEX gridmap_revisions_undoes; \
         DROP TRIGGER gridmap_settings_update; \
         UPDATE gridmap_settings SET value = '6' WHERE name = 'store_version'; \
         DROP TRIGGER gridmap_grids_update; \
         CREATE TRIGGER gridmap_grids_update AFTER UPDATE ON grids \
         BEGIN INSERT INTO gridmap_changes (layer, fid, op) VALUES ('grids', NEW.fid, 'update'); END;",
    )
    .await;
    // The other triggers name the columns; a table made anew has none of them.
    run(
        &mut file,
        "PRAGMA legacy_alter_table = 1; \
         CREATE TABLE c (seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, layer TEXT NOT NULL, fid INTEGER NOT NULL, op TEXT NOT NULL); \
         INSERT INTO c SELECT seq, layer, fid, op FROM gridmap_changes; DROP TABLE gridmap_changes; ALTER TABLE c RENAME TO gridmap_changes; \
         CREATE TABLE r (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, revision INTEGER NOT NULL, at DATETIME NOT NULL, \
           actor TEXT NOT NULL, action TEXT NOT NULL, reason TEXT NOT NULL); \
         INSERT INTO r SELECT id, revision, at, actor, action, reason FROM gridmap_revisions; \
         DROP TABLE gridmap_revisions; ALTER TABLE r RENAME TO gridmap_revisions;",
    )
    .await;
    file.close().await.unwrap();
}

#[tokio::test]
async fn a_file_from_before_history_is_upgraded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    let old = store.apply(&everything(), &write()).await.unwrap().revision;
    let rows = load(&store).await.0;
    store.close().await;
    downgrade(&path).await;
    let store = GpkgStore::open(&path).await.unwrap();
    let (now, revision) = load(&store).await;
    assert_eq!(now, rows, "nothing is lost");
    assert!(revision > old, "numbers go on");
    assert_eq!(store.changes_since(old).await.unwrap(), Changes::Reload);
    let mut grid = now.grids.put[0].clone();
    grid.name = "新名".to_owned();
    let changes = ChangeSet {
        grids: vec![grid].into(),
        ..ChangeSet::default()
    };
    let after = store.apply(&changes, &write()).await.unwrap();
    let touched = store.touched(after.before, after.revision).await.unwrap();
    let was = touched[0].before.as_deref();
    assert_eq!(was, Some(&Content::Grid(now.grids.put[0].clone())));
}

#[tokio::test]
async fn edits_by_other_programs_keep_what_was_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    let start = store.apply(&everything(), &write()).await.unwrap().revision;
    let rows = load(&store).await.0;
    let mut other = plain(&path).await;
    // Values that JSON cannot hold must not block an edit.
    run(
        &mut other,
        "UPDATE incidents SET text = x'ff00', date_only = 1e999 WHERE fid = 1; \
         UPDATE incidents SET text = 'b' WHERE fid = 1; \
         UPDATE grids SET fid = 77 WHERE fid = 1; DELETE FROM routes; \
         UPDATE gridmap_categories SET name_zh = '噪声' WHERE code = 'dispute.noise'; \
         DELETE FROM gridmap_settings WHERE name = 'shifts';",
    )
    .await;
    let id = rows.incidents.put[0].meta.id;
    let past = store
        .history(&Subject::Row(LayerName::Incidents, id))
        .await
        .unwrap();
    let ops: Vec<Op> = past.iter().map(|past| past.op).collect();
    assert_eq!(ops, [Op::Update, Op::Update, Op::Insert]);
    assert!(past[0].audit.is_none() && past[0].at.is_some());
    assert_eq!(past[2].audit, Some(crate::store::tests::audit()));
    let first = Content::Incident(rows.incidents.put[0].clone());
    assert_eq!(past[1].before, Some(first));

    let touched = store.touched(start, Revision(i64::MAX)).await.unwrap();
    let told: Vec<_> = touched
        .iter()
        .map(|t| (t.subject.clone(), t.op, t.before.is_some()))
        .collect();
    let row = |layer, id| Subject::Row(layer, FeatureId(id));
    assert_eq!(
        told,
        [
            (row(LayerName::Grids, 1), Op::Delete, true),
            (row(LayerName::Grids, 77), Op::Insert, false),
            (row(LayerName::Routes, 1), Op::Delete, true),
            (row(LayerName::Incidents, 1), Op::Update, true),
            (
                Subject::Category("dispute.noise".to_owned()),
                Op::Update,
                true
            ),
            (Subject::Setting("shifts".to_owned()), Op::Delete, true),
        ]
    );
    let Changes::Rows { changes, .. } = store.changes_since(start).await.unwrap() else {
        panic!("rows");
    };
    assert_eq!(changes.settings["shifts"], serde_json::Value::Null);
    assert!(changes.district.is_none());
    assert_eq!(changes.categories.unwrap().items()[0].name_zh, "噪声");
}
