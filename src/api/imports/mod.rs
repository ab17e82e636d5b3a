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
use axum::routing::{get, post, put};

use super::error::Error;
use super::state::AppState;
use crate::service::imports::Session;

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
/// 404 when there is none, or it has expired.
fn find(state: &AppState, id: &str) -> Result<Arc<Session>, Error> {
    state.imports.session(id).ok_or_else(|| {
        Error::not_found(
            "这个导入（也许已过期，或服务器重启过；重新上传即可，没有写入任何一行）",
            "such import (it may have expired, or the server was restarted); upload again, nothing was stored",
        )
    })
}
