//! `GET /api/counts`: incidents by grid, community, category, kind or time.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::model::LayerName;
use crate::query::{self, By};

/// Incidents by something.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountsView {
    /// By what.
    by: &'static str,
    /// All that pass the filter.
    total: u64,
    /// Of them, those with a place.
    placed: u64,
    /// Of them, those without (未上图).
    unplaced: u64,
    /// Placed, but in no grid.
    outside: u64,
    /// Of which only the day is known; hours do not count them.
    date_only: u64,
    items: Vec<CountView>,
    revision: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct CountView {
    key: String,
    count: u64,
}

/// Incidents by something.
#[utoipa::path(get, path = "/api/counts", tag = "analysis", operation_id = "getCounts",
    params(super::openapi::ByQuery, super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The counts", body = CountsView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn counts(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let by: By = params.required("by")?.parse()?;
    let filter = state.filter(params, LayerName::Incidents)?;
    let answer = asked.answer(&state, move |snapshot, scope| {
        let counts = query::counts(snapshot, scope, &filter, by);
        Ok(CountsView {
            by: counts.by.as_str(),
            total: counts.total,
            placed: counts.placed,
            unplaced: counts.unplaced,
            outside: counts.outside,
            date_only: counts.date_only,
            items: counts
                .items
                .into_iter()
                .map(|item| CountView {
                    key: item.key,
                    count: item.count,
                })
                .collect(),
            revision: snapshot.revision.0,
        })
    });
    Ok(answer.await)
}
