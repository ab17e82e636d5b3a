//! Pages of rows, sorted and filtered by properties.

use super::{FeatureRef, Filter, FilterError};
use crate::index::Snapshot;
use crate::model::{District, LayerName, Scope};

/// By what to sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// A property.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// A request for a page.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsQuery {
    /// The filter; layers other than incidents heed bbox and datetime only.
    pub filter: Filter,
    /// `prop=value`, all of which must hold.
    pub properties: Vec<(String, String)>,
    /// Order; by id if absent.
    pub sort: Option<Sort>,
    /// Rows to return, 1-1000.
    pub limit: usize,
    /// Rows to pass over.
    pub offset: usize,
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct Page<'s> {
    /// Rows that match, on all pages.
    pub total: usize,
    /// Rows of this page.
    pub items: Vec<FeatureRef<'s>>,
}

impl ItemsQuery {
    /// Reads the parameters; `also` as in [`Filter::parse`].
    ///
    /// # Errors
    /// As [`Filter::parse`].
    pub fn parse(
        _layer: LayerName,
        _district: &District,
        _pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        _also: &[&str],
    ) -> Result<ItemsQuery, FilterError> {
        todo!()
    }
}

/// One page of a layer.
pub fn items<'s>(
    _snapshot: &'s Snapshot,
    _scope: &Scope,
    _layer: LayerName,
    _query: &ItemsQuery,
) -> Page<'s> {
    todo!()
}
