//! `GET /style.json`: a MapLibre style over our own tiles, for other programs
//! (QGIS, MapLibre). The browser map brings its own.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::encode::{is_fresh, not_modified};
use super::error::Error;
use super::extract::Base;
use super::format::JSON;
use super::landing::title;
use super::params::Params;
use super::respond::{self, Asked, tag_of};
use super::state::AppState;
use super::tileset::TILE_LAYERS;

/// Colors of one theme.
struct Palette {
    land: &'static str,
    line: &'static str,
    halo: &'static str,
    text: &'static str,
    route: &'static str,
    fill: &'static str,
    kinds: [&'static str; 3],
}

const LIGHT: Palette = Palette {
    land: "#F4F3EF",
    line: "#5D6570",
    halo: "#FFFFFF",
    text: "#16202E",
    route: "#0B5CAD",
    fill: "#EDF1F5",
    kinds: ["#C2410C", "#5B3FB5", "#0891B2"],
};

const DARK: Palette = Palette {
    land: "#141A21",
    line: "#8592A3",
    halo: "#0E131A",
    text: "#E9EEF4",
    route: "#74B8F5",
    fill: "#202A37",
    kinds: ["#FFA07A", "#E3DAFF", "#139AAE"],
};

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
    let palette = theme(&mut params)?;
    params.finish()?;
    let snapshot = state.service.snapshot();
    let tag = tag_of(&state, &snapshot, asked.lang, &asked.uri);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    let names: Vec<&str> = TILE_LAYERS.iter().map(|(name, _)| *name).collect();
    let center = snapshot.extent().map_or([0.0, 0.0], |b| {
        [
            f64::midpoint(b.west, b.east),
            f64::midpoint(b.south, b.north),
        ]
    });
    let body = json!({
        "version": 8,
        "name": title(&snapshot, asked.lang),
        "center": center,
        "zoom": 14,
        "sources": {
            "gridmap": { "type": "vector", "url": format!("{base}/tiles/{}.json", names.join(",")) },
        },
        "layers": layers(palette),
    });
    respond::json(tag, JSON, &body)
}

/// Takes `theme`.
fn theme(params: &mut Params) -> Result<&'static Palette, Error> {
    let dark = params.dark()?;
    Ok(if dark { &DARK } else { &LIGHT })
}

impl Params {
    /// Takes `theme`: true if dark.
    ///
    /// # Errors
    /// 400 for another word.
    pub fn dark(&mut self) -> Result<bool, Error> {
        let dark = self.parsed("theme", |word| match word {
            "light" => Ok(false),
            "dark" => Ok(true),
            _ => Err((
                "应为 light 或 dark".to_owned(),
                "must be light or dark".to_owned(),
            )),
        })?;
        Ok(dark.unwrap_or(false))
    }
}

fn layers(p: &Palette) -> Vec<Value> {
    let mut layers = vec![
        json!({ "id": "land", "type": "background", "paint": { "background-color": p.land } }),
        layer(
            "grid-area",
            "fill",
            "grids",
            json!({}),
            json!({ "fill-color": p.fill }),
        ),
        layer(
            "compound-area",
            "fill",
            "compounds",
            json!({}),
            json!({ "fill-color": p.line, "fill-opacity": 0.12 }),
        ),
    ];
    let width = |scale: f64| {
        let by_class = json!([
            "match",
            ["get", "class"],
            "arterial",
            4.2 * scale,
            "secondary",
            4.0 * scale,
            "branch",
            3.2 * scale,
            "lane",
            2.6 * scale,
            1.8 * scale
        ]);
        by_class
    };
    let round = json!({ "line-cap": "round", "line-join": "round" });
    layers.extend([
        layer("street-casing", "line", "streets", round.clone(),
            json!({ "line-color": p.line, "line-opacity": 0.38, "line-width": width(1.3) })),
        layer("street", "line", "streets", round.clone(),
            json!({ "line-color": p.halo, "line-width": width(1.0) })),
        layer("grid-line", "line", "grids", json!({}),
            json!({ "line-color": p.line, "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.5, 16, 1.5] })),
        layer("route", "line", "routes", round,
            json!({ "line-color": p.route, "line-width": 3 })),
        layer("incident", "circle", "incidents", json!({}),
            json!({ "circle-radius": ["interpolate", ["linear"], ["zoom"], 14, 3, 17, 6],
                "circle-stroke-width": 1, "circle-stroke-color": p.halo,
                "circle-color": ["match", ["get", "kind"], "police", p.kinds[0], "dispute", p.kinds[1],
                    "hotline", p.kinds[2], p.line] })),
        layer("route-stop", "circle", "routes_stop", json!({}),
            json!({ "circle-radius": 4, "circle-color": p.route, "circle-stroke-width": 1, "circle-stroke-color": p.halo })),
    ]);
    let paint = json!({ "text-color": p.text, "text-halo-color": p.halo, "text-halo-width": 1.5 });
    for (id, source) in [
        ("compound-name", "compounds_label"),
        ("grid-name", "grids_label"),
    ] {
        layers.push(layer(id, "symbol", source,
            json!({ "text-field": ["get", "name"], "text-size": 12,
                "text-font": ["Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"] }),
            paint.clone()));
    }
    layers
}

fn layer(id: &str, kind: &str, source_layer: &str, layout: Value, paint: Value) -> Value {
    json!({ "id": id, "type": kind, "source": "gridmap", "source-layer": source_layer,
        "layout": layout, "paint": paint })
}
