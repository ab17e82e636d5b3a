//! Where to write a polygon's name: as far from its border as possible.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::coord::WorldPoint;
use super::rings::{Point, doubled_area, edges, inside, segments_meet};
use super::shape::{Area, world};
use super::simplify::distance_squared;

/// The point of the area that is furthest from its border, to within 2 % of
/// the area's size; it is inside the area whatever the area's form.
///
/// The search halves squares and looks first where most is to be gained
/// ("polylabel", V. Agafonkin 2016). `None` only for areas so small that no
/// unit of the world lies within.
pub fn label_point(area: &Area) -> Option<WorldPoint> {
    let rings: Vec<&[Point]> = area.rings().iter().collect();
    let best = pole(&rings, area);
    let best = best.filter(|p| is_inside(&rings, *p));
    best.or_else(|| widest_chord(&rings)).map(|p| world(&p))
}

struct Square {
    centre: Point,
    half: i64,
    /// Distance to the border, negative outside.
    distance: f64,
}

impl Square {
    fn new(centre: Point, half: i64, rings: &[&[Point]]) -> Self {
        let nearest = rings
            .iter()
            .flat_map(|r| edges(r))
            .map(|(a, b)| distance_squared(centre, a, b))
            .fold(f64::INFINITY, f64::min)
            .sqrt();
        let distance = if is_inside(rings, centre) {
            nearest
        } else {
            -nearest
        };
        Self {
            centre,
            half,
            distance,
        }
    }

    /// No point of the square is further from the border than this.
    fn promise(&self) -> f64 {
        self.distance + self.half as f64 * std::f64::consts::SQRT_2
    }
}

impl PartialEq for Square {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Square {}

impl PartialOrd for Square {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Square {
    fn cmp(&self, other: &Self) -> Ordering {
        self.promise()
            .total_cmp(&other.promise())
            .then_with(|| other.centre.cmp(&self.centre))
    }
}

fn pole(rings: &[&[Point]], area: &Area) -> Option<Point> {
    let (min, max) = (area.bbox().min, area.bbox().max);
    let (width, height) = (i64::from(max.x - min.x), i64::from(max.y - min.y));
    let half = (width.min(height) / 2).max(1);
    let precision = (width.max(height) as f64 / 50.0).max(1.0);
    let mut best = Square::new(centroid(rings), 0, rings);
    let mut queue = BinaryHeap::new();
    // A very long shape is covered by at most 64 squares to begin with.
    let half = half.max(width.max(height) / 128);
    let steps = |extent: i64| (0..=(extent / (2 * half))).map(move |i| half + 2 * half * i);
    for dx in steps(width) {
        for dy in steps(height) {
            let centre = [i64::from(min.x) + dx, i64::from(min.y) + dy];
            queue.push(Square::new(centre, half, rings));
        }
    }
    // The bound keeps a hostile shape from taking long; what is found so far
    // is good enough then.
    for _ in 0..2_000 {
        let Some(square) = queue.pop() else { break };
        if square.promise() <= best.distance + precision {
            break;
        }
        let quarter = square.half / 2;
        if quarter > 0 {
            for (sx, sy) in [(-1, -1), (1, -1), (-1, 1), (1, 1)] {
                let c = [
                    square.centre[0] + sx * quarter,
                    square.centre[1] + sy * quarter,
                ];
                queue.push(Square::new(c, quarter, rings));
            }
        }
        if square.distance > best.distance {
            best = square;
        }
    }
    (best.distance > 0.0).then_some(best.centre)
}

/// The centroid of the largest shell; it may lie outside.
fn centroid(rings: &[&[Point]]) -> Point {
    let Some(shell) = rings.iter().max_by_key(|r| doubled_area(r)) else {
        return [0, 0];
    };
    let origin = shell[0];
    let (mut x, mut y, mut sum) = (0.0, 0.0, 0.0);
    for (a, b) in edges(shell) {
        let a = [(a[0] - origin[0]) as f64, (a[1] - origin[1]) as f64];
        let b = [(b[0] - origin[0]) as f64, (b[1] - origin[1]) as f64];
        let cross = a[0] * b[1] - b[0] * a[1];
        x += cross * (a[0] + b[0]);
        y += cross * (a[1] + b[1]);
        sum += 3.0 * cross;
    }
    [origin[0] + (x / sum) as i64, origin[1] + (y / sum) as i64]
}

/// Strictly inside: in an odd number of rings and on none.
fn is_inside(rings: &[&[Point]], p: Point) -> bool {
    rings.iter().filter(|r| inside(r, p)).count() % 2 == 1
        && !rings
            .iter()
            .flat_map(|r| edges(r))
            .any(|(a, b)| segments_meet(a, b, p, p))
}

/// For hair-thin shapes: the middle of the widest stretch on a horizontal line
/// through each corner's height and between heights.
fn widest_chord(rings: &[&[Point]]) -> Option<Point> {
    let mut heights: Vec<i64> = rings.iter().flat_map(|r| r.iter().map(|p| p[1])).collect();
    heights.sort_unstable();
    heights.dedup();
    let between: Vec<i64> = heights.windows(2).map(|h| (h[0] + h[1]) / 2).collect();
    let mut best: Option<(i64, Point)> = None;
    for y in between.into_iter().chain(heights) {
        let mut xs: Vec<i64> = rings
            .iter()
            .flat_map(|r| edges(r))
            .filter(|(a, b)| (a[1] > y) != (b[1] > y))
            .map(|(a, b)| {
                let t = (y - a[1]) as f64 / (b[1] - a[1]) as f64;
                a[0] + (t * (b[0] - a[0]) as f64).round() as i64
            })
            .collect();
        xs.sort_unstable();
        for pair in xs.chunks_exact(2) {
            let p = [(pair[0] + pair[1]) / 2, y];
            let width = pair[1] - pair[0];
            if best.is_none_or(|(w, _)| width > w) && is_inside(rings, p) {
                best = Some((width, p));
            }
        }
    }
    best.map(|(_, p)| p)
}

#[cfg(test)]
mod tests {
    use geo::{Contains, LineString, MultiPolygon, Polygon, coord};
    use rand::{Rng, SeedableRng};

    use super::*;

    fn area(points: &[(f64, f64)]) -> Option<Area> {
        let ring: LineString = points
            .iter()
            .map(|(x, y)| coord! { x: 117.0 + x / 1e5, y: 31.0 + y / 1e5 })
            .collect();
        Area::from_lon_lat(&MultiPolygon::new(vec![Polygon::new(ring, vec![])]))
    }

    #[test]
    fn the_label_of_an_l_is_in_its_corner_and_not_in_the_notch() {
        let l = area(&[
            (0., 0.),
            (100., 0.),
            (100., 20.),
            (20., 20.),
            (20., 100.),
            (0., 100.),
        ]);
        let (lon, lat) = label_point(&l.unwrap()).unwrap().lon_lat();
        let (x, y) = ((lon - 117.0) * 1e5, (lat - 31.0) * 1e5);
        assert!(
            (5.0..18.0).contains(&x) && (5.0..18.0).contains(&y),
            "{x} {y}"
        );
    }

    #[test]
    fn the_label_is_inside_whatever_the_form() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(9);
        for round in 0..800 {
            let n = rng.random_range(3..40);
            let thin = 10_f64.powf(rng.random_range(-3.0..2.0));
            let points: Vec<_> = (0..n)
                .map(|_| (rng.random_range(0.0..300.0), rng.random_range(0.0..thin)))
                .collect();
            let Some(shape) = area(&points) else { continue };
            if let Some(p) = label_point(&shape) {
                let p = coord! { x: f64::from(p.x), y: f64::from(p.y) };
                assert!(shape.to_geo().contains(&p), "round {round}");
            } else {
                let size = doubled_area(shape.rings().iter().next().unwrap());
                assert!(thin < 1.0 || size < 2_000, "round {round}: no label");
            }
        }
    }

    #[test]
    fn the_label_of_a_ring_is_not_in_its_hole() {
        let square = |r: f64| LineString::from(vec![(-r, -r), (r, -r), (r, r), (-r, r)]);
        let ring = Polygon::new(square(0.01), vec![square(0.008)]);
        let shape = Area::from_lon_lat(&MultiPolygon::new(vec![ring])).unwrap();
        let p = label_point(&shape).unwrap();
        assert!(
            shape
                .to_geo()
                .contains(&coord! { x: f64::from(p.x), y: f64::from(p.y) })
        );
    }
}
