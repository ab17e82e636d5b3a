//! The importer: a file in any format to entities and a report.

use std::collections::HashMap;

use super::entity::Draft;
use super::fault::Fault;
use super::foreign::ForeignTable;
use super::geometry::Door;
use super::mapping::Mapping;
use super::open::{Named, open};
use super::options::{Items, Options, Parsed, Repeat, Report};
use super::problem::{Code, FileError, Problem, Refusal, Severity, quote};
use super::reason::Reason;
use super::row::{Context, Row};
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
        new_categories: Vec::new(),
        warned: std::collections::HashSet::new(),
    };
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

/// All rows of a table as entities of one layer.
fn rows<T: Draft>(
    table: &dyn Table,
    mut context: Context<'_>,
    mut report: Report,
    mut watcher: Option<Watcher<'_>>,
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
        let mut notes = Vec::new();
        let mut unplaced = false;
        match read {
            Ok(item) => {
                report.accepted += 1;
                unplaced = item.geometry().is_none();
                report.unplaced += u64::from(unplaced);
                for kind in row.masked.drain(..) {
                    report.masked.add(kind);
                }
                let repairs = row.repairs.drain(..).map(|note| (note, Severity::Repaired));
                let warnings = row.warnings.drain(..).map(|note| (note, Severity::Warning));
                let told = repairs.chain(warnings);
                notes.extend(told.map(|(note, severity)| note.on_row(number, severity)));
                items.push(item);
                numbers.push(number);
            }
            Err(refusal) => {
                report.rejected += 1;
                notes.push(refusal.on_row(number, Severity::Rejected));
            }
        }
        if let Some(watcher) = &mut watcher {
            watcher.tell(&row, unplaced, &notes);
        }
        notes.into_iter().for_each(|note| report.add(note));
        true
    });
    if report.read == 0 {
        report.add(Problem::of_file(Code::Empty, Reason::NoRows));
    }
    if report.masked.total() > 0 {
        let kinds = report.masked.clone();
        report.add(Problem::of_file(Code::PiiMasked, Reason::Masked { kinds }));
    }
    report.review_from = report.problems.len();
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
            Reason::IdTaken {
                row: *first,
                id: quote(&key.1),
            },
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
