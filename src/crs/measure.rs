//! Lengths and areas on the WGS84 ellipsoid, in metres.

use geo::{Coord, Distance, Geodesic, GeodesicArea, LineString, MultiPolygon, Point};

/// Distance between two lon/lat points along the ellipsoid, metres.
///
/// ```
/// use geo::Coord;
/// let a = Coord { x: 117.28, y: 31.89 };
/// let b = Coord { x: 117.29, y: 31.89 };
/// assert!((gridmap::crs::distance_m(a, b) - 946.0).abs() < 1.0);
/// ```
#[must_use]
pub fn distance_m(a: Coord, b: Coord) -> f64 {
    Geodesic.distance(Point(a), Point(b))
}

/// Length of a lon/lat line along the ellipsoid, metres.
#[must_use]
pub fn length_m(line: &LineString) -> f64 {
    line.lines().map(|s| distance_m(s.start, s.end)).sum()
}

/// Area of lon/lat polygons on the ellipsoid, square metres, holes taken
/// off, whatever way the rings run.
#[must_use]
pub fn area_m2(area: &MultiPolygon) -> f64 {
    area.iter()
        .map(|polygon| {
            let ring = |ring: &LineString| {
                geo::Polygon::new(ring.clone(), vec![])
                    .geodesic_area_signed()
                    .abs()
            };
            let holes: f64 = polygon.interiors().iter().map(ring).sum();
            ring(polygon.exterior()) - holes
        })
        .sum()
}
