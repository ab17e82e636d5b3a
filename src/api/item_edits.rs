//! Features put in, replaced, patched and deleted one at a time (OGC API -
//! Features, part 4).

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use super::body;
use super::error::Error;
use super::extract::{Base, Segments, feature_id, layer, no_feature};
use super::feature::{self, FeatureView};
use super::format::GEOJSON;
use super::params::Params;
use super::precondition::{self, conflict, expected, holds};
use super::respond::{Asked, json as json_answer};
use super::state::AppState;
use crate::index::Snapshot;
use crate::model::{Audit, FeatureId, LayerName};
use crate::query;
use crate::service::edit::{Change, Edit, Edited, Expect, Fault, Keys, Refused, batch};
use crate::store::IdempotencyKey;

/// Adds a feature.
#[utoipa::path(post, path = "/collections/{layer}/items", tag = "ogc", operation_id = "createFeature",
    params(super::openapi::LayerPath, super::openapi::LangQuery),
    request_body(content((Object = "application/geo+json"))),
    responses((status = 201, description = "The feature as it was stored; `Location` and `ETag` name it",
        content((FeatureView = "application/geo+json"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn create(
    State(state): State<AppState>,
    base: Base,
    Segments(name): Segments<String>,
    asked: Asked,
    params: Params,
    request: Request,
) -> Result<Response, Error> {
    let layer = layer(&name)?;
    params.finish()?;
    let (feature, key) = body::read_keyed::<Json>(request, body::WHOLE, None).await?;
    let edit = Edit {
        layer,
        change: Change::Create(feature),
    };
    let done = edit_rows(
        &state,
        audit("create", String::new()),
        key,
        vec![edit],
        false,
    )
    .await?;
    let mut response = stored(&done, &asked, &base, StatusCode::CREATED)?;
    if let Some(row) = done
        .answer
        .first()
        .and_then(|keys| keys.find(&done.snapshot))
    {
        let Base(base) = base;
        let place = format!("{base}/collections/{layer}/items/{}", row.id());
        let place = HeaderValue::try_from(place).map_err(Error::internal)?;
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// Replaces a feature.
#[utoipa::path(put, path = "/collections/{layer}/items/{id}", tag = "ogc", operation_id = "replaceFeature",
    params(super::openapi::LayerPath, super::openapi::IdPath, super::openapi::IfMatch, super::openapi::LangQuery),
    request_body(content((Object = "application/geo+json"))),
    responses((status = 200, description = "The feature as it was stored",
        content((FeatureView = "application/geo+json"))),
        (status = 412, description = "Changed since it was read; `current` is what is there now",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn replace(
    State(state): State<AppState>,
    base: Base,
    Segments((name, id)): Segments<(String, String)>,
    asked: Asked,
    params: Params,
    request: Request,
) -> Result<Response, Error> {
    params.finish()?;
    let (layer, id, expect) = row_of(&state, &name, &id, &asked)?;
    let feature: Json = body::read(request, body::WHOLE).await?;
    let done = one(&state, layer, Change::Replace(id, expect, feature)).await?;
    stored(&done, &asked, &base, StatusCode::OK)
}

/// Changes some of a feature: a merge patch (RFC 7396) of its GeoJSON.
#[utoipa::path(patch, path = "/collections/{layer}/items/{id}", tag = "ogc", operation_id = "updateFeature",
    params(super::openapi::LayerPath, super::openapi::IdPath, super::openapi::IfMatch, super::openapi::LangQuery),
    request_body(content((Object = "application/merge-patch+json"))),
    responses((status = 200, description = "The feature as it was stored",
        content((FeatureView = "application/geo+json"))),
        (status = 412, description = "Changed since it was read; `current` is what is there now",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn update(
    State(state): State<AppState>,
    base: Base,
    Segments((name, id)): Segments<(String, String)>,
    asked: Asked,
    params: Params,
    request: Request,
) -> Result<Response, Error> {
    params.finish()?;
    let (layer, id, expect) = row_of(&state, &name, &id, &asked)?;
    let patch: Json = match body::read(request, body::PATCH).await {
        Err(error) if error.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            let mut response = error.into_response();
            let known = HeaderValue::from_static("application/merge-patch+json");
            let name = HeaderName::from_static("accept-patch");
            response.headers_mut().insert(name, known);
            return Ok(response);
        }
        read => read?,
    };
    let done = one(&state, layer, Change::Patch(id, expect, patch)).await?;
    stored(&done, &asked, &base, StatusCode::OK)
}

/// Deletes a feature.
#[utoipa::path(delete, path = "/collections/{layer}/items/{id}", tag = "ogc", operation_id = "deleteFeature",
    params(super::openapi::LayerPath, super::openapi::IdPath, super::openapi::IfMatch, super::openapi::LangQuery),
    responses((status = 204, description = "It is gone; its history stays"),
        (status = 412, description = "Changed since it was read; `current` is what is there now",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Segments((name, id)): Segments<(String, String)>,
    asked: Asked,
    params: Params,
) -> Result<StatusCode, Error> {
    params.finish()?;
    let (layer, id, expect) = row_of(&state, &name, &id, &asked)?;
    one(&state, layer, Change::Delete(id, expect)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The row that a request is about, once it says what it expects of it.
///
/// # Errors
/// 404, 428, 412; before the body is looked at.
fn row_of(
    state: &AppState,
    name: &str,
    id: &str,
    asked: &Asked,
) -> Result<(LayerName, FeatureId, Expect), Error> {
    let (layer, id) = (layer(name)?, feature_id(id)?);
    let (snapshot, scope) = (state.service.snapshot(), state.scope());
    let found = query::feature(&snapshot, &scope, layer, id).ok_or_else(no_feature)?;
    let expect = expected(&asked.headers)?;
    if !holds(&expect, &found.fingerprint()) {
        let stale = crate::service::edit::Conflict { layer, id };
        return Err(conflict(&snapshot, &scope, &[stale], false));
    }
    Ok((layer, id, expect))
}

async fn one(
    state: &AppState,
    layer: LayerName,
    change: Change,
) -> Result<Edited<Vec<Keys>>, Error> {
    let action = match &change {
        Change::Delete(..) => "delete",
        _ => "edit",
    };
    let edit = Edit { layer, change };
    edit_rows(state, audit(action, String::new()), None, vec![edit], false).await
}

/// Applies edits; what is refused becomes an answer.
pub(super) async fn edit_rows(
    state: &AppState,
    audit: Audit,
    key: Option<IdempotencyKey>,
    edits: Vec<Edit>,
    is_batch: bool,
) -> Result<Edited<Vec<Keys>>, Error> {
    let (scope, now) = (state.scope(), (state.clock)());
    // A change that is sent again finds the rows that it made the first time.
    let seed = key.as_ref().map_or_else(
        || rand::random::<u64>().to_string(),
        |key| format!("{} {}", key.key, key.digest),
    );
    let plan = move |snapshot: &Snapshot| {
        let mut count = 0_u64;
        let new_id = || {
            count += 1;
            new_source_id(&seed, count)
        };
        batch(snapshot, &scope, edits.clone(), now, new_id)
    };
    let done = state.service.edit(audit, key, plan).await;
    done.map_err(|refused| refusal(state, refused, is_batch))
}

/// What is kept with a change.
pub(super) fn audit(action: &str, reason: String) -> Audit {
    Audit {
        actor: "local".to_owned(),
        action: action.to_owned(),
        reason,
    }
}

/// An id for a row that has none of its own, so long that no two are the same.
pub(super) fn new_source_id(seed: &str, count: u64) -> String {
    let hash = blake3::hash(format!("{seed} {count}").as_bytes()).to_hex();
    format!("#{}", &hash[..16])
}

/// What is refused, as an answer.
pub(super) fn refusal(state: &AppState, refused: Refused, is_batch: bool) -> Error {
    match refused {
        Refused::Conflicts(conflicts) => {
            let snapshot = state.service.snapshot();
            conflict(&snapshot, &state.scope(), &conflicts, is_batch)
        }
        Refused::Faults(faults) => faulty(&faults),
        Refused::InUse(counts) => super::settings::in_use(&counts),
        Refused::Outdated => Error::internal("a document is outdated that nobody named"),
        Refused::Service(error) => error.into(),
    }
}

/// 422 with every fault; the first one is the sentence.
fn faulty(faults: &[Fault]) -> Error {
    let first = faults.first();
    let zh = first.map_or("", |fault| fault.zh.as_str());
    let en = first.map_or("", |fault| fault.en.as_str());
    let status = match first.map(|fault| fault.code) {
        Some("duplicate_id") => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let members = |text: fn(&Fault) -> &str| {
        let problems = faults.iter().map(|fault| {
            json!({
                "index": fault.index, "code": fault.code, "detail": text(fault),
                "property": fault.property, "at": fault.at.map(|at| [at.x, at.y]),
            })
        });
        Map::from_iter([("problems".to_owned(), problems.collect())])
    };
    Error::new(status, "cannot-store", zh, en)
        .with_members(members(|fault| &fault.zh), members(|fault| &fault.en))
}

/// The row as it was stored, or nothing for who wants little.
pub(super) fn stored(
    done: &Edited<Vec<Keys>>,
    asked: &Asked,
    Base(base): &Base,
    status: StatusCode,
) -> Result<Response, Error> {
    let row = done
        .answer
        .first()
        .and_then(|keys| keys.find(&done.snapshot));
    let row = row.ok_or_else(|| Error::internal("a stored row is not in the snapshot"))?;
    let tag = precondition::item_tag(&done.snapshot, &row, &[asked.lang.tag(), "json", base]);
    if body::wants_minimal(&asked.headers) {
        let status = match status {
            StatusCode::OK => StatusCode::NO_CONTENT,
            other => other,
        };
        let mut response = status.into_response();
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag);
        let applied = HeaderName::from_static("preference-applied");
        headers.insert(applied, HeaderValue::from_static("return=minimal"));
        return Ok(response);
    }
    let view = feature::view(&done.snapshot, &row);
    let mut response = json_answer(tag, GEOJSON, &view)?;
    *response.status_mut() = status;
    Ok(response)
}
