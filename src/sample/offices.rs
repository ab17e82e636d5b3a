//! The police station and the offices: small lots on named streets.

use geo::Polygon;

use super::blocks::Block;
use super::compounds::Kind;
use super::geom::{V, along, dist, holds, left, length, polygon, project};
use super::net::{Class, Net};
use super::plan::{Spot, Use};

/// A small lot and the block it takes its ground from.
#[derive(Debug, Clone)]
pub(crate) struct Small {
    pub(crate) spot: Spot,
    pub(crate) kind: Kind,
    pub(crate) block: usize,
    pub(crate) ring: Vec<V>,
}

impl Small {
    /// Its ground.
    pub(crate) fn ground(&self) -> Polygon<f64> {
        polygon(&self.ring)
    }
}

/// Finds ground for each spot, as near to where it is wanted as there is
/// room between the lanes.
pub(crate) fn place(net: &Net, blocks: &[Block], spots: &[Spot]) -> Vec<Small> {
    let mut done: Vec<Small> = Vec::new();
    for spot in spots {
        // On its own street if there is room, else on the next best.
        let found = [spot.street, ""].iter().find_map(|street| {
            sites(net, spot.at, street)
                .iter()
                .find_map(|&(_, p, side, back)| fit(net, blocks, spot, &done, p, side, back))
        });
        done.extend(found);
    }
    done
}

/// Places along the streets, nearest first: distance from `near`, place,
/// direction away from the street, setback.
fn sites(net: &Net, near: V, street: &str) -> Vec<(f64, V, V, f64)> {
    let mut sites: Vec<(f64, V, V, f64)> = Vec::new();
    for edge in &net.edges {
        if !matches!(
            edge.class,
            Class::Arterial | Class::Secondary | Class::Branch
        ) || (!street.is_empty() && edge.name != street)
        {
            continue;
        }
        let line = edge.line();
        let total = length(&line);
        let mut at = 40.0;
        while at < total - 40.0 {
            let (p, direction) = along(&line, at);
            for side in [left(direction), left(direction) * -1.0] {
                sites.push((dist(p, near), p, side, edge.class.setback()));
            }
            at += 12.0;
        }
    }
    sites.sort_by(|a, b| a.0.total_cmp(&b.0));
    sites
}

fn fit(
    net: &Net,
    blocks: &[Block],
    spot: &Spot,
    done: &[Small],
    p: V,
    side: V,
    back: f64,
) -> Option<Small> {
    let (w, d) = spot.size;
    let front = left(side);
    let near = p + side * (back + 1.0);
    let ring = vec![
        near - front * (w / 2.0),
        near - front * (w / 2.0) + side * d,
        near + front * (w / 2.0) + side * d,
        near + front * (w / 2.0),
    ];
    let ring = if super::geom::ring_area(&ring) < 0.0 {
        ring.into_iter().rev().collect()
    } else {
        ring
    };
    let block = blocks.iter().position(|b| {
        matches!(b.kind, Use::Homes | Use::Old | Use::Works)
            && b.community == spot.community
            && ring.iter().all(|&c| holds(&b.ring, c))
    })?;
    let middle = near + side * (d / 2.0);
    if done.iter().any(|s| dist(s.ring[0], middle) < 120.0) {
        return None;
    }
    let reach = w.hypot(d);
    let free = net.edges.iter().all(|e| {
        let apart = if e.divides() {
            e.class.setback() * 0.8
        } else {
            5.0
        };
        e.pts.windows(2).all(|s| {
            let (a, b) = (s[0].v(), s[1].v());
            project(middle, a, b).2 > reach
                || (0..12).all(|k| {
                    let n = ring.len();
                    let corner =
                        super::geom::lerp(ring[k / 3], ring[(k / 3 + 1) % n], (k % 3) as f64 / 3.0);
                    project(corner, a, b).2 > apart
                }) && !holds(&ring, a)
        })
    });
    free.then_some(Small {
        spot: *spot,
        kind: spot.kind,
        block,
        ring,
    })
}
