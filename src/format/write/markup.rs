//! GPX and KML.

use std::io;

use geo::{Coord, Geometry};

use super::text::{label, lines_of, places_json, polygons_of};
use super::{ColumnType, Row, Sheet, WriteError, Written};
use crate::model::Value;

/// Writes tracks, and points as waypoints; the places of a row are waypoints
/// beside its track.
///
/// # Errors
/// When `out` fails.
pub(super) fn gpx(
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = Row>,
    out: &mut dyn io::Write,
) -> Result<Written, WriteError> {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"gridmap\" xmlns=\"http://www.topografix.com/GPX/1/1\" xmlns:gridmap=\"urn:gridmap\">\n<metadata>",
    );
    element(&mut text, "name", &sheet.title);
    if let Some(note) = &sheet.note {
        element(&mut text, "desc", note);
    }
    text.push_str("</metadata>\n");
    out.write_all(text.as_bytes())?;
    let mut written = Written::default();
    // The schema wants waypoints first; tracks wait.
    let mut tracks = String::new();
    for row in rows {
        written.rows += 1;
        let mut text = String::new();
        for (name, at) in &row.places {
            waypoint(&mut text, *at, name, "");
        }
        match &row.geometry {
            None => written.unplaced += 1,
            Some(Geometry::Point(at)) => {
                waypoint(
                    &mut text,
                    at.0,
                    &label(&sheet.columns, &row),
                    &more(sheet, &row),
                );
            }
            Some(shape) => {
                tracks.push_str("<trk>");
                element(&mut tracks, "name", &label(&sheet.columns, &row));
                tracks.push_str(&more(sheet, &row));
                for line in lines_of(shape) {
                    tracks.push_str("<trkseg>");
                    for at in line {
                        tracks.push_str(&format!("<trkpt lat=\"{}\" lon=\"{}\"/>", at.y, at.x));
                    }
                    tracks.push_str("</trkseg>");
                }
                tracks.push_str("</trk>\n");
            }
        }
        out.write_all(text.as_bytes())?;
    }
    written.rows -= written.unplaced;
    out.write_all(tracks.as_bytes())?;
    out.write_all(b"</gpx>\n")?;
    Ok(written)
}

fn waypoint(out: &mut String, at: Coord, name: &str, more: &str) {
    out.push_str(&format!("<wpt lat=\"{}\" lon=\"{}\">", at.y, at.x));
    element(out, "name", name);
    out.push_str(more);
    out.push_str("</wpt>\n");
}

/// The columns of a row as GPX extensions.
fn more(sheet: &Sheet, row: &Row) -> String {
    let mut out = String::from("<extensions>");
    for (column, value) in sheet.columns.iter().zip(&row.values) {
        // The waypoints beside show the places; this says whose they are.
        let told = if column.column_type == ColumnType::Places {
            places_json(row).map_or_else(|| "[]".to_owned(), |list| list.to_string())
        } else {
            value.to_string()
        };
        // Element names must be ASCII words here; extra columns may be anything.
        let plain = column
            .name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let first = column
            .name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic());
        if column.name == "name" || told.is_empty() || !(plain && first) {
            continue;
        }
        element(&mut out, &format!("gridmap:{}", column.name), &told);
    }
    out.push_str("</extensions>");
    out
}

/// Writes Placemarks with their data.
///
/// # Errors
/// When `out` fails.
pub(super) fn kml(
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = Row>,
    out: &mut dyn io::Write,
) -> Result<Written, WriteError> {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>",
    );
    element(&mut text, "name", &sheet.title);
    let about: Vec<&str> = [&sheet.note, &sheet.attribution]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if !about.is_empty() {
        element(&mut text, "description", &about.join("\n"));
    }
    text.push_str(
        "<Style id=\"s\"><LineStyle><color>ffb4641e</color><width>3</width></LineStyle><PolyStyle><color>40b4641e</color></PolyStyle></Style>\n",
    );
    out.write_all(text.as_bytes())?;
    let mut written = Written::default();
    for row in rows {
        let mut text = String::from("<Placemark>");
        element(&mut text, "name", &label(&sheet.columns, &row));
        text.push_str("<styleUrl>#s</styleUrl><ExtendedData>");
        for (column, value) in sheet.columns.iter().zip(&row.values) {
            let told = match column.column_type {
                ColumnType::Places => places_json(&row).map(|v| v.to_string()),
                _ if column.name == "name" => None,
                _ => match value {
                    Value::Null => None,
                    other => Some(other.to_string()),
                },
            };
            if let Some(told) = told.filter(|t| !t.is_empty()) {
                text.push_str("<Data name=\"");
                escape(&mut text, &column.name);
                text.push_str("\">");
                element(&mut text, "displayName", sheet.title_of(column));
                element(&mut text, "value", &told);
                text.push_str("</Data>");
            }
        }
        text.push_str("</ExtendedData>");
        if let Some(shape) = &row.geometry {
            geometry(&mut text, shape);
        }
        text.push_str("</Placemark>\n");
        out.write_all(text.as_bytes())?;
        written.rows += 1;
    }
    out.write_all(b"</Document>\n</kml>\n")?;
    Ok(written)
}

fn geometry(out: &mut String, shape: &Geometry<f64>) {
    if let Geometry::Point(at) = shape {
        out.push_str("<Point>");
        coordinates(out, &[at.0]);
        out.push_str("</Point>");
        return;
    }
    let areas = polygons_of(shape);
    let lines = if areas.is_empty() {
        lines_of(shape)
    } else {
        Vec::new()
    };
    let many = areas.len() + lines.len() > 1;
    if many {
        out.push_str("<MultiGeometry>");
    }
    for area in areas {
        out.push_str("<Polygon><outerBoundaryIs><LinearRing>");
        coordinates(out, &area.exterior().0);
        out.push_str("</LinearRing></outerBoundaryIs>");
        for hole in area.interiors() {
            out.push_str("<innerBoundaryIs><LinearRing>");
            coordinates(out, &hole.0);
            out.push_str("</LinearRing></innerBoundaryIs>");
        }
        out.push_str("</Polygon>");
    }
    for line in lines {
        out.push_str("<LineString><tessellate>1</tessellate>");
        coordinates(out, line);
        out.push_str("</LineString>");
    }
    if many {
        out.push_str("</MultiGeometry>");
    }
}

fn coordinates(out: &mut String, places: &[Coord<f64>]) {
    out.push_str("<coordinates>");
    for (n, at) in places.iter().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        out.push_str(&format!("{},{}", at.x, at.y));
    }
    out.push_str("</coordinates>");
}

/// An element around a text.
fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    escape(out, text);
    out.push_str(&format!("</{name}>"));
}

/// Escapes for content and attributes; characters that XML does not have go.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}
