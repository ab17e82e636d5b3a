//! Properties of the whole pipeline against `geo`, which shares no code with
//! it.

use geo::{Area as _, BooleanOps, Coord, LineString, MultiPolygon, Polygon, Rect, Validation};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::rings::{Rings, doubled_area};
use super::shape::to_geo;
use super::*;

/// Degrees per tile unit at zoom 14, about.
const UNIT: f64 = 360.0 / 16384.0 / 4096.0;
const LON: f64 = 117.28;
const LAT: f64 = 31.86;

fn polygon(points: impl IntoIterator<Item = (f64, f64)>) -> Polygon<f64> {
    let ring = points
        .into_iter()
        .map(|(x, y)| Coord {
            x: LON + x * UNIT,
            y: LAT + y * UNIT,
        })
        .collect();
    Polygon::new(ring, vec![])
}

fn area(p: Polygon<f64>) -> Option<Area> {
    Area::from_lon_lat(&MultiPolygon::new(vec![p]))
}

fn assert_valid(rings: &Rings, what: &str) {
    for ring in rings.iter() {
        assert!(ring.len() >= 3, "{what}: {ring:?}");
        let mut sorted = ring.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(
            sorted.len(),
            ring.len(),
            "{what}: ring meets itself {ring:?}"
        );
        assert_ne!(doubled_area(ring), 0, "{what}");
    }
    if !rings.is_empty() {
        assert!(doubled_area(rings.iter().next().unwrap()) > 0, "{what}");
    }
    if let Err(e) = to_geo(rings).check_validation() {
        panic!("{what}: {e} in {rings:?}");
    }
}

fn assert_within(rings: &Rings, window: &Window, what: &str) {
    assert!(rings.points().iter().all(|p| window.contains(*p)), "{what}");
}

/// A ring around the centre whose radius jumps about: often thin as a hair.
fn star(rng: &mut ChaCha8Rng, corners: usize, size: f64) -> Polygon<f64> {
    polygon((0..corners).map(|i| {
        let angle =
            std::f64::consts::TAU * (i as f64 + rng.random_range(-0.4..0.4)) / corners as f64;
        let r = size * rng.random_range(0.02_f64..1.0).powi(2);
        (r * angle.cos(), r * angle.sin())
    }))
}

/// Random points in random order: crosses itself nearly always.
fn scribble(rng: &mut ChaCha8Rng, corners: usize, size: f64) -> Polygon<f64> {
    polygon((0..corners).map(|_| (rng.random_range(-size..size), rng.random_range(-size..size))))
}

fn rect(window: &Window) -> MultiPolygon<f64> {
    let c = |p: Point| Coord {
        x: p[0] as f64,
        y: p[1] as f64,
    };
    MultiPolygon::new(vec![Rect::new(c(window.min), c(window.max)).to_polygon()])
}

#[test]
fn every_tile_of_every_shape_is_valid_and_stays_in_its_window() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let window = Window::tile(64);
    for round in 0..1500 {
        let corners = rng.random_range(3..60);
        let size = 10_f64.powf(rng.random_range(0.0..4.5));
        let shape = if round % 3 == 0 {
            scribble(&mut rng, corners.min(25), size)
        } else {
            star(&mut rng, corners, size)
        };
        let Some(shape) = area(shape) else { continue };
        assert_valid(shape.rings(), &format!("round {round} world"));
        for z in [8, 11, 13, 14, 16, 18, 20, 22] {
            for tile in cover(&shape.bbox(), z).take(9) {
                let rings = area_in_tile(&shape, tile, 64);
                let what = format!("round {round} tile {tile}");
                assert_valid(&rings, &what);
                assert_within(&rings, &window, &what);
            }
        }
    }
}

#[test]
fn a_tile_holds_the_part_of_the_source_that_lies_in_it() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for round in 0..300 {
        let Some(shape) = area(star(&mut rng, 40, 9_000.0)) else {
            continue;
        };
        for tile in cover(&shape.bbox(), 14).take(12) {
            let ours = to_geo(&area_in_tile(&shape, tile, 0));
            // The source in exact tile units, cut by an unrelated algorithm.
            let exact = geo::MapCoords::map_coords(&shape.to_geo(), |c| {
                let w = tile.world().min;
                Coord {
                    x: (c.x - f64::from(w.x)) / 64.0,
                    y: (c.y - f64::from(w.y)) / 64.0,
                }
            });
            let exact = exact.intersection(&rect(&Window::tile(0)));
            let length: f64 = exact
                .iter()
                .flat_map(|p| p.exterior().lines())
                .map(|l| {
                    let d = l.delta();
                    d.x.hypot(d.y)
                })
                .sum();
            let difference = ours.xor(&exact).unsigned_area();
            // Each vertex moves less than √2 units.
            assert!(
                difference <= 1.5 * length + 2.0,
                "round {round} {tile}: {difference} of {length}"
            );
        }
    }
}

#[test]
fn the_tiles_of_a_shape_together_have_its_area() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for round in 0..200 {
        let Some(shape) = area(star(&mut rng, 30, 12_000.0)) else {
            continue;
        };
        let whole = shape.to_geo().unsigned_area();
        let at = |z: u8| -> f64 {
            let unit = f64::from(1_u32 << (20 - z));
            cover(&shape.bbox(), z)
                .map(|t| to_geo(&area_in_tile(&shape, t, 0)).unsigned_area())
                .sum::<f64>()
                * unit
                * unit
        };
        assert!(
            (at(17) / whole - 1.0).abs() < 2e-3,
            "round {round}: {}",
            at(17) / whole
        );
        assert!(
            (at(14) / whole - 1.0).abs() < 2e-2,
            "round {round}: {}",
            at(14) / whole
        );
    }
}

#[test]
fn at_zoom_20_a_small_shape_is_kept_to_the_unit() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let shape = area(star(&mut rng, 30, 8.0)).unwrap();
    let tile = TileCoord::containing(shape.bbox().min, 18);
    assert_valid(&area_in_tile(&shape, tile, 4096), "z18");
    let tile = TileCoord::containing(shape.bbox().min, 20);
    let rings = area_in_tile(&shape, tile, 4096);
    assert_eq!(rings.points().len(), shape.rings().points().len());
}

#[test]
fn holes_islands_and_repeated_parts() {
    let square = |cx: f64, cy: f64, r: f64| {
        LineString::from(
            [(-r, -r), (r, -r), (r, r), (-r, r)]
                .map(|(x, y)| (LON + (cx + x) * UNIT, LAT + (cy + y) * UNIT))
                .to_vec(),
        )
    };
    let ring = Polygon::new(square(0.0, 0.0, 900.0), vec![square(0.0, 0.0, 600.0)]);
    let island = Polygon::new(square(0.0, 0.0, 300.0), vec![]);
    let apart = Polygon::new(square(5000.0, 0.0, 300.0), vec![]);
    let shape = Area::from_lon_lat(&MultiPolygon::new(vec![ring.clone(), island, apart])).unwrap();
    assert_eq!(
        shape
            .rings()
            .polygons()
            .map(|p| p.len())
            .collect::<Vec<_>>(),
        [2, 1, 1]
    );
    for z in 5..=20 {
        for tile in cover(&shape.bbox(), z).take(200) {
            assert_valid(&area_in_tile(&shape, tile, 80), &tile.to_string());
        }
    }
    // The same part twice cancels under the even-odd rule only if the ring is
    // doubled; it must stay valid in any case.
    if let Some(twice) = Area::from_lon_lat(&MultiPolygon::new(vec![ring.clone(), ring])) {
        assert_valid(twice.rings(), "twice");
    }
}

#[test]
fn hostile_input_gives_nothing_or_something_valid() {
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    for b in bad {
        assert!(area(polygon([(0.0, 0.0), (b, 1.0), (1.0, 0.0)])).is_none());
    }
    for flat in [
        vec![],
        vec![(0.0, 0.0)],
        vec![(0.0, 0.0), (9.0, 0.0)],
        vec![(0.0, 0.0), (90.0, 0.0), (40.0, 0.0)],
        vec![(5.0, 5.0); 40],
    ] {
        assert!(area(polygon(flat)).is_none());
    }
    let world = Polygon::new(
        LineString::from(vec![
            (-180.0, -90.0),
            (180.0, -90.0),
            (180.0, 90.0),
            (-180.0, 90.0),
        ]),
        vec![],
    );
    let shape = area(world).unwrap();
    for tile in [
        (0, 0, 0),
        (1, 1, 1),
        (22, 4_194_303, 0),
        (22, 2_097_151, 2_097_152),
    ] {
        let tile = TileCoord::new(tile.0, tile.1, tile.2).unwrap();
        let rings = area_in_tile(&shape, tile, 64);
        assert_valid(&rings, "world");
        assert!(!rings.is_empty());
    }
    // Huge and self-crossing.
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..100 {
        let points: Vec<_> = (0..12)
            .map(|_| {
                (
                    rng.random_range(-400.0..400.0),
                    rng.random_range(-100.0..100.0),
                )
            })
            .collect();
        let shape = Area::from_lon_lat(&MultiPolygon::new(vec![Polygon::new(
            LineString::from(points),
            vec![],
        )]));
        let Some(shape) = shape else { continue };
        for tile in cover(&shape.bbox(), 3).take(64) {
            assert_valid(&area_in_tile(&shape, tile, 64), &tile.to_string());
        }
    }
}

proptest! {
    #[test]
    fn rings_on_a_small_lattice_come_out_valid(
        points in prop::collection::vec((0_i32..7, 0_i32..7), 3..14),
        z in 14_u8..=22,
    ) {
        // A 7 × 7 lattice: touching, overlapping and doubled sides all the time.
        let p = polygon(points.iter().map(|p| (f64::from(p.0), f64::from(p.1))));
        if let Some(shape) = area(p) {
            assert_valid(shape.rings(), "world");
            for tile in cover(&shape.bbox(), z).take(6) {
                assert_valid(&area_in_tile(&shape, tile, 8), &tile.to_string());
            }
        }
    }

    #[test]
    fn lines_stay_in_the_window_and_keep_their_length(
        points in prop::collection::vec((-6000.0_f64..6000.0, -6000.0_f64..6000.0), 2..30),
    ) {
        let line: LineString<f64> = points.iter().map(|(x, y)| Coord { x: LON + x * UNIT, y: LAT + y * UNIT }).collect();
        let path = Path::from_lon_lat(&geo::MultiLineString::new(vec![line])).unwrap();
        let window = Window::tile(0);
        let length = |r: &Rings| -> f64 {
            r.iter().flat_map(|p| p.windows(2)).map(|w| ((w[1][0] - w[0][0]) as f64).hypot((w[1][1] - w[0][1]) as f64)).sum()
        };
        let mut sum = 0.0;
        for tile in cover(&path.bbox(), 14) {
            let parts = path_in_tile(&path, tile, 0, 0.0);
            assert_within(&parts, &window, "line");
            for part in parts.iter() {
                prop_assert!(part.len() >= 2);
                prop_assert!(part.windows(2).all(|w| w[0] != w[1]));
            }
            sum += length(&parts);
        }
        let whole = length(path.parts()) / 64.0;
        prop_assert!((sum - whole).abs() <= 0.01 * whole + 60.0, "{sum} of {whole}");
    }
}
