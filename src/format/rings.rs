//! Whether polygons are valid, by a tree of segments: `geo`'s own check takes
//! time with the square of the corners (30 s at 100,000; this one half a second).

use std::collections::HashMap;

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line, LineString, MultiPolygon, Polygon};
use rstar::{AABB, RTree, RTreeObject};

use super::problem::{Code, Refusal};
use super::reason::Reason;

/// A side of a ring: part, ring (0 is the outer one), number.
struct Side {
    line: Line,
    part: usize,
    ring: usize,
    number: usize,
    /// Sides in the ring.
    of: usize,
}

impl RTreeObject for Side {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        let Line { start, end } = self.line;
        AABB::from_corners([start.x, start.y], [end.x, end.y])
    }
}

/// Whether an area that was not read from a file is valid: its rings are closed
/// and have three corners or more, nothing crosses.
///
/// # Errors
/// The first thing that makes it invalid.
pub fn check_rings(area: &MultiPolygon) -> Result<(), Reason> {
    let mut rings = area
        .iter()
        .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    if area.0.is_empty() || rings.any(|ring| ring.0.len() < 4) {
        return Err(Reason::RingTooShort);
    }
    check(area).map_err(|refusal| refusal.reason)
}

/// Checks closed rings of four places or more, no two equal in a row.
///
/// # Errors
/// The first thing that makes the area invalid.
pub(super) fn check(area: &MultiPolygon) -> Result<(), Refusal> {
    let mut sides = Vec::new();
    for (part, polygon) in area.iter().enumerate() {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        for (ring, line) in rings.enumerate() {
            if is_line(line) {
                return Err(Refusal::new(Code::ZeroArea, Reason::RingWithoutArea));
            }
            let of = line.0.len() - 1;
            sides.extend(line.lines().enumerate().map(|(number, line)| Side {
                line,
                part,
                ring,
                number,
                of,
            }));
        }
    }
    let tree = RTree::bulk_load(sides);
    let joints = crossings(&tree)?;
    let mut rings = area
        .iter()
        .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    if rings.any(is_flat) {
        return Err(Refusal::new(Code::ZeroArea, Reason::RingWithoutArea));
    }
    nesting(area)?;
    for ((a, b), points) in joints {
        let (a, b) = (&area.0[a], &area.0[b]);
        if points.len() > 1 && (runs_inside(a, b, &points) || runs_inside(b, a, &points)) {
            return Err(Refusal::new(Code::PartsOverlap, Reason::PartsOverlap));
        }
    }
    Ok(())
}

/// Every corner on one line.
fn is_line(ring: &LineString) -> bool {
    let (a, b) = (ring.0[0], ring.0[1]);
    ring.0
        .iter()
        .all(|c| RobustKernel::orient2d(a, b, *c) == Orientation::Collinear)
}

/// Less area than a thousandth of a square metre.
fn is_flat(ring: &LineString) -> bool {
    let origin = ring.0[0];
    let twice: f64 = ring
        .lines()
        .map(|s| {
            let (a, b) = (s.start - origin, s.end - origin);
            a.x * b.y - a.y * b.x
        })
        .sum();
    twice.abs() < 1e-13
}

/// Places where two parts touch without their sides crossing.
type Joints = HashMap<(usize, usize), Vec<Coord>>;

fn crossings(tree: &RTree<Side>) -> Result<Joints, Refusal> {
    let mut joints = Joints::new();
    let mut touch = None;
    // Where two rings of one polygon touch; once is allowed.
    let mut touches: HashMap<(usize, usize, usize), Coord> = HashMap::new();
    for a in tree {
        for b in tree.locate_in_envelope_intersecting(a.envelope()) {
            let key = |s: &Side| (s.part, s.ring, s.number);
            if key(a) >= key(b) {
                continue;
            }
            let Some(hit) = line_intersection(a.line, b.line) else {
                continue;
            };
            if a.part == b.part && a.ring == b.ring {
                match in_one_ring(a, b, hit) {
                    // A crossing further on says more than a touch.
                    Err(refusal) if refusal.code == Code::SelfTouch => touch = Some(refusal),
                    other => other?,
                }
            } else {
                let point = between_rings(a, b, hit)?;
                if a.part == b.part {
                    let first = touches.entry((a.part, a.ring, b.ring)).or_insert(point);
                    if *first != point {
                        return Err(Refusal::new(
                            Code::SelfIntersection,
                            Reason::RingsTouchTwice,
                        ));
                    }
                } else {
                    let points = joints.entry((a.part, b.part)).or_default();
                    if !points.contains(&point) {
                        points.push(point);
                    }
                }
            }
        }
    }
    touch.map_or(Ok(joints), Err)
}

/// Whether a side of `a` runs inside of `b`. They touch at `points` only, so
/// between those a side is all inside or all outside.
fn runs_inside(a: &Polygon, b: &Polygon, points: &[Coord]) -> bool {
    use geo::coordinate_position::{CoordPos, CoordinatePosition};
    let rings = std::iter::once(a.exterior()).chain(a.interiors());
    rings.flat_map(LineString::lines).any(|side| {
        let along = |p: Coord| {
            let d = side.delta();
            ((p.x - side.start.x) * d.x + (p.y - side.start.y) * d.y) / (d.x * d.x + d.y * d.y)
        };
        let mut cuts: Vec<f64> = points
            .iter()
            .map(|p| along(*p))
            .filter(|t| *t > 0.0 && *t < 1.0)
            .chain([0.0, 1.0])
            .collect();
        cuts.sort_by(f64::total_cmp);
        cuts.windows(2).any(|w| {
            let middle = side.start + side.delta() * f64::midpoint(w[0], w[1]);
            b.coordinate_position(&middle) == CoordPos::Inside
        })
    })
}

fn in_one_ring(a: &Side, b: &Side, hit: LineIntersection<f64>) -> Result<(), Refusal> {
    let next = b.number - a.number == 1 || (a.number == 0 && b.number + 1 == a.of);
    match hit {
        LineIntersection::SinglePoint { .. } if next => Ok(()),
        LineIntersection::SinglePoint {
            intersection: p,
            is_proper: true,
        } => Err(Refusal::new(
            Code::SelfIntersection,
            Reason::RingCrosses { x: p.x, y: p.y },
        )),
        LineIntersection::SinglePoint {
            intersection: p, ..
        } => Err(Refusal::new(
            Code::SelfTouch,
            Reason::RingTouches { x: p.x, y: p.y },
        )),
        LineIntersection::Collinear { intersection } => {
            let p = intersection.start;
            Err(Refusal::new(
                Code::SelfIntersection,
                Reason::RingRunsOver { x: p.x, y: p.y },
            ))
        }
    }
}

/// The place where they touch.
fn between_rings(a: &Side, b: &Side, hit: LineIntersection<f64>) -> Result<Coord, Refusal> {
    let code = if a.part == b.part {
        Code::SelfIntersection
    } else {
        Code::PartsOverlap
    };
    match hit {
        LineIntersection::SinglePoint {
            intersection,
            is_proper: false,
        } => Ok(intersection),
        LineIntersection::SinglePoint {
            intersection: p, ..
        } => Err(Refusal::new(code, Reason::RingsCross { x: p.x, y: p.y })),
        LineIntersection::Collinear { intersection } => {
            let p = intersection.start;
            Err(Refusal::new(
                code,
                Reason::RingsShareSide { x: p.x, y: p.y },
            ))
        }
    }
}

/// With no crossings left, one corner of a ring tells where all of it is.
fn nesting(area: &MultiPolygon) -> Result<(), Refusal> {
    for polygon in area {
        let holes = polygon.interiors();
        for (n, hole) in holes.iter().enumerate() {
            if !is_inside(hole, polygon.exterior()) {
                return Err(Refusal::new(Code::HoleOutside, Reason::HoleOutside));
            }
            for other in &holes[n + 1..] {
                if is_inside(hole, other) || is_inside(other, hole) {
                    return Err(Refusal::new(Code::HolesOverlap, Reason::HoleInHole));
                }
            }
        }
    }
    for (n, a) in area.iter().enumerate() {
        for b in area.iter().skip(n + 1) {
            let within = |inner: &Polygon, outer: &Polygon| {
                is_inside(inner.exterior(), outer.exterior())
                    && !outer
                        .interiors()
                        .iter()
                        .any(|h| is_inside(inner.exterior(), h))
            };
            if within(a, b) || within(b, a) {
                return Err(Refusal::new(Code::PartsOverlap, Reason::PartOnPart));
            }
        }
    }
    Ok(())
}

/// Whether a ring lies inside another that it does not cross.
fn is_inside(inner: &LineString, outer: &LineString) -> bool {
    use geo::BoundingRect;
    use geo::coordinate_position::{CoordPos, CoordinatePosition};
    let (Some(a), Some(b)) = (inner.bounding_rect(), outer.bounding_rect()) else {
        return false;
    };
    if a.min().x < b.min().x
        || a.max().x > b.max().x
        || a.min().y < b.min().y
        || a.max().y > b.max().y
    {
        return false;
    }
    let outer = Polygon::new(outer.clone(), vec![]);
    // A corner on the border does not tell; the rings touch at most once.
    inner
        .0
        .iter()
        .map(|p| outer.coordinate_position(p))
        .find(|pos| *pos != CoordPos::OnBoundary)
        .is_some_and(|pos| pos == CoordPos::Inside)
}

#[cfg(test)]
mod tests {
    use geo::Validation;
    use rand::{Rng, SeedableRng};

    use super::*;

    fn ring(points: &[(f64, f64)]) -> LineString {
        let mut line = LineString::from(points.to_vec());
        line.close();
        line
    }

    #[test]
    fn agrees_with_the_slow_check() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        let (mut good, mut bad) = (0, 0);
        for _ in 0..4000 {
            let mut random = |n: usize| -> LineString {
                // On a small lattice, so that touching and running along happen.
                let mut points: Vec<(f64, f64)> = (0..n)
                    .map(|_| {
                        (
                            f64::from(rng.random_range(0..5)),
                            f64::from(rng.random_range(0..5)),
                        )
                    })
                    .collect();
                points.dedup();
                ring(&points)
            };
            let (outer, hole, part) = (random(5), random(3), random(4));
            if [&outer, &hole, &part].iter().any(|r| r.0.len() < 4) {
                continue;
            }
            let areas = [
                MultiPolygon(vec![Polygon::new(outer.clone(), vec![])]),
                MultiPolygon(vec![Polygon::new(outer.clone(), vec![hole])]),
                MultiPolygon(vec![
                    Polygon::new(outer, vec![]),
                    Polygon::new(part, vec![]),
                ]),
            ];
            for area in areas {
                let flat = area
                    .iter()
                    .any(|p| is_flat(p.exterior()) || p.interiors().iter().any(is_flat));
                let valid = area.is_valid() && !flat;
                // A hole that cuts the area in two is invalid by the standard;
                // `geo` lets it pass.
                if check(&area).is_err_and(|e| e.reason == Reason::RingsTouchTwice) {
                    continue;
                }
                assert_eq!(check(&area).is_ok(), valid, "{area:?} {:?}", check(&area));
                *(if valid { &mut good } else { &mut bad }) += 1;
            }
        }
        assert!(good > 300 && bad > 300, "{good} {bad}");
    }

    #[test]
    fn a_hundred_thousand_corners_are_not_compared_pair_by_pair() {
        let n = 100_000;
        let points: Vec<(f64, f64)> = (0..n)
            .map(|i| {
                let angle = f64::from(i) / f64::from(n) * std::f64::consts::TAU;
                let r = 0.1 + if i % 2 == 0 { 1e-5 } else { 0.0 };
                (117.0 + r * angle.cos(), 31.0 + r * angle.sin())
            })
            .collect();
        let start = std::time::Instant::now();
        check(&MultiPolygon(vec![Polygon::new(ring(&points), vec![])])).unwrap();
        // Five thousand million pairs would take minutes on any machine.
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}
