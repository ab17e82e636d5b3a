//! Polygons out of directed sides that are equal to the last bit.
//!
//! Neighbours that share a border run along the same sides in opposite
//! directions. What is left when such pairs cancel is the border of the whole.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::{Contains, Coord, LineString, MultiPolygon, Polygon};

use super::lattice::rings_of;

/// A place as a key; equal keys are equal places.
pub(super) type Key = (u64, u64);

/// The key of a place.
pub(super) fn key(c: Coord) -> Key {
    ((c.x + 0.0).to_bits(), (c.y + 0.0).to_bits())
}

/// Twice the signed area of a closed ring, positive counter-clockwise.
pub(super) fn doubled_area(ring: &[Coord]) -> f64 {
    let Some(&o) = ring.first() else { return 0.0 };
    ring.windows(2)
        .map(|w| {
            let (a, b) = (w[0] - o, w[1] - o);
            a.x * b.y - a.y * b.x
        })
        .sum()
}

/// The sides of polygons, each with the inside on its left.
pub(super) fn directed<'a>(polygons: impl IntoIterator<Item = &'a Polygon>) -> Vec<(Coord, Coord)> {
    let mut out = Vec::new();
    for polygon in polygons {
        for (n, ring) in rings_of(polygon).enumerate() {
            let forward = (doubled_area(&ring.0) > 0.0) == (n == 0);
            for w in ring.0.windows(2).filter(|w| w[0] != w[1]) {
                out.push(if forward { (w[0], w[1]) } else { (w[1], w[0]) });
            }
        }
    }
    out
}

/// The union of polygons that share borders exactly.
pub(super) fn dissolve<'a>(polygons: impl IntoIterator<Item = &'a Polygon>) -> MultiPolygon {
    let mut left: BTreeMap<(Key, Key), (Coord, Coord)> = BTreeMap::new();
    for (a, b) in directed(polygons) {
        if left.remove(&(key(b), key(a))).is_none() {
            left.insert((key(a), key(b)), (a, b));
        }
    }
    polygons_of(left.into_values().collect())
}

/// The polygons whose inside is left of the sides. Sides that do not close
/// are left out.
pub(super) fn polygons_of(mut sides: Vec<(Coord, Coord)>) -> MultiPolygon {
    sides.sort_by(|p, q| compare(p.0, q.0).then_with(|| compare(p.1, q.1)));
    let mut leaving: HashMap<Key, Vec<usize>> = HashMap::with_capacity(sides.len());
    for (i, (a, _)) in sides.iter().enumerate() {
        leaving.entry(key(*a)).or_default().push(i);
    }
    let mut used = vec![false; sides.len()];
    let mut shells = Vec::new();
    let mut holes = Vec::new();
    for start in 0..sides.len() {
        for ring in walk(&sides, &leaving, &mut used, start) {
            if doubled_area(&ring) > 0.0 {
                shells.push(Polygon::new(LineString(ring), Vec::new()));
            } else {
                holes.push(ring);
            }
        }
    }
    for hole in holes {
        let only = shells.len() == 1;
        let around = shells
            .iter()
            .enumerate()
            .filter(|(_, s)| only || holds(s, &hole));
        let least = around.min_by(|x, y| {
            let size = |s: &Polygon| doubled_area(&s.exterior().0);
            size(x.1).total_cmp(&size(y.1))
        });
        if let Some((at, _)) = least {
            shells[at].interiors_push(LineString(hole));
        }
    }
    MultiPolygon(shells)
}

fn compare(a: Coord, b: Coord) -> Ordering {
    a.x.total_cmp(&b.x).then_with(|| a.y.total_cmp(&b.y))
}

/// Whether a ring that crosses no side of the shell lies inside of it.
fn holds(shell: &Polygon, ring: &[Coord]) -> bool {
    let outer = Polygon::new(shell.exterior().clone(), Vec::new());
    let corners: Vec<Key> = outer.exterior().0.iter().map(|c| key(*c)).collect();
    match ring.iter().find(|c| !corners.contains(&key(**c))) {
        Some(c) => outer.contains(c),
        // Every corner is one of the shell: a middle of a side decides.
        None => ring
            .windows(2)
            .any(|w| outer.contains(&((w[0] + w[1]) / 2.0))),
    }
}

/// Follows sides with the inside on the left; a walk that comes back to a
/// place is cut there, so that every ring is simple.
fn walk(
    sides: &[(Coord, Coord)],
    leaving: &HashMap<Key, Vec<usize>>,
    used: &mut [bool],
    start: usize,
) -> Vec<Vec<Coord>> {
    let mut out = Vec::new();
    let mut path: Vec<Coord> = Vec::new();
    let mut at: HashMap<Key, usize> = HashMap::new();
    let mut current = start;
    while !used[current] {
        used[current] = true;
        let (a, b) = sides[current];
        at.insert(key(a), path.len());
        path.push(a);
        if let Some(&first) = at.get(&key(b)) {
            let mut ring: Vec<Coord> = path.drain(first..).collect();
            for c in &ring {
                at.remove(&key(*c));
            }
            ring.push(ring[0]);
            if ring.len() >= 4 {
                out.push(ring);
            }
        }
        let open = leaving.get(&key(b)).into_iter().flatten();
        let next = open
            .copied()
            .filter(|i| !used[*i])
            .min_by(|i, j| clockwise(b, a, sides[*i].1, sides[*j].1));
        match next {
            Some(next) => current = next,
            None => break,
        }
    }
    out
}

/// Which of two places comes first when turning clockwise around `at` from
/// the direction of `from`.
fn clockwise(at: Coord, from: Coord, p: Coord, q: Coord) -> Ordering {
    let half = |c: Coord| match RobustKernel::orient2d(at, from, c) {
        Orientation::Clockwise => 0,
        Orientation::Collinear => {
            let (u, v) = (from - at, c - at);
            if u.x * v.x + u.y * v.y < 0.0 { 1 } else { 3 }
        }
        Orientation::CounterClockwise => 2,
    };
    half(p)
        .cmp(&half(q))
        .then_with(|| match RobustKernel::orient2d(at, p, q) {
            Orientation::Clockwise => Ordering::Less,
            Orientation::Collinear => Ordering::Equal,
            Orientation::CounterClockwise => Ordering::Greater,
        })
}
