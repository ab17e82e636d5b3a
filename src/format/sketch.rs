//! A look at a file before it is imported: what it is, what is in it, what
//! would become of each column. Nothing personal is shown.

use serde::Serialize;

use super::coordinate;
use super::datum::SamplePoint;
use super::encoding::{self, Encoding};
use super::import::Input;
use super::mapping::Mapping;
use super::open::{Inner, Named, Opened, open};
use super::options::{Options, plain_number};
use super::personal::mask_text;
use super::problem::{FileError, Problem};
use super::sniff::FileKind;
use super::table::{Record, Shape, Table};
use super::text::is_nothing;
use super::{time, wkt};
use crate::crs::Crs;
use crate::model::LayerName;

/// Values shown of a column.
const SAMPLES: usize = 5;
/// Longest value shown, characters.
const MAX_SAMPLE: usize = 60;
/// Values of a column that its type is judged by.
const JUDGED: usize = 500;
/// Places kept for the guess of the datum.
const MAX_PLACES: usize = 2_000;
/// How much of a file is decoded again to show another encoding, bytes.
const TRIED_BYTES: usize = 1 << 20;

/// What a file looks like.
#[derive(Debug, Clone, Serialize)]
pub struct Sketch {
    /// The kind of file.
    pub kind: FileKind,
    /// The encoding its texts were read in.
    pub encoding: String,
    /// Encodings that fit as well as the one used, with a line in each;
    /// empty where the format knows its encoding.
    pub encodings: Vec<EncodingChoice>,
    /// Sheets or layers inside; empty where the file is one table.
    pub inner: Vec<Inner>,
    /// The one that was read.
    pub sheet: Option<String>,
    /// Rows of data.
    pub rows: u64,
    /// The layer it is taken for: the one that was said, else a guess.
    pub layer: LayerName,
    /// The layer is a guess.
    pub layer_guessed: bool,
    /// The coordinate system that the file names, as `Options::crs` takes it.
    pub crs: Option<String>,
    /// The user must say the coordinate system.
    pub crs_needed: bool,
    /// The columns, in order.
    pub columns: Vec<SketchColumn>,
    /// Shapes by kind.
    pub shapes: ShapeCounts,
    /// What is worth knowing about the file.
    pub problems: Vec<Problem>,
    /// Why it cannot be imported as it stands: a column that is missing or
    /// there twice.
    pub error: Option<FileError>,
    /// Places as the file has them, for [`datum::candidates`](super::datum::candidates).
    #[serde(skip)]
    pub places: Vec<SamplePoint>,
}

/// An encoding that the file may be in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EncodingChoice {
    /// The encoding; as `Options::encoding` takes it.
    pub encoding: Encoding,
    /// Headings and the first row, nothing personal.
    pub line: String,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    /// Nothing.
    Empty,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Days.
    Date,
    /// Days with a time.
    Time,
    /// Two coordinates in one cell.
    Place,
    /// Well-known text.
    Geometry,
    /// Anything else.
    Text,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SketchColumn {
    /// The heading.
    pub name: String,
    /// What is in it.
    pub value_kind: ValueKind,
    /// The field it would become.
    pub field: Option<String>,
    /// It is about persons and would be dropped.
    pub personal: bool,
    /// Share of the rows that have a value, 0 to 1.
    pub filled: f64,
    /// Some different values, masked; none of a personal column.
    pub samples: Vec<String>,
}

/// How many rows have which shape.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ShapeCounts {
    /// Points.
    pub points: u64,
    /// Lines.
    pub lines: u64,
    /// Areas.
    pub areas: u64,
    /// Collections.
    pub other: u64,
    /// Rows without a shape.
    pub none: u64,
}

/// Looks at a file, for a layer or to guess one.
///
/// # Errors
/// When the file as a whole cannot be read. A file that can be read but not
/// imported yet is a sketch with an `error`.
pub fn sketch(
    input: Input<'_>,
    layer: Option<LayerName>,
    options: &Options,
) -> Result<Sketch, FileError> {
    let opened = open(layer, input, options)?;
    let table = &*opened.table;
    let look = Look::take(table);
    let taken_for = layer.unwrap_or_else(|| guess_layer(table, &look, options));
    let (mapping, error) = match Mapping::decide(table, taken_for, options) {
        Ok(mapping) => (mapping, None),
        // Columns about persons are known all the same.
        Err(e) => (Mapping::personal_only(table), Some(e)),
    };
    let columns = columns(table, &look, &mapping);
    let places = places(table, &mapping);
    let (crs, crs_needed) = system(&opened, input);
    let encodings = encodings(input, layer, options, table.encoding());
    Ok(Sketch {
        kind: kind(input),
        encoding: table.encoding().to_owned(),
        encodings,
        rows: look.rows,
        layer: taken_for,
        layer_guessed: layer.is_none(),
        crs: crs.or_else(|| {
            mapping
                .named_crs(table.columns())
                .map(|crs| crs.to_string())
        }),
        crs_needed: crs_needed && options.crs.is_none(),
        columns,
        shapes: look.shapes,
        problems: opened.notes.iter().cloned().chain(table.notes()).collect(),
        error,
        places,
        inner: opened.inner,
        sheet: opened.chosen,
    })
}

fn kind(input: Input<'_>) -> FileKind {
    match input {
        Input::Csv(_) => FileKind::Csv,
        Input::GeoJson(_) => FileKind::GeoJson,
        Input::Shapefile { .. } => FileKind::Shapefile,
        Input::ShapefileZip(_) => FileKind::ShapefileZip,
        Input::Excel(_) => FileKind::Excel,
        Input::Kml(_) => FileKind::Kml,
        Input::Kmz(_) => FileKind::Kmz,
        Input::Gpx(_) => FileKind::Gpx,
        Input::Dxf(_) => FileKind::Dxf,
        Input::OsmPbf(_) => FileKind::OsmPbf,
        Input::Features(_) => FileKind::GeoPackage,
    }
}

/// The system that the file names, and whether the user must say one.
fn system(opened: &Opened, input: Input<'_>) -> (Option<String>, bool) {
    match &opened.named {
        Named::Stated(crs) => (Some(crs.to_string()), false),
        Named::Doubtful(crs) => {
            let plain = matches!(crs, Crs::Wgs84 | Crs::Cgcs2000);
            (Some(crs.to_string()), !plain)
        }
        Named::Prj(prj) => match Crs::from_wkt(&String::from_utf8_lossy(prj)) {
            Ok(crs) => (Some(crs.to_string()), false),
            Err(_) => (None, true),
        },
        Named::Nothing if kind(input).names_crs() => (Some(Crs::Wgs84.to_string()), false),
        Named::Nothing | Named::Missing | Named::MustSay(_) | Named::Unread(_) => (None, true),
    }
}

/// What one walk over the rows shows.
struct Look {
    rows: u64,
    shapes: ShapeCounts,
    filled: Vec<u64>,
    /// The first values of every column.
    values: Vec<Vec<String>>,
}

impl Look {
    fn take(table: &dyn Table) -> Self {
        let width = table.columns().len();
        let mut look = Self {
            rows: 0,
            shapes: ShapeCounts::default(),
            filled: vec![0; width],
            values: vec![Vec::new(); width],
        };
        table.visit(&mut |record| {
            look.rows += 1;
            match record.shape {
                Some(Shape::Point(_) | Shape::Points(_)) => look.shapes.points += 1,
                Some(Shape::Lines(_)) => look.shapes.lines += 1,
                Some(Shape::Polygons(_)) => look.shapes.areas += 1,
                Some(Shape::Collection) => look.shapes.other += 1,
                None => look.shapes.none += 1,
            }
            for (slot, cell) in record.cells.iter().enumerate() {
                if !is_nothing(cell) {
                    look.filled[slot] += 1;
                    if look.values[slot].len() < JUDGED {
                        look.values[slot].push(cell.trim().chars().take(400).collect());
                    }
                }
            }
            true
        });
        look
    }
}

fn columns(table: &dyn Table, look: &Look, mapping: &Mapping) -> Vec<SketchColumn> {
    let fields = mapping.describe_slots();
    table
        .columns()
        .iter()
        .enumerate()
        .map(|(slot, name)| {
            let personal = mapping.dropped.contains(&slot);
            let values = &look.values[slot];
            let mut samples: Vec<String> = Vec::new();
            for value in values.iter().filter(|_| !personal) {
                let shown = shown(value);
                if samples.len() < SAMPLES && !samples.contains(&shown) {
                    samples.push(shown);
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "rows stay far below 2^53")]
            let filled = look.filled[slot] as f64 / look.rows.max(1) as f64;
            SketchColumn {
                name: name.clone(),
                value_kind: value_kind(values),
                field: fields
                    .iter()
                    .find(|(s, _)| *s == slot)
                    .map(|(_, field)| (*field).to_owned()),
                personal,
                filled,
                samples,
            }
        })
        .collect()
}

/// A value fit to show: masked first, then cut, so that no half of a number
/// is left over.
fn shown(value: &str) -> String {
    let plain: String = value.chars().filter(|c| !c.is_control()).collect();
    let masked = mask_text(&plain).0;
    let mut short: String = masked.chars().take(MAX_SAMPLE).collect();
    if masked.chars().count() > MAX_SAMPLE {
        short.push('…');
    }
    short
}

fn value_kind(values: &[String]) -> ValueKind {
    let all = |test: &dyn Fn(&str) -> bool| values.iter().all(|v| test(v));
    let order = time::order_of(values.iter().map(String::as_str));
    let when = |v: &str| time::parse(v, order).ok();
    if values.is_empty() {
        ValueKind::Empty
    } else if all(&|v| v.bytes().all(|b| b.is_ascii_digit()) && v.len() != 8 && v.len() < 12) {
        ValueKind::Integer
    } else if all(&|v| when(v).is_some_and(|w| w.date_only)) {
        ValueKind::Date
    } else if all(&|v| when(v).is_some()) {
        ValueKind::Time
    } else if all(&|v| plain_number(v).is_some()) {
        if all(&|v| !v.contains(['.', 'e', 'E'])) {
            ValueKind::Integer
        } else {
            ValueKind::Number
        }
    } else if all(&|v| coordinate::parse_pair(v).is_ok()) {
        ValueKind::Place
    } else if all(&|v| wkt::parse(v).is_ok()) {
        ValueKind::Geometry
    } else {
        ValueKind::Text
    }
}

/// The layer that shapes and headings speak for.
fn guess_layer(table: &dyn Table, look: &Look, options: &Options) -> LayerName {
    let has = |layer: LayerName, field: &str| {
        Mapping::decide(table, layer, options).is_ok_and(|m| m.get(field).is_some())
    };
    let shapes = look.shapes;
    let (mut lines, mut areas) = (shapes.lines, shapes.areas);
    if !table.has_shapes() {
        // WKT cut short does not parse; its first word tells.
        for value in look.values.iter().filter_map(|v| v.first()) {
            let upper = value.to_ascii_uppercase();
            lines += u64::from(upper.starts_with("LINESTRING") || upper.starts_with("MULTILINE"));
            areas += u64::from(upper.starts_with("POLYGON") || upper.starts_with("MULTIPOLYGON"));
        }
    }
    if areas > shapes.points.max(lines) {
        let compound = has(LayerName::Compounds, "priority")
            || table
                .columns()
                .iter()
                .any(|c| c.contains("小区") || c.contains("楼盘"));
        return if compound {
            LayerName::Compounds
        } else {
            LayerName::Grids
        };
    }
    if lines > shapes.points {
        let street = has(LayerName::Streets, "class") || has(LayerName::Streets, "oneway");
        return if street {
            LayerName::Streets
        } else {
            LayerName::Routes
        };
    }
    if has(LayerName::Incidents, "occurred_at") {
        LayerName::Incidents
    } else {
        LayerName::Compounds
    }
}

/// Places of the first rows as they stand in the file, with the text that may
/// name a compound.
fn places(table: &dyn Table, mapping: &Mapping) -> Vec<SamplePoint> {
    let slot = |field: &str| mapping.slot(field);
    let (lon, lat, pair) = (slot("lon"), slot("lat"), slot("lonlat"));
    let named = slot("name").or(slot("text"));
    let number = |record: &Record<'_>, slot: Option<usize>| {
        let (number, _) = coordinate::parse_number(record.cells[slot?]).ok()?;
        Some(number)
    };
    let mut out = Vec::new();
    table.visit(&mut |record| {
        let at = match record.shape {
            Some(Shape::Point(p)) => Some((p.x, p.y)),
            Some(Shape::Points(list)) => list.first().map(|p| (p.x, p.y)),
            Some(Shape::Lines(parts)) => parts.iter().flatten().next().map(|p| (p.x, p.y)),
            Some(Shape::Polygons(parts)) => {
                parts.iter().flatten().flatten().next().map(|p| (p.x, p.y))
            }
            Some(Shape::Collection) => None,
            None => match (number(&record, lon), number(&record, lat), pair) {
                (Some(x), Some(y), _) => Some((x, y)),
                (_, _, Some(pair)) => {
                    let read = coordinate::parse_pair(record.cells[pair]).ok();
                    read.map(|p| (p.x, p.y))
                }
                _ => None,
            },
        };
        if let Some((x, y)) = at {
            let text = named.map(|slot| shown(record.cells[slot]));
            out.push(SamplePoint {
                x,
                y,
                name: text.filter(|t| !t.is_empty()),
            });
        }
        out.len() < MAX_PLACES
    });
    out
}

/// The encodings that the texts may be in, each with a line to judge by.
fn encodings(
    input: Input<'_>,
    layer: Option<LayerName>,
    options: &Options,
    used: &str,
) -> Vec<EncodingChoice> {
    let cut;
    let (input, texts): (Input<'_>, Vec<&[u8]>) = match input {
        Input::Csv(bytes) => {
            cut = first_lines(bytes);
            (Input::Csv(cut), vec![cut])
        }
        Input::Shapefile { dbf: Some(dbf), .. } if dbf.len() <= 16 * TRIED_BYTES => {
            (input, vec![dbf.get(32..).unwrap_or_default()])
        }
        Input::ShapefileZip(bytes) if bytes.len() <= 2 * TRIED_BYTES => (input, Vec::new()),
        _ => return Vec::new(),
    };
    if !texts.is_empty() && texts.iter().all(|t| t.is_ascii()) {
        return Vec::new();
    }
    let likely = [
        Encoding::UTF_8,
        Encoding::GB18030,
        Encoding(encoding_rs::BIG5),
        Encoding(encoding_rs::UTF_16LE),
    ];
    let tried = likely.into_iter().filter(|e| {
        let csv = matches!(input, Input::Csv(_));
        !csv || e.name() == used || encoding::fits(*e, &texts)
    });
    let choices: Vec<EncodingChoice> = tried
        .filter_map(|encoding| {
            let options = Options {
                encoding: Some(encoding),
                ..options.clone()
            };
            let opened = open(layer, input, &options).ok()?;
            let line = line(&*opened.table);
            Some(EncodingChoice { encoding, line })
        })
        .collect();
    // ASCII reads the same in all of them.
    let same = choices.windows(2).all(|w| w[0].line == w[1].line);
    if same && choices.len() > 1 {
        return Vec::new();
    }
    choices
}

/// Whole lines from the start.
fn first_lines(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= TRIED_BYTES {
        return bytes;
    }
    let head = &bytes[..TRIED_BYTES];
    let end = head.iter().rposition(|b| *b == b'\n').unwrap_or(head.len());
    &head[..end]
}

/// Headings and the first row, nothing personal.
fn line(table: &dyn Table) -> String {
    let personal = Mapping::personal_only(table);
    let mut parts: Vec<String> = table.columns().iter().take(8).map(|c| shown(c)).collect();
    table.visit(&mut |record| {
        for (slot, cell) in record.cells.iter().enumerate().take(8) {
            if !personal.dropped.contains(&slot) && !cell.is_ascii() {
                parts.push(shown(cell));
            }
        }
        record.row < 2
    });
    parts.join(" ")
}
