//! From sides that meet only in their ends to polygons.

use std::collections::HashMap;

use super::super::rings::{Point, Rings, doubled_area, edges, side};
use super::super::shape::tidy_ring;
use super::node::Edge;

/// Which parts of the plane a set of rings covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fill {
    /// Where the rings run around more often forwards than backwards: right
    /// for shells and holes whose direction is known.
    Positive,
    /// Inside an odd number of rings: right for rings of unknown direction.
    EvenOdd,
}

impl Fill {
    fn covers(self, winding: i32) -> bool {
        match self {
            Self::Positive => winding > 0,
            Self::EvenOdd => winding % 2 != 0,
        }
    }
}

/// The polygons that the sides enclose. `sides` are sorted.
pub(super) fn polygons(sides: &[Edge], fill: Fill) -> Rings {
    let loops = simple_loops(&borders(sides, fill));
    let (mut shells, holes): (Vec<_>, Vec<_>) = loops
        .into_iter()
        .map(|ring| (doubled_area(&ring), ring))
        .partition(|(area, _)| *area > 0);
    shells.sort_by_key(|(area, _)| *area);
    let mut members: Vec<Vec<Vec<Point>>> = vec![Vec::new(); shells.len()];
    for (_, hole) in holes {
        let middle = [hole[0][0] + hole[1][0], hole[0][1] + hole[1][1]];
        // The smallest shell around it is its own.
        let owner = shells
            .iter()
            .position(|(_, shell)| inside_doubled(shell, middle));
        if let Some(owner) = owner {
            members[owner].push(hole);
        }
    }
    let mut out = Rings::new();
    for ((_, shell), holes) in shells.into_iter().zip(members) {
        for mut ring in std::iter::once(shell).chain(holes) {
            tidy_ring(&mut ring);
            if ring.len() >= 3 {
                out.push(&ring);
            }
        }
    }
    out
}

/// The sides with something on one hand and nothing on the other, directed so
/// that the covered place is where the cross product is positive.
fn borders(sides: &[Edge], fill: Fill) -> Vec<(Point, Point)> {
    let mut out = Vec::new();
    for e in sides {
        let middle = [e.low[0] + e.high[0], e.low[1] + e.high[1]];
        // Look along +y from the middle. Comparing points by (x, y) leans
        // upright sides a little, so that nothing is parallel to the view.
        let beyond: i32 = sides
            .iter()
            .take_while(|f| double(f.low) <= middle)
            .filter(|f| middle < double(f.high) && side(double(f.low), double(f.high), middle) < 0)
            .map(|f| -f.net)
            .sum();
        match (fill.covers(beyond), fill.covers(beyond - e.net)) {
            (true, false) => out.push((e.low, e.high)),
            (false, true) => out.push((e.high, e.low)),
            _ => {}
        }
    }
    out
}

/// Follows borders with the covered place always on the same hand, and cuts a
/// walk in two where it comes back to a point.
fn simple_loops(borders: &[(Point, Point)]) -> Vec<Vec<Point>> {
    let mut leaving: HashMap<Point, Vec<usize>> = HashMap::with_capacity(borders.len());
    for (i, (from, _)) in borders.iter().enumerate() {
        leaving.entry(*from).or_default().push(i);
    }
    let mut used = vec![false; borders.len()];
    let mut out = Vec::new();
    for start in 0..borders.len() {
        let mut current = start;
        let mut walk: Vec<Point> = Vec::new();
        let mut at: HashMap<Point, usize> = HashMap::new();
        while !used[current] {
            used[current] = true;
            let (from, to) = borders[current];
            at.insert(from, walk.len());
            walk.push(from);
            if let Some(&first) = at.get(&to) {
                let cut: Vec<Point> = walk.drain(first..).collect();
                for p in &cut {
                    at.remove(p);
                }
                out.push(cut);
            }
            let Some(next) = leaving.get(&to).and_then(|l| turn(borders, l, from, to)) else {
                break;
            };
            current = next;
        }
    }
    out
}

/// Of the borders leaving `at`, the first one across the covered place from
/// the border that came from `from`.
fn turn(borders: &[(Point, Point)], leaving: &[usize], from: Point, at: Point) -> Option<usize> {
    if let [only] = leaving {
        return Some(*only);
    }
    let half = |i: usize| match side(at, from, borders[i].1) {
        s if s < 0 => 0,
        0 => 1,
        _ => 2,
    };
    leaving.iter().copied().min_by(|&i, &j| {
        half(i)
            .cmp(&half(j))
            .then_with(|| side(at, borders[i].1, borders[j].1).cmp(&0))
    })
}

fn double(p: Point) -> Point {
    [2 * p[0], 2 * p[1]]
}

/// Whether a point given in half units is inside the ring; it is not on it.
fn inside_doubled(ring: &[Point], p: Point) -> bool {
    let mut odd = false;
    for (a, b) in edges(ring) {
        let (a, b) = (double(a), double(b));
        if (a[1] > p[1]) != (b[1] > p[1]) {
            let (low, high) = if a[1] < b[1] { (a, b) } else { (b, a) };
            odd ^= side(low, high, p) > 0;
        }
    }
    odd
}
