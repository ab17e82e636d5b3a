//! CSV for spreadsheets: byte order mark, titles in the reader's language,
//! CRLF, and no cell that a spreadsheet would calculate.

use std::io;

use geo::Geometry;

use super::text::{guarded, places_json, wkt};
use super::{ColumnType, Row, Sheet, WriteError, Written};
use crate::model::Value;

/// Writes the rows.
///
/// # Errors
/// When `out` fails.
pub(super) fn write(
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = Row>,
    out: &mut dyn io::Write,
) -> Result<Written, WriteError> {
    let mut line = String::from("\u{feff}id");
    for column in &sheet.columns {
        line.push(',');
        cell(&mut line, sheet.title_of(column));
    }
    line.push_str(if sheet.points {
        ",lon,lat\r\n"
    } else {
        ",wkt\r\n"
    });
    out.write_all(line.as_bytes())?;
    let mut written = Written::default();
    for row in rows {
        line.clear();
        line.push_str(&row.id.to_string());
        for (column, value) in sheet.columns.iter().zip(&row.values) {
            line.push(',');
            if column.column_type == ColumnType::Places {
                if let Some(list) = places_json(&row) {
                    cell(&mut line, &list.to_string());
                }
                continue;
            }
            match value {
                Value::Text(text) => cell(&mut line, text),
                other => line.push_str(&other.to_string()),
            }
        }
        line.push(',');
        match &row.geometry {
            Some(Geometry::Point(at)) if sheet.points => {
                line.push_str(&format!("{},{}", at.x(), at.y()));
            }
            Some(shape) => cell(&mut line, &wkt(shape)),
            None if sheet.points => line.push(','),
            None => {}
        }
        line.push_str("\r\n");
        out.write_all(line.as_bytes())?;
        written.rows += 1;
    }
    Ok(written)
}

/// A text cell. One that begins like a formula gets an apostrophe, which
/// spreadsheets show as text; quotes alone would not stop them.
fn cell(out: &mut String, text: &str) {
    let safe = guarded(text);
    let quoted =
        safe.len() != text.len() || text.contains([',', '"', '\n', '\r']) || text != text.trim();
    if !quoted {
        out.push_str(&safe);
        return;
    }
    out.push('"');
    out.push_str(&safe.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        cell(&mut out, text);
        out
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
            ::csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(io::Cursor::new(format!(
                    "{},x\r\n",
                    written("说\"好\",\r\n下一行")
                )));
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(&record[0], "说\"好\",\r\n下一行");
    }
}
