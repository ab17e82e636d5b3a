//! What only shows when all rows are there: places far from the others,
//! overlaps and gaps between grids. Warnings; nothing is refused here.

use geo::{Area, BooleanOps, BoundingRect, Coord, CoordsIter, LinesIter, MultiPolygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::options::Report;
use super::problem::{Code, Problem, Severity};
use super::reason::Reason;
use crate::crs::LocalFrame;
use crate::model::{Entity, Grid};

/// Degrees from the median place beyond which a row is warned of.
const FAR_DEG: f64 = 2.0;
/// Overlaps below this are rounding, square metres.
const OVERLAP_M2: f64 = 1.0;
/// A gap is wider than rounding and narrower than a lane, metres.
const GAP_M: std::ops::Range<f64> = 0.01..1.0;
/// Pairs of grids with more corners than this are not compared.
const MAX_CORNERS: usize = 20_000;

/// Warns of places far from the others.
pub(super) fn far_places<T: Entity>(items: &[T], rows: &[u64], report: &mut Report) {
    let places: Vec<Option<Coord>> = items
        .iter()
        .map(|item| item.geometry()?.bounding_rect().map(|r| r.center()))
        .collect();
    let median = |axis: fn(&Coord) -> f64| {
        let mut all: Vec<f64> = places.iter().flatten().map(axis).collect();
        let middle = all.len() / 2;
        (!all.is_empty()).then(|| *all.select_nth_unstable_by(middle, f64::total_cmp).1)
    };
    let (Some(x), Some(y)) = (median(|p| p.x), median(|p| p.y)) else {
        return;
    };
    for (place, row) in places.iter().zip(rows) {
        if let Some(p) = place
            && ((p.x - x).abs() > FAR_DEG || (p.y - y).abs() > FAR_DEG)
        {
            let reason = Reason::FarAway { x: p.x, y: p.y };
            report.add(warning(*row, Code::OutsideArea, reason));
        }
    }
}

/// Warns of grids of one kind that overlap or almost touch.
pub(super) fn grids(items: &[Grid], rows: &[u64], report: &mut Report) {
    let boxes = items.iter().enumerate().filter_map(|(slot, grid)| {
        let b = grid.area.bounding_rect()?;
        let corners = ([b.min().x, b.min().y], [b.max().x, b.max().y]);
        Some(GeomWithData::new(
            Rectangle::from_corners(corners.0, corners.1),
            slot,
        ))
    });
    let tree = RTree::bulk_load(boxes.collect());
    for (slot, grid) in items.iter().enumerate() {
        let Some(b) = grid.area.bounding_rect() else {
            continue;
        };
        // A metre and a bit, so that neighbors across a gap are found.
        let m = 2e-5;
        let around = AABB::from_corners(
            [b.min().x - m, b.min().y - m],
            [b.max().x + m, b.max().y + m],
        );
        for hit in tree.locate_in_envelope_intersecting(around) {
            let other = &items[hit.data];
            if hit.data <= slot || other.kind != grid.kind || !same_days(grid, other) {
                continue;
            }
            if grid.area.coords_count() + other.area.coords_count() > MAX_CORNERS {
                continue;
            }
            let row = rows[hit.data];
            let frame = LocalFrame::new(b.center());
            let overlap = overlap_m2(&grid.area, &other.area, &frame);
            if overlap > OVERLAP_M2 {
                let reason = Reason::GridsOverlap {
                    one: grid.code.clone(),
                    other: other.code.clone(),
                    area_m2: overlap.round(),
                };
                report.add(warning(row, Code::GridOverlap, reason));
            } else if let Some(gap) = gap_m(&grid.area, &other.area, &frame) {
                let reason = Reason::GridsGap {
                    one: grid.code.clone(),
                    other: other.code.clone(),
                    gap_m: (gap * 100.0).round() / 100.0,
                };
                report.add(warning(row, Code::GridGap, reason));
            }
        }
    }
}

fn warning(row: u64, code: Code, reason: Reason) -> Problem {
    Problem {
        row: Some(row),
        column: None,
        code,
        reason,
        severity: Severity::Warning,
    }
}

/// Whether the two are valid on some day together.
fn same_days(a: &Grid, b: &Grid) -> bool {
    let before = |x: &Grid, y: &Grid| matches!((x.valid_to, y.valid_from), (Some(end), Some(start)) if end <= start);
    !before(a, b) && !before(b, a)
}

fn overlap_m2(a: &MultiPolygon, b: &MultiPolygon, frame: &LocalFrame) -> f64 {
    let (east, north) = frame.meters_per_degree();
    a.intersection(b).unsigned_area() * east * north
}

/// The widest distance in [`GAP_M`] between a corner of one and the border
/// of the other, if there is one.
fn gap_m(a: &MultiPolygon, b: &MultiPolygon, frame: &LocalFrame) -> Option<f64> {
    let one_way = |corners: &MultiPolygon, border: &MultiPolygon| {
        let lines: Vec<(Coord, Coord)> = border
            .lines_iter()
            .map(|l| (frame.to_meters(l.start), frame.to_meters(l.end)))
            .collect();
        corners
            .coords_iter()
            .map(|c| {
                let p = frame.to_meters(c);
                lines
                    .iter()
                    .map(|(a, b)| to_segment(p, *a, *b))
                    .fold(f64::INFINITY, f64::min)
            })
            .filter(|d| GAP_M.contains(d))
            .fold(0.0, f64::max)
    };
    let widest = f64::max(one_way(a, b), one_way(b, a));
    (widest > 0.0).then_some(widest)
}

fn to_segment(p: Coord, a: Coord, b: Coord) -> f64 {
    let d = b - a;
    let length2 = d.x * d.x + d.y * d.y;
    let along = if length2 > 0.0 {
        ((p.x - a.x) * d.x + (p.y - a.y) * d.y) / length2
    } else {
        0.0
    };
    let near = a + d * along.clamp(0.0, 1.0);
    (p.x - near.x).hypot(p.y - near.y)
}
