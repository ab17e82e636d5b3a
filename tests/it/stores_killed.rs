//! Stores whose writer, or whose database, is killed at random times: nothing
//! acknowledged is lost, nothing is there by half.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use gridmap::model::ChangeSet;
use gridmap::store::{GpkgStore, Op, PostgisStore, Store};
use sqlx::{Connection, SqliteConnection};

use crate::cli::table;
use crate::postgres::Cluster;
use crate::process::gridmap;

/// Rows that are rewritten in every second round.
const EDITED: usize = 300;

/// Rows that are new in every other round: enough for the ways of many rows.
const NEW: usize = 2_500;

/// What must be in a store.
struct Expected {
    /// New batches that are in, by their first row.
    batches: Vec<usize>,
    /// The text of the edited rows.
    text: String,
}

/// What a round tries.
enum Try {
    Batch(usize),
    Text(String),
}

impl Try {
    fn of(round: usize) -> Try {
        if round.is_multiple_of(2) {
            Try::Batch(EDITED + round / 2 * NEW)
        } else {
            Try::Text(format!("第{round}轮"))
        }
    }

    fn write(&self, file: &Path) {
        let rows = match self {
            Try::Batch(first) => table(*first, NEW, "占道经营"),
            Try::Text(text) => table(0, EDITED, text),
        };
        std::fs::write(file, rows).unwrap();
    }
}

/// Different numbers in every round, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u128) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u64::try_from((u128::from(self.0 >> 33) * limit) >> 31).unwrap()
    }
}

fn import(store: &[&str], file: &Path) -> Child {
    let file = file.to_str().unwrap();
    let more = ["--crs", "wgs84", "--set", "kind=hotline"];
    gridmap(&[&["import", "incidents", file], &more[..], store].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for an import that must succeed.
fn finish(import: Child) {
    let output = import.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
}

/// Reads everything and compares; a try that was not acknowledged may be in,
/// but only whole, and counts from then on.
async fn check(store: &dyn Store, expected: &mut Expected, tried: &Try, acknowledged: bool) {
    let mut rows: BTreeMap<usize, String> = BTreeMap::new();
    let mut read = |batch: ChangeSet| {
        for row in batch.incidents.put {
            let number = row.meta.source_id.trim_start_matches('h').parse().unwrap();
            assert!(rows.insert(number, row.text).is_none(), "twice");
        }
    };
    store.load(&mut read).await.unwrap();
    let new: Vec<_> = rows.range(EDITED..).map(|(number, _)| *number).collect();
    let texts: std::collections::HashSet<&String> = rows.range(..EDITED).map(|(_, t)| t).collect();
    assert_eq!(rows.range(..EDITED).count(), EDITED);
    assert_eq!(texts.len(), 1, "an edit by half");
    let text = texts.into_iter().next().unwrap().clone();
    match tried {
        Try::Batch(first) => {
            let there = new.iter().filter(|&&n| n >= *first).count();
            assert!(there == 0 || there == NEW, "{there} of {NEW}");
            if acknowledged {
                assert_eq!(there, NEW, "lost");
            }
            if there == NEW {
                expected.batches.push(*first);
            }
        }
        Try::Text(tried) => {
            if acknowledged {
                assert_eq!(&text, tried, "lost");
            }
            assert!(text == *tried || text == expected.text);
            expected.text = text.clone();
        }
    }
    let wanted: Vec<usize> = expected.batches.iter().flat_map(|&b| b..b + NEW).collect();
    assert!(new == wanted, "other rows are gone or came");
    assert_eq!(text, expected.text);
    // The record agrees with the rows.
    let last = store.writes(None, 1).await.unwrap().remove(0);
    let touched = store.touched(last.before, last.revision).await.unwrap();
    let noted: u64 = last.counts.values().flat_map(BTreeMap::values).sum();
    assert_eq!(touched.len() as u64, noted, "{last:?}");
    let updates = touched.iter().filter(|t| t.op == Op::Update);
    assert!(updates.clone().all(|t| t.before.is_some()));
}

/// Fills a store and says how long that took.
fn begin(store: &[&str], file: &Path) -> (Expected, Duration) {
    let text = "第一轮".to_owned();
    Try::Text(text.clone()).write(file);
    let started = Instant::now();
    finish(import(store, file));
    let expected = Expected {
        batches: Vec::new(),
        text,
    };
    (expected, started.elapsed())
}

#[tokio::test]
async fn a_killed_writer_loses_nothing_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("rows.csv");
    let store = ["--data", data.to_str().unwrap()];
    let (mut expected, took) = begin(&store, &file);
    let mut dice = Dice(7);
    let (mut killed, mut unacknowledged) = (0, 0);
    // Whatever else the machine does: some are killed, some are done before.
    let mut within = [took.as_micros() * 2; 2];
    for round in 0..50 {
        let tried = Try::of(round);
        tried.write(&file);
        let mut writer = import(&store, &file);
        let within = &mut within[round % 2];
        std::thread::sleep(Duration::from_micros(dice.below(*within)));
        writer.kill().unwrap();
        let acknowledged = writer.wait().unwrap().success();
        killed += usize::from(!acknowledged);
        *within = *within * if acknowledged { 80 } else { 120 } / 100;

        let path = data.join("gridmap.gpkg");
        let opened = GpkgStore::open(&path).await.unwrap();
        let before = (expected.batches.len(), expected.text.clone());
        check(&opened, &mut expected, &tried, acknowledged).await;
        let stored = before != (expected.batches.len(), expected.text.clone());
        unacknowledged += usize::from(stored && !acknowledged);
        opened.close().await;
        let mut plain = SqliteConnection::connect(path.to_str().unwrap())
            .await
            .unwrap();
        for sound in [
            "PRAGMA integrity_check",
            "SELECT rtreecheck('rtree_incidents_geom')",
        ] {
            let answer: String = sqlx::query_scalar(sound)
                .fetch_one(&mut plain)
                .await
                .unwrap();
            assert_eq!(answer, "ok", "{sound}");
        }
        let unindexed: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM incidents WHERE geom NOTNULL) - (SELECT count(*) FROM rtree_incidents_geom)",
        )
        .fetch_one(&mut plain)
        .await
        .unwrap();
        assert_eq!(unindexed, 0);
        plain.close().await.unwrap();
    }
    assert!(killed > 10, "only {killed} of 50 were killed at work");
    // Sent again, a batch that was stored unacknowledged is not there twice.
    let again = Try::Batch(*expected.batches.last().unwrap());
    again.write(&file);
    finish(import(&store, &file));
    let opened = GpkgStore::open(&data.join("gridmap.gpkg")).await.unwrap();
    let mut rows = 0;
    opened
        .load(&mut |batch| rows += batch.incidents.put.len())
        .await
        .unwrap();
    assert_eq!(rows, EDITED + expected.batches.len() * NEW);
    println!("{killed} killed, {unacknowledged} stored without an answer");
}

#[tokio::test]
async fn a_crashed_database_loses_nothing_it_acknowledged() {
    let Some(cluster) = Cluster::start("a_crashed_database_loses_nothing_it_acknowledged") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let url = cluster.database();
    let store = ["--database-url", url.as_str()];
    let (mut expected, took) = begin(&store, &file);
    let mut dice = Dice(3);
    let mut failed = 0;
    // Until enough crashes hit a writer at work, whatever the machine's pace.
    for round in 0..40 {
        if round >= 8 && failed > 1 {
            break;
        }
        let tried = Try::of(round);
        tried.write(&file);
        let mut writer = import(&store, &file);
        let after = dice.below(took.as_micros());
        std::thread::sleep(Duration::from_micros(after));
        cluster.crash();
        let acknowledged = writer.wait().unwrap().success();
        failed += usize::from(!acknowledged);
        cluster.restart();
        let opened = PostgisStore::open(&url).await.unwrap();
        check(&opened, &mut expected, &tried, acknowledged).await;
        opened.close().await;
    }
    assert!(failed > 1, "only {failed} of 40 were at work");
}
