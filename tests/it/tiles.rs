//! Every tile of whole towns against the vector tile specification 2.1.
//!
//! The reader is somebody else's; the geometry commands are walked here from
//! the specification, and ring validity is judged by `geo`.

use std::collections::HashSet;

use fast_mvt::{MvtFeatureRef, MvtReaderRef};
use geo::{Coord, LineString, MultiPolygon, Polygon, Validation};
use gridmap::index::Snapshot;
use gridmap::layer::{self, Drawing, Layers, Request};
use gridmap::model::{ChangeSet, Entity, FeatureId, Revision, Scope};
use gridmap::query::Filter;
use gridmap::tile::TileCoord;

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

/// Encodes and checks every tile over the extent, zoom 0 to 18.
fn walk(snapshot: &Snapshot) -> Met {
    let drawing = Drawing::new(snapshot, None);
    let layers = Layers::all();
    let bounds = snapshot.extent().expect("the town has a place");
    let mut met = Met::default();
    for z in 0..=18u8 {
        let corner = |lon, lat| tile_at(z, lon, lat);
        let (left, top) = corner(bounds.west, bounds.north);
        let (right, bottom) = corner(bounds.east, bounds.south);
        for x in left..=right {
            for y in top..=bottom {
                let tile = TileCoord::new(z, x, y).expect("inside the pyramid");
                let request = Request {
                    layers: &layers,
                    tile,
                    filter: &Filter::default(),
                    fields: &[],
                    grids_on: None,
                };
                let bytes = layer::tile(snapshot, &drawing, &Scope::all(), &request);
                if !bytes.is_empty() {
                    met.tiles += 1;
                    met.largest_bytes = met.largest_bytes.max(bytes.len());
                    check_tile(&bytes, &mut met, &format!("{z}/{x}/{y}"));
                }
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
