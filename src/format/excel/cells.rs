//! The cells of a sheet as texts, in one buffer.

use std::ops::RangeInclusive;

use calamine::Data;

use crate::format::fault::Fault;
use crate::format::problem::FileError;

/// The most columns a table may have.
pub(super) const MAX_COLUMNS: usize = 1000;
/// The most cells of a sheet: 100,000 rows of 60.
const MAX_CELLS: usize = 6_000_000;
/// The most bytes of text in a sheet.
const MAX_BYTES: usize = 256 << 20;
/// Above this a spreadsheet has rounded: it keeps 15 digits.
const EXACT: f64 = 1e15;

/// A filled cell; its text is a part of the buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: u16,
    /// A number, and not a date or a text.
    pub(super) number: bool,
    start: u32,
    length: u32,
}

/// A merged region; its value stands in the first cell.
#[derive(Debug, Clone)]
pub(super) struct Merge {
    pub(super) rows: RangeInclusive<u32>,
    pub(super) columns: RangeInclusive<u32>,
}

/// The filled cells of a sheet, by row and column.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    buffer: String,
    cells: Vec<Cell>,
    pub(super) merges: Vec<Merge>,
}

impl Cells {
    /// Adds a cell of a workbook.
    ///
    /// # Errors
    /// When there are more cells than are read.
    pub(super) fn push(&mut self, at: (u32, u32), value: &Data) -> Result<(), FileError> {
        match value {
            Data::Empty => Ok(()),
            Data::String(text) => self.text(at, text),
            Data::Float(number) => self.add(at, &number_text(*number), true),
            #[expect(clippy::cast_precision_loss, reason = "only to see if it is too long")]
            Data::Int(number) if *number as f64 >= EXACT => {
                self.add(at, &number_text(*number as f64), true)
            }
            Data::Int(number) => self.add(at, &number.to_string(), true),
            Data::Bool(yes) => self.add(at, if *yes { "true" } else { "false" }, false),
            Data::DateTime(moment) if moment.is_duration() => {
                self.add(at, &clock(moment.as_f64()), false)
            }
            Data::DateTime(moment) => {
                let text = moment_text(moment);
                self.add(at, &text, false)
            }
            Data::DateTimeIso(text) | Data::DurationIso(text) => {
                self.add(at, &text.replacen('T', " ", 1), false)
            }
            Data::Error(error) => self.add(at, &error.to_string(), false),
        }
    }

    /// Adds a text.
    ///
    /// # Errors
    /// As [`Cells::push`].
    pub(super) fn text(&mut self, at: (u32, u32), text: &str) -> Result<(), FileError> {
        self.add(at, text.trim(), false)
    }

    fn add(&mut self, at: (u32, u32), text: &str, number: bool) -> Result<(), FileError> {
        if text.is_empty() {
            return Ok(());
        }
        let full = self.cells.len() >= MAX_CELLS || self.buffer.len() + text.len() > MAX_BYTES;
        let column = u16::try_from(at.1).ok().filter(|_| !super::too_wide(at.1));
        let (false, Some(column)) = (full, column) else {
            return Err(Fault::BookTooLarge { most: MAX_CELLS }.of_file());
        };
        let (start, length) = self.keep(text);
        self.cells.push(Cell {
            row: at.0,
            column,
            number,
            start,
            length,
        });
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "the buffer is below 4 GB")]
    fn keep(&mut self, text: &str) -> (u32, u32) {
        let start = self.buffer.len() as u32;
        self.buffer.push_str(text);
        (start, text.len() as u32)
    }

    /// Sorts the cells; of two in one place the later counts.
    pub(super) fn finish(&mut self) {
        self.cells.sort_by_key(|c| (c.row, c.column));
        self.cells.reverse();
        self.cells.dedup_by_key(|c| (c.row, c.column));
        self.cells.reverse();
    }

    /// The text of a cell.
    pub(super) fn of(&self, cell: &Cell) -> &str {
        let start = cell.start as usize;
        &self.buffer[start..start + cell.length as usize]
    }

    /// The rows that have cells, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunk_by(|a, b| a.row == b.row)
    }

    /// Cells by their place in the order.
    pub(super) fn slice(&self, range: std::ops::Range<usize>) -> &[Cell] {
        &self.cells[range]
    }

    /// Every cell, to be changed.
    pub(super) fn replace(&mut self, mut change: impl FnMut(&Cell, &str) -> Option<String>) -> u64 {
        let mut changed = 0;
        for at in 0..self.cells.len() {
            let cell = self.cells[at];
            if let Some(text) = change(&cell, self.of(&cell)) {
                let (start, length) = self.keep(&text);
                self.cells[at] = Cell {
                    number: false,
                    start,
                    length,
                    ..cell
                };
                changed += 1;
            }
        }
        changed
    }

    /// Repeats the value of cells merged downwards in every row that has
    /// other cells; the text is shared.
    pub(super) fn fill_merged(&mut self, first_row: u32) -> u64 {
        let mut added = Vec::new();
        let rows: std::collections::BTreeSet<u32> = self.cells.iter().map(|c| c.row).collect();
        for merge in &self.merges {
            let (top, left) = (*merge.rows.start(), *merge.columns.start());
            if top < first_row || merge.columns.end() != &left || merge.rows.end() <= &top {
                continue;
            }
            let find = self
                .cells
                .binary_search_by_key(&(top, u64::from(left)), |c| (c.row, u64::from(c.column)));
            let Ok(at) = find else { continue };
            let cell = self.cells[at];
            for row in rows.range(top + 1..=*merge.rows.end()) {
                if self.cells.len() + added.len() >= MAX_CELLS {
                    break;
                }
                added.push(Cell { row: *row, ..cell });
            }
        }
        let count = added.len() as u64;
        if count > 0 {
            // Cells that are really there come later and win.
            added.append(&mut self.cells);
            self.cells = added;
            self.finish();
        }
        count
    }
}

/// A number as it was typed: whole numbers without `.0`, long ones as the
/// spreadsheet shows them, so that a rounded id is recognised.
fn number_text(number: f64) -> String {
    if number.abs() >= EXACT {
        return format!("{number:E}").replacen('E', "E+", 1);
    }
    format!("{number}")
}

/// A day number of Excel as a date and time; the time is left out at midnight.
fn moment_text(moment: &calamine::ExcelDateTime) -> String {
    let value = moment.as_f64();
    if (0.0..1.0).contains(&value) {
        return clock(value);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let small = |n: u8| i8::try_from(n).unwrap_or(0);
    let exact = jiff::civil::DateTime::new(
        i16::try_from(year).unwrap_or(0),
        small(month),
        small(day),
        small(hour),
        small(minute),
        small(second),
        0,
    );
    let up = jiff::Span::new().seconds(i64::from(milli >= 500));
    match exact.and_then(|at| at.checked_add(up)) {
        Ok(at) if at.time() == jiff::civil::Time::midnight() => at.date().to_string(),
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        // Left as it is, to be refused with its text.
        Err(_) => value.to_string(),
    }
}

/// A number of days as text, as a cell without a date format has it.
pub(super) fn serial_text(serial: f64) -> Option<String> {
    // 1954 to 2119: no other number in a column of times is meant.
    (20_000.0..80_000.0).contains(&serial).then(|| {
        moment_text(&calamine::ExcelDateTime::new(
            serial,
            calamine::ExcelDateTimeType::DateTime,
            false,
        ))
    })
}

/// A part of a day as a time.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time of day, or hours that a cell may show"
)]
fn clock(days: f64) -> String {
    let seconds = (days.clamp(0.0, 1e6) * 86_400.0).round() as u64;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_as_typed() {
        for (number, text) in [
            (7.0, "7"),
            (117.286_829, "117.286829"),
            (340_102_014_001_001.0, "340102014001001"),
            (3.401_020_140_010_01e17, "3.40102014001001E+17"),
            (-1.5, "-1.5"),
        ] {
            assert_eq!(number_text(number), text);
        }
        for (serial, text) in [
            (45_321.5, Some("2024-01-30 12:00:00")),
            (46_080.0, Some("2026-02-27")),
            // A third of a second before the minute is rounding.
            (46_080.712_499_999, Some("2026-02-27 17:06:00")),
            (12.0, None),
            (1e9, None),
        ] {
            assert_eq!(serial_text(serial).as_deref(), text);
        }
        assert_eq!(clock(0.5), "12:00:00");
    }
}
