//! Counts and rates per grid.

use super::Filter;
use crate::index::Snapshot;
use crate::model::Scope;

/// One grid's figures; facts are in [`Snapshot::grid_facts`] by slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridStat {
    /// Slot in the snapshot's grids.
    pub slot: u32,
    /// Incidents.
    pub count: u64,
    /// Incidents per 1000 households, if households are known.
    pub rate_per_1000: Option<f64>,
    /// Fewer than 5: too few to compare.
    pub few: bool,
}

/// Figures of all grids.
#[derive(Debug, Clone, PartialEq)]
pub struct GridStats {
    /// Incidents that pass.
    pub total: u64,
    /// Those without a place.
    pub unplaced: u64,
    /// The grids that count, by slot.
    pub grids: Vec<GridStat>,
}

/// Counts and rates per grid.
pub fn grid_stats(_snapshot: &Snapshot, _scope: &Scope, _filter: &Filter) -> GridStats {
    todo!()
}
