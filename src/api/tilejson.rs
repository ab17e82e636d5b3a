//! `GET /tiles/{layers}`: TileJSON 3.0.

use axum::extract::State;
use axum::response::Response;

use super::encode::{is_fresh, not_modified};
use super::error::Error;
use super::extract::{Base, Segments};
use super::format::JSON;
use super::landing::title;
use super::link::with_query;
use super::params::{Params, pairs_of};
use super::respond::{Asked, json, tag_of};
use super::state::AppState;
use super::tileset::TileSet;
use crate::layer;
use crate::model::LayerName;

/// Where tiles are and what is in them.
#[utoipa::path(get, path = "/tiles/{layers}", tag = "tiles", operation_id = "getTileJson",
    params(super::openapi::LayersPath, super::openapi::FieldsQuery, super::openapi::GridsOnQuery,
        super::openapi::DatumQuery, super::openapi::CqlQuery,
        super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The tile set", body = Object),
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
    state.filter(params, LayerName::Incidents)?;
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    let pairs = asked.uri.query().map_or(Vec::new(), pairs_of);
    let kept = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != "lang");
    let address = with_query(&template(&base, &set.names()), kept);
    let mut view = layer::tilejson(&snapshot, &set.layers, set.datum, &address);
    view.name = Some(title(&snapshot, asked.lang));
    json(tag, JSON, &view)
}

/// The address template of some layers' tiles.
pub(super) fn template(base: &str, names: &str) -> String {
    format!("{base}/tiles/{names}/{{z}}/{{x}}/{{y}}")
}
