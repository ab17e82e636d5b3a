//! The imported ground as a background: its entry in the list, and its tiles.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::super::edge::vary;
use super::super::encode::{etag, is_fresh, not_modified};
use super::super::error::Error;
use super::super::extract::{Segments, tile_coord};
use super::super::params::Params;
use super::super::respond::Asked;
use super::super::state::AppState;
use super::super::tiles::{answer, coding};
use super::BackgroundView;
use crate::index::{GROUND_ZOOMS, GroundMap};
use crate::layer::ground_tile;
use crate::service::TileKey;

/// Its name in addresses.
const ID: &str = "osm";

/// A tile whose address says of which content it is never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The entry of the ground in the list; `None` where there is none.
pub(super) fn entry(ground: &GroundMap) -> Option<BackgroundView> {
    let facts = ground.facts()?;
    Some(BackgroundView {
        id: ID.to_owned(),
        kind: ID,
        name: "OpenStreetMap".to_owned(),
        format: "mvt",
        tiles: format!("/background/{ID}/{{z}}/{{x}}/{{y}}?v={}", ground.version()),
        labels: None,
        minzoom: GROUND_ZOOMS[0],
        maxzoom: GROUND_ZOOMS[1],
        tile_size: 512,
        bounds: ground.bounds().map(|b| [b.west, b.south, b.east, b.north]),
        datum: "wgs84",
        attribution: facts.attribution.clone(),
        approval: String::new(),
        schema: "gridmap",
        vector_layers: None,
        problem: None,
        imported_at: Some(facts.imported_at.0),
        file: Some(facts.file.clone()),
        counts: Some(facts.counts.clone()),
    })
}

/// A vector tile of the imported ground; 204 when there is nothing in it.
///
/// Layers: `road` (`class`, `name`), `rail` (`name`), `building` (`name`),
/// `water`, `green` and `place` (`kind`, `name`).
#[utoipa::path(get, path = "/background/osm/{z}/{x}/{y}", tag = "tiles", operation_id = "getGroundTile",
    params(crate::api::openapi::GroundTilePath, crate::api::openapi::VersionQuery, crate::api::openapi::LangQuery),
    responses((status = 200, description = "The tile", body = Vec<u8>, content_type = "application/vnd.mapbox-vector-tile"),
        (status = 204, description = "Nothing there"),
        (status = 404, description = "No background was imported, or the zoom is not served", body = crate::api::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn ground(
    State(state): State<AppState>,
    Segments((z, x, y)): Segments<(String, String, String)>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let version = params.take("v");
    params.finish()?;
    let coord = tile_coord(&z, &x, &y)?;
    let ground = Arc::clone(&state.service.snapshot().ground);
    if ground.facts().is_none() {
        return Err(Error::not_found(
            "导入的底图；请先导入 .osm.pbf 文件",
            "imported background; import an .osm.pbf file first",
        ));
    }
    let [first, last] = GROUND_ZOOMS;
    if !(first..=last).contains(&coord.z()) {
        return Err(Error::not_found(
            format!("这一级的底图瓦片；级别为 {first} 到 {last}"),
            format!("background tile at this zoom; there are zooms {first} to {last}"),
        ));
    }
    // An older address is answered with what is there now, and not kept.
    let current = version.as_deref() == Some(ground.version());
    let cache = HeaderValue::from_static(if current { FOREVER } else { "no-cache" });
    let tag = etag(&[ID, ground.version(), &coord.to_string()]);
    if is_fresh(&asked.headers, &tag) {
        return Ok(headed(not_modified(tag), cache));
    }
    let coding = coding(&asked.headers);
    let key = TileKey {
        layers: format!("background/{ID}"),
        z: coord.z(),
        x: coord.x(),
        y: coord.y(),
        variant: ground.version().to_owned(),
        coding,
        touched: Vec::new(),
    };
    let body = state
        .service
        .tile(key, false, move |_| ground_tile(&ground, coord))
        .await?;
    Ok(headed(answer(body, coding, tag), cache))
}

fn headed(mut response: Response, cache: HeaderValue) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    vary(&mut response, "Accept-Encoding");
    response
}
