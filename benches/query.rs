//! Building the snapshot and asking it, at 60,000 and 1,000,000 incidents:
//! `cargo bench --bench query`. It also prints bytes per incident.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main,
};
use geo::{Coord, LineString, MultiLineString, MultiPolygon, Polygon};
use gridmap::index::Snapshot;
use gridmap::model::{
    ChangeSet, FeatureId, FoundBy, Grid, GridKind, Incident, IncidentKind, LayerName, Meta,
    Revision, Route, Scope, Timestamp,
};
use gridmap::model::{PatrolMode, Street, StreetClass};
use gridmap::query::{
    By, Filter, Step, along, counts, grid_stats, here, histogram, nearest, within,
};
use jiff::civil::date;
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

const CORNER: (f64, f64) = (117.25, 31.87);
const SIDE: usize = 7;
const PITCH: f64 = 0.005;

/// A line from one corner to the next with 12 crooked steps.
fn border(a: (f64, f64), b: (f64, f64)) -> Vec<Coord<f64>> {
    let step = |k: usize| {
        let t = k as f64 / 12.0;
        let bend = (t * 40.0).sin() * 0.0002 * (1.0 - (2.0 * t - 1.0).abs());
        Coord {
            x: a.0 + (b.0 - a.0) * t + bend * (b.1 - a.1).signum(),
            y: a.1 + (b.1 - a.1) * t + bend * (b.0 - a.0).signum(),
        }
    };
    (0..12).map(step).collect()
}

fn meta(id: i64, source: &str) -> Meta {
    Meta {
        id: FeatureId(id),
        source: source.to_owned(),
        source_id: format!("{source}-{id:08}"),
        extra: Vec::new(),
    }
}

/// 49 grids of 48 vertices, whose borders are not quite shared but for corners.
fn grids() -> Vec<Grid> {
    let corner = |column: usize, row: usize| {
        (
            CORNER.0 + column as f64 * PITCH,
            CORNER.1 + row as f64 * PITCH,
        )
    };
    let grid = |number: usize| {
        let (column, row) = (number % SIDE, number / SIDE);
        let corners = [
            corner(column, row),
            corner(column + 1, row),
            corner(column + 1, row + 1),
            corner(column, row + 1),
        ];
        let mut ring = Vec::new();
        for side in 0..4 {
            ring.extend(border(corners[side], corners[(side + 1) % 4]));
        }
        Grid {
            meta: meta(number as i64 + 1, "grids"),
            code: format!("3401{number:05}"),
            name: String::new(),
            kind: GridKind::Basic,
            community: ["七里塘", "板桥", "三角线"][number % 3].to_owned(),
            post: String::new(),
            households: Some(900),
            valid_from: None,
            valid_to: None,
            area: MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())]),
        }
    };
    (0..SIDE * SIDE).map(grid).collect()
}

fn place(random: &mut ChaCha8Rng) -> Coord<f64> {
    let span = SIDE as f64 * PITCH;
    // Most of them near 40 corners of streets, the others anywhere.
    if random.random_bool(0.7) {
        let spot = random.random_range(0..40_u32);
        let near = |random: &mut ChaCha8Rng, k: u32| {
            f64::from(spot * k % 97) / 97.0 * span + random.random_range(-0.0008..0.0008)
        };
        let (x, y) = (near(random, 31), near(random, 57));
        return Coord {
            x: CORNER.0 + x,
            y: CORNER.1 + y,
        };
    }
    Coord {
        x: CORNER.0 + random.random_range(0.0..span),
        y: CORNER.1 + random.random_range(0.0..span),
    }
}

fn incident(id: i64, random: &mut ChaCha8Rng) -> Incident {
    let kinds = IncidentKind::ALL;
    let kind = kinds[random.random_range(0..kinds.len())];
    // 24 months up to 2026-11-22.
    let occurred_at = Timestamp(1_795_276_800 - random.random_range(0..730 * 86_400));
    Incident {
        meta: meta(
            id,
            ["110", "12345"][usize::from(kind == IncidentKind::Hotline)],
        ),
        kind,
        category: format!("{kind}.{:02}", random.random_range(0..25)),
        found_by: FoundBy::ALL[usize::from(random.random_bool(0.1))],
        occurred_at,
        date_only: random.random_bool(0.02),
        reported_at: Some(Timestamp(occurred_at.0 + 600)),
        status: ["处置中", "已办结"][usize::from(random.random_bool(0.9))].to_owned(),
        text: "停在楼下的电动自行车被盗".to_owned(),
        at: random.random_bool(0.97).then(|| place(random)),
    }
}

fn rows(incidents: i64) -> ChangeSet {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let line = |random: &mut ChaCha8Rng, points: usize| {
        let mut at = place(random);
        let mut step = || {
            at.x += random.random_range(-0.0005..0.0015);
            at.y += random.random_range(-0.0005..0.0015);
            at
        };
        MultiLineString(vec![LineString((0..points).map(|_| step()).collect())])
    };
    let street = |id: i64, random: &mut ChaCha8Rng| Street {
        meta: meta(id, "streets"),
        name: format!("路{}", id % 60),
        class: StreetClass::Branch,
        oneway: false,
        foot: true,
        line: line(random, 5),
    };
    ChangeSet {
        grids: grids().into(),
        streets: (1..=600)
            .map(|id| street(id, &mut random))
            .collect::<Vec<_>>()
            .into(),
        routes: vec![Route {
            meta: meta(1, "routes"),
            code: "R1".to_owned(),
            name: "路线".to_owned(),
            mode: PatrolMode::Foot,
            checkpoints: Vec::new(),
            line: line(&mut random, 60),
        }]
        .into(),
        incidents: (1..=incidents)
            .map(|id| incident(id, &mut random))
            .collect::<Vec<_>>()
            .into(),
        ..ChangeSet::default()
    }
}

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn bench_writing(group: &mut Group<'_>, all: &ChangeSet, snapshot: &Snapshot) {
    group.bench_function("build", |b| {
        let build = |all| Snapshot::build(all, Revision(1), date(2026, 11, 22));
        b.iter_batched(|| all.clone(), build, BatchSize::PerIteration);
    });
    let mut random = ChaCha8Rng::seed_from_u64(2);
    group.bench_function("apply one incident", |b| {
        let mut next = snapshot.clone();
        let mut id = 10_000_000;
        b.iter(|| {
            id += 1;
            let mut changes = ChangeSet::default();
            changes.incidents.put.push(incident(id, &mut random));
            next = next.apply(&changes, Revision(id));
        });
    });
}

fn bench_counts(group: &mut Group<'_>, snapshot: &Snapshot) {
    let scope = Scope::all();
    let parse = |pairs: &[(&str, &str)]| Filter::parse(pairs.iter().copied(), &[]).expect("valid");
    let last = ("datetime", "2026-08-24/2026-11-22");
    let filters = [
        ("everything", Filter::default()),
        (
            "kind, 90 days, night",
            parse(&[("kind", "police"), last, ("hour", "20-5")]),
        ),
        ("a bbox", parse(&[("bbox", "117.26,31.88,117.27,31.89")])),
    ];
    for (name, filter) in &filters {
        group.bench_with_input(BenchmarkId::new("counts by grid", name), filter, |b, f| {
            b.iter(|| counts(snapshot, &scope, black_box(f), By::Grid));
        });
    }
    let everything = Filter::default();
    group.bench_function("counts by hour", |b| {
        b.iter(|| counts(snapshot, &scope, &everything, By::Hour));
    });
    group.bench_function("statistics of grids", |b| {
        b.iter(|| grid_stats(snapshot, &scope, &everything));
    });
    group.bench_function("histogram by day", |b| {
        b.iter(|| histogram(snapshot, &scope, &everything, Step::Day));
    });
}

fn bench_lookups(group: &mut Group<'_>, snapshot: &Snapshot) {
    let (scope, everything) = (Scope::all(), Filter::default());
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let incidents = LayerName::Incidents;
    group.bench_function("grid at a place", |b| {
        b.iter(|| snapshot.basic_grid_at(place(&mut random), date(2026, 11, 22)));
    });
    group.bench_function("what is here", |b| {
        b.iter(|| here(snapshot, &scope, place(&mut random)).grid.is_some());
    });
    group.bench_function("incidents within 200 m", |b| {
        b.iter(|| {
            within(
                snapshot,
                &scope,
                incidents,
                place(&mut random),
                200.0,
                &everything,
            )
            .len()
        });
    });
    group.bench_function("10 nearest incidents", |b| {
        b.iter(|| {
            nearest(
                snapshot,
                &scope,
                incidents,
                place(&mut random),
                10,
                &everything,
            )
            .len()
        });
    });
    let route = &snapshot.routes.items()[0];
    group.bench_function("incidents within 50 m of a route", |b| {
        b.iter(|| along(snapshot, &scope, incidents, &route.line, 50.0, &everything).len());
    });
}

fn bench(c: &mut Criterion) {
    for size in [60_000, 1_000_000] {
        let all = rows(size);
        let snapshot = Snapshot::build(all.clone(), Revision(1), date(2026, 11, 22));
        let per_row = |bytes: usize| bytes as f64 / size as f64;
        println!(
            "{size} incidents: {:.1} bytes each in columns, {:.1} in texts, {} parts",
            per_row(snapshot.incidents.index_bytes()),
            per_row(snapshot.incidents.text_bytes()),
            snapshot.incidents.parts().len(),
        );
        let mut group = c.benchmark_group(format!("{size}"));
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(300));
        group.measurement_time(Duration::from_secs(1));
        bench_writing(&mut group, &all, &snapshot);
        bench_counts(&mut group, &snapshot);
        bench_lookups(&mut group, &snapshot);
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
