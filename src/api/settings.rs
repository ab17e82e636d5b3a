//! `/api/settings/{name}`: one JSON document each, changed as a whole.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body;
use super::encode::{is_fresh, not_modified, strong_etag};
use super::error::Error;
use super::extract::Segments;
use super::format::JSON;
use super::item_edits::{audit, refusal};
use super::params::Params;
use super::precondition::{expected, outdated};
use super::respond::{Asked, json};
use super::state::AppState;
use crate::service::edit::{Refused, fingerprint, plan_setting, setting_value};
use crate::settings::SettingName;
use crate::store::{Content, Subject};

fn named(name: &str) -> Result<SettingName, Error> {
    SettingName::named(name).ok_or_else(|| {
        let all: Vec<&str> = SettingName::ALL.iter().map(|s| s.as_str()).collect();
        let all = all.join(", ");
        Error::not_found(
            format!("这项设置；可用 {all}"),
            format!("such setting; use {all}"),
        )
    })
}

/// The tag of what is kept, not of what is shown: a changed key is a change.
fn tag(kept: &Value) -> HeaderValue {
    strong_etag(&fingerprint(kept))
}

/// A setting.
#[utoipa::path(get, path = "/api/settings/{name}", tag = "edit", operation_id = "getSetting",
    params(super::openapi::SettingPath, super::openapi::LangQuery),
    responses((status = 200, description = "The value, or what holds while none was set", body = serde_json::Value),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn get(
    State(state): State<AppState>,
    Segments(name): Segments<String>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    let name = named(&name)?;
    params.finish()?;
    let kept = setting_value(&state.service.snapshot(), name);
    let tag = tag(&kept);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    json(tag, JSON, &name.shown(&kept))
}

/// Replaces a setting.
#[utoipa::path(put, path = "/api/settings/{name}", tag = "edit", operation_id = "putSetting",
    params(super::openapi::SettingPath, super::openapi::IfMatch, super::openapi::LangQuery),
    request_body = serde_json::Value,
    responses((status = 200, description = "The value as it is kept", body = serde_json::Value),
        (status = 412, description = "Changed since it was read; `current` is what is there now",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not sound: `problems`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn put(
    State(state): State<AppState>,
    Segments(name): Segments<String>,
    asked: Asked,
    params: Params,
    request: Request,
) -> Result<Response, Error> {
    let name = named(&name)?;
    params.finish()?;
    let expect = expected(&asked.headers)?;
    let value: Value = body::read(request, body::WHOLE).await?;
    let plan =
        move |snapshot: &crate::index::Snapshot| plan_setting(snapshot, name, &expect, &value);
    let audit = audit("setting", name.as_str().to_owned());
    match state.service.edit(audit, None, plan).await {
        Ok(done) => {
            let kept = setting_value(&done.snapshot, name);
            json(tag(&kept), JSON, &name.shown(&kept))
        }
        Err(Refused::Outdated) => {
            let kept = setting_value(&state.service.snapshot(), name);
            Err(outdated(name.shown(&kept), tag(&kept)))
        }
        Err(refused) => Err(refusal(&state, refused, false)),
    }
}

/// The past of a setting.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettingHistoryView {
    /// Its changes, newest first.
    items: Vec<SettingPastView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SettingPastView {
    revision: i64,
    #[schema(format = DateTime)]
    at: Option<String>,
    actor: Option<String>,
    op: &'static str,
    /// The value before the change; null when there was none.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
}

/// What happened to a setting.
#[utoipa::path(get, path = "/api/settings/{name}/history", tag = "edit", operation_id = "getSettingHistory",
    params(super::openapi::SettingPath, super::openapi::LangQuery),
    responses((status = 200, description = "Its changes, newest first", body = SettingHistoryView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn history(
    State(state): State<AppState>,
    Segments(name): Segments<String>,
    params: Params,
) -> Result<Json<SettingHistoryView>, Error> {
    let name = named(&name)?;
    params.finish()?;
    let subject = Subject::Setting(name.as_str().to_owned());
    let past = state.service.history(&subject).await?;
    let items = past.into_iter().map(|change| SettingPastView {
        revision: change.revision.0,
        at: change.at.map(|at| at.to_rfc3339()),
        actor: change.audit.map(|audit| audit.actor),
        op: change.op.as_str(),
        before: match change.before {
            Some(Content::Setting(value)) => Some(name.shown(&value)),
            _ => None,
        },
    });
    Ok(Json(SettingHistoryView {
        items: items.collect(),
    }))
}

/// 409 for categories that incidents have.
pub(super) fn in_use(counts: &[(String, u64)]) -> Error {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let first = counts.first().map_or("", |(code, _)| code.as_str());
    let list = counts
        .iter()
        .map(|(code, count)| serde_json::json!({"code": code, "incidents": count}));
    let members = Map::from_iter([("in_use".to_owned(), list.collect())]);
    Error::new(
        StatusCode::CONFLICT,
        "category-in-use",
        format!("类别“{first}”等有 {total} 件在用，不能删除；请改名、移动，或在 replace 中写明由哪个类别接替"),
        format!("categories such as `{first}` have {total} incidents and cannot go; rename or move them, or name in `replace` what takes their place"),
    )
    .with_members(members.clone(), members)
}
