//! `GET /api/imports/{id}/events`: progress as it comes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::super::error::Error;
use super::super::extract::Segments;
use super::super::params::Params;
use super::super::state::AppState;
use super::session::ProgressView;
use crate::service::imports::Session;

/// The least time between two events of progress.
const PACE: Duration = Duration::from_millis(200);

/// Tells how far an import is, as server-sent events.
///
/// `progress` is `{"state":"checking","step":"checking","done":500,"total":0,"rows_per_s":9000}`;
/// `session` is `{}` and says that the import has something new to fetch.
#[utoipa::path(get, path = "/api/imports/{id}/events", tag = "import", operation_id = "getImportEvents",
    params(crate::api::openapi::ImportPath, crate::api::openapi::LangQuery),
    responses((status = 200, description = "The events", body = String, content_type = "text/event-stream"),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn progress(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    let session = super::find(&state, &id)?;
    let (send, receive) = mpsc::channel::<Result<Event, Infallible>>(16);
    tokio::spawn(tell(state, session, send));
    let keep = KeepAlive::new().interval(Duration::from_secs(15));
    let stream = Sse::new(ReceiverStream::new(receive)).keep_alive(keep);
    let mut response = stream.into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Sends until the import is over, the client is gone or the server stops.
async fn tell(
    state: AppState,
    session: Arc<Session>,
    send: mpsc::Sender<Result<Event, Infallible>>,
) {
    let mut stopping = state.stopping();
    let mut watcher = session.watch();
    drop(session);
    let changes = &mut watcher.changes;
    changes.mark_changed();
    let mut version = None;
    loop {
        let changed = tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => return,
            () = send.closed() => return,
            changed = changes.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
        let now = changes.borrow_and_update().clone();
        let news = version != Some(now.version);
        version = Some(now.version);
        if !deliver(&send, "progress", &ProgressView::event(&now)).await {
            return;
        }
        if news && !deliver(&send, "session", &serde_json::json!({})).await {
            return;
        }
        if now.state.is_over() {
            return;
        }
        tokio::time::sleep(PACE).await;
    }
}

async fn deliver(
    send: &mpsc::Sender<Result<Event, Infallible>>,
    name: &'static str,
    data: &impl Serialize,
) -> bool {
    match Event::default().event(name).json_data(data) {
        Ok(event) => send.send(Ok(event)).await.is_ok(),
        Err(_) => false,
    }
}
