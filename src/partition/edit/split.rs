//! One grid cut in two by a line.

use std::collections::BTreeSet;

use geo::{Coord, LineString, MultiPolygon};

use super::super::dissolve::key;
use super::super::lattice::rings_of;
use super::overlay::Overlay;
use super::ring::with_corners;
use super::{Changed, EditError};

/// A piece smaller than this is a slip of the hand, m².
const LEAST_M2: f64 = 10.0;

/// The two halves of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// The halves, the larger first. Other parts of a grid that is not one
    /// piece stay with the larger half.
    pub parts: [MultiPolygon<f64>; 2],
    /// Neighbours that have a corner more, where the line meets their border.
    pub neighbours: Vec<Changed>,
}

/// Splits `grids[which]` along a line. Ends within `snap_m` metres of the
/// border reach it; what lies outside is ignored.
///
/// # Errors
/// When the line does not run through the grid once from border to border.
pub fn split_grid(
    grids: &[MultiPolygon<f64>],
    which: usize,
    line: &LineString<f64>,
    snap_m: f64,
) -> Result<Split, EditError> {
    let grid = grids.get(which).ok_or(EditError::UnknownGrid)?;
    if grid.0.is_empty() || !snap_m.is_finite() {
        return Err(EditError::BadShape);
    }
    if !line.0.iter().all(|c| c.x.is_finite() && c.y.is_finite()) {
        return Err(EditError::BadShape);
    }
    let overlay = Overlay::new(&[grid], Some(line), snap_m.clamp(0.0, 50.0))?;
    let mut faces = overlay.inside();
    let parts = grid.0.len();
    if faces.len() <= parts {
        return Err(EditError::NotThrough);
    }
    if faces.len() > parts + 1 {
        let parts = faces.len() - parts + 1;
        return Err(EditError::ManyParts { parts });
    }
    // The two faces on both hands of the line; the rest are other parts.
    let arrangement = &overlay.arrangement;
    let halves: BTreeSet<usize> = (0..arrangement.face.len())
        .filter(|h| !arrangement.sides[h / 2].rigid)
        .map(|h| arrangement.face[h])
        .filter(|f| faces.contains(f))
        .collect();
    let small = halves.iter().copied().min_by(|a, b| {
        let area = |f: &usize| overlay.area_m2(*f);
        area(a).total_cmp(&area(b))
    });
    let small = small.ok_or(EditError::NotThrough)?;
    let area_m2 = overlay.area_m2(small);
    if area_m2 < LEAST_M2 {
        return Err(EditError::TooSmall { area_m2 });
    }
    faces.retain(|f| *f != small);
    let known: BTreeSet<_> = grid
        .iter()
        .flat_map(rings_of)
        .flat_map(|r| &r.0)
        .map(|c| key(*c))
        .collect();
    let corners = overlay.corners().into_iter();
    let new: Vec<Coord> = corners.filter(|c| !known.contains(&key(*c))).collect();
    let others = grids.iter().enumerate().filter(|(at, _)| *at != which);
    let neighbours = others
        .filter_map(|(at, area)| {
            let area = with_corners(area, &new)?;
            Some(Changed { at, area })
        })
        .collect();
    Ok(Split {
        parts: [
            overlay.union(|f| faces.contains(&f)),
            overlay.union(|f| f == small),
        ],
        neighbours,
    })
}
