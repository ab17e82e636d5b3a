//! Door numbers: 3栋2单元501室 becomes 3栋.

use super::signs::Signs;
use super::{MaskKind, Span, starts};

/// What a building is called, longest first.
const BUILDINGS: &[&str] = &["号楼", "栋", "幢", "座", "楼栋", "#楼"];
/// What lies inside a building, longest first.
const INSIDE: &[&str] = &["单元", "房间", "门洞", "室", "户", "房", "门", "层", "楼"];

pub(super) fn find(text: &[char], spans: &mut Vec<Span>) {
    let mut at = 0;
    while at < text.len() {
        // Everything here begins with a number, at its first sign.
        if !is_number(text[at]) || (at > 0 && is_number(text[at - 1])) {
            at += 1;
            continue;
        }
        let end = after_building(text, at)
            .map(|inside| (inside, parts(text, inside, false)))
            .filter(|(inside, end)| end > inside)
            .or_else(|| alone(text, at));
        match end {
            Some((start, end)) => {
                spans.push((start, end, MaskKind::Door));
                at = end;
            }
            None => at += 1,
        }
    }
}

/// Where a building's name ends, if one with a number starts here.
fn after_building(text: &[char], at: usize) -> Option<usize> {
    if at > 0 && is_number(text[at - 1]) {
        return None;
    }
    let number = count_number(&text[at..], 4);
    let end = at + number;
    (number > 0)
        .then(|| BUILDINGS.iter().find_map(|b| starts(text, end, b)))
        .flatten()
}

/// The end of everything that goes on inside of the building.
fn parts(text: &[char], start: usize, unit_seen: bool) -> usize {
    let (mut end, mut unit_seen) = (start, unit_seen);
    loop {
        let skip = usize::from(matches!(text.get(end), Some('-' | ' ' | ',')));
        let number = count_number(&text[end + skip..], 5);
        let after = end + skip + number;
        if number == 0 {
            return end;
        }
        let hyphen = skip == 1 && text[end] == '-';
        if let Some(next) = INSIDE.iter().find_map(|word| starts(text, after, word)) {
            end = next;
            unit_seen = true;
        } else if (hyphen || unit_seen || end == start && skip == 0)
            && number >= 2
            && text[end + skip..after]
                .iter()
                .all(char::is_ascii_alphanumeric)
            && !text.get(after).is_some_and(|c| {
                is_number(*c)
                    || matches!(
                        c,
                        '元' | '年' | '月' | '日' | '人' | '时' | '点' | '号' | '.' | ':'
                    )
            })
        {
            // 3栋501, 3栋2单元501, 3栋-501
            end = after;
        } else if hyphen && text.get(after) == Some(&'-') {
            end = after;
        } else {
            return end;
        }
    }
}

/// A unit or a room without its building: 2单元501, 501室.
fn alone(text: &[char], at: usize) -> Option<(usize, usize)> {
    if at > 0 && is_number(text[at - 1]) {
        return None;
    }
    let number = count_number(&text[at..], 5);
    let end = at + number;
    if number == 0 {
        return dashed(text, at);
    }
    if let Some(next) = starts(text, end, "单元") {
        return Some((at, parts(text, next, true)));
    }
    let digits = text[at..end].iter().filter(|c| c.is_ascii_digit()).count();
    let room = ["室", "房间"]
        .iter()
        .find_map(|word| starts(text, end, word));
    match room {
        Some(next) if digits >= 3 => Some((at, next)),
        _ => dashed(text, at),
    }
}

/// 3-2-501: building, unit, room; the building stays.
fn dashed(text: &[char], at: usize) -> Option<(usize, usize)> {
    let digits = |from: usize| {
        text[from.min(text.len())..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count()
    };
    let bounded =
        at == 0 || !(text[at - 1].is_ascii_alphanumeric() || matches!(text[at - 1], '-' | '.'));
    let building = digits(at);
    let unit_at = at + building + 1;
    let unit = digits(unit_at);
    let room_at = unit_at + unit + 1;
    let room = digits(room_at);
    let hyphens = text.get(at + building) == Some(&'-') && text.get(unit_at + unit) == Some(&'-');
    let shape = (1..=3).contains(&building) && (1..=2).contains(&unit) && (3..=4).contains(&room);
    let end = room_at + room;
    let closed = !text
        .get(end)
        .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    (bounded && hyphens && shape && closed)
        .then(|| (at + building, starts(text, end, "室").unwrap_or(end)))
}

static HANZI_NUMBERS: Signs = Signs::all(&["一二三四五六七八九十百零〇甲乙丙丁"]);

fn is_number(c: char) -> bool {
    c.is_ascii_alphanumeric() || HANZI_NUMBERS.has(c)
}

/// Length of a number or letter-number, at most `most`; 0 when it is longer.
fn count_number(text: &[char], most: usize) -> usize {
    let n = text
        .iter()
        .take(most + 1)
        .take_while(|c| is_number(**c))
        .count();
    if n > most { 0 } else { n }
}
