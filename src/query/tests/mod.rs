//! Every query against the slow obvious answer, on random towns.

mod aggregates;
mod filters;
mod items;
mod lookups;
mod names;
mod values;

use rand::prelude::*;

use super::{ExtraFilter, Filter, Wanted};
use crate::index::GridsOf;
use crate::index::town::{Town, slow_grid};
use crate::model::{
    Entity, ExtraColumn, ExtraType, FeatureId, Grid, GridKind, Incident, TimeWindow, Timestamp,
    Value,
};
use crate::tile::Bounds;

/// The extra columns that towns keep.
fn columns() -> Vec<ExtraColumn> {
    let column = |name: &str, extra_type| ExtraColumn {
        name: name.to_owned(),
        extra_type,
    };
    vec![
        column("备注", ExtraType::Text),
        column("金额", ExtraType::Number),
        column("日期", ExtraType::Date),
    ]
}

/// A filter of random conditions, few at a time, so that much passes.
fn random_filter(town: &mut Town) -> Filter {
    let mut filter;
    let mut text = Vec::new();
    for name in [
        "kind", "category", "hour", "weekday", "source", "found", "status", "grids", "placed",
        "x.备注", "x.金额", "x.日期",
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
                "x.备注" => town.pick(&["有", "无%2C主,有", "50%25", "50%", "没有"]),
                "x.金额" => town.pick(&["0..0.5", "-2..-1,2", "..0", "0.5..", "1e3"]),
                "x.日期" => town.pick(&["2026-01-31", "..2026-01-10,2026-01-20..", "2025-01-01"]),
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
    let parsed = Filter::parse_with(
        &columns(),
        text.iter().map(|(name, value)| (name, value)),
        &[],
    );
    filter = parsed.expect("all of these are in the grammar");
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
        && filter
            .extras
            .iter()
            .all(|extra| slow_extra(extra, incident))
}

/// A condition on an extra column, on the value as it is.
fn slow_extra(extra: &ExtraFilter, incident: &Incident) -> bool {
    let value = incident.value(&extra.column);
    match (&extra.wanted, value) {
        (Wanted::Texts(texts), Value::Text(text)) => texts.contains(&text),
        (Wanted::Numbers(spans), Value::Integer(number)) => spans.iter().any(|span| {
            let (from, to) = (span.from.map_or(-1e9, |a| a), span.to.map_or(1e9, |b| b));
            from <= number as f64 && number as f64 <= to
        }),
        (Wanted::Numbers(spans), Value::Number(number)) => spans.iter().any(|span| {
            let (from, to) = (span.from.map_or(-1e9, |a| a), span.to.map_or(1e9, |b| b));
            (from..=to).contains(&number)
        }),
        (Wanted::Days(spans), Value::Date(day)) => {
            let text = day.to_string();
            spans.iter().any(|span| {
                let from = span.from.map_or_else(String::new, |a| a.to_string());
                let to = span.to.map_or_else(|| "9".to_owned(), |b| b.to_string());
                from <= text && text <= to
            })
        }
        _ => false,
    }
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
