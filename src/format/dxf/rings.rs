//! Rings from lines: ends that meet, rings inside of rings.

use std::collections::HashMap;

use geo::Coord;

use crate::format::shapefile::holds;

/// Ends closer than this part of the drawing's size meet: a centimetre in
/// ten kilometres.
const MEET: f64 = 1e-6;
/// The most lines that are chained.
const MAX_LINES: usize = 200_000;

/// A line with its layer.
type Layered = (String, Vec<Coord>);

/// The line as a ring, if its ends meet.
pub(super) fn closed(line: &[Coord]) -> Option<Vec<Coord>> {
    let (first, last) = (line.first()?, line.last()?);
    let [west, south, east, north] = bounds(line);
    let near = (east - west).max(north - south) * MEET;
    let meet = (first.x - last.x).abs() <= near && (first.y - last.y).abs() <= near;
    (line.len() >= 4 && meet).then(|| {
        let mut ring = line.to_vec();
        if let Some(end) = ring.last_mut() {
            *end = *first;
        }
        ring
    })
}

/// Lines of one layer whose ends meet in pairs, as rings; the others as they
/// were. An end where three lines meet belongs to no ring.
pub(super) fn chain(lines: Vec<Layered>) -> (Vec<Layered>, Vec<Layered>) {
    if lines.is_empty() || lines.len() > MAX_LINES {
        return (Vec::new(), lines);
    }
    let all: Vec<Coord> = lines.iter().flat_map(|(_, l)| l.iter().copied()).collect();
    let [west, south, east, north] = bounds(&all);
    let step = ((east - west).max(north - south) * MEET).max(f64::MIN_POSITIVE);
    // Ends fall on a lattice of that step, so that almost equal ones are one.
    #[expect(clippy::cast_possible_truncation, reason = "at most a million steps")]
    let knot = |layer: &str, at: Coord| {
        let x = ((at.x - west) / step).round() as i64;
        let y = ((at.y - south) / step).round() as i64;
        (layer.to_owned(), x, y)
    };
    let ends: Vec<[(String, i64, i64); 2]> = lines
        .iter()
        .map(|(layer, line)| [knot(layer, line[0]), knot(layer, line[line.len() - 1])])
        .collect();
    let mut at: HashMap<&(String, i64, i64), Vec<usize>> = HashMap::new();
    for (n, pair) in ends.iter().enumerate() {
        for end in pair {
            at.entry(end).or_default().push(n);
        }
    }
    let mut used = vec![false; lines.len()];
    let mut rings = Vec::new();
    for start in 0..lines.len() {
        if used[start] {
            continue;
        }
        if let Some(path) = walk(start, &ends, &at, &used) {
            let mut ring: Vec<Coord> = Vec::new();
            for (n, forward) in &path {
                let line = &lines[*n].1;
                let skip = usize::from(!ring.is_empty());
                if *forward {
                    ring.extend(line.iter().skip(skip));
                } else {
                    ring.extend(line.iter().rev().skip(skip));
                }
                used[*n] = true;
            }
            if let (Some(first), Some(last)) = (ring.first().copied(), ring.last_mut()) {
                *last = first;
            }
            if ring.len() >= 4 {
                rings.push((lines[start].0.clone(), ring));
            } else {
                for (n, _) in path {
                    used[n] = false;
                }
            }
        }
    }
    let left = lines
        .into_iter()
        .zip(used)
        .filter_map(|(line, used)| (!used).then_some(line));
    (rings, left.collect())
}

/// The way around from a line back to its start, each line with whether it
/// is gone along forwards; `None` where an end is loose or a fork.
fn walk(
    start: usize,
    ends: &[[(String, i64, i64); 2]],
    at: &HashMap<&(String, i64, i64), Vec<usize>>,
    used: &[bool],
) -> Option<Vec<(usize, bool)>> {
    let mut path = vec![(start, true)];
    let (mut now, mut end) = (start, &ends[start][1]);
    let goal = &ends[start][0];
    if end == goal {
        return Some(path);
    }
    while path.len() <= ends.len() {
        let [a, b] = at.get(end)?.as_slice() else {
            return None;
        };
        let next = if *a == now { *b } else { *a };
        if next == now || used[next] {
            return None;
        }
        let forward = ends[next][0] == *end;
        end = &ends[next][usize::from(forward)];
        path.push((next, forward));
        if end == goal {
            return Some(path);
        }
        now = next;
    }
    None
}

/// Rings as parts: an outer one with the rings inside of it as holes.
pub(super) fn nested(mut rings: Vec<Vec<Coord>>) -> Vec<Vec<Vec<Coord>>> {
    rings.sort_by(|a, b| area(b).total_cmp(&area(a)));
    let mut parts: Vec<Vec<Vec<Coord>>> = Vec::new();
    for ring in rings {
        let around = parts.iter().rposition(|part| {
            let inside = |outer: &Vec<Coord>| ring.first().is_some_and(|p| holds(outer, *p));
            inside(&part[0]) && !part[1..].iter().any(inside)
        });
        match around {
            Some(part) => parts[part].push(ring),
            None => parts.push(vec![ring]),
        }
    }
    parts
}

/// The area of a ring, in the units of the drawing.
pub(super) fn area(ring: &[Coord]) -> f64 {
    let Some(origin) = ring.first().copied() else {
        return 0.0;
    };
    let twice: f64 = ring
        .windows(2)
        .map(|w| {
            let (a, b) = (w[0] - origin, w[1] - origin);
            a.x * b.y - b.x * a.y
        })
        .sum();
    twice.abs() / 2.0
}

/// West, south, east, north.
pub(super) fn bounds(places: &[Coord]) -> [f64; 4] {
    places.iter().fold(
        [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ],
        |[w, s, e, n], p| [w.min(p.x), s.min(p.y), e.max(p.x), n.max(p.y)],
    )
}
