//! Shapes of rows against shapes of a filter.

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{BoundingRect, Geometry, Point, Relate};

use super::ast::Spatial;
use super::eval::Place;
use crate::query::FeatureRef;
use crate::tile::Bounds;

/// A shape of the filter with its envelope.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    shape: Geometry<f64>,
    envelope: Option<geo::Rect<f64>>,
}

impl Literal {
    pub(super) fn new(shape: Geometry<f64>) -> Literal {
        let envelope = shape.bounding_rect();
        Literal { shape, envelope }
    }

    /// The envelope in degrees.
    pub(super) fn bounds(&self) -> Option<Bounds> {
        self.envelope.map(|rect| Bounds {
            west: rect.min().x,
            south: rect.min().y,
            east: rect.max().x,
            north: rect.max().y,
        })
    }
}

/// Whether the relation holds; unknown for a row without a place.
pub(super) fn relates(how: Spatial, a: &Place, b: &Place, row: &FeatureRef<'_>) -> Option<bool> {
    match (a, b) {
        (Place::Literal(a), Place::Literal(b)) => Some(shapes(how, &a.shape, &b.shape)),
        (Place::Own, Place::Own) => {
            let own = row.geometry()?;
            Some(shapes(how, &own, &own))
        }
        (Place::Own, Place::Literal(other)) => own(how, row, other, false),
        (Place::Literal(other), Place::Own) => own(how, row, other, true),
    }
}

/// The row's shape on the left, or on the right when turned.
fn own(how: Spatial, row: &FeatureRef<'_>, other: &Literal, turned: bool) -> Option<bool> {
    if let FeatureRef::Incident(incident) = row {
        let at = Point(incident.at()?);
        if let Some(yes) = point(how, at, &other.shape, turned) {
            return Some(yes);
        }
    }
    let own = row.geometry()?;
    let apart = match (own.bounding_rect(), other.envelope) {
        (Some(a), Some(b)) => {
            a.max().x < b.min().x
                || b.max().x < a.min().x
                || a.max().y < b.min().y
                || b.max().y < a.min().y
        }
        _ => false,
    };
    if apart {
        return Some(how == Spatial::Disjoint);
    }
    Some(if turned {
        shapes(how, &other.shape, &own)
    } else {
        shapes(how, &own, &other.shape)
    })
}

/// A point against an area, by far the most common question; `None` for
/// another shape.
fn point(how: Spatial, at: Point<f64>, area: &Geometry<f64>, turned: bool) -> Option<bool> {
    let position = match area {
        Geometry::Polygon(area) => area.coordinate_position(&at.0),
        Geometry::MultiPolygon(area) => area.coordinate_position(&at.0),
        _ => return None,
    };
    Some(match (how, turned) {
        (Spatial::Intersects, _) => position != CoordPos::Outside,
        (Spatial::Disjoint, _) => position == CoordPos::Outside,
        (Spatial::Within, false) | (Spatial::Contains, true) => position == CoordPos::Inside,
        (Spatial::Touches, _) => position == CoordPos::OnBoundary,
        // A point has no room for the rest.
        _ => false,
    })
}

/// By the matrix of nine intersections.
pub(super) fn shapes(how: Spatial, a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
    let matrix = a.relate(b);
    match how {
        Spatial::Intersects => matrix.is_intersects(),
        Spatial::Disjoint => matrix.is_disjoint(),
        Spatial::Within => matrix.is_within(),
        Spatial::Contains => matrix.is_contains(),
        Spatial::Equals => matrix.is_equal_topo(),
        Spatial::Touches => matrix.is_touches(),
        Spatial::Crosses => matrix.is_crosses(),
        Spatial::Overlaps => matrix.is_overlaps(),
    }
}
