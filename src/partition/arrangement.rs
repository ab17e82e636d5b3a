//! The faces between noded sides.

use std::cmp::Ordering;
use std::collections::VecDeque;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::lattice::{Spot, side};
use super::node::Side;

/// The unbounded face.
pub(super) const OUTSIDE: usize = 0;

/// Sides that enclose something, and the faces on both hands of each.
///
/// Half-edge `2 e` runs along side `e` from `a` to `b`, `2 e + 1` back; a
/// face lies on the left of its half-edges.
#[derive(Debug)]
pub(super) struct Arrangement {
    /// Sides with a different face on each hand, in order.
    pub(super) sides: Vec<Side>,
    /// Sides left out: dead ends, and lines that join nothing but two rings.
    pub(super) dead: Vec<Side>,
    /// The face left of each half-edge.
    pub(super) face: Vec<usize>,
    /// How often the boundary runs around each face; 0 is outside of it.
    pub(super) winding: Vec<i32>,
}

impl Arrangement {
    /// Faces of sides that meet only in their ends.
    pub(super) fn new(all: &[Side]) -> Arrangement {
        let (sides, dead) = without_bridges(all);
        let ring = Rings::new(&sides);
        let (face, count) = ring.faces(&sides);
        let winding = windings(&sides, &face, count);
        Arrangement {
            sides,
            dead,
            face,
            winding,
        }
    }

    /// From where to where a half-edge runs.
    pub(super) fn ends(&self, half: usize) -> (Spot, Spot) {
        let s = &self.sides[half / 2];
        if half.is_multiple_of(2) {
            (s.a, s.b)
        } else {
            (s.b, s.a)
        }
    }
}

/// Numbers the spots: for each side the numbers of its ends, and how many.
fn numbered(sides: &[Side]) -> (Vec<[usize; 2]>, Vec<Spot>) {
    let mut spots: Vec<Spot> = sides.iter().flat_map(|s| [s.a, s.b]).collect();
    spots.sort_unstable();
    spots.dedup();
    let number = |p: &Spot| spots.partition_point(|q| q < p);
    let ends = sides.iter().map(|s| [number(&s.a), number(&s.b)]).collect();
    (ends, spots)
}

/// Half-edges that leave each spot.
fn leaving(ends: &[[usize; 2]], spots: usize) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); spots];
    for (e, [a, b]) in ends.iter().enumerate() {
        out[*a].push(2 * e);
        out[*b].push(2 * e + 1);
    }
    out
}

/// Takes out the sides on no cycle (Tarjan's bridges, without recursion).
fn without_bridges(sides: &[Side]) -> (Vec<Side>, Vec<Side>) {
    let (ends, spots) = numbered(sides);
    let leaving = leaving(&ends, spots.len());
    let to = |half: usize| ends[half / 2][1 - half % 2];
    let mut order = vec![usize::MAX; spots.len()];
    let mut low = vec![usize::MAX; spots.len()];
    let mut bridge = vec![false; sides.len()];
    let mut clock = 0;
    for root in 0..spots.len() {
        if order[root] != usize::MAX {
            continue;
        }
        order[root] = clock;
        low[root] = clock;
        clock += 1;
        // (spot, half-edge it was reached by, next to look at)
        let mut walk: Vec<(usize, usize, usize)> = vec![(root, usize::MAX, 0)];
        while let Some(top) = walk.last_mut() {
            let (at, by, next) = *top;
            if let Some(&half) = leaving[at].get(next) {
                top.2 += 1;
                let there = to(half);
                if by != usize::MAX && half / 2 == by / 2 {
                    continue;
                }
                if order[there] == usize::MAX {
                    order[there] = clock;
                    low[there] = clock;
                    clock += 1;
                    walk.push((there, half, 0));
                } else {
                    low[at] = low[at].min(order[there]);
                }
                continue;
            }
            walk.pop();
            if let Some(&(up, ..)) = walk.last() {
                low[up] = low[up].min(low[at]);
                bridge[by / 2] = low[at] > order[up];
            }
        }
    }
    let mut kept = Vec::new();
    let mut dead = Vec::new();
    for (s, bridge) in sides.iter().zip(bridge) {
        if bridge { dead.push(*s) } else { kept.push(*s) }
    }
    (kept, dead)
}

/// Half-edges chained around the faces.
struct Rings {
    next: Vec<usize>,
    from: Vec<Spot>,
}

/// Compares directions by the angle from east, counter-clockwise.
fn by_angle(center: Spot, p: Spot, q: Spot) -> Ordering {
    let upper = |r: Spot| (r.y, r.x) > (center.y, center.x);
    upper(q)
        .cmp(&upper(p))
        .then_with(|| 0.cmp(&side(center, p, q)))
}

impl Rings {
    fn new(sides: &[Side]) -> Rings {
        let (ends, spots) = numbered(sides);
        let mut leaving = leaving(&ends, spots.len());
        let mut next = vec![0; sides.len() * 2];
        for (center, out) in leaving.iter_mut().enumerate() {
            let to = |half: usize| spots[ends[half / 2][1 - half % 2]];
            out.sort_by(|x, y| by_angle(spots[center], to(*x), to(*y)));
            for (k, half) in out.iter().enumerate() {
                // Arriving against `half`, turn to the next one clockwise.
                next[half ^ 1] = out[(k + out.len() - 1) % out.len()];
            }
        }
        let from = (0..sides.len() * 2).map(|h| spots[ends[h / 2][h % 2]]);
        Rings {
            next,
            from: from.collect(),
        }
    }

    /// The face of each half-edge, and how many faces there are.
    fn faces(&self, sides: &[Side]) -> (Vec<usize>, usize) {
        let mut cycle = vec![usize::MAX; self.next.len()];
        // For each cycle its face, or its leftmost half-edge when it is the
        // outer side of something.
        let mut cycles: Vec<Result<usize, usize>> = Vec::new();
        let mut faces = 1;
        for start in 0..self.next.len() {
            if cycle[start] != usize::MAX {
                continue;
            }
            let number = cycles.len();
            let (mut at, mut twice, mut least) = (start, 0_i128, start);
            loop {
                cycle[at] = number;
                let (p, q) = (self.from[at], self.from[self.next[at]]);
                twice += side(self.from[start], p, q);
                if self.from[at] < self.from[least] {
                    least = at;
                }
                at = self.next[at];
                if at == start {
                    break;
                }
            }
            if twice > 0 {
                cycles.push(Ok(faces));
                faces += 1;
            } else {
                cycles.push(Err(least));
            }
        }
        let owner = self.owners(sides, &cycle, &cycles);
        (cycle.iter().map(|c| owner[*c]).collect(), faces)
    }

    /// The face of each cycle: outer sides belong to the face around them.
    fn owners(
        &self,
        sides: &[Side],
        cycle: &[usize],
        cycles: &[Result<usize, usize>],
    ) -> Vec<usize> {
        let mut owner: Vec<usize> = cycles.iter().map(|c| c.unwrap_or(OUTSIDE)).collect();
        let mut islands: Vec<(Spot, usize)> = cycles
            .iter()
            .enumerate()
            .filter_map(|(number, c)| Some((self.from[c.err()?], number)))
            .collect();
        // What lies further west is known by then.
        islands.sort_unstable();
        let tree = RTree::bulk_load(
            sides
                .iter()
                .enumerate()
                .map(|(e, s)| {
                    let shape = Rectangle::from_corners(s.a.array(), s.b.array());
                    GeomWithData::new(shape, e)
                })
                .collect(),
        );
        for (at, number) in islands {
            let [x, y] = at.array();
            let ray = AABB::from_corners([f64::MIN, y], [x, y]);
            let west = tree
                .locate_in_envelope_intersecting(ray)
                .filter_map(|hit| west_of(&sides[hit.data], at).map(|key| (key, hit.data)))
                .max_by(|p, q| {
                    let (p, q) = (p.0, q.0);
                    p.0.total_cmp(&q.0).then(p.1.total_cmp(&q.1))
                });
            if let Some((_, e)) = west {
                // East of a side is left of the half-edge that runs down.
                let down = 2 * e + usize::from(sides[e].a.y < sides[e].b.y);
                owner[number] = owner[cycle[down]];
            }
        }
        owner
    }
}

/// If the side runs past `p` on its west: where, and which way it leans.
fn west_of(s: &Side, p: Spot) -> Option<(f64, f64)> {
    let (low, high) = if s.a.y < s.b.y {
        (s.a, s.b)
    } else {
        (s.b, s.a)
    };
    if !(low.y <= p.y && p.y < high.y && side(low, high, p) < 0) {
        return None;
    }
    let lean = (high.x - low.x) as f64 / (high.y - low.y) as f64;
    Some((low.x as f64 + (p.y - low.y) as f64 * lean, lean))
}

/// How often the boundary runs around each face.
fn windings(sides: &[Side], face: &[usize], count: usize) -> Vec<i32> {
    let mut beside: Vec<Vec<(usize, i32)>> = vec![Vec::new(); count];
    for (e, s) in sides.iter().enumerate() {
        let (left, right) = (face[2 * e], face[2 * e + 1]);
        beside[right].push((left, s.winding));
        beside[left].push((right, -s.winding));
    }
    let mut winding = vec![None; count];
    winding[OUTSIDE] = Some(0);
    let mut todo = VecDeque::from([OUTSIDE]);
    while let Some(at) = todo.pop_front() {
        let here = winding[at].unwrap_or(0);
        for &(there, step) in &beside[at] {
            if winding[there].is_none() {
                winding[there] = Some(here + step);
                todo.push_back(there);
            }
        }
    }
    winding.into_iter().map(Option::unwrap_or_default).collect()
}
