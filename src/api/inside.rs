//! `POST /api/inside`: what lies inside a drawn area. A question sent as a
//! body, because polygons are too long for an address; it changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use geo::{CoordsIter, Geometry, MultiPolygon};
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::Error;
use super::extract::{JsonBody, layer_named};
use super::hits::FoundView;
use super::params::Params;
use super::state::AppState;
use crate::crs;
use crate::query::{self, Cql, Filter};

/// The most corners that an area may have.
const MAX_CORNERS: usize = 10_000;

/// An area and what to look for in it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InsideQuestion {
    /// A layer.
    #[schema(example = "incidents")]
    layer: String,
    /// A GeoJSON polygon or multi-polygon in WGS84 degrees.
    #[schema(schema_with = area_schema)]
    polygon: serde_json::Value,
    /// The parameters of the filter grammar, as text.
    #[serde(default)]
    filter: BTreeMap<String, String>,
    /// The most features to return, 1 to 1000; 100 unless told.
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

fn area_schema() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
    ObjectBuilder::new()
        .property(
            "type",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(["Polygon", "MultiPolygon"])),
        )
        .property(
            "coordinates",
            ArrayBuilder::new().items(super::feature::anything()),
        )
        .required("type")
        .required("coordinates")
        .description(Some("A GeoJSON polygon or multi-polygon"))
        .into()
}

/// The features of a layer inside a drawn area.
#[utoipa::path(post, path = "/api/inside", tag = "analysis", operation_id = "findInside",
    params(super::openapi::LangQuery), request_body = InsideQuestion,
    responses((status = 200, description = "The features", body = FoundView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn inside(
    State(state): State<AppState>,
    params: Params,
    JsonBody(question): JsonBody<InsideQuestion>,
) -> Result<Json<FoundView>, Error> {
    params.finish()?;
    let layer = layer_named(&question.layer)
        .ok_or_else(|| Error::body("layer 不是图层名", "`layer` names no layer"))?;
    let limit = question.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Error::body(
            "limit 应为 1 到 1000",
            "`limit` must be 1 to 1000",
        ));
    }
    let area = area(question.polygon)?;
    let snapshot = state.service.snapshot();
    let columns = snapshot.district.extra_columns(layer);
    let mut pairs = question.filter;
    let cql = pairs.remove("filter");
    let cql = cql.map(|text| Cql::read(&text, layer, &snapshot.district));
    let mut filter = Filter::parse_with(columns, pairs, &["filter-lang"])?;
    filter.cql = cql.transpose()?.map(Arc::new);
    state
        .ask(move |snapshot, scope| {
            let found = query::inside(snapshot, scope, layer, &area, &filter);
            Ok(Json(FoundView::new(snapshot, &found, limit as usize)))
        })
        .await
}

/// An area that is safe to calculate with: finite, on the globe, closed rings
/// of at least four points, not too many of them.
fn area(json: serde_json::Value) -> Result<MultiPolygon, Error> {
    let bad = |zh: &str, en: &str| Error::body(format!("polygon {zh}"), format!("`polygon` {en}"));
    let parsed = serde_json::from_value::<geojson::Geometry>(json)
        .ok()
        .and_then(|shape| Geometry::<f64>::try_from(shape).ok());
    let area = match parsed {
        Some(Geometry::Polygon(part)) => MultiPolygon(vec![part]),
        Some(Geometry::MultiPolygon(area)) => area,
        _ => {
            return Err(bad(
                "应为 GeoJSON 的 Polygon 或 MultiPolygon",
                "must be a GeoJSON Polygon or MultiPolygon",
            ));
        }
    };
    if area.coords_count() > MAX_CORNERS {
        return Err(bad(
            &format!("的顶点超过 {MAX_CORNERS} 个"),
            &format!("has more than {MAX_CORNERS} corners"),
        ));
    }
    let rings = || {
        area.iter()
            .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()))
    };
    if area.0.is_empty() || rings().any(|ring| ring.0.len() < 4) {
        return Err(bad(
            "的环应至少有四个点",
            "needs rings of at least four points",
        ));
    }
    if area
        .coords_iter()
        .any(|corner| crs::on_globe(corner).is_err())
    {
        return Err(bad(
            "的坐标应为经纬度",
            "must be in degrees of longitude and latitude",
        ));
    }
    Ok(area)
}
