//! Cuts rings and lines at a rectangle, on integers.
//!
//! Rings are cut side by side (Sutherland and Hodgman 1974). Where that joins
//! separate pieces by seams along the cut, [`super::quantize`] notices and has
//! them taken apart; measured on town grids this concerns one cut in twenty.

use super::rings::{Point, Rings};

/// A rectangle in tile units; its edges belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// North-west corner.
    pub min: Point,
    /// South-east corner.
    pub max: Point,
}

impl Window {
    /// The tile and a margin around it.
    pub fn tile(buffer: u32) -> Self {
        let b = i64::from(buffer);
        let far = i64::from(super::EXTENT) + b;
        Self {
            min: [-b, -b],
            max: [far, far],
        }
    }

    /// Whether the point is in the window or on its edge.
    pub fn contains(&self, p: Point) -> bool {
        (0..2).all(|i| (self.min[i]..=self.max[i]).contains(&p[i]))
    }

    fn sides(&self) -> [Side; 4] {
        let side = |axis, limit, keep_above| Side {
            axis,
            limit,
            keep_above,
        };
        [
            side(0, self.min[0], true),
            side(0, self.max[0], false),
            side(1, self.min[1], true),
            side(1, self.max[1], false),
        ]
    }
}

#[derive(Clone, Copy)]
struct Side {
    axis: usize,
    limit: i64,
    keep_above: bool,
}

impl Side {
    fn keeps(&self, p: Point) -> bool {
        if self.keep_above {
            p[self.axis] >= self.limit
        } else {
            p[self.axis] <= self.limit
        }
    }

    /// Where `a → b` crosses the side. The answer does not depend on the
    /// direction, so neighbors that share the segment are cut alike.
    fn cross(&self, a: Point, b: Point) -> Point {
        let (i, j) = (self.axis, 1 - self.axis);
        let (a, b) = if a[i] < b[i] { (a, b) } else { (b, a) };
        let run = i128::from(b[i] - a[i]);
        let rise = i128::from(b[j] - a[j]) * i128::from(self.limit - a[i]);
        // Halves are rounded up; `run` is not zero, as the ends lie on
        // different sides.
        let step = (2 * rise + run).div_euclid(2 * run);
        let mut p = a;
        p[i] = self.limit;
        p[j] += i64::try_from(step).unwrap_or(0);
        p
    }
}

/// Cuts one ring at the window, in place; `spare` is scratch space. What
/// remains may run along the window's edge more than once.
pub fn clip_ring(ring: &mut Vec<Point>, spare: &mut Vec<Point>, window: &Window) {
    for side in window.sides() {
        let Some(&last) = ring.last() else { return };
        if ring.iter().all(|p| side.keeps(*p)) {
            continue;
        }
        spare.clear();
        let mut previous = last;
        for &p in ring.iter() {
            if side.keeps(p) != side.keeps(previous) {
                spare.push(side.cross(previous, p));
            }
            if side.keeps(p) {
                spare.push(p);
            }
            previous = p;
        }
        std::mem::swap(ring, spare);
    }
}

/// Cuts one line at the window and adds the parts inside to `out`. Parts that
/// only touch the window are left out.
pub fn clip_line(line: &[Point], window: &Window, out: &mut Rings) {
    let mut part: Vec<Point> = Vec::new();
    let finish = |part: &mut Vec<Point>, out: &mut Rings| {
        part.dedup();
        if part.len() >= 2 {
            out.push(part);
        }
        part.clear();
    };
    for pair in line.windows(2) {
        let Some((a, b)) = clip_segment(pair[0], pair[1], window) else {
            finish(&mut part, out);
            continue;
        };
        if part.last() != Some(&a) {
            finish(&mut part, out);
            part.push(a);
        }
        part.push(b);
        if b != pair[1] {
            finish(&mut part, out);
        }
    }
    finish(&mut part, out);
}

/// The piece of a segment inside the window, in the same direction.
fn clip_segment(mut a: Point, mut b: Point, window: &Window) -> Option<(Point, Point)> {
    for side in window.sides() {
        match (side.keeps(a), side.keeps(b)) {
            (true, true) => {}
            (false, false) => return None,
            (true, false) => b = side.cross(a, b),
            (false, true) => a = side.cross(a, b),
        }
    }
    Some((a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: Window = Window {
        min: [0, 0],
        max: [10, 10],
    };

    fn cut(line: &[Point]) -> Vec<Vec<Point>> {
        let mut out = Rings::new();
        clip_line(line, &W, &mut out);
        out.iter().map(<[Point]>::to_vec).collect()
    }

    #[test]
    fn a_line_that_leaves_and_returns_becomes_two() {
        let parts = cut(&[[-5, 5], [5, 5], [15, 5], [15, 8], [5, 8]]);
        assert_eq!(
            parts,
            [[[0, 5], [5, 5], [10, 5]].to_vec(), vec![[10, 8], [5, 8]]]
        );
    }

    #[test]
    fn a_line_through_the_corner_or_outside_leaves_nothing() {
        assert!(cut(&[[-5, 5], [5, -5]]).is_empty());
        assert!(cut(&[[-1, 0], [-1, 10]]).is_empty());
        assert!(cut(&[[5, 5], [5, 5]]).is_empty());
        assert_eq!(cut(&[[-2, 0], [12, 0]]), [[[0, 0], [10, 0]]]);
    }

    #[test]
    fn a_ring_around_the_window_becomes_the_window() {
        let mut ring = vec![[-5, -5], [20, -5], [20, 20], [-5, 20]];
        clip_ring(&mut ring, &mut Vec::new(), &W);
        assert_eq!(super::super::rings::doubled_area(&ring), 200);
        assert_eq!(ring.len(), 4);
    }

    #[test]
    fn both_directions_are_cut_at_the_same_point() {
        for k in 1..200 {
            let (a, b) = ([-7 * k, 3], [5 * k + 1, k * k % 97]);
            let side = W.sides()[0];
            assert_eq!(side.cross(a, b), side.cross(b, a));
        }
    }
}
