//! Work by hand on a proposal. Each function gives a new proposal that keeps
//! the rules, or says why not.

use std::collections::BTreeSet;

use serde::Serialize;

use super::divide::{Effort, divide, improve};
use super::energy::{Aim, Division};
use super::faces::Faces;
use super::graph::{Dice, Graph};
use super::input::{Options, never};
use super::plan::{Plan, nearest};
use super::proposal::{Proposal, assemble};

/// Why a change by hand cannot be made. Grids and faces are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AdjustError {
    /// No such face.
    UnknownFace {
        /// The face.
        face: u32,
    },
    /// No such grid.
    UnknownGrid {
        /// The grid.
        grid: u32,
    },
    /// It is there already, or one grid was named twice.
    SameGrid {
        /// The grid.
        grid: u32,
    },
    /// No border is shared with that grid.
    NotAdjacent {
        /// The grid.
        grid: u32,
    },
    /// The grid would fall into two parts.
    WouldCut {
        /// The grid.
        grid: u32,
    },
    /// The grid would have no face left; merge it instead.
    WouldEmpty {
        /// The grid.
        grid: u32,
    },
    /// The grid is one face: no line divides it.
    OneFace {
        /// The grid.
        grid: u32,
    },
    /// All grids but one are locked.
    AllLocked,
    /// The proposal does not fit together.
    Damaged,
}

impl AdjustError {
    /// A sentence in Chinese; grids and faces are counted from 1.
    pub fn zh(&self) -> String {
        match self {
            AdjustError::UnknownFace { face } => format!("没有第 {} 个地块", face + 1),
            AdjustError::UnknownGrid { grid } => format!("没有第 {} 个网格", grid + 1),
            AdjustError::SameGrid { grid } => format!("已经在第 {} 个网格里", grid + 1),
            AdjustError::NotAdjacent { grid } => {
                format!("与第 {} 个网格不相邻，网格必须连成一片", grid + 1)
            }
            AdjustError::WouldCut { grid } => {
                format!(
                    "移走后第 {} 个网格会断成两块，请先移走另一侧的地块",
                    grid + 1
                )
            }
            AdjustError::WouldEmpty { grid } => {
                format!("移走后第 {} 个网格就没有地块了，请改用合并", grid + 1)
            }
            AdjustError::OneFace { grid } => format!(
                "第 {} 个网格内部没有道路可分，请补画道路或手工画线拆分",
                grid + 1
            ),
            AdjustError::AllLocked => "可调整的网格不足两个，请先解锁".to_owned(),
            AdjustError::Damaged => "方案数据不完整，请重新生成方案".to_owned(),
        }
    }

    /// A sentence in English; grids and faces are counted from 1.
    pub fn en(&self) -> String {
        match self {
            AdjustError::UnknownFace { face } => format!("there is no face {}", face + 1),
            AdjustError::UnknownGrid { grid } => format!("there is no grid {}", grid + 1),
            AdjustError::SameGrid { grid } => format!("it is in grid {} already", grid + 1),
            AdjustError::NotAdjacent { grid } => {
                format!(
                    "it shares no border with grid {}; a grid is one piece",
                    grid + 1
                )
            }
            AdjustError::WouldCut { grid } => format!(
                "grid {} would fall into two parts; move the faces beyond first",
                grid + 1
            ),
            AdjustError::WouldEmpty { grid } => {
                format!(
                    "grid {} would have no face left; merge it instead",
                    grid + 1
                )
            }
            AdjustError::OneFace { grid } => format!(
                "no street divides grid {}; draw the missing street or split it by a line",
                grid + 1
            ),
            AdjustError::AllLocked => "fewer than two grids are unlocked".to_owned(),
            AdjustError::Damaged => "the proposal is incomplete; make it anew".to_owned(),
        }
    }
}

impl std::fmt::Display for AdjustError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for AdjustError {}

/// The proposal of an assignment made elsewhere, e.g. in a browser: the grid
/// of each face, grids numbered from 0 without holes.
///
/// # Errors
/// When the lists do not fit, or a grid is not one piece although it could be.
pub fn assign(faces: &Faces, grid_of: &[u32], options: &Options) -> Result<Proposal, AdjustError> {
    let used: BTreeSet<u32> = grid_of.iter().copied().collect();
    let dense = used
        .last()
        .is_some_and(|last| *last as usize == used.len() - 1);
    if grid_of.len() != faces.len() || !dense || !faces.is_sound() {
        return Err(AdjustError::Damaged);
    }
    let graph = Graph::new(faces, &faces.area_m2);
    for grid in used {
        let nodes = nodes_of(grid_of, grid);
        let pieces = graph.components(&nodes);
        // Several pieces are right only where the ground itself is in pieces.
        let grounds: BTreeSet<usize> = ground_of(&graph, &nodes);
        if pieces.len() > grounds.len() {
            return Err(AdjustError::WouldCut { grid });
        }
    }
    rebuilt(faces, grid_of.to_vec(), options)
}

/// Moves a face to a neighbouring grid.
///
/// # Errors
/// When either grid would not be one piece, or the old one would be empty.
pub fn move_face(proposal: &Proposal, face: u32, to_grid: u32) -> Result<Proposal, AdjustError> {
    let graph = sound(proposal)?;
    let at = face as usize;
    let from = *proposal
        .grid_of
        .get(at)
        .ok_or(AdjustError::UnknownFace { face })?;
    known(proposal, to_grid)?;
    if from == to_grid {
        return Err(AdjustError::SameGrid { grid: to_grid });
    }
    let beside = graph.links[at].iter();
    if !beside
        .into_iter()
        .any(|l| proposal.grid_of[l.to] == to_grid)
    {
        return Err(AdjustError::NotAdjacent { grid: to_grid });
    }
    let mut nodes = nodes_of(&proposal.grid_of, from);
    let pieces = graph.components(&nodes).len();
    nodes.retain(|n| *n != at);
    if nodes.is_empty() {
        return Err(AdjustError::WouldEmpty { grid: from });
    }
    if graph.components(&nodes).len() > pieces {
        return Err(AdjustError::WouldCut { grid: from });
    }
    let mut grid_of = proposal.grid_of.clone();
    grid_of[at] = to_grid;
    rebuilt(&proposal.faces, grid_of, &proposal.options)
}

/// Makes one grid of two neighbours. It has the lower number of both; numbers
/// above the higher one close up by one.
///
/// # Errors
/// When the grids share no border.
pub fn merge(proposal: &Proposal, a: u32, b: u32) -> Result<Proposal, AdjustError> {
    sound(proposal)?;
    known(proposal, a)?;
    known(proposal, b)?;
    if a == b {
        return Err(AdjustError::SameGrid { grid: a });
    }
    if !proposal.grids[a as usize].neighbours.contains(&b) {
        return Err(AdjustError::NotAdjacent { grid: b });
    }
    let (stays, goes) = (a.min(b), a.max(b));
    let grid_of = proposal.grid_of.iter().map(|&g| match g {
        g if g == goes => stays,
        g if g > goes => g - 1,
        g => g,
    });
    rebuilt(&proposal.faces, grid_of.collect(), &proposal.options)
}

/// Splits a grid into two of about equal size; the second gets a new number
/// after all others.
///
/// # Errors
/// When the grid is a single face.
pub fn split(proposal: &Proposal, grid: u32) -> Result<Proposal, AdjustError> {
    sound(proposal)?;
    known(proposal, grid)?;
    let plan = plan(&proposal.faces, &proposal.options)?;
    let sizes = plan.basis.sizes(&proposal.faces);
    let mut graph = Graph::new(&proposal.faces, sizes);
    let nodes = nodes_of(&proposal.grid_of, grid);
    let mut pieces = graph.components(&nodes);
    pieces.sort_by(|x, y| graph.size_of(y).total_cmp(&graph.size_of(x)));
    let hosts = pieces_to_host(&proposal.faces, &pieces);
    for (node, host) in &hosts {
        graph.put_into(*node, *host);
    }
    let own = pieces.swap_remove(0);
    if own.len() < 2 {
        return Err(AdjustError::OneFace { grid });
    }
    for node in 0..graph.len() {
        if own.binary_search(&node).is_err() {
            graph.present[node] = false;
        }
    }
    for &node in &own {
        graph.links[node].retain(|l| own.binary_search(&l.to).is_ok());
    }
    let half = graph.size_of(&own) / 2.0;
    let area: f64 = own.iter().map(|n| graph.area[*n]).sum();
    let aim = Aim {
        even: half.max(f64::MIN_POSITIVE),
        low: half * (1.0 - proposal.options.tolerance),
        high: half * (1.0 + proposal.options.tolerance),
        scale_m: (area / 2.0).sqrt().max(1.0),
    };
    let effort = Effort {
        seed: proposal.options.seed,
        starts: 4,
        rounds: proposal.options.rounds,
    };
    let part = divide(&graph, &[(own.clone(), 2)], aim, &effort, &never);
    let part = part.unwrap_or_else(|| vec![0; graph.len()]);
    let new = proposal.grids.len() as u32;
    let mut grid_of = proposal.grid_of.clone();
    // The half with the grid's first face keeps the number.
    for &node in own.iter().filter(|n| part[**n] != part[own[0]]) {
        grid_of[node] = new;
    }
    for (node, host) in hosts {
        grid_of[node] = grid_of[host];
    }
    rebuilt(&proposal.faces, grid_of, &proposal.options)
}

/// Evens out all grids that are not locked; their number stays.
///
/// # Errors
/// When a locked grid does not exist, or fewer than two are unlocked.
pub fn rebalance(proposal: &Proposal, locked: &[u32]) -> Result<Proposal, AdjustError> {
    sound(proposal)?;
    for grid in locked {
        known(proposal, *grid)?;
    }
    let faces = &proposal.faces;
    let free: Vec<bool> = (0..proposal.grids.len() as u32)
        .map(|g| !locked.contains(&g))
        .collect();
    if free.iter().filter(|f| **f).count() < 2 {
        return Err(AdjustError::AllLocked);
    }
    let plan = plan(faces, &proposal.options)?;
    let mut graph = plan.graph(faces, proposal.options.tolerance);
    let mut hosts = Vec::new();
    for grid in 0..proposal.grids.len() as u32 {
        let mut pieces = graph.components(&nodes_of(&proposal.grid_of, grid));
        pieces.sort_by(|x, y| graph.size_of(y).total_cmp(&graph.size_of(x)));
        hosts.extend(pieces_to_host(faces, &pieces));
    }
    for (node, host) in &hosts {
        graph.put_into(*node, *host);
    }
    let part: Vec<usize> = proposal.grid_of.iter().map(|g| *g as usize).collect();
    let aim = plan.aim(&graph, proposal.grids.len(), proposal.options.tolerance);
    let mut division = Division::new(&graph, aim, part, proposal.grids.len());
    let mut dice = Dice::new(proposal.options.seed, u64::MAX);
    improve(
        &mut division,
        &free,
        proposal.options.rounds,
        &mut dice,
        &never,
    );
    let mut grid_of: Vec<u32> = division.part.iter().map(|p| *p as u32).collect();
    for (node, host) in hosts {
        grid_of[node] = grid_of[host];
    }
    rebuilt(faces, grid_of, &proposal.options)
}

/// For every node of all pieces but the first, the nearest node of the first.
fn pieces_to_host(faces: &Faces, pieces: &[Vec<usize>]) -> Vec<(usize, usize)> {
    let Some((main, rest)) = pieces.split_first() else {
        return Vec::new();
    };
    let hosted = rest.iter().flat_map(|piece| {
        let host = nearest(faces, piece, main.iter().copied());
        piece.iter().filter_map(move |n| Some((*n, host?)))
    });
    hosted.collect()
}

fn nodes_of(grid_of: &[u32], grid: u32) -> Vec<usize> {
    let all = grid_of.iter().enumerate();
    all.filter(|(_, g)| **g == grid).map(|(n, _)| n).collect()
}

/// The connected parts of the whole ground that some nodes lie in.
fn ground_of(graph: &Graph, nodes: &[usize]) -> BTreeSet<usize> {
    let all: Vec<usize> = (0..graph.len()).collect();
    let grounds = graph.components(&all);
    let within = |n: &usize| grounds.iter().position(|g| g.binary_search(n).is_ok());
    nodes.iter().filter_map(within).collect()
}

fn plan(faces: &Faces, options: &Options) -> Result<Plan, AdjustError> {
    super::faces::check(options).map_err(|_options| AdjustError::Damaged)?;
    Plan::new(faces, options).map_err(|_households| AdjustError::Damaged)
}

fn rebuilt(faces: &Faces, grid_of: Vec<u32>, options: &Options) -> Result<Proposal, AdjustError> {
    let plan = plan(faces, options)?;
    Ok(assemble(faces.clone(), grid_of, options, &plan))
}

/// The graph of a proposal whose lists fit.
fn sound(proposal: &Proposal) -> Result<Graph, AdjustError> {
    let grids = proposal.grids.len() as u32;
    let fits = proposal.faces.is_sound()
        && proposal.grid_of.len() == proposal.faces.len()
        && proposal.grid_of.iter().all(|g| *g < grids)
        && (0..grids).all(|g| proposal.grid_of.contains(&g));
    if !fits {
        return Err(AdjustError::Damaged);
    }
    Ok(Graph::new(&proposal.faces, &proposal.faces.area_m2))
}

fn known(proposal: &Proposal, grid: u32) -> Result<(), AdjustError> {
    if (grid as usize) < proposal.grids.len() {
        Ok(())
    } else {
        Err(AdjustError::UnknownGrid { grid })
    }
}
