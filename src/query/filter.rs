//! The one filter grammar of items, tiles, counts and analyses.

use std::sync::Arc;

use super::extra::{EXTRA_PREFIX, ExtraFilter};
use super::parse::{Param, escape, hour_set, parse_bbox, parse_window, weekday_set, words};
use super::{Cql, FilterError, Selection};
use crate::index::{GridsOf, Snapshot};
use crate::model::{ExtraColumn, FoundBy, IncidentKind, Scope, TimeWindow};
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
    /// `hour=20-23,6`: bit h is local hour h; `None` is no condition. Those
    /// of which only the day is known never match an hour.
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
    /// `x.<column>=…`, by column; all of them must hold.
    pub extras: Vec<ExtraFilter>,
    /// `filter=…`, a CQL2 text over the layer that is asked; it must be true.
    pub cql: Option<Arc<Cql>>,
}

impl Filter {
    /// The names of the parameters.
    pub const PARAMS: &[&str] = &[
        "bbox", "datetime", "kind", "category", "grid", "hour", "weekday", "source", "found",
        "status", "grids", "placed",
    ];

    /// Reads the parameters of a query string, already percent-decoded, where
    /// no extra columns are kept. `also` names those that the caller reads
    /// itself; they are passed over.
    ///
    /// # Errors
    /// For an unknown name, a name given twice, and a value out of the grammar.
    ///
    /// ```
    /// use gridmap::query::Filter;
    /// let filter = Filter::parse([("kind", "police"), ("hour", "22-5")], &[])?;
    /// assert_eq!(filter.canonical(), "hour=0-5,22-23&kind=police");
    /// assert!(Filter::parse([("knd", "police")], &[]).is_err());
    /// # Ok::<(), gridmap::query::FilterError>(())
    /// ```
    pub fn parse(
        pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        also: &[&str],
    ) -> Result<Filter, FilterError> {
        Filter::parse_with(&[], pairs, also)
    }

    /// As [`Filter::parse`], where these extra columns are kept. A comma
    /// inside a value of a list is `%2C`, a per cent sign `%25`.
    ///
    /// # Errors
    /// As [`Filter::parse`].
    pub fn parse_with(
        columns: &[ExtraColumn],
        pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        also: &[&str],
    ) -> Result<Filter, FilterError> {
        let mut filter = Filter::default();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            if also.contains(&name) {
                continue;
            }
            if !filter.set(columns, name, value)? {
                let extras = extra_names(columns);
                let known = Filter::PARAMS.iter().chain(also).copied();
                let known = known.chain(extras.iter().map(String::as_str));
                return Err(FilterError::unknown(name, known));
            }
            if seen.iter().any(|known| known == name) {
                return Err(FilterError::Repeated {
                    param: name.to_owned(),
                });
            }
            seen.push(name.to_owned());
        }
        Ok(filter)
    }

    /// Reads one parameter; `false` if there is none of that name.
    pub(super) fn set(
        &mut self,
        columns: &[ExtraColumn],
        name: &str,
        value: &str,
    ) -> Result<bool, FilterError> {
        let param = Param { name, value };
        match name {
            "bbox" => self.bbox = Some(parse_bbox(&param)?),
            "datetime" => self.window = parse_window(&param)?,
            "kind" => self.kinds = param.list_of()?,
            "category" => self.categories = words(&param)?,
            "grid" => self.grids = words(&param)?,
            "hour" => self.hours = hour_set(&param)?,
            "weekday" => self.weekdays = weekday_set(&param)?,
            "source" => self.sources = words(&param)?,
            "found" => self.found = param.list_of()?,
            "status" => self.statuses = words(&param)?,
            "grids" => {
                self.grids_of = match value {
                    "event" => GridsOf::Event,
                    "today" => GridsOf::Today,
                    _ => return Err(param.bad("可用 event、today", "use event or today")),
                }
            }
            "placed" => {
                self.placed = match value {
                    "true" => Some(true),
                    "false" => Some(false),
                    _ => return Err(param.bad("可用 true、false", "use true or false")),
                }
            }
            _ => {
                let column = name.strip_prefix(EXTRA_PREFIX);
                let column = column.and_then(|name| columns.iter().find(|c| c.name == name));
                let Some(column) = column else {
                    return Ok(false);
                };
                let extra = ExtraFilter::parse(column, &param)?;
                let at = self.extras.partition_point(|e| e.column < extra.column);
                self.extras.insert(at, extra);
            }
        }
        Ok(true)
    }

    /// Text for cache keys: equal filters give equal text, the default none.
    /// It reads as a query string, with times in seconds; of a CQL2 text it
    /// has the length and a hash, so that it stays short.
    pub fn canonical(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some(b) = self.bbox {
            parts.push(format!(
                "bbox={},{},{},{}",
                b.west, b.south, b.east, b.north
            ));
        }
        push_list(
            &mut parts,
            "category",
            self.categories.iter().map(String::as_str),
        );
        if self.window != TimeWindow::ALWAYS {
            let side = |at: Option<crate::model::Timestamp>| {
                at.map_or_else(|| "..".to_owned(), |at| at.0.to_string())
            };
            let (start, end) = (side(self.window.start), side(self.window.end));
            parts.push(format!("datetime={start}/{end}"));
        }
        push_list(
            &mut parts,
            "found",
            self.found.iter().map(|word| word.as_str()),
        );
        push_list(&mut parts, "grid", self.grids.iter().map(String::as_str));
        if self.grids_of == GridsOf::Today {
            parts.push("grids=today".to_owned());
        }
        if let Some(hours) = self.hours {
            parts.push(format!("hour={}", ranges(hours)));
        }
        push_list(
            &mut parts,
            "kind",
            self.kinds.iter().map(|word| word.as_str()),
        );
        if let Some(placed) = self.placed {
            parts.push(format!("placed={placed}"));
        }
        push_list(
            &mut parts,
            "source",
            self.sources.iter().map(String::as_str),
        );
        push_list(
            &mut parts,
            "status",
            self.statuses.iter().map(String::as_str),
        );
        if let Some(weekdays) = self.weekdays {
            parts.push(format!("weekday={}", ranges(weekdays.into())));
        }
        parts.extend(self.extras.iter().map(ExtraFilter::canonical));
        if let Some(cql) = &self.cql {
            let text = cql.text();
            let hash = blake3::hash(text.as_bytes()).to_hex();
            parts.push(format!("filter={}.{}", text.len(), &hash[..32]));
        }
        parts.join("&")
    }

    /// The same filter in another time window.
    pub fn with_window(&self, window: TimeWindow) -> Filter {
        Filter {
            window,
            ..self.clone()
        }
    }

    /// Makes the filter ready for the rows of one snapshot.
    pub fn compile<'s>(&self, snapshot: &'s Snapshot, scope: &Scope) -> Selection<'s> {
        Selection::new(self, snapshot, scope)
    }
}

/// The parameters of extra columns.
pub(super) fn extra_names(columns: &[ExtraColumn]) -> Vec<String> {
    let name = |column: &ExtraColumn| format!("{EXTRA_PREFIX}{}", column.name);
    columns.iter().map(name).collect()
}

/// Sorted and escaped, so that a comma inside a word is not two words.
fn push_list<'a>(parts: &mut Vec<String>, name: &str, words: impl Iterator<Item = &'a str>) {
    let mut escaped: Vec<String> = words.map(escape).collect();
    escaped.sort_unstable();
    escaped.dedup();
    if !escaped.is_empty() {
        parts.push(format!("{name}={}", escaped.join(",")));
    }
}

/// The set bits as ranges: `0-5,22-23`.
fn ranges(bits: u32) -> String {
    let mut parts = Vec::new();
    let mut from = None;
    for bit in 0..=32_u32 {
        let set = bit < 32 && bits & (1 << bit) != 0;
        match (from, set) {
            (None, true) => from = Some(bit),
            (Some(first), false) => {
                let last = bit - 1;
                parts.push(if first == last {
                    first.to_string()
                } else {
                    format!("{first}-{last}")
                });
                from = None;
            }
            _ => {}
        }
    }
    parts.join(",")
}
