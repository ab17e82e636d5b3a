use proptest::prelude::*;

use super::*;

fn ground() -> Ground {
    checkered(5, 100.0)
}

fn proposal() -> Proposal {
    propose(&ground(), &by(Wanted::Grids(5))).unwrap()
}

/// A face of `from` that lies beside `to`.
fn face_between(p: &Proposal, from: u32, to: u32) -> Option<u32> {
    let grid = |f: u32| p.grid_of[f as usize];
    p.faces
        .adjacency
        .iter()
        .find_map(|s| match (grid(s.a), grid(s.b)) {
            (a, b) if (a, b) == (from, to) => Some(s.a),
            (a, b) if (b, a) == (from, to) => Some(s.b),
            _ => None,
        })
}

#[test]
fn a_face_moves_to_a_neighbour_and_back() {
    let before = proposal();
    let to = before.grids[0].neighbours[0];
    let face = face_between(&before, 0, to).unwrap();
    let after = move_face(&before, face, to).unwrap();
    assert_sound(&after, &ground());
    assert_eq!(after.grid_of[face as usize], to);
    assert_eq!(after.faces, before.faces);
    assert!(after.balance.max > before.balance.max);
    assert_eq!(move_face(&after, face, 0).unwrap(), before);
}

#[test]
fn moves_that_break_a_grid_are_refused() {
    let p = proposal();
    let far = (0..5).find(|g| *g != 0 && !p.grids[0].neighbours.contains(g));
    if let Some(grid) = far {
        let face = p.grids[0].faces[0];
        assert_eq!(
            move_face(&p, face, grid),
            Err(AdjustError::NotAdjacent { grid })
        );
    }
    let unknown = AdjustError::UnknownFace { face: 99 };
    assert_eq!(move_face(&p, 99, 0), Err(unknown));
    assert_eq!(
        move_face(&p, 0, 77),
        Err(AdjustError::UnknownGrid { grid: 77 })
    );
    let grid = p.grid_of[3];
    assert_eq!(move_face(&p, 3, grid), Err(AdjustError::SameGrid { grid }));

    // A strip of three: its middle must stay, its only face too.
    let strip = square(
        300.0,
        vec![
            line(&[(100.0, -5.0), (100.0, 305.0)]),
            line(&[(200.0, -5.0), (200.0, 305.0)]),
            line(&[(100.0, 150.0), (200.0, 150.0)]),
        ],
    );
    let faces = Faces::new(&strip, &Options::default()).unwrap();
    assert_eq!(faces.len(), 4);
    let middle: Vec<u32> = (0..4)
        .filter(|f| faces.area_m2[*f as usize] < 20_000.0)
        .collect();
    let mut grid_of = vec![0; 4];
    grid_of[middle[0] as usize] = 1;
    let p = assign(&faces, &grid_of, &by(Wanted::Grids(2))).unwrap();
    let cut = AdjustError::WouldCut { grid: 0 };
    assert_eq!(move_face(&p, middle[1], 1), Err(cut));
    let empty = AdjustError::WouldEmpty { grid: 1 };
    assert_eq!(move_face(&p, middle[0], 0), Err(empty));
    assert_eq!(split(&p, 1), Err(AdjustError::OneFace { grid: 1 }));
    for error in [cut, empty] {
        assert!(error.zh().contains("网格") && error.en().contains("grid"));
    }
}

#[test]
fn grids_merge_and_split() {
    let before = proposal();
    let b = before.grids[1].neighbours[0];
    let merged = merge(&before, 1, b).unwrap();
    assert_sound(&merged, &ground());
    assert_eq!(merged.grids.len(), 4);
    let kept = 1.min(b);
    let halves = split(&merged, kept).unwrap();
    assert_sound(&halves, &ground());
    assert_eq!(halves.grids.len(), 5);
    let (one, two) = (&halves.grids[kept as usize], &halves.grids[4]);
    assert!((one.area_m2 - two.area_m2).abs() < 1.2 * 10_000.0);
    assert_eq!(one.area.0.len() + two.area.0.len(), 2);
    assert_eq!(merge(&before, 2, 2), Err(AdjustError::SameGrid { grid: 2 }));
}

#[test]
fn rebalance_leaves_locked_grids_alone() {
    let mut p = proposal();
    // Make it uneven: one grid takes a face from each neighbour.
    for other in p.grids[4].neighbours.clone() {
        let face = face_between(&p, other, 4).unwrap();
        p = move_face(&p, face, 4).unwrap_or(p);
    }
    assert!(p.balance.share_within_tolerance < 1.0);
    let locked = 0;
    let after = rebalance(&p, &[locked]).unwrap();
    assert_sound(&after, &ground());
    assert_eq!(after.grids[0].faces, p.grids[0].faces);
    assert_eq!(after.grids.len(), 5);
    assert!(after.balance.mean_abs_dev <= p.balance.mean_abs_dev);
    assert_eq!(rebalance(&p, &[0, 1, 2, 3]), Err(AdjustError::AllLocked));
    assert_eq!(
        rebalance(&p, &[9]),
        Err(AdjustError::UnknownGrid { grid: 9 })
    );
}

#[test]
fn an_assignment_from_elsewhere_is_checked() {
    let p = proposal();
    assert_eq!(assign(&p.faces, &p.grid_of, &p.options).unwrap(), p);
    let damaged = Err(AdjustError::Damaged);
    assert_eq!(assign(&p.faces, &p.grid_of[1..], &p.options), damaged);
    assert_eq!(assign(&p.faces, &[7; 25], &p.options), damaged);
    // Opposite corners cannot be one grid.
    let mut grid_of = vec![0; 25];
    grid_of[0] = 1;
    grid_of[24] = 1;
    assert_eq!(
        assign(&p.faces, &grid_of, &p.options),
        Err(AdjustError::WouldCut { grid: 1 })
    );
    let mut broken = p.clone();
    broken.faces.adjacency[0].b = 400;
    assert_eq!(move_face(&broken, 0, 1), damaged);
    assert_eq!(split(&broken, 0), damaged);
    assert!(to_grids(&broken, "1", "", None).is_empty());
}

#[derive(Debug, Clone)]
enum Step {
    Move(u32, u32),
    Merge(u32, u32),
    Split(u32),
    Rebalance(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u32..27, 0_u32..8).prop_map(|(f, g)| Step::Move(f, g)),
        1 => (0_u32..8, 0_u32..8).prop_map(|(a, b)| Step::Merge(a, b)),
        1 => (0_u32..8).prop_map(Step::Split),
        1 => (0_u32..8).prop_map(Step::Rebalance),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever is tried, each proposal is sound and every grid is one piece.
    #[test]
    fn any_work_by_hand_keeps_the_rules(steps in prop::collection::vec(step(), 1..12)) {
        let mut p = proposal();
        for step in steps {
            let next = match step {
                Step::Move(face, grid) => move_face(&p, face, grid),
                Step::Merge(a, b) => merge(&p, a, b),
                Step::Split(grid) => split(&p, grid),
                Step::Rebalance(locked) => rebalance(&p, &[locked]),
            };
            if let Ok(next) = next {
                assert_sound(&next, &ground());
                prop_assert!(next.grids.iter().all(|g| g.area.0.len() == 1));
                p = next;
            }
        }
    }
}
