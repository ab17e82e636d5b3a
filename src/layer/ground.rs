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
