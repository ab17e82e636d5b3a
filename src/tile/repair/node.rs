//! Snap rounding: sides that meet only at whole points.
//!
//! Every corner and every crossing, rounded, makes the unit square around it
//! hot; every side is then led through the centres of the hot squares it
//! passes. The result is a set of sides that meet in their ends alone, none
//! moved by more than half a unit (Hobby 1999; Guibas and Marimont 1998).

use std::collections::BTreeMap;

use super::super::rings::{Point, Rings, edges, segments_meet, side};

/// An undirected side, ends in ascending order, with the number of times the
/// rings run along it forwards minus backwards.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) low: Point,
    pub(super) high: Point,
    pub(super) net: i32,
}

/// The sides of the rings after snap rounding, sorted; sides that cancel are
/// left out.
pub(super) fn snap(rings: &Rings) -> Vec<Edge> {
    let mut sides: Vec<(Point, Point)> = rings
        .iter()
        .flat_map(edges)
        .filter(|(a, b)| a != b)
        .collect();
    sides.sort_unstable_by_key(|(a, b)| a[0].min(b[0]));
    let hot = hot_points(&sides);
    let mut net: BTreeMap<(Point, Point), i32> = BTreeMap::new();
    let mut chain = Vec::new();
    for (a, b) in sides {
        lead_through(a, b, &hot, &mut chain);
        for step in chain.windows(2) {
            if step[0] < step[1] {
                *net.entry((step[0], step[1])).or_default() += 1;
            } else {
                *net.entry((step[1], step[0])).or_default() -= 1;
            }
        }
    }
    net.into_iter()
        .filter(|(_, net)| *net != 0)
        .map(|((low, high), net)| Edge { low, high, net })
        .collect()
}

/// All corners and rounded crossings, sorted. `sides` are sorted by their
/// western end.
fn hot_points(sides: &[(Point, Point)]) -> Vec<Point> {
    let mut hot: Vec<Point> = sides.iter().flat_map(|(a, b)| [*a, *b]).collect();
    for (i, &(a, b)) in sides.iter().enumerate() {
        let east = a[0].max(b[0]);
        for &(c, d) in &sides[i + 1..] {
            if c[0].min(d[0]) > east {
                break;
            }
            if segments_meet(a, b, c, d) {
                hot.extend(crossing(a, b, c, d));
            }
        }
    }
    hot.sort_unstable();
    hot.dedup();
    hot
}

/// Where the lines through two segments cross, rounded to the unit square that
/// holds the place; `None` when they are parallel.
fn crossing(a: Point, b: Point, c: Point, d: Point) -> Option<Point> {
    let cross = |u: Point, v: Point| {
        i128::from(u[0]) * i128::from(v[1]) - i128::from(u[1]) * i128::from(v[0])
    };
    let along = [b[0] - a[0], b[1] - a[1]];
    let other = [d[0] - c[0], d[1] - c[1]];
    let mut below = cross(along, other);
    if below == 0 {
        return None;
    }
    let mut above = cross([c[0] - a[0], c[1] - a[1]], other);
    if below < 0 {
        (above, below) = (-above, -below);
    }
    let part = |i: usize| {
        let twice = 2 * (i128::from(a[i]) * below + above * i128::from(along[i])) + below;
        i64::try_from(twice.div_euclid(2 * below)).ok()
    };
    Some([part(0)?, part(1)?])
}

/// The hot points whose squares the side passes, from `a` to `b`.
fn lead_through(a: Point, b: Point, hot: &[Point], chain: &mut Vec<Point>) {
    chain.clear();
    let (west, east) = (a[0].min(b[0]), a[0].max(b[0]));
    let (north, south) = (a[1].min(b[1]), a[1].max(b[1]));
    let start = hot.partition_point(|p| p[0] < west);
    let candidates = hot[start..].iter().take_while(|p| p[0] <= east);
    chain.extend(candidates.filter(|p| (north..=south).contains(&p[1]) && passes(a, b, **p)));
    // A side moves one way in x and one way in y, and so do its squares.
    let (sx, sy) = ((b[0] - a[0]).signum(), (b[1] - a[1]).signum());
    chain.sort_unstable_by_key(|p| (p[0] * sx, p[1] * sy));
}

/// Whether the segment passes the unit square around `p`, of which the west
/// and north edges count and the others do not. `p` is in the segment's box.
fn passes(a: Point, b: Point, p: Point) -> bool {
    let double = |q: Point| [2 * q[0], 2 * q[1]];
    let (a, b, [x, y]) = (double(a), double(b), double(p));
    let corners = [
        [x - 1, y - 1],
        [x + 1, y - 1],
        [x + 1, y + 1],
        [x - 1, y + 1],
    ];
    let sides = corners.map(|c| side(a, b, c));
    let (left, right) = (sides.iter().any(|s| *s > 0), sides.iter().any(|s| *s < 0));
    // Ends are even and edges odd, so a segment that does not enter the square
    // can touch it in one corner at most.
    (left && right) || sides[0] == 0
}
