//! How streets grow: a face of the network is cut in two by a street that
//! leaves one side and reaches another, again and again, as real quarters
//! were; and dead ends reach into what is left.

use super::dice::Dice;
use super::geom::{
    V, centroid, cross, dist, dot, extent, left, lerp, long_axis, norm, perimeter, project,
    ring_area, sweep, thin, turn, unit,
};
use super::names::Names;
use super::net::{Class, Net};

/// How a face is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) class: Class,
    /// Areas above about this are cut again, m².
    pub(crate) target: f64,
    /// No part smaller than this, m².
    pub(crate) least: f64,
    /// Least distance between junctions along a street, m.
    pub(crate) gap: f64,
    /// Least distance from other streets, m.
    pub(crate) clear: f64,
    /// How freely the direction strays, radians (standard deviation).
    pub(crate) stray: f64,
    /// Chance to meet a street that arrives from the other side.
    pub(crate) meet: f64,
}

impl Cut {
    /// Branch streets between blocks.
    pub(crate) fn branch(target: f64) -> Self {
        Cut {
            class: Class::Branch,
            target,
            least: 17_000.0,
            gap: 62.0,
            clear: 70.0,
            stray: 0.13,
            meet: 0.16,
        }
    }

    /// Lanes of an old quarter.
    pub(crate) fn lane(target: f64) -> Self {
        Cut {
            class: Class::Lane,
            target,
            least: 1_500.0,
            gap: 17.0,
            clear: 17.0,
            stray: 0.27,
            meet: 0.10,
        }
    }
}

/// A street that would cut a ring, and what it would leave.
struct Proposal {
    line: Vec<V>,
    parts: [Vec<V>; 2],
    score: f64,
}

/// Cuts a ring once; the two parts, or nothing when no good street was found.
/// `keep` is a place whose part should come out at about `keep.1` m².
pub(crate) fn cut(
    net: &mut Net,
    ring: &[V],
    how: &Cut,
    name: &str,
    dice: &mut Dice,
    keep: Option<(V, f64)>,
) -> Option<[Vec<V>; 2]> {
    let mut best: Option<Proposal> = None;
    let mut good = 0;
    for round in 0..36 {
        let Some(found) = propose(net, ring, how, dice, round, keep) else {
            continue;
        };
        good += 1;
        if best.as_ref().is_none_or(|b| found.score > b.score) {
            best = Some(found);
        }
        if good == 7 {
            break;
        }
    }
    let mut found = best?;
    let last = found.line.len() - 1;
    for at in [0, last] {
        let foot = net.nearest(found.line[at], |e| e.class != Class::Rail)?;
        let node = net.split(foot, 1.5);
        found.line[at] = net.nodes[node].v();
    }
    net.lay(&found.line, how.class, name);
    Some(found.parts)
}

fn propose(
    net: &Net,
    ring: &[V],
    how: &Cut,
    dice: &mut Dice,
    round: usize,
    keep: Option<(V, f64)>,
) -> Option<Proposal> {
    let axis = long_axis(ring);
    // After many failures the short axis is tried as well.
    let axis = if round % 4 == 3 { left(axis) } else { axis };
    let across = turn(left(axis), how.stray * dice.normal());
    let spread = if keep.is_some() { 0.34 } else { 0.15 };
    let through = centroid(ring) + axis * (extent(ring, axis) * dice.range(-spread, spread));
    let (p, q) = chord(ring, through, across)?;
    let (p, p_in) = landing(net, p, how, dice, unit(q - p))?;
    let (q, q_in) = landing(net, q, how, dice, unit(p - q))?;
    let straight = unit(q - p);
    if dist(p, q) < how.clear * 1.2
        || dot(p_in, straight) < 0.45
        || dot(q_in, straight * -1.0) < 0.45
    {
        return None;
    }
    let pull = dice.range(0.35, 0.9);
    let line = sweep(
        p,
        lerp(straight, p_in, pull),
        q,
        lerp(straight, q_in * -1.0, pull),
    );
    let parts = split_ring(ring, &line)?;
    let areas = [ring_area(&parts[0]), ring_area(&parts[1])];
    if areas[0].min(areas[1]) < how.least || !net.is_clear(&line, how.clear, true) {
        return None;
    }
    let round_of = |k: usize| areas[k] / perimeter(&parts[k]).powi(2);
    let mut score = (areas[0].min(areas[1]) / areas[0].max(areas[1])).sqrt()
        + 14.0 * round_of(0).min(round_of(1))
        + 0.4 * (dot(p_in, straight) + dot(q_in, straight * -1.0));
    if let Some((place, area)) = keep {
        let mine = areas[usize::from(!super::geom::holds(&parts[0], place))];
        if mine < area * 0.6 {
            return None;
        }
        score = 14.0 * round_of(0).min(round_of(1)) - (mine / area).ln();
    }
    Some(Proposal { line, parts, score })
}

/// Where a straight line through a place leaves the ring on both sides.
fn chord(ring: &[V], through: V, direction: V) -> Option<(V, V)> {
    let n = ring.len();
    let mut hits: Vec<f64> = Vec::new();
    for i in 0..n {
        let (a, b) = (ring[i], ring[(i + 1) % n]);
        let (ka, kb) = (cross(direction, a - through), cross(direction, b - through));
        if (ka > 0.0) != (kb > 0.0) {
            let hit = lerp(a, b, ka / (ka - kb));
            hits.push(dot(hit - through, direction));
        }
    }
    hits.sort_by(f64::total_cmp);
    hits.chunks_exact(2)
        .map(|c| (c[0], c[1]))
        .min_by(|x, y| {
            let off = |c: &(f64, f64)| (c.0 + c.1).abs() - (c.1 - c.0).min(0.0);
            off(x).total_cmp(&off(y))
        })
        .map(|(a, b)| (through + direction * a, through + direction * b))
}

/// Where a street may start near a place of the ring, and the direction
/// square to the street it leaves, on the side of `inward`.
fn landing(net: &Net, at: V, how: &Cut, dice: &mut Dice, inward: V) -> Option<(V, V)> {
    let foot = net.nearest(at, |_| true)?;
    let edge = &net.edges[foot.edge];
    if edge.class == Class::Rail {
        return None;
    }
    let (a, b) = (edge.pts[foot.segment].v(), edge.pts[foot.segment + 1].v());
    let side = left(unit(b - a));
    let side = if dot(side, inward) < 0.0 {
        side * -1.0
    } else {
        side
    };
    for end in [edge.a, edge.b] {
        let node = net.nodes[end].v();
        if dist(node, foot.at) < how.gap {
            return dice.chance(how.meet).then_some((node, side));
        }
    }
    Some((foot.at, side))
}

/// The two rings that a line from ring to ring makes.
fn split_ring(ring: &[V], line: &[V]) -> Option<[Vec<V>; 2]> {
    let n = ring.len();
    let spot = |p: V| {
        (0..n)
            .map(|i| (i, project(p, ring[i], ring[(i + 1) % n])))
            .min_by(|x, y| x.1.2.total_cmp(&y.1.2))
            .map(|(i, (_, t, d))| (i, t, d))
    };
    let (i, s, d0) = spot(line[0])?;
    let (j, t, d1) = spot(line[line.len() - 1])?;
    if d0.max(d1) > 1.5 || (i == j && (s - t).abs() < 1e-9) {
        return None;
    }
    let walk = |from: usize, fs: f64, to: usize, ts: f64| {
        let mut out = Vec::new();
        let mut k = from;
        if !(from == to && fs < ts) {
            loop {
                k = (k + 1) % n;
                out.push(ring[k]);
                if k == to {
                    break;
                }
            }
        }
        out
    };
    // From the end of the line back to its start, either way around.
    let mut one = line.to_vec();
    one.extend(walk(j, t, i, s));
    let mut two: Vec<V> = line.iter().rev().copied().collect();
    two.extend(walk(i, s, j, t));
    for part in [&mut one, &mut two] {
        part.dedup_by(|a, b| dist(*a, *b) < 0.05);
        if part.len() > 1 && dist(part[0], part[part.len() - 1]) < 0.05 {
            part.pop();
        }
    }
    (ring_area(&one) > 0.0 && ring_area(&two) > 0.0).then_some([one, two])
}

/// Cuts a ring until its parts are about `how.target`; gives the parts. The
/// streets go without names when there are none to give.
pub(crate) fn subdivide(
    net: &mut Net,
    ring: Vec<V>,
    how: &Cut,
    dice: &mut Dice,
    mut names: Option<&mut Names>,
) -> Vec<Vec<V>> {
    let mut done = Vec::new();
    let mut todo = vec![ring];
    while let Some(ring) = todo.pop() {
        if ring_area(&ring) < how.target * dice.range(0.75, 1.5) {
            done.push(ring);
            continue;
        }
        let name = names.as_ref().map(|n| n.next()).unwrap_or_default();
        match cut(net, &ring, how, &name, dice, None) {
            Some(parts) => {
                todo.extend(parts);
                if let Some(names) = names.as_mut() {
                    names.used();
                }
            }
            None => done.push(ring),
        }
    }
    done
}

/// Lets a dead end grow from the border of a ring into it.
pub(crate) fn spur(
    net: &mut Net,
    ring: &[V],
    how: &Cut,
    name: &str,
    share: (f64, f64),
    dice: &mut Dice,
) -> bool {
    let closed = super::geom::closed(ring);
    let around = super::geom::length(&closed);
    for _ in 0..14 {
        let (at, along) = super::geom::along(&closed, dice.range(0.0, around));
        let inward = turn(left(along), dice.range(-0.3, 0.3));
        let Some((_, far)) = chord(ring, at + inward * 2.0, inward) else {
            continue;
        };
        let len = dist(at, far) * dice.range(share.0, share.1);
        if !(18.0..=170.0).contains(&len) {
            continue;
        }
        let Some((start, side)) = landing(net, at, how, dice, inward) else {
            continue;
        };
        let end = start + lerp(inward, side, 0.6) * len;
        let line = sweep(start, side, end, turn(inward, dice.range(-0.45, 0.45)));
        if !net.is_clear(&line, how.clear, false) {
            continue;
        }
        return attach(net, line, how.class, name);
    }
    false
}

/// Lays a line whose first place lies on a street.
pub(crate) fn attach(net: &mut Net, mut line: Vec<V>, class: Class, name: &str) -> bool {
    let Some(foot) = net.nearest(line[0], |e| e.class != Class::Rail) else {
        return false;
    };
    let node = net.split(foot, 1.5);
    line[0] = net.nodes[node].v();
    net.lay(&thin(&line, 0.4), class, name);
    true
}

/// A direction that is not nothing.
pub(crate) fn heading(from: V, to: V) -> Option<V> {
    let d = to - from;
    (norm(d) > 1e-6).then(|| unit(d))
}
