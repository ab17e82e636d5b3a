//! Spherical ("web") Mercator, EPSG:3857, in metres.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use geo::Coord;

/// Radius of the sphere, metres.
pub const RADIUS_M: f64 = 6_378_137.0;

/// Latitude where the world is a square: `atan(sinh(π))` in degrees.
pub const MAX_LATITUDE: f64 = 85.051_128_779_806_59;

/// Half the width of the world in metres, `π · RADIUS_M`.
pub const HALF_WORLD_M: f64 = std::f64::consts::PI * RADIUS_M;

/// Lon/lat degrees to metres east and north. Latitudes beyond
/// [`MAX_LATITUDE`] are not clamped: a pole gives a huge, finite or infinite
/// value, so callers clamp when they need to.
#[must_use]
pub fn from_wgs84(p: Coord) -> Coord {
    Coord {
        x: RADIUS_M * p.x.to_radians(),
        y: RADIUS_M * (FRAC_PI_4 + p.y.to_radians() / 2.0).tan().ln(),
    }
}

/// Metres east and north to lon/lat degrees.
#[must_use]
pub fn to_wgs84(p: Coord) -> Coord {
    Coord {
        x: (p.x / RADIUS_M).to_degrees(),
        y: (2.0 * (p.y / RADIUS_M).exp().atan() - FRAC_PI_2).to_degrees(),
    }
}
