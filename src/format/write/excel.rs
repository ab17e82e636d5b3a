//! A workbook: typed cells, days and times as dates of Asia/Shanghai, the
//! headings fixed and filtered.

use std::io;

use geo::Geometry;
use jiff::civil::{Date, DateTime};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::text::{guarded, places_json, wkt};
use super::{ColumnType, Row, Sheet, WriteError, Written};
use crate::model::{Timestamp, Value};

/// The most rows of a sheet below its headings.
const SHEET_ROWS: usize = 1_048_575;
/// The most sheets of a workbook.
const MAX_SHEETS: usize = 4;
/// Longest text of a cell, UTF-16 units.
const MAX_TEXT: usize = 32_767;

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) => Self::Io(error),
            other => Self::Format(other.to_string()),
        }
    }
}

struct Formats {
    heading: Format,
    text: Format,
    day: Format,
    instant: Format,
}

/// Writes the rows, on as many sheets as they need. Rows go to a nameless
/// temporary file of the library as they come, so their number costs little
/// memory.
///
/// # Errors
/// When there are too many rows, or `out` fails.
pub(super) fn write(
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = Row>,
    out: &mut dyn io::Write,
) -> Result<Written, WriteError> {
    write_sheets(sheet, rows, out, SHEET_ROWS)
}

/// As [`write`], with so many rows on a sheet.
fn write_sheets(
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = Row>,
    out: &mut dyn io::Write,
    sheet_rows: usize,
) -> Result<Written, WriteError> {
    let mut book = Workbook::new();
    let made_at = sheet.made_at.unwrap_or(Timestamp(946_684_800)).to_local();
    let mut properties = DocProperties::new()
        .set_title(&sheet.title)
        .set_creation_datetime(&moment(made_at)?);
    if let Some(note) = &sheet.note {
        properties = properties.set_comment(note);
    }
    book.set_properties(&properties);
    let formats = Formats {
        heading: Format::new()
            .set_bold()
            .set_background_color("#E8EEF4")
            .set_align(FormatAlign::Center),
        // "@": what is typed into the cell later stays a text as well.
        text: Format::new().set_num_format("@"),
        day: Format::new().set_num_format("yyyy-mm-dd"),
        instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
    };
    let last_column = column_number(sheet.columns.len() + usize::from(sheet.points));
    let mut written = Written::default();
    let mut rows = rows.peekable();
    for number in 1.. {
        if number > MAX_SHEETS {
            let most = MAX_SHEETS * sheet_rows;
            return Err(WriteError::TooManyRows { most });
        }
        let page = book.add_worksheet_with_constant_memory()?;
        page.set_name(sheet_name(&sheet.title, number))?;
        headings(sheet, page, &formats)?;
        let mut last_row = 0;
        for row in rows.by_ref().take(sheet_rows) {
            last_row += 1;
            written.rows += 1;
            written.cut += one_row(sheet, page, &formats, last_row, &row)?;
        }
        page.autofilter(0, 0, last_row, last_column)?;
        if rows.peek().is_none() {
            break;
        }
    }
    let bytes = book.save_to_buffer()?;
    out.write_all(&bytes)?;
    Ok(written)
}

fn column_number(n: usize) -> u16 {
    u16::try_from(n).expect("a layer has a few dozen columns")
}

fn headings(sheet: &Sheet, page: &mut Worksheet, formats: &Formats) -> Result<(), WriteError> {
    page.write_string_with_format(0, 0, "id", &formats.heading)?;
    page.set_column_width(0, 8)?;
    for (n, column) in sheet.columns.iter().enumerate() {
        let at = column_number(n + 1);
        let title = guarded(sheet.title_of(column));
        page.write_string_with_format(0, at, title, &formats.heading)?;
        let width = match column.column_type {
            ColumnType::Instant => 20,
            ColumnType::Date => 12,
            ColumnType::Bool | ColumnType::Integer | ColumnType::Number => 10,
            ColumnType::Text | ColumnType::Places => 18,
        };
        page.set_column_width(at, width)?;
    }
    let titles: &[&str] = if sheet.points {
        &["lon", "lat"]
    } else {
        &["wkt"]
    };
    for (n, title) in titles.iter().enumerate() {
        let at = column_number(sheet.columns.len() + 1 + n);
        page.write_string_with_format(0, at, *title, &formats.heading)?;
        page.set_column_width(at, 12)?;
    }
    page.set_freeze_panes(1, 0)?;
    Ok(())
}

/// Writes one row; how many texts were cut.
fn one_row(
    sheet: &Sheet,
    page: &mut Worksheet,
    formats: &Formats,
    at: u32,
    row: &Row,
) -> Result<u64, WriteError> {
    let mut cut = 0;
    #[expect(clippy::cast_precision_loss, reason = "row ids stay far below 2^53")]
    page.write_number(at, 0, row.id as f64)?;
    let mut text = |page: &mut Worksheet, n: usize, text: &str| -> Result<(), WriteError> {
        if text.is_empty() {
            return Ok(());
        }
        let mut safe = guarded(text);
        if safe.encode_utf16().count() > MAX_TEXT {
            safe = safe.chars().take(MAX_TEXT / 2).collect();
            cut += 1;
        }
        page.write_string_with_format(at, column_number(n), safe, &formats.text)?;
        Ok(())
    };
    for (n, (column, value)) in sheet.columns.iter().zip(&row.values).enumerate() {
        let here = n + 1;
        if column.column_type == ColumnType::Places {
            if let Some(list) = places_json(row) {
                text(page, here, &list.to_string())?;
            }
            continue;
        }
        let place = column_number(here);
        match value {
            Value::Null => {}
            Value::Text(words) => text(page, here, words)?,
            #[expect(clippy::cast_precision_loss, reason = "counts and levels")]
            Value::Integer(number) => {
                page.write_number(at, place, *number as f64)?;
            }
            Value::Number(number) if number.is_finite() => {
                page.write_number(at, place, *number)?;
            }
            Value::Number(_) => {}
            Value::Bool(yes) => {
                page.write_boolean(at, place, *yes)?;
            }
            Value::Date(day) => match excel_day(*day) {
                Some(day) => {
                    page.write_datetime_with_format(at, place, &day, &formats.day)?;
                }
                None => text(page, here, &day.to_string())?,
            },
            Value::Instant(instant) => match moment(instant.to_local()) {
                Ok(moment) => {
                    page.write_datetime_with_format(at, place, &moment, &formats.instant)?;
                }
                Err(_) => text(page, here, &instant.to_rfc3339())?,
            },
        }
    }
    let first = sheet.columns.len() + 1;
    match &row.geometry {
        Some(Geometry::Point(point)) if sheet.points => {
            page.write_number(at, column_number(first), point.x())?;
            page.write_number(at, column_number(first + 1), point.y())?;
        }
        Some(shape) => text(page, first, &wkt(shape))?,
        None => {}
    }
    Ok(cut)
}

fn excel_day(day: Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok()?;
    ExcelDateTime::from_ymd(year, day.month().unsigned_abs(), day.day().unsigned_abs()).ok()
}

/// A civil time as a date of Excel, which knows 1900 to 9999.
fn moment(at: DateTime) -> Result<ExcelDateTime, WriteError> {
    let day = excel_day(at.date())
        .ok_or_else(|| WriteError::Format("the time is out of range".to_owned()))?;
    let small = |n: i8| n.unsigned_abs();
    Ok(day.and_hms(
        u16::from(small(at.hour())),
        small(at.minute()),
        f64::from(small(at.second())),
    )?)
}

/// A name that a sheet may have; from the second on with its number.
fn sheet_name(title: &str, number: usize) -> String {
    let name: String = title
        .chars()
        .map(|c| if "[]:*?/\\'".contains(c) { ' ' } else { c })
        .take(28)
        .collect();
    let name = match name.trim() {
        "" => "data",
        name => name,
    };
    if number == 1 {
        name.to_owned()
    } else {
        format!("{name} {number}")
    }
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx};

    use super::super::Column;
    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            name: "incidents".to_owned(),
            title: "警情".to_owned(),
            columns: vec![Column {
                name: "text".to_owned(),
                zh: "内容".to_owned(),
                en: "Text".to_owned(),
                column_type: ColumnType::Text,
            }],
            points: true,
            chinese: true,
            note: None,
            attribution: None,
            made_at: None,
            encoding: None,
        }
    }

    fn row(id: i64) -> Row {
        Row {
            id,
            values: vec![Value::text(&format!("第{id}件"))],
            geometry: Some(geo::Point::new(117.0, 31.0).into()),
            places: Vec::new(),
        }
    }

    #[test]
    fn more_rows_than_a_sheet_has_go_on_the_next() {
        for count in [0, 1, 10, 11, 25, 40] {
            let mut out = Vec::new();
            let written = write_sheets(&sheet(), &mut (1..=count).map(row), &mut out, 10).unwrap();
            assert_eq!(written.rows, count.unsigned_abs());
            let mut book: Xlsx<_> = calamine::open_workbook_from_rs(io::Cursor::new(out)).unwrap();
            let names = book.sheet_names();
            assert_eq!(names.len() as i64, ((count + 9) / 10).max(1), "{names:?}");
            assert_eq!(names[0], "警情");
            let mut seen = Vec::new();
            for (n, name) in names.iter().enumerate() {
                let range = book.worksheet_range(name).unwrap();
                let mut lines = range.rows();
                let heading = lines.next().unwrap();
                assert_eq!(heading[1], Data::String("内容".to_owned()), "sheet {n}");
                for line in lines {
                    let Data::Float(id) = line[0] else {
                        panic!("{line:?}");
                    };
                    assert_eq!(line[1], Data::String(format!("第{id}件")));
                    seen.push(id as i64);
                }
            }
            assert_eq!(seen, (1..=count).collect::<Vec<_>>());
        }
        let mut out = Vec::new();
        let error = write_sheets(&sheet(), &mut (1..=41).map(row), &mut out, 10).unwrap_err();
        assert!(
            matches!(error, WriteError::TooManyRows { most: 40 }),
            "{error}"
        );
        assert!(out.is_empty());
    }
}
