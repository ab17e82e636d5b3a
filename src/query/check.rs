//! Gaps and overlaps between grids of one kind.

use geo::Coord;

use crate::index::Snapshot;
use crate::model::{FeatureId, GridKind, Scope};

/// Two grids that lie over each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// The grid with the lower code.
    pub a: FeatureId,
    /// The other.
    pub b: FeatureId,
    /// How much, square metres.
    pub area_m2: f64,
    /// A place in it.
    pub at: Coord<f64>,
}

/// A hole between grids.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// How much, square metres.
    pub area_m2: f64,
    /// A place in it.
    pub at: Coord<f64>,
}

/// The faults of one kind of grid, largest first.
#[derive(Debug, Clone, PartialEq)]
pub struct GridCheck {
    /// The kind.
    pub kind: GridKind,
    /// How many grids were looked at.
    pub grids: usize,
    /// Overlaps.
    pub overlaps: Vec<Overlap>,
    /// Gaps; special grids need not fill anything and have none.
    pub gaps: Vec<Gap>,
}

/// Gaps and overlaps among the grids valid today.
pub fn check_grids(_snapshot: &Snapshot, _scope: &Scope) -> Vec<GridCheck> {
    todo!()
}
