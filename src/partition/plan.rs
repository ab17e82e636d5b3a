//! How many grids, how large, and which faces cannot stand alone.

use serde::{Deserialize, Serialize};

use super::energy::Aim;
use super::faces::Faces;
use super::graph::Graph;
use super::input::{Options, Wanted};
use super::problem::PartitionError;

/// What is balanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Households.
    Households,
    /// Square metres.
    Area,
}

impl Basis {
    /// The size of every face.
    pub(super) fn sizes(self, faces: &Faces) -> &[f64] {
        match self {
            Basis::Households => &faces.households,
            Basis::Area => &faces.area_m2,
        }
    }
}

/// How many grids of what size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plan {
    pub(super) basis: Basis,
    /// The size of a grid, in households or m².
    pub(super) wanted: f64,
    /// How many grids make that size.
    pub(super) grids: usize,
}

impl Plan {
    pub(super) fn new(faces: &Faces, options: &Options) -> Result<Plan, PartitionError> {
        let basis = match options.wanted {
            Wanted::AreaM2(_) => Basis::Area,
            Wanted::Grids(_) if !faces.has_households() => Basis::Area,
            Wanted::Households(_) if !faces.has_households() => {
                return Err(PartitionError::NoHouseholds);
            }
            _ => Basis::Households,
        };
        let sizes = basis.sizes(faces);
        let wanted = match options.wanted {
            Wanted::Households(wanted) | Wanted::AreaM2(wanted) => wanted,
            Wanted::Grids(grids) => even_size(sizes, grids),
        };
        let grids = match options.wanted {
            Wanted::Grids(grids) => grids,
            // A face over the size of a grid is a grid, not several.
            _ => {
                let sum: f64 = sizes.iter().map(|s| s.min(wanted)).sum();
                (sum / wanted).round().max(1.0) as usize
            }
        };
        Ok(Plan {
            basis,
            wanted,
            grids,
        })
    }

    /// What a division by this plan aims at.
    pub(super) fn aim(&self, graph: &Graph, grids: usize, tolerance: f64) -> Aim {
        // Faces over the size of a grid are grids by themselves.
        let alone = || graph.size.iter().filter(|s| **s > self.wanted);
        let size: f64 = graph.size.iter().sum();
        let (rest, left) = (
            size - alone().sum::<f64>(),
            grids.saturating_sub(alone().count()),
        );
        let even = if left > 0 {
            rest / left as f64
        } else {
            self.wanted
        };
        let area: f64 = graph.area.iter().sum();
        Aim {
            even: even.max(self.wanted / 2.0),
            low: self.wanted * (1.0 - tolerance),
            high: self.wanted * (1.0 + tolerance),
            scale_m: (area / grids.max(1) as f64).sqrt().max(1.0),
        }
    }

    /// The graph in which no face counts for more than a grid may have: one
    /// that is larger then wants nothing beside it.
    pub(super) fn graph(&self, faces: &Faces, tolerance: f64) -> Graph {
        let sizes = self.basis.sizes(faces);
        let high = self.wanted * (1.0 + tolerance);
        let size: Vec<f64> = sizes.iter().map(|s| s.min(high)).collect();
        Graph::new(faces, &size)
    }
}

/// The size at which `grids` grids hold everything, when faces over that size
/// are grids by themselves.
fn even_size(sizes: &[f64], grids: usize) -> f64 {
    let mut sorted = sizes.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let mut rest: f64 = sorted.iter().sum();
    let mut even = rest / grids as f64;
    for (alone, size) in sorted.iter().take(grids - 1).enumerate() {
        if *size <= even {
            break;
        }
        rest -= size;
        even = rest / (grids - alone - 1) as f64;
    }
    // With hardly more full faces than grids there is no even size.
    let mean = sizes.iter().sum::<f64>() / grids as f64;
    even.max(mean / 2.0).max(f64::MIN_POSITIVE)
}

/// Connected groups of faces with their numbers of grids, and the host of each
/// face that belongs to no group.
pub(super) struct Groups {
    pub(super) groups: Vec<(Vec<usize>, usize)>,
    pub(super) hosts: Vec<(usize, usize)>,
}

/// Shares grids out to the connected parts of the ground. Parts with less than
/// half a grid join the nearest face of another part.
pub(super) fn groups(faces: &Faces, graph: &Graph, plan: &Plan) -> Groups {
    let all: Vec<usize> = (0..graph.len()).collect();
    let mut parts: Vec<(f64, Vec<usize>)> = graph
        .components(&all)
        .into_iter()
        .map(|nodes| (graph.size_of(&nodes), nodes))
        .collect();
    parts.sort_by(|x, y| y.0.total_cmp(&x.0).then_with(|| x.1.cmp(&y.1)));
    let worth = |(size, _): &(f64, Vec<usize>)| *size >= plan.wanted / 2.0;
    let mains = parts.iter().filter(|p| worth(p)).count();
    let rest = parts.split_off(mains.clamp(1, plan.grids.max(1)).min(parts.len()));
    let mut counts = vec![1; parts.len()];
    while counts.iter().sum::<usize>() < plan.grids {
        let open = (0..parts.len()).filter(|i| counts[*i] < parts[*i].1.len());
        let fullest = open.max_by(|a, b| {
            let each = |i: &usize| parts[*i].0 / counts[*i] as f64;
            each(a).total_cmp(&each(b)).then(b.cmp(a))
        });
        match fullest {
            Some(i) => counts[i] += 1,
            None => break,
        }
    }
    let hosts = rest
        .iter()
        .flat_map(|(_, nodes)| {
            let mains = parts.iter().flat_map(|p| p.1.iter().copied());
            let host = nearest(faces, nodes, mains);
            nodes.iter().filter_map(move |n| Some((*n, host?)))
        })
        .collect();
    let groups = parts.into_iter().map(|p| p.1).zip(counts).collect();
    Groups { groups, hosts }
}

/// Of some candidates the face nearest to any of `nodes`, by the middles of
/// their boxes.
pub(super) fn nearest(
    faces: &Faces,
    nodes: &[usize],
    candidates: impl Iterator<Item = usize>,
) -> Option<usize> {
    let middles: Vec<geo::Coord> = nodes.iter().map(|n| faces.middle(*n)).collect();
    let distance = |c: usize| {
        let at = faces.middle(c);
        let frame = crate::crs::LocalFrame::new(at);
        let lengths = middles.iter().map(|m| {
            let d = frame.to_meters(*m);
            d.x.hypot(d.y)
        });
        lengths.fold(f64::INFINITY, f64::min)
    };
    candidates
        .map(|c| (distance(c), c))
        .min_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)))
        .map(|(_, c)| c)
}
