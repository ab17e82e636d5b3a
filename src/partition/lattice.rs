//! Places as whole numbers in a local frame, so that whether lines meet has
//! one answer.

use std::collections::HashMap;

use geo::{Coord, MultiPolygon, Polygon};

use super::outline::Outline;
use crate::crs::LocalFrame;

/// Steps of the lattice per metre: 10 nm. A millimetre would do for what meets
/// what, but a corner put into the boundary shifts its area by the rounding,
/// and the grids' areas are to sum up to the boundary's within 1e-9.
pub(super) const PER_M: f64 = 1e8;

/// The furthest a place may be from the center, metres: products of two
/// distances still fit.
pub(super) const REACH_M: f64 = 150_000.0;

/// A place on the lattice, in steps east and north of the center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) x: i64,
    pub(super) y: i64,
}

impl Spot {
    /// The spot nearest to a place in metres.
    pub(super) fn at(meters: Coord) -> Spot {
        Spot {
            x: (meters.x * PER_M).round() as i64,
            y: (meters.y * PER_M).round() as i64,
        }
    }

    /// The place in metres.
    pub(super) fn meters(self) -> Coord {
        Coord {
            x: self.x as f64 / PER_M,
            y: self.y as f64 / PER_M,
        }
    }

    /// The same numbers as floating point, exact.
    pub(super) fn array(self) -> [f64; 2] {
        [self.x as f64, self.y as f64]
    }
}

/// Twice the area of the triangle, positive when `p` is left of `a` → `b`.
pub(super) fn side(a: Spot, b: Spot, p: Spot) -> i128 {
    i128::from(b.x - a.x) * i128::from(p.y - a.y) - i128::from(b.y - a.y) * i128::from(p.x - a.x)
}

/// Square of the distance of two spots, steps².
pub(super) fn distance2(a: Spot, b: Spot) -> f64 {
    let (dx, dy) = ((a.x - b.x) as f64, (a.y - b.y) as f64);
    dx * dx + dy * dy
}

/// The place of the side nearest to `p`, and the square of its distance, steps².
pub(super) fn nearest_on(a: Spot, b: Spot, p: Spot) -> (Spot, f64) {
    let (dx, dy) = ((b.x - a.x) as f64, (b.y - a.y) as f64);
    let length2 = dx * dx + dy * dy;
    if length2 == 0.0 {
        return (a, distance2(a, p));
    }
    let (px, py) = ((p.x - a.x) as f64, (p.y - a.y) as f64);
    let t = ((px * dx + py * dy) / length2).clamp(0.0, 1.0);
    let foot = Spot {
        x: a.x + (dx * t).round() as i64,
        y: a.y + (dy * t).round() as i64,
    };
    let (ex, ey) = (px - dx * t, py - dy * t);
    (foot, ex * ex + ey * ey)
}

/// A frame and the degrees that spots came from.
#[derive(Debug, Clone)]
pub(super) struct Lattice {
    frame: LocalFrame,
    known: HashMap<Spot, Coord>,
}

impl Lattice {
    /// A lattice around a place in degrees.
    pub(super) fn around(center: Coord) -> Lattice {
        Lattice {
            frame: LocalFrame::new(center),
            known: HashMap::new(),
        }
    }

    /// The spot of a place in degrees; `None` when it is not finite or too far.
    pub(super) fn spot(&self, degrees: Coord) -> Option<Spot> {
        let m = self.frame.to_meters(degrees);
        let near = m.x.abs() <= REACH_M && m.y.abs() <= REACH_M;
        near.then(|| Spot::at(m))
    }

    /// The same, and the spot's degrees are these from now on, to the last
    /// bit; the first that comes to a spot wins.
    pub(super) fn keep(&mut self, degrees: Coord) -> Option<Spot> {
        let spot = self.spot(degrees)?;
        self.known.entry(spot).or_insert(Coord {
            // Zero has one form, so that equal places have equal bits.
            x: degrees.x + 0.0,
            y: degrees.y + 0.0,
        });
        Some(spot)
    }

    /// Degrees of a spot.
    pub(super) fn degrees(&self, spot: Spot) -> Coord {
        match self.known.get(&spot) {
            Some(c) => *c,
            None => self.frame.to_degrees(spot.meters()),
        }
    }

    /// A place in metres.
    pub(super) fn meters(&self, degrees: Coord) -> Coord {
        self.frame.to_meters(degrees)
    }

    /// Polygons as an outline in metres; places that are too far are left out.
    pub(super) fn outline(&self, area: &MultiPolygon) -> Outline {
        let rings = area.iter().flat_map(rings_of);
        Outline::new(rings.map(|ring| {
            let spots = ring.0.iter().filter_map(|c| self.spot(*c));
            spots.map(Spot::meters).collect()
        }))
    }
}

/// The outer ring, then the inner ones.
pub(super) fn rings_of(polygon: &Polygon) -> impl Iterator<Item = &geo::LineString> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

/// The middle of the box around polygons, and its half extent in metres;
/// `None` without a corner or with one that is no number.
pub(super) fn middle(area: &MultiPolygon) -> Option<(Coord, f64)> {
    let corners = || area.iter().flat_map(rings_of).flat_map(|ring| &ring.0);
    if !corners().all(|c| c.x.is_finite() && c.y.is_finite() && c.y.abs() <= 90.0) {
        return None;
    }
    let bounds = geo::BoundingRect::bounding_rect(area)?;
    let center = bounds.center();
    let corner = LocalFrame::new(center).to_meters(bounds.max());
    Some((center, corner.x.max(corner.y)))
}
