//! Times as people write them. Bare times are Asia/Shanghai, with the summer
//! time of 1986-1991; what cannot be is refused, what can mean two days too.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::personal::fold;
use super::problem::{Code, Refusal, quote};
use super::reason::Reason;
use crate::model::Timestamp;

/// Which comes first in `3/4/2025`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// American: month, day, year.
    MonthFirst,
    /// Day, month, year.
    DayFirst,
}

/// An instant, and whether only its day was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    pub(super) at: Timestamp,
    pub(super) date_only: bool,
}

/// Reads a date and, if there is one, a time.
///
/// # Errors
/// `time_parse` for what is no time or no day of the calendar,
/// `time_ambiguous` when day and month cannot be told apart.
pub(super) fn parse(text: &str, order: Option<DateOrder>) -> Result<When, Refusal> {
    match quick(text.as_bytes()) {
        Some(when) => Ok(when),
        None => parse_any(text, order),
    }
}

/// `2026-02-27 17:06`, with seconds or an offset or none, `T` or `/` in it, as
/// programs write it; after the years of summer time. `None` for all else.
fn quick(text: &[u8]) -> Option<When> {
    let number = |from: usize, to: usize| -> Option<i32> {
        text.get(from..to)?.iter().try_fold(0, |number, b| {
            b.is_ascii_digit()
                .then(|| number * 10 + i32::from(b - b'0'))
        })
    };
    let mark = text.get(4).filter(|b| matches!(b, b'-' | b'/'))?;
    let marks = text.get(7) == Some(mark)
        && matches!(text.get(10), Some(b' ' | b'T'))
        && text.get(13) == Some(&b':');
    let (second, rest) = match text.get(16) {
        Some(b':') => (number(17, 19)?, 19),
        _ => (0, 16),
    };
    let offset_s = match text.get(rest..)? {
        [] => None,
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (number(rest + 1, rest + 3)?, number(rest + 4, rest + 6)?);
            let seconds = (hours <= 14 && minutes <= 59).then_some(hours * 3600 + minutes * 60)?;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => return None,
    };
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !(marks && (1992..=2100).contains(&year) && hour < 24 && minute < 60 && second < 60) {
        return None;
    }
    let small = |n: i32| i8::try_from(n).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    let offset = Offset::from_seconds(offset_s.unwrap_or(8 * 3600)).ok()?;
    let at = offset.to_timestamp(date.to_datetime(time)).ok()?;
    Some(When {
        at: Timestamp(at.as_second()),
        date_only: false,
    })
}

fn parse_any(text: &str, order: Option<DateOrder>) -> Result<When, Refusal> {
    let plain = normalize(text);
    let refuse = || refuse(text);
    let (plain, half) = take_half_day(&plain);
    let (date_text, time_text) = split(&plain);
    let (date_text, time_text) = match compact(date_text) {
        Some((d, t)) if time_text.is_empty() => (d, t),
        Some((d, "")) => (d, time_text),
        _ => (date_text, time_text),
    };
    let date = date(date_text, order, text)?;
    if time_text.is_empty() {
        let at = Timestamp::from_local_date(date).ok_or_else(refuse)?;
        return half
            .is_none()
            .then_some(When {
                at,
                date_only: true,
            })
            .ok_or_else(refuse);
    }
    let (clock, offset) = take_offset(time_text).ok_or_else(refuse)?;
    let (days, time) = time_of_day(clock, half).ok_or_else(refuse)?;
    let date = if days == 1 {
        date.tomorrow().map_err(|_end| refuse())?
    } else {
        date
    };
    let local: DateTime = date.to_datetime(time);
    let at = match offset {
        None => Timestamp::from_local(local).ok_or_else(refuse)?,
        Some(offset) => {
            let at = offset.to_timestamp(local).map_err(|_range| refuse())?;
            Timestamp(at.as_second())
        }
    };
    Ok(When {
        at,
        date_only: false,
    })
}

/// Reads a day; a time after it is ignored.
///
/// # Errors
/// As [`parse`].
pub(super) fn parse_date(text: &str, order: Option<DateOrder>) -> Result<Date, Refusal> {
    parse(text, order).map(|when| when.at.local_date())
}

/// What a column of dates tells about the order: 3/14/2025 has the month
/// first. `None` if nothing tells, or if rows contradict each other.
pub(super) fn order_of<'a>(cells: impl Iterator<Item = &'a str>) -> Option<DateOrder> {
    let (mut month_first, mut day_first) = (false, false);
    for cell in cells {
        let plain = normalize(cell);
        let (date, _) = split(&plain);
        if let Some([a, b, year]) = three(date)
            && year > 31
        {
            month_first |= b > 12;
            day_first |= a > 12;
        }
    }
    match (month_first, day_first) {
        (true, false) => Some(DateOrder::MonthFirst),
        (false, true) => Some(DateOrder::DayFirst),
        _ => None,
    }
}

fn refuse(text: &str) -> Refusal {
    Refusal::new(Code::TimeParse, Reason::NotATime { cell: quote(text) })
}

/// One spelling for all: ASCII, `-` between the parts of a date, `:` between
/// those of a time.
fn normalize(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars().map(fold) {
        match c {
            '年' | '月' => out.push('-'),
            '日' | '号' => out.push(' '),
            '时' | '点' | '分' | '：' => out.push(':'),
            '秒' => {}
            '上' | '下' | '午' => out.push(c),
            _ => out.push(c.to_ascii_lowercase()),
        }
    }
    out.trim().trim_end_matches([':', '-']).to_owned()
}

/// Takes 上午, 下午, AM or PM out: `Some(true)` for the afternoon.
fn take_half_day(text: &str) -> (String, Option<bool>) {
    for (word, afternoon) in [
        ("上午", false),
        ("下午", true),
        ("晚上", true),
        ("am", false),
        ("pm", true),
    ] {
        if text.contains(word) {
            return (
                text.replacen(word, " ", 1).trim().to_owned(),
                Some(afternoon),
            );
        }
    }
    (text.to_owned(), None)
}

/// Date and time, at the first space or `t`.
fn split(text: &str) -> (&str, &str) {
    match text.split_once([' ', 't']) {
        Some((date, time)) => (date.trim(), time.trim()),
        None => (text, ""),
    }
}

/// `20260315083000`, `202603150830` and `20260315`.
fn compact(text: &str) -> Option<(&str, &str)> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    (digits && matches!(text.len(), 8 | 12 | 14)).then(|| text.split_at(8))
}

fn three(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split(['-', '/', '.']);
    let mut next = || {
        let part = parts.next()?.trim();
        (!part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse().ok())
            .flatten()
    };
    let three = [next()?, next()?, next()?];
    parts.next().is_none().then_some(three)
}

fn date(part: &str, order: Option<DateOrder>, text: &str) -> Result<Date, Refusal> {
    let [year, month, day] = match three(part) {
        Some([y, m, d]) if y >= 1000 => [y, m, d],
        Some([a, b, y]) if y >= 1000 => match order {
            Some(DateOrder::MonthFirst) => [y, a, b],
            Some(DateOrder::DayFirst) => [y, b, a],
            None if a > 12 => [y, b, a],
            None if b > 12 || a == b => [y, a, b],
            None => {
                return Err(Refusal::new(
                    Code::TimeAmbiguous,
                    Reason::TwoDays { cell: quote(text) },
                ));
            }
        },
        Some(_) => return Err(refuse(text)),
        None if part.len() == 8 && part.bytes().all(|b| b.is_ascii_digit()) => {
            let n = |range: std::ops::Range<usize>| part[range].parse().unwrap_or(0);
            [n(0..4), n(4..6), n(6..8)]
        }
        None if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
            return Err(Refusal::new(
                Code::TimeParse,
                Reason::BareNumber { cell: quote(text) },
            ));
        }
        None => return Err(refuse(text)),
    };
    let small = |n: u32| i8::try_from(n).ok();
    (1950..=2100)
        .contains(&year)
        .then(|| Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok())
        .flatten()
        .ok_or_else(|| Refusal::new(Code::TimeParse, Reason::NotADay { cell: quote(text) }))
}

/// Takes `z`, `+08:00`, `+0800` or `+08` from the end.
fn take_offset(text: &str) -> Option<(&str, Option<Offset>)> {
    let text = text.trim_end_matches("utc").trim_end_matches("gmt").trim();
    if let Some(clock) = text.strip_suffix('z') {
        return Some((clock.trim(), Some(Offset::UTC)));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, None));
    };
    let digits: String = text[at + 1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits
        .get(2..)
        .filter(|m| !m.is_empty())
        .map_or(Some(0), |m| m.parse().ok())?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    Some((text[..at].trim(), Some(offset)))
}

/// The time, and 1 for 24:00, which is the next day.
fn time_of_day(text: &str, half: Option<bool>) -> Option<(u8, Time)> {
    let number = |part: &str| -> Option<i8> {
        (matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse().ok())
            .flatten()
    };
    let text = text.split('.').next()?;
    let (h, m, s) = if text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        (
            text.get(0..2)?,
            text.get(2..4)?,
            text.get(4..6).unwrap_or("0"),
        )
    } else {
        let mut parts = text.split(':').map(str::trim);
        let hms = (
            parts.next()?,
            parts.next().unwrap_or("0"),
            parts.next().unwrap_or("0"),
        );
        if parts.next().is_some() {
            return None;
        }
        hms
    };
    let (mut hour, minute, second) = (number(h)?, number(m)?, number(s)?);
    match half {
        Some(true) if (1..12).contains(&hour) => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        Some(false) if hour > 12 => return None,
        _ => {}
    }
    if (hour, minute, second) == (24, 0, 0) {
        return Some((1, Time::midnight()));
    }
    Some((0, Time::new(hour, minute, second, 0).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        parse(text, None).ok().map(|when| {
            let at = when.at.to_rfc3339();
            if when.date_only {
                at[..10].to_owned()
            } else {
                at
            }
        })
    }

    #[test]
    fn spellings() {
        for (text, want) in [
            ("2026-02-27 17:06:00", "2026-02-27T17:06:00+08:00"),
            ("2026/2/27 17:06", "2026-02-27T17:06:00+08:00"),
            ("2026.2.27 17:06", "2026-02-27T17:06:00+08:00"),
            ("2026年2月27日17时06分", "2026-02-27T17:06:00+08:00"),
            ("2026年2月27日 17:06:09", "2026-02-27T17:06:09+08:00"),
            ("2026年2月27日 下午5点06分", "2026-02-27T17:06:00+08:00"),
            (
                "２０２６－０２－２７　１７：０６",
                "2026-02-27T17:06:00+08:00",
            ),
            ("3/14/2025 1:20", "2025-03-14T01:20:00+08:00"),
            ("3/14/2025 12:20:05 AM", "2025-03-14T00:20:05+08:00"),
            ("14/3/2025", "2025-03-14"),
            ("20260315083000", "2026-03-15T08:30:00+08:00"),
            ("202603150830", "2026-03-15T08:30:00+08:00"),
            ("20260315", "2026-03-15"),
            ("2026-03-15", "2026-03-15"),
            ("2026-03-15T08:30:00Z", "2026-03-15T16:30:00+08:00"),
            ("2026-03-15T08:30:00.123+08:00", "2026-03-15T08:30:00+08:00"),
            ("2026-03-15T08:30:00-0500", "2026-03-15T21:30:00+08:00"),
            ("2026-03-15 8:30 PM", "2026-03-15T20:30:00+08:00"),
            ("2026年3月15日 24:00", "2026-03-16T00:00:00+08:00"),
            ("1988-07-01 00:30", "1988-07-01T00:30:00+09:00"),
            ("2017-05-25T00:00:00Z", "2017-05-25T08:00:00+08:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(want), "{text}");
        }
        for text in [
            "",
            "2026-02-29 10:00",
            "2026年13月40日",
            "45321.5",
            "45321",
            "1742000000",
            "1742000000000",
            "2026-13-01",
            "0001-01-01",
            "9999-12-31",
            "二〇二六年三月",
            "1900-01-00",
            "2026-03",
            "2026-03-15 25:00",
            "2026-03-15 08:61",
            "2026-03-15 a",
            "26/3/15",
            "2026-03-15 08:30:00:00",
            "2024/2/29 23:59:60",
            "昨天",
            "2026-03-15T08:30+99:00",
            "-",
            "t",
            "2026-3-15-1",
            "１",
            "2026-03-15 13:00 AM",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_column_tells_what_a_cell_does_not() {
        assert_eq!(
            parse("03/04/2026", None).unwrap_err().code,
            Code::TimeAmbiguous
        );
        let order = order_of(["3/4/2026 1:00", "3/14/2026 2:00"].into_iter());
        assert_eq!(order, Some(DateOrder::MonthFirst));
        let at = parse("03/04/2026", order).unwrap().at;
        assert_eq!(at.local_date().to_string(), "2026-03-04");
        assert_eq!(order_of(["14/3/2026", "3/14/2026"].into_iter()), None);
        assert_eq!(
            order_of(["14.3.2026"].into_iter()),
            Some(DateOrder::DayFirst)
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "\\PC{0,24}") {
            let _ = parse(&text, None);
        }

        #[test]
        fn the_quick_way_agrees_with_the_long_one(
            year in 1985i32..2110, month in 0u8..14, day in 0u8..33, hour in 0u8..26, minute in 0u8..62,
            second in 0u8..62, dash in "[-/.]", between in "[ T]", end in "|:[0-9]{2}", zone in "|Z|[+-][01][0-9]:[0-9]{2}|[+-]08",
        ) {
            let text = format!("{year}{dash}{month:02}{dash}{day:02}{between}{hour:02}:{minute:02}{end}{zone}");
            let seconds = format!("{year}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}{zone}");
            for text in [text, seconds] {
                if let Some(when) = quick(text.as_bytes()) {
                    proptest::prop_assert_eq!(parse_any(&text, None), Ok(when));
                }
            }
        }

        #[test]
        fn what_is_written_reads_back(s in 0i64..4_000_000_000) {
            let text = Timestamp(s).to_rfc3339();
            proptest::prop_assert_eq!(parse(&text, None).unwrap().at, Timestamp(s));
        }
    }
}
