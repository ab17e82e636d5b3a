//! Rows of a layer as a file of another program: CSV, GeoJSON, Excel, GPX,
//! KML, zipped Shapefile. Coordinates are WGS84 lon/lat; times are civil time
//! in Asia/Shanghai; no text cell begins like a formula.
//!
//! A file that is read back by this program gives the same rows.

mod csv;
mod excel;
mod geojson;
mod markup;
mod shapefile;
mod shp;
mod text;

pub use csv::cell as csv_cell;
use std::io;
use std::str::FromStr;
pub use text::places_json;

use geo::{Coord, Geometry};

use super::encoding::Encoding;
use crate::model::{ExtraType, FieldType, Timestamp, Value};

/// The kinds of files that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    /// CSV with a byte order mark, for spreadsheets.
    Csv,
    /// GeoJSON, one feature a line.
    GeoJson,
    /// A workbook with typed cells.
    Excel,
    /// GPX: lines and outlines as tracks, points as waypoints.
    Gpx,
    /// KML.
    Kml,
    /// A Shapefile in a zip, one for each kind of shape.
    Shapefile,
}

impl FileType {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Csv,
        Self::GeoJson,
        Self::Excel,
        Self::Gpx,
        Self::Kml,
        Self::Shapefile,
    ];

    /// The word in options and addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::GeoJson => "geojson",
            Self::Excel => "xlsx",
            Self::Gpx => "gpx",
            Self::Kml => "kml",
            Self::Shapefile => "shp",
        }
    }

    /// The ending of the file's name, without the dot.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Shapefile => "zip",
            other => other.as_str(),
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::GeoJson => "application/geo+json",
            Self::Excel => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Gpx => "application/gpx+xml",
            Self::Kml => "application/vnd.google-earth.kml+xml",
            Self::Shapefile => "application/zip",
        }
    }
}

impl FromStr for FileType {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|t| t.as_str() == word).ok_or(())
    }
}

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Bool,
    /// A calendar day.
    Date,
    /// An instant.
    Instant,
    /// The places of the row, such as checkpoints: [`Row::places`].
    Places,
}

impl From<FieldType> for ColumnType {
    fn from(field: FieldType) -> Self {
        match field {
            FieldType::Text => Self::Text,
            FieldType::Integer => Self::Integer,
            FieldType::Bool => Self::Bool,
            FieldType::Date => Self::Date,
            FieldType::Instant => Self::Instant,
        }
    }
}

impl From<ExtraType> for ColumnType {
    fn from(extra: ExtraType) -> Self {
        match extra {
            ExtraType::Text => Self::Text,
            ExtraType::Number => Self::Number,
            ExtraType::Date => Self::Date,
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name for programs.
    pub name: String,
    /// The title in Chinese.
    pub zh: String,
    /// The title in English.
    pub en: String,
    /// Its type.
    pub column_type: ColumnType,
}

/// What all rows of a file have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The name of the layer for programs, e.g. `incidents`.
    pub name: String,
    /// The name of the layer for people, in the language of the file.
    pub title: String,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// Whether every row is a point or has no place: longitude and latitude
    /// are then columns of a table, not WKT.
    pub points: bool,
    /// Titles in Chinese, else in English.
    pub chinese: bool,
    /// Shown wherever the data are shown, e.g. 虚构示例.
    pub note: Option<String>,
    /// Whose data they are.
    pub attribution: Option<String>,
    /// When the file was made; for its properties.
    pub made_at: Option<Timestamp>,
    /// Encoding of the texts of a Shapefile; unless said GBK for Chinese, since
    /// ten bytes of a field name hold three hanzi in UTF-8, else UTF-8.
    pub encoding: Option<Encoding>,
}

impl Sheet {
    /// The title of a column in the language of the file.
    fn title_of<'a>(&self, column: &'a Column) -> &'a str {
        if self.chinese { &column.zh } else { &column.en }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Row id.
    pub id: i64,
    /// One value for each column.
    pub values: Vec<Value>,
    /// The shape in WGS84 degrees.
    pub geometry: Option<Geometry<f64>>,
    /// Places of the row beside its shape, in order: checkpoints, gates.
    pub places: Vec<(String, Coord<f64>)>,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Texts that were cut, since the format has no room for them.
    pub cut: u64,
    /// Rows left out, since the format has no rows without a place.
    pub unplaced: u64,
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The target failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// More rows than the format takes.
    #[error("a workbook of more than {most} rows is too large; export CSV, or a shorter period")]
    TooManyRows {
        /// The most rows.
        most: usize,
    },
    /// The writer of the format refused.
    #[error("the file could not be made: {0}")]
    Format(String),
}

impl WriteError {
    /// The sentence in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Io(error) => format!("写文件失败：{error}"),
            Self::TooManyRows { most } => {
                format!("超过 {most} 行，无法导出为 Excel；请导出 CSV，或缩短时间范围")
            }
            Self::Format(cause) => format!("文件生成失败：{cause}"),
        }
    }
}

/// Writes rows as a file. CSV, GeoJSON, GPX and KML go out row by row; a
/// workbook is made in a temporary file without a name and a Shapefile in
/// memory first.
///
/// # Errors
/// When `out` fails, or the format does not take the rows.
pub fn write(
    file_type: FileType,
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = Row>,
    out: &mut dyn io::Write,
) -> Result<Written, WriteError> {
    match file_type {
        FileType::Csv => csv::write(sheet, rows, out),
        FileType::GeoJson => geojson::write(sheet, rows, out),
        FileType::Excel => excel::write(sheet, rows, out),
        FileType::Gpx => markup::gpx(sheet, rows, out),
        FileType::Kml => markup::kml(sheet, rows, out),
        FileType::Shapefile => shapefile::write(sheet, rows, out),
    }
}
