//! What is here, in a box, in an area, near, nearest, along a line.

use std::sync::Arc;

use geo::{Coord, MultiLineString, MultiPolygon};

use super::{FeatureRef, Filter, Hit};
use crate::index::Snapshot;
use crate::model::{Compound, Grid, LayerName, Scope, Street};
use crate::tile::Bounds;

/// What is at a place today.
#[derive(Debug, Clone, Default)]
pub struct Here<'s> {
    /// 基础 grid.
    pub grid: Option<&'s Arc<Grid>>,
    /// 专属 grid.
    pub special_grid: Option<&'s Arc<Grid>>,
    /// Community (社区) of the grid, else of the compound.
    pub community: Option<&'s str>,
    /// The compound whose area covers the place.
    pub compound: Option<&'s Arc<Compound>>,
    /// The nearest street within 50 m and its distance in metres.
    pub street: Option<(&'s Arc<Street>, f64)>,
}

/// What is here.
pub fn here<'s>(_snapshot: &'s Snapshot, _scope: &Scope, _at: Coord<f64>) -> Here<'s> {
    todo!()
}

/// Rows of a layer that touch a box, edges included, by id.
pub fn in_bbox<'s>(
    _snapshot: &'s Snapshot,
    _scope: &Scope,
    _layer: LayerName,
    _area: &Bounds,
    _filter: &Filter,
) -> Vec<FeatureRef<'s>> {
    todo!()
}

/// Rows of a layer that touch an area, edges included, by id.
pub fn inside<'s>(
    _snapshot: &'s Snapshot,
    _scope: &Scope,
    _layer: LayerName,
    _area: &MultiPolygon<f64>,
    _filter: &Filter,
) -> Vec<FeatureRef<'s>> {
    todo!()
}

/// Rows of a layer within some metres of a place, nearest first.
pub fn within<'s>(
    _snapshot: &'s Snapshot,
    _scope: &Scope,
    _layer: LayerName,
    _at: Coord<f64>,
    _radius_m: f64,
    _filter: &Filter,
) -> Vec<Hit<'s>> {
    todo!()
}

/// The `k` rows of a layer nearest to a place, nearest first.
pub fn nearest<'s>(
    _snapshot: &'s Snapshot,
    _scope: &Scope,
    _layer: LayerName,
    _at: Coord<f64>,
    _k: usize,
    _filter: &Filter,
) -> Vec<Hit<'s>> {
    todo!()
}

/// Rows of a layer within some metres of a line, nearest first.
pub fn along<'s>(
    _snapshot: &'s Snapshot,
    _scope: &Scope,
    _layer: LayerName,
    _line: &MultiLineString<f64>,
    _within_m: f64,
    _filter: &Filter,
) -> Vec<Hit<'s>> {
    todo!()
}
