//! What a grid is, beside its outline: area, households.

use geo::{Centroid, Coord};

use super::{Collection, covers};
use crate::crs::area_m2;
use crate::model::{Compound, Grid};

/// Where a number of households comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HouseholdsFrom {
    /// The grid's own column.
    Grid,
    /// The sum over the compounds in it.
    Compounds,
}

impl HouseholdsFrom {
    /// The word on wires.
    pub const fn as_str(self) -> &'static str {
        match self {
            HouseholdsFrom::Grid => "grid",
            HouseholdsFrom::Compounds => "compounds",
        }
    }
}

/// Facts about one grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridFacts {
    /// Area on the ellipsoid, square metres.
    pub area_m2: f64,
    /// Households, if known.
    pub households: Option<u32>,
    /// Where the number comes from.
    pub households_from: Option<HouseholdsFrom>,
}

/// A compound counts for every grid that covers its middle point.
pub(super) fn grid_facts(
    grids: &Collection<Grid>,
    compounds: &Collection<Compound>,
) -> Box<[GridFacts]> {
    let mut sums: Vec<Option<u32>> = vec![None; grids.len()];
    for compound in compounds.items() {
        let (Some(households), Some(at)) = (compound.households, middle(compound)) else {
            continue;
        };
        let point = crate::tile::Bounds {
            west: at.x,
            south: at.y,
            east: at.x,
            north: at.y,
        };
        for slot in grids.touching(&point) {
            if covers(&grids.get(slot).area, at) {
                let sum = &mut sums[slot as usize];
                *sum = Some(sum.unwrap_or(0).saturating_add(households));
            }
        }
    }
    let facts = grids.items().iter().zip(sums).map(|(grid, sum)| {
        let own = grid.households.map(|n| (n, HouseholdsFrom::Grid));
        let known = own.or(sum.map(|n| (n, HouseholdsFrom::Compounds)));
        GridFacts {
            area_m2: area_m2(&grid.area),
            households: known.map(|(n, _)| n),
            households_from: known.map(|(_, from)| from),
        }
    });
    facts.collect()
}

fn middle(compound: &Compound) -> Option<Coord<f64>> {
    compound.shape.centroid().map(|point| point.0)
}
