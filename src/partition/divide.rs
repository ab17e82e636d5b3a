//! Balanced connected division of a graph: spanning trees first, then moves.

use rayon::prelude::*;

use super::energy::{Aim, Division};
use super::graph::{Dice, Graph};
use super::input::Stop;
use super::tree;

/// Moves that are tried per node and round.
const MOVES: usize = 60;
/// The most moves that are tried in a round.
const MOST_MOVES: usize = 300_000;
/// How much worse a step may make things at first.
const PATIENCE: f64 = 4.0;
/// Trees that are tried per pair of neighbours and round.
const TREES: usize = 4;

/// Starts times nodes at least: the fewer nodes, the more a single one decides,
/// and the less a start costs.
const LEAST_WORK: usize = 1_000;

/// Moves and nodes between two questions whether to stop.
const ASK_EVERY: usize = 128;

/// Divides connected groups of nodes, each into its number of grids. Nodes of
/// no group are left at grid 0. The best of at least `starts` tries is taken,
/// whatever thread found it. `None` when it was told to stop.
pub(super) fn divide(
    graph: &Graph,
    groups: &[(Vec<usize>, usize)],
    aim: Aim,
    how: &Effort,
    stop: Stop<'_>,
) -> Option<Vec<usize>> {
    let grids = groups.iter().map(|g| g.1).sum();
    let least = LEAST_WORK.div_ceil(graph.len().max(1)) as u64;
    let starts = (0..u64::from(how.starts).max(least)).into_par_iter();
    let tries = starts.filter_map(|start| {
        let mut dice = Dice::new(how.seed, start);
        let mut part = vec![0; graph.len()];
        let mut first = 0;
        for (nodes, count) in groups {
            tree::divide(graph, nodes, *count, first, &mut dice, &mut part, stop)?;
            first += count;
        }
        let mut division = Division::new(graph, aim, part, grids);
        let free = vec![true; grids];
        improve(&mut division, &free, how.rounds, &mut dice, stop);
        (!stop()).then(|| (division.outside(), division.energy, start, division.part))
    });
    let best = tries.min_by(|x, y| x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)).then(x.2.cmp(&y.2)));
    best.map(|found| found.3)
}

/// How much is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) seed: u64,
    pub(super) starts: u32,
    pub(super) rounds: u32,
}

/// Improves a division in place; only grids that are `free` change. Told to
/// stop, it leaves what it has.
pub(super) fn improve(
    division: &mut Division<'_>,
    free: &[bool],
    rounds: u32,
    dice: &mut Dice,
    stop: Stop<'_>,
) {
    let mut best = division.clone();
    for round in 0..rounds {
        // From bold to careful.
        let heat = 1.0 - f64::from(round + 1) / f64::from(rounds);
        let slack = PATIENCE * heat * heat;
        recut_all(division, free, 0.5 * slack, dice, stop);
        wander(division, free, slack, dice, stop);
        if stop() {
            return;
        }
        division.recount();
        if better(division, &best) {
            best = division.clone();
        }
    }
    settle(&mut best, free, stop);
    *division = best;
}

fn better(a: &Division<'_>, b: &Division<'_>) -> bool {
    (a.outside(), a.energy) < (b.outside(), b.energy)
}

/// Pairs of free grids that share a border, in order.
fn pairs(division: &Division<'_>, free: &[bool]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (node, links) in division.graph.links.iter().enumerate() {
        let a = division.part[node];
        for link in links {
            let b = division.part[link.to];
            if a < b && free[a] && free[b] {
                out.push((a, b));
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn recut_all(
    division: &mut Division<'_>,
    free: &[bool],
    slack: f64,
    dice: &mut Dice,
    stop: Stop<'_>,
) {
    let mut pairs = pairs(division, free);
    for i in (1..pairs.len()).rev() {
        pairs.swap(i, dice.below(i + 1));
    }
    for (a, b) in pairs {
        if stop() {
            return;
        }
        // They may have parted meanwhile: then no tree spans both.
        tree::recut(division, a, b, TREES, slack, dice);
    }
}

/// Moves single nodes, and what hangs on them, across borders; a move may make
/// things worse by a chance part of `slack` (threshold accepting).
fn wander(division: &mut Division<'_>, free: &[bool], slack: f64, dice: &mut Dice, stop: Stop<'_>) {
    for n in 0..(MOVES * division.graph.len()).min(MOST_MOVES) {
        if n % ASK_EVERY == 0 && stop() {
            return;
        }
        let node = dice.below(division.graph.len());
        let links = &division.graph.links[node];
        if links.is_empty() {
            continue;
        }
        let to = division.part[links[dice.below(links.len())].to];
        let from = division.part[node];
        if to == from || !free[from] || !free[to] {
            continue;
        }
        let patience = slack * dice.unit() * dice.unit() * dice.unit();
        if let Some(step) = division.weigh_move(node, to)
            && step.gain > 1e-9 - patience
        {
            division.apply(step);
        }
    }
}

/// Takes every move that makes things better until none is left.
fn settle(division: &mut Division<'_>, free: &[bool], stop: Stop<'_>) {
    for _ in 0..100 {
        let mut moved = false;
        for node in 0..division.graph.len() {
            if node % ASK_EVERY == 0 && stop() {
                return;
            }
            let from = division.part[node];
            let mut others: Vec<usize> = division.graph.links[node]
                .iter()
                .map(|l| division.part[l.to])
                .filter(|to| *to != from && free[from] && free[*to])
                .collect();
            others.sort_unstable();
            others.dedup();
            let best = others
                .iter()
                .filter_map(|to| division.weigh_move(node, *to))
                .max_by(|x, y| x.gain.total_cmp(&y.gain).then(y.to.cmp(&x.to)));
            if let Some(step) = best.filter(|step| step.gain > 1e-9) {
                division.apply(step);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    division.recount();
}
