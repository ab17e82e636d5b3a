//! A store that forgets: for tests and for looking at files without keeping them.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;

use super::{Changes, Error, Sink, Store};
use crate::model::{Audit, ChangeSet, Entity, FeatureId, LayerChanges, Revision};

/// Keeps everything in memory; nothing survives the process.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    all: ChangeSet,
    revision: Revision,
    next_id: i64,
}

impl MemoryStore {
    /// A store that holds nothing.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, sink: Sink<'_>) -> Result<Revision, Error> {
        let inner = self.inner();
        sink(inner.all.clone());
        Ok(inner.revision)
    }

    async fn apply(&self, changes: &ChangeSet, _audit: &Audit) -> Result<Revision, Error> {
        let mut inner = self.inner();
        let Inner {
            all,
            revision,
            next_id,
        } = &mut *inner;
        let changes = changes.clone();
        merge(&mut all.grids, changes.grids, next_id);
        merge(&mut all.compounds, changes.compounds, next_id);
        merge(&mut all.streets, changes.streets, next_id);
        merge(&mut all.routes, changes.routes, next_id);
        merge(&mut all.incidents, changes.incidents, next_id);
        all.categories = changes.categories.or(all.categories.take());
        all.district = changes.district.or(all.district.take());
        revision.0 += 1;
        Ok(*revision)
    }

    async fn changes_since(&self, since: Revision) -> Result<Changes, Error> {
        Ok(if self.inner().revision == since {
            Changes::None
        } else {
            Changes::Reload
        })
    }

    async fn touched(&self) -> Result<bool, Error> {
        Ok(false)
    }

    async fn backup(&self, path: &Path) -> Result<(), Error> {
        Err(Error::Io {
            path: path.to_owned(),
            source: std::io::ErrorKind::Unsupported.into(),
        })
    }

    async fn close(&self) {}
}

fn merge<T: Entity>(all: &mut LayerChanges<T>, changes: LayerChanges<T>, next_id: &mut i64) {
    let kept: HashSet<FeatureId> = changes.put.iter().map(|item| item.meta().id).collect();
    let gone: HashSet<FeatureId> = changes.delete.iter().copied().collect();
    all.put.retain(|item| {
        let id = item.meta().id;
        !gone.contains(&id) && (!changes.replace || kept.contains(&id))
    });
    let key = |item: &T| (item.meta().source.clone(), item.meta().source_id.clone());
    let mut by_id: HashMap<FeatureId, usize> = HashMap::new();
    let mut by_key: HashMap<(String, String), usize> = HashMap::new();
    for (slot, item) in all.put.iter().enumerate() {
        by_id.insert(item.meta().id, slot);
        by_key.insert(key(item), slot);
    }
    for mut item in changes.put {
        let id = item.meta().id;
        let slot = by_id.get(&id).or_else(|| by_key.get(&key(&item)));
        if let Some(&slot) = slot {
            item.meta_mut().id = all.put[slot].meta().id;
            all.put[slot] = item;
            continue;
        }
        if id == FeatureId::NEW {
            *next_id += 1;
            item.meta_mut().id = FeatureId(*next_id);
        }
        *next_id = (*next_id).max(item.meta().id.0);
        by_id.insert(item.meta().id, all.put.len());
        by_key.insert(key(&item), all.put.len());
        all.put.push(item);
    }
}
