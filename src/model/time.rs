//! Instants in UTC, civil time in Asia/Shanghai.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Offset of China Standard Time, seconds.
const CST_OFFSET_S: i64 = 8 * 3600;

/// 1992-01-01T00:00:00+08:00. Summer time was last kept in 1991, so later
/// instants need no time zone table.
const FIXED_OFFSET_SINCE: i64 = 694_195_200;

/// 9999-01-01T00:00:00Z: near the end of the calendar the table decides.
const CALENDAR_END: i64 = 253_370_764_800;

/// The time zone of the program: Asia/Shanghai, from the embedded database.
pub fn shanghai() -> TimeZone {
    // The bundled database always has it; the fixed offset keeps this total.
    TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}

impl Timestamp {
    /// The instant of a civil time in Asia/Shanghai.
    ///
    /// A time inside a spring gap of 1986-1991 moves forward, one inside an
    /// autumn fold is the earlier of the two. `None` if out of range.
    pub fn from_local(local: DateTime) -> Option<Timestamp> {
        if (1992..9999).contains(&local.year()) {
            // No time zone table, as in `local_seconds`.
            let utc = jiff::tz::Offset::UTC.to_timestamp(local).ok()?;
            return Some(Timestamp(utc.as_second() - CST_OFFSET_S));
        }
        let zoned = local.to_zoned(shanghai()).ok()?;
        Some(Timestamp(zoned.timestamp().as_second()))
    }

    /// Local midnight at the start of a day in Asia/Shanghai.
    pub fn from_local_date(day: Date) -> Option<Timestamp> {
        Timestamp::from_local(day.at(0, 0, 0, 0))
    }

    /// Seconds since the epoch as a civil clock in Asia/Shanghai would count them.
    pub fn local_seconds(self) -> i64 {
        if self.0 >= FIXED_OFFSET_SINCE {
            return self.0 + CST_OFFSET_S;
        }
        let offset = jiff::Timestamp::from_second(self.0)
            .map_or(CST_OFFSET_S, |at| shanghai().to_offset(at).seconds().into());
        self.0 + offset
    }

    /// Civil time in Asia/Shanghai; the range of the calendar is clamped.
    pub fn to_local(self) -> DateTime {
        let at = jiff::Timestamp::from_second(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        if (FIXED_OFFSET_SINCE..CALENDAR_END).contains(&self.0) {
            return jiff::tz::offset(8).to_datetime(at);
        }
        at.to_zoned(shanghai()).datetime()
    }

    /// Local day.
    pub fn local_date(self) -> Date {
        self.to_local().date()
    }

    /// Local days since 1970-01-01; consecutive days differ by one.
    pub fn local_day(self) -> i32 {
        i32::try_from(self.local_seconds().div_euclid(86_400)).unwrap_or(i32::MAX)
    }

    /// Local hour, 0-23.
    pub fn local_hour(self) -> u8 {
        u8::try_from(self.local_seconds().rem_euclid(86_400) / 3600)
            .expect("an hour of day is below 24")
    }

    /// Local ISO weekday, 1 = Monday … 7 = Sunday. 1970-01-01 was a Thursday.
    pub fn local_weekday(self) -> u8 {
        u8::try_from((self.local_seconds().div_euclid(86_400) + 3).rem_euclid(7) + 1)
            .expect("a weekday is at most 7")
    }

    /// RFC 3339 with the local offset, e.g. `2026-11-22T21:40:00+08:00`.
    pub fn to_rfc3339(self) -> String {
        let local = self.to_local();
        let offset_s = self.local_seconds() - self.0;
        let (hours, minutes) = (offset_s / 3600, offset_s % 3600 / 60);
        format!(
            "{}T{:02}:{:02}:{:02}+{hours:02}:{minutes:02}",
            local.date(),
            local.hour(),
            local.minute(),
            local.second()
        )
    }
}

/// The day that is `days` local days after 1970-01-01.
pub fn date_of_day(days: i32) -> Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.saturating_add(jiff::Span::new().days(days.clamp(-700_000, 2_900_000)))
}

/// Half-open interval `[start, end)`; an open side is unbounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeWindow {
    /// First instant inside.
    pub start: Option<Timestamp>,
    /// First instant after.
    pub end: Option<Timestamp>,
}

impl TimeWindow {
    /// Everything.
    pub const ALWAYS: TimeWindow = TimeWindow {
        start: None,
        end: None,
    };

    /// True if the instant lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at < end)
    }

    /// The window of equal length just before; `None` if a side is open.
    pub fn previous(&self) -> Option<TimeWindow> {
        let (start, end) = (self.start?, self.end?);
        Some(TimeWindow {
            start: Some(Timestamp(start.0 - (end.0 - start.0))),
            end: Some(start),
        })
    }
}
