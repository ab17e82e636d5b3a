//! OpenStreetMap extracts (.osm.pbf): streets for the layer, and the ground
//! of the map (roads, buildings, water, green, rails, place names).
//!
//! The file is gone through several times instead of being kept: relations,
//! ways, then only the points that are needed. Memory is bounded by the
//! number of points of ways of interest.

mod background;
mod rings;
mod scan;
mod streets;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use background::Background;

use super::fault::Fault;
use super::problem::FileError;
use super::table::Features;
use crate::tile::Bounds;

/// Streets and rails as rows, cut at junctions.
///
/// # Errors
/// When the file is damaged or needs too many points.
pub(super) fn streets(bytes: &[u8]) -> Result<Features, FileError> {
    guarded(|| streets::read(bytes))
}

/// Reads the ground of the map from an extract, whole or what touches a box.
///
/// # Errors
/// When the bytes are no extract, or more points are needed than are read.
pub fn read_background(bytes: &[u8], within: Option<&Bounds>) -> Result<Background, FileError> {
    guarded(|| background::read(bytes, within))
}

/// Sums of a damaged file overflow inside the library, which panics in builds
/// with checks.
fn guarded<T>(read: impl FnOnce() -> Result<T, FileError>) -> Result<T, FileError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_panic| Err(damaged(&"unreadable")))
}

fn damaged(cause: &dyn std::fmt::Display) -> FileError {
    Fault::OsmDamaged {
        cause: super::problem::quote(&cause.to_string()),
    }
    .of_file()
}
