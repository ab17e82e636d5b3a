//! An R-tree over blocks of neighbours in Morton order, packed into arrays.

use std::ops::Range;

use crate::tile::{WorldBox, WorldPoint};

/// Rows of a block.
const BLOCK: usize = 32;
/// Boxes under a box one level up.
const FANOUT: usize = 16;

/// Boxes of blocks of rows, and boxes of boxes above them.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    rows: usize,
    /// Level 0 has one box per block of rows; the last level has few.
    levels: Vec<Box<[WorldBox]>>,
}

impl Blocks {
    /// Boxes over points that are in Morton order.
    pub(super) fn new(x: &[u32], y: &[u32]) -> Blocks {
        let mut levels: Vec<Box<[WorldBox]>> = Vec::new();
        let points = x.iter().zip(y).map(|(&x, &y)| WorldPoint { x, y });
        let points: Vec<WorldPoint> = points.collect();
        let mut level: Box<[WorldBox]> = points
            .chunks(BLOCK)
            .filter_map(|chunk| WorldBox::around(chunk.iter().copied()))
            .collect();
        while !level.is_empty() {
            let done = level.len() <= FANOUT;
            let above: Box<[WorldBox]> = level
                .chunks(FANOUT)
                .filter_map(|chunk| chunk.iter().copied().reduce(|a, b| a.union(&b)))
                .collect();
            levels.push(level);
            if done {
                break;
            }
            level = above;
        }
        Blocks {
            rows: x.len(),
            levels,
        }
    }

    /// Calls back with ranges of rows whose block meets the area, in order;
    /// the flag says that all of them lie in it.
    pub(super) fn visit(&self, area: &WorldBox, visit: &mut impl FnMut(Range<usize>, bool)) {
        if let Some(top) = self.levels.len().checked_sub(1) {
            self.descend(top, 0..self.levels[top].len(), area, visit);
        }
    }

    fn descend(
        &self,
        level: usize,
        slots: Range<usize>,
        area: &WorldBox,
        visit: &mut impl FnMut(Range<usize>, bool),
    ) {
        let span = BLOCK * FANOUT.pow(u32::try_from(level).unwrap_or(0));
        for slot in slots {
            let held = &self.levels[level][slot];
            if !area.intersects(held) {
                continue;
            }
            let rows = slot * span..((slot + 1) * span).min(self.rows);
            if area.contains(held.min) && area.contains(held.max) {
                visit(rows, true);
            } else if level == 0 {
                visit(rows, false);
            } else {
                let below = self.levels[level - 1].len();
                let range = slot * FANOUT..((slot + 1) * FANOUT).min(below);
                self.descend(level - 1, range, area, visit);
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let boxes: usize = self.levels.iter().map(|level| level.len()).sum();
        boxes * size_of::<WorldBox>()
    }
}
