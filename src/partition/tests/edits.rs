use proptest::prelude::*;

use super::super::edit::{
    Changed, EditError, coverage_check, merge_grids, move_shared_vertices, snap_to_neighbours,
    split_grid,
};
use super::*;

/// Four blocks of 100 m around a middle corner at 100, 100.
fn blocks() -> Vec<MultiPolygon> {
    let at = [(0.0, 0.0), (100.0, 0.0), (0.0, 100.0), (100.0, 100.0)];
    let block = |(x, y)| rectangle(x, y, 100.0, 100.0).into();
    at.into_iter().map(block).collect()
}

fn whole() -> MultiPolygon {
    rectangle(0.0, 0.0, 200.0, 200.0).into()
}

fn cut(points: &[(f64, f64)]) -> LineString {
    LineString(points.iter().map(|p| place(p.0, p.1)).collect())
}

fn with(mut grids: Vec<MultiPolygon>, changed: Vec<Changed>) -> Vec<MultiPolygon> {
    for change in changed {
        grids[change.at] = change.area;
    }
    grids
}

/// Bit-exact tiling, and the independent check agrees.
fn assert_exact(grids: &[MultiPolygon], boundary: &MultiPolygon) {
    assert_tiles(&grids.iter().collect::<Vec<_>>(), boundary);
    let check = coverage_check(grids, Some(boundary));
    assert!(check.is_exact(), "{check:?}");
}

#[test]
fn a_split_gives_neighbours_the_new_corners() {
    let grids = blocks();
    // Ends: 1 m short of the outer border, and beyond the inner one.
    let line = cut(&[(30.0, 1.0), (40.0, 50.0), (35.0, 120.0)]);
    let split = split_grid(&grids, 0, &line, 2.0).unwrap();
    assert!(planar(&split.parts[0]) > planar(&split.parts[1]));
    assert_eq!(split.neighbours.len(), 1);
    assert_eq!(split.neighbours[0].at, 2);
    let mut after = with(grids, split.neighbours);
    after.extend(split.parts);
    after.remove(0);
    assert_exact(&after, &whole());
}

#[test]
fn lines_that_do_not_split_say_why() {
    let grids = blocks();
    let why = |points: &[(f64, f64)]| split_grid(&grids, 0, &cut(points), 1.0).unwrap_err();
    assert_eq!(why(&[(30.0, -5.0), (30.0, 60.0)]), EditError::NotThrough);
    assert_eq!(why(&[(300.0, 0.0), (300.0, 60.0)]), EditError::NotThrough);
    assert_eq!(why(&[]), EditError::NotThrough);
    let twice = [(-5.0, 20.0), (105.0, 20.0), (105.0, 60.0), (-5.0, 60.0)];
    assert_eq!(why(&twice), EditError::ManyParts { parts: 3 });
    let corner = why(&[(-1.0, 3.0), (3.0, -1.0)]);
    assert!(matches!(corner, EditError::TooSmall { area_m2 } if area_m2 < 5.0));
    let unknown = split_grid(&grids, 4, &cut(&[]), 1.0);
    assert_eq!(unknown, Err(EditError::UnknownGrid));
    assert!(EditError::NotThrough.zh().contains("边界"));
}

#[test]
fn a_split_may_run_along_the_border_first() {
    let grids = blocks();
    let line = cut(&[(0.2, 10.0), (0.2, 40.0), (50.0, 60.0), (100.0, 60.0)]);
    let split = split_grid(&grids, 0, &line, 1.0).unwrap();
    let mut after = with(grids, split.neighbours);
    after.extend(split.parts);
    after.remove(0);
    assert_exact(&after, &whole());
}

#[test]
fn other_parts_stay_with_the_larger_half() {
    let far = rectangle(500.0, 0.0, 10.0, 10.0);
    let mut grids = blocks();
    grids[0].0.push(far);
    let split = split_grid(&grids, 0, &cut(&[(30.0, -5.0), (30.0, 105.0)]), 1.0).unwrap();
    assert_eq!((split.parts[0].0.len(), split.parts[1].0.len()), (2, 1));
}

#[test]
fn neighbours_merge_and_others_do_not() {
    let grids = blocks();
    let merged = merge_grids(&[&grids[0], &grids[1], &grids[3]]).unwrap();
    assert_eq!(merged.0.len(), 1);
    assert_exact(&[merged, grids[2].clone()], &whole());
    assert_eq!(
        merge_grids(&[&grids[0], &grids[3]]),
        Err(EditError::NotAdjacent)
    );
    let over = MultiPolygon::from(rectangle(90.0, 0.0, 50.0, 50.0));
    let found = merge_grids(&[&grids[0], &over]).unwrap_err();
    assert!(matches!(found, EditError::Overlap { area_m2 } if (area_m2 - 500.0).abs() < 1.0));
    assert_eq!(merge_grids(&[]), Err(EditError::BadShape));
}

#[test]
fn a_corner_on_one_side_only_does_not_hinder_merging() {
    let tall = MultiPolygon::from(rectangle(100.0, 0.0, 100.0, 200.0));
    let low = MultiPolygon::from(rectangle(0.0, 0.0, 100.0, 80.0));
    let high = MultiPolygon::from(rectangle(0.0, 80.0, 100.0, 120.0));
    let merged = merge_grids(&[&tall, &low, &high]).unwrap();
    assert_eq!((merged.0.len(), merged.0[0].interiors().len()), (1, 0));
    assert!((planar(&merged) / planar(&whole()) - 1.0).abs() < 1e-9);
}

#[test]
fn a_shared_corner_moves_in_all_grids() {
    let grids = blocks();
    let changed =
        move_shared_vertices(&grids, place(101.0, 99.0), place(120.0, 90.0), 5.0).unwrap();
    assert_eq!(
        changed.iter().map(|c| c.at).collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
    assert_exact(&with(grids.clone(), changed), &whole());
    let far = move_shared_vertices(&grids, place(50.0, 50.0), place(60.0, 50.0), 5.0);
    assert_eq!(far, Err(EditError::NoCorner));
}

#[test]
fn a_side_through_the_corner_gets_one() {
    let tall: MultiPolygon = rectangle(100.0, 0.0, 100.0, 200.0).into();
    let low: MultiPolygon = rectangle(0.0, 0.0, 100.0, 80.0).into();
    let high: MultiPolygon = rectangle(0.0, 80.0, 100.0, 120.0).into();
    let grids = vec![tall, low, high];
    let changed =
        move_shared_vertices(&grids, place(100.0, 80.0), place(110.0, 85.0), 1.0).unwrap();
    assert_eq!(changed.len(), 3);
    assert_exact(&with(grids, changed), &whole());
}

#[test]
fn a_corner_does_not_cross_another_border() {
    let grids = blocks();
    let over = move_shared_vertices(&grids, place(100.0, 100.0), place(100.0, -50.0), 1.0);
    assert!(over.is_err(), "{over:?}");
    // Over an islet that no side of it crosses.
    let mut with_islet = blocks();
    with_islet[3] = MultiPolygon(vec![Polygon::new(
        with_islet[3].0[0].exterior().clone(),
        vec![ring(&[
            (105.0, 110.0),
            (105.0, 112.0),
            (107.0, 112.0),
            (107.0, 110.0),
        ])],
    )]);
    with_islet.push(rectangle(105.0, 110.0, 2.0, 2.0).into());
    let jump = move_shared_vertices(&with_islet, place(100.0, 100.0), place(115.0, 140.0), 1.0);
    assert!(jump.is_err(), "{jump:?}");
}

#[test]
fn a_corner_may_fall_on_the_next_one() {
    let mut grids = blocks();
    let more = split_grid(&grids, 0, &cut(&[(30.0, -1.0), (30.0, 101.0)]), 1.0).unwrap();
    grids = with(grids, more.neighbours);
    grids.extend(more.parts);
    grids.remove(0);
    let changed = move_shared_vertices(&grids, place(30.0, 100.0), place(0.0, 100.0), 0.5).unwrap();
    assert_exact(&with(grids, changed), &whole());
}

#[test]
fn a_drawing_snaps_to_its_neighbours() {
    let grids = blocks();
    // Drawn by hand over the place of the first block, within 2 m.
    let drawn = polygon(&[
        (0.0, 0.0),
        (98.5, 1.0),
        (101.0, 60.0),
        (99.0, 101.5),
        (1.0, 99.0),
    ]);
    let snapped = snap_to_neighbours(&drawn.into(), &grids[1..], 3.0).unwrap();
    let mut after = with(grids[1..].to_vec(), snapped.neighbours);
    after.push(snapped.area);
    assert_exact(&after, &whole());
}

#[test]
fn far_from_neighbours_nothing_snaps() {
    let alone: MultiPolygon = rectangle(500.0, 500.0, 50.0, 50.0).into();
    let snapped = snap_to_neighbours(&alone, &blocks(), 3.0).unwrap();
    assert_eq!(snapped.area, alone);
    assert!(snapped.neighbours.is_empty());
}

#[test]
fn the_check_finds_what_is_wrong() {
    let mut grids = blocks();
    grids[1] = rectangle(90.0, 0.0, 110.0, 100.0).into();
    grids[3] = rectangle(110.0, 100.0, 95.0, 100.0).into();
    let check = coverage_check(&grids, Some(&whole()));
    let near = |a: f64, b: f64| (a - b).abs() < b * 0.002;
    assert_eq!((check.overlaps[0].a, check.overlaps[0].b), (0, 1));
    assert!(near(check.overlaps[0].area_m2, 1_000.0));
    assert!(near(check.gaps[0].area_m2, 1_000.0));
    assert_eq!(check.outside[0].grid, 3);
    assert!(near(check.outside[0].area_m2, 500.0));
    assert_eq!(
        (check.overlaps.len(), check.gaps.len(), check.outside.len()),
        (1, 1, 1)
    );
    // Without a boundary an open slit is no hole.
    assert!(coverage_check(&grids, None).gaps.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Splits, moves of corners and merges on the grids of a proposal never
    /// open a gap.
    #[test]
    fn edits_keep_the_coverage(
        cuts in prop::collection::vec(((0.0..400.0, 0.0..400.0), (0.0..400.0, 0.0..400.0), 0_usize..9), 0..4),
        moves in prop::collection::vec(((0.0..400.0, 0.0..400.0), (-30.0..30.0, -30.0..30.0)), 0..4),
        pair in (0_usize..9, 0_usize..9),
    ) {
        let ground = checkered(4, 100.0);
        let proposal = propose(&ground, &by(Wanted::Grids(6))).unwrap();
        let mut grids: Vec<MultiPolygon> = proposal.grids.into_iter().map(|g| g.area).collect();
        for (a, b, which) in cuts {
            if let Ok(split) = split_grid(&grids, which, &cut(&[a, b]), 5.0) {
                grids = with(grids, split.neighbours);
                grids.extend(split.parts);
                grids.remove(which);
            }
            assert_tiles(&grids.iter().collect::<Vec<_>>(), &ground.boundary);
        }
        for (from, by) in moves {
            // Inner corners only: the boundary is to stay.
            let to = (from.0 + by.0, from.1 + by.1);
            let edge = |v: f64| !(25.0..375.0).contains(&v);
            if edge(from.0) || edge(from.1) {
                continue;
            }
            if let Ok(changed) = move_shared_vertices(&grids, place(from.0, from.1), place(to.0, to.1), 20.0) {
                grids = with(grids, changed);
                assert_tiles(&grids.iter().collect::<Vec<_>>(), &ground.boundary);
            }
        }
        let (a, b) = (pair.0 % grids.len(), pair.1 % grids.len());
        if a != b && let Ok(merged) = merge_grids(&[&grids[a], &grids[b]]) {
            grids[a] = merged;
            grids.remove(b);
        }
        assert_exact(&grids, &ground.boundary);
    }

    /// What snaps once stays as it is, and never overlaps more than before.
    #[test]
    fn snapping_is_done_after_once(corners in prop::collection::vec((-2.0..2.0, -2.0..2.0), 4)) {
        let at = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)];
        let drawn: Vec<(f64, f64)> = at.iter().zip(&corners).map(|(p, d)| (p.0 + d.0, p.1 + d.1)).collect();
        let grids = blocks();
        let once = snap_to_neighbours(&polygon(&drawn).into(), &grids[1..], 3.0).unwrap();
        let neighbours = with(grids[1..].to_vec(), once.neighbours);
        let again = snap_to_neighbours(&once.area, &neighbours, 3.0).unwrap();
        prop_assert_eq!(&again.area, &once.area);
        prop_assert!(again.neighbours.is_empty());
        let mut all = neighbours;
        all.push(once.area);
        prop_assert!(coverage_check(&all, None).overlaps.is_empty());
    }
}
