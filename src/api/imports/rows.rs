//! `GET /api/imports/{id}/rows` and `/places`: the preview, page by page.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::super::error::Error;
use super::super::extract::Segments;
use super::super::lang::Lang;
use super::super::params::Params;
use super::super::state::AppState;
use super::rejected::not_read;
use super::words;
use crate::query::NamedPlace;
use crate::service::import::RowPlan;
use crate::service::imports::{Note, PlaceChoice, PlaceText, Show, Staged, StagedRow};

/// Rows of a preview.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RowsView {
    /// All that the filter selects.
    total: usize,
    rows: Vec<RowView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RowView {
    /// Row of data, from 1.
    row: u64,
    /// One cell for each column, masked; null for columns about persons.
    #[schema(value_type = Vec<Option<String>>)]
    cells: Box<RawValue>,
    /// What becomes of it.
    #[schema(example = "new")]
    result: &'static str,
    /// It is taken without a place.
    unplaced: bool,
    /// A person should look at it first.
    to_confirm: bool,
    /// What becomes of it, in words.
    words: String,
    /// Longitude and latitude.
    at: Option<[f64; 2]>,
    notes: Vec<NoteView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NoteView {
    column: Option<String>,
    code: String,
    severity: &'static str,
    reason: String,
}

/// A page of the rows of an import, as they would be stored.
#[utoipa::path(get, path = "/api/imports/{id}/rows", tag = "import", operation_id = "getImportRows",
    params(crate::api::openapi::ImportPath, crate::api::openapi::ImportRowsQuery, crate::api::openapi::LangQuery),
    responses((status = 200, description = "The rows", body = RowsView),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn rows(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    mut params: Params,
) -> Result<Json<RowsView>, Error> {
    let lang = params.lang;
    let show = params.parsed("show", |word| match word {
        "all" => Ok(Show::All),
        "confirm" => Ok(Show::Confirm),
        "rejected" => Ok(Show::Rejected),
        _ => Err((
            "应为 all、confirm 或 rejected".to_owned(),
            "must be all, confirm or rejected".to_owned(),
        )),
    })?;
    let offset = params
        .integer("offset", 0..=1_000_000_000_usize)?
        .unwrap_or(0);
    let limit = params.integer("limit", 1..=200_usize)?.unwrap_or(50);
    let problem = params.take("problem");
    params.finish()?;
    let look = super::find(&state, &id)?.look();
    let staged = look.staged.ok_or_else(not_read)?;
    let page = state
        .service
        .compute(move || {
            let show = show.unwrap_or_default();
            let (total, rows) = staged.page(show, problem.as_deref(), offset, limit);
            RowsView {
                total,
                rows: rows
                    .into_iter()
                    .map(|row| view(&staged, row, lang))
                    .collect(),
            }
        })
        .await?;
    Ok(Json(page))
}

fn view(staged: &Staged, row: &StagedRow, lang: Lang) -> RowView {
    let empty = || RawValue::from_string("[]".to_owned()).unwrap_or_default();
    RowView {
        row: row.row,
        cells: RawValue::from_string(row.cells.to_string()).unwrap_or_else(|_never| empty()),
        result: match row.plan {
            None => "rejected",
            Some(RowPlan::New) => "new",
            Some(RowPlan::Updated) => "updated",
            Some(RowPlan::Unchanged) => "unchanged",
        },
        unplaced: row.unplaced,
        to_confirm: row.to_confirm,
        words: words::outcome(staged, row, lang),
        at: row.at.map(|at| [at.x, at.y]),
        notes: row.notes.iter().map(|note| note_view(note, lang)).collect(),
    }
}

fn note_view(note: &Note, lang: Lang) -> NoteView {
    NoteView {
        column: note.column.clone(),
        code: note.code.clone(),
        severity: note.severity.as_str(),
        reason: lang.pick(&note.zh, &note.en).clone(),
    }
}

/// Texts that name places of rows without coordinates.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PlacesView {
    items: Vec<PlaceTextView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlaceTextView {
    text: String,
    /// Rows that have it.
    rows: u64,
    /// What it surely or probably means.
    proposal: Option<PlaceView>,
    /// What else it may mean, at most five.
    others: Vec<PlaceView>,
    /// What was chosen: a thing of the map, `"unplaced"`, or null.
    chosen: Option<PlaceChoice>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlaceView {
    layer: &'static str,
    id: i64,
    name: String,
    /// Longitude and latitude of the point that stands for it.
    at: [f64; 2],
}

/// The distinct place texts of rows without coordinates, the most used first.
#[utoipa::path(get, path = "/api/imports/{id}/places", tag = "import", operation_id = "getImportPlaces",
    params(crate::api::openapi::ImportPath, crate::api::openapi::LangQuery),
    responses((status = 200, description = "The texts", body = PlacesView),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn places(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    params: Params,
) -> Result<Json<PlacesView>, Error> {
    params.finish()?;
    let look = super::find(&state, &id)?.look();
    let staged = look.staged.ok_or_else(not_read)?;
    Ok(Json(PlacesView {
        items: staged.places.iter().map(place_text).collect(),
    }))
}

fn place_text(place: &PlaceText) -> PlaceTextView {
    PlaceTextView {
        text: place.text.clone(),
        rows: place.rows,
        proposal: place.proposal.as_ref().map(place_view),
        others: place.others.iter().map(place_view).collect(),
        chosen: place.chosen.clone(),
    }
}

fn place_view(place: &NamedPlace) -> PlaceView {
    PlaceView {
        layer: place.layer.as_str(),
        id: place.id.0,
        name: place.name.clone(),
        at: [place.at.x, place.at.y],
    }
}
