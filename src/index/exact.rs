//! Predicates that decide: exact for the numbers given, edges included.

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::{Coord, LineString, MultiPolygon, Polygon};

/// Units of the kept positions in a degree.
const E7: f64 = 1e7;

/// A position rounded to 1e-7 degree (1.1 cm), as incidents are kept.
///
/// ```
/// use gridmap::index::round_e7;
/// let at = round_e7(geo::Coord { x: 117.28000004, y: 31.9 });
/// assert_eq!((at.x, at.y), (117.28, 31.9));
/// ```
pub fn round_e7(at: Coord<f64>) -> Coord<f64> {
    let (x, y) = to_e7(at);
    from_e7(x, y)
}

/// Degrees as whole numbers of 1e-7 degree.
pub(super) fn to_e7(at: Coord<f64>) -> (i32, i32) {
    // `as` saturates; a longitude within ±180° fits.
    ((at.x * E7).round() as i32, (at.y * E7).round() as i32)
}

/// Whole numbers of 1e-7 degree as degrees: the double nearest to the decimal
/// number, so that a vertex written with seven decimals equals it.
pub(super) fn from_e7(x: i32, y: i32) -> Coord<f64> {
    Coord {
        x: f64::from(x) / E7,
        y: f64::from(y) / E7,
    }
}

/// True if the point lies in the area or on its edge.
pub fn covers(area: &MultiPolygon<f64>, at: Coord<f64>) -> bool {
    area.iter().any(|polygon| polygon_covers(polygon, at))
}

/// True if the point lies in the polygon or on its edge.
pub(super) fn polygon_covers(polygon: &Polygon<f64>, at: Coord<f64>) -> bool {
    let mut crossing = Crossing::new(at);
    for (a, b) in edges(polygon) {
        crossing.edge(a, b);
    }
    crossing.covered()
}

/// All edges of a polygon, outer and inner; rings are closed.
pub(super) fn edges(polygon: &Polygon<f64>) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    rings.flat_map(|ring: &LineString<f64>| ring.0.windows(2).map(|pair| (pair[0], pair[1])))
}

/// Counts the edges that a ray to the east crosses, half-open in latitude, so
/// that a vertex is counted once; decides with exact arithmetic.
#[derive(Debug)]
pub(super) struct Crossing {
    at: Coord<f64>,
    odd: bool,
    on_edge: bool,
}

impl Crossing {
    pub(super) fn new(at: Coord<f64>) -> Crossing {
        Crossing {
            at,
            odd: false,
            on_edge: false,
        }
    }

    #[inline]
    pub(super) fn edge(&mut self, a: Coord<f64>, b: Coord<f64>) {
        let p = self.at;
        let crosses = (a.y > p.y) != (b.y > p.y);
        if !crosses && a.y != p.y && b.y != p.y {
            return;
        }
        if a.x.max(b.x) < p.x {
            return;
        }
        if a.x.min(b.x) > p.x {
            self.odd ^= crosses;
            return;
        }
        match RobustKernel::orient2d(a, b, p) {
            Orientation::Collinear => {
                // On the line and inside the edge's box is on the edge.
                let in_y = a.y.min(b.y) <= p.y && p.y <= a.y.max(b.y);
                self.on_edge |= in_y;
            }
            Orientation::CounterClockwise => self.odd ^= crosses && b.y > a.y,
            Orientation::Clockwise => self.odd ^= crosses && b.y < a.y,
        }
    }

    pub(super) fn covered(&self) -> bool {
        self.odd || self.on_edge
    }
}
