//! `GET /map.png`: the map drawn by the server, for browsers without WebGL2
//! and for print.

use axum::extract::State;
use axum::response::Response;

use super::error::Error;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;

/// The map drawn by the server.
#[utoipa::path(get, path = "/map.png", tag = "map", operation_id = "getMapImage",
    params(super::openapi::ImageQuery, super::openapi::ThemeQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/png"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn map_image(
    State(_state): State<AppState>,
    _asked: Asked,
    _params: Params,
) -> Result<Response, Error> {
    Err(Error::not_found("图片", "picture"))
}
