//! Many new rows at once: the R-tree is packed instead of grown, the key index
//! is sorted instead of grown, the change log gets one row per run of ids.
//!
//! The triggers that would do the same row by row are taken off and put back
//! inside the transaction, so that a file never lacks them.

use geo::{BoundingRect, Rect};
use rayon::prelude::*;
use sqlx::SqliteConnection;

use super::rows::Binder;
use super::sql::{BulkSql, LayerSql, MANY};
use crate::model::FeatureId;
use crate::store::Error;
use crate::store::row::Stored;
use crate::store::write::last_of_each;

/// New rows from which this pays.
pub(super) const BULK: usize = 2_000;

/// Cells of a node of SQLite's R-tree (`RTREE_MAXCELLS`) with two dimensions.
const CELLS: usize = 51;

/// Bytes of such a node: 2 depth, 2 count, 8 + 4 × 4 a cell.
const NODE_BYTES: usize = 4 + CELLS * 24;

/// Puts rows into a layer that has none.
pub(super) async fn fill<T: Stored>(
    connection: &mut SqliteConnection,
    statements: &LayerSql,
    rows: &[T],
) -> Result<(), Error> {
    let bulk = &statements.bulk;
    let wanted = last_of_each(rows);
    let rows = rows.iter().zip(wanted);
    let mut rows: Vec<(FeatureId, &T)> = rows.filter_map(|(row, id)| Some((id?, row))).collect();
    let given: i64 = sqlx::query_scalar(bulk.last_id)
        .fetch_one(&mut *connection)
        .await?;
    let highest = rows.iter().map(|(id, _)| id.0).max().unwrap_or(0);
    let mut last = given.max(highest);
    for (id, _) in &mut rows {
        if *id == FeatureId::NEW {
            last += 1;
            *id = FeatureId(last);
        }
    }
    sqlx::raw_sql(bulk.begin).execute(&mut *connection).await?;
    sqlx::raw_sql(bulk.drop_key)
        .execute(&mut *connection)
        .await?;
    let insert = [statements.add_many, statements.add_one];
    insert_all(connection, insert, &rows).await?;
    sqlx::raw_sql(bulk.make_key)
        .execute(&mut *connection)
        .await?;
    let boxes = rows
        .iter()
        .filter_map(|(id, row)| Cell::new(*id, row.geometry()?.bounding_rect()?))
        .collect();
    write_tree(connection, bulk, pack(boxes)).await?;
    end(connection, bulk, 0).await
}

/// Puts new rows into a layer that has some.
pub(super) async fn append<T: Stored>(
    connection: &mut SqliteConnection,
    statements: &LayerSql,
    rows: &[T],
) -> Result<(), Error> {
    let bulk = &statements.bulk;
    let wanted = last_of_each(rows);
    let rows: Vec<(FeatureId, &T)> = rows
        .iter()
        .zip(wanted)
        .filter_map(|(row, id)| Some((id?, row)))
        .collect();
    let last: i64 = sqlx::query_scalar(bulk.last_id)
        .fetch_one(&mut *connection)
        .await?;
    sqlx::raw_sql(bulk.begin).execute(&mut *connection).await?;
    let insert = [statements.put_many, statements.put_one];
    insert_all(connection, insert, &rows).await?;
    sqlx::query(bulk.index_above)
        .bind(last)
        .execute(&mut *connection)
        .await?;
    end(connection, bulk, last).await
}

/// Logs the rows above an id and puts the triggers back.
async fn end(connection: &mut SqliteConnection, bulk: &BulkSql, last: i64) -> Result<(), Error> {
    sqlx::query(bulk.log_above)
        .bind(last)
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql(bulk.end).execute(connection).await?;
    Ok(())
}

async fn insert_all<T: Stored>(
    connection: &mut SqliteConnection,
    [many, one]: [&'static str; 2],
    rows: &[(FeatureId, &T)],
) -> Result<(), Error> {
    let bind = |rows: Option<&[(FeatureId, &T)]>| {
        rows.map(|rows| {
            let mut binder = Binder::default();
            for (id, row) in rows {
                row.write_as(*id, &mut binder);
            }
            binder.finish()
        })
    };
    let chunks = rows.chunks_exact(MANY);
    let rest = chunks.remainder();
    let mut chunks = chunks;
    let mut ready = bind(chunks.next());
    while let Some(arguments) = ready {
        // While SQLite inserts these, the next ones are written down.
        let insert = sqlx::query_with(many, arguments).execute(&mut *connection);
        let (inserted, next) = tokio::join!(insert, async { bind(chunks.next()) });
        inserted?;
        ready = next;
    }
    for row in rest.chunks(1) {
        if let Some(arguments) = bind(Some(row)) {
            sqlx::query_with(one, arguments)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// A box in a node: minx, maxx, miny, maxy, each rounded away from the middle
/// to what 32 bits hold.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    id: i64,
    bounds: [f32; 4],
}

impl Cell {
    fn new(id: FeatureId, bounds: Rect<f64>) -> Option<Cell> {
        let (min, max) = (bounds.min(), bounds.max());
        let bounds = [down(min.x), up(max.x), down(min.y), up(max.y)];
        let finite = bounds.iter().all(|bound| bound.is_finite());
        finite.then_some(Cell { id: id.0, bounds })
    }

    fn union(self, other: &Cell) -> Cell {
        let [minx, maxx, miny, maxy] = self.bounds;
        let [other_minx, other_maxx, other_miny, other_maxy] = other.bounds;
        Cell {
            id: self.id,
            bounds: [
                minx.min(other_minx),
                maxx.max(other_maxx),
                miny.min(other_miny),
                maxy.max(other_maxy),
            ],
        }
    }

    fn middle(&self, axis: usize) -> f32 {
        self.bounds[axis * 2].midpoint(self.bounds[axis * 2 + 1])
    }
}

fn down(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) > value {
        near.next_down()
    } else {
        near
    }
}

fn up(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) < value {
        near.next_up()
    } else {
        near
    }
}

/// A node with its number; the root is 1. A leaf has depth 0.
#[derive(Debug)]
struct Node {
    number: i64,
    parent: i64,
    depth: i64,
    cells: Vec<Cell>,
}

/// A tree over boxes, level by level from the root: sort-tile-recursive
/// (Leutenegger and others, 1997).
fn pack(boxes: Vec<Cell>) -> Vec<Node> {
    let mut levels = vec![tiles(boxes)];
    while let Some(below) = levels.last()
        && below.len() > 1
    {
        let around = |(at, cells): (usize, &Vec<Cell>)| {
            let whole = cells.iter().copied().reduce(|a, b| a.union(&b))?;
            Some(Cell {
                id: i64::try_from(at).ok()?,
                bounds: whole.bounds,
            })
        };
        let above: Vec<Cell> = below.iter().enumerate().filter_map(around).collect();
        levels.push(tiles(above));
    }
    number(levels)
}

/// Numbers the nodes of all levels, leaves first, and links them.
fn number(levels: Vec<Vec<Vec<Cell>>>) -> Vec<Node> {
    // The number of the first node of each level.
    let mut first = vec![1; levels.len()];
    for level in (1..levels.len()).rev() {
        first[level - 1] = first[level] + count(levels[level].len());
    }
    let mut nodes = Vec::new();
    let mut parents: Vec<i64> = Vec::new();
    for (level, tiles) in levels.into_iter().enumerate().rev() {
        let above = std::mem::take(&mut parents);
        for (at, mut cells) in tiles.into_iter().enumerate() {
            let number = first[level] + count(at);
            if level > 0 {
                for cell in &mut cells {
                    // Until now the place in the level below.
                    let place = usize::try_from(cell.id).unwrap_or(0);
                    if parents.len() <= place {
                        parents.resize(place + 1, 0);
                    }
                    parents[place] = number;
                    cell.id += first[level - 1];
                }
            }
            nodes.push(Node {
                number,
                parent: above.get(at).copied().unwrap_or(0),
                depth: count(level),
                cells,
            });
        }
    }
    nodes
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Groups of neighbours, each a node; one empty group for no boxes.
fn tiles(mut boxes: Vec<Cell>) -> Vec<Vec<Cell>> {
    let nodes = boxes.len().div_ceil(CELLS);
    if nodes <= 1 {
        return vec![boxes];
    }
    let slices = (nodes as f64).sqrt().ceil() as usize;
    let slice = nodes.div_ceil(slices) * CELLS;
    boxes.par_sort_unstable_by(|a, b| a.middle(0).total_cmp(&b.middle(0)));
    let tile = |slice: &mut [Cell]| -> Vec<Vec<Cell>> {
        slice.sort_unstable_by(|a, b| a.middle(1).total_cmp(&b.middle(1)));
        slice.chunks(CELLS).map(<[Cell]>::to_vec).collect()
    };
    boxes.par_chunks_mut(slice).flat_map(tile).collect()
}

impl Node {
    /// The node as SQLite keeps it: big-endian; only the root tells the depth.
    fn bytes(&self) -> Vec<u8> {
        let short = |number: i64| u16::try_from(number).unwrap_or(0).to_be_bytes();
        let mut bytes = Vec::with_capacity(NODE_BYTES);
        let depth = if self.number == 1 { self.depth } else { 0 };
        bytes.extend_from_slice(&short(depth));
        bytes.extend_from_slice(&short(count(self.cells.len())));
        for cell in &self.cells {
            bytes.extend_from_slice(&cell.id.to_be_bytes());
            for bound in cell.bounds {
                bytes.extend_from_slice(&bound.to_be_bytes());
            }
        }
        bytes.resize(NODE_BYTES, 0);
        bytes
    }
}

/// Writes a whole tree into the tables under an index that is empty. Their
/// form is fixed: "Shadow tables" in SQLite's R-tree manual.
async fn write_tree(
    connection: &mut SqliteConnection,
    bulk: &BulkSql,
    nodes: Vec<Node>,
) -> Result<(), Error> {
    for node in nodes {
        sqlx::query(bulk.put_node)
            .bind(node.number)
            .bind(node.bytes())
            .execute(&mut *connection)
            .await?;
        if node.parent > 0 {
            sqlx::query(bulk.put_parent)
                .bind(node.number)
                .bind(node.parent)
                .execute(&mut *connection)
                .await?;
        }
        if node.depth == 0 {
            let ids: Vec<i64> = node.cells.iter().map(|cell| cell.id).collect();
            sqlx::query(bulk.put_rowids)
                .bind(serde_json::json!(ids).to_string())
                .bind(node.number)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_rounded_away_from_the_middle() {
        for value in [
            117.123_456_789,
            -117.123_456_789,
            0.1,
            -0.1,
            0.0,
            16_777_217.0,
        ] {
            assert!(f64::from(down(value)) <= value && f64::from(up(value)) >= value);
            assert!(up(value) - down(value) <= 2.0);
        }
    }

    #[test]
    fn every_box_is_in_one_leaf_under_boxes_that_hold_it() {
        for rows in [0_i64, 1, 51, 52, 2_000, 140_000] {
            let boxes = (1..=rows).map(|id| {
                let (x, y) = ((id * 7919 % 10_007) as f64, (id * 104_729 % 9_973) as f64);
                let corner = geo::coord! { x: x, y: y };
                Cell::new(FeatureId(id), Rect::new(corner, corner)).unwrap()
            });
            let nodes = pack(boxes.collect());
            assert_eq!(nodes[0].number, 1, "the root");
            let by_number: std::collections::HashMap<i64, &Node> =
                nodes.iter().map(|node| (node.number, node)).collect();
            assert_eq!(by_number.len(), nodes.len());
            let mut ids = Vec::new();
            for node in &nodes {
                assert!(node.cells.len() <= CELLS);
                assert_eq!(node.bytes().len(), NODE_BYTES);
                if node.depth == 0 {
                    ids.extend(node.cells.iter().map(|cell| cell.id));
                }
                if node.number == 1 {
                    continue;
                }
                let parent = by_number[&node.parent];
                assert_eq!(parent.depth, node.depth + 1);
                let mut link = parent.cells.iter().filter(|cell| cell.id == node.number);
                let held = link.next().unwrap();
                assert!(link.next().is_none());
                assert!(node.cells.iter().all(|cell| held.union(cell) == *held));
            }
            ids.sort_unstable();
            assert!(ids.iter().copied().eq(1..=rows));
        }
    }
}
