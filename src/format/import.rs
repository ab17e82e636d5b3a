//! The importer: a file in any format to entities and a report.

use super::fault::Fault;
use super::foreign::ForeignTable;
use super::geometry::Door;
use super::mapping::Mapping;
use super::open::{Named, open};
use super::options::{Items, Options, Parsed, Report};
use super::problem::{Code, FileError, Problem};
use super::reading::rows;
use super::reason::Reason;
use super::row::Context;
use super::seen::Watcher;
use super::table::Table;
use crate::crs::{Crs, Transformer};
use crate::model::{Compound, Grid, Incident, LayerName, Route, Street};

/// A file's bytes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Input<'a> {
    /// Comma-, semicolon- or tab-separated text.
    Csv(&'a [u8]),
    /// GeoJSON.
    GeoJson(&'a [u8]),
    /// A Shapefile with its companions.
    Shapefile {
        /// Geometry.
        shp: &'a [u8],
        /// Attributes.
        dbf: Option<&'a [u8]>,
        /// The name of the encoding.
        cpg: Option<&'a [u8]>,
        /// The coordinate system.
        prj: Option<&'a [u8]>,
    },
    /// One or several Shapefiles in a zip.
    ShapefileZip(&'a [u8]),
    /// A workbook: .xlsx, .xls, or a web page with a table named so.
    Excel(&'a [u8]),
    /// KML.
    Kml(&'a [u8]),
    /// KMZ.
    Kmz(&'a [u8]),
    /// GPX.
    Gpx(&'a [u8]),
    /// A drawing in ASCII DXF.
    Dxf(&'a [u8]),
    /// An OpenStreetMap extract: streets.
    OsmPbf(&'a [u8]),
    /// Rows that somebody else fetched: a table of a GeoPackage.
    Features(&'a ForeignTable),
}

/// The largest file read, bytes.
pub const MAX_FILE_BYTES: usize = 512 * 1024 * 1024;

/// Reads a file as rows of a layer. Good rows are items, bad rows problems.
///
/// # Errors
/// When the file as a whole cannot be read: not its format, no headings,
/// columns that do not exist, an unknown coordinate system.
pub fn import(layer: LayerName, input: Input<'_>, options: &Options) -> Result<Parsed, FileError> {
    import_watched(layer, input, options, None)
}

/// Like [`import`]; `watcher` is told of every row.
///
/// # Errors
/// As [`import`].
pub fn import_watched(
    layer: LayerName,
    input: Input<'_>,
    options: &Options,
    watcher: Option<Watcher<'_>>,
) -> Result<Parsed, FileError> {
    let opened = open(Some(layer), input, options)?;
    let table = opened.table;
    let mut report = Report {
        encoding: table.encoding().to_owned(),
        ..Report::default()
    };
    for note in opened.notes.into_iter().chain(table.notes()) {
        report.add(note);
    }
    let crs = decide_crs(&opened.named, options, &mut report)?;
    report.crs = crs.to_string();
    let mapping = Mapping::decide(&*table, layer, options)?;
    check_fields(&*table, layer, &mapping)?;
    report.columns = mapping.describe(table.columns());
    for slot in &mapping.dropped {
        let column = table.columns()[*slot].clone();
        let reason = Reason::PersonalColumn {
            column: column.clone(),
        };
        report.add(Problem::of_file(Code::PiiColumn, reason).at(&column));
        report.dropped_columns.push(column);
    }
    let transformer = Transformer::new(crs).map_err(FileError::crs)?;
    let context = Context {
        options,
        mapping: &mapping,
        columns: table.columns(),
        door: Door::new(transformer, options.swap),
        has_shapes: table.has_shapes(),
    };
    let context = &context;
    let parsed = match layer {
        LayerName::Grids => rows::<Grid>(&*table, context, report, watcher, Items::Grids),
        LayerName::Compounds => {
            rows::<Compound>(&*table, context, report, watcher, Items::Compounds)
        }
        LayerName::Streets => rows::<Street>(&*table, context, report, watcher, Items::Streets),
        LayerName::Routes => rows::<Route>(&*table, context, report, watcher, Items::Routes),
        LayerName::Incidents => {
            rows::<Incident>(&*table, context, report, watcher, Items::Incidents)
        }
    };
    Ok(parsed)
}

/// What the user says, else what the file says, else WGS84.
fn decide_crs(named: &Named, options: &Options, report: &mut Report) -> Result<Crs, FileError> {
    let stated = match named {
        Named::Doubtful(crs) | Named::Stated(crs) => Some(*crs),
        Named::Prj(prj) if options.crs.is_none() => {
            Some(Crs::from_wkt(&String::from_utf8_lossy(prj)).map_err(FileError::crs)?)
        }
        _ => None,
    };
    match (options.crs, stated) {
        (Some(said), Some(stated)) if said != stated && stated != Crs::Wgs84 => {
            report.add(Problem::of_file(
                Code::Crs,
                Reason::CrsOverruled {
                    named: stated,
                    said,
                },
            ));
            Ok(said)
        }
        (Some(said), _) => Ok(said),
        // A `crs` member is a relic, and often wrong: ask.
        (None, Some(stated))
            if matches!(named, Named::Doubtful(_))
                && stated != Crs::Wgs84
                && stated != Crs::Cgcs2000 =>
        {
            Err(FileError::new(
                Code::Crs,
                Reason::CrsDoubtful { named: stated },
            ))
        }
        (None, Some(stated)) => Ok(stated),
        (None, None) => match named {
            Named::MustSay(fault) => Err(fault.clone().of_file()),
            Named::Unread(error) => Err(FileError::crs(error.clone())),
            Named::Missing => {
                report.add(Fault::NoPrj {}.note());
                Ok(Crs::Wgs84)
            }
            _ => Ok(Crs::Wgs84),
        },
    }
}

/// Refuses a file that cannot give a single row, with what to do.
fn check_fields(table: &dyn Table, layer: LayerName, mapping: &Mapping) -> Result<(), FileError> {
    let need = |ok: bool, reason: fn(Vec<String>) -> Reason| {
        if ok {
            Ok(())
        } else {
            Err(FileError::new(
                Code::Mapping,
                reason(table.columns().to_vec()),
            ))
        }
    };
    if layer == LayerName::Incidents {
        let mut rows = 0;
        table.visit(&mut |_| {
            rows += 1;
            false
        });
        if rows > 0 && !table.columns().is_empty() {
            need(mapping.get("occurred_at").is_some(), |columns| {
                Reason::NoTimeColumn { columns }
            })?;
        }
        return Ok(());
    }
    if layer == LayerName::Compounds {
        return need(table.has_shapes() || mapping.has_place(), |columns| {
            Reason::NoPlaceColumns { columns }
        });
    }
    need(
        table.has_shapes() || mapping.get("wkt").is_some(),
        |columns| Reason::NoGeometryColumn { columns },
    )
}
