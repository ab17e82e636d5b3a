//! What the user says about a file, and what the importer answers.

use std::sync::Arc;

use serde::Serialize;

use super::category::default_categories;
use super::encoding::Encoding;
use super::personal::MaskCounts;
use super::problem::{Problem, Severity};
use super::time::DateOrder;
use crate::crs::Crs;
use crate::model::{
    Category, CategoryTree, Compound, ExtraColumn, Grid, Incident, LayerName, Route, Street,
    Timestamp,
};

/// What to do with the second row of one key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repeat {
    /// Reject it as `duplicate_id`.
    #[default]
    Reject,
    /// Keep it, its id with `~2`, `~3` … at the end.
    Keep,
}

/// What the user says about a file.
#[derive(Debug, Clone)]
pub struct Options {
    /// The coordinate system; `None`: what the file names, else WGS84.
    pub crs: Option<Crs>,
    /// The sheet, or the layer inside of the file; `None`: the first that
    /// looks like data.
    pub sheet: Option<String>,
    /// The encoding of texts; `None`: what the file says, else what fits.
    pub encoding: Option<Encoding>,
    /// `field=column`, or `field=column+column`, over the guess; an empty
    /// column leaves the field without one.
    pub map: Vec<(String, String)>,
    /// `field=value` for every row.
    pub set: Vec<(String, String)>,
    /// Extra columns to keep: `column`, or `column:text|number|date`.
    pub keep: Vec<String>,
    /// The file has latitude first.
    pub swap: bool,
    /// What to do with the second row of one key.
    pub repeat: Repeat,
    /// The source of rows that name none, e.g. `110`, `12345`, or a file's name.
    pub source: String,
    /// Which comes first in 3/4/2025; `None`: what the column tells.
    pub date_order: Option<DateOrder>,
    /// Times after this are warned of.
    pub now: Option<Timestamp>,
    /// The category tree, to read words by.
    pub categories: Arc<CategoryTree>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            crs: None,
            sheet: None,
            encoding: None,
            map: Vec::new(),
            set: Vec::new(),
            keep: Vec::new(),
            swap: false,
            repeat: Repeat::Reject,
            source: String::new(),
            date_order: None,
            now: None,
            categories: Arc::new(default_categories()),
        }
    }
}

/// The rows of a layer that were accepted; ids are not given yet.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Items {
    /// Grids.
    Grids(Vec<Grid>),
    /// Compounds.
    Compounds(Vec<Compound>),
    /// Streets.
    Streets(Vec<Street>),
    /// Routes.
    Routes(Vec<Route>),
    /// Incidents.
    Incidents(Vec<Incident>),
}

impl Items {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Grids(v) => v.len(),
            Self::Compounds(v) => v.len(),
            Self::Streets(v) => v.len(),
            Self::Routes(v) => v.len(),
            Self::Incidents(v) => v.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The layer they belong to.
    #[must_use]
    pub const fn layer(&self) -> LayerName {
        match self {
            Self::Grids(_) => LayerName::Grids,
            Self::Compounds(_) => LayerName::Compounds,
            Self::Streets(_) => LayerName::Streets,
            Self::Routes(_) => LayerName::Routes,
            Self::Incidents(_) => LayerName::Incidents,
        }
    }
}

/// What was read, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The accepted rows, in the order of the file.
    pub items: Items,
    /// The row number of each item.
    pub rows: Vec<u64>,
    /// Counts and problems.
    pub report: Report,
    /// Categories that the file uses and the tree lacks: new leaves under
    /// their kind, to be added with the rows.
    pub new_categories: Vec<Category>,
    /// The extra columns kept.
    pub extra_columns: Vec<ExtraColumn>,
}

/// The most problems kept; the counts go on.
pub const MAX_PROBLEMS: usize = 10_000;

/// Counts and problems of one file. `read` = `accepted` + `rejected`;
/// `unplaced` and what is masked are part of the accepted.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Rows of data.
    pub read: u64,
    /// Rows taken.
    pub accepted: u64,
    /// Rows not taken.
    pub rejected: u64,
    /// Accepted rows without a place (未上图).
    pub unplaced: u64,
    /// What was masked in accepted rows, by kind.
    #[serde(serialize_with = "masked_map")]
    pub masked: MaskCounts,
    /// Columns about persons, dropped.
    pub dropped_columns: Vec<String>,
    /// The field each column was taken for.
    pub columns: Vec<(String, String)>,
    /// The coordinate system the file was read in.
    pub crs: String,
    /// The encoding of its text.
    pub encoding: String,
    /// Problems, at most [`MAX_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// Problems beyond those.
    pub more_problems: u64,
    /// Where in `problems` those begin that only showed when all rows were
    /// there.
    #[serde(skip)]
    pub review_from: usize,
}

impl Report {
    pub(super) fn add(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more_problems += 1;
        }
    }

    /// Whether any row was rejected.
    #[must_use]
    pub fn has_rejected(&self) -> bool {
        self.rejected > 0
            || self
                .problems
                .iter()
                .any(|p| p.severity == Severity::Rejected)
    }
}

fn masked_map<S: serde::Serializer>(counts: &MaskCounts, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(counts.iter().map(|(kind, n)| (kind.as_str(), n)))
}

/// A finite number as a spreadsheet writes it.
pub(super) fn plain_number(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let plain = cell
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    (plain && cell.contains(|c: char| c.is_ascii_digit()))
        .then(|| cell.parse::<f64>().ok())
        .flatten()
        .filter(|n| n.is_finite())
}
