//! Geometry at the door: finite, on the globe, rings closed and simple, holes
//! inside. Repairs that lose nothing are made and told; the rest is refused.

use geo::{Coord, LineString, MultiLineString, MultiPolygon, Orient, Polygon, orient::Direction};

use super::fault::Fault;
use super::problem::{Code, Refusal};
use super::reason::Reason;
use super::rings;
use super::table::{Kind, Shape};
use crate::crs::{CrsError, Transformer};

/// The most corners of one geometry. A larger one is a mistake, and the
/// check for crossings must stay fast.
pub(super) const MAX_VERTICES: usize = 100_000;

/// Reads shapes of one file into WGS84.
#[derive(Debug)]
pub(super) struct Door {
    transformer: Transformer,
    /// Latitude comes first in the file.
    swap: bool,
}

impl Door {
    pub(super) fn new(transformer: Transformer, swap: bool) -> Self {
        Self { transformer, swap }
    }

    /// One place to WGS84.
    pub(super) fn place(&self, p: Coord) -> Result<Coord, Refusal> {
        let p = if self.swap {
            Coord { x: p.y, y: p.x }
        } else {
            p
        };
        let crs = self.transformer.crs();
        if !crs.is_degrees() && p.x.abs() <= 180.0 && p.y.abs() <= 180.0 && p != Coord::zero() {
            let crs = crs.to_string();
            return Err(Fault::DegreesInMetres { crs }.of_row());
        }
        let at = match crs {
            crate::crs::Crs::GaussKruger(zone) if p.x.is_finite() && p.y.is_finite() => {
                zone.east_north(p.x, p.y)
            }
            _ => Ok(p),
        };
        let at = at
            .and_then(|p| self.transformer.to_wgs84(p))
            .map_err(crs_refusal)?;
        if at.x == 0.0 && at.y == 0.0 {
            return Err(Refusal::new(Code::NullIsland, Reason::NullIsland));
        }
        Ok(at)
    }

    fn places(&self, points: &[Coord]) -> Result<Vec<Coord>, Refusal> {
        points.iter().map(|p| self.place(*p)).collect()
    }

    /// Polygons, with the repairs made.
    ///
    /// # Errors
    /// Whatever makes the area invalid; see [`Code`].
    pub(super) fn area(
        &self,
        shape: &Shape,
        repairs: &mut Vec<Refusal>,
    ) -> Result<MultiPolygon, Refusal> {
        let Shape::Polygons(parts) = shape else {
            return Err(wrong_type(shape, Kind::Polygon));
        };
        let vertices: usize = parts.iter().flatten().map(Vec::len).sum();
        check_size(vertices)?;
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            let mut lines = Vec::with_capacity(part.len());
            for ring in part {
                lines.push(LineString(close(self.places(ring)?, repairs)?));
            }
            if lines.is_empty() {
                return Err(Refusal::new(Code::RingTooShort, Reason::AreaWithoutRings));
            }
            let holes = lines.split_off(1);
            let outer = lines
                .pop()
                .expect("the outer ring stays when the holes are split off");
            out.push(Polygon::new(outer, holes));
        }
        if out.is_empty() {
            return Err(Refusal::new(Code::NoGeometry, Reason::AreaEmpty));
        }
        let area = MultiPolygon(out);
        rings::check(&area)?;
        Ok(area.orient(Direction::Default))
    }

    /// Lines, with the repairs made.
    ///
    /// # Errors
    /// A line of one place or without length.
    pub(super) fn lines(
        &self,
        shape: &Shape,
        repairs: &mut Vec<Refusal>,
    ) -> Result<MultiLineString, Refusal> {
        let Shape::Lines(parts) = shape else {
            return Err(wrong_type(shape, Kind::Line));
        };
        check_size(parts.iter().map(Vec::len).sum())?;
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            let line = without_repeats(self.places(part)?, repairs);
            if line.len() < 2 {
                return Err(Refusal::new(Code::LineTooShort, Reason::LineTooShort));
            }
            spans_the_world(&line)?;
            out.push(LineString(line));
        }
        if out.is_empty() {
            return Err(Refusal::new(Code::NoGeometry, Reason::LineEmpty));
        }
        Ok(MultiLineString(out))
    }
}

/// The refusal for a shape that the layer does not have.
pub(super) fn wrong_type(shape: &Shape, wanted: Kind) -> Refusal {
    Refusal::new(
        Code::GeomType,
        Reason::WrongType {
            found: shape.kind(),
            wanted,
        },
    )
}

fn crs_refusal(e: CrsError) -> Refusal {
    let code = match e {
        CrsError::NotFinite => Code::CoordNotFinite,
        CrsError::Swapped { .. } => Code::Swapped,
        CrsError::Projected { .. } => Code::Projected,
        CrsError::OtherZone { .. } => Code::Crs,
        _ => Code::CoordRange,
    };
    Refusal::new(code, Reason::Crs { cause: e })
}

fn check_size(vertices: usize) -> Result<(), Refusal> {
    if vertices > MAX_VERTICES {
        return Err(Refusal::new(
            Code::TooManyVertices,
            Reason::TooManyCorners {
                count: vertices,
                most: MAX_VERTICES,
            },
        ));
    }
    Ok(())
}

/// A ring without repeats, closed.
fn close(ring: Vec<Coord>, repairs: &mut Vec<Refusal>) -> Result<Vec<Coord>, Refusal> {
    let mut ring = without_repeats(ring, repairs);
    if let (Some(first), Some(last)) = (ring.first().copied(), ring.last().copied())
        && first != last
    {
        ring.push(first);
        repairs.push(Refusal::new(Code::RingNotClosed, Reason::RingClosed));
    }
    // Closed, three corners make four places.
    if ring.len() < 4 {
        return Err(Refusal::new(Code::RingTooShort, Reason::RingTooShort));
    }
    spans_the_world(&ring)?;
    Ok(ring)
}

fn without_repeats(mut line: Vec<Coord>, repairs: &mut Vec<Refusal>) -> Vec<Coord> {
    let before = line.len();
    line.dedup();
    if line.len() < before && line.len() > 1 {
        repairs.push(Refusal::new(
            Code::DuplicateVertices,
            Reason::RepeatsTakenOut {
                count: before - line.len(),
            },
        ));
    }
    line
}

fn spans_the_world(line: &[Coord]) -> Result<(), Refusal> {
    let (west, east) = line
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(w, e), p| {
            (w.min(p.x), e.max(p.x))
        });
    if east - west > 180.0 {
        return Err(Refusal::new(Code::Antimeridian, Reason::Antimeridian));
    }
    Ok(())
}
