//! `GET /api/backgrounds`: the maps that can lie under the layers.

mod osm;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::model::GroundCounts;

// The OpenAPI document reads what the macro made beside each handler.
pub(super) use osm::*;

/// The backgrounds there are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BackgroundsView {
    /// The imported ground, then those of the setting, then files by name.
    backgrounds: Vec<BackgroundView>,
}

/// A map that can lie under the layers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(super) struct BackgroundView {
    /// Names it in addresses.
    #[schema(example = "osm")]
    id: String,
    /// `osm`, `pmtiles` or `raster`.
    kind: &'static str,
    name: String,
    /// What a tile is: `mvt`, `png`, `jpeg`, `webp`, `avif` or `raster`.
    format: &'static str,
    /// The address of a tile.
    tiles: String,
    /// The address of a second tile to be drawn above.
    labels: Option<String>,
    minzoom: u8,
    maxzoom: u8,
    /// CSS pixels.
    tile_size: u16,
    /// West, south, east, north, degrees.
    bounds: Option<[f64; 4]>,
    /// `wgs84` or `gcj02`.
    datum: &'static str,
    attribution: String,
    /// 审图号.
    approval: String,
    /// `gridmap`, `protomaps`, `openmaptiles`, `other` or `raster`.
    schema: &'static str,
    /// Why it cannot be shown.
    #[schema(value_type = Option<Object>)]
    problem: Option<serde_json::Value>,
    /// When it was imported, Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    imported_at: Option<i64>,
    /// The file it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Pieces by class.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    counts: Option<GroundCounts>,
}

/// The maps that can lie under the layers.
#[utoipa::path(get, path = "/api/backgrounds", tag = "map", operation_id = "getBackgrounds",
    params(super::openapi::LangQuery),
    responses((status = 200, description = "The backgrounds", body = BackgroundsView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn backgrounds(
    State(state): State<AppState>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    let answer = asked.answer(&state, |snapshot, _| {
        Ok(BackgroundsView {
            backgrounds: entry(&snapshot.ground).into_iter().collect(),
        })
    });
    Ok(answer.await)
}
