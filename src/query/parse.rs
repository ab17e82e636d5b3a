//! Reading the values of parameters: strict and finite.

use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::FilterError;
use crate::model::{TimeWindow, Timestamp, UnknownWord};
use crate::tile::Bounds;

/// The most words in a list.
const MAX_WORDS: usize = 200;

/// A parameter as it came.
pub(super) struct Param<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

impl Param<'_> {
    /// The error that says what was expected of the whole value.
    pub(super) fn bad(&self, zh: &str, en: &str) -> FilterError {
        self.bad_part(self.value, zh, en)
    }

    pub(super) fn bad_part(&self, part: &str, zh: &str, en: &str) -> FilterError {
        FilterError::Value {
            param: self.name.to_owned(),
            value: part.chars().take(80).collect(),
            expected_zh: zh.to_owned(),
            expected_en: en.to_owned(),
        }
    }

    /// The parts of a list, each still [escaped](unescape).
    pub(super) fn parts(&self) -> Result<Vec<&str>, FilterError> {
        let parts: Vec<&str> = self.value.split(',').map(str::trim).collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(self.bad("列表中不能有空项", "a list must not have empty parts"));
        }
        if parts.len() > MAX_WORDS {
            return Err(self.bad("最多 200 项", "at most 200 parts"));
        }
        Ok(parts)
    }

    /// A whole number from 0 on; a huge one is as good as the largest.
    pub(super) fn number(&self) -> Result<usize, FilterError> {
        let digits = !self.value.is_empty() && self.value.bytes().all(|b| b.is_ascii_digit());
        if digits {
            Ok(self.value.parse().unwrap_or(usize::MAX))
        } else {
            Err(self.bad("应为非负整数", "give a whole number from 0 on"))
        }
    }

    /// A list of known words, sorted, without repeats.
    pub(super) fn list_of<T>(&self) -> Result<Vec<T>, FilterError>
    where
        T: FromStr<Err = UnknownWord> + Ord,
    {
        let mut list = Vec::new();
        for part in self.parts()? {
            let word = part.parse().map_err(|unknown: UnknownWord| {
                let allowed = unknown.allowed;
                self.bad_part(
                    part,
                    &format!("可用 {allowed}"),
                    &format!("use one of {allowed}"),
                )
            })?;
            list.push(word);
        }
        list.sort_unstable();
        list.dedup();
        Ok(list)
    }
}

/// A part of a list as it was meant: `%2C` is a comma, `%25` a per cent sign,
/// any other `%` is itself.
pub(super) fn unescape(part: &str) -> String {
    let part = part.replace("%2C", ",").replace("%2c", ",");
    part.replace("%26", "&")
        .replace("%3D", "=")
        .replace("%25", "%")
}

/// The other way round, and so that the text can stand in a query string.
pub(super) fn escape(word: &str) -> String {
    let word = word.replace('%', "%25").replace(',', "%2C");
    word.replace('&', "%26").replace('=', "%3D")
}

/// A list of any words, sorted, without repeats.
pub(super) fn words(param: &Param<'_>) -> Result<Vec<String>, FilterError> {
    let mut list: Vec<String> = param.parts()?.into_iter().map(unescape).collect();
    list.sort_unstable();
    list.dedup();
    Ok(list)
}

/// `west,south,east,north`, or with heights `west,south,low,east,north,high`.
pub(super) fn parse_bbox(param: &Param<'_>) -> Result<Bounds, FilterError> {
    let expected = || {
        param.bad(
            "应为 西,南,东,北 四个数，单位为度，且西不大于东、南不大于北",
            "give west,south,east,north in degrees, west not above east, south not above north",
        )
    };
    let numbers: Vec<f64> = param
        .value
        .split(',')
        .map(|part| part.trim().parse::<f64>().ok().filter(|n| n.is_finite()))
        .collect::<Option<_>>()
        .ok_or_else(expected)?;
    let bounds = match numbers[..] {
        [west, south, east, north] | [west, south, _, east, north, _] => Bounds {
            west,
            south,
            east,
            north,
        },
        _ => return Err(expected()),
    };
    let in_world = bounds.west >= -180.0
        && bounds.east <= 180.0
        && bounds.south >= -90.0
        && bounds.north <= 90.0;
    let ordered = bounds.west <= bounds.east && bounds.south <= bounds.north;
    if in_world && ordered {
        Ok(bounds)
    } else {
        Err(expected())
    }
}

/// Numbers and ranges that may wrap, as bits; `None` if all are set.
fn number_set(param: &Param<'_>, low: u32, high: u32) -> Result<Option<u32>, FilterError> {
    let expected = |part: &str| {
        param.bad_part(
            part,
            &format!("应为 {low} 到 {high} 的整数或范围，如 {low}-{high}"),
            &format!("give numbers or ranges from {low} to {high}, such as {low}-{high}"),
        )
    };
    let number = |text: &str, part: &str| {
        let digits =
            !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        let number: Option<u32> = digits.then(|| text.parse().ok()).flatten();
        number
            .filter(|n| (low..=high).contains(n))
            .ok_or_else(|| expected(part))
    };
    let mut bits = 0_u32;
    for part in param.parts()? {
        let (from, to) = match part.split_once('-') {
            Some((from, to)) => (number(from, part)?, number(to, part)?),
            None => (number(part, part)?, number(part, part)?),
        };
        let mut at = from;
        loop {
            bits |= 1 << at;
            if at == to {
                break;
            }
            at = if at == high { low } else { at + 1 };
        }
    }
    let all = (low..=high).fold(0, |all, n| all | 1 << n);
    Ok((bits != all).then_some(bits))
}

/// `20-23,6`, ranges may wrap midnight.
pub(super) fn hour_set(param: &Param<'_>) -> Result<Option<u32>, FilterError> {
    number_set(param, 0, 23)
}

/// `1-5,7`, 1 is Monday; ranges may wrap Sunday.
pub(super) fn weekday_set(param: &Param<'_>) -> Result<Option<u8>, FilterError> {
    let bits = number_set(param, 1, 7)?;
    Ok(bits.map(|bits| u8::try_from(bits).expect("weekdays are the bits 1 to 7")))
}

/// One side of an interval.
pub(super) enum Moment {
    Day(Date),
    Instant(Timestamp),
}

/// `A/B` with `..` or nothing for an open side, a day, or an instant.
pub(super) fn parse_window(param: &Param<'_>) -> Result<TimeWindow, FilterError> {
    let expected = || {
        param.bad(
            "应为 起/止（不含止），如 2026-10-24/2026-11-23，开放一端写 ..，或单独一天",
            "give start/end (end excluded) such as 2026-10-24/2026-11-23, .. for an open side, or one day",
        )
    };
    let moment = |text: &str| parse_moment(text).ok_or_else(expected);
    let start_of = |moment: Moment| match moment {
        Moment::Day(day) => Timestamp::from_local_date(day).ok_or_else(expected),
        Moment::Instant(at) => Ok(at),
    };
    let Some((from, to)) = param.value.split_once('/') else {
        let (start, end) = match moment(param.value)? {
            Moment::Day(day) => {
                let next = day.checked_add(1.day()).ok().ok_or_else(expected)?;
                (start_of(Moment::Day(day))?, start_of(Moment::Day(next))?)
            }
            Moment::Instant(at) => (at, Timestamp(at.0 + 1)),
        };
        return Ok(TimeWindow {
            start: Some(start),
            end: Some(end),
        });
    };
    let side = |text: &str| match text {
        "" | ".." => Ok(None),
        text => start_of(moment(text)?).map(Some),
    };
    let window = TimeWindow {
        start: side(from)?,
        end: side(to)?,
    };
    match (window.start, window.end) {
        (Some(start), Some(end)) if start > end => Err(expected()),
        _ => Ok(window),
    }
}

/// `2026-10-24`, `2026-10-24T20:00[:00[.0]]`, the latter also with `Z` or an
/// offset; without one it is civil time in Asia/Shanghai.
pub(super) fn parse_moment(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let shaped = |pattern: &str, bytes: &[u8]| {
        pattern.len() == bytes.len()
            && pattern.bytes().zip(bytes).all(|(p, b)| {
                if p == b'0' {
                    b.is_ascii_digit()
                } else {
                    p == *b
                }
            })
    };
    if shaped("0000-00-00", bytes) {
        return text.parse().ok().map(Moment::Day);
    }
    if !text.is_ascii() || text.len() < 16 {
        return None;
    }
    let (day, rest) = text.split_at(11);
    let zone_at = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone_at);
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let clock_ok =
        shaped("00:00", whole.as_bytes()) && whole == clock || shaped("00:00:00", whole.as_bytes());
    let fraction_ok =
        (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    if !(shaped("0000-00-00T", &day.as_bytes().to_ascii_uppercase()) && clock_ok && fraction_ok) {
        return None;
    }
    let local: DateTime = format!("{}{whole}", day.to_ascii_uppercase())
        .parse()
        .ok()?;
    let at = match zone {
        "" => Timestamp::from_local(local)?,
        "Z" | "z" => utc(local)?,
        // A plus sign in a query string that was not escaped arrives as a space.
        _ => {
            let offset = zone.replacen(' ', "+", 1);
            let known = shaped("+00:00", offset.as_bytes()) || shaped("-00:00", offset.as_bytes());
            let hours: i64 = offset.get(1..3).filter(|_| known)?.parse().ok()?;
            let minutes: i64 = offset.get(4..6)?.parse().ok()?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            let sign = if offset.starts_with('-') { -1 } else { 1 };
            Timestamp(utc(local)?.0 - sign * seconds)
        }
    };
    Some(Moment::Instant(at))
}

fn utc(local: DateTime) -> Option<Timestamp> {
    let zoned = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp(zoned.timestamp().as_second()))
}
