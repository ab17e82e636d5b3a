//! `GET /api/search`: by code, name, pinyin, or pasted coordinates.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::coordinates::{self, Candidate};
use super::error::Error;
use super::feature::corners;
use super::lang::Lang;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::query::{SearchGroup, SearchItem};

/// The longest text that is searched for, characters.
const MAX_TEXT: usize = 100;

/// What was found, by group.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchView {
    groups: Vec<GroupView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct GroupView {
    /// A layer, or `coordinates`.
    group: &'static str,
    items: Vec<ItemView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum ItemView {
    Feature(FeatureItem),
    Place(PlaceItem),
}

/// A feature that matches.
#[derive(Debug, Serialize, ToSchema)]
struct FeatureItem {
    layer: &'static str,
    id: i64,
    code: String,
    name: String,
    /// One line about it in the reader's language.
    detail: String,
    lon: f64,
    lat: f64,
    /// West, south, east, north.
    bbox: [f64; 4],
}

/// A reading of pasted coordinates.
#[derive(Debug, Serialize, ToSchema)]
struct PlaceItem {
    /// `wgs84`, `gcj02` or `bd09`: how the numbers were read.
    datum: &'static str,
    /// WGS84 degrees.
    lon: f64,
    lat: f64,
    name: String,
    detail: String,
}

/// By code, name, pinyin (whole or initials), or pasted coordinates.
#[utoipa::path(get, path = "/api/search", tag = "map", operation_id = "search",
    params(super::openapi::SearchQuery, super::openapi::LangQuery),
    responses((status = 200, description = "What was found", body = SearchView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn search(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let text = params.required("q")?;
    if text.chars().count() > MAX_TEXT {
        let (zh, en) = (
            format!("最长 {MAX_TEXT} 个字"),
            format!("must have at most {MAX_TEXT} characters"),
        );
        return Err(Error::parameter("q", zh, en));
    }
    let limit = params.integer("limit", 1..=100)?.unwrap_or(10);
    params.finish()?;
    let (lang, searching) = (asked.lang, state.clone());
    let answer = asked.answer(&state, move |snapshot, scope| {
        let finder = searching.finder(snapshot);
        let mut groups: Vec<GroupView> = finder
            .search(scope, &text, limit)
            .into_iter()
            .map(|group| group_view(group, lang))
            .collect();
        let places = coordinates::read(&text);
        if !places.is_empty() {
            groups.push(GroupView {
                group: "coordinates",
                items: places.iter().map(|place| place_view(place, lang)).collect(),
            });
        }
        Ok(SearchView { groups })
    });
    Ok(answer.await)
}

fn group_view(group: SearchGroup, lang: Lang) -> GroupView {
    let layer = group.layer.as_str();
    let view = |item: SearchItem| {
        ItemView::Feature(FeatureItem {
            layer,
            id: item.id.0,
            code: item.code,
            name: item.name,
            detail: match lang {
                Lang::Zh => item.detail_zh,
                Lang::En => item.detail_en,
            },
            lon: item.at.x,
            lat: item.at.y,
            bbox: corners(&item.bounds),
        })
    };
    GroupView {
        group: layer,
        items: group.items.into_iter().map(view).collect(),
    }
}

fn place_view(place: &Candidate, lang: Lang) -> ItemView {
    let detail = match place.datum {
        "gcj02" => lang.pick(
            "按 GCJ-02（高德、腾讯）解读",
            "Read as GCJ-02 (Amap, Tencent)",
        ),
        "bd09" => lang.pick("按 BD-09（百度）解读", "Read as BD-09 (Baidu)"),
        _ => lang.pick("按 WGS84（GPS）解读", "Read as WGS84 (GPS)"),
    };
    ItemView::Place(PlaceItem {
        datum: place.datum,
        lon: place.at.x,
        lat: place.at.y,
        name: format!("{:.6}, {:.6}", place.pasted.x, place.pasted.y),
        detail: detail.to_owned(),
    })
}
