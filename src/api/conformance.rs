//! `GET /conformance`: which specifications hold.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::format::{Format, JSON};
use super::html::Page;
use super::params::Params;
use super::respond::{Asked, json, tag_of};
use super::state::AppState;

/// The conformance classes that the tests in `tests/it/api_ogc.rs` restate.
pub(super) const CLASSES: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
];

/// The conformance declaration (OGC API - Features, 7.4).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Conformance {
    /// URIs of the conformance classes.
    #[serde(rename = "conformsTo")]
    conforms_to: Vec<&'static str>,
}

/// Which specifications hold.
#[utoipa::path(get, path = "/conformance", tag = "ogc", operation_id = "getConformanceDeclaration",
    params(super::openapi::FormatQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The conformance classes",
        content((Conformance = "application/json"), (String = "text/html"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn conformance(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let format = Format::of(&mut params, &asked.headers)?;
    params.finish()?;
    let snapshot = state.service.snapshot();
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    if format == Format::Html {
        let title = asked.lang.pick("符合的规范", "Conformance classes");
        let mut page = Page::new(asked.lang, title, snapshot.district.note.as_deref());
        for class in CLASSES {
            page.element("p", class);
        }
        return Ok(page.finish(tag));
    }
    let view = Conformance {
        conforms_to: CLASSES.to_vec(),
    };
    json(tag, JSON, &view)
}
