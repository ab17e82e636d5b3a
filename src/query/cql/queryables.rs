//! The names that a filter over a layer may use.

use crate::model::{District, ExtraType, FieldType, LayerName};
use crate::query::fields_of;

/// What a queryable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryableType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Bool,
    /// A calendar day.
    Date,
    /// An instant.
    Instant,
    /// The shape of the row.
    Geometry,
}

/// A name that a filter may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queryable {
    /// The name.
    pub name: String,
    /// What it holds.
    pub queryable_type: QueryableType,
    /// The Chinese title.
    pub zh: String,
    /// The English title.
    pub en: String,
}

/// The names of a layer: the id, built-in properties, derived ones, extra
/// columns, the geometry.
pub fn queryables(layer: LayerName, district: &District) -> Vec<Queryable> {
    let new = |name: &str, queryable_type, zh: &str, en: &str| Queryable {
        name: name.to_owned(),
        queryable_type,
        zh: zh.to_owned(),
        en: en.to_owned(),
    };
    let mut all = vec![new("id", QueryableType::Integer, "编号", "Row id")];
    all.extend(fields_of(layer).iter().map(|field| {
        let kind = match field.field_type {
            FieldType::Text => QueryableType::Text,
            FieldType::Integer => QueryableType::Integer,
            FieldType::Bool => QueryableType::Bool,
            FieldType::Date => QueryableType::Date,
            FieldType::Instant => QueryableType::Instant,
        };
        new(field.name, kind, field.zh, field.en)
    }));
    if layer == LayerName::Incidents {
        all.push(new("grid", QueryableType::Text, "网格", "Grid"));
        let special = ("special_grid", "专属网格", "Special grid");
        all.push(new(special.0, QueryableType::Text, special.1, special.2));
    }
    for column in district.extra_columns(layer) {
        if all.iter().any(|known| known.name == column.name) {
            continue;
        }
        let kind = match column.extra_type {
            ExtraType::Text => QueryableType::Text,
            ExtraType::Number => QueryableType::Number,
            ExtraType::Date => QueryableType::Date,
        };
        all.push(new(&column.name, kind, &column.name, &column.name));
    }
    if !all.iter().any(|known| known.name == "geometry") {
        all.push(new("geometry", QueryableType::Geometry, "几何", "Geometry"));
    }
    all
}
