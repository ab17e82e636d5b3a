//! Rows of an exported file.

use std::fmt::Write as _;

use geo::{Coord, Geometry, LineString, Polygon};

use super::feature::{self, fields, properties};
use super::html::plain;
use super::lang::Lang;
use crate::index::Snapshot;
use crate::model::LayerName;
use crate::query::FeatureRef;

/// A file format, row by row.
pub(super) trait Rows {
    /// What comes before the first row.
    fn begin(&mut self, out: &mut Vec<u8>, snapshot: &Snapshot);
    /// One feature.
    fn row(&mut self, out: &mut Vec<u8>, snapshot: &Snapshot, feature: &FeatureRef<'_>);
    /// What comes after the last row.
    fn end(&mut self, out: &mut Vec<u8>);
}

/// CSV for spreadsheets: byte order mark, titles in the reader's language,
/// CRLF, and no cell that a spreadsheet would calculate.
#[derive(Debug)]
pub(super) struct CsvRows {
    columns: Vec<(String, String)>,
    points: bool,
}

impl CsvRows {
    pub(super) fn new(snapshot: &Snapshot, layer: LayerName, lang: Lang) -> CsvRows {
        let mut columns: Vec<(String, String)> = fields(layer)
            .iter()
            .map(|field| {
                (
                    field.name.to_owned(),
                    lang.pick(field.zh, field.en).to_owned(),
                )
            })
            .collect();
        if layer == LayerName::Incidents {
            columns.push(("grid".to_owned(), lang.pick("网格", "Grid").to_owned()));
            let special = lang.pick("专属网格", "Special grid").to_owned();
            columns.push(("special_grid".to_owned(), special));
        }
        for extra in snapshot.district.extra_columns(layer) {
            columns.push((extra.name.clone(), extra.name.clone()));
        }
        CsvRows {
            columns,
            points: layer == LayerName::Incidents,
        }
    }
}

impl Rows for CsvRows {
    fn begin(&mut self, out: &mut Vec<u8>, _: &Snapshot) {
        out.extend_from_slice("\u{feff}id".as_bytes());
        for (_, title) in &self.columns {
            out.push(b',');
            cell(out, title);
        }
        let place: &[u8] = if self.points {
            b",lon,lat\r\n"
        } else {
            b",wkt\r\n"
        };
        out.extend_from_slice(place);
    }

    fn row(&mut self, out: &mut Vec<u8>, snapshot: &Snapshot, feature: &FeatureRef<'_>) {
        let all = properties(snapshot, feature);
        out.extend_from_slice(feature.id().to_string().as_bytes());
        for (name, _) in &self.columns {
            out.push(b',');
            match all.get(name) {
                Some(serde_json::Value::String(text)) => cell(out, text),
                Some(value) => out.extend_from_slice(plain(value).as_bytes()),
                None => {}
            }
        }
        out.push(b',');
        match feature.geometry() {
            Some(Geometry::Point(at)) if self.points => {
                out.extend_from_slice(format!("{},{}", at.x(), at.y()).as_bytes());
            }
            Some(shape) => cell(out, &wkt(&shape)),
            None if self.points => out.push(b','),
            None => {}
        }
        out.extend_from_slice(b"\r\n");
    }

    fn end(&mut self, _: &mut Vec<u8>) {}
}

/// A text cell. One that begins like a formula gets an apostrophe, which
/// spreadsheets show as text; quotes alone would not stop them.
pub(super) fn cell(out: &mut Vec<u8>, text: &str) {
    let formula = text
        .trim_start_matches([' ', '\u{3000}', '\n'])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let quoted = formula || text.contains([',', '"', '\n', '\r']) || text != text.trim();
    if !quoted {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    if formula {
        out.push(b'\'');
    }
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// Well-known text of the shapes that layers have.
fn wkt(shape: &Geometry<f64>) -> String {
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

/// GeoJSON, one feature a line.
#[derive(Debug, Default)]
pub(super) struct GeoJsonRows {
    count: usize,
}

impl Rows for GeoJsonRows {
    fn begin(&mut self, out: &mut Vec<u8>, snapshot: &Snapshot) {
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",");
        let district = &snapshot.district;
        for (name, text) in [
            ("note", &district.note),
            ("attribution", &district.attribution),
        ] {
            if let Some(text) = text {
                let text = serde_json::Value::from(text.as_str());
                out.extend_from_slice(format!("\"{name}\":{text},").as_bytes());
            }
        }
        out.extend_from_slice(b"\"features\":[\n");
    }

    fn row(&mut self, out: &mut Vec<u8>, snapshot: &Snapshot, feature: &FeatureRef<'_>) {
        if self.count > 0 {
            out.extend_from_slice(b",\n");
        }
        self.count += 1;
        let view = feature::view(snapshot, feature);
        serde_json::to_writer(&mut *out, &view).expect("a feature is plain JSON in memory");
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\n]}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        cell(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_cell_is_a_formula() {
        for bad in [
            "=1+1",
            "+1",
            "-1+2",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "＝1",
            "=cmd|' /C calc'!A0",
        ] {
            let text = written(bad);
            let inner = text
                .strip_prefix('"')
                .and_then(|t| t.strip_suffix('"'))
                .unwrap();
            assert!(inner.starts_with('\''), "{bad:?} became {text:?}");
        }
    }

    #[test]
    fn quotes_only_where_needed_and_reads_back() {
        assert_eq!(written("元一名城"), "元一名城");
        assert_eq!(written("a,b"), "\"a,b\"");
        let mut reader =
            csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(std::io::Cursor::new(format!(
                    "{},x\r\n",
                    written("说\"好\",\r\n下一行")
                )));
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(&record[0], "说\"好\",\r\n下一行");
    }

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
