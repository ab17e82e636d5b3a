//! `/api/grids/propose`: the grid maker. A proposal is made in the background,
//! changed by hand, and saved as grids.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use geo::{BoundingRect, Geometry, MultiPolygon};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::body;
use super::edits::EditsView;
use super::error::Error;
use super::extract::Segments;
use super::grid_edits::{apply, label};
use super::item_edits::audit;
use super::lang::Lang;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::format::check_rings;
use crate::index::Snapshot;
use crate::model::{GridKind, StreetClass};
use crate::partition::{self, AdjustError, BorderLine, Ground, Options, Proposal, Site, Wanted};
use crate::service::ProposalState;
use crate::service::edit::replace_grids;
use crate::tile::Bounds;

/// What to propose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposeQuestion {
    /// `{"community": name}`, a GeoJSON polygon or multi-polygon, or nothing
    /// for all basic grids of today.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    boundary: Option<Value>,
    /// Households per grid.
    #[serde(default)]
    households: Option<f64>,
    /// Or so many grids.
    #[serde(default)]
    grids: Option<usize>,
    /// How far a grid may be off, percent of the wanted size; 20 unless told.
    #[serde(default)]
    tolerance_pct: Option<f64>,
    /// The same seed gives the same grids; 1 unless told.
    #[serde(default)]
    seed: Option<u64>,
}

/// Begins a proposal.
#[utoipa::path(post, path = "/api/grids/propose", tag = "edit", operation_id = "proposeGrids",
    params(super::openapi::LangQuery), request_body = ProposeQuestion,
    responses((status = 202, description = "`id`; ask at `Location` how far it is", body = Object),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn propose(
    State(state): State<AppState>,
    params: Params,
    request: Request,
) -> Result<Response, Error> {
    params.finish()?;
    let question: ProposeQuestion = body::read(request, body::WHOLE).await?;
    let options = options(&question)?;
    let ground = state
        .ask(move |snapshot, _| ground(snapshot, question.boundary.as_ref()))
        .await?;
    let id = state.proposals.begin(ground, options).ok_or_else(|| {
        Error::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "已有多个方案正在生成或未保存，请先取消一个",
            "several proposals are being made or wait to be saved; cancel one first",
        )
    })?;
    let place = HeaderValue::try_from(format!("/api/grids/propose/{id}"));
    let mut response = (StatusCode::ACCEPTED, Json(json!({"id": id}))).into_response();
    response
        .headers_mut()
        .insert(header::LOCATION, place.map_err(Error::internal)?);
    Ok(response)
}

fn options(question: &ProposeQuestion) -> Result<Options, Error> {
    let bad = |zh: &str, en: &str| Err(Error::body(zh, en));
    let wanted = match (question.households, question.grids) {
        (Some(n), None) if (1.0..=1e6).contains(&n) => Wanted::Households(n),
        (None, Some(n)) if (1..=2000).contains(&n) => Wanted::Grids(n),
        _ => {
            return bad(
                "households（每格户数）和 grids（网格数）应给出其中一个",
                "give either `households` per grid or the number of `grids`",
            );
        }
    };
    let tolerance = question.tolerance_pct.unwrap_or(20.0);
    if !(1.0..=100.0).contains(&tolerance) {
        return bad("tolerance_pct 应为 1 到 100", "`tolerance_pct` is 1 to 100");
    }
    Ok(Options {
        wanted,
        tolerance: tolerance / 100.0,
        seed: question.seed.unwrap_or(1),
        ..Options::default()
    })
}

/// Streets and compounds around a boundary.
fn ground(snapshot: &Snapshot, boundary: Option<&Value>) -> Result<Ground, Error> {
    let boundary = match boundary {
        None | Some(Value::Null) => of_community(snapshot, None)?,
        Some(Value::Object(members)) if members.is_empty() => of_community(snapshot, None)?,
        Some(value) => match value.get("community").and_then(Value::as_str) {
            Some(name) => of_community(snapshot, Some(name))?,
            None => drawn(value)?,
        },
    };
    let Some(rect) = boundary.bounding_rect() else {
        return Err(no_boundary());
    };
    let around = Bounds {
        west: rect.min().x,
        south: rect.min().y,
        east: rect.max().x,
        north: rect.max().y,
    };
    let streets = snapshot.streets.touching(&around).into_iter();
    let streets = streets.map(|slot| snapshot.streets.get(slot));
    let compounds = snapshot.compounds.touching(&around).into_iter();
    Ok(Ground {
        // Nobody divides a grid along a footpath.
        lines: streets
            .filter(|street| street.class != StreetClass::Path)
            .map(|street| BorderLine::from(street.as_ref()))
            .collect(),
        compounds: compounds
            .map(|slot| Site::from(snapshot.compounds.get(slot).as_ref()))
            .collect(),
        boundary,
        ..Ground::default()
    })
}

/// The basic grids of today, of one community or all, as one area.
fn of_community(snapshot: &Snapshot, name: Option<&str>) -> Result<MultiPolygon, Error> {
    let grids = snapshot.grids.items().iter().filter(|grid| {
        grid.kind == GridKind::Basic
            && grid.valid_on(snapshot.today())
            && name.is_none_or(|name| grid.community == name)
    });
    let areas: Vec<&MultiPolygon> = grids.map(|grid| &grid.area).collect();
    if areas.is_empty() {
        return Err(no_boundary());
    }
    Ok(geo::unary_union(areas.into_iter().flatten()))
}

fn drawn(value: &Value) -> Result<MultiPolygon, Error> {
    let geometry = value.get("geometry").unwrap_or(value);
    let parsed = serde_json::from_value::<geojson::Geometry>(geometry.clone())
        .ok()
        .and_then(|shape| Geometry::<f64>::try_from(shape).ok());
    let area = match parsed {
        Some(Geometry::Polygon(part)) => MultiPolygon(vec![part]),
        Some(Geometry::MultiPolygon(area)) => area,
        _ => return Err(no_boundary()),
    };
    let off = area
        .iter()
        .flat_map(|part| &part.exterior().0)
        .any(|at| crate::crs::on_globe(*at).is_err());
    if off {
        return Err(no_boundary());
    }
    check_rings(&area).map_err(|reason| Error::body(reason.zh(), reason.en()))?;
    Ok(area)
}

fn no_boundary() -> Error {
    Error::body(
        "boundary 应为有基础网格的社区名 {\"community\": …}，或 GeoJSON 多边形",
        "`boundary` must be {\"community\": …} with basic grids, or a GeoJSON polygon",
    )
}

/// How far a proposal is, and what it says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProposalView {
    id: String,
    /// `running`, `ready` or `failed`.
    state: &'static str,
    /// `cutting`: lines are cut where they meet; `dividing`: faces become
    /// grids; null when it is done.
    step: Option<&'static str>,
    /// Steps done, of two.
    done: u8,
    total: u8,
    /// Faces, grids and how even they are.
    #[schema(value_type = Option<Object>)]
    proposal: Option<Value>,
    /// Why there is none: `code` and `detail`.
    #[schema(value_type = Option<Object>)]
    error: Option<Value>,
}

fn view(id: &str, state: &ProposalState, lang: Lang) -> ProposalView {
    let mut view = ProposalView {
        id: id.to_owned(),
        state: "running",
        step: None,
        done: 0,
        total: 2,
        proposal: None,
        error: None,
    };
    match state {
        ProposalState::Cutting => view.step = Some("cutting"),
        ProposalState::Dividing { .. } => {
            view.step = Some("dividing");
            view.done = 1;
        }
        ProposalState::Ready(proposal) => {
            view.state = "ready";
            view.done = 2;
            view.proposal = Some(proposal_json(proposal, lang));
        }
        ProposalState::Failed(error) => {
            view.state = "failed";
            let (zh, en) = (error.zh(), error.en());
            let detail = lang.pick(zh.as_str(), en.as_str());
            view.error = Some(json!({"code": error.code(), "detail": detail}));
        }
    }
    view
}

fn proposal_json(proposal: &Proposal, lang: Lang) -> Value {
    let faces = proposal.faces.polygons.iter().enumerate().map(|(n, area)| {
        json!({
            "type": "Feature", "id": n, "geometry": geojson::Geometry::from(area),
            "properties": {"id": n, "grid": proposal.grid_of[n],
                "households": proposal.faces.households[n], "area_m2": proposal.faces.area_m2[n]},
        })
    });
    let grids = proposal.grids.iter().enumerate().map(|(n, grid)| {
        json!({
            "type": "Feature", "id": n, "geometry": geojson::Geometry::from(&grid.area),
            "properties": {"id": n, "households": grid.households, "area_m2": grid.area_m2,
                "faces": grid.faces, "neighbours": grid.neighbours,
                "compactness": grid.compactness, "why": grid.why},
        })
    });
    let problems = proposal.problems.iter().map(|problem| {
        let mut json = json!(problem);
        let (zh, en) = (problem.zh(), problem.en());
        json["detail"] = lang.pick(zh.as_str(), en.as_str()).into();
        json
    });
    let collection = |features: Value| json!({"type": "FeatureCollection", "features": features});
    json!({
        "faces": collection(faces.collect()),
        "grids": collection(grids.collect()),
        "balance": proposal.balance,
        "problems": problems.collect::<Vec<_>>(),
    })
}

fn gone() -> Error {
    Error::not_found(
        "这个方案，或它已过期（30 分钟无人查看即丢弃）",
        "such proposal, or it has expired (kept for 30 minutes after the last look)",
    )
}

/// How far a proposal is.
#[utoipa::path(get, path = "/api/grids/propose/{id}", tag = "edit", operation_id = "getProposal",
    params(super::openapi::ProposalPath, super::openapi::LangQuery),
    responses((status = 200, description = "How far it is, and what it says", body = ProposalView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn get(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    asked: Asked,
    params: Params,
) -> Result<Json<ProposalView>, Error> {
    params.finish()?;
    let found = state.proposals.ask(&id).ok_or_else(gone)?;
    let lang = asked.lang;
    state
        .ask(move |_, _| Ok(Json(view(&id, &found, lang))))
        .await
}

/// Cancels a proposal.
#[utoipa::path(delete, path = "/api/grids/propose/{id}", tag = "edit", operation_id = "cancelProposal",
    params(super::openapi::ProposalPath, super::openapi::LangQuery),
    responses((status = 204, description = "It is gone"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn cancel(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    params: Params,
) -> Result<StatusCode, Error> {
    params.finish()?;
    if state.proposals.forget(&id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(gone())
    }
}

/// A face to be moved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveQuestion {
    face: u32,
    /// The grid that it goes to.
    grid: u32,
}

/// Moves a face of a proposal to a neighbouring grid.
#[utoipa::path(post, path = "/api/grids/propose/{id}/move", tag = "edit", operation_id = "moveFace",
    params(super::openapi::ProposalPath, super::openapi::LangQuery), request_body = MoveQuestion,
    responses((status = 200, description = "The proposal as it is now", body = ProposalView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn move_face(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    asked: Asked,
    params: Params,
    request: Request,
) -> Result<Json<ProposalView>, Error> {
    params.finish()?;
    let question: MoveQuestion = body::read(request, body::WHOLE).await?;
    let (proposals, lang) = (state.proposals.clone(), asked.lang);
    state
        .ask(move |_, _| {
            let change =
                |proposal: &Proposal| partition::move_face(proposal, question.face, question.grid);
            let changed = proposals.adjust(&id, change).ok_or_else(gone)?;
            let proposal = changed.map_err(|error: AdjustError| {
                Error::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "cannot-move",
                    error.zh(),
                    error.en(),
                )
            })?;
            Ok(Json(view(&id, &ProposalState::Ready(proposal), lang)))
        })
        .await
}

/// How to keep a proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaveQuestion {
    /// Codes are this and three digits.
    prefix: String,
    /// The community of the grids.
    community: String,
    /// The day on which the old grids end and these begin; without it, the old
    /// ones are taken away and these hold for the past too.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    valid_from: Option<Date>,
}

/// Keeps a proposal as grids, in the place of those that lie inside of it.
#[utoipa::path(post, path = "/api/grids/propose/{id}/save", tag = "edit", operation_id = "saveProposal",
    params(super::openapi::ProposalPath, super::openapi::LangQuery), request_body = SaveQuestion,
    responses((status = 200, description = "All that was changed, the new grids last", body = EditsView),
        (status = 422, description = "It cannot be kept so: `problems`",
            body = super::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn save(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    params: Params,
    request: Request,
) -> Result<Json<EditsView>, Error> {
    params.finish()?;
    let question: SaveQuestion = body::read(request, body::WHOLE).await?;
    let (prefix, community) = (label(&question.prefix)?, label(&question.community)?);
    let Some(ProposalState::Ready(proposal)) = state.proposals.ask(&id) else {
        return Err(gone());
    };
    let plan = move |snapshot: &Snapshot| {
        let day = question.valid_from;
        let grids = partition::to_grids(&proposal, &prefix, &community, day);
        replace_grids(snapshot, grids, day)
    };
    let saved = apply(&state, audit("propose", String::new()), plan).await?;
    state.proposals.forget(&id);
    Ok(saved)
}
