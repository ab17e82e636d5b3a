//! `GET /api/feature/{layer}/{id}/summary`: what the inspector shows.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::extract::{Segments, feature_id, layer, no_feature};
use super::feature::{self, FeatureView};
use super::here::{self, HereView};
use super::lang::Lang;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::index::{GridsOf, Row, Snapshot};
use crate::model::{FeatureId, LayerName, Scope};
use crate::query::{self, Filter, Summary};

/// What the inspector shows; which parts there are depends on the layer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum SummaryView {
    /// A grid, compound, street or route.
    Area(Box<AreaSummary>),
    /// An incident.
    Incident(Box<IncidentSummary>),
}

/// A feature with the incidents that belong to it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AreaSummary {
    feature: FeatureView,
    counts: KindCountsView,
    /// The same in the period of equal length just before; null if open.
    previous_total: Option<u64>,
    /// By local hour, 0 to 23.
    #[schema(min_items = 24, max_items = 24)]
    by_hour: Vec<u64>,
    /// By weekday from Monday on.
    #[schema(min_items = 7, max_items = 7)]
    by_weekday: Vec<u64>,
    /// The last ten.
    recent: Vec<RecentView>,
}

/// An incident with what is at its place.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentSummary {
    feature: FeatureView,
    /// Null for what has no place.
    here: Option<HereView>,
    category_name: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct KindCountsView {
    total: u64,
    police: u64,
    dispute: u64,
    hotline: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct RecentView {
    id: i64,
    occurred_at: String,
    date_only: bool,
    kind: &'static str,
    category: String,
    category_name: String,
    /// Code of the grid it lies in; empty if none.
    place: String,
    status: String,
}

/// What the inspector shows of a feature.
#[utoipa::path(get, path = "/api/feature/{layer}/{id}/summary", tag = "map", operation_id = "getSummary",
    params(super::openapi::LayerPath, super::openapi::IdPath, super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The summary", body = SummaryView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn summary(
    State(state): State<AppState>,
    Segments((name, id)): Segments<(String, String)>,
    asked: Asked,
    params: Params,
) -> Result<Response, Error> {
    let (layer, id) = (layer(&name)?, feature_id(&id)?);
    let filter = state.filter(params, LayerName::Incidents)?;
    let lang = asked.lang;
    let answer = asked.answer(&state, move |snapshot, scope| {
        view(snapshot, scope, layer, id, &filter, lang)
    });
    Ok(answer.await)
}

fn view(
    snapshot: &Snapshot,
    scope: &Scope,
    layer: LayerName,
    id: FeatureId,
    filter: &Filter,
    lang: Lang,
) -> Result<SummaryView, Error> {
    if layer == LayerName::Incidents {
        let found = query::feature(snapshot, scope, layer, id).ok_or_else(no_feature)?;
        let query::FeatureRef::Incident(row) = found else {
            return Err(no_feature());
        };
        return Ok(SummaryView::Incident(Box::new(IncidentSummary {
            feature: feature::view(snapshot, &found),
            here: row.at().map(|at| here::view(snapshot, scope, at)),
            category_name: category_name(snapshot, row.category(), lang),
        })));
    }
    let found = query::summary(snapshot, scope, layer, id, filter).ok_or_else(no_feature)?;
    Ok(SummaryView::Area(Box::new(area(
        snapshot,
        &found,
        filter.grids_of,
        lang,
    ))))
}

fn area(snapshot: &Snapshot, found: &Summary<'_>, of: GridsOf, lang: Lang) -> AreaSummary {
    let counts = &found.counts;
    AreaSummary {
        feature: feature::view(snapshot, &found.feature),
        counts: KindCountsView {
            total: counts.total,
            police: counts.police,
            dispute: counts.dispute,
            hotline: counts.hotline,
        },
        previous_total: found.previous_total,
        by_hour: found.by_hour.to_vec(),
        by_weekday: found.by_weekday.to_vec(),
        recent: found
            .recent
            .iter()
            .map(|row| recent(snapshot, *row, of, lang))
            .collect(),
    }
}

fn recent(snapshot: &Snapshot, row: Row<'_>, of: GridsOf, lang: Lang) -> RecentView {
    let slot = row.basic_grid(of);
    RecentView {
        id: row.id().0,
        occurred_at: row.occurred_at().to_rfc3339(),
        date_only: row.date_only(),
        kind: row.kind().as_str(),
        category: row.category().to_owned(),
        category_name: category_name(snapshot, row.category(), lang),
        place: slot.map_or(String::new(), |slot| snapshot.grids.get(slot).code.clone()),
        status: row.status().to_owned(),
    }
}

/// The category's name in the reader's language; its code if it has none.
pub(super) fn category_name(snapshot: &Snapshot, code: &str, lang: Lang) -> String {
    let item = snapshot.categories.get(code);
    let name = item.map_or("", |item| match lang {
        Lang::En if !item.name_en.is_empty() => &item.name_en,
        _ => &item.name_zh,
    });
    if name.is_empty() { code } else { name }.to_owned()
}
