//! `GET /collections/{layer}/queryables`: the names that a filter may use, as
//! a JSON Schema (OGC API - Features, part 3).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::error::Error;
use super::extract::{Base, Segments, layer};
use super::params::Params;
use super::respond::{Asked, json as json_answer, tag_of};
use super::state::AppState;
use crate::model::{
    CompoundKind, FoundBy, GridKind, IncidentKind, LayerName, PatrolMode, StreetClass,
};
use crate::query::{self, Queryable, QueryableType};

/// Media type of JSON Schema.
pub(super) const SCHEMA_JSON: &str = "application/schema+json";

/// What filters over a layer may use.
#[utoipa::path(get, path = "/collections/{layer}/queryables", tag = "ogc", operation_id = "getQueryables",
    params(super::openapi::LayerPath, super::openapi::LangQuery),
    responses((status = 200, description = "A JSON Schema of the names",
        content((Object = "application/schema+json"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn queryables(
    State(state): State<AppState>,
    Base(base): Base,
    Segments(name): Segments<String>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    let layer = layer(&name)?;
    params.finish()?;
    let snapshot = state.service.snapshot();
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    let properties: Map<String, Value> = query::queryables(layer, &snapshot.district)
        .iter()
        .map(|known| {
            let title = asked.lang.pick(known.zh.as_str(), known.en.as_str());
            (known.name.clone(), schema(layer, known, title))
        })
        .collect();
    let view = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{base}/collections/{layer}/queryables"),
        "type": "object",
        "title": super::collections::title(layer, asked.lang),
        "properties": properties,
        "additionalProperties": false,
    });
    json_answer(tag, SCHEMA_JSON, &view)
}

fn schema(layer: LayerName, known: &Queryable, title: &str) -> Value {
    let mut schema = match known.queryable_type {
        QueryableType::Text => json!({"type": "string"}),
        QueryableType::Integer => json!({"type": "integer"}),
        QueryableType::Number => json!({"type": "number"}),
        QueryableType::Bool => json!({"type": "boolean"}),
        QueryableType::Date => json!({"type": "string", "format": "date"}),
        QueryableType::Instant => json!({"type": "string", "format": "date-time"}),
        QueryableType::Geometry => json!({"format": shape_of(layer)}),
    };
    schema["title"] = title.into();
    let role = match (layer, known.name.as_str(), known.queryable_type) {
        (_, "id", _) => Some("id"),
        (_, _, QueryableType::Geometry) => Some("primary-geometry"),
        (LayerName::Incidents, "occurred_at", _) => Some("primary-instant"),
        _ => None,
    };
    if let Some(role) = role {
        schema["x-ogc-role"] = role.into();
    }
    if let Some(words) = words(layer, &known.name) {
        schema["enum"] = words.into();
    }
    schema
}

const fn shape_of(layer: LayerName) -> &'static str {
    match layer {
        LayerName::Grids => "geometry-polygon-or-multipolygon",
        LayerName::Compounds => "geometry-any",
        LayerName::Streets | LayerName::Routes => "geometry-linestring-or-multilinestring",
        LayerName::Incidents => "geometry-point",
    }
}

/// The words of a property that has a fixed list of them.
fn words(layer: LayerName, name: &str) -> Option<Vec<&'static str>> {
    macro_rules! all {
        ($type:ident) => {
            $type::ALL.iter().map(|word| word.as_str()).collect()
        };
    }
    Some(match (layer, name) {
        (LayerName::Grids, "kind") => all!(GridKind),
        (LayerName::Compounds, "kind") => all!(CompoundKind),
        (LayerName::Streets, "class") => all!(StreetClass),
        (LayerName::Routes, "mode") => all!(PatrolMode),
        (LayerName::Incidents, "kind") => all!(IncidentKind),
        (LayerName::Incidents, "found") => all!(FoundBy),
        _ => return None,
    })
}
