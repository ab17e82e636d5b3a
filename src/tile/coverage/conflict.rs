//! Which simplified arcs touch, cross or jump over one another.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::super::rings::{Point, inside, segments_conflict};

/// A stretch between two kept points of an arc.
struct Stretch {
    arc: usize,
    /// Positions of its ends in the arc.
    from: usize,
    to: usize,
}

/// The arcs that are in the way of others or of themselves, ascending.
/// `chosen` holds the positions of the points kept of each arc.
pub(super) fn arcs_in_the_way(arcs: &[Vec<Point>], chosen: &[Vec<usize>]) -> Vec<usize> {
    let stretches: Vec<Stretch> = chosen
        .iter()
        .enumerate()
        .flat_map(|(arc, chosen)| {
            chosen.windows(2).map(move |w| Stretch {
                arc,
                from: w[0],
                to: w[1],
            })
        })
        .collect();
    let tree = RTree::bulk_load(
        stretches
            .iter()
            .enumerate()
            .map(|(i, s)| {
                let (low, high) = corners(&[arcs[s.arc][s.from], arcs[s.arc][s.to]]);
                GeomWithData::new(Rectangle::from_corners(low, high), i)
            })
            .collect(),
    );
    let mut blocked = vec![false; arcs.len()];
    for (i, s) in stretches.iter().enumerate() {
        let course = &arcs[s.arc][s.from..=s.to];
        let (a, b) = (course[0], course[course.len() - 1]);
        let (low, high) = corners(course);
        for hit in tree.locate_in_envelope_intersecting(AABB::from_corners(low, high)) {
            let other = &stretches[hit.data];
            if hit.data == i {
                continue;
            }
            let (c, d) = (arcs[other.arc][other.from], arcs[other.arc][other.to]);
            if segments_conflict(a, b, c, d) || jumped(course, c) || jumped(course, d) {
                blocked[s.arc] = true;
                blocked[other.arc] = true;
            }
        }
    }
    (0..arcs.len()).filter(|i| blocked[*i]).collect()
}

/// Whether a kept point of another stretch lies between the course of an arc
/// and the straight line that replaces it.
fn jumped(course: &[Point], p: Point) -> bool {
    course.len() > 2 && !course.contains(&p) && inside(course, p)
}

fn corners(points: &[Point]) -> ([f64; 2], [f64; 2]) {
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for p in points {
        for i in 0..2 {
            low[i] = low[i].min(p[i] as f64);
            high[i] = high[i].max(p[i] as f64);
        }
    }
    (low, high)
}
