//! The one filter grammar of items, tiles, counts and analyses.

use super::{FilterError, Selection};
use crate::index::{GridsOf, Snapshot};
use crate::model::{FoundBy, IncidentKind, Scope, TimeWindow};
use crate::tile::Bounds;

/// Which incidents count. The default is all of them; an empty list is no
/// condition. Lists are sorted and without repeats once parsed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// `bbox=west,south,east,north` in degrees, edges included.
    pub bbox: Option<Bounds>,
    /// `datetime=A/B`, half-open.
    pub window: TimeWindow,
    /// `kind=police,dispute,hotline`.
    pub kinds: Vec<IncidentKind>,
    /// `category=code,code`, each with what is below it.
    pub categories: Vec<String>,
    /// `grid=code,code`, basic or special.
    pub grids: Vec<String>,
    /// `hour=20-23,6`: bit h is local hour h; `None` is no condition.
    pub hours: Option<u32>,
    /// `weekday=1-5,7`: bit d is ISO weekday d, 1 Monday … 7 Sunday.
    pub weekdays: Option<u8>,
    /// `source=a,b`.
    pub sources: Vec<String>,
    /// `found=resident,patrol`.
    pub found: Vec<FoundBy>,
    /// `status=…`.
    pub statuses: Vec<String>,
    /// `grids=event|today`.
    pub grids_of: GridsOf,
    /// `placed=true|false`.
    pub placed: Option<bool>,
}

impl Filter {
    /// The names of the parameters.
    pub const PARAMS: &[&str] = &[
        "bbox", "datetime", "kind", "category", "grid", "hour", "weekday", "source", "found",
        "status", "grids", "placed",
    ];

    /// Reads the parameters of a query string, already percent-decoded.
    /// `also` names those that the caller reads itself; they are passed over.
    ///
    /// # Errors
    /// For an unknown name, a name given twice, and a value out of the grammar.
    pub fn parse(
        _pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        _also: &[&str],
    ) -> Result<Filter, FilterError> {
        todo!()
    }

    /// Text for cache keys: equal filters give equal text, the default none.
    pub fn canonical(&self) -> String {
        todo!()
    }

    /// Makes the filter ready for the rows of one snapshot.
    pub fn compile<'s>(&self, _snapshot: &'s Snapshot, _scope: &Scope) -> Selection<'s> {
        todo!()
    }
}
