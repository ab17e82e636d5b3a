//! `GET /tiles/{layers}/{z}/{x}/{y}`: vector tiles of what the filter selects.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::edge::vary;
use super::encode::{accepts, etag, is_fresh, names, not_modified};
use super::error::Error;
use super::extract::{Segments, tile_coord};
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use super::tileset::TileSet;
use crate::index::Snapshot;
use crate::layer;
use crate::model::LayerName;
use crate::query::Filter;
use crate::service::{Coding, TileBody, TileKey};
use crate::tile::TileCoord;

/// Media type of vector tiles.
pub(super) const MVT: &str = "application/vnd.mapbox-vector-tile";

/// A vector tile (MVT 2.1); 204 when there is nothing in it.
#[utoipa::path(get, path = "/tiles/{layers}/{z}/{x}/{y}", tag = "tiles", operation_id = "getTile",
    params(super::openapi::TilePath, super::openapi::FieldsQuery, super::openapi::GridsOnQuery,
        super::openapi::DatumQuery, super::openapi::CqlQuery,
        super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The tile", body = Vec<u8>, content_type = "application/vnd.mapbox-vector-tile"),
        (status = 204, description = "Nothing there"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn tile(
    State(state): State<AppState>,
    Segments((layers, z, x, y)): Segments<(String, String, String, String)>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let coord = tile_coord(&z, &x, &y)?;
    let snapshot = state.service.snapshot();
    let set = TileSet::read(&layers, &mut params, &snapshot)?;
    let filter = state.filter(params, LayerName::Incidents)?;
    let variant = set.variant(&filter);
    // Told before anything is encoded: the tag follows from the revisions.
    let tag = tag(&state, &snapshot, &set, coord, &variant);
    if is_fresh(&asked.headers, &tag) {
        return Ok(headed(not_modified(tag)));
    }
    let coding = coding(&asked.headers);
    let key = TileKey {
        layers: set.names(),
        z: coord.z(),
        x: coord.x(),
        y: coord.y(),
        variant,
        coding,
        touched: set.layers.depends_on(),
    };
    let scope = state.scope();
    let light = state.ready_drawing(&snapshot, set.datum).is_some()
        && layer::is_light(&snapshot, set.datum, &request(&set, coord, &filter));
    let drawing = state.clone();
    let body = state.service.tile(key, light, move |snapshot| {
        let drawing = drawing.drawing(snapshot, set.datum);
        layer::tile(snapshot, &drawing, &scope, &request(&set, coord, &filter))
    });
    let body = body.await?;
    Ok(headed(answer(body, coding, tag)))
}

fn request<'a>(set: &'a TileSet, tile: TileCoord, filter: &'a Filter) -> layer::Request<'a> {
    layer::Request {
        layers: &set.layers,
        tile,
        filter,
        fields: &set.fields,
        grids_on: set.grids_on,
    }
}

/// The quickest coding that the client takes.
pub(super) fn coding(asked: &HeaderMap) -> Coding {
    if names(asked, "zstd") {
        Coding::Zstd
    } else if accepts(asked, "gzip") {
        Coding::Gzip
    } else {
        Coding::Identity
    }
}

fn tag(
    state: &AppState,
    snapshot: &Snapshot,
    set: &TileSet,
    coord: TileCoord,
    variant: &str,
) -> HeaderValue {
    let revisions: Vec<String> = set
        .layers
        .depends_on()
        .iter()
        .map(|layer| snapshot.layer_revisions[layer.slot()].to_string())
        .collect();
    etag(&[
        &state.run,
        &set.names(),
        &coord.to_string(),
        variant,
        &revisions.join(","),
        &snapshot.today().to_string(),
    ])
}

/// A tile as it goes out; `204` when it is empty.
pub(super) fn answer(TileBody(bytes): TileBody, coding: Coding, tag: HeaderValue) -> Response {
    let empty = bytes.is_empty();
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag);
    if empty {
        *response.status_mut() = StatusCode::NO_CONTENT;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MVT));
    let name = match coding {
        Coding::Identity => return response,
        Coding::Gzip => "gzip",
        Coding::Zstd => "zstd",
    };
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    response
}

fn headed(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    vary(&mut response, "Accept-Encoding");
    response
}
