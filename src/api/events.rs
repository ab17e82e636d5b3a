//! `GET /api/events`: says what changed, so that open maps fetch it again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::state::AppState;
use crate::model::LayerName;
use crate::service;

/// The first event: where the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Hello {
    revision: i64,
}

/// Tells what changed, as server-sent events.
///
/// `hello` comes first and says the revision; `change` follows each write with
/// `{"revision":418,"layers":[{"name":"incidents","revision":418,"bbox":[w,s,e,n]}]}`,
/// `bbox` null where it is not known.
#[utoipa::path(get, path = "/api/events", tag = "map", operation_id = "getEvents",
    params(super::openapi::LangQuery),
    responses((status = 200, description = "The events", body = String, content_type = "text/event-stream"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn events(
    State(state): State<AppState>,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    let (send, receive) = mpsc::channel::<Result<Event, Infallible>>(16);
    tokio::spawn(tell(state, send));
    let keep = KeepAlive::new().interval(Duration::from_secs(15));
    let stream = Sse::new(ReceiverStream::new(receive)).keep_alive(keep);
    let mut response = stream.into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Sends until the client is gone or the server stops.
async fn tell(state: AppState, send: mpsc::Sender<Result<Event, Infallible>>) {
    // Subscribed before the greeting: no change can fall between them.
    let mut changes = state.service.subscribe();
    let mut stopping = state.stopping();
    let hello = Hello {
        revision: state.service.revision().0,
    };
    if !deliver(&send, "hello", &hello).await {
        return;
    }
    loop {
        let change = tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => return,
            () = send.closed() => return,
            change = changes.recv() => change,
        };
        let change = match change {
            Ok(change) => change,
            Err(RecvError::Lagged(_)) => everything(&state),
            Err(RecvError::Closed) => return,
        };
        if !deliver(&send, "change", &change).await {
            return;
        }
    }
}

/// For a client that missed events: all layers, anywhere.
fn everything(state: &AppState) -> service::Event {
    let snapshot = state.service.snapshot();
    service::Event {
        revision: snapshot.revision,
        layers: LayerName::ALL
            .iter()
            .map(|&name| service::LayerEvent {
                name,
                revision: snapshot.layer_revisions[name.slot()],
                bbox: None,
            })
            .collect(),
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
