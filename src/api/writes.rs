//! `/api/writes`: what was written, and taking it back.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::Error;
use super::extract::{JsonBody, Segments};
use super::imports::LOCAL;
use super::params::Params;
use super::state::AppState;
use crate::model::{Audit, Revision};
use crate::service::{Edited, Service, UndoError, UndoRow};
use crate::store::{Op, WriteNote};

/// Writes, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WritesView {
    writes: Vec<WriteView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct WriteView {
    /// The state of the map after it; names the write.
    revision: i64,
    /// The state before it.
    before: i64,
    /// RFC 3339, Asia/Shanghai.
    at: String,
    /// Opaque id of an account or program.
    actor: String,
    #[schema(example = "import")]
    action: String,
    reason: String,
    counts: Vec<CountView>,
    /// The write that took it back.
    undone_by: Option<i64>,
    /// The write that it took back.
    undoes: Option<i64>,
    undoable: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WrittenCount)]
struct CountView {
    /// A layer, `categories` or `settings`.
    layer: String,
    /// `insert`, `update` or `delete`.
    op: &'static str,
    rows: u64,
}

/// What was written, newest first.
#[utoipa::path(get, path = "/api/writes", tag = "import", operation_id = "getWrites",
    params(super::openapi::WritesQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The writes", body = WritesView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn writes(
    State(state): State<AppState>,
    mut params: Params,
) -> Result<Json<WritesView>, Error> {
    let before = params.integer("before", 1..=i64::MAX)?;
    let limit = params.short_limit(50)?;
    params.finish()?;
    let service = &state.service;
    let notes = service.writes(before.map(Revision), limit).await?;
    let writes = notes.into_iter().map(view).collect();
    Ok(Json(WritesView { writes }))
}

fn view(note: WriteNote) -> WriteView {
    let undoable = Service::undoable(&note).is_ok();
    let counts = note.counts.into_iter().flat_map(|(layer, ops)| {
        ops.into_iter().map(move |(op, rows)| CountView {
            layer: layer.clone(),
            op: op.as_str(),
            rows,
        })
    });
    WriteView {
        revision: note.revision.0,
        before: note.before.0,
        at: note.at.to_rfc3339(),
        actor: note.audit.actor,
        action: note.audit.action,
        reason: note.audit.reason,
        counts: counts.collect(),
        undone_by: note.undone_by.map(|revision| revision.0),
        undoes: note.undoes.map(|revision| revision.0),
        undoable,
    }
}

/// What taking a write back would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UndoPlanView {
    /// Rows that are restored without a question.
    rows: u64,
    /// Rows that were changed again since, at most a thousand; to be kept or reverted.
    edited_since: Vec<UndoRowView>,
    /// All of them.
    edited: u64,
    /// Rows that are gone since, at most a thousand.
    gone: Vec<UndoRowView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct UndoRowView {
    layer: &'static str,
    id: i64,
    name: String,
    /// What the write had done: `insert`, `update` or `delete`.
    what: &'static str,
}

/// What taking a write back would do.
#[utoipa::path(get, path = "/api/writes/{revision}/undo", tag = "import", operation_id = "planUndo",
    params(super::openapi::RevisionPath, super::openapi::LangQuery),
    responses((status = 200, description = "The plan", body = UndoPlanView),
        (status = 409, description = "Taken back already", body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn plan(
    State(state): State<AppState>,
    Segments(revision): Segments<String>,
    params: Params,
) -> Result<Json<UndoPlanView>, Error> {
    params.finish()?;
    let revision = revision_named(&revision)?;
    let plan = state.service.plan_undo(revision, Edited::Keep).await;
    let plan = plan.map_err(refused)?;
    let rows = |rows: Vec<UndoRow>| rows.into_iter().map(row_view).collect();
    Ok(Json(UndoPlanView {
        rows: plan.rows,
        edited_since: rows(plan.edited_since),
        edited: plan.edited,
        gone: rows(plan.gone),
    }))
}

fn row_view(row: UndoRow) -> UndoRowView {
    UndoRowView {
        layer: row.layer.as_str(),
        id: row.id.0,
        name: row.name,
        what: Op::as_str(row.what),
    }
}

/// What to do with rows that were changed again since.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UndoWish {
    /// `keep` or `revert`.
    #[schema(value_type = String, example = "keep")]
    edited: Edited,
}

/// What taking back brought.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UndoneView {
    /// The state of the map after it; the undo can itself be taken back.
    revision: i64,
    reverted: u64,
    kept: u64,
}

/// Takes a write back, whole or not at all.
#[utoipa::path(post, path = "/api/writes/{revision}/undo", tag = "import", operation_id = "undoWrite",
    params(super::openapi::RevisionPath, super::openapi::LangQuery),
    request_body = UndoWish,
    responses((status = 200, description = "Taken back", body = UndoneView),
        (status = 409, description = "Taken back already, or a row was just changed", body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn undo(
    State(state): State<AppState>,
    Segments(revision): Segments<String>,
    params: Params,
    JsonBody(wish): JsonBody<UndoWish>,
) -> Result<Json<UndoneView>, Error> {
    params.finish()?;
    let revision = revision_named(&revision)?;
    let audit = Audit {
        actor: LOCAL.to_owned(),
        action: "undo".to_owned(),
        reason: revision.to_string(),
    };
    // It goes on also when the caller goes away.
    let service = std::sync::Arc::clone(&state.service);
    let undoing = tokio::spawn(async move { service.undo(revision, wish.edited, audit).await });
    let undone = undoing.await.map_err(Error::internal)?.map_err(refused)?;
    Ok(Json(UndoneView {
        revision: undone.revision.0,
        reverted: undone.reverted,
        kept: undone.kept,
    }))
}

/// A revision in a path.
fn revision_named(text: &str) -> Result<Revision, Error> {
    super::extract::id_named(text)
        .map(|id| Revision(id.0))
        .ok_or_else(|| Error::not_found("这次写入", "such write"))
}

fn refused(error: UndoError) -> Error {
    let (status, code) = match &error {
        UndoError::NoSuchWrite(_) => (StatusCode::NOT_FOUND, "not-found"),
        UndoError::UndoneBefore(..) => (StatusCode::CONFLICT, "undone-before"),
        UndoError::GroundReplaced(_) => (StatusCode::CONFLICT, "ground-replaced"),
        UndoError::Beginning(_) => (StatusCode::CONFLICT, "not-undoable"),
        UndoError::Service(_) => {
            let UndoError::Service(error) = error else {
                return Error::internal(error);
            };
            return error.into();
        }
    };
    Error::new(status, code, error.zh(), error.to_string())
}
