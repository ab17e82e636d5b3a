//! TileJSON 3.0.0, the description of a tile set.
//! <https://github.com/mapbox/tilejson-spec/tree/master/3.0.0>

use std::collections::BTreeMap;

use serde::Serialize;

/// A tile set.
#[derive(Debug, Clone, Serialize)]
pub struct TileJson {
    /// The version of the format: `3.0.0`.
    pub tilejson: &'static str,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the data comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    /// URL templates with `{z}`, `{x}` and `{y}`.
    pub tiles: Vec<String>,
    /// The layers and their fields.
    pub vector_layers: Vec<VectorLayer>,
    /// First zoom with tiles.
    pub minzoom: u8,
    /// Last zoom with tiles; clients enlarge these further.
    pub maxzoom: u8,
    /// West, south, east, north in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 4]>,
    /// Longitude, latitude and zoom to start at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub center: Option<[f64; 3]>,
    /// Fields of the application's own.
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// One layer of a tile set.
#[derive(Debug, Clone, Serialize)]
pub struct VectorLayer {
    /// The layer's name in the tiles.
    pub id: String,
    /// Field names and what they mean.
    pub fields: BTreeMap<String, String>,
    /// What the layer shows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// First zoom with features.
    pub minzoom: u8,
    /// Last zoom with features.
    pub maxzoom: u8,
}
