//! Pieces of the ground as rows of its table: `geom, class, kind, name`. Its
//! facts are a setting that the stores keep for themselves.

use std::sync::Arc;

use super::{Cells, Columns, Shape};
use crate::model::{Ground, GroundChange, GroundFacts, GroundFeature};
use crate::store::Error;

/// The table, and the setting with the [`GroundFacts`].
pub(in crate::store) const GROUND: &str = "ground";

/// Writes the columns of a piece.
pub(in crate::store) fn write<C: Columns>(feature: &GroundFeature, out: &mut C) {
    out.shape(Some(Shape::Any(&feature.geometry)));
    out.text(feature.class.as_str());
    out.text(&feature.kind);
    out.text(&feature.name);
}

/// Reads a row; `None` for what another program made of it.
pub(in crate::store) fn read<C: Cells>(cells: &mut C) -> Option<GroundFeature> {
    let geometry = cells.geometry()?;
    Some(GroundFeature {
        class: cells.text()?.parse().ok()?,
        kind: cells.string(),
        name: cells.string(),
        geometry,
    })
}

/// The facts of a ground as the text of a setting.
pub(in crate::store) fn facts_text(facts: &GroundFacts) -> Result<String, Error> {
    let text = serde_json::to_string(facts);
    text.map_err(|error| sqlx::Error::Encode(Box::new(error)).into())
}

/// The ground of a store: of what it says about it and its rows. Without facts
/// the rows are none of ours.
pub(in crate::store) fn ground(
    facts: Option<String>,
    features: Vec<GroundFeature>,
) -> GroundChange {
    let facts = facts.and_then(|text| serde_json::from_str(&text).ok());
    facts.map_or(GroundChange::Remove, |facts| {
        GroundChange::Put(Arc::new(Ground { facts, features }))
    })
}

/// Says that rows of the ground were left out.
pub(in crate::store) fn warn_unreadable(rows: usize) {
    if rows > 0 {
        tracing::warn!(
            rows,
            "pieces of the ground left out: their shape or class cannot be read"
        );
    }
}
