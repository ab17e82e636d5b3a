//! A zipped Shapefile: one for each kind of shape, with `.prj` and `.cpg`.

use std::io::{self, Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::shp::{DbfField, ShapeType, Shapes, dbf};
use super::{Column, ColumnType, Row, Sheet, WriteError, Written};
use crate::format::encoding::Encoding;
use crate::model::Value;

/// Longest text of a dBase cell, bytes.
const MAX_TEXT: usize = 254;
/// Longest name of a dBase field, bytes.
const MAX_NAME: usize = 10;

/// EPSG:4326 as ESRI writes it.
const PRJ: &str = "GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]";

impl From<zip::result::ZipError> for WriteError {
    fn from(error: zip::result::ZipError) -> Self {
        match error {
            zip::result::ZipError::Io(error) => Self::Io(error),
            other => Self::Format(other.to_string()),
        }
    }
}

/// One Shapefile on the way.
struct Part {
    shape_type: ShapeType,
    shapes: Shapes,
    rows: Vec<Vec<Vec<u8>>>,
}

/// Writes the rows; those without a place are null shapes beside the first
/// kind.
///
/// # Errors
/// When `out` fails.
pub(super) fn write(
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = Row>,
    out: &mut dyn io::Write,
) -> Result<Written, WriteError> {
    let usual = if sheet.chinese {
        Encoding::GB18030
    } else {
        Encoding::UTF_8
    };
    let encoding = sheet.encoding.unwrap_or(usual);
    let names = field_names(sheet, encoding);
    let mut parts: Vec<Part> = Vec::new();
    let mut waiting: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut written = Written::default();
    for row in rows {
        let mut cells = vec![row.id.to_string().into_bytes()];
        for (column, value) in sheet.columns.iter().zip(&row.values) {
            let (cell, cut) = cell(column, value, &row, encoding);
            written.cut += u64::from(cut);
            cells.push(cell);
        }
        written.rows += 1;
        let Some(shape_type) = row.geometry.as_ref().and_then(ShapeType::of) else {
            waiting.push(cells);
            continue;
        };
        let at = parts.iter().position(|p| p.shape_type == shape_type);
        let at = at.unwrap_or_else(|| {
            parts.push(Part {
                shape_type,
                shapes: Shapes::new(shape_type),
                rows: Vec::new(),
            });
            parts.len() - 1
        });
        parts[at].shapes.add(row.geometry.as_ref());
        parts[at].rows.push(cells);
    }
    if parts.is_empty() {
        parts.push(Part {
            shape_type: ShapeType::Point,
            shapes: Shapes::new(ShapeType::Point),
            rows: Vec::new(),
        });
    }
    for cells in waiting {
        parts[0].shapes.add(None);
        parts[0].rows.push(cells);
    }
    let bytes = pack(sheet, parts, &names, encoding)?;
    out.write_all(&bytes)?;
    Ok(written)
}

fn pack(
    sheet: &Sheet,
    parts: Vec<Part>,
    names: &[Vec<u8>],
    encoding: Encoding,
) -> Result<Vec<u8>, WriteError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let several = parts.len() > 1;
    for part in parts {
        let stem = match part.shape_type {
            _ if !several => sheet.name.clone(),
            ShapeType::Point => format!("{}_points", sheet.name),
            ShapeType::Line => format!("{}_lines", sheet.name),
            ShapeType::Area => format!("{}_areas", sheet.name),
        };
        let fields = fields(sheet, names, &part.rows);
        let (shp, shx) = part.shapes.finish();
        let table = dbf(&fields, &part.rows, encoding);
        let gbk = encoding == Encoding::GB18030;
        let cpg = if gbk { "GBK" } else { "UTF-8" };
        for (ending, bytes) in [
            ("shp", shp.as_slice()),
            ("shx", &shx),
            ("dbf", &table),
            ("prj", PRJ.as_bytes()),
            ("cpg", cpg.as_bytes()),
        ] {
            zip.start_file(format!("{stem}.{ending}"), options)?;
            zip.write_all(bytes)?;
        }
    }
    Ok(zip.finish()?.into_inner())
}

/// Names of at most ten bytes, each once: the title, else the name.
fn field_names(sheet: &Sheet, encoding: Encoding) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = vec![b"id".to_vec()];
    for column in &sheet.columns {
        let title = if sheet.chinese {
            column.zh.clone()
        } else {
            column.name.replace('_', "")
        };
        let short = cut(&title, MAX_NAME, encoding).0;
        let mut name = short.clone();
        let mut n = 1;
        while names.iter().any(|old| old.eq_ignore_ascii_case(&name)) || name.is_empty() {
            n += 1;
            let number = n.to_string();
            name = cut(&title, MAX_NAME - number.len(), encoding).0;
            name.extend_from_slice(number.as_bytes());
        }
        names.push(name);
    }
    names
}

/// The fields, as wide as their widest cell.
fn fields(sheet: &Sheet, names: &[Vec<u8>], rows: &[Vec<Vec<u8>>]) -> Vec<DbfField> {
    let widest = |n: usize| rows.iter().map(|r| r[n].len()).max().unwrap_or(0).max(1);
    let kinds =
        std::iter::once(ColumnType::Integer).chain(sheet.columns.iter().map(|c| c.column_type));
    names
        .iter()
        .zip(kinds)
        .enumerate()
        .map(|(n, (name, kind))| {
            let (kind, width) = match kind {
                ColumnType::Integer | ColumnType::Number => (b'N', widest(n).max(4)),
                ColumnType::Bool => (b'L', 1),
                ColumnType::Date => (b'D', 8),
                ColumnType::Text | ColumnType::Instant | ColumnType::Places => (b'C', widest(n)),
            };
            let decimals = rows.iter().map(|r| decimals(&r[n])).max().unwrap_or(0);
            DbfField {
                name: name.clone(),
                kind,
                width: u8::try_from(width).unwrap_or(u8::MAX),
                decimals: if kind == b'N' { decimals } else { 0 },
            }
        })
        .collect()
}

fn decimals(number: &[u8]) -> u8 {
    let point = number.iter().position(|b| *b == b'.');
    point.map_or(0, |at| {
        u8::try_from(number.len() - at - 1).unwrap_or(15).min(15)
    })
}

/// A value as the bytes of a cell, and whether it was cut.
fn cell(column: &Column, value: &Value, row: &Row, encoding: Encoding) -> (Vec<u8>, bool) {
    if column.column_type == ColumnType::Places {
        // JSON would be cut; names are for people.
        let names: Vec<&str> = row.places.iter().map(|(n, _)| n.as_str()).collect();
        return cut(&names.join("、"), MAX_TEXT, encoding);
    }
    let plain = |text: String| (text.into_bytes(), false);
    match value {
        Value::Null => plain(String::new()),
        Value::Text(text) => cut(text, MAX_TEXT, encoding),
        Value::Integer(number) => plain(number.to_string()),
        Value::Number(number) => {
            // 15 digits are what a number has; more decimals do not fit.
            let text = number.to_string();
            plain(if text.len() > 19 {
                format!("{number:.8}")
            } else {
                text
            })
        }
        Value::Bool(yes) => plain(if *yes { "T" } else { "F" }.to_owned()),
        Value::Date(day) => plain(day.strftime("%Y%m%d").to_string()),
        Value::Instant(at) => plain(at.to_local().strftime("%Y-%m-%d %H:%M:%S").to_string()),
    }
}

/// As many whole characters as fit, and whether some did not.
fn cut(text: &str, most: usize, encoding: Encoding) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    for c in text.chars() {
        let mut buffer = [0; 4];
        let (bytes, _, unmapped) = encoding.0.encode(c.encode_utf8(&mut buffer));
        let bytes: &[u8] = if unmapped { b"?" } else { &bytes };
        if out.len() + bytes.len() > most {
            return (out, true);
        }
        out.extend_from_slice(bytes);
    }
    (out, false)
}
