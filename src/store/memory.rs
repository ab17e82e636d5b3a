//! A store that forgets: for tests and for looking at files without keeping them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;

use super::row::ground::GROUND;
use super::row::{Stored, check};
use super::{
    Applied, Basis, Changes, Content, Counts, DISTRICT, Error, IdempotencyKey, Op, Past, Sink,
    Store, Subject, Touched, Write, WriteNote,
};
use crate::model::{
    CategoryTree, ChangeSet, FeatureId, GroundChange, LayerChanges, LayerName, Revision, Timestamp,
};

/// Keeps everything in memory; nothing survives the process.
#[derive(Default)]
pub struct MemoryStore(Mutex<Inner>);

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Inner {
    all: ChangeSet,
    next_id: i64,
    log: Vec<Entry>,
    writes: Vec<(WriteNote, Option<IdempotencyKey>)>,
}

/// One change; its number is its place in the log, from 1.
#[derive(Debug)]
struct Entry {
    subject: Subject,
    op: Op,
    before: Option<Content>,
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
        Ok(inner.revision())
    }

    async fn apply(&self, changes: &ChangeSet, write: &Write) -> Result<Applied, Error> {
        check(changes)?;
        let mut inner = self.inner();
        if let Some(first) = inner.repeated(write)? {
            return Ok(first);
        }
        inner.refuse_conflicts(write)?;
        let before = inner.revision();
        inner.put(changes.clone());
        let revision = inner.revision();
        inner.note(before, revision, write);
        Ok(Applied {
            before,
            revision,
            repeated: false,
        })
    }

    async fn changes_since(&self, since: Revision) -> Result<Changes, Error> {
        Ok(self.inner().changes_since(since))
    }

    async fn poll(&self) -> Result<bool, Error> {
        Ok(false)
    }

    async fn history(&self, subject: &Subject) -> Result<Vec<Past>, Error> {
        let inner = self.inner();
        let entries = inner.log.iter().zip(1_i64..);
        let mut own: Vec<_> = entries
            .filter(|(entry, _)| entry.subject == *subject)
            .collect();
        own.reverse();
        let tell = |(entry, seq): (&Entry, i64)| {
            let of = |note: &WriteNote| note.before.0 < seq && seq <= note.revision.0;
            let (note, _) = inner.writes.iter().find(|(note, _)| of(note))?;
            Some(Past {
                revision: note.revision,
                at: Some(note.at),
                audit: Some(note.audit.clone()),
                op: entry.op,
                before: entry.before.clone(),
            })
        };
        Ok(own.into_iter().filter_map(tell).collect())
    }

    async fn writes(
        &self,
        before: Option<Revision>,
        limit: usize,
    ) -> Result<Vec<WriteNote>, Error> {
        let inner = self.inner();
        let told = |note: &&WriteNote| {
            note.revision > note.before && before.is_none_or(|before| note.revision < before)
        };
        let notes = inner.writes.iter().rev().map(|(note, _)| note).filter(told);
        let undone_by = |revision| {
            let by = |(note, _): &&(WriteNote, _)| note.undoes == Some(revision);
            let newest = inner.writes.iter().rev().find(by);
            newest.map(|(note, _)| note.revision)
        };
        let notes = notes.take(limit).cloned().map(|mut note| {
            note.undone_by = undone_by(note.revision);
            note
        });
        Ok(notes.collect())
    }

    async fn touched(&self, from: Revision, to: Revision) -> Result<Vec<Touched>, Error> {
        Ok(self.inner().touched(from, to))
    }

    async fn backup(&self, path: &Path) -> Result<(), Error> {
        Err(Error::Io {
            path: path.to_owned(),
            source: std::io::ErrorKind::Unsupported.into(),
        })
    }

    async fn close(&self) {}
}

impl Inner {
    fn revision(&self) -> Revision {
        Revision(i64::try_from(self.log.len()).unwrap_or(i64::MAX))
    }

    fn repeated(&self, write: &Write) -> Result<Option<Applied>, Error> {
        let Some(key) = &write.key else {
            return Ok(None);
        };
        for (note, known) in &self.writes {
            match known {
                Some(known) if known == key => {
                    return Ok(Some(Applied {
                        before: note.before,
                        revision: note.revision,
                        repeated: true,
                    }));
                }
                Some(known) if known.key == key.key => {
                    return Err(Error::KeyReused(key.key.clone()));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn refuse_conflicts(&self, write: &Write) -> Result<(), Error> {
        let mut last = HashMap::new();
        for (entry, seq) in self.log.iter().zip(1_i64..) {
            last.insert(&entry.subject, seq);
        }
        let newest = |basis: &Basis| match basis {
            Basis::Row(layer, id) => last.get(&Subject::Row(*layer, *id)).copied(),
            Basis::Setting(name) => last.get(&Subject::Setting(name.clone())).copied(),
            Basis::Categories => {
                let of = |(subject, seq): (&&Subject, &i64)| {
                    matches!(subject, Subject::Category(_)).then_some(*seq)
                };
                last.iter().filter_map(of).max()
            }
        };
        let changed = write
            .unless_changed
            .iter()
            .filter(|(basis, read_at)| newest(basis).is_some_and(|seq| seq > read_at.0));
        let of: Vec<Basis> = changed.map(|(basis, _)| basis.clone()).collect();
        if of.is_empty() {
            Ok(())
        } else {
            Err(Error::Conflict { of })
        }
    }

    /// Every subject that the log names after a revision, as it is now.
    fn changes_since(&self, since: Revision) -> Changes {
        let revision = self.revision();
        if revision == since {
            return Changes::None;
        }
        let later = match usize::try_from(since.0) {
            Ok(from) if from <= self.log.len() => &self.log[from..],
            _ => return Changes::Reload,
        };
        let subjects: BTreeSet<&Subject> = later.iter().map(|entry| &entry.subject).collect();
        let all = &self.all;
        let mut changes = ChangeSet::default();
        for subject in subjects {
            match subject {
                Subject::Row(LayerName::Grids, id) => pick(&all.grids, *id, &mut changes.grids),
                Subject::Row(LayerName::Compounds, id) => {
                    pick(&all.compounds, *id, &mut changes.compounds);
                }
                Subject::Row(LayerName::Streets, id) => {
                    pick(&all.streets, *id, &mut changes.streets);
                }
                Subject::Row(LayerName::Routes, id) => pick(&all.routes, *id, &mut changes.routes),
                Subject::Row(LayerName::Incidents, id) => {
                    pick(&all.incidents, *id, &mut changes.incidents);
                }
                Subject::Category(_) => changes.categories = all.categories.clone(),
                Subject::Setting(name) if name == DISTRICT => {
                    changes.district = all.district.clone();
                }
                Subject::Setting(name) => {
                    let value = all.settings.get(name).cloned().unwrap_or_default();
                    changes.settings.insert(name.clone(), value);
                }
            }
        }
        Changes::Rows {
            revision,
            changes: Box::new(changes),
        }
    }

    fn put(&mut self, changes: ChangeSet) {
        if let Some(district) = changes.district {
            let (op, changed) = match &self.all.district {
                None => (Op::Insert, true),
                Some(old) => (Op::Update, *old != district),
            };
            self.all.district = Some(district);
            if changed {
                self.log.push(Entry {
                    subject: Subject::Setting(DISTRICT.to_owned()),
                    op,
                    before: None,
                });
            }
        }
        if let Some(tree) = changes.categories {
            self.put_categories(tree);
        }
        for (name, value) in changes.settings {
            let old = match value.is_null() {
                true => self.all.settings.remove(&name),
                false => self.all.settings.insert(name.clone(), value.clone()),
            };
            let subject = Subject::Setting(name);
            let new = Some(value).filter(|value| !value.is_null());
            self.log_difference(
                subject,
                old.map(Content::Setting),
                new.map(Content::Setting),
            );
        }
        if let Some(change) = changes.ground {
            self.put_ground(change);
        }
        let Inner {
            all, next_id, log, ..
        } = self;
        merge(&mut all.grids, changes.grids, next_id, log);
        merge(&mut all.compounds, changes.compounds, next_id, log);
        merge(&mut all.streets, changes.streets, next_id, log);
        merge(&mut all.routes, changes.routes, next_id, log);
        merge(&mut all.incidents, changes.incidents, next_id, log);
    }

    fn put_ground(&mut self, change: GroundChange) {
        let facts = |change: &GroundChange| {
            let facts = serde_json::to_value(&change.ground()?.facts);
            Some(Content::Setting(facts.unwrap_or_default()))
        };
        let (old, new) = (self.all.ground.as_ref().and_then(facts), facts(&change));
        self.all.ground = Some(change).filter(|change| change.ground().is_some());
        self.log_difference(Subject::Setting(GROUND.to_owned()), old, new);
    }

    fn put_categories(&mut self, tree: CategoryTree) {
        let old = self
            .all
            .categories
            .replace(tree.clone())
            .unwrap_or_default();
        let items = old.items().iter().chain(tree.items());
        let codes: HashSet<&String> = items.map(|item| &item.code).collect();
        for code in codes {
            let item = |tree: &CategoryTree| tree.get(code).cloned().map(Content::Category);
            self.log_difference(Subject::Category(code.clone()), item(&old), item(&tree));
        }
    }

    fn log_difference(
        &mut self,
        subject: Subject,
        before: Option<Content>,
        after: Option<Content>,
    ) {
        let op = match (&before, &after) {
            (None, None) => return,
            (Some(old), Some(new)) if old == new => return,
            (None, Some(_)) => Op::Insert,
            (Some(_), Some(_)) => Op::Update,
            (Some(_), None) => Op::Delete,
        };
        self.log.push(Entry {
            subject,
            op,
            before,
        });
    }

    fn note(&mut self, before: Revision, revision: Revision, write: &Write) {
        let mut counts = Counts::new();
        let from = usize::try_from(before.0).unwrap_or(0);
        for entry in &self.log[from..] {
            let table = match &entry.subject {
                Subject::Row(layer, _) => layer.as_str(),
                Subject::Category(_) => "categories",
                Subject::Setting(_) => "settings",
            };
            let of_table = counts.entry(table.to_owned()).or_default();
            *of_table.entry(entry.op).or_default() += 1;
        }
        let note = WriteNote {
            before,
            revision,
            at: Timestamp(jiff::Timestamp::now().as_second()),
            audit: write.audit.clone(),
            counts,
            undoes: write.undoes,
            undone_by: None,
        };
        self.writes.push((note, write.key.clone()));
    }

    fn touched(&self, from: Revision, to: Revision) -> Vec<Touched> {
        let mut net: BTreeMap<&Subject, Touched> = BTreeMap::new();
        for (entry, seq) in self.log.iter().zip(1_i64..) {
            if seq <= from.0 {
                continue;
            }
            let known = net.get_mut(&entry.subject);
            match known {
                Some(touched) if seq > to.0 => touched.edited_since = true,
                None if seq > to.0 => {}
                Some(touched) => {
                    touched.op = match (touched.before.is_some(), entry.op) {
                        (true, Op::Delete) => Op::Delete,
                        (true, _) => Op::Update,
                        // Came and went.
                        (false, Op::Delete) => Op::Delete,
                        (false, _) => Op::Insert,
                    };
                }
                None => {
                    let touched = Touched {
                        subject: entry.subject.clone(),
                        op: entry.op,
                        edited_since: false,
                        before: entry.before.clone().map(Box::new),
                    };
                    net.insert(&entry.subject, touched);
                }
            }
        }
        let own = Subject::Setting(DISTRICT.to_owned());
        let there = |touched: &Touched| {
            (touched.before.is_some() || touched.op != Op::Delete) && touched.subject != own
        };
        net.into_values().filter(there).collect()
    }
}

/// Puts the row with an id where it is wanted, or says that it is gone.
fn pick<T: Stored>(all: &LayerChanges<T>, id: FeatureId, wanted: &mut LayerChanges<T>) {
    match all.put.iter().find(|item| item.meta().id == id) {
        Some(item) => wanted.put.push(item.clone()),
        None => wanted.delete.push(id),
    }
}

fn merge<T: Stored>(
    all: &mut LayerChanges<T>,
    changes: LayerChanges<T>,
    next_id: &mut i64,
    log: &mut Vec<Entry>,
) {
    let mut add = |id, op, before: Option<T>| {
        log.push(Entry {
            subject: Subject::Row(T::LAYER, id),
            op,
            before: before.map(T::into_content),
        });
    };
    let kept: HashSet<FeatureId> = changes.put.iter().map(|item| item.meta().id).collect();
    let gone: HashSet<FeatureId> = changes.delete.iter().copied().collect();
    all.put.retain(|item| {
        let id = item.meta().id;
        let stays = !gone.contains(&id) && (!changes.replace || kept.contains(&id));
        if !stays {
            add(id, Op::Delete, Some(item.clone()));
        }
        stays
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
            let id = item.meta().id;
            by_key.remove(&key(&all.put[slot]));
            by_key.insert(key(&item), slot);
            let before = std::mem::replace(&mut all.put[slot], item);
            add(id, Op::Update, Some(before));
            continue;
        }
        if id == FeatureId::NEW {
            *next_id += 1;
            item.meta_mut().id = FeatureId(*next_id);
        }
        *next_id = (*next_id).max(item.meta().id.0);
        by_id.insert(item.meta().id, all.put.len());
        by_key.insert(key(&item), all.put.len());
        add(item.meta().id, Op::Insert, None);
        all.put.push(item);
    }
}
