//! Streets and the boundary as sides on the lattice.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::dissolve::directed;
use super::input::{BorderClass, Ground};
use super::lattice::{Lattice, PER_M, Spot, nearest_on};
use super::node::{SAME, Side};

/// A side of a street line: which line, and which of its sides.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    line: usize,
    number: usize,
    a: Spot,
    b: Spot,
    class: BorderClass,
}

/// The sides of the boundary and of every line near it, and how many
/// coordinates were no places.
pub(super) fn sides(ground: &Ground, lattice: &mut Lattice, snap_m: f64) -> (Vec<Side>, usize) {
    let mut out = Vec::new();
    for (a, b) in directed(&ground.boundary) {
        if let (Some(a), Some(b)) = (lattice.keep(a), lattice.keep(b)) {
            out.push(Side::new(a, b, BorderClass::Boundary, true));
        }
    }
    let (stretches, bad) = stretches(ground, lattice, &out, snap_m);
    let free = free_ends(&stretches, snap_m * PER_M);
    for s in stretches {
        let moved = |p: Spot| {
            let found = free.binary_search_by_key(&p, |(from, _)| *from);
            found.map_or(p, |i| free[i].1)
        };
        out.push(Side::new(moved(s.a), moved(s.b), s.class, false));
    }
    (out, bad)
}

fn stretches(
    ground: &Ground,
    lattice: &mut Lattice,
    boundary: &[Side],
    snap_m: f64,
) -> (Vec<Stretch>, usize) {
    let margin = (snap_m * PER_M).ceil() as i64 + SAME as i64;
    let ends = || boundary.iter().flat_map(|s| [s.a, s.b]);
    let low = |get: fn(&Spot) -> i64| ends().map(|p| get(&p)).min().unwrap_or(0) - margin;
    let high = |get: fn(&Spot) -> i64| ends().map(|p| get(&p)).max().unwrap_or(0) + margin;
    let (x0, x1) = (low(|p| p.x), high(|p| p.x));
    let (y0, y1) = (low(|p| p.y), high(|p| p.y));
    let near = |a: Spot, b: Spot| {
        a.x.max(b.x) >= x0 && a.x.min(b.x) <= x1 && a.y.max(b.y) >= y0 && a.y.min(b.y) <= y1
    };
    let mut out: Vec<Stretch> = Vec::new();
    let (mut bad, mut line) = (0, 0);
    for border in &ground.lines {
        for part in &border.line {
            line += 1;
            let finite = |c: &&Coord| c.x.is_finite() && c.y.is_finite();
            bad += part.0.iter().filter(|c| !finite(c)).count();
            for (number, w) in part.0.windows(2).enumerate() {
                let (Some(a), Some(b)) = (lattice.spot(w[0]), lattice.spot(w[1])) else {
                    continue;
                };
                if a != b && near(a, b) {
                    lattice.keep(w[0]);
                    lattice.keep(w[1]);
                    let class = border.class;
                    out.push(Stretch {
                        line,
                        number,
                        a,
                        b,
                        class,
                    });
                }
            }
        }
    }
    (out, bad)
}

/// Where ends go that stop short of another line, sorted.
fn free_ends(stretches: &[Stretch], reach: f64) -> Vec<(Spot, Spot)> {
    let tree = RTree::bulk_load(
        stretches
            .iter()
            .enumerate()
            .map(|(i, s)| {
                let shape = Rectangle::from_corners(s.a.array(), s.b.array());
                GeomWithData::new(shape, i)
            })
            .collect(),
    );
    let near = |p: Spot, reach: f64| {
        let [x, y] = p.array();
        let around = AABB::from_corners([x - reach, y - reach], [x + reach, y + reach]);
        tree.locate_in_envelope_intersecting(around)
            .map(|hit| &stretches[hit.data])
            .map(move |s| (s, nearest_on(s.a, s.b, p)))
            .filter(move |(_, (_, d))| *d <= reach * reach)
    };
    let mut moves: BTreeMap<Spot, Spot> = BTreeMap::new();
    let mut goals: BTreeSet<Spot> = BTreeSet::new();
    if reach <= SAME {
        return Vec::new();
    }
    for s in stretches {
        for p in [s.a, s.b] {
            // Free: nothing but its own stretch is there.
            if near(p, SAME).count() > 1 {
                continue;
            }
            let far = |t: &Stretch| t.line != s.line || t.number.abs_diff(s.number) > 3;
            let target = near(p, reach)
                .filter(|(t, _)| far(t))
                .min_by(|x, y| x.1.1.total_cmp(&y.1.1).then(x.1.0.cmp(&y.1.0)));
            // Two free ends do not change places.
            if let Some((_, (to, _))) = target
                && !moves.contains_key(&to)
                && !goals.contains(&p)
            {
                moves.insert(p, to);
                goals.insert(to);
            }
        }
    }
    moves.into_iter().collect()
}
