//! Every tile of whole towns against the vector tile specification 2.1.
//!
//! The reader is somebody else's; the geometry commands are walked here from
//! the specification, and ring validity is judged by `geo`.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use fast_mvt::{MvtFeatureRef, MvtReaderRef};
use geo::{Coord, LineString, MultiPolygon, Polygon, Validation};
use gridmap::format::{Input, Items, Options, import};
use gridmap::index::Snapshot;
use gridmap::layer::{self, Drawing, Layers, Request};
use gridmap::model::{
    ChangeSet, Entity, FeatureId, Grid, GridKind, LayerName, Meta, Revision, Scope,
};
use gridmap::query::Filter;
use gridmap::tile::{Bounds, TileCoord};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::fixture;

/// What a walk over a pyramid met.
#[derive(Debug, Default)]
struct Met {
    tiles: usize,
    features: usize,
    polygons: usize,
    layers: HashSet<String>,
    largest_bytes: usize,
}

/// The decoded commands of a feature: each part with its points, closed or not.
fn parts(commands: &[u32]) -> Vec<(Vec<[i64; 2]>, bool)> {
    let mut parts: Vec<(Vec<[i64; 2]>, bool)> = Vec::new();
    let (mut at, mut cursor) = (0, [0i64; 2]);
    while at < commands.len() {
        let (id, count) = (commands[at] & 7, commands[at] >> 3);
        at += 1;
        match id {
            1 | 2 => {
                assert!(count > 0, "a command without a count");
                for _ in 0..count {
                    let step = [commands[at], commands[at + 1]]
                        .map(|v| i64::from(v >> 1) ^ -i64::from(v & 1));
                    at += 2;
                    assert!(id == 1 || step != [0, 0], "LineTo that stays");
                    cursor = [cursor[0] + step[0], cursor[1] + step[1]];
                    if id == 1 {
                        parts.push((Vec::new(), false));
                    }
                    parts.last_mut().expect("MoveTo comes first").0.push(cursor);
                }
            }
            7 => {
                assert_eq!(count, 1, "ClosePath has count 1");
                parts.last_mut().expect("MoveTo comes first").1 = true;
            }
            other => panic!("unknown command {other}"),
        }
    }
    parts
}

/// Twice the signed area in tile coordinates, y down.
fn doubled_area(ring: &[[i64; 2]]) -> i64 {
    (0..ring.len())
        .map(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            a[0] * b[1] - b[0] * a[1]
        })
        .sum()
}

fn check_polygon(parts: &[(Vec<[i64; 2]>, bool)], what: &str) {
    let line = |ring: &[[i64; 2]]| -> LineString<f64> {
        ring.iter()
            .chain(ring.first())
            .map(|p| Coord {
                x: p[0] as f64,
                y: p[1] as f64,
            })
            .collect()
    };
    let mut polygons: Vec<Polygon<f64>> = Vec::new();
    for (ring, closed) in parts {
        assert!(*closed && ring.len() >= 3, "{what}: {ring:?}");
        assert_ne!(ring.first(), ring.last(), "{what}: closing point repeated");
        match doubled_area(ring) {
            0 => panic!("{what}: ring without area {ring:?}"),
            area if area > 0 => polygons.push(Polygon::new(line(ring), vec![])),
            _ => polygons
                .last_mut()
                .unwrap_or_else(|| panic!("{what}: hole before its shell"))
                .interiors_push(line(ring)),
        }
    }
    let area = MultiPolygon(polygons);
    if let Err(error) = area.check_validation() {
        panic!("{what}: {error}");
    }
}

fn check_feature(feature: MvtFeatureRef<'_>, met: &mut Met, what: &str) {
    let parts = parts(feature.geometry_commands());
    assert!(!parts.is_empty(), "{what}: no geometry");
    met.features += 1;
    match feature.geom_type_value() {
        Some(1) => assert!(parts.iter().all(|(p, closed)| p.len() == 1 && !closed)),
        Some(2) => assert!(
            parts.iter().all(|(p, closed)| p.len() >= 2 && !closed),
            "{what}"
        ),
        Some(3) => {
            met.polygons += 1;
            check_polygon(&parts, what);
        }
        other => panic!("{what}: geometry type {other:?}"),
    }
    assert_eq!(feature.tags().len() % 2, 0, "{what}");
    feature
        .properties_vec()
        .expect("tags point at keys and values");
}

fn check_tile(bytes: &[u8], met: &mut Met, tile: &str) {
    let reader = MvtReaderRef::new(bytes).expect("a readable tile");
    let mut names = HashSet::new();
    assert!(reader.layer_count() > 0, "{tile}: a tile without layers");
    for layer in reader.layers() {
        let what = format!("{tile} {}", layer.name());
        assert!(names.insert(layer.name().to_owned()), "{what}: twice");
        assert_eq!((layer.version(), layer.extent()), (2, 4096), "{what}");
        assert!(!layer.is_empty(), "{what}: empty layer");
        let keys: HashSet<_> = layer.keys().iter().collect();
        assert_eq!(keys.len(), layer.keys().len(), "{what}: key twice");
        let values: HashSet<String> = layer.values().map(|v| format!("{v:?}")).collect();
        assert_eq!(values.len(), layer.values().len(), "{what}: value twice");
        let mut ids = HashSet::new();
        for feature in layer.features() {
            if let Some(id) = feature.id() {
                assert!(ids.insert(id), "{what}: id {id} twice");
            }
            check_feature(feature, met, &what);
        }
        met.layers.insert(layer.name().to_owned());
    }
}

/// From this zoom on every layer is shown, so that nothing is below a tile
/// that is empty with its buffer.
const ALL_SHOWN: u8 = 14;

/// Encodes and checks every tile that is not empty, zoom 0 to 18.
fn walk(snapshot: &Snapshot) -> Met {
    let drawing = Drawing::new(snapshot, None);
    let layers = Layers::all();
    let bounds = snapshot.extent().expect("the town has a place");
    let mut met = Met::default();
    let mut below: Vec<(u8, u32, u32)> = Vec::new();
    for z in 0..=18u8 {
        let corner = |lon, lat| tile_at(z, lon, lat);
        let (left, top) = corner(bounds.west, bounds.north);
        let (right, bottom) = corner(bounds.east, bounds.south);
        let tiles = if z <= ALL_SHOWN {
            let row = |x| (top..=bottom).map(move |y| (z, x, y));
            (left..=right).flat_map(row).collect()
        } else {
            std::mem::take(&mut below)
        };
        for (z, x, y) in tiles {
            let tile = TileCoord::new(z, x, y).expect("inside the pyramid");
            let request = Request {
                layers: &layers,
                tile,
                filter: &Filter::default(),
                fields: &[],
                grids_on: None,
            };
            let bytes = layer::tile(snapshot, &drawing, &Scope::all(), &request);
            if bytes.is_empty() {
                continue;
            }
            met.tiles += 1;
            met.largest_bytes = met.largest_bytes.max(bytes.len());
            check_tile(&bytes, &mut met, &format!("{z}/{x}/{y}"));
            if z >= ALL_SHOWN {
                let children = [(0, 0), (1, 0), (0, 1), (1, 1)];
                below.extend(children.map(|(dx, dy)| (z + 1, 2 * x + dx, 2 * y + dy)));
            }
        }
    }
    met
}

fn tile_at(z: u8, lon: f64, lat: f64) -> (u32, u32) {
    let n = f64::from(1u32 << z);
    let y = lat.to_radians().tan().asinh();
    let x = (lon + 180.0) / 360.0 * n;
    let y = (1.0 - y / std::f64::consts::PI) / 2.0 * n;
    (x as u32, y as u32)
}

/// A snapshot of rows that no store has numbered.
fn town(mut changes: ChangeSet) -> Snapshot {
    fn number<T: Entity>(rows: &mut [T]) {
        for (at, row) in rows.iter_mut().enumerate() {
            row.meta_mut().id = FeatureId(at as i64 + 1);
        }
    }
    number(&mut changes.grids.put);
    number(&mut changes.compounds.put);
    number(&mut changes.streets.put);
    number(&mut changes.routes.put);
    number(&mut changes.incidents.put);
    Snapshot::build(changes, Revision(1), jiff::civil::date(2026, 11, 22))
}

#[test]
fn every_tile_of_the_demo_district_keeps_the_specification() {
    let until = jiff::civil::date(2026, 11, 21);
    let met = walk(&town(gridmap::sample::district(1, until)));
    assert_eq!(met.layers.len(), layer::ALL.len(), "{met:?}");
    assert!(met.tiles > 300 && met.polygons > 2_000, "{met:?}");
}

/// The rows of a file of a real city.
fn rows(path: &Path, layer: LayerName, set: &[(&str, &str)]) -> Items {
    let bytes = std::fs::read(path).expect("the file is there");
    let pair = |(field, value): &(&str, &str)| ((*field).to_owned(), (*value).to_owned());
    let options = Options {
        set: set.iter().map(pair).collect(),
        ..Options::default()
    };
    let parsed = import(layer, Input::GeoJson(&bytes), &options).expect("it is GeoJSON");
    assert_eq!(parsed.report.rejected, 0);
    parsed.items
}

/// Grids over a box whose borders bend in many places, each border shared by
/// its two sides: a turned lattice with a seeded displacement along each edge.
fn bent_grids(bounds: &Bounds, side: i32) -> Vec<Grid> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let (dx, dy) = (
        (bounds.east - bounds.west) / f64::from(side),
        (bounds.north - bounds.south) / f64::from(side),
    );
    let mut corners = HashMap::new();
    for column in 0..=side {
        for row in 0..=side {
            let mut away = || random.random_range(-0.2..0.2);
            let (x, y) = (f64::from(column) + away(), f64::from(row) + away());
            let at = Coord {
                x: bounds.west + (x + 0.1 * y) * dx,
                y: bounds.south + (y - 0.1 * x) * dy,
            };
            corners.insert((column, row), at);
        }
    }
    let mut edges: HashMap<[(i32, i32); 2], Vec<Coord>> = HashMap::new();
    for column in 0..=side {
        for row in 0..=side {
            for next in [(column + 1, row), (column, row + 1)] {
                let (from, Some(to)) = (corners[&(column, row)], corners.get(&next)) else {
                    continue;
                };
                let along = *to - from;
                let points = (1..20).map(|n| {
                    let off = random.random_range(-0.02..0.02);
                    let turned = Coord {
                        x: -along.y,
                        y: along.x,
                    };
                    from + along * (f64::from(n) / 20.0) + turned * off
                });
                edges.insert([(column, row), next], points.collect());
            }
        }
    }
    let border = |a: (i32, i32), b: (i32, i32)| -> Vec<Coord> {
        let mut line = vec![corners[&a]];
        match edges.get(&[a, b]) {
            Some(points) => line.extend(points),
            None => line.extend(edges[&[b, a]].iter().rev()),
        }
        line
    };
    let mut grids = Vec::new();
    for column in 0..side {
        for row in 0..side {
            let [a, b] = [(column, row), (column + 1, row)];
            let [c, d] = [(column + 1, row + 1), (column, row + 1)];
            let ring = [border(a, b), border(b, c), border(c, d), border(d, a)].concat();
            let area = Polygon::new(LineString(ring), vec![]);
            assert!(
                area.check_validation().is_ok(),
                "the test's own grids are sound"
            );
            let code = format!("{column:02}{row:02}");
            grids.push(Grid {
                meta: Meta {
                    source_id: code.clone(),
                    ..Meta::default()
                },
                name: code.clone(),
                code,
                kind: GridKind::Basic,
                community: String::new(),
                post: String::new(),
                households: None,
                valid_from: None,
                valid_to: None,
                area: MultiPolygon(vec![area]),
            });
        }
    }
    grids
}

#[test]
fn every_tile_of_montreal_keeps_the_specification() {
    let streets = fixture("geodata/montreal_streets.geojson");
    let collisions = fixture("geodata/montreal_bike_collisions_2016.geojson");
    let (Some(streets), Some(collisions)) = (streets, collisions) else {
        return;
    };
    let set = [("kind", "police"), ("category", "police.traffic")];
    let (Items::Streets(streets), Items::Incidents(incidents)) = (
        rows(&streets, LayerName::Streets, &[]),
        rows(&collisions, LayerName::Incidents, &set),
    ) else {
        panic!("the layers that were asked for");
    };
    let (all_streets, all_incidents) = (streets.len(), incidents.len());
    let mut changes = ChangeSet {
        streets: streets.into(),
        incidents: incidents.into(),
        ..ChangeSet::default()
    };
    let bounds = town(changes.clone()).extent().expect("streets have places");
    changes.grids = bent_grids(&bounds, 8).into();
    let met = walk(&town(changes));
    assert_eq!((all_streets, all_incidents), (2945, 347));
    for layer in ["streets", "incidents", "grids", "grids_label"] {
        assert!(met.layers.contains(layer), "{met:?}");
    }
    assert!(
        met.tiles > 4_000 && met.polygons > 6_000 && met.features > 40_000,
        "{met:?}"
    );
}
