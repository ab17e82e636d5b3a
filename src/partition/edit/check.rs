//! Gaps and overlaps among grids, and against a boundary.

use geo::{BooleanOps, Coord, InteriorPoint, MultiPolygon, Polygon, unary_union};
use jiff::civil::Date;

use super::super::dissolve::doubled_area;
use super::super::lattice::rings_of;
use super::overlay::NOTHING_M2;
use crate::crs::LocalFrame;
use crate::index::Snapshot;
use crate::model::{ChangeSet, FeatureId, Grid, GridKind, Meta, Revision, Scope};
use crate::query::check_grids;

/// Two grids that lie over each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridOverlap {
    /// The lower position.
    pub a: usize,
    /// The higher one.
    pub b: usize,
    /// How much, m².
    pub area_m2: f64,
    /// A place in it.
    pub at: Coord<f64>,
}

/// Ground in no grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridGap {
    /// How much, m².
    pub area_m2: f64,
    /// A place in it.
    pub at: Coord<f64>,
}

/// What of a grid lies outside the boundary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridOutside {
    /// The grid's position.
    pub grid: usize,
    /// How much, m².
    pub area_m2: f64,
    /// A place in it.
    pub at: Coord<f64>,
}

/// The faults of some grids, each list from the largest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CoverageCheck {
    /// Overlaps.
    pub overlaps: Vec<GridOverlap>,
    /// Ground of the boundary in no grid; without a boundary, holes in the
    /// union of the grids.
    pub gaps: Vec<GridGap>,
    /// Grids that reach over the boundary.
    pub outside: Vec<GridOutside>,
}

impl CoverageCheck {
    /// True without any fault.
    pub fn is_exact(&self) -> bool {
        self.overlaps.is_empty() && self.gaps.is_empty() && self.outside.is_empty()
    }
}

/// Checks grids against each other by [`check_grids`], and against a boundary
/// if one is given. Grids without a corner, or with corners that are no places,
/// are left out.
pub fn coverage_check(
    grids: &[MultiPolygon<f64>],
    boundary: Option<&MultiPolygon<f64>>,
) -> CoverageCheck {
    let usable = |g: &MultiPolygon| super::super::lattice::middle(g).is_some();
    let rows: Vec<Grid> = grids
        .iter()
        .enumerate()
        .filter(|(_, area)| usable(area))
        .map(|(at, area)| as_grid(at, area))
        .collect();
    let all = ChangeSet {
        grids: rows.into(),
        ..ChangeSet::default()
    };
    let snapshot = Snapshot::build(all, Revision::default(), Date::ZERO);
    let found = check_grids(&snapshot, &Scope::all());
    let mut check = CoverageCheck::default();
    for kind in found {
        check.overlaps.extend(kind.overlaps.iter().map(|o| {
            let (a, b) = (position(o.a), position(o.b));
            GridOverlap {
                a: a.min(b),
                b: a.max(b),
                area_m2: o.area_m2,
                at: o.at,
            }
        }));
        check.gaps.extend(kind.gaps.iter().map(|g| GridGap {
            area_m2: g.area_m2,
            at: g.at,
        }));
    }
    if let Some(boundary) = boundary.filter(|b| usable(b)) {
        against(&mut check, grids, boundary, usable);
    }
    check
}

fn against(
    check: &mut CoverageCheck,
    grids: &[MultiPolygon],
    boundary: &MultiPolygon,
    usable: impl Fn(&MultiPolygon) -> bool,
) {
    let union: MultiPolygon = unary_union(grids.iter().filter(|g| usable(g)).flatten());
    check.gaps = pieces(&boundary.difference(&union))
        .map(|(area_m2, at)| GridGap { area_m2, at })
        .collect();
    check.gaps.sort_by(|x, y| y.area_m2.total_cmp(&x.area_m2));
    for (grid, area) in grids.iter().enumerate().filter(|(_, g)| usable(g)) {
        let beyond = area.difference(boundary);
        let found = pieces(&beyond).map(|(area_m2, at)| GridOutside { grid, area_m2, at });
        check.outside.extend(found);
    }
    check
        .outside
        .sort_by(|x, y| y.area_m2.total_cmp(&x.area_m2));
}

fn pieces(area: &MultiPolygon) -> impl Iterator<Item = (f64, Coord)> {
    area.iter().filter_map(|p| {
        let size = flat_m2(p);
        let at = p.interior_point()?.0;
        (size > NOTHING_M2).then_some((size, at))
    })
}

/// Area in a flat frame. A slit between a long side and the same side with
/// corners is nothing there; on the ellipsoid, where a side is the shortest
/// way between its ends, it is a square metre at 700 m.
fn flat_m2(polygon: &Polygon) -> f64 {
    let Some(first) = polygon.exterior().0.first() else {
        return 0.0;
    };
    let frame = LocalFrame::new(*first);
    let mut areas = rings_of(polygon).map(|ring| {
        let meters: Vec<Coord> = ring.0.iter().map(|c| frame.to_meters(*c)).collect();
        doubled_area(&meters).abs() / 2.0
    });
    let outer = areas.next().unwrap_or(0.0);
    outer - areas.sum::<f64>()
}

fn as_grid(at: usize, area: &MultiPolygon) -> Grid {
    Grid {
        meta: Meta {
            id: FeatureId(at as i64 + 1),
            source: "check".to_owned(),
            source_id: at.to_string(),
            extra: Vec::new(),
        },
        code: format!("{at:09}"),
        name: String::new(),
        kind: GridKind::Basic,
        community: String::new(),
        post: String::new(),
        households: None,
        valid_from: None,
        valid_to: None,
        area: area.clone(),
    }
}

fn position(id: FeatureId) -> usize {
    (id.0 - 1) as usize
}
