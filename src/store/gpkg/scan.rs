//! Reading whole layers with SQLite's own cursor, on as many threads as there
//! are connections.

use sqlx::SqliteConnection;
use sqlx::sqlite::LockedSqliteHandle;

use super::statement::{ColumnCells, Statement};
use crate::store::Error;

/// Reads the rows of a statement whose two parameters are the first and the
/// last id, and hands over what `read` can read, a batch at a time; answers
/// how many rows it cannot. Blocks the thread.
pub(super) fn scan<T>(
    handle: &mut LockedSqliteHandle<'_>,
    sql: &'static str,
    ids: (i64, i64),
    batch: usize,
    read: impl Fn(&mut ColumnCells<'_>) -> Option<T>,
    hand_over: &mut dyn FnMut(Vec<T>) -> bool,
) -> Result<usize, Error> {
    let mut statement = Statement::prepare(handle, sql)?;
    statement.bind(1, ids.0)?;
    statement.bind(2, ids.1)?;
    let mut unreadable = 0;
    let mut rows = Vec::with_capacity(batch);
    while let Some(mut cells) = statement.step()? {
        match read(&mut cells) {
            Some(item) => rows.push(item),
            None => unreadable += 1,
        }
        if rows.len() == batch {
            let full = std::mem::replace(&mut rows, Vec::with_capacity(batch));
            if !hand_over(full) {
                // Nobody wants the rest.
                return Ok(unreadable);
            }
        }
    }
    hand_over(rows);
    Ok(unreadable)
}

/// The lock of a connection, from a thread that may block.
pub(super) fn locked<'c>(
    connection: &'c mut SqliteConnection,
    runtime: &tokio::runtime::Handle,
) -> Result<LockedSqliteHandle<'c>, Error> {
    Ok(runtime.block_on(connection.lock_handle())?)
}
