//! Identity numbers, telephones, bank cards, plates and e-mail addresses.
//!
//! No word boundaries: 话 counts as a word character, so `\b` misses
//! 电话138…. Neighboring digits decide.

use super::signs::Signs;
use super::{MaskKind, Span};

/// A run of digits: start and end in characters.
type Run = (usize, usize);

/// Digits of the longest number, a bank card.
const LONGEST: usize = 19;

pub(super) fn find(text: &[char], spans: &mut Vec<Span>) {
    let mut chain: Vec<Run> = Vec::new();
    let mut mail = false;
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            mail |= text[at] == '@';
            at += 1;
            continue;
        }
        let start = at;
        while at < text.len() && text[at].is_ascii_digit() {
            at += 1;
        }
        // Runs that stand together, at most one space or hyphen between.
        let joined = start >= 2 && matches!(text[start - 1], ' ' | '-' | '·');
        let goes_on = joined && chain.last().is_some_and(|&(_, end)| end == start - 1);
        if !goes_on {
            in_chain(text, &chain, spans);
            chain.clear();
        }
        chain.push((start, at));
    }
    if !chain.is_empty() {
        in_chain(text, &chain, spans);
        plates(text, spans);
    }
    if mail {
        emails(text, spans);
    }
}

/// Takes from the left the longest thing that is a personal number.
fn in_chain(text: &[char], chain: &[Run], spans: &mut Vec<Span>) {
    let mut first = 0;
    while first < chain.len() {
        // A number has at most five groups.
        let most = (chain.len() - first).min(5);
        let hit = (1..=most).rev().find_map(|n| {
            let runs = &chain[first..first + n];
            classify(text, runs).map(|(end, kind)| (n, end, kind))
        });
        match hit {
            Some((n, end, kind)) => {
                let start = country_code(text, chain[first].0).unwrap_or(chain[first].0);
                spans.push((start, end, kind));
                first += n;
            }
            None => first += 1,
        }
    }
}

/// What the runs are together; with the end, since an identity number may
/// end in X.
fn classify(text: &[char], runs: &[Run]) -> Option<(usize, MaskKind)> {
    let (start, end) = (runs[0].0, runs[runs.len() - 1].1);
    let count: usize = runs.iter().map(|&(a, b)| b - a).sum();
    // A landline after its word is the shortest, a bank card the longest.
    if !(7..=LONGEST).contains(&count) {
        return None;
    }
    let mut digits = [0; LONGEST];
    let found = runs.iter().flat_map(|&(a, b)| &text[a..b]);
    for (digit, c) in digits.iter_mut().zip(found) {
        *digit = (u32::from(*c) - u32::from('0')) as u8;
    }
    let digits = &digits[..count];
    let split = |least: usize| runs.len() == 1 || runs.iter().all(|&(a, b)| b - a >= least);
    if is_fraction(text, start, end) {
        return None;
    }
    if split(3) {
        if let Some(end) = identity(text, start, end, digits) {
            return Some((end, MaskKind::Id));
        }
        if is_mobile(digits) {
            return Some((end, MaskKind::Mobile));
        }
        if is_landline(digits, runs)
            || (matches!(digits.len(), 7 | 8) && after_phone_word(text, start))
        {
            return Some((end, MaskKind::Landline));
        }
    }
    let groups_of_four = runs.len() > 1 && runs[..runs.len() - 1].iter().all(|&(a, b)| b - a == 4);
    if (runs.len() == 1 || groups_of_four) && is_bank_card(digits) {
        return Some((end, MaskKind::BankCard));
    }
    None
}

/// A decimal number: a digit and a point on one side.
fn is_fraction(text: &[char], start: usize, end: usize) -> bool {
    let before = start >= 2 && text[start - 1] == '.' && text[start - 2].is_ascii_digit();
    let after = end + 1 < text.len() && text[end] == '.' && text[end + 1].is_ascii_digit();
    before || after
}

/// The end of the identity number (18 digits, or 17 and X, or 15 of old).
fn identity(text: &[char], start: usize, end: usize, digits: &[u8]) -> Option<usize> {
    let named = || word_before(text, start, &["身份证", "证件", "证号", "证号码", "身份号"]);
    match digits.len() {
        18 if is_identity(digits) => {
            let valid = check_digit(digits) == Some(u32::from(digits[17]));
            (valid || named()).then_some(end)
        }
        17 => {
            let gap = usize::from(matches!(text.get(end), Some(' ' | '-')));
            let is_x = matches!(text.get(end + gap), Some('X' | 'x' | '×'));
            let alone = !text
                .get(end + gap + 1)
                .is_some_and(char::is_ascii_alphanumeric);
            (is_x && alone && is_identity(digits) && check_digit(digits) == Some(10))
                .then_some(end + gap + 1)
        }
        15 => {
            let birth = two(digits, 8).is_some_and(|m| (1..=12).contains(&m))
                && two(digits, 10).is_some_and(|d| (1..=31).contains(&d));
            (birth && named()).then_some(end)
        }
        _ => None,
    }
}

/// A province and a day of birth that can be.
fn is_identity(digits: &[u8]) -> bool {
    let number = |at: usize| two(digits, at).unwrap_or(0);
    (11..=91).contains(&number(0))
        && (18..=20).contains(&number(6))
        && (1..=12).contains(&number(10))
        && (1..=31).contains(&number(12))
}

fn two(digits: &[u8], at: usize) -> Option<u8> {
    Some(digits.get(at)? * 10 + digits.get(at + 1)?)
}

/// The check digit of GB 11643 over the first 17 digits; 10 is written X.
fn check_digit(digits: &[u8]) -> Option<u32> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [u32; 11] = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = digits
        .get(..17)?
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| u32::from(*d) * w)
        .sum();
    Some(CHECKS[(sum % 11) as usize])
}

fn is_mobile(digits: &[u8]) -> bool {
    let local = match digits {
        [8, 6, rest @ ..] if rest.len() == 11 => rest,
        [0, 0, 8, 6, rest @ ..] if rest.len() == 11 => rest,
        rest => rest,
    };
    local.len() == 11 && local[0] == 1 && local[1] >= 3
}

fn is_landline(digits: &[u8], runs: &[Run]) -> bool {
    let area = match digits {
        [0, 1, 0, ..] | [0, 2, ..] => 3,
        [0, 3..=9, ..] => 4,
        _ => return false,
    };
    let local = digits.len() - area.min(digits.len());
    let joint = runs.len() == 1 || runs[0].1 - runs[0].0 == area;
    // Without a hyphen only the full length is a number and not a serial.
    let full = matches!((area, local), (3, 8) | (4, 7 | 8));
    joint && full && digits.get(area).is_some_and(|d| *d >= 2)
}

fn is_bank_card(digits: &[u8]) -> bool {
    if !(16..=19).contains(&digits.len()) {
        return false;
    }
    let known = matches!(
        digits,
        [6, 2, ..]
            | [6, 0, ..]
            | [4, ..]
            | [5, 1..=5, ..]
            | [3, 5..=7, ..]
            | [6, 8, ..]
            | [9, 5, 5, 8, ..]
    );
    let luhn: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| match (i % 2, u32::from(d) * 2) {
            (0, _) => u32::from(d),
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    known && luhn.is_multiple_of(10)
}

/// Where a `+86` before the number starts.
fn country_code(text: &[char], start: usize) -> Option<usize> {
    let back = usize::from(start > 0 && matches!(text[start - 1], ' ' | '-'));
    let end = start - back;
    (end >= 3 && text[end - 3..end] == ['+', '8', '6'])
        .then(|| end - 3)
        .or_else(|| (start > 0 && text[start - 1] == '+').then(|| start - 1))
}

fn after_phone_word(text: &[char], start: usize) -> bool {
    word_before(
        text,
        start,
        &[
            "电话", "座机", "致电", "tel", "Tel", "TEL", "phone", "Phone",
        ],
    )
}

/// One of the words stands at most four signs before.
fn word_before(text: &[char], start: usize, words: &[&str]) -> bool {
    let from = start.saturating_sub(12);
    let before: String = text[from..start].iter().collect();
    let before = before
        .trim_end_matches(|c: char| !c.is_alphanumeric() || matches!(c, '号' | '码' | '是' | '为'));
    words
        .iter()
        .any(|word| before.ends_with(word) || before.ends_with(word.trim_end_matches(['号', '码'])))
}

fn plates(text: &[char], spans: &mut Vec<Span>) {
    static PROVINCES: Signs =
        Signs::all(&["京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"]);
    for (start, pair) in text.windows(2).enumerate() {
        if !(pair[1].is_ascii_alphabetic() && PROVINCES.has(pair[0])) {
            continue;
        }
        let mut at = start + 2;
        at += usize::from(matches!(text.get(at), Some(' ' | '-' | '·' | '.' | '•')));
        let tail = text[at..]
            .iter()
            .take(7)
            .take_while(|c| c.is_ascii_alphanumeric())
            .count();
        let digits = text[at..at + tail]
            .iter()
            .filter(|c| c.is_ascii_digit())
            .count();
        let special =
            tail == 4 && matches!(text.get(at + 4), Some('学' | '警' | '港' | '澳' | '挂'));
        if digits >= 2 && (matches!(tail, 5 | 6) || special) {
            spans.push((start, at + tail + usize::from(special), MaskKind::Plate));
        }
    }
}

fn emails(text: &[char], spans: &mut Vec<Span>) {
    for at in 0..text.len() {
        if text[at] != '@' {
            continue;
        }
        let local = text[..at]
            .iter()
            .rev()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-'))
            .count();
        let domain = text[at + 1..]
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
            .count();
        let name: String = text[at + 1..at + 1 + domain].iter().collect();
        let name = name.trim_end_matches(['.', '-']);
        if local > 0 && name.len() > 3 && name[1..].contains('.') {
            spans.push((at - local, at + 1 + name.len(), MaskKind::Email));
        }
    }
}
