//! `POST /api/edits`: several features at once, all or none.

use axum::Json;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body;
use super::error::Error;
use super::extract::layer_named;
use super::item_edits::{audit, edit_rows};
use super::params::Params;
use super::precondition::fingerprint;
use super::state::AppState;
use crate::model::FeatureId;
use crate::service::edit::{Change, Edit, Edited, Expect, Keys};

/// The most changes of one batch.
const MAX_CHANGES: usize = 2000;
/// The longest reason kept.
const MAX_REASON: usize = 200;

/// Changes that belong together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditsQuestion {
    /// Why, for the record; masked like any text.
    #[serde(default)]
    reason: String,
    /// The same key twice makes the change once.
    #[serde(default)]
    key: Option<String>,
    /// Features to add or replace.
    #[serde(default)]
    put: Vec<PutQuestion>,
    /// Features to delete.
    #[serde(default)]
    delete: Vec<DeleteQuestion>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutQuestion {
    #[schema(example = "grids")]
    layer: String,
    /// The row; none adds one.
    #[serde(default)]
    id: Option<i64>,
    /// The tag that the row had when it was read.
    #[serde(default)]
    etag: Option<String>,
    /// A GeoJSON feature, whole.
    #[schema(value_type = Object)]
    feature: serde_json::Value,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeleteQuestion {
    #[schema(example = "grids")]
    layer: String,
    id: i64,
    etag: String,
}

/// What became of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct EditsView {
    /// The last change.
    revision: i64,
    /// The rows that were put, in the order of the question.
    items: Vec<EditedView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct EditedView {
    layer: &'static str,
    id: i64,
    etag: String,
}

/// Adds, replaces and deletes features, all or none.
#[utoipa::path(post, path = "/api/edits", tag = "edit", operation_id = "editFeatures",
    params(super::openapi::LangQuery), request_body = EditsQuestion,
    responses((status = 200, description = "All are stored", body = EditsView),
        (status = 412, description = "Rows changed since they were read: `conflicts`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = 422, description = "Some cannot be stored: `problems`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn edits(
    State(state): State<AppState>,
    params: Params,
    request: Request,
) -> Result<Json<EditsView>, Error> {
    params.finish()?;
    let (question, key) = body::read_keyed(request, body::WHOLE, Some(EditsQuestion::key)).await?;
    if let Some(answer) = key.as_ref().and_then(|key| state.answered(key)) {
        return Ok(Json(answer));
    }
    if question.put.len() + question.delete.len() > MAX_CHANGES {
        return Err(Error::body(
            format!("一次最多 {MAX_CHANGES} 项修改"),
            format!("at most {MAX_CHANGES} changes at once"),
        ));
    }
    let reason = reason(&question.reason);
    let mut edits = Vec::with_capacity(question.put.len() + question.delete.len());
    for put in question.put {
        edits.push(put.edit()?);
    }
    for gone in question.delete {
        let layer = named(&gone.layer)?;
        let expect = expect(&gone.etag);
        edits.push(Edit {
            layer,
            change: Change::Delete(FeatureId(gone.id), expect),
        });
    }
    let done = edit_rows(&state, audit("edit", reason), key.clone(), edits, true).await?;
    let answer = EditsView::of(&done);
    if let Some(key) = key {
        state.remember_answer(key, &answer);
    }
    Ok(Json(answer))
}

impl EditsView {
    /// What became of edits.
    pub(super) fn of(done: &Edited<Vec<Keys>>) -> EditsView {
        let rows = done.answer.iter();
        let rows = rows.filter_map(|keys| keys.find(&done.snapshot));
        let items = rows.map(|row| EditedView {
            layer: row.layer().as_str(),
            id: row.id().0,
            etag: row.fingerprint(),
        });
        EditsView {
            revision: done.revision.0,
            items: items.collect(),
        }
    }
}

impl EditsQuestion {
    fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

impl PutQuestion {
    fn edit(self) -> Result<Edit, Error> {
        let layer = named(&self.layer)?;
        let change = match (self.id, self.etag) {
            (None, _) => Change::Create(self.feature),
            (Some(id), Some(etag)) => Change::Replace(FeatureId(id), expect(&etag), self.feature),
            (Some(id), None) => {
                return Err(Error::body(
                    format!("修改 {layer} {id} 要写明读到的 etag"),
                    format!("a change of {layer} {id} needs the `etag` that was read"),
                ));
            }
        };
        Ok(Edit { layer, change })
    }
}

fn expect(etag: &str) -> Expect {
    Expect::OneOf(vec![fingerprint(etag).to_owned()])
}

fn named(layer: &str) -> Result<crate::model::LayerName, Error> {
    layer_named(layer).ok_or_else(|| Error::body("layer 不是图层名", "`layer` names no layer"))
}

/// A reason fit for the record: short, on one line, nothing about persons.
pub(super) fn reason(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_REASON)
        .collect();
    crate::format::mask_text(line.trim()).0
}
