//! `GET`, `DELETE /api/imports/{id}` and `PUT /api/imports/{id}/options`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::error::Error;
use super::super::extract::{JsonBody, Segments};
use super::super::lang::Lang;
use super::super::params::Params;
use super::super::state::AppState;
use super::commit::StoredView;
use super::words;
use crate::model::{GroundClass, GroundCounts, GroundFacts};
use crate::service::imports::{
    Candidate, Choices, Column, Counts, CrsInfo, Failure, Look, NewWord, OptionsError,
    ProblemGroup, Progress, Session, Sketch, Staged, State as At,
};

/// An import: where it is and what is known.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct SessionView {
    id: String,
    /// `reading`, `checking`, `ready`, `storing`, `done`, `failed`, `cancelled`.
    #[schema(example = "ready")]
    state: &'static str,
    file: FileView,
    /// The layer that the rows go to.
    layer: Option<&'static str>,
    /// The layer that the headings speak of.
    guessed_layer: Option<&'static str>,
    progress: ProgressView,
    sheets: Vec<SheetView>,
    encodings: Vec<EncodingView>,
    columns: Vec<ColumnView>,
    /// What the layer takes.
    fields: Vec<FieldView>,
    crs: CrsView,
    /// Null until the rows are read.
    counts: Option<CountsView>,
    /// The background in the file; null for files that have none.
    background: Option<BackgroundPartView>,
    /// What was masked in texts, by kind.
    masked: BTreeMap<String, u64>,
    /// Columns about persons, left out.
    dropped_columns: Vec<String>,
    new_categories: Vec<NewWordView>,
    problems: Vec<ProblemView>,
    profile: ProfileView,
    /// What storing brought.
    result: Option<StoredView>,
    /// Why it cannot go on; other options may help while the state is `failed`.
    error: Option<ErrorView>,
    options: Choices,
}

#[derive(Debug, Serialize, ToSchema)]
struct FileView {
    /// Masked, without folders.
    names: Vec<String>,
    size_bytes: u64,
    /// `csv`, `xlsx`, `shapefile` …; empty until it is known.
    format: String,
}

/// How far an import is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProgressView {
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// `reading`, `checking`, `comparing` or `storing`.
    step: &'static str,
    /// Rows.
    done: u64,
    /// Rows; 0 while not known.
    total: u64,
    rows_per_s: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct SheetView {
    name: String,
    rows: u64,
    chosen: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct EncodingView {
    name: String,
    /// One line as this encoding reads it, masked.
    sample: String,
    chosen: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct ColumnView {
    name: String,
    /// The field it is taken for.
    field: Option<String>,
    /// Kept as an extra column.
    kept: bool,
    /// About persons: nothing of it is kept or shown.
    personal: bool,
    /// `text`, `number` or `date`.
    #[serde(rename = "type")]
    column_type: String,
    filled_share: f64,
    /// At most five, masked.
    samples: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportField)]
struct FieldView {
    name: String,
    title: String,
    required: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct CrsView {
    named_by_file: Option<String>,
    remembered: Option<String>,
    chosen: Option<String>,
    /// It has to be chosen before the rows can be stored.
    undecided: bool,
    candidates: Vec<CandidateView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CandidateView {
    crs: String,
    title: String,
    /// Of the sample, inside of the district, 0 to 1.
    inside_share: f64,
    /// Median distance from the named place, metres.
    median_m: Option<f64>,
    /// Longitude and latitude, at most sixty.
    points: Vec<[f64; 2]>,
    axis_swapped: bool,
    best: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportCounts)]
struct CountsView {
    /// `new` + `updated` + `unchanged` + `rejected`.
    read: u64,
    new: u64,
    updated: u64,
    unchanged: u64,
    rejected: u64,
    /// Part of the accepted.
    to_confirm: u64,
    /// Part of the accepted.
    unplaced: u64,
    masked: u64,
}

/// The ground of an OpenStreetMap extract.
#[derive(Debug, Serialize, ToSchema)]
struct BackgroundPartView {
    /// It is stored with the rows.
    taken: bool,
    /// Pieces by class; null until they are read, and when it is not taken.
    #[schema(value_type = Option<Object>)]
    counts: Option<GroundCounts>,
    /// Areas and lines left out: open, or crossing themselves.
    dropped: u64,
    /// West, south, east, north of what it is cut to; null for the whole file.
    within: Option<[f64; 4]>,
    /// The background that is there now.
    replaces: Option<ReplacedView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ReplacedView {
    file: String,
    /// Unix seconds.
    imported_at: i64,
}

/// A word that the category tree does not know.
#[derive(Debug, Serialize, ToSchema)]
struct NewWordView {
    word: String,
    rows: u64,
    /// The kind of the new category; null when the word does not tell it and
    /// its rows are refused.
    kind: Option<&'static str>,
    /// The code of the new category; choosing it confirms it.
    code: Option<String>,
    /// It was confirmed.
    chosen: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct ProblemView {
    code: String,
    title: String,
    /// `rejected`, `repaired` or `warning`.
    severity: &'static str,
    rows: u64,
    first_rows: Vec<u64>,
    what_happens: String,
    /// What the page can offer: `none`, `crs`, `mapping`, `places`, `encoding`, `category`, `sheet`.
    action: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct ProfileView {
    name: Option<String>,
    /// Profiles whose columns this file has.
    available: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ErrorView {
    code: String,
    detail: String,
}

/// An import: state, numbers, columns, problems.
#[utoipa::path(get, path = "/api/imports/{id}", tag = "import", operation_id = "getImport",
    params(crate::api::openapi::ImportPath, crate::api::openapi::LangQuery),
    responses((status = 200, description = "The import", body = SessionView),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn session(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    params: Params,
) -> Result<Response, Error> {
    let lang = params.lang;
    params.finish()?;
    let session = super::find(&state, &id)?;
    let available = state.imports.profiles_for(&session);
    let snapshot = state.service.snapshot();
    let view = view(&session, available, snapshot.ground.facts(), lang);
    let mut response = Json(view).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    Ok(response)
}

/// Gives an import up; nothing of it is stored.
#[utoipa::path(delete, path = "/api/imports/{id}", tag = "import", operation_id = "cancelImport",
    params(crate::api::openapi::ImportPath, crate::api::openapi::LangQuery),
    responses((status = 204, description = "Given up"),
        (status = 409, description = "It is just being stored", body = crate::api::error::Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn cancel(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    params: Params,
) -> Result<StatusCode, Error> {
    params.finish()?;
    let session = super::find(&state, &id)?;
    if state.imports.cancel(&session) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Error::new(
        StatusCode::CONFLICT,
        "being-stored",
        "正在入库，不能取消；完成后可以整批撤销",
        "it is just being stored and cannot be given up; it can be undone afterwards",
    ))
}

/// Changes the options of an import; the file is read again.
#[utoipa::path(put, path = "/api/imports/{id}/options", tag = "import", operation_id = "setImportOptions",
    params(crate::api::openapi::ImportPath, crate::api::openapi::LangQuery),
    request_body = Choices,
    responses((status = 202, description = "It is being read again"),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn choose(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    params: Params,
    JsonBody(choices): JsonBody<Choices>,
) -> Result<StatusCode, Error> {
    params.finish()?;
    let session = super::find(&state, &id)?;
    match state.imports.choose(&session, choices) {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(OptionsError::Objection((zh, en))) => Err(Error::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad-options",
            zh,
            en,
        )),
        Err(OptionsError::Over(at)) => {
            let (zh, en) = match at {
                At::Storing => ("正在入库，不能再改选项", "it is just being stored"),
                At::Done => ("已经入库，不能再改选项", "it is stored already"),
                _ => (
                    "这个导入已结束，请重新上传",
                    "this import is over; upload the file again",
                ),
            };
            Err(Error::new(StatusCode::CONFLICT, "import-over", zh, en))
        }
    }
}

impl ProgressView {
    /// As part of a session, which has the state itself.
    fn part(progress: &Progress) -> ProgressView {
        ProgressView {
            state: None,
            step: progress.step,
            done: progress.done,
            total: progress.total,
            rows_per_s: progress.rows_per_s,
        }
    }

    /// As an event of its own.
    pub(super) fn event(progress: &Progress) -> ProgressView {
        ProgressView {
            state: Some(progress.state.as_str()),
            ..ProgressView::part(progress)
        }
    }
}

fn view(
    session: &Session,
    available: Vec<String>,
    now: Option<&GroundFacts>,
    lang: Lang,
) -> SessionView {
    let look = session.look();
    let sketch = look.sketch.clone().unwrap_or_default();
    let guessed = sketch.guessed_layer;
    let staged = look.staged.as_deref();
    SessionView {
        id: session.id.clone(),
        state: look.progress.state.as_str(),
        file: FileView {
            names: session.names.clone(),
            size_bytes: session.size_bytes,
            format: sketch.format.clone(),
        },
        layer: look.choices.layer.or(guessed).map(|layer| layer.as_str()),
        guessed_layer: guessed.map(|layer| layer.as_str()),
        progress: ProgressView::part(&look.progress),
        sheets: sheets(&sketch),
        encodings: encodings(&sketch),
        columns: sketch.columns.iter().map(column).collect(),
        fields: fields(&sketch, lang),
        crs: crs(&look.crs, lang),
        counts: look.counts.as_ref().map(counts),
        background: background(&look, &sketch, now),
        masked: staged.map_or_else(BTreeMap::new, |s| s.masked.iter().cloned().collect()),
        dropped_columns: dropped(staged, &sketch),
        new_categories: staged.map_or_else(Vec::new, |s| s.words.iter().map(new_word).collect()),
        problems: problems(&look, staged, lang),
        profile: ProfileView {
            name: look.choices.profile.clone(),
            available,
        },
        result: look.stored.as_ref().map(StoredView::new),
        error: look.failure.as_ref().map(|failure| error(failure, lang)),
        options: look.choices,
    }
}

fn background(
    look: &Look,
    sketch: &Sketch,
    now: Option<&GroundFacts>,
) -> Option<BackgroundPartView> {
    if !sketch.has_ground() {
        return None;
    }
    let taken = look.choices.background;
    let staged = look.staged.as_ref().filter(|_| taken);
    let ground = staged.and_then(|staged| staged.ground.as_ref());
    let none = || staged.map(|_| GroundClass::ALL.iter().map(|class| (*class, 0)).collect());
    Some(BackgroundPartView {
        taken,
        counts: ground.map(|g| g.ground.facts.counts.clone()).or_else(none),
        dropped: ground.map_or(0, |ground| ground.dropped),
        within: ground.and_then(|ground| ground.within),
        replaces: now.map(|facts| ReplacedView {
            file: facts.file.clone(),
            imported_at: facts.imported_at.0,
        }),
    })
}

fn sheets(sketch: &Sketch) -> Vec<SheetView> {
    let sheets = sketch.sheets.iter().map(|sheet| SheetView {
        name: sheet.name.clone(),
        rows: sheet.rows,
        chosen: sheet.chosen,
    });
    sheets.collect()
}

fn encodings(sketch: &Sketch) -> Vec<EncodingView> {
    let encodings = sketch.encodings.iter().map(|encoding| EncodingView {
        name: encoding.name.clone(),
        sample: encoding.sample.clone(),
        chosen: encoding.chosen,
    });
    encodings.collect()
}

fn column(column: &Column) -> ColumnView {
    ColumnView {
        name: column.name.clone(),
        field: column.field.clone(),
        kept: column.kept,
        personal: column.personal,
        column_type: column.column_type.clone(),
        filled_share: column.filled_share,
        samples: column.samples.clone(),
    }
}

fn fields(sketch: &Sketch, lang: Lang) -> Vec<FieldView> {
    let fields = sketch.fields.iter().map(|field| FieldView {
        name: field.name.clone(),
        title: lang.pick(&field.zh, &field.en).clone(),
        required: field.required,
    });
    fields.collect()
}

fn crs(info: &CrsInfo, lang: Lang) -> CrsView {
    CrsView {
        named_by_file: info.named.clone(),
        remembered: info.remembered.clone(),
        chosen: info.chosen.clone(),
        undecided: info.undecided,
        candidates: info.candidates.iter().map(|c| candidate(c, lang)).collect(),
    }
}

fn candidate(candidate: &Candidate, lang: Lang) -> CandidateView {
    CandidateView {
        title: words::crs_title(&candidate.crs, lang),
        crs: candidate.crs.clone(),
        inside_share: candidate.inside_share,
        median_m: candidate.median_m,
        points: candidate.points.clone(),
        axis_swapped: candidate.axis_swapped,
        best: candidate.best,
    }
}

fn counts(counts: &Counts) -> CountsView {
    CountsView {
        read: counts.read,
        new: counts.new,
        updated: counts.updated,
        unchanged: counts.unchanged,
        rejected: counts.rejected,
        to_confirm: counts.to_confirm,
        unplaced: counts.unplaced,
        masked: counts.masked,
    }
}

/// As the rows say, and before they are read as the headings say.
fn dropped(staged: Option<&Staged>, sketch: &Sketch) -> Vec<String> {
    match staged {
        Some(staged) => staged.dropped_columns.clone(),
        None => {
            let personal = sketch.columns.iter().filter(|column| column.personal);
            personal.map(|column| column.name.clone()).collect()
        }
    }
}

fn new_word(word: &NewWord) -> NewWordView {
    NewWordView {
        word: word.word.clone(),
        rows: word.rows,
        kind: word
            .category
            .as_ref()
            .map(|category| category.kind.as_str()),
        code: word.category.as_ref().map(|category| category.code.clone()),
        chosen: word.chosen,
    }
}

fn problems(look: &Look, staged: Option<&Staged>, lang: Lang) -> Vec<ProblemView> {
    let Some(staged) = staged else {
        return Vec::new();
    };
    let mut views: Vec<ProblemView> = Vec::new();
    if look.crs.undecided {
        views.push(ProblemView {
            code: "crs_undecided".to_owned(),
            title: lang.pick("坐标系未定", "Coordinate system not chosen").to_owned(),
            severity: "warning",
            rows: 0,
            first_rows: Vec::new(),
            what_happens: lang
                .pick(
                    "选定之前不能入库；选错会偏几百米",
                    "Nothing can be stored before it is chosen; a wrong one is off by hundreds of metres",
                )
                .to_owned(),
            action: "crs",
        });
    }
    views.extend(
        staged
            .problems
            .iter()
            .map(|group| problem(group, staged, lang)),
    );
    views
}

fn problem(group: &ProblemGroup, staged: &Staged, lang: Lang) -> ProblemView {
    ProblemView {
        code: group.code.clone(),
        title: words::title(&group.code, lang).to_owned(),
        severity: group.severity.as_str(),
        rows: group.rows,
        first_rows: group.first_rows.clone(),
        what_happens: words::what_happens(group, staged, lang),
        action: words::action(&group.code),
    }
}

fn error(failure: &Failure, lang: Lang) -> ErrorView {
    ErrorView {
        code: failure.code.clone(),
        detail: lang.pick(&failure.zh, &failure.en).clone(),
    }
}
