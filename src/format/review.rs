//! What only shows when all rows are there: places far from the others.

use geo::{BoundingRect, Coord};

use super::options::Report;
use super::problem::{Code, Problem, Severity};
use crate::model::Entity;

/// Degrees from the median place beyond which a row is warned of.
const FAR_DEG: f64 = 2.0;

/// Adds the warnings.
pub(super) fn review<T: Entity>(items: &[T], rows: &[u64], report: &mut Report) {
    let places: Vec<Option<Coord>> = items
        .iter()
        .map(|item| item.geometry()?.bounding_rect().map(|r| r.center()))
        .collect();
    let median = |axis: fn(&Coord) -> f64| {
        let mut all: Vec<f64> = places.iter().flatten().map(axis).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    };
    let (Some(x), Some(y)) = (median(|p| p.x), median(|p| p.y)) else {
        return;
    };
    for (place, row) in places.iter().zip(rows) {
        if let Some(p) = place
            && ((p.x - x).abs() > FAR_DEG || (p.y - y).abs() > FAR_DEG)
        {
            report.add(Problem {
                row: Some(*row),
                column: None,
                code: Code::OutsideArea,
                reason: format!("{}, {} is far from the other rows", p.x, p.y),
                severity: Severity::Warning,
            });
        }
    }
}
