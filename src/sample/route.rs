//! Patrol routes: loops over the network from a station or an office through
//! checkpoints and back.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use geo::{LineString, MultiLineString};

use super::compounds::Lot;
use super::geom::{Pt, V, centroid, dist};
use super::net::{Class, Net};
use crate::model::{Checkpoint, Meta, PatrolMode, Route};

/// What a route must reach.
enum Stop {
    /// A gate of a compound.
    Gate(&'static str),
    /// A crossing of two named streets.
    Crossing(&'static str, &'static str),
    /// The lane crossings nearest to the middle between the other stops.
    Lanes(usize),
}

use Stop::{Crossing, Gate, Lanes};

/// Name, mode, start, stops.
type Plan = (&'static str, PatrolMode, &'static str, &'static [Stop]);

const PLANS: &[Plan] = &[
    (
        "嘉山路胜利路车巡线",
        PatrolMode::Car,
        "胜利路派出所",
        &[
            Crossing("嘉山路", "胜利路"),
            Crossing("嘉山路", "东站路"),
            Crossing("七里塘路", "东站路"),
            Crossing("七里塘路", "胜利路"),
            Crossing("板桥路", "胜利路"),
            Gate("蓝光时代红街"),
        ],
    ),
    (
        "外环夜间车巡线",
        PatrolMode::Car,
        "胜利路派出所",
        &[
            Crossing("北苑大道", "胜利路"),
            Crossing("北苑大道", "淮西路"),
            Crossing("嘉山路", "淮西路"),
            Crossing("铁路北街", "淮西路"),
            Crossing("铁路北街", "东站路"),
            Crossing("北苑大道", "东站路"),
        ],
    ),
    (
        "元一名城电动车巡线",
        PatrolMode::Ebike,
        "七里塘社区",
        &[
            Gate("元一名城A区"),
            Gate("元一名城B区"),
            Gate("元一名城C区"),
            Crossing("元一大道", "嘉山路"),
        ],
    ),
    (
        "七里塘学校公园电动车巡线",
        PatrolMode::Ebike,
        "七里塘社区",
        &[
            Gate("七里塘学校"),
            Crossing("北苑大道", "元一大道"),
            Crossing("塘北路", "胜利路"),
            Crossing("七里塘路", "银河路"),
            Crossing("红街", "七里塘路"),
        ],
    ),
    (
        "七里塘老街步巡线",
        PatrolMode::Foot,
        "嘉山路街道办事处",
        &[
            Crossing("元一大道", "站塘路"),
            Crossing("站塘路", "胜利路"),
            Crossing("嘉山路", "胜利路"),
            Lanes(4),
        ],
    ),
    (
        "板桥市场步巡线",
        PatrolMode::Foot,
        "板桥社区",
        &[
            Gate("板桥农贸市场"),
            Crossing("老桥路", "嘉山路"),
            Crossing("老桥路", "板桥路"),
            Gate("板桥小学"),
            Lanes(3),
        ],
    ),
    (
        "红街银河电动车巡线",
        PatrolMode::Ebike,
        "三角线社区",
        &[
            Gate("蓝光时代红街"),
            Gate("利港银河新城"),
            Gate("嘉山路街道医院"),
            Crossing("三角线路", "嘉山路"),
            Crossing("银河路", "板桥路"),
        ],
    ),
    (
        "铁路沿线步巡线",
        PatrolMode::Foot,
        "三角线社区",
        &[
            Gate("嘉山铁路货场"),
            Crossing("铁路北街", "胜利路"),
            Crossing("铁路北街", "银河南路"),
            Crossing("铁路北街", "三角线路"),
            Crossing("板桥路", "银河南路"),
            Lanes(2),
        ],
    ),
];

/// How willingly a patrol uses a way: its length is taken times this.
fn weight(mode: PatrolMode, class: Class) -> Option<f64> {
    match (mode, class) {
        (_, Class::Rail) | (PatrolMode::Car, Class::Lane | Class::Path) => None,
        (PatrolMode::Ebike, Class::Path) => Some(3.0),
        (PatrolMode::Foot, Class::Arterial) => Some(1.5),
        _ => Some(1.0),
    }
}

/// Plans every route that the town has the places for.
pub(crate) fn plan(net: &Net, lots: &[Lot]) -> Vec<Route> {
    let stars = net.stars();
    PLANS
        .iter()
        .filter_map(|plan| one(net, &stars, lots, plan))
        .collect()
}

fn one(net: &Net, stars: &[Vec<usize>], lots: &[Lot], plan: &Plan) -> Option<Route> {
    let &(name, mode, start, stops) = plan;
    let (home, home_name) = gate(net, stars, lots, start, mode)?;
    let mut found: Vec<(usize, String)> = Vec::new();
    for stop in stops {
        match stop {
            Gate(lot) => found.extend(gate(net, stars, lots, lot, mode)),
            Crossing(a, b) => found.extend(meeting(net, stars, a, b)),
            Lanes(count) => {
                let places: Vec<V> = found.iter().map(|f| net.nodes[f.0].v()).collect();
                found.extend(lanes(net, stars, middle(&places), *count));
            }
        }
    }
    found.dedup_by_key(|f| f.0);
    // Around the middle, so that the loop does not cross itself for nothing.
    let mut places: Vec<V> = found.iter().map(|f| net.nodes[f.0].v()).collect();
    places.push(net.nodes[home].v());
    let hub = middle(&places);
    let bearing = |n: usize| {
        let d = net.nodes[n].v() - hub;
        d.y.atan2(d.x)
    };
    let from = bearing(home);
    found.sort_by(|a, b| {
        let turn = |n: usize| (bearing(n) - from).rem_euclid(std::f64::consts::TAU);
        turn(a.0).total_cmp(&turn(b.0))
    });
    let mut checkpoints = vec![(home, home_name.clone())];
    checkpoints.extend(found);
    checkpoints.push((home, home_name));
    let mut line: Vec<Pt> = vec![net.nodes[home]];
    for w in checkpoints.windows(2) {
        line.extend(shortest(net, stars, w[0].0, w[1].0, mode)?);
    }
    Some(Route {
        meta: Meta::default(),
        code: String::new(),
        name: name.to_owned(),
        mode,
        checkpoints: checkpoints
            .into_iter()
            .map(|(node, name)| Checkpoint {
                name,
                at: net.nodes[node].lonlat(),
            })
            .collect(),
        line: MultiLineString(vec![LineString::new(
            line.iter().map(|p| p.lonlat()).collect(),
        )]),
    })
}

fn middle(places: &[V]) -> V {
    if places.len() > 2 && super::geom::ring_area(places).abs() > 1.0 {
        return centroid(places);
    }
    let sum = places.iter().fold(V { x: 0.0, y: 0.0 }, |a, &b| a + b);
    sum / places.len().max(1) as f64
}

/// The junction before a gate of a compound.
fn gate(
    net: &Net,
    stars: &[Vec<usize>],
    lots: &[Lot],
    name: &str,
    mode: PatrolMode,
) -> Option<(usize, String)> {
    let lot = lots.iter().find(|l| l.name == name)?;
    let at = lot.gates.first()?.v();
    let node = (0..net.nodes.len())
        .filter(|&n| {
            let open =
                |e: &usize| net.edges[*e].divides() && weight(mode, net.edges[*e].class).is_some();
            stars[n].iter().any(open)
        })
        .min_by(|&a, &b| dist(net.nodes[a].v(), at).total_cmp(&dist(net.nodes[b].v(), at)))?;
    Some((node, format!("{name}门前")))
}

/// Where two named streets meet.
fn meeting(net: &Net, stars: &[Vec<usize>], a: &str, b: &str) -> Option<(usize, String)> {
    let node = (0..net.nodes.len()).find(|&n| {
        let has = |name: &str| stars[n].iter().any(|&e| net.edges[e].name == name);
        has(a) && has(b)
    })?;
    Some((node, format!("{a}{b}口")))
}

/// Junctions of named lanes nearest to a place, apart from each other.
fn lanes(net: &Net, stars: &[Vec<usize>], near: V, count: usize) -> Vec<(usize, String)> {
    let mut all: Vec<(f64, usize)> = (0..net.nodes.len())
        .filter(|&n| stars[n].len() > 2)
        .map(|n| (dist(net.nodes[n].v(), near), n))
        .collect();
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    let mut out: Vec<(usize, String)> = Vec::new();
    for (_, n) in all {
        let lane = stars[n]
            .iter()
            .map(|&e| &net.edges[e])
            .find(|e| e.class == Class::Lane && !e.name.is_empty());
        let apart = |o: &(usize, String)| dist(net.nodes[o.0].v(), net.nodes[n].v()) > 85.0;
        if let Some(lane) = lane
            && out.iter().all(apart)
        {
            out.push((n, format!("{}口", lane.name)));
        }
        if out.len() == count {
            break;
        }
    }
    out
}

/// The vertices of the shortest way, without the first.
fn shortest(
    net: &Net,
    stars: &[Vec<usize>],
    from: usize,
    to: usize,
    mode: PatrolMode,
) -> Option<Vec<Pt>> {
    let mut best = vec![u64::MAX; net.nodes.len()];
    let mut via: Vec<Option<(usize, usize)>> = vec![None; net.nodes.len()];
    let mut queue = BinaryHeap::new();
    best[from] = 0;
    queue.push(Reverse((0u64, from)));
    while let Some(Reverse((cost, n))) = queue.pop() {
        if n == to {
            break;
        }
        if cost > best[n] {
            continue;
        }
        for &e in &stars[n] {
            let edge = &net.edges[e];
            let Some(weight) = weight(mode, edge.class) else {
                continue;
            };
            let other = if edge.a == n { edge.b } else { edge.a };
            let next = cost + (edge.length() * weight * 100.0) as u64;
            if next < best[other] {
                best[other] = next;
                via[other] = Some((n, e));
                queue.push(Reverse((next, other)));
            }
        }
    }
    let mut steps = Vec::new();
    let mut n = to;
    while n != from {
        let (before, e) = via[n]?;
        steps.push((before, e));
        n = before;
    }
    let mut out = Vec::new();
    for (before, e) in steps.into_iter().rev() {
        let edge = &net.edges[e];
        if edge.a == before {
            out.extend_from_slice(&edge.pts[1..]);
        } else {
            out.extend(edge.pts[..edge.pts.len() - 1].iter().rev().copied());
        }
    }
    Some(out)
}
