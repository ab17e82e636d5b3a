use std::collections::BTreeMap;

use jiff::civil::date;
use rand::prelude::*;

use super::town::{Town, degrees, slow_covers, slow_grid, today};
use super::*;
use crate::model::*;
use crate::tile::{Bounds, WorldBox, WorldPoint};

/// Every incident of the snapshot is one of `expected` and the other way round,
/// in the grids that the oracle says.
fn check_incidents(snapshot: &Snapshot, expected: &[Incident], grids: &[Grid]) {
    let mut by_id: BTreeMap<FeatureId, &Incident> = BTreeMap::new();
    for incident in expected {
        by_id.insert(incident.meta.id, incident);
    }
    assert_eq!(snapshot.incidents.len(), by_id.len());
    let unplaced = by_id.values().filter(|row| row.at.is_none()).count();
    assert_eq!(snapshot.incidents.unplaced(), unplaced);
    for row in snapshot.incidents.rows() {
        let wanted = by_id
            .remove(&row.id())
            .expect("an incident that was put in, once");
        assert_eq!(row.to_incident(), *wanted);
        for field in Incident::fields() {
            assert_eq!(
                row.value(field.name),
                wanted.value(field.name),
                "{}",
                field.name
            );
        }
        let found = snapshot.incidents.by_id(row.id()).expect("found by its id");
        assert_eq!(found.to_incident(), *wanted);
        let id = |slot: Option<u32>| slot.map(|slot| snapshot.grids.get(slot).meta.id);
        for (of, day) in [
            (GridsOf::Event, wanted.occurred_at.local_date()),
            (GridsOf::Today, snapshot.today()),
        ] {
            let slow = |kind| wanted.at.and_then(|at| slow_grid(grids, kind, at, day));
            assert_eq!(
                id(row.basic_grid(of)),
                slow(GridKind::Basic),
                "{:?}",
                wanted.at
            );
            assert_eq!(
                id(row.special_grid(of)),
                slow(GridKind::Special),
                "{:?}",
                wanted.at
            );
        }
    }
    assert!(by_id.is_empty());
}

#[test]
fn incidents_come_back_as_they_went_in_and_in_the_right_grids() {
    for seed in 0..20 {
        let town = Town::new(seed, 400);
        let snapshot = town.snapshot();
        check_incidents(&snapshot, &town.rows.incidents.put, &town.rows.grids.put);
    }
}

#[test]
fn a_point_on_a_shared_border_is_in_exactly_one_grid() {
    let town = Town::new(1, 0);
    let snapshot = town.snapshot();
    let mut on_borders = 0;
    for x in -2..43 {
        for y in -2..43 {
            let at = degrees((117 * 128 + x, 31 * 128 + y));
            let covering = town.rows.grids.put.iter().filter(|grid| {
                let counts = grid.kind == GridKind::Basic && grid.valid_on(today());
                counts && slow_covers(&grid.area, at)
            });
            on_borders += usize::from(covering.count() > 1);
            let found = snapshot.basic_grid_at(at, today());
            let found = found.map(|slot| snapshot.grids.get(slot).meta.id);
            let slow = slow_grid(&town.rows.grids.put, GridKind::Basic, at, today());
            assert_eq!(found, slow);
            // The town is 40 units wide and has no gaps.
            assert_eq!(
                found.is_some(),
                (0..=40).contains(&x) && (0..=40).contains(&y)
            );
        }
    }
    assert!(on_borders > 30, "{on_borders}");
}

#[test]
fn the_locator_agrees_with_the_oracle_on_ragged_outlines() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    for _ in 0..20 {
        // A star with a hole: edges of all slopes, many cells without any.
        let ring = |radius: f64, random: &mut rand_chacha::ChaCha8Rng| {
            let points = (0..40).map(|step| {
                let turn = f64::from(step) / 40.0 * std::f64::consts::TAU;
                let r = radius * random.random_range(0.6..1.0);
                let unit = |v: f64| (v * r).round() as i64;
                degrees((15_000 + unit(turn.cos()), 4_000 + unit(turn.sin())))
            });
            geo::LineString(points.collect())
        };
        let polygon = geo::Polygon::new(ring(60.0, &mut random), vec![ring(20.0, &mut random)]);
        let area = geo::MultiPolygon(vec![polygon]);
        let locator = Locator::new(std::iter::once((7, None, None, &area)));
        for _ in 0..2000 {
            let mut side = |middle: i64| middle + random.random_range(-65..=65);
            let at = degrees((side(15_000), side(4_000)));
            let slow = slow_covers(&area, at);
            assert_eq!(locator.find(at, 0), slow.then_some(7));
            assert_eq!(covers(&area, at), slow);
        }
    }
}

#[test]
fn changes_give_the_same_as_building_anew() {
    for seed in 0..12 {
        let mut town = Town::new(seed, 3000);
        let mut snapshot = town.snapshot();
        for revision in 2..12 {
            let mut changes = ChangeSet::default();
            let rows = &mut town.rows.incidents.put;
            for _ in 0..town.random.random_range(0..200) {
                let at = town.random.random_range(0..rows.len());
                let gone = rows.swap_remove(at);
                changes.incidents.delete.push(gone.meta.id);
            }
            let many = *[1, 30, 1500].choose(&mut town.random).expect("three");
            for _ in 0..many {
                let mut incident = town.incident();
                if town.random.random_bool(0.5) {
                    let at = town.random.random_range(0..town.rows.incidents.put.len());
                    let old = town.rows.incidents.put.swap_remove(at);
                    // The last of two rows with one id counts.
                    changes.incidents.put.push(old.clone());
                    incident.meta.id = old.meta.id;
                }
                changes
                    .incidents
                    .put
                    .retain(|row| row.meta.id != incident.meta.id);
                changes.incidents.put.push(incident.clone());
                town.rows.incidents.put.push(incident);
            }
            let before = snapshot.incidents.len();
            let next = snapshot.apply(&changes, Revision(revision));
            assert_eq!(snapshot.incidents.len(), before, "a snapshot never changes");
            assert_eq!(
                next.layer_revision(LayerName::Incidents),
                Revision(revision)
            );
            assert_eq!(next.layer_revision(LayerName::Streets), Revision(1));
            assert!(std::sync::Arc::ptr_eq(&next.streets, &snapshot.streets));
            snapshot = next;
        }
        check_incidents(&snapshot, &town.rows.incidents.put, &town.rows.grids.put);
        let rebuilt = town.snapshot();
        assert_eq!(snapshot.time_extent(), rebuilt.time_extent());
        let dead: usize = snapshot
            .incidents
            .parts()
            .iter()
            .map(|p| p.capacity() - p.len())
            .sum();
        assert!(dead <= snapshot.incidents.len(), "{dead} rows are wasted");
    }
}

#[test]
fn single_changes_do_not_pile_up_parts() {
    let mut town = Town::new(3, 2000);
    let mut snapshot = town.snapshot();
    for revision in 2..1500 {
        let incident = town.incident();
        town.rows.incidents.put.push(incident.clone());
        let mut changes = ChangeSet::default();
        changes.incidents.put.push(incident);
        snapshot = snapshot.apply(&changes, Revision(revision));
    }
    check_incidents(&snapshot, &town.rows.incidents.put, &town.rows.grids.put);
    // 15 months, none of which has more than a young part and a larger one.
    assert!(snapshot.incidents.parts().len() <= 30);
}

#[test]
fn a_whole_layer_is_replaced() {
    let mut town = Town::new(4, 100);
    let snapshot = town.snapshot();
    let kept = vec![town.incident(), town.incident()];
    let mut changes = ChangeSet::default();
    changes.incidents.replace = true;
    changes.incidents.put = kept.clone();
    changes.streets.replace = true;
    let next = snapshot.apply(&changes, Revision(2));
    check_incidents(&next, &kept, &town.rows.grids.put);
    assert!(next.streets.is_empty());
    assert_eq!(next.count(LayerName::Incidents).total, 2);
}

#[test]
fn when_grids_or_the_day_change_incidents_are_looked_up_again() {
    let mut town = Town::new(6, 500);
    let snapshot = town.snapshot();
    let moved = snapshot.with_today(date(2026, 6, 1));
    check_incidents(&moved, &town.rows.incidents.put, &town.rows.grids.put);
    let mut changes = ChangeSet::default();
    let gone = town.rows.grids.put.swap_remove(3);
    changes.grids.delete.push(gone.meta.id);
    let mut renamed = town.rows.grids.put[5].clone();
    renamed.code = "0".to_owned();
    renamed.valid_to = Some(date(2026, 9, 1));
    town.rows.grids.put[5] = renamed.clone();
    changes.grids.put.push(renamed);
    let next = snapshot.apply(&changes, Revision(9));
    check_incidents(&next, &town.rows.incidents.put, &town.rows.grids.put);
}

#[test]
fn boxes_of_the_world_hold_what_a_scan_finds() {
    let mut town = Town::new(7, 3000);
    let snapshot = town.snapshot();
    for _ in 0..200 {
        let mut corner = || {
            let at = town.place();
            WorldPoint::from_lon_lat(at.x, at.y).expect("finite")
        };
        let area = WorldBox::around([corner(), corner()]).expect("two points");
        let mut fast = Vec::new();
        snapshot
            .incidents
            .visit_in(&area, |row| fast.push(row.id()));
        fast.sort();
        let rows = snapshot.incidents.rows();
        let inside = rows.filter(|row| row.world().is_some_and(|at| area.contains(at)));
        let mut slow: Vec<FeatureId> = inside.map(Row::id).collect();
        slow.sort();
        assert_eq!(fast, slow);
    }
}

#[test]
fn things_are_found_by_key_code_and_envelope() {
    let mut town = Town::new(8, 300);
    let snapshot = town.snapshot();
    let keys = snapshot.incidents.key_index();
    for row in &town.rows.incidents.put {
        let found = keys
            .get(&row.meta.source, &row.meta.source_id)
            .expect("there");
        assert_eq!(found.id(), row.meta.id);
    }
    assert!(keys.get("110", "nowhere").is_none());
    for grid in &town.rows.grids.put {
        let found = snapshot
            .grids
            .by_key(&grid.meta.source, &grid.meta.source_id);
        assert_eq!(found.expect("there").meta.id, grid.meta.id);
        let slots = snapshot.grids.by_code(&grid.code);
        assert!(
            slots
                .iter()
                .any(|slot| snapshot.grids.get(*slot).meta.id == grid.meta.id)
        );
    }
    for _ in 0..200 {
        let (a, b) = (town.place(), town.place());
        let area = Bounds {
            west: a.x.min(b.x),
            south: a.y.min(b.y),
            east: a.x.max(b.x),
            north: a.y.max(b.y),
        };
        let slow = (0..).zip(snapshot.streets.items()).filter(|(slot, _)| {
            let own = snapshot.streets.bounds(*slot).expect("streets have places");
            own.west <= area.east
                && area.west <= own.east
                && own.south <= area.north
                && area.south <= own.north
        });
        let slow: Vec<u32> = slow.map(|(slot, _)| slot).collect();
        assert_eq!(snapshot.streets.touching(&area), slow);
    }
}

#[test]
fn rows_without_id_or_with_wild_numbers_do_no_harm() {
    let mut town = Town::new(9, 0);
    let mut rows = Vec::new();
    for (at, time) in [
        (Some((f64::NAN, 31.0)), 0),
        (Some((f64::INFINITY, 31.0)), i64::MAX),
        (Some((1e300, -1e300)), i64::MIN),
        (Some((-180.0, 90.0)), 1),
        (None, -5_000_000_000_000),
    ] {
        let mut incident = town.incident();
        incident.at = at.map(|(x, y)| geo::Coord { x, y });
        incident.occurred_at = Timestamp(time);
        rows.push(incident);
    }
    let mut unstored = town.incident();
    unstored.meta.id = FeatureId::NEW;
    rows.push(unstored);
    rows[0].meta.id = FeatureId(i64::MAX);
    town.rows.incidents.put = rows;
    let snapshot = town.snapshot();
    assert_eq!(
        snapshot.count(LayerName::Incidents),
        LayerCount {
            total: 5,
            unplaced: 3
        }
    );
    assert!(snapshot.incidents.by_id(FeatureId(i64::MAX)).is_some());
    assert!(
        snapshot
            .incidents
            .rows()
            .all(|row| row.basic_grid(GridsOf::Event).is_none())
    );
}

#[test]
fn changed_bounds_cover_old_and_new_places() {
    let mut town = Town::new(10, 50);
    let old = town
        .rows
        .incidents
        .put
        .iter_mut()
        .find(|row| row.at.is_some());
    let old = old.expect("most have a place").clone();
    let snapshot = town.snapshot();
    let mut changes = ChangeSet::default();
    let mut new = old.clone();
    new.at = Some(geo::Coord { x: 118.0, y: 32.0 });
    changes.incidents.put.push(new);
    let bounds = snapshot.changed_bounds(&changes);
    let at = old.at.expect("it has a place");
    let expected = Bounds {
        west: at.x,
        south: at.y,
        east: 118.0,
        north: 32.0,
    };
    assert_eq!(bounds[LayerName::Incidents.slot()], Some(expected));
    assert_eq!(bounds[LayerName::Grids.slot()], None);
    let mut changes = ChangeSet::default();
    changes.grids.delete.push(town.rows.grids.put[0].meta.id);
    let bounds = snapshot.changed_bounds(&changes);
    assert!(bounds[LayerName::Grids.slot()].is_some());
    assert_eq!(
        bounds[LayerName::Grids.slot()],
        bounds[LayerName::Incidents.slot()]
    );
}

#[test]
fn facts_take_households_from_the_grid_or_its_compounds() {
    let town = Town::new(11, 0);
    let snapshot = town.snapshot();
    let facts = snapshot.grid_facts();
    let mut from_compounds = 0;
    for (grid, facts) in snapshot.grids.items().iter().zip(facts) {
        // A lattice square of 8 by 8 units is about 6.9 by 5.9 km.
        assert!((1e6..4e8).contains(&facts.area_m2), "{}", facts.area_m2);
        match grid.households {
            Some(own) => assert_eq!(facts.households, Some(own)),
            None => from_compounds += usize::from(facts.households.is_some()),
        }
        let from = facts.households_from;
        assert_eq!(from.is_some(), facts.households.is_some());
        assert_eq!(
            from == Some(HouseholdsFrom::Grid),
            grid.households.is_some()
        );
    }
    assert!(from_compounds > 0);
}
