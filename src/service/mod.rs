//! The one place that holds state: the store, the current snapshot, the tile
//! cache and the event stream. Its public methods are the list of use cases.
//!
//! A request takes one snapshot at the start and uses only that. Writes go to
//! the store; the feed turns the store's change log into the next snapshot.

pub mod backgrounds;
pub mod edit;
mod error;
mod event;
mod feed;
mod ground;
pub mod import;
pub mod imports;
mod jobs;
mod proposals;
mod tiles;
pub mod undo;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, broadcast};

use crate::index::Snapshot;
use crate::model::{Audit, ChangeSet, Revision};
use crate::store::{Applied, Basis, MemoryStore, Past, Store, Subject, Touched, Write, WriteNote};

pub use error::Error;
pub use event::{Event, LayerEvent};
pub use feed::load;
pub use ground::{GroundOutcome, ground_within};
pub use import::{Batch, Outcome, Rows};
pub use proposals::{ProposalState, Proposals};
pub use tiles::{Coding, TileBody, TileKey};
pub use undo::{Edited, UndoError, UndoPlan, UndoRow, Undone};

/// How often the store is asked whether another program wrote to it. A change
/// must be on an open map within 1.5 s; asking costs microseconds.
const POLL: Duration = Duration::from_millis(500);

/// Events that a slow listener may lag behind.
const EVENTS: usize = 64;

/// Settings of a service.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// Memory for finished tiles, bytes.
    pub tile_cache_bytes: usize,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        ServiceOptions {
            tile_cache_bytes: 64 << 20,
        }
    }
}

/// Whether the service can do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The last change that answers contain.
    pub revision: Revision,
    /// The store answers.
    pub ok: bool,
    /// What is wrong, if anything.
    pub reason: Option<String>,
}

/// The program's state and use cases.
pub struct Service {
    store: Arc<dyn Store>,
    current: ArcSwap<Snapshot>,
    events: broadcast::Sender<Event>,
    tiles: tiles::Cache,
    jobs: jobs::Jobs,
    /// Held while the feed moves the snapshot on.
    feeding: Mutex<()>,
    /// Held while an import compares rows with the snapshot and writes.
    importing: Mutex<()>,
    trouble: std::sync::Mutex<Option<String>>,
    watch: std::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("store", &self.store)
            .field("revision", &self.revision())
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Loads everything from the store and begins to follow it.
    pub async fn open(
        store: Arc<dyn Store>,
        options: ServiceOptions,
    ) -> Result<Arc<Service>, Error> {
        let snapshot = load(store.as_ref()).await?;
        let service = Arc::new(Service {
            store,
            current: ArcSwap::from_pointee(snapshot),
            events: broadcast::Sender::new(EVENTS),
            tiles: tiles::Cache::new(options.tile_cache_bytes),
            jobs: jobs::Jobs::new(),
            feeding: Mutex::new(()),
            importing: Mutex::new(()),
            trouble: std::sync::Mutex::new(None),
            watch: std::sync::Mutex::new(None),
        });
        let task = tokio::spawn(feed::follow(Arc::downgrade(&service)));
        *lock(&service.watch) = Some(task);
        Ok(service)
    }

    /// A service over rows in memory, for tests and for a look at files.
    pub async fn in_memory(rows: ChangeSet) -> Result<Arc<Service>, Error> {
        let store = MemoryStore::new();
        let audit = Audit {
            actor: "local".to_owned(),
            action: "fill".to_owned(),
            reason: String::new(),
        };
        store.apply(&rows, &Write::by(&audit)).await?;
        Service::open(Arc::new(store), ServiceOptions::default()).await
    }

    /// The sub-district as it is now. Take it once per request.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// The last change that [`Service::snapshot`] contains.
    pub fn revision(&self) -> Revision {
        self.current.load().revision
    }

    /// The last change of each layer, in the order of
    /// [`crate::model::LayerName::ALL`].
    pub fn layer_revisions(&self) -> [Revision; 5] {
        self.current.load().layer_revisions
    }

    /// Tells of every new snapshot. Who lags too far behind gets an error and
    /// should treat everything as changed.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Does work of more than a few milliseconds away from the network
    /// threads; [`Error::Busy`] when too much is waiting.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.jobs.run(work).await
    }

    /// A tile, from the cache or freshly made.
    ///
    /// `render` returns the plain bytes, empty when the tile has no features;
    /// it must depend on nothing but the snapshot and what the key says. Work
    /// that is `light`, a fraction of a millisecond, is done at once: handing
    /// it to another thread would cost as much.
    pub async fn tile(
        &self,
        key: TileKey,
        light: bool,
        render: impl FnOnce(&Snapshot) -> Vec<u8> + Send + 'static,
    ) -> Result<TileBody, Error> {
        let snapshot = self.snapshot();
        let coding = key.coding;
        let made = async |snapshot: Arc<Snapshot>| {
            let make = move || TileBody::pack(render(&snapshot), coding);
            if light {
                Ok(make())
            } else {
                self.jobs.run(make).await
            }
        };
        if self.tiles.is_off() {
            return made(snapshot).await;
        }
        let key = key.at(&snapshot);
        if let Some(body) = self.tiles.get(&key) {
            return Ok(body);
        }
        let flight = self.tiles.flight(key);
        flight.get_or_try_init(|| made(snapshot)).await.cloned()
    }

    /// Applies changes whole or not at all. When it returns they are durable
    /// and in [`Service::snapshot`].
    pub async fn apply(&self, changes: ChangeSet, audit: Audit) -> Result<Revision, Error> {
        let applied = self.write(changes, &Write::by(&audit)).await?;
        Ok(applied.revision)
    }

    /// Applies changes under conditions: an idempotency key, rows that must
    /// not have changed. When it returns they are durable and in
    /// [`Service::snapshot`].
    pub async fn write(&self, changes: ChangeSet, write: &Write) -> Result<Applied, Error> {
        let applied = self.store.apply(&changes, write).await?;
        // Freed before the feed reads the same rows back.
        drop(changes);
        self.catch_up().await?;
        Ok(applied)
    }

    /// Every change of a row, category or setting that the store still
    /// remembers, newest first.
    pub async fn history(&self, subject: &Subject) -> Result<Vec<Past>, Error> {
        Ok(self.store.history(subject).await?)
    }

    /// The newest writes before a revision.
    pub async fn writes(
        &self,
        before: Option<Revision>,
        limit: usize,
    ) -> Result<Vec<WriteNote>, Error> {
        Ok(self.store.writes(before, limit).await?)
    }

    /// The net effect of the changes after `from` up to and including `to`.
    pub async fn touched(&self, from: Revision, to: Revision) -> Result<Vec<Touched>, Error> {
        Ok(self.store.touched(from, to).await?)
    }

    /// Takes in parsed rows; see [`import`] for the rules. A dry run only
    /// counts.
    pub async fn import(
        &self,
        batch: Batch,
        dry_run: bool,
        audit: Audit,
    ) -> Result<Outcome, Error> {
        if !dry_run {
            let nothing_more = |_: &Snapshot, _: &mut ChangeSet| {};
            let (outcome, _) = self
                .import_with(batch, nothing_more, &Write::by(&audit))
                .await?;
            return Ok(outcome);
        }
        let _one_at_a_time = self.importing.lock().await;
        self.catch_up().await?;
        let snapshot = self.snapshot();
        let planned = tokio::task::spawn_blocking(move || import::plan(&snapshot, batch));
        let (_, mut outcome) = planned.await?;
        outcome.revision = self.revision();
        Ok(outcome)
    }

    /// Takes in parsed rows, with what `more` adds to the changes, under
    /// conditions; all of it or nothing. Under a key that was written before
    /// nothing is written, and the first outcome's revision is told.
    ///
    /// # Errors
    /// Also when another program changes the categories or a setting at the
    /// same moment that the batch adds to.
    pub async fn import_with(
        &self,
        batch: Batch,
        more: impl FnOnce(&Snapshot, &mut ChangeSet) + Send + 'static,
        write: &Write,
    ) -> Result<(Outcome, Applied), Error> {
        let _one_at_a_time = self.importing.lock().await;
        self.catch_up().await?;
        let snapshot = self.snapshot();
        let before = snapshot.revision;
        let planned = tokio::task::spawn_blocking(move || {
            let (mut changes, outcome) = import::plan(&snapshot, batch);
            more(&snapshot, &mut changes);
            (changes, outcome)
        });
        let (changes, mut outcome) = planned.await?;
        let applied = if changes.is_empty() && write.key.is_none() {
            Applied {
                before,
                revision: before,
                repeated: false,
            }
        } else {
            let write = write.clone().over(Basis::documents(&changes), before);
            self.write(changes, &write).await?
        };
        outcome.stored = true;
        outcome.revision = self.revision();
        Ok((outcome, applied))
    }

    /// Writes a whole copy of the store to a new file.
    pub async fn backup(&self, path: &Path) -> Result<(), Error> {
        Ok(self.store.backup(path).await?)
    }

    /// Whether the service can do its work.
    pub fn health(&self) -> Health {
        let reason = lock(&self.trouble).clone();
        Health {
            revision: self.revision(),
            ok: reason.is_none(),
            reason,
        }
    }

    /// Stops following the store and closes it.
    pub async fn close(&self) {
        if let Some(task) = lock(&self.watch).take() {
            task.abort();
        }
        let _not_while_importing = self.importing.lock().await;
        self.store.close().await;
    }
}

/// A poisoned lock still guards a whole value here: every holder replaces it
/// in one step.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
