//! Packed sequences of integer points, and the exact test that a set of rings
//! is valid.

/// A point in world units or tile units; x east, y south.
pub type Point = [i64; 2];

/// Several sequences of points in one allocation: the rings of polygons, or
/// the parts of a line.
///
/// As polygons they follow the vector tile rules: a ring is not closed by
/// repeating its first point, a shell has positive area in the y-down frame,
/// its holes have negative area and come right after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rings {
    points: Vec<Point>,
    ends: Vec<u32>,
}

impl Rings {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many sequences there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// All points of all sequences.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Adds one sequence.
    pub fn push(&mut self, points: &[Point]) {
        self.points.extend_from_slice(points);
        self.close();
    }

    /// The sequences in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[Point]> + Clone {
        (0..self.ends.len()).map(|i| {
            let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
            &self.points[start..self.ends[i] as usize]
        })
    }

    /// The rings as polygons: each shell with its holes.
    pub fn polygons(&self) -> impl Iterator<Item = Vec<&[Point]>> {
        let mut rings = self.iter().peekable();
        std::iter::from_fn(move || {
            let mut polygon = vec![rings.next()?];
            while let Some(hole) = rings.next_if(|r| doubled_area(r) < 0) {
                polygon.push(hole);
            }
            Some(polygon)
        })
    }

    fn close(&mut self) {
        // Four billion points do not fit in memory.
        let end = u32::try_from(self.points.len()).unwrap_or(u32::MAX);
        self.ends.push(end);
    }
}

/// Twice the signed area (shoelace formula); positive for shells.
pub fn doubled_area(ring: &[Point]) -> i128 {
    edges(ring)
        .map(|(a, b)| i128::from(a[0]) * i128::from(b[1]) - i128::from(b[0]) * i128::from(a[1]))
        .sum()
}

/// The sides of a ring, the closing one last.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    let n = ring.len();
    (0..n).map(move |i| (ring[i], ring[if i + 1 == n { 0 } else { i + 1 }]))
}

/// On which side of `a → b` the point `c` lies: the sign of the cross product.
pub(super) fn side(a: Point, b: Point, c: Point) -> i128 {
    let (ux, uy) = (b[0] - a[0], b[1] - a[1]);
    let (vx, vy) = (c[0] - a[0], c[1] - a[1]);
    i128::from(ux) * i128::from(vy) - i128::from(uy) * i128::from(vx)
}

/// Whether the point is strictly inside the ring. Points on the ring may be
/// answered either way.
pub(super) fn inside(ring: &[Point], p: Point) -> bool {
    let mut odd = false;
    for (a, b) in edges(ring) {
        if (a[1] > p[1]) != (b[1] > p[1]) {
            let (low, high) = if a[1] < b[1] { (a, b) } else { (b, a) };
            odd ^= side(low, high, p) > 0;
        }
    }
    odd
}

/// Whether two closed segments have any point in common.
pub(super) fn segments_meet(a: Point, b: Point, c: Point, d: Point) -> bool {
    let apart = |i: usize| a[i].max(b[i]) < c[i].min(d[i]) || c[i].max(d[i]) < a[i].min(b[i]);
    if apart(0) || apart(1) {
        return false;
    }
    // With overlapping boxes, segments meet exactly when neither has both
    // ends strictly on one side of the other.
    let same = |u: i128, v: i128| (u > 0 && v > 0) || (u < 0 && v < 0);
    !same(side(a, b, c), side(a, b, d)) && !same(side(c, d, a), side(c, d, b))
}

/// Whether the segments meet anywhere but in the one end they share.
pub(super) fn segments_conflict(a: Point, b: Point, c: Point, d: Point) -> bool {
    let folded = |shared: Point, u: Point, v: Point| {
        // Two segments leaving one point overlap when they leave it in the
        // same direction.
        let dot = i128::from(u[0] - shared[0]) * i128::from(v[0] - shared[0])
            + i128::from(u[1] - shared[1]) * i128::from(v[1] - shared[1]);
        side(shared, u, v) == 0 && dot > 0
    };
    match (a == c, a == d, b == c, b == d) {
        (false, false, false, false) => segments_meet(a, b, c, d),
        (true, false, false, false) => folded(a, b, d),
        (false, true, false, false) => folded(a, b, c),
        (false, false, true, false) => folded(b, a, d),
        (false, false, false, true) => folded(b, a, c),
        _ => true,
    }
}

/// Whether the rings form valid polygons under rules a little stricter than
/// OGC's: no ring touches itself or another one anywhere, areas are not zero,
/// holes lie in their shell and nowhere else.
pub(super) fn strictly_valid(rings: &Rings) -> bool {
    rings.iter().all(|r| r.len() >= 3 && doubled_area(r) != 0)
        && !any_conflict(rings)
        && well_nested(rings)
}

fn any_conflict(rings: &Rings) -> bool {
    struct Edge {
        low: i64,
        high: i64,
        a: Point,
        b: Point,
        ring: u32,
        index: u32,
    }
    let mut all = Vec::with_capacity(rings.points.len());
    for (ring, points) in rings.iter().enumerate() {
        all.extend(edges(points).enumerate().map(|(index, (a, b))| Edge {
            low: a[0].min(b[0]),
            high: a[0].max(b[0]),
            a,
            b,
            ring: ring as u32,
            index: index as u32,
        }));
    }
    all.sort_unstable_by_key(|e| e.low);
    let count = |ring: u32| rings.iter().nth(ring as usize).map_or(0, <[Point]>::len) as u32;
    let single = rings.len() == 1;
    let first_count = count(0);
    for (i, e) in all.iter().enumerate() {
        if e.a == e.b {
            return true;
        }
        for f in all[i + 1..].iter().take_while(|f| f.low <= e.high) {
            let n = if single { first_count } else { count(e.ring) };
            let neighbors =
                e.ring == f.ring && ((e.index + 1) % n == f.index || (f.index + 1) % n == e.index);
            let bad = if neighbors {
                segments_conflict(e.a, e.b, f.a, f.b)
            } else {
                segments_meet(e.a, e.b, f.a, f.b)
            };
            if bad {
                return true;
            }
        }
    }
    false
}

/// For rings that do not meet: each hole is in its own shell and in no other
/// ring but those around that shell; shells are inside an even number of rings.
fn well_nested(rings: &Rings) -> bool {
    if rings.len() == 1 {
        return doubled_area(rings.points()) > 0;
    }
    let depth = |p: Point| rings.iter().filter(|r| inside_strict(r, p)).count();
    let mut shell: Option<(&[Point], usize)> = None;
    for ring in rings.iter() {
        let here = depth(ring[0]);
        if doubled_area(ring) > 0 {
            if !here.is_multiple_of(2) {
                return false;
            }
            shell = Some((ring, here));
        } else {
            match shell {
                Some((around, outer)) if here == outer + 1 && inside_strict(around, ring[0]) => {}
                _ => return false,
            }
        }
    }
    true
}

/// As [`inside`], and never true for the ring's own points.
fn inside_strict(ring: &[Point], p: Point) -> bool {
    !ring.contains(&p) && inside(ring, p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rings(list: &[&[Point]]) -> Rings {
        let mut out = Rings::new();
        for r in list {
            out.push(r);
        }
        out
    }

    const SHELL: [Point; 4] = [[0, 0], [10, 0], [10, 10], [0, 10]];

    #[test]
    fn what_is_valid_and_what_is_not() {
        let hole: [Point; 4] = [[2, 2], [2, 4], [4, 4], [4, 2]];
        let outside: [Point; 4] = [[12, 2], [12, 4], [14, 4], [14, 2]];
        let touching: [Point; 3] = [[0, 5], [3, 6], [3, 4]];
        let bowtie: [Point; 4] = [[0, 0], [4, 4], [4, 0], [0, 4]];
        let spike: [Point; 5] = [[0, 0], [10, 0], [20, 0], [10, 0], [5, 5]];
        let reversed: Vec<Point> = SHELL.iter().rev().copied().collect();
        assert!(doubled_area(&SHELL) == 200 && doubled_area(&hole) == -8);
        assert!(strictly_valid(&rings(&[&SHELL])));
        assert!(strictly_valid(&rings(&[&SHELL, &hole])));
        assert!(!strictly_valid(&rings(&[&SHELL, &outside])));
        assert!(!strictly_valid(&rings(&[&SHELL, &touching])));
        assert!(!strictly_valid(&rings(&[&bowtie])));
        assert!(!strictly_valid(&rings(&[&spike])));
        assert!(!strictly_valid(&rings(&[&reversed])));
        assert!(!strictly_valid(&rings(&[&SHELL, &SHELL])));
        assert!(!strictly_valid(&rings(&[&[[0, 0], [1, 0]]])));
    }

    #[test]
    fn an_island_in_a_hole_is_valid() {
        let big: [Point; 4] = [[0, 0], [30, 0], [30, 30], [0, 30]];
        let hole: [Point; 4] = [[5, 5], [5, 25], [25, 25], [25, 5]];
        let island: [Point; 4] = [[10, 10], [20, 10], [20, 20], [10, 20]];
        let all = rings(&[&big, &hole, &island]);
        assert!(strictly_valid(&all));
        assert_eq!(all.polygons().map(|p| p.len()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn far_coordinates_do_not_overflow() {
        let far = i64::from(u32::MAX);
        let ring: [Point; 4] = [[0, 0], [far, 0], [far, far], [0, far]];
        assert!(strictly_valid(&rings(&[&ring])));
    }
}
