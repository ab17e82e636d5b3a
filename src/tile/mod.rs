//! Vector tiles, in pipeline order: project, clip, simplify, quantize, encode.
//!
//! Nothing here knows what a layer means; tile bytes are a function of
//! (features, [`TileCoord`], options).

mod coord;
mod cover;
mod rings;
mod shape;
mod repair;
mod clip;
mod simplify;
mod quantize;
mod coverage;
mod join;
mod label;
mod encode;
mod tilejson;
pub mod pmtiles;

pub use clip::{Window, clip_line, clip_ring};
pub use coord::{Bounds, CoordError, EXTENT, TileCoord, WorldBox, WorldPoint};
pub use cover::cover;
pub use coverage::simplify_coverage;
pub use encode::{Key, LayerWriter, Tag, Value, ValueId, Values};
pub use join::join_lines;
pub use label::label_point;
pub use quantize::{area_in_tile, path_in_tile, point_in_tile, simple_area_in_tile};
pub use rings::{Point, Rings, doubled_area, edges};
pub use shape::{Area, Path};
pub use simplify::simplify_line;
pub use tilejson::{TileJson, VectorLayer};

#[cfg(test)]
mod tests;
