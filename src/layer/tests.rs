use std::collections::{BTreeMap, BTreeSet};

use fast_mvt::{MvtGeometry, MvtReaderRef, MvtValueRef};
use geo::{
    BoundingRect, Coord, LineString, MultiLineString, MultiPolygon, Point, Polygon, Validation,
};
use jiff::civil::date;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::model::{
    ChangeSet, Checkpoint, Compound, CompoundKind, FeatureId, FoundBy, Grid, GridKind, Incident,
    IncidentKind, Meta, PatrolMode, Revision, Route, Street, StreetClass, Timestamp,
};
use crate::tile::{WorldBox, WorldPoint, cover};

const WEST: f64 = 117.28;
const SOUTH: f64 = 31.86;
/// Degrees on a side of the town, about 3 km.
const SIDE: f64 = 0.03;

fn meta(id: i64) -> Meta {
    Meta {
        id: FeatureId(id),
        source: "test".into(),
        source_id: id.to_string(),
        extra: vec![("floors".into(), crate::model::Value::Integer(id % 7))],
    }
}

fn at(x: f64, y: f64) -> Coord<f64> {
    Coord {
        x: WEST + x * SIDE,
        y: SOUTH + y * SIDE,
    }
}

fn ring(points: &[(f64, f64)]) -> Polygon<f64> {
    Polygon::new(points.iter().map(|(x, y)| at(*x, *y)).collect(), vec![])
}

/// A town of 5 × 5 grids with crooked common borders, 40 compounds, streets,
/// two routes and 3,000 incidents of which every tenth has no place.
pub(super) fn town() -> ChangeSet {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    let mut out = ChangeSet::default();
    add_grids(&mut out, &mut rng);
    add_compounds(&mut out, &mut rng);
    add_streets(&mut out, &mut rng);
    add_routes(&mut out);
    add_incidents(&mut out, &mut rng);
    out
}

fn add_grids(out: &mut ChangeSet, rng: &mut ChaCha8Rng) {
    let n = 5;
    let steps = 12;
    let mut nodes = std::collections::HashMap::new();
    for x in 0..=n * steps {
        for y in 0..=n * steps {
            let j = |rng: &mut ChaCha8Rng| rng.random_range(-0.3..0.3);
            let p = ((f64::from(x) + j(rng)), (f64::from(y) + j(rng)));
            let unit = f64::from(n * steps);
            nodes.insert((x, y), (p.0 / unit, p.1 / unit));
        }
    }
    for gx in 0..n {
        for gy in 0..n {
            let (x, y) = (gx * steps, gy * steps);
            let mut points = Vec::new();
            points.extend((0..steps).map(|i| nodes[&(x + i, y)]));
            points.extend((0..steps).map(|i| nodes[&(x + steps, y + i)]));
            points.extend((0..steps).map(|i| nodes[&(x + steps - i, y + steps)]));
            points.extend((0..steps).map(|i| nodes[&(x, y + steps - i)]));
            let id = i64::from(gx * n + gy + 1);
            out.grids.put.push(Grid {
                meta: meta(id),
                code: format!("WG{id:03}"),
                name: format!("第{id}网格"),
                kind: GridKind::Basic,
                community: "甲社区".into(),
                post: "网格长1号岗".into(),
                households: (id != 3).then_some(200 + id as u32),
                valid_from: None,
                valid_to: (id == 25).then(|| date(2020, 1, 1)),
                area: MultiPolygon::new(vec![ring(&points)]),
            });
        }
    }
}

fn add_compounds(out: &mut ChangeSet, rng: &mut ChaCha8Rng) {
    for id in 1..=40 {
        let (x, y) = (rng.random_range(0.0..0.95), rng.random_range(0.0..0.95));
        let s = rng.random_range(0.005..0.04);
        let shape = ring(&[(x, y), (x + s, y), (x + s, y + s), (x, y + s)]);
        out.compounds.put.push(Compound {
            meta: meta(id),
            code: format!("XQ{id}"),
            name: format!("朝云里{id}"),
            kind: CompoundKind::Residential,
            community: String::new(),
            priority: 1 + (id % 3) as u8,
            households: None,
            gates: vec![],
            shape: if id % 8 == 0 {
                Point::from(at(x, y)).into()
            } else {
                shape.into()
            },
        });
    }
}

fn add_streets(out: &mut ChangeSet, rng: &mut ChaCha8Rng) {
    for (id, class) in (1..=60).zip(StreetClass::ALL.iter().cycle()) {
        let mut p = (rng.random_range(0.0..1.0), rng.random_range(0.0..1.0));
        let mut line = Vec::new();
        for _ in 0..rng.random_range(2..20) {
            line.push(at(p.0, p.1));
            p = (
                p.0 + rng.random_range(-0.05..0.05),
                p.1 + rng.random_range(-0.05..0.05),
            );
        }
        out.streets.put.push(Street {
            meta: meta(id),
            name: if id % 3 == 0 {
                String::new()
            } else {
                format!("学林路{id}")
            },
            class: *class,
            oneway: id % 5 == 0,
            foot: true,
            line: MultiLineString::new(vec![LineString::new(line)]),
        });
    }
}

fn add_routes(out: &mut ChangeSet) {
    for id in 1..=2 {
        let line = [(0.1, 0.1), (0.8, 0.2), (0.8, 0.8), (0.1, 0.1)].map(|(x, y)| at(x, y));
        out.routes.put.push(Route {
            meta: meta(id),
            code: format!("L{id}"),
            name: format!("{id}号线"),
            mode: PatrolMode::Foot,
            checkpoints: vec![
                Checkpoint {
                    name: "东门".into(),
                    at: line[0],
                },
                Checkpoint {
                    name: String::new(),
                    at: line[1],
                },
            ],
            line: MultiLineString::new(vec![LineString::new(line.to_vec())]),
        });
    }
}

fn add_incidents(out: &mut ChangeSet, rng: &mut ChaCha8Rng) {
    for id in 1..=3000 {
        // Some exactly on the borders of tiles, which only one may count.
        let place = if id % 9 == 0 {
            let edge = TileCoord::containing(
                WorldPoint::from_lon_lat(WEST + 0.01, SOUTH + 0.01).unwrap(),
                15,
            );
            let (lon, lat) = edge.world().min.lon_lat();
            Coord { x: lon, y: lat }
        } else {
            at(rng.random_range(0.0..1.0), rng.random_range(0.0..1.0))
        };
        out.incidents.put.push(Incident {
            meta: meta(id),
            kind: IncidentKind::ALL[(id % 3) as usize],
            category: format!("c{}", id % 11),
            found_by: FoundBy::Resident,
            occurred_at: Timestamp(1_790_000_000 + id * 997),
            date_only: false,
            reported_at: None,
            status: if id % 2 == 0 {
                "已办结".into()
            } else {
                String::new()
            },
            text: "路灯不亮".into(),
            at: (id % 10 != 0).then_some(place),
        });
    }
}

struct Town {
    snapshot: Snapshot,
    drawing: Drawing,
}

impl Town {
    fn new() -> Self {
        let snapshot = Snapshot::build(town(), Revision(1), date(2026, 11, 22));
        let drawing = Drawing::new(&snapshot, None);
        Self { snapshot, drawing }
    }

    fn bytes(&self, layers: &str, tile: TileCoord, filter: &Filter, fields: &[String]) -> Vec<u8> {
        let layers: Layers = layers.parse().unwrap();
        let request = Request {
            layers: &layers,
            tile,
            filter,
            fields,
            grids_on: None,
        };
        super::tile(&self.snapshot, &self.drawing, &Scope::all(), &request)
    }

    fn box_of_world(&self) -> WorldBox {
        let b = self.snapshot.extent().unwrap();
        WorldBox::around([
            WorldPoint::from_lon_lat(b.west, b.south).unwrap(),
            WorldPoint::from_lon_lat(b.east, b.north).unwrap(),
        ])
        .unwrap()
    }
}

const EVERYTHING: &str =
    "grids,grids_label,compounds,compounds_label,streets,routes,routes_stop,incidents";

fn check_geometry(shape: &MvtGeometry, what: &str) {
    let shape = format!("{shape:?}");
    // The reader's own geometry types print as WKT.
    let parsed: geo::Geometry<f64> = wkt_of(&shape);
    let rect = parsed.bounding_rect().unwrap();
    for v in [rect.min().x, rect.min().y, rect.max().x, rect.max().y] {
        assert!((-64.0..=4160.0).contains(&v), "{what}: {shape}");
    }
    if let Err(e) = parsed.check_validation() {
        // A line may cross itself; only areas must not.
        assert!(!shape.contains("POLYGON"), "{what}: {e} {shape}");
    }
}

/// Reads the well-known text that the tile reader prints: numbers, commas and
/// brackets only.
fn wkt_of(text: &str) -> geo::Geometry<f64> {
    let (kind, rest) = text.split_once('(').unwrap();
    let rings: Vec<LineString<f64>> = rest
        .split(['(', ')'])
        .filter(|part| part.chars().any(|c| c.is_ascii_digit()))
        .map(|part| {
            part.split(',')
                .filter(|p| !p.is_empty())
                .map(|p| {
                    let (x, y) = p.trim().split_once(' ').unwrap();
                    Coord {
                        x: x.parse().unwrap(),
                        y: y.parse().unwrap(),
                    }
                })
                .collect()
        })
        .collect();
    match kind.trim() {
        "POINT" => Point::from(rings[0].0[0]).into(),
        "LINESTRING" | "MULTILINESTRING" => MultiLineString::new(rings).into(),
        "POLYGON" => Polygon::new(rings[0].clone(), rings[1..].to_vec()).into(),
        // Enough for validity of each ring; holes follow their shells.
        "MULTIPOLYGON" => {
            use geo::winding_order::{Winding, WindingOrder};
            let mut polygons: Vec<Polygon<f64>> = Vec::new();
            for ring in rings {
                match (ring.winding_order(), polygons.last_mut()) {
                    (Some(WindingOrder::Clockwise), Some(last)) => last.interiors_push(ring),
                    _ => polygons.push(Polygon::new(ring, vec![])),
                }
            }
            MultiPolygon::new(polygons).into()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn every_tile_of_a_town_from_zoom_0_to_18_is_valid() {
    let town = Town::new();
    let mut features = 0;
    for z in 0..=18 {
        let mut largest = 0;
        for tile in cover(&town.box_of_world(), z).take(3_000) {
            let bytes = town.bytes(EVERYTHING, tile, &Filter::default(), &[]);
            largest = largest.max(bytes.len());
            if bytes.is_empty() {
                continue;
            }
            let reader = MvtReaderRef::new(&bytes).unwrap();
            let mut names = BTreeSet::new();
            for layer in reader.layers() {
                assert!(names.insert(layer.name().to_owned()), "{tile}");
                assert_eq!((layer.version(), layer.extent()), (2, 4096));
                let keys: BTreeSet<_> = layer.keys().iter().collect();
                assert_eq!(keys.len(), layer.keys().len(), "{tile}");
                let values: BTreeSet<String> = layer.values().map(|v| format!("{v:?}")).collect();
                assert_eq!(
                    values.len(),
                    layer.values().count(),
                    "{tile} {}",
                    layer.name()
                );
                let mut ids = BTreeSet::new();
                for feature in layer.features() {
                    features += 1;
                    assert!(ids.insert(feature.id().unwrap()), "{tile} {}", layer.name());
                    let what = format!("{tile} {} {:?}", layer.name(), feature.id());
                    check_geometry(&feature.geometry().unwrap(), &what);
                    feature.properties_vec().unwrap();
                }
            }
        }
        assert!(largest < 500_000, "zoom {z}: {largest} bytes");
    }
    assert!(features > 15_000, "{features}");
}

pub(super) fn numbers(bytes: &[u8], key: &str) -> Vec<u64> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let reader = MvtReaderRef::new(bytes).unwrap();
    let layer = reader.layers().next().unwrap();
    layer
        .features()
        .map(|f| {
            let found = f
                .properties_vec()
                .unwrap()
                .into_iter()
                .find(|(k, _)| *k == key);
            match found {
                Some((_, MvtValueRef::UInt(v))) => v,
                None => 0,
                other => panic!("{other:?}"),
            }
        })
        .collect()
}

#[test]
fn every_zoom_counts_every_placed_incident_once() {
    let town = Town::new();
    let filters = [
        (Filter::default(), 2700),
        (
            Filter {
                kinds: vec![IncidentKind::Police],
                ..Filter::default()
            },
            // Multiples of 3 up to 3000 without those of 30.
            900,
        ),
    ];
    for (filter, expected) in filters {
        for z in [6, 9, 12, 13] {
            let (mut count, mut by_kind) = (0, [0; 3]);
            for tile in cover(&town.box_of_world(), z) {
                let bytes = town.bytes("incidents", tile, &filter, &[]);
                count += numbers(&bytes, "count").iter().sum::<u64>();
                for (slot, kind) in IncidentKind::ALL.iter().enumerate() {
                    by_kind[slot] += numbers(&bytes, kind.as_str()).iter().sum::<u64>();
                }
            }
            assert_eq!(count, expected, "zoom {z}");
            assert_eq!(by_kind.iter().sum::<u64>(), expected, "zoom {z}");
        }
        for z in [14, 15, 16] {
            let mut ids = Vec::new();
            for tile in cover(&town.box_of_world(), z) {
                let bytes = town.bytes("incidents", tile, &filter, &[]);
                if !bytes.is_empty() {
                    let reader = MvtReaderRef::new(&bytes).unwrap();
                    ids.extend(
                        reader
                            .layers()
                            .next()
                            .unwrap()
                            .features()
                            .map(|f| f.id().unwrap()),
                    );
                }
            }
            ids.sort_unstable();
            let all = ids.len() as u64;
            ids.dedup();
            assert_eq!((all, ids.len() as u64), (expected, expected), "zoom {z}");
        }
    }
}

#[test]
fn properties_are_those_of_the_contract() {
    let town = Town::new();
    let grid = town.snapshot.grids.bounds(0).unwrap();
    let middle = WorldPoint::from_lon_lat(
        f64::midpoint(grid.west, grid.east),
        f64::midpoint(grid.south, grid.north),
    );
    let tile = TileCoord::containing(middle.unwrap(), 14);
    let fields = ["floors".to_owned(), "post".to_owned()];
    let bytes = town.bytes(EVERYTHING, tile, &Filter::default(), &fields);
    let reader = MvtReaderRef::new(&bytes).unwrap();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for layer in reader.layers() {
        for feature in layer.features() {
            for (key, _) in feature.properties_vec().unwrap() {
                seen.entry(layer.name().to_owned())
                    .or_default()
                    .insert(key.to_owned());
            }
        }
    }
    for info in ALL {
        let found = &seen[info.name];
        let mut expected: BTreeSet<String> = info
            .fields
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        match info.layer {
            TileLayer::Incidents => {
                for aggregate in ["count", "police", "dispute", "hotline"] {
                    expected.remove(aggregate);
                }
                expected.insert("floors".into());
            }
            TileLayer::RoutesStop => {}
            TileLayer::Grids | TileLayer::GridsLabel => {
                expected.extend(["floors".into(), "post".into()]);
            }
            _ => {
                expected.insert("floors".into());
            }
        }
        assert_eq!(*found, expected, "{}", info.name);
    }
}

#[test]
fn grids_that_are_no_longer_valid_are_not_drawn() {
    let town = Town::new();
    let mut labels = 0;
    for tile in cover(&town.box_of_world(), 14) {
        labels += numbers(
            &town.bytes("grids_label", tile, &Filter::default(), &[]),
            "code_",
        )
        .len();
    }
    assert_eq!(labels, 24);
}

#[test]
fn a_change_of_incidents_draws_no_grid_again() {
    let town = Town::new();
    let changes = ChangeSet {
        incidents: vec![town_incident()].into(),
        ..ChangeSet::default()
    };
    let next = town.snapshot.apply(&changes, Revision(2));
    let first = &town.drawing;
    let second = Drawing::new(&next, Some(first));
    assert!(std::sync::Arc::ptr_eq(&first.grids, &second.grids));
    assert!(std::sync::Arc::ptr_eq(&first.streets, &second.streets));
    let tomorrow = Drawing::new(&next.with_today(date(2026, 11, 23)), Some(&second));
    assert!(!std::sync::Arc::ptr_eq(&second.grids, &tomorrow.grids));
    assert!(std::sync::Arc::ptr_eq(&second.streets, &tomorrow.streets));
}

fn town_incident() -> Incident {
    let mut incident = town().incidents.put.remove(0);
    incident.meta = meta(9999);
    incident
}

#[test]
fn columns_that_do_not_exist_are_named() {
    let town = Town::new();
    let layers: Layers = "grids,incidents".parse().unwrap();
    assert!(check_fields(&town.snapshot, &layers, &["post".into()]).is_ok());
    let error = check_fields(&town.snapshot, &layers, &["oneway".into()]).unwrap_err();
    assert!(error.to_string().contains("`oneway`") && error.to_string().contains("post"));
}

#[test]
fn tilejson_and_style_speak_of_the_same_layers() {
    let town = Town::new();
    let described = tilejson(
        &town.snapshot,
        &Layers::all(),
        Datum::Wgs84,
        "tiles/x/{z}/{x}/{y}",
    );
    let value = serde_json::to_value(&described).unwrap();
    assert_eq!(value["aggregated_below_zoom"], 14);
    assert_eq!(value["vector_layers"].as_array().unwrap().len(), 8);
    let style = style(&town.snapshot, &Theme::LIGHT, |layers| {
        format!("tiles/{layers}/{{z}}/{{x}}/{{y}}")
    });
    let mut used = BTreeSet::new();
    for layer in style["layers"].as_array().unwrap() {
        if let Some(name) = layer["source-layer"].as_str() {
            used.insert(name);
            let source = layer["source"].as_str().unwrap();
            let url = style["sources"][source]["tiles"][0].as_str().unwrap();
            let list = url.split('/').nth(1).unwrap();
            assert!(list.split(',').any(|l| l == name), "{name} is not in {url}");
        }
    }
    assert_eq!(used.len(), 8);
}

#[test]
fn simplified_grids_of_a_zoom_leave_no_gaps() {
    let town = Town::new();
    for z in [9, 11, 13, 15] {
        let areas: Vec<_> = town.drawing.grids.basic.at(z).iter().flatten().collect();
        assert_eq!(areas.len(), 24);
        let all: Vec<_> = areas.iter().map(|a| a.to_geo()).collect();
        use geo::Area as _;
        let sum: f64 = all.iter().map(|a| a.unsigned_area()).sum();
        let union = geo::unary_union(&all);
        assert!((sum - union.unsigned_area()).abs() < 1e-9 * sum, "zoom {z}");
        assert_eq!(union.0.len(), 1);
        assert!(union.0[0].interiors().is_empty());
    }
}
