//! Connected divisions by cutting random spanning trees.

use super::energy::{Division, Sums};
use super::graph::{Dice, Graph};
use super::input::Stop;

/// Trees tried for each cut of the first division.
const TREES: usize = 10;

/// A cut of a tree: the nodes on one side, and how many grids they make.
struct Cut {
    nodes: Vec<usize>,
    grids: usize,
    off: f64,
}

/// Divides connected nodes into `grids` connected parts of about equal size,
/// numbered from `first`. There are at least as many nodes as grids. `None`
/// when it was told to stop.
pub(super) fn divide(
    graph: &Graph,
    nodes: &[usize],
    grids: usize,
    first: usize,
    dice: &mut Dice,
    part: &mut [usize],
    stop: Stop<'_>,
) -> Option<()> {
    let mut todo = vec![(nodes.to_vec(), grids, first)];
    while let Some((nodes, grids, first)) = todo.pop() {
        let best = (0..if grids < 2 { 0 } else { TREES })
            .take_while(|_| !stop())
            .filter_map(|_| best_cut(graph, &nodes, grids, dice))
            .min_by(|a, b| a.off.total_cmp(&b.off));
        if stop() {
            return None;
        }
        let Some(cut) = best else {
            for node in nodes {
                part[node] = first;
            }
            continue;
        };
        let mut rest = nodes;
        rest.retain(|n| cut.nodes.binary_search(n).is_err());
        let left = grids - cut.grids;
        todo.push((rest, left, first + cut.grids));
        todo.push((cut.nodes, cut.grids, first));
    }
    Some(())
}

/// A random spanning tree: for each node its parent's position, in an order in
/// which parents come first. Main roads are seldom in it, so cuts follow them.
fn tree(graph: &Graph, nodes: &[usize], dice: &mut Dice) -> (Vec<usize>, Vec<usize>) {
    let mut edges: Vec<(f64, usize, usize)> = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        for link in &graph.links[*node] {
            if let Ok(j) = nodes.binary_search(&link.to)
                && i < j
            {
                let dear = link.cost / link.length.max(1e-9);
                edges.push((dice.unit() - 0.35 * dear, i, j));
            }
        }
    }
    edges.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut root: Vec<usize> = (0..nodes.len()).collect();
    let mut beside: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (_, i, j) in edges {
        let (a, b) = (find(&mut root, i), find(&mut root, j));
        if a != b {
            root[a] = b;
            beside[i].push(j);
            beside[j].push(i);
        }
    }
    let start = dice.below(nodes.len());
    let mut parent = vec![usize::MAX; nodes.len()];
    let mut order = vec![start];
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        next += 1;
        for &there in &beside[at] {
            if there != parent[at] {
                parent[there] = at;
                order.push(there);
            }
        }
    }
    (parent, order)
}

fn find(root: &mut [usize], mut at: usize) -> usize {
    while root[at] != at {
        root[at] = root[root[at]];
        at = root[at];
    }
    at
}

/// Sizes and counts of the nodes below each node of a tree.
fn below(
    graph: &Graph,
    nodes: &[usize],
    parent: &[usize],
    order: &[usize],
) -> (Vec<f64>, Vec<usize>) {
    let mut size: Vec<f64> = nodes.iter().map(|n| graph.size[*n]).collect();
    let mut count = vec![1; nodes.len()];
    for &at in order.iter().rev() {
        let up = parent[at];
        if up != usize::MAX {
            size[up] += size[at];
            count[up] += count[at];
        }
    }
    (size, count)
}

/// The nodes below one node of a tree, sorted.
fn subtree(nodes: &[usize], parent: &[usize], order: &[usize], top: usize) -> Vec<usize> {
    let mut under = vec![false; nodes.len()];
    under[top] = true;
    let mut out = Vec::new();
    for &at in order {
        if parent[at] != usize::MAX && under[parent[at]] {
            under[at] = true;
        }
        if under[at] {
            out.push(nodes[at]);
        }
    }
    out.sort_unstable();
    out
}

/// The cut of one random tree that comes nearest to whole grids on both sides.
fn best_cut(graph: &Graph, nodes: &[usize], grids: usize, dice: &mut Dice) -> Option<Cut> {
    let (parent, order) = tree(graph, nodes, dice);
    let (size, count) = below(graph, nodes, &parent, &order);
    let whole = graph.size_of(nodes);
    let each = (whole / grids as f64).max(f64::MIN_POSITIVE);
    let mut best: Option<(f64, usize, usize)> = None;
    for &at in order.iter().skip(1) {
        let rest = nodes.len() - count[at];
        let low = 1.max(grids.saturating_sub(rest));
        let high = (grids - 1).min(count[at]);
        if low > high {
            continue;
        }
        let mine = ((size[at] / each).round() as usize).clamp(low, high);
        let off = (size[at] - mine as f64 * each).abs() / each;
        // Halves leave more freedom than single grids.
        let lopsided = (mine as f64 / grids as f64 - 0.5).abs();
        let off = off + 0.3 * lopsided;
        if best.is_none_or(|(least, ..)| off < least) {
            best = Some((off, at, mine));
        }
    }
    let (off, at, mine) = best?;
    Some(Cut {
        nodes: subtree(nodes, &parent, &order, at),
        grids: mine,
        off,
    })
}

/// Cuts the union of two neighbouring grids anew along a random tree; whether
/// something better than before was found and taken. Worse by up to `slack`
/// counts as better.
pub(super) fn recut(
    division: &mut Division<'_>,
    a: usize,
    b: usize,
    trees: usize,
    slack: f64,
    dice: &mut Dice,
) -> bool {
    let graph = division.graph;
    let mut nodes = [&division.members[a][..], &division.members[b][..]].concat();
    nodes.sort_unstable();
    let before = division.aim.cost(&division.sums[a])
        + division.aim.cost(&division.sums[b])
        + cut_cost(division, &division.members[a], b);
    let mut best: Option<(f64, Vec<usize>)> = None;
    for _ in 0..trees {
        let (parent, order) = tree(graph, &nodes, dice);
        if order.len() < nodes.len() {
            return false;
        }
        let (size, _) = below(graph, &nodes, &parent, &order);
        let whole = graph.size_of(&nodes);
        let mut tops: Vec<(f64, usize)> = order
            .iter()
            .skip(1)
            .map(|at| ((size[*at] - whole / 2.0).abs(), *at))
            .collect();
        tops.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
        for (_, top) in tops.into_iter().take(3) {
            let mine = subtree(&nodes, &parent, &order, top);
            let after = cost_of(division, &nodes, &mine);
            if best.as_ref().is_none_or(|(least, _)| after < *least) {
                best = Some((after, mine));
            }
        }
    }
    let Some((after, mine)) = best.filter(|(after, _)| *after < before + slack - 1e-9) else {
        return false;
    };
    for &node in &nodes {
        division.part[node] = b;
    }
    for &node in &mine {
        division.part[node] = a;
    }
    nodes.retain(|n| mine.binary_search(n).is_err());
    let (one, two) = (sums(division, &mine), sums(division, &nodes));
    division.sums[a] = one;
    division.sums[b] = two;
    division.members[a] = mine;
    division.members[b] = nodes;
    division.energy += after - before;
    true
}

/// Cost of the border of some nodes with a grid.
fn cut_cost(division: &Division<'_>, nodes: &[usize], other: usize) -> f64 {
    let links = nodes.iter().flat_map(|n| &division.graph.links[*n]);
    let cost: f64 = links
        .filter(|l| division.part[l.to] == other)
        .map(|l| l.cost)
        .sum();
    cost / division.aim.scale_m
}

/// The sums of some sorted nodes.
fn sums(division: &Division<'_>, nodes: &[usize]) -> Sums {
    let graph = division.graph;
    let mut out = Sums::default();
    for &n in nodes {
        out.size += graph.size[n];
        out.area += graph.area[n];
        out.perimeter += graph.perimeter[n];
        for link in &graph.links[n] {
            if nodes.binary_search(&link.to).is_ok() {
                out.perimeter -= link.length;
            }
        }
    }
    out
}

/// What it costs to divide sorted nodes into `mine` and the rest.
fn cost_of(division: &Division<'_>, nodes: &[usize], mine: &[usize]) -> f64 {
    let rest: Vec<usize> = nodes
        .iter()
        .copied()
        .filter(|n| mine.binary_search(n).is_err())
        .collect();
    let graph = division.graph;
    let mut cut = 0.0;
    for n in mine {
        for link in &graph.links[*n] {
            if rest.binary_search(&link.to).is_ok() {
                cut += link.cost;
            }
        }
    }
    let aim = &division.aim;
    aim.cost(&sums(division, mine)) + aim.cost(&sums(division, &rest)) + cut / aim.scale_m
}
