//! Which layers a tile address names, and what its tiles depend on.

use jiff::civil::Date;

use super::error::Error;
use super::params::Params;
use crate::index::Snapshot;
use crate::layer::{self, Datum, Layers, LayersError};
use crate::query::Filter;

/// The layers of a tile and the further columns it carries.
#[derive(Debug, Clone)]
pub(super) struct TileSet {
    pub(super) layers: Layers,
    /// Sorted, none twice.
    pub(super) fields: Vec<String>,
    /// The day of the grids, if they are shown and it is not as today.
    pub(super) grids_on: Option<Date>,
    pub(super) datum: Datum,
}

impl TileSet {
    /// Reads the layer list of an address and takes `fields`, `grids_on`
    /// and `datum`.
    ///
    /// # Errors
    /// 404 for an unknown layer, 400 for one named twice, an unknown column or
    /// an unknown datum.
    pub(super) fn read(
        list: &str,
        params: &mut Params,
        snapshot: &Snapshot,
    ) -> Result<TileSet, Error> {
        let layers: Layers = list.parse().map_err(refused)?;
        let fields = params.parsed("fields", |text| {
            let mut fields: Vec<String> = text.split(',').map(str::to_owned).collect();
            fields.sort_unstable();
            fields.dedup();
            match layer::check_fields(snapshot, &layers, &fields) {
                Ok(()) => Ok(fields),
                Err(error) => Err((
                    format!("没有列“{}”，有 {}", error.name, error.known),
                    error.to_string(),
                )),
            }
        })?;
        let day = params.grids_on()?.filter(|_| layers.show_grids());
        Ok(TileSet {
            grids_on: day.and_then(|day| layer::grids_day(snapshot, day)),
            layers,
            fields: fields.unwrap_or_default(),
            datum: params.datum()?,
        })
    }

    /// The names as in the address.
    pub(super) fn names(&self) -> String {
        let names: Vec<&str> = self.layers.iter().map(layer::TileLayer::as_str).collect();
        names.join(",")
    }

    /// What the tile depends on beside its place and the data.
    pub(super) fn variant(&self, filter: &Filter) -> String {
        let filter = if self.layers.filtered() {
            filter.canonical()
        } else {
            String::new()
        };
        // Quoted, so that no column name can look like another list.
        let fields: Vec<String> = self.fields.iter().map(|f| format!("{f:?}")).collect();
        let day = self
            .grids_on
            .map_or_else(String::new, |day| day.to_string());
        let datum = self.datum.as_str();
        format!("{filter}|{}|{day}|{datum}", fields.join(","))
    }
}

impl Params {
    /// Takes `grids_on`, a local day.
    ///
    /// # Errors
    /// 400 when it is no day.
    pub fn grids_on(&mut self) -> Result<Option<Date>, Error> {
        self.parsed("grids_on", |text| {
            let shaped = text.len() == 10 && text.is_ascii();
            let day = shaped.then(|| text.parse().ok()).flatten();
            day.ok_or_else(|| {
                (
                    "应为日期，如 2026-03-01".to_owned(),
                    "must be a day such as 2026-03-01".to_owned(),
                )
            })
        })
    }
}

impl Params {
    /// Takes `datum`, WGS84 unless given.
    ///
    /// # Errors
    /// 400 for a datum that tiles are not drawn in.
    fn datum(&mut self) -> Result<Datum, Error> {
        let datum = self.parsed("datum", |text| {
            Datum::named(text).ok_or_else(|| {
                let all = Datum::ALL.map(Datum::as_str);
                (
                    format!("应为 {}", all.join(" 或 ")),
                    format!("must be {}", all.join(" or ")),
                )
            })
        })?;
        Ok(datum.unwrap_or_default())
    }
}

fn refused(error: LayersError) -> Error {
    match &error {
        LayersError::Unknown(_) => {
            let known: Vec<&str> = layer::ALL.iter().map(|info| info.name).collect();
            let known = known.join(", ");
            Error::not_found(
                format!("这个瓦片图层；可用 {known}"),
                format!("such tile layer; use {known}"),
            )
        }
        LayersError::Twice(name) => {
            Error::parameter("layers", format!("{name} 出现了两次"), error.to_string())
        }
    }
}
