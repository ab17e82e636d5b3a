//! The importer: a file in any format to entities and a report.

use std::collections::HashMap;

use super::entity::Draft;
use super::fault::Fault;
use super::foreign::ForeignTable;
use super::geometry::Door;
use super::mapping::Mapping;
use super::open::{Named, open};
use super::options::{Items, Options, Parsed, Repeat, Report};
use super::problem::{Code, FileError, Problem, Refusal, Severity};
use super::row::{Context, Row};
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
        report.add(file_note(
            Code::PiiColumn,
            format!("the column `{column}` is about persons and was dropped"),
            Some(column.clone()),
        ));
        report.dropped_columns.push(column);
    }
    let transformer =
        Transformer::new(crs).map_err(|e| FileError::new(Code::Crs, e.to_string()))?;
    let context = Context {
        options,
        mapping: &mapping,
        columns: table.columns(),
        door: Door::new(transformer, options.swap),
        has_shapes: table.has_shapes(),
        new_categories: Vec::new(),
        warned: std::collections::HashSet::new(),
    };
    let parsed = match layer {
        LayerName::Grids => rows::<Grid>(&*table, context, report, Items::Grids),
        LayerName::Compounds => rows::<Compound>(&*table, context, report, Items::Compounds),
        LayerName::Streets => rows::<Street>(&*table, context, report, Items::Streets),
        LayerName::Routes => rows::<Route>(&*table, context, report, Items::Routes),
        LayerName::Incidents => rows::<Incident>(&*table, context, report, Items::Incidents),
    };
    Ok(parsed)
}

/// What the user says, else what the file says, else WGS84.
fn decide_crs(named: &Named, options: &Options, report: &mut Report) -> Result<Crs, FileError> {
    let stated = match named {
        Named::Doubtful(crs) | Named::Stated(crs) => Some(*crs),
        Named::Prj(prj) if options.crs.is_none() => Some(
            Crs::from_wkt(&String::from_utf8_lossy(prj))
                .map_err(|e| FileError::new(Code::Crs, e.to_string()))?,
        ),
        _ => None,
    };
    match (options.crs, stated) {
        (Some(said), Some(stated)) if said != stated && stated != Crs::Wgs84 => {
            report.add(file_note(
                Code::Crs,
                format!("the file names {stated}; {said} was used as told"),
                None,
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
                format!(
                    "the file names {stated}; say --crs {stated} if that is right, else the right one"
                ),
            ))
        }
        (None, Some(stated)) => Ok(stated),
        (None, None) => match named {
            Named::MustSay(fault) => Err(fault.clone().of_file()),
            Named::Unread(error) => Err(FileError::new(Code::Crs, error.to_string())),
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
    let need = |ok: bool, reason: &str| {
        if ok {
            Ok(())
        } else {
            Err(FileError::new(
                Code::Mapping,
                format!("{reason}; the columns are {}", table.columns().join(", ")),
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
            need(
                mapping.get("occurred_at").is_some(),
                "no column was taken for the time; say --map occurred_at=COLUMN",
            )?;
        }
        return Ok(());
    }
    if layer == LayerName::Compounds {
        return need(
            table.has_shapes() || mapping.has_place(),
            "no columns were taken for the place; say --map lon=COLUMN --map lat=COLUMN",
        );
    }
    need(
        table.has_shapes() || mapping.get("wkt").is_some(),
        "no column was taken for the geometry; say --map wkt=COLUMN for WKT, or import GeoJSON or a Shapefile",
    )
}

fn file_note(code: Code, reason: String, column: Option<String>) -> Problem {
    Problem {
        row: None,
        column,
        code,
        reason,
        severity: Severity::Warning,
    }
}

/// All rows of a table as entities of one layer.
fn rows<T: Draft>(
    table: &dyn Table,
    mut context: Context<'_>,
    mut report: Report,
    wrap: fn(Vec<T>) -> Items,
) -> Parsed {
    let mut items: Vec<T> = Vec::new();
    let mut numbers = Vec::new();
    let mut seen: HashMap<(String, String), (u64, u32)> = HashMap::new();
    table.visit(&mut |record| {
        report.read += 1;
        let number = record.row;
        let mut row = Row {
            record,
            context: &mut context,
            masked: Vec::new(),
            warnings: Vec::new(),
            repairs: Vec::new(),
        };
        let read = match row.record.refusal.take() {
            Some(refusal) => Err(refusal),
            None => T::read(&mut row).and_then(|mut item| {
                unique(&mut item, number, row.context.options.repeat, &mut seen)?;
                Ok(item)
            }),
        };
        match read {
            Ok(item) => {
                report.accepted += 1;
                report.unplaced += u64::from(item.geometry().is_none());
                for kind in row.masked {
                    report.masked.add(kind);
                }
                for (notes, severity) in [
                    (row.repairs, Severity::Repaired),
                    (row.warnings, Severity::Warning),
                ] {
                    for note in notes {
                        report.add(note.on_row(number, severity));
                    }
                }
                items.push(item);
                numbers.push(number);
            }
            Err(refusal) => {
                report.rejected += 1;
                report.add(refusal.on_row(number, Severity::Rejected));
            }
        }
        true
    });
    if report.read == 0 {
        report.add(file_note(
            Code::Empty,
            "the file has no rows".to_owned(),
            None,
        ));
    }
    if report.masked.total() > 0 {
        let kinds: Vec<String> = report
            .masked
            .iter()
            .map(|(kind, n)| format!("{kind} {n}"))
            .collect();
        let reason = format!("masked in texts: {}", kinds.join(", "));
        report.add(file_note(Code::PiiMasked, reason, None));
    }
    super::review::far_places(&items, &numbers, &mut report);
    T::review(&items, &numbers, &mut report);
    Parsed {
        extra_columns: context
            .mapping
            .keep
            .iter()
            .map(|(_, c)| c.clone())
            .collect(),
        new_categories: context.new_categories,
        items: wrap(items),
        rows: numbers,
        report,
    }
}

/// Sees that a key comes once; a second row is refused, or gets a number.
fn unique<T: Draft>(
    item: &mut T,
    row: u64,
    repeat: Repeat,
    seen: &mut HashMap<(String, String), (u64, u32)>,
) -> Result<(), Refusal> {
    let key = (item.meta().source.clone(), item.meta().source_id.clone());
    let Some((first, times)) = seen.get_mut(&key) else {
        seen.insert(key, (row, 1));
        return Ok(());
    };
    match repeat {
        Repeat::Reject => Err(Refusal::new(
            Code::DuplicateId,
            format!(
                "row {first} has the same id `{}`",
                super::problem::quote(&key.1)
            ),
        )),
        Repeat::Keep => {
            *times += 1;
            let id = format!("{}~{times}", key.1);
            item.meta_mut().source_id.clone_from(&id);
            seen.entry((key.0, id)).or_insert((row, 1));
            Ok(())
        }
    }
}
