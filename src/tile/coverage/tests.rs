use geo::{Area as _, BooleanOps, Coord, LineString, MultiPolygon, Polygon, Validation};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::rings::{Rings, edges};
use super::*;

/// A town of `n` × `n` cells with wavy borders: corners every few units along
/// each side, the same for both neighbors.
fn town(seed: u64, n: i64, bumps: i64, amplitude: i64) -> Vec<Area> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let side = 4_000;
    let mut jitter = std::collections::HashMap::new();
    let mut node = |x: i64, y: i64, rng: &mut ChaCha8Rng| {
        *jitter.entry((x, y)).or_insert_with(|| {
            let mut r = || rng.random_range(-amplitude..=amplitude);
            [
                3_546_000_000 + x * side / bumps + r(),
                1_746_000_000 + y * side / bumps + r(),
            ]
        })
    };
    let mut out = Vec::new();
    for gx in 0..n {
        for gy in 0..n {
            let (x, y) = (gx * bumps, gy * bumps);
            let mut ring: Vec<Point> = Vec::new();
            for i in 0..bumps {
                ring.push(node(x + i, y, &mut rng));
            }
            for i in 0..bumps {
                ring.push(node(x + bumps, y + i, &mut rng));
            }
            for i in 0..bumps {
                ring.push(node(x + bumps - i, y + bumps, &mut rng));
            }
            for i in 0..bumps {
                ring.push(node(x, y + bumps - i, &mut rng));
            }
            let mut rings = Rings::new();
            rings.push(&ring);
            out.push(Area::from_rings(rings, Fill::Positive).unwrap());
        }
    }
    out
}

fn simplified(areas: &[Area], tolerance: f64) -> Vec<Area> {
    simplify_coverage(&areas.iter().collect::<Vec<_>>(), tolerance)
}

fn sum(areas: &[Area]) -> f64 {
    areas.iter().map(|a| a.to_geo().unsigned_area()).sum()
}

fn union(areas: &[Area]) -> MultiPolygon<f64> {
    geo::unary_union(&areas.iter().map(Area::to_geo).collect::<Vec<_>>())
}

fn points(areas: &[Area]) -> usize {
    areas.iter().map(|a| a.rings().points().len()).sum()
}

#[test]
fn neighbors_keep_one_border_without_gaps_or_overlaps() {
    for (seed, amplitude) in [(1, 10), (2, 60), (3, 95)] {
        let before = town(seed, 6, 40, amplitude / 2);
        for tolerance in [5.0, 60.0, 400.0, 3_000.0] {
            let after = simplified(&before, tolerance);
            assert!(after.iter().all(|a| a.to_geo().is_valid()));
            // Disjoint insides: the sum of areas is the area of the union.
            let whole = union(&after);
            let error = (sum(&after) - whole.unsigned_area()).abs();
            assert!(
                error <= 1e-9 * sum(&after),
                "seed {seed} tolerance {tolerance}: {error}"
            );
            // No gaps: the union of one town has one shell and no holes.
            assert_eq!(whole.0.len(), 1);
            assert_eq!(
                whole.0[0].interiors().len(),
                0,
                "seed {seed} tolerance {tolerance}"
            );
        }
        let half = simplified(&before, 100.0);
        assert!(
            points(&half) * 3 < points(&before),
            "{} {}",
            points(&half),
            points(&before)
        );
    }
}

#[test]
fn junctions_stay_and_nothing_moves_further_than_the_tolerance() {
    let before = town(4, 4, 30, 50);
    let tolerance = 300.0;
    let after = simplified(&before, tolerance);
    for (a, b) in before.iter().zip(&after) {
        for p in a.rings().points() {
            let nearest = b
                .rings()
                .iter()
                .flat_map(edges)
                .map(|(c, d)| super::super::simplify::distance_squared(*p, c, d))
                .fold(f64::INFINITY, f64::min);
            assert!(nearest.sqrt() <= tolerance + 1.0);
        }
        for p in b.rings().points() {
            assert!(a.rings().points().contains(p), "no point is invented");
        }
    }
}

#[test]
fn a_corner_in_the_middle_of_a_neighbors_side_is_shared() {
    let area = |points: &[Point]| {
        let mut rings = Rings::new();
        rings.push(points);
        Area::from_rings(rings, Fill::EvenOdd).unwrap()
    };
    let west = area(&[[0, 0], [1000, 0], [1001, 500], [1000, 1000], [0, 1000]]);
    let north = area(&[[1000, 0], [2000, 0], [2000, 400], [1001, 400]]);
    let south = area(&[
        [1001, 400],
        [2000, 400],
        [2000, 1000],
        [1000, 1000],
        [1001, 500],
    ]);
    let all = simplify_coverage(&[&west, &north, &south], 50.0);
    assert!(all[0].rings().points().contains(&[1001, 400]));
    let sum: f64 = all.iter().map(|a| a.to_geo().unsigned_area()).sum();
    assert!((sum - union(&all).unsigned_area()).abs() < 1e-6);
}

#[test]
fn islands_and_holes_stay_on_their_side() {
    // A round lake in a square, with a small round island next to its shore.
    let circle = |x: f64, y: f64, r: f64, n: usize| {
        LineString::from_iter((0..n).map(|i| {
            let t = std::f64::consts::TAU * i as f64 / n as f64;
            Coord {
                x: 117.0 + (x + r * t.cos()) / 1e5,
                y: 31.0 + (y + r * t.sin()) / 1e5,
            }
        }))
    };
    let square = circle(0.0, 0.0, 1500.0, 4);
    let land = Polygon::new(square, vec![circle(0.0, 0.0, 900.0, 200)]);
    let island = Polygon::new(circle(0.0, 893.0, 6.0, 24), vec![]);
    let lake = Polygon::new(
        circle(0.0, 0.0, 900.0, 200),
        vec![circle(0.0, 893.0, 6.0, 24)],
    );
    let areas: Vec<Area> = [land, island, lake]
        .into_iter()
        .map(|p| Area::from_lon_lat(&MultiPolygon::new(vec![p])).unwrap())
        .collect();
    for tolerance in [50.0, 500.0, 5_000.0, 50_000.0] {
        let after = simplified(&areas, tolerance);
        assert!(after.iter().all(|a| a.to_geo().is_valid()));
        let total = union(&after);
        assert!((sum(&after) - total.unsigned_area()).abs() <= 1e-9 * sum(&after));
        assert!(total.0[0].interiors().is_empty());
        assert_eq!(
            after[1]
                .to_geo()
                .intersection(&after[2].to_geo())
                .unsigned_area(),
            0.0
        );
    }
}

#[test]
fn areas_that_overlap_or_repeat_do_no_harm() {
    let mut areas = town(7, 2, 20, 40);
    areas.push(areas[0].clone());
    let shifted: Vec<Point> = areas[1]
        .rings()
        .points()
        .iter()
        .map(|p| [p[0] + 777, p[1] + 333])
        .collect();
    let mut rings = Rings::new();
    rings.push(&shifted);
    areas.push(Area::from_rings(rings, Fill::EvenOdd).unwrap());
    let after = simplified(&areas, 200.0);
    assert_eq!(after.len(), areas.len());
    assert!(after.iter().all(|a| a.to_geo().is_valid()));
    assert_eq!(after[0], after[4]);
}
