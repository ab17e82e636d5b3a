//! World shapes to one tile: whole tile units, cut at the buffer, still valid.
//!
//! Rounding first and cutting after has two merits: a vertex falls on the same
//! unit whichever shape or tile draws it, so neighbors keep their common
//! border; and everything after the rounding is exact.

use super::clip::{Window, clip_line, clip_ring};
use super::coord::{TileCoord, WorldBox, WorldPoint};
use super::repair::{Fill, valid};
use super::rings::{Point, Rings, doubled_area};
use super::shape::{Area, Path, tidy_ring, world};
use super::simplify::{simplify_line, simplify_ring};

/// Polygons in units of `tile`, cut at `buffer` units around it. Empty when
/// nothing with an area of its own remains at this scale.
///
/// The rings are valid in the sense of OGC, and in the order and direction
/// that vector tiles want.
pub fn area_in_tile(area: &Area, tile: TileCoord, buffer: u32) -> Rings {
    simple_area_in_tile(area, tile, buffer, 0.0)
}

/// Like [`area_in_tile`], each ring simplified by itself within `tolerance`
/// units: for areas that share no borders. Every tile simplifies the whole
/// ring, so neighboring tiles agree on its points.
pub fn simple_area_in_tile(area: &Area, tile: TileCoord, buffer: u32, tolerance: f64) -> Rings {
    if !area.bbox().intersects(&tile.world_buffered(buffer)) {
        return Rings::new();
    }
    let window = Window::tile(buffer);
    let cut = !fits(&area.bbox(), tile, &window);
    let mut out = Rings::new();
    let (mut ring, mut spare) = (Vec::new(), Vec::new());
    let mut shell_kept = false;
    for source in area.rings().iter() {
        let hole = doubled_area(source) < 0;
        if hole && !shell_kept {
            continue;
        }
        localize(source, tile, &mut ring);
        if tolerance > 0.0 {
            ring = simplify_ring(&ring, tolerance);
        }
        if cut {
            clip_ring(&mut ring, &mut spare, &window);
        }
        tidy_ring(&mut ring);
        // A ring that rounding turned inside out has no interior left.
        let kept = ring.len() >= 3 && (doubled_area(&ring) < 0) == hole;
        if kept {
            out.push(&ring);
        }
        shell_kept = if hole { shell_kept } else { kept };
    }
    valid(out, Fill::Positive)
}

/// Line parts in units of `tile`, cut at `buffer` units around it and
/// simplified within `tolerance` units.
pub fn path_in_tile(path: &Path, tile: TileCoord, buffer: u32, tolerance: f64) -> Rings {
    let mut out = Rings::new();
    if !path.bbox().intersects(&tile.world_buffered(buffer)) {
        return out;
    }
    let window = Window::tile(buffer);
    let mut line = Vec::new();
    for source in path.parts().iter() {
        localize(source, tile, &mut line);
        line.dedup();
        let line = simplify_line(&line, tolerance);
        clip_line(&line, &window, &mut out);
    }
    out
}

/// A point in units of `tile`, or `None` when it is further than `buffer`
/// units outside.
#[inline]
pub fn point_in_tile(point: WorldPoint, tile: TileCoord, buffer: u32) -> Option<[i32; 2]> {
    let (x, y) = tile.local(point);
    Window::tile(buffer)
        .contains([x, y])
        .then_some([x as i32, y as i32])
}

fn localize(source: &[Point], tile: TileCoord, out: &mut Vec<Point>) {
    out.clear();
    out.extend(source.iter().map(|p| {
        let (x, y) = tile.local(world(p));
        [x, y]
    }));
}

fn fits(bbox: &WorldBox, tile: TileCoord, window: &Window) -> bool {
    let corner = |p| {
        let (x, y) = tile.local(p);
        window.contains([x, y])
    };
    corner(bbox.min) && corner(bbox.max)
}
