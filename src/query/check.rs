//! Gaps and overlaps between grids of one kind.

use geo::{
    BooleanOps, BoundingRect, Coord, Distance, Euclidean, InteriorPoint, MultiPolygon, Polygon,
    unary_union,
};

use crate::crs::area_m2;
use crate::index::Snapshot;
use crate::model::{FeatureId, GridKind, Scope};
use crate::tile::Bounds;

/// Areas below this are rounding, not faults: a sheet of paper.
const NOTHING_M2: f64 = 0.06;

/// Two grids that lie over each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// The grid with the lower code.
    pub a: FeatureId,
    /// The other.
    pub b: FeatureId,
    /// How much, square metres.
    pub area_m2: f64,
    /// A place in it.
    pub at: Coord<f64>,
    /// What both cover.
    pub shape: MultiPolygon<f64>,
}

/// A hole between grids.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// How much, square metres.
    pub area_m2: f64,
    /// A place in it.
    pub at: Coord<f64>,
    /// The hole.
    pub shape: MultiPolygon<f64>,
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
    /// Holes in the union of the basic grids; special grids need not fill
    /// anything and have none. A slit that is open to the outside is no hole.
    pub gaps: Vec<Gap>,
}

/// Gaps and overlaps among the grids valid today, per kind.
pub fn check_grids(snapshot: &Snapshot, scope: &Scope) -> Vec<GridCheck> {
    let kinds = GridKind::ALL.iter();
    kinds
        .map(|&kind| check_kind(snapshot, scope, kind))
        .collect()
}

/// Degrees within which a border counts as touched: the union of areas moves
/// corners by rounding.
const TOUCH_DEG: f64 = 1e-7;

/// Codes of the grids of a kind, valid today, that touch an area.
pub fn grids_touching(
    snapshot: &Snapshot,
    area: &MultiPolygon<f64>,
    kind: GridKind,
) -> Vec<String> {
    let Some(rect) = area.bounding_rect() else {
        return Vec::new();
    };
    let around = Bounds {
        west: rect.min().x - TOUCH_DEG,
        south: rect.min().y - TOUCH_DEG,
        east: rect.max().x + TOUCH_DEG,
        north: rect.max().y + TOUCH_DEG,
    };
    let slots = snapshot.grids.touching(&around).into_iter();
    let grids = slots.map(|slot| snapshot.grids.get(slot));
    let touching = grids.filter(|grid| {
        grid.kind == kind
            && grid.valid_on(snapshot.today())
            && Euclidean.distance(&grid.area, area) < TOUCH_DEG
    });
    touching.map(|grid| grid.code.clone()).collect()
}

fn check_kind(snapshot: &Snapshot, scope: &Scope, kind: GridKind) -> GridCheck {
    let counts = |slot: &u32| {
        let grid = snapshot.grids.get(*slot);
        let seen = scope.sees_grid(&grid.code) && grid.valid_on(snapshot.today());
        seen && grid.kind == kind && snapshot.grids.bounds(*slot).is_some()
    };
    let slots: Vec<u32> = (0_u32..)
        .take(snapshot.grids.len())
        .filter(counts)
        .collect();
    let mut overlaps: Vec<Overlap> = Vec::new();
    for &slot in &slots {
        let Some(bounds) = snapshot.grids.bounds(slot) else {
            continue;
        };
        let near = snapshot.grids.touching(&bounds).into_iter();
        let others = near.filter(|other| *other > slot && slots.binary_search(other).is_ok());
        overlaps.extend(others.filter_map(|other| overlap(snapshot, slot, other)));
    }
    overlaps.sort_by(|x, y| y.area_m2.total_cmp(&x.area_m2));
    let gaps = match kind {
        GridKind::Basic => gaps(slots.iter().map(|slot| &snapshot.grids.get(*slot).area)),
        GridKind::Special => Vec::new(),
    };
    GridCheck {
        kind,
        grids: slots.len(),
        overlaps,
        gaps,
    }
}

fn overlap(snapshot: &Snapshot, slot: u32, other: u32) -> Option<Overlap> {
    let (a, b) = (snapshot.grids.get(slot), snapshot.grids.get(other));
    let shared = a.area.intersection(&b.area);
    let size = area_m2(&shared);
    (size > NOTHING_M2).then(|| Overlap {
        a: a.meta.id,
        b: b.meta.id,
        area_m2: size,
        at: place_in(&shared),
        shape: shared,
    })
}

fn gaps<'a>(areas: impl Iterator<Item = &'a MultiPolygon<f64>>) -> Vec<Gap> {
    let polygons: Vec<&Polygon<f64>> = areas.flatten().collect();
    let union: MultiPolygon<f64> = unary_union(polygons);
    let holes = union.iter().flat_map(Polygon::interiors).map(|ring| {
        let hole = MultiPolygon(vec![Polygon::new(ring.clone(), Vec::new())]);
        Gap {
            area_m2: area_m2(&hole),
            at: place_in(&hole),
            shape: hole,
        }
    });
    let mut gaps: Vec<Gap> = holes.filter(|gap| gap.area_m2 > NOTHING_M2).collect();
    gaps.sort_by(|x, y| y.area_m2.total_cmp(&x.area_m2));
    gaps
}

fn place_in(area: &MultiPolygon<f64>) -> Coord<f64> {
    area.interior_point()
        .map_or(Coord { x: 0.0, y: 0.0 }, |point| point.0)
}
