//! From the world to pixels.

use crate::tile::{Bounds, Point, WorldPoint};

/// Metres around the equator of the sphere that Web Mercator uses.
const EQUATOR_M: f64 = 40_075_016.685_578_49;

/// The largest side of an image, pixels: 64 MB of memory.
const MAX_SIDE: u32 = 4096;

/// A window on the world and the image it fills.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// World units at the left and the top edge.
    origin: [f64; 2],
    /// Pixels per world unit.
    scale: f64,
    width: u32,
    height: u32,
    /// Metres per pixel in the middle.
    metres_per_px: f64,
}

/// Why there is no view.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ViewError {
    /// The box is empty or not of this world.
    #[error(
        "the box must have finite edges with west < east and south < north, \
         longitudes within ±180 and latitudes within ±90"
    )]
    Bounds,
    /// The image is too large or has no pixels.
    #[error("width and height must be 1 to {MAX_SIDE} pixels")]
    Size,
}

impl View {
    /// The largest view of the whole box in an image of this size, centred.
    ///
    /// # Errors
    /// When the box or the size is out of range.
    pub fn fit(bounds: &Bounds, width: u32, height: u32) -> Result<Self, ViewError> {
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
            return Err(ViewError::Size);
        }
        let ordered = bounds.west < bounds.east && bounds.south < bounds.north;
        let range = bounds.west >= -180.0
            && bounds.east <= 180.0
            && bounds.south >= -90.0
            && bounds.north <= 90.0;
        if !(ordered && range) {
            return Err(ViewError::Bounds);
        }
        let corner = |lon, lat| WorldPoint::from_lon_lat(lon, lat).ok_or(ViewError::Bounds);
        let (low, high) = (
            corner(bounds.west, bounds.north)?,
            corner(bounds.east, bounds.south)?,
        );
        let span = |a: u32, b: u32| f64::from(b.saturating_sub(a)).max(1.0);
        let (dx, dy) = (span(low.x, high.x), span(low.y, high.y));
        let (w, h) = (f64::from(width), f64::from(height));
        let scale = (w / dx).min(h / dy);
        let middle = [f64::from(low.x) + dx / 2.0, f64::from(low.y) + dy / 2.0];
        let latitude = ((bounds.south + bounds.north) / 2.0).to_radians();
        Ok(Self {
            origin: [middle[0] - w / scale / 2.0, middle[1] - h / scale / 2.0],
            scale,
            width,
            height,
            metres_per_px: EQUATOR_M / 4_294_967_296.0 / scale * latitude.cos(),
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Metres per pixel in the middle of the image.
    pub fn metres_per_px(&self) -> f64 {
        self.metres_per_px
    }

    /// The zoom of a tile map of the same scale, with 512 pixels to a tile.
    pub fn zoom(&self) -> f64 {
        (self.scale * 4_294_967_296.0 / 512.0).log2()
    }

    /// A world point in pixels from the upper left corner.
    pub fn px(&self, p: Point) -> [f32; 2] {
        let part = |i: usize| ((p[i] as f64 - self.origin[i]) * self.scale) as f32;
        [part(0), part(1)]
    }

    /// The box of the world that the image shows, in degrees.
    pub fn bounds(&self) -> Bounds {
        let at = |x: f64, y: f64| {
            let unit = |v: f64| v as u32; // saturates at the edge of the world
            WorldPoint {
                x: unit(self.origin[0] + x / self.scale),
                y: unit(self.origin[1] + y / self.scale),
            }
            .lon_lat()
        };
        let (west, north) = at(0.0, 0.0);
        let (east, south) = at(f64::from(self.width), f64::from(self.height));
        Bounds {
            west,
            south,
            east,
            north,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_fills_the_image_and_the_scale_is_right() {
        let bounds = Bounds {
            west: 117.0,
            south: 31.0,
            east: 117.1,
            north: 31.05,
        };
        let view = View::fit(&bounds, 1000, 1000).unwrap();
        let p = WorldPoint::from_lon_lat(117.05, 31.025).unwrap();
        let [x, y] = view.px([p.x.into(), p.y.into()]);
        assert!(
            (x - 500.0).abs() < 0.1 && (y - 500.0).abs() < 0.1,
            "{x} {y}"
        );
        // 0.1° of longitude at 31.025° N: 111.32 km × 0.1 × cos = 9.54 km.
        assert!((view.metres_per_px() - 9.54).abs() < 0.01);
        let shown = view.bounds();
        assert!((shown.west - 117.0).abs() < 1e-6 && (shown.east - 117.1).abs() < 1e-6);
        assert!(shown.south < 31.0 && shown.north > 31.05);
    }

    #[test]
    fn boxes_and_sizes_out_of_range_are_refused() {
        let good = Bounds {
            west: 117.0,
            south: 31.0,
            east: 117.1,
            north: 31.1,
        };
        assert_eq!(View::fit(&good, 0, 5), Err(ViewError::Size));
        assert_eq!(View::fit(&good, 5, 5000), Err(ViewError::Size));
        for bad in [
            Bounds {
                west: f64::NAN,
                ..good
            },
            Bounds {
                west: 118.0,
                ..good
            },
            Bounds {
                north: 91.0,
                ..good
            },
            Bounds {
                east: f64::INFINITY,
                ..good
            },
            Bounds {
                south: good.north,
                ..good
            },
        ] {
            assert_eq!(View::fit(&bad, 5, 5), Err(ViewError::Bounds));
        }
    }
}
