//! Rows of a file of mixed shapes that suit a layer: drawings and maps of
//! other programs hold points, lines and areas side by side.

use super::fault::Fault;
use super::table::{Features, Shape};
use crate::model::LayerName;

/// Keeps the rows whose shape the layer takes, if any does; a closed line
/// counts as an area where areas are wanted.
pub(super) fn keep_fitting(features: &mut Features, layer: LayerName) {
    if layer == LayerName::Grids {
        close_lines(features);
    }
    let fits = |shape: &Shape| match layer {
        LayerName::Grids => matches!(shape, Shape::Polygons(_)),
        LayerName::Streets | LayerName::Routes => matches!(shape, Shape::Lines(_)),
        LayerName::Incidents => matches!(shape, Shape::Point(_)),
        LayerName::Compounds => matches!(shape, Shape::Point(_) | Shape::Polygons(_)),
    };
    let (kept_zh, kept_en) = match layer {
        LayerName::Grids => ("面", "areas"),
        LayerName::Streets | LayerName::Routes => ("线", "lines"),
        LayerName::Incidents => ("点", "points"),
        LayerName::Compounds => ("点或面", "points or areas"),
    };
    let fitting = |rows: &[super::table::Feature]| {
        rows.iter()
            .filter(|f| f.shape.as_ref().is_some_and(fits))
            .count()
    };
    if fitting(&features.rows) == 0 {
        return;
    }
    let before = features.rows.len();
    features
        .rows
        .retain(|f| f.refusal.is_some() || f.shape.as_ref().is_none_or(fits));
    let count = (before - features.rows.len()) as u64;
    if count > 0 {
        let fault = Fault::OtherGeometry {
            count,
            kept_zh: kept_zh.to_owned(),
            kept_en: kept_en.to_owned(),
        };
        features.notes.push(fault.note());
    }
}

fn close_lines(features: &mut Features) {
    let mut count = 0;
    for feature in &mut features.rows {
        let Some(Shape::Lines(parts)) = &mut feature.shape else {
            continue;
        };
        let closed = |part: &Vec<geo::Coord>| part.len() >= 4 && part.first() == part.last();
        if !parts.is_empty() && parts.iter().all(closed) {
            let rings = std::mem::take(parts);
            feature.shape = Some(Shape::Polygons(
                rings.into_iter().map(|r| vec![r]).collect(),
            ));
            count += 1;
        }
    }
    if count > 0 {
        features.notes.push(Fault::LinesClosed { count }.repair());
    }
}
