use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, BoundingRect, Contains, Distance, Euclidean, Validation, unary_union};
use jiff::civil::{Date, date};

use super::*;
use crate::model::{
    Compound, CompoundKind, FoundBy, Grid, GridKind, Incident, IncidentKind, PatrolMode, Street,
    StreetClass,
};

const UNTIL: Date = date(2026, 11, 21);
const SEEDS: [u64; 4] = [1, 3, 20, 2023];

fn basic(town: &Town) -> Vec<Grid> {
    let basic = |g: &&Grid| g.kind == GridKind::Basic;
    town.grids.iter().filter(basic).cloned().collect()
}

#[test]
fn basic_grids_share_borders_exactly() {
    for seed in SEEDS {
        let grids = basic(&town(seed));
        let areas: Vec<_> = grids.iter().map(|g| &g.area).collect();
        let tiling = measure::tiling(&areas);
        assert_eq!(tiling.outlines, 1, "seed {seed}: a gap or a torn border");
        assert_eq!(tiling.doubled, 0, "seed {seed}: grids overlap");
        let off = (tiling.sum_m2 - tiling.outline_m2).abs() / tiling.sum_m2;
        assert!(off < 1e-9, "seed {seed}: sum and outline differ by {off:e}");
        let sum: f64 = grids.iter().map(|g| g.area.unsigned_area()).sum();
        let union = unary_union(areas).unsigned_area();
        assert!(
            (sum - union).abs() / sum < 1e-9,
            "seed {seed}: {sum} {union}"
        );
        assert!((2.5e6..4.5e6).contains(&tiling.sum_m2), "seed {seed}");
    }
}

#[test]
fn a_moved_corner_shows_in_the_tiling() {
    let mut grids = basic(&town(1));
    grids[7].area.0[0].exterior_mut(|ring| {
        let n = ring.0.len();
        ring.0[n / 2].x += 1e-7;
    });
    let tiling = measure::tiling(&grids.iter().map(|g| &g.area).collect::<Vec<_>>());
    assert!(tiling.outlines > 1);
}

#[test]
fn grids_are_irregular_and_follow_streets() {
    for seed in SEEDS {
        let town = town(seed);
        let grids = basic(&town);
        assert_eq!(grids.len(), 48, "seed {seed}");
        let vertices = measure::median_vertices(&grids);
        assert!(vertices > 12, "seed {seed}: median of {vertices} vertices");
        let variation = measure::area_variation(&grids);
        assert!(variation >= 0.35, "seed {seed}: areas vary by {variation}");
        let key = |c: &geo::Coord<f64>| (c.x.to_bits(), c.y.to_bits());
        let mut along = BTreeSet::new();
        for line in town.streets.iter().flat_map(|s| s.line.0.iter()) {
            for w in line.0.windows(2) {
                along.insert((key(&w[0]), key(&w[1])));
                along.insert((key(&w[1]), key(&w[0])));
            }
        }
        for grid in &town.grids {
            for w in grid.area.0[0].exterior().0.windows(2) {
                let on_street = along.contains(&(key(&w[0]), key(&w[1])));
                assert!(on_street, "seed {seed}: {} leaves the street", grid.name);
            }
            assert!(grid.area.is_valid(), "seed {seed}: {}", grid.name);
        }
    }
}

#[test]
fn codes_and_posts_are_as_the_field_writes_them() {
    let town = town(1);
    let codes: BTreeSet<&str> = town.grids.iter().map(|g| g.code.as_str()).collect();
    assert_eq!(codes.len(), town.grids.len());
    let special = town.grids.iter().filter(|g| g.kind == GridKind::Special);
    assert!((2..=4).contains(&special.count()));
    for grid in &town.grids {
        assert_eq!(grid.code.len(), 15);
        let community = match grid.community.as_str() {
            "七里塘社区" => "001",
            "板桥社区" => "002",
            "三角线社区" => "003",
            other => panic!("community {other}"),
        };
        assert!(grid.code.starts_with(&format!("340102014{community}")));
        assert!(grid.post.starts_with("网格长") && grid.post.ends_with("号岗"));
        if grid.kind == GridKind::Basic {
            let households = grid.households.unwrap();
            assert!((280..=540).contains(&households), "{households}");
            let housed: u32 = town
                .compounds
                .iter()
                .filter(|c| grid.area.contains(&c.shape))
                .filter_map(|c| c.households)
                .sum();
            assert!(housed <= households, "{}: {housed}", grid.name);
        }
    }
}

#[test]
fn streets_are_a_noded_network_and_no_chessboard() {
    for seed in SEEDS {
        let streets = town(seed).streets;
        let share = measure::axis_share(&streets);
        assert!(
            share < 0.40,
            "seed {seed}: {share} within 5 degrees of one cross"
        );
        let j = measure::junctions(&streets);
        assert_eq!((j.crossings, j.cut_off), (0, 0), "seed {seed}: {j:?}");
        let dead = j.dead_end_share();
        assert!(
            (0.10..=0.25).contains(&dead),
            "seed {seed}: {dead} dead ends"
        );
        assert!(j.three_way >= 2 * j.four_way, "seed {seed}: {j:?}");
        assert!(j.joints <= 5, "seed {seed}: {j:?}");
        for class in StreetClass::ALL {
            assert!(
                streets.iter().any(|s| s.class == *class),
                "seed {seed}: {class}"
            );
        }
        let roads: Vec<Street> = streets
            .into_iter()
            .filter(|s| s.class != StreetClass::Rail)
            .collect();
        assert_eq!(measure::junctions(&roads).cut_off, 0, "seed {seed}");
    }
}

#[test]
fn a_chessboard_fails_the_measures() {
    let line = |a: (f64, f64), b: (f64, f64)| Street {
        meta: crate::model::Meta::default(),
        name: String::new(),
        class: StreetClass::Branch,
        oneway: false,
        foot: true,
        line: geo::MultiLineString(vec![geo::LineString::from(vec![a, b])]),
    };
    let mut streets = Vec::new();
    for i in 0..6 {
        for j in 0..5 {
            let at = |k: i32, l: i32| (117.3 + f64::from(k) / 512.0, 31.875 + f64::from(l) / 512.0);
            streets.push(line(at(i, j), at(i, j + 1)));
            streets.push(line(at(j, i), at(j + 1, i)));
        }
    }
    assert!(measure::axis_share(&streets) > 0.99);
    let j = measure::junctions(&streets);
    assert_eq!((j.dead_ends, j.four_way, j.three_way), (0, 16, 16));
}

#[test]
fn compounds_stand_apart_with_gates_on_their_outline() {
    for seed in SEEDS {
        let town = town(seed);
        let count = town.compounds.len();
        assert!((35..=60).contains(&count), "seed {seed}: {count}");
        for name in [
            "元一名城A区",
            "元一名城B区",
            "元一名城C区",
            "蓝光时代红街",
            "利港银河新城",
        ] {
            assert!(
                town.compounds.iter().any(|c| c.name == name),
                "seed {seed}: {name}"
            );
        }
        let station = town
            .compounds
            .iter()
            .find(|c| c.name == "胜利路派出所")
            .unwrap();
        assert_eq!(station.kind, CompoundKind::Station);
        let names: BTreeSet<&str> = town.compounds.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names.len(), count, "seed {seed}: a name twice");
        for compound in &town.compounds {
            check_compound(&town, compound, seed);
        }
        for (i, a) in town.compounds.iter().enumerate() {
            for b in &town.compounds[i + 1..] {
                let apart = Euclidean.distance(&a.shape, &b.shape) > 0.0;
                assert!(apart, "seed {seed}: {} touches {}", a.name, b.name);
            }
        }
    }
}

fn check_compound(town: &Town, compound: &Compound, seed: u64) {
    let name = &compound.name;
    assert!(compound.shape.is_valid(), "seed {seed}: {name}");
    assert!((1..=3).contains(&compound.priority));
    assert!(
        !compound.gates.is_empty(),
        "seed {seed}: {name} has no gate"
    );
    let geo::Geometry::Polygon(shape) = &compound.shape else {
        panic!("{name} is no polygon");
    };
    for gate in &compound.gates {
        assert!(
            shape.exterior().0.contains(gate),
            "seed {seed}: gate of {name}"
        );
    }
    // Set back from every street that passes.
    for street in &town.streets {
        if matches!(street.class, StreetClass::Lane | StreetClass::Path)
            || (street.class == StreetClass::Rail && street.name.is_empty())
        {
            continue;
        }
        let gap = Euclidean.distance(&street.line, shape) * 94_000.0;
        assert!(
            gap > 8.0,
            "seed {seed}: {name} is {gap} m from {}",
            street.name
        );
    }
}

#[test]
fn routes_follow_the_streets_in_a_loop() {
    for seed in SEEDS {
        let town = town(seed);
        assert_eq!(town.routes.len(), 8, "seed {seed}");
        let modes: BTreeSet<PatrolMode> = town.routes.iter().map(|r| r.mode).collect();
        assert_eq!(modes.len(), 3);
        let key = |c: &geo::Coord<f64>| (c.x.to_bits(), c.y.to_bits());
        let mut along = BTreeMap::new();
        for street in &town.streets {
            for w in street.line.0[0].0.windows(2) {
                along.insert((key(&w[0]), key(&w[1])), street.class);
                along.insert((key(&w[1]), key(&w[0])), street.class);
            }
        }
        for route in &town.routes {
            let line = &route.line.0[0].0;
            assert_eq!(line.first(), line.last(), "{}", route.name);
            for w in line.windows(2) {
                let class = along[&(key(&w[0]), key(&w[1]))];
                assert_ne!(class, StreetClass::Rail, "{}", route.name);
                if route.mode == PatrolMode::Car {
                    assert!(!matches!(class, StreetClass::Lane | StreetClass::Path));
                }
            }
            assert!(route.checkpoints.len() >= 5, "seed {seed}: {}", route.name);
            let mut from = 0;
            for stop in &route.checkpoints {
                let at = line[from..].iter().position(|c| *c == stop.at);
                from += at.unwrap_or_else(|| panic!("{} misses {}", route.name, stop.name));
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_town_and_another_seed_another() {
    assert_eq!(geojson(&town(5)), geojson(&town(5)));
    assert_ne!(geojson(&town(5))[0].1, geojson(&town(6))[0].1);
    let town = town(5);
    assert_eq!(incidents(&town, 5, UNTIL), incidents(&town, 5, UNTIL));
}

#[test]
fn geodata_is_what_seed_1_gives() {
    let kept = [
        include_str!("../../geodata/jiashan/grids.geojson"),
        include_str!("../../geodata/jiashan/compounds.geojson"),
        include_str!("../../geodata/jiashan/streets.geojson"),
        include_str!("../../geodata/jiashan/routes.geojson"),
    ];
    for ((name, made), kept) in geojson(&town(1)).iter().zip(kept) {
        // Not assert_eq: a failure would print megabytes.
        assert!(
            made == kept,
            "{name} differs: run `gridmap sample --seed 1`"
        );
    }
}

fn count(all: &[Incident], pick: impl Fn(&Incident) -> bool) -> f64 {
    all.iter().filter(|i| pick(i)).count() as f64
}

#[test]
fn incidents_fill_two_years_up_to_the_last_day() {
    let town = town(1);
    for until in [UNTIL, date(2024, 2, 29), date(2030, 1, 1)] {
        let all = incidents(&town, 1, until);
        assert!((57_000..63_000).contains(&all.len()), "{}", all.len());
        assert_eq!(all.last().unwrap().occurred_at.local_date(), until);
        let first = until.saturating_sub(jiff::Span::new().months(24));
        assert!(all[0].occurred_at.local_date() > first);
        assert!(all.is_sorted_by_key(|i| i.occurred_at.local_date()));
        let ids: BTreeSet<&str> = all.iter().map(|i| i.meta.source_id.as_str()).collect();
        assert_eq!(ids.len(), all.len(), "source ids repeat");
        for i in &all {
            assert!(i.reported_at.unwrap().local_date() <= until);
            assert_eq!(i.meta.source, "sample");
        }
    }
}

#[test]
fn incidents_are_of_every_kind_and_use_known_categories() {
    let table = include_str!("../../geodata/codes/categories.csv");
    let known: BTreeMap<&str, &str> = table
        .lines()
        .skip(1)
        .map(|l| {
            let mut cells = l.split(',');
            let code = cells.next().unwrap();
            (code, cells.nth(1).unwrap())
        })
        .collect();
    let all = incidents(&town(1), 1, UNTIL);
    for i in &all {
        assert_eq!(
            known.get(i.category.as_str()),
            Some(&i.kind.as_str()),
            "{}",
            i.category
        );
    }
    for kind in IncidentKind::ALL {
        assert!(count(&all, |i| i.kind == *kind) > 8_000.0, "{kind}");
    }
    let n = all.len() as f64;
    let unplaced = count(&all, |i| i.at.is_none()) / n;
    assert!((0.010..0.020).contains(&unplaced), "{unplaced}");
    let patrol = count(&all, |i| i.found_by == FoundBy::Patrol) / n;
    assert!((0.03..0.20).contains(&patrol), "{patrol}");
    assert!(count(&all, |i| i.date_only) > 100.0);
    let statuses: BTreeSet<&str> = all.iter().map(|i| i.status.as_str()).collect();
    assert_eq!(
        statuses,
        ["处置中", "已办结", "已派单"].into_iter().collect()
    );
    // Nothing in a text looks like a number of a person.
    assert!(
        all.iter()
            .all(|i| !i.text.chars().any(|c| c.is_ascii_digit()))
    );
}

#[test]
fn incidents_lie_in_grids_and_are_concentrated() {
    let town = town(1);
    let all = incidents(&town, 1, UNTIL);
    let grids = basic(&town);
    let boxes: Vec<_> = grids
        .iter()
        .map(|g| g.area.bounding_rect().unwrap())
        .collect();
    let mut by_grid = vec![0usize; grids.len()];
    let mut by_cell: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let mut outside = 0;
    for (k, at) in all.iter().filter_map(|i| i.at).enumerate() {
        *by_cell
            .entry(((at.x * 1000.0) as i64, (at.y * 1000.0) as i64))
            .or_default() += 1;
        if k % 10 == 0 {
            let hit =
                (0..grids.len()).find(|&g| boxes[g].contains(&at) && grids[g].area.contains(&at));
            match hit {
                Some(g) => by_grid[g] += 1,
                None => outside += 1,
            }
        }
    }
    assert!(outside * 500 < all.len() / 10, "{outside} outside");
    assert!(by_grid.iter().all(|&n| n > 0), "an empty grid");
    // Heavy tail: a tenth of the inhabited 100 m cells brings over 30 %.
    let mut cells: Vec<usize> = by_cell.into_values().collect();
    cells.sort_unstable_by(|a, b| b.cmp(a));
    let top: usize = cells[..cells.len() / 10].iter().sum();
    let share = top as f64 / cells.iter().sum::<usize>() as f64;
    assert!(share > 0.3, "top tenth brings {share}");
}

#[test]
fn incidents_have_a_day_a_week_and_a_year() {
    let all = incidents(&town(1), 1, UNTIL);
    let hour = |i: &Incident| i.occurred_at.local_hour();
    let noise = |i: &Incident| i.category.contains("noise");
    let late = count(&all, |i| noise(i) && (19..24).contains(&hour(i)));
    let early = count(&all, |i| noise(i) && (2..7).contains(&hour(i)));
    assert!(
        late > 3.0 * early,
        "noise at night {late}, before dawn {early}"
    );
    let property = |i: &Incident| i.category == "hotline.property";
    let office = count(&all, |i| property(i) && (9..17).contains(&hour(i)));
    assert!(office > 0.5 * count(&all, property));
    let weekend = count(&all, |i| property(i) && i.occurred_at.local_weekday() > 5);
    assert!(weekend < 0.26 * count(&all, property));
    let month = |i: &Incident| i.occurred_at.local_date().month();
    let summer = count(&all, |i| noise(i) && (6..=8).contains(&month(i)));
    let winter = count(&all, |i| noise(i) && matches!(month(i), 12 | 1 | 2));
    assert!(
        summer > 1.8 * winter,
        "noise in summer {summer}, in winter {winter}"
    );
    let days = |from: Date, to: Date| {
        let n = f64::from(to.duration_since(from).as_hours() as i32 / 24);
        let inside = |i: &Incident| (from..to).contains(&i.occurred_at.local_date());
        count(&all, inside) / n
    };
    let festival = days(date(2026, 2, 17), date(2026, 2, 21));
    let before = days(date(2026, 1, 5), date(2026, 2, 2));
    assert!(
        festival < 0.7 * before,
        "festival {festival} a day, before {before}"
    );
    let growth =
        days(date(2026, 9, 1), date(2026, 10, 20)) / days(date(2025, 9, 1), date(2025, 10, 20));
    assert!(growth > 1.02, "growth {growth}");
}

#[test]
fn planted_clusters_stand_out_and_one_is_new() {
    let town = town(1);
    let all = incidents(&town, 1, UNTIL);
    let planted = clusters(&town, UNTIL);
    assert_eq!(planted.len(), 3);
    let month_ago = UNTIL.saturating_sub(jiff::Span::new().days(30));
    assert_eq!(planted.iter().filter(|c| c.from > month_ago).count(), 1);
    for cluster in &planted {
        let near = |i: &Incident| {
            i.category == cluster.category
                && i.at.is_some_and(|at| {
                    let (dx, dy) = (at.x - cluster.center.x, at.y - cluster.center.y);
                    (dx * 94_616.0).hypot(dy * 110_885.0) <= cluster.radius_m + 0.1
                })
        };
        let within =
            |i: &Incident| (cluster.from..=cluster.to).contains(&i.occurred_at.local_date());
        let inside = count(&all, |i| near(i) && within(i));
        let days = 1.0 + f64::from(cluster.to.duration_since(cluster.from).as_hours() as i32 / 24);
        let outside_days = 731.0 - days;
        let usual = count(&all, |i| near(i) && !within(i)) / outside_days.max(1.0) * days;
        assert!(
            inside >= 0.95 * cluster.count as f64,
            "{}: {inside}",
            cluster.name
        );
        assert!(
            inside > 3.0 * usual,
            "{}: {inside} against {usual}",
            cluster.name
        );
    }
}

#[test]
fn the_district_says_that_it_is_invented() {
    let changes = district(1, UNTIL);
    let about = changes.district.unwrap();
    assert_eq!(about.name, "嘉山路街道");
    assert_eq!(about.note.as_deref(), Some("虚构示例"));
    assert_eq!(changes.grids.put.len(), 52);
    assert!(changes.incidents.put.len() > 55_000);
}
