//! The uploaded files as what the readers take, and the look at them.

use super::fields::fields_of;
use super::page;
use super::wire::{Column, Encoding, Refusal, Sheet, Sketch, SketchPoint};
use crate::crs::Crs;
use crate::format::{
    self, FileError, FileKind, ForeignTable, Input, Options, SNIFF_BYTES, ValueKind, mask_text,
    sniff,
};
use crate::model::LayerName;
use crate::store::gpkg::foreign::{self, ForeignError};

/// One file of a job.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// What the files of an upload are.
#[derive(Debug)]
pub(super) enum Opened {
    /// A Shapefile: its parts by their endings.
    Shapefile(Vec<File>),
    /// One file that readers take as it is.
    Plain(FileKind, File),
    /// A table of a GeoPackage.
    Table(Box<ForeignTable>),
}

/// The ending of a name, in lower case.
fn ending(name: &str) -> String {
    name.rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default()
}

fn kind_of(file: &File) -> FileKind {
    sniff(&file.name, &file.bytes[..file.bytes.len().min(SNIFF_BYTES)])
}

impl Opened {
    /// Sorts the files of an upload. Of a GeoPackage the table called `sheet`
    /// is fetched, else one that suits the layer.
    ///
    /// # Errors
    /// When no file is of a kind that is read, or there are several.
    pub(super) fn new(
        mut files: Vec<File>,
        sheet: Option<&str>,
        layer: Option<LayerName>,
    ) -> Result<Opened, Refusal> {
        if files.iter().any(|file| ending(&file.name) == "shp") {
            return Ok(Opened::Shapefile(files));
        }
        let Some(file) = files.pop() else {
            return Err(several(0));
        };
        if !files.is_empty() {
            return Err(several(files.len() + 1));
        }
        match kind_of(&file) {
            FileKind::GeoPackage => geopackage(file.bytes, sheet, layer)
                .map(|table| Opened::Table(Box::new(table)))
                .map_err(|error| of_foreign(&error)),
            kind => {
                kind.input(&file.bytes).map_err(|error| refusal(&error))?;
                Ok(Opened::Plain(kind, file))
            }
        }
    }

    /// The bytes of an OpenStreetMap extract.
    pub(super) fn extract(&self) -> Option<&[u8]> {
        match self {
            Opened::Plain(FileKind::OsmPbf, file) => Some(&file.bytes),
            _ => None,
        }
    }

    /// What the readers take.
    ///
    /// # Errors
    /// Never for what [`Opened::new`] let through.
    pub(super) fn input(&self) -> Result<Input<'_>, FileError> {
        match self {
            Opened::Table(table) => Ok(Input::Features(table)),
            Opened::Plain(kind, file) => kind.input(&file.bytes),
            Opened::Shapefile(files) => {
                let part = |wanted: &str| {
                    let mut files = files.iter();
                    files
                        .find(|file| ending(&file.name) == wanted)
                        .map(|file| file.bytes.as_slice())
                };
                Ok(Input::Shapefile {
                    shp: part("shp").unwrap_or_default(),
                    dbf: part("dbf"),
                    cpg: part("cpg"),
                    prj: part("prj"),
                })
            }
        }
    }

    /// The shape of the upload.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub(super) fn sketch(
        &self,
        layer: Option<LayerName>,
        options: &Options,
    ) -> Result<Sketch, FileError> {
        let found = format::sketch(self.input()?, layer, options)?;
        let kept = |name: &str| {
            let bare = |keep: &String| {
                keep.rsplit_once(':')
                    .map_or(keep.clone(), |(n, _)| n.to_owned())
            };
            options
                .keep
                .iter()
                .any(|keep| keep == name || bare(keep) == name)
        };
        let (shaped, rows) = (found.shapes.none < found.rows, found.rows);
        Ok(Sketch {
            format: found.kind.as_str().to_owned(),
            rows,
            sheets: found
                .inner
                .iter()
                .map(|inner| Sheet {
                    name: inner.name.clone(),
                    rows: inner.rows,
                    chosen: found.sheet.as_ref() == Some(&inner.name),
                })
                .collect(),
            encodings: found
                .encodings
                .iter()
                .map(|choice| Encoding {
                    name: choice.encoding.name().to_owned(),
                    sample: choice.line.clone(),
                    chosen: choice.encoding.name() == found.encoding,
                })
                .collect(),
            columns: found
                .columns
                .iter()
                .map(|column| Column {
                    name: column.name.clone(),
                    field: column.field.clone(),
                    kept: kept(&column.name),
                    personal: column.personal,
                    column_type: type_of(column.value_kind).to_owned(),
                    filled_share: column.filled,
                    samples: column.samples.clone(),
                })
                .collect(),
            guessed_layer: Some(found.layer),
            fields: fields_of(found.layer, shaped),
            named_crs: found.crs,
            crs_needed: found.crs_needed,
            points: found
                .places
                .into_iter()
                // Nothing else can be told in JSON.
                .filter(|place| place.x.is_finite() && place.y.is_finite())
                .map(|place| SketchPoint {
                    x: place.x,
                    y: place.y,
                    text: place.name.unwrap_or_default(),
                })
                .collect(),
        })
    }
}

/// The three types that an extra column can have.
fn type_of(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Integer | ValueKind::Number => "number",
        ValueKind::Date => "date",
        ValueKind::Empty
        | ValueKind::Time
        | ValueKind::Place
        | ValueKind::Geometry
        | ValueKind::Text => "text",
    }
}

fn several(count: usize) -> Refusal {
    Refusal {
        code: "several_files".to_owned(),
        zh: format!(
            "一次上传了 {count} 个文件，其中没有 .shp；除 Shapefile 的配套文件外，请一次上传一个文件"
        ),
        en: format!(
            "{count} files came together without a .shp among them; but for the parts of a Shapefile, upload one file at a time"
        ),
    }
}

/// The words may quote a cell: they are masked like one.
pub(super) fn refusal(error: &FileError) -> Refusal {
    let (zh, en) = page::words(&error.reason);
    Refusal {
        code: error.code.as_str().to_owned(),
        zh: mask_text(&zh).0,
        en: mask_text(&en).0,
    }
}

/// Why the ground of an extract is not read; its streets may still be.
pub(super) fn refusal_of_ground(error: &FileError) -> Refusal {
    let refusal = refusal(error);
    Refusal {
        code: "background".to_owned(),
        zh: format!("底图读不成：{}；也可以取消底图，只导入街巷", refusal.zh),
        en: format!(
            "the background cannot be read: {}; or take the streets without it",
            refusal.en
        ),
    }
}

fn of_foreign(error: &ForeignError) -> Refusal {
    let code = match error {
        ForeignError::NoSuchLayer { .. } => "mapping",
        _ => "corrupt",
    };
    Refusal {
        code: code.to_owned(),
        zh: error.zh(),
        en: error.to_string(),
    }
}

/// A coordinate system by name; the names were checked when they were chosen.
pub(super) fn crs(name: Option<&str>) -> Option<Crs> {
    name.and_then(|name| name.parse().ok())
}

/// Reads a table of a GeoPackage from memory.
fn geopackage(
    bytes: Vec<u8>,
    sheet: Option<&str>,
    layer: Option<LayerName>,
) -> Result<ForeignTable, ForeignError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(foreign::read_bytes(bytes, sheet, layer))
}
