mod balance;
mod edits;
mod faces;
mod hand;
mod hostile;

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, Coord, Geometry, LineString, MultiLineString, MultiPolygon, Polygon, Validation};

use super::dissolve::{directed, dissolve, key};
use super::*;
use crate::crs::LocalFrame;

/// Where the invented ground lies.
pub(super) const CENTER: Coord = Coord { x: 117.3, y: 31.88 };

/// Degrees of a place in metres.
pub(super) fn place(x: f64, y: f64) -> Coord {
    LocalFrame::new(CENTER).to_degrees(Coord { x, y })
}

pub(super) fn line(points: &[(f64, f64)]) -> BorderLine {
    let line = LineString(points.iter().map(|p| place(p.0, p.1)).collect());
    BorderLine {
        line: MultiLineString(vec![line]),
        class: BorderClass::Branch,
    }
}

pub(super) fn ring(points: &[(f64, f64)]) -> LineString {
    let mut ring: Vec<Coord> = points.iter().map(|p| place(p.0, p.1)).collect();
    ring.push(ring[0]);
    LineString(ring)
}

pub(super) fn polygon(points: &[(f64, f64)]) -> Polygon {
    Polygon::new(ring(points), vec![])
}

/// A rectangle with its lower left corner at `x`, `y`.
pub(super) fn rectangle(x: f64, y: f64, w: f64, h: f64) -> Polygon {
    polygon(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
}

pub(super) fn site(shape: Polygon, households: f64) -> Site {
    Site {
        shape: Geometry::Polygon(shape),
        households: Some(households),
    }
}

/// Ground in a square of `side` metres whose lower left corner is the center.
pub(super) fn square(side: f64, lines: Vec<BorderLine>) -> Ground {
    Ground {
        lines,
        boundary: rectangle(0.0, 0.0, side, side).into(),
        ..Ground::default()
    }
}

/// Streets `pitch` metres apart over a square of `n` by `n` blocks, reaching
/// a little beyond it.
pub(super) fn checkered(n: usize, pitch: f64) -> Ground {
    let side = n as f64 * pitch;
    let mut lines = Vec::new();
    for k in 1..n {
        let at = k as f64 * pitch;
        lines.push(line(&[(at, -5.0), (at, side + 5.0)]));
        lines.push(line(&[(-5.0, at), (side + 5.0, at)]));
    }
    square(side, lines)
}

pub(super) fn by(wanted: Wanted) -> Options {
    Options {
        wanted,
        starts: 2,
        rounds: 4,
        ..Options::default()
    }
}

fn planar(area: &MultiPolygon) -> f64 {
    area.unsigned_area()
}

/// Neither gap nor overlap: every side is walked once or in both directions,
/// and the areas sum up to that of the boundary.
pub(super) fn assert_tiles(parts: &[&MultiPolygon], boundary: &MultiPolygon) {
    let mut seen = BTreeSet::new();
    for (a, b) in directed(parts.iter().flat_map(|p| &p.0)) {
        assert!(
            seen.insert((key(a), key(b))),
            "two areas on one hand of a side"
        );
    }
    let sum: f64 = parts.iter().map(|p| planar(p)).sum();
    let whole = planar(&dissolve(parts.iter().flat_map(|p| &p.0)));
    let wanted = planar(boundary);
    assert!(
        (sum - whole).abs() / whole < 1e-9,
        "{sum} and union {whole}"
    );
    assert!((sum - wanted).abs() / wanted < 1e-9, "{sum} of {wanted}");
    for part in parts {
        assert!(part.is_valid(), "{part:?}");
    }
}

/// What every proposal must keep.
pub(super) fn assert_sound(proposal: &Proposal, ground: &Ground) {
    let faces: Vec<MultiPolygon> = proposal
        .faces
        .polygons
        .iter()
        .map(|p| p.clone().into())
        .collect();
    assert_tiles(&faces.iter().collect::<Vec<_>>(), &ground.boundary);
    let areas: Vec<&MultiPolygon> = proposal.grids.iter().map(|g| &g.area).collect();
    assert_tiles(&areas, &ground.boundary);
    let mut faces_seen = BTreeSet::new();
    for (number, grid) in proposal.grids.iter().enumerate() {
        for face in &grid.faces {
            assert!(faces_seen.insert(*face));
            assert_eq!(proposal.grid_of[*face as usize], number as u32);
        }
        for other in &grid.neighbours {
            assert!(
                proposal.grids[*other as usize]
                    .neighbours
                    .contains(&(number as u32))
            );
        }
    }
    assert_eq!(faces_seen.len(), proposal.faces.len());
    let households: f64 = proposal.grids.iter().map(|g| g.households).sum();
    let known: f64 = proposal.faces.households.iter().sum();
    assert!((households - known).abs() <= 1e-6 * known.max(1.0));
    assert_off_compounds(&areas, ground, proposal.options.overlap_m);
}

/// No border between grids runs deeper in a compound than allowed.
fn assert_off_compounds(areas: &[&MultiPolygon], ground: &Ground, depth_m: f64) {
    let frame = LocalFrame::new(CENTER);
    let meters = |c: &Coord| frame.to_meters(*c);
    let mut owners: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (number, area) in areas.iter().enumerate() {
        for (a, b) in directed(&area.0) {
            let side = (key(a).min(key(b)), key(a).max(key(b)));
            owners.entry(side).or_default().push(number);
        }
    }
    let ends = |side: &((u64, u64), (u64, u64))| {
        let degrees = |k: (u64, u64)| Coord {
            x: f64::from_bits(k.0),
            y: f64::from_bits(k.1),
        };
        (degrees(side.0), degrees(side.1))
    };
    for compound in &ground.compounds {
        let Geometry::Polygon(p) = &compound.shape else {
            continue;
        };
        let outer = p.exterior().0.iter().map(meters).collect();
        let outline = outline::Outline::new(std::iter::once(outer));
        for (side, _) in owners.iter().filter(|(_, o)| o.len() == 2) {
            let (a, b) = ends(side);
            let crossed = outline.is_crossed(meters(&a), meters(&b), depth_m + 0.01);
            assert!(!crossed, "a border runs through a compound");
        }
    }
}
