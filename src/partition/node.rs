//! Lines cut where they meet, so that they meet nowhere but in their ends.

use std::collections::{BTreeMap, HashMap};

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::input::{BorderClass, Stop};
use super::lattice::{PER_M, Spot, distance2, nearest_on, side};

/// What is nearer than a millimetre is the same place, in steps.
pub(super) const SAME: f64 = PER_M / 1_000.0;
/// Rounds of cutting before sides that never come to rest are left out.
const ROUNDS: usize = 12;
/// The most sides that are worked on.
const MOST: usize = 400_000;
/// The most pairs of sides that are looked at in one round.
const MOST_PAIRS: usize = 30_000_000;

/// Sides between two questions whether to stop.
const ASK_EVERY: usize = 256;

/// A stretch of a line, from the lesser spot to the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) a: Spot,
    pub(super) b: Spot,
    pub(super) class: BorderClass,
    /// True for sides that must not move.
    pub(super) rigid: bool,
    /// How much more often the boundary runs around what is left of `a` → `b`
    /// than around what is right of it.
    pub(super) winding: i32,
}

impl Side {
    /// A side that runs from `a` to `b`.
    pub(super) fn new(a: Spot, b: Spot, class: BorderClass, rigid: bool) -> Side {
        let winding = i32::from(rigid);
        Side {
            a,
            b,
            class,
            rigid,
            winding,
        }
        .ordered()
    }

    fn ordered(mut self) -> Side {
        if self.b < self.a {
            std::mem::swap(&mut self.a, &mut self.b);
            self.winding = -self.winding;
        }
        self
    }

    fn envelope(&self, margin: f64) -> ([f64; 2], [f64; 2]) {
        let (a, b) = (self.a.array(), self.b.array());
        (
            [a[0].min(b[0]) - margin, a[1].min(b[1]) - margin],
            [a[0].max(b[0]) + margin, a[1].max(b[1]) + margin],
        )
    }
}

/// Why lines are not cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotNoded {
    /// More lines, or more crossings, than can be worked on.
    TooDense,
    /// Nobody wants them any more.
    Stopped,
}

/// Cuts the sides where they cross or touch. Ends of other sides within
/// `snap_m` metres of a rigid side move onto it; rigid sides get corners but
/// keep their course. Sorted, each side once.
pub(super) fn node(sides: Vec<Side>, snap_m: f64, stop: Stop<'_>) -> Result<Vec<Side>, NotNoded> {
    let mut sides = tidy(sides);
    for round in 0..4 * ROUNDS {
        if sides.len() > MOST {
            return Err(NotNoded::TooDense);
        }
        if stop() {
            return Err(NotNoded::Stopped);
        }
        let reach = if round == 0 { snap_m * PER_M } else { SAME };
        let moved = settle(&mut sides, reach.max(SAME), stop);
        if moved {
            sides = tidy(sides);
        }
        let cuts = cuts(&sides, stop)?;
        if !moved && cuts.iter().all(Vec::is_empty) {
            break;
        }
        sides = if round < ROUNDS {
            apply(&sides, cuts)
        } else {
            let keep = |(s, c): &(&Side, &Vec<Spot>)| s.rigid || c.is_empty();
            let rest = sides.iter().zip(&cuts).filter(keep);
            rest.map(|(s, _)| *s).collect()
        };
        sides = tidy(sides);
    }
    Ok(sides)
}

/// Each side once, with the strongest class, in order.
fn tidy(sides: Vec<Side>) -> Vec<Side> {
    let mut once: BTreeMap<(Spot, Spot), Side> = BTreeMap::new();
    for s in sides.into_iter().filter(|s| s.a != s.b) {
        let s = s.ordered();
        once.entry((s.a, s.b))
            .and_modify(|known| {
                known.class = known.class.min(s.class);
                known.rigid |= s.rigid;
                known.winding += s.winding;
            })
            .or_insert(s);
    }
    once.into_values().collect()
}

type Found = GeomWithData<Rectangle<[f64; 2]>, usize>;

fn side_tree<'a>(sides: impl Iterator<Item = (usize, &'a Side)>) -> RTree<Found> {
    RTree::bulk_load(
        sides
            .map(|(i, s)| {
                let (low, high) = s.envelope(0.0);
                Found::new(Rectangle::from_corners(low, high), i)
            })
            .collect(),
    )
}

fn around(p: Spot, margin: f64) -> AABB<[f64; 2]> {
    let [x, y] = p.array();
    AABB::from_corners([x - margin, y - margin], [x + margin, y + margin])
}

/// Spots kept so far, to find those near.
#[derive(Default)]
struct Kept(HashMap<(i64, i64), Vec<Spot>>);

impl Kept {
    fn cell(p: Spot) -> (i64, i64) {
        (p.x.div_euclid(SAME as i64), p.y.div_euclid(SAME as i64))
    }

    fn near(&self, p: Spot) -> Option<Spot> {
        let (i, j) = Self::cell(p);
        (-1..=1)
            .flat_map(|di| (-1..=1).map(move |dj| (i + di, j + dj)))
            .filter_map(|cell| self.0.get(&cell))
            .flatten()
            .map(|q| (distance2(p, *q), *q))
            .filter(|(d, _)| *d <= SAME * SAME)
            .min_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)))
            .map(|(_, q)| q)
    }

    /// The spot that stands for this one.
    fn settle(&mut self, p: Spot) -> Spot {
        self.near(p).unwrap_or_else(|| {
            self.0.entry(Self::cell(p)).or_default().push(p);
            p
        })
    }
}

/// Joins spots that are the same place and moves ends onto rigid sides;
/// whether anything moved. Told to stop, it moves nothing.
fn settle(sides: &mut [Side], reach: f64, stop: Stop<'_>) -> bool {
    let mut spots: BTreeMap<Spot, bool> = BTreeMap::new();
    for s in sides.iter() {
        *spots.entry(s.a).or_default() |= s.rigid;
        *spots.entry(s.b).or_default() |= s.rigid;
    }
    let mut kept = Kept::default();
    let mut goes: HashMap<Spot, Spot> = HashMap::new();
    let fixed = spots.iter().filter(|(_, rigid)| **rigid);
    let corners: Vec<Spot> = fixed.map(|(p, _)| *p).collect();
    for &p in &corners {
        goes.insert(p, kept.settle(p));
    }
    let corners: RTree<[f64; 2]> = RTree::bulk_load(corners.iter().map(|p| p.array()).collect());
    let rigid = side_tree(sides.iter().enumerate().filter(|(_, s)| s.rigid));
    for (n, (&p, _)) in spots.iter().filter(|(_, rigid)| !**rigid).enumerate() {
        if n % ASK_EVERY == 0 && stop() {
            return false;
        }
        let corner = corners
            .nearest_neighbor(p.array())
            .map(|c| Spot {
                x: c[0] as i64,
                y: c[1] as i64,
            })
            .filter(|c| distance2(*c, p) <= reach * reach);
        let foot = || {
            let near = rigid.locate_in_envelope_intersecting(around(p, reach));
            near.map(|f| nearest_on(sides[f.data].a, sides[f.data].b, p))
                .filter(|(_, d)| *d <= reach * reach)
                .min_by(|x, y| x.1.total_cmp(&y.1).then(x.0.cmp(&y.0)))
                .map(|(foot, _)| foot)
        };
        let to = corner.or_else(foot).unwrap_or(p);
        goes.insert(p, kept.settle(to));
    }
    let mut moved = false;
    for s in sides {
        let to = (goes[&s.a], goes[&s.b]);
        moved |= to != (s.a, s.b);
        (s.a, s.b) = to;
    }
    moved
}

/// Where each side has to be cut.
fn cuts(sides: &[Side], stop: Stop<'_>) -> Result<Vec<Vec<Spot>>, NotNoded> {
    let mut spots: Vec<Spot> = sides.iter().flat_map(|s| [s.a, s.b]).collect();
    spots.sort_unstable();
    spots.dedup();
    let ends: RTree<[f64; 2]> = RTree::bulk_load(spots.iter().map(|p| p.array()).collect());
    let tree = side_tree(sides.iter().enumerate());
    let mut cuts: Vec<Vec<Spot>> = vec![Vec::new(); sides.len()];
    let (mut pairs, mut found) = (0_usize, 0_usize);
    for (i, s) in sides.iter().enumerate() {
        if i % ASK_EVERY == 0 && stop() {
            return Err(NotNoded::Stopped);
        }
        let (low, high) = s.envelope(SAME);
        for end in ends.locate_in_envelope(AABB::from_corners(low, high)) {
            pairs += 1;
            let p = Spot {
                x: end[0] as i64,
                y: end[1] as i64,
            };
            if p != s.a && p != s.b && nearest_on(s.a, s.b, p).1 <= SAME * SAME {
                cuts[i].push(p);
            }
        }
        let (low, high) = s.envelope(0.0);
        for hit in tree.locate_in_envelope_intersecting(AABB::from_corners(low, high)) {
            pairs += 1;
            let Some(p) = (hit.data > i)
                .then(|| crossing(s, &sides[hit.data]))
                .flatten()
            else {
                continue;
            };
            // An end that near cuts the sides by itself.
            let taken = ends.nearest_neighbor(p.array()).is_some_and(|e| {
                let (dx, dy) = (e[0] - p.x as f64, e[1] - p.y as f64);
                dx * dx + dy * dy <= SAME * SAME
            });
            if !taken {
                found += 1;
                cuts[i].push(p);
                cuts[hit.data].push(p);
            }
        }
        if pairs > MOST_PAIRS || found > MOST {
            return Err(NotNoded::TooDense);
        }
    }
    Ok(cuts)
}

/// Where two sides cross inside both.
fn crossing(s: &Side, t: &Side) -> Option<Spot> {
    if s.a == t.a || s.a == t.b || s.b == t.a || s.b == t.b {
        return None;
    }
    let (c, d) = (side(s.a, s.b, t.a), side(s.a, s.b, t.b));
    let (e, f) = (side(t.a, t.b, s.a), side(t.a, t.b, s.b));
    let apart = |x: i128, y: i128| (x > 0 && y < 0) || (x < 0 && y > 0);
    if !(apart(c, d) && apart(e, f)) {
        return None;
    }
    // Measured from the rigid side, so that the place lies on that to the spot.
    let (from, to, t) = if t.rigid {
        (t.a, t.b, c as f64 / (c - d) as f64)
    } else {
        (s.a, s.b, e as f64 / (e - f) as f64)
    };
    Some(Spot {
        x: from.x + ((to.x - from.x) as f64 * t).round() as i64,
        y: from.y + ((to.y - from.y) as f64 * t).round() as i64,
    })
}

fn apply(sides: &[Side], cuts: Vec<Vec<Spot>>) -> Vec<Side> {
    let mut out = Vec::with_capacity(sides.len());
    for (s, mut cuts) in sides.iter().zip(cuts) {
        let along = |p: &Spot| {
            i128::from(p.x - s.a.x) * i128::from(s.b.x - s.a.x)
                + i128::from(p.y - s.a.y) * i128::from(s.b.y - s.a.y)
        };
        cuts.sort_unstable_by_key(|p| (along(p), *p));
        cuts.dedup();
        cuts.push(s.b);
        let mut from = s.a;
        for to in cuts {
            // The pieces keep the direction, and with it the winding.
            out.push(Side {
                a: from,
                b: to,
                ..*s
            });
            from = to;
        }
    }
    out
}
