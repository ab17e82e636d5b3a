use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::PgConnection;

use super::*;
use crate::model::{FeatureId, LayerName};
use crate::service::{Service, ServiceOptions};
use crate::store::tests::{cluster, everything, incident, load, postgres, write};
use crate::store::{Content, Op};

fn database(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

async fn plain(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn run(connection: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

/// Rows that other programs write: in a transaction of their own, some of them
/// open for a while, without any lock.
async fn write_outside(url: String, writer: i32) {
    let mut connection = plain(&url).await;
    for round in 0..40 {
        let mut transaction = connection.begin().await.unwrap();
        for row in 0..5 {
            let number = i64::from(writer * 1000 + round * 5 + row);
            sqlx::query(
                "INSERT INTO gridmap.streets (geom, name, source, source_id) \
                 VALUES (ST_GeomFromText('MULTILINESTRING((117 31, 117 32))', 4326), 'x', 'sql', $1)",
            )
            .bind(number.to_string())
            .execute(&mut *transaction)
            .await
            .unwrap();
            if (round + row) % 7 == writer {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
        transaction.commit().await.unwrap();
    }
}

async fn write_inside(url: String, writer: i32) {
    let store = PostgisStore::open(&url).await.unwrap();
    for round in 0..40 {
        let mut street = everything().streets.put.remove(0);
        street.meta.source_id = format!("{writer}-{round}");
        let changes = ChangeSet {
            streets: vec![street].into(),
            ..ChangeSet::default()
        };
        store.apply(&changes, &write()).await.unwrap();
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_follower_misses_nothing_whoever_writes() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.database();
    let store = Arc::new(PostgisStore::open(&url).await.unwrap());
    let done = Arc::new(AtomicBool::new(false));
    let follower = {
        let (store, done) = (Arc::clone(&store), Arc::clone(&done));
        tokio::spawn(async move {
            let mut seen = HashSet::new();
            let mut revision = Revision(0);
            loop {
                // Asked first: what is committed by then must be seen below.
                let last = done.load(Ordering::SeqCst);
                match store.changes_since(revision).await.unwrap() {
                    Changes::None if last => return seen,
                    Changes::None => tokio::time::sleep(Duration::from_millis(3)).await,
                    Changes::Rows {
                        revision: to,
                        changes,
                    } => {
                        assert!(to > revision);
                        revision = to;
                        seen.extend(changes.streets.put.iter().map(|row| row.meta.id));
                    }
                    Changes::Reload => panic!("nothing to reload"),
                }
            }
        })
    };
    let outside = (0..4).map(|n| tokio::spawn(write_outside(url.clone(), n)));
    let inside = (4..6).map(|n| tokio::spawn(write_inside(url.clone(), n)));
    for writer in outside.chain(inside).collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let seen = follower.await.unwrap();
    let (all, _) = load(store.as_ref()).await;
    let there: HashSet<FeatureId> = all.streets.put.iter().map(|row| row.meta.id).collect();
    assert_eq!(there.len(), 4 * 200 + 2 * 40);
    let missed: Vec<_> = there.difference(&seen).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[tokio::test]
async fn a_transaction_that_began_early_and_ends_late_is_seen() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.database();
    let store = PostgisStore::open(&url).await.unwrap();
    let start = store.apply(&everything(), &write()).await.unwrap().revision;
    let mut other = plain(&url).await;
    let mut late = other.begin().await.unwrap();
    sqlx::query("UPDATE gridmap.grids SET name = '晚'")
        .execute(&mut *late)
        .await
        .unwrap();
    // A writer of this program does not wait for it, and its change is seen.
    let changes = ChangeSet {
        incidents: vec![incident("9", 117.9)].into(),
        ..ChangeSet::default()
    };
    let after = store.apply(&changes, &write()).await.unwrap().revision;
    let Changes::Rows { revision, changes } = store.changes_since(start).await.unwrap() else {
        panic!("rows");
    };
    assert_eq!((revision, changes.grids.put.len()), (after, 0));
    late.commit().await.unwrap();
    assert!(store.poll().await.unwrap());
    let Changes::Rows { changes, .. } = store.changes_since(after).await.unwrap() else {
        panic!("rows");
    };
    assert_eq!(changes.grids.put[0].name, "晚");
}

#[tokio::test]
async fn edits_by_other_programs_keep_what_was_before() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.database();
    let store = PostgisStore::open(&url).await.unwrap();
    let start = store.apply(&everything(), &write()).await.unwrap().revision;
    let rows = load(&store).await.0;
    let mut other = plain(&url).await;
    run(
        &mut other,
        "UPDATE gridmap.incidents SET text = 'b', occurred_at = occurred_at + interval '1 day' WHERE fid = 1; \
         UPDATE gridmap.grids SET fid = 77 WHERE fid = 1; DELETE FROM gridmap.routes; \
         UPDATE gridmap.categories SET name_zh = '噪声' WHERE code = 'dispute.noise'; \
         DELETE FROM gridmap.settings WHERE name = 'shifts'; \
         INSERT INTO gridmap.incidents (occurred_at, kind, source, source_id) VALUES (now(), 'police', 'q', '1'), (now(), 'police', 'q', '2')",
    )
    .await;
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
            (row(LayerName::Incidents, 3), Op::Insert, false),
            (row(LayerName::Incidents, 4), Op::Insert, false),
            (
                Subject::Category("dispute.noise".to_owned()),
                Op::Update,
                true
            ),
            (Subject::Setting("shifts".to_owned()), Op::Delete, true),
        ]
    );
    let was = Content::Incident(rows.incidents.put[0].clone());
    let past = store.history(&row(LayerName::Incidents, 1)).await.unwrap();
    assert_eq!(past[0].before, Some(was));
    assert!(past[0].audit.is_none() && past[0].at.is_some());

    // Truncating tells nothing about rows: everything is loaded again.
    let (_, now) = load(&store).await;
    run(&mut other, "TRUNCATE gridmap.incidents").await;
    assert_eq!(store.changes_since(now).await.unwrap(), Changes::Reload);
    assert!(load(&store).await.0.incidents.put.is_empty());
    // The keys went with the rows: they can come again.
    store.apply(&everything(), &write()).await.unwrap();
    assert_eq!(load(&store).await.0.incidents.put.len(), 2);
}

#[tokio::test]
async fn a_month_can_be_edited_and_dropped_by_itself() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.database();
    let store = PostgisStore::open(&url).await.unwrap();
    let mut rows = everything();
    rows.incidents.put.push(incident("old", 117.0));
    // 2023-10-31 23:59:59 and 2023-11-01 00:00:00 in Shanghai.
    rows.incidents.put[0].occurred_at = crate::model::Timestamp(1_698_767_999);
    rows.incidents.put[2].occurred_at = crate::model::Timestamp(1_698_768_000);
    let start = store.apply(&rows, &write()).await.unwrap().revision;
    let count = |month: &str| {
        let sql = format!("SELECT count(*) FROM gridmap.incidents_{month}");
        cluster.psql(database(&url), &sql)
    };
    assert_eq!(
        (count("2023_10"), count("2023_11")),
        ("1".to_owned(), "2".to_owned())
    );
    let mut other = plain(&url).await;
    run(
        &mut other,
        "UPDATE gridmap.incidents_2023_10 SET status = 'direct'",
    )
    .await;
    let Changes::Rows { revision, changes } = store.changes_since(start).await.unwrap() else {
        panic!("rows");
    };
    assert_eq!(changes.incidents.put[0].status, "direct");
    run(
        &mut other,
        "TRUNCATE gridmap.incidents_2023_10; DROP TABLE gridmap.incidents_2023_10",
    )
    .await;
    assert_eq!(
        store.changes_since(revision).await.unwrap(),
        Changes::Reload
    );
    assert_eq!(load(&store).await.0.incidents.put.len(), 2);
    store.apply(&rows, &write()).await.unwrap();
    assert_eq!(load(&store).await.0.incidents.put.len(), 3);
}

#[tokio::test]
async fn other_databases_are_refused_with_a_reason() {
    let Some(cluster) = cluster() else { return };
    for bad in ["", "mysql://h/d", "postgres://h:port/d"] {
        let error = PostgisStore::open(bad).await.unwrap_err();
        assert!(matches!(error, Error::Address), "{error}");
    }
    let url = cluster.database();
    PostgisStore::open(&url).await.unwrap().close().await;
    // Opening again changes nothing.
    PostgisStore::open(&url).await.unwrap().close().await;
    cluster.psql(database(&url), "UPDATE gridmap.store SET version = 999");
    let error = PostgisStore::open(&url).await.unwrap_err();
    assert!(error.to_string().contains("newer gridmap"), "{error}");
    let bare = cluster.database();
    cluster.psql(database(&bare), "DROP EXTENSION postgis");
    PostgisStore::open(&bare).await.unwrap().close().await;
    let nowhere = "postgres://127.0.0.1:9/none";
    let started = std::time::Instant::now();
    let error = PostgisStore::open(nowhere).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error}");
    assert!(started.elapsed().as_secs() < 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_goes_on_while_the_database_is_down() {
    let Some(cluster) = postgres::Cluster::start("store::postgis::outage") else {
        return;
    };
    let url = cluster.database();
    let store = PostgisStore::open(&url).await.unwrap();
    store.apply(&everything(), &write()).await.unwrap();
    let service = Service::open(Arc::new(store), ServiceOptions::default())
        .await
        .unwrap();
    let changes = |id: &str| ChangeSet {
        incidents: vec![incident(id, 117.9)].into(),
        ..ChangeSet::default()
    };
    let audit = crate::store::tests::audit;
    cluster.crash();
    assert_eq!(service.snapshot().incidents.len(), 2);
    let started = std::time::Instant::now();
    let error = service.apply(changes("8"), audit()).await.unwrap_err();
    assert!(error.to_string().contains("does not answer"), "{error}");
    assert!(
        started.elapsed().as_millis() < 3000,
        "{:?}",
        started.elapsed()
    );
    postgres::eventually("the trouble is told", || !service.health().ok);
    cluster.restart();
    postgres::eventually("the trouble is over", || service.health().ok);
    service.apply(changes("9"), audit()).await.unwrap();
    cluster.psql(
        database(&url),
        "UPDATE gridmap.grids SET name = '后来' WHERE fid = 1",
    );
    postgres::eventually("in sync again", || {
        service.snapshot().grids.items()[0].name == "后来"
    });
    assert_eq!(service.snapshot().incidents.len(), 3);
    service.close().await;
}

/// Indexes and constraints of the incidents, those of one month included.
async fn indexes(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'gridmap' \
         AND tablename IN ('incidents', 'incident_keys', 'incidents_2023_11') \
         UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE conrelid IN ('gridmap.incidents'::regclass, 'gridmap.incident_keys'::regclass) ORDER BY 1",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}

fn many_incidents() -> ChangeSet {
    let many = (0..20_000).map(|n| {
        let mut row = incident(&n.to_string(), 117.0 + f64::from(n) / 1e5);
        row.occurred_at.0 += i64::from(n) * 600;
        row
    });
    ChangeSet {
        incidents: many.collect::<Vec<_>>().into(),
        ..ChangeSet::default()
    }
}

#[tokio::test]
async fn a_first_import_ends_like_one_row_after_the_other() {
    let Some(cluster) = cluster() else { return };
    let (filled, locked) = (cluster.database(), cluster.database());
    let mut stores = Vec::new();
    let mut found = Vec::new();
    for url in [&filled, &locked] {
        let store = PostgisStore::open(url).await.unwrap();
        let mut other = plain(url).await;
        if url == &locked {
            // Somebody reads: the indexes cannot be taken off.
            run(&mut other, "BEGIN; SELECT FROM gridmap.incidents").await;
        }
        let applied = store.apply(&many_incidents(), &write()).await.unwrap();
        let log: Vec<(String, i64, Option<i64>, String)> = sqlx::query_as(
            "SELECT layer, fid, fid_to, op FROM gridmap.changes WHERE layer = 'incidents' ORDER BY fid",
        )
        .fetch_all(&mut other)
        .await
        .unwrap();
        let keys: i64 = sqlx::query_scalar("SELECT count(*) FROM gridmap.incident_keys")
            .fetch_one(&mut other)
            .await
            .unwrap();
        let (rows, _) = load(&store).await;
        found.push((rows, log, keys, indexes(&mut other).await, applied));
        stores.push((store, other));
    }
    assert_eq!(found[0], found[1]);
    let (rows, log, keys, indexes, _) = &found[0];
    assert_eq!((rows.incidents.put.len(), *keys), (20_000, 20_000));
    let inserted = ("incidents".to_owned(), 1, Some(20_000), "insert".to_owned());
    assert_eq!(*log, [inserted]);
    assert_eq!(indexes.len(), 9, "{indexes:#?}");
    // The keys are kept unique as before.
    let (store, mut other) = stores.remove(0);
    let twice = "INSERT INTO gridmap.incidents (occurred_at, source, source_id) \
         SELECT occurred_at, source, source_id FROM gridmap.incidents LIMIT 1";
    assert!(sqlx::raw_sql(twice).execute(&mut other).await.is_err());
    store.apply(&many_incidents(), &write()).await.unwrap();
    assert_eq!(load(&store).await.0.incidents.put.len(), 20_000);
}
