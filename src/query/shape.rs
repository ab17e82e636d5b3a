//! Shapes borrowed from rows, with exact tests and distances in metres.

use geo::{Coord, Geometry, Intersects, LineString, MultiLineString, MultiPolygon, Polygon};

use crate::crs::LocalFrame;
use crate::index::covers;
use crate::tile::Bounds;

/// A borrowed shape.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape<'s> {
    Point(Coord<f64>),
    Lines(&'s MultiLineString<f64>),
    Area(&'s MultiPolygon<f64>),
    /// What a compound may be; anything in principle.
    Any(&'s Geometry<f64>),
}

impl Shape<'_> {
    /// True if the shape and the area share a point, edges included.
    pub(super) fn touches(&self, area: &MultiPolygon<f64>) -> bool {
        match self {
            Shape::Point(at) => covers(area, *at),
            Shape::Lines(lines) => area.intersects(*lines),
            Shape::Area(other) => area.intersects(*other),
            Shape::Any(Geometry::Point(at)) => covers(area, at.0),
            Shape::Any(geometry) => area.intersects(*geometry),
        }
    }

    /// True if the point lies in the shape or on it; a line covers nothing.
    pub(super) fn covers(&self, at: Coord<f64>) -> bool {
        match self {
            Shape::Area(area) => covers(area, at),
            Shape::Any(geometry) => geometry_covers(geometry, at),
            Shape::Point(_) | Shape::Lines(_) => false,
        }
    }

    /// Metres from the center of the frame; 0 inside an area. `None` for a
    /// shape without points.
    pub(super) fn distance_m(&self, frame: &LocalFrame) -> Option<f64> {
        if self.covers(frame.center()) {
            return Some(0.0);
        }
        let mut nearest: Option<f64> = None;
        self.each_segment(&mut |a, b| {
            let origin = Coord { x: 0.0, y: 0.0 };
            let d = to_segment(origin, frame.to_meters(a), frame.to_meters(b));
            nearest = Some(nearest.map_or(d, |n| n.min(d)));
        });
        nearest
    }

    /// Metres between the shape and a line, both in one frame; 0 if they meet.
    pub(super) fn distance_to_line_m(
        &self,
        frame: &LocalFrame,
        line: &MultiLineString<f64>,
    ) -> Option<f64> {
        let starts = line.iter().filter_map(|part| part.0.first());
        if starts.into_iter().any(|&start| self.covers(start)) {
            return Some(0.0);
        }
        let mut nearest: Option<f64> = None;
        self.each_segment(&mut |a, b| {
            let own = (frame.to_meters(a), frame.to_meters(b));
            segments(line, &mut |c, d| {
                let d = between(own, (frame.to_meters(c), frame.to_meters(d)));
                nearest = Some(nearest.map_or(d, |n| n.min(d)));
            });
        });
        nearest
    }

    /// Every segment; a point is one without length.
    fn each_segment(&self, visit: &mut dyn FnMut(Coord<f64>, Coord<f64>)) {
        match self {
            Shape::Point(at) => visit(*at, *at),
            Shape::Lines(lines) => segments(lines, visit),
            Shape::Area(area) => area.iter().for_each(|p| polygon_segments(p, visit)),
            Shape::Any(geometry) => geometry_segments(geometry, visit),
        }
    }
}

fn geometry_covers(geometry: &Geometry<f64>, at: Coord<f64>) -> bool {
    match geometry {
        Geometry::Polygon(polygon) => covers(&MultiPolygon(vec![polygon.clone()]), at),
        Geometry::MultiPolygon(area) => covers(area, at),
        Geometry::GeometryCollection(parts) => parts.iter().any(|part| geometry_covers(part, at)),
        _ => false,
    }
}

fn geometry_segments(geometry: &Geometry<f64>, visit: &mut dyn FnMut(Coord<f64>, Coord<f64>)) {
    match geometry {
        Geometry::Point(at) => visit(at.0, at.0),
        Geometry::MultiPoint(points) => points.iter().for_each(|at| visit(at.0, at.0)),
        Geometry::Line(line) => visit(line.start, line.end),
        Geometry::LineString(line) => line_segments(line, visit),
        Geometry::MultiLineString(lines) => segments(lines, visit),
        Geometry::Polygon(polygon) => polygon_segments(polygon, visit),
        Geometry::MultiPolygon(area) => area.iter().for_each(|p| polygon_segments(p, visit)),
        Geometry::GeometryCollection(parts) => {
            parts.iter().for_each(|part| geometry_segments(part, visit));
        }
        Geometry::Rect(rect) => polygon_segments(&rect.to_polygon(), visit),
        Geometry::Triangle(triangle) => polygon_segments(&triangle.to_polygon(), visit),
    }
}

fn polygon_segments(polygon: &Polygon<f64>, visit: &mut dyn FnMut(Coord<f64>, Coord<f64>)) {
    line_segments(polygon.exterior(), visit);
    polygon
        .interiors()
        .iter()
        .for_each(|ring| line_segments(ring, visit));
}

/// Every segment of some lines; a line of one point is one without length.
pub(super) fn segments(
    lines: &MultiLineString<f64>,
    visit: &mut dyn FnMut(Coord<f64>, Coord<f64>),
) {
    lines.iter().for_each(|line| line_segments(line, visit));
}

fn line_segments(line: &LineString<f64>, visit: &mut dyn FnMut(Coord<f64>, Coord<f64>)) {
    if let [only] = line.0[..] {
        visit(only, only);
    }
    line.0.windows(2).for_each(|pair| visit(pair[0], pair[1]));
}

/// Distance of a point from a segment, both in metres.
pub(super) fn to_segment(p: Coord<f64>, a: Coord<f64>, b: Coord<f64>) -> f64 {
    let (d, v) = (b - a, p - a);
    let length2 = d.x * d.x + d.y * d.y;
    let t = if length2 > 0.0 {
        ((v.x * d.x + v.y * d.y) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (v.x - t * d.x).hypot(v.y - t * d.y)
}

fn between(one: (Coord<f64>, Coord<f64>), other: (Coord<f64>, Coord<f64>)) -> f64 {
    let line = |(start, end)| geo::Line::new(start, end);
    if line(one).intersects(&line(other)) {
        return 0.0;
    }
    let ends = [
        to_segment(one.0, other.0, other.1),
        to_segment(one.1, other.0, other.1),
        to_segment(other.0, one.0, one.1),
        to_segment(other.1, one.0, one.1),
    ];
    ends.into_iter().fold(f64::INFINITY, f64::min)
}

/// A box in degrees as an area.
pub(super) fn area_of(bounds: &Bounds) -> MultiPolygon<f64> {
    let min = Coord {
        x: bounds.west,
        y: bounds.south,
    };
    let max = Coord {
        x: bounds.east,
        y: bounds.north,
    };
    MultiPolygon(vec![geo::Rect::new(min, max).to_polygon()])
}

/// The box in degrees around another that is some metres larger on each side.
pub(super) fn grown(bounds: &Bounds, frame: &LocalFrame, margin_m: f64) -> Bounds {
    let (east_m, north_m) = frame.meters_per_degree();
    // A hair more than asked: the box finds candidates, distances decide.
    let margin = |per_degree: f64| margin_m / per_degree * (1.0 + 1e-9) + 1e-9;
    Bounds {
        west: bounds.west - margin(east_m),
        south: bounds.south - margin(north_m),
        east: bounds.east + margin(east_m),
        north: bounds.north + margin(north_m),
    }
}
