//! `GET /api/values`: which values a column has, to pick some of them.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::model::{ExtraType, Value};
use crate::query;

/// The values of a column among the rows that pass the filter.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ValuesView {
    /// Name of the column.
    column: String,
    /// `text`, `number` or `date`.
    #[serde(rename = "type")]
    column_type: ExtraTypeView,
    /// At most 100, the most frequent first.
    values: Vec<ValueView>,
    /// How many different values there are beyond those.
    more: usize,
    /// The lowest number or the first day; null for text, and for no rows.
    min: Option<CellView>,
    /// The highest number or the last day.
    max: Option<CellView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ValueView {
    value: CellView,
    /// Rows that have it.
    count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ExtraTypeView {
    Text,
    Number,
    Date,
}

/// A text, a number, or a day as `YYYY-MM-DD`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum CellView {
    Number(f64),
    Text(String),
}

impl From<&Value> for CellView {
    fn from(value: &Value) -> CellView {
        match value {
            Value::Number(number) => CellView::Number(*number),
            other => CellView::Text(other.to_string()),
        }
    }
}

/// The most frequent values of a column.
///
/// The column is one that was kept at import, or `source`, or for incidents
/// `status`. Rows without a value do not count.
#[utoipa::path(get, path = "/api/values", tag = "analysis", operation_id = "getValues",
    params(super::openapi::LayerQuery, super::openapi::ColumnQuery, super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The values", body = ValuesView),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn values(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let layer = params.layer()?;
    let column = params.required("column")?;
    let filter = state.filter(params, layer)?;
    let answer = asked.answer(&state, move |snapshot, scope| {
        let found = query::column_values(snapshot, scope, layer, &column, &filter)?;
        let (min, max) = found
            .range
            .as_ref()
            .map(|(a, b)| (a.into(), b.into()))
            .unzip();
        Ok(ValuesView {
            column,
            column_type: match found.column_type {
                ExtraType::Text => ExtraTypeView::Text,
                ExtraType::Number => ExtraTypeView::Number,
                ExtraType::Date => ExtraTypeView::Date,
            },
            values: found
                .values
                .iter()
                .map(|item| ValueView {
                    value: (&item.value).into(),
                    count: item.count,
                })
                .collect(),
            more: found.more,
            min,
            max,
        })
    });
    Ok(answer.await)
}
