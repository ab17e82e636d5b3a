//! Files in and out. Readers take bytes, never paths; a bad row is a problem
//! with its number, column and reason, not an error. Nothing about a person
//! leaves this module.
//!
//! A file becomes a [`table`](table::Table) (CSV, GeoJSON, Shapefile), its
//! headings a mapping to fields, each row an entity: read in its coordinate
//! system, checked at the door, masked.

mod category;
mod coordinate;
mod csv;
mod dbf;
mod entity;
mod feature;
mod geojson;
mod geometry;
mod headings;
mod import;
mod json;
mod mapping;
mod options;
mod personal;
mod problem;
mod reason;
mod review;
mod rings;
mod row;
mod shapefile;
mod table;
mod text;
mod time;
pub mod wkb;
mod wkt;

pub use category::{CategoryError, default_categories, read_categories};
pub use feature::{
    Typed, checkpoints_json, doubled_key, feature_json, gates_json, is_impersonal, read_feature,
};
pub use headings::import_fields;
pub use import::{Input, MAX_FILE_BYTES, import};
pub use options::{Items, MAX_PROBLEMS, Options, Parsed, Repeat, Report};
pub use personal::{MaskCounts, MaskKind, is_personal_heading, mask_text};
pub use problem::{Code, FileError, Problem, Severity};
pub use reason::Reason;
pub use rings::check_rings;
pub use table::Kind as ShapeKind;
pub use time::DateOrder;
