//! `/api/imports`: files as batches, from upload to storing.

mod commit;
mod events;
mod rejected;
mod rows;
mod session;
mod upload;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post, put};

use super::error::Error;
use super::state::AppState;
use crate::service::imports::{Found, Session};

// The OpenAPI document reads what the macro made beside each handler.
pub(super) use commit::*;
pub(super) use events::*;
pub(super) use rejected::*;
pub(super) use rows::*;
pub(super) use session::*;
pub(super) use upload::*;

/// The addresses of imports.
pub(super) fn addresses() -> Router<AppState> {
    Router::new()
        .route("/api/imports", post(upload))
        .route("/api/imports/{id}", get(session).delete(cancel))
        .route("/api/imports/{id}/options", put(choose))
        .route("/api/imports/{id}/events", get(progress))
        .route("/api/imports/{id}/rows", get(rows))
        .route("/api/imports/{id}/places", get(places))
        .route("/api/imports/{id}/rejected.csv", get(rejected))
        .route("/api/imports/{id}/commit", post(commit))
}

/// The session that a path names.
///
/// # Errors
/// 404 when there is none, or it has expired; 410 when it gave way to another.
fn find(state: &AppState, id: &str) -> Result<Arc<Session>, Error> {
    match state.imports.find(id) {
        Found::Session(session) => Ok(session),
        Found::GaveWay => Err(Error::new(
            StatusCode::GONE,
            "import-gave-way",
            "这个导入的页面关闭已久，上传的名额已让给别人；没有写入任何一行，重新上传即可继续",
            "nobody had this import open, so its place was given to another upload; nothing was stored, upload the file again to go on",
        )),
        Found::Nothing => Err(Error::not_found(
            "这个导入（也许已过期，或服务器重启过；重新上传即可，没有写入任何一行）",
            "such import (it may have expired, or the server was restarted); upload again, nothing was stored",
        )),
    }
}
