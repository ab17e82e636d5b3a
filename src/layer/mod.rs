//! What each map layer shows: fields, zooms, counts at low zoom.
//!
//! A tile is a function of a snapshot, its [`Drawing`] (the shapes projected
//! once), a scope and a [`Request`].

mod info;
mod tags;
mod datum;
mod drawing;
mod plan;
mod points;
mod ground;
mod incidents;
mod describe;
mod theme;
mod style;
mod image;

pub use datum::Datum;
pub use describe::tilejson;
pub use drawing::{Drawing, grids_day};
pub use ground::ground_tile;
pub use image::{Measure, Picture, image};
pub use info::{
    AGGREGATED_BELOW_ZOOM, ALL, LayerInfo, Layers, LayersError, MAX_ZOOM, Shape, TileLayer,
};
pub use style::style;
pub use tags::{FieldError, check_fields};
pub use theme::Theme;

use crate::index::Snapshot;
use crate::model::Scope;
use crate::query::Filter;
use crate::tile::TileCoord;

/// What is asked of a tile.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The layers, in order.
    pub layers: &'a Layers,
    /// Where.
    pub tile: TileCoord,
    /// Which incidents.
    pub filter: &'a Filter,
    /// Names of further columns, as [`check_fields`] let them pass.
    pub fields: &'a [String],
    /// The day whose grids are shown, as [`grids_day`] names it; `None` for
    /// today's.
    pub grids_on: Option<jiff::civil::Date>,
}

/// A vector tile; empty when nothing is there.
///
/// `drawing` must have been made for this snapshot; the tile is in its datum.
pub fn tile(
    snapshot: &Snapshot,
    drawing: &Drawing,
    scope: &Scope,
    request: &Request<'_>,
) -> Vec<u8> {
    let mut out = Vec::new();
    let drawing = &drawing.on(request.grids_on);
    for layer in request.layers.iter() {
        if request.tile.z() < layer.info().min_zoom {
            continue;
        }
        let bytes = match layer {
            TileLayer::Grids => plan::grids(drawing, scope, request),
            TileLayer::GridsLabel => plan::grids_label(drawing, scope, request),
            TileLayer::Compounds => plan::compounds(drawing, request),
            TileLayer::CompoundsLabel => plan::compounds_label(drawing, request),
            TileLayer::Streets => plan::streets(drawing, request),
            TileLayer::Routes => plan::routes(drawing, request),
            TileLayer::RoutesStop => plan::routes_stop(drawing, request),
            TileLayer::Incidents => incidents::layer(snapshot, drawing.datum, scope, request),
        };
        out.extend_from_slice(&bytes);
    }
    out
}

/// Incidents that are put into a tile in a fraction of a millisecond.
const LIGHT_ROWS: usize = 2_000;

/// The first zoom at which shapes are few and shown as they are, so that a
/// tile of them is made in a fraction of a millisecond.
const LIGHT_ZOOM: u8 = 16;

/// True if a tile is surely made in a fraction of a millisecond, once there is
/// a [`Drawing`]: worth no thread of its own.
pub fn is_light(snapshot: &Snapshot, datum: Datum, request: &Request<'_>) -> bool {
    let area = || datum.source_box(request.tile);
    // A text of conditions may take long on every row.
    request.filter.cql.is_none()
        && request.layers.iter().all(|layer| match layer {
            TileLayer::Incidents => {
                let parts = snapshot.incidents.parts().iter();
                let mut left = LIGHT_ROWS;
                let area = area();
                parts.map(|part| part.rows_near(&area)).all(|rows| {
                    let fits = rows <= left;
                    left = left.saturating_sub(rows);
                    fits
                })
            }
            _ => request.tile.z() >= LIGHT_ZOOM && request.grids_on.is_none(),
        })
}

#[cfg(test)]
mod tests;
