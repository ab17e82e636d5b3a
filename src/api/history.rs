//! `GET /api/history/{layer}/{id}`: what a row was, and its way back.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::body;
use super::error::Error;
use super::extract::{Base, Segments, feature_id, layer, no_feature};
use super::feature::FeatureView;
use super::item_edits::{audit, edit_rows, stored};
use super::params::Params;
use super::precondition::expected;
use super::respond::Asked;
use super::state::AppState;
use crate::format::feature_json;
use crate::model::{FeatureId, LayerName};
use crate::query;
use crate::service::edit::{Change, Edit, Expect, items_of};
use crate::store::{Past, Subject};

/// The past of a row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryView {
    /// Its changes, newest first.
    items: Vec<PastView>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
struct PastView {
    revision: i64,
    /// When, RFC 3339; null when another program did not say.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Who; null when another program wrote into the store.
    actor: Option<String>,
    action: Option<String>,
    reason: Option<String>,
    /// `insert`, `update` or `delete`.
    op: &'static str,
    /// The feature before the change; null before it was there.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// Properties that it changed, and `geometry`.
    changed: Vec<String>,
}

/// What happened to a row.
#[utoipa::path(get, path = "/api/history/{layer}/{id}", tag = "edit", operation_id = "getHistory",
    params(super::openapi::LayerPath, super::openapi::IdPath, super::openapi::LangQuery),
    responses((status = 200, description = "Its changes, newest first", body = HistoryView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn history(
    State(state): State<AppState>,
    Segments((name, id)): Segments<(String, String)>,
    params: Params,
) -> Result<Json<HistoryView>, Error> {
    params.finish()?;
    let (layer, id) = (layer(&name)?, feature_id(&id)?);
    let past = state.service.history(&Subject::Row(layer, id)).await?;
    let now = now(&state, layer, id);
    if past.is_empty() && now.is_none() {
        return Err(no_feature());
    }
    let mut after = now;
    let mut items = Vec::with_capacity(past.len());
    for change in past {
        let before = before(&change);
        let (at, audit) = (change.at.map(|at| at.to_rfc3339()), change.audit);
        let (actor, action, reason) = audit.map_or((None, None, None), |audit| {
            (Some(audit.actor), Some(audit.action), Some(audit.reason))
        });
        items.push(PastView {
            revision: change.revision.0,
            at,
            actor,
            action,
            reason,
            op: change.op.as_str(),
            changed: changed(before.as_ref(), after.as_ref()),
            before: before.clone(),
        });
        after = before;
    }
    Ok(Json(HistoryView { items }))
}

/// The row as it is now.
fn now(state: &AppState, layer: LayerName, id: FeatureId) -> Option<Value> {
    let snapshot = state.service.snapshot();
    let found = query::feature(&snapshot, &state.scope(), layer, id);
    found.map(|row| feature_json(&row.to_items()))
}

fn before(change: &Past) -> Option<Value> {
    let content = change.before.clone()?;
    items_of(content).map(|items| feature_json(&items))
}

/// Names of what differs between two states of a row that both have.
fn changed(before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let properties = |feature: &Value| feature["properties"].as_object().cloned();
    let (old, new) = (
        properties(before).unwrap_or_default(),
        properties(after).unwrap_or_default(),
    );
    let mut names: Vec<String> = old.keys().chain(new.keys()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| old.get(name) != new.get(name));
    if before["geometry"] != after["geometry"] {
        names.push("geometry".to_owned());
    }
    names
}

/// Which state to go back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreQuestion {
    /// A change of the row's history: the row becomes what it was before.
    revision: i64,
}

/// Makes a row what it was before a change; a deleted one comes back.
#[utoipa::path(post, path = "/api/history/{layer}/{id}/restore", tag = "edit", operation_id = "restoreFeature",
    params(super::openapi::LayerPath, super::openapi::IdPath, super::openapi::IfMatch, super::openapi::LangQuery),
    request_body = RestoreQuestion,
    responses((status = 200, description = "The feature as it is again",
        content((FeatureView = "application/geo+json"))),
        (status = 412, description = "Changed since it was read; `current` is what is there now",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn restore(
    State(state): State<AppState>,
    base: Base,
    Segments((name, id)): Segments<(String, String)>,
    asked: Asked,
    params: Params,
    request: Request,
) -> Result<Response, Error> {
    params.finish()?;
    let (layer, id) = (layer(&name)?, feature_id(&id)?);
    let expect = match now(&state, layer, id) {
        Some(_) => expected(&asked.headers)?,
        // There is nothing of anybody's to lose.
        None => Expect::Anything,
    };
    let question: RestoreQuestion = body::read(request, body::WHOLE).await?;
    let past = state.service.history(&Subject::Row(layer, id)).await?;
    let change = past
        .into_iter()
        .find(|change| change.revision.0 == question.revision);
    let change = change.ok_or_else(|| {
        Error::not_found(
            "这次修改的记录",
            "such change of this feature in the history",
        )
    })?;
    let Some(item) = change.before.and_then(items_of) else {
        return Err(Error::new(
            StatusCode::CONFLICT,
            "not-there-before",
            "在这次修改之前它还不存在；如要去掉，请删除它",
            "it did not exist before that change; delete it to take it away",
        ));
    };
    let reason = format!("{}", question.revision);
    let edit = Edit {
        layer,
        change: Change::Restore(id, expect, item),
    };
    let done = edit_rows(&state, audit("restore", reason), None, vec![edit], false).await?;
    stored(&done, &asked, &base, StatusCode::OK)
}
