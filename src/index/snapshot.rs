//! One immutable value that holds everything.

use std::sync::Arc;

use geo::Coord;
use jiff::civil::Date;

use super::{Collection, GridFacts, Incidents};
use crate::model::{
    CategoryTree, ChangeSet, Compound, District, Grid, LayerName, Revision, Route, Street,
    Timestamp,
};
use crate::tile::Bounds;

/// How many rows a layer has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LayerCount {
    /// All rows.
    pub total: usize,
    /// Rows without a place (未上图).
    pub unplaced: usize,
}

/// The sub-district in memory; never changes.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The last change it contains.
    pub revision: Revision,
    /// The last change of each layer, in the order of [`LayerName::ALL`].
    pub layer_revisions: [Revision; 5],
    /// 网格.
    pub grids: Arc<Collection<Grid>>,
    /// 重点小区.
    pub compounds: Arc<Collection<Compound>>,
    /// Streets.
    pub streets: Arc<Collection<Street>>,
    /// 巡防路线.
    pub routes: Arc<Collection<Route>>,
    /// Incidents.
    pub incidents: Arc<Incidents>,
    /// The category tree.
    pub categories: Arc<CategoryTree>,
    /// What the store says about itself.
    pub district: Arc<District>,
    today: Date,
}

impl Snapshot {
    /// A snapshot of all rows of a store.
    pub fn build(_all: ChangeSet, _revision: Revision, _today: Date) -> Snapshot {
        todo!()
    }
    /// The next snapshot; shares what did not change.
    pub fn apply(&self, _changes: &ChangeSet, _revision: Revision) -> Snapshot {
        todo!()
    }
    /// The same rows on another day.
    pub fn with_today(&self, _today: Date) -> Snapshot {
        todo!()
    }
    /// The day that "today's grids" means.
    pub fn today(&self) -> Date {
        self.today
    }
    /// Old and new places of what the changes touch, per layer; ask the
    /// snapshot before they are applied.
    pub fn changed_bounds(&self, _changes: &ChangeSet) -> [Option<Bounds>; 5] {
        todo!()
    }
    /// Slot of the 基础 grid at a place on a day.
    pub fn basic_grid_at(&self, _at: Coord<f64>, _day: Date) -> Option<u32> {
        todo!()
    }
    /// Slot of the 专属 grid at a place on a day.
    pub fn special_grid_at(&self, _at: Coord<f64>, _day: Date) -> Option<u32> {
        todo!()
    }
    /// The envelope of all layers.
    pub fn extent(&self) -> Option<Bounds> {
        todo!()
    }
    /// First and last incident.
    pub fn time_extent(&self) -> Option<(Timestamp, Timestamp)> {
        todo!()
    }
    /// How many rows a layer has.
    pub fn count(&self, _layer: LayerName) -> LayerCount {
        todo!()
    }
    /// Facts about the grids, by slot.
    pub fn grid_facts(&self) -> &[GridFacts] {
        todo!()
    }
}
