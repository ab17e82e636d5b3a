//! Simplifies areas that share borders so that they still share them.
//!
//! Borders are cut into arcs where more than two meet ([`arcs`]); each arc is
//! simplified once for both of its sides, and simplified less where two arcs
//! would come to touch or one would jump over another ([`conflict`]).

mod arcs;
mod conflict;

use arcs::{Arcs, cut};

use super::repair::Fill;
use super::rings::{Point, Rings, doubled_area};
use super::shape::{Area, tidy_ring};
use super::simplify::kept;

/// The areas with fewer points, in the same order. No border moves by more than
/// `tolerance` world units, places where three borders meet stay, and areas
/// that shared a border share the simplified one: there are neither gaps nor
/// overlaps that were not there before.
///
/// A corner of one area in the middle of another's side counts as shared, and
/// so do corners up to one unit (9 mm) beside it.
pub fn simplify_coverage(areas: &[&Area], tolerance: f64) -> Vec<Area> {
    if tolerance <= 0.0 {
        return areas.iter().map(|a| (*a).clone()).collect();
    }
    let arcs = cut(areas);
    let simple = simplify_arcs(&arcs, tolerance);
    let mut rings = arcs.rings.iter();
    areas
        .iter()
        .map(|area| rebuild(area, &mut rings, &simple))
        .collect()
}

/// Lowers the tolerance of arcs that are in each other's way until none is.
fn simplify_arcs(arcs: &Arcs, tolerance: f64) -> Vec<Vec<Point>> {
    let count = arcs.points.len();
    let mut allowed = vec![tolerance; count];
    let mut chosen: Vec<Vec<usize>> = arcs.points.iter().map(|p| kept(p, tolerance)).collect();
    loop {
        let blocked = conflict::arcs_in_the_way(&arcs.points, &chosen);
        let mut changed = false;
        for arc in blocked {
            if chosen[arc].len() == arcs.points[arc].len() {
                continue;
            }
            // Below half a unit there is nothing to gain.
            allowed[arc] = if allowed[arc] > 0.5 {
                allowed[arc] / 2.0
            } else {
                0.0
            };
            chosen[arc] = kept(&arcs.points[arc], allowed[arc]);
            changed = true;
        }
        if !changed {
            break;
        }
    }
    arcs.points
        .iter()
        .zip(chosen)
        .map(|(points, chosen)| chosen.into_iter().map(|i| points[i]).collect())
        .collect()
}

fn rebuild<'a>(
    area: &Area,
    rings: &mut impl Iterator<Item = &'a Vec<arcs::Step>>,
    simple: &[Vec<Point>],
) -> Area {
    let mut out = Rings::new();
    for (source, steps) in area.rings().iter().zip(rings) {
        let mut ring = Vec::new();
        for step in steps {
            let points = &simple[step.arc];
            let last = points.len() - 1;
            if step.reversed {
                ring.extend(points[1..].iter().rev());
            } else {
                ring.extend(&points[..last]);
            }
        }
        tidy_ring(&mut ring);
        if ring.len() >= 3 && (doubled_area(&ring) > 0) == (doubled_area(source) > 0) {
            out.push(&ring);
        }
    }
    Area::from_rings(out, Fill::Positive).unwrap_or_else(|| area.clone())
}

#[cfg(test)]
mod tests;
