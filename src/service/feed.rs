//! From the store's change log to the next snapshot.

use std::sync::{Arc, Weak};

use jiff::civil::Date;

use super::{Error, Event, POLL, Service, lock};
use crate::index::Snapshot;
use crate::model::{ChangeSet, LayerChanges, Timestamp};
use crate::store::{Changes, Store};

/// Reads all rows and builds a snapshot of them.
pub async fn load(store: &dyn Store) -> Result<Snapshot, Error> {
    let mut all = ChangeSet::default();
    let revision = store.load(&mut |batch| extend(&mut all, batch)).await?;
    let build = move || Snapshot::build(all, revision, today());
    Ok(tokio::task::spawn_blocking(build).await?)
}

fn extend(all: &mut ChangeSet, batch: ChangeSet) {
    fn more<T>(all: &mut LayerChanges<T>, batch: LayerChanges<T>) {
        if all.put.is_empty() {
            // The first batch has room for all.
            all.put = batch.put;
        } else {
            all.put.extend(batch.put);
        }
    }
    more(&mut all.grids, batch.grids);
    more(&mut all.compounds, batch.compounds);
    more(&mut all.streets, batch.streets);
    more(&mut all.routes, batch.routes);
    more(&mut all.incidents, batch.incidents);
    all.categories = batch.categories.or(all.categories.take());
    all.district = batch.district.or(all.district.take());
    all.settings.extend(batch.settings);
    all.ground = batch.ground.or(all.ground.take());
}

/// The local day.
fn today() -> Date {
    Timestamp(jiff::Timestamp::now().as_second()).local_date()
}

/// Follows the store until the service is gone: writes by other programs, and
/// the change of day.
pub(super) async fn follow(service: Weak<Service>) {
    loop {
        let Some(store) = service.upgrade().map(|service| Arc::clone(&service.store)) else {
            return;
        };
        store.wait(POLL).await;
        drop(store);
        let Some(service) = service.upgrade() else {
            return;
        };
        let outcome = service.look().await;
        let mut trouble = lock(&service.trouble);
        let message = outcome.err().map(|error| error.to_string());
        if *trouble != message {
            match &message {
                Some(error) => tracing::error!(error, "cannot follow the store"),
                None => tracing::info!("the store can be followed again"),
            }
            *trouble = message;
        }
    }
}

impl Service {
    async fn look(&self) -> Result<(), Error> {
        if self.store.poll().await? || lock(&self.trouble).is_some() {
            self.catch_up().await?;
        }
        let day = today();
        if self.current.load().today() != day {
            let _guard = self.feeding.lock().await;
            let next = self.current.load().with_today(day);
            let event = Event::all(&next);
            self.current.store(Arc::new(next));
            let _ = self.events.send(event);
        }
        Ok(())
    }

    /// Brings the snapshot up to the store's last change.
    pub(super) async fn catch_up(&self) -> Result<(), Error> {
        let _guard = self.feeding.lock().await;
        let old = self.snapshot();
        let (next, event) = match self.store.changes_since(old.revision).await? {
            Changes::None => return Ok(()),
            Changes::Rows { revision, changes } => {
                tokio::task::spawn_blocking(move || {
                    let event = Event::of(&old, &changes, revision);
                    (old.apply(&changes, revision), event)
                })
                .await?
            }
            Changes::Reload => {
                let next = load(self.store.as_ref()).await?;
                let event = Event::all(&next);
                (next, event)
            }
        };
        self.current.store(Arc::new(next));
        // Nobody may be listening.
        let _ = self.events.send(event);
        Ok(())
    }
}
