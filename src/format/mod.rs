//! Files in and out. Readers take bytes, never paths; a bad row is a problem
//! with its number, column and reason, not an error. Nothing about a person
//! leaves this module.
//!
//! A file becomes a [`table`](table::Table) (CSV, GeoJSON, Shapefile), its
//! headings a mapping to fields, each row an entity: read in its coordinate
//! system, checked at the door, masked.

mod archive;
mod category;
mod coordinate;
mod csv;
pub mod datum;
mod dbf;
mod dxf;
mod encoding;
mod entity;
mod excel;
mod fault;
mod feature;
mod fit;
mod foreign;
mod formula;
mod geojson;
mod geometry;
mod gpx;
mod headings;
mod import;
mod json;
mod kml;
mod mapping;
mod open;
mod options;
mod osm;
mod personal;
mod problem;
mod reading;
mod reason;
mod review;
mod rings;
mod row;
mod seen;
mod shapefile;
mod shapezip;
mod sketch;
mod sniff;
mod table;
mod text;
mod time;
pub mod wkb;
mod wkt;
pub mod write;
mod xml;

pub use category::{CategoryError, default_categories, read_categories};
pub use encoding::{Encoding, UnknownEncoding};
pub use fault::Fault;
pub use feature::{
    Typed, checkpoints_json, doubled_key, feature_json, gates_json, is_impersonal, read_feature,
};
pub use foreign::{ForeignRow, ForeignTable};
pub use headings::import_fields;
pub use import::{Input, MAX_FILE_BYTES, import, import_watched};
pub use open::Inner;
pub use options::{Items, MAX_PROBLEMS, Options, Parsed, Repeat, Report};
pub use osm::{Background, read_background};
pub use personal::{MaskCounts, MaskKind, is_personal_heading, mask_text};
pub use problem::{Code, FileError, Problem, Severity};
pub use reason::Reason;
pub use rings::check_rings;
pub use seen::{SeenRow, Watcher};
pub use sketch::{EncodingChoice, ShapeCounts, Sketch, SketchColumn, ValueKind, sketch};
pub use sniff::{FileKind, SNIFF_BYTES, sniff};
pub use table::Kind as ShapeKind;
pub use time::DateOrder;
