//! Incidents in tiles: single points, or counts by cell at low zoom.

use geo::Coord;

use super::datum::{Datum, Shifts};
use super::plan::own_point;
use super::points::points;
use super::{AGGREGATED_BELOW_ZOOM, Request};
use crate::index::{Row, Snapshot};
use crate::model::{IncidentKind, Scope};
use crate::tile::{Key, LayerWriter, Tag, TileCoord, Values, WorldBox, WorldPoint};

/// log2 of the number of cells on a side of a tile: a cell is 32 px wide at the
/// zoom of its tile, room for the number drawn in it.
const CELL_BITS: u8 = 4;
const CELLS: usize = 1 << CELL_BITS;

pub(super) fn layer(
    snapshot: &Snapshot,
    datum: Datum,
    scope: &Scope,
    request: &Request<'_>,
) -> Vec<u8> {
    let area = datum.source_box(request.tile);
    // A copy of the loops for each datum: nothing is asked row by row.
    match datum {
        Datum::Wgs84 => draw(snapshot, scope, request, &area, Some),
        // Cells count all that there is, and a tile unit is over a meter.
        Datum::Gcj02 if request.tile.z() < AGGREGATED_BELOW_ZOOM => {
            let mut shifts = Shifts::default();
            draw(snapshot, scope, request, &area, |at| shifts.place(at))
        }
        Datum::Gcj02 => draw(snapshot, scope, request, &area, |at| {
            let (x, y) = at.lon_lat();
            datum.point(Coord { x, y })
        }),
    }
}

/// Draws the incidents of `area`, each at the place that `place` gives it.
fn draw(
    snapshot: &Snapshot,
    scope: &Scope,
    request: &Request<'_>,
    area: &WorldBox,
    mut place: impl FnMut(WorldPoint) -> Option<WorldPoint>,
) -> Vec<u8> {
    let place = |row: Row<'_>| {
        let at = place(row.world()?)?;
        own_point(at, request.tile)
    };
    if request.tile.z() < AGGREGATED_BELOW_ZOOM {
        cells(snapshot, scope, request, area, place)
    } else {
        points(snapshot, scope, request, area, place)
    }
}

/// What a cell has seen so far.
#[derive(Clone, Copy, Default)]
struct Cell {
    by_kind: [u32; 3],
    /// Sums of tile coordinates, for the mean place.
    x: u64,
    y: u64,
}

/// Counts by cell. Every incident is in exactly one cell of one tile, so the
/// counts of a zoom add up to the number of placed incidents.
fn cells(
    snapshot: &Snapshot,
    scope: &Scope,
    request: &Request<'_>,
    area: &WorldBox,
    mut place: impl FnMut(Row<'_>) -> Option<[i32; 2]>,
) -> Vec<u8> {
    let mut cells = vec![Cell::default(); CELLS * CELLS];
    let selection = request.filter.compile(snapshot, scope);
    selection.visit_in(area, |row| {
        if let Some([x, y]) = place(row) {
            let cell = &mut cells[cell_index(x, y)];
            cell.by_kind[row.kind() as usize] += 1;
            cell.x += u64::from(x.unsigned_abs());
            cell.y += u64::from(y.unsigned_abs());
        }
    });
    let values = Values::new();
    let mut writer = LayerWriter::new("incidents", &values);
    let count = writer.key("count");
    let kinds = IncidentKind::ALL
        .iter()
        .map(|k| (*k, writer.key(k.as_str())));
    let kinds: Vec<(IncidentKind, Key)> = kinds.collect();
    for (index, cell) in cells.iter().enumerate() {
        let total: u32 = cell.by_kind.iter().sum();
        if total == 0 {
            continue;
        }
        let mean = |sum: u64| i32::try_from(sum / u64::from(total)).unwrap_or(0);
        let mut tags = vec![(count, Tag::Int(total.into()))];
        tags.extend(
            kinds
                .iter()
                .map(|(kind, key)| (*key, Tag::Int(cell.by_kind[*kind as usize].into()))),
        );
        let at = [mean(cell.x), mean(cell.y)];
        writer.point(Some(cell_id(request.tile, index)), at, &tags);
    }
    writer.finish()
}

fn cell_index(x: i32, y: i32) -> usize {
    let cell = |v: i32| (v >> (12 - CELL_BITS)).clamp(0, CELLS as i32 - 1) as usize;
    cell(y) * CELLS + cell(x)
}

/// The same cell has the same id in every answer, other cells of the zoom have
/// others: its place along the Morton curve.
fn cell_id(tile: TileCoord, index: usize) -> u64 {
    let cell = |at: u32, within: usize| (at << CELL_BITS) | within as u32;
    let place = WorldPoint {
        x: cell(tile.x(), index % CELLS),
        y: cell(tile.y(), index / CELLS),
    };
    place.morton()
}
