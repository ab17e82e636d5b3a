//! Rhythms of a day, a week and a year.

use jiff::civil::{Date, date};

/// Hours of the day, as weights.
pub(crate) type Hours = [f64; 24];

/// Rises to `high` around each of the peaks (hour, width, height) over a
/// floor; the clock wraps.
const fn base(night: f64, day: f64, evening: f64) -> Hours {
    let mut h = [0.0; 24];
    let mut k = 0;
    while k < 24 {
        h[k] = match k {
            0 => (night + evening) / 2.0,
            1..=5 => night,
            6 => (night + day) / 2.0,
            7..=17 => day,
            18 | 23 => (day + evening) / 2.0,
            _ => evening,
        };
        k += 1;
    }
    h
}

/// When people are awake and at home.
pub(crate) const EVENING: Hours = base(0.12, 0.55, 1.5);
/// Office hours, when the hotline is rung.
pub(crate) const OFFICE: Hours = [
    0.08, 0.05, 0.04, 0.03, 0.04, 0.1, 0.3, 0.8, 1.6, 2.0, 1.9, 1.5, 0.9, 1.0, 1.6, 1.8, 1.7, 1.4,
    1.0, 0.9, 0.8, 0.6, 0.35, 0.15,
];
/// After dark, until the small hours.
pub(crate) const NIGHT: Hours = [
    1.2, 1.0, 0.8, 0.6, 0.45, 0.3, 0.3, 0.4, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45, 0.5, 0.6,
    0.8, 1.1, 1.5, 1.9, 2.2, 2.1, 1.7,
];
/// Morning and evening traffic.
pub(crate) const TRAFFIC: Hours = [
    0.2, 0.1, 0.08, 0.08, 0.1, 0.3, 0.8, 1.9, 2.1, 1.2, 1.0, 1.0, 0.9, 0.9, 0.9, 1.0, 1.3, 2.0,
    2.2, 1.5, 1.0, 0.8, 0.6, 0.4,
];
/// Shops are open.
pub(crate) const TRADE: Hours = [
    0.05, 0.03, 0.02, 0.02, 0.03, 0.1, 0.3, 0.6, 0.9, 1.3, 1.5, 1.4, 1.2, 1.1, 1.3, 1.5, 1.6, 1.7,
    1.8, 1.8, 1.5, 0.9, 0.4, 0.15,
];
/// Found empty in the morning: thefts noticed on the way to work.
pub(crate) const NOTICED: Hours = [
    0.7, 0.6, 0.5, 0.4, 0.4, 0.5, 1.0, 1.8, 1.5, 1.0, 0.7, 0.6, 0.6, 0.6, 0.6, 0.6, 0.8, 1.2, 1.5,
    1.5, 1.4, 1.3, 1.1, 0.9,
];

/// How a year bends a category.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Season {
    Even,
    /// Open windows and long evenings, June to September.
    Summer,
    /// Cold: heating, gas, power.
    Winter,
    /// Rain: leaks, drains, flooded roads, June and July.
    Rain,
    /// Before the spring festival: wages, debts, thefts.
    YearEnd,
}

impl Season {
    /// Factor of a day.
    pub(crate) fn factor(self, day: Date) -> f64 {
        let turn = f64::from(day.day_of_year()) / 365.25 * std::f64::consts::TAU;
        // 1 in mid-July, -1 in mid-January.
        let warmth = -(turn - 0.24).cos();
        match self {
            Season::Even => 1.0 + 0.05 * warmth,
            Season::Summer => 1.0 + 0.62 * warmth,
            Season::Winter => 1.0 - 0.55 * warmth,
            Season::Rain => 0.75 + 1.3 * (warmth - 0.35).max(0.0),
            Season::YearEnd => {
                let to_festival = days_from_festival(day);
                let before = (-45..0).contains(&to_festival);
                if before { 1.7 } else { 0.93 }
            }
        }
    }
}

/// First day of the lunar year.
const FESTIVALS: [Date; 16] = [
    date(2020, 1, 25),
    date(2021, 2, 12),
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
    date(2031, 1, 23),
    date(2032, 2, 11),
    date(2033, 1, 31),
    date(2034, 2, 19),
    date(2035, 2, 8),
];

/// Days since the nearest spring festival; negative before it.
pub(crate) fn days_from_festival(day: Date) -> i32 {
    let gap = |festival: Date| day.duration_since(festival).as_hours() / 24;
    let known = FESTIVALS.iter().map(|&f| gap(f)).min_by_key(|d| d.abs());
    let days = match known {
        Some(days) if days.abs() < 200 => days,
        // Outside the table: early February is never far off.
        _ => [-1, 0, 1]
            .iter()
            .filter_map(|k| Date::new(day.year().checked_add(*k)?, 2, 4).ok())
            .map(gap)
            .min_by_key(|d| d.abs())
            .unwrap_or(200),
    };
    i32::try_from(days).unwrap_or(200)
}

/// How busy a day is: the town empties at the spring festival, a little at
/// the national holiday.
pub(crate) fn calendar(day: Date) -> f64 {
    let festival = match days_from_festival(day) {
        -2..=-1 => 0.72,
        0..=3 => 0.46,
        4..=7 => 0.62,
        8..=14 => 0.85,
        _ => 1.0,
    };
    let holiday = if day.month() == 10 && day.day() <= 7 {
        0.85
    } else {
        1.0
    };
    festival * holiday
}
