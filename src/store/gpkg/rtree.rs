//! SQLite's R-tree, packed as a whole instead of grown row by row.

use geo::Rect;
use rayon::prelude::*;

use super::sql::{BulkSql, ROWIDS};
use super::statement::{Bound, Statement};
use crate::model::FeatureId;
use crate::store::Error;
use sqlx::sqlite::LockedSqliteHandle;

/// Cells of a node of SQLite's R-tree (`RTREE_MAXCELLS`) with two dimensions.
const CELLS: usize = 51;

/// Bytes of such a node: 2 depth, 2 count, 8 + 4 × 4 a cell.
const NODE_BYTES: usize = 4 + CELLS * 24;

/// A box in a node: minx, maxx, miny, maxy, each rounded away from the middle
/// to what 32 bits hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    id: i64,
    bounds: [f32; 4],
}

impl Cell {
    pub(super) fn new(id: FeatureId, bounds: Rect<f64>) -> Option<Cell> {
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
pub(super) struct Node {
    number: i64,
    parent: i64,
    depth: i64,
    cells: Vec<Cell>,
}

/// A tree over boxes, level by level from the root: sort-tile-recursive
/// (Leutenegger and others, 1997).
pub(super) fn pack(boxes: Vec<Cell>) -> Vec<Node> {
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
pub(super) fn write(
    handle: &mut LockedSqliteHandle<'_>,
    bulk: &BulkSql,
    nodes: &[Node],
) -> Result<(), Error> {
    let mut put = Statement::prepare(handle, bulk.put_node)?;
    for node in nodes {
        let bytes = node.bytes();
        put.run([Bound::Number(node.number), Bound::Bytes(&bytes)].into_iter())?;
    }
    drop(put);
    let mut put = Statement::prepare(handle, bulk.put_parent)?;
    for node in nodes.iter().filter(|node| node.parent > 0) {
        put.run([node.number, node.parent].into_iter().map(Bound::Number))?;
    }
    drop(put);
    // In the order of the ids each row goes to the end of its table.
    let leaves = nodes.par_iter().filter(|node| node.depth == 0);
    let mut rows: Vec<(i64, i64)> = leaves
        .flat_map_iter(|node| node.cells.iter().map(|cell| (cell.id, node.number)))
        .collect();
    rows.par_sort_unstable();
    let mut put = Statement::prepare(handle, bulk.put_rowids)?;
    let mut chunks = rows.chunks_exact(ROWIDS);
    for chunk in chunks.by_ref() {
        let values = chunk.iter().flat_map(|&(id, node)| [id, node]);
        put.run(values.map(Bound::Number))?;
    }
    drop(put);
    let mut put = Statement::prepare(handle, bulk.put_rowid)?;
    for &(id, node) in chunks.remainder() {
        put.run([id, node].into_iter().map(Bound::Number))?;
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
