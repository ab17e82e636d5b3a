//! Lists of features that a place, a line or an area finds.

use serde::Serialize;
use utoipa::ToSchema;

use super::feature::{self, FeatureView};
use crate::index::Snapshot;
use crate::query::{FeatureRef, Hit};

/// Features by distance.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HitsView {
    /// All that were found; `items` may hold fewer.
    total: usize,
    items: Vec<HitView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct HitView {
    /// Metres on the ground.
    distance_m: f64,
    feature: FeatureView,
}

/// Features without a distance.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundView {
    /// All that were found; `items` may hold fewer.
    total: usize,
    items: Vec<FeatureView>,
}

impl HitsView {
    /// The first `limit` hits.
    pub(super) fn new(snapshot: &Snapshot, hits: &[Hit<'_>], limit: usize) -> HitsView {
        let shown = hits.iter().take(limit);
        HitsView {
            total: hits.len(),
            items: shown
                .map(|hit| HitView {
                    distance_m: hit.distance_m,
                    feature: feature::view(snapshot, &hit.feature),
                })
                .collect(),
        }
    }
}

impl FoundView {
    /// The first `limit` features.
    pub(super) fn new(snapshot: &Snapshot, found: &[FeatureRef<'_>], limit: usize) -> FoundView {
        let shown = found.iter().take(limit);
        FoundView {
            total: found.len(),
            items: shown.map(|item| feature::view(snapshot, item)).collect(),
        }
    }
}
