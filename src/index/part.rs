//! A segment as a snapshot sees it: with the grids of its rows, and without
//! the rows that were replaced or deleted since.

use std::ops::Range;
use std::sync::Arc;

use super::Row;
use super::place::{GridMap, PlacePair, Places};
use super::segment::{Profile, Segment};
use super::{GridsOf, Place};
use crate::model::{FeatureId, Incident, Timestamp, ValueRef};
use crate::tile::WorldBox;

/// Up to 65,536 incidents of one local month.
#[derive(Debug, Clone)]
pub struct Part {
    segment: Arc<Segment>,
    places: Arc<Places>,
    dead: Option<Arc<[u64]>>,
    live: usize,
    live_placed: usize,
}

impl Part {
    pub(super) fn new(segment: Segment, grids: &GridMap) -> Part {
        Part {
            places: Arc::new(grids.places(&segment)),
            dead: None,
            live: segment.len(),
            live_placed: segment.placed(),
            segment: Arc::new(segment),
        }
    }

    /// The same rows in other grids.
    pub(super) fn with_grids(&self, grids: &GridMap) -> Part {
        Part {
            places: Arc::new(grids.places(&self.segment)),
            ..self.clone()
        }
    }

    /// The part without some rows.
    pub(super) fn without(&self, rows: &[usize]) -> Part {
        let mut part = self.clone();
        let words = self.segment.len().div_ceil(64);
        let mut dead: Vec<u64> = self.dead.as_ref().map_or(vec![0; words], |d| d.to_vec());
        for &row in rows {
            let bit = 1 << (row % 64);
            if dead[row / 64] & bit == 0 {
                dead[row / 64] |= bit;
                part.live -= 1;
                part.live_placed -= usize::from(row < self.segment.placed());
            }
        }
        part.dead = Some(dead.into());
        part
    }

    pub(super) fn segment(&self) -> &Segment {
        &self.segment
    }

    /// Rows of the columns, those that are gone included.
    pub fn capacity(&self) -> usize {
        self.segment.len()
    }

    /// Incidents in it.
    pub fn len(&self) -> usize {
        self.live
    }

    /// True if nothing is left.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Incidents with a place.
    pub fn placed(&self) -> usize {
        self.live_placed
    }

    /// Rows `0..placed_rows` have a place, the others have none.
    pub fn placed_rows(&self) -> usize {
        self.segment.placed()
    }

    /// True if the row was not replaced or deleted.
    #[inline]
    pub fn is_live(&self, row: usize) -> bool {
        self.dead
            .as_ref()
            .is_none_or(|dead| dead[row / 64] & (1 << (row % 64)) == 0)
    }

    /// The incident in a row.
    pub fn row(&self, row: usize) -> Row<'_> {
        Row { part: self, row }
    }

    /// All incidents.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let live = (0..self.capacity()).filter(|&row| self.is_live(row));
        live.map(|row| self.row(row))
    }

    /// What the rows have in common; [`Part::profile_slots`] points here.
    pub fn profiles(&self) -> &[Profile] {
        self.segment.profiles()
    }

    /// Per row, its profile.
    pub fn profile_slots(&self) -> &[u16] {
        self.segment.profile_slots()
    }

    /// How many different places there are.
    pub fn place_count(&self) -> usize {
        self.places.table.len()
    }

    /// One of the different places.
    pub fn place(&self, slot: usize, of: GridsOf) -> Place {
        let pair: &PlacePair = &self.places.table[slot];
        match of {
            GridsOf::Event => pair[0],
            GridsOf::Today => pair[1],
        }
    }

    /// Per row, its place; 0 is in no grid.
    pub fn place_slots(&self) -> &[u16] {
        &self.places.column
    }

    /// First instant, and seconds after it per row.
    pub fn times(&self) -> (i64, &[u32]) {
        self.segment.times()
    }

    /// Seconds from the first instant to the last, those gone included.
    pub fn last_second(&self) -> u32 {
        self.segment.time_last()
    }

    /// First and last instant.
    pub fn time_range(&self) -> Option<(Timestamp, Timestamp)> {
        let (base, times) = self.times();
        let live = (0..times.len()).filter(|&row| self.is_live(row));
        let (first, last) = live.fold((u32::MAX, 0), |(first, last), row| {
            (times[row].min(first), times[row].max(last))
        });
        (self.live > 0).then(|| {
            (
                Timestamp(base + i64::from(first)),
                Timestamp(base + i64::from(last)),
            )
        })
    }

    /// The number of an extra column in this part; `None` if no row has it.
    pub fn extra_slot(&self, column: &str) -> Option<usize> {
        self.segment.extra_slot(column)
    }

    /// One extra column of a row, by the number that
    /// [`Part::extra_slot`] gave; `Null` if the row lacks it. Some 100 ns.
    pub fn extra(&self, row: usize, slot: usize) -> ValueRef<'_> {
        self.segment.extra(row, slot)
    }

    /// Ranges of placed rows whose block meets the box; the flag says that the
    /// box holds all of them. Rows that are gone are not left out.
    pub fn blocks_in(&self, area: &WorldBox, mut visit: impl FnMut(Range<usize>, bool)) {
        self.segment.blocks().visit(area, &mut visit);
    }

    /// At most how many incidents a box of the world holds, without looking at
    /// single ones.
    pub fn rows_near(&self, area: &WorldBox) -> usize {
        let mut rows = 0;
        self.blocks_in(area, |range, _| rows += range.len());
        rows
    }

    /// Every placed incident in a box of the world, edges included.
    pub fn visit_in<'s>(&'s self, area: &WorldBox, mut visit: impl FnMut(Row<'s>)) {
        self.blocks_in(area, |rows, inside| {
            for row in rows {
                if (inside || self.segment.in_box(row, area)) && self.is_live(row) {
                    visit(self.row(row));
                }
            }
        });
    }

    pub(super) fn find(&self, id: FeatureId) -> Option<usize> {
        let (first, last) = self.segment.id_range()?;
        let row = (first <= id && id <= last).then(|| self.segment.row_of(id))??;
        self.is_live(row).then_some(row)
    }

    /// The incidents themselves, to be packed again.
    pub(super) fn unpack(&self) -> impl Iterator<Item = Incident> {
        self.rows().map(Row::to_incident)
    }

    pub(super) fn index_bytes(&self) -> usize {
        let dead = self.dead.as_ref().map_or(0, |dead| size_of_val(&**dead));
        size_of::<Part>() + self.segment.index_bytes() + self.places.bytes() + dead
    }
}
