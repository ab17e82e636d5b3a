use std::path::PathBuf;

use crate::model::{FeatureId, LayerName, Revision};

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be used.
    #[error("cannot use {path}: {source}")]
    Io {
        /// What was to be used.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{0} is not a GeoPackage; choose another --data folder or move the file away")]
    NotGeoPackage(PathBuf),
    /// A later version of the program wrote the file.
    #[error(
        "{path} was written by a newer gridmap (store version {found}, this program knows {known}); use the newer program"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version that this program writes.
        known: i64,
    },
    /// A table in the file cannot be used as one of the layers.
    #[error("table `{table}` in {path} cannot be used: {reason}")]
    Table {
        /// The file.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process holds the folder.
    #[error("{0} is in use by another gridmap; stop it or wait until it is done")]
    Locked(PathBuf),
    /// A coordinate is not a finite number.
    #[error("{layer}: the geometry of `{source_id}` cannot be stored: {reason}")]
    Geometry {
        /// The layer.
        layer: &'static str,
        /// The row.
        source_id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// U+0000, which not every store can hold.
    #[error("{what}: the text holds the character U+0000, which cannot be stored; take it out")]
    Text {
        /// The row, category or setting.
        what: String,
    },
    /// A setting with a name that the store itself needs.
    #[error("the setting `{0}` belongs to the store; choose another name")]
    ReservedSetting(String),
    /// The same idempotency key came with something else; nothing was written.
    #[error("the key `{0}` was used before for something else; use a new key")]
    KeyReused(String),
    /// Rows changed since they were read; nothing was written.
    #[error(
        "{} changed since it was read; load it again and repeat the change",
        name_rows(rows)
    )]
    Conflict {
        /// The rows that changed or are gone.
        rows: Vec<(LayerName, FeatureId)>,
    },
    /// The change log no longer has what was asked for.
    #[error("what came after revision {0} is no longer known: changes are kept for 400 days")]
    Forgotten(Revision),
    /// The address of a database cannot be read.
    #[error("the database address is not of the form postgres://user@host/database")]
    Address,
    /// The database does not answer; it may come back.
    #[error(
        "the database does not answer ({0}); what is on the map stays, nothing can be saved until it is back"
    )]
    Unreachable(sqlx::Error),
    /// Somebody else writes, and does not stop.
    #[error("another program is writing into the store; try again in a moment")]
    Busy,
    /// The disk is full; what was stored before is intact.
    #[error("the disk is full; free some space and try again, nothing was half stored")]
    DiskFull,
    /// The target of a backup exists.
    #[error("{0} exists already; choose a new file name")]
    Exists(PathBuf),
    /// The database said no.
    #[error("database: {0}")]
    Database(sqlx::Error),
}

fn name_rows(rows: &[(LayerName, FeatureId)]) -> String {
    let named = rows
        .iter()
        .take(3)
        .map(|(layer, id)| format!("{layer}/{id}"));
    let mut text = named.collect::<Vec<_>>().join(", ");
    if rows.len() > 3 {
        text.push_str(&format!(" and {} more", rows.len() - 3));
    }
    text
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => Error::Unreachable(error),
            sqlx::Error::Database(inner) => match inner.code().as_deref() {
                // SQLITE_FULL; PostgreSQL's disk_full.
                Some("13" | "53100") => Error::DiskFull,
                // SQLITE_BUSY; PostgreSQL's lock_not_available.
                Some("5" | "55P03") => Error::Busy,
                // PostgreSQL is stopping, crashed or starting.
                Some("57P01" | "57P02" | "57P03") => Error::Unreachable(error),
                _ => Error::Database(error),
            },
            _ => Error::Database(error),
        }
    }
}
