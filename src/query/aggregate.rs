//! Counts and histograms.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::Date;

use super::{Filter, FilterError, Selection};
use crate::index::{GridsOf, Part, Place, Profile, Snapshot};
use crate::model::time::date_of_day;
use crate::model::{IncidentKind, Scope, TimeWindow, Timestamp};

/// What to count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Grid code, basic and special: one incident may count in both.
    Grid,
    /// Community of the basic grid; the empty key is a grid without one.
    Community,
    /// Category code.
    Category,
    /// Kind.
    Kind,
    /// Local hour, 0-23.
    Hour,
    /// ISO weekday, 1-7.
    Weekday,
    /// Local day.
    Day,
}

impl By {
    /// The word in URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            By::Grid => "grid",
            By::Community => "community",
            By::Category => "category",
            By::Kind => "kind",
            By::Hour => "hour",
            By::Weekday => "weekday",
            By::Day => "day",
        }
    }
}

impl FromStr for By {
    type Err = FilterError;

    fn from_str(word: &str) -> Result<By, FilterError> {
        let all = [
            By::Grid,
            By::Community,
            By::Category,
            By::Kind,
            By::Hour,
            By::Weekday,
            By::Day,
        ];
        all.into_iter()
            .find(|by| by.as_str() == word)
            .ok_or_else(|| FilterError::Value {
                param: "by".to_owned(),
                value: word.to_owned(),
                expected_zh: "可用 grid、community、category、kind、hour、weekday、day".to_owned(),
                expected_en: "use grid, community, category, kind, hour, weekday or day".to_owned(),
            })
    }
}

/// How many share a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountItem {
    /// Grid code, community, category code, kind, hour, weekday or day.
    pub key: String,
    /// How many.
    pub count: u64,
}

/// Counts of the incidents that pass a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// What was counted by.
    pub by: By,
    /// All that pass.
    pub total: u64,
    /// Those with a place.
    pub placed: u64,
    /// Those without (未上图).
    pub unplaced: u64,
    /// Those with a place in no grid.
    pub outside: u64,
    /// Those of which only the day is known.
    pub date_only: u64,
    /// Keys with a count above 0, in natural order.
    pub items: Vec<CountItem>,
}

/// Width of a bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A local day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
}

impl Step {
    /// The word in URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Day => "day",
            Step::Week => "week",
            Step::Month => "month",
        }
    }
}

impl FromStr for Step {
    type Err = FilterError;

    fn from_str(word: &str) -> Result<Step, FilterError> {
        [Step::Day, Step::Week, Step::Month]
            .into_iter()
            .find(|step| step.as_str() == word)
            .ok_or_else(|| FilterError::Value {
                param: "step".to_owned(),
                value: word.to_owned(),
                expected_zh: "可用 day、week、month".to_owned(),
                expected_en: "use day, week or month".to_owned(),
            })
    }
}

/// Incidents over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Width of the bins; wider than asked if there would be too many.
    pub step: Step,
    /// First day of the first bin; `None` if nothing passes.
    pub start: Option<Date>,
    /// Per bin, those that pass.
    pub counts: Vec<u64>,
    /// Per bin, those that pass when time does not matter.
    pub other: Vec<u64>,
}

/// How often each profile and each place of a part occurs among the rows that
/// pass; most counts follow from these two.
pub(super) struct Tally<'s> {
    pub(super) part: &'s Part,
    pub(super) profiles: Vec<u64>,
    pub(super) places: Vec<u64>,
    pub(super) total: u64,
    pub(super) unplaced: u64,
}

impl<'s> Tally<'s> {
    pub(super) fn new(part: &'s Part) -> Tally<'s> {
        Tally {
            part,
            profiles: vec![0; part.profiles().len()],
            places: vec![0; part.place_count()],
            total: 0,
            unplaced: 0,
        }
    }

    #[inline]
    pub(super) fn add(&mut self, row: usize) {
        self.profiles[usize::from(self.part.profile_slots()[row])] += 1;
        self.places[usize::from(self.part.place_slots()[row])] += 1;
        self.total += 1;
        self.unplaced += u64::from(row >= self.part.placed_rows());
    }

    /// Each place with a count above 0.
    pub(super) fn places(&self, of: GridsOf) -> impl Iterator<Item = (Place, u64)> {
        let counted = self
            .places
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        counted.map(move |(slot, &count)| (self.part.place(slot, of), count))
    }

    /// Each profile with a count above 0.
    pub(super) fn profiles(&self) -> impl Iterator<Item = (&'s Profile, u64)> {
        let counted = self.part.profiles().iter().zip(&self.profiles);
        counted
            .filter(|(_, count)| **count > 0)
            .map(|(profile, &count)| (profile, count))
    }

    fn date_only(&self) -> u64 {
        let date_only = self.profiles().filter(|(profile, _)| profile.date_only);
        date_only.map(|(_, count)| count).sum()
    }
}

/// Tallies of the parts of a selection.
pub(super) fn tallies<'s>(selection: &Selection<'s>) -> Vec<Tally<'s>> {
    selection.map_parts(|part, rows| {
        let mut tally = Tally::new(part);
        rows(&mut |row| tally.add(row));
        tally
    })
}

/// Counts by grid, community, category, kind, hour, weekday or day.
pub fn counts(snapshot: &Snapshot, scope: &Scope, filter: &Filter, by: By) -> Counts {
    let selection = filter.compile(snapshot, scope);
    let (tallies, items) = match by {
        By::Hour | By::Weekday | By::Day => count_by_time(&selection, by),
        _ => {
            let tallies = tallies(&selection);
            let items = count_by_attribute(snapshot, &tallies, filter.grids_of, by);
            (tallies, items)
        }
    };
    let total = tallies.iter().map(|tally| tally.total).sum();
    let unplaced = tallies.iter().map(|tally| tally.unplaced).sum();
    let nowhere = tallies
        .iter()
        .flat_map(|tally| tally.places(filter.grids_of));
    let nowhere = nowhere.filter(|(place, _)| *place == Place::default());
    let in_no_grid: u64 = nowhere.map(|(_, count)| count).sum();
    Counts {
        by,
        total,
        placed: total - unplaced,
        unplaced,
        // What has no place is in no grid either.
        outside: in_no_grid - unplaced,
        date_only: tallies.iter().map(Tally::date_only).sum(),
        items,
    }
}

fn count_by_attribute(
    snapshot: &Snapshot,
    tallies: &[Tally<'_>],
    of: GridsOf,
    by: By,
) -> Vec<CountItem> {
    let mut keys: BTreeMap<&str, u64> = BTreeMap::new();
    let mut kinds = [0_u64; IncidentKind::ALL.len()];
    for tally in tallies {
        match by {
            By::Grid => {
                for (place, count) in tally.places(of) {
                    for slot in place.basic.into_iter().chain(place.special) {
                        *keys.entry(&snapshot.grids.get(slot).code).or_default() += count;
                    }
                }
            }
            By::Community => {
                for (place, count) in tally.places(of) {
                    if let Some(slot) = place.basic {
                        *keys.entry(&snapshot.grids.get(slot).community).or_default() += count;
                    }
                }
            }
            By::Category => {
                for (profile, count) in tally.profiles() {
                    *keys.entry(&profile.category).or_default() += count;
                }
            }
            _ => {
                for (profile, count) in tally.profiles() {
                    kinds[profile.kind as usize] += count;
                }
            }
        }
    }
    let words = IncidentKind::ALL
        .iter()
        .zip(kinds)
        .filter(|(_, count)| *count > 0);
    let words = words.map(|(kind, count)| (kind.as_str(), count));
    keys.into_iter()
        .chain(words)
        .map(|(key, count)| CountItem {
            key: key.to_owned(),
            count,
        })
        .collect()
}

fn count_by_time<'s>(selection: &Selection<'s>, by: By) -> (Vec<Tally<'s>>, Vec<CountItem>) {
    let parts = selection.map_parts(|part, rows| {
        let mut tally = Tally::new(part);
        let (base, seconds) = part.times();
        let first_day = Timestamp(base).local_day();
        let mut bins: Vec<u64> = vec![0; if by == By::Day { 33 } else { 24 }];
        rows(&mut |row| {
            tally.add(row);
            let at = Timestamp(base + i64::from(seconds[row]));
            let bin = match by {
                By::Hour if part.row(row).date_only() => return,
                By::Hour => usize::from(at.local_hour()),
                By::Weekday => usize::from(at.local_weekday()),
                _ => usize::try_from(at.local_day() - first_day).unwrap_or(0),
            };
            // A part holds one local month, so days do not reach the end.
            if let Some(bin) = bins.get_mut(bin) {
                *bin += 1;
            }
        });
        (tally, first_day, bins)
    });
    let mut sums: BTreeMap<i32, u64> = BTreeMap::new();
    let mut tallies = Vec::with_capacity(parts.len());
    for (tally, first_day, bins) in parts {
        let start = if by == By::Day { first_day } else { 0 };
        for (key, count) in (start..).zip(bins) {
            if count > 0 {
                *sums.entry(key).or_default() += count;
            }
        }
        tallies.push(tally);
    }
    let key = |key: i32| match by {
        By::Day => date_of_day(key).to_string(),
        _ => key.to_string(),
    };
    let items = sums.into_iter().map(|(bin, count)| CountItem {
        key: key(bin),
        count,
    });
    (tallies, items.collect())
}

/// The most bins of a histogram: a hundred years of days.
const MAX_BINS: i64 = 36_600;

/// Counts over time; the bins span all that pass when time does not matter.
/// Where that would be more than a hundred years of days, because a date is
/// wrong, bins get wider, and in the end the oldest are left out.
pub fn histogram(snapshot: &Snapshot, scope: &Scope, filter: &Filter, step: Step) -> Histogram {
    let selection = filter
        .with_window(TimeWindow::ALWAYS)
        .compile(snapshot, scope);
    let window = filter.window;
    let parts = selection.map_parts(|part, rows| {
        let (base, seconds) = part.times();
        let first_day = Timestamp(base).local_day();
        let mut bins = vec![(0_u64, 0_u64); 33];
        rows(&mut |row| {
            let at = Timestamp(base + i64::from(seconds[row]));
            let day = usize::try_from(at.local_day() - first_day).unwrap_or(0);
            if let Some(bin) = bins.get_mut(day) {
                bin.0 += u64::from(window.contains(at));
                bin.1 += 1;
            }
        });
        (first_day, bins)
    });
    let mut days: BTreeMap<i32, (u64, u64)> = BTreeMap::new();
    for (first_day, bins) in parts {
        for (day, (inside, all)) in (first_day..).zip(bins).filter(|(_, bin)| bin.1 > 0) {
            let sum = days.entry(day).or_default();
            sum.0 += inside;
            sum.1 += all;
        }
    }
    bin_days(&days, step)
}

fn bin_days(days: &BTreeMap<i32, (u64, u64)>, step: Step) -> Histogram {
    let (Some((&first, _)), Some((&last, _))) = (days.first_key_value(), days.last_key_value())
    else {
        return Histogram {
            step,
            start: None,
            counts: Vec::new(),
            other: Vec::new(),
        };
    };
    let fits = |step: &Step| step.bin(last) - step.bin(first) < MAX_BINS;
    let wider = [Step::Day, Step::Week, Step::Month].into_iter();
    let step = wider
        .filter(|wide| *wide >= step)
        .find(fits)
        .unwrap_or(Step::Month);
    let last_bin = step.bin(last);
    let first_bin = step.bin(first).max(last_bin - MAX_BINS + 1);
    let bins = usize::try_from(last_bin - first_bin + 1).unwrap_or(0);
    let mut histogram = Histogram {
        step,
        start: Some(step.start(first_bin)),
        counts: vec![0; bins],
        other: vec![0; bins],
    };
    for (&day, &(inside, all)) in days {
        if let Ok(bin) = usize::try_from(step.bin(day) - first_bin) {
            histogram.counts[bin] += inside;
            histogram.other[bin] += all;
        }
    }
    histogram
}

impl Step {
    /// Number of the bin of a local day; consecutive bins differ by one.
    fn bin(self, day: i32) -> i64 {
        match self {
            Step::Day => day.into(),
            // 1970-01-01 was a Thursday: weeks start on Monday.
            Step::Week => (i64::from(day) + 3).div_euclid(7),
            Step::Month => {
                let date = date_of_day(day);
                i64::from(date.year()) * 12 + i64::from(date.month()) - 1
            }
        }
    }

    /// First day of a bin.
    fn start(self, bin: i64) -> Date {
        let day = |days: i64| date_of_day(i32::try_from(days).unwrap_or(0));
        match self {
            Step::Day => day(bin),
            Step::Week => day(bin * 7 - 3),
            Step::Month => {
                let year = i16::try_from(bin.div_euclid(12)).unwrap_or(1970);
                let month = i8::try_from(bin.rem_euclid(12) + 1).unwrap_or(1);
                Date::new(year, month, 1).unwrap_or(date_of_day(0))
            }
        }
    }
}
