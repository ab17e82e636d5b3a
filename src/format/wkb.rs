//! WKB and the GeoPackage blob around it: how stores keep a geometry.
//!
//! Reading never panics and never allocates by a declared count. Geometry
//! collections are refused: no layer has them. Extra dimensions are dropped.

use geo::{CoordsIter, Geometry};
use geo_traits::to_geo::ToGeoGeometry;
use geopackage_core::geometry::{GpbGeometry, encode_gpb};
use wkb::reader::{GeometryType, Wkb, read_wkb};
use wkb::writer::{WriteOptions, write_geometry};

/// EPSG:4326, the only system inside.
pub const SRS_ID: i32 = 4326;

/// Longest blob read: over a million vertices.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The flag of EWKB, PostGIS's dialect, for "an SRID follows".
const EWKB_SRID: u32 = 0x2000_0000;

/// Why a blob or a geometry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WkbError {
    /// Not readable.
    #[error("corrupt geometry: {0}")]
    Corrupt(String),
    /// Longer than any geometry here may be.
    #[error("geometry of {0} bytes; at most 33554432 are read")]
    TooLong(usize),
    /// A collection, or a type that is not known.
    #[error("geometry type {0} is not stored here")]
    Type(String),
    /// NaN, infinite or no coordinates.
    #[error("geometry is empty or has a coordinate that is not finite")]
    NotFinite,
    /// A system other than EPSG:4326.
    #[error("geometry in system {0}; stored geometries are in 4326")]
    Srid(u32),
}

impl WkbError {
    fn corrupt(error: &impl std::fmt::Display) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// A geometry as little-endian ISO WKB.
///
/// # Errors
/// When it is empty, not finite or a collection.
pub fn encode(geometry: &Geometry<f64>) -> Result<Vec<u8>, WkbError> {
    check(geometry)?;
    let mut out = Vec::new();
    write_geometry(&mut out, geometry, &WriteOptions::default())
        .map_err(|e| WkbError::corrupt(&e))?;
    Ok(out)
}

/// A geometry as a GeoPackage blob with its envelope, in EPSG:4326.
///
/// # Errors
/// As [`encode`].
pub fn encode_gpkg(geometry: &Geometry<f64>) -> Result<Vec<u8>, WkbError> {
    check(geometry)?;
    encode_gpb(geometry, SRS_ID)
        .map(|(blob, _envelope)| blob)
        .map_err(|e| WkbError::corrupt(&e))
}

/// A geometry from WKB (ISO or EWKB of system 4326).
///
/// # Errors
/// When the bytes are no such geometry; see [`WkbError`].
pub fn decode(bytes: &[u8]) -> Result<Geometry<f64>, WkbError> {
    if bytes.len() > MAX_BYTES {
        return Err(WkbError::TooLong(bytes.len()));
    }
    check_srid(bytes)?;
    let wkb = read_wkb(bytes).map_err(|e| WkbError::corrupt(&e))?;
    to_geometry(&wkb)
}

/// A geometry from a GeoPackage blob.
///
/// # Errors
/// When the bytes are no such geometry; see [`WkbError`].
pub fn decode_gpkg(blob: &[u8]) -> Result<Geometry<f64>, WkbError> {
    if blob.len() > MAX_BYTES {
        return Err(WkbError::TooLong(blob.len()));
    }
    let geometry = GpbGeometry::parse(blob).map_err(|e| WkbError::corrupt(&e))?;
    check_srid(geometry.wkb_body())?;
    to_geometry(geometry.wkb())
}

fn to_geometry(wkb: &Wkb<'_>) -> Result<Geometry<f64>, WkbError> {
    if wkb.geometry_type() == GeometryType::GeometryCollection {
        return Err(WkbError::Type("GeometryCollection".into()));
    }
    let geometry = wkb.try_to_geometry().ok_or(WkbError::NotFinite)?;
    check(&geometry)?;
    Ok(geometry)
}

fn check(geometry: &Geometry<f64>) -> Result<(), WkbError> {
    if let Geometry::GeometryCollection(_) = geometry {
        return Err(WkbError::Type("GeometryCollection".into()));
    }
    let mut coords = geometry.coords_iter().peekable();
    if coords.peek().is_none() || !coords.all(|c| c.x.is_finite() && c.y.is_finite()) {
        return Err(WkbError::NotFinite);
    }
    Ok(())
}

/// Refuses EWKB that names another system; the reader skips the number.
fn check_srid(bytes: &[u8]) -> Result<(), WkbError> {
    let word = |at: usize| -> Option<u32> {
        let raw: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(match bytes.first()? {
            0 => u32::from_be_bytes(raw),
            _ => u32::from_le_bytes(raw),
        })
    };
    match (word(1), word(5)) {
        (Some(kind), Some(srid)) if kind & EWKB_SRID != 0 && srid != SRS_ID.unsigned_abs() => {
            Err(WkbError::Srid(srid))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use geo::{Coord, LineString, MultiPolygon, Point, Polygon, line_string, point, polygon};
    use proptest::prelude::*;

    use super::*;

    fn hex(name: &str) -> Vec<u8> {
        let path = format!(
            "{}/tests/fixtures/hostile/wkb/{name}.hex",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.trim();
        (0..text.len() / 2)
            .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn hostile_blobs_are_refused_and_good_ones_read() {
        for name in ["ok_point", "ewkb_srid", "trailing", "iso_zm"] {
            let got = decode(&hex(name)).unwrap();
            assert_eq!(got, point!(x: 121.47, y: 31.23).into(), "{name}");
        }
        for name in [
            "empty_point",
            "trunc_point",
            "count_lie_line",
            "count_lie_rings",
            "count_lie_gc",
            "unknown_type",
            "bad_order",
            "deep_gc",
            "ewkb_other_srid",
        ] {
            assert!(decode(&hex(name)).is_err(), "{name}");
        }
        assert!(decode(&hex("mixed_order")).is_ok());
        assert_eq!(decode(&hex("ewkb_other_srid")), Err(WkbError::Srid(4549)));
        for name in ["gpkg_bad_env", "gpkg_bad_magic", "ok_point"] {
            assert!(decode_gpkg(&hex(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_no_place_is_not_written() {
        let nan: Geometry = point!(x: f64::NAN, y: 1.0).into();
        let empty: Geometry = LineString::<f64>(vec![]).into();
        let collection =
            Geometry::GeometryCollection(vec![Geometry::from(point!(x: 1.0, y: 1.0))].into());
        for g in [nan, empty, collection] {
            assert!(encode(&g).is_err());
            assert!(encode_gpkg(&g).is_err());
        }
    }

    #[test]
    fn every_type_reads_back() {
        let hole = polygon![
            exterior: [(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 4.0, y: 4.0)],
            interiors: [[(x: 2.0, y: 1.0), (x: 3.0, y: 1.0), (x: 3.0, y: 2.0)]],
        ];
        let all: [Geometry; 4] = [
            Point(Coord { x: 117.3, y: 31.9 }).into(),
            line_string![(x: 1.0, y: 2.0), (x: 3.0, y: 4.0)].into(),
            hole.clone().into(),
            MultiPolygon(vec![hole.clone(), hole]).into(),
        ];
        for g in all {
            assert_eq!(decode(&encode(&g).unwrap()).unwrap(), g);
            assert_eq!(decode_gpkg(&encode_gpkg(&g).unwrap()).unwrap(), g);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
            let _ = decode_gpkg(&bytes);
        }

        #[test]
        fn cut_or_damaged_blobs_give_an_answer(cut in 0usize..200, at in 0usize..200, byte in any::<u8>()) {
            let ring = LineString::from(vec![(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]);
            let mut blob = encode_gpkg(&Polygon::new(ring, vec![]).into()).unwrap();
            let len = blob.len();
            blob[at % len] = byte;
            blob.truncate(cut.max(1));
            let _ = decode_gpkg(&blob);
        }
    }
}
