//! `GET /api/within`: the features of a layer within so many metres.

use axum::extract::State;
use axum::response::Response;

use super::error::Error;
use super::hits::HitsView;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::query;

/// The widest circle and the widest strip along a route, metres.
pub(super) const MAX_RADIUS_M: f64 = 50_000.0;

/// The features of a layer within so many metres of a place, nearest first.
#[utoipa::path(get, path = "/api/within", tag = "analysis", operation_id = "getWithin",
    params(super::openapi::LayerQuery, super::openapi::PlaceQuery, super::openapi::RadiusQuery,
        super::openapi::LimitQuery, super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The features", body = HitsView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn within(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let (layer, at) = (params.layer()?, params.place()?);
    let radius_m = params
        .number("radius_m", 0.0..=MAX_RADIUS_M)?
        .ok_or_else(|| Error::parameter("radius_m", "必须给出", "it is required"))?;
    let limit = params.short_limit(100)?;
    let filter = state.filter(params, layer)?;
    let answer = asked.answer(&state, move |snapshot, scope| {
        let hits = query::within(snapshot, scope, layer, at, radius_m, &filter);
        Ok(HitsView::new(snapshot, &hits, limit))
    });
    Ok(answer.await)
}
