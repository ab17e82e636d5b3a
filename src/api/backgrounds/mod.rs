//! Backgrounds: what lies under the layers, and its tiles.

mod osm;
mod tile;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::encode::{etag, is_fresh, not_modified};
use super::error::Error;
use super::format::JSON;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::model::GroundCounts;
use crate::service::backgrounds::{BackgroundError, Listed};
use crate::service::edit::setting_value;
use crate::settings::{Background, SettingName, background};

// The OpenAPI document reads what the macro made beside each handler.
pub(super) use osm::{__path_ground, ground};
pub(super) use tile::{__path_labels, __path_tile, labels, tile};

/// The addresses of backgrounds.
pub(super) fn addresses() -> Router<AppState> {
    Router::new()
        .route("/api/backgrounds", get(list))
        .route("/background/osm/{z}/{x}/{y}", get(ground))
        .route("/background/{id}/{z}/{x}/{y}", get(tile))
        .route("/background/{id}/labels/{z}/{x}/{y}", get(labels))
}

/// The backgrounds there are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BackgroundsView {
    /// The imported map first, then those that are set, then files by name.
    backgrounds: Vec<BackgroundView>,
}

/// A background.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BackgroundView {
    /// What it is in addresses.
    pub(super) id: String,
    /// `osm`, `pmtiles` or `raster`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// `mvt`, `png`, `jpeg`, `webp`, `avif`, or `raster` for any picture.
    pub(super) format: &'static str,
    /// The address template of its tiles.
    pub(super) tiles: String,
    /// The template of a second picture to lay above.
    pub(super) labels: Option<String>,
    pub(super) minzoom: u8,
    pub(super) maxzoom: u8,
    /// Pixels on a side of a tile.
    pub(super) tile_size: u16,
    /// West, south, east, north in degrees; null if not known.
    pub(super) bounds: Option<[f64; 4]>,
    /// `wgs84` or `gcj02`.
    pub(super) datum: &'static str,
    /// Whom to name; plain text.
    pub(super) attribution: String,
    /// The approval number of the map (审图号).
    pub(super) approval: String,
    /// `gridmap`, `protomaps`, `openmaptiles`, `other` or `raster`.
    pub(super) schema: &'static str,
    /// Names of vector layers, for files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vector_layers: Option<Vec<String>>,
    /// Why it cannot be shown; null if it can.
    pub(super) problem: Option<BackgroundProblemView>,
    /// When it was imported, Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) imported_at: Option<i64>,
    /// The file it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    /// Pieces by class.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) counts: Option<GroundCounts>,
}

/// Why a background cannot be shown.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BackgroundProblemView {
    /// A stable code for programs.
    code: &'static str,
    zh: String,
    en: String,
}

impl From<&BackgroundError> for BackgroundProblemView {
    fn from(error: &BackgroundError) -> Self {
        BackgroundProblemView {
            code: error.code(),
            zh: error.zh(),
            en: error.to_string(),
        }
    }
}

impl From<Listed> for BackgroundView {
    fn from(listed: Listed) -> Self {
        let Listed { id, version, .. } = listed;
        let query = match version.as_str() {
            "" => String::new(),
            version => format!("?v={version}"),
        };
        BackgroundView {
            kind: listed.kind.as_str(),
            name: listed.name,
            format: listed.format,
            tiles: format!("/background/{id}/{{z}}/{{x}}/{{y}}{query}"),
            labels: listed
                .labels
                .then(|| format!("/background/{id}/labels/{{z}}/{{x}}/{{y}}{query}")),
            id,
            minzoom: listed.minzoom,
            maxzoom: listed.maxzoom,
            tile_size: listed.tile_size,
            bounds: listed.bounds,
            datum: listed.datum.as_str(),
            attribution: listed.attribution,
            approval: listed.approval,
            schema: listed.schema,
            vector_layers: listed.layers,
            problem: listed.problem.as_ref().map(BackgroundProblemView::from),
            imported_at: None,
            file: None,
            counts: None,
        }
    }
}

/// The entries of the setting, as they are now.
fn entries(state: &AppState) -> Vec<Background> {
    let kept = setting_value(&state.service.snapshot(), SettingName::Backgrounds);
    background::all(&kept)
}

/// What can lie under the layers.
#[utoipa::path(get, path = "/api/backgrounds", tag = "tiles", operation_id = "getBackgrounds",
    params(super::openapi::LangQuery),
    responses((status = 200, description = "The backgrounds there are, those with a problem too", body = BackgroundsView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn list(
    State(state): State<AppState>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    let (set, others) = (entries(&state), state.backgrounds.clone());
    let listed = state.service.compute(move || others.list(&set)).await?;
    let imported = osm::entry(&state.service.snapshot().ground);
    let mut backgrounds: Vec<BackgroundView> = imported.into_iter().collect();
    backgrounds.extend(listed.into_iter().map(BackgroundView::from));
    let body = serde_json::to_vec(&BackgroundsView { backgrounds }).map_err(Error::internal)?;
    // Files change without a revision, so the tag is of the answer itself.
    let tag = etag(&[&blake3::hash(&body).to_hex()]);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    Ok(super::encode::tagged(tag, JSON, body))
}
