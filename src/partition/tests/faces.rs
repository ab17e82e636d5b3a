use geo::{BoundingRect, Contains, Distance as _, Euclidean};
use proptest::prelude::*;

use super::*;

fn faces(ground: &Ground) -> Faces {
    let faces = Faces::new(ground, &Options::default()).unwrap();
    let areas: Vec<MultiPolygon> = faces.polygons.iter().map(|p| p.clone().into()).collect();
    assert_tiles(&areas.iter().collect::<Vec<_>>(), &ground.boundary);
    faces
}

fn codes(problems: &[Problem]) -> Vec<String> {
    let code = |p: &Problem| {
        serde_json::to_value(p).unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    problems.iter().map(code).collect()
}

#[test]
fn streets_cut_the_ground_into_blocks() {
    let faces = faces(&checkered(4, 100.0));
    assert_eq!(faces.len(), 16);
    assert!(faces.area_m2.iter().all(|a| (a - 10_000.0).abs() < 10.0));
    // Each inner side is shared once: 2 * 4 * 3.
    assert_eq!(faces.adjacency.len(), 24);
    let beside = faces.adjacency.iter();
    assert!(beside.clone().all(|s| (s.length_m - 100.0).abs() < 0.01));
    assert!(beside.clone().all(|s| s.class == BorderClass::Branch));
    assert!(faces.problems.is_empty(), "{:?}", faces.problems);
}

#[test]
fn corners_of_the_input_keep_their_last_bit() {
    let ground = checkered(3, 100.0);
    let faces = faces(&ground);
    let corners: BTreeSet<_> = faces
        .polygons
        .iter()
        .flat_map(|p| &p.exterior().0)
        .map(|c| key(*c))
        .collect();
    for c in &ground.boundary.0[0].exterior().0 {
        assert!(corners.contains(&key(*c)));
    }
}

#[test]
fn lines_that_cross_without_a_junction_cut_too() {
    let cross = vec![
        line(&[(-10.0, 50.0), (110.0, 60.0)]),
        line(&[(40.0, -10.0), (45.0, 110.0)]),
    ];
    assert_eq!(faces(&square(100.0, cross)).len(), 4);
}

#[test]
fn a_tree_of_dead_ends_cuts_nothing_and_is_reported() {
    let tree = vec![
        line(&[(0.0, 100.0), (100.0, 100.0), (150.0, 150.0)]),
        line(&[(100.0, 100.0), (100.0, 40.0)]),
        line(&[(50.0, 100.0), (50.0, 20.0)]),
    ];
    let faces = faces(&square(200.0, tree));
    assert_eq!(faces.len(), 1);
    let [Problem::DeadEnds { count, length_m }] = faces.problems[..] else {
        panic!("{:?}", faces.problems);
    };
    assert_eq!(count, 5);
    assert!((length_m - (100.0 + 50.0 * 2f64.sqrt() + 60.0 + 80.0)).abs() < 0.1);
}

#[test]
fn an_island_becomes_a_face_in_a_hole() {
    let around = line(&[
        (50.0, 50.0),
        (150.0, 50.0),
        (150.0, 150.0),
        (50.0, 150.0),
        (50.0, 50.0),
    ]);
    // A way in from the boundary makes no difference: it encloses nothing.
    for lines in [
        vec![around.clone()],
        vec![around.clone(), line(&[(0.0, 60.0), (50.0, 60.0)])],
    ] {
        let faces = faces(&square(200.0, lines));
        assert_eq!(faces.len(), 2);
        let holes: Vec<usize> = faces.polygons.iter().map(|p| p.interiors().len()).collect();
        assert_eq!(holes, [1, 0]);
        assert_eq!(faces.adjacency.len(), 1);
    }
}

#[test]
fn an_island_in_an_island_finds_its_face() {
    let frame = |d: f64| {
        let (a, b) = (d, 300.0 - d);
        line(&[(a, a), (b, a), (b, b), (a, b), (a, a)])
    };
    let faces = faces(&square(300.0, vec![frame(100.0), frame(50.0)]));
    assert_eq!(faces.len(), 3);
    assert_eq!(faces.adjacency.len(), 2);
}

#[test]
fn lines_given_twice_and_on_the_boundary_change_nothing() {
    let once = checkered(3, 100.0);
    let mut twice = once.clone();
    twice.lines.extend(once.lines.clone());
    // The same line cut elsewhere, and one along the boundary.
    twice.lines.push(line(&[
        (100.0, 300.0),
        (100.0, 137.0),
        (100.0, 20.0),
        (100.0, 0.0),
    ]));
    twice.lines.push(line(&[
        (0.0, 0.0),
        (150.0, 0.0),
        (300.0, 0.0),
        (300.0, 300.0),
    ]));
    assert_eq!(faces(&once).len(), faces(&twice).len());
}

#[test]
fn streets_that_just_miss_are_joined() {
    let short = vec![
        line(&[(0.3, 100.0), (199.8, 100.2)]),
        line(&[(100.0, 0.0), (100.0, 99.8)]),
    ];
    let faces = faces(&square(200.0, short));
    assert_eq!(faces.len(), 3, "{:?}", faces.problems);
}

#[test]
fn ends_that_miss_by_metres_stay_dead_ends() {
    let short = vec![line(&[(0.0, 100.0), (195.0, 100.0)])];
    assert_eq!(faces(&square(200.0, short)).len(), 1);
}

#[test]
fn a_street_along_the_boundary_leaves_no_sliver() {
    // 0.3 m inside, then 2 m inside: the first snaps, the second is joined.
    for off in [0.3, 2.0] {
        let along = vec![
            line(&[(off, -5.0), (off, 205.0)]),
            line(&[(-5.0, 100.0), (205.0, 100.0)]),
        ];
        let faces = faces(&square(200.0, along));
        assert_eq!(faces.len(), 2, "{off}: {:?}", faces.area_m2);
    }
}

#[test]
fn both_sides_of_a_street_through_a_compound_are_one_face() {
    let mut ground = checkered(2, 100.0);
    ground.compounds = vec![site(rectangle(60.0, 20.0, 80.0, 50.0), 300.0)];
    let faces = faces(&ground);
    assert_eq!(faces.len(), 3);
    let home: Vec<usize> = (0..3).filter(|f| faces.compounds[*f] == [0]).collect();
    assert_eq!(faces.households[home[0]], 300.0);
    assert_eq!(faces.households.iter().sum::<f64>(), 300.0);
    assert!(codes(&faces.problems).is_empty());
}

#[test]
fn a_main_road_through_a_compound_is_reported() {
    let mut ground = checkered(2, 100.0);
    ground.lines[0].class = BorderClass::Arterial;
    ground.compounds = vec![site(rectangle(60.0, 20.0, 80.0, 50.0), 300.0)];
    let problem = Problem::CompoundCrossed {
        compound: 0,
        class: BorderClass::Arterial,
    };
    assert_eq!(faces(&ground).problems, [problem]);
}

#[test]
fn a_compound_drawn_a_metre_over_its_street_joins_nothing() {
    let mut ground = checkered(2, 100.0);
    ground.compounds = vec![site(rectangle(20.0, 20.0, 81.0, 50.0), 300.0)];
    let faces = faces(&ground);
    assert_eq!(faces.len(), 4);
    assert_eq!(faces.households.iter().filter(|h| **h > 0.0).count(), 1);
}

#[test]
fn compounds_on_and_outside_the_boundary_are_told() {
    let mut ground = checkered(2, 100.0);
    ground.compounds = vec![
        site(rectangle(180.0, 20.0, 40.0, 50.0), 200.0),
        site(rectangle(400.0, 20.0, 40.0, 50.0), 70.0),
    ];
    let faces = faces(&ground);
    let half = Problem::CompoundOnBoundary {
        compound: 0,
        inside: 0.5,
    };
    assert_eq!(
        faces.problems,
        [half, Problem::CompoundOutside { compound: 1 }]
    );
    assert!((faces.households.iter().sum::<f64>() - 100.0).abs() < 1e-9);
    assert_eq!(faces.compound_households, [100.0, 0.0]);
}

#[test]
fn points_and_a_total_fill_what_compounds_leave() {
    let mut ground = checkered(2, 100.0);
    ground.compounds = vec![Site {
        shape: Geometry::Point(place(50.0, 50.0).into()),
        households: Some(100.0),
    }];
    let at = |x, y, households| HouseholdPoint {
        at: place(x, y),
        households,
    };
    ground.points = vec![at(150.0, 50.0, 30.0), at(500.0, 50.0, 7.0)];
    ground.total_households = Some(330.0);
    let faces = faces(&ground);
    let lost = Problem::PointsOutside {
        count: 1,
        households: 7.0,
    };
    assert_eq!(faces.problems, [lost]);
    let mut households: Vec<i64> = faces.households.iter().map(|h| h.round() as i64).collect();
    households.sort_unstable();
    assert_eq!(households, [50, 50, 80, 150]);
}

#[test]
fn two_networks_that_do_not_touch_are_both_used() {
    let mut ground = checkered(2, 100.0);
    let far = rectangle(1_000.0, 0.0, 200.0, 200.0);
    ground.boundary.0.push(far);
    ground
        .lines
        .push(line(&[(1_100.0, -5.0), (1_100.0, 205.0)]));
    assert_eq!(faces(&ground).len(), 6);
}

#[test]
fn the_seam_between_two_polygons_is_a_border() {
    let mut ground = square(100.0, vec![]);
    ground.boundary.0.push(rectangle(100.0, 0.0, 100.0, 100.0));
    let faces = faces(&ground);
    assert_eq!(faces.len(), 2);
    assert_eq!(faces.adjacency[0].class, BorderClass::Boundary);
}

#[test]
fn a_hole_in_the_boundary_stays_empty() {
    let hole = ring(&[(80.0, 80.0), (80.0, 120.0), (120.0, 120.0), (120.0, 80.0)]);
    let mut ground = checkered(2, 100.0);
    ground.boundary.0[0].interiors_push(hole);
    let faces = faces(&ground);
    assert_eq!(faces.len(), 4);
    assert!(
        !faces
            .polygons
            .iter()
            .any(|p| p.contains(&place(100.5, 100.5)))
    );
}

/// Chords of a square in general position.
fn chords() -> impl Strategy<Value = Vec<((f64, f64), (f64, f64))>> {
    prop::collection::vec(((0.0..1.0, 0.0..1.0), 0..6_usize), 0..14).prop_map(|list| {
        let on = |side: usize, t: f64| {
            let at = 20.0 + 960.0 * t;
            [(at, 0.0), (1_000.0, at), (at, 1_000.0), (0.0, at)][side]
        };
        let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
        list.into_iter()
            .map(|((t, u), k)| (on(pairs[k].0, t), on(pairs[k].1, u)))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Chords cut a square into 1 + chords + crossings faces.
    #[test]
    fn as_many_faces_as_chords_and_crossings_make(chords in chords()) {
        use geo::line_intersection::line_intersection;
        let geo_line = |c: &((f64, f64), (f64, f64))| geo::Line::new(c.0, c.1);
        let mut crossings = Vec::new();
        for (i, c) in chords.iter().enumerate() {
            for d in &chords[..i] {
                if let Some(hit) = line_intersection(geo_line(c), geo_line(d)) {
                    let geo::line_intersection::LineIntersection::SinglePoint { intersection, .. } = hit else {
                        return Err(TestCaseError::reject("the same chord twice"));
                    };
                    crossings.push(intersection);
                }
            }
        }
        // General position: no two corners within reach of each other.
        let mut all: Vec<Coord> = crossings.clone();
        all.extend(chords.iter().flat_map(|c| [Coord::from(c.0), Coord::from(c.1)]));
        for (i, a) in all.iter().enumerate() {
            prop_assume!(all[..i].iter().all(|b| (a.x - b.x).hypot(a.y - b.y) > 3.0));
        }
        for a in &crossings {
            prop_assume!(a.x.min(a.y).min(1_000.0 - a.x).min(1_000.0 - a.y) > 3.0);
        }
        let lines = chords.iter().map(|c| line(&[c.0, c.1])).collect();
        let ground = square(1_000.0, lines);
        let options = Options { tiny_face_m2: 0.0, ..Options::default() };
        let faces = Faces::new(&ground, &options).unwrap();
        let slivers = faces.problems.iter().map(|p| match p {
            Problem::SliversJoined { count, .. } => *count,
            _ => 0,
        });
        let found = faces.len() + slivers.sum::<usize>();
        prop_assert_eq!(found, 1 + chords.len() + crossings.len());
    }

    /// Any lines and compounds: faces tile the ground, are valid, and run
    /// along what was given.
    #[test]
    fn faces_tile_the_ground_along_the_lines(
        lines in prop::collection::vec(prop::collection::vec((-100.0..700.0, -100.0..700.0), 2..6), 0..12),
        compounds in prop::collection::vec((0.0..500.0, 0.0..500.0, 5.0..150.0, 5.0..150.0), 0..5),
        corner in 100.0..500.0,
    ) {
        // An L: concave corners matter.
        let shape = [(0.0, 0.0), (600.0, 0.0), (600.0, corner), (corner, corner), (corner, 600.0), (0.0, 600.0)];
        let mut ground = Ground {
            lines: lines.iter().map(|l| line(l)).collect(),
            boundary: polygon(&shape).into(),
            ..Ground::default()
        };
        ground.compounds = compounds.iter().map(|c| site(rectangle(c.0, c.1, c.2, c.3), 90.0)).collect();
        let proposal = propose(&ground, &by(Wanted::Grids(5))).unwrap();
        assert_sound(&proposal, &ground);
        prop_assert!(proposal.grids.iter().all(|g| g.area.0.len() == 1));
        let frame = LocalFrame::new(CENTER);
        let meters = |l: &LineString| LineString(l.0.iter().map(|c| frame.to_meters(*c)).collect());
        let mut given: Vec<LineString> = ground.lines.iter().flat_map(|l| &l.line.0).map(meters).collect();
        given.push(meters(ground.boundary.0[0].exterior()));
        for side in proposal.faces.polygons.iter().flat_map(|p| p.exterior().lines()) {
            let middle = geo::Point(frame.to_meters((side.start + side.end) / 2.0));
            let off = given.iter().map(|l| Euclidean.distance(&middle, l)).fold(f64::INFINITY, f64::min);
            // Ends move by the snap distance at most.
            prop_assert!(off < 0.51, "{off} m off every line");
        }
        let bounds = ground.boundary.bounding_rect().unwrap();
        prop_assert!(proposal.grids.iter().all(|g| bounds.contains(&g.area.bounding_rect().unwrap().center())));
    }
}
