use proptest::prelude::*;

use super::*;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 117.29..117.31_f64,
        4 => 31.87..31.89_f64,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(-0.0),
        1 => Just(1e300),
        1 => any::<f64>(),
    ]
}

fn coords(most: usize) -> impl Strategy<Value = Vec<Coord>> {
    let near = (117.299..117.301_f64, 31.879..31.881_f64).prop_map(|(x, y)| Coord { x, y });
    let any = (number(), number()).prop_map(|(x, y)| Coord { x, y });
    prop::collection::vec(prop_oneof![8 => near, 1 => any], 0..most)
}

/// Rings that cross, touch, repeat or collapse.
fn area() -> impl Strategy<Value = MultiPolygon> {
    let part = (coords(8), prop::collection::vec(coords(5), 0..2));
    prop::collection::vec(part, 0..3).prop_map(|parts| {
        let polygon = |(outer, holes): (Vec<Coord>, Vec<Vec<Coord>>)| {
            Polygon::new(
                LineString(outer),
                holes.into_iter().map(LineString).collect(),
            )
        };
        MultiPolygon(parts.into_iter().map(polygon).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_ground_panics(
        boundary in area(),
        lines in prop::collection::vec(coords(6), 0..5),
        compounds in prop::collection::vec((area(), number()), 0..3),
        points in prop::collection::vec((coords(2), number()), 0..3),
        total in prop::option::of(number()),
        wanted in prop_oneof![
            (0_usize..9).prop_map(Wanted::Grids),
            number().prop_map(Wanted::Households),
            number().prop_map(Wanted::AreaM2),
        ],
    ) {
        let ground = Ground {
            lines: lines.into_iter().map(|l| BorderLine {
                line: MultiLineString(vec![LineString(l)]),
                class: BorderClass::Lane,
            }).collect(),
            boundary,
            compounds: compounds.into_iter().map(|(shape, households)| Site {
                shape: Geometry::MultiPolygon(shape),
                households: Some(households),
            }).collect(),
            points: points.into_iter().filter_map(|(at, households)| Some(HouseholdPoint {
                at: *at.first()?,
                households,
            })).collect(),
            total_households: total,
        };
        let options = Options { rounds: 1, starts: 1, ..by(wanted) };
        match propose(&ground, &options) {
            Ok(proposal) => {
                let areas: Vec<&MultiPolygon> = proposal.grids.iter().map(|g| &g.area).collect();
                let mut sides = BTreeSet::new();
                for (a, b) in directed(areas.iter().flat_map(|p| &p.0)) {
                    prop_assert!(sides.insert((key(a), key(b))), "grids overlap");
                }
                for problem in &proposal.problems {
                    prop_assert!(!problem.zh().is_empty() && !problem.en().is_empty());
                }
                for grid in 0..proposal.grids.len() as u32 {
                    let _ = split(&proposal, grid);
                }
                let _ = rebalance(&proposal, &[]);
            }
            Err(error) => prop_assert!(!error.zh().is_empty() && !error.en().is_empty()),
        }
    }

    #[test]
    fn no_edit_panics(
        grids in prop::collection::vec(area(), 0..4),
        line in coords(6),
        from in coords(2),
        to in coords(2),
        tolerance in prop_oneof![0.0..50.0_f64, number()],
    ) {
        let line = LineString(line);
        let _ = edit::split_grid(&grids, 0, &line, tolerance);
        let _ = edit::merge_grids(&grids.iter().collect::<Vec<_>>());
        if let (Some(from), Some(to)) = (from.first(), to.first()) {
            let _ = edit::move_shared_vertices(&grids, *from, *to, tolerance);
        }
        if let Some((first, rest)) = grids.split_first() {
            let _ = edit::snap_to_neighbours(first, rest, tolerance);
        }
    }
}

#[test]
fn options_out_of_range_are_named() {
    let ground = checkered(2, 100.0);
    let good = by(Wanted::Grids(2));
    let bad = [
        (
            Options {
                wanted: Wanted::Grids(0),
                ..good
            },
            "wanted",
        ),
        (
            Options {
                wanted: Wanted::AreaM2(f64::NAN),
                ..good
            },
            "wanted",
        ),
        (
            Options {
                tolerance: 0.0,
                ..good
            },
            "tolerance",
        ),
        (Options { starts: 0, ..good }, "starts"),
        (
            Options {
                rounds: 101,
                ..good
            },
            "rounds",
        ),
        (
            Options {
                tiny_face_m2: -1.0,
                ..good
            },
            "tiny_face_m2",
        ),
        (
            Options {
                snap_m: f64::INFINITY,
                ..good
            },
            "snap_m",
        ),
        (
            Options {
                overlap_m: f64::NAN,
                ..good
            },
            "overlap_m",
        ),
    ];
    for (options, option) in bad {
        let found = propose(&ground, &options).unwrap_err();
        assert_eq!(found, PartitionError::BadOption { option });
    }
}

#[test]
fn empty_and_boundless_ground_is_refused() {
    let found = |boundary: MultiPolygon| {
        let ground = Ground {
            boundary,
            ..Ground::default()
        };
        propose(&ground, &by(Wanted::Grids(2))).unwrap_err()
    };
    assert_eq!(found(MultiPolygon(vec![])), PartitionError::EmptyBoundary);
    let flat = polygon(&[(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)]);
    assert_eq!(found(flat.into()), PartitionError::EmptyBoundary);
    let world = Polygon::new(
        LineString::from(vec![(-180.0, -80.0), (180.0, -80.0), (0.0, 80.0)]),
        vec![],
    );
    assert_eq!(found(world.into()), PartitionError::TooLarge);
    let nowhere = Polygon::new(
        LineString::from(vec![(0.0, 0.0), (f64::NAN, 0.0), (0.0, 1.0)]),
        vec![],
    );
    assert_eq!(found(nowhere.into()), PartitionError::BadBoundary);
}

#[test]
fn a_bow_tie_is_two_lobes() {
    let tie = polygon(&[(0.0, 0.0), (200.0, 200.0), (200.0, 0.0), (0.0, 200.0)]);
    let ground = Ground {
        boundary: tie.into(),
        ..Ground::default()
    };
    let faces = Faces::new(&ground, &Options::default()).unwrap();
    assert_eq!(faces.len(), 2);
    assert!(faces.area_m2.iter().all(|a| (a - 10_000.0).abs() < 20.0));
}
