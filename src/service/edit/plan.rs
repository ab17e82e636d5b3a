//! What a change by hand comes to, and why it may be refused.

use geo::Coord;

use crate::format::{self, Items};
use crate::index::{Snapshot, round_e7};
use crate::model::{ChangeSet, Entity, FeatureId, LayerName, Meta, Timestamp};
use crate::query::FeatureRef;
use crate::store::Content;

/// Changes that are ready to be written.
#[derive(Debug, Clone)]
pub struct Plan<T> {
    /// The changes.
    pub changes: ChangeSet,
    /// What the caller wants to know of them afterwards.
    pub answer: T,
}

/// The changes, or why there are none.
pub type Planned<T> = Result<Plan<T>, Refused>;

/// Why nothing was changed.
#[derive(Debug)]
pub enum Refused {
    /// Rows changed, or went, since the person saw them.
    Conflicts(Vec<Conflict>),
    /// What was sent cannot be stored.
    Faults(Vec<Fault>),
    /// A setting or the category tree changed since the person saw it.
    Outdated,
    /// Categories that would go have so many incidents.
    InUse(Vec<(String, u64)>),
    /// The service or the store could not do it.
    Service(super::Error),
}

/// A row that is not what the person saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// The layer.
    pub layer: LayerName,
    /// The row.
    pub id: FeatureId,
}

/// Something in a change that cannot be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Which change, from 0.
    pub index: usize,
    /// Stable for programs.
    pub code: &'static str,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// The property at fault, if it is one.
    pub property: Option<String>,
    /// Where, degrees, if it is a place.
    pub at: Option<Coord<f64>>,
}

impl Fault {
    /// A fault with its sentences.
    pub fn new(
        index: usize,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Fault {
        Fault {
            index,
            code,
            zh: zh.into(),
            en: en.into(),
            property: None,
            at: None,
        }
    }

    /// What a reader says of a typed feature.
    pub fn of(index: usize, problem: format::Problem) -> Fault {
        let named = problem.column.as_deref();
        let zh = named.map_or_else(String::new, |name| format!("属性 {name}："));
        let en = named.map_or_else(String::new, |name| format!("`{name}`: "));
        Fault {
            index,
            code: problem.code.as_str(),
            zh: format!("{zh}{}", problem.reason.zh()),
            en: format!("{en}{}", problem.reason.en()),
            property: problem.column.clone(),
            at: problem.reason.place(),
        }
    }
}

/// How to find a row that was just written.
#[derive(Debug, Clone, PartialEq)]
pub struct Keys {
    /// The layer.
    pub layer: LayerName,
    source: String,
    source_id: String,
    occurred_at: Option<Timestamp>,
}

impl Keys {
    /// The keys of one row.
    pub fn of(item: &Items) -> Keys {
        let meta = meta(item);
        Keys {
            layer: item.layer(),
            source: meta.map_or_else(String::new, |meta| meta.source.clone()),
            source_id: meta.map_or_else(String::new, |meta| meta.source_id.clone()),
            occurred_at: match item {
                Items::Incidents(rows) => rows.first().map(|row| row.occurred_at),
                _ => None,
            },
        }
    }

    /// The row, if the snapshot has it.
    pub fn find<'s>(&self, snapshot: &'s Snapshot) -> Option<FeatureRef<'s>> {
        let (source, id) = (self.source.as_str(), self.source_id.as_str());
        Some(match self.layer {
            LayerName::Grids => FeatureRef::Grid(snapshot.grids.by_key(source, id)?),
            LayerName::Compounds => FeatureRef::Compound(snapshot.compounds.by_key(source, id)?),
            LayerName::Streets => FeatureRef::Street(snapshot.streets.by_key(source, id)?),
            LayerName::Routes => FeatureRef::Route(snapshot.routes.by_key(source, id)?),
            // Times are columns, keys are not: the time finds the few that
            // may be it.
            LayerName::Incidents => {
                FeatureRef::Incident(snapshot.incidents.rows().find(|row| {
                    Some(row.occurred_at()) == self.occurred_at
                        && row.source() == source
                        && row.source_id() == id
                })?)
            }
        })
    }
}

/// Identity and origin of the one row.
pub(super) fn meta(item: &Items) -> Option<&Meta> {
    match item {
        Items::Grids(rows) => rows.first().map(Entity::meta),
        Items::Compounds(rows) => rows.first().map(Entity::meta),
        Items::Streets(rows) => rows.first().map(Entity::meta),
        Items::Routes(rows) => rows.first().map(Entity::meta),
        Items::Incidents(rows) => rows.first().map(Entity::meta),
    }
}

/// The same, to be filled in.
pub(super) fn meta_mut(item: &mut Items) -> Option<&mut Meta> {
    match item {
        Items::Grids(rows) => rows.first_mut().map(Entity::meta_mut),
        Items::Compounds(rows) => rows.first_mut().map(Entity::meta_mut),
        Items::Streets(rows) => rows.first_mut().map(Entity::meta_mut),
        Items::Routes(rows) => rows.first_mut().map(Entity::meta_mut),
        Items::Incidents(rows) => rows.first_mut().map(Entity::meta_mut),
    }
}

/// A row of the past; `None` for a category or setting.
pub fn items_of(content: Content) -> Option<Items> {
    Some(match content {
        Content::Grid(row) => Items::Grids(vec![row]),
        Content::Compound(row) => Items::Compounds(vec![row]),
        Content::Street(row) => Items::Streets(vec![row]),
        Content::Route(row) => Items::Routes(vec![row]),
        Content::Incident(mut row) => {
            // As the index has it; another program may have stored more digits.
            row.at = row.at.map(round_e7);
            Items::Incidents(vec![row])
        }
        Content::Category(_) | Content::Setting(_) => return None,
    })
}

/// Adds rows to put.
pub(super) fn put(changes: &mut ChangeSet, items: Items) {
    match items {
        Items::Grids(rows) => changes.grids.put.extend(rows),
        Items::Compounds(rows) => changes.compounds.put.extend(rows),
        Items::Streets(rows) => changes.streets.put.extend(rows),
        Items::Routes(rows) => changes.routes.put.extend(rows),
        Items::Incidents(rows) => changes.incidents.put.extend(rows),
    }
}

/// Adds a row to delete.
pub(super) fn delete(changes: &mut ChangeSet, layer: LayerName, id: FeatureId) {
    match layer {
        LayerName::Grids => changes.grids.delete.push(id),
        LayerName::Compounds => changes.compounds.delete.push(id),
        LayerName::Streets => changes.streets.delete.push(id),
        LayerName::Routes => changes.routes.delete.push(id),
        LayerName::Incidents => changes.incidents.delete.push(id),
    }
}
