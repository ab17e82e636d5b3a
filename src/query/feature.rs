//! A row of any layer.

use std::sync::Arc;

use geo::Geometry;

use crate::index::{Row, Snapshot};
use crate::model::{Compound, Entity, FeatureId, Grid, LayerName, Route, Scope, Street, Value};

/// A row of any layer of a snapshot.
#[derive(Debug, Clone, Copy)]
pub enum FeatureRef<'s> {
    /// A grid.
    Grid(&'s Arc<Grid>),
    /// A compound.
    Compound(&'s Arc<Compound>),
    /// A street.
    Street(&'s Arc<Street>),
    /// A patrol route.
    Route(&'s Arc<Route>),
    /// An incident.
    Incident(Row<'s>),
}

/// A row with its distance from what was asked.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'s> {
    /// The row.
    pub feature: FeatureRef<'s>,
    /// Metres; 0 inside an area.
    pub distance_m: f64,
}

impl FeatureRef<'_> {
    /// Row id.
    pub fn id(&self) -> FeatureId {
        match self {
            FeatureRef::Grid(row) => row.meta.id,
            FeatureRef::Compound(row) => row.meta.id,
            FeatureRef::Street(row) => row.meta.id,
            FeatureRef::Route(row) => row.meta.id,
            FeatureRef::Incident(row) => row.id(),
        }
    }

    /// The layer it belongs to.
    pub fn layer(&self) -> LayerName {
        match self {
            FeatureRef::Grid(_) => LayerName::Grids,
            FeatureRef::Compound(_) => LayerName::Compounds,
            FeatureRef::Street(_) => LayerName::Streets,
            FeatureRef::Route(_) => LayerName::Routes,
            FeatureRef::Incident(_) => LayerName::Incidents,
        }
    }

    /// A built-in property or extra column; `Null` if there is none.
    pub fn value(&self, name: &str) -> Value {
        match self {
            FeatureRef::Grid(row) => row.value(name),
            FeatureRef::Compound(row) => row.value(name),
            FeatureRef::Street(row) => row.value(name),
            FeatureRef::Route(row) => row.value(name),
            FeatureRef::Incident(row) => row.value(name),
        }
    }

    /// The shape in WGS84 degrees; `None` if it has no place (未上图).
    pub fn geometry(&self) -> Option<Geometry<f64>> {
        match self {
            FeatureRef::Grid(row) => row.geometry(),
            FeatureRef::Compound(row) => row.geometry(),
            FeatureRef::Street(row) => row.geometry(),
            FeatureRef::Route(row) => row.geometry(),
            FeatureRef::Incident(row) => row.at().map(|at| geo::Point(at).into()),
        }
    }

    /// The extra columns kept at import.
    pub fn extra(&self) -> Vec<(String, Value)> {
        match self {
            FeatureRef::Grid(row) => row.meta.extra.clone(),
            FeatureRef::Compound(row) => row.meta.extra.clone(),
            FeatureRef::Street(row) => row.meta.extra.clone(),
            FeatureRef::Route(row) => row.meta.extra.clone(),
            FeatureRef::Incident(row) => row.to_incident().meta.extra,
        }
    }
}

/// A row by layer and id, if it exists and the scope covers it.
pub fn feature<'s>(
    _snapshot: &'s Snapshot,
    _scope: &Scope,
    _layer: LayerName,
    _id: FeatureId,
) -> Option<FeatureRef<'s>> {
    todo!()
}
