//! Finding things by code, name and pinyin.

use geo::Coord;

use crate::index::Snapshot;
use crate::model::{FeatureId, LayerName, Scope};
use crate::tile::Bounds;

/// Search words of a snapshot's grids, compounds, streets and routes.
#[derive(Debug, Default)]
pub struct Finder {}

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchItem {
    /// Row id.
    pub id: FeatureId,
    /// Code; may be empty.
    pub code: String,
    /// Name.
    pub name: String,
    /// More, in Chinese.
    pub detail_zh: String,
    /// More, in English.
    pub detail_en: String,
    /// A point to fly to.
    pub at: Coord<f64>,
    /// Its envelope.
    pub bounds: Bounds,
}

/// What was found in one layer, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchGroup {
    /// The layer.
    pub layer: LayerName,
    /// Best first.
    pub items: Vec<SearchItem>,
}

impl Finder {
    /// Reads the names of a snapshot.
    pub fn new(_snapshot: &Snapshot) -> Finder {
        todo!()
    }

    /// The best matches per layer, at most `limit` each.
    pub fn search(&self, _scope: &Scope, _text: &str, _limit: usize) -> Vec<SearchGroup> {
        todo!()
    }
}
