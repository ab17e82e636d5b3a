//! The ground in tiles: roads, rails, buildings, water, green, names of places.
//!
//! Lines of one kind and name are one feature and joined where they meet, areas
//! are simplified each by itself, so that a tile of a whole city stays small.

use std::collections::BTreeMap;

use super::drawing::TOLERANCE;
use super::plan::{BUFFER, own_point};
use crate::index::{GROUND_ZOOMS, GroundMap, GroundPiece, GroundShape};
use crate::model::GroundClass;
use crate::tile::{
    Key, LayerWriter, Rings, Tag, TileCoord, ValueId, Values, join_lines, path_in_tile,
    simple_area_in_tile, simplify_line,
};

/// Below this zoom lines have no name: nobody could read it.
const NAMED_LINES: u8 = 12;

/// Below this zoom areas have none.
const NAMED_AREAS: u8 = 13;

/// Below this zoom lines that are shorter than [`SHORTEST`] are left out.
const LONG_LINES: u8 = 12;

/// Tile units: a pixel at 512 px a tile.
const SHORTEST: i64 = 8;

/// A tile of the ground; empty when nothing is there.
///
/// Its layers are `road` (`class`, `name`), `rail` (`name`), `building`
/// (`name`), `water` and `green` (`kind`, `name`), `place` (`kind`, `name`).
pub fn ground_tile(map: &GroundMap, tile: TileCoord) -> Vec<u8> {
    if !(GROUND_ZOOMS[0]..=GROUND_ZOOMS[1]).contains(&tile.z()) {
        return Vec::new();
    }
    let mut by_class: BTreeMap<GroundClass, Vec<&GroundPiece>> = BTreeMap::new();
    for piece in map.shown(tile.z(), &tile.world_buffered(BUFFER)) {
        by_class.entry(piece.class).or_default().push(piece);
    }
    let mut values = Values::new();
    let mut kinds: BTreeMap<&str, ValueId> = BTreeMap::new();
    for piece in by_class.values().flatten() {
        let kind = map.kind(piece);
        kinds
            .entry(kind)
            .or_insert_with(|| values.intern(&kind.into()));
    }
    let mut out = Vec::new();
    for (class, pieces) in &by_class {
        out.extend_from_slice(&layer(map, tile, *class, pieces, &values, &kinds));
    }
    out
}

/// What the features of a layer tell beside their name.
fn kind_key(class: GroundClass) -> Option<&'static str> {
    match class {
        GroundClass::Road => Some("class"),
        GroundClass::Water | GroundClass::Green | GroundClass::Place => Some("kind"),
        GroundClass::Building | GroundClass::Rail => None,
    }
}

fn layer(
    map: &GroundMap,
    tile: TileCoord,
    class: GroundClass,
    pieces: &[&GroundPiece],
    values: &Values,
    kinds: &BTreeMap<&str, ValueId>,
) -> Vec<u8> {
    let mut writer = LayerWriter::new(class.as_str(), values);
    let kind_key = kind_key(class).map(|key| writer.key(key));
    let name_key = writer.key("name");
    let tags = |kind: &str, name| -> Vec<(Key, Tag<'_>)> {
        let kind = kind_key.zip(kinds.get(kind));
        let kind = kind.map(|(key, id)| (key, Tag::Known(*id)));
        let name = Some(name).filter(|name: &&str| !name.is_empty());
        kind.into_iter()
            .chain(name.map(|name| (name_key, Tag::Text(name))))
            .collect()
    };
    let mut lines: BTreeMap<(&str, &str), Rings> = BTreeMap::new();
    let tolerance = area_tolerance(tile.z());
    for piece in pieces {
        let (kind, name) = (map.kind(piece), map.name(piece));
        match &piece.shape {
            GroundShape::Point(at) => {
                if let Some(at) = own_point(*at, tile) {
                    writer.point(None, at, &tags(kind, name));
                }
            }
            GroundShape::Area(area) => {
                let rings = simple_area_in_tile(area, tile, BUFFER, tolerance);
                let name = if tile.z() < NAMED_AREAS { "" } else { name };
                writer.polygon(None, &rings, &tags(kind, name));
            }
            GroundShape::Line(path) => {
                let name = if tile.z() < NAMED_LINES { "" } else { name };
                let kind = if kind_key.is_some() { kind } else { "" };
                let parts = path_in_tile(path, tile, BUFFER, line_tolerance(tile.z()));
                let all = lines.entry((kind, name)).or_default();
                parts.iter().for_each(|part| all.push(part));
            }
        }
    }
    for ((kind, name), parts) in lines {
        writer.line(None, &joined(&parts, tile.z()), &tags(kind, name));
    }
    writer.finish()
}

/// Lines of one kind and name as few long ones.
fn joined(parts: &Rings, zoom: u8) -> Rings {
    let mut out = Rings::new();
    for line in join_lines(parts).iter() {
        let line = simplify_line(line, line_tolerance(zoom));
        if line.len() > 1 && (zoom >= LONG_LINES || is_long(&line)) {
            out.push(&line);
        }
    }
    out
}

fn is_long(line: &[[i64; 2]]) -> bool {
    (0..2).any(|axis| {
        let along = || line.iter().map(|p| p[axis]);
        let span = along().max().zip(along().min());
        span.is_some_and(|(most, least)| most - least >= SHORTEST)
    })
}

fn line_tolerance(zoom: u8) -> f64 {
    if zoom < GROUND_ZOOMS[1] {
        TOLERANCE
    } else {
        0.0
    }
}

/// Areas lose what is finer than half a pixel; the last zoom, from which all
/// deeper ones are drawn, keeps every corner.
fn area_tolerance(zoom: u8) -> f64 {
    if zoom < GROUND_ZOOMS[1] { 4.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use fast_mvt::{MvtGeometry, MvtReaderRef, MvtValueRef};
    use geo::{Coord, LineString, Point, Polygon, Validation};
    use libdeflater::{CompressionLvl, Compressor};
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::model::{Ground, GroundFeature, Timestamp};
    use crate::tile::{WorldBox, WorldPoint, cover};

    const WEST: f64 = 117.2;
    const SOUTH: f64 = 31.8;

    /// What a tile may weigh, bytes of gzip.
    const MOST: usize = 150_000;

    fn at(x: f64, y: f64) -> Coord<f64> {
        Coord {
            x: WEST + x,
            y: SOUTH + y,
        }
    }

    /// An area with a crooked border of `n` corners, which may have a hole.
    fn blob(rng: &mut ChaCha8Rng, x: f64, y: f64, size: f64, n: u32, hole: bool) -> Polygon {
        let mut ring = |reach: f64| -> LineString {
            let corners = (0..n).map(|k| {
                let angle = f64::from(k) / f64::from(n) * std::f64::consts::TAU;
                let r = size * reach * rng.random_range(0.7..1.0);
                at(x + r * angle.cos(), y + r * angle.sin())
            });
            let mut corners: Vec<Coord> = corners.collect();
            corners.push(corners[0]);
            LineString(corners)
        };
        let shell = ring(1.0);
        let holes = if hole { vec![ring(0.3)] } else { Vec::new() };
        Polygon::new(shell, holes)
    }

    /// A dense town of `side` × `side` blocks of 110 m with four houses each,
    /// roads in pieces from corner to corner, parks, lakes, streams, names.
    fn town(side: u32) -> Ground {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut features = Vec::new();
        let mut add = |class, kind: &str, name: String, geometry: geo::Geometry| {
            features.push(GroundFeature {
                class,
                kind: kind.to_owned(),
                name,
                geometry,
            });
        };
        let step = 0.001;
        let span = f64::from(side) * step;
        for n in 0..side {
            let kind = match n % 20 {
                0 => "arterial",
                10 => "secondary",
                5 | 15 => "branch",
                _ => "lane",
            };
            for m in 0..side {
                let (a, b) = (f64::from(n) * step, f64::from(m) * step);
                let bend = rng.random_range(-0.0001..0.0001);
                let east = vec![at(b, a), at(b + step / 2.0, a + bend), at(b + step, a)];
                let north = vec![at(a, b), at(a + bend, b + step / 2.0), at(a, b + step)];
                add(
                    GroundClass::Road,
                    kind,
                    format!("横{n}路"),
                    LineString(east).into(),
                );
                add(
                    GroundClass::Road,
                    kind,
                    format!("纵{n}路"),
                    LineString(north).into(),
                );
                for house in 0..4_u32 {
                    let x = a + 0.0002 + f64::from(house % 2) * 0.0005;
                    let y = b + 0.0002 + f64::from(house / 2) * 0.0005;
                    let shape = blob(&mut rng, x, y, 0.0002, 6, house == 0);
                    add(GroundClass::Building, "yes", String::new(), shape.into());
                }
                if (n * 7 + m) % 23 == 0 {
                    let shape = blob(&mut rng, a, b, 0.0009, 40, m % 3 == 0);
                    let (class, kind) = match n % 3 {
                        0 => (GroundClass::Water, "pond"),
                        1 => (GroundClass::Green, "park"),
                        _ => (GroundClass::Green, "grass"),
                    };
                    add(class, kind, format!("第{n}-{m}"), shape.into());
                    add(
                        GroundClass::Place,
                        "neighbourhood",
                        format!("小区{n}-{m}"),
                        Point(at(a, b)).into(),
                    );
                }
            }
        }
        waters(span, &mut rng, &mut add);
        Ground::new(features, "town.osm.pbf", Timestamp(0))
    }

    /// Streams and a railway across the town.
    fn waters(
        span: f64,
        rng: &mut ChaCha8Rng,
        add: &mut impl FnMut(GroundClass, &str, String, geo::Geometry),
    ) {
        for (kind, y) in [("river", 0.3), ("canal", 0.6), ("ditch", 0.8)] {
            let line = (0..200).map(|k| {
                at(
                    f64::from(k) / 200.0 * span,
                    y * span + rng.random_range(0.0..0.001),
                )
            });
            add(
                GroundClass::Water,
                kind,
                kind.to_owned(),
                LineString(line.collect()).into(),
            );
        }
        let rail = vec![at(0.0, span / 2.0), at(span, span / 2.0)];
        add(
            GroundClass::Rail,
            "rail",
            "合宁线".to_owned(),
            LineString(rail).into(),
        );
    }

    fn corners(map: &GroundMap) -> WorldBox {
        let b = map.bounds().unwrap();
        let point = |lon, lat| WorldPoint::from_lon_lat(lon, lat).unwrap();
        WorldBox {
            min: point(b.west, b.north),
            max: point(b.east, b.south),
        }
    }

    fn gzip(bytes: &[u8]) -> usize {
        let mut compressor = Compressor::new(CompressionLvl::new(1).unwrap());
        let mut out = vec![0; compressor.gzip_compress_bound(bytes.len())];
        compressor.gzip_compress(bytes, &mut out).unwrap()
    }

    /// Sees that every shape is what the specification wants; answers how many
    /// features there are.
    fn check(tile: &[u8], zoom: u8) -> usize {
        let mut features = 0;
        for layer in MvtReaderRef::new(tile).unwrap().layers() {
            for feature in layer.features() {
                features += 1;
                let properties = feature.properties_vec().unwrap();
                let keys: Vec<&str> = properties.iter().map(|(key, _)| *key).collect();
                let kind = match layer.name() {
                    "road" => Some("class"),
                    "water" | "green" | "place" => Some("kind"),
                    _ => None,
                };
                assert_eq!(
                    kind.is_some(),
                    keys.iter().any(|key| *key != "name"),
                    "{keys:?}"
                );
                assert!(kind.is_none_or(|kind| keys.contains(&kind)), "{keys:?}");
                let all_text = properties
                    .iter()
                    .all(|(_, v)| matches!(v, MvtValueRef::String(_)));
                assert!(all_text, "{properties:?}");
                let areas = match feature.geometry().unwrap() {
                    MvtGeometry::Polygon(area) => vec![area],
                    MvtGeometry::MultiPolygon(areas) => areas.0,
                    MvtGeometry::LineString(line) => {
                        assert!(line.0.len() > 1 && line.0.windows(2).all(|w| w[0] != w[1]));
                        continue;
                    }
                    MvtGeometry::MultiLineString(lines) => {
                        assert!(lines.0.iter().all(|line| line.0.len() > 1));
                        continue;
                    }
                    _ => continue,
                };
                for area in areas {
                    let ring = |line: &LineString<i32>| -> LineString {
                        line.0
                            .iter()
                            .map(|c| Coord {
                                x: f64::from(c.x),
                                y: f64::from(c.y),
                            })
                            .collect()
                    };
                    let area = Polygon::new(
                        ring(area.exterior()),
                        area.interiors().iter().map(ring).collect(),
                    );
                    assert!(area.is_valid(), "{} at zoom {zoom}: {area:?}", layer.name());
                }
            }
        }
        features
    }

    #[test]
    fn tiles_of_a_town_are_sound_and_small_at_every_zoom() {
        let map = GroundMap::new(&town(60));
        let all = corners(&map);
        for zoom in GROUND_ZOOMS[0]..=GROUND_ZOOMS[1] {
            let (mut tiles, mut features) = (0, 0);
            // Enough of the many deep ones.
            for tile in cover(&all, zoom).step_by(if zoom > 14 { 17 } else { 1 }) {
                let bytes = ground_tile(&map, tile);
                assert!(gzip(&bytes) <= MOST, "{tile}: {} bytes", gzip(&bytes));
                assert_eq!(bytes, ground_tile(&map, tile), "the same bytes each time");
                features += check(&bytes, zoom);
                tiles += 1;
            }
            assert!(features > 0, "nothing in {tiles} tiles of zoom {zoom}");
        }
        let outside = TileCoord::containing(all.min, 5);
        assert!(ground_tile(&map, outside).is_empty());
        assert!(ground_tile(&GroundMap::default(), TileCoord::containing(all.min, 14)).is_empty());
    }

    #[test]
    fn a_road_in_pieces_reaches_through_a_low_zoom() {
        let map = GroundMap::new(&town(60));
        let all = corners(&map);
        let tile = cover(&all, 8).next().unwrap();
        let bytes = ground_tile(&map, tile);
        let reader = MvtReaderRef::new(&bytes).unwrap();
        let roads = reader
            .layers()
            .find(|layer| layer.name() == "road")
            .unwrap();
        let [feature] = roads.features().collect::<Vec<_>>()[..] else {
            panic!("arterials are one feature");
        };
        let MvtGeometry::MultiLineString(lines) = feature.geometry().unwrap() else {
            panic!("several of them");
        };
        // Three each way, each of 60 pieces shorter than a pixel.
        assert!(lines.0.len() <= 8, "{}", lines.0.len());
        let widest = lines.0.iter().map(|line| {
            let x = || line.0.iter().map(|c| c.x);
            x().max().unwrap() - x().min().unwrap()
        });
        let (west, _) = tile.local(all.min);
        let (east, _) = tile.local(all.max);
        assert!(i64::from(widest.max().unwrap()) >= east - west - 3);
    }
}
