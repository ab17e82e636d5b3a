use std::collections::BTreeMap;

use jiff::civil::date;

use super::{random_filter, slow_place, slow_rows};
use crate::index::town::Town;
use crate::model::{Entity, Incident, LayerName, Scope, TimeWindow};
use crate::query::{By, Filter, Step, counts, grid_stats, histogram, summary};

fn slow_keys(town: &Town, filter: &Filter, incident: &Incident, by: By) -> Vec<String> {
    let grid = |id| {
        town.rows
            .grids
            .put
            .iter()
            .find(|grid| Some(grid.meta.id) == id)
    };
    let place = slow_place(&town.rows.grids.put, incident, filter.grids_of);
    let local = incident.occurred_at.to_local();
    match by {
        By::Grid => place
            .iter()
            .filter_map(|id| grid(*id))
            .map(|g| g.code.clone())
            .collect(),
        By::Community => grid(place[0])
            .into_iter()
            .map(|g| g.community.clone())
            .collect(),
        By::Category => vec![incident.category.clone()],
        By::Kind => vec![incident.kind.as_str().to_owned()],
        By::Hour if incident.date_only => vec![],
        By::Hour => vec![local.hour().to_string()],
        By::Weekday => vec![local.date().weekday().to_monday_one_offset().to_string()],
        By::Day => vec![local.date().to_string()],
    }
}

#[test]
fn counts_are_what_counting_one_by_one_gives() {
    let all = [
        By::Grid,
        By::Community,
        By::Category,
        By::Kind,
        By::Hour,
        By::Weekday,
        By::Day,
    ];
    for seed in 0..6 {
        let mut town = Town::new(seed, 400);
        let snapshot = town.snapshot();
        for _ in 0..20 {
            let filter = random_filter(&mut town);
            let rows = slow_rows(&town, &filter);
            for by in all {
                assert_eq!(by.as_str().parse(), Ok(by));
                let fast = counts(&snapshot, &Scope::all(), &filter, by);
                let mut slow: BTreeMap<String, u64> = BTreeMap::new();
                for row in &rows {
                    for key in slow_keys(&town, &filter, row, by) {
                        *slow.entry(key).or_default() += 1;
                    }
                }
                let items = fast.items.iter().map(|item| (item.key.clone(), item.count));
                assert_eq!(items.collect::<BTreeMap<_, _>>(), slow, "{by:?} {filter:?}");
                assert_eq!(fast.items.len(), slow.len());
                let count = |test: &dyn Fn(&Incident) -> bool| {
                    rows.iter().filter(|row| test(row)).count() as u64
                };
                assert_eq!(fast.total, rows.len() as u64);
                assert_eq!(fast.unplaced, count(&|row| row.at.is_none()));
                assert_eq!(fast.placed + fast.unplaced, fast.total);
                assert_eq!(fast.date_only, count(&|row| row.date_only));
                let outside = |row: &Incident| {
                    let place = slow_place(&town.rows.grids.put, row, filter.grids_of);
                    row.at.is_some() && place == [None, None]
                };
                assert_eq!(fast.outside, count(&outside));
            }
        }
    }
}

#[test]
fn hours_and_weekdays_come_in_natural_order() {
    let town = Town::new(2, 800);
    let snapshot = town.snapshot();
    let hours = counts(&snapshot, &Scope::all(), &Filter::default(), By::Hour);
    let keys: Vec<u8> = hours
        .items
        .iter()
        .map(|item| item.key.parse().unwrap())
        .collect();
    assert!(keys.is_sorted() && keys.len() > 2, "{keys:?}");
    let kinds = counts(&snapshot, &Scope::all(), &Filter::default(), By::Kind);
    let keys: Vec<&str> = kinds.items.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(keys, ["police", "dispute", "hotline"]);
}

#[test]
fn grid_statistics_agree_with_counting() {
    for seed in 0..6 {
        let mut town = Town::new(seed, 400);
        let snapshot = town.snapshot();
        for _ in 0..20 {
            let filter = random_filter(&mut town);
            let rows = slow_rows(&town, &filter);
            let stats = grid_stats(&snapshot, &Scope::all(), &filter);
            assert_eq!(stats.total, rows.len() as u64);
            let mut counted = 0;
            for stat in &stats.grids {
                let grid = snapshot.grids.get(stat.slot);
                let inside = rows.iter().filter(|row| {
                    let place = slow_place(&town.rows.grids.put, row, filter.grids_of);
                    place.contains(&Some(grid.meta.id))
                });
                assert_eq!(stat.count, inside.count() as u64);
                counted += stat.count;
                assert_eq!(stat.few, stat.count < 5);
                let households = snapshot.grid_facts()[stat.slot as usize].households;
                let rate = households.map(|n| stat.count as f64 / f64::from(n) * 1000.0);
                match (rate, stat.rate_per_1000) {
                    (Some(a), Some(b)) => assert!((a - b).abs() < 1e-9),
                    (a, b) => assert_eq!(a, b),
                }
            }
            if filter.grids.is_empty() {
                let by_grid = counts(&snapshot, &Scope::all(), &filter, By::Grid);
                let all: u64 = by_grid.items.iter().map(|item| item.count).sum();
                assert_eq!(counted, all, "no grid with incidents is left out");
            }
        }
    }
}

fn slow_start(step: Step, day: jiff::civil::Date) -> jiff::civil::Date {
    match step {
        Step::Day => day,
        Step::Week => {
            let back = day.weekday().to_monday_zero_offset();
            day - jiff::Span::new().days(back)
        }
        Step::Month => day.first_of_month(),
    }
}

#[test]
fn histograms_agree_with_counting() {
    for seed in 0..6 {
        let mut town = Town::new(seed, 400);
        let snapshot = town.snapshot();
        for _ in 0..20 {
            let filter = random_filter(&mut town);
            let always = filter.with_window(TimeWindow::ALWAYS);
            for step in [Step::Day, Step::Week, Step::Month] {
                let fast = histogram(&snapshot, &Scope::all(), &filter, step);
                let mut slow: BTreeMap<_, (u64, u64)> = BTreeMap::new();
                for row in slow_rows(&town, &always) {
                    let start = slow_start(step, row.occurred_at.local_date());
                    let bin = slow.entry(start).or_default();
                    bin.0 += u64::from(filter.window.contains(row.occurred_at));
                    bin.1 += 1;
                }
                let Some(start) = fast.start else {
                    assert!(slow.is_empty() && fast.counts.is_empty());
                    continue;
                };
                assert_eq!(Some(&start), slow.keys().next());
                assert_eq!(fast.counts.len(), fast.other.len());
                let mut at = start;
                for (inside, all) in fast.counts.iter().zip(&fast.other) {
                    let bin = slow.remove(&at).unwrap_or_default();
                    assert_eq!((*inside, *all), bin, "{at}");
                    let next = match step {
                        Step::Day => jiff::Span::new().days(1),
                        Step::Week => jiff::Span::new().weeks(1),
                        Step::Month => jiff::Span::new().months(1),
                    };
                    at += next;
                }
                assert!(slow.is_empty());
                assert!(fast.other.last().is_some_and(|last| *last > 0));
            }
        }
    }
}

#[test]
fn one_wrong_date_does_not_ask_for_millions_of_bins() {
    let mut town = Town::new(1, 20);
    town.rows.incidents.put[0].occurred_at = crate::model::Timestamp(-60_000_000_000);
    town.rows.incidents.put[0].reported_at = None;
    let snapshot = town.snapshot();
    let days = histogram(&snapshot, &Scope::all(), &Filter::default(), Step::Day);
    assert_eq!(days.step, Step::Month);
    assert_eq!(days.start, Some(date(68, 9, 1)));
    assert_eq!(days.other.iter().sum::<u64>(), 20);
}

#[test]
fn the_summary_of_a_grid_agrees_with_counting() {
    for seed in 0..4 {
        let mut town = Town::new(seed, 600);
        let snapshot = town.snapshot();
        for _ in 0..20 {
            let filter = random_filter(&mut town);
            for grid in town.rows.grids.put.iter().step_by(5) {
                let id = grid.meta.id;
                let found = summary(&snapshot, &Scope::all(), LayerName::Grids, id, &filter);
                let found = found.expect("the grid is there");
                let of_grid = |filter: &Filter| -> Vec<&Incident> {
                    let mut rows = slow_rows(&town, filter);
                    rows.retain(|row| {
                        let place = slow_place(&town.rows.grids.put, row, filter.grids_of);
                        place.contains(&Some(id))
                    });
                    rows
                };
                let mut rows = of_grid(&filter);
                assert_eq!(found.counts.total, rows.len() as u64);
                let kinds = found.counts.police + found.counts.dispute + found.counts.hotline;
                assert_eq!(kinds, found.counts.total);
                assert_eq!(found.by_weekday.iter().sum::<u64>(), found.counts.total);
                let timed = rows.iter().filter(|row| !row.date_only).count() as u64;
                assert_eq!(found.by_hour.iter().sum::<u64>(), timed);
                rows.sort_by_key(|row| std::cmp::Reverse((row.occurred_at, row.meta.id)));
                let recent: Vec<_> = rows.iter().take(10).map(|row| row.meta.id).collect();
                let fast: Vec<_> = found.recent.iter().map(|row| row.id()).collect();
                assert_eq!(fast, recent);
                let before = filter
                    .window
                    .previous()
                    .map(|window| of_grid(&filter.with_window(window)).len() as u64);
                assert_eq!(found.previous_total, before);
            }
        }
    }
}

#[test]
fn every_feature_has_a_summary_and_a_stranger_none() {
    let town = Town::new(5, 200);
    let snapshot = town.snapshot();
    let everything = Filter::default();
    let get = |layer, id| summary(&snapshot, &Scope::all(), layer, id, &everything);
    for row in &town.rows.compounds.put {
        assert!(get(LayerName::Compounds, row.meta.id).is_some());
    }
    for row in &town.rows.streets.put {
        assert!(get(LayerName::Streets, row.meta.id).is_some());
    }
    let first = &town.rows.incidents.put[0];
    let own = get(LayerName::Incidents, first.meta.id).expect("it is there");
    assert_eq!(own.counts.total, 1);
    assert_eq!(own.feature.value("category"), first.value("category"));
    assert!(get(LayerName::Incidents, crate::model::FeatureId(0)).is_none());
    assert!(get(LayerName::Routes, first.meta.id).is_none());
}
