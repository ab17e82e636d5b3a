//! Every query against the slow obvious answer, on random towns.

mod aggregates;
mod filters;
mod items;
mod lookups;
mod names;

use rand::prelude::*;

use super::Filter;
use crate::index::GridsOf;
use crate::index::town::{Town, slow_grid};
use crate::model::{FeatureId, Grid, GridKind, Incident, TimeWindow, Timestamp};
use crate::tile::Bounds;

/// A filter of random conditions, few at a time, so that much passes.
fn random_filter(town: &mut Town) -> Filter {
    let mut filter = Filter::default();
    let mut text = Vec::new();
    for name in [
        "kind", "category", "hour", "weekday", "source", "found", "status", "grids", "placed",
    ] {
        if town.random.random_bool(0.2) {
            let value = match name {
                "kind" => town.pick(&["police", "dispute,hotline", "警情"]),
                "category" => town.pick(&["p", "p.theft", "p.theft.bike,d", "旧码", "none"]),
                "hour" => town.pick(&["22-5", "0", "8-12,17", "0-23"]),
                "weekday" => town.pick(&["1-5", "6-1", "7", "1-7"]),
                "source" => town.pick(&["110", "110,12345", "?"]),
                "found" => town.pick(&["resident", "patrol", "patrol,resident"]),
                "status" => town.pick(&["处置中", "已办结,处置中"]),
                "grids" => town.pick(&["event", "today"]),
                _ => town.pick(&["true", "false"]),
            };
            text.push((name, value.to_owned()));
        }
    }
    if town.random.random_bool(0.2) {
        let grids = &town.rows.grids.put;
        let codes: Vec<&str> = grids.iter().map(|grid| grid.code.as_str()).collect();
        let codes: Vec<&str> = codes
            .choose_multiple(&mut town.random, 3)
            .copied()
            .collect();
        text.push(("grid", codes.join(",")));
    }
    let parsed = Filter::parse(text.iter().map(|(name, value)| (name, value)), &[]);
    if let Ok(parsed) = parsed {
        filter = parsed;
    }
    if town.random.random_bool(0.3) {
        filter.bbox = Some(random_box(town));
    }
    if town.random.random_bool(0.4) {
        // Both ends are at times that incidents have.
        let mut side = || {
            let row = town
                .rows
                .incidents
                .put
                .choose(&mut town.random)
                .expect("there are some");
            Some(row.occurred_at)
        };
        let (a, b) = (side(), side());
        filter.window = match town.random.random_range(0..3) {
            0 => TimeWindow {
                start: a.min(b),
                end: a.max(b),
            },
            1 => TimeWindow {
                start: a,
                end: None,
            },
            _ => TimeWindow {
                start: None,
                end: b,
            },
        };
    }
    filter
}

fn random_box(town: &mut Town) -> Bounds {
    let (a, b) = (town.place(), town.place());
    Bounds {
        west: a.x.min(b.x),
        south: a.y.min(b.y),
        east: a.x.max(b.x),
        north: a.y.max(b.y),
    }
}

/// The grids of an incident as the oracle sees them.
fn slow_place(grids: &[Grid], incident: &Incident, of: GridsOf) -> [Option<FeatureId>; 2] {
    let day = match of {
        GridsOf::Event => incident.occurred_at.local_date(),
        GridsOf::Today => crate::index::town::today(),
    };
    let find = |kind| incident.at.and_then(|at| slow_grid(grids, kind, at, day));
    [find(GridKind::Basic), find(GridKind::Special)]
}

/// The conditions of a filter, one by one, on the incident itself.
fn slow_passes(town: &Town, filter: &Filter, incident: &Incident) -> bool {
    let local = incident.occurred_at.to_local();
    let tree = town
        .rows
        .categories
        .as_ref()
        .expect("towns have categories");
    let in_grid = || {
        let place = slow_place(&town.rows.grids.put, incident, filter.grids_of);
        place.into_iter().flatten().any(|id| {
            let grid = town.rows.grids.put.iter().find(|grid| grid.meta.id == id);
            grid.is_some_and(|grid| filter.grids.contains(&grid.code))
        })
    };
    let in_box = |b: &Bounds| {
        incident.at.is_some_and(|at| {
            b.west <= at.x && at.x <= b.east && b.south <= at.y && at.y <= b.north
        })
    };
    let weekday = local.date().weekday().to_monday_one_offset();
    (filter.kinds.is_empty() || filter.kinds.contains(&incident.kind))
        && (filter.found.is_empty() || filter.found.contains(&incident.found_by))
        && (filter.sources.is_empty() || filter.sources.contains(&incident.meta.source))
        && (filter.statuses.is_empty() || filter.statuses.contains(&incident.status))
        && (filter.categories.is_empty()
            || filter
                .categories
                .iter()
                .any(|code| tree.is_within(&incident.category, code)))
        && (filter.grids.is_empty() || in_grid())
        && filter
            .placed
            .is_none_or(|placed| placed == incident.at.is_some())
        && filter.bbox.as_ref().is_none_or(in_box)
        && filter
            .window
            .start
            .is_none_or(|start| start <= incident.occurred_at)
        && filter
            .window
            .end
            .is_none_or(|end| incident.occurred_at < end)
        && filter
            .hours
            .is_none_or(|hours| !incident.date_only && hours >> local.hour() & 1 == 1)
        && filter.weekdays.is_none_or(|days| days >> weekday & 1 == 1)
}

/// The incidents that pass, by id.
fn slow_rows<'a>(town: &'a Town, filter: &Filter) -> Vec<&'a Incident> {
    let rows = town.rows.incidents.put.iter();
    let mut rows: Vec<&Incident> = rows.filter(|row| slow_passes(town, filter, row)).collect();
    rows.sort_by_key(|row| row.meta.id);
    rows
}

fn local(text: &str) -> Option<Timestamp> {
    Timestamp::from_local(text.parse().expect("a civil time"))
}
