//! A filter made ready for one snapshot: per part, one yes or no for each
//! profile and each place, so that a row costs two look-ups and a comparison.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use geo::Coord;
use rayon::prelude::*;

use super::{Cql, ExtraFilter, FeatureRef, Filter};
use crate::index::{GridsOf, Part, Profile, Row, Snapshot};
use crate::model::{Scope, Timestamp};
use crate::tile::{Bounds, WorldBox, WorldPoint};

/// From this many rows on, parts are scanned in parallel.
const PARALLEL_ROWS: usize = 100_000;

/// The incidents of a snapshot that pass a filter and lie in a scope.
#[derive(Debug)]
pub struct Selection<'s> {
    snapshot: &'s Snapshot,
    grids_of: GridsOf,
    bbox: Option<(Bounds, WorldBox)>,
    hours: Option<u32>,
    weekdays: Option<u8>,
    extras: Vec<ExtraFilter>,
    cql: Option<Arc<Cql>>,
    parts: Vec<PartMask<'s>>,
    /// Addresses of the parts and their position, for single rows.
    by_part: Vec<(usize, usize)>,
}

/// What passes in one part; `None` means all.
#[derive(Debug)]
struct PartMask<'s> {
    part: &'s Part,
    rows: Range<usize>,
    profiles: Option<Box<[bool]>>,
    places: Option<Box<[bool]>>,
    /// Seconds after the part's first instant.
    seconds: Option<Range<u64>>,
    /// For each condition on an extra column, the column's number here.
    extra_slots: Box<[usize]>,
}

impl<'s> Selection<'s> {
    pub(super) fn new(filter: &Filter, snapshot: &'s Snapshot, scope: &Scope) -> Selection<'s> {
        let narrowed = filter.cql.as_ref().map(|cql| {
            let mut narrowed = filter.clone();
            cql.narrow(&mut narrowed);
            narrowed
        });
        let filter = narrowed.as_ref().unwrap_or(filter);
        let categories = category_set(filter, snapshot);
        let grids = grid_mask(filter, snapshot, scope);
        let masks = snapshot.incidents.parts().iter().filter_map(|part| {
            let slots = filter.extras.iter().map(|e| part.extra_slot(&e.column));
            let mut mask = PartMask {
                part,
                rows: match filter.placed {
                    None if filter.bbox.is_none() => 0..part.capacity(),
                    Some(false) => part.placed_rows()..part.capacity(),
                    _ => 0..part.placed_rows(),
                },
                profiles: None,
                places: None,
                seconds: None,
                // Rows without the column never pass.
                extra_slots: slots.collect::<Option<_>>()?,
            };
            mask.set_profiles(filter, categories.as_ref());
            mask.set_seconds(filter);
            if let Some(grids) = &grids {
                mask.set_places(filter.grids_of, grids);
            }
            (!mask.is_empty()).then_some(mask)
        });
        let parts: Vec<PartMask<'s>> = masks.collect();
        let mut by_part: Vec<(usize, usize)> = parts
            .iter()
            .enumerate()
            .map(|(slot, mask)| (address(mask.part), slot))
            .collect();
        by_part.sort_unstable();
        Selection {
            snapshot,
            grids_of: filter.grids_of,
            bbox: filter.bbox.map(|bounds| (bounds, world_box(&bounds))),
            hours: filter.hours,
            weekdays: filter.weekdays,
            extras: filter.extras.clone(),
            cql: filter.cql.clone(),
            parts,
            by_part,
        }
    }

    /// The snapshot that was asked.
    pub fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    /// Which grids count.
    pub fn grids_of(&self) -> GridsOf {
        self.grids_of
    }

    /// Only those in one grid, by slot, whether basic or special.
    pub(super) fn in_grid(mut self, slot: u32) -> Selection<'s> {
        for mask in &mut self.parts {
            mask.set_places(self.grids_of, &|grid| grid == slot);
        }
        self
    }

    /// True if the incident passes.
    pub fn matches(&self, row: Row<'s>) -> bool {
        let address = address(row.part());
        let Ok(at) = self.by_part.binary_search_by_key(&address, |entry| entry.0) else {
            return false;
        };
        let mask = &self.parts[self.by_part[at].1];
        mask.rows.contains(&row.index()) && self.passes(mask, row.index())
    }

    /// Calls back with every incident that passes.
    pub fn visit(&self, mut visit: impl FnMut(Row<'s>)) {
        for mask in &self.parts {
            self.each_row(mask, |row| visit(mask.part.row(row)));
        }
    }

    /// Calls back with every placed incident in the box that passes.
    pub fn visit_in(&self, area: &WorldBox, mut visit: impl FnMut(Row<'s>)) {
        for mask in &self.parts {
            mask.part.blocks_in(area, |rows, inside| {
                let from = rows.start.max(mask.rows.start);
                for row in from..rows.end.min(mask.rows.end) {
                    let in_area = || {
                        let at = mask.part.row(row).world();
                        at.is_some_and(|at| area.contains(at))
                    };
                    if (inside || in_area()) && self.passes(mask, row) {
                        visit(mask.part.row(row));
                    }
                }
            });
        }
    }

    /// How many pass.
    pub fn count(&self) -> u64 {
        self.map_parts(|_, rows| {
            let mut count = 0;
            rows(&mut |_| count += 1);
            count
        })
        .into_iter()
        .sum()
    }

    /// One value per part, worked out in parallel if there is much to scan.
    /// The closure gets a scanner that calls back with each row that passes.
    pub(super) fn map_parts<A: Send>(
        &self,
        work: impl Fn(&'s Part, &dyn Fn(&mut dyn FnMut(usize))) -> A + Sync,
    ) -> Vec<A> {
        let one = |mask: &PartMask<'s>| {
            work(mask.part, &|visit: &mut dyn FnMut(usize)| {
                self.each_row(mask, visit);
            })
        };
        let rows: usize = self.parts.iter().map(|mask| mask.rows.len()).sum();
        if rows < PARALLEL_ROWS {
            return self.parts.iter().map(one).collect();
        }
        self.parts.par_iter().map(one).collect()
    }

    fn each_row(&self, mask: &PartMask<'s>, mut visit: impl FnMut(usize)) {
        let Some((_, world)) = &self.bbox else {
            for row in mask.rows.clone() {
                if self.passes(mask, row) {
                    visit(row);
                }
            }
            return;
        };
        mask.part.blocks_in(world, |rows, _| {
            for row in rows.start.max(mask.rows.start)..rows.end.min(mask.rows.end) {
                if self.passes(mask, row) {
                    visit(row);
                }
            }
        });
    }

    #[inline]
    fn passes(&self, mask: &PartMask<'s>, row: usize) -> bool {
        mask.passes(row) && (self.is_plain() || self.passes_slow(mask, row))
    }

    #[inline]
    fn is_plain(&self) -> bool {
        self.hours.is_none()
            && self.weekdays.is_none()
            && self.bbox.is_none()
            && self.extras.is_empty()
            && self.cql.is_none()
    }

    fn passes_slow(&self, mask: &PartMask<'s>, row: usize) -> bool {
        let (base, seconds) = mask.part.times();
        let at = Timestamp(base + i64::from(seconds[row]));
        self.hours
            .is_none_or(|hours| hours & (1 << at.local_hour()) != 0)
            && self
                .weekdays
                .is_none_or(|days| days & (1 << at.local_weekday()) != 0)
            && self.bbox.is_none_or(|(bounds, _)| {
                mask.part.row(row).at().is_some_and(|at| holds(&bounds, at))
            })
            // Last, since they are read from where the texts are.
            && self
                .extras
                .iter()
                .zip(&mask.extra_slots)
                .all(|(extra, &slot)| extra.passes(mask.part.extra(row, slot)))
            && self.cql.as_ref().is_none_or(|cql| {
                cql.matches(self.snapshot, &FeatureRef::Incident(mask.part.row(row)))
            })
    }
}

impl PartMask<'_> {
    #[inline]
    fn passes(&self, row: usize) -> bool {
        self.part.is_live(row)
            && self
                .profiles
                .as_ref()
                .is_none_or(|yes| yes[usize::from(self.part.profile_slots()[row])])
            && self
                .places
                .as_ref()
                .is_none_or(|yes| yes[usize::from(self.part.place_slots()[row])])
            && self
                .seconds
                .as_ref()
                .is_none_or(|range| range.contains(&u64::from(self.part.times().1[row])))
    }

    fn is_empty(&self) -> bool {
        let none = |mask: &Option<Box<[bool]>>| mask.as_ref().is_some_and(|m| !m.contains(&true));
        self.part.is_empty()
            || self.rows.is_empty()
            || none(&self.profiles)
            || none(&self.places)
            || self.seconds.as_ref().is_some_and(Range::is_empty)
    }

    fn set_profiles(&mut self, filter: &Filter, categories: Option<&HashSet<&str>>) {
        let any = filter.kinds.is_empty()
            && categories.is_none()
            && filter.sources.is_empty()
            && filter.found.is_empty()
            && filter.statuses.is_empty()
            && filter.hours.is_none();
        if any {
            return;
        }
        let listed =
            |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word);
        let passes = |profile: &Profile| {
            (filter.kinds.is_empty() || filter.kinds.contains(&profile.kind))
                && (filter.found.is_empty() || filter.found.contains(&profile.found_by))
                && !(filter.hours.is_some() && profile.date_only)
                && categories.is_none_or(|set| set.contains(&*profile.category))
                && listed(&filter.sources, &profile.source)
                && listed(&filter.statuses, &profile.status)
        };
        let yes: Box<[bool]> = self.part.profiles().iter().map(passes).collect();
        self.profiles = yes.contains(&false).then_some(yes);
    }

    /// Keeps the places of which a grid passes.
    fn set_places(&mut self, of: GridsOf, passes: &dyn Fn(u32) -> bool) {
        let before = self.places.take();
        let yes = (0..self.part.place_count()).map(|slot| {
            let place = self.part.place(slot, of);
            before.as_ref().is_none_or(|before| before[slot])
                && (place.basic.is_some_and(passes) || place.special.is_some_and(passes))
        });
        self.places = Some(yes.collect());
    }

    fn set_seconds(&mut self, filter: &Filter) {
        let (base, _) = self.part.times();
        let last = u64::from(self.part.last_second());
        let after = |at: Timestamp| u64::try_from(at.0.saturating_sub(base)).unwrap_or(0);
        let start = filter.window.start.map_or(0, after);
        let end = filter.window.end.map_or(u64::MAX, after);
        if start > last {
            self.rows = 0..0;
        } else if start > 0 || end <= last {
            self.seconds = Some(start..end);
        }
    }
}

fn address(part: &Part) -> usize {
    std::ptr::from_ref(part).addr()
}

/// The codes asked for and all below them; `None` if none are asked for.
fn category_set<'a>(filter: &'a Filter, snapshot: &'a Snapshot) -> Option<HashSet<&'a str>> {
    if filter.categories.is_empty() {
        return None;
    }
    let asked = || filter.categories.iter().map(String::as_str);
    let below = snapshot
        .categories
        .items()
        .iter()
        .map(|item| item.code.as_str());
    let below = below.filter(|code| asked().any(|root| snapshot.categories.is_within(code, root)));
    Some(asked().chain(below).collect())
}

/// Which grid slots pass; `None` if no grid is asked for and all are seen.
fn grid_mask(
    filter: &Filter,
    snapshot: &Snapshot,
    scope: &Scope,
) -> Option<impl Fn(u32) -> bool + use<>> {
    if filter.grids.is_empty() && scope.sees_all() {
        return None;
    }
    let passes = snapshot.grids.items().iter().map(|grid| {
        let asked = filter.grids.is_empty() || filter.grids.contains(&grid.code);
        asked && scope.sees_grid(&grid.code)
    });
    let passes: Vec<bool> = passes.collect();
    Some(move |slot: u32| passes.get(slot as usize).copied().unwrap_or(false))
}

/// True if the point lies in the box or on its edge.
pub(super) fn holds(bounds: &Bounds, at: Coord<f64>) -> bool {
    (bounds.west..=bounds.east).contains(&at.x) && (bounds.south..=bounds.north).contains(&at.y)
}

/// World units that surely hold all points of a box in degrees: rounding in
/// the projection moves a point by less than the margin of two units.
pub(super) fn world_box(bounds: &Bounds) -> WorldBox {
    let corner = |lon: f64, lat: f64| {
        WorldPoint::from_lon_lat(lon, lat).unwrap_or(WorldPoint { x: 0, y: 0 })
    };
    let (min, max) = (
        corner(bounds.west, bounds.north),
        corner(bounds.east, bounds.south),
    );
    WorldBox {
        min: WorldPoint {
            x: min.x.saturating_sub(2),
            y: min.y.saturating_sub(2),
        },
        max: WorldPoint {
            x: max.x.saturating_add(2),
            y: max.y.saturating_add(2),
        },
    }
}
