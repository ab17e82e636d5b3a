//! The five functions that the R-tree triggers of GeoPackage call, registered
//! on every connection; sqlx has no safe way to add SQL functions.
//!
//! Source: OGC 12-128 1.4, annex F.3. The functions never fail: what cannot be
//! read has no bounds and counts as empty, so that a bad blob written by some
//! other program cannot block edits of its row.
#![allow(
    unsafe_code,
    reason = "SQLite's C interface is the only way to register functions"
)]

use std::ffi::{CStr, c_int, c_void};

use geopackage_core::geometry::{blob_is_empty, blob_xy_envelope};
use libsqlite3_sys as ffi;
use sqlx::SqliteConnection;

/// What each SQL function answers; the number travels as SQLite's user data.
const FUNCTIONS: [(&CStr, usize); 5] = [
    (c"ST_MinX", 0),
    (c"ST_MaxX", 1),
    (c"ST_MinY", 2),
    (c"ST_MaxY", 3),
    (c"ST_IsEmpty", IS_EMPTY),
];
const IS_EMPTY: usize = 4;

/// Registers the functions on a connection.
pub(super) async fn register(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut handle = connection.lock_handle().await?;
    let db = handle.as_raw_handle().as_ptr();
    for (name, which) in FUNCTIONS {
        // SAFETY: `db` is an open connection that the lock keeps from being
        // used elsewhere; the name is NUL-terminated and copied by SQLite; the
        // user data is a number, never read through; the callback is `'static`.
        let code = unsafe {
            ffi::sqlite3_create_function_v2(
                db,
                name.as_ptr(),
                1,
                ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS,
                std::ptr::without_provenance_mut::<c_void>(which),
                Some(answer),
                None,
                None,
                None,
            )
        };
        if code != ffi::SQLITE_OK {
            return Err(sqlx::Error::Protocol(format!(
                "cannot register {name:?}: SQLite error {code}"
            )));
        }
    }
    Ok(())
}

/// SQLite calls this for each row.
unsafe extern "C" fn answer(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite passes a valid context and `count` valid values; it was
    // told that the functions take one. The blob lives until this call ends,
    // and `sqlite3_value_bytes` is asked after `sqlite3_value_blob` as its
    // manual wants.
    unsafe {
        let which = ffi::sqlite3_user_data(context).addr();
        if count != 1 || ffi::sqlite3_value_type(*values) == ffi::SQLITE_NULL {
            ffi::sqlite3_result_null(context);
            return;
        }
        let start = ffi::sqlite3_value_blob(*values).cast::<u8>();
        let length = usize::try_from(ffi::sqlite3_value_bytes(*values)).unwrap_or(0);
        let blob = if start.is_null() {
            &[]
        } else {
            std::slice::from_raw_parts(start, length)
        };
        // A panic must not cross into C.
        match std::panic::catch_unwind(|| evaluate(which, blob)) {
            Ok(Answer::Empty(yes)) => ffi::sqlite3_result_int(context, c_int::from(yes)),
            Ok(Answer::Bound(Some(value))) => ffi::sqlite3_result_double(context, value),
            Ok(Answer::Bound(None)) | Err(_) => ffi::sqlite3_result_null(context),
        }
    }
}

enum Answer {
    Empty(bool),
    Bound(Option<f64>),
}

fn evaluate(which: usize, blob: &[u8]) -> Answer {
    if which == IS_EMPTY {
        return Answer::Empty(blob_is_empty(blob).unwrap_or(true));
    }
    let envelope = blob_xy_envelope(blob).ok().flatten();
    Answer::Bound(envelope.and_then(|bounds| bounds.get(which).copied()))
}
