//! A row as a preview may show it: masked, without what is about persons.

use super::personal::mask_text;
use super::problem::{Code, Problem, Refusal};
use super::row::Row;

/// One row as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenRow {
    /// Row of data, from 1.
    pub row: u64,
    /// One cell for each column, masked; `None` for columns about persons.
    /// Empty when the watcher did not want them.
    pub cells: Vec<Option<String>>,
    /// The row was taken.
    pub accepted: bool,
    /// What names the place, masked, for a taken row without one.
    pub place: Option<String>,
    /// The word that does not tell the kind of incident, masked.
    pub word: Option<String>,
    /// What is wrong with the row, or was repaired.
    pub notes: Vec<Problem>,
}

/// Is told of every row while a file is read.
pub struct Watcher<'w> {
    /// The cells are wanted too, which takes time to mask.
    pub cells: bool,
    /// Is called with every row.
    pub told: &'w mut dyn FnMut(SeenRow),
}

impl std::fmt::Debug for Watcher<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher")
            .field("cells", &self.cells)
            .finish_non_exhaustive()
    }
}

impl Watcher<'_> {
    pub(super) fn tell(&mut self, seen: SeenRow) {
        (self.told)(seen);
    }
}

impl SeenRow {
    /// The row is refused after all.
    pub(super) fn refuse(&mut self) {
        self.accepted = false;
        self.place = None;
    }
}

/// Masked, unless nothing in it can be about a person: the shortest number
/// that is masked has seven digits.
fn masked(text: &str) -> String {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if text.is_ascii() && digits < 7 && !text.contains('@') {
        return text.to_owned();
    }
    mask_text(text).0
}

/// A row as it was read, without its notes; `unplaced` says that it was taken
/// without a place.
pub(super) fn as_seen(
    row: &Row<'_, '_, '_>,
    wanted: bool,
    unplaced: bool,
    refused: Option<&Refusal>,
) -> SeenRow {
    let dropped = &row.context.mapping.dropped;
    let cells = row.record.cells.iter().enumerate().filter(|_| wanted);
    let unclear = refused.is_some_and(|refusal| refusal.code == Code::Kind);
    SeenRow {
        row: row.record.row,
        cells: cells
            .map(|(slot, cell)| (!dropped.contains(&slot)).then(|| masked(cell)))
            .collect(),
        accepted: refused.is_none(),
        place: unplaced
            .then(|| row.cell("place").or_else(|| row.cell("text")))
            .flatten()
            .map(|text| masked(&text)),
        word: unclear
            .then(|| row.cell("category").or_else(|| row.cell("kind")))
            .flatten()
            .map(|text| masked(&text)),
        notes: Vec::new(),
    }
}
