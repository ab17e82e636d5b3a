//! CQL2 text (OGC 21-065): a filter over any property and the geometry, with
//! the three truth values of missing data.
//!
//! Text becomes words ([`lex`]), words a tree ([`parse`]), the tree a test
//! whose names and types are checked ([`compile`]), and the test is asked row
//! by row ([`eval`]). It never becomes SQL. Length and depth are limited, so
//! that no text can exhaust time or stack.

mod ast;
mod compile;
mod eval;
mod lex;
mod like;
mod parse;
mod queryables;
mod space;
mod span;
mod wkt;

use super::{FeatureRef, Filter, FilterError};
use crate::index::Snapshot;
use crate::model::{District, LayerName};

pub use queryables::{Queryable, QueryableType, queryables};

/// The longest text that is read, bytes.
pub const MAX_LENGTH: usize = 8 * 1024;

/// A filter that is ready for the rows of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Cql {
    text: String,
    test: eval::Test,
}

impl Cql {
    /// Reads a filter over the properties of a layer.
    ///
    /// # Errors
    /// When the text is too long or too deep, is no CQL2, names a property
    /// that the layer does not have, or compares what cannot be compared; with
    /// the place in the text.
    ///
    /// ```
    /// use gridmap::model::{District, LayerName};
    /// use gridmap::query::Cql;
    /// let district = District::default();
    /// let text = "kind = 'police' AND occurred_at >= DATE('2026-10-01')";
    /// assert!(Cql::read(text, LayerName::Incidents, &district).is_ok());
    /// assert!(Cql::read("kind = ", LayerName::Incidents, &district).is_err());
    /// ```
    pub fn read(text: &str, layer: LayerName, district: &District) -> Result<Cql, FilterError> {
        let read = || {
            if text.len() > MAX_LENGTH {
                return Err(CqlError::new(
                    MAX_LENGTH,
                    format!("过滤条件超过 {MAX_LENGTH} 字节"),
                    format!("the filter is longer than {MAX_LENGTH} bytes"),
                ));
            }
            let tree = parse::parse(lex::lex(text)?)?;
            compile::compile(&tree, layer, district)
        };
        let test = read().map_err(|error: CqlError| FilterError::Cql {
            at: text
                .char_indices()
                .take_while(|(i, _)| *i < error.at)
                .count()
                + 1,
            zh: error.zh,
            en: error.en,
        })?;
        Ok(Cql {
            text: text.to_owned(),
            test,
        })
    }

    /// True if the filter is true of the row; false or unknown is not.
    pub fn matches(&self, snapshot: &Snapshot, row: &FeatureRef<'_>) -> bool {
        self.test.holds(&eval::Subject { snapshot, row }) == Some(true)
    }

    /// Narrows the plain filter to what every row must have that this one can
    /// be true of: a box and a window of time, for which there are indexes.
    pub fn narrow(&self, filter: &mut Filter) {
        self.test.narrow(filter);
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// What is wrong and where, as a byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CqlError {
    at: usize,
    zh: String,
    en: String,
}

impl CqlError {
    fn new(at: usize, zh: impl Into<String>, en: impl Into<String>) -> CqlError {
        CqlError {
            at,
            zh: zh.into(),
            en: en.into(),
        }
    }
}

#[cfg(test)]
mod tests;
