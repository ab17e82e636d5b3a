//! `GET /openapi.json`: OpenAPI 3.1, made from the handlers themselves, and
//! `GET /api.html`, the same for reading.

use axum::extract::State;
use axum::response::Response;
use utoipa::OpenApi;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Required};

use super::encode::{etag, is_fresh, not_modified, tagged};
use super::error::Error;
use super::html::Page;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::model::{ExtraColumn, ExtraType, LayerName};
use crate::query::EXTRA_PREFIX;

/// Media type of the document.
const OPENAPI_JSON: &str = "application/vnd.oai.openapi+json;version=3.1";

/// The document.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "gridmap",
        description = "网格地图数据服务 · Data service of the neighbourhood grid map. \
            OGC API - Features 1.0 core; vector tiles; counts and analyses. \
            Every address refuses parameters it does not know. \
            Each extra column kept at import is a filter too, as x.<column>: \
            texts, or numbers and days as A..B; those of the incidents are listed here.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "ogc", description = "OGC API - Features"),
        (name = "tiles", description = "Vector tiles and their style"),
        (name = "map", description = "What the browser map needs"),
        (name = "analysis", description = "Counts and look-ups"),
        (name = "import", description = "Files as batches: upload, look, store, undo"),
        (name = "edit", description = "Changes, their history, and settings"),
        (name = "server", description = "The server itself"),
    ),
    paths(
        super::landing::landing,
        super::conformance::conformance,
        openapi,
        super::collections::collections,
        super::collections::collection,
        super::queryables::queryables,
        super::items::items,
        super::items::item,
        super::item_edits::create,
        super::item_edits::replace,
        super::item_edits::update,
        super::item_edits::delete,
        super::edits::edits,
        super::grid_edits::check,
        super::grid_edits::split,
        super::grid_edits::merge,
        super::proposals::propose,
        super::proposals::get,
        super::proposals::cancel,
        super::proposals::move_face,
        super::proposals::save,
        super::history::history,
        super::history::restore,
        super::settings::get,
        super::settings::put,
        super::settings::history,
        super::categories::get,
        super::categories::put,
        super::tiles::tile,
        super::tilejson::tilejson,
        super::backgrounds::ground,
        super::backgrounds::list,
        super::backgrounds::tile,
        super::backgrounds::labels,
        super::style::style,
        super::meta::meta,
        super::counts::counts,
        super::stats::grids,
        super::histogram::histogram,
        super::values::values,
        super::here::here,
        super::nearest::nearest,
        super::within::within,
        super::along::along,
        super::inside::inside,
        super::search::search,
        super::summary::summary,
        super::export::export,
        super::check::grids,
        super::events::events,
        super::map_image::map_image,
        super::imports::upload,
        super::imports::session,
        super::imports::cancel,
        super::imports::choose,
        super::imports::progress,
        super::imports::rows,
        super::imports::places,
        super::imports::rejected,
        super::imports::commit,
        super::writes::writes,
        super::writes::plan,
        super::writes::undo,
        super::health::healthz,
    ),
    components(schemas(super::error::Problem)),
)]
pub(super) struct Document;

/// The interface as OpenAPI 3.1.
#[utoipa::path(get, path = "/openapi.json", tag = "ogc", operation_id = "getOpenApi",
    params(super::openapi::LangQuery),
    responses((status = 200, description = "The document", body = Object,
            content_type = "application/vnd.oai.openapi+json;version=3.1"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn openapi(
    State(state): State<AppState>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    let snapshot = state.service.snapshot();
    let columns = snapshot.district.extra_columns(LayerName::Incidents);
    let tag = etag(&[&state.run, "openapi", &format!("{columns:?}")]);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    Ok(tagged(tag, OPENAPI_JSON, document(columns)))
}

/// The document of a server that keeps these columns of the incidents.
fn document(columns: &[ExtraColumn]) -> String {
    let mut document = Document::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    for item in document.paths.paths.values_mut() {
        // Where the filter grammar is taken, it takes the columns too.
        let parameters = item.get.as_mut().and_then(|get| get.parameters.as_mut());
        let filters =
            |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(p) if p.name == "placed");
        if let Some(parameters) = parameters.filter(|list| list.iter().any(filters)) {
            parameters.extend(columns.iter().map(|column| RefOr::T(of_column(column))));
        }
    }
    document.to_json().unwrap_or_default()
}

fn of_column(column: &ExtraColumn) -> Parameter {
    let (pattern, description) = match column.extra_type {
        ExtraType::Text => (None, "Texts, any of which pass; a comma inside one is %2C."),
        ExtraType::Number => (
            Some(r"^-?[0-9.eE-]+$|^(-?[0-9.eE-]+)?\.\.(-?[0-9.eE-]+)?$"),
            "Numbers or ranges A..B, either side open.",
        ),
        ExtraType::Date => (
            Some(r"^\d{4}-\d\d-\d\d$|^(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?$"),
            "Days or ranges A..B, both included, either side open.",
        ),
    };
    let item = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(pattern);
    ParameterBuilder::new()
        .name(format!("{EXTRA_PREFIX}{}", column.name))
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .schema(Some(ArrayBuilder::new().items(item).min_items(Some(1))))
        .build()
}

/// `GET /api.html`: the operations as a table.
pub(super) async fn page(
    State(state): State<AppState>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    params.finish()?;
    let lang = asked.lang;
    let tag = etag(&[&state.run, "api.html", lang.tag()]);
    let mut page = Page::new(lang, lang.pick("接口说明", "The interface"), None);
    page.raw("<p>");
    page.anchor("/openapi.json", "OpenAPI 3.1");
    page.raw("</p>\n<div class=\"scroll\" tabindex=\"0\">\n<table>\n<tbody>\n");
    for (path, item) in Document::openapi().paths.paths {
        for (method, operation) in [
            ("GET", item.get),
            ("POST", item.post),
            ("PUT", item.put),
            ("PATCH", item.patch),
            ("DELETE", item.delete),
        ] {
            let Some(operation) = operation else {
                continue;
            };
            page.raw("<tr><td>");
            page.element("code", &format!("{method} {path}"));
            page.raw("</td>");
            let names: Vec<String> = operation
                .parameters
                .unwrap_or_default()
                .into_iter()
                .filter_map(|parameter| match parameter {
                    RefOr::T(parameter) => Some(parameter.name),
                    RefOr::Ref(_) => None,
                })
                .collect();
            page.cell(operation.summary.as_deref().unwrap_or_default(), false);
            page.cell(&names.join(", "), false);
            page.raw("</tr>\n");
        }
    }
    page.raw("</tbody>\n</table>\n</div>\n");
    Ok(page.finish(tag))
}
