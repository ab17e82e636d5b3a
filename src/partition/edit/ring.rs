//! Rings with more or other corners.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use super::super::dissolve::key;
use super::super::lattice::rings_of;
use super::EditError;
use super::overlay::{NOTHING_M2, Overlay};
use crate::crs::LocalFrame;

/// What is nearer than a millimetre is the same place, m.
pub(super) const SAME_M: f64 = 0.001;

/// The place of a side nearest to `p`, its fraction along it, and the distance.
pub(super) fn foot(frame: &LocalFrame, a: Coord, b: Coord, p: Coord) -> (Coord, f64, f64) {
    let (a, b, p) = (frame.to_meters(a), frame.to_meters(b), frame.to_meters(p));
    let d = b - a;
    let length2 = d.x * d.x + d.y * d.y;
    let along = if length2 > 0.0 {
        (((p - a).x * d.x + (p - a).y * d.y) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let at = a + d * along;
    (frame.to_degrees(at), along, (p.x - at.x).hypot(p.y - at.y))
}

/// Distance of two places, m.
pub(super) fn distance(frame: &LocalFrame, a: Coord, b: Coord) -> f64 {
    let d = frame.to_meters(a) - frame.to_meters(b);
    d.x.hypot(d.y)
}

/// Every ring made anew from its sides: `sides` gets the start and the end of
/// a side and gives the places from the start up to, not with, the end.
pub(super) fn remade(
    area: &MultiPolygon,
    mut sides: impl FnMut(Coord, Coord) -> Vec<Coord>,
) -> MultiPolygon {
    let mut ring = |ring: &LineString| {
        let mut out: Vec<Coord> = ring.0.windows(2).flat_map(|w| sides(w[0], w[1])).collect();
        tidy(&mut out);
        LineString(out)
    };
    let part = |p: &Polygon| {
        let mut rings = rings_of(p).map(&mut ring);
        let outer = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Polygon::new(outer, rings.filter(|r| r.0.len() > 3).collect())
    };
    MultiPolygon(area.iter().map(part).collect())
}

/// Takes out repeated places and spikes, and closes the ring.
fn tidy(ring: &mut Vec<Coord>) {
    loop {
        let before = ring.len();
        ring.dedup_by(|a, b| key(*a) == key(*b));
        while ring.len() > 1 && key(ring[0]) == key(ring[ring.len() - 1]) {
            ring.pop();
        }
        let n = ring.len();
        if let Some(i) = (0..n).find(|i| n > 2 && key(ring[*i]) == key(ring[(i + 2) % n])) {
            ring.remove((i + 1) % n);
        }
        if ring.len() == before {
            break;
        }
    }
    ring.extend(ring.first().copied());
}

/// The area with these corners wherever they lie on its sides; `None` when
/// none does.
pub(super) fn with_corners(area: &MultiPolygon, corners: &[Coord]) -> Option<MultiPolygon> {
    let frame = LocalFrame::new(*corners.first()?);
    let mut found = false;
    let out = remade(area, |a, b| {
        let mut on: Vec<(f64, Coord)> = corners
            .iter()
            .filter(|c| distance(&frame, a, **c) > SAME_M && distance(&frame, b, **c) > SAME_M)
            .map(|c| (foot(&frame, a, b, *c), *c))
            .filter(|((_, _, d), _)| *d <= SAME_M)
            .map(|((_, along, _), c)| (along, c))
            .collect();
        found |= !on.is_empty();
        on.sort_by(|x, y| x.0.total_cmp(&y.0));
        std::iter::once(a)
            .chain(on.into_iter().map(|(_, c)| c))
            .collect()
    });
    found.then_some(out)
}

/// Refuses an area whose rings cross or fall together.
pub(super) fn refuse_crossing(area: &MultiPolygon) -> Result<(), EditError> {
    let overlay = Overlay::new(&[area], None, 0.0)?;
    let rings: usize = area.iter().map(|p| 1 + p.interiors().len()).sum();
    let short = area.iter().flat_map(rings_of).any(|r| r.0.len() < 4);
    let inside = overlay.inside();
    let simple = overlay
        .arrangement
        .winding
        .iter()
        .all(|w| (0..=1).contains(w));
    // Each ring bounds one face more; a ring that touches itself makes others.
    let faces = overlay.arrangement.winding.len() - 1;
    if short || !simple || faces != rings || inside.len() != area.0.len() {
        return Err(EditError::Crosses);
    }
    Ok(())
}

/// Refuses areas that overlap, or enclose gaps, more than others did before.
pub(super) fn refuse_faults(
    before: &[&MultiPolygon],
    after: &[&MultiPolygon],
) -> Result<(), EditError> {
    let (before, after) = (
        Overlay::new(before, None, 0.0)?,
        Overlay::new(after, None, 0.0)?,
    );
    let more = after.overlap_m2() - before.overlap_m2();
    if more > NOTHING_M2 {
        return Err(EditError::Overlap { area_m2: more });
    }
    let more = after.gap_m2() - before.gap_m2();
    if more > NOTHING_M2 {
        return Err(EditError::Gap { area_m2: more });
    }
    Ok(())
}
