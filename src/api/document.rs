//! `GET /openapi.json`: OpenAPI 3.1, made from the handlers themselves, and
//! `GET /api.html`, the same for reading.

use std::sync::OnceLock;

use axum::extract::State;
use axum::response::Response;
use utoipa::OpenApi;

use super::encode::{etag, is_fresh, not_modified, tagged};
use super::error::Error;
use super::html::Page;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;

/// Media type of the document.
const OPENAPI_JSON: &str = "application/vnd.oai.openapi+json;version=3.1";

/// The document.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "gridmap",
        description = "网格地图数据服务 · Data service of the neighbourhood grid map. \
            OGC API - Features 1.0 core; vector tiles; counts and analyses. \
            Every address refuses parameters it does not know.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "ogc", description = "OGC API - Features"),
        (name = "tiles", description = "Vector tiles and their style"),
        (name = "map", description = "What the browser map needs"),
        (name = "analysis", description = "Counts and look-ups"),
        (name = "edit", description = "Changes, their history, and settings"),
        (name = "server", description = "The server itself"),
    ),
    paths(
        super::landing::landing,
        super::conformance::conformance,
        openapi,
        super::collections::collections,
        super::collections::collection,
        super::items::items,
        super::items::item,
        super::item_edits::create,
        super::item_edits::replace,
        super::item_edits::update,
        super::item_edits::delete,
        super::edits::edits,
        super::history::history,
        super::history::restore,
        super::tiles::tile,
        super::tilejson::tilejson,
        super::style::style,
        super::meta::meta,
        super::counts::counts,
        super::stats::grids,
        super::histogram::histogram,
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
    let tag = etag(&[&state.run, "openapi"]);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    Ok(tagged(tag, OPENAPI_JSON, document()))
}

fn document() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut document = Document::openapi();
        document.info.version = env!("CARGO_PKG_VERSION").to_owned();
        document.to_json().unwrap_or_default()
    })
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
                    utoipa::openapi::RefOr::T(parameter) => Some(parameter.name),
                    utoipa::openapi::RefOr::Ref(_) => None,
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
