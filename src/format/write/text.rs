//! Values as texts that the readers of this program read back.

use std::fmt::Write as _;

use geo::{Coord, Geometry, LineString, Polygon};
use serde_json::json;

use super::Row;
use crate::format::formula::is_formula;
use crate::model::Value;

/// A text that no spreadsheet calculates.
pub(super) fn guarded(text: &str) -> String {
    if is_formula(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Places as JSON, as the importer reads checkpoints and gates.
pub fn places_json(row: &Row) -> Option<serde_json::Value> {
    if row.places.is_empty() {
        return None;
    }
    let list = row.places.iter().map(|(name, at)| {
        if name.is_empty() {
            json!([at.x, at.y])
        } else {
            json!({"name": name, "lon": at.x, "lat": at.y})
        }
    });
    Some(list.collect())
}

/// What to call a row: its name; where a layer has no names its code,
/// category or number. A row without a name stays without one.
pub(super) fn label(columns: &[super::Column], row: &Row) -> String {
    let of = |wanted: &str| {
        let at = columns.iter().position(|c| c.name == wanted)?;
        match row.values.get(at) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text.to_string()),
            _ => None,
        }
    };
    if columns.iter().any(|c| c.name == "name") {
        return of("name").unwrap_or_default();
    }
    ["code", "category", "kind"]
        .into_iter()
        .find_map(of)
        .unwrap_or_else(|| row.id.to_string())
}

/// Well-known text of the shapes that layers have.
pub(super) fn wkt(shape: &Geometry<f64>) -> String {
    let mut out = String::new();
    match shape {
        Geometry::Point(at) => {
            let _ = write!(out, "POINT({} {})", at.x(), at.y());
        }
        Geometry::LineString(line) => {
            out.push_str("LINESTRING");
            coords(&mut out, &line.0);
        }
        Geometry::MultiLineString(lines) => {
            out.push_str("MULTILINESTRING");
            list(&mut out, &lines.0, |out, line| coords(out, &line.0));
        }
        Geometry::Polygon(area) => {
            out.push_str("POLYGON");
            rings(&mut out, area);
        }
        Geometry::MultiPolygon(areas) => {
            out.push_str("MULTIPOLYGON");
            list(&mut out, &areas.0, rings);
        }
        // No layer has another shape.
        _ => out.push_str("GEOMETRYCOLLECTION EMPTY"),
    }
    out
}

fn rings(out: &mut String, area: &Polygon<f64>) {
    let rings: Vec<&LineString<f64>> = std::iter::once(area.exterior())
        .chain(area.interiors())
        .collect();
    list(out, &rings, |out, ring| coords(out, &ring.0));
}

fn coords(out: &mut String, coords: &[Coord<f64>]) {
    list(out, coords, |out, at| {
        let _ = write!(out, "{} {}", at.x, at.y);
    });
}

fn list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    out.push('(');
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(')');
}

/// Lines of a shape; outlines of areas count as lines.
pub(super) fn lines_of(shape: &Geometry<f64>) -> Vec<&[Coord<f64>]> {
    fn outline(area: &Polygon<f64>) -> impl Iterator<Item = &[Coord<f64>]> {
        let rings = std::iter::once(area.exterior()).chain(area.interiors());
        rings.map(|ring| ring.0.as_slice())
    }
    match shape {
        Geometry::LineString(line) => vec![&line.0],
        Geometry::MultiLineString(lines) => lines.0.iter().map(|l| l.0.as_slice()).collect(),
        Geometry::Polygon(area) => outline(area).collect(),
        Geometry::MultiPolygon(areas) => areas.0.iter().flat_map(outline).collect(),
        _ => Vec::new(),
    }
}

/// Polygons of a shape.
pub(super) fn polygons_of(shape: &Geometry<f64>) -> Vec<&Polygon<f64>> {
    match shape {
        Geometry::Polygon(area) => vec![area],
        Geometry::MultiPolygon(areas) => areas.0.iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_as_text() {
        let ring = |points: &[(f64, f64)]| LineString::from(points.to_vec());
        let area = Polygon::new(
            ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0)]),
            vec![ring(&[(1.0, 0.5), (2.0, 0.5), (2.0, 1.0)])],
        );
        assert_eq!(
            wkt(&area.into()),
            "POLYGON((0 0,4 0,4 4,0 0),(1 0.5,2 0.5,2 1,1 0.5))"
        );
        let lines = geo::MultiLineString(vec![ring(&[(0.0, 0.5), (1.0, 1.0)])]);
        assert_eq!(wkt(&lines.into()), "MULTILINESTRING((0 0.5,1 1))");
    }
}
