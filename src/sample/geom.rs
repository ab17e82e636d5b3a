//! Plane geometry in metres, on a lattice of 1e-7 degrees.
//!
//! Every vertex that ends up in a street or a grid is a [`Pt`], two integers.
//! Borders that two grids share are therefore equal to the last bit, and a
//! coordinate printed with seven decimals reads back as the same number.

use geo::{Area, Coord, LineString, Polygon, Simplify};

/// Longitude of the center of the frame, in 1e-7 degrees.
const LON0_E7: i64 = 1_173_000_000;
/// Latitude of the center of the frame, in 1e-7 degrees.
const LAT0_E7: i64 = 318_800_000;
/// Metres per 1e-7 degree of longitude at 31.88 N (WGS84).
const X_STEP: f64 = 94_616e-7;
/// Metres per 1e-7 degree of latitude at 31.88 N (WGS84).
const Y_STEP: f64 = 110_885e-7;

/// Metres east (x) and north (y) of the center of the frame.
pub(crate) type V = Coord<f64>;

/// A vertex on the lattice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Pt {
    i: i32,
    j: i32,
}

impl Pt {
    /// The lattice point nearest to a place in metres.
    pub(crate) fn snap(v: V) -> Self {
        Pt {
            i: (v.x / X_STEP).round() as i32,
            j: (v.y / Y_STEP).round() as i32,
        }
    }

    /// The place in metres.
    pub(crate) fn v(self) -> V {
        V {
            x: f64::from(self.i) * X_STEP,
            y: f64::from(self.j) * Y_STEP,
        }
    }

    /// Longitude and latitude in degrees, WGS84.
    pub(crate) fn lonlat(self) -> Coord<f64> {
        Coord {
            x: (LON0_E7 + i64::from(self.i)) as f64 / 1e7,
            y: (LAT0_E7 + i64::from(self.j)) as f64 / 1e7,
        }
    }
}

/// A vector from its parts.
pub(crate) fn v(x: f64, y: f64) -> V {
    V { x, y }
}

/// Scalar product.
pub(crate) fn dot(a: V, b: V) -> f64 {
    a.x * b.x + a.y * b.y
}

/// z of the cross product.
pub(crate) fn cross(a: V, b: V) -> f64 {
    a.x * b.y - a.y * b.x
}

/// Length of a vector.
pub(crate) fn norm(a: V) -> f64 {
    a.x.hypot(a.y)
}

/// Distance between two places.
pub(crate) fn dist(a: V, b: V) -> f64 {
    norm(a - b)
}

/// Unit vector; the zero vector stays zero.
pub(crate) fn unit(a: V) -> V {
    let n = norm(a);
    if n > 0.0 { a / n } else { a }
}

/// Turned left by 90 degrees.
pub(crate) fn left(a: V) -> V {
    v(-a.y, a.x)
}

/// Turned left by `angle` radians.
pub(crate) fn turn(a: V, angle: f64) -> V {
    let (s, c) = angle.sin_cos();
    v(a.x * c - a.y * s, a.x * s + a.y * c)
}

/// A place between `a` (t = 0) and `b` (t = 1).
pub(crate) fn lerp(a: V, b: V, t: f64) -> V {
    a + (b - a) * t
}

/// Length of a line.
pub(crate) fn length(line: &[V]) -> f64 {
    line.windows(2).map(|w| dist(w[0], w[1])).sum()
}

/// The place `at` metres along a line, and the unit direction there.
pub(crate) fn along(line: &[V], at: f64) -> (V, V) {
    let mut rest = at.max(0.0);
    for w in line.windows(2) {
        let d = dist(w[0], w[1]);
        if rest <= d && d > 0.0 {
            return (lerp(w[0], w[1], rest / d), (w[1] - w[0]) / d);
        }
        rest -= d;
    }
    let n = line.len();
    match line {
        [] => (v(0.0, 0.0), v(1.0, 0.0)),
        [only] => (*only, v(1.0, 0.0)),
        _ => (line[n - 1], unit(line[n - 1] - line[n - 2])),
    }
}

/// Nearest place of a segment: (place, fraction along it, distance).
pub(crate) fn project(p: V, a: V, b: V) -> (V, f64, f64) {
    let d = b - a;
    let len2 = dot(d, d);
    let t = if len2 > 0.0 {
        (dot(p - a, d) / len2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let q = a + d * t;
    (q, t, dist(p, q))
}

/// Where two segments cross: fractions along each, ends included.
pub(crate) fn crossing(a: V, b: V, c: V, d: V) -> Option<(f64, f64)> {
    let (r, s) = (b - a, d - c);
    let den = cross(r, s);
    if den.abs() < 1e-12 {
        return None;
    }
    let t = cross(c - a, s) / den;
    let u = cross(c - a, r) / den;
    ((0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u)).then_some((t, u))
}

/// Signed area of a ring (not closed by a repeated vertex), positive when
/// counter-clockwise.
pub(crate) fn ring_area(ring: &[V]) -> f64 {
    let n = ring.len();
    (0..n)
        .map(|i| cross(ring[i], ring[(i + 1) % n]))
        .sum::<f64>()
        / 2.0
}

/// Perimeter of a ring.
pub(crate) fn perimeter(ring: &[V]) -> f64 {
    let n = ring.len();
    (0..n).map(|i| dist(ring[i], ring[(i + 1) % n])).sum()
}

/// Center of gravity of a ring.
pub(crate) fn centroid(ring: &[V]) -> V {
    let n = ring.len();
    let o = ring[0];
    let mut sum = v(0.0, 0.0);
    let mut area = 0.0;
    for i in 0..n {
        let (a, b) = (ring[i] - o, ring[(i + 1) % n] - o);
        let k = cross(a, b);
        sum = sum + (a + b) * k;
        area += k;
    }
    if area.abs() < 1e-9 {
        o
    } else {
        o + sum / (3.0 * area)
    }
}

/// Whether a ring holds a place (even-odd).
pub(crate) fn holds(ring: &[V], p: V) -> bool {
    let n = ring.len();
    let mut inside = false;
    for i in 0..n {
        let (a, b) = (ring[i], ring[(i + 1) % n]);
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}

/// A closed copy of a ring: the first vertex repeated at the end.
pub(crate) fn closed(ring: &[V]) -> Vec<V> {
    let mut line = ring.to_vec();
    line.extend(ring.first().copied());
    line
}

/// Direction of the long side of the smallest rectangle around a ring.
pub(crate) fn long_axis(ring: &[V]) -> V {
    let n = ring.len();
    let mut best = (f64::INFINITY, v(1.0, 0.0));
    for i in 0..n {
        let u = unit(ring[(i + 1) % n] - ring[i]);
        if norm(u) == 0.0 {
            continue;
        }
        let (w, h) = (extent(ring, u), extent(ring, left(u)));
        if w * h < best.0 {
            best = (w * h, if w >= h { u } else { left(u) });
        }
    }
    best.1
}

/// Extent of a ring along a unit direction.
pub(crate) fn extent(ring: &[V], u: V) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for &p in ring {
        let k = dot(p, u);
        low = low.min(k);
        high = high.max(k);
    }
    high - low
}

/// A smooth line through `points` (centripetal Catmull-Rom), with vertices
/// only where it bends.
pub(crate) fn curve(points: &[V]) -> Vec<V> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let n = points.len();
    let mut out = vec![points[0]];
    for i in 0..n - 1 {
        let p1 = points[i];
        let p2 = points[i + 1];
        let p0 = if i > 0 { points[i - 1] } else { p1 + (p1 - p2) };
        let p3 = if i + 2 < n {
            points[i + 2]
        } else {
            p2 + (p2 - p1)
        };
        let steps = (dist(p1, p2) / 12.0).ceil().max(2.0) as usize;
        for k in 1..=steps {
            out.push(catmull(p0, p1, p2, p3, k as f64 / steps as f64));
        }
    }
    thin(&out, 0.5)
}

fn catmull(p0: V, p1: V, p2: V, p3: V, s: f64) -> V {
    let knot = |a: V, b: V| dist(a, b).sqrt().max(1e-6);
    let t1 = knot(p0, p1);
    let t2 = t1 + knot(p1, p2);
    let t3 = t2 + knot(p2, p3);
    let t = t1 + (t2 - t1) * s;
    let mix = |a: V, b: V, ta: f64, tb: f64| (a * (tb - t) + b * (t - ta)) / (tb - ta);
    let a1 = mix(p0, p1, 0.0, t1);
    let a2 = mix(p1, p2, t1, t2);
    let a3 = mix(p2, p3, t2, t3);
    let b1 = mix(a1, a2, 0.0, t2);
    let b2 = mix(a2, a3, t1, t3);
    mix(b1, b2, t1, t2)
}

/// A street between two places that leaves along `da` and arrives along
/// `db` (a cubic Hermite curve).
pub(crate) fn sweep(a: V, da: V, b: V, db: V) -> Vec<V> {
    let len = dist(a, b);
    let (ta, tb) = (unit(da) * len, unit(db) * len);
    let steps = (len / 9.0).ceil().max(3.0) as usize;
    let line: Vec<V> = (0..=steps)
        .map(|k| {
            let t = k as f64 / steps as f64;
            let (t2, t3) = (t * t, t * t * t);
            a * (2.0 * t3 - 3.0 * t2 + 1.0)
                + ta * (t3 - 2.0 * t2 + t)
                + b * (3.0 * t2 - 2.0 * t3)
                + tb * (t3 - t2)
        })
        .collect();
    thin(&line, 0.5)
}

/// Drops the vertices that matter less than `tolerance` metres.
pub(crate) fn thin(line: &[V], tolerance: f64) -> Vec<V> {
    LineString::new(line.to_vec()).simplify(tolerance).0
}

/// A polygon of a ring.
pub(crate) fn polygon(ring: &[V]) -> Polygon<f64> {
    Polygon::new(LineString::new(ring.to_vec()), vec![])
}

/// The outer ring of a polygon, counter-clockwise, first vertex not repeated.
pub(crate) fn outer(p: &Polygon<f64>) -> Vec<V> {
    let mut ring = p.exterior().0.clone();
    ring.pop();
    if p.signed_area() < 0.0 {
        ring.reverse();
    }
    ring
}
