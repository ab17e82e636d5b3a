//! `GET /style.json`: a MapLibre style over our own tiles, for other programs
//! (QGIS, MapLibre). The browser map brings its own.

use axum::extract::State;
use axum::response::Response;

use super::encode::{is_fresh, not_modified};
use super::error::Error;
use super::extract::Base;
use super::format::JSON;
use super::params::Params;
use super::respond::{Asked, json, tag_of};
use super::state::AppState;
use super::tilejson::template;
use crate::layer::{self, Theme};

/// A MapLibre style over our own tiles.
#[utoipa::path(get, path = "/style.json", tag = "tiles", operation_id = "getStyle",
    params(super::openapi::ThemeQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The style", body = Object),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn style(
    State(state): State<AppState>,
    Base(base): Base,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let theme = params.theme()?;
    params.finish()?;
    let snapshot = state.service.snapshot();
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    let url = |layers: &layer::Layers| {
        let names: Vec<&str> = layers.iter().map(layer::TileLayer::as_str).collect();
        template(&base, &names.join(","))
    };
    json(tag, JSON, &layer::style(&snapshot, &theme, url))
}

impl Params {
    /// Takes `theme`; light unless told.
    ///
    /// # Errors
    /// 400 for another word.
    pub fn theme(&mut self) -> Result<Theme, Error> {
        let theme = self.parsed("theme", |word| {
            let words = ("应为 light 或 dark", "must be light or dark");
            Theme::named(word).ok_or((words.0.to_owned(), words.1.to_owned()))
        })?;
        Ok(theme.unwrap_or(Theme::LIGHT))
    }
}
