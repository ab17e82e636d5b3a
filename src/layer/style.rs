//! A MapLibre style of all layers, for other programs than our own client.
//!
//! It needs no sprite and no glyph server: symbols are characters and fonts are
//! those of the device.

use serde_json::{Value, json};

use super::{AGGREGATED_BELOW_ZOOM, Datum, Layers, Theme, tilejson};
use crate::index::Snapshot;

const FONT: [&str; 5] = [
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
    "sans-serif",
];

/// The style of a snapshot. `url` gives the tile address template of some
/// layers; a relative one keeps the style valid behind any proxy.
pub fn style(snapshot: &Snapshot, theme: &Theme, url: impl Fn(&Layers) -> String) -> Value {
    let source = |names: &str| {
        let layers: Layers = names.parse().expect("the lists below are of known layers");
        let described = tilejson(snapshot, &layers, Datum::Wgs84, &url(&layers));
        json!({
            "type": "vector",
            "tiles": described.tiles,
            "minzoom": described.minzoom,
            "maxzoom": described.maxzoom,
            "bounds": described.bounds.unwrap_or([-180.0, -85.05, 180.0, 85.05]),
            "attribution": described.attribution.unwrap_or_default(),
        })
    };
    let mut layers = vec![json!({
        "id": "ground", "type": "background", "paint": { "background-color": theme.land }
    })];
    layers.extend(area_layers(theme));
    layers.extend(street_layers(theme));
    layers.extend(route_layers(theme));
    layers.extend(incident_layers(theme));
    layers.extend(label_layers(theme));
    let center = snapshot.extent().map_or([0.0, 0.0], |b| {
        [(b.west + b.east) / 2.0, (b.south + b.north) / 2.0]
    });
    json!({
        "version": 8,
        "name": snapshot.district.name,
        "center": center,
        "zoom": if center == [0.0, 0.0] { 1 } else { 14 },
        "sources": {
            "plan": source("grids,compounds,streets,routes,routes_stop,grids_label,compounds_label"),
            "incidents": source("incidents"),
        },
        "layers": layers,
    })
}

fn line(id: &str, source_layer: &str, paint: Value) -> Value {
    json!({
        "id": id, "type": "line", "source": "plan", "source-layer": source_layer,
        "layout": { "line-cap": "round", "line-join": "round" }, "paint": paint,
    })
}

/// A width that grows with the zoom.
fn widths(stops: &[(f64, f64)]) -> Value {
    let mut out = vec![
        json!("interpolate"),
        json!(["exponential", 1.4]),
        json!(["zoom"]),
    ];
    for (zoom, width) in stops {
        out.extend([json!(zoom), json!(width)]);
    }
    Value::Array(out)
}

fn area_layers(theme: &Theme) -> Vec<Value> {
    vec![
        json!({
            "id": "compounds-fill", "type": "fill", "source": "plan", "source-layer": "compounds",
            "paint": { "fill-color": theme.control, "fill-opacity": 0.12 },
        }),
        line(
            "compounds-line",
            "compounds",
            json!({ "line-color": theme.control, "line-width": 1 }),
        ),
    ]
}

/// Width of a street class at zoom 14; the style and the image share it.
pub(super) fn street_width(class: &str) -> f64 {
    match class {
        "arterial" => 4.2,
        "secondary" => 4.0,
        "branch" => 3.2,
        "lane" => 2.6,
        "path" => 0.7,
        _ => 1.8,
    }
}

fn street_layers(theme: &Theme) -> Vec<Value> {
    let width = |more: f64| {
        let classes = ["arterial", "secondary", "branch", "lane"];
        let by_class = |factor: f64| {
            let mut out = vec![json!("match"), json!(["get", "class"])];
            for class in classes {
                out.extend([json!(class), json!(street_width(class) * factor + more)]);
            }
            out.push(json!(1.8 * factor + more));
            Value::Array(out)
        };
        json!([
            "interpolate",
            ["exponential", 1.5],
            ["zoom"],
            10,
            by_class(0.3),
            14,
            by_class(1.0),
            18,
            by_class(4.0)
        ])
    };
    let with_filter = |mut layer: Value, filter: Value| {
        layer["filter"] = filter;
        layer
    };
    let roads = json!(["match", ["get", "class"], ["path", "rail"], false, true]);
    vec![
        with_filter(
            line(
                "streets-casing",
                "streets",
                json!({
                    "line-color": theme.line, "line-opacity": 0.38, "line-width": width(1.2),
                }),
            ),
            roads.clone(),
        ),
        with_filter(
            line(
                "streets",
                "streets",
                json!({ "line-color": theme.halo, "line-width": width(0.0) }),
            ),
            roads,
        ),
        with_filter(
            line(
                "streets-path",
                "streets",
                json!({
                    "line-color": theme.line, "line-width": 0.7, "line-dasharray": [3, 2],
                }),
            ),
            json!(["==", ["get", "class"], "path"]),
        ),
        with_filter(
            line(
                "streets-rail",
                "streets",
                json!({
                    "line-color": theme.line, "line-opacity": 0.6, "line-width": 1.4,
                    "line-dasharray": [6, 3],
                }),
            ),
            json!(["==", ["get", "class"], "rail"]),
        ),
        line(
            "grids-line",
            "grids",
            json!({
                "line-color": theme.line,
                "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.5, 16, 1.5],
            }),
        ),
    ]
}

fn route_layers(theme: &Theme) -> Vec<Value> {
    vec![
        line(
            "routes-halo",
            "routes",
            json!({
                "line-color": theme.halo, "line-width": widths(&[(12.0, 3.0), (14.0, 5.5)]),
            }),
        ),
        line(
            "routes",
            "routes",
            json!({
                "line-color": theme.route, "line-width": widths(&[(12.0, 1.5), (14.0, 3.0)]),
                "line-dasharray": [4, 3],
            }),
        ),
        json!({
            "id": "routes-stop", "type": "circle", "source": "plan", "source-layer": "routes_stop",
            "minzoom": 14,
            "paint": {
                "circle-radius": 10, "circle-color": theme.route,
                "circle-stroke-color": theme.halo, "circle-stroke-width": 1.5,
            },
        }),
        json!({
            "id": "routes-stop-number", "type": "symbol", "source": "plan",
            "source-layer": "routes_stop", "minzoom": 14,
            "layout": {
                "text-field": ["to-string", ["get", "ordinal"]], "text-font": FONT,
                "text-size": 12, "text-allow-overlap": true,
            },
            "paint": { "text-color": theme.halo },
        }),
    ]
}

fn incident_layers(theme: &Theme) -> Vec<Value> {
    let [police, dispute, hotline] = theme.kinds;
    vec![
        json!({
            "id": "incidents-cell", "type": "circle", "source": "incidents",
            "source-layer": "incidents", "maxzoom": AGGREGATED_BELOW_ZOOM,
            "filter": ["has", "count"],
            "paint": {
                "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "count"]],
                    1, 2.5, 10, 9, 40, 22],
                "circle-color": theme.text, "circle-opacity": 0.72,
                "circle-stroke-color": theme.halo, "circle-stroke-width": 1,
            },
        }),
        json!({
            "id": "incidents-point", "type": "symbol", "source": "incidents",
            "source-layer": "incidents", "minzoom": AGGREGATED_BELOW_ZOOM,
            "filter": ["has", "kind"],
            "layout": {
                "text-field": ["match", ["get", "kind"],
                    "police", "▲", "dispute", "■", "●"],
                "text-font": FONT,
                "text-size": ["interpolate", ["linear"], ["zoom"], 14, 10, 17, 16],
                "text-allow-overlap": true, "text-ignore-placement": true,
            },
            "paint": {
                "text-color": ["match", ["get", "kind"],
                    "police", police, "dispute", dispute, hotline],
                "text-halo-color": theme.halo, "text-halo-width": 1.6,
            },
        }),
    ]
}

fn label_layers(theme: &Theme) -> Vec<Value> {
    let label =
        |id: &str, source_layer: &str, min_zoom: u8, size: u8, color: &str, field: Value| {
            json!({
                "id": id, "type": "symbol", "source": "plan", "source-layer": source_layer,
                "minzoom": min_zoom,
                "layout": { "text-field": field, "text-font": FONT, "text-size": size },
                "paint": {
                    "text-color": color, "text-halo-color": theme.halo, "text-halo-width": 1.5,
                },
            })
        };
    let mut streets = label(
        "streets-name",
        "streets",
        15,
        12,
        theme.text_2,
        json!(["get", "name"]),
    );
    streets["layout"]["symbol-placement"] = json!("line");
    vec![
        streets,
        label(
            "compounds-name",
            "compounds_label",
            15,
            12,
            theme.text_2,
            json!(["get", "name"]),
        ),
        label(
            "grids-name",
            "grids_label",
            13,
            13,
            theme.text,
            json!([
                "step",
                ["zoom"],
                ["get", "name"],
                15,
                ["concat", ["get", "name"], " ", ["get", "code"]]
            ]),
        ),
    ]
}
