//! The durable truth: rows, change log and audit, written in one transaction.
//!
//! [`Store`] is small because queries do not pass through it: they run on the
//! snapshot in memory. Geometry goes in and out as WKB; SQL does no geometry.

mod data_dir;
mod error;
pub mod gpkg;
mod memory;

use std::path::Path;

use async_trait::async_trait;

use crate::model::{Audit, ChangeSet, Revision};

pub use data_dir::{DataDir, WriteLock};
pub use error::{Error, TableFlaw, system_zh};
pub use gpkg::GpkgStore;
pub use memory::MemoryStore;

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
    /// The log does not reach back that far: load everything.
    Reload,
}

/// Receives the rows of [`Store::load`], batch after batch.
pub type Sink<'a> = &'a mut (dyn FnMut(ChangeSet) + Send);

/// A place that keeps the layers.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Hands all rows to `sink` in batches, categories and district first,
    /// all from one consistent state, and returns that state's revision.
    async fn load(&self, sink: Sink<'_>) -> Result<Revision, Error>;

    /// Applies the changes whole or not at all; durable when it returns.
    /// Rows with id 0 get new ids; a row whose `(source, source_id)` exists
    /// replaces that row.
    async fn apply(&self, changes: &ChangeSet, audit: &Audit) -> Result<Revision, Error>;

    /// What happened after `since`, by this process or any other.
    async fn changes_since(&self, since: Revision) -> Result<Changes, Error>;

    /// True if the file may have changed since the last call: cheap enough to
    /// be asked every second. It says "look"; [`Store::changes_since`] says what.
    async fn touched(&self) -> Result<bool, Error>;

    /// Writes a whole, consistent copy to a path that does not exist yet.
    async fn backup(&self, path: &Path) -> Result<(), Error>;

    /// Ends all connections and folds the write-ahead log into the file.
    async fn close(&self);
}

#[cfg(test)]
pub(crate) mod tests;
