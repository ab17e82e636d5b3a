//! What is here, in a box, in an area, near, nearest, along a line.
//!
//! Distances are metres in a flat frame at the question (the point asked, or
//! the middle of the line), with the scale of the ellipsoid there: right to
//! about 0.02 % at 2 km and 0.05 % at 5 km. Nothing wraps at 180° of
//! longitude.

use std::collections::HashMap;
use std::sync::Arc;

use geo::{BoundingRect, Coord, MultiLineString, MultiPolygon};

use super::feature::candidates;
use super::selection::world_box;
use super::shape::{Shape, area_of, grown, segments, to_segment};
use super::{FeatureRef, Filter, Hit};
use crate::crs::LocalFrame;
use crate::index::{Locator, Row, Snapshot};
use crate::model::{Compound, Grid, LayerName, Scope, Street, StreetClass};
use crate::tile::Bounds;

/// A street farther away than this is not where one stands.
const STREET_M: f64 = 50.0;

/// Once round the Earth: nothing is farther, even in a flat frame.
const FARTHEST_M: f64 = 4.1e7;

/// What is at a place today.
#[derive(Debug, Clone, Default)]
pub struct Here<'s> {
    /// 基础 grid.
    pub grid: Option<&'s Arc<Grid>>,
    /// 专属 grid.
    pub special_grid: Option<&'s Arc<Grid>>,
    /// Community (社区) of the grid, else of the compound.
    pub community: Option<&'s str>,
    /// The compound whose area covers the place; the lowest code of several.
    pub compound: Option<&'s Arc<Compound>>,
    /// The nearest street within 50 m, not a railway, and its distance in metres.
    pub street: Option<(&'s Arc<Street>, f64)>,
}

/// What is here; a place that is not finite is nowhere.
pub fn here<'s>(snapshot: &'s Snapshot, scope: &Scope, at: Coord<f64>) -> Here<'s> {
    if !is_finite(at) {
        return Here::default();
    }
    let seen = |slot: Option<u32>| {
        let grid = slot.map(|slot| snapshot.grids.get(slot));
        grid.filter(|grid| scope.sees_grid(&grid.code))
    };
    let grid = seen(snapshot.basic_grid_at(at, snapshot.today()));
    let special_grid = seen(snapshot.special_grid_at(at, snapshot.today()));
    let slots = snapshot.compounds.touching(&point_box(at)).into_iter();
    let mut compounds = slots.map(|slot| snapshot.compounds.get(slot));
    let compound = compounds.find(|row| Shape::Any(&row.shape).covers(at));
    let community = grid
        .map(|grid| grid.community.as_str())
        .filter(|name| !name.is_empty())
        .or(compound.map(|row| row.community.as_str()))
        .filter(|name| !name.is_empty());
    let near = within(
        snapshot,
        scope,
        LayerName::Streets,
        at,
        STREET_M,
        &Filter::default(),
    );
    let street = near.into_iter().find_map(|hit| match hit.feature {
        FeatureRef::Street(row) if row.class != StreetClass::Rail => Some((row, hit.distance_m)),
        _ => None,
    });
    Here {
        grid,
        special_grid,
        community,
        compound,
        street,
    }
}

/// Rows of a layer that touch a box, edges included, by id.
pub fn in_bbox<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    area: &Bounds,
    filter: &Filter,
) -> Vec<FeatureRef<'s>> {
    inside(snapshot, scope, layer, &area_of(area), filter)
}

/// Rows of a layer that touch an area, edges included, by id. An area with
/// numbers that are not finite holds nothing.
pub fn inside<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    area: &MultiPolygon<f64>,
    filter: &Filter,
) -> Vec<FeatureRef<'s>> {
    let Some(bounds) = area.bounding_rect().and_then(finite_box) else {
        return Vec::new();
    };
    let mut found = match layer {
        LayerName::Incidents => {
            let mut rows = Vec::new();
            let locator = Locator::new(std::iter::once((0, None, None, area)));
            let selection = filter.compile(snapshot, scope);
            selection.visit_in(&world_box(&bounds), |row| {
                if row.at().is_some_and(|at| locator.find(at, 0).is_some()) {
                    rows.push(FeatureRef::Incident(row));
                }
            });
            rows
        }
        _ => {
            let mut rows = candidates(snapshot, scope, layer, Some(&bounds));
            rows.retain(|row| {
                let touches = row.shape().is_some_and(|shape| shape.touches(area));
                touches && row.passes(snapshot, filter)
            });
            rows
        }
    };
    found.sort_by_key(FeatureRef::id);
    found
}

/// Rows of a layer within some metres of a place, nearest first, then by id.
pub fn within<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    at: Coord<f64>,
    radius_m: f64,
    filter: &Filter,
) -> Vec<Hit<'s>> {
    if !is_finite(at) || radius_m.is_nan() || radius_m < 0.0 {
        return Vec::new();
    }
    let frame = LocalFrame::new(at);
    let bounds = grown(&point_box(at), &frame, radius_m.min(FARTHEST_M));
    let mut hits = Vec::new();
    let mut keep = |feature: FeatureRef<'s>| {
        let distance = feature.shape().and_then(|shape| shape.distance_m(&frame));
        if let Some(distance_m) = distance.filter(|d| *d <= radius_m) {
            hits.push(Hit {
                feature,
                distance_m,
            });
        }
    };
    if layer == LayerName::Incidents {
        let selection = filter.compile(snapshot, scope);
        selection.visit_in(&world_box(&bounds), |row| keep(FeatureRef::Incident(row)));
    } else {
        let rows = candidates(snapshot, scope, layer, Some(&bounds)).into_iter();
        rows.filter(|row| row.passes(snapshot, filter))
            .for_each(keep);
    }
    sort(&mut hits);
    hits
}

/// The `k` rows of a layer nearest to a place, nearest first, then by id.
pub fn nearest<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    at: Coord<f64>,
    k: usize,
    filter: &Filter,
) -> Vec<Hit<'s>> {
    // Search wider until there are enough: what lies within the radius is
    // nearer than all that does not.
    let mut radius_m = 50.0;
    loop {
        let last = radius_m >= FARTHEST_M;
        let reach = if last { f64::INFINITY } else { radius_m };
        let mut hits = within(snapshot, scope, layer, at, reach, filter);
        if hits.len() >= k || last {
            hits.truncate(k);
            return hits;
        }
        radius_m *= if hits.is_empty() { 4.0 } else { 2.0 };
    }
}

/// Rows of a layer within some metres of a line, nearest first, then by id.
pub fn along<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    line: &MultiLineString<f64>,
    within_m: f64,
    filter: &Filter,
) -> Vec<Hit<'s>> {
    let Some(bounds) = line.bounding_rect().and_then(finite_box) else {
        return Vec::new();
    };
    if within_m.is_nan() || within_m < 0.0 {
        return Vec::new();
    }
    let frame = LocalFrame::new(Coord {
        x: f64::midpoint(bounds.west, bounds.east),
        y: f64::midpoint(bounds.south, bounds.north),
    });
    let within_m = within_m.min(FARTHEST_M);
    let mut hits: Vec<Hit<'s>> = if layer == LayerName::Incidents {
        incidents_along(snapshot, scope, line, &frame, within_m, filter)
    } else {
        let near = grown(&bounds, &frame, within_m);
        let rows = candidates(snapshot, scope, layer, Some(&near)).into_iter();
        rows.filter(|row| row.passes(snapshot, filter))
            .filter_map(|feature| {
                let distance_m = feature.shape()?.distance_to_line_m(&frame, line)?;
                (distance_m <= within_m).then_some(Hit {
                    feature,
                    distance_m,
                })
            })
            .collect()
    };
    sort(&mut hits);
    hits
}

/// Segment by segment, so that a long winding line is not one big box.
fn incidents_along<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    line: &MultiLineString<f64>,
    frame: &LocalFrame,
    within_m: f64,
    filter: &Filter,
) -> Vec<Hit<'s>> {
    let selection = filter.compile(snapshot, scope);
    let mut nearest: HashMap<i64, (Row<'s>, f64)> = HashMap::new();
    segments(line, &mut |a, b| {
        let (from, to) = (frame.to_meters(a), frame.to_meters(b));
        let bounds = Bounds {
            west: a.x.min(b.x),
            south: a.y.min(b.y),
            east: a.x.max(b.x),
            north: a.y.max(b.y),
        };
        selection.visit_in(&world_box(&grown(&bounds, frame, within_m)), |row| {
            let Some(at) = row.at() else {
                return;
            };
            let distance_m = to_segment(frame.to_meters(at), from, to);
            if distance_m <= within_m {
                let entry = nearest.entry(row.id().0).or_insert((row, distance_m));
                entry.1 = entry.1.min(distance_m);
            }
        });
    });
    let hits = nearest.into_values().map(|(row, distance_m)| Hit {
        feature: FeatureRef::Incident(row),
        distance_m,
    });
    hits.collect()
}

fn sort(hits: &mut [Hit<'_>]) {
    hits.sort_by(|a, b| {
        let by_distance = a.distance_m.total_cmp(&b.distance_m);
        by_distance.then_with(|| a.feature.id().cmp(&b.feature.id()))
    });
}

fn is_finite(at: Coord<f64>) -> bool {
    at.x.is_finite() && at.y.is_finite()
}

fn point_box(at: Coord<f64>) -> Bounds {
    Bounds {
        west: at.x,
        south: at.y,
        east: at.x,
        north: at.y,
    }
}

fn finite_box(rect: geo::Rect<f64>) -> Option<Bounds> {
    let (min, max) = (rect.min(), rect.max());
    (is_finite(min) && is_finite(max)).then_some(Bounds {
        west: min.x,
        south: min.y,
        east: max.x,
        north: max.y,
    })
}
