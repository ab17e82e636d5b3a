//! BD-09, Baidu's second shift on top of GCJ-02.
//!
//! The inverse is exact (fixed point); the widely copied closed form is up to
//! 0.13 m off, so a round trip through it drifts. It is not offered.

use std::f64::consts::PI;

use geo::Coord;

use super::gcj02;

const X_PI: f64 = PI * 3000.0 / 180.0;
/// Steps of the inverse; four already reach 6e-14 degrees.
const STEPS: usize = 6;

/// GCJ-02 to BD-09, both lon/lat degrees.
#[must_use]
pub fn from_gcj02(p: Coord) -> Coord {
    let radius = p.x.hypot(p.y) + 0.000_02 * (p.y * X_PI).sin();
    let angle = p.y.atan2(p.x) + 0.000_003 * (p.x * X_PI).cos();
    Coord {
        x: radius * angle.cos() + 0.0065,
        y: radius * angle.sin() + 0.006,
    }
}

/// BD-09 to GCJ-02, both lon/lat degrees: the exact inverse of [`from_gcj02`].
#[must_use]
pub fn to_gcj02(p: Coord) -> Coord {
    let mut guess = p - Coord {
        x: 0.0065,
        y: 0.006,
    };
    for _ in 0..STEPS {
        guess = guess - (from_gcj02(guess) - p);
    }
    guess
}

/// WGS84 to BD-09. The identity where GCJ-02 does not apply.
#[must_use]
pub fn from_wgs84(p: Coord) -> Coord {
    if gcj02::applies(p) {
        from_gcj02(gcj02::from_wgs84(p))
    } else {
        p
    }
}

/// BD-09 to WGS84. The identity where GCJ-02 does not apply.
#[must_use]
pub fn to_wgs84(p: Coord) -> Coord {
    if gcj02::applies(p) {
        gcj02::to_wgs84(to_gcj02(p))
    } else {
        p
    }
}
