use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::{
    Audit, Category, CategoryTree, ChangeSet, Entity, FeatureId, LayerName, Revision,
};

/// Makes a write safe to repeat: the sender picks the key, and sends it again
/// when it does not know what became of the first try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyKey {
    /// Unique per write; at most some hundred bytes.
    pub key: String,
    /// A hash of what is sent, so that one key cannot stand for two things.
    pub digest: String,
}

/// What changes were planned over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Basis {
    /// A row of a layer.
    Row(LayerName, FeatureId),
    /// The category tree as a whole.
    Categories,
    /// The setting of this name; `district` is the district.
    Setting(String),
}

impl Basis {
    /// The documents that changes replace as a whole.
    pub fn documents(changes: &ChangeSet) -> Vec<Basis> {
        let district = changes
            .district
            .is_some()
            .then(|| Basis::Setting(super::DISTRICT.to_owned()));
        let tree = changes.categories.is_some().then_some(Basis::Categories);
        let settings = changes.settings.keys().cloned().map(Basis::Setting);
        district.into_iter().chain(tree).chain(settings).collect()
    }

    /// All that changes replace: stored rows and documents.
    pub fn of(changes: &ChangeSet) -> Vec<Basis> {
        let rows = changes.rows().into_iter();
        rows.map(|(layer, id)| Basis::Row(layer, id))
            .chain(Basis::documents(changes))
            .collect()
    }
}

/// How changes are to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Who, what and why.
    pub audit: Audit,
    /// Write once however often it is sent.
    pub key: Option<IdempotencyKey>,
    /// Write nothing if one of these changed after that revision.
    pub unless_changed: Vec<(Basis, Revision)>,
    /// The revision of the write that these changes take back.
    pub undoes: Option<Revision>,
}

impl Write {
    /// A write without conditions.
    pub fn by(audit: &Audit) -> Write {
        Write {
            audit: audit.clone(),
            key: None,
            unless_changed: Vec::new(),
            undoes: None,
        }
    }

    /// The same, but only while nothing of this changed after a revision.
    pub fn over(self, basis: Vec<Basis>, seen: Revision) -> Write {
        Write {
            unless_changed: basis.into_iter().map(|basis| (basis, seen)).collect(),
            ..self
        }
    }
}

/// The rows of a condition, with the revision they were read at.
pub(super) fn rows_read(write: &Write) -> Vec<(LayerName, FeatureId, Revision)> {
    let row = |(basis, seen): &(Basis, Revision)| match basis {
        Basis::Row(layer, id) => Some((*layer, *id, *seen)),
        Basis::Categories | Basis::Setting(_) => None,
    };
    write.unless_changed.iter().filter_map(row).collect()
}

/// The documents of a condition: the log's word for their table, the name of a
/// setting, and the revision they were read at.
pub(super) fn documents_read<'w>(
    write: &'w Write,
) -> Vec<(&'static str, Option<&'w str>, Revision)> {
    let document = |item: &'w (Basis, Revision)| match item {
        (Basis::Row(..), _) => None,
        (Basis::Categories, seen) => Some(("categories", None, *seen)),
        (Basis::Setting(name), seen) => Some(("settings", Some(name.as_str()), *seen)),
    };
    write.unless_changed.iter().filter_map(document).collect()
}

/// The document that a row of [`documents_read`] means.
pub(super) fn document(name: Option<String>) -> Basis {
    name.map_or(Basis::Categories, Basis::Setting)
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The last change before it.
    pub before: Revision,
    /// Its last change; equal to `before` if there was nothing to change.
    pub revision: Revision,
    /// It had been written before under the same key; nothing was written now.
    pub repeated: bool,
}

/// True if the categories that stay are in the tree in the same order, before
/// all new ones: then the table can be changed row by row.
pub(super) fn order_is_kept(old: &[&Category], tree: &CategoryTree) -> bool {
    let mut kept = old.iter().filter(|item| tree.get(&item.code).is_some());
    let mut pairs = tree.items().iter().zip(kept.by_ref());
    pairs.all(|(new, old)| new.code == old.code) && kept.next().is_none()
}

/// Of rows with one id or one key the last counts, under the id that any of
/// them names: the id with which to write each row, `None` for those that a
/// later one replaces.
pub(super) fn last_of_each<T: Entity>(rows: &[T]) -> Vec<Option<FeatureId>> {
    if rows.len() >= SORTED && all_differ(rows) {
        return rows.iter().map(|row| Some(row.meta().id)).collect();
    }
    last_of_each_slowly(rows)
}

/// Rows from which it pays to sort hashes first.
const SORTED: usize = 1_000;

/// True if no two rows can have one id or one key; false when the hashes of
/// two are the same by chance, too.
fn all_differ<T: Entity>(rows: &[T]) -> bool {
    let state = RandomState::new();
    let differ = |mut hashes: Vec<u64>| {
        hashes.par_sort_unstable();
        hashes.windows(2).all(|pair| pair[0] != pair[1])
    };
    let ids = rows.par_iter().filter_map(|row| {
        let id = row.meta().id;
        (id != FeatureId::NEW).then_some(id.0.cast_unsigned())
    });
    let keys = rows.par_iter().filter_map(|row| {
        let meta = row.meta();
        (!meta.source.is_empty() && !meta.source_id.is_empty())
            .then(|| state.hash_one((&meta.source, &meta.source_id)))
    });
    differ(ids.collect()) && differ(keys.collect())
}

fn last_of_each_slowly<T: Entity>(rows: &[T]) -> Vec<Option<FeatureId>> {
    let mut by_id: HashMap<FeatureId, usize> = HashMap::new();
    let mut by_key: HashMap<(&str, &str), usize> = HashMap::with_capacity(rows.len());
    let mut ids: Vec<Option<FeatureId>> = Vec::with_capacity(rows.len());
    for (slot, item) in rows.iter().enumerate() {
        let meta = item.meta();
        let mut id = meta.id;
        // An empty key is no key.
        let earlier = (!meta.source.is_empty() && !meta.source_id.is_empty())
            .then(|| by_key.insert((&meta.source, &meta.source_id), slot))
            .flatten();
        let earlier = earlier.into_iter().chain(by_id.get(&id).copied());
        for replaced in earlier.collect::<Vec<_>>() {
            if let Some(old) = ids[replaced].take()
                && id == FeatureId::NEW
            {
                id = old;
            }
        }
        if id != FeatureId::NEW {
            by_id.insert(id, slot);
        }
        ids.push(Some(id));
    }
    ids
}
