//! Reading whole layers with SQLite's own cursor, on as many threads as there
//! are connections. sqlx copies every cell of every row onto the heap and
//! hands rows from thread to thread, which is four fifths of the time that a
//! million rows take to load.
#![allow(
    unsafe_code,
    reason = "SQLite's C interface is the only way to read a row without copying its cells"
)]

use std::ffi::{CStr, CString, c_int};
use std::marker::PhantomData;
use std::ptr::NonNull;

use jiff::civil::Date;
use libsqlite3_sys as ffi;
use sqlx::SqliteConnection;
use sqlx::sqlite::LockedSqliteHandle;

use crate::model::Timestamp;
use crate::store::Error;
use crate::store::row::{Cells, moment};

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

/// A prepared statement, finished when dropped. It borrows the lock of its
/// connection, so that nobody else uses the connection meanwhile.
struct Statement<'h> {
    statement: NonNull<ffi::sqlite3_stmt>,
    db: NonNull<ffi::sqlite3>,
    _lock: PhantomData<&'h mut ()>,
}

impl<'h> Statement<'h> {
    fn prepare(
        handle: &'h mut LockedSqliteHandle<'_>,
        sql: &'static str,
    ) -> Result<Statement<'h>, Error> {
        let db = handle.as_raw_handle();
        let text = CString::new(sql).map_err(|_nul| failure("a statement with U+0000"))?;
        let mut statement = std::ptr::null_mut();
        // SAFETY: `db` is an open connection that `handle` keeps locked; the
        // text is NUL-terminated and only read during the call; `statement`
        // points to a place for the answer.
        let code = unsafe {
            ffi::sqlite3_prepare_v2(
                db.as_ptr(),
                text.as_ptr(),
                -1,
                &raw mut statement,
                std::ptr::null_mut(),
            )
        };
        match NonNull::new(statement) {
            Some(statement) if code == ffi::SQLITE_OK => Ok(Statement {
                statement,
                db,
                _lock: PhantomData,
            }),
            _ => Err(message(db)),
        }
    }

    fn bind(&mut self, place: c_int, value: i64) -> Result<(), Error> {
        // SAFETY: the statement is prepared, not yet stepped, and not shared;
        // SQLite checks `place`.
        let code = unsafe { ffi::sqlite3_bind_int64(self.statement.as_ptr(), place, value) };
        if code == ffi::SQLITE_OK {
            Ok(())
        } else {
            Err(message(self.db))
        }
    }

    /// The next row; its cells are gone with the step after it, which the
    /// borrow says.
    fn step(&mut self) -> Result<Option<ColumnCells<'_>>, Error> {
        // SAFETY: the statement is prepared and not shared.
        match unsafe { ffi::sqlite3_step(self.statement.as_ptr()) } {
            ffi::SQLITE_ROW => Ok(Some(ColumnCells {
                statement: self.statement,
                next: 0,
                // SAFETY: as above.
                count: unsafe { ffi::sqlite3_column_count(self.statement.as_ptr()) },
                _row: PhantomData,
            })),
            ffi::SQLITE_DONE => Ok(None),
            _ => Err(message(self.db)),
        }
    }
}

impl Drop for Statement<'_> {
    fn drop(&mut self) {
        // SAFETY: prepared by `prepare` and finished only here.
        unsafe { ffi::sqlite3_finalize(self.statement.as_ptr()) };
    }
}

fn message(db: NonNull<ffi::sqlite3>) -> Error {
    // SAFETY: the connection is open and locked by the caller; the text is
    // copied before anything else uses the connection.
    let text = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(db.as_ptr())) };
    failure(&text.to_string_lossy())
}

fn failure(text: &str) -> Error {
    Error::Database(sqlx::Error::Protocol(text.to_owned()))
}

/// The cells of the row that a statement is at.
pub(super) struct ColumnCells<'s> {
    statement: NonNull<ffi::sqlite3_stmt>,
    next: c_int,
    count: c_int,
    _row: PhantomData<&'s mut ()>,
}

impl ColumnCells<'_> {
    /// The next column with its type; nothing past the last one.
    fn column(&mut self) -> (c_int, c_int) {
        let column = self.next;
        if column >= self.count {
            return (column, ffi::SQLITE_NULL);
        }
        self.next += 1;
        // SAFETY: the statement is at a row and the column exists.
        let kind = unsafe { ffi::sqlite3_column_type(self.statement.as_ptr(), column) };
        (column, kind)
    }

    fn bytes_of(&mut self, column: c_int, kind: c_int) -> Option<&[u8]> {
        // SAFETY: the statement is at a row and the column exists; the length
        // is asked after the bytes, as SQLite's manual wants; they live until
        // the next step or the next call for this column with another type,
        // and both need `&mut self`, which the answer borrows.
        unsafe {
            let start = if kind == ffi::SQLITE_BLOB {
                ffi::sqlite3_column_blob(self.statement.as_ptr(), column).cast::<u8>()
            } else {
                // In UTF-8 whatever the file's encoding.
                ffi::sqlite3_column_text(self.statement.as_ptr(), column).cast::<u8>()
            };
            let length = ffi::sqlite3_column_bytes(self.statement.as_ptr(), column);
            let length = usize::try_from(length).ok()?;
            (!start.is_null()).then(|| std::slice::from_raw_parts(start, length))
        }
    }
}

impl Cells for ColumnCells<'_> {
    fn integer(&mut self) -> Option<i64> {
        match self.column() {
            (column, ffi::SQLITE_INTEGER | ffi::SQLITE_FLOAT) => {
                // SAFETY: the statement is at a row and the column exists.
                Some(unsafe { ffi::sqlite3_column_int64(self.statement.as_ptr(), column) })
            }
            _ => None,
        }
    }

    fn text(&mut self) -> Option<&str> {
        match self.column() {
            (_, ffi::SQLITE_NULL | ffi::SQLITE_BLOB) => None,
            (column, kind) => std::str::from_utf8(self.bytes_of(column, kind)?).ok(),
        }
    }

    fn yes(&mut self) -> bool {
        self.integer().is_some_and(|number| number != 0)
    }

    fn date(&mut self) -> Option<Date> {
        self.text().and_then(moment::read_date)
    }

    fn instant(&mut self) -> Option<Timestamp> {
        self.text().and_then(moment::read_instant)
    }

    fn bytes(&mut self) -> Option<&[u8]> {
        match self.column() {
            (column, kind @ ffi::SQLITE_BLOB) => self.bytes_of(column, kind),
            _ => None,
        }
    }
}

/// The lock of a connection, from a thread that may block.
pub(super) fn locked<'c>(
    connection: &'c mut SqliteConnection,
    runtime: &tokio::runtime::Handle,
) -> Result<LockedSqliteHandle<'c>, Error> {
    Ok(runtime.block_on(connection.lock_handle())?)
}
