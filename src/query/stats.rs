//! Counts and rates per grid.

use super::Filter;
use super::aggregate::tallies;
use super::feature::FeatureRef;
use crate::index::{GridsOf, Snapshot};
use crate::model::Scope;

/// Below this many incidents a rate says little.
const FEW: u64 = 5;

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
    /// The grids that count, by slot: today's, or those valid on some day of
    /// the period.
    pub grids: Vec<GridStat>,
}

/// Counts and rates per grid.
pub fn grid_stats(snapshot: &Snapshot, scope: &Scope, filter: &Filter) -> GridStats {
    let tallies = tallies(&filter.compile(snapshot, scope));
    let mut counts = vec![0_u64; snapshot.grids.len()];
    for tally in &tallies {
        for (place, count) in tally.places(filter.grids_of) {
            for slot in place.basic.into_iter().chain(place.special) {
                counts[slot as usize] += count;
            }
        }
    }
    let period = Filter {
        window: filter.window,
        ..Filter::default()
    };
    let grids = (0_u32..).zip(snapshot.grids.items()).zip(counts);
    let grids = grids.filter_map(|((slot, grid), count)| {
        let valid = match filter.grids_of {
            GridsOf::Event => FeatureRef::Grid(grid).passes(snapshot, &period),
            GridsOf::Today => grid.valid_on(snapshot.today()),
        };
        let asked = filter.grids.is_empty() || filter.grids.contains(&grid.code);
        let shown = scope.sees_grid(&grid.code) && asked && (valid || count > 0);
        let households = snapshot.grid_facts()[slot as usize].households;
        shown.then(|| GridStat {
            slot,
            count,
            rate_per_1000: households
                .filter(|n| *n > 0)
                .map(|n| count as f64 * 1000.0 / f64::from(n)),
            few: count < FEW,
        })
    });
    GridStats {
        total: tallies.iter().map(|tally| tally.total).sum(),
        unplaced: tallies.iter().map(|tally| tally.unplaced).sum(),
        grids: grids.collect(),
    }
}
