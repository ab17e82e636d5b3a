//! Teams, visits and shifts: what a patrol plan is made from.

use std::collections::HashSet;

use serde_json::Value;

use super::check::{Check, Part};

/// The most items of a list.
const MOST: usize = 500;
/// The longest name, characters.
const NAME: usize = 40;

/// `[{name, size, mode}]`.
pub(super) fn teams(check: &mut Check, value: &Value) {
    let mut names = HashSet::new();
    for item in check.list(&Part::whole(value), MOST) {
        let Some(fields) = check.object(&item, &["name", "size", "mode"]) else {
            continue;
        };
        let name = fields.must(check, "name");
        unique_name(check, name, &mut names);
        if let Some(size) = fields.must(check, "size") {
            check.integer(&size, 1..=100);
        }
        if let Some(mode) = fields.must(check, "mode") {
            check.word(&mode, &["foot", "ebike", "car"]);
        }
    }
}

/// `[{name, start, end, days}]`; one that ends before it starts goes over
/// midnight and belongs to the day it starts on.
pub(super) fn shifts(check: &mut Check, value: &Value) {
    let mut names = HashSet::new();
    for item in check.list(&Part::whole(value), MOST) {
        let Some(fields) = check.object(&item, &["name", "start", "end", "days"]) else {
            continue;
        };
        let name = fields.must(check, "name");
        unique_name(check, name, &mut names);
        let mut clock = |name| {
            let part = fields.must(check, name)?;
            let text = part.value.as_str().filter(|text| is_clock(text));
            if text.is_none() {
                check.wrong(
                    &part.at,
                    "应为 00:00 到 23:59 的时刻",
                    "must be a time of day from 00:00 to 23:59",
                );
            }
            text
        };
        let (start, end) = (clock("start"), clock("end"));
        if start.is_some() && start == end {
            check.wrong(
                fields.at(),
                "开始和结束不能是同一时刻",
                "a shift cannot end when it starts",
            );
        }
        let Some(days) = fields.must(check, "days") else {
            continue;
        };
        let listed = check.list(&days, 7);
        if listed.is_empty() && days.value.is_array() {
            check.wrong(&days.at, "至少选一天", "needs a day at least");
        }
        let mut seen = HashSet::new();
        for day in listed {
            if let Some(day_number) = check.integer(&day, 1..=7)
                && !seen.insert(day_number)
            {
                check.twice(&day.at, &day_number.to_string());
            }
        }
    }
}

/// `HH:MM`.
fn is_clock(text: &str) -> bool {
    let number = |part: &str| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u8>().ok()).flatten()
    };
    text.split_once(':').is_some_and(|(h, m)| {
        number(h).is_some_and(|h| h < 24) && number(m).is_some_and(|m| m < 60)
    })
}

/// `{by_priority: {"1": {per, times}}, by_compound: [{compound, per, times}]}`.
pub(super) fn visits(check: &mut Check, value: &Value, is_compound: &dyn Fn(i64) -> bool) {
    let whole = Part::whole(value);
    let Some(fields) = check.object(&whole, &["by_priority", "by_compound"]) else {
        return;
    };
    if let Some(by_priority) = fields.must(check, "by_priority")
        && let Some(levels) = check.object(&by_priority, &["1", "2", "3"])
    {
        for level in ["1", "2", "3"] {
            if let Some(rule) = levels.maybe(level)
                && let Some(rule) = check.object(&rule, &["per", "times"])
            {
                often(check, &rule);
            }
        }
    }
    let Some(by_compound) = fields.must(check, "by_compound") else {
        return;
    };
    let mut seen = HashSet::new();
    for item in check.list(&by_compound, 10_000) {
        let Some(rule) = check.object(&item, &["compound", "per", "times"]) else {
            continue;
        };
        often(check, &rule);
        let Some(compound) = rule.must(check, "compound") else {
            continue;
        };
        let Some(id) = check.integer(&compound, 1..=i64::MAX) else {
            continue;
        };
        if !is_compound(id) {
            check.wrong(
                &compound.at,
                format!("没有编号为 {id} 的重点小区"),
                format!("there is no compound {id}"),
            );
        } else if !seen.insert(id) {
            check.twice(&compound.at, &id.to_string());
        }
    }
}

fn often(check: &mut Check, rule: &super::check::Fields<'_>) {
    if let Some(per) = rule.must(check, "per") {
        check.word(&per, &["day", "week"]);
    }
    if let Some(times) = rule.must(check, "times") {
        check.integer(&times, 0..=100);
    }
}

/// A name that no other item has.
fn unique_name<'v>(check: &mut Check, part: Option<Part<'v>>, names: &mut HashSet<&'v str>) {
    let Some(part) = part else { return };
    if let Some(name) = check.name(&part, NAME)
        && !names.insert(name)
    {
        check.twice(&part.at, name);
    }
}
