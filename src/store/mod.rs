//! The durable truth: rows, change log and audit, written in one transaction.
//!
//! [`Store`] is small because queries do not pass through it: they run on the
//! snapshot in memory. Geometry goes in and out as WKB; SQL does no geometry.

mod copy;
mod data_dir;
mod error;
pub mod gpkg;
mod hash;
mod history;
mod log;
mod memory;
pub mod postgis;
mod row;
mod write;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;

use crate::model::{ChangeSet, Revision};

pub use copy::copy;
pub use data_dir::{DataDir, WriteLock};
pub use error::{Error, TableFlaw, system_zh};
pub use gpkg::GpkgStore;
pub use history::{Content, Counts, Op, Past, Subject, Touched, WriteNote};
pub use memory::MemoryStore;
pub use postgis::PostgisStore;
pub use write::{Applied, Basis, IdempotencyKey, Write};

/// Names that a store needs for itself; [`ChangeSet::settings`] must not have
/// them. The district and the ground, whose facts this is, have fields of their
/// own.
pub const RESERVED_SETTINGS: [&str; 3] = [DISTRICT, "store_version", "ground"];

/// The setting that holds the district.
const DISTRICT: &str = "district";

/// Changed rows above which loading everything is the quicker way.
const RELOAD_ABOVE: i64 = 200_000;

/// How long the change log keeps a write, seconds: 400 days, so that last
/// year's same week is there.
const KEEP_S: i64 = 400 * 86_400;

/// Changes that the log keeps at most, beyond the newest write: some gigabytes.
const KEEP_CHANGES: i64 = 4_000_000;

/// What happened after a revision.
#[derive(Debug, Clone, PartialEq)]
pub enum Changes {
    /// Nothing.
    None,
    /// These rows, as they are now.
    Rows {
        /// The last change that `changes` contains.
        revision: Revision,
        /// Rows put and deleted, re-read by id.
        changes: Box<ChangeSet>,
    },
    /// The log does not reach back that far, or too much happened: load
    /// everything.
    Reload,
}

/// Receives the rows of [`Store::load`], batch after batch.
pub type Sink<'a> = &'a mut (dyn FnMut(ChangeSet) + Send);

/// A place that keeps the layers.
///
/// How much of the past is kept is said in `docs/decisions.md`: writes of the
/// last 400 days with all before-images, or the last four million changes.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Hands all rows to `sink` in batches, categories, district and settings
    /// first, the ground, where there is one, as a whole, all from one
    /// consistent state, and returns that state's revision.
    async fn load(&self, sink: Sink<'_>) -> Result<Revision, Error>;

    /// Applies the changes whole or not at all; durable when it returns.
    /// Rows with id 0 get new ids; a row whose `(source, source_id)` exists
    /// replaces that row; a row with an id that is gone comes back under it.
    ///
    /// # Errors
    ///
    /// [`Error::KeyReused`] when the write's key stands for something else,
    /// [`Error::Conflict`] when a row, the category tree or a setting changed
    /// that must not have.
    async fn apply(&self, changes: &ChangeSet, write: &Write) -> Result<Applied, Error>;

    /// What happened after `since`, by this process or any other.
    async fn changes_since(&self, since: Revision) -> Result<Changes, Error>;

    /// True if the store may have changed since the last call: cheap enough to
    /// be asked every second. It says "look"; [`Store::changes_since`] says what.
    async fn poll(&self) -> Result<bool, Error>;

    /// Returns when something may have changed, but no later than after
    /// `longest`. A hint: who misses it asks [`Store::poll`] a little later.
    async fn wait(&self, longest: Duration) {
        tokio::time::sleep(longest).await;
    }

    /// Every change of a subject that the log still has, newest first.
    async fn history(&self, subject: &Subject) -> Result<Vec<Past>, Error>;

    /// The writes of this program that changed something, newest first: at
    /// most `limit`, only those before the revision if one is given. Changes
    /// by other programs are no writes; [`Store::history`] has them.
    async fn writes(&self, before: Option<Revision>, limit: usize)
    -> Result<Vec<WriteNote>, Error>;

    /// The net effect of all changes after `from` up to and including `to`,
    /// ordered by layer and id.
    ///
    /// # Errors
    ///
    /// [`Error::Forgotten`] when the log no longer reaches back to `from`.
    async fn touched(&self, from: Revision, to: Revision) -> Result<Vec<Touched>, Error>;

    /// Writes a whole, consistent copy as a GeoPackage to a path that does not
    /// exist yet.
    async fn backup(&self, path: &Path) -> Result<(), Error>;

    /// Ends all connections and leaves everything in order.
    async fn close(&self);

    /// 64 hexadecimal digits that are equal for equal content: rows of all
    /// layers by key and content but not by row id, categories in their order,
    /// district, settings and ground. The change log does not count.
    async fn content_hash(&self) -> Result<String, Error> {
        let mut hash = hash::ContentHash::default();
        self.load(&mut |batch| hash.add(batch)).await?;
        Ok(hash.finish())
    }
}

#[cfg(test)]
pub(crate) mod tests;
