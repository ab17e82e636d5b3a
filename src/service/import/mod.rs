//! Taking in a parsed file: pure functions from (snapshot, batch) to changes
//! and a summary.
//!
//! The key of a row is `(source, source_id)`; a row without an id gets a hash
//! of its content as id. The same key with the same content is unchanged, the
//! same key with other content is an update, and a key that comes twice in one
//! file is refused unless the user asks to keep repeats.

mod category;
mod key;
mod plan;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Compound, ExtraColumn, Grid, Incident, LayerName, Revision, Route, Street};

pub use plan::plan;

/// An entity and the number of the row it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbered<T> {
    /// Row in the file as its reader counts.
    pub row: u64,
    /// What the row says. An empty `source_id` means that it has no id.
    pub item: T,
}

/// The readable rows of one file.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// Grids.
    Grids(Vec<Numbered<Grid>>),
    /// Compounds.
    Compounds(Vec<Numbered<Compound>>),
    /// Streets.
    Streets(Vec<Numbered<Street>>),
    /// Routes.
    Routes(Vec<Numbered<Route>>),
    /// Incidents; an unknown category is still the word of the file.
    Incidents(Vec<Numbered<Incident>>),
}

impl Rows {
    /// The layer they belong to.
    pub const fn layer(&self) -> LayerName {
        match self {
            Rows::Grids(_) => LayerName::Grids,
            Rows::Compounds(_) => LayerName::Compounds,
            Rows::Streets(_) => LayerName::Streets,
            Rows::Routes(_) => LayerName::Routes,
            Rows::Incidents(_) => LayerName::Incidents,
        }
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        match self {
            Rows::Grids(rows) => rows.len(),
            Rows::Compounds(rows) => rows.len(),
            Rows::Streets(rows) => rows.len(),
            Rows::Routes(rows) => rows.len(),
            Rows::Incidents(rows) => rows.len(),
        }
    }

    /// True if there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Something the user should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Row in the file; 0 for the file as a whole.
    pub row: u64,
    /// Column, where one is to blame.
    pub column: Option<String>,
    /// Stable code, e.g. `duplicate_id`.
    pub code: String,
    /// A sentence.
    pub reason: String,
}

/// One parsed file, free of personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Rows that could be read.
    pub rows: Rows,
    /// What the file holds besides rows.
    pub report: Report,
}

/// What reading a file told besides its good rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Rows that could not be read, and remarks on those that could.
    pub problems: Vec<Rejection>,
    /// How many rows could not be read.
    pub rejected: u64,
    /// How often each kind of personal data was masked.
    pub masked: BTreeMap<String, u64>,
    /// Columns about persons that were left out.
    pub dropped_columns: Vec<String>,
    /// Extra columns that the user asked to keep.
    pub extra_columns: Vec<ExtraColumn>,
}

/// What to do with the good rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Store them.
    #[default]
    Commit,
    /// Store them unless any row is bad.
    Strict,
    /// Only say what would happen.
    DryRun,
}

/// How to take in a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Source of rows that do not name one; else the kind of the incident or
    /// the layer's name.
    pub source: Option<String>,
    /// Keep rows that repeat an id, each under an id of its own.
    pub keep_repeats: bool,
    /// What to do with the good rows.
    pub mode: ImportMode,
}

/// What an import did; `read == accepted + rejected`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The layer.
    pub layer: LayerName,
    /// Rows in the file.
    pub read: u64,
    /// Good rows.
    pub accepted: u64,
    /// Bad rows.
    pub rejected: u64,
    /// Accepted rows that were not there.
    pub new: u64,
    /// Accepted rows that replace one.
    pub updated: u64,
    /// Accepted rows that are there already.
    pub unchanged: u64,
    /// Accepted rows without a place (未上图).
    pub unplaced: u64,
    /// How often each kind of personal data was masked.
    pub masked: BTreeMap<String, u64>,
    /// Columns about persons that were left out.
    pub dropped_columns: Vec<String>,
    /// Each bad row, and remarks on good ones.
    pub problems: Vec<Rejection>,
    /// Words that became categories.
    pub new_categories: Vec<String>,
    /// The good rows are in the store now.
    pub stored: bool,
    /// The store's last change.
    pub revision: Revision,
}

#[cfg(test)]
mod tests;
