//! `POST /api/imports/{id}/commit`: stores the rows, once.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::error::Error;
use super::super::extract::Segments;
use super::super::params::Params;
use super::super::state::AppState;
use crate::service::imports::{CommitError, State as At, Stored};

/// The longest idempotency key, bytes.
const LONGEST_KEY: usize = 200;

/// Who writes, until there are accounts.
pub(in crate::api) const LOCAL: &str = "local";

/// What storing brought. `new`, `updated` and `unchanged` are the accepted rows.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct StoredView {
    new: u64,
    updated: u64,
    unchanged: u64,
    unplaced: u64,
    masked: u64,
    rejected: u64,
    /// The background that came with the rows.
    background: Option<StoredGroundView>,
    /// The state of the map with the rows.
    revision: i64,
    /// The state before them.
    before: i64,
    /// This key was stored before; nothing was written now.
    repeated: bool,
    /// Where the import can be taken back.
    undo: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct StoredGroundView {
    /// Pieces.
    features: u64,
    /// There was one before.
    replaced: bool,
}

impl StoredView {
    pub(super) fn new(stored: &Stored) -> StoredView {
        StoredView {
            new: stored.new,
            updated: stored.updated,
            unchanged: stored.unchanged,
            unplaced: stored.unplaced,
            masked: stored.masked,
            rejected: stored.rejected,
            background: stored.background.map(|ground| StoredGroundView {
                features: ground.features,
                replaced: ground.replaced,
            }),
            revision: stored.revision.0,
            before: stored.before.0,
            repeated: stored.repeated,
            undo: format!("/api/writes/{}/undo", stored.revision),
        }
    }
}

/// Stores the rows of an import, whole or not at all.
///
/// Repeated with the same `Idempotency-Key` it stores nothing again, also after
/// the server was killed and the file uploaded anew.
#[utoipa::path(post, path = "/api/imports/{id}/commit", tag = "import", operation_id = "commitImport",
    params(crate::api::openapi::ImportPath, crate::api::openapi::LangQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "Picked by the client; the import's id unless given", max_length = 200)),
    responses((status = 200, description = "The rows are stored", body = StoredView),
        (status = 409, description = "Not ready, or being stored", body = crate::api::error::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for other rows", body = crate::api::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn commit(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<StoredView>, Error> {
    params.finish()?;
    let session = super::find(&state, &id)?;
    let key = key_of(&headers)?.unwrap_or(id);
    match state.imports.commit(&session, key, LOCAL).await {
        Ok(stored) => Ok(Json(StoredView::new(&stored))),
        Err(error) => Err(refused(error)),
    }
}

/// The key that a request brings.
///
/// # Errors
/// 400 when it is empty, too long or not plain.
pub(in crate::api) fn key_of(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default().trim().trim_matches('"');
    let plain = key.bytes().all(|b| b.is_ascii_graphic());
    if key.is_empty() || key.len() > LONGEST_KEY || !plain {
        return Err(Error::new(
            StatusCode::BAD_REQUEST,
            "bad-idempotency-key",
            format!("Idempotency-Key 应为 1 到 {LONGEST_KEY} 个可见的 ASCII 字符"),
            format!("Idempotency-Key must be 1 to {LONGEST_KEY} visible ASCII characters"),
        ));
    }
    Ok(Some(key.to_owned()))
}

fn refused(error: CommitError) -> Error {
    let conflict = |code, zh: &str, en: &str| Error::new(StatusCode::CONFLICT, code, zh, en);
    match error {
        CommitError::Service(error) => error.into(),
        CommitError::InFlight => conflict(
            "being-stored",
            "这个导入正在入库，请稍候",
            "this import is just being stored; wait for it",
        ),
        CommitError::CrsUndecided => conflict(
            "crs-undecided",
            "还没有选定坐标系：选错会偏几百米，请先选择",
            "the coordinate system is not chosen yet; a wrong one is off by hundreds of metres",
        ),
        CommitError::StoredBefore(stored) => Error::new(
            StatusCode::CONFLICT,
            "stored-already",
            format!("这个导入已经入库（版本 {}）", stored.revision),
            format!(
                "this import is stored already (revision {})",
                stored.revision
            ),
        ),
        CommitError::NotReady(at) => match at {
            At::Failed => conflict(
                "import-failed",
                "文件没有读成，不能入库；请修改选项或换文件",
                "the file could not be read and cannot be stored; change the options or the file",
            ),
            At::Cancelled => conflict(
                "import-cancelled",
                "这个导入已取消",
                "this import was given up",
            ),
            _ => conflict(
                "not-ready",
                "文件还在读取和校验，完成后才能入库",
                "the file is still being read; it can be stored when that is done",
            ),
        },
    }
}
