//! Which grid a point lies in: exact at borders, and fast for a million points.
//!
//! A raster of cells is laid over all grids. A cell that no edge passes
//! through has one answer per grid; elsewhere the exact predicate decides,
//! over the few edges at the point's latitude.

use geo::{BoundingRect, Coord, MultiPolygon, Polygon};
use jiff::civil::Date;

use super::exact::{Crossing, edges};

/// Local days since 1970-01-01 of a civil day.
pub(super) fn day_number(day: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    day.since(epoch).map_or(0, |span| span.get_days())
}

/// One polygon of a grid, with the days on which it counts.
#[derive(Debug)]
struct Part {
    slot: u32,
    from_day: i32,
    to_day: i32,
    area: Banded,
}

/// A polygon's edges by bands of latitude.
#[derive(Debug)]
struct Banded {
    south: f64,
    north: f64,
    west: f64,
    east: f64,
    per_degree: f64,
    starts: Box<[u32]>,
    edges: Box<[(Coord<f64>, Coord<f64>)]>,
}

/// What is known of a part in a raster cell.
#[derive(Debug, Clone, Copy)]
struct Entry {
    part: u32,
    inside: bool,
}

/// Point location over grids of one kind.
///
/// A point belongs to the grid with the lowest slot (the lowest code) whose
/// closed area covers it on the day, so a point on a shared border, and one on
/// the outer border, belongs to exactly one.
#[derive(Debug, Default)]
pub struct Locator {
    parts: Box<[Part]>,
    raster: Option<Raster>,
    entry_starts: Box<[u32]>,
    entries: Box<[Entry]>,
}

/// The cells: `floor` of an increasing function, hence itself increasing, so
/// what lies between two points lies between their cells.
#[derive(Debug, Clone, Copy)]
struct Raster {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
    per_lon: f64,
    per_lat: f64,
    columns: usize,
    rows: usize,
}

impl Locator {
    /// Indexes areas: slot, first day, first day after, outline. The lower
    /// slot wins where areas meet.
    pub fn new<'a>(
        areas: impl Iterator<Item = (u32, Option<Date>, Option<Date>, &'a MultiPolygon<f64>)>,
    ) -> Locator {
        let mut parts = Vec::new();
        let mut polygons: Vec<&Polygon<f64>> = Vec::new();
        for (slot, from, to, area) in areas {
            for polygon in area.iter() {
                let Some(area) = Banded::new(polygon) else {
                    continue;
                };
                parts.push(Part {
                    slot,
                    from_day: from.map_or(i32::MIN, day_number),
                    to_day: to.map_or(i32::MAX, day_number),
                    area,
                });
                polygons.push(polygon);
            }
        }
        let Some(raster) = Raster::over(&parts) else {
            return Locator::default();
        };
        let mut found: Vec<(u32, Entry)> = Vec::new();
        for (part, polygon) in (0_u32..).zip(&polygons) {
            raster.classify(part, &parts[part as usize].area, polygon, &mut found);
        }
        found.sort_by_key(|(cell, entry)| (*cell, parts[entry.part as usize].slot, entry.part));
        let mut entry_starts = vec![0_u32; raster.columns * raster.rows + 1];
        for (cell, _) in &found {
            entry_starts[*cell as usize + 1] += 1;
        }
        for cell in 1..entry_starts.len() {
            entry_starts[cell] += entry_starts[cell - 1];
        }
        Locator {
            parts: parts.into_boxed_slice(),
            raster: Some(raster),
            entry_starts: entry_starts.into_boxed_slice(),
            entries: found.into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    /// True if an area counts on some days only.
    pub fn is_dated(&self) -> bool {
        self.parts
            .iter()
            .any(|part| part.from_day != i32::MIN || part.to_day != i32::MAX)
    }

    /// The slot at a place on a day, counted from 1970-01-01.
    pub fn find(&self, at: Coord<f64>, day: i32) -> Option<u32> {
        let cell = self.raster.as_ref()?.cell(at)?;
        let (from, to) = (self.entry_starts[cell], self.entry_starts[cell + 1]);
        self.entries[from as usize..to as usize]
            .iter()
            .find(|entry| {
                let part = &self.parts[entry.part as usize];
                part.from_day <= day && day < part.to_day && (entry.inside || part.area.covers(at))
            })
            .map(|entry| self.parts[entry.part as usize].slot)
    }
}

impl Banded {
    /// `None` for a ring without extent or with numbers that are not finite.
    fn new(polygon: &Polygon<f64>) -> Option<Banded> {
        let rect = polygon.bounding_rect()?;
        let (min, max) = (rect.min(), rect.max());
        if ![min.x, min.y, max.x, max.y].iter().all(|v| v.is_finite()) {
            return None;
        }
        let all: Vec<_> = edges(polygon).collect();
        let bands = (all.len() / 2).clamp(1, 4096);
        let height = max.y - min.y;
        let mut area = Banded {
            south: min.y,
            north: max.y,
            west: min.x,
            east: max.x,
            per_degree: if height > 0.0 {
                bands as f64 / height
            } else {
                0.0
            },
            starts: vec![0; bands + 1].into_boxed_slice(),
            edges: Box::default(),
        };
        let mut lists: Vec<Vec<_>> = vec![Vec::new(); bands];
        for (a, b) in all {
            for list in &mut lists[area.band(a.y.min(b.y))..=area.band(a.y.max(b.y))] {
                list.push((a, b));
            }
        }
        let mut total = 0;
        for (band, list) in lists.iter().enumerate() {
            total += u32::try_from(list.len()).ok()?;
            area.starts[band + 1] = total;
        }
        area.edges = lists.into_iter().flatten().collect();
        Some(area)
    }

    fn band(&self, y: f64) -> usize {
        // `as` saturates at 0.
        (((y - self.south) * self.per_degree) as usize).min(self.starts.len() - 2)
    }

    fn covers(&self, at: Coord<f64>) -> bool {
        if at.y < self.south || at.y > self.north || at.x < self.west || at.x > self.east {
            return false;
        }
        let band = self.band(at.y);
        let mut crossing = Crossing::new(at);
        for &(a, b) in &self.edges[self.starts[band] as usize..self.starts[band + 1] as usize] {
            crossing.edge(a, b);
        }
        crossing.covered()
    }
}

impl Raster {
    fn over(parts: &[Part]) -> Option<Raster> {
        let first = &parts.first()?.area;
        let mut raster = Raster {
            west: first.west,
            south: first.south,
            east: first.east,
            north: first.north,
            per_lon: 0.0,
            per_lat: 0.0,
            columns: 1,
            rows: 1,
        };
        let mut edges = 0;
        for part in parts {
            raster.west = raster.west.min(part.area.west);
            raster.south = raster.south.min(part.area.south);
            raster.east = raster.east.max(part.area.east);
            raster.north = raster.north.max(part.area.north);
            edges += part.area.edges.len();
        }
        // About four cells per edge: most cells then have no edge in them.
        let side = ((edges as f64 * 4.0).sqrt() as usize).clamp(16, 512);
        (raster.columns, raster.rows) = (side, side);
        let scale = |span: f64| if span > 0.0 { side as f64 / span } else { 0.0 };
        raster.per_lon = scale(raster.east - raster.west);
        raster.per_lat = scale(raster.north - raster.south);
        Some(raster)
    }

    fn column(&self, x: f64) -> usize {
        (((x - self.west) * self.per_lon) as usize).min(self.columns - 1)
    }

    fn row(&self, y: f64) -> usize {
        (((y - self.south) * self.per_lat) as usize).min(self.rows - 1)
    }

    fn cell(&self, at: Coord<f64>) -> Option<usize> {
        let inside =
            at.x >= self.west && at.x <= self.east && at.y >= self.south && at.y <= self.north;
        inside.then(|| self.row(at.y) * self.columns + self.column(at.x))
    }

    /// Adds the cells that a polygon covers or has an edge in.
    fn classify(
        &self,
        part: u32,
        area: &Banded,
        polygon: &Polygon<f64>,
        found: &mut Vec<(u32, Entry)>,
    ) {
        let (left, right) = (self.column(area.west), self.column(area.east));
        let (bottom, top) = (self.row(area.south), self.row(area.north));
        let width = right - left + 1;
        let mut edge_cells = vec![false; width * (top - bottom + 1)];
        for (a, b) in edges(polygon) {
            for row in self.row(a.y.min(b.y))..=self.row(a.y.max(b.y)) {
                let (from, to) = self.columns_of_edge(a, b, row);
                let start = (row - bottom) * width;
                edge_cells[start + from - left..=start + to - left].fill(true);
            }
        }
        for row in bottom..=top {
            let mut known: Option<bool> = None;
            for column in left..=right {
                let on_edge = edge_cells[(row - bottom) * width + column - left];
                let inside = if on_edge {
                    known = None;
                    false
                } else {
                    *known.get_or_insert_with(|| area.covers(self.center(column, row)))
                };
                if on_edge || inside {
                    let cell = u32::try_from(row * self.columns + column)
                        .expect("there are at most 512 x 512 cells");
                    found.push((cell, Entry { part, inside }));
                }
            }
        }
    }

    /// The columns that an edge may touch in a row: where it enters and leaves
    /// the row, one more on either side for rounding, inside the edge's box.
    fn columns_of_edge(&self, a: Coord<f64>, b: Coord<f64>, row: usize) -> (usize, usize) {
        let (from, to) = (self.column(a.x.min(b.x)), self.column(a.x.max(b.x)));
        if to - from < 3 || a.y == b.y {
            return (from, to);
        }
        let x_at = |y: f64| {
            let y = y.clamp(a.y.min(b.y), a.y.max(b.y));
            self.column(a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y)))
        };
        let low = x_at(self.south + row as f64 / self.per_lat);
        let high = x_at(self.south + (row + 1) as f64 / self.per_lat);
        let first = low.min(high).saturating_sub(1).clamp(from, to);
        (first, (low.max(high) + 1).clamp(from, to))
    }

    fn center(&self, column: usize, row: usize) -> Coord<f64> {
        Coord {
            x: self.west + (column as f64 + 0.5) / self.per_lon,
            y: self.south + (row as f64 + 0.5) / self.per_lat,
        }
    }
}
