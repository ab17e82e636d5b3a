//! Counts and histograms.

use std::str::FromStr;

use jiff::civil::Date;

use super::{Filter, FilterError};
use crate::index::Snapshot;
use crate::model::Scope;

/// What to count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Grid code, basic and special.
    Grid,
    /// Community of the basic grid.
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

/// Counts by something.
pub fn counts(_snapshot: &Snapshot, _scope: &Scope, _filter: &Filter, _by: By) -> Counts {
    todo!()
}

/// Counts over time; the bins span all that pass when time does not matter.
pub fn histogram(_snapshot: &Snapshot, _scope: &Scope, _filter: &Filter, _step: Step) -> Histogram {
    todo!()
}
