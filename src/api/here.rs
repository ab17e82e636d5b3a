//! `GET /api/here`: what is at a place.

use axum::extract::State;
use axum::response::Response;
use geo::Coord;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::index::Snapshot;
use crate::model::{Grid, Scope};
use crate::query;

/// What is at a place.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HereView {
    lon: f64,
    lat: f64,
    /// The 基础 grid valid today.
    grid: Option<GridView>,
    /// The 专属 grid valid today.
    special_grid: Option<GridView>,
    community: Option<String>,
    compound: Option<CompoundView>,
    /// The nearest street within 50 m.
    street: Option<StreetView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct GridView {
    id: i64,
    code: String,
    name: String,
    kind: &'static str,
    community: String,
    post: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct CompoundView {
    id: i64,
    code: String,
    name: String,
    kind: &'static str,
    priority: u8,
}

#[derive(Debug, Serialize, ToSchema)]
struct StreetView {
    id: i64,
    name: String,
    class: &'static str,
    distance_m: f64,
}

/// What is at a place.
#[utoipa::path(get, path = "/api/here", tag = "analysis", operation_id = "getHere",
    params(super::openapi::PlaceQuery, super::openapi::LangQuery),
    responses((status = 200, description = "What is there", body = HereView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn here(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let at = params.place()?;
    params.finish()?;
    let answer = asked.answer(&state, move |snapshot, scope| Ok(view(snapshot, scope, at)));
    Ok(answer.await)
}

/// What is at a place, as a view.
pub(super) fn view(snapshot: &Snapshot, scope: &Scope, at: Coord) -> HereView {
    let found = query::here(snapshot, scope, at);
    HereView {
        lon: at.x,
        lat: at.y,
        grid: found.grid.map(|grid| grid_view(grid)),
        special_grid: found.special_grid.map(|grid| grid_view(grid)),
        community: found.community.map(str::to_owned),
        compound: found.compound.map(|compound| CompoundView {
            id: compound.meta.id.0,
            code: compound.code.clone(),
            name: compound.name.clone(),
            kind: compound.kind.as_str(),
            priority: compound.priority,
        }),
        street: found.street.map(|(street, distance_m)| StreetView {
            id: street.meta.id.0,
            name: street.name.clone(),
            class: street.class.as_str(),
            distance_m,
        }),
    }
}

fn grid_view(grid: &Grid) -> GridView {
    GridView {
        id: grid.meta.id.0,
        code: grid.code.clone(),
        name: grid.name.clone(),
        kind: grid.kind.as_str(),
        community: grid.community.clone(),
        post: grid.post.clone(),
    }
}
