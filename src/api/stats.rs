//! `GET /api/stats/grids`: counts and rates, grid by grid.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::index::{HouseholdsFrom, Snapshot};
use crate::model::LayerName;
use crate::query::{self, GridStat};

/// Incidents per grid.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GridStatsView {
    /// All that pass the filter.
    total: u64,
    /// Of them, those without a place (未上图).
    unplaced: u64,
    revision: i64,
    grids: Vec<GridStatView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct GridStatView {
    id: i64,
    code: String,
    name: String,
    kind: &'static str,
    community: String,
    households: Option<u32>,
    /// `grid` if told, `compounds` if summed up from them.
    households_from: Option<&'static str>,
    area_m2: f64,
    count: u64,
    /// Incidents per thousand households.
    rate_per_1000: Option<f64>,
    /// Fewer than five: a rate would say nothing.
    few: bool,
}

/// Incidents per grid.
#[utoipa::path(get, path = "/api/stats/grids", tag = "analysis", operation_id = "getGridStats",
    params(super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The grids", body = GridStatsView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn grids(
    State(state): State<AppState>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    let filter = state.filter(params, LayerName::Incidents)?;
    let answer = asked.answer(&state, move |snapshot, scope| {
        let stats = query::grid_stats(snapshot, scope, &filter);
        Ok(GridStatsView {
            total: stats.total,
            unplaced: stats.unplaced,
            revision: snapshot.revision.0,
            grids: stats
                .grids
                .iter()
                .map(|stat| view(snapshot, stat))
                .collect(),
        })
    });
    Ok(answer.await)
}

fn view(snapshot: &Snapshot, stat: &GridStat) -> GridStatView {
    let grid = snapshot.grids.get(stat.slot);
    let facts = &snapshot.grid_facts()[stat.slot as usize];
    GridStatView {
        id: grid.meta.id.0,
        code: grid.code.clone(),
        name: grid.name.clone(),
        kind: grid.kind.as_str(),
        community: grid.community.clone(),
        households: facts.households,
        households_from: facts.households_from.map(|from| match from {
            HouseholdsFrom::Grid => "grid",
            HouseholdsFrom::Compounds => "compounds",
        }),
        area_m2: facts.area_m2,
        count: stat.count,
        rate_per_1000: stat.rate_per_1000,
        few: stat.few,
    }
}
