//! SQLite's own statements, stepped and filled without sqlx between: sqlx
//! copies every cell of every row onto the heap and hands rows from thread to
//! thread, which is most of the time that a million rows take.
#![allow(
    unsafe_code,
    reason = "SQLite's C interface is the only way to read or bind a row without copying its cells"
)]

use std::ffi::{CStr, CString, c_int};
use std::marker::PhantomData;
use std::ptr::NonNull;

use jiff::civil::Date;
use libsqlite3_sys as ffi;
use sqlx::sqlite::LockedSqliteHandle;

use crate::model::Timestamp;
use crate::store::Error;
use crate::store::row::{Cells, moment};

/// A value to be bound.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound<'v> {
    /// NULL.
    Nothing,
    /// An integer.
    Number(i64),
    /// A text.
    Text(&'v str),
    /// Bytes.
    Bytes(&'v [u8]),
}

/// A prepared statement, finished when dropped. It borrows the lock of its
/// connection, so that nobody else uses the connection meanwhile.
pub(super) struct Statement<'h> {
    statement: NonNull<ffi::sqlite3_stmt>,
    db: NonNull<ffi::sqlite3>,
    _lock: PhantomData<&'h mut ()>,
}

impl<'h> Statement<'h> {
    pub(super) fn prepare(
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

    /// Binds a number for all steps to come.
    pub(super) fn bind(&mut self, place: c_int, value: i64) -> Result<(), Error> {
        // SAFETY: the statement is prepared, not being stepped, and not
        // shared; SQLite checks `place`.
        let code = unsafe { ffi::sqlite3_bind_int64(self.statement.as_ptr(), place, value) };
        self.check(code)
    }

    fn check(&self, code: c_int) -> Result<(), Error> {
        if code == ffi::SQLITE_OK {
            Ok(())
        } else {
            Err(message(self.db))
        }
    }

    /// Runs a statement that answers nothing, with these values for its
    /// parameters, and makes it ready to be run again.
    pub(super) fn run<'v>(&mut self, values: impl Iterator<Item = Bound<'v>>) -> Result<(), Error> {
        let mut outcome = Ok(());
        for (place, value) in (1..).zip(values) {
            outcome = self.lend(place, value);
            if outcome.is_err() {
                break;
            }
        }
        if outcome.is_ok() {
            // SAFETY: the statement is prepared and not shared.
            let code = unsafe { ffi::sqlite3_step(self.statement.as_ptr()) };
            if !matches!(code, ffi::SQLITE_DONE | ffi::SQLITE_ROW) {
                outcome = Err(message(self.db));
            }
        }
        // SAFETY: as above. No value stays bound: what `lend` lent is only
        // known to outlive this call.
        unsafe {
            ffi::sqlite3_reset(self.statement.as_ptr());
            ffi::sqlite3_clear_bindings(self.statement.as_ptr());
        }
        outcome
    }

    /// Binds a value without copying it; [`Statement::run`] takes it back.
    fn lend(&mut self, place: c_int, value: Bound<'_>) -> Result<(), Error> {
        let statement = self.statement.as_ptr();
        // SAFETY: the statement is prepared, not being stepped, and not
        // shared; SQLite checks `place`. Pointer and length are those of a
        // slice that lives as long as the values of `run`, which clears the
        // bindings before it returns; SQLite only reads. An empty slice has a
        // pointer that is not null, so it stays a value and does not become
        // NULL.
        let code = unsafe {
            match value {
                Bound::Nothing => ffi::sqlite3_bind_null(statement, place),
                Bound::Number(number) => ffi::sqlite3_bind_int64(statement, place, number),
                Bound::Text(text) => ffi::sqlite3_bind_text64(
                    statement,
                    place,
                    text.as_ptr().cast(),
                    text.len() as u64,
                    ffi::SQLITE_STATIC(),
                    UTF8,
                ),
                Bound::Bytes(bytes) => ffi::sqlite3_bind_blob64(
                    statement,
                    place,
                    bytes.as_ptr().cast(),
                    bytes.len() as u64,
                    ffi::SQLITE_STATIC(),
                ),
            }
        };
        self.check(code)
    }

    /// The next row; its cells are gone with the step after it, which the
    /// borrow says.
    pub(super) fn step(&mut self) -> Result<Option<ColumnCells<'_>>, Error> {
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

/// The encoding of texts here.
const UTF8: u8 = ffi::SQLITE_UTF8 as u8;

fn message(db: NonNull<ffi::sqlite3>) -> Error {
    // SAFETY: the connection is open and locked by the caller.
    match unsafe { ffi::sqlite3_extended_errcode(db.as_ptr()) } {
        ffi::SQLITE_FULL => return Error::DiskFull,
        ffi::SQLITE_BUSY => return Error::Busy,
        _ => {}
    }
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
