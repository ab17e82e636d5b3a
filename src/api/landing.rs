//! `GET /`: the map for browsers, the landing page of the data service for
//! programs.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::client;
use super::edge::vary;
use super::encode::{is_fresh, not_modified};
use super::error::Error;
use super::extract::Base;
use super::format::{Format, HTML, JSON};
use super::html::Page;
use super::link::{Link, link};
use super::params::Params;
use super::respond::{Asked, json, tag_of};
use super::state::AppState;
use crate::index::Snapshot;
use crate::model::LayerName;

const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.1";

/// The landing page (OGC API - Features, 7.2).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Landing {
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<String>,
    links: Vec<Link>,
}

/// The map for browsers, the landing page for programs.
#[utoipa::path(get, path = "/", tag = "ogc", operation_id = "getLandingPage",
    params(super::openapi::FormatQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The landing page", body = Landing,
        content((Landing = "application/json"), (String = "text/html"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn landing(
    State(state): State<AppState>,
    Base(base): Base,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    // A browser that says nothing gets the map; `?f=html` is the page that
    // lists what the service has.
    let explicit = asked
        .uri
        .query()
        .is_some_and(|query| query.split('&').any(|pair| pair.starts_with("f=")));
    let format = Format::of(&mut params, &asked.headers)?;
    params.finish()?;
    if format == Format::Html && !explicit {
        let mut page = client::index(&asked.headers);
        vary(&mut page, "Accept");
        return Ok(page);
    }
    let snapshot = state.service.snapshot();
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    let view = view(&snapshot, &base, asked.lang);
    let mut response = match format {
        Format::Json => json(tag, JSON, &view)?,
        Format::Html => page(&snapshot, &view, asked.lang).finish(tag),
    };
    vary(&mut response, "Accept");
    Ok(response.into_response())
}

fn view(snapshot: &Snapshot, base: &str, lang: super::lang::Lang) -> Landing {
    let district = &snapshot.district;
    let mut links = vec![
        link(
            format!("{base}/?f=json"),
            "self",
            JSON,
            lang.pick("本页", "This page"),
        ),
        link(
            format!("{base}/?f=html"),
            "alternate",
            HTML,
            lang.pick("本页（网页）", "This page as HTML"),
        ),
        link(
            format!("{base}/openapi.json"),
            "service-desc",
            OPENAPI,
            lang.pick("接口说明", "The interface"),
        ),
        link(
            format!("{base}/api.html"),
            "service-doc",
            HTML,
            lang.pick("接口说明（网页）", "The interface as a page"),
        ),
        link(
            format!("{base}/conformance"),
            "conformance",
            JSON,
            lang.pick("符合的规范", "Conformance classes"),
        ),
        link(
            format!("{base}/collections"),
            "data",
            JSON,
            lang.pick("图层", "Collections"),
        ),
        link(
            format!("{base}/style.json"),
            "describedby",
            JSON,
            lang.pick("地图样式", "Map style"),
        ),
    ];
    let layers: Vec<&str> = LayerName::ALL.iter().map(|layer| layer.as_str()).collect();
    links.push(link(
        format!("{base}/tiles/{}.json", layers.join(",")),
        "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
        JSON,
        lang.pick("矢量瓦片", "Vector tiles"),
    ));
    Landing {
        title: title(snapshot, lang),
        description: lang
            .pick(
                "网格、重点小区、街巷、巡防路线，以及警情、纠纷和 12345 诉求",
                "Grids, key compounds, streets, patrol routes and incidents",
            )
            .to_owned(),
        attribution: district.attribution.clone(),
        links,
    }
}

/// The district's name with its note, e.g. `嘉山路街道(虚构示例)`.
pub(super) fn title(snapshot: &Snapshot, lang: super::lang::Lang) -> String {
    let district = &snapshot.district;
    let name = if district.name.is_empty() {
        lang.pick("街道网格地图", "Neighbourhood grid map")
    } else {
        &district.name
    };
    match &district.note {
        Some(note) => format!("{name}（{note}）"),
        None => name.to_owned(),
    }
}

fn page(snapshot: &Snapshot, view: &Landing, lang: super::lang::Lang) -> Page {
    let mut page = Page::new(lang, &view.title, snapshot.district.note.as_deref());
    page.element("p", &view.description);
    if let Some(attribution) = &view.attribution {
        page.element("p", attribution);
    }
    page.links(&view.links);
    page
}
