//! GeoJSON (RFC 7946), one feature a line.

use std::io;

use serde_json::{Map, Value as Json, json};

use super::text::places_json;
use super::{ColumnType, Row, Sheet, WriteError, Written};

/// Writes the rows.
///
/// # Errors
/// When `out` fails.
pub(super) fn write(
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = Row>,
    out: &mut dyn io::Write,
) -> Result<Written, WriteError> {
    out.write_all(b"{\"type\":\"FeatureCollection\",")?;
    for (name, text) in [("note", &sheet.note), ("attribution", &sheet.attribution)] {
        if let Some(text) = text {
            write!(out, "\"{name}\":{},", Json::from(text.as_str()))?;
        }
    }
    out.write_all(b"\"features\":[\n")?;
    let mut written = Written::default();
    for row in rows {
        if written.rows > 0 {
            out.write_all(b",\n")?;
        }
        let mut properties = Map::new();
        for (column, value) in sheet.columns.iter().zip(&row.values) {
            let value = match column.column_type {
                ColumnType::Places => places_json(&row).unwrap_or(Json::Null),
                _ => value.to_json(),
            };
            properties.insert(column.name.clone(), value);
        }
        let geometry = row.geometry.as_ref().map(::geojson::Geometry::from);
        let feature = json!({
            "type": "Feature", "id": row.id, "geometry": geometry, "properties": properties,
        });
        write!(out, "{feature}")?;
        written.rows += 1;
    }
    out.write_all(b"\n]}\n")?;
    Ok(written)
}
