//! `GET /collections/{layer}/items` and `…/{id}`: the features themselves.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::collections::{self, CRS84, CRS84H, own_links};
use super::edge::vary;
use super::encode::{is_fresh, not_modified};
use super::error::Error;
use super::extract::{Base, Segments, feature_id, layer, no_feature};
use super::feature::{self, FeatureView};
use super::format::{Format, GEOJSON, HTML, JSON};
use super::items_html;
use super::lang::Lang;
use super::link::{Link, link, with_query};
use super::params::Params;
use super::precondition;
use super::respond::{Asked, json, tag_of};
use super::state::AppState;
use crate::index::Snapshot;
use crate::model::{District, LayerName};
use crate::query::{self, Cql};

/// Features on a page unless `limit` says otherwise.
const DEFAULT_LIMIT: usize = 100;

/// The most features on a page; larger limits count as this one.
pub(super) const MAX_LIMIT: usize = 10_000;

/// Numbers above this are refused as a limit or an offset.
const MAX_NUMBER: usize = 1_000_000_000;

/// A page of features (OGC API - Features, 7.16).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ItemsView {
    #[serde(rename = "type")]
    collection_type: CollectionType,
    /// When the answer was made, RFC 3339.
    #[serde(rename = "timeStamp")]
    #[schema(format = DateTime)]
    time_stamp: String,
    /// Features that match, on all pages.
    #[serde(rename = "numberMatched")]
    number_matched: usize,
    /// Features on this page.
    #[serde(rename = "numberReturned")]
    number_returned: usize,
    features: Vec<FeatureView>,
    links: Vec<Link>,
}

#[derive(Debug, Serialize, ToSchema)]
enum CollectionType {
    FeatureCollection,
}

/// A page of features of a layer.
///
/// Besides the parameters listed, each property of the layer can be given as
/// `name=value`.
#[utoipa::path(get, path = "/collections/{layer}/items", tag = "ogc", operation_id = "getFeatures",
    params(super::openapi::LayerPath, super::openapi::PageQuery, super::openapi::EtagsQuery, super::openapi::CqlQuery, super::openapi::FilterQuery,
        super::openapi::GridsOnQuery, super::openapi::FormatQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The page",
        content((ItemsView = "application/geo+json"), (String = "text/html"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn items(
    State(state): State<AppState>,
    Base(base): Base,
    Segments(name): Segments<String>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let layer = layer(&name)?;
    let format = Format::of(&mut params, &asked.headers)?;
    let (limit, offset) = page_of(&mut params)?;
    let etags = params.flag("etags")?;
    params.bbox()?;
    let snapshot = state.service.snapshot();
    let grids_on = params.grids_on()?;
    if grids_on.is_some() && layer != LayerName::Grids {
        return Err(Error::parameter(
            "grids_on",
            "只用于 grids",
            "only grids take it",
        ));
    }
    let cql = params.cql(layer, &snapshot.district)?;
    let mut query = params.items(layer, &snapshot.district)?;
    (query.limit, query.offset) = (limit, offset);
    (query.grids_on, query.cql) = (grids_on, cql);
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    let (scope, lang) = (state.scope(), asked.lang);
    let now = (state.clock)();
    let answer = state.service.compute(move || {
        let page = query::items(&snapshot, &scope, layer, &query);
        let place = Place {
            base: &base,
            layer,
            uri: &asked.uri,
            offset,
            limit,
            total: page.total,
        };
        let mut links = place.links(format, lang);
        if format == Format::Html {
            return Ok(items_html::page(&snapshot, &page.items, &place, &links, lang).finish(tag));
        }
        links.push(link(
            format!("{base}/collections/{layer}"),
            "collection",
            JSON,
            collections::title(layer, lang),
        ));
        let features: Vec<_> = page
            .items
            .iter()
            .map(|item| {
                let mut view = feature::view(&snapshot, item);
                view.etag = etags.then(|| item.fingerprint());
                view
            })
            .collect();
        json(
            tag,
            GEOJSON,
            &ItemsView {
                collection_type: CollectionType::FeatureCollection,
                time_stamp: now.to_rfc3339(),
                number_matched: page.total,
                number_returned: features.len(),
                features,
                links,
            },
        )
    });
    let mut response = answer.await??;
    content_crs(&mut response);
    vary(&mut response, "Accept");
    Ok(response)
}

/// One feature.
#[utoipa::path(get, path = "/collections/{layer}/items/{id}", tag = "ogc", operation_id = "getFeature",
    params(super::openapi::LayerPath, super::openapi::IdPath, super::openapi::FormatQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The feature",
        content((FeatureView = "application/geo+json"), (String = "text/html"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn item(
    State(state): State<AppState>,
    Base(base): Base,
    Segments((name, id)): Segments<(String, String)>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let layer = layer(&name)?;
    let id = feature_id(&id)?;
    let format = Format::of(&mut params, &asked.headers)?;
    params.finish()?;
    let (snapshot, scope) = (state.service.snapshot(), state.scope());
    let lang = asked.lang;
    let found = query::feature(&snapshot, &scope, layer, id).ok_or_else(no_feature)?;
    let tag = precondition::item_tag(&snapshot, &found, &[lang.tag(), format.word(), &base]);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    let here = format!("{base}/collections/{layer}/items/{id}");
    let mut links = own_links(&here, format, lang, GEOJSON);
    links.push(link(
        format!("{base}/collections/{layer}"),
        "collection",
        JSON,
        collections::title(layer, lang),
    ));
    let mut response = match format {
        Format::Json => {
            let mut view = feature::view(&snapshot, &found);
            view.links = links;
            json(tag, GEOJSON, &view)?
        }
        Format::Html => items_html::single(&snapshot, &found, &links, lang).finish(tag),
    };
    content_crs(&mut response);
    vary(&mut response, "Accept");
    Ok(response.into_response())
}

/// Takes `limit` and `offset`.
fn page_of(params: &mut Params) -> Result<(usize, usize), Error> {
    let limit = params.integer("limit", 1..=MAX_NUMBER)?;
    let offset = params.integer("offset", 0..=MAX_NUMBER)?;
    // Larger limits are no error: OGC API - Features 1.0.1, requirement 22.
    let limit = limit.map_or(DEFAULT_LIMIT, |limit| limit.min(MAX_LIMIT));
    Ok((limit, offset.unwrap_or(0)))
}

fn content_crs(response: &mut Response) {
    response.headers_mut().insert(
        HeaderName::from_static("content-crs"),
        HeaderValue::from_static("<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"),
    );
}

impl Params {
    /// Takes `filter`, a CQL2 text (OGC API - Features, part 3).
    ///
    /// # Errors
    /// 400 for a text that cannot be understood, another language or another
    /// reference system.
    pub(super) fn cql(
        &mut self,
        layer: LayerName,
        district: &District,
    ) -> Result<Option<Cql>, Error> {
        self.parsed("filter-lang", |lang| match lang {
            "cql2-text" => Ok(()),
            _ => Err((
                "只支持 cql2-text".to_owned(),
                "only cql2-text is known".to_owned(),
            )),
        })?;
        self.parsed("filter-crs", |crs| match crs {
            CRS84 => Ok(()),
            _ => Err((format!("只支持 {CRS84}"), format!("only {CRS84} is known"))),
        })?;
        let text = self.take("filter");
        let read = text.map(|text| Cql::read(&text, layer, district));
        Ok(read.transpose()?)
    }

    /// Checks `bbox-crs`, and cuts the heights out of a `bbox` of six numbers:
    /// nothing here has a height, so they select nothing away.
    ///
    /// # Errors
    /// 400 for another reference system or heights that are no numbers.
    pub fn bbox(&mut self) -> Result<(), Error> {
        self.parsed("bbox-crs", |crs| match crs {
            CRS84 | CRS84H => Ok(()),
            _ => Err((format!("只支持 {CRS84}"), format!("only {CRS84} is known"))),
        })?;
        self.rewrite("bbox", |text| {
            let parts: Vec<&str> = text.split(',').collect();
            let [west, south, low, east, north, high] = parts[..] else {
                return Ok(text.to_owned());
            };
            let height = |text: &str| super::params::finite(text.trim());
            match (height(low), height(high)) {
                (Some(low), Some(high)) if low <= high => Ok([west, south, east, north].join(",")),
                _ => Err((
                    "第三、第六个数是高度，应由低到高".to_owned(),
                    "the third and sixth number are heights, the lower one first".to_owned(),
                )),
            }
        })
    }
}

/// Which page of what.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) base: &'a str,
    pub(super) layer: LayerName,
    pub(super) uri: &'a Uri,
    pub(super) offset: usize,
    pub(super) limit: usize,
    pub(super) total: usize,
}

impl Place<'_> {
    fn links(&self, format: Format, lang: Lang) -> Vec<Link> {
        let (data, page) = (("json", GEOJSON), ("html", HTML));
        let (own, other) = match format {
            Format::Json => (data, page),
            Format::Html => (page, data),
        };
        let mut links = vec![
            link(
                self.at(self.offset, own.0),
                "self",
                own.1,
                lang.pick("本页", "This page"),
            ),
            link(
                self.at(self.offset, other.0),
                "alternate",
                other.1,
                lang.pick("本页的另一种格式", "This page in another form"),
            ),
        ];
        if self.offset + self.limit < self.total {
            let next = self.at(self.offset + self.limit, own.0);
            links.push(link(next, "next", own.1, lang.pick("下一页", "Next page")));
        }
        if self.offset > 0 {
            let prev = self.at(self.offset.saturating_sub(self.limit), own.0);
            links.push(link(
                prev,
                "prev",
                own.1,
                lang.pick("上一页", "Previous page"),
            ));
        }
        links
    }

    /// The same question from another offset on, in another form.
    fn at(&self, offset: usize, form: &str) -> String {
        let here = format!("{}/collections/{}/items", self.base, self.layer);
        let pairs = self.uri.query().map_or(Vec::new(), super::params::pairs_of);
        let offset = offset.to_string();
        let kept = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !matches!(*name, "f" | "offset"));
        let own = [("f", form), ("offset", offset.as_str())];
        let own = own.into_iter().filter(|pair| *pair != ("offset", "0"));
        with_query(&here, kept.chain(own))
    }
}

/// The layer's features are of a snapshot; this is what pages show of it.
pub(super) fn note(snapshot: &Snapshot) -> Option<&str> {
    snapshot.district.note.as_deref()
}
