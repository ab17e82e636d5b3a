//! Pages of rows, sorted and filtered by properties.

use std::cmp::Ordering;

use jiff::civil::Date;

use super::extra::EXTRA_PREFIX;
use super::feature::candidates;
use super::filter::extra_names;
use super::parse::Param;
use super::{Cql, FeatureRef, Filter, FilterError};
use crate::index::Snapshot;
use crate::model::{
    Compound, District, Entity, ExtraColumn, ExtraType, Field, FieldType, Grid, Incident,
    LayerName, Route, Scope, Street, Value,
};

/// Rows of a page when nobody says.
const DEFAULT_LIMIT: usize = 100;

/// The most rows of a page; more are not refused but not given either, as
/// OGC API - Features asks.
const MAX_LIMIT: usize = 1000;

/// Parameters of a page beside the filter and the properties.
const PAGING: &[&str] = &["limit", "offset", "sort"];

/// By what to sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// A property, or `id`.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// A request for a page.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsQuery {
    /// The filter; layers other than incidents know bbox, datetime and extra
    /// columns only.
    pub filter: Filter,
    /// `prop=value`, all of which must hold.
    pub properties: Vec<(String, String)>,
    /// `filter=…`, a CQL2 text that must be true.
    pub cql: Option<Cql>,
    /// Order; by id if absent. Rows without the property come last.
    pub sort: Option<Sort>,
    /// Rows to return, 1-1000.
    pub limit: usize,
    /// Rows to pass over.
    pub offset: usize,
    /// Of grids, only those valid on this day.
    pub grids_on: Option<Date>,
}

impl Default for ItemsQuery {
    fn default() -> Self {
        ItemsQuery {
            filter: Filter::default(),
            properties: Vec::new(),
            cql: None,
            sort: None,
            limit: DEFAULT_LIMIT,
            offset: 0,
            grids_on: None,
        }
    }
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct Page<'s> {
    /// Rows that match, on all pages.
    pub total: usize,
    /// Rows of this page.
    pub items: Vec<FeatureRef<'s>>,
}

/// The built-in properties of a layer.
pub fn fields_of(layer: LayerName) -> &'static [Field] {
    match layer {
        LayerName::Grids => Grid::fields(),
        LayerName::Compounds => Compound::fields(),
        LayerName::Streets => Street::fields(),
        LayerName::Routes => Route::fields(),
        LayerName::Incidents => Incident::fields(),
    }
}

/// What the value of a property must look like.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Number,
    Bool,
}

/// The names that a layer's items can be asked by.
struct Schema<'a> {
    layer: LayerName,
    district: &'a District,
}

impl<'a> Schema<'a> {
    fn filter_params(&self) -> &'static [&'static str] {
        match self.layer {
            LayerName::Incidents => Filter::PARAMS,
            _ => &["bbox", "datetime"],
        }
    }

    fn columns(&self) -> &'a [ExtraColumn] {
        self.district.extra_columns(self.layer)
    }

    fn property(&self, name: &str) -> Option<Kind> {
        let built_in = fields_of(self.layer)
            .iter()
            .find(|field| field.name == name);
        let extra = || self.columns().iter().find(|column| column.name == name);
        if let Some(field) = built_in {
            return Some(match field.field_type {
                FieldType::Integer => Kind::Integer,
                FieldType::Bool => Kind::Bool,
                FieldType::Text | FieldType::Date | FieldType::Instant => Kind::Text,
            });
        }
        extra().map(|column| match column.extra_type {
            ExtraType::Number => Kind::Number,
            ExtraType::Text | ExtraType::Date => Kind::Text,
        })
    }

    fn names(&self) -> impl Iterator<Item = &'a str> {
        let params = self.filter_params().iter().chain(PAGING).copied();
        let fields = fields_of(self.layer).iter().map(|field| field.name);
        let extra = self.columns().iter();
        params
            .chain(fields)
            .chain(extra.map(|column| column.name.as_str()))
    }
}

impl ItemsQuery {
    /// Reads the parameters; `also` as in [`Filter::parse`].
    ///
    /// # Errors
    /// As [`Filter::parse`], and for a value that a property cannot have.
    pub fn parse(
        layer: LayerName,
        district: &District,
        pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        also: &[&str],
    ) -> Result<ItemsQuery, FilterError> {
        let schema = Schema { layer, district };
        let mut query = ItemsQuery::default();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            if also.contains(&name) {
                continue;
            }
            if seen.iter().any(|known| known == name) {
                return Err(FilterError::Repeated {
                    param: name.to_owned(),
                });
            }
            seen.push(name.to_owned());
            query.set(&schema, name, value, also)?;
        }
        Ok(query)
    }

    fn set(
        &mut self,
        schema: &Schema<'_>,
        name: &str,
        value: &str,
        also: &[&str],
    ) -> Result<(), FilterError> {
        let param = Param { name, value };
        match name {
            "limit" => self.limit = param.number()?.clamp(1, MAX_LIMIT),
            "offset" => self.offset = param.number()?,
            "sort" => self.sort = Some(parse_sort(schema, &param)?),
            _ if schema.filter_params().contains(&name) => {
                self.filter.set(schema.columns(), name, value)?;
            }
            _ => match schema.property(name) {
                Some(kind) => {
                    check_value(kind, &param)?;
                    self.properties.push((name.to_owned(), value.to_owned()));
                }
                None if name.starts_with(EXTRA_PREFIX)
                    && self.filter.set(schema.columns(), name, value)? => {}
                None => {
                    let extras = extra_names(schema.columns());
                    let extras = extras.iter().map(String::as_str);
                    let known = schema.names().chain(also.iter().copied()).chain(extras);
                    return Err(FilterError::unknown(name, known));
                }
            },
        }
        if name == "limit" && value.trim_start_matches('0').is_empty() {
            return Err(param.bad(
                "应为 1 到 1000 的整数",
                "give a whole number from 1 to 1000",
            ));
        }
        Ok(())
    }
}

fn parse_sort(schema: &Schema<'_>, param: &Param<'_>) -> Result<Sort, FilterError> {
    let (descending, field) = match param.value.strip_prefix('-') {
        Some(field) => (true, field),
        None => (false, param.value),
    };
    if field != "id" && schema.property(field).is_none() {
        return Err(param.bad(
            "应为属性名，前加 - 为降序，如 -occurred_at",
            "give a property, with - before it for largest first, such as -occurred_at",
        ));
    }
    Ok(Sort {
        field: field.to_owned(),
        descending,
    })
}

fn check_value(kind: Kind, param: &Param<'_>) -> Result<(), FilterError> {
    let value = param.value;
    match kind {
        Kind::Integer if value.parse::<i64>().is_err() => {
            Err(param.bad("应为整数", "give a whole number"))
        }
        Kind::Number if !value.parse::<f64>().is_ok_and(f64::is_finite) => {
            Err(param.bad("应为数", "give a number"))
        }
        Kind::Bool if value != "true" && value != "false" => {
            Err(param.bad("可用 true、false", "use true or false"))
        }
        _ => Ok(()),
    }
}

/// One page of a layer.
pub fn items<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    query: &ItemsQuery,
) -> Page<'s> {
    let mut found: Vec<FeatureRef<'s>> = Vec::new();
    let mut filter = query.filter.clone();
    if let Some(cql) = &query.cql {
        cql.narrow(&mut filter);
    }
    let passes = |feature: &FeatureRef<'s>| {
        has_properties(feature, &query.properties)
            && query
                .cql
                .as_ref()
                .is_none_or(|cql| cql.matches(snapshot, feature))
    };
    if layer == LayerName::Incidents {
        let selection = filter.compile(snapshot, scope);
        selection.visit(|row| {
            let feature = FeatureRef::Incident(row);
            if passes(&feature) {
                found.push(feature);
            }
        });
    } else {
        found = candidates(snapshot, scope, layer, filter.bbox.as_ref());
        found.retain(|feature| {
            is_valid(feature, query.grids_on)
                && feature.passes(snapshot, &filter)
                && passes(feature)
        });
    }
    let total = found.len();
    let order = |a: &FeatureRef<'s>, b: &FeatureRef<'s>| compare(query.sort.as_ref(), a, b);
    let end = query.offset.saturating_add(query.limit).min(total);
    if query.offset >= total {
        found.clear();
    } else if end < total {
        // Only the pages up to this one need an order.
        found.select_nth_unstable_by(end, order);
        found.truncate(end);
    }
    found.sort_by(order);
    let items = found.into_iter().skip(query.offset).collect();
    Page { total, items }
}

/// Only grids come and go by days.
fn is_valid(feature: &FeatureRef<'_>, day: Option<Date>) -> bool {
    match (feature, day) {
        (FeatureRef::Grid(grid), Some(day)) => grid.valid_on(day),
        _ => true,
    }
}

fn compare(sort: Option<&Sort>, a: &FeatureRef<'_>, b: &FeatureRef<'_>) -> Ordering {
    let by_id = || a.id().cmp(&b.id());
    let Some(Sort { field, descending }) = sort else {
        return by_id();
    };
    let turn = |order: Ordering| if *descending { order.reverse() } else { order };
    if field == "id" {
        return turn(by_id());
    }
    // The usual order, without making values.
    if let (FeatureRef::Incident(a), FeatureRef::Incident(b), "occurred_at") =
        (a, b, field.as_str())
    {
        return turn(a.occurred_at().cmp(&b.occurred_at())).then_with(by_id);
    }
    let (one, other) = (a.value(field), b.value(field));
    let order = match (one.is_null(), other.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => turn(compare_values(&one, &other)),
    };
    order.then_with(by_id)
}

fn compare_values(a: &Value, b: &Value) -> Ordering {
    let number = |value: &Value| match value {
        Value::Integer(n) => Some(*n as f64),
        Value::Number(n) => Some(*n),
        Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
        Value::Instant(at) => Some(at.0 as f64),
        _ => None,
    };
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        },
    }
}

fn has_properties(feature: &FeatureRef<'_>, properties: &[(String, String)]) -> bool {
    properties
        .iter()
        .all(|(name, wanted)| match feature.value(name) {
            Value::Null => false,
            Value::Text(text) => text == *wanted,
            Value::Integer(number) => wanted.parse() == Ok(number),
            Value::Number(number) => wanted.parse() == Ok(number),
            other => other.to_string() == *wanted,
        })
}
