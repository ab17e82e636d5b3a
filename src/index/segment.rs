//! Incidents of one local month in columns, in Morton order: placed rows
//! first, those without a place (未上图) after them by time.

use std::collections::HashMap;
use std::sync::Arc;

use geo::Coord;

use super::blocks::Blocks;
use super::cold::{Cold, ColdBuilder, ColdRow};
use super::exact::{from_e7, to_e7};
use crate::model::time::date_of_day;
use crate::model::{FeatureId, FoundBy, Incident, IncidentKind, Meta, Timestamp, ValueRef};
use crate::tile::{WorldBox, WorldPoint};

/// The most rows of a segment, so that a row, a profile and a place each fit
/// in 16 bits.
pub(super) const SEGMENT_ROWS: usize = 65_536;

/// The most text of a segment, well below what 32-bit offsets reach.
const SEGMENT_TEXT: usize = 1 << 30;

/// Instants of the calendar: years 1 to 9999.
const CALENDAR_S: (i64, i64) = (-62_135_596_800, 253_402_128_000);

/// What many incidents have in common; each row points at one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Kind.
    pub kind: IncidentKind,
    /// Who found it.
    pub found_by: FoundBy,
    /// Only the day is known.
    pub date_only: bool,
    /// Category code; may be empty.
    pub category: Arc<str>,
    /// Status; may be empty.
    pub status: Arc<str>,
    /// Source.
    pub source: Arc<str>,
}

/// Row ids: mostly within 2^32 of each other.
#[derive(Debug)]
enum Ids {
    Near { base: i64, offsets: Box<[u32]> },
    Far(Box<[i64]>),
}

/// Immutable columns of at most 65,536 incidents of one local month.
#[derive(Debug)]
pub(super) struct Segment {
    month: i32,
    x: Box<[u32]>,
    y: Box<[u32]>,
    lon_e7: Box<[i32]>,
    lat_e7: Box<[i32]>,
    time_base: i64,
    time: Box<[u32]>,
    time_last: u32,
    ids: Ids,
    by_id: Box<[u16]>,
    profile: Box<[u16]>,
    profiles: Box<[Profile]>,
    blocks: Blocks,
    cold: Cold,
}

/// Months since year 0 of the local day of an instant.
pub(super) fn month_of(at: Timestamp) -> i32 {
    let day = date_of_day(clamp_time(at).local_day());
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
}

pub(super) fn clamp_time(at: Timestamp) -> Timestamp {
    Timestamp(at.0.clamp(CALENDAR_S.0, CALENDAR_S.1))
}

/// An incident on its way into a segment.
struct Draft {
    incident: Incident,
    e7: (i32, i32),
    world: WorldPoint,
    order: u64,
}

impl Draft {
    fn new(mut incident: Incident) -> Draft {
        incident.occurred_at = clamp_time(incident.occurred_at);
        let e7 = incident
            .at
            .filter(|at| at.x.is_finite() && at.y.is_finite())
            .map(to_e7);
        incident.at = e7.map(|(x, y)| from_e7(x, y));
        let world = incident
            .at
            .and_then(|at| WorldPoint::from_lon_lat(at.x, at.y));
        Draft {
            order: world.map_or(u64::MAX, WorldPoint::morton),
            world: world.unwrap_or(WorldPoint { x: 0, y: 0 }),
            e7: e7.unwrap_or_default(),
            incident,
        }
    }

    fn text_len(&self) -> usize {
        let extra = &self.incident.meta.extra;
        let extra: usize = extra
            .iter()
            .map(|(key, value)| key.len() + value.to_string().len())
            .sum();
        self.incident.text.len() + self.incident.meta.source_id.len() + extra
    }
}

impl Segment {
    /// Segments of the incidents of one month, each a stretch of the Morton
    /// curve. Ids must be unique.
    pub(super) fn build(month: i32, incidents: Vec<Incident>) -> Vec<Segment> {
        let drafts: Vec<Draft> = incidents.into_iter().map(Draft::new).collect();
        // Sorted by small keys: a draft is 300 bytes, too much to move about.
        let mut order: Vec<_> = drafts
            .iter()
            .enumerate()
            .map(|(slot, draft)| {
                let incident = &draft.incident;
                let placed = (incident.at.is_none(), draft.order);
                (placed, incident.occurred_at, incident.meta.id, slot)
            })
            .collect();
        order.sort_unstable();
        let drafts: Vec<&Draft> = order.iter().map(|&(.., slot)| &drafts[slot]).collect();
        let mut segments = Vec::new();
        let mut from = 0;
        let mut text = 0;
        for (row, draft) in drafts.iter().enumerate() {
            text += draft.text_len();
            if row - from == SEGMENT_ROWS || text > SEGMENT_TEXT && row > from {
                segments.push(Segment::of(month, &drafts[from..row]));
                (from, text) = (row, draft.text_len());
            }
        }
        if from < drafts.len() {
            segments.push(Segment::of(month, &drafts[from..]));
        }
        segments
    }

    fn of(month: i32, drafts: &[&Draft]) -> Segment {
        let placed = drafts.partition_point(|draft| draft.incident.at.is_some());
        let x: Box<[u32]> = drafts[..placed].iter().map(|draft| draft.world.x).collect();
        let y: Box<[u32]> = drafts[..placed].iter().map(|draft| draft.world.y).collect();
        let times = drafts.iter().map(|draft| draft.incident.occurred_at.0);
        let time_base = times.clone().min().unwrap_or(0);
        let mut by_id: Vec<u16> = (0..=u16::MAX).take(drafts.len()).collect();
        by_id.sort_by_key(|&row| drafts[usize::from(row)].incident.meta.id);
        let mut profiles = Profiles::default();
        let profile = drafts
            .iter()
            .map(|draft| profiles.slot(&draft.incident))
            .collect();
        // Two instants of one month are at most 32 days apart.
        let time: Box<[u32]> = times
            .map(|at| u32::try_from(at - time_base).unwrap_or(u32::MAX))
            .collect();
        let mut cold = ColdBuilder::default();
        for draft in drafts {
            cold.push(&draft.incident);
        }
        Segment {
            month,
            blocks: Blocks::new(&x, &y),
            x,
            y,
            lon_e7: drafts[..placed].iter().map(|draft| draft.e7.0).collect(),
            lat_e7: drafts[..placed].iter().map(|draft| draft.e7.1).collect(),
            time_base,
            time_last: time.iter().copied().max().unwrap_or(0),
            time,
            ids: Ids::new(drafts),
            by_id: by_id.into_boxed_slice(),
            profile,
            profiles: profiles.list.into_boxed_slice(),
            cold: cold.finish(),
        }
    }

    pub(super) fn month(&self) -> i32 {
        self.month
    }

    pub(super) fn len(&self) -> usize {
        self.time.len()
    }

    pub(super) fn placed(&self) -> usize {
        self.x.len()
    }

    pub(super) fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    pub(super) fn profile_slots(&self) -> &[u16] {
        &self.profile
    }

    pub(super) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    pub(super) fn id(&self, row: usize) -> FeatureId {
        FeatureId(match &self.ids {
            Ids::Near { base, offsets } => base + i64::from(offsets[row]),
            Ids::Far(ids) => ids[row],
        })
    }

    /// Lowest and highest id.
    pub(super) fn id_range(&self) -> Option<(FeatureId, FeatureId)> {
        let (first, last) = (self.by_id.first()?, self.by_id.last()?);
        Some((self.id(usize::from(*first)), self.id(usize::from(*last))))
    }

    pub(super) fn row_of(&self, id: FeatureId) -> Option<usize> {
        let at = self
            .by_id
            .binary_search_by_key(&id, |&row| self.id(usize::from(row)));
        at.ok().map(|at| usize::from(self.by_id[at]))
    }

    pub(super) fn occurred_at(&self, row: usize) -> Timestamp {
        Timestamp(self.time_base + i64::from(self.time[row]))
    }

    /// First instant, and seconds after it per row.
    pub(super) fn times(&self) -> (i64, &[u32]) {
        (self.time_base, &self.time)
    }

    /// Seconds from the first instant to the last.
    pub(super) fn time_last(&self) -> u32 {
        self.time_last
    }

    pub(super) fn world(&self, row: usize) -> Option<WorldPoint> {
        Some(WorldPoint {
            x: *self.x.get(row)?,
            y: *self.y.get(row)?,
        })
    }

    pub(super) fn in_box(&self, row: usize, area: &WorldBox) -> bool {
        self.world(row).is_some_and(|at| area.contains(at))
    }

    pub(super) fn at(&self, row: usize) -> Option<Coord<f64>> {
        Some(from_e7(*self.lon_e7.get(row)?, *self.lat_e7.get(row)?))
    }

    pub(super) fn profile(&self, row: usize) -> &Profile {
        &self.profiles[usize::from(self.profile[row])]
    }

    pub(super) fn cold(&self, row: usize) -> ColdRow<'_> {
        self.cold.row(row, self.occurred_at(row))
    }

    pub(super) fn extra_slot(&self, column: &str) -> Option<usize> {
        self.cold.extra_slot(column)
    }

    pub(super) fn extra(&self, row: usize, slot: usize) -> ValueRef<'_> {
        self.cold.extra(row, slot)
    }

    /// The whole incident, as it was put in but for the 1e-7 degree.
    pub(super) fn incident(&self, row: usize) -> Incident {
        let profile = self.profile(row);
        let cold = self.cold(row);
        Incident {
            kind: profile.kind,
            category: profile.category.as_ref().to_owned(),
            found_by: profile.found_by,
            occurred_at: self.occurred_at(row),
            date_only: profile.date_only,
            reported_at: cold.reported_at,
            status: profile.status.as_ref().to_owned(),
            text: cold.text.to_owned(),
            at: self.at(row),
            meta: Meta {
                id: self.id(row),
                source: profile.source.as_ref().to_owned(),
                source_id: cold.source_id.to_owned(),
                extra: cold.extra(),
            },
        }
    }

    pub(super) fn index_bytes(&self) -> usize {
        let ids = match &self.ids {
            Ids::Near { offsets, .. } => size_of_val(&**offsets),
            Ids::Far(ids) => size_of_val(&**ids),
        };
        let columns = size_of_val(&*self.x)
            + size_of_val(&*self.y)
            + size_of_val(&*self.lon_e7)
            + size_of_val(&*self.lat_e7)
            + size_of_val(&*self.time)
            + size_of_val(&*self.by_id)
            + size_of_val(&*self.profile);
        let texts = |p: &Profile| p.category.len() + p.status.len() + p.source.len();
        let profiles =
            size_of_val(&*self.profiles) + self.profiles.iter().map(texts).sum::<usize>();
        size_of::<Segment>()
            + ids
            + columns
            + profiles
            + self.blocks.bytes()
            + self.cold.index_bytes()
    }

    pub(super) fn text_bytes(&self) -> usize {
        self.cold.text_bytes()
    }
}

impl Ids {
    fn new(drafts: &[&Draft]) -> Ids {
        let ids = drafts.iter().map(|draft| draft.incident.meta.id.0);
        let base = ids.clone().min().unwrap_or(0);
        let offsets: Option<Box<[u32]>> = ids
            .clone()
            .map(|id| {
                id.checked_sub(base)
                    .and_then(|offset| u32::try_from(offset).ok())
            })
            .collect();
        match offsets {
            Some(offsets) => Ids::Near { base, offsets },
            None => Ids::Far(ids.collect()),
        }
    }
}

/// Gives equal profiles one slot.
#[derive(Default)]
struct Profiles {
    list: Vec<Profile>,
    slots: HashMap<Profile, u16>,
    words: HashMap<String, Arc<str>>,
}

impl Profiles {
    fn slot(&mut self, incident: &Incident) -> u16 {
        let profile = Profile {
            kind: incident.kind,
            found_by: incident.found_by,
            date_only: incident.date_only,
            category: self.word(&incident.category),
            status: self.word(&incident.status),
            source: self.word(&incident.meta.source),
        };
        if let Some(&slot) = self.slots.get(&profile) {
            return slot;
        }
        let slot = u16::try_from(self.list.len()).expect("a segment has at most 65,536 rows");
        self.list.push(profile.clone());
        self.slots.insert(profile, slot);
        slot
    }

    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = word.into();
        self.words.insert(word.to_owned(), Arc::clone(&shared));
        shared
    }
}
