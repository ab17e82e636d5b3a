//! Fewer points within a tolerance (Ramer 1972, Douglas and Peucker 1973).

use super::rings::Point;

/// The line with every point left out that is within `tolerance` of the
/// result. Both ends stay.
pub fn simplify_line(line: &[Point], tolerance: f64) -> Vec<Point> {
    kept(line, tolerance).into_iter().map(|i| line[i]).collect()
}

/// A ring, not closed by repeating its first point, with points left out like
/// those of a line from the first point to the one furthest from it and back.
pub(super) fn simplify_ring(ring: &[Point], tolerance: f64) -> Vec<Point> {
    let Some(&first) = ring.first() else {
        return Vec::new();
    };
    let furthest = (1..ring.len())
        .max_by(|&a, &b| {
            let away = |i: usize| distance_squared(ring[i], first, first);
            away(a).total_cmp(&away(b)).then(b.cmp(&a))
        })
        .unwrap_or(0);
    let mut out = simplify_line(&ring[..=furthest], tolerance);
    let back: Vec<Point> = ring[furthest..].iter().copied().chain([first]).collect();
    let back = simplify_line(&back, tolerance);
    // Without the turning point, which is there, and the first one again.
    out.extend(back.iter().skip(1).take(back.len().saturating_sub(2)));
    out
}

/// The positions that [`simplify_line`] keeps, ascending.
pub(super) fn kept(line: &[Point], tolerance: f64) -> Vec<usize> {
    if line.len() < 3 || tolerance <= 0.0 {
        return (0..line.len()).collect();
    }
    let limit = tolerance * tolerance;
    let mut keep = vec![false; line.len()];
    keep[0] = true;
    keep[line.len() - 1] = true;
    let mut work = vec![(0, line.len() - 1)];
    while let Some((first, last)) = work.pop() {
        let furthest = (first + 1..last)
            .map(|i| (distance_squared(line[i], line[first], line[last]), i))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        if let Some((distance, i)) = furthest
            && distance > limit
        {
            keep[i] = true;
            work.push((first, i));
            work.push((i, last));
        }
    }
    (0..line.len()).filter(|i| keep[*i]).collect()
}

/// Squared distance of `p` from the segment `a`–`b`.
pub(super) fn distance_squared(p: Point, a: Point, b: Point) -> f64 {
    let (px, py) = ((p[0] - a[0]) as f64, (p[1] - a[1]) as f64);
    let (ux, uy) = ((b[0] - a[0]) as f64, (b[1] - a[1]) as f64);
    let length = ux * ux + uy * uy;
    let along = if length > 0.0 {
        ((px * ux + py * uy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (dx, dy) = (px - along * ux, py - along * uy);
    dx * dx + dy * dy
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn straight_stretches_lose_their_points_and_corners_stay() {
        let line = [[0, 0], [5, 1], [10, 0], [10, 5], [10, 10]];
        assert_eq!(simplify_line(&line, 2.0), [[0, 0], [10, 0], [10, 10]]);
        assert_eq!(simplify_line(&line, 0.0), line);
    }

    #[test]
    fn a_ring_keeps_its_corners() {
        let ring = [[0, 0], [5, 1], [10, 0], [10, 10], [5, 9], [0, 10]];
        assert_eq!(
            simplify_ring(&ring, 2.0),
            [[0, 0], [10, 0], [10, 10], [0, 10]]
        );
        assert_eq!(simplify_ring(&ring, 0.0), ring);
        assert!(simplify_ring(&[], 1.0).is_empty());
        assert_eq!(simplify_ring(&[[3, 3]], 1.0), [[3, 3]]);
    }

    proptest! {
        #[test]
        fn every_point_of_a_ring_stays_near_it(
            ring in prop::collection::vec([-500_i64..500, -500_i64..500], 1..60),
            tolerance in 0.0_f64..80.0,
        ) {
            let simple = simplify_ring(&ring, tolerance);
            prop_assert!(simple.iter().all(|p| ring.contains(p)));
            for p in &ring {
                let ends = simple.iter().zip(simple.iter().cycle().skip(1));
                let nearest = ends.map(|(a, b)| distance_squared(*p, *a, *b).sqrt());
                let nearest = nearest.fold(f64::INFINITY, f64::min);
                prop_assert!(nearest <= tolerance + 1e-9, "{p:?}: {nearest}");
            }
        }

        #[test]
        fn no_point_is_further_away_than_the_tolerance(
            line in prop::collection::vec([-500_i64..500, -500_i64..500], 2..60),
            tolerance in 0.0_f64..80.0,
        ) {
            let keep = kept(&line, tolerance);
            prop_assert_eq!((keep[0], keep[keep.len() - 1]), (0, line.len() - 1));
            for pair in keep.windows(2) {
                for p in &line[pair[0]..=pair[1]] {
                    let d = distance_squared(*p, line[pair[0]], line[pair[1]]).sqrt();
                    prop_assert!(d <= tolerance + 1e-9);
                }
            }
        }
    }
}
