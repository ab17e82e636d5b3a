//! `GET /tiles/{layers}`: TileJSON 3.0.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::encode::{is_fresh, not_modified};
use super::error::Error;
use super::extract::{Base, Segments};
use super::feature::corners;
use super::format::JSON;
use super::landing::title;
use super::link::with_query;
use super::params::{Params, pairs_of};
use super::respond::{Asked, json, tag_of};
use super::state::AppState;
use super::tileset::TileSet;

/// The deepest zoom at which tiles differ by more than scale.
const MAX_ZOOM: u8 = 18;

/// Below this zoom the incidents of a tile are counts in cells.
const AGGREGATED_BELOW_ZOOM: u8 = 14;

/// Where tiles are and what is in them (TileJSON 3.0).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TileJson {
    tilejson: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<String>,
    scheme: &'static str,
    /// Address templates.
    tiles: Vec<String>,
    minzoom: u8,
    maxzoom: u8,
    /// West, south, east, north.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<[f64; 4]>,
    /// Longitude, latitude, zoom.
    #[serde(skip_serializing_if = "Option::is_none")]
    center: Option<[f64; 3]>,
    vector_layers: Vec<VectorLayer>,
    /// Below this zoom the layer `incidents` holds counts in cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregated_below_zoom: Option<u8>,
}

#[derive(Debug, Serialize, ToSchema)]
struct VectorLayer {
    id: &'static str,
    description: &'static str,
    minzoom: u8,
    maxzoom: u8,
    fields: BTreeMap<&'static str, &'static str>,
}

/// Where tiles are and what is in them.
#[utoipa::path(get, path = "/tiles/{layers}", tag = "tiles", operation_id = "getTileJson",
    params(super::openapi::LayersPath, super::openapi::FieldsQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The tile set", body = TileJson),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn tilejson(
    State(state): State<AppState>,
    Base(base): Base,
    Segments(name): Segments<String>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let list = name.strip_suffix(".json").unwrap_or(&name);
    let snapshot = state.service.snapshot();
    let set = TileSet::read(list, &mut params, &snapshot)?;
    params.filter()?;
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    let bounds = snapshot.extent();
    let pairs = asked.uri.query().map_or(Vec::new(), pairs_of);
    let kept = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != "lang");
    let address = format!("{base}/tiles/{}/{{z}}/{{x}}/{{y}}", set.names());
    let view = TileJson {
        tilejson: "3.0.0",
        name: title(&snapshot, asked.lang),
        attribution: snapshot.district.attribution.clone(),
        scheme: "xyz",
        tiles: vec![with_query(&address, kept)],
        minzoom: 0,
        maxzoom: MAX_ZOOM,
        bounds: bounds.as_ref().map(corners),
        center: bounds.map(|b| {
            [
                f64::midpoint(b.west, b.east),
                f64::midpoint(b.south, b.north),
                14.0,
            ]
        }),
        vector_layers: set
            .layers()
            .map(|(id, layer)| VectorLayer {
                id,
                description: layer.name_en(),
                minzoom: 0,
                maxzoom: MAX_ZOOM,
                fields: fields(id),
            })
            .collect(),
        aggregated_below_zoom: set.has_incidents().then_some(AGGREGATED_BELOW_ZOOM),
    };
    json(tag, JSON, &view)
}

fn fields(id: &str) -> BTreeMap<&'static str, &'static str> {
    let names: &[(&str, &str)] = match id {
        "grids" => &[
            ("code", "String"),
            ("name", "String"),
            ("kind", "String"),
            ("community", "String"),
            ("households", "Number"),
        ],
        "grids_label" => &[("code", "String"), ("name", "String"), ("kind", "String")],
        "compounds" | "compounds_label" => &[
            ("name", "String"),
            ("kind", "String"),
            ("priority", "Number"),
        ],
        "streets" => &[
            ("name", "String"),
            ("class", "String"),
            ("oneway", "Boolean"),
            ("foot", "Boolean"),
        ],
        "routes" => &[("code", "String"), ("name", "String"), ("mode", "String")],
        "routes_stop" => &[
            ("route", "Number"),
            ("ordinal", "Number"),
            ("name", "String"),
        ],
        _ => &[
            ("kind", "String"),
            ("category", "String"),
            ("occurred_at", "Number"),
            ("found", "String"),
            ("status", "String"),
            ("grid", "String"),
            ("count", "Number"),
            ("police", "Number"),
            ("dispute", "Number"),
            ("hotline", "Number"),
        ],
    };
    names.iter().copied().collect()
}
