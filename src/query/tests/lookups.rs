use geo::{
    Coord, Distance, Euclidean, Geometry, Intersects, LineString, MapCoords, MultiPolygon, Polygon,
};
use rand::prelude::*;

use super::{random_box, random_filter, slow_rows};
use crate::crs::LocalFrame;
use crate::index::town::{Town, degrees, slow_covers, slow_grid, today};
use crate::model::{Entity, FeatureId, GridKind, LayerName, Scope};
use crate::query::{Filter, Hit, along, here, in_bbox, inside, nearest, within};
use crate::tile::Bounds;

/// Every row of a layer that a filter of places passes: id and shape.
fn rows(town: &Town, layer: LayerName, filter: &Filter) -> Vec<(FeatureId, Geometry<f64>)> {
    fn all<T: Entity>(rows: &[T]) -> Vec<(FeatureId, Geometry<f64>)> {
        let shapes = rows.iter().map(|row| (row.meta().id, row.geometry()));
        shapes
            .filter_map(|(id, shape)| Some((id, shape?)))
            .collect()
    }
    let in_box = |shape: &Geometry<f64>| {
        filter
            .bbox
            .as_ref()
            .is_none_or(|bounds| slow_touches(shape, &area_of(bounds)))
    };
    let mut rows = match layer {
        LayerName::Grids => all(&town.rows.grids.put),
        LayerName::Compounds => all(&town.rows.compounds.put),
        LayerName::Streets => all(&town.rows.streets.put),
        LayerName::Routes => all(&town.rows.routes.put),
        LayerName::Incidents => {
            let found = slow_rows(town, filter).into_iter();
            return found
                .filter_map(|row| Some((row.meta.id, row.geometry()?)))
                .collect();
        }
    };
    rows.retain(|(_, shape)| in_box(shape));
    rows
}

fn area_of(b: &Bounds) -> MultiPolygon<f64> {
    let ring = [
        (b.west, b.south),
        (b.east, b.south),
        (b.east, b.north),
        (b.west, b.north),
    ];
    MultiPolygon(vec![Polygon::new(LineString::from(ring.to_vec()), vec![])])
}

/// Points by the whole-number oracle, other shapes by the geometry library,
/// whose predicates are exact, too.
fn slow_touches(shape: &Geometry<f64>, area: &MultiPolygon<f64>) -> bool {
    match shape {
        Geometry::Point(at) => slow_covers(area, at.0),
        other => other.intersects(area),
    }
}

/// A simple polygon on the lattice, perhaps with a hole.
fn random_area(town: &mut Town) -> MultiPolygon<f64> {
    let at = town.lattice_point();
    let mut side = |low: i64| town.random.random_range(low..12);
    let ring = [
        at,
        (at.0 + side(4), at.1 + side(0) / 4),
        (at.0 + 4, at.1 + 4 + side(0)),
        (at.0, at.1 + side(4)),
    ];
    let hole = [
        (at.0 + 1, at.1 + 1),
        (at.0 + 2, at.1 + 1),
        (at.0 + 1, at.1 + 2),
    ];
    let line = |ring: &[(i64, i64)]| ring.iter().map(|at| degrees(*at)).collect();
    let holes = if town.random.random_bool(0.5) {
        vec![line(&hole)]
    } else {
        vec![]
    };
    MultiPolygon(vec![Polygon::new(line(&ring), holes)])
}

/// Layers other than incidents know the box only.
fn filter_for(town: &mut Town, layer: LayerName) -> Filter {
    let filter = random_filter(town);
    match layer {
        LayerName::Incidents => filter,
        _ => Filter {
            bbox: filter.bbox,
            ..Filter::default()
        },
    }
}

#[test]
fn what_is_in_a_box_or_an_area_is_what_a_scan_finds() {
    let mut found = 0;
    for seed in 0..6 {
        let mut town = Town::new(seed, 300);
        let snapshot = town.snapshot();
        for &layer in LayerName::ALL {
            for _ in 0..25 {
                let filter = filter_for(&mut town, layer);
                let area = random_area(&mut town);
                let bounds = random_box(&mut town);
                let slow = |area: &MultiPolygon<f64>| -> Vec<FeatureId> {
                    let rows = rows(&town, layer, &filter).into_iter();
                    let mut ids: Vec<_> = rows
                        .filter(|(_, shape)| slow_touches(shape, area))
                        .map(|(id, _)| id)
                        .collect();
                    ids.sort();
                    ids
                };
                let fast = inside(&snapshot, &Scope::all(), layer, &area, &filter);
                let fast: Vec<_> = fast.iter().map(|row| row.id()).collect();
                assert_eq!(fast, slow(&area), "{layer} {filter:?}");
                found += fast.len();
                let fast = in_bbox(&snapshot, &Scope::all(), layer, &bounds, &filter);
                let fast: Vec<_> = fast.iter().map(|row| row.id()).collect();
                assert_eq!(fast, slow(&area_of(&bounds)), "{layer}");
            }
        }
    }
    assert!(found > 500, "{found}");
}

fn slow_distance(shape: &Geometry<f64>, frame: &LocalFrame, other: &Geometry<f64>) -> f64 {
    let flat = |shape: &Geometry<f64>| shape.map_coords(|at| frame.to_meters(at));
    Euclidean.distance(&flat(shape), &flat(other))
}

/// Equal ids and distances; two of equal distance may come either way round.
fn check_hits(fast: &[Hit<'_>], slow: &mut [(FeatureId, f64)], what: &str) {
    slow.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    assert_eq!(fast.len(), slow.len(), "{what}");
    for (hit, (_, distance)) in fast.iter().zip(slow.iter()) {
        assert!(
            (hit.distance_m - distance).abs() < 1e-5,
            "{what} {} {distance}",
            hit.distance_m
        );
    }
    assert!(fast.is_sorted_by_key(|hit| hit.distance_m));
    let mut a: Vec<FeatureId> = fast.iter().map(|hit| hit.feature.id()).collect();
    let mut b: Vec<FeatureId> = slow.iter().map(|(id, _)| *id).collect();
    a.sort();
    b.sort();
    assert_eq!(a, b, "{what}");
}

#[test]
fn what_is_within_metres_or_nearest_is_what_a_scan_finds() {
    for seed in 0..6 {
        let mut town = Town::new(seed, 300);
        let snapshot = town.snapshot();
        for &layer in LayerName::ALL {
            for _ in 0..25 {
                let filter = filter_for(&mut town, layer);
                let at = town.place();
                // A lattice unit is about 740 m by 866 m.
                let radius_m = town.random.random_range(0.0..6000.0);
                let frame = LocalFrame::new(at);
                let point = Geometry::Point(at.into());
                let rows = rows(&town, layer, &filter);
                let mut all: Vec<_> = rows
                    .iter()
                    .map(|(id, shape)| (*id, slow_distance(shape, &frame, &point)))
                    .collect();
                let mut near = all.clone();
                near.retain(|(_, distance)| *distance <= radius_m);
                let fast = within(&snapshot, &Scope::all(), layer, at, radius_m, &filter);
                check_hits(&fast, &mut near, &format!("{layer} within {radius_m}"));
                let k = town.random.random_range(0..30);
                let fast = nearest(&snapshot, &Scope::all(), layer, at, k, &filter);
                all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
                assert_eq!(fast.len(), k.min(all.len()));
                for (hit, (_, distance)) in fast.iter().zip(&all) {
                    assert!((hit.distance_m - distance).abs() < 1e-5, "{layer} nearest");
                }
            }
        }
    }
}

#[test]
fn what_is_along_a_line_is_what_a_scan_finds() {
    for seed in 0..6 {
        let mut town = Town::new(seed, 300);
        let snapshot = town.snapshot();
        for &layer in LayerName::ALL {
            for _ in 0..20 {
                let filter = filter_for(&mut town, layer);
                let line = town.line();
                let within_m = town.random.random_range(0.0..2000.0);
                let rect = geo::BoundingRect::bounding_rect(&line).expect("it has points");
                let frame = LocalFrame::new(rect.center());
                let shape = Geometry::MultiLineString(line.clone());
                let mut near: Vec<_> = rows(&town, layer, &filter)
                    .iter()
                    .map(|(id, row)| (*id, slow_distance(row, &frame, &shape)))
                    .filter(|(_, distance)| *distance <= within_m)
                    .collect();
                let fast = along(&snapshot, &Scope::all(), layer, &line, within_m, &filter);
                check_hits(
                    &fast,
                    &mut near,
                    &format!("{layer} along {within_m} {line:?}"),
                );
            }
        }
    }
}

#[test]
fn metres_are_metres() {
    let mut town = Town::new(1, 0);
    let at = Coord {
        x: 117.25,
        y: 31.875,
    };
    let mut incident = town.incident();
    // 300 m north and 400 m east, by the geodesic of the ellipsoid.
    let north = geo::Destination::destination(&geo::Geodesic, at.into(), 0.0, 300.0);
    let there = geo::Destination::destination(&geo::Geodesic, north, 90.0, 400.0);
    incident.at = Some(there.0);
    town.rows.incidents.put = vec![incident];
    let snapshot = town.snapshot();
    let search = |radius_m| {
        let all = Filter::default();
        within(
            &snapshot,
            &Scope::all(),
            LayerName::Incidents,
            at,
            radius_m,
            &all,
        )
        .len()
    };
    assert_eq!((search(499.8), search(500.2)), (0, 1));
}

#[test]
fn what_is_here_is_what_a_scan_finds() {
    for seed in 0..6 {
        let mut town = Town::new(seed, 0);
        let snapshot = town.snapshot();
        for _ in 0..300 {
            let at = town.place();
            let found = here(&snapshot, &Scope::all(), at);
            let grids = &town.rows.grids.put;
            let basic = slow_grid(grids, GridKind::Basic, at, today());
            let special = slow_grid(grids, GridKind::Special, at, today());
            assert_eq!(found.grid.map(|grid| grid.meta.id), basic);
            assert_eq!(found.special_grid.map(|grid| grid.meta.id), special);
            let covering = town.rows.compounds.put.iter().find(|row| match &row.shape {
                Geometry::Polygon(p) => slow_covers(&MultiPolygon(vec![p.clone()]), at),
                _ => false,
            });
            assert_eq!(
                found.compound.map(|row| row.meta.id),
                covering.map(|row| row.meta.id)
            );
            let frame = LocalFrame::new(at);
            let streets = town.rows.streets.put.iter();
            let streets = streets.filter(|row| row.class != crate::model::StreetClass::Rail);
            let near = streets
                .map(|row| {
                    let line = Geometry::MultiLineString(row.line.clone());
                    slow_distance(&line, &frame, &Geometry::Point(at.into()))
                })
                .fold(f64::INFINITY, f64::min);
            match found.street {
                Some((_, distance)) => assert!((distance - near).abs() < 1e-6),
                None => assert!(near > 50.0),
            }
            let community = found.grid.map(|grid| grid.community.as_str());
            let community = community.filter(|name| !name.is_empty());
            let of_compound = found.compound.map(|row| row.community.as_str());
            assert_eq!(found.community, community.or(of_compound));
        }
    }
}

#[test]
fn numbers_that_are_not_finite_find_nothing() {
    let town = Town::new(1, 50);
    let snapshot = town.snapshot();
    let (scope, filter) = (Scope::all(), Filter::default());
    let layer = LayerName::Incidents;
    let nowhere = Coord {
        x: f64::NAN,
        y: 31.0,
    };
    assert!(here(&snapshot, &scope, nowhere).grid.is_none());
    assert!(nearest(&snapshot, &scope, layer, nowhere, 3, &filter).is_empty());
    let at = Coord { x: 117.0, y: 31.0 };
    assert!(within(&snapshot, &scope, layer, at, f64::NAN, &filter).is_empty());
    assert!(within(&snapshot, &scope, layer, at, -1.0, &filter).is_empty());
    let placed = snapshot.incidents.len() - snapshot.incidents.unplaced();
    let all = within(&snapshot, &scope, layer, at, f64::INFINITY, &filter);
    assert_eq!(all.len(), placed);
    assert_eq!(
        nearest(&snapshot, &scope, layer, at, 1000, &filter).len(),
        placed
    );
    let far = Coord {
        x: -170.0,
        y: -80.0,
    };
    assert_eq!(nearest(&snapshot, &scope, layer, far, 5, &filter).len(), 5);
    let ring = LineString(vec![at, nowhere, Coord { x: 118.0, y: 32.0 }]);
    let area = MultiPolygon(vec![Polygon::new(ring, vec![])]);
    let _ = inside(&snapshot, &scope, layer, &area, &filter);
    let empty = MultiPolygon(vec![]);
    assert!(inside(&snapshot, &scope, layer, &empty, &filter).is_empty());
}
