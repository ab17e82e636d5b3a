//! The town as GeoJSON text, one feature a line, seven decimals.

use geo::{Coord, Geometry, LineString};
use serde_json::{Value as Json, json};

use super::town::Town;
use crate::model::Entity;

/// The files of `geodata/jiashan`: name and text of each. The text is the
/// same for the same town, byte by byte.
pub fn geojson(town: &Town) -> [(&'static str, String); 4] {
    [
        ("grids.geojson", collection(&town.grids, |_| vec![])),
        (
            "compounds.geojson",
            collection(&town.compounds, |c| {
                let gates = c.gates.iter().map(|&g| json!([round(g.x), round(g.y)]));
                vec![("gates", Json::Array(gates.collect()))]
            }),
        ),
        ("streets.geojson", collection(&town.streets, |_| vec![])),
        (
            "routes.geojson",
            collection(&town.routes, |r| {
                let stops = r
                    .checkpoints
                    .iter()
                    .map(|c| json!({"name": c.name, "at": [round(c.at.x), round(c.at.y)]}));
                vec![("stops", Json::Array(stops.collect()))]
            }),
        ),
    ]
}

/// Seven decimals; exact for everything that lies on the lattice.
fn round(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}

fn collection<T: Entity>(items: &[T], more: impl Fn(&T) -> Vec<(&'static str, Json)>) -> String {
    let features: Vec<String> = items
        .iter()
        .map(|item| {
            let mut properties = serde_json::Map::new();
            for field in T::fields() {
                let value = item.value(field.name).to_json();
                if !value.is_null() && field.name != "source" {
                    properties.insert(field.name.to_owned(), value);
                }
            }
            for (name, value) in more(item) {
                properties.insert(name.to_owned(), value);
            }
            format!(
                "{{\"type\":\"Feature\",\"properties\":{},\"geometry\":{}}}",
                Json::Object(properties),
                item.geometry().map_or("null".to_owned(), |g| geometry(&g)),
            )
        })
        .collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"name\":\"虚构示例 嘉山路街道\",\"features\":[\n{}\n]}}\n",
        features.join(",\n")
    )
}

fn geometry(shape: &Geometry<f64>) -> String {
    match shape {
        Geometry::Polygon(p) => {
            let rings: Vec<String> = std::iter::once(p.exterior())
                .chain(p.interiors())
                .map(line)
                .collect();
            format!(
                "{{\"type\":\"Polygon\",\"coordinates\":[{}]}}",
                rings.join(",")
            )
        }
        Geometry::LineString(l) => {
            format!("{{\"type\":\"LineString\",\"coordinates\":{}}}", line(l))
        }
        // The town has no other shapes.
        _ => "null".to_owned(),
    }
}

fn line(line: &LineString<f64>) -> String {
    let parts: Vec<String> = line.0.iter().map(|&c| coordinate(c)).collect();
    format!("[{}]", parts.join(","))
}

fn coordinate(c: Coord<f64>) -> String {
    format!("[{:.7},{:.7}]", c.x, c.y)
}
