//! Rows that somebody else fetched: a table of a GeoPackage, whose file the
//! core cannot open. Geometry comes as WKB or as a GeoPackage blob.

use geo::{Geometry, LineString, Polygon};

use super::open::Inner;
use super::problem::{Code, Refusal};
use super::table::{Feature, Features, Shape};
use super::wkb;
use crate::crs::{Crs, CrsError};
use crate::model::Value;

/// A table as rows of values with a geometry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ForeignTable {
    /// Headings.
    pub columns: Vec<String>,
    /// The rows, in order.
    pub rows: Vec<ForeignRow>,
    /// The coordinate system that the file names.
    pub crs: Option<Crs>,
    /// Why the system that the file names is not read.
    pub crs_error: Option<CrsError>,
    /// The name of the table that was read.
    pub layer: String,
    /// All tables that could be read.
    pub layers: Vec<Inner>,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ForeignRow {
    /// The id that the table has.
    pub id: Option<String>,
    /// WKB or a GeoPackage blob.
    pub geometry: Option<Vec<u8>>,
    /// One value for each column.
    pub values: Vec<Value>,
}

/// The table as features.
pub(super) fn features(table: &ForeignTable) -> Features {
    let rows = table.rows.iter().map(|row| {
        let cells = row.values.iter().enumerate().take(table.columns.len());
        let mut feature = Feature {
            cells: cells
                .filter(|(_, value)| **value != Value::Null)
                .map(|(n, value)| (n, value.to_string()))
                .collect(),
            id: row.id.clone(),
            ..Feature::default()
        };
        match row.geometry.as_deref().map(shape) {
            None => {}
            Some(Ok(shape)) => feature.shape = shape,
            Some(Err(refusal)) => feature.refusal = Some(refusal),
        }
        feature
    });
    Features {
        columns: table
            .columns
            .iter()
            .map(|c| super::mapping::tidy_heading(c))
            .collect(),
        rows: rows.collect(),
        crs: table.crs,
        encoding: "utf-8",
        ..Features::default()
    }
}

/// A blob as a shape; `None` for an empty geometry.
fn shape(blob: &[u8]) -> Result<Option<Shape>, Refusal> {
    let read = if blob.starts_with(b"GP") {
        // Bit 4 of the flags: empty.
        if blob.get(3).is_some_and(|flags| flags & 0x10 != 0) {
            return Ok(None);
        }
        wkb::decode_gpkg(blob)
    } else {
        wkb::decode(blob)
    };
    match read {
        Ok(geometry) => Ok(Some(of_geometry(&geometry))),
        Err(wkb::WkbError::Type(kind)) if kind.contains("Collection") => {
            Ok(Some(Shape::Collection))
        }
        Err(e) => {
            let code = match e {
                wkb::WkbError::NotFinite => Code::CoordNotFinite,
                wkb::WkbError::Type(_) => Code::GeomType,
                wkb::WkbError::Srid(_) => Code::Crs,
                _ => Code::Corrupt,
            };
            Err(Refusal::new(code, e.to_string()))
        }
    }
}

fn of_geometry(geometry: &Geometry<f64>) -> Shape {
    let line = |line: &LineString<f64>| line.0.clone();
    let rings = |area: &Polygon<f64>| -> Vec<Vec<geo::Coord>> {
        let all = std::iter::once(area.exterior()).chain(area.interiors());
        all.map(line).collect()
    };
    match geometry {
        Geometry::Point(at) => Shape::Point(at.0),
        Geometry::MultiPoint(points) => Shape::Points(points.iter().map(|p| p.0).collect()),
        Geometry::LineString(one) => Shape::Lines(vec![line(one)]),
        Geometry::MultiLineString(many) => Shape::Lines(many.iter().map(line).collect()),
        Geometry::Polygon(area) => Shape::Polygons(vec![rings(area)]),
        Geometry::MultiPolygon(areas) => Shape::Polygons(areas.iter().map(rings).collect()),
        _ => Shape::Collection,
    }
}
