//! Incidents of one local month in columns.

/// The most rows of a segment.
pub const SEGMENT_ROWS: usize = 65_536;

/// Immutable columns.
#[derive(Debug)]
pub struct Segment {}

/// What many rows share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Profile {}
