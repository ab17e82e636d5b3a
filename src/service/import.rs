//! Taking in parsed rows: a pure function from (snapshot, batch) to changes
//! and counts.
//!
//! The key of a row is `(source, source_id)`. The same key with the same
//! content is unchanged, the same key with other content is an update, any
//! other key is new. Keys that come twice in one file are the reader's affair.
//! An incident that comes without a place keeps the place that it has: a place
//! found by hand must not go with next week's export.

use serde::{Deserialize, Serialize};

use crate::index::{Collection, Snapshot, round_e7};
use crate::model::{
    Category, ChangeSet, Compound, Entity, ExtraColumn, FeatureId, Grid, Incident, LayerName,
    MAX_EXTRA_COLUMNS, Revision, Route, Street,
};

/// Rows of one layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Rows {
    /// Grids.
    Grids(Vec<Grid>),
    /// Compounds.
    Compounds(Vec<Compound>),
    /// Streets.
    Streets(Vec<Street>),
    /// Routes.
    Routes(Vec<Route>),
    /// Incidents.
    Incidents(Vec<Incident>),
}

impl Rows {
    /// The layer they belong to.
    pub const fn layer(&self) -> LayerName {
        match self {
            Rows::Grids(_) => LayerName::Grids,
            Rows::Compounds(_) => LayerName::Compounds,
            Rows::Streets(_) => LayerName::Streets,
            Rows::Routes(_) => LayerName::Routes,
            Rows::Incidents(_) => LayerName::Incidents,
        }
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        match self {
            Rows::Grids(rows) => rows.len(),
            Rows::Compounds(rows) => rows.len(),
            Rows::Streets(rows) => rows.len(),
            Rows::Routes(rows) => rows.len(),
            Rows::Incidents(rows) => rows.len(),
        }
    }

    /// True if there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The good rows of one file, free of personal data, and what they need.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The rows; those without a source get the kind of the incident or the
    /// layer's name.
    pub rows: Rows,
    /// Categories that the rows use and that may be new.
    pub new_categories: Vec<Category>,
    /// Extra columns that the rows carry.
    pub extra_columns: Vec<ExtraColumn>,
}

impl Batch {
    /// A hash of the rows, for the key under which they are written.
    pub fn digest(&self) -> String {
        struct Hash(blake3::Hasher);
        impl std::io::Write for Hash {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.update(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut hash = Hash(blake3::Hasher::new());
        // A hash takes everything, and rows are always JSON.
        let _ = serde_json::to_writer(&mut hash, &self.rows);
        hash.0.finalize().to_hex().to_string()
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Rows that were not there.
    pub new: u64,
    /// Rows that replace one.
    pub updated: u64,
    /// Rows that are there already.
    pub unchanged: u64,
    /// Names of the categories that were added.
    pub new_categories: Vec<String>,
    /// Extra columns that no longer fit in the layer's list.
    pub unlisted_columns: Vec<String>,
    /// The rows are in the store now.
    pub stored: bool,
    /// The store's last change.
    pub revision: Revision,
}

/// What becomes of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowPlan {
    /// It was not there.
    New,
    /// It replaces one.
    Updated,
    /// It is there already.
    Unchanged,
}

/// What becomes of every row of a batch, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowPlans {
    /// New, updated or unchanged.
    pub rows: Vec<RowPlan>,
    /// Positions of the rows that came without a place and keep an older one.
    pub kept_places: Vec<usize>,
}

/// Compares a batch with what is there: the changes that would take it in, and
/// the counts.
pub fn plan(snapshot: &Snapshot, batch: Batch) -> (ChangeSet, Outcome) {
    let (changes, outcome, _) = plan_rows(snapshot, batch);
    (changes, outcome)
}

/// Like [`plan`], with what becomes of each row.
pub fn plan_rows(snapshot: &Snapshot, batch: Batch) -> (ChangeSet, Outcome, RowPlans) {
    let mut changes = ChangeSet::default();
    let mut plans = RowPlans::default();
    let mut outcome = Outcome {
        revision: snapshot.revision,
        ..Outcome::default()
    };
    add_columns(
        snapshot,
        batch.rows.layer(),
        batch.extra_columns,
        &mut changes,
        &mut outcome,
    );
    add_categories(snapshot, batch.new_categories, &mut changes, &mut outcome);
    match batch.rows {
        Rows::Grids(rows) => changes.grids.put = compare(rows, &snapshot.grids, &mut plans),
        Rows::Compounds(rows) => {
            changes.compounds.put = compare(rows, &snapshot.compounds, &mut plans);
        }
        Rows::Streets(rows) => changes.streets.put = compare(rows, &snapshot.streets, &mut plans),
        Rows::Routes(rows) => changes.routes.put = compare(rows, &snapshot.routes, &mut plans),
        Rows::Incidents(rows) => {
            changes.incidents.put = compare_incidents(rows, snapshot, &mut plans);
        }
    }
    let count = |wanted| plans.rows.iter().filter(|plan| **plan == wanted).count() as u64;
    outcome.new = count(RowPlan::New);
    outcome.updated = count(RowPlan::Updated);
    outcome.unchanged = count(RowPlan::Unchanged);
    (changes, outcome, plans)
}

fn compare<T: Entity>(rows: Vec<T>, collection: &Collection<T>, plans: &mut RowPlans) -> Vec<T> {
    let find = |item: &T| {
        let meta = item.meta();
        collection
            .by_key(&meta.source, &meta.source_id)
            .map(|found| T::clone(found))
    };
    rows.into_iter()
        .filter_map(|item| {
            let item = with_source(item, T::LAYER.as_str());
            let old = find(&item);
            sort(item, old, plans)
        })
        .collect()
}

fn compare_incidents(
    rows: Vec<Incident>,
    snapshot: &Snapshot,
    plans: &mut RowPlans,
) -> Vec<Incident> {
    let index = snapshot.incidents.key_index();
    let none = snapshot.incidents.is_empty();
    let find = |item: &Incident| {
        if none {
            return None;
        }
        let found = index.get(&item.meta.source, &item.meta.source_id)?;
        Some(found.to_incident())
    };
    rows.into_iter()
        .filter_map(|item| {
            let kind = item.kind.as_str();
            let mut item = with_source(item, kind);
            // The index keeps 1e-7 degrees; store and index must agree.
            item.at = item.at.map(round_e7);
            let old = find(&item);
            if item.at.is_none()
                && let Some(at) = old.as_ref().and_then(|old| old.at)
            {
                plans.kept_places.push(plans.rows.len());
                item.at = Some(at);
            }
            sort(item, old, plans)
        })
        .collect()
}

fn with_source<T: Entity>(mut item: T, default: &str) -> T {
    let meta = item.meta_mut();
    meta.id = FeatureId::NEW;
    if meta.source.is_empty() {
        default.clone_into(&mut meta.source);
    }
    item
}

/// Sorts a row in; gives it back, with the id of the row that it replaces, if
/// it has to be written.
fn sort<T: Entity>(mut item: T, old: Option<T>, plans: &mut RowPlans) -> Option<T> {
    let plan = match old {
        None => RowPlan::New,
        Some(old) if old.same_content(&item) => RowPlan::Unchanged,
        Some(old) => {
            item.meta_mut().id = old.meta().id;
            RowPlan::Updated
        }
    };
    plans.rows.push(plan);
    (plan != RowPlan::Unchanged).then_some(item)
}

fn add_categories(
    snapshot: &Snapshot,
    wanted: Vec<Category>,
    changes: &mut ChangeSet,
    outcome: &mut Outcome,
) {
    let tree = &snapshot.categories;
    let added: Vec<Category> = wanted
        .into_iter()
        .filter(|item| tree.get(&item.code).is_none())
        .collect();
    if added.is_empty() {
        return;
    }
    outcome.new_categories = added.iter().map(|item| item.name_zh.clone()).collect();
    let mut items = tree.items().to_vec();
    items.extend(added);
    changes.categories = Some(items.into());
}

/// Adds the batch's extra columns to the layer's list, up to its limit.
fn add_columns(
    snapshot: &Snapshot,
    layer: LayerName,
    wanted: Vec<ExtraColumn>,
    changes: &mut ChangeSet,
    outcome: &mut Outcome,
) {
    let mut district = (*snapshot.district).clone();
    let columns = &mut district.extra_columns[layer.slot()];
    let before = columns.len();
    for column in wanted {
        if columns.iter().any(|known| known.name == column.name) {
            continue;
        }
        if columns.len() == MAX_EXTRA_COLUMNS {
            outcome.unlisted_columns.push(column.name);
        } else {
            columns.push(column);
        }
    }
    if columns.len() > before {
        changes.district = Some(district);
    }
}
