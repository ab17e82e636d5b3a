//! Several grids made one.

use geo::MultiPolygon;

use super::EditError;
use super::overlay::{NOTHING_M2, Overlay};

/// The union of grids that share borders. Corners stay where they are; slits
/// below a sheet of paper between them are closed.
///
/// # Errors
/// When the grids are not connected by borders, or lie over each other.
pub fn merge_grids(grids: &[&MultiPolygon<f64>]) -> Result<MultiPolygon<f64>, EditError> {
    let overlay = Overlay::new(grids, None, 0.0)?;
    let area_m2 = overlay.overlap_m2();
    if area_m2 > NOTHING_M2 {
        return Err(EditError::Overlap { area_m2 });
    }
    let winding = &overlay.arrangement.winding;
    let union = overlay.union(|face| {
        let slit = face != 0 && overlay.area_m2(face) < NOTHING_M2;
        winding[face] != 0 || slit
    });
    let parts: usize = grids.iter().map(|g| g.0.len().saturating_sub(1)).sum();
    if union.0.is_empty() {
        return Err(EditError::BadShape);
    }
    if union.0.len() > parts + 1 {
        return Err(EditError::NotAdjacent);
    }
    Ok(union)
}
