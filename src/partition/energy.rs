//! How good a division is, as one number, and what a move changes in it.

use super::graph::Graph;

/// A grid outside the tolerance, beside what it is off.
const OUTSIDE: f64 = 4.0;
/// How far outside it is, in shares of the wanted size.
const BEYOND: f64 = 40.0;
/// Squared share off the even size.
const UNEVEN: f64 = 20.0;
/// Perimeter squared over that of a circle.
const SHAPE: f64 = 1.0;

/// What is aimed at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Aim {
    /// The size of a grid if all were equal.
    pub(super) even: f64,
    /// Below and above these a grid is outside the tolerance.
    pub(super) low: f64,
    pub(super) high: f64,
    /// A typical side of a grid, m: borders are counted in it.
    pub(super) scale_m: f64,
}

/// One grid's sums.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) size: f64,
    pub(super) area: f64,
    pub(super) perimeter: f64,
}

impl Aim {
    /// What one grid costs, without its borders.
    pub(super) fn cost(&self, sums: &Sums) -> f64 {
        let off = (sums.size - self.even) / self.even;
        let beyond = (self.low - sums.size).max(sums.size - self.high) / self.even;
        // Rounding must not put a grid outside.
        let outside = if beyond > 1e-9 {
            OUTSIDE + BEYOND * beyond
        } else {
            0.0
        };
        let circle = 4.0 * std::f64::consts::PI * sums.area.max(1.0);
        outside + UNEVEN * off * off + SHAPE * sums.perimeter * sums.perimeter / circle
    }
}

/// A division of some nodes of the graph, kept with its sums.
#[derive(Debug, Clone)]
pub(super) struct Division<'g> {
    pub(super) graph: &'g Graph,
    pub(super) aim: Aim,
    /// The grid of each node.
    pub(super) part: Vec<usize>,
    pub(super) members: Vec<Vec<usize>>,
    pub(super) sums: Vec<Sums>,
    /// Sum of the costs of grids and borders.
    pub(super) energy: f64,
    /// Marks of the last search, and its number.
    seen: Vec<u32>,
    clock: u32,
}

/// Nodes that go together from one grid to another.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) nodes: Vec<usize>,
    pub(super) to: usize,
    pub(super) gain: f64,
    from_sums: Sums,
    to_sums: Sums,
}

impl<'g> Division<'g> {
    pub(super) fn new(graph: &'g Graph, aim: Aim, part: Vec<usize>, parts: usize) -> Division<'g> {
        let mut division = Division {
            graph,
            aim,
            part,
            members: vec![Vec::new(); parts],
            sums: vec![Sums::default(); parts],
            energy: 0.0,
            seen: vec![0; graph.len()],
            clock: 0,
        };
        division.recount();
        division
    }

    /// Makes the sums anew: moves leave rounding behind.
    pub(super) fn recount(&mut self) {
        self.members.iter_mut().for_each(Vec::clear);
        self.sums.fill(Sums::default());
        let mut cut = 0.0;
        for (node, &part) in self.part.iter().enumerate() {
            if !self.graph.present[node] {
                continue;
            }
            self.members[part].push(node);
            let sums = &mut self.sums[part];
            sums.size += self.graph.size[node];
            sums.area += self.graph.area[node];
            sums.perimeter += self.graph.perimeter[node];
            for link in &self.graph.links[node] {
                if self.part[link.to] == part {
                    sums.perimeter -= link.length;
                } else {
                    cut += link.cost / 2.0;
                }
            }
        }
        let parts: f64 = self.sums.iter().map(|s| self.aim.cost(s)).sum();
        self.energy = parts + cut / self.aim.scale_m;
    }

    /// Grids outside the tolerance.
    pub(super) fn outside(&self) -> usize {
        let (low, high) = (self.aim.low, self.aim.high);
        let slack = self.aim.even * 1e-9;
        let off = |s: &&Sums| s.size < low - slack || s.size > high + slack;
        self.sums.iter().filter(off).count()
    }

    /// What it would change to move a node, and what hangs on it, to another
    /// grid. `None` if nothing of the old grid would stay.
    pub(super) fn weigh_move(&mut self, node: usize, to: usize) -> Option<Move> {
        let from = self.part[node];
        let mut nodes = self.hanging_on(node)?;
        nodes.push(node);
        let mut out = self.sums[from];
        let mut into = self.sums[to];
        let mut cut = 0.0;
        for &n in &nodes {
            let (size, area) = (self.graph.size[n], self.graph.area[n]);
            let perimeter = self.graph.perimeter[n];
            out.size -= size;
            out.area -= area;
            out.perimeter -= perimeter;
            into.size += size;
            into.area += area;
            into.perimeter += perimeter;
            for link in &self.graph.links[n] {
                let there = self.part[link.to];
                if there == from && nodes.contains(&link.to) {
                    // Both ends count it once; it was and stays inside.
                    out.perimeter += link.length;
                    into.perimeter -= link.length;
                } else if there == from {
                    out.perimeter += 2.0 * link.length;
                    cut += link.cost;
                } else if there == to {
                    into.perimeter -= 2.0 * link.length;
                    cut -= link.cost;
                }
            }
        }
        let aim = &self.aim;
        let before = aim.cost(&self.sums[from]) + aim.cost(&self.sums[to]);
        let after = aim.cost(&out) + aim.cost(&into) + cut / aim.scale_m;
        Some(Move {
            nodes,
            to,
            gain: before - after,
            from_sums: out,
            to_sums: into,
        })
    }

    pub(super) fn apply(&mut self, step: Move) {
        let Some(&first) = step.nodes.first() else {
            return;
        };
        let from = self.part[first];
        self.members[from].retain(|n| !step.nodes.contains(n));
        for &n in &step.nodes {
            self.part[n] = step.to;
            self.members[step.to].push(n);
        }
        self.sums[from] = step.from_sums;
        self.sums[step.to] = step.to_sums;
        self.energy -= step.gain;
    }

    /// Nodes of the grid that only this node connects to the rest of it: all
    /// of its pieces but the largest. `None` when the grid is this node alone.
    fn hanging_on(&mut self, node: usize) -> Option<Vec<usize>> {
        let graph = self.graph;
        let part = self.part[node];
        let members = self.members[part].len();
        self.clock = self.clock.wrapping_add(1).max(1);
        self.seen[node] = self.clock;
        let mut pieces: Vec<Vec<usize>> = Vec::new();
        for link in &graph.links[node] {
            if self.part[link.to] == part && self.seen[link.to] != self.clock {
                let piece = self.piece(link.to);
                if piece.len() == members - 1 {
                    return Some(Vec::new());
                }
                pieces.push(piece);
            }
        }
        let largest = (0..pieces.len()).max_by(|a, b| {
            let size = |i: &usize| graph.size_of(&pieces[*i]);
            let count = |i: &usize| pieces[*i].len();
            size(a)
                .total_cmp(&size(b))
                .then(count(a).cmp(&count(b)))
                .then(b.cmp(a))
        })?;
        pieces.swap_remove(largest);
        Some(pieces.concat())
    }

    /// What is reached inside the grid from a node, past nothing that was
    /// seen before.
    fn piece(&mut self, start: usize) -> Vec<usize> {
        let graph = self.graph;
        let part = self.part[start];
        let mut piece = vec![start];
        self.seen[start] = self.clock;
        let mut next = 0;
        while let Some(&at) = piece.get(next) {
            next += 1;
            for link in &graph.links[at] {
                if self.part[link.to] == part && self.seen[link.to] != self.clock {
                    self.seen[link.to] = self.clock;
                    piece.push(link.to);
                }
            }
        }
        piece
    }
}
