//! Lines that meet end to end as one line: a road comes as a hundred pieces,
//! and at a low zoom each of them is shorter than a pixel.

use std::collections::{BTreeMap, HashSet};

use super::rings::{Point, Rings};

/// Ends at one point that are looked at; a point where more lines end is no
/// crossing of roads but what rounding made of a whole quarter.
const MOST_ENDS: usize = 24;

/// One of the two ends of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct End {
    part: usize,
    /// The last point, not the first.
    last: bool,
}

impl End {
    fn other(self) -> End {
        End {
            last: !self.last,
            ..self
        }
    }
}

/// The same lines with parts joined where they meet, straight on where several
/// do. A part that is there twice, in whatever direction, is there once.
pub fn join_lines(parts: &Rings) -> Rings {
    let parts = without_repeats(parts);
    let next = pairs(&parts);
    let mut used = vec![false; parts.len()];
    let mut out = Rings::new();
    // Chains from their loose ends, then rings from anywhere.
    for ring in [false, true] {
        for part in 0..parts.len() {
            for last in [false, true] {
                let start = End { part, last };
                if !used[part] && (ring || !next.contains_key(&start)) {
                    out.push(&walk(start, &parts, &next, &mut used));
                }
            }
        }
    }
    out
}

fn without_repeats(parts: &Rings) -> Vec<Vec<Point>> {
    let mut seen: HashSet<Vec<Point>> = HashSet::new();
    let mut out = Vec::with_capacity(parts.len());
    for part in parts.iter().filter(|part| part.len() > 1) {
        let mut forward = part.to_vec();
        let backward: Vec<Point> = part.iter().rev().copied().collect();
        if backward < forward {
            forward = backward;
        }
        if seen.insert(forward) {
            out.push(part.to_vec());
        }
    }
    out
}

/// Which end goes on at which: at each point the two that go straightest on,
/// then the next two.
fn pairs(parts: &[Vec<Point>]) -> BTreeMap<End, End> {
    let mut at: BTreeMap<Point, Vec<End>> = BTreeMap::new();
    for (part, points) in parts.iter().enumerate() {
        for last in [false, true] {
            let end = End { part, last };
            at.entry(place(end, points)).or_default().push(end);
        }
    }
    let mut next = BTreeMap::new();
    for ends in at.into_values() {
        if ends.len() < 2 || ends.len() > MOST_ENDS {
            continue;
        }
        let mut choices: Vec<(f64, End, End)> = Vec::new();
        for (n, a) in ends.iter().enumerate() {
            for b in &ends[n + 1..] {
                choices.push((bend(*a, *b, parts), *a, *b));
            }
        }
        choices.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, a, b) in choices {
            if !next.contains_key(&a) && !next.contains_key(&b) {
                next.insert(a, b);
                next.insert(b, a);
            }
        }
    }
    next
}

fn place(end: End, points: &[Point]) -> Point {
    points[if end.last { points.len() - 1 } else { 0 }]
}

/// The cosine between the two directions away from the point: -1 is straight
/// on.
fn bend(a: End, b: End, parts: &[Vec<Point>]) -> f64 {
    let away = |end: End| {
        let points = &parts[end.part];
        let (from, to) = if end.last {
            (points[points.len() - 1], points[points.len() - 2])
        } else {
            (points[0], points[1])
        };
        [(to[0] - from[0]) as f64, (to[1] - from[1]) as f64]
    };
    let (u, v) = (away(a), away(b));
    let length = (u[0] * u[0] + u[1] * u[1]).sqrt() * (v[0] * v[0] + v[1] * v[1]).sqrt();
    if length > 0.0 {
        (u[0] * v[0] + u[1] * v[1]) / length
    } else {
        1.0
    }
}

/// The points from an end on, as far as parts follow.
fn walk(
    start: End,
    parts: &[Vec<Point>],
    next: &BTreeMap<End, End>,
    used: &mut [bool],
) -> Vec<Point> {
    let mut line: Vec<Point> = Vec::new();
    let mut end = start;
    loop {
        if std::mem::replace(&mut used[end.part], true) {
            return line;
        }
        let points = &parts[end.part];
        // The point where they meet is there already.
        let skip = usize::from(!line.is_empty());
        if end.last {
            line.extend(points.iter().rev().skip(skip));
        } else {
            line.extend(points.iter().skip(skip));
        }
        match next.get(&end.other()) {
            Some(following) => end = *following,
            None => return line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rings(list: &[Vec<Point>]) -> Rings {
        let mut out = Rings::new();
        for part in list {
            out.push(part);
        }
        out
    }

    fn joined(list: &[Vec<Point>]) -> Vec<Vec<Point>> {
        join_lines(&rings(list))
            .iter()
            .map(<[Point]>::to_vec)
            .collect()
    }

    #[test]
    fn pieces_of_a_road_are_one_line_whatever_their_direction() {
        let pieces = [
            vec![[20, 0], [10, 0]],
            vec![[0, 0], [10, 0]],
            vec![[20, 0], [30, 1]],
            vec![[10, 0], [0, 0]],
        ];
        assert_eq!(joined(&pieces), [vec![[0, 0], [10, 0], [20, 0], [30, 1]]]);
    }

    #[test]
    fn roads_go_straight_on_at_a_crossing() {
        let cross = [
            vec![[0, 0], [10, 0]],
            vec![[10, 0], [10, 10]],
            vec![[10, 0], [20, 1]],
            vec![[10, -10], [10, 0]],
        ];
        assert_eq!(
            joined(&cross),
            [
                vec![[0, 0], [10, 0], [20, 1]],
                vec![[10, 10], [10, 0], [10, -10]]
            ]
        );
    }

    #[test]
    fn a_ring_closes() {
        let ring = [
            vec![[0, 0], [10, 0], [10, 10]],
            vec![[0, 0], [0, 10], [10, 10]],
        ];
        assert_eq!(
            joined(&ring),
            [vec![[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]
        );
        assert!(joined(&[]).is_empty());
        assert!(joined(&[vec![[1, 1]]]).is_empty());
    }

    /// Segments whatever their direction, sorted.
    fn segments(parts: &Rings) -> Vec<(Point, Point)> {
        let mut all: Vec<(Point, Point)> = Vec::new();
        for part in parts.iter() {
            all.extend(part.windows(2).map(|w| (w[0].min(w[1]), w[0].max(w[1]))));
        }
        all.sort_unstable();
        all
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_made_up(
            parts in prop::collection::vec(
                prop::collection::vec([0_i64..4, 0_i64..4], 2..4), 0..25),
        ) {
            let mut once: Vec<Vec<Point>> = Vec::new();
            for part in parts {
                let back: Vec<Point> = part.iter().rev().copied().collect();
                if !once.contains(&part) && !once.contains(&back) {
                    once.push(part);
                }
            }
            let before = rings(&once);
            let after = join_lines(&before);
            prop_assert_eq!(segments(&after), segments(&before));
            prop_assert!(after.len() <= before.len());
        }
    }
}
