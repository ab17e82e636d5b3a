//! `GET /collections` and `/collections/{layer}`: what data there are.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::edge::vary;
use super::error::Error;
use super::extract::{Base, Segments, layer};
use super::feature::corners;
use super::format::{Format, GEOJSON, HTML, JSON};
use super::html::Page;
use super::lang::Lang;
use super::link::{Link, link};
use super::params::Params;
use super::queryables::SCHEMA_JSON;
use super::respond::{Asked, json, tag_of};
use super::state::AppState;
use crate::index::Snapshot;
use crate::model::LayerName;
use crate::tile::Bounds;

/// The one coordinate reference system of the interface.
pub(super) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The same with heights, which bounding boxes may use and nothing here has.
pub(super) const CRS84H: &str = "http://www.opengis.net/def/crs/OGC/0/CRS84h";
const GREGORIAN: &str = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";

/// All collections (OGC API - Features, 7.13).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Collections {
    links: Vec<Link>,
    collections: Vec<CollectionView>,
}

/// One collection (OGC API - Features, 7.14).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CollectionView {
    /// The name in addresses.
    id: &'static str,
    title: &'static str,
    description: &'static str,
    #[serde(rename = "itemType")]
    item_type: &'static str,
    crs: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extent: Option<Extent>,
    links: Vec<Link>,
}

/// Where and when the data are.
#[derive(Debug, Serialize, ToSchema)]
struct Extent {
    #[serde(skip_serializing_if = "Option::is_none")]
    spatial: Option<Spatial>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temporal: Option<Temporal>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Spatial {
    /// West, south, east, north in degrees.
    bbox: Vec<[f64; 4]>,
    crs: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct Temporal {
    /// First and last instant, RFC 3339.
    interval: Vec<[Option<String>; 2]>,
    trs: &'static str,
}

/// What data there are.
#[utoipa::path(get, path = "/collections", tag = "ogc", operation_id = "getCollections",
    params(super::openapi::FormatQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The collections",
        content((Collections = "application/json"), (String = "text/html"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn collections(
    State(state): State<AppState>,
    Base(base): Base,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let format = Format::of(&mut params, &asked.headers)?;
    params.finish()?;
    let snapshot = state.service.snapshot();
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    let lang = asked.lang;
    let views = LayerName::ALL
        .iter()
        .map(|&layer| collection_view(&snapshot, layer, &base, lang))
        .collect();
    let here = format!("{base}/collections");
    let view = Collections {
        links: own_links(&here, format, lang, JSON),
        collections: views,
    };
    let mut response = match format {
        Format::Json => json(tag, JSON, &view)?,
        Format::Html => collections_page(&snapshot, &view, lang).finish(tag),
    };
    vary(&mut response, "Accept");
    Ok(response)
}

/// One collection.
#[utoipa::path(get, path = "/collections/{layer}", tag = "ogc", operation_id = "describeCollection",
    params(super::openapi::LayerPath, super::openapi::FormatQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The collection",
        content((CollectionView = "application/json"), (String = "text/html"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn collection(
    State(state): State<AppState>,
    Base(base): Base,
    Segments(name): Segments<String>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let layer = layer(&name)?;
    let format = Format::of(&mut params, &asked.headers)?;
    params.finish()?;
    let snapshot = state.service.snapshot();
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    let lang = asked.lang;
    let mut view = collection_view(&snapshot, layer, &base, lang);
    let here = format!("{base}/collections/{layer}");
    view.links
        .splice(0..0, own_links(&here, format, lang, JSON));
    let mut response = match format {
        Format::Json => json(tag, JSON, &view)?,
        Format::Html => {
            let mut page = Page::new(lang, view.title, snapshot.district.note.as_deref());
            page.element("p", view.description);
            page.links(&view.links);
            page.finish(tag)
        }
    };
    vary(&mut response, "Accept");
    Ok(response)
}

/// `self` and `alternate` of an answer that has both forms.
pub(super) fn own_links(here: &str, format: Format, lang: Lang, data: &'static str) -> Vec<Link> {
    let (own, other) = match format {
        Format::Json => ("self", "alternate"),
        Format::Html => ("alternate", "self"),
    };
    let join = if here.contains('?') { '&' } else { '?' };
    vec![
        link(
            format!("{here}{join}f=json"),
            own,
            data,
            lang.pick("本页（JSON）", "This answer as JSON"),
        ),
        link(
            format!("{here}{join}f=html"),
            other,
            HTML,
            lang.pick("本页（网页）", "This answer as HTML"),
        ),
    ]
}

fn collection_view(
    snapshot: &Snapshot,
    layer: LayerName,
    base: &str,
    lang: Lang,
) -> CollectionView {
    let here = format!("{base}/collections/{layer}");
    CollectionView {
        id: layer.as_str(),
        title: title(layer, lang),
        description: description(layer, lang),
        item_type: "feature",
        crs: vec![CRS84],
        extent: extent(snapshot, layer),
        links: vec![
            link(
                format!("{here}/items?f=json"),
                "items",
                GEOJSON,
                lang.pick("要素（GeoJSON）", "Features as GeoJSON"),
            ),
            link(
                format!("{here}/items?f=html"),
                "items",
                HTML,
                lang.pick("要素（网页）", "Features as HTML"),
            ),
            link(
                format!("{here}/queryables"),
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                SCHEMA_JSON,
                lang.pick("可用于过滤的属性", "What filters may use"),
            ),
            link(
                format!("{base}/tiles/{layer}.json"),
                "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
                JSON,
                lang.pick("矢量瓦片", "Vector tiles"),
            ),
            link(
                format!("{base}/api/export/{layer}?format=csv"),
                "enclosure",
                "text/csv",
                lang.pick("下载 CSV", "Download as CSV"),
            ),
        ],
    }
}

fn extent(snapshot: &Snapshot, layer: LayerName) -> Option<Extent> {
    let spatial = layer_bounds(snapshot, layer).map(|bounds| Spatial {
        bbox: vec![corners(&bounds)],
        crs: CRS84,
    });
    let temporal = (layer == LayerName::Incidents)
        .then(|| snapshot.time_extent())
        .flatten()
        .map(|(first, last)| Temporal {
            interval: vec![[Some(first.to_rfc3339()), Some(last.to_rfc3339())]],
            trs: GREGORIAN,
        });
    (spatial.is_some() || temporal.is_some()).then_some(Extent { spatial, temporal })
}

/// The box of a layer; incidents take the one of everything, which is known
/// without looking at each of them.
fn layer_bounds(snapshot: &Snapshot, layer: LayerName) -> Option<Bounds> {
    match layer {
        LayerName::Grids => snapshot.grids.extent(),
        LayerName::Compounds => snapshot.compounds.extent(),
        LayerName::Streets => snapshot.streets.extent(),
        LayerName::Routes => snapshot.routes.extent(),
        LayerName::Incidents => snapshot.extent().filter(|_| !snapshot.incidents.is_empty()),
    }
}

/// The layer's name in the reader's language.
pub(super) const fn title(layer: LayerName, lang: Lang) -> &'static str {
    lang.pick(layer.name_zh(), layer.name_en())
}

const fn description(layer: LayerName, lang: Lang) -> &'static str {
    match layer {
        LayerName::Grids => lang.pick(
            "社区网格：编号、类型、户数、有效日期",
            "Grids of the communities: code, kind, households, days of validity",
        ),
        LayerName::Compounds => lang.pick(
            "小区、学校、市场、医院等重点部位",
            "Compounds, schools, markets, hospitals and other places that patrols must not miss",
        ),
        LayerName::Streets => lang.pick("街巷与铁路", "Streets, lanes and railways"),
        LayerName::Routes => lang.pick("巡防路线与必到点", "Patrol routes with their checkpoints"),
        LayerName::Incidents => lang.pick(
            "警情、纠纷和 12345 诉求；没有位置的未上图",
            "Police reports, disputes and hotline requests; those without a place have no geometry",
        ),
    }
}

fn collections_page(snapshot: &Snapshot, view: &Collections, lang: Lang) -> Page {
    let mut page = Page::new(
        lang,
        lang.pick("图层", "Collections"),
        snapshot.district.note.as_deref(),
    );
    page.raw("<div class=\"scroll\" tabindex=\"0\">\n<table>\n<thead><tr>");
    for (zh, en) in [
        ("图层", "Collection"),
        ("说明", "What it is"),
        ("要素", "Features"),
    ] {
        page.raw("<th scope=\"col\">");
        page.text(lang.pick(zh, en));
        page.raw("</th>");
    }
    page.raw("</tr></thead>\n<tbody>\n");
    for (collection, &layer) in view.collections.iter().zip(LayerName::ALL) {
        page.raw("<tr><td>");
        page.anchor(
            &format!("/collections/{}/items?f=html", collection.id),
            collection.title,
        );
        page.raw("</td>");
        page.cell(collection.description, false);
        page.cell(&snapshot.count(layer).total.to_string(), true);
        page.raw("</tr>\n");
    }
    page.raw("</tbody>\n</table>\n</div>\n");
    page.links(&view.links);
    page
}
