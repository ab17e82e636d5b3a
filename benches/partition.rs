//! How even proposed grids are, and how long they take:
//! `cargo bench --bench partition` (or `make bench-partition`).
//!
//! The table comes first. `cap` is the share of grids that could be within
//! 20 % at best: a face or compound that is too large by itself cannot. The
//! rows `k-means` are Lloyd's division of the same faces by their middles, which
//! knows neither sizes nor borders. The real streets need `GRIDMAP_FIXTURES`.

#![allow(
    clippy::unwrap_used,
    reason = "a bench that fails says so by panicking"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use geo::{
    BoundingRect, Centroid, Contains, ConvexHull, Coord, LineString, MultiLineString, MultiPoint,
    MultiPolygon,
};
use gridmap::crs::LocalFrame;
use gridmap::model::{GridKind, StreetClass};
use gridmap::partition::{
    Basis, BorderLine, Faces, Ground, HouseholdPoint, Options, Proposal, Site, Wanted, edit,
    move_face, propose, propose_from, rebalance,
};
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

/// How households are given.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    /// Those of compounds, and the rest at places.
    Points,
    /// Those of compounds, and the sum.
    Total,
    /// Those of compounds only.
    Compounds,
    /// None.
    Nothing,
}

/// The demo town as ground.
fn demo(known: Known) -> Ground {
    let town = gridmap::sample::town(1);
    let basic: Vec<_> = town
        .grids
        .iter()
        .filter(|g| g.kind == GridKind::Basic)
        .collect();
    let areas: Vec<&MultiPolygon> = basic.iter().map(|g| &g.area).collect();
    let mut ground = Ground {
        lines: town.streets.iter().map(BorderLine::from).collect(),
        boundary: edit::merge_grids(&areas).unwrap(),
        compounds: town.compounds.iter().map(Site::from).collect(),
        ..Ground::default()
    };
    match known {
        Known::Compounds => {}
        Known::Nothing => ground
            .compounds
            .iter_mut()
            .for_each(|c| c.households = None),
        Known::Total => {
            let all: u32 = basic.iter().filter_map(|g| g.households).sum();
            ground.total_households = Some(f64::from(all));
        }
        Known::Points => {
            for grid in basic {
                let inside = |c: &&gridmap::model::Compound| {
                    c.shape.centroid().is_some_and(|p| grid.area.contains(&p))
                };
                let own: Vec<_> = town.compounds.iter().filter(inside).collect();
                let housed: u32 = own.iter().filter_map(|c| c.households).sum();
                let rest = grid.households.unwrap_or(0).saturating_sub(housed);
                let places: Vec<Coord> = lattice(&grid.area)
                    .filter(|p| !own.iter().any(|c| c.shape.contains(p)))
                    .collect();
                let households = f64::from(rest) / places.len().max(1) as f64;
                let points = places
                    .into_iter()
                    .map(|at| HouseholdPoint { at, households });
                ground.points.extend(points);
            }
        }
    }
    ground
}

/// Places 20 m apart in an area.
fn lattice(area: &MultiPolygon) -> impl Iterator<Item = Coord> {
    let bounds = area.bounding_rect().unwrap();
    let (nx, ny) = (
        (bounds.width() / 2e-4) as usize,
        (bounds.height() / 2e-4) as usize,
    );
    let places = (0..=nx).flat_map(move |i| (0..=ny).map(move |j| (i, j)));
    places
        .map(move |(i, j)| Coord {
            x: bounds.min().x + i as f64 * 2e-4,
            y: bounds.min().y + j as f64 * 2e-4,
        })
        .filter(|p| area.contains(p))
}

/// The streets of Futian within their hull; with households at places beside
/// the small streets if wanted.
fn futian(households: bool) -> Option<Ground> {
    let folder = PathBuf::from(std::env::var_os("GRIDMAP_FIXTURES")?);
    let text = std::fs::read_to_string(folder.join("geodata/futian_streets.geojson")).ok()?;
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut ground = Ground::default();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for feature in all["features"].as_array().unwrap() {
        let points = feature["geometry"]["coordinates"].as_array().unwrap();
        let line: LineString = points
            .iter()
            .map(|p| (p[0].as_f64().unwrap(), p[1].as_f64().unwrap()))
            .collect();
        let word = feature["properties"]["highway"].as_str().unwrap_or("");
        let class: StreetClass = word
            .split(';')
            .next()
            .and_then(|w| w.parse().ok())
            .unwrap_or(StreetClass::Path);
        if households && matches!(class, StreetClass::Branch | StreetClass::Lane) {
            beside(&line, &mut random, &mut ground.points);
        }
        ground.lines.push(BorderLine {
            line: MultiLineString(vec![line]),
            class: class.into(),
        });
    }
    let corners: MultiPoint = ground
        .lines
        .iter()
        .flat_map(|l| l.line.0.iter().flat_map(|l| l.points()))
        .collect();
    ground.boundary = corners.convex_hull().into();
    Some(ground)
}

/// Houses every 20 m on both sides of a street, 1 to 40 households each.
fn beside(line: &LineString, random: &mut ChaCha8Rng, points: &mut Vec<HouseholdPoint>) {
    let frame = LocalFrame::new(line.0[0]);
    for side in line.lines() {
        let (a, b) = (frame.to_meters(side.start), frame.to_meters(side.end));
        let d = b - a;
        let length = d.x.hypot(d.y);
        for k in 0..(length / 20.0) as usize {
            let at = a + d * ((k as f64 + 0.5) * 20.0 / length);
            for hand in [-15.0, 15.0] {
                let off = Coord { x: -d.y, y: d.x } * (hand / length);
                points.push(HouseholdPoint {
                    at: frame.to_degrees(at + off),
                    households: f64::from(random.random_range(1..=40_u32)),
                });
            }
        }
    }
}

/// Lloyd's division of faces by their middles; the grid of each face.
fn k_means(faces: &Faces, grids: usize) -> Vec<usize> {
    let frame = LocalFrame::new(faces.polygons[0].exterior().0[0]);
    let at: Vec<Coord> = faces
        .polygons
        .iter()
        .map(|p| frame.to_meters(p.centroid().unwrap().0))
        .collect();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let distance2 = |a: Coord, b: Coord| (a.x - b.x).powi(2) + (a.y - b.y).powi(2);
    let mut centers = vec![at[random.random_range(0..at.len())]];
    while centers.len() < grids {
        let far: Vec<f64> = at
            .iter()
            .map(|p| {
                centers
                    .iter()
                    .map(|c| distance2(*p, *c))
                    .fold(f64::MAX, f64::min)
            })
            .collect();
        let mut mark = random.random_range(0.0..far.iter().sum::<f64>());
        let next = far.iter().position(|d| {
            mark -= d;
            mark < 0.0
        });
        centers.push(at[next.unwrap_or(0)]);
    }
    let mut grid_of = vec![0; at.len()];
    for _ in 0..100 {
        for (p, grid) in at.iter().zip(&mut grid_of) {
            let near = |c: &usize| distance2(*p, centers[*c]);
            *grid = (0..grids)
                .min_by(|a, b| near(a).total_cmp(&near(b)))
                .unwrap();
        }
        for (grid, center) in centers.iter_mut().enumerate() {
            let own: Vec<Coord> = at
                .iter()
                .zip(&grid_of)
                .filter(|(_, g)| **g == grid)
                .map(|(p, _)| *p)
                .collect();
            if !own.is_empty() {
                let sum = own.iter().fold(Coord { x: 0.0, y: 0.0 }, |s, p| s + *p);
                *center = sum / own.len() as f64;
            }
        }
    }
    grid_of
}

fn sizes_of(faces: &Faces, basis: Basis) -> &[f64] {
    match basis {
        Basis::Households => &faces.households,
        Basis::Area => &faces.area_m2,
    }
}

fn row(name: &str, sizes: &[f64], wanted: f64, rest: &str) {
    let count = sizes.len() as f64;
    let within = sizes
        .iter()
        .filter(|s| (**s - wanted).abs() <= 0.2 * wanted)
        .count();
    let off = sizes.iter().map(|s| (s - wanted).abs()).sum::<f64>() / count / wanted;
    let min = sizes.iter().copied().fold(f64::MAX, f64::min);
    let max = sizes.iter().copied().fold(0.0, f64::max);
    println!(
        "| {name} | {} | {wanted:.0} | {min:.0} | {max:.0} | {:.1} % | {:.1} % | {rest} |",
        sizes.len(),
        off * 100.0,
        within as f64 / count * 100.0,
    );
}

fn report(name: &str, ground: &Ground, wanted: Wanted) {
    let options = Options {
        wanted,
        ..Options::default()
    };
    let start = Instant::now();
    let faces = Faces::new(ground, &options).unwrap();
    let cut = start.elapsed();
    let start = Instant::now();
    let proposal = propose_from(faces, &options).unwrap();
    let divided = start.elapsed();
    let balance = proposal.balance;
    let sizes: Vec<f64> = proposal
        .grids
        .iter()
        .map(|g| match balance.basis {
            Basis::Households => g.households,
            Basis::Area => g.area_m2,
        })
        .collect();
    let faces = sizes_of(&proposal.faces, balance.basis);
    let large = faces.iter().filter(|s| **s > 1.2 * balance.wanted).count();
    let rest = format!(
        "{:.1} % | {:.2} | {:.0} % | {} | {:.2} s + {:.2} s",
        (1.0 - large as f64 / sizes.len() as f64) * 100.0,
        balance.mean_compactness,
        balance.main_border_share * 100.0,
        faces.len(),
        cut.as_secs_f64(),
        divided.as_secs_f64(),
    );
    row(name, &sizes, balance.wanted, &rest);
    let grid_of = k_means(&proposal.faces, sizes.len());
    let mut other = vec![0.0; sizes.len()];
    for (grid, size) in grid_of.iter().zip(faces) {
        other[*grid] += size;
    }
    row(
        &format!("{name}: k-means"),
        &other,
        balance.wanted,
        "| | | |",
    );
}

fn table() {
    println!(
        "| ground | grids | wanted | min | max | mean off | within 20 % | cap | compactness | main borders | faces | cut + divide |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let points = demo(Known::Points);
    report(
        "demo, all households, 400",
        &points,
        Wanted::Households(400.0),
    );
    report("demo, all households, 48 grids", &points, Wanted::Grids(48));
    report(
        "demo, sum spread, 400",
        &demo(Known::Total),
        Wanted::Households(400.0),
    );
    report(
        "demo, compounds only, 400",
        &demo(Known::Compounds),
        Wanted::Households(400.0),
    );
    report(
        "demo, area, 48 grids",
        &demo(Known::Nothing),
        Wanted::Grids(48),
    );
    match (futian(false), futian(true)) {
        (Some(area), Some(households)) => {
            report("Futian, area, 48 grids", &area, Wanted::Grids(48));
            report(
                "Futian, households, 48 grids",
                &households,
                Wanted::Grids(48),
            );
        }
        _ => eprintln!("SKIPPED Futian: needs GRIDMAP_FIXTURES"),
    }
}

/// A face on the border of grid 0 that may move, and where to.
fn movable(proposal: &Proposal) -> (u32, u32) {
    let faces = 0..proposal.faces.len() as u32;
    let grids = 0..proposal.grids.len() as u32;
    faces
        .flat_map(|f| grids.clone().map(move |g| (f, g)))
        .find(|(f, g)| move_face(proposal, *f, *g).is_ok())
        .unwrap()
}

fn times(c: &mut Criterion) {
    table();
    let grids = Options {
        wanted: Wanted::Grids(48),
        ..Options::default()
    };
    let mut group = c.benchmark_group("partition");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(10));
    let town = demo(Known::Points);
    group.bench_function("demo/propose", |b| {
        b.iter(|| propose(black_box(&town), &grids).unwrap());
    });
    if let Some(ground) = futian(true) {
        group.bench_function("futian/faces", |b| {
            b.iter(|| Faces::new(black_box(&ground), &grids).unwrap());
        });
        group.bench_function("futian/propose", |b| {
            b.iter(|| propose(black_box(&ground), &grids).unwrap());
        });
        let proposal = propose(&ground, &grids).unwrap();
        let (face, to) = movable(&proposal);
        group.bench_function("futian/move_face", |b| {
            b.iter(|| move_face(black_box(&proposal), face, to).unwrap());
        });
        group.bench_function("futian/rebalance", |b| {
            b.iter(|| rebalance(black_box(&proposal), &[0, 1, 2]).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, times);
criterion_main!(benches);
