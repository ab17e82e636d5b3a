//! `GET /api/meta`: what the map needs to know before it draws.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::feature::{corners, fields};
use super::params::Params;
use super::state::AppState;
use crate::index::Snapshot;
use crate::model::{ExtraType, FieldType, LayerName, Timestamp};

/// What the map needs to know before it draws.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Meta {
    product: &'static str,
    version: &'static str,
    district: DistrictView,
    revision: i64,
    /// Revision of each layer.
    revisions: BTreeMap<&'static str, i64>,
    /// West, south, east, north of all data.
    bounds: Option<[f64; 4]>,
    /// First and last incident.
    time: Option<TimeView>,
    layers: Vec<LayerView>,
    /// Columns kept at import, by layer.
    extra_columns: BTreeMap<&'static str, Vec<ExtraView>>,
    /// The category tree, parents before children.
    categories: Vec<CategoryView>,
    /// The server's clock, RFC 3339.
    now: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct DistrictView {
    name: String,
    /// E.g. 虚构示例.
    note: Option<String>,
    attribution: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TimeView {
    first: String,
    last: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct LayerView {
    name: &'static str,
    count: usize,
    /// Of them, those without a place (未上图).
    unplaced: usize,
    /// The built-in properties.
    fields: Vec<FieldView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct FieldView {
    name: &'static str,
    #[serde(rename = "type")]
    field_type: &'static str,
    zh: &'static str,
    en: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct ExtraView {
    name: String,
    #[serde(rename = "type")]
    extra_type: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct CategoryView {
    code: String,
    parent: Option<String>,
    name_zh: String,
    name_en: String,
    kind: &'static str,
}

/// What the map needs to know before it draws.
#[utoipa::path(get, path = "/api/meta", tag = "map", operation_id = "getMeta",
    params(super::openapi::LangQuery),
    responses((status = 200, description = "The facts", body = Meta),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn meta(State(state): State<AppState>, params: Params) -> Result<Response, Error> {
    params.finish()?;
    let snapshot = state.service.snapshot();
    let mut response = Json(view(&snapshot, (state.clock)())).into_response();
    // It tells the time, so it is never the same twice.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn view(snapshot: &Snapshot, now: Timestamp) -> Meta {
    let district = &snapshot.district;
    let layers = || LayerName::ALL.iter().copied();
    Meta {
        product: "gridmap",
        version: env!("CARGO_PKG_VERSION"),
        district: DistrictView {
            name: district.name.clone(),
            note: district.note.clone(),
            attribution: district.attribution.clone(),
        },
        revision: snapshot.revision.0,
        revisions: layers()
            .map(|layer| (layer.as_str(), snapshot.layer_revisions[layer.slot()].0))
            .collect(),
        bounds: snapshot.extent().as_ref().map(corners),
        time: snapshot.time_extent().map(|(first, last)| TimeView {
            first: first.to_rfc3339(),
            last: last.to_rfc3339(),
        }),
        layers: layers().map(|layer| layer_view(snapshot, layer)).collect(),
        extra_columns: layers()
            .map(|layer| (layer.as_str(), extra_view(snapshot, layer)))
            .collect(),
        categories: category_view(snapshot),
        now: now.to_rfc3339(),
    }
}

fn layer_view(snapshot: &Snapshot, layer: LayerName) -> LayerView {
    let count = snapshot.count(layer);
    LayerView {
        name: layer.as_str(),
        count: count.total,
        unplaced: count.unplaced,
        fields: fields(layer)
            .iter()
            .map(|field| FieldView {
                name: field.name,
                field_type: type_word(field.field_type),
                zh: field.zh,
                en: field.en,
            })
            .collect(),
    }
}

const fn type_word(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Text => "text",
        FieldType::Integer => "integer",
        FieldType::Bool => "bool",
        FieldType::Date => "date",
        FieldType::Instant => "instant",
    }
}

fn extra_view(snapshot: &Snapshot, layer: LayerName) -> Vec<ExtraView> {
    let columns = snapshot.district.extra_columns(layer);
    columns
        .iter()
        .map(|column| ExtraView {
            name: column.name.clone(),
            extra_type: match column.extra_type {
                ExtraType::Text => "text",
                ExtraType::Number => "number",
                ExtraType::Date => "date",
            },
        })
        .collect()
}

fn category_view(snapshot: &Snapshot) -> Vec<CategoryView> {
    let items = snapshot.categories.items();
    items
        .iter()
        .map(|item| CategoryView {
            code: item.code.clone(),
            parent: item.parent.clone(),
            name_zh: item.name_zh.clone(),
            name_en: item.name_en.clone(),
            kind: item.kind.as_str(),
        })
        .collect()
}
