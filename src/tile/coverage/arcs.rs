//! Rings as sequences of arcs that neighbors share.

use std::collections::HashMap;

use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use super::super::rings::{Point, edges};
use super::super::shape::Area;
use super::super::simplify::distance_squared;

/// An arc in the course of a ring.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) arc: usize,
    pub(super) reversed: bool,
}

/// The borders of some areas.
#[derive(Debug)]
pub(super) struct Arcs {
    /// The points of each arc, two or more.
    pub(super) points: Vec<Vec<Point>>,
    /// For each ring of each area, in order, the arcs that make it.
    pub(super) rings: Vec<Vec<Step>>,
}

/// Cuts all rings where borders part or meet.
pub(super) fn cut(areas: &[&Area]) -> Arcs {
    let corners = corner_tree(areas);
    let rings: Vec<Vec<Point>> = areas
        .iter()
        .flat_map(|a| a.rings().iter())
        .map(|ring| with_corners_of_others(ring, &corners))
        .collect();
    let mut ends = junctions(&rings);
    for ring in &rings {
        anchor(ring, &mut ends);
    }
    let mut out = Arcs {
        points: Vec::new(),
        rings: Vec::new(),
    };
    let mut known: HashMap<Vec<Point>, usize> = HashMap::new();
    for ring in &rings {
        let steps = split(ring, &ends).into_iter().map(|mut points| {
            // The lesser direction stands for both.
            let reversed = points.iter().rev().lt(points.iter());
            if reversed {
                points.reverse();
            }
            let arc = *known.entry(points).or_insert_with_key(|points| {
                out.points.push(points.clone());
                out.points.len() - 1
            });
            Step { arc, reversed }
        });
        out.rings.push(steps.collect());
    }
    out
}

type Corner = GeomWithData<[f64; 2], Point>;

fn corner_tree(areas: &[&Area]) -> RTree<Corner> {
    let mut points: Vec<Point> = areas
        .iter()
        .flat_map(|a| a.rings().points().iter().copied())
        .collect();
    points.sort_unstable();
    points.dedup();
    RTree::bulk_load(
        points
            .into_iter()
            .map(|p| Corner::new([p[0] as f64, p[1] as f64], p))
            .collect(),
    )
}

/// The ring with a corner wherever another corner lies on one of its sides.
fn with_corners_of_others(ring: &[Point], corners: &RTree<Corner>) -> Vec<Point> {
    let mut out = Vec::with_capacity(ring.len());
    for (a, b) in edges(ring) {
        out.push(a);
        let low = [a[0].min(b[0]) - 1, a[1].min(b[1]) - 1].map(|v| v as f64);
        let high = [a[0].max(b[0]) + 1, a[1].max(b[1]) + 1].map(|v| v as f64);
        let along = |p: Point| {
            i128::from(p[0] - a[0]) * i128::from(b[0] - a[0])
                + i128::from(p[1] - a[1]) * i128::from(b[1] - a[1])
        };
        let mut on: Vec<Point> = corners
            .locate_in_envelope(AABB::from_corners(low, high))
            .map(|c| c.data)
            .filter(|p| *p != a && *p != b && distance_squared(*p, a, b) <= 1.0)
            .filter(|p| (1..along(b)).contains(&along(*p)))
            .collect();
        on.sort_unstable_by_key(|p| along(*p));
        out.extend(on);
    }
    out
}

/// How the borders run on from a corner.
#[derive(PartialEq, Eq)]
enum Corners {
    /// Between these two, whichever ring is asked.
    Through(Point, Point),
    /// More than two ways lead on.
    Junction,
}

/// The corners where arcs end.
fn junctions(rings: &[Vec<Point>]) -> HashMap<Point, bool> {
    let mut ways: HashMap<Point, Corners> = HashMap::new();
    for ring in rings {
        let n = ring.len();
        for i in 0..n {
            let (u, v) = (ring[(i + n - 1) % n], ring[(i + 1) % n]);
            let here = Corners::Through(u.min(v), u.max(v));
            ways.entry(ring[i])
                .and_modify(|w| {
                    if *w != here {
                        *w = Corners::Junction;
                    }
                })
                .or_insert(here);
        }
    }
    ways.into_iter()
        .map(|(p, w)| (p, w == Corners::Junction))
        .collect()
}

/// Makes sure that a ring has at least two ends far apart, chosen by its points
/// alone, so that every ring with the same points chooses the same.
fn anchor(ring: &[Point], ends: &mut HashMap<Point, bool>) {
    let is_end = |p: &Point, ends: &HashMap<Point, bool>| ends.get(p).copied().unwrap_or(false);
    let found = ring.iter().filter(|p| is_end(p, ends)).count();
    if found >= 2 {
        return;
    }
    let first = ring.iter().find(|p| is_end(p, ends)).or(ring.iter().min());
    let Some(&first) = first else { return };
    let far = |p: &Point| {
        let (dx, dy) = (i128::from(p[0] - first[0]), i128::from(p[1] - first[1]));
        (dx * dx + dy * dy, *p)
    };
    ends.insert(first, true);
    if let Some(&furthest) = ring.iter().max_by_key(|p| far(p)) {
        ends.insert(furthest, true);
    }
}

/// The stretches of a ring from end to end.
fn split(ring: &[Point], ends: &HashMap<Point, bool>) -> Vec<Vec<Point>> {
    let is_end = |p: &Point| ends.get(p).copied().unwrap_or(false);
    let start = ring.iter().position(is_end).unwrap_or(0);
    let mut out = Vec::new();
    let mut arc = vec![ring[start]];
    for i in 1..=ring.len() {
        let p = ring[(start + i) % ring.len()];
        arc.push(p);
        if is_end(&p) && i < ring.len() {
            out.push(std::mem::replace(&mut arc, vec![p]));
        }
    }
    out.push(arc);
    out
}
