//! `GET /api/along`: what lies along a patrol route.

use axum::extract::State;
use axum::response::Response;

use super::error::Error;
use super::extract::id_named;
use super::hits::HitsView;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use super::within::MAX_RADIUS_M;
use crate::model::LayerName;
use crate::query;

/// The features of a layer (incidents unless told) within so many metres of a
/// patrol route, nearest first.
#[utoipa::path(get, path = "/api/along", tag = "analysis", operation_id = "getAlong",
    params(super::openapi::AlongQuery, super::openapi::LimitQuery, super::openapi::CqlQuery, super::openapi::FilterQuery,
        super::openapi::LangQuery),
    responses((status = 200, description = "The features", body = HitsView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn along(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let no_route = || Error::not_found("这条路线", "such route");
    let route = id_named(&params.required("route")?).ok_or_else(no_route)?;
    let layer = match params.take("layer") {
        Some(name) => super::extract::layer_named(&name)
            .ok_or_else(|| Error::parameter("layer", "没有这个图层", "there is no such layer"))?,
        None => LayerName::Incidents,
    };
    let within_m = params
        .number("within_m", 0.0..=MAX_RADIUS_M)?
        .unwrap_or(50.0);
    let limit = params.short_limit(100)?;
    let filter = state.filter(params, layer)?;
    let answer = asked.answer(&state, move |snapshot, scope| {
        let line = &snapshot.routes.by_id(route).ok_or_else(no_route)?.line;
        let hits = query::along(snapshot, scope, layer, line, within_m, &filter);
        Ok(HitsView::new(snapshot, &hits, limit))
    });
    Ok(answer.await)
}
