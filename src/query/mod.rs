//! Questions to a snapshot and exact answers. Every one takes a
//! [`Scope`](crate::model::Scope); areas are closed: a point on an edge is
//! inside.

mod aggregate;
mod check;
mod cql;
mod error;
mod extra;
mod feature;
mod filter;
mod gazetteer;
mod items;
mod lookup;
mod parse;
mod pinyin_match;
mod search;
mod selection;
mod shape;
mod stats;
mod summary;
mod values;

pub use aggregate::{By, CountItem, Counts, Histogram, Step, counts, histogram};
pub use check::{Gap, GridCheck, Overlap, check_grids, grids_touching};
pub use cql::{Cql, MAX_LENGTH as MAX_CQL_LENGTH, Queryable, QueryableType, queryables};
pub use error::FilterError;
pub use extra::{EXTRA_PREFIX, ExtraFilter, Span, Wanted};
pub use feature::{FeatureRef, Hit, feature};
pub use filter::Filter;
pub use gazetteer::{Gazetteer, Likeness, NamedPlace};
pub use items::{ItemsQuery, Page, Sort, fields_of, items};
pub use lookup::{Here, along, here, in_bbox, inside, nearest, within};
pub use search::{Finder, SearchGroup, SearchItem};
pub use selection::Selection;
pub use stats::{GridStat, GridStats, grid_stats};
pub use summary::{KindCounts, Summary, summary};
pub use values::{ColumnValues, MAX_VALUES, ValueCount, column_values};

#[cfg(test)]
mod tests;
