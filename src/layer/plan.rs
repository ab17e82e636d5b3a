//! Grids, compounds, streets and routes in tiles.

use std::sync::Arc;

use super::Request;
use super::drawing::{
    Columns, CompoundShapes, Drawing, GridShapes, RouteShapes, StreetShapes, line_tolerance,
};
use super::tags::{tag, tile_value};
use crate::index::Collection;
use crate::model::{Entity, Scope, Street, StreetClass};
use crate::tile::{
    Bounds, Key, LayerWriter, Tag, TileCoord, Value, WorldPoint, area_in_tile, path_in_tile,
    point_in_tile,
};

/// How far polygons and lines reach over the tile's edge, in tile units: 8 px
/// at 512 px a tile, more than half of any line's width.
pub(super) const BUFFER: u32 = 64;

/// The grids valid on the day of the drawing.
pub(super) fn grids(drawing: &Drawing, scope: &Scope, request: &Request<'_>) -> Vec<u8> {
    let shapes = &drawing.grids;
    let mut features = Features::new(
        "grids",
        &shapes.source,
        &shapes.columns,
        GridShapes::FIELDS,
        request,
    );
    let (basic, special) = (
        shapes.basic.at(request.tile.z()),
        shapes.special.at(request.tile.z()),
    );
    for slot in candidates(drawing, &shapes.source, reach(request.tile)) {
        let area = basic[slot as usize]
            .as_ref()
            .or(special[slot as usize].as_ref());
        if let Some(area) = area
            && scope.sees_grid(&shapes.source.get(slot).code)
        {
            let rings = area_in_tile(area, request.tile, BUFFER);
            features.with_tags(slot, |w, id, tags| w.polygon(id, &rings, tags));
        }
    }
    features.writer.finish()
}

/// One point in each of those grids.
pub(super) fn grids_label(drawing: &Drawing, scope: &Scope, request: &Request<'_>) -> Vec<u8> {
    let shapes = &drawing.grids;
    let fields = &GridShapes::FIELDS[..3];
    let mut features = Features::new(
        "grids_label",
        &shapes.source,
        &shapes.columns,
        fields,
        request,
    );
    for slot in candidates(drawing, &shapes.source, request.tile.bounds()) {
        if scope.sees_grid(&shapes.source.get(slot).code) {
            features.point(slot, shapes.labels[slot as usize]);
        }
    }
    features.writer.finish()
}

/// Compounds that have an outline.
pub(super) fn compounds(drawing: &Drawing, request: &Request<'_>) -> Vec<u8> {
    let shapes = &drawing.compounds;
    let mut features = Features::new(
        "compounds",
        &shapes.source,
        &shapes.columns,
        CompoundShapes::FIELDS,
        request,
    );
    let areas = shapes.areas.at(request.tile.z());
    for slot in candidates(drawing, &shapes.source, reach(request.tile)) {
        if let Some(area) = &areas[slot as usize] {
            let rings = area_in_tile(area, request.tile, BUFFER);
            features.with_tags(slot, |w, id, tags| w.polygon(id, &rings, tags));
        }
    }
    features.writer.finish()
}

/// One point for each compound.
pub(super) fn compounds_label(drawing: &Drawing, request: &Request<'_>) -> Vec<u8> {
    let shapes = &drawing.compounds;
    let mut features = Features::new(
        "compounds_label",
        &shapes.source,
        &shapes.columns,
        CompoundShapes::FIELDS,
        request,
    );
    for slot in candidates(drawing, &shapes.source, reach(request.tile)) {
        features.point(slot, shapes.labels[slot as usize]);
    }
    features.writer.finish()
}

/// Streets of the classes that the zoom has room for.
pub(super) fn streets(drawing: &Drawing, request: &Request<'_>) -> Vec<u8> {
    let shapes = &drawing.streets;
    let mut features = Features::new(
        "streets",
        &shapes.source,
        &shapes.columns,
        StreetShapes::FIELDS,
        request,
    );
    let shown = |s: &Arc<Street>| first_zoom(s.class) <= request.tile.z();
    let tolerance = line_tolerance(request.tile);
    for slot in candidates(drawing, &shapes.source, reach(request.tile)) {
        if let Some(path) = &shapes.paths[slot as usize]
            && shown(shapes.source.get(slot))
        {
            let parts = path_in_tile(path, request.tile, BUFFER, tolerance);
            features.with_tags(slot, |w, id, tags| w.line(id, &parts, tags));
        }
    }
    features.writer.finish()
}

/// The first zoom that shows a street of a class.
pub(super) fn first_zoom(class: StreetClass) -> u8 {
    match class {
        StreetClass::Arterial => 8,
        StreetClass::Secondary | StreetClass::Rail => 10,
        StreetClass::Branch => 12,
        StreetClass::Lane => 13,
        StreetClass::Path => 14,
    }
}

/// Patrol routes.
pub(super) fn routes(drawing: &Drawing, request: &Request<'_>) -> Vec<u8> {
    let shapes = &drawing.routes;
    let mut features = Features::new(
        "routes",
        &shapes.source,
        &shapes.columns,
        RouteShapes::FIELDS,
        request,
    );
    let tolerance = line_tolerance(request.tile);
    for slot in candidates(drawing, &shapes.source, reach(request.tile)) {
        if let Some(path) = &shapes.paths[slot as usize] {
            let parts = path_in_tile(path, request.tile, BUFFER, tolerance);
            features.with_tags(slot, |w, id, tags| w.line(id, &parts, tags));
        }
    }
    features.writer.finish()
}

/// Checkpoints of the routes, numbered.
pub(super) fn routes_stop(drawing: &Drawing, request: &Request<'_>) -> Vec<u8> {
    let shapes = &drawing.routes;
    let mut writer = LayerWriter::new("routes_stop", &shapes.columns.values);
    let (route, ordinal, name) = (
        writer.key("route"),
        writer.key("ordinal"),
        writer.key("name"),
    );
    for stop in &shapes.stops {
        let Some(at) = own_point(stop.at, request.tile) else {
            continue;
        };
        let item = shapes.source.get(stop.slot);
        let id = item.meta.id.0;
        let mut tags = vec![(route, Tag::Int(id)), (ordinal, Tag::Int(stop.ordinal))];
        let title = usize::try_from(stop.ordinal - 1)
            .ok()
            .and_then(|i| item.checkpoints.get(i))
            .map_or("", |c| c.name.as_str());
        if !title.is_empty() {
            tags.push((name, Tag::Text(title)));
        }
        // A stop has no row of its own: the route's id, then its ordinal.
        let own_id = id
            .checked_mul(1000)
            .and_then(|v| v.checked_add(stop.ordinal));
        writer.point(own_id.and_then(|v| u64::try_from(v).ok()), at, &tags);
    }
    writer.finish()
}

/// The slots of a layer that may be seen in a box of the drawing's datum.
fn candidates<T: Entity>(drawing: &Drawing, source: &Collection<T>, seen: Bounds) -> Vec<u32> {
    source.touching(&drawing.datum.sources(seen, source.extent()))
}

/// Points belong to one tile, so that counting them counts each once.
pub(super) fn own_point(at: WorldPoint, tile: TileCoord) -> Option<[i32; 2]> {
    tile.world()
        .contains(at)
        .then(|| point_in_tile(at, tile, 0))
        .flatten()
}

/// The tile with its buffer in degrees.
pub(super) fn reach(tile: TileCoord) -> Bounds {
    let world = tile.world_buffered(BUFFER);
    let (west, north) = world.min.lon_lat();
    let (east, south) = world.max.lon_lat();
    Bounds {
        west,
        south,
        east,
        north,
    }
}

/// Writes features of one layer with their properties.
struct Features<'a, T> {
    writer: LayerWriter<'a>,
    source: &'a Collection<T>,
    columns: &'a Columns,
    keys: Vec<Key>,
    /// Further columns asked for.
    more: Vec<(Key, &'a str)>,
    tile: TileCoord,
}

impl<'a, T: Entity> Features<'a, T> {
    fn new(
        name: &str,
        source: &'a Collection<T>,
        columns: &'a Columns,
        fields: &[&str],
        request: &Request<'a>,
    ) -> Self {
        let mut writer = LayerWriter::new(name, &columns.values);
        let keys = fields.iter().map(|f| writer.key(f)).collect();
        let more = request
            .fields
            .iter()
            .filter(|f| !fields.contains(&f.as_str()))
            .map(|f| (writer.key(f), f.as_str()))
            .collect();
        Self {
            writer,
            source,
            columns,
            keys,
            more,
            tile: request.tile,
        }
    }

    fn point(&mut self, slot: u32, at: Option<WorldPoint>) {
        if let Some(at) = at.and_then(|at| own_point(at, self.tile)) {
            self.with_tags(slot, |w, id, tags| w.point(id, at, tags));
        }
    }

    fn with_tags(
        &mut self,
        slot: u32,
        write: impl FnOnce(&mut LayerWriter<'a>, Option<u64>, &[(Key, Tag<'_>)]),
    ) {
        let item = self.source.get(slot);
        let row = self.columns.row(slot);
        let mut tags: Vec<(Key, Tag<'_>)> = self
            .keys
            .iter()
            .zip(row)
            .filter_map(|(key, value)| value.map(|v| (*key, Tag::Known(v))))
            .collect();
        let more: Vec<(Key, Value)> = self
            .more
            .iter()
            .filter_map(|(key, name)| tile_value(item.value(name)).map(|v| (*key, v)))
            .collect();
        tags.extend(more.iter().map(|(key, value)| (*key, tag(value))));
        let id = u64::try_from(item.meta().id.0).ok();
        write(&mut self.writer, id, &tags);
    }
}
