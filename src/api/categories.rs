//! `/api/categories`: the category tree, changed as a whole.

use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::body;
use super::encode::{is_fresh, not_modified, strong_etag};
use super::error::Error;
use super::format::JSON;
use super::item_edits::{audit, refusal};
use super::params::Params;
use super::precondition::{expected, outdated};
use super::respond::{Asked, json as json_answer};
use super::state::AppState;
use crate::index::Snapshot;
use crate::service::edit::{Fault, Refused, category_counts, fingerprint, plan_categories};
use crate::settings::check_categories;

/// The tree as it is sent, without the counts.
fn tree(snapshot: &Snapshot) -> Value {
    json!({"categories": snapshot.categories.items()})
}

/// The category tree, with how many incidents each category has itself.
#[utoipa::path(get, path = "/api/categories", tag = "edit", operation_id = "getCategories",
    params(super::openapi::LangQuery),
    responses((status = 200, description = "`categories` in their order, parents first; `incidents` by code", body = Object),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn get(
    State(state): State<AppState>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    state
        .ask(move |snapshot, _| {
            let mut tree = tree(snapshot);
            let counts = category_counts(snapshot);
            // The counts change with every import; the tag is for `If-Match`.
            let print = fingerprint(&tree);
            let counted = fingerprint(&json!(counts));
            let tag = strong_etag(&format!("{print}.{}", &counted[..8]));
            if is_fresh(&asked.headers, &tag) {
                return Ok(not_modified(tag));
            }
            tree["incidents"] = json!(counts);
            json_answer(tag, JSON, &tree)
        })
        .await
}

/// Replaces the category tree. A category that incidents have cannot go
/// without another one that takes its place.
#[utoipa::path(put, path = "/api/categories", tag = "edit", operation_id = "putCategories",
    params(super::openapi::IfMatch, super::openapi::LangQuery),
    request_body = Object,
    responses((status = 200, description = "The tree as it is kept", body = Object),
        (status = 409, description = "Categories are in use: `in_use`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = 412, description = "Changed since it was read; `current` is what is there now",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not sound: `problems`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn put(
    State(state): State<AppState>,
    asked: Asked,
    params: Params,
    request: Request,
) -> Result<Response, Error> {
    params.finish()?;
    let expect = expected(&asked.headers)?;
    let mut value: Value = body::read(request, body::WHOLE).await?;
    if let Some(members) = value.as_object_mut() {
        // As the tree was sent.
        members.remove("incidents");
    }
    let change = check_categories(&value).map_err(|wrongs| {
        let faults = wrongs.into_iter().map(|wrong| {
            let mut fault = Fault::new(
                0,
                "bad_category",
                format!("{} {}", wrong.at, wrong.zh),
                format!("{} {}", wrong.at, wrong.en),
            );
            fault.property = Some(wrong.at);
            fault
        });
        refusal(&state, Refused::Faults(faults.collect()), false)
    })?;
    let plan =
        move |snapshot: &Snapshot| plan_categories(snapshot, &expect, &tree(snapshot), &change);
    let audit = audit("categories", String::new());
    match state.service.edit(audit, None, plan).await {
        Ok(done) => {
            let tree = tree(&done.snapshot);
            json_answer(strong_etag(&fingerprint(&tree)), JSON, &tree)
        }
        Err(Refused::Outdated) => {
            let tree = tree(&state.service.snapshot());
            let tag = strong_etag(&fingerprint(&tree));
            Err(outdated(tree, tag))
        }
        Err(refused) => Err(refusal(&state, refused, false)),
    }
}
