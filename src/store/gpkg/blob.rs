//! Geometry blobs: the GeoPackage header and WKB, in WGS84 degrees.

use geo::{Coord, CoordsIter, Geometry, LineString, MultiLineString, MultiPolygon};
use geopackage_core::geometry::GpbGeometry;

/// EPSG:4326.
const SRS_ID: i32 = 4326;

/// A point without envelope: 8 bytes of header, 21 bytes of WKB.
pub(super) fn point(at: Coord<f64>) -> Option<Vec<u8>> {
    if !finite(at) {
        return None;
    }
    let mut blob = Vec::with_capacity(29);
    // "GP", version 0, flags: little-endian, no envelope, not empty.
    blob.extend_from_slice(&[b'G', b'P', 0, 1]);
    blob.extend_from_slice(&SRS_ID.to_le_bytes());
    // WKB: little-endian, type 1.
    blob.extend_from_slice(&[1, 1, 0, 0, 0]);
    blob.extend_from_slice(&at.x.to_le_bytes());
    blob.extend_from_slice(&at.y.to_le_bytes());
    Some(blob)
}

/// Any geometry; `None` if a coordinate is not finite or nothing is in it.
pub(super) fn geometry(shape: &Geometry<f64>) -> Option<Vec<u8>> {
    if let Geometry::Point(at) = shape {
        return point(at.0);
    }
    if shape.coords_count() == 0 || !shape.coords_iter().all(finite) {
        return None;
    }
    let (blob, _) = geopackage_core::geometry::encode_gpb(shape, SRS_ID).ok()?;
    Some(blob)
}

/// Reads a blob; `None` for anything that is not a finite, non-empty geometry.
pub(super) fn read(blob: &[u8]) -> Option<Geometry<f64>> {
    let shape = GpbGeometry::parse(blob).ok()?.to_geo()?;
    let usable = shape.coords_count() > 0 && shape.coords_iter().all(finite);
    usable.then_some(shape)
}

/// Reads a point; the blob of [`point`] without the general reader.
pub(super) fn read_point(blob: &[u8]) -> Option<Coord<f64>> {
    if blob.len() == 29 && blob[..4] == *b"GP\0\x01" && blob[8..13] == [1, 1, 0, 0, 0] {
        let number =
            |at: usize| f64::from_le_bytes(blob[at..at + 8].try_into().unwrap_or_default());
        let at = Coord {
            x: number(13),
            y: number(21),
        };
        return finite(at).then_some(at);
    }
    match read(blob)? {
        Geometry::Point(at) => Some(at.0),
        Geometry::MultiPoint(points) if points.0.len() == 1 => Some(points.0[0].0),
        _ => None,
    }
}

/// Polygons, also out of a collection.
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
