//! The uploaded files as what the readers take.

use super::wire::Sketch;
use crate::crs::Crs;
use crate::format::{Code, FileError, Input, Options, Reason, import};
use crate::model::LayerName;

/// One file of a job.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The ending of a name, in lower case.
pub(super) fn ending(name: &str) -> String {
    name.rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default()
}

/// The reader's input for the files of one upload.
///
/// # Errors
/// When no file is of a kind that is read.
pub(super) fn input<'f>(files: &'f [File], _options: &Options) -> Result<Input<'f>, FileError> {
    let part = |wanted: &str| {
        let mut files = files.iter();
        files
            .find(|file| ending(&file.name) == wanted)
            .map(|file| file.bytes.as_slice())
    };
    if let Some(shp) = part("shp") {
        return Ok(Input::Shapefile {
            shp,
            dbf: part("dbf"),
            cpg: part("cpg"),
            prj: part("prj"),
        });
    }
    for file in files {
        match ending(&file.name).as_str() {
            "csv" | "tsv" | "txt" => return Ok(Input::Csv(&file.bytes)),
            "json" | "geojson" => return Ok(Input::GeoJson(&file.bytes)),
            _ => {}
        }
    }
    Err(FileError {
        code: Code::Corrupt,
        reason: Reason::FileEmpty,
    })
}

/// The shape of the upload.
///
/// # Errors
/// When the file cannot be read at all.
pub(super) fn sketch(
    files: &[File],
    layer: Option<LayerName>,
    options: &Options,
) -> Result<Sketch, FileError> {
    let layer = layer.unwrap_or(LayerName::Incidents);
    let parsed = import(layer, input(files, options)?, options)?;
    Ok(Sketch {
        guessed_layer: Some(parsed.items.layer()),
        ..Sketch::default()
    })
}

/// A coordinate system by name.
///
/// # Errors
/// When it is none that is read.
pub(super) fn crs(name: Option<&str>) -> Result<Option<Crs>, FileError> {
    name.map(|name| {
        name.parse::<Crs>().map_err(|error| FileError {
            code: Code::Crs,
            reason: Reason::Crs { cause: error },
        })
    })
    .transpose()
}
