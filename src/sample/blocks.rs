//! Quarters cut into blocks by branch streets, and old quarters into lanes.

use super::dice::Dice;
use super::geom::{V, centroid, dist, holds, ring_area};
use super::grow::{Cut, cut, spur, subdivide};
use super::names::Names;
use super::net::{Class, Net, ring_v};
use super::plan::{Community, Mark, Use};

/// A block: a face between streets that divide.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Its border, edge by edge.
    pub(crate) face: Vec<(usize, bool)>,
    pub(crate) ring: Vec<V>,
    pub(crate) area: f64,
    pub(crate) community: Community,
    pub(crate) kind: Use,
    /// Name of what takes the whole block; empty for an ordinary block.
    pub(crate) name: &'static str,
}

/// What a piece of ground is for, while streets are still being cut.
struct Piece {
    ring: Vec<V>,
    community: Community,
    kind: Use,
    name: &'static str,
}

/// Cuts branch streets until every quarter consists of blocks.
pub(crate) fn cut_blocks(net: &mut Net, marks: &[Mark], seed: u64) -> Vec<Block> {
    let mut dice = Dice::new(seed, 2);
    let mut names = Names::streets(&mut dice);
    let quarters: Vec<Vec<V>> = net
        .faces(|i| net.edges[i].divides())
        .iter()
        .map(|f| ring_v(&net.ring(f)))
        .collect();
    let mut pieces = Vec::new();
    for ring in quarters {
        let inside: Vec<Mark> = marks
            .iter()
            .filter(|m| holds(&ring, m.at))
            .copied()
            .collect();
        let mut todo = vec![ring];
        for mark in inside.iter().filter(|m| m.carve > 0.0) {
            let Some(at) = todo.iter().position(|r| holds(r, mark.at)) else {
                continue;
            };
            let (own, rest) = carve(net, todo.swap_remove(at), mark, &mut dice, &mut names);
            todo.extend(rest);
            pieces.push(Piece {
                ring: own,
                community: mark.community,
                kind: mark.kind,
                name: mark.name,
            });
        }
        for ring in todo {
            let Some(mark) = nearest_mark(&inside, marks, centroid(&ring)) else {
                continue;
            };
            let how = Cut::branch(target(mark.kind));
            for ring in subdivide(net, ring, &how, &mut dice, Some(&mut names)) {
                let Some(mark) = nearest_mark(&inside, marks, centroid(&ring)) else {
                    continue;
                };
                pieces.push(Piece {
                    ring,
                    community: mark.community,
                    kind: vary(mark.kind, &mut dice),
                    name: if mark.kind == Use::RailYard {
                        mark.name
                    } else {
                        ""
                    },
                });
            }
        }
    }
    as_blocks(net, &pieces)
}

/// The same blocks in the same order, with the borders that the network has
/// now: lanes and access roads have split them since.
pub(crate) fn refresh(net: &Net, blocks: &mut [Block]) {
    for face in net.faces(|i| net.edges[i].divides()) {
        let ring = ring_v(&net.ring(&face));
        let middle = centroid(&ring);
        let near = |b: &Block| dist(centroid(&b.ring), middle);
        let block = blocks.iter_mut().min_by(|a, b| near(a).total_cmp(&near(b)));
        // Ground outside has a face too, but no block.
        if let Some(block) = block
            && dist(centroid(&block.ring), middle) < 3.0
        {
            block.face = face;
            block.ring = ring;
        }
    }
}

fn as_blocks(net: &Net, pieces: &[Piece]) -> Vec<Block> {
    net.faces(|i| net.edges[i].divides())
        .into_iter()
        .filter_map(|face| {
            let ring = ring_v(&net.ring(&face));
            let area = ring_area(&ring);
            // The piece of the same ground is the one with the same middle.
            let middle = centroid(&ring);
            let near = |p: &Piece| dist(centroid(&p.ring), middle);
            let piece = pieces.iter().min_by(|a, b| near(a).total_cmp(&near(b)))?;
            if piece.kind == Use::Outside {
                return None;
            }
            Some(Block {
                face,
                ring,
                area,
                community: piece.community,
                kind: piece.kind,
                name: piece.name,
            })
        })
        .collect()
}

/// Cuts until the part around a mark is about as small as it asks for.
fn carve(
    net: &mut Net,
    ring: Vec<V>,
    mark: &Mark,
    dice: &mut Dice,
    names: &mut Names,
) -> (Vec<V>, Vec<Vec<V>>) {
    let mut own = ring;
    let mut rest = Vec::new();
    for _ in 0..6 {
        if ring_area(&own) < mark.carve * 1.45 {
            break;
        }
        let how = Cut::branch(mark.carve);
        let name = names.next();
        let Some([a, b]) = cut(net, &own, &how, &name, dice, Some((mark.at, mark.carve))) else {
            break;
        };
        names.used();
        let (mine, other) = if holds(&a, mark.at) { (a, b) } else { (b, a) };
        own = mine;
        rest.push(other);
    }
    (own, rest)
}

fn nearest_mark(inside: &[Mark], all: &[Mark], p: V) -> Option<Mark> {
    let nearest = |marks: &[Mark]| {
        marks
            .iter()
            .filter(|m| m.carve == 0.0)
            .min_by(|a, b| dist(a.at, p).total_cmp(&dist(b.at, p)))
            .copied()
    };
    nearest(inside).or_else(|| nearest(all))
}

fn target(kind: Use) -> f64 {
    match kind {
        Use::Estate => 98_000.0,
        Use::Old => 56_000.0,
        Use::Works => 95_000.0,
        Use::RailYard => 1e9,
        _ => 58_000.0,
    }
}

/// A quarter is never all of one kind.
fn vary(kind: Use, dice: &mut Dice) -> Use {
    match kind {
        Use::Homes if dice.chance(0.10) => Use::Old,
        Use::Homes if dice.chance(0.05) => Use::Works,
        Use::Works if dice.chance(0.25) => Use::Homes,
        Use::Old if dice.chance(0.05) => Use::Homes,
        other => other,
    }
}

/// Lanes of the old quarters, yards of the works, paths of the park.
pub(crate) fn lay_lanes(net: &mut Net, blocks: &[Block], seed: u64) {
    let mut dice = Dice::new(seed, 3);
    let mut names = Names::lanes(&mut dice);
    for block in blocks {
        match block.kind {
            Use::Old => {
                let how = Cut::lane(dice.range(4_600.0, 8_000.0));
                let parts = subdivide(net, block.ring.clone(), &how, &mut dice, Some(&mut names));
                for part in parts {
                    if ring_area(&part) > 3_600.0 && dice.chance(0.36) {
                        let name = if dice.chance(0.5) {
                            names.take()
                        } else {
                            String::new()
                        };
                        spur(net, &part, &how, &name, (0.4, 0.66), &mut dice);
                    }
                }
            }
            Use::Works => {
                let how = Cut {
                    gap: 30.0,
                    clear: 24.0,
                    least: 6_000.0,
                    ..Cut::lane(26_000.0)
                };
                let parts = subdivide(net, block.ring.clone(), &how, &mut dice, None);
                if parts.len() == 1 {
                    for _ in 0..(block.area / 15_000.0) as usize {
                        spur(net, &block.ring, &how, "", (0.3, 0.75), &mut dice);
                    }
                }
                for part in parts {
                    if ring_area(&part) > 9_000.0 && dice.chance(0.75) {
                        spur(net, &part, &how, "", (0.35, 0.62), &mut dice);
                    }
                }
            }
            Use::Park => {
                let how = Cut {
                    class: Class::Path,
                    stray: 0.4,
                    ..Cut::lane(8_500.0)
                };
                subdivide(net, block.ring.clone(), &how, &mut dice, None);
            }
            _ => {}
        }
    }
}
