//! `GET /background/{id}/…`: tiles of files and of services.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::edge::vary;
use super::super::encode::{accepts, etag, is_fresh, not_modified};
use super::super::error::Error;
use super::super::extract::{Segments, tile_coord};
use super::super::params::Params;
use super::super::respond::Asked;
use super::super::state::AppState;
use super::super::tiles::MVT;
use super::entries;
use crate::service::backgrounds::{
    Archive, BackgroundError, Backgrounds, FileFault, MapFile, Picture, StoredTile, entry_zooms,
};
use crate::settings::Background;
use crate::tile::TileCoord;
use crate::tile::pmtiles::{MAX_TILE, Packing, TileKind, unpack};

/// What never changes: the address holds the state of the file.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Asked for again with its tag.
const ASK: HeaderValue = HeaderValue::from_static("no-cache");

/// Tiles of a service, which tells us no changes.
const AN_HOUR: HeaderValue = HeaderValue::from_static("max-age=3600");

/// Where a service has no tile, it may have one soon.
const A_MINUTE: HeaderValue = HeaderValue::from_static("max-age=60");

/// A tile of a background.
#[utoipa::path(get, path = "/background/{id}/{z}/{x}/{y}", tag = "tiles", operation_id = "getBackgroundTile",
    params(super::super::openapi::BackgroundPath, super::super::openapi::VersionQuery, super::super::openapi::LangQuery),
    responses((status = 200, description = "The tile: a vector tile or a picture, as the list of backgrounds says", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 204, description = "Nothing there"),
        (status = 409, description = "Something must be set first: `code` and `detail` say what", body = super::super::error::Problem, content_type = "application/problem+json"),
        (status = 502, description = "The service did not give the tile: `background_unreachable`", body = super::super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::super::error::Problem, content_type = "application/problem+json")))]
pub(in super::super) async fn tile(
    State(state): State<AppState>,
    Segments((id, z, x, y)): Segments<(String, String, String, String)>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    let coord = tile_coord(&z, &x, &y)?;
    answer(&state, id, false, coord, &asked, params).await
}

/// A tile of the labels that lie above a background.
#[utoipa::path(get, path = "/background/{id}/labels/{z}/{x}/{y}", tag = "tiles", operation_id = "getBackgroundLabels",
    params(super::super::openapi::BackgroundPath, super::super::openapi::VersionQuery, super::super::openapi::LangQuery),
    responses((status = 200, description = "The tile, a picture", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 204, description = "Nothing there"),
        (status = 409, description = "Something must be set first: `code` and `detail` say what", body = super::super::error::Problem, content_type = "application/problem+json"),
        (status = 502, description = "The service did not give the tile: `background_unreachable`", body = super::super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::super::error::Problem, content_type = "application/problem+json")))]
pub(in super::super) async fn labels(
    State(state): State<AppState>,
    Segments((id, z, x, y)): Segments<(String, String, String, String)>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    let coord = tile_coord(&z, &x, &y)?;
    answer(&state, id, true, coord, &asked, params).await
}

async fn answer(
    state: &AppState,
    id: String,
    labels: bool,
    coord: TileCoord,
    asked: &Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let version = params.take("v");
    params.finish()?;
    let (set, others) = (entries(state), Arc::clone(&state.backgrounds));
    if let Some(entry) = Backgrounds::service(&id, &set) {
        return from_service(state, entry, labels, coord, asked).await;
    }
    let found = state
        .service
        .compute(move || others.file(&id, &set))
        .await?;
    let Some((file, (low, high))) = found.filter(|_| !labels) else {
        return Err(Error::not_found(
            "这个底图；可用的见 /api/backgrounds",
            "such background; see /api/backgrounds for those that exist",
        ));
    };
    if !(low..=high).contains(&coord.z()) && file.opened.is_ok() {
        return Err(no_zoom((low, high)));
    }
    from_file(state, file, coord, asked, version.as_deref()).await
}

fn no_zoom((low, high): (u8, u8)) -> Error {
    Error::not_found(
        format!("这一级瓦片；此底图有第 {low} 到 {high} 级"),
        format!("tile of that zoom; this background has zooms {low} to {high}"),
    )
}

async fn from_service(
    state: &AppState,
    entry: &Background,
    labels: bool,
    coord: TileCoord,
    asked: &Asked,
) -> Result<Response, Error> {
    let zooms = entry_zooms(entry);
    if !(zooms.0..=zooms.1).contains(&coord.z()) {
        return Err(no_zoom(zooms));
    }
    let picture = state.backgrounds.fetch(entry, labels, coord).await?;
    let Some(Picture { bytes, media, hash }) = picture else {
        let mut response = StatusCode::NO_CONTENT.into_response();
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, A_MINUTE);
        return Ok(response);
    };
    let tag = etag(&[&hash]);
    let mut response = if is_fresh(&asked.headers, &tag) {
        not_modified(tag)
    } else {
        super::super::encode::tagged(tag, media, bytes)
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, AN_HOUR);
    Ok(response)
}

async fn from_file(
    state: &AppState,
    file: Arc<MapFile>,
    coord: TileCoord,
    asked: &Asked,
    version: Option<&str>,
) -> Result<Response, Error> {
    let archive = opened(&file)?;
    let kind = archive.header.kind;
    let lasts = match version {
        Some(version) if version == archive.version => FOREVER,
        _ => ASK,
    };
    let tag = etag(&[&file.id, &archive.version, &coord.to_string()]);
    let fresh = is_fresh(&asked.headers, &tag);
    let mut response = if fresh {
        not_modified(tag)
    } else {
        let gzip = accepts(&asked.headers, "gzip");
        let stored = state.service.compute(move || {
            let archive = opened(&file)?;
            let tile = archive.tile(coord)?;
            Ok::<_, BackgroundError>(match tile {
                // Unpacked here, away from the network threads.
                Some(tile) if !gzip && tile.packing == Packing::Gzip => Some(StoredTile {
                    bytes: unpack(&tile.bytes, Packing::Gzip, MAX_TILE).map_err(FileFault::from)?,
                    packing: Packing::Plain,
                }),
                tile => tile,
            })
        });
        packed(stored.await??, kind, tag)
    };
    response.headers_mut().insert(header::CACHE_CONTROL, lasts);
    vary(&mut response, "Accept-Encoding");
    Ok(response)
}

fn opened(file: &MapFile) -> Result<&Archive, BackgroundError> {
    file.opened.as_ref().map_err(|fault| {
        BackgroundError::File(match fault {
            FileFault::Io(error) => FileFault::Io(error.kind().into()),
            FileFault::Archive(fault) => FileFault::Archive(*fault),
        })
    })
}

fn packed(stored: Option<StoredTile>, kind: TileKind, tag: HeaderValue) -> Response {
    let stored = stored.filter(|tile| !tile.bytes.is_empty());
    let Some(StoredTile { bytes, packing }) = stored else {
        let mut response = StatusCode::NO_CONTENT.into_response();
        response.headers_mut().insert(header::ETAG, tag);
        return response;
    };
    let media = match kind {
        TileKind::Mvt => MVT,
        TileKind::Png => "image/png",
        TileKind::Jpeg => "image/jpeg",
        TileKind::Webp => "image/webp",
        TileKind::Avif => "image/avif",
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::ETAG, tag);
    if packing == Packing::Gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    (headers, Body::from(bytes)).into_response()
}

impl From<BackgroundError> for Error {
    fn from(error: BackgroundError) -> Error {
        match &error {
            BackgroundError::Busy => Error::busy(),
            BackgroundError::Unreachable { .. } => Error::new(
                StatusCode::BAD_GATEWAY,
                error.code(),
                error.zh(),
                error.to_string(),
            )
            .retry_after(10),
            _ => Error::new(
                StatusCode::CONFLICT,
                error.code(),
                error.zh(),
                error.to_string(),
            ),
        }
    }
}
