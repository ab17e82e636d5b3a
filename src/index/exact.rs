//! Predicates that decide: exact for the numbers given, edges included.

use geo::{Coord, MultiPolygon};

/// A position rounded to 1e-7 degree (1.1 cm), as incidents are kept.
pub fn round_e7(at: Coord<f64>) -> Coord<f64> {
    Coord {
        x: (at.x * 1e7).round() / 1e7,
        y: (at.y * 1e7).round() / 1e7,
    }
}

/// True if the point lies in the area or on its edge.
pub fn covers(_area: &MultiPolygon<f64>, _at: Coord<f64>) -> bool {
    todo!()
}
