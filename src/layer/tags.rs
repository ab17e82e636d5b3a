//! Properties of entities as tile values.

use crate::index::Snapshot;
use crate::model::{Compound, Entity, Field, Grid, Incident, LayerName, Route, Street, Value};
use crate::tile;

use super::Layers;

/// A further column that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no column `{name}` in these layers; there are {known}")]
pub struct FieldError {
    /// What was asked for.
    pub name: String,
    /// What there is.
    pub known: String,
}

/// Makes sure that every further column asked for exists in a layer asked for,
/// built in or kept at import.
///
/// # Errors
/// Names the first that does not exist, and those that do.
pub fn check_fields(
    snapshot: &Snapshot,
    layers: &Layers,
    fields: &[String],
) -> Result<(), FieldError> {
    let sources: Vec<LayerName> = layers.iter().map(|l| l.info().source).collect();
    let extra = |layer: &LayerName| {
        let columns = snapshot.district.extra_columns(*layer);
        columns.iter().map(|c| c.name.clone())
    };
    let built_in = |layer: &LayerName| fields_of(*layer).iter().map(|f| f.name.to_owned());
    let mut known: Vec<String> = sources.iter().flat_map(built_in).collect();
    known.extend(sources.iter().flat_map(extra));
    known.sort_unstable();
    known.dedup();
    match fields.iter().find(|f| !known.contains(f)) {
        Some(name) => Err(FieldError {
            name: name.clone(),
            known: known.join(", "),
        }),
        None => Ok(()),
    }
}

/// The built-in properties of a layer's entities.
pub(super) fn fields_of(layer: LayerName) -> &'static [Field] {
    match layer {
        LayerName::Grids => Grid::fields(),
        LayerName::Compounds => Compound::fields(),
        LayerName::Streets => Street::fields(),
        LayerName::Routes => Route::fields(),
        LayerName::Incidents => Incident::fields(),
    }
}

/// A property as a tile value; `None` for nothing known, which tiles leave out.
pub(super) fn tile_value(value: Value) -> Option<tile::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Text(text) => tile::Value::Text(text),
        Value::Integer(number) => tile::Value::Int(number),
        Value::Number(number) => tile::Value::Double(number),
        Value::Bool(yes) => tile::Value::Bool(yes),
        Value::Date(day) => tile::Value::Text(day.to_string()),
        // Seconds: short, and expressions in a style can compare them.
        Value::Instant(at) => tile::Value::Int(at.0),
    })
}

/// A tile value to be written at once.
pub(super) fn tag(value: &tile::Value) -> tile::Tag<'_> {
    match value {
        tile::Value::Text(text) => tile::Tag::Text(text),
        tile::Value::Int(number) => tile::Tag::Int(*number),
        tile::Value::Double(number) => tile::Tag::Double(*number),
        tile::Value::Bool(yes) => tile::Tag::Bool(*yes),
    }
}
