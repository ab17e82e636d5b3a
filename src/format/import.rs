//! The importer: a file in any format to entities and a report.

use std::collections::HashMap;

use super::csv::CsvTable;
use super::entity::Draft;
use super::geometry::Door;
use super::mapping::Mapping;
use super::options::{Items, Options, Parsed, Repeat, Report};
use super::problem::{Code, FileError, Problem, Refusal, Severity, quote};
use super::reason::Reason;
use super::row::{Context, Row};
use super::table::Table;
use super::{geojson, shapefile};
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
}

/// The largest file read, bytes.
pub const MAX_FILE_BYTES: usize = 512 * 1024 * 1024;

/// Reads a file as rows of a layer. Good rows are items, bad rows problems.
///
/// # Errors
/// When the file as a whole cannot be read: not its format, no headings,
/// columns that do not exist, an unknown coordinate system.
pub fn import(layer: LayerName, input: Input<'_>, options: &Options) -> Result<Parsed, FileError> {
    let (table, prj): (Box<dyn Table>, Option<&[u8]>) = match input {
        Input::Csv(bytes) => (Box::new(CsvTable::new(limited(bytes)?)?), None),
        Input::GeoJson(bytes) => (Box::new(geojson::read(limited(bytes)?)?), None),
        Input::Shapefile { shp, dbf, cpg, prj } => {
            (Box::new(shapefile::read(limited(shp)?, dbf, cpg)?), prj)
        }
    };
    let mut report = Report {
        encoding: table.encoding().to_owned(),
        ..Report::default()
    };
    for note in table.notes() {
        report.add(note);
    }
    let crs = decide_crs(&*table, prj, options, &mut report)?;
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
        LayerName::Grids => rows::<Grid>(&*table, context, report, Items::Grids),
        LayerName::Compounds => rows::<Compound>(&*table, context, report, Items::Compounds),
        LayerName::Streets => rows::<Street>(&*table, context, report, Items::Streets),
        LayerName::Routes => rows::<Route>(&*table, context, report, Items::Routes),
        LayerName::Incidents => rows::<Incident>(&*table, context, report, Items::Incidents),
    };
    Ok(parsed)
}

fn limited(bytes: &[u8]) -> Result<&[u8], FileError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError::new(
            Code::Corrupt,
            Reason::FileTooLarge {
                most_mb: MAX_FILE_BYTES >> 20,
            },
        ));
    }
    Ok(bytes)
}

/// What the user says, else what the file says, else WGS84.
fn decide_crs(
    table: &dyn Table,
    prj: Option<&[u8]>,
    options: &Options,
    report: &mut Report,
) -> Result<Crs, FileError> {
    let named = match (table.crs(), prj) {
        (Some(crs), _) => Some(crs),
        (None, Some(prj)) if options.crs.is_none() => {
            Some(Crs::from_wkt(&String::from_utf8_lossy(prj)).map_err(FileError::crs)?)
        }
        _ => None,
    };
    match (options.crs, named) {
        (Some(said), Some(named)) if said != named && named != Crs::Wgs84 => {
            report.add(Problem::of_file(
                Code::Crs,
                Reason::CrsOverruled { named, said },
            ));
            Ok(said)
        }
        (Some(said), _) => Ok(said),
        // A `crs` member is a relic, and often wrong: ask.
        (None, Some(named))
            if table.crs().is_some() && named != Crs::Wgs84 && named != Crs::Cgcs2000 =>
        {
            Err(FileError::new(Code::Crs, Reason::CrsDoubtful { named }))
        }
        (None, Some(named)) => Ok(named),
        (None, None) => Ok(Crs::Wgs84),
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
        report.add(Problem::of_file(Code::Empty, Reason::NoRows));
    }
    if report.masked.total() > 0 {
        let kinds = report.masked.clone();
        report.add(Problem::of_file(Code::PiiMasked, Reason::Masked { kinds }));
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
