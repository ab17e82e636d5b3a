//! What the inspector says about one feature.

use super::{FeatureRef, Filter};
use crate::index::{Row, Snapshot};
use crate::model::{FeatureId, LayerName, Scope};

/// Counts per kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindCounts {
    /// All.
    pub total: u64,
    /// 警情
    pub police: u64,
    /// 纠纷
    pub dispute: u64,
    /// 12345 诉求
    pub hotline: u64,
}

/// Incidents of one feature.
#[derive(Debug, Clone)]
pub struct Summary<'s> {
    /// The feature.
    pub feature: FeatureRef<'s>,
    /// Its incidents that pass the filter.
    pub counts: KindCounts,
    /// As many days before; `None` if the period is open.
    pub previous_total: Option<u64>,
    /// By local hour, without those of which only the day is known.
    pub by_hour: [u64; 24],
    /// By weekday, Monday first.
    pub by_weekday: [u64; 7],
    /// The last ten.
    pub recent: Vec<Row<'s>>,
}

/// The incidents of a feature; `None` if there is no such feature.
pub fn summary<'s>(
    _snapshot: &'s Snapshot,
    _scope: &Scope,
    _layer: LayerName,
    _id: FeatureId,
    _filter: &Filter,
) -> Option<Summary<'s>> {
    todo!()
}
