//! Makes valid polygons out of any rings, on the integer grid itself.
//!
//! Overlays that round their crossings as they go can make new crossings by it:
//! the library tried first returned overlapping polygons for some scribbles on
//! a small lattice and panicked on others. Here the rounding is part of the
//! method ([`node`]), and what follows it is exact ([`fill`]).

mod fill;
mod node;

pub(super) use fill::Fill;

use super::rings::{Rings, strictly_valid};

/// Returns the rings if they are valid already, and otherwise the valid
/// polygons that cover the same place. Parts without area disappear.
pub(super) fn valid(rings: Rings, fill: Fill) -> Rings {
    if rings.is_empty() || strictly_valid(&rings) {
        return rings;
    }
    fill::polygons(&node::snap(&rings), fill)
}
