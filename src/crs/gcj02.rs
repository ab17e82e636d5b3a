//! GCJ-02, the shifted datum of Chinese web maps (高德, 腾讯).
//!
//! The public formula with the Krasovsky ellipsoid (a = 6 378 245 m,
//! 1/f = 298.3), applied inside a rectangle around China and the identity
//! outside of it. The inverse is a fixed-point iteration: five steps reach
//! machine precision everywhere in the rectangle (one step is 2 m off).

use std::f64::consts::PI;

use geo::{Coord, Rect};

/// Semi-major axis of the ellipsoid in the formula, metres.
const A: f64 = 6_378_245.0;
/// Its squared eccentricity, from 1/f = 298.3.
const EE: f64 = 0.006_693_421_622_965_943;
/// West, south, east, north of the rectangle in degrees.
const RECTANGLE: [f64; 4] = [72.004, 0.8293, 137.8347, 55.8271];
/// Steps of the inverse; the error after five is below 1e-13 degrees.
const STEPS: usize = 5;
/// No place moves further than this, degrees: the largest sums of all terms,
/// 990 m to the east and 1,004 m to the north.
pub const LARGEST: Coord = Coord {
    x: 0.0159,
    y: 0.0092,
};

/// Whether the shift applies at this place. A rectangle, so it includes
/// neighboring countries; that is how the formula is defined.
#[must_use]
pub fn applies(p: Coord) -> bool {
    let [west, south, east, north] = RECTANGLE;
    (west..=east).contains(&p.x) && (south..=north).contains(&p.y)
}

/// WGS84 to GCJ-02, both lon/lat degrees. The identity outside the rectangle.
#[must_use]
pub fn from_wgs84(p: Coord) -> Coord {
    if applies(p) { p + shift(p) } else { p }
}

/// GCJ-02 to WGS84, both lon/lat degrees: the exact inverse of [`from_wgs84`].
#[must_use]
pub fn to_wgs84(p: Coord) -> Coord {
    if !applies(p) {
        return p;
    }
    let mut guess = p;
    for _ in 0..STEPS {
        guess = guess - ((guess + shift(guess)) - p);
    }
    guess
}

/// The smallest and the largest shift, in degrees, that [`from_wgs84`] gives
/// to places of a rectangle: every place in it moves by no less than the
/// lower and no more than the upper corner says.
///
/// The shift at the middle, widened by how fast it can change on the way to
/// the edges: 0.75 m in 100 m at most, so a district of 10 km gets a range of
/// some 50 m to each side.
#[must_use]
pub fn shift_range(area: Rect) -> Rect {
    let [west, south, east, north] = RECTANGLE;
    let (min, max) = (area.min(), area.max());
    let still = Rect::new(Coord::zero(), Coord::zero());
    let inside = (
        Coord {
            x: min.x.max(west),
            y: min.y.max(south),
        },
        Coord {
            x: max.x.min(east),
            y: max.y.min(north),
        },
    );
    if inside.0.x > inside.1.x || inside.0.y > inside.1.y {
        return still;
    }
    let half = (inside.1 - inside.0) / 2.0;
    let middle = shift(inside.0 + half);
    // Sums of the largest slope of each term over the rectangle, turned from
    // metres to degrees at its northern edge; the root's slope has no bound,
    // but it rises by at most the root of the distance.
    let reach = Coord {
        x: 0.0075 * half.x + 0.0006 * half.y + 2e-6 * half.x.sqrt(),
        y: 0.0031 * half.x + 0.0013 * half.y + 2e-6 * half.x.sqrt(),
    };
    let (low, high) = (middle - reach, middle + reach);
    let mut range = (
        Coord {
            x: low.x.max(-LARGEST.x),
            y: low.y.max(-LARGEST.y),
        },
        Coord {
            x: high.x.min(LARGEST.x),
            y: high.y.min(LARGEST.y),
        },
    );
    let whole = inside.0 == min && inside.1 == max;
    if !whole {
        // Part of it lies where nothing moves.
        range.0 = Coord {
            x: range.0.x.min(0.0),
            y: range.0.y.min(0.0),
        };
        range.1 = Coord {
            x: range.1.x.max(0.0),
            y: range.1.y.max(0.0),
        };
    }
    Rect::new(range.0, range.1)
}

/// The shift in degrees that GCJ-02 adds at a WGS84 place.
fn shift(p: Coord) -> Coord {
    let (x, y) = (p.x - 105.0, p.y - 35.0);
    let shared = (20.0 * (6.0 * PI * x).sin() + 20.0 * (2.0 * PI * x).sin()) * 2.0 / 3.0;
    let waves = |t: f64, long: f64, longest: f64| {
        (20.0 * (PI * t).sin()
            + 40.0 * (PI * t / 3.0).sin()
            + long * (PI * t / 12.0).sin()
            + longest * (PI * t / 30.0).sin())
            * 2.0
            / 3.0
    };
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + shared
        + waves(y, 160.0, 320.0);
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + shared
        + waves(x, 150.0, 300.0);

    let lat = p.y.to_radians();
    let magic = 1.0 - EE * lat.sin() * lat.sin();
    let meridian_m = A * (1.0 - EE) / (magic * magic.sqrt());
    let parallel_m = A / magic.sqrt() * lat.cos();
    Coord {
        x: (east / parallel_m).to_degrees(),
        y: (north / meridian_m).to_degrees(),
    }
}
