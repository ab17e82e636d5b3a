//! `GET /healthz`: whether the server can do its work.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::state::AppState;

/// Whether the server can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthView {
    /// `ok`, or `degraded` when reading works and writing does not.
    #[schema(example = "ok")]
    status: &'static str,
    /// The revision that answers are made from.
    revision: i64,
    /// Why it is degraded.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Whether the server can do its work.
#[utoipa::path(get, path = "/healthz", tag = "server", operation_id = "getHealth",
    params(super::openapi::LangQuery),
    responses((status = 200, description = "All is well", body = HealthView),
        (status = 503, description = "Reading works, writing does not", body = HealthView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn healthz(
    State(state): State<AppState>,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    let health = state.service.health();
    let (status, word) = if health.ok {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    let view = HealthView {
        status: word,
        revision: health.revision.0,
        reason: health.reason,
    };
    let mut response = (status, Json(view)).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
