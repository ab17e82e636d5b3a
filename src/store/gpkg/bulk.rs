//! Many new rows at once: the R-tree is packed instead of grown, the key index
//! is sorted instead of grown, the change log gets one row per run of ids.
//!
//! The triggers that would do the same row by row are taken off and put back
//! inside the transaction, so that a file never lacks them.

use std::sync::mpsc;

use geo::BoundingRect;
use sqlx::SqliteConnection;
use sqlx::sqlite::LockedSqliteHandle;

use super::packed::Packed;
use super::rtree::{self, Cell};
use super::sql::{LayerSql, MANY};
use super::statement::Statement;
use crate::model::FeatureId;
use crate::store::Error;
use crate::store::row::Stored;
use crate::store::write::last_of_each;

/// New rows from which this pays.
pub(super) const BULK: usize = 2_000;

/// Statements that are written down before SQLite takes them.
const AHEAD: usize = 16;

/// Puts rows into a layer that has none.
pub(super) async fn fill<T: Stored>(
    connection: &mut SqliteConnection,
    statements: &LayerSql,
    rows: &[T],
) -> Result<(), Error> {
    let bulk = &statements.bulk;
    let wanted = last_of_each(rows);
    let rows = rows.iter().zip(wanted);
    let mut rows: Vec<(FeatureId, &T)> = rows.filter_map(|(row, id)| Some((id?, row))).collect();
    let given: i64 = sqlx::query_scalar(bulk.last_id)
        .fetch_one(&mut *connection)
        .await?;
    let highest = rows.iter().map(|(id, _)| id.0).max().unwrap_or(0);
    let mut last = given.max(highest);
    for (id, _) in &mut rows {
        if *id == FeatureId::NEW {
            last += 1;
            *id = FeatureId(last);
        }
    }
    sqlx::raw_sql(bulk.begin).execute(&mut *connection).await?;
    sqlx::raw_sql(bulk.drop_key)
        .execute(&mut *connection)
        .await?;
    let insert = [statements.add_many, statements.add_one];
    let mut handle = connection.lock_handle().await?;
    let nodes = blocking(|| {
        insert_all(&mut handle, insert, &rows, || {
            let boxes = rows.iter();
            let boxes = boxes
                .filter_map(|(id, row)| Cell::new(*id, row.geometry()?.bounding_rect()?))
                .collect();
            rtree::pack(boxes)
        })
    })?;
    drop(handle);
    sqlx::raw_sql(bulk.make_key)
        .execute(&mut *connection)
        .await?;
    let mut handle = connection.lock_handle().await?;
    blocking(|| rtree::write(&mut handle, bulk, &nodes))?;
    drop(handle);
    for (first, last) in runs(rows.iter().map(|(id, _)| id.0)) {
        sqlx::query(bulk.log_run)
            .bind(first)
            .bind((last > first).then_some(last))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::raw_sql(bulk.end).execute(connection).await?;
    Ok(())
}

/// Runs of ids that follow each other, in order; only ids above 0 are logged.
fn runs(ids: impl Iterator<Item = i64>) -> Vec<(i64, i64)> {
    let mut ids: Vec<i64> = ids.filter(|id| *id > 0).collect();
    ids.sort_unstable();
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == id => *last = id,
            _ => runs.push((id, id)),
        }
    }
    runs
}

/// Puts new rows into a layer that has some.
pub(super) async fn append<T: Stored>(
    connection: &mut SqliteConnection,
    statements: &LayerSql,
    rows: &[T],
) -> Result<(), Error> {
    let bulk = &statements.bulk;
    let wanted = last_of_each(rows);
    let rows: Vec<(FeatureId, &T)> = rows
        .iter()
        .zip(wanted)
        .filter_map(|(row, id)| Some((id?, row)))
        .collect();
    let last: i64 = sqlx::query_scalar(bulk.last_id)
        .fetch_one(&mut *connection)
        .await?;
    sqlx::raw_sql(bulk.begin).execute(&mut *connection).await?;
    let insert = [statements.put_many, statements.put_one];
    let mut handle = connection.lock_handle().await?;
    blocking(|| insert_all(&mut handle, insert, &rows, || ()))?;
    drop(handle);
    sqlx::query(bulk.index_above)
        .bind(last)
        .execute(&mut *connection)
        .await?;
    sqlx::query(bulk.log_above)
        .bind(last)
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql(bulk.end).execute(connection).await?;
    Ok(())
}

/// Does work that blocks the thread, and lets the runtime's other threads take
/// over what else this one had to do.
fn blocking<R>(work: impl FnOnce() -> R) -> R {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // There are no others.
        _ => work(),
    }
}

/// Inserts rows; another thread writes them down meanwhile, and then does
/// something else, whose outcome is answered.
fn insert_all<T: Stored, R: Send>(
    handle: &mut LockedSqliteHandle<'_>,
    [many, one]: [&'static str; 2],
    rows: &[(FeatureId, &T)],
    then: impl FnOnce() -> R + Send,
) -> Result<R, Error> {
    let chunks = rows.chunks_exact(MANY);
    let rest = chunks.remainder();
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(AHEAD);
        let writer = scope.spawn(move || {
            for chunk in chunks {
                // Nobody takes more after an error.
                if sender.send(pack(chunk)).is_err() {
                    return None;
                }
            }
            drop(sender);
            Some(then())
        });
        let mut statement = Statement::prepare(handle, many)?;
        for packed in receiver {
            statement.run(packed.values())?;
        }
        drop(statement);
        let mut statement = Statement::prepare(handle, one)?;
        for row in rest.chunks(1) {
            statement.run(pack(row).values())?;
        }
        match writer.join() {
            Ok(Some(outcome)) => Ok(outcome),
            // Only after an error, which was answered already.
            Ok(None) => Err(Error::Database(sqlx::Error::WorkerCrashed)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn pack<T: Stored>(rows: &[(FeatureId, &T)]) -> Packed {
    let mut packed = Packed::default();
    for (id, row) in rows {
        row.write_as(*id, &mut packed);
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_ids_and_as_long_as_can_be() {
        let of = |ids: &[i64]| runs(ids.iter().copied());
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[3, 1, 2, 7, 0, -1, 9, 8]), [(1, 3), (7, 9)]);
        assert_eq!(of(&[5]), [(5, 5)]);
    }
}
