//! Workbooks as offices send them: .xlsx, .xls, and web pages with a table
//! that are named .xls. Titles above the headings, several sheets, merged
//! cells, days as numbers, totals at the end.

mod cells;
mod header;
mod html;
mod table;
mod xls;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xls, Xlsx, XlsxError};

use self::cells::{Cells, MAX_COLUMNS, Merge};
pub(super) use self::table::SheetTable;
use super::archive::Archive;
use super::fault::Fault;
use super::open::Inner;
use super::problem::{FileError, quote};

/// The most sheets looked at.
const MAX_SHEETS: usize = 60;
/// The largest part of a workbook, unpacked, bytes.
const MAX_PART_BYTES: u64 = 400 << 20;

/// One sheet as a table, and what other sheets there are.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) table: SheetTable,
    pub(super) sheet: String,
    pub(super) sheets: Vec<Inner>,
}

/// A sheet's cells, or why there are none.
type Loaded = Result<Cells, FileError>;

/// Reads the sheet that was named, else the first that looks like data.
///
/// # Errors
/// When the bytes are no workbook, when a password is needed, or when no
/// sheet has headings.
pub(super) fn read(bytes: &[u8], wanted: Option<&str>) -> Result<Chosen, FileError> {
    if bytes.starts_with(b"PK") {
        Archive::open(bytes)?.check(MAX_PART_BYTES)?;
        guarded(|| xlsx(bytes, wanted))
    } else if bytes.starts_with(&xls::SIGNATURE) {
        xls::check(bytes)?;
        guarded(|| xls_sheets(bytes, wanted))
    } else {
        let (name, cells) = html::read(bytes)?;
        choose(&[name], wanted, |_| Ok(cells.clone()))
    }
}

/// A library that panics on a damaged file must not end the program.
fn guarded<T>(read: impl FnOnce() -> Result<T, FileError>) -> Result<T, FileError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_panic| Err(damaged(&"unreadable")))
}

fn damaged(cause: &dyn std::fmt::Display) -> FileError {
    Fault::BookDamaged {
        cause: quote(&cause.to_string()),
    }
    .of_file()
}

fn xlsx(bytes: &[u8], wanted: Option<&str>) -> Result<Chosen, FileError> {
    let mut book: Xlsx<Cursor<&[u8]>> = Xlsx::new(Cursor::new(bytes)).map_err(|e| match e {
        XlsxError::Password => Fault::BookEncrypted {}.of_file(),
        e => damaged(&e),
    })?;
    let names = names(book.sheets_metadata());
    choose(&names, wanted, |name| {
        let mut cells = Cells::default();
        let mut reader = book.worksheet_cells_reader(name).map_err(|e| damaged(&e))?;
        while let Some(cell) = reader.next_cell().map_err(|e| damaged(&e))? {
            let at = cell.get_position();
            match cell.get_value() {
                DataRef::Empty => {}
                DataRef::SharedString(text) => cells.text(at, text)?,
                value => cells.push(at, &Data::from(value.clone()))?,
            }
        }
        drop(reader);
        let merges = book.merge_cells_by_sheet_name(name).unwrap_or_default();
        cells.merges = merges.iter().map(merge).collect();
        cells.finish();
        Ok(cells)
    })
}

fn xls_sheets(bytes: &[u8], wanted: Option<&str>) -> Result<Chosen, FileError> {
    let mut book: Xls<Cursor<&[u8]>> = Xls::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let names = names(book.sheets_metadata());
    let chosen = choose(&names, wanted, |name| {
        let mut cells = Cells::default();
        let range = book.worksheet_range(name).map_err(|e| damaged(&e))?;
        let (top, left) = range.start().unwrap_or_default();
        for (row, col, value) in range.used_cells() {
            let at = (row as u64 + u64::from(top), col as u64 + u64::from(left));
            let (Ok(row), Ok(col)) = (u32::try_from(at.0), u32::try_from(at.1)) else {
                continue;
            };
            cells.push((row, col), value)?;
        }
        let merges = book.merge_cells_by_sheet_name(name).unwrap_or_default();
        cells.merges = merges.iter().map(merge).collect();
        cells.finish();
        Ok(cells)
    })?;
    Ok(Chosen {
        table: chosen.table.encoded("utf-16"),
        ..chosen
    })
}

fn merge(region: &calamine::Dimensions) -> Merge {
    Merge {
        rows: region.start.0..=region.end.0,
        columns: region.start.1..=region.end.1,
    }
}

/// Sheets with cells, the visible ones first.
fn names(sheets: &[calamine::Sheet]) -> Vec<String> {
    let of = |visible: bool| {
        sheets.iter().filter(move |s| {
            s.typ == SheetType::WorkSheet && (s.visible == SheetVisible::Visible) == visible
        })
    };
    let all = of(true).chain(of(false)).take(MAX_SHEETS);
    all.map(|s| s.name.clone()).collect()
}

/// The sheet that was named, else the first whose headings are known, else
/// the first with headings at all.
fn choose(
    names: &[String],
    wanted: Option<&str>,
    mut load: impl FnMut(&str) -> Loaded,
) -> Result<Chosen, FileError> {
    let mut sheets = Vec::new();
    let mut best: Option<(bool, String, SheetTable)> = None;
    let mut refused = None;
    for name in names {
        let table = load(name).and_then(SheetTable::new);
        let table = match table {
            Ok(table) => table,
            Err(e) => {
                if wanted.is_none_or(|w| same_name(w, name)) {
                    refused.get_or_insert(e);
                }
                sheets.push(Inner::new(name, 0));
                continue;
            }
        };
        sheets.push(Inner::new(name, table.rows()));
        let better = match wanted {
            Some(wanted) => same_name(wanted, name),
            None => match &best {
                None => true,
                Some((known, _, old)) => {
                    !known && table.is_known() || old.rows() == 0 && table.rows() > 0
                }
            },
        };
        if better {
            best = Some((table.is_known(), name.clone(), table));
        }
    }
    match (best, refused, wanted) {
        (Some((_, sheet, table)), _, _) => Ok(Chosen {
            table,
            sheet,
            sheets,
        }),
        (None, Some(refused), _) => Err(refused),
        (None, None, Some(wanted)) => Err(super::open::no_such_layer(wanted, &sheets)),
        (None, None, None) => Err(Fault::SheetEmpty {}.of_file()),
    }
}

fn same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// Whether a column is too far right to be read.
const fn too_wide(column: u32) -> bool {
    column as usize >= MAX_COLUMNS
}
