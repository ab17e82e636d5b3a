//! What is wrong with a row or a file, with a stable code.

use std::fmt;

use serde::Serialize;

use super::reason::Reason;

/// Declares the codes with their words.
macro_rules! codes {
    ($( $(#[$doc:meta])* $name:ident = $word:literal ),+ $(,)?) => {
        /// The reason of a problem, stable for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $( $(#[$doc])* $name ),+ }

        impl Code {
            /// Every reason.
            pub const ALL: &'static [Code] = &[ $(Self::$name),+ ];

            /// The word in reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

codes! {
    /// Too few or too many cells, or headings that do not do.
    CsvColumns = "csv_columns",
    /// A quote that is never closed.
    CsvSyntax = "csv_syntax",
    /// Not JSON.
    JsonSyntax = "json_syntax",
    /// JSON, but not GeoJSON.
    NotGeojson = "not_geojson",
    /// Nested too deep.
    TooDeep = "too_deep",
    /// One key twice.
    DuplicateKey = "duplicate_key",
    /// Damaged file.
    Corrupt = "corrupt",
    /// Nothing in it.
    Empty = "empty",
    /// Not the format it is named, or one that is not read.
    WrongFormat = "wrong_format",
    /// A part of the file is missing.
    MissingPart = "missing_part",
    /// Not a zip archive.
    NotZip = "not_zip",
    /// An archive that unpacks to more than is read.
    ZipLimits = "zip_limits",
    /// An entry that leads out of the archive.
    ZipPath = "zip_path",
    /// A password is needed.
    Encrypted = "encrypted",
    /// Several layers or sheets in one file.
    Ambiguous = "ambiguous",
    /// Not well-formed XML.
    XmlSyntax = "xml_syntax",
    /// XML with a DOCTYPE.
    XmlDoctype = "xml_doctype",
    /// Text encoding.
    Encoding = "encoding",
    /// Text that was damaged before.
    Mojibake = "mojibake_suspected",
    /// Control characters in a text.
    BadText = "bad_text",
    /// A text that is too long.
    TextTooLong = "text_too_long",
    /// Too many properties.
    TooManyFields = "too_many_fields",
    /// A heading that is not there, an unknown field, no word for the kind.
    Mapping = "mapping",
    /// A value that must be there.
    MissingField = "missing_field",
    /// A number, date or word that cannot be read.
    BadValue = "bad_value",
    /// Not a usable id.
    BadId = "bad_id",
    /// An id that a spreadsheet rounded.
    IdMangled = "id_mangled",
    /// The same key twice in one file.
    DuplicateId = "duplicate_id",
    /// An unknown kind of incident.
    Kind = "kind",
    /// A time that cannot be read.
    TimeParse = "time_parse",
    /// Day and month cannot be told apart.
    TimeAmbiguous = "time_ambiguous",
    /// A time in the future.
    TimeFuture = "time_future",
    /// One coordinate of two.
    CoordMissing = "coord_missing",
    /// Not a coordinate.
    CoordParse = "coord_parse",
    /// NaN or infinite.
    CoordNotFinite = "coord_not_finite",
    /// Not on the globe.
    CoordRange = "coord_range",
    /// Longitude and latitude look swapped.
    Swapped = "swapped",
    /// Metres in place of degrees.
    Projected = "maybe_projected",
    /// 0, 0.
    NullIsland = "null_island",
    /// Far from the rest of the file.
    OutsideArea = "outside_area",
    /// The coordinate system.
    Crs = "crs",
    /// Not a position.
    BadPosition = "bad_position",
    /// A type that the layer does not have.
    GeomType = "geom_type",
    /// No geometry.
    NoGeometry = "no_geometry",
    /// A ring of less than three corners.
    RingTooShort = "ring_too_short",
    /// A ring that was open.
    RingNotClosed = "ring_not_closed",
    /// A polygon without area.
    ZeroArea = "zero_area",
    /// A line without length or of one point.
    LineTooShort = "line_too_short",
    /// Rings that cross themselves or each other.
    SelfIntersection = "self_intersection",
    /// A ring that touches itself.
    SelfTouch = "self_touch",
    /// A hole that is not inside.
    HoleOutside = "hole_outside",
    /// Holes that overlap.
    HolesOverlap = "holes_overlap",
    /// Parts that overlap.
    PartsOverlap = "parts_overlap",
    /// More corners than are read.
    TooManyVertices = "too_many_vertices",
    /// Crosses 180 degrees.
    Antimeridian = "antimeridian",
    /// Repeated corners taken out.
    DuplicateVertices = "duplicate_vertices",
    /// Two grids overlap.
    GridOverlap = "grid_overlap",
    /// A gap between two grids.
    GridGap = "grid_gap",
    /// Personal numbers or names were masked.
    PiiMasked = "pii_masked",
    /// A column about persons was dropped.
    PiiColumn = "pii_column_dropped",
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What happened to the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row is not taken.
    Rejected,
    /// The row is taken after a repair that loses nothing.
    Repaired,
    /// The row (or the file) is taken; worth a look.
    Warning,
}

/// Something that a person should know about a row or the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Row of data, from 1; `None` when it is about the file.
    pub row: Option<u64>,
    /// The column, if one is to blame.
    pub column: Option<String>,
    /// The reason, for programs.
    pub code: Code,
    /// The reason, for people.
    #[serde(flatten)]
    pub reason: Reason,
    /// What happened to the row.
    pub severity: Severity,
}

impl Problem {
    /// A warning about the file.
    pub(super) fn of_file(code: Code, reason: Reason) -> Self {
        Self {
            row: None,
            column: None,
            code,
            reason,
            severity: Severity::Warning,
        }
    }

    /// With the column that is to blame.
    pub(super) fn at(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }
}

/// Why a row is not taken, before its number is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) column: Option<String>,
    pub(super) reason: Reason,
}

impl Refusal {
    pub(super) fn new(code: Code, reason: Reason) -> Self {
        Self {
            code,
            column: None,
            reason,
        }
    }

    /// With the column that is to blame.
    pub(super) fn at(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }

    pub(super) fn on_row(self, row: u64, severity: Severity) -> Problem {
        Problem {
            row: Some(row),
            column: self.column,
            code: self.code,
            reason: self.reason,
            severity,
        }
    }
}

/// Why a whole file is not taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize)]
#[error("{reason}")]
pub struct FileError {
    /// The reason, for programs.
    pub code: Code,
    /// The reason, for people, with a line where there is one.
    #[serde(flatten)]
    pub reason: Reason,
}

impl FileError {
    pub(super) fn crs(cause: crate::crs::CrsError) -> Self {
        Self::new(Code::Crs, Reason::Crs { cause })
    }

    pub(super) fn new(code: Code, reason: Reason) -> Self {
        Self { code, reason }
    }
}

/// The start of a foreign text for a message: masked, short, without control
/// signs.
pub(super) fn quote(text: &str) -> String {
    let (text, _) = super::personal::mask_text(text);
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().count() > 40 {
        short.push('…');
    }
    short
}
