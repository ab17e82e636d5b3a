//! A corner moved in every grid that has it.

use geo::{BoundingRect, Coord, Intersects, MultiPolygon};

use super::super::lattice::rings_of;
use super::ring::{SAME_M, distance, foot, refuse_crossing, refuse_faults, remade};
use super::{Changed, EditError};
use crate::crs::LocalFrame;

/// Moves the corner nearest to `from`, at most `tolerance_m` metres away, to
/// `to`, in all grids that have it. A grid whose side runs through the corner
/// gets one there.
///
/// # Errors
/// When there is no corner, or a border would cross another one.
pub fn move_shared_vertices(
    grids: &[MultiPolygon<f64>],
    from: Coord<f64>,
    to: Coord<f64>,
    tolerance_m: f64,
) -> Result<Vec<Changed>, EditError> {
    let place = |c: Coord| c.x.is_finite() && c.y.is_finite() && c.y.abs() <= 90.0;
    if !place(from) || !place(to) {
        return Err(EditError::BadShape);
    }
    let frame = LocalFrame::new(from);
    let corner = grids
        .iter()
        .flatten()
        .flat_map(rings_of)
        .flat_map(|ring| ring.0.iter().copied())
        .map(|c| (distance(&frame, c, from), c))
        .filter(|(d, _)| *d <= tolerance_m)
        .min_by(|x, y| {
            let by_place = || (x.1.x.total_cmp(&y.1.x)).then(x.1.y.total_cmp(&y.1.y));
            x.0.total_cmp(&y.0).then_with(by_place)
        });
    let (_, corner) = corner.ok_or(EditError::NoCorner)?;
    let is_corner = |c: Coord| distance(&frame, c, corner) <= SAME_M;
    let mut changed = Vec::new();
    for (at, grid) in grids.iter().enumerate() {
        let mut touched = false;
        let area = remade(grid, |a, b| {
            if is_corner(a) {
                touched = true;
                return vec![to];
            }
            if !is_corner(b) && foot(&frame, a, b, corner).2 <= SAME_M {
                touched = true;
                return vec![a, to];
            }
            vec![a]
        });
        if touched {
            refuse_crossing(&area)?;
            changed.push(Changed { at, area });
        }
    }
    let near = |area: &MultiPolygon| {
        let Some(bounds) = area.bounding_rect() else {
            return false;
        };
        changed.iter().any(|c| {
            let now = c.area.bounding_rect();
            let was = grids[c.at].bounding_rect();
            now.into_iter().chain(was).any(|b| b.intersects(&bounds))
        })
    };
    let close: Vec<usize> = (0..grids.len()).filter(|i| near(&grids[*i])).collect();
    let before: Vec<&MultiPolygon> = close.iter().map(|i| &grids[*i]).collect();
    let after: Vec<&MultiPolygon> = close
        .iter()
        .map(|i| {
            let new = changed.iter().find(|c| c.at == *i);
            new.map_or(&grids[*i], |c| &c.area)
        })
        .collect();
    refuse_faults(&before, &after)?;
    Ok(changed)
}
