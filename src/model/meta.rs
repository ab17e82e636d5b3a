//! What every entity has: an id, where it came from, and extra columns.

use serde::{Deserialize, Serialize};

use super::{Field, LayerName, Value};

/// The most extra columns a layer may keep.
pub const MAX_EXTRA_COLUMNS: usize = 32;

/// Row id inside one layer; positive once stored, 0 while not stored yet.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct FeatureId(pub i64);

impl FeatureId {
    /// The id of an entity that no store has numbered yet.
    pub const NEW: FeatureId = FeatureId(0);
}

impl std::fmt::Display for FeatureId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Identity and origin of an entity.
///
/// `(source, source_id)` is unique within a layer: it is the key that makes a
/// second import of the same row an update instead of a copy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// Row id, [`FeatureId::NEW`] until stored.
    pub id: FeatureId,
    /// The system or file family the row came from.
    pub source: String,
    /// The row's id in that source, else `#` and a hash of the row.
    pub source_id: String,
    /// Extra columns kept at import, in the order of the file.
    pub extra: Vec<(String, Value)>,
}

impl Meta {
    /// The value of an extra column.
    pub fn extra(&self, name: &str) -> Option<&Value> {
        self.extra
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// Type of an extra column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExtraType {
    /// Text, masked like any other text.
    Text,
    /// A number.
    Number,
    /// A calendar day.
    Date,
}

/// An extra column that the user named at import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraColumn {
    /// The column's name as the file has it.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub extra_type: ExtraType,
}

/// What the generic readers need of an entity.
pub trait Entity: Clone + PartialEq + Send + Sync + 'static {
    /// The layer it belongs to.
    const LAYER: LayerName;

    /// Identity and origin.
    fn meta(&self) -> &Meta;

    /// Identity and origin, to be filled in.
    fn meta_mut(&mut self) -> &mut Meta;

    /// The shape in WGS84 degrees; `None` for what has no place (未上图).
    fn geometry(&self) -> Option<geo::Geometry<f64>>;

    /// The built-in properties, in display order; extra columns come after.
    fn fields() -> &'static [Field];

    /// A built-in property or extra column by name; `Null` if there is none.
    fn value(&self, name: &str) -> Value;

    /// True if both say the same, whatever their row ids.
    fn same_content(&self, other: &Self) -> bool {
        let mut mine = self.clone();
        mine.meta_mut().id = other.meta().id;
        mine == *other
    }
}

impl Meta {
    /// `source`, `source_id` or an extra column; `Null` for any other name.
    pub fn value(&self, name: &str) -> Value {
        match name {
            "source" => Value::text(&self.source),
            "source_id" => Value::text(&self.source_id),
            _ => self.extra(name).cloned().unwrap_or_default(),
        }
    }
}

/// A multi-polygon of one part as a plain polygon, which every reader knows.
pub(crate) fn single(area: geo::MultiPolygon<f64>) -> geo::Geometry<f64> {
    let mut parts = area.0;
    match (parts.len(), parts.pop()) {
        (1, Some(part)) => part.into(),
        (_, last) => {
            parts.extend(last);
            geo::MultiPolygon(parts).into()
        }
    }
}

/// A multi-line of one part as a plain line, which every reader knows.
pub(crate) fn single_line(lines: geo::MultiLineString<f64>) -> geo::Geometry<f64> {
    let mut parts = lines.0;
    match (parts.len(), parts.pop()) {
        (1, Some(part)) => part.into(),
        (_, last) => {
            parts.extend(last);
            geo::MultiLineString(parts).into()
        }
    }
}
