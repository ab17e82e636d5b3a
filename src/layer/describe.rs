//! TileJSON for layers.

use std::collections::BTreeMap;

use super::{AGGREGATED_BELOW_ZOOM, Datum, Layers, MAX_ZOOM};
use crate::index::Snapshot;
use crate::tile::{TileJson, VectorLayer};

/// Describes the tiles of some layers in a datum. `url` is the template of
/// their address, with `{z}`, `{x}` and `{y}` left in it.
pub fn tilejson(snapshot: &Snapshot, layers: &Layers, datum: Datum, url: &str) -> TileJson {
    let infos: Vec<_> = layers.iter().map(super::TileLayer::info).collect();
    let vector_layers = infos
        .iter()
        .map(|info| VectorLayer {
            id: info.name.to_owned(),
            fields: fields(snapshot, info),
            description: info.description.to_owned(),
            minzoom: info.min_zoom,
            maxzoom: MAX_ZOOM,
        })
        .collect();
    let mut extra = BTreeMap::new();
    if layers.filtered() {
        extra.insert(
            "aggregated_below_zoom".to_owned(),
            AGGREGATED_BELOW_ZOOM.into(),
        );
    }
    let extent = snapshot.extent().map(|b| datum.envelope(b));
    TileJson {
        tilejson: "3.0.0",
        name: Some(snapshot.district.name.clone()).filter(|name| !name.is_empty()),
        attribution: snapshot.district.attribution.clone(),
        tiles: vec![url.to_owned()],
        vector_layers,
        minzoom: infos.iter().map(|info| info.min_zoom).min().unwrap_or(0),
        maxzoom: MAX_ZOOM,
        bounds: extent.map(|b| [b.west, b.south, b.east, b.north]),
        center: extent.map(|b| [(b.west + b.east) / 2.0, (b.south + b.north) / 2.0, 14.0]),
        extra,
    }
}

fn fields(snapshot: &Snapshot, info: &super::LayerInfo) -> BTreeMap<String, String> {
    let own = info
        .fields
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let kept = snapshot
        .district
        .extra_columns(info.source)
        .iter()
        .map(|column| (column.name.clone(), format!("fields={}", column.name)));
    // A column of the user's never hides one of ours.
    kept.chain(own).collect()
}
