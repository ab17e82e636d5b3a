//! From what a write touched to the changes that restore what was there before.

use std::collections::HashSet;

use super::{Edited, UndoPlan, UndoRow};
use crate::index::{Collection, Snapshot};
use crate::model::{Category, ChangeSet, Entity, FeatureId, GroundChange, LayerChanges, LayerName};
use crate::store::{Content, Op, Subject, Touched};

/// Rows that a plan names; it counts them all.
const NAMED: usize = 1_000;

/// The name of the setting that the facts of the ground are in the log.
const GROUND: &str = "ground";

/// A ground that was replaced or taken away, and is so still: there is nothing
/// to bring back.
pub(super) fn is_lost_ground(item: &Touched) -> bool {
    item.subject == Subject::Setting(GROUND.to_owned())
        && !item.edited_since
        && item.op != Op::Insert
}

/// Plans to restore what was there before a stretch of changes.
pub fn plan(snapshot: &Snapshot, touched: Vec<Touched>, edited: Edited) -> UndoPlan {
    let mut planner = Planner {
        snapshot,
        edited,
        plan: UndoPlan::default(),
        index: None,
    };
    let mut tables = Vec::new();
    for item in touched {
        match item.subject {
            Subject::Row(layer, id) => planner.row(layer, id, item),
            Subject::Category(_) | Subject::Setting(_) => tables.push(item),
        }
    }
    let mut plan = planner.plan;
    restore_categories(snapshot, &tables, &mut plan.changes);
    for item in tables {
        if let Subject::Setting(name) = item.subject
            && !item.edited_since
        {
            if name == GROUND {
                // The first ground of a store goes as it came; any other was
                // refused before.
                if item.op == Op::Insert {
                    plan.changes.ground = Some(GroundChange::Remove);
                }
                continue;
            }
            let value = match item.before.map(|before| *before) {
                Some(Content::Setting(value)) => value,
                _ => serde_json::Value::Null,
            };
            plan.changes.settings.insert(name, value);
        }
    }
    plan
}

struct Planner<'s> {
    snapshot: &'s Snapshot,
    edited: Edited,
    plan: UndoPlan,
    /// Ids of incidents by key, built when first needed.
    index: Option<crate::index::KeyIndex<'s>>,
}

impl<'s> Planner<'s> {
    fn row(&mut self, layer: LayerName, id: FeatureId, item: Touched) {
        let snapshot = self.snapshot;
        let (edited_since, what) = (item.edited_since, item.op);
        let named = match layer {
            LayerName::Grids => name_in(&snapshot.grids, id),
            LayerName::Compounds => name_in(&snapshot.compounds, id),
            LayerName::Streets => name_in(&snapshot.streets, id),
            LayerName::Routes => name_in(&snapshot.routes, id),
            LayerName::Incidents => {
                let row = snapshot.incidents.by_id(id);
                row.map(|row| row.source_id().to_owned())
            }
        };
        let there = named.is_some();
        let before = item.before.map(|before| *before);
        let taken = before.as_ref().is_some_and(|b| self.key_taken(b, id));
        let entry = || UndoRow {
            layer,
            id,
            name: named
                .or_else(|| before.as_ref().map(name_of))
                .unwrap_or_default(),
            what,
        };
        match (what, there) {
            // It went as it came.
            (Op::Insert, false) => return,
            (Op::Update, false) => {
                let entry = entry();
                if self.plan.gone.len() < NAMED {
                    self.plan.gone.push(entry);
                }
                if self.edited == Edited::Keep || taken {
                    self.plan.kept += 1;
                    return;
                }
            }
            _ if edited_since || taken => {
                let entry = entry();
                self.plan.edited += 1;
                if self.plan.edited_since.len() < NAMED {
                    self.plan.edited_since.push(entry);
                }
                // Another row has its key now: there is no room for it.
                if self.edited == Edited::Keep || taken {
                    self.plan.kept += 1;
                    return;
                }
            }
            _ => self.plan.rows += 1,
        }
        self.plan.reverted += 1;
        match before {
            None => self.delete(layer, id),
            Some(content) => put(&mut self.plan.changes, content),
        }
    }

    /// Another row of the layer has the key that this one would come back with.
    fn key_taken(&mut self, before: &Content, id: FeatureId) -> bool {
        fn other<T: Entity>(all: &Collection<T>, row: &T, id: FeatureId) -> bool {
            let meta = row.meta();
            all.by_key(&meta.source, &meta.source_id)
                .is_some_and(|found| found.meta().id != id)
        }
        let snapshot = self.snapshot;
        match before {
            Content::Grid(row) => other(&snapshot.grids, row, id),
            Content::Compound(row) => other(&snapshot.compounds, row, id),
            Content::Street(row) => other(&snapshot.streets, row, id),
            Content::Route(row) => other(&snapshot.routes, row, id),
            Content::Incident(row) => {
                let index = self
                    .index
                    .get_or_insert_with(|| snapshot.incidents.key_index());
                index
                    .get(&row.meta.source, &row.meta.source_id)
                    .is_some_and(|found| found.id() != id)
            }
            Content::Category(_) | Content::Setting(_) => false,
        }
    }

    fn delete(&mut self, layer: LayerName, id: FeatureId) {
        let changes = &mut self.plan.changes;
        match layer {
            LayerName::Grids => changes.grids.delete.push(id),
            LayerName::Compounds => changes.compounds.delete.push(id),
            LayerName::Streets => changes.streets.delete.push(id),
            LayerName::Routes => changes.routes.delete.push(id),
            LayerName::Incidents => changes.incidents.delete.push(id),
        }
    }
}

fn put(changes: &mut ChangeSet, content: Content) {
    match content {
        Content::Grid(row) => changes.grids.put.push(row),
        Content::Compound(row) => changes.compounds.put.push(row),
        Content::Street(row) => changes.streets.put.push(row),
        Content::Route(row) => changes.routes.put.push(row),
        Content::Incident(row) => changes.incidents.put.push(row),
        // Tables are restored as wholes.
        Content::Category(_) | Content::Setting(_) => {}
    }
}

fn name_in<T: Entity>(all: &Collection<T>, id: FeatureId) -> Option<String> {
    all.by_id(id).map(|row| display(row.as_ref()))
}

fn name_of(content: &Content) -> String {
    match content {
        Content::Grid(row) => display(row),
        Content::Compound(row) => display(row),
        Content::Street(row) => display(row),
        Content::Route(row) => display(row),
        Content::Incident(row) => row.meta.source_id.clone(),
        Content::Category(item) => item.name_zh.clone(),
        Content::Setting(_) => String::new(),
    }
}

/// The first that is not empty of name, code and id in the source.
fn display<T: Entity>(row: &T) -> String {
    ["name", "code", "source_id"]
        .iter()
        .map(|field| row.value(field))
        .find(|value| !value.is_null())
        .map(|value| value.to_string())
        .unwrap_or_default()
}

/// The category tree without what the write brought, where nothing else uses
/// or changed it.
fn restore_categories(snapshot: &Snapshot, tables: &[Touched], changes: &mut ChangeSet) {
    let tree = &snapshot.categories;
    let mut items: Vec<Category> = tree.items().to_vec();
    let used = used_after(snapshot, changes);
    for item in tables.iter().filter(|item| !item.edited_since) {
        let Subject::Category(code) = &item.subject else {
            continue;
        };
        let at = items.iter().position(|known| known.code == *code);
        match (item.before.as_deref(), at) {
            (Some(Content::Category(before)), Some(at)) => items[at] = before.clone(),
            (Some(Content::Category(before)), None) => items.push(before.clone()),
            (_, Some(at)) => {
                let above = items
                    .iter()
                    .any(|other| other.parent.as_ref() == Some(code));
                if !above && !used.contains(code.as_str()) {
                    items.remove(at);
                }
            }
            _ => {}
        }
    }
    if items != tree.items() {
        changes.categories = Some(items.into());
    }
}

/// Codes of categories that incidents have after the changes.
fn used_after<'s>(snapshot: &'s Snapshot, changes: &'s ChangeSet) -> HashSet<&'s str> {
    let LayerChanges { put, delete, .. } = &changes.incidents;
    let gone: HashSet<FeatureId> = delete.iter().copied().collect();
    let gone: HashSet<FeatureId> = gone
        .into_iter()
        .chain(put.iter().map(|row| row.meta.id))
        .collect();
    let stay = snapshot
        .incidents
        .rows()
        .filter(|row| !gone.contains(&row.id()));
    stay.map(crate::index::Row::category)
        .chain(put.iter().map(|row| row.category.as_str()))
        .collect()
}
