//! How a compound meets the streets: gates, access roads, and the lanes
//! inside.

use super::compounds::shrunk;
use super::dice::Dice;
use super::geom::{
    V, closed, crossing, dist, dot, holds, left, length, lerp, outer, polygon, ring_area, thin,
    unit,
};
use super::grow::{Cut, attach, cut, heading, spur};
use super::net::{Class, Net};

/// A place on the street side of an outline: where the access road leaves
/// the street, and where it passes the outline.
struct Entry {
    street: V,
    gate: V,
    class: Class,
}

fn entries(net: &Net, ring: &[V]) -> Vec<Entry> {
    let line = closed(ring);
    let total = length(&line);
    let mut found = Vec::new();
    let mut at = 6.0;
    while at < total {
        let (gate, direction) = super::geom::along(&line, at);
        at += 9.0;
        let Some(foot) = net.nearest(gate, |e| !matches!(e.class, Class::Rail | Class::Path))
        else {
            continue;
        };
        let edge = &net.edges[foot.edge];
        let Some(way) = heading(foot.at, gate) else {
            continue;
        };
        let outside = left(direction) * -1.0;
        let from_nodes = [edge.a, edge.b]
            .iter()
            .map(|&n| dist(net.nodes[n].v(), foot.at))
            .fold(f64::INFINITY, f64::min);
        if foot.distance < edge.class.setback() + 9.0
            && from_nodes > 24.0
            && dot(way * -1.0, outside) > 0.9
        {
            found.push(Entry {
                street: foot.at,
                gate,
                class: edge.class,
            });
        }
    }
    found
}

/// Lays the access roads and inner roads of an outline; gives the gates.
pub(crate) fn roads(net: &mut Net, ring: &[V], gates: usize, dice: &mut Dice) -> Vec<V> {
    let mut open = entries(net, ring);
    dice.shuffle(&mut open);
    // A gate lies on a side street rather than on an arterial.
    open.sort_by_key(|e| usize::from(e.class == Class::Arterial));
    let area = ring_area(ring);
    let core = shrunk(&polygon(ring), dice.range(17.0, 24.0))
        .map(|p| thin(&closed(&outer(&p)), 2.5))
        .filter(|c| c.len() > 3 && area > 13_000.0 && dice.chance(0.7));
    let mut made: Vec<V> = Vec::new();
    for entry in &open {
        if made.len() >= gates {
            break;
        }
        if made.iter().any(|g| dist(*g, entry.gate) < 90.0) {
            continue;
        }
        let ok = match &core {
            Some(core) => enter_loop(net, entry, core, made.is_empty()),
            None => enter_straight(net, entry, ring, made.is_empty(), dice),
        };
        if ok {
            made.push(entry.gate);
        }
    }
    if !made.is_empty() {
        inner_lanes(net, ring, core.as_deref(), area, dice);
    }
    made
}

/// One short access road: a yard full of tracks has no ring road.
pub(crate) fn yard_gate(net: &mut Net, ring: &[V], dice: &mut Dice) -> Vec<V> {
    let mut open = entries(net, ring);
    dice.shuffle(&mut open);
    for entry in &open {
        let Some(way) = heading(entry.street, entry.gate) else {
            continue;
        };
        let line = [entry.street, entry.gate + way * 22.0];
        if net.is_clear(&line, 9.0, false) && attach(net, line.to_vec(), Class::Lane, "") {
            return vec![entry.gate];
        }
    }
    Vec::new()
}

/// An access road to a road that runs around inside the outline.
fn enter_loop(net: &mut Net, entry: &Entry, core: &[V], first: bool) -> bool {
    let Some(way) = heading(entry.street, entry.gate) else {
        return false;
    };
    let far = entry.gate + way * 60.0;
    let hit = core
        .windows(2)
        .enumerate()
        .filter_map(|(i, w)| crossing(entry.gate, far, w[0], w[1]).map(|(t, _)| (t, i)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(t, i)| (i, lerp(entry.gate, far, t)));
    let Some((i, hit)) = hit else {
        return false;
    };
    if !net.is_clear(&[entry.street, hit], 9.0, !first) {
        return false;
    }
    if first {
        let mut ring = vec![hit];
        ring.extend(core[i + 1..core.len() - 1].iter().copied());
        ring.extend(core[..=i].iter().copied());
        ring.dedup_by(|a, b| dist(*a, *b) < 4.0);
        while ring.len() > 3 && dist(ring[ring.len() - 1], hit) < 4.0 {
            ring.pop();
        }
        ring.push(hit);
        net.lay(&ring, Class::Lane, "");
    }
    let Some(foot) = net.nearest(hit, |e| e.class == Class::Lane) else {
        return false;
    };
    let edge = &net.edges[foot.edge];
    let near = |n: usize| (0.5..9.0).contains(&dist(net.nodes[n].v(), hit));
    if near(edge.a) || near(edge.b) {
        return false;
    }
    let node = net.split(foot, 0.5);
    let end = net.nodes[node].v();
    attach(net, vec![entry.street, end], Class::Lane, "")
}

/// An access road that goes on into the compound.
fn enter_straight(net: &mut Net, entry: &Entry, ring: &[V], first: bool, dice: &mut Dice) -> bool {
    let Some(way) = heading(entry.street, entry.gate) else {
        return false;
    };
    if !first {
        return false;
    }
    let depth = {
        let mut d = 10.0;
        while d < 260.0 && holds(ring, entry.gate + way * (d + 16.0)) {
            d += 4.0;
        }
        d * dice.range(0.72, 0.95)
    };
    let end = entry.gate + way * depth;
    let middle = lerp(entry.gate, end, 0.55) + left(way) * dice.range(-5.0, 5.0);
    let line = super::geom::curve(&[entry.street, entry.gate, middle, end]);
    net.is_clear(&line, 9.0, false) && attach(net, line, Class::Lane, "")
}

/// What branches off the first road inside.
fn inner_lanes(net: &mut Net, ring: &[V], core: Option<&[V]>, area: f64, dice: &mut Dice) {
    let how = Cut {
        gap: 15.0,
        clear: 13.0,
        stray: 0.06,
        least: 1_800.0,
        ..Cut::lane(11_000.0)
    };
    let Some(core) = core else {
        spine_spurs(net, ring, area, dice);
        return;
    };
    let mut inner = core.to_vec();
    inner.pop();
    let mut parts = vec![inner];
    if area > 20_000.0 {
        let all = std::mem::take(&mut parts);
        for part in all {
            match cut(net, &part, &how, "", dice, None) {
                Some(two) => parts.extend(two),
                None => parts.push(part),
            }
        }
    }
    for part in parts {
        if ring_area(&part) > 6_000.0 && dice.chance(0.55) {
            spur(net, &part, &how, "", (0.4, 0.7), dice);
        }
    }
}

/// Short lanes to both sides of the road in the middle.
fn spine_spurs(net: &mut Net, ring: &[V], area: f64, dice: &mut Dice) {
    let want = ((area / 7_000.0) as usize).clamp(1, 4);
    let mut made = 0;
    for _ in 0..30 {
        if made == want {
            break;
        }
        let inside: Vec<usize> = (0..net.edges.len())
            .filter(|&i| {
                let e = &net.edges[i];
                e.class == Class::Lane
                    && e.name.is_empty()
                    && holds(ring, e.pts[e.pts.len() - 1].v())
            })
            .collect();
        if inside.is_empty() {
            break;
        }
        let edge = &net.edges[inside[dice.below(inside.len())]];
        let line = edge.line();
        let (start, along) = super::geom::along(&line, length(&line) * dice.range(0.3, 0.95));
        let side = if dice.chance(0.5) {
            left(along)
        } else {
            left(along) * -1.0
        };
        let mut reach = 8.0;
        while reach < 120.0 && holds(ring, start + side * (reach + 14.0)) {
            reach += 4.0;
        }
        let len = reach * dice.range(0.7, 1.0);
        if len < 24.0 || !holds(ring, start) {
            continue;
        }
        let line = [start, start + unit(side) * len];
        let near_node = net.nodes.iter().any(|n| dist(n.v(), start) < 16.0);
        if !near_node && net.is_clear(&line, 14.0, false) {
            attach(net, line.to_vec(), Class::Lane, "");
            made += 1;
        }
    }
}
