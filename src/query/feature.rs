//! A row of any layer.

use std::sync::Arc;

use geo::Geometry;

use super::Filter;
use super::shape::{Shape, area_of};
use crate::format::Items;
use crate::index::{Collection, Row, Snapshot};
use crate::model::{
    Compound, Entity, FeatureId, Grid, LayerName, Meta, Route, Scope, Street, Timestamp, Value,
    ValueRef,
};
use crate::tile::Bounds;

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

impl<'s> FeatureRef<'s> {
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

    /// Identity and origin; incidents keep theirs in columns.
    pub(super) fn meta(&self) -> Option<&'s Meta> {
        match *self {
            FeatureRef::Grid(row) => Some(&row.meta),
            FeatureRef::Compound(row) => Some(&row.meta),
            FeatureRef::Street(row) => Some(&row.meta),
            FeatureRef::Route(row) => Some(&row.meta),
            FeatureRef::Incident(_) => None,
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

    /// The whole row.
    pub fn to_items(&self) -> Items {
        match self {
            FeatureRef::Grid(row) => Items::Grids(vec![Grid::clone(row)]),
            FeatureRef::Compound(row) => Items::Compounds(vec![Compound::clone(row)]),
            FeatureRef::Street(row) => Items::Streets(vec![Street::clone(row)]),
            FeatureRef::Route(row) => Items::Routes(vec![Route::clone(row)]),
            FeatureRef::Incident(row) => Items::Incidents(vec![row.to_incident()]),
        }
    }

    /// A hash of what the row itself says, nothing derived: 20 hexadecimal
    /// digits that change when the content does.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let written = match self {
            FeatureRef::Grid(row) => serde_json::to_writer(&mut hasher, row.as_ref()),
            FeatureRef::Compound(row) => serde_json::to_writer(&mut hasher, row.as_ref()),
            FeatureRef::Street(row) => serde_json::to_writer(&mut hasher, row.as_ref()),
            FeatureRef::Route(row) => serde_json::to_writer(&mut hasher, row.as_ref()),
            FeatureRef::Incident(row) => serde_json::to_writer(&mut hasher, &row.to_incident()),
        };
        written.expect("a row is plain data and a hasher takes every byte");
        hasher.finalize().to_hex()[..20].to_owned()
    }

    pub(super) fn shape(&self) -> Option<Shape<'s>> {
        Some(match *self {
            FeatureRef::Grid(row) => Shape::Area(&row.area),
            FeatureRef::Compound(row) => Shape::Any(&row.shape),
            FeatureRef::Street(row) => Shape::Lines(&row.line),
            FeatureRef::Route(row) => Shape::Lines(&row.line),
            FeatureRef::Incident(row) => Shape::Point(row.at()?),
        })
    }

    /// What a filter means for rows that are not incidents: the box, the extra
    /// columns, the CQL2 text, and for grids the days on which they are valid.
    pub(super) fn passes(&self, snapshot: &Snapshot, filter: &Filter) -> bool {
        let in_box = filter.bbox.is_none_or(|bounds| {
            self.shape()
                .is_some_and(|shape| shape.touches(&area_of(&bounds)))
        });
        let in_time = match self {
            FeatureRef::Grid(grid) => {
                let midnight = |day| Timestamp::from_local_date(day);
                let from = grid.valid_from.and_then(midnight);
                let to = grid.valid_to.and_then(midnight);
                let (start, end) = (filter.window.start, filter.window.end);
                from.is_none_or(|from| end.is_none_or(|end| from < end))
                    && to.is_none_or(|to| start.is_none_or(|start| start < to))
            }
            _ => true,
        };
        let extras = filter.extras.iter().all(|extra| {
            let value = self.meta().and_then(|meta| meta.extra(&extra.column));
            extra.passes(value.map_or(ValueRef::Null, Value::borrow))
        });
        let said = || {
            let cql = filter.cql.as_ref();
            cql.is_none_or(|cql| cql.matches(snapshot, self))
        };
        in_box && in_time && extras && said()
    }
}

/// True if the scope covers the row: it limits grids and incidents; streets,
/// compounds and routes are ground that everyone may see.
pub(super) fn in_scope(scope: &Scope, feature: &FeatureRef<'_>) -> bool {
    match feature {
        FeatureRef::Grid(grid) => scope.sees_grid(&grid.code),
        _ => true,
    }
}

/// Rows of a layer other than incidents that a scope covers: those whose
/// envelope meets a box, or all, in slot order.
pub(super) fn candidates<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    near: Option<&Bounds>,
) -> Vec<FeatureRef<'s>> {
    let mut found = match layer {
        LayerName::Grids => pick(&snapshot.grids, near, FeatureRef::Grid),
        LayerName::Compounds => pick(&snapshot.compounds, near, FeatureRef::Compound),
        LayerName::Streets => pick(&snapshot.streets, near, FeatureRef::Street),
        LayerName::Routes => pick(&snapshot.routes, near, FeatureRef::Route),
        LayerName::Incidents => Vec::new(),
    };
    found.retain(|feature| in_scope(scope, feature));
    found
}

fn pick<'s, T: Entity>(
    rows: &'s Collection<T>,
    near: Option<&Bounds>,
    wrap: fn(&'s Arc<T>) -> FeatureRef<'s>,
) -> Vec<FeatureRef<'s>> {
    match near {
        None => rows.items().iter().map(wrap).collect(),
        Some(near) => {
            let slots = rows.touching(near).into_iter();
            slots.map(|slot| wrap(rows.get(slot))).collect()
        }
    }
}

/// A row by layer and id, if it exists and the scope covers it.
pub fn feature<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    id: FeatureId,
) -> Option<FeatureRef<'s>> {
    let found = match layer {
        LayerName::Grids => FeatureRef::Grid(snapshot.grids.by_id(id)?),
        LayerName::Compounds => FeatureRef::Compound(snapshot.compounds.by_id(id)?),
        LayerName::Streets => FeatureRef::Street(snapshot.streets.by_id(id)?),
        LayerName::Routes => FeatureRef::Route(snapshot.routes.by_id(id)?),
        LayerName::Incidents => {
            let row = snapshot.incidents.by_id(id)?;
            let everything = Filter::default().compile(snapshot, scope);
            return everything.matches(row).then_some(FeatureRef::Incident(row));
        }
    };
    in_scope(scope, &found).then_some(found)
}
