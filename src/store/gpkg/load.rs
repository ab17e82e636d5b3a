//! The whole store, read on as many threads as there are cores.

use std::path::Path;

use sqlx::SqliteConnection;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::read::{categories, current, district, settings, warn_unreadable};
use super::{ground, open, scan, sql};
use crate::model::{ChangeSet, Compound, Grid, Incident, LayerChanges, Revision, Route, Street};
use crate::store::row::Stored;
use crate::store::{Error, Sink};

/// Rows handed over at a time.
const BATCH: usize = 16_384;

/// Batches on the way between threads.
const ON_THE_WAY: usize = 4;

/// Threads at most; more wait for the disk and each other.
const THREADS: usize = 4;

/// Incidents from which a second thread pays.
const MANY: i64 = 20_000;

/// Tries to find all connections in one state, before one of them does it all.
const TRIES: usize = 5;

pub(super) async fn load(path: &Path, sink: Sink<'_>) -> Result<Revision, Error> {
    let mut first = open::reader(path).await?;
    sqlx::query("BEGIN").execute(&mut first).await?;
    let revision = current(&mut first).await?;
    sink(ChangeSet {
        categories: Some(categories(&mut first).await?),
        district: Some(district(&mut first).await?),
        settings: settings(&mut first).await?,
        ..ChangeSet::default()
    });
    let (rows, low, high): (i64, i64, i64) = sqlx::query_as(
        "SELECT count(*), coalesce(min(fid), 0), coalesce(max(fid), 0) FROM incidents",
    )
    .fetch_one(&mut first)
    .await?;
    let mut facts = ground::facts(&mut first).await?;
    let mut connections = vec![first];
    if rows >= MANY {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let more = cores.min(THREADS) - 1;
        connections.extend(in_the_same_state(path, more, revision).await?);
    }
    let (sender, mut receiver) = mpsc::channel(ON_THE_WAY);
    let parts = ranges(low, high, connections.len());
    let last = connections.len() - 1;
    let jobs: Vec<_> = connections
        .into_iter()
        .zip(parts)
        .enumerate()
        .map(|(part, (connection, ids))| {
            let (sender, runtime) = (sender.clone(), Handle::current());
            // The first has the small layers; the last one reads the ground.
            let facts = if part == last { facts.take() } else { None };
            tokio::task::spawn_blocking(move || {
                let part = Part {
                    first: part == 0,
                    ids,
                    facts,
                };
                read_part(connection, &runtime, part, &sender)
            })
        })
        .collect();
    drop(sender);
    // The first batch brings room for all, so that a receiver that collects
    // them need not move a million rows again and again.
    let mut room = usize::try_from(rows).unwrap_or(0);
    while let Some(mut batch) = receiver.recv().await {
        if !batch.incidents.put.is_empty() {
            let put = &mut batch.incidents.put;
            put.reserve(std::mem::take(&mut room).saturating_sub(put.len()));
        }
        sink(batch);
    }
    for job in jobs {
        job.await
            .map_err(|error| Error::Database(sqlx::Error::Decode(error.into())))??;
    }
    Ok(revision)
}

/// Further connections that see the same revision, hence the same rows; none
/// if somebody keeps writing.
async fn in_the_same_state(
    path: &Path,
    more: usize,
    revision: Revision,
) -> Result<Vec<SqliteConnection>, Error> {
    let mut found = Vec::new();
    for _ in 0..TRIES {
        if found.len() == more {
            break;
        }
        let mut connection = open::reader(path).await?;
        sqlx::query("BEGIN").execute(&mut connection).await?;
        if current(&mut connection).await? != revision {
            break;
        }
        found.push(connection);
    }
    Ok(found)
}

/// As many ranges of ids as asked for, which together are all.
fn ranges(low: i64, high: i64, parts: usize) -> Vec<(i64, i64)> {
    let parts = i64::try_from(parts).unwrap_or(1);
    let step = (high.saturating_sub(low) / parts).saturating_add(1);
    let cut = |part: i64| low.saturating_add(step.saturating_mul(part));
    let end = |part: i64| {
        if part + 1 == parts {
            i64::MAX
        } else {
            cut(part + 1) - 1
        }
    };
    let start = |part: i64| if part == 0 { i64::MIN } else { cut(part) };
    (0..parts).map(|part| (start(part), end(part))).collect()
}

/// Where a layer's changes live in a change set.
type Slot<T> = fn(&mut ChangeSet) -> &mut LayerChanges<T>;

/// What one thread reads.
struct Part {
    /// The layers with few rows.
    first: bool,
    /// The incidents with these ids.
    ids: (i64, i64),
    /// The ground with these facts.
    facts: Option<String>,
}

fn read_part(
    mut connection: SqliteConnection,
    runtime: &Handle,
    part: Part,
    sender: &mpsc::Sender<ChangeSet>,
) -> Result<(), Error> {
    let mut handle = scan::locked(&mut connection, runtime)?;
    let handle = &mut handle;
    let all = (i64::MIN, i64::MAX);
    if part.first {
        read_layer::<Grid>(handle, all, sender, |c| &mut c.grids)?;
        read_layer::<Compound>(handle, all, sender, |c| &mut c.compounds)?;
        read_layer::<Street>(handle, all, sender, |c| &mut c.streets)?;
        read_layer::<Route>(handle, all, sender, |c| &mut c.routes)?;
    }
    read_layer::<Incident>(handle, part.ids, sender, |c| &mut c.incidents)?;
    if let Some(facts) = part.facts {
        let changes = ChangeSet {
            ground: Some(ground::scan(handle, facts)?),
            ..ChangeSet::default()
        };
        // Who no longer listens wants nothing more.
        let _ = sender.blocking_send(changes);
    }
    Ok(())
}

fn read_layer<T: Stored>(
    handle: &mut sqlx::sqlite::LockedSqliteHandle<'_>,
    ids: (i64, i64),
    sender: &mpsc::Sender<ChangeSet>,
    slot: Slot<T>,
) -> Result<(), Error> {
    let mut hand_over = |rows: Vec<T>| {
        if rows.is_empty() {
            return true;
        }
        let mut changes = ChangeSet::default();
        slot(&mut changes).put = rows;
        sender.blocking_send(changes).is_ok()
    };
    let statement = sql::of(T::LAYER).all;
    let read = |cells: &mut super::statement::ColumnCells<'_>| T::read(cells);
    let unreadable = scan::scan(handle, statement, ids, BATCH, read, &mut hand_over)?;
    warn_unreadable(T::LAYER, unreadable);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_all_and_do_not_overlap() {
        for (low, high) in [
            (0, 0),
            (1, 10),
            (-5, 1_000_000),
            (i64::MIN, i64::MAX),
            (7, 8),
        ] {
            for parts in 1..=4 {
                let ranges = ranges(low, high, parts);
                assert_eq!(ranges.len(), parts);
                assert_eq!(ranges[0].0, i64::MIN);
                assert_eq!(ranges[parts - 1].1, i64::MAX);
                for pair in ranges.windows(2) {
                    assert_eq!(pair[0].1 + 1, pair[1].0, "{ranges:?}");
                }
            }
        }
    }
}
