//! `GET /api/histogram`: incidents over time, for the time bar.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::model::LayerName;
use crate::query::{self, Step};

/// Incidents over time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistogramView {
    /// Width of a bin.
    step: &'static str,
    /// First day of the first bin; null when there are no incidents.
    start: Option<String>,
    /// Incidents in each bin that pass the filter.
    counts: Vec<u64>,
    /// The same bins without the datetime filter.
    other: Vec<u64>,
}

/// Incidents over time.
#[utoipa::path(get, path = "/api/histogram", tag = "analysis", operation_id = "getHistogram",
    params(super::openapi::StepQuery, super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The bins", body = HistogramView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn histogram(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let step = match params.take("step") {
        Some(word) => word.parse()?,
        None => Step::Day,
    };
    let filter = state.filter(params, LayerName::Incidents)?;
    let answer = asked.answer(&state, move |snapshot, scope| {
        let bins = query::histogram(snapshot, scope, &filter, step);
        Ok(HistogramView {
            step: bins.step.as_str(),
            start: bins.start.map(|day| day.to_string()),
            counts: bins.counts,
            other: bins.other,
        })
    });
    Ok(answer.await)
}
