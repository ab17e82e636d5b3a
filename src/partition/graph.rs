//! Faces as the graph that is divided.

use super::faces::Faces;

/// A neighbour in the graph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) to: usize,
    /// Shared border, metres.
    pub(super) length: f64,
    /// What it costs to have a border between grids there.
    pub(super) cost: f64,
}

/// Nodes with sizes, and who is beside whom. Pieces that are not connected
/// to enough ground of their own lie inside their host's node.
#[derive(Debug)]
pub(super) struct Graph {
    /// What is balanced: households or m², at most one grid's worth per node.
    pub(super) size: Vec<f64>,
    pub(super) area: Vec<f64>,
    pub(super) perimeter: Vec<f64>,
    pub(super) links: Vec<Vec<Link>>,
    /// False for nodes that go wherever their host goes.
    pub(super) present: Vec<bool>,
}

impl Graph {
    /// The graph of faces by their sizes.
    pub(super) fn new(faces: &Faces, size: &[f64]) -> Graph {
        let mut links: Vec<Vec<Link>> = vec![Vec::new(); faces.len()];
        let mut perimeter = faces.outer_m.clone();
        for shared in &faces.adjacency {
            let (a, b) = (shared.a as usize, shared.b as usize);
            let link = |to| Link {
                to,
                length: shared.length_m,
                cost: shared.cost_m,
            };
            links[a].push(link(b));
            links[b].push(link(a));
            perimeter[a] += shared.length_m;
            perimeter[b] += shared.length_m;
        }
        Graph {
            size: size.to_vec(),
            area: faces.area_m2.clone(),
            perimeter,
            links,
            present: vec![true; faces.len()],
        }
    }

    /// Puts a node into another one that it is not connected to.
    pub(super) fn put_into(&mut self, node: usize, host: usize) {
        self.present[node] = false;
        self.links[node].clear();
        self.size[host] += std::mem::take(&mut self.size[node]);
        self.area[host] += std::mem::take(&mut self.area[node]);
        self.perimeter[host] += std::mem::take(&mut self.perimeter[node]);
    }

    pub(super) fn len(&self) -> usize {
        self.size.len()
    }

    /// The connected parts of some nodes, each sorted, in order.
    pub(super) fn components(&self, nodes: &[usize]) -> Vec<Vec<usize>> {
        let mut open = vec![false; self.len()];
        for &node in nodes {
            open[node] = true;
        }
        let mut out = Vec::new();
        for &start in nodes {
            if !open[start] {
                continue;
            }
            open[start] = false;
            let mut part = vec![start];
            let mut next = 0;
            while let Some(&at) = part.get(next) {
                next += 1;
                for link in &self.links[at] {
                    if std::mem::take(&mut open[link.to]) {
                        part.push(link.to);
                    }
                }
            }
            part.sort_unstable();
            out.push(part);
        }
        out
    }

    pub(super) fn size_of(&self, nodes: &[usize]) -> f64 {
        nodes.iter().map(|n| self.size[*n]).sum()
    }
}

/// Seeded chance that is the same on every machine.
#[derive(Debug, Clone)]
pub(super) struct Dice(rand_chacha::ChaCha8Rng);

impl Dice {
    /// Stream `stream` of `seed`.
    pub(super) fn new(seed: u64, stream: u64) -> Dice {
        use rand_chacha::rand_core::SeedableRng;
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Dice(random)
    }

    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        use rand_chacha::rand_core::RngCore;
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in 0..n; 0 when there is nothing to choose.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }
}
