//! Which values a column has, for people who want to pick some.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::civil::Date;

use super::feature::candidates;
use super::{Filter, FilterError};
use crate::index::Snapshot;
use crate::model::{ExtraType, LayerName, Scope, Value, ValueRef};

/// The most values that are listed.
pub const MAX_VALUES: usize = 100;

/// A value and how many rows have it.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueCount {
    /// The value, never `Null`.
    pub value: Value,
    /// Rows that have it.
    pub count: u64,
}

/// The values of one column among the rows that pass a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnValues {
    /// Type of the column.
    pub column_type: ExtraType,
    /// At most [`MAX_VALUES`], the most frequent first, equally frequent ones
    /// by value.
    pub values: Vec<ValueCount>,
    /// Different values beyond those.
    pub more: usize,
    /// The lowest and the highest value of a column of numbers or days.
    pub range: Option<(Value, Value)>,
}

/// A value as a key; numbers by their bits, `-0` as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Text(&'a str),
    Number(u64),
    Day(Date),
}

impl<'a> Key<'a> {
    /// The key of a value of the column's type; `None` for anything else, as
    /// another program may have written it.
    fn of(value: ValueRef<'a>, column_type: ExtraType) -> Option<Key<'a>> {
        match (column_type, value) {
            (ExtraType::Text, ValueRef::Text(text)) => Some(Key::Text(text)),
            (ExtraType::Number, value) => value
                .as_number()
                .map(|number| Key::Number((number + 0.0).to_bits())),
            (ExtraType::Date, ValueRef::Date(day)) => Some(Key::Day(day)),
            _ => None,
        }
    }

    fn value(self) -> Value {
        match self {
            Key::Text(text) => Value::Text(text.to_owned()),
            Key::Number(bits) => Value::Number(f64::from_bits(bits)),
            Key::Day(day) => Value::Date(day),
        }
    }

    fn order(&self, other: &Key<'_>) -> Ordering {
        match (self, other) {
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Number(a), Key::Number(b)) => f64::from_bits(*a).total_cmp(&f64::from_bits(*b)),
            (Key::Day(a), Key::Day(b)) => a.cmp(b),
            // Keys of one column are of one type.
            _ => Ordering::Equal,
        }
    }
}

/// The most frequent values of an extra column, or of `source` or (incidents
/// alone) `status`, among the rows of a layer that pass a filter.
///
/// # Errors
/// When the layer has no such column.
pub fn column_values(
    snapshot: &Snapshot,
    scope: &Scope,
    layer: LayerName,
    column: &str,
    filter: &Filter,
) -> Result<ColumnValues, FilterError> {
    let built_in: &[&str] = match layer {
        LayerName::Incidents => &["source", "status"],
        _ => &["source"],
    };
    let extra_columns = snapshot.district.extra_columns(layer);
    let extra = extra_columns.iter().find(|extra| extra.name == column);
    let column_type = match extra {
        Some(extra) => extra.extra_type,
        None if built_in.contains(&column) => ExtraType::Text,
        None => {
            let extra = extra_columns.iter().map(|extra| extra.name.as_str());
            let known: Vec<&str> = built_in.iter().copied().chain(extra).collect();
            return Err(FilterError::no_column(column, &known));
        }
    };
    let counts = match layer {
        LayerName::Incidents => count_incidents(snapshot, scope, column, column_type, filter),
        _ => {
            let rows = candidates(snapshot, scope, layer, filter.bbox.as_ref());
            let rows = rows.iter().filter(|row| row.passes(snapshot, filter));
            let mut counts = Counts::new();
            for row in rows {
                let value = row.meta().map_or(ValueRef::Null, |meta| match extra {
                    Some(_) => meta.extra(column).map_or(ValueRef::Null, Value::borrow),
                    None => text(&meta.source),
                });
                add(&mut counts, value, column_type, 1);
            }
            counts
        }
    };
    Ok(ranked(counts, column_type))
}

type Counts<'s> = HashMap<Key<'s>, u64>;

fn add<'s>(counts: &mut Counts<'s>, value: ValueRef<'s>, column_type: ExtraType, count: u64) {
    if let Some(key) = Key::of(value, column_type) {
        *counts.entry(key).or_default() += count;
    }
}

fn text(text: &str) -> ValueRef<'_> {
    if text.is_empty() {
        ValueRef::Null
    } else {
        ValueRef::Text(text)
    }
}

fn count_incidents<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    column: &str,
    column_type: ExtraType,
    filter: &Filter,
) -> Counts<'s> {
    let is_extra = snapshot.district.extra_columns(LayerName::Incidents);
    let is_extra = is_extra.iter().any(|extra| extra.name == column);
    let selection = filter.compile(snapshot, scope);
    let parts = selection.map_parts(|part, rows| {
        let mut counts = Counts::new();
        if is_extra {
            if let Some(slot) = part.extra_slot(column) {
                rows(&mut |row| add(&mut counts, part.extra(row, slot), column_type, 1));
            }
            return counts;
        }
        let mut by_profile = vec![0_u64; part.profiles().len()];
        rows(&mut |row| by_profile[usize::from(part.profile_slots()[row])] += 1);
        for (profile, count) in part.profiles().iter().zip(by_profile) {
            if count > 0 {
                let word = match column {
                    "status" => &profile.status,
                    _ => &profile.source,
                };
                add(&mut counts, text(word), column_type, count);
            }
        }
        counts
    });
    let mut all = Counts::new();
    for (key, count) in parts.into_iter().flatten() {
        *all.entry(key).or_default() += count;
    }
    all
}

fn ranked(counts: Counts<'_>, column_type: ExtraType) -> ColumnValues {
    let mut counts: Vec<(Key<'_>, u64)> = counts.into_iter().collect();
    let range = match column_type {
        ExtraType::Text => None,
        ExtraType::Number | ExtraType::Date => {
            let lowest = counts.iter().min_by(|a, b| a.0.order(&b.0));
            let highest = counts.iter().max_by(|a, b| a.0.order(&b.0));
            lowest.zip(highest)
        }
    };
    let range = range.map(|(low, high)| (low.0.value(), high.0.value()));
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.order(&b.0)));
    let more = counts.len().saturating_sub(MAX_VALUES);
    counts.truncate(MAX_VALUES);
    let values = counts.into_iter().map(|(key, count)| ValueCount {
        value: key.value(),
        count,
    });
    ColumnValues {
        column_type,
        values: values.collect(),
        more,
        range,
    }
}
