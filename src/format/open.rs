//! Any input as a table, with what the file says about itself.

use serde::{Deserialize, Serialize};

use super::csv::CsvTable;
use super::fault::Fault;
use super::fit::keep_fitting;
use super::import::{Input, MAX_FILE_BYTES};
use super::options::Options;
use super::problem::{Code, FileError, Problem};
use super::table::{Features, Table};
use super::{dxf, excel, foreign, geojson, gpx, kml, osm, shapefile, shapezip};
use crate::crs::{Crs, CrsError};
use crate::model::LayerName;

/// A sheet of a workbook, a Shapefile in a zip, a table of a GeoPackage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inner {
    /// Its name; to be given as [`Options::sheet`].
    pub name: String,
    /// Rows of data.
    pub rows: u64,
}

impl Inner {
    pub(super) fn new(name: &str, rows: u64) -> Self {
        Self {
            name: name.to_owned(),
            rows,
        }
    }
}

/// What a file says about its coordinate system.
#[derive(Debug)]
pub(super) enum Named {
    /// Nothing: WGS84 unless told.
    Nothing,
    /// Nothing, and it should have: WGS84 with a note.
    Missing,
    /// Nothing, and it is seldom WGS84: the user must say.
    MustSay(Fault),
    /// Something that is often wrong.
    Doubtful(Crs),
    /// The system.
    Stated(Crs),
    /// A system that is not read.
    Unread(CrsError),
    /// The text of a `.prj` file.
    Prj(Vec<u8>),
}

/// An opened file.
pub(super) struct Opened {
    pub(super) table: Box<dyn Table>,
    pub(super) named: Named,
    /// Sheets or layers inside; empty where a file is one table.
    pub(super) inner: Vec<Inner>,
    /// The one that was read.
    pub(super) chosen: Option<String>,
    /// What is worth knowing beside the table's own notes.
    pub(super) notes: Vec<Problem>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("named", &self.named)
            .field("inner", &self.inner)
            .field("chosen", &self.chosen)
            .finish_non_exhaustive()
    }
}

impl Opened {
    fn plain(table: Box<dyn Table>, named: Named) -> Self {
        Self {
            table,
            named,
            inner: Vec::new(),
            chosen: None,
            notes: Vec::new(),
        }
    }

    fn features(mut features: Features, layer: Option<LayerName>, named: Named) -> Self {
        if let Some(layer) = layer {
            keep_fitting(&mut features, layer);
        }
        Self::plain(Box::new(features), named)
    }

    /// With the list of inner layers, and a note when others with rows were
    /// passed over without being asked for.
    fn inside(mut self, inner: Vec<Inner>, chosen: String, options: &Options) -> Self {
        let others: Vec<&str> = inner
            .iter()
            .filter(|i| i.name != chosen && i.rows > 0)
            .map(|i| i.name.as_str())
            .collect();
        if options.sheet.is_none() && !others.is_empty() {
            let fault = Fault::SeveralLayers {
                taken: chosen.clone(),
                others: others.join(", "),
            };
            self.notes.push(fault.note());
        }
        self.inner = inner;
        self.chosen = Some(chosen);
        self
    }
}

/// Opens a file for a layer, or, to look at it, for none.
///
/// # Errors
/// When the file as a whole cannot be read.
pub(super) fn open(
    layer: Option<LayerName>,
    input: Input<'_>,
    options: &Options,
) -> Result<Opened, FileError> {
    let said = options.encoding;
    let wanted = options.sheet.as_deref();
    Ok(match input {
        Input::Csv(bytes) => {
            let table = CsvTable::new(limited(bytes)?, said)?;
            Opened::plain(Box::new(table), Named::Nothing)
        }
        Input::GeoJson(bytes) => {
            let features = geojson::read(limited(bytes)?)?;
            let named = features.crs.map_or(Named::Nothing, Named::Doubtful);
            Opened::plain(Box::new(features), named)
        }
        Input::Shapefile { shp, dbf, cpg, prj } => {
            let features = shapefile::read(limited(shp)?, dbf, cpg, said)?;
            let named = prj.map_or(Named::Missing, |prj| Named::Prj(prj.to_owned()));
            Opened::plain(Box::new(features), named)
        }
        Input::ShapefileZip(bytes) => {
            let chosen = shapezip::read(limited(bytes)?, wanted, layer, said)?;
            let named = chosen.prj.map_or(Named::Missing, Named::Prj);
            Opened::plain(Box::new(chosen.features), named).inside(
                chosen.layers,
                chosen.name,
                options,
            )
        }
        Input::Excel(bytes) => {
            let chosen = excel::read(limited(bytes)?, wanted)?;
            let table = Box::new(chosen.table);
            Opened::plain(table, Named::Nothing).inside(chosen.sheets, chosen.sheet, options)
        }
        Input::Kml(bytes) => {
            Opened::features(kml::read(limited(bytes)?, said)?, layer, Named::Nothing)
        }
        Input::Kmz(bytes) => {
            Opened::features(kml::read_kmz(limited(bytes)?, said)?, layer, Named::Nothing)
        }
        Input::Gpx(bytes) => gpx_table(gpx::read(limited(bytes)?, said)?, layer, options),
        Input::Dxf(bytes) => Opened::features(
            dxf::read(limited(bytes)?, said)?,
            layer,
            Named::MustSay(Fault::DxfNoCrs {}),
        ),
        Input::OsmPbf(bytes) => {
            let streets = layer.is_none_or(|l| l == LayerName::Streets);
            if !streets {
                return Err(Fault::OsmLayer {}.of_file());
            }
            Opened::plain(Box::new(osm::streets(limited(bytes)?)?), Named::Nothing)
        }
        Input::Features(table) => {
            let named = match (table.crs, &table.crs_error) {
                (Some(crs), _) => Named::Stated(crs),
                (None, Some(error)) => Named::Unread(error.clone()),
                (None, None) => Named::Missing,
            };
            Opened::features(foreign::features(table), layer, named).inside(
                table.layers.clone(),
                table.layer.clone(),
                options,
            )
        }
    })
}

/// Tracks for the layers of lines, waypoints for those of points.
fn gpx_table(gpx: gpx::Gpx, layer: Option<LayerName>, options: &Options) -> Opened {
    const TRACKS: &str = "tracks";
    const WAYPOINTS: &str = "waypoints";
    let (lines, points) = gpx.counts();
    let inner = vec![Inner::new(TRACKS, lines), Inner::new(WAYPOINTS, points)];
    let points_wanted = match (options.sheet.as_deref(), layer) {
        (Some(WAYPOINTS), _) => true,
        (Some(TRACKS), _) => false,
        (_, Some(LayerName::Compounds | LayerName::Incidents)) => true,
        (_, Some(_)) => false,
        (_, None) => lines == 0,
    };
    let (features, chosen) = if points_wanted {
        (gpx.into_points(), WAYPOINTS)
    } else {
        (gpx.into_lines(), TRACKS)
    };
    let mut opened = Opened::features(features, layer, Named::Nothing);
    opened.inner = inner;
    opened.chosen = Some(chosen.to_owned());
    opened
}

/// The refusal for a name that no inner layer has.
pub(super) fn no_such_layer(wanted: &str, inner: &[Inner]) -> FileError {
    let found: Vec<&str> = inner.iter().map(|i| i.name.as_str()).collect();
    Fault::NoSuchLayer {
        wanted: super::problem::quote(wanted),
        found: found.join(", "),
    }
    .of_file()
}

fn limited(bytes: &[u8]) -> Result<&[u8], FileError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError::new(
            Code::Corrupt,
            "the file is larger than 512 MB; split it",
        ));
    }
    Ok(bytes)
}
