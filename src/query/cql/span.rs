//! Instants, days and intervals as closed spans of seconds, and the fifteen
//! relations of CQL2 between them.

use std::cmp::Ordering;

use jiff::ToSpan;
use jiff::civil::Date;

use super::ast::Comparison;
use crate::model::{TimeWindow, Timestamp};

/// Seconds of UTC, both ends inside; `i64::MIN` and `i64::MAX` are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: i64,
    pub(super) last: i64,
}

/// How two spans lie: Allen's thirteen relations, and two that join some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

impl Span {
    pub(super) const fn instant(at: Timestamp) -> Span {
        Span {
            first: at.0,
            last: at.0,
        }
    }

    /// The seconds of a local day.
    pub(super) fn day(day: Date) -> Option<Span> {
        let next = day.checked_add(1.day()).ok()?;
        Some(Span {
            first: Timestamp::from_local_date(day)?.0,
            last: Timestamp::from_local_date(next)?.0 - 1,
        })
    }

    /// An instant lies before a day when it lies before its first second, and
    /// is equal to a day when it lies in it.
    pub(super) fn compare(self, how: Comparison, other: Span) -> bool {
        let inside = |a: Span, b: Span| b.first <= a.first && a.last <= b.last;
        let equal = inside(self, other) || inside(other, self);
        match how {
            Comparison::Equal => equal,
            Comparison::NotEqual => !equal,
            Comparison::Less => self.last < other.first,
            Comparison::LessOrEqual => self.last <= other.last,
            Comparison::Greater => self.first > other.last,
            Comparison::GreaterOrEqual => self.first >= other.first,
        }
    }

    pub(super) fn relates(self, how: Relation, other: Span) -> bool {
        use Ordering::{Equal, Greater, Less};
        let starts = self.first.cmp(&other.first);
        let ends = self.last.cmp(&other.last);
        let shared = self.first <= other.last && other.first <= self.last;
        match how {
            Relation::After => self.first > other.last,
            Relation::Before => self.last < other.first,
            Relation::Contains => (starts, ends) == (Less, Greater),
            Relation::During => (starts, ends) == (Greater, Less),
            Relation::Disjoint => !shared,
            Relation::Intersects => shared,
            Relation::Equals => (starts, ends) == (Equal, Equal),
            Relation::FinishedBy => (starts, ends) == (Less, Equal),
            Relation::Finishes => (starts, ends) == (Greater, Equal),
            Relation::StartedBy => (starts, ends) == (Equal, Greater),
            Relation::Starts => (starts, ends) == (Equal, Less),
            Relation::Meets => self.last == other.first,
            Relation::MetBy => self.first == other.last,
            Relation::Overlaps => starts == Less && ends == Less && self.last > other.first,
            Relation::OverlappedBy => {
                starts == Greater && ends == Greater && self.first < other.last
            }
        }
    }

    /// The window of the seconds inside.
    pub(super) fn window(self) -> TimeWindow {
        let open = |end: i64| end == i64::MIN || end == i64::MAX;
        TimeWindow {
            start: (!open(self.first)).then_some(Timestamp(self.first)),
            end: (!open(self.last)).then(|| Timestamp(self.last.saturating_add(1))),
        }
    }
}
