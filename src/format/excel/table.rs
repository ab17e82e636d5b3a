//! A sheet with its headings as rows of cells.

use std::collections::HashMap;
use std::ops::Range;

use super::cells::{Cells, serial_text};
use super::header;
use crate::format::fault::Fault;
use crate::format::formula::unguarded;
use crate::format::mapping::is_time_heading;
use crate::format::problem::{Code, FileError, Problem};
use crate::format::reason::Reason;
use crate::format::table::{Record, Table, by_many};

/// Words that a row of totals begins with.
const TOTALS: &[&str] = &["合计", "总计", "小计", "共计", "总数", "total", "sum"];

/// One sheet of a workbook.
#[derive(Debug)]
pub(in crate::format) struct SheetTable {
    cells: Cells,
    columns: Vec<String>,
    /// For each column of the sheet the column of the table.
    slots: HashMap<u16, usize>,
    /// Cells of the rows of data.
    rows: Vec<Range<usize>>,
    /// Headings that mean something here.
    known: usize,
    notes: Vec<Problem>,
    encoding: &'static str,
}

impl SheetTable {
    /// Finds headings and rows.
    ///
    /// # Errors
    /// When nothing in the sheet can be headings.
    pub(super) fn new(mut cells: Cells) -> Result<Self, FileError> {
        if cells.rows().next().is_none() {
            return Err(Fault::SheetEmpty {}.of_file());
        }
        let header = header::find(&cells).ok_or_else(|| Fault::SheetWithoutHeader {}.of_file())?;
        let mut notes = Vec::new();
        let filled = cells.fill_merged(header.row + 1);
        if filled > 0 {
            notes.push(Fault::MergedFilled { count: filled }.note());
        }
        for (column, heading) in &header.columns {
            if is_time_heading(heading) {
                let count = cells.replace(|cell, text| {
                    let mine = cell.number && cell.row > header.row && cell.column == *column;
                    mine.then(|| serial_text(text.parse().ok()?)).flatten()
                });
                if count > 0 {
                    let column = heading.clone();
                    notes.push(Fault::DatesAsNumbers { column, count }.repair());
                }
            }
        }
        let columns: Vec<String> = header.columns.iter().map(|(_, h)| h.clone()).collect();
        let slots: HashMap<u16, usize> = header
            .columns
            .iter()
            .enumerate()
            .map(|(slot, (column, _))| (*column, slot))
            .collect();
        let mut table = Self {
            columns,
            slots,
            rows: Vec::new(),
            known: header.known,
            notes,
            encoding: "utf-8",
            cells,
        };
        table.find_rows(header.row);
        Ok(table)
    }

    fn find_rows(&mut self, header_row: u32) {
        let (mut at, mut skipped, mut first) = (0, 0, None);
        let mut rows = Vec::new();
        for row in self.cells.rows() {
            let range = at..at + row.len();
            at = range.end;
            if row[0].row <= header_row {
                continue;
            }
            let texts: Vec<&str> = row.iter().map(|c| self.cells.of(c)).collect();
            let total = TOTALS.iter().any(|word| {
                let head = texts[0].replace([' ', '\u{3000}', ':', '：'], "");
                head.eq_ignore_ascii_case(word)
            });
            let repeated = row.len() > 1
                && row.iter().all(|c| {
                    let heading = self.slots.get(&c.column).map(|s| &self.columns[*s]);
                    heading.is_some_and(|h| *h == self.cells.of(c))
                });
            if total || repeated {
                skipped += 1;
                continue;
            }
            first.get_or_insert(row[0].row);
            rows.push(range);
        }
        self.rows = rows;
        if let Some(first) = first
            && header_row > 0
        {
            self.notes.push(
                Fault::HeaderBelow {
                    row: header_row as usize + 1,
                    first: first as usize + 1,
                }
                .note(),
            );
        }
        if skipped > 0 {
            self.notes
                .push(Fault::RowsSkipped { count: skipped }.note());
        }
        self.notes.extend(doubled(&self.columns));
    }

    /// Rows of data.
    pub(super) fn rows(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Whether its headings are some that are known here.
    pub(super) fn is_known(&self) -> bool {
        self.known >= 2 && !self.rows.is_empty()
    }

    /// With another name for its encoding.
    pub(super) fn encoded(self, encoding: &'static str) -> Self {
        Self { encoding, ..self }
    }
}

/// A note for each heading that is there twice.
fn doubled(columns: &[String]) -> Vec<Problem> {
    let mut seen: HashMap<&str, u32> = HashMap::new();
    for column in columns.iter().filter(|c| !c.is_empty()) {
        *seen.entry(column).or_default() += 1;
    }
    let twice = seen.into_iter().filter(|(_, n)| *n > 1);
    twice
        .map(|(column, _)| {
            let reason = Reason::ColumnTwice {
                column: column.to_owned(),
            };
            Problem::of_file(Code::CsvColumns, reason).at(column)
        })
        .collect()
}

impl Table for SheetTable {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn has_shapes(&self) -> bool {
        false
    }

    fn encoding(&self) -> &'static str {
        self.encoding
    }

    fn notes(&self) -> Vec<Problem> {
        self.notes.clone()
    }

    fn visit(&self, visitor: &mut dyn FnMut(Record<'_>) -> bool) {
        self.records().all(visitor);
    }

    fn visit_many(&self, most: usize, visitor: &mut dyn FnMut(Vec<Record<'_>>)) {
        by_many(self.records(), most, visitor);
    }
}

impl SheetTable {
    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.rows.iter().enumerate().map(|(n, range)| {
            let mut cells = vec![""; self.columns.len()];
            for cell in self.cells.slice(range.clone()) {
                if let Some(slot) = self.slots.get(&cell.column) {
                    cells[*slot] = unguarded(self.cells.of(cell));
                }
            }
            Record {
                row: n as u64 + 1,
                cells,
                shape: None,
                id: None,
                refusal: None,
            }
        })
    }
}
