//! An outline drawn by hand brought onto its neighbours' borders.

use geo::{Coord, MultiPolygon};

use super::super::lattice::{middle, rings_of};
use super::ring::{SAME_M, distance, foot, refuse_crossing, refuse_faults, remade, with_corners};
use super::{Changed, EditError};
use crate::crs::LocalFrame;

/// An outline that follows its neighbours.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapped {
    /// The outline.
    pub area: MultiPolygon<f64>,
    /// Neighbours that have corners more, where the outline meets their sides.
    pub neighbours: Vec<Changed>,
}

/// Moves corners within `tolerance_m` metres of a neighbour's corner or side
/// onto it, and lets sides follow the neighbours' corners as near.
///
/// # Errors
/// When the outline would then cross itself, or overlap more than before.
pub fn snap_to_neighbours(
    area: &MultiPolygon<f64>,
    neighbours: &[MultiPolygon<f64>],
    tolerance_m: f64,
) -> Result<Snapped, EditError> {
    let (center, _) = middle(area).ok_or(EditError::BadShape)?;
    if !tolerance_m.is_finite()
        || !neighbours
            .iter()
            .all(|n| n.0.is_empty() || middle(n).is_some())
    {
        return Err(EditError::BadShape);
    }
    let frame = LocalFrame::new(center);
    let sides: Vec<(Coord, Coord)> = neighbours
        .iter()
        .flatten()
        .flat_map(rings_of)
        .flat_map(|ring| ring.0.windows(2).map(|w| (w[0], w[1])))
        .collect();
    let snapped = |c: Coord| onto(&frame, &sides, c, tolerance_m);
    let moved = remade(area, |a, _| vec![snapped(a)]);
    let followed = remade(&moved, |a, b| {
        let near = sides.iter().map(|s| s.0);
        let mut on: Vec<(f64, Coord)> = near
            .filter(|c| distance(&frame, *c, a) > SAME_M && distance(&frame, *c, b) > SAME_M)
            .map(|c| (foot(&frame, a, b, c), c))
            .filter(|((_, along, d), _)| *d <= tolerance_m && *along > 0.0 && *along < 1.0)
            .map(|((_, along, _), c)| (along, c))
            .collect();
        on.sort_by(|x, y| {
            let by_place = || (x.1.x.total_cmp(&y.1.x)).then(x.1.y.total_cmp(&y.1.y));
            x.0.total_cmp(&y.0).then_with(by_place)
        });
        std::iter::once(a)
            .chain(on.into_iter().map(|(_, c)| c))
            .collect()
    });
    let corners: Vec<Coord> = followed
        .iter()
        .flat_map(rings_of)
        .flat_map(|ring| ring.0.iter().copied())
        .collect();
    refuse_crossing(&followed)?;
    let changed: Vec<Changed> = neighbours
        .iter()
        .enumerate()
        .filter_map(|(at, n)| {
            let area = with_corners(n, &corners)?;
            Some(Changed { at, area })
        })
        .collect();
    let mut before: Vec<&MultiPolygon> = neighbours.iter().collect();
    let mut after = before.clone();
    for change in &changed {
        after[change.at] = &change.area;
    }
    before.push(area);
    after.push(&followed);
    match refuse_faults(&before, &after) {
        // Gaps may close or be enclosed where the outline now touches.
        Ok(()) | Err(EditError::Gap { .. }) => {}
        Err(other) => return Err(other),
    }
    Ok(Snapped {
        area: followed,
        neighbours: changed,
    })
}

/// The corner, else the place on a side, that is near enough; else `c` itself.
fn onto(frame: &LocalFrame, sides: &[(Coord, Coord)], c: Coord, tolerance_m: f64) -> Coord {
    let corner = sides
        .iter()
        .map(|s| (distance(frame, s.0, c), s.0))
        .filter(|(d, _)| *d <= tolerance_m)
        .min_by(|x, y| x.0.total_cmp(&y.0));
    if let Some((_, corner)) = corner {
        return corner;
    }
    sides
        .iter()
        .map(|s| foot(frame, s.0, s.1, c))
        .filter(|(_, _, d)| *d <= tolerance_m)
        .min_by(|x, y| x.2.total_cmp(&y.2))
        .map_or(c, |(at, _, _)| at)
}
