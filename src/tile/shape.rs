//! Polygons and lines in world units: projected and repaired once, then cut
//! into any tile.

use geo::{Coord, LineString, MultiLineString, MultiPolygon, Polygon};

use super::coord::{WorldBox, WorldPoint};
use super::repair::{Fill, valid};
use super::rings::{Point, Rings, doubled_area};

/// One or several polygons on the world grid, always valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    rings: Rings,
    bbox: WorldBox,
}

impl Area {
    /// Projects polygons in WGS84 degrees.
    ///
    /// Rings that cross themselves are mended (the even-odd rule decides what
    /// is inside). `None` when a coordinate is not finite or nothing with an
    /// area remains.
    pub fn from_lon_lat(polygons: &MultiPolygon<f64>) -> Option<Self> {
        let mut rings = Rings::new();
        for polygon in polygons {
            push_polygon(&mut rings, polygon)?;
        }
        Self::from_rings(rings, Fill::EvenOdd)
    }

    pub(super) fn from_rings(rings: Rings, fill: Fill) -> Option<Self> {
        let rings = valid(rings, fill);
        let bbox = WorldBox::around(rings.points().iter().map(world))?;
        Some(Self { rings, bbox })
    }

    /// The rings in world units.
    pub fn rings(&self) -> &Rings {
        &self.rings
    }

    /// The smallest box around them.
    pub fn bbox(&self) -> WorldBox {
        self.bbox
    }

    /// The polygons in world units as floating point geometry, for predicates.
    pub fn to_geo(&self) -> MultiPolygon<f64> {
        to_geo(&self.rings)
    }
}

/// Rings as floating point polygons in the same units.
pub(super) fn to_geo(rings: &Rings) -> MultiPolygon<f64> {
    let ring = |r: &[Point]| {
        r.iter()
            .map(|p| Coord {
                x: p[0] as f64,
                y: p[1] as f64,
            })
            .collect::<LineString<f64>>()
    };
    rings
        .polygons()
        .map(|p| Polygon::new(ring(p[0]), p[1..].iter().map(|h| ring(h)).collect()))
        .collect()
}

/// A line of one or several parts on the world grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    parts: Rings,
    bbox: WorldBox,
}

impl Path {
    /// Projects lines in WGS84 degrees. Repeated points are dropped. `None`
    /// when a coordinate is not finite or no part has two different points.
    pub fn from_lon_lat(lines: &MultiLineString<f64>) -> Option<Self> {
        let mut parts = Rings::new();
        for line in lines {
            let mut points = project(line)?;
            points.dedup();
            if points.len() >= 2 {
                parts.push(&points);
            }
        }
        Self::from_parts(parts)
    }

    pub(super) fn from_parts(parts: Rings) -> Option<Self> {
        let bbox = WorldBox::around(parts.points().iter().map(world))?;
        Some(Self { parts, bbox })
    }

    /// The parts in world units.
    pub fn parts(&self) -> &Rings {
        &self.parts
    }

    /// The smallest box around them.
    pub fn bbox(&self) -> WorldBox {
        self.bbox
    }
}

/// Points on the world grid; anything else is moved to its edge.
pub(super) fn world(p: &Point) -> WorldPoint {
    let unit = |v: i64| u32::try_from(v.clamp(0, i64::from(u32::MAX))).unwrap_or(0);
    WorldPoint {
        x: unit(p[0]),
        y: unit(p[1]),
    }
}

fn project(line: &LineString<f64>) -> Option<Vec<Point>> {
    line.0
        .iter()
        .map(|c| {
            let p = WorldPoint::from_lon_lat(c.x, c.y)?;
            Some([i64::from(p.x), i64::from(p.y)])
        })
        .collect()
}

fn push_polygon(rings: &mut Rings, polygon: &Polygon<f64>) -> Option<()> {
    let mut shell_kept = false;
    let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    for (i, line) in all.enumerate() {
        let mut points = project(line)?;
        tidy_ring(&mut points);
        let area = doubled_area(&points);
        if points.len() < 3 || (i > 0 && !shell_kept) {
            continue;
        }
        shell_kept = true;
        if (area > 0) != (i == 0) {
            points.reverse();
        }
        rings.push(&points);
    }
    Some(())
}

/// Drops repeated points, and points in the middle of a straight side or at
/// the tip of a spike: they carry no area.
pub(super) fn tidy_ring(ring: &mut Vec<Point>) {
    let mut out: Vec<Point> = Vec::with_capacity(ring.len());
    for &p in ring.iter() {
        push_tidy(&mut out, p);
    }
    // The seam: the end may be in line with the beginning.
    let mut start = 0;
    loop {
        let n = out.len();
        if n - start < 3 {
            out.clear();
            start = 0;
            break;
        }
        if flat(out[n - 2], out[n - 1], out[start]) {
            out.pop();
        } else if flat(out[n - 1], out[start], out[start + 1]) {
            start += 1;
        } else {
            break;
        }
    }
    out.drain(..start);
    *ring = out;
}

fn push_tidy(out: &mut Vec<Point>, p: Point) {
    while let [.., a, b] = out[..] {
        if !flat(a, b, p) {
            break;
        }
        out.pop();
    }
    if out.last() != Some(&p) {
        out.push(p);
    }
}

/// Whether going a → b → c turns nowhere (or straight back).
fn flat(a: Point, b: Point, c: Point) -> bool {
    super::rings::side(a, b, c) == 0
}
