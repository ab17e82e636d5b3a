//! Features as GeoJSON.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::link::Link;
use crate::format::{checkpoints_json, gates_json};
use crate::index::{GridsOf, Row, Snapshot};
use crate::model::{Compound, Entity, Field, Grid, Incident, LayerName, Route, Street};
use crate::query::FeatureRef;
use crate::tile::Bounds;

/// A GeoJSON feature (RFC 7946).
#[derive(Debug, Serialize, ToSchema)]
pub struct FeatureView {
    #[serde(rename = "type")]
    feature_type: FeatureType,
    /// Row id, stable within a layer.
    #[schema(minimum = 1)]
    id: i64,
    /// WGS84 longitude and latitude; null for what has no place (未上图).
    #[schema(schema_with = geometry_schema)]
    geometry: Option<geojson::Geometry>,
    /// Every property of the layer; null where nothing is known.
    #[schema(value_type = Object)]
    properties: Map<String, Json>,
    /// What `If-Match` takes, when a list was asked for with `etags=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// Links of a single feature.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) links: Vec<Link>,
}

#[derive(Debug, Serialize, ToSchema)]
enum FeatureType {
    Feature,
}

/// The schema of a geometry or null, without the eight ways to nest arrays.
fn geometry_schema() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
    let names = [
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
    ];
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .property(
            "type",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(names)),
        )
        .property("coordinates", ArrayBuilder::new().items(anything()))
        .required("type")
        .required("coordinates")
        .description(Some(
            "A GeoJSON geometry; null when the feature has no place",
        ))
        .into()
}

/// The schema that everything fits: `{}`. Coordinates nest differently in each
/// shape.
pub(super) fn anything() -> utoipa::openapi::schema::Object {
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType};
    ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .build()
}

/// The built-in properties of a layer, in display order.
pub fn fields(layer: LayerName) -> &'static [Field] {
    match layer {
        LayerName::Grids => Grid::fields(),
        LayerName::Compounds => Compound::fields(),
        LayerName::Streets => Street::fields(),
        LayerName::Routes => Route::fields(),
        LayerName::Incidents => Incident::fields(),
    }
}

/// A feature with all its properties, extra columns after the built-in ones.
pub fn view(snapshot: &Snapshot, feature: &FeatureRef<'_>) -> FeatureView {
    FeatureView {
        feature_type: FeatureType::Feature,
        id: feature.id().0,
        geometry: feature.geometry().map(|shape| (&shape).into()),
        properties: with_places(properties(snapshot, feature), feature),
        etag: None,
        links: Vec::new(),
    }
}

/// Gates and checkpoints with their places, so that a feature can be sent back
/// as it came.
fn with_places(mut map: Map<String, Json>, feature: &FeatureRef<'_>) -> Map<String, Json> {
    match feature {
        FeatureRef::Compound(row) => {
            map.insert("gates".to_owned(), gates_json(row));
        }
        FeatureRef::Route(row) => {
            map.insert("checkpoints".to_owned(), checkpoints_json(row));
        }
        _ => {}
    }
    map
}

/// All properties by name.
pub fn properties(snapshot: &Snapshot, feature: &FeatureRef<'_>) -> Map<String, Json> {
    let mut map = Map::new();
    for field in fields(feature.layer()) {
        map.insert(field.name.to_owned(), feature.value(field.name).to_json());
    }
    if let FeatureRef::Incident(row) = feature {
        let (basic, special) = grid_codes(snapshot, *row);
        map.insert("grid".to_owned(), basic.into());
        map.insert("special_grid".to_owned(), special.into());
    }
    for (name, value) in feature.extra() {
        map.entry(name).or_insert_with(|| value.to_json());
    }
    map
}

/// Codes of the 基础 and 专属 grid on the day the incident occurred.
pub fn grid_codes<'s>(snapshot: &'s Snapshot, row: Row<'s>) -> (Option<&'s str>, Option<&'s str>) {
    let code = |slot: Option<u32>| slot.map(|slot| snapshot.grids.get(slot).code.as_str());
    (
        code(row.basic_grid(GridsOf::Event)),
        code(row.special_grid(GridsOf::Event)),
    )
}

/// A box as `[west, south, east, north]`.
pub const fn corners(bounds: &Bounds) -> [f64; 4] {
    [bounds.west, bounds.south, bounds.east, bounds.north]
}
