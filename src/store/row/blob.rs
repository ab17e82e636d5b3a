//! Geometry in bytes, in WGS84 degrees: the GeoPackage header and WKB in one
//! store, EWKB with its SRID in the other. Reading takes either.

use geo::{Coord, CoordsIter, Geometry, LineString, MultiLineString, MultiPolygon};
use geopackage_core::geometry::{GpbGeometry, encode_gpb};
use wkb::writer::{WriteOptions, write_geometry, write_multi_line_string, write_multi_polygon};

use crate::format::wkb::decode;

/// EPSG:4326.
const SRS_ID: i32 = 4326;

/// The flag of EWKB for "an SRID follows".
const EWKB_SRID: u32 = 0x2000_0000;

/// A shape as an entity has it, not copied.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum Shape<'a> {
    /// A place.
    Point(Coord<f64>),
    /// The line of a street or route.
    Lines(&'a MultiLineString<f64>),
    /// The area of a grid.
    Polygons(&'a MultiPolygon<f64>),
    /// The shape of a compound.
    Any(&'a Geometry<f64>),
}

impl Shape<'_> {
    /// True if there is a coordinate and all of them are finite numbers.
    pub(in crate::store) fn is_sound(&self) -> bool {
        fn all(shape: &impl CoordsIter<Scalar = f64>) -> bool {
            shape.coords_count() > 0 && shape.coords_iter().all(finite)
        }
        match self {
            Shape::Point(at) => finite(*at),
            Shape::Lines(lines) => all(*lines),
            Shape::Polygons(parts) => all(*parts),
            // Inner rings without an outer one have no bounds.
            Shape::Any(shape) => all(*shape) && encode_gpb(*shape, SRS_ID).is_ok(),
        }
    }

    /// A GeoPackage blob; a point has no envelope, everything else has one.
    pub(in crate::store) fn gpkg(&self) -> Vec<u8> {
        let mut blob = Vec::with_capacity(29);
        self.put_gpkg(&mut blob);
        blob
    }

    /// Appends what [`Shape::gpkg`] answers.
    pub(in crate::store) fn put_gpkg(&self, out: &mut Vec<u8>) {
        let encoded = match self {
            Shape::Point(at) => return put_gpkg_point(out, *at),
            Shape::Any(Geometry::Point(at)) => return put_gpkg_point(out, at.0),
            Shape::Lines(lines) => encode_gpb(*lines, SRS_ID),
            Shape::Polygons(parts) => encode_gpb(*parts, SRS_ID),
            Shape::Any(shape) => encode_gpb(*shape, SRS_ID),
        };
        out.extend(encoded.map(|(blob, _)| blob).unwrap_or_default());
    }

    /// Little-endian ISO WKB.
    pub(in crate::store) fn wkb(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let options = WriteOptions::default();
        let written = match self {
            Shape::Point(at) => {
                put_point(&mut out, *at);
                Ok(())
            }
            Shape::Lines(lines) => write_multi_line_string(&mut out, lines, &options),
            Shape::Polygons(parts) => write_multi_polygon(&mut out, parts, &options),
            Shape::Any(shape) => write_geometry(&mut out, shape, &options),
        };
        // Writing into memory fails for no sound shape.
        if written.is_err() {
            out.clear();
        }
        out
    }

    /// EWKB, as PostGIS takes it.
    pub(in crate::store) fn ewkb(&self) -> Vec<u8> {
        let plain = self.wkb();
        let Some((head, rest)) = plain.split_first_chunk::<5>() else {
            return plain;
        };
        let kind = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) | EWKB_SRID;
        let mut out = Vec::with_capacity(plain.len() + 4);
        out.push(1);
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&SRS_ID.to_le_bytes());
        out.extend_from_slice(rest);
        out
    }
}

/// A point without envelope: 8 bytes of header, 21 bytes of WKB.
fn put_gpkg_point(out: &mut Vec<u8>, at: Coord<f64>) {
    // "GP", version 0, flags: little-endian, no envelope, not empty.
    out.extend_from_slice(&[b'G', b'P', 0, 1]);
    out.extend_from_slice(&SRS_ID.to_le_bytes());
    put_point(out, at);
}

fn put_point(out: &mut Vec<u8>, at: Coord<f64>) {
    // Little-endian, type 1.
    out.extend_from_slice(&[1, 1, 0, 0, 0]);
    out.extend_from_slice(&at.x.to_le_bytes());
    out.extend_from_slice(&at.y.to_le_bytes());
}

/// Reads a blob; `None` for anything that is not a finite, non-empty geometry.
pub(super) fn read(blob: &[u8]) -> Option<Geometry<f64>> {
    if !blob.starts_with(b"GP") {
        return decode(blob).ok();
    }
    let shape = GpbGeometry::parse(blob).ok()?.to_geo()?;
    let usable = shape.coords_count() > 0 && shape.coords_iter().all(finite);
    usable.then_some(shape)
}

/// Reads a point; our own blobs without the general reader.
pub(super) fn read_point(blob: &[u8]) -> Option<Coord<f64>> {
    let ours = match blob.len() {
        29 => blob[..4] == *b"GP\0\x01" && blob[8..13] == [1, 1, 0, 0, 0],
        // EWKB: little-endian, type 1 with SRID, 4326.
        25 => blob[..9] == [1, 1, 0, 0, 0x20, 0xe6, 0x10, 0, 0],
        _ => false,
    };
    if ours {
        let number = |at: usize| {
            let bytes = blob[blob.len() - at..].first_chunk().copied();
            f64::from_le_bytes(bytes.unwrap_or_default())
        };
        let at = Coord {
            x: number(16),
            y: number(8),
        };
        return finite(at).then_some(at);
    }
    match read(blob)? {
        Geometry::Point(at) => Some(at.0),
        Geometry::MultiPoint(points) if points.0.len() == 1 => Some(points.0[0].0),
        _ => None,
    }
}

/// Polygons.
pub(super) fn polygons(shape: Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match shape {
        Geometry::Polygon(part) => Some(MultiPolygon(vec![part])),
        Geometry::MultiPolygon(parts) => Some(parts),
        _ => None,
    }
}

/// Lines.
pub(super) fn lines(shape: Geometry<f64>) -> Option<MultiLineString<f64>> {
    match shape {
        Geometry::Line(line) => Some(MultiLineString(vec![LineString::from(line)])),
        Geometry::LineString(line) => Some(MultiLineString(vec![line])),
        Geometry::MultiLineString(lines) => Some(lines),
        _ => None,
    }
}

fn finite(at: Coord<f64>) -> bool {
    at.x.is_finite() && at.y.is_finite()
}

#[cfg(test)]
mod tests {
    use geo::{coord, polygon};

    use super::*;

    #[test]
    fn both_dialects_come_back() {
        let at = coord! { x: 117.25, y: 31.875 };
        let area = MultiPolygon(vec![
            polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0), (x: 0.0, y: 0.0)],
        ]);
        for blob in [Shape::Point(at).gpkg(), Shape::Point(at).ewkb()] {
            assert_eq!(read_point(&blob), Some(at));
            assert_eq!(read(&blob), Some(geo::Point(at).into()));
        }
        for blob in [Shape::Polygons(&area).gpkg(), Shape::Polygons(&area).ewkb()] {
            assert_eq!(read(&blob).and_then(polygons), Some(area.clone()));
        }
        let utm = [&[1, 1, 0, 0, 0x20, 0xe7, 0x10, 0, 0][..], &[0; 16]].concat();
        assert_eq!(read_point(&utm), None, "another system");
        for bad in [&b""[..], b"GP", b"\x01\x01", b"hello"] {
            assert_eq!(read(bad), None);
        }
    }

    #[test]
    fn shapes_without_finite_coordinates_are_not_sound() {
        let nan = coord! { x: f64::NAN, y: 0.0 };
        assert!(!Shape::Point(nan).is_sound());
        assert!(!Shape::Polygons(&MultiPolygon(Vec::new())).is_sound());
        assert!(!Shape::Lines(&MultiLineString(vec![vec![nan, nan].into()])).is_sound());
    }
}
