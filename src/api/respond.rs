//! Questions answered as JSON with an entity tag.

use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::encode::{etag, is_fresh, not_modified, tagged};
use super::error::Error;
use super::format::JSON;
use super::lang::Lang;
use super::state::AppState;
use crate::index::Snapshot;
use crate::model::Scope;

/// The tag of an answer that follows from the snapshot and the address alone.
pub fn tag_of(state: &AppState, snapshot: &Snapshot, lang: Lang, uri: &Uri) -> HeaderValue {
    let revision = snapshot.revision.to_string();
    let today = snapshot.today().to_string();
    let address = uri.path_and_query().map_or("/", |address| address.as_str());
    etag(&[&state.run, &revision, &today, lang.tag(), address])
}

/// Serializes an answer.
///
/// # Errors
/// 500 if it cannot be serialized.
pub fn json(
    tag: HeaderValue,
    media_type: &'static str,
    body: &impl Serialize,
) -> Result<Response, Error> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(tagged(tag, media_type, bytes))
}

/// What a request is, apart from its parameters.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path and query.
    pub uri: Uri,
    /// Headers.
    pub headers: HeaderMap,
    /// The reader's language.
    pub lang: Lang,
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        Ok(Asked {
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            lang: Lang::of(&parts.uri, &parts.headers),
        })
    }
}

impl Asked {
    /// Answers a question about one snapshot as JSON: `304` if the client has
    /// the answer, else computed and serialized on the blocking pool.
    pub async fn answer<T: Serialize>(
        self,
        state: &AppState,
        work: impl FnOnce(&Snapshot, &Scope) -> Result<T, Error> + Send + 'static,
    ) -> Response {
        let tag = tag_of(state, &state.service.snapshot(), self.lang, &self.uri);
        if is_fresh(&self.headers, &tag) {
            return not_modified(tag);
        }
        let (uri, lang, asking) = (self.uri, self.lang, state.clone());
        let answered = state
            .ask(move |snapshot, scope| {
                // Tagged by the snapshot that is answered from.
                let tag = tag_of(&asking, snapshot, lang, &uri);
                json(tag, JSON, &work(snapshot, scope)?)
            })
            .await;
        answered.unwrap_or_else(IntoResponse::into_response)
    }
}
