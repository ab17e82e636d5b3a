//! Vector tiles, in pipeline order: project, clip, simplify, quantize, encode.
//!
//! Nothing here knows what a layer means; tile bytes are a function of
//! (features, [`TileCoord`], options).

mod coord;
mod cover;

pub use coord::{Bounds, CoordError, EXTENT, TileCoord, WorldBox, WorldPoint};
pub use cover::cover;
