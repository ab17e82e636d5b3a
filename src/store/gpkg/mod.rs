//! The store as one GeoPackage 1.4 file, which QGIS and GDAL open directly.
//!
//! Write-ahead log with `synchronous = FULL`: what `apply` returned for
//! survives a crash. The change log is written by triggers, so that edits of
//! other programs count as well.

pub mod foreign;
pub mod package;

mod bulk;
mod functions;
mod ground;
mod load;
mod log;
mod open;
mod packed;
mod read;
mod rows;
mod rtree;
mod scan;
mod sql;
mod statement;
mod write;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use super::{Applied, Changes, Error, Past, Sink, Store, Subject, Touched, Write, WriteNote};
use crate::model::{ChangeSet, Revision};

/// A GeoPackage that is open for reading and writing.
#[derive(Debug)]
pub struct GpkgStore {
    path: PathBuf,
    readers: SqlitePool,
    writer: Mutex<SqliteConnection>,
    watcher: Mutex<Watcher>,
}

#[derive(Debug)]
struct Watcher {
    connection: SqliteConnection,
    data_version: i64,
    schema_version: i64,
}

impl GpkgStore {
    /// Opens the file, creating it when it is missing. A GeoPackage made by
    /// another program gets what it lacks, or is refused with the reason.
    pub async fn open(path: &Path) -> Result<GpkgStore, Error> {
        let mut writer = open::writer(path).await?;
        open::prepare(path, &mut writer).await?;
        let readers = open::readers(path).await?;
        let mut connection = open::reader(path).await?;
        let (data_version, schema_version) = versions(&mut connection).await?;
        Ok(GpkgStore {
            path: path.to_owned(),
            readers,
            writer: Mutex::new(writer),
            watcher: Mutex::new(Watcher {
                connection,
                data_version,
                schema_version,
            }),
        })
    }

    /// Gives no number up to this one from now on: a store that takes the
    /// place of another must not use its revisions for other content, which
    /// caches would take for the same.
    pub async fn number_above(&self, last: Revision) -> Result<(), Error> {
        let mut writer = self.writer.lock().await;
        sqlx::query(
            "INSERT INTO gridmap_changes (seq, layer, fid, op, at) SELECT ?1, 'gap', 0, 'update', strftime('%s','now') \
             WHERE coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'gridmap_changes'), 0) < ?1",
        )
        .bind(last.0.saturating_add(1))
        .execute(&mut *writer)
        .await?;
        Ok(())
    }

    /// The last change.
    pub async fn revision(&self) -> Result<Revision, Error> {
        let mut writer = self.writer.lock().await;
        read::current(&mut writer).await
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// `PRAGMA data_version` changes when another connection commits.
async fn versions(connection: &mut SqliteConnection) -> Result<(i64, i64), sqlx::Error> {
    let data = sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(&mut *connection)
        .await?;
    let schema = sqlx::query_scalar("PRAGMA schema_version")
        .fetch_one(connection)
        .await?;
    Ok((data, schema))
}

#[async_trait]
impl Store for GpkgStore {
    async fn load(&self, sink: Sink<'_>) -> Result<Revision, Error> {
        load::load(&self.path, sink).await
    }

    async fn apply(&self, changes: &ChangeSet, write: &Write) -> Result<Applied, Error> {
        let mut writer = self.writer.lock().await;
        write::apply(&mut writer, changes, write).await
    }

    async fn changes_since(&self, since: Revision) -> Result<Changes, Error> {
        read::changes_since(&self.readers, since).await
    }

    async fn poll(&self) -> Result<bool, Error> {
        let mut watcher = self.watcher.lock().await;
        let (data, schema) = versions(&mut watcher.connection).await?;
        let touched = data != watcher.data_version;
        if schema != watcher.schema_version {
            // Another program made or dropped tables, perhaps with the
            // triggers of the change log: put them back.
            let mut writer = self.writer.lock().await;
            open::prepare(&self.path, &mut writer).await?;
            drop(writer);
            (_, watcher.schema_version) = versions(&mut watcher.connection).await?;
        }
        watcher.data_version = data;
        Ok(touched)
    }

    async fn history(&self, subject: &Subject) -> Result<Vec<Past>, Error> {
        log::history(&self.readers, subject).await
    }

    async fn writes(
        &self,
        before: Option<Revision>,
        limit: usize,
    ) -> Result<Vec<WriteNote>, Error> {
        log::writes(&self.readers, before, limit).await
    }

    async fn touched(&self, from: Revision, to: Revision) -> Result<Vec<Touched>, Error> {
        log::touched_between(&self.readers, from, to).await
    }

    async fn backup(&self, path: &Path) -> Result<(), Error> {
        if path.exists() {
            return Err(Error::Exists(path.to_owned()));
        }
        let mut connection = self.readers.acquire().await?;
        sqlx::query("VACUUM INTO ?")
            .bind(path.to_string_lossy().as_ref())
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    async fn close(&self) {
        self.readers.close().await;
        // The last connection to close folds the log into the file and removes it.
        let reader = open::spare().await;
        let writer = open::spare().await;
        let (Ok(reader), Ok(writer)) = (reader, writer) else {
            return;
        };
        let watcher = std::mem::replace(&mut self.watcher.lock().await.connection, reader);
        let writer = std::mem::replace(&mut *self.writer.lock().await, writer);
        for connection in [watcher, writer] {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "could not close the store cleanly");
            }
        }
    }
}

#[cfg(test)]
mod tests;
