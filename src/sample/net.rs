//! The street network while it grows: a planar graph whose edges meet only
//! at nodes.

use std::collections::HashMap;

use super::geom::{Pt, V, along, cross, crossing, dist, length, norm, project, v};

/// What kind of way an edge is, widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Arterial,
    Secondary,
    Branch,
    Lane,
    Path,
    Rail,
}

impl Class {
    /// Half the width of the way and its pavement, in metres: what is built
    /// keeps this distance from the center line.
    pub(crate) fn setback(self) -> f64 {
        match self {
            Class::Arterial => 26.0,
            Class::Secondary => 19.0,
            Class::Branch => 13.0,
            Class::Rail => 22.0,
            Class::Lane => 6.0,
            Class::Path => 4.0,
        }
    }
}

/// One street between two nodes.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) a: usize,
    pub(crate) b: usize,
    /// Vertices from node `a` to node `b`, both included.
    pub(crate) pts: Vec<Pt>,
    pub(crate) class: Class,
    /// Empty when the way has no name.
    pub(crate) name: String,
    /// South-west and north-east corner, to pass over far edges quickly.
    bounds: (V, V),
}

impl Edge {
    /// Vertices in metres.
    pub(crate) fn line(&self) -> Vec<V> {
        self.pts.iter().map(|p| p.v()).collect()
    }

    /// Whether grids may be cut along it; a railway siding has no name.
    pub(crate) fn divides(&self) -> bool {
        match self.class {
            Class::Arterial | Class::Secondary | Class::Branch => true,
            Class::Rail => !self.name.is_empty(),
            Class::Lane | Class::Path => false,
        }
    }

    /// Length in metres.
    pub(crate) fn length(&self) -> f64 {
        length(&self.line())
    }
}

/// A place on an edge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Foot {
    pub(crate) edge: usize,
    /// Index of the segment of the edge.
    pub(crate) segment: usize,
    pub(crate) at: V,
    pub(crate) distance: f64,
}

/// The planar graph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Net {
    pub(crate) nodes: Vec<Pt>,
    pub(crate) edges: Vec<Edge>,
    index: HashMap<Pt, usize>,
}

impl Net {
    /// The node at a lattice point, made when there is none.
    pub(crate) fn node(&mut self, p: Pt) -> usize {
        let next = self.nodes.len();
        let id = *self.index.entry(p).or_insert(next);
        if id == next {
            self.nodes.push(p);
        }
        id
    }

    /// Adds an edge that is known to cross nothing.
    pub(crate) fn push(&mut self, pts: Vec<Pt>, class: Class, name: &str) {
        let mut pts = pts;
        pts.dedup();
        let (Some(&first), Some(&last)) = (pts.first(), pts.last()) else {
            return;
        };
        if pts.len() < 2 {
            return;
        }
        let (a, b) = (self.node(first), self.node(last));
        self.edges.push(Edge {
            a,
            b,
            bounds: bounds_pt(&pts),
            pts,
            class,
            name: name.to_owned(),
        });
    }

    /// Adds a line in metres that is known to cross nothing.
    pub(crate) fn lay(&mut self, line: &[V], class: Class, name: &str) {
        self.push(line.iter().map(|&p| Pt::snap(p)).collect(), class, name);
    }

    /// The nearest place on any edge that `wanted` admits.
    pub(crate) fn nearest(&self, p: V, wanted: impl Fn(&Edge) -> bool) -> Option<Foot> {
        let mut best: Option<Foot> = None;
        for (edge, e) in self.edges.iter().enumerate() {
            let (low, high) = e.bounds;
            let gap = v(
                (low.x - p.x).max(p.x - high.x).max(0.0),
                (low.y - p.y).max(p.y - high.y).max(0.0),
            );
            if best.is_some_and(|b| norm(gap) > b.distance) || !wanted(e) {
                continue;
            }
            for segment in 0..e.pts.len() - 1 {
                let (at, _, distance) = project(p, e.pts[segment].v(), e.pts[segment + 1].v());
                if best.is_none_or(|b| distance < b.distance) {
                    best = Some(Foot {
                        edge,
                        segment,
                        at,
                        distance,
                    });
                }
            }
        }
        best
    }

    /// Makes a node at a place of an edge, splitting the edge there. A node
    /// or vertex within `reach` metres is taken instead of a new one.
    pub(crate) fn split(&mut self, foot: Foot, reach: f64) -> usize {
        let e = &self.edges[foot.edge];
        for end in [e.a, e.b] {
            if dist(self.nodes[end].v(), foot.at) <= reach {
                return end;
            }
        }
        let near = [foot.segment, foot.segment + 1]
            .into_iter()
            .filter(|&i| i > 0 && i + 1 < e.pts.len())
            .find(|&i| dist(e.pts[i].v(), foot.at) <= reach.min(2.0));
        let mut pts = e.pts.clone();
        let at = match near {
            Some(i) => i,
            None => {
                pts.insert(foot.segment + 1, Pt::snap(foot.at));
                foot.segment + 1
            }
        };
        let p = pts[at];
        if p == pts[0] {
            return e.a;
        }
        if p == pts[pts.len() - 1] {
            return e.b;
        }
        let node = self.node(p);
        let tail = pts.split_off(at);
        pts.push(p);
        let old = &mut self.edges[foot.edge];
        let (end, class, name) = (old.b, old.class, old.name.clone());
        old.bounds = bounds_pt(&pts);
        old.pts = pts;
        old.b = node;
        self.edges.push(Edge {
            a: node,
            b: end,
            bounds: bounds_pt(&tail),
            pts: tail,
            class,
            name,
        });
        node
    }

    /// Adds a street that may cross others: every crossing becomes a node.
    pub(crate) fn weave(&mut self, line: &[V], class: Class, name: &str) {
        let pts: Vec<Pt> = line.iter().map(|&p| Pt::snap(p)).collect();
        let mut stops: Vec<(f64, V)> = Vec::new();
        for (k, w) in pts.windows(2).enumerate() {
            let (a, b) = (w[0].v(), w[1].v());
            for e in &self.edges {
                for s in e.pts.windows(2) {
                    if let Some((t, _)) = crossing(a, b, s[0].v(), s[1].v()) {
                        stops.push((k as f64 + t, a + (b - a) * t));
                    }
                }
            }
        }
        stops.sort_by(|x, y| x.0.total_cmp(&y.0));
        stops.dedup_by(|x, y| dist(x.1, y.1) < 2.0);
        let mut piece = vec![pts[0]];
        let mut from = 0usize;
        for (at, place) in stops {
            let Some(foot) = self.nearest(place, |_| true) else {
                continue;
            };
            let id = self.split(foot, 3.0);
            let node = self.nodes[id];
            let upto = at.floor() as usize;
            piece.extend(pts[from + 1..=upto.max(from)].iter().copied());
            // A vertex closer than a metre to the crossing would make a kink.
            while piece.len() > 1 && dist(piece[piece.len() - 1].v(), node.v()) < 1.0 {
                piece.pop();
            }
            from = from.max(upto);
            if piece.len() == 1 && piece[0] == node {
                continue;
            }
            piece.push(node);
            let ready = std::mem::replace(&mut piece, vec![node]);
            self.push(ready, class, name);
        }
        piece.extend(pts[from + 1..].iter().copied());
        if piece.len() > 1 && length(&piece.iter().map(|p| p.v()).collect::<Vec<_>>()) > 1.0 {
            self.push(piece, class, name);
        }
    }

    /// Whether a line keeps `clear` metres from every edge and crosses none.
    /// Near its start (and near its end when `joins`) it may come as near as
    /// an angle of about 33 degrees with the street it leaves asks for.
    pub(crate) fn is_clear(&self, line: &[V], clear: f64, joins: bool) -> bool {
        let total = length(line);
        let (low, high) = bounds(line, clear);
        let near: Vec<&Edge> = self
            .edges
            .iter()
            .filter(|e| {
                let (a, b) = e.bounds;
                a.x <= high.x && b.x >= low.x && a.y <= high.y && b.y >= low.y
            })
            .collect();
        let segments: Vec<(V, V)> = near
            .iter()
            .flat_map(|e| e.pts.windows(2).map(|s| (s[0].v(), s[1].v())))
            .collect();
        let mut at = 2.0;
        while at < total {
            let (p, _) = along(line, at);
            let mut need = clear.min(0.55 * at);
            if joins {
                need = need.min(0.55 * (total - at));
            }
            if segments.iter().any(|&(a, b)| project(p, a, b).2 < need) {
                return false;
            }
            at += 4.0;
        }
        let end_cut = if joins { 0.3 } else { 0.0 };
        trimmed(line, 0.3, end_cut).windows(2).all(|w| {
            segments
                .iter()
                .all(|&(a, b)| crossing(w[0], w[1], a, b).is_none())
        })
    }

    /// Edges at each node.
    pub(crate) fn stars(&self) -> Vec<Vec<usize>> {
        let mut stars = vec![Vec::new(); self.nodes.len()];
        for (i, e) in self.edges.iter().enumerate() {
            stars[e.a].push(i);
            stars[e.b].push(i);
        }
        stars
    }

    /// The faces of the edges that `wanted` admits, dead ends left out:
    /// each is a counter-clockwise list of (edge, walked from a to b).
    pub(crate) fn faces(&self, wanted: impl Fn(usize) -> bool) -> Vec<Vec<(usize, bool)>> {
        let alive = self.without_dead_ends(wanted);
        // Directed edge 2e runs a→b, 2e+1 runs b→a.
        let mut out: Vec<Vec<(f64, usize)>> = vec![Vec::new(); self.nodes.len()];
        for (i, e) in self.edges.iter().enumerate() {
            if !alive[i] {
                continue;
            }
            let n = e.pts.len();
            let d = e.pts[1].v() - e.pts[0].v();
            out[e.a].push((d.y.atan2(d.x), 2 * i));
            let d = e.pts[n - 2].v() - e.pts[n - 1].v();
            out[e.b].push((d.y.atan2(d.x), 2 * i + 1));
        }
        for star in &mut out {
            star.sort_by(|x, y| x.0.total_cmp(&y.0));
        }
        let mut next = vec![usize::MAX; 2 * self.edges.len()];
        for star in &out {
            for k in 0..star.len() {
                // Arriving along the twin of `star[k]`, the face on the left
                // goes on with the next edge clockwise.
                let before = star[(k + star.len() - 1) % star.len()].1;
                next[star[k].1 ^ 1] = before;
            }
        }
        let mut seen = vec![false; next.len()];
        let mut faces = Vec::new();
        for start in 0..next.len() {
            if seen[start] || next[start] == usize::MAX {
                continue;
            }
            let mut face = Vec::new();
            let mut h = start;
            while !seen[h] {
                seen[h] = true;
                face.push((h / 2, h % 2 == 0));
                h = next[h];
            }
            let area: f64 = self.signed_area(&face);
            if area > 1.0 {
                faces.push(face);
            }
        }
        faces
    }

    fn without_dead_ends(&self, wanted: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut alive: Vec<bool> = (0..self.edges.len()).map(wanted).collect();
        let mut degree = vec![0usize; self.nodes.len()];
        for (e, _) in self.edges.iter().zip(&alive).filter(|(_, on)| **on) {
            degree[e.a] += 1;
            degree[e.b] += 1;
        }
        loop {
            let mut changed = false;
            for (i, e) in self.edges.iter().enumerate() {
                if alive[i] && (degree[e.a] == 1 || degree[e.b] == 1) {
                    alive[i] = false;
                    degree[e.a] -= 1;
                    degree[e.b] -= 1;
                    changed = true;
                }
            }
            if !changed {
                return alive;
            }
        }
    }

    fn signed_area(&self, face: &[(usize, bool)]) -> f64 {
        face.iter()
            .map(|&(e, forward)| {
                let sum: f64 = self.edges[e]
                    .pts
                    .windows(2)
                    .map(|w| cross(w[0].v(), w[1].v()))
                    .sum();
                if forward { sum / 2.0 } else { -sum / 2.0 }
            })
            .sum()
    }

    /// The ring of a face: its vertices, the first not repeated.
    pub(crate) fn ring(&self, face: &[(usize, bool)]) -> Vec<Pt> {
        let mut ring = Vec::new();
        for &(e, forward) in face {
            let pts = &self.edges[e].pts;
            let n = pts.len() - 1;
            if forward {
                ring.extend_from_slice(&pts[..n]);
            } else {
                ring.extend(pts[1..].iter().rev().copied());
            }
        }
        ring
    }
}

/// The ring in metres.
pub(crate) fn ring_v(ring: &[Pt]) -> Vec<V> {
    ring.iter().map(|p| p.v()).collect()
}

fn bounds(line: &[V], margin: f64) -> (V, V) {
    let mut low = V {
        x: f64::INFINITY,
        y: f64::INFINITY,
    };
    let mut high = V {
        x: f64::NEG_INFINITY,
        y: f64::NEG_INFINITY,
    };
    for p in line {
        low.x = low.x.min(p.x - margin);
        low.y = low.y.min(p.y - margin);
        high.x = high.x.max(p.x + margin);
        high.y = high.y.max(p.y + margin);
    }
    (low, high)
}

fn bounds_pt(pts: &[Pt]) -> (V, V) {
    let line: Vec<V> = pts.iter().map(|p| p.v()).collect();
    bounds(&line, 0.0)
}

/// The line without its first `start` and last `end` metres.
pub(crate) fn trimmed(line: &[V], start: f64, end: f64) -> Vec<V> {
    let total = length(line);
    if total <= start + end {
        return Vec::new();
    }
    let mut out = vec![along(line, start).0];
    let mut run = 0.0;
    for w in line.windows(2) {
        run += dist(w[0], w[1]);
        if run > start && run < total - end {
            out.push(w[1]);
        }
    }
    out.push(along(line, total - end).0);
    out
}
