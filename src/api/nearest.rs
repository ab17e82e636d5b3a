//! `GET /api/nearest`: the nearest features of a layer.

use axum::extract::State;
use axum::response::Response;

use super::error::Error;
use super::hits::HitsView;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::query;

/// The nearest features of a layer, nearest first.
#[utoipa::path(get, path = "/api/nearest", tag = "analysis", operation_id = "getNearest",
    params(super::openapi::LayerQuery, super::openapi::PlaceQuery, super::openapi::NearestQuery,
        super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The features", body = HitsView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn nearest(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let (layer, at) = (params.layer()?, params.place()?);
    let k = params.integer("k", 1..=1000)?.unwrap_or(10);
    let filter = state.filter(params, layer)?;
    let answer = asked.answer(&state, move |snapshot, scope| {
        let hits = query::nearest(snapshot, scope, layer, at, k, &filter);
        Ok(HitsView::new(snapshot, &hits, k))
    });
    Ok(answer.await)
}
