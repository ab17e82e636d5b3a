//! All incidents: immutable parts by local month. A change makes the touched
//! rows dead in their parts and packs new small parts; small ones are merged
//! as they pile up, so that one change costs a few hundred rows.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use rayon::prelude::*;

use super::place::GridMap;
use super::segment::{SEGMENT_ROWS, Segment, clamp_time, month_of};
use super::{Part, Row};
use crate::model::{FeatureId, Incident, LayerChanges, Timestamp};
use crate::tile::WorldBox;

/// Parts of up to this many rows are packed again with every change.
const YOUNG_ROWS: usize = 1024;

/// All incidents in parts of one local month each, by month.
#[derive(Debug, Default)]
pub struct Incidents {
    parts: Vec<Part>,
}

impl Incidents {
    /// Packs incidents. Rows without a stored id are left out; of two rows
    /// with one id the last stays.
    pub(super) fn build(incidents: Vec<Incident>, grids: &GridMap) -> Incidents {
        let incidents = unique(incidents);
        let mut parts = pack(incidents, grids);
        parts.sort_by_key(|part| part.segment().month());
        Incidents { parts }
    }

    /// The incidents in other grids.
    pub(super) fn with_grids(&self, grids: &GridMap) -> Incidents {
        Incidents {
            parts: self
                .parts
                .par_iter()
                .map(|part| part.with_grids(grids))
                .collect(),
        }
    }

    /// The incidents after some changes; parts that stay are shared.
    pub(super) fn apply(&self, changes: &LayerChanges<Incident>, grids: &GridMap) -> Incidents {
        if changes.replace {
            return Incidents::build(changes.put.clone(), grids);
        }
        let put = unique(changes.put.clone());
        let mut gone: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let ids = changes
            .delete
            .iter()
            .copied()
            .chain(put.iter().map(|row| row.meta.id));
        for id in ids {
            if let Some((part, row)) = self.find(id) {
                gone.entry(part).or_default().push(row);
            }
        }
        let mut parts = self.parts.clone();
        for (part, rows) in gone {
            parts[part] = parts[part].without(&rows);
        }
        let mut by_month: BTreeMap<i32, Vec<Incident>> = BTreeMap::new();
        for incident in put {
            by_month
                .entry(month_of(incident.occurred_at))
                .or_default()
                .push(incident);
        }
        for part in &parts {
            // A part that is mostly dead is packed again.
            if part.len() * 2 < part.capacity() {
                by_month.entry(part.segment().month()).or_default();
            }
        }
        for (month, fresh) in by_month {
            merge_month(&mut parts, month, fresh, grids);
        }
        parts.sort_by_key(|part| part.segment().month());
        Incidents { parts }
    }

    /// The parts, by month.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many have no place (未上图).
    pub fn unplaced(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.len() - part.placed())
            .sum()
    }

    /// One by its id.
    pub fn by_id(&self, id: FeatureId) -> Option<Row<'_>> {
        self.find(id).map(|(part, row)| self.parts[part].row(row))
    }

    /// All, month by month.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.parts.iter().flat_map(Part::rows)
    }

    /// First and last.
    pub fn time_extent(&self) -> Option<(Timestamp, Timestamp)> {
        // Months do not overlap: the ends are in the first and the last month.
        let month = |part: &&Part| part.segment().month();
        let live = || self.parts.iter().filter(|part| !part.is_empty());
        let (first, last) = (
            live().map(|p| month(&p)).min()?,
            live().map(|p| month(&p)).max()?,
        );
        let ends = live().filter(|part| month(part) == first || month(part) == last);
        ends.filter_map(Part::time_range)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// A table by (source, source id); build it once per import.
    pub fn key_index(&self) -> KeyIndex<'_> {
        let state = RandomState::new();
        let mut rows: HashMap<u64, Vec<Row<'_>>> = HashMap::with_capacity(self.len());
        for row in self.rows() {
            let hash = state.hash_one((row.source(), row.source_id()));
            rows.entry(hash).or_default().push(row);
        }
        KeyIndex { state, rows }
    }

    /// Every placed incident in a box of the world, edges included.
    pub fn visit_in<'s>(&'s self, area: &WorldBox, mut visit: impl FnMut(Row<'s>)) {
        for part in &self.parts {
            part.visit_in(area, &mut visit);
        }
    }

    /// Bytes of the columns and look-up tables.
    pub fn index_bytes(&self) -> usize {
        self.parts.iter().map(Part::index_bytes).sum()
    }

    /// Bytes of texts, source ids and extra columns.
    pub fn text_bytes(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.segment().text_bytes())
            .sum()
    }

    fn find(&self, id: FeatureId) -> Option<(usize, usize)> {
        let mut parts = self.parts.iter().enumerate();
        parts.find_map(|(slot, part)| part.find(id).map(|row| (slot, row)))
    }
}

/// Incidents by (source, source id), built for one import.
#[derive(Debug)]
pub struct KeyIndex<'s> {
    state: RandomState,
    rows: HashMap<u64, Vec<Row<'s>>>,
}

impl<'s> KeyIndex<'s> {
    /// The incident of a source.
    pub fn get(&self, source: &str, source_id: &str) -> Option<Row<'s>> {
        let rows = self.rows.get(&self.state.hash_one((source, source_id)))?;
        let same = |row: &&Row<'s>| row.source() == source && row.source_id() == source_id;
        rows.iter().find(same).copied()
    }
}

/// Stored rows, the last of each id, in order.
fn unique(incidents: Vec<Incident>) -> Vec<Incident> {
    let mut seen = HashSet::with_capacity(incidents.len());
    // Nearly always there is nothing to leave out, and nothing to move.
    if incidents
        .iter()
        .all(|row| row.meta.id.0 > 0 && seen.insert(row.meta.id))
    {
        return incidents;
    }
    seen.clear();
    let mut kept: Vec<Incident> = incidents
        .into_iter()
        .rev()
        .filter(|row| row.meta.id.0 > 0 && seen.insert(row.meta.id))
        .collect();
    kept.reverse();
    kept
}

fn pack(incidents: Vec<Incident>, grids: &GridMap) -> Vec<Part> {
    let mut by_month: BTreeMap<i32, Vec<Incident>> = BTreeMap::new();
    // The calendar is asked once a day, not once a row.
    let mut months: HashMap<i32, i32> = HashMap::new();
    for incident in incidents {
        let at = clamp_time(incident.occurred_at);
        let month = *months.entry(at.local_day()).or_insert_with(|| month_of(at));
        by_month.entry(month).or_default().push(incident);
    }
    let months: Vec<(i32, Vec<Incident>)> = by_month.into_iter().collect();
    let segments: Vec<Segment> = months
        .into_par_iter()
        .flat_map_iter(|(month, incidents)| Segment::build(month, incidents))
        .collect();
    segments
        .into_par_iter()
        .map(|segment| Part::new(segment, grids))
        .collect()
}

/// Packs fresh rows of a month together with its small parts. A part joins if
/// it is young or at most twice the rows gathered so far: sizes then grow like
/// powers of two, and a row is packed again only a dozen times.
fn merge_month(parts: &mut Vec<Part>, month: i32, mut fresh: Vec<Incident>, grids: &GridMap) {
    let mut of_month: Vec<Part> = Vec::new();
    parts.retain(|part| {
        let taken = part.segment().month() == month;
        if taken && !part.is_empty() {
            of_month.push(part.clone());
        }
        !taken
    });
    of_month.sort_by_key(Part::len);
    for part in of_month {
        let small = part.len() <= YOUNG_ROWS.max(fresh.len() * 2);
        let wasted = part.len() * 2 < part.capacity();
        if wasted || small && !fresh.is_empty() && part.len() + fresh.len() <= SEGMENT_ROWS {
            fresh.extend(part.unpack());
        } else {
            parts.push(part);
        }
    }
    let packed = Segment::build(month, fresh);
    parts.extend(packed.into_iter().map(|segment| Part::new(segment, grids)));
}
