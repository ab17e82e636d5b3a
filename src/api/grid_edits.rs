//! Grids split and merged along shared borders, and checked before they are.

use axum::Json;
use axum::extract::{Request, State};
use geo::LineString;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::body;
use super::edits::EditsView;
use super::error::Error;
use super::item_edits::{audit, new_source_id, refusal};
use super::params::Params;
use super::precondition::fingerprint;
use super::state::AppState;
use crate::format::{Items, Options, mask_text, read_feature};
use crate::index::Snapshot;
use crate::model::{Audit, ChangeSet, FeatureId, Grid, LayerName};
use crate::query;
use crate::service::edit::{
    Edit, Expect, Fault, MergeGrids, Plan, Refused, SplitGrid, batch, merge_grids, split_grid,
};

/// A split.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SplitQuestion {
    /// The grid.
    id: i64,
    /// The tag that it had when it was read.
    etag: String,
    /// A GeoJSON line, or a feature of one, from border to border.
    #[schema(value_type = Object)]
    line: Value,
    /// The day from which the halves hold; without it, the past changes too.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    valid_from: Option<Date>,
    /// Codes of the halves, the larger one first.
    #[schema(min_items = 2, max_items = 2)]
    codes: Vec<String>,
    /// Names of the halves; the codes unless told.
    #[serde(default)]
    names: Vec<String>,
    /// Households of the halves, if known.
    #[serde(default)]
    households: Vec<Option<u32>>,
}

/// A merge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MergeQuestion {
    /// The grids.
    #[schema(min_items = 2)]
    ids: Vec<i64>,
    /// Their tags, in the same order.
    etags: Vec<String>,
    /// The code of the one.
    code: String,
    /// Its name; the code unless told.
    #[serde(default)]
    name: String,
    /// The day from which it holds; without it, the past changes too.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    valid_from: Option<Date>,
}

/// Splits a grid along a line; neighbours get a corner where it meets them.
#[utoipa::path(post, path = "/api/grids/split", tag = "edit", operation_id = "splitGrid",
    params(super::openapi::LangQuery), request_body = SplitQuestion,
    responses((status = 200, description = "All that was changed, new grids last but for neighbours", body = EditsView),
        (status = 412, description = "Changed since it was read: `conflicts`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be split so: `problems`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn split(
    State(state): State<AppState>,
    params: Params,
    request: Request,
) -> Result<Json<EditsView>, Error> {
    params.finish()?;
    let question: SplitQuestion = body::read(request, body::WHOLE).await?;
    let line = line(&question.line)?;
    let (codes, names) = (labels(&question.codes)?, question.names);
    let [larger, smaller] = &codes[..] else {
        return Err(Error::body("codes 应有两个", "`codes` needs two"));
    };
    let name = |slot: usize, code: &str| match names.get(slot) {
        Some(name) if !name.trim().is_empty() => label(name),
        _ => Ok(code.to_owned()),
    };
    let question = SplitGrid {
        id: FeatureId(question.id),
        expect: Expect::OneOf(vec![fingerprint(&question.etag).to_owned()]),
        line,
        valid_from: question.valid_from,
        names: [name(0, larger)?, name(1, smaller)?],
        codes: [larger.clone(), smaller.clone()],
        households: [0, 1].map(|slot| question.households.get(slot).copied().flatten()),
    };
    let plan = move |snapshot: &Snapshot| split_grid(snapshot, &question);
    apply(&state, audit("split", String::new()), plan).await
}

/// Makes one grid of several that share borders.
#[utoipa::path(post, path = "/api/grids/merge", tag = "edit", operation_id = "mergeGrids",
    params(super::openapi::LangQuery), request_body = MergeQuestion,
    responses((status = 200, description = "All that was changed, the new grid last when there is one", body = EditsView),
        (status = 412, description = "Changed since they were read: `conflicts`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = 422, description = "They cannot be merged: `problems`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn merge(
    State(state): State<AppState>,
    params: Params,
    request: Request,
) -> Result<Json<EditsView>, Error> {
    params.finish()?;
    let question: MergeQuestion = body::read(request, body::WHOLE).await?;
    let mut ids = question.ids.clone();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < 2 || ids.len() != question.ids.len() || question.etags.len() != ids.len() {
        return Err(Error::body(
            "ids 应有两个以上不同的网格，etags 与之一一对应",
            "`ids` needs two different grids at least, and `etags` one for each",
        ));
    }
    let code = label(&question.code)?;
    let grids = question.ids.iter().zip(&question.etags).map(|(id, etag)| {
        let expect = Expect::OneOf(vec![fingerprint(etag).to_owned()]);
        (FeatureId(*id), expect)
    });
    let question = MergeGrids {
        grids: grids.collect(),
        name: match question.name.trim() {
            "" => code.clone(),
            name => label(name)?,
        },
        code,
        valid_from: question.valid_from,
    };
    let plan = move |snapshot: &Snapshot| merge_grids(snapshot, &question);
    apply(&state, audit("merge", String::new()), plan).await
}

/// Applies edits that follow from a snapshot.
pub(super) async fn apply(
    state: &AppState,
    audit: Audit,
    plan: impl Fn(&Snapshot) -> Result<Vec<Edit>, Refused> + Send + Sync + 'static,
) -> Result<Json<EditsView>, Error> {
    let (scope, now) = (state.scope(), (state.clock)());
    let seed = rand::random::<u64>().to_string();
    let planned = move |snapshot: &Snapshot| -> Result<Plan<_>, Refused> {
        let mut count = 0_u64;
        let new_id = || {
            count += 1;
            new_source_id(&seed, count)
        };
        batch(snapshot, &scope, plan(snapshot)?, now, new_id)
    };
    let done = state.service.edit(audit, None, planned).await;
    let done = done.map_err(|refused| refusal(state, refused, true))?;
    Ok(Json(EditsView::of(&done)))
}

fn labels(texts: &[String]) -> Result<Vec<String>, Error> {
    texts.iter().map(|text| label(text)).collect()
}

/// A code or name: short, on one line, nothing about persons.
pub(super) fn label(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let sound = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if !sound {
        return Err(Error::body(
            "编号和名称应为 1 到 200 个字",
            "codes and names have 1 to 200 characters",
        ));
    }
    Ok(mask_text(text).0)
}

/// A line of a geometry or a feature.
fn line(json: &Value) -> Result<LineString<f64>, Error> {
    let geometry = json.get("geometry").unwrap_or(json);
    let parsed = serde_json::from_value::<geojson::Geometry>(geometry.clone())
        .ok()
        .and_then(|shape| geo::Geometry::<f64>::try_from(shape).ok());
    let line = match parsed {
        Some(geo::Geometry::LineString(line)) => line,
        _ => {
            return Err(Error::body(
                "line 应为 GeoJSON 的 LineString",
                "`line` must be a GeoJSON LineString",
            ));
        }
    };
    let sound = (2..=10_000).contains(&line.0.len())
        && line.0.iter().all(|at| crate::crs::on_globe(*at).is_ok());
    if !sound {
        return Err(Error::body(
            "line 应有 2 到 10000 个经纬度点",
            "`line` needs 2 to 10,000 points in degrees",
        ));
    }
    Ok(line)
}

/// Grids as they would be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckQuestion {
    /// GeoJSON features; one with the `id` of a grid stands in its place.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    put: Vec<Value>,
    /// Grids that would go.
    #[serde(default)]
    delete: Vec<i64>,
    /// The day that is looked at; today unless told.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    on: Option<Date>,
}

/// What would be wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckView {
    /// Holes between basic grids, the largest first.
    gaps: Vec<FaultView>,
    /// Where grids of one kind would lie over each other.
    overlaps: Vec<FaultView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct FaultView {
    area_m2: f64,
    /// Codes of the grids that touch it.
    between: Vec<String>,
    /// A GeoJSON geometry.
    #[schema(value_type = Object)]
    geometry: Value,
}

/// Gaps and overlaps after some edits that are not stored yet.
#[utoipa::path(post, path = "/api/check/grids", tag = "edit", operation_id = "checkGridEdits",
    params(super::openapi::LangQuery), request_body = CheckQuestion,
    responses((status = 200, description = "What would be wrong", body = CheckView),
        (status = 422, description = "A grid is not sound by itself: `problems`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn check(
    State(state): State<AppState>,
    params: Params,
    request: Request,
) -> Result<Json<CheckView>, Error> {
    params.finish()?;
    let question: CheckQuestion = body::read(request, body::WHOLE).await?;
    let checked = state
        .ask(move |snapshot, scope| Ok(would_be(snapshot, scope, &question)))
        .await?;
    checked
        .map(Json)
        .map_err(|faults| refusal(&state, Refused::Faults(faults), true))
}

fn would_be(
    snapshot: &Snapshot,
    scope: &crate::model::Scope,
    question: &CheckQuestion,
) -> Result<CheckView, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut gone: Vec<i64> = question.delete.clone();
    let mut put: Vec<Grid> = Vec::new();
    let extra = snapshot.district.extra_columns(LayerName::Grids);
    for (index, feature) in question.put.iter().enumerate() {
        let id = feature.get("id").and_then(Value::as_i64);
        let current = id.and_then(|id| snapshot.grids.by_id(FeatureId(id)));
        let current = current.map(|grid| Items::Grids(vec![Grid::clone(grid)]));
        let options = Options::default();
        match read_feature(LayerName::Grids, feature, &options, extra, current.as_ref()) {
            Ok(typed) => {
                let Items::Grids(rows) = typed.item else {
                    continue;
                };
                gone.extend(id.filter(|_| current.is_some()));
                // New ones get ids that no store has given.
                let free = i64::MAX - index as i64;
                put.extend(rows.into_iter().map(|mut grid| {
                    let known = id.filter(|_| current.is_some());
                    grid.meta.id = FeatureId(known.unwrap_or(free));
                    grid
                }));
            }
            Err(problem) => faults.push(Fault::of(index, problem)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let stays = |grid: &&std::sync::Arc<Grid>| !gone.contains(&grid.meta.id.0);
    let kept = snapshot.grids.items().iter().filter(stays);
    put.extend(kept.map(|grid| Grid::clone(grid)));
    let rows = ChangeSet {
        grids: put.into(),
        ..ChangeSet::default()
    };
    let day = question.on.unwrap_or_else(|| snapshot.today());
    let then = Snapshot::build(rows, snapshot.revision, day);
    let mut view = CheckView {
        gaps: Vec::new(),
        overlaps: Vec::new(),
    };
    let code = |id: FeatureId| then.grids.by_id(id).map(|grid| grid.code.clone());
    let geometry = |shape: &geo::MultiPolygon<f64>| json!(geojson::Geometry::from(shape));
    for kind in query::check_grids(&then, scope) {
        view.overlaps
            .extend(kind.overlaps.iter().map(|found| FaultView {
                area_m2: found.area_m2,
                between: [found.a, found.b].into_iter().filter_map(code).collect(),
                geometry: geometry(&found.shape),
            }));
        view.gaps.extend(kind.gaps.iter().map(|found| FaultView {
            area_m2: found.area_m2,
            between: query::grids_touching(&then, &found.shape, kind.kind),
            geometry: geometry(&found.shape),
        }));
    }
    Ok(view)
}
