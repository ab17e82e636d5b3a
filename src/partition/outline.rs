//! Polygons that are asked many times whether and how deep a place is inside.

use geo::Coord;
use rstar::primitives::Line;
use rstar::{AABB, PointDistance, RTree};

/// The sides of some rings in a flat frame, in a tree.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    sides: RTree<Line<[f64; 2]>>,
    low: [f64; 2],
    high: [f64; 2],
    area: f64,
    length: f64,
}

impl Outline {
    /// Closed rings; inside is what an odd number of them encloses.
    pub(super) fn new(rings: impl Iterator<Item = Vec<Coord>>) -> Outline {
        let mut sides = Vec::new();
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        let (mut area, mut length, mut outer) = (0.0, 0.0, true);
        for ring in rings {
            let mut twice = 0.0;
            for w in ring.windows(2) {
                let (a, b) = (w[0] - ring[0], w[1] - ring[0]);
                twice += a.x * b.y - a.y * b.x;
                length += (w[1].x - w[0].x).hypot(w[1].y - w[0].y);
                sides.push(Line::new([w[0].x, w[0].y], [w[1].x, w[1].y]));
            }
            for c in &ring {
                low = [low[0].min(c.x), low[1].min(c.y)];
                high = [high[0].max(c.x), high[1].max(c.y)];
            }
            area += if outer { twice.abs() } else { -twice.abs() } / 2.0;
            outer = false;
        }
        Outline {
            sides: RTree::bulk_load(sides),
            low,
            high,
            area: area.abs(),
            length,
        }
    }

    /// Lower left and upper right corner of the box around it.
    pub(super) fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        (self.low, self.high)
    }

    /// Area over length of the sides: half the width of a long strip.
    pub(super) fn half_width(&self) -> f64 {
        if self.length > 0.0 {
            self.area / self.length
        } else {
            0.0
        }
    }

    /// Area of the first ring without the others.
    pub(super) fn area(&self) -> f64 {
        self.area
    }

    /// Whether a place is inside.
    pub(super) fn contains(&self, p: Coord) -> bool {
        if !(p.x >= self.low[0] && p.x <= self.high[0]) {
            return false;
        }
        let ray = AABB::from_corners([p.x, p.y], [self.high[0], p.y]);
        let crossed = self.sides.locate_in_envelope_intersecting(ray);
        crossed
            .filter(|side| {
                let (a, b) = (side.from, side.to);
                (a[1] > p.y) != (b[1] > p.y)
                    && a[0] + (p.y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) > p.x
            })
            .count()
            % 2
            == 1
    }

    /// Distance from the nearest side; infinite without sides.
    pub(super) fn distance(&self, p: Coord) -> f64 {
        let at = [p.x, p.y];
        self.sides
            .nearest_neighbor(at)
            .map_or(f64::INFINITY, |side| side.distance_2(&at).sqrt())
    }

    /// Whether some place of the segment is inside and further than `depth`
    /// from every side.
    pub(super) fn is_crossed(&self, a: Coord, b: Coord, depth: f64) -> bool {
        let Some((from, to)) = self.within_box(a, b) else {
            return false;
        };
        let length = (b.x - a.x).hypot(b.y - a.y) * (to - from);
        let steps = (length / depth.max(0.05)).ceil().clamp(1.0, 512.0) as usize;
        (0..=steps).any(|k| {
            let p = a + (b - a) * (from + (to - from) * k as f64 / steps as f64);
            self.contains(p) && self.distance(p) > depth
        })
    }

    /// The part of a segment inside the box, as fractions.
    fn within_box(&self, a: Coord, b: Coord) -> Option<(f64, f64)> {
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (start, end, low, high) in [
            (a.x, b.x, self.low[0], self.high[0]),
            (a.y, b.y, self.low[1], self.high[1]),
        ] {
            let step = end - start;
            if step == 0.0 {
                if start < low || start > high {
                    return None;
                }
                continue;
            }
            let (t, u) = ((low - start) / step, (high - start) / step);
            from = from.max(t.min(u));
            to = to.min(t.max(u));
        }
        (from <= to).then_some((from, to))
    }
}
