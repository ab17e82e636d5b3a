//! Which tiles a rectangle touches.

use super::coord::{TileCoord, WorldBox};

/// The tiles of zoom `z` that share at least one unit with the box, row by row.
///
/// There are about 4^z of them for the whole world: ask only for boxes of the
/// size of a town, or stop the iterator.
pub fn cover(area: &WorldBox, z: u8) -> impl Iterator<Item = TileCoord> + use<> {
    let first = TileCoord::containing(area.min, z);
    let last = TileCoord::containing(area.max, z);
    (first.y()..=last.y())
        .flat_map(move |y| (first.x()..=last.x()).map(move |x| (x, y)))
        .filter_map(move |(x, y)| TileCoord::new(first.z(), x, y).ok())
}

#[cfg(test)]
mod tests {
    use super::super::coord::WorldPoint;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_trying_every_tile(ax: u32, ay: u32, bx: u32, by: u32, z in 0_u8..=5) {
            let area = WorldBox::around([WorldPoint { x: ax, y: ay }, WorldPoint { x: bx, y: by }])
                .unwrap();
            let fast: Vec<_> = cover(&area, z).collect();
            let side = 1_u32 << z;
            let slow: Vec<_> = (0..side)
                .flat_map(|y| (0..side).map(move |x| TileCoord::new(z, x, y).unwrap()))
                .filter(|t| t.world().intersects(&area))
                .collect();
            prop_assert_eq!(fast, slow);
        }
    }
}
