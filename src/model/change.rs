//! Changes: what writers hand to the store and what the feed hands to the
//! snapshot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    CategoryTree, Compound, Entity, ExtraColumn, FeatureId, Grid, GroundChange, Incident,
    LayerName, Route, Street,
};

/// Number of the last change that a value contains; grows with every write.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub i64);

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Rows of one layer to put (new when their id is 0, else replaced) and to delete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerChanges<T> {
    /// Rows to insert or replace.
    pub put: Vec<T>,
    /// Rows to delete.
    pub delete: Vec<FeatureId>,
    /// The layer is replaced as a whole: what `put` does not name is gone.
    pub replace: bool,
}

impl<T> Default for LayerChanges<T> {
    fn default() -> Self {
        LayerChanges {
            put: Vec::new(),
            delete: Vec::new(),
            replace: false,
        }
    }
}

impl<T> LayerChanges<T> {
    /// True if nothing changes.
    pub const fn is_empty(&self) -> bool {
        self.put.is_empty() && self.delete.is_empty() && !self.replace
    }

    /// How many rows are touched.
    pub const fn len(&self) -> usize {
        self.put.len() + self.delete.len()
    }
}

impl<T: Entity> From<Vec<T>> for LayerChanges<T> {
    fn from(put: Vec<T>) -> Self {
        LayerChanges {
            put,
            ..LayerChanges::default()
        }
    }
}

/// What the store says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct District {
    /// Name of the sub-district, e.g. 嘉山路街道.
    pub name: String,
    /// Shown wherever data are shown, e.g. 虚构示例.
    pub note: Option<String>,
    /// Whose data they are.
    pub attribution: Option<String>,
    /// Extra columns kept, one list per layer in the order of [`LayerName::ALL`].
    pub extra_columns: [Vec<ExtraColumn>; 5],
}

impl District {
    /// The extra columns of a layer.
    pub fn extra_columns(&self, layer: LayerName) -> &[ExtraColumn] {
        &self.extra_columns[layer.slot()]
    }
}

/// A set of changes that is applied whole or not at all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// Grids.
    pub grids: LayerChanges<Grid>,
    /// Compounds.
    pub compounds: LayerChanges<Compound>,
    /// Streets.
    pub streets: LayerChanges<Street>,
    /// Routes.
    pub routes: LayerChanges<Route>,
    /// Incidents.
    pub incidents: LayerChanges<Incident>,
    /// The whole category tree, if it changes.
    pub categories: Option<CategoryTree>,
    /// What the store says about itself, if it changes.
    pub district: Option<District>,
    /// Settings that change, by name; `Null` takes one away.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
    /// The ground under the layers, if it changes. It crosses no wire with the
    /// rest: who sends one sends its pieces.
    #[serde(skip)]
    pub ground: Option<GroundChange>,
}

impl ChangeSet {
    /// True if nothing changes.
    pub fn is_empty(&self) -> bool {
        LayerName::ALL.iter().all(|&l| !self.touches(l))
            && self.categories.is_none()
            && self.district.is_none()
            && self.settings.is_empty()
            && self.ground.is_none()
    }

    /// The stored rows that are put or deleted.
    pub fn rows(&self) -> Vec<(LayerName, FeatureId)> {
        fn of<T: Entity>(
            changes: &LayerChanges<T>,
        ) -> impl Iterator<Item = (LayerName, FeatureId)> + '_ {
            let put = changes.put.iter().map(|row| row.meta().id);
            let ids = put.chain(changes.delete.iter().copied());
            let stored = ids.filter(|id| *id != FeatureId::NEW);
            stored.map(|id| (T::LAYER, id))
        }
        of(&self.grids)
            .chain(of(&self.compounds))
            .chain(of(&self.streets))
            .chain(of(&self.routes))
            .chain(of(&self.incidents))
            .collect()
    }

    /// True if rows of the layer change.
    pub const fn touches(&self, layer: LayerName) -> bool {
        !match layer {
            LayerName::Grids => self.grids.is_empty(),
            LayerName::Compounds => self.compounds.is_empty(),
            LayerName::Streets => self.streets.is_empty(),
            LayerName::Routes => self.routes.is_empty(),
            LayerName::Incidents => self.incidents.is_empty(),
        }
    }
}

/// Who changes the data and why; kept with the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Opaque id of an account or program; never a name.
    pub actor: String,
    /// What was done, e.g. `import`.
    pub action: String,
    /// Why, or from what, e.g. the file's name.
    pub reason: String,
}
