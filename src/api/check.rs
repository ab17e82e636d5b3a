//! `GET /api/check/grids`: gaps and overlaps within one kind of grid.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::query::{self, GridCheck};

/// Gaps and overlaps of the grids valid today, kind by kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GridChecks {
    revision: i64,
    kinds: Vec<GridCheckView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct GridCheckView {
    kind: &'static str,
    /// Grids that were compared.
    grids: usize,
    overlaps: Vec<OverlapView>,
    gaps: Vec<GapView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct OverlapView {
    /// Ids of the two grids.
    a: i64,
    b: i64,
    area_m2: f64,
    lon: f64,
    lat: f64,
}

#[derive(Debug, Serialize, ToSchema)]
struct GapView {
    area_m2: f64,
    lon: f64,
    lat: f64,
}

/// Gaps and overlaps of the grids valid today.
#[utoipa::path(get, path = "/api/check/grids", tag = "analysis", operation_id = "checkGrids",
    params(super::openapi::LangQuery),
    responses((status = 200, description = "The findings", body = GridChecks),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn grids(
    State(state): State<AppState>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    let answer = asked.answer(&state, |snapshot, scope| {
        let found = query::check_grids(snapshot, scope);
        Ok(GridChecks {
            revision: snapshot.revision.0,
            kinds: found.iter().map(view).collect(),
        })
    });
    Ok(answer.await)
}

fn view(check: &GridCheck) -> GridCheckView {
    let overlaps = check.overlaps.iter().map(|overlap| OverlapView {
        a: overlap.a.0,
        b: overlap.b.0,
        area_m2: overlap.area_m2,
        lon: overlap.at.x,
        lat: overlap.at.y,
    });
    let gaps = check.gaps.iter().map(|gap| GapView {
        area_m2: gap.area_m2,
        lon: gap.at.x,
        lat: gap.at.y,
    });
    GridCheckView {
        kind: check.kind.as_str(),
        grids: check.grids,
        overlaps: overlaps.collect(),
        gaps: gaps.collect(),
    }
}
