//! The store as the schema `gridmap` of a PostgreSQL database with PostGIS,
//! for several servers over the same data.
//!
//! A revision is one number whose order is the order of commits: writes of
//! this program hold one advisory lock before they take numbers, and what
//! other programs write is numbered once it is committed (see
//! `docs/decisions.md`). NOTIFY only says "look"; the log is polled anyway.

mod ground;
mod log;
mod open;
mod read;
mod rows;
mod sql;
mod write;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::PgListener;
use sqlx::{Connection, PgPool};
use tokio::sync::Mutex;

use super::{
    Applied, Changes, Error, GpkgStore, Past, Sink, Store, Subject, Touched, Write, WriteNote,
};
use crate::model::{ChangeSet, Revision};

/// A database that is open for reading and writing. It may go away and come
/// back; what is asked meanwhile fails within two seconds.
pub struct PostgisStore {
    name: String,
    pool: PgPool,
    /// The last revision that [`Store::poll`] saw.
    seen: Mutex<Revision>,
    listener: Mutex<Option<PgListener>>,
}

impl std::fmt::Debug for PostgisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgisStore")
            .field("database", &self.name)
            .finish_non_exhaustive()
    }
}

impl PostgisStore {
    /// Opens a database by its `postgres://` address, making the schema
    /// `gridmap` when it is missing.
    pub async fn open(url: &str) -> Result<PostgisStore, Error> {
        let options = open::options(url)?;
        let name = open::name(&options);
        let mut connection = open::connect(&options).await?;
        open::prepare(&name, &mut connection).await?;
        let seen = read::current(&mut connection).await?;
        connection.close().await?;
        let pool = open::pool(&options);
        Ok(PostgisStore {
            name,
            pool,
            seen: Mutex::new(seen),
            listener: Mutex::new(None),
        })
    }

    /// Host and database, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[async_trait]
impl Store for PostgisStore {
    async fn load(&self, sink: Sink<'_>) -> Result<Revision, Error> {
        read::load(&self.pool, sink).await
    }

    async fn apply(&self, changes: &ChangeSet, write: &Write) -> Result<Applied, Error> {
        write::apply(&self.pool, changes, write).await
    }

    async fn changes_since(&self, since: Revision) -> Result<Changes, Error> {
        read::changes_since(&self.pool, since).await
    }

    async fn poll(&self) -> Result<bool, Error> {
        let mut connection = self.pool.acquire().await?;
        read::number_changes(&mut connection).await?;
        let now = read::current(&mut connection).await?;
        let mut seen = self.seen.lock().await;
        Ok(std::mem::replace(&mut *seen, now) != now)
    }

    async fn wait(&self, longest: Duration) {
        let heard = async {
            let mut listener = self.listener.lock().await;
            if listener.is_none() {
                let mut fresh = PgListener::connect_with(&self.pool).await?;
                fresh.listen("gridmap").await?;
                *listener = Some(fresh);
            }
            if let Some(listener) = listener.as_mut() {
                // `None` when the connection was lost: it comes back by itself.
                listener.try_recv().await?;
            }
            Ok::<(), sqlx::Error>(())
        };
        let started = tokio::time::Instant::now();
        match tokio::time::timeout(longest, heard).await {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "cannot listen to the database");
                *self.listener.lock().await = None;
                tokio::time::sleep_until(started + longest).await;
            }
        }
    }

    async fn history(&self, subject: &Subject) -> Result<Vec<Past>, Error> {
        log::history(&self.pool, subject).await
    }

    async fn writes(
        &self,
        before: Option<Revision>,
        limit: usize,
    ) -> Result<Vec<WriteNote>, Error> {
        log::writes(&self.pool, before, limit).await
    }

    async fn touched(&self, from: Revision, to: Revision) -> Result<Vec<Touched>, Error> {
        log::touched_between(&self.pool, from, to).await
    }

    /// A GeoPackage of the rows, row ids kept, read in one transaction; the
    /// change log stays in the database.
    async fn backup(&self, path: &Path) -> Result<(), Error> {
        if path.exists() {
            return Err(Error::Exists(path.to_owned()));
        }
        let io = |source| Error::Io {
            path: path.to_owned(),
            source,
        };
        // Under another name until it is whole.
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = std::path::PathBuf::from(unfinished);
        let _leftover = std::fs::remove_file(&unfinished);
        let target = GpkgStore::open(&unfinished).await?;
        let copied = super::copy(self, &target, "backup").await;
        target.close().await;
        if let Err(error) = copied {
            let _leftover = std::fs::remove_file(&unfinished);
            return Err(error);
        }
        std::fs::rename(&unfinished, path).map_err(io)
    }

    async fn close(&self) {
        *self.listener.lock().await = None;
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests;
