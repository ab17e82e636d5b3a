//! What the server and the process that reads a file say to each other:
//! frames of JSON, each behind its length; after the job the files' bytes.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{Category, CategoryTree, ExtraColumn, GroundFeature, LayerName, Timestamp};
use crate::service::Rows;

/// The longest frame, bytes: a chunk of rows with large areas.
const LONGEST_FRAME: usize = 256 << 20;

/// What the reading process is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    /// Look at the file's shape: sheets, columns, places.
    pub(super) sketch: bool,
    /// The layer whose fields the columns are held against; `None` guesses.
    pub(super) sketch_layer: Option<LayerName>,
    /// The layer to read the rows for; `None` reads no rows.
    pub(super) layer: Option<LayerName>,
    /// The ground to read as well, of an extract.
    pub(super) ground: Option<GroundJob>,
    /// What the user said about the file.
    pub(super) options: ReadOptions,
    /// The files whose bytes follow, in this order.
    pub(super) files: Vec<FileHead>,
    /// The category tree, to read words by.
    pub(super) categories: CategoryTree,
    /// Times after this are warned of.
    pub(super) now: Timestamp,
    /// The most memory the process may take, bytes of address space.
    pub(super) memory_bytes: u64,
    /// The most time of a processor, seconds.
    pub(super) cpu_s: u64,
}

/// The ground to read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct GroundJob {
    /// West, south, east, north of what it is cut to; all of it unless told.
    pub(super) within: Option<[f64; 4]>,
}

/// A file of the job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FileHead {
    /// Its name, by whose ending it is known.
    pub(super) name: String,
    /// Its length, bytes.
    pub(super) bytes: u64,
}

/// The part of the user's choices that the readers need.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ReadOptions {
    pub(super) sheet: Option<String>,
    pub(super) encoding: Option<String>,
    pub(super) crs: Option<String>,
    pub(super) map: Vec<(String, String)>,
    pub(super) set: Vec<(String, String)>,
    pub(super) keep: Vec<String>,
    pub(super) swap: bool,
    pub(super) keep_repeats: bool,
    pub(super) source: String,
}

/// What the reading process answers, in this order: progress at any time, a
/// sketch if wanted, the ground, rows, items, and one of the last two.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Message {
    /// Rows seen so far.
    Progress { done: u64, total: u64 },
    /// The shape of the file.
    Sketch(Box<Sketch>),
    /// Pieces of the ground, and how many areas and lines were left out.
    Ground {
        features: Vec<GroundFeature>,
        dropped: u64,
    },
    /// Rows in the order of the file.
    Seen(Vec<Seen>),
    /// Accepted rows, in order; as many as [`Seen::accepted`] says.
    Items(Rows),
    /// All rows were read.
    Done(Box<Summary>),
    /// The file cannot be read.
    Refused(Refusal),
}

/// Why a whole file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    /// For programs.
    pub code: String,
    /// For people, in Chinese.
    pub zh: String,
    /// For people, in English.
    pub en: String,
}

/// The shape of a file; samples are masked and hold nothing of columns about
/// persons.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// What kind of file it is: `csv`, `excel`, `shapefile` …
    pub format: String,
    /// Rows of data.
    pub rows: u64,
    /// Sheets or tables of the file; none where there is only one.
    pub sheets: Vec<Sheet>,
    /// Encodings that the text can be read in, with a line as each reads it.
    pub encodings: Vec<Encoding>,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// The layer that the headings speak of.
    pub guessed_layer: Option<LayerName>,
    /// The fields that the layer takes.
    pub fields: Vec<FieldInfo>,
    /// The coordinate system that the file names.
    pub named_crs: Option<String>,
    /// What it names cannot be relied on, or it names none.
    pub crs_needed: bool,
    /// Places as the file has them, with the text that names the place.
    pub points: Vec<SketchPoint>,
}

/// A sheet of a workbook or a table of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Rows of data.
    pub rows: u64,
    /// The one that is read.
    pub chosen: bool,
}

/// A way to read the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encoding {
    /// Its name.
    pub name: String,
    /// One line as it reads, masked.
    pub sample: String,
    /// The one that is used.
    pub chosen: bool,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// The field it is taken for.
    pub field: Option<String>,
    /// Kept as an extra column.
    pub kept: bool,
    /// About persons, and therefore dropped.
    pub personal: bool,
    /// `text`, `number` or `date`.
    pub column_type: String,
    /// Cells that hold something, 0 to 1.
    pub filled_share: f64,
    /// Up to five different cells, masked.
    pub samples: Vec<String>,
}

/// A field of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldInfo {
    /// Its name.
    pub name: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Without it no row can be taken.
    pub required: bool,
}

/// A place as the file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SketchPoint {
    /// First number: longitude or easting, unless the file swaps them.
    pub x: f64,
    /// Second number.
    pub y: f64,
    /// What the row calls the place, masked; may be empty.
    pub text: String,
}

/// One row, as far as a preview shows it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) row: u64,
    /// Masked; null for columns about persons.
    pub(super) cells: Vec<Option<String>>,
    pub(super) accepted: bool,
    /// What names the place, for a row without coordinates.
    pub(super) place: Option<String>,
    /// The word that does not tell the kind of incident.
    pub(super) word: Option<String>,
    pub(super) notes: Vec<Note>,
}

/// Something worth knowing about a row or the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The column to blame.
    pub column: Option<String>,
    /// For programs.
    pub code: String,
    /// What became of the row.
    pub severity: Severity,
    /// For people, in Chinese.
    pub zh: String,
    /// For people, in English.
    pub en: String,
}

/// What became of a row that has a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Taken as it is; worth a look.
    Warning,
    /// Taken after a repair.
    Repaired,
    /// Not taken.
    Rejected,
}

impl Severity {
    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Repaired => "repaired",
            Severity::Rejected => "rejected",
        }
    }
}

/// What is known when all rows are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) read: u64,
    pub(super) rejected: u64,
    /// What was masked in accepted rows, by kind.
    pub(super) masked: Vec<(String, u64)>,
    pub(super) dropped_columns: Vec<String>,
    pub(super) new_categories: Vec<Category>,
    pub(super) extra_columns: Vec<ExtraColumn>,
    pub(super) crs: String,
    pub(super) encoding: String,
    /// About the file, and about rows when all of them are there: row, note.
    pub(super) notes: Vec<(Option<u64>, Note)>,
}

/// Writes one value.
pub(super) fn send<T: Serialize>(out: &mut impl Write, value: &T) -> io::Result<()> {
    let body = serde_json::to_vec(value)?;
    let length = u32::try_from(body.len()).map_err(|_long| io::ErrorKind::InvalidData)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&body)
}

/// Reads one value; `None` at the end. `room` is what may still come, bytes;
/// it shrinks.
pub(super) fn receive<T: DeserializeOwned>(
    input: &mut impl Read,
    room: &mut u64,
) -> io::Result<Option<T>> {
    let mut head = [0; 4];
    match input.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_le_bytes(head) as usize;
    *room = match room.checked_sub(length as u64) {
        Some(rest) if length <= LONGEST_FRAME => rest,
        _ => return Err(io::ErrorKind::OutOfMemory.into()),
    };
    let mut body = Vec::new();
    input.by_ref().take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&body)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_bounded_and_whole() {
        let mut bytes = Vec::new();
        send(&mut bytes, &Message::Progress { done: 1, total: 2 }).unwrap();
        send(&mut bytes, &"元").unwrap();
        let mut room = 1000;
        let mut input = bytes.as_slice();
        let first: Option<Message> = receive(&mut input, &mut room).unwrap();
        assert!(matches!(first, Some(Message::Progress { done: 1, .. })));
        let second: Option<String> = receive(&mut input, &mut room).unwrap();
        assert_eq!(second.as_deref(), Some("元"));
        assert!(receive::<String>(&mut input, &mut room).unwrap().is_none());
        // Cut short, longer than allowed, a length that lies.
        let cut = &bytes[..bytes.len() - 1];
        let mut input = cut;
        receive::<Message>(&mut input, &mut room).unwrap();
        assert!(receive::<String>(&mut input, &mut room).is_err());
        assert!(receive::<Message>(&mut bytes.as_slice(), &mut 5).is_err());
        let lie = [0xff, 0xff, 0xff, 0xff, b'1'];
        assert!(receive::<u8>(&mut lie.as_slice(), &mut u64::MAX.clone()).is_err());
    }
}
