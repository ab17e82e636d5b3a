//! Keeps persons out: columns about persons are dropped, and numbers and
//! names of persons inside of texts are masked, before anything is written.
//!
//! Masking errs on the side of masking: a lost serial number costs a lookup,
//! a leaked telephone number cannot be taken back.

mod address;
mod column;
mod names;
mod numbers;
mod signs;

use std::collections::BTreeMap;

pub(super) use column::{is_personal_cell, is_personal_header, looks_like_name};
pub(super) use signs::Signs;

/// What was masked in texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MaskKind {
    /// Resident identity number, 18 or 15 digits.
    Id,
    /// Mobile phone number.
    Mobile,
    /// Landline phone number.
    Landline,
    /// Vehicle plate.
    Plate,
    /// Bank card number.
    BankCard,
    /// E-mail address.
    Email,
    /// A name after 报警人, 当事人, 联系人 and the like.
    Name,
    /// A door number, cut to the building.
    Door,
}

impl MaskKind {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Mobile => "mobile",
            Self::Landline => "landline",
            Self::Plate => "plate",
            Self::BankCard => "bank_card",
            Self::Email => "email",
            Self::Name => "name",
            Self::Door => "door",
        }
    }

    /// The Chinese name.
    #[must_use]
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Id => "身份证号",
            Self::Mobile => "手机号",
            Self::Landline => "固定电话",
            Self::Plate => "车牌号",
            Self::BankCard => "银行卡号",
            Self::Email => "邮箱",
            Self::Name => "姓名",
            Self::Door => "门牌号",
        }
    }

    /// What stands in a text in its place.
    const fn stand_in(self) -> &'static str {
        match self {
            Self::Id => "[证件]",
            Self::Mobile | Self::Landline => "[电话]",
            Self::Plate => "[车牌]",
            Self::BankCard => "[卡号]",
            Self::Email => "[邮箱]",
            Self::Name => "[姓名]",
            Self::Door => "",
        }
    }
}

/// How many were masked of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaskCounts(BTreeMap<MaskKind, u64>);

impl MaskCounts {
    /// Adds one.
    pub(super) fn add(&mut self, kind: MaskKind) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// The counts by kind, those above zero.
    pub fn iter(&self) -> impl Iterator<Item = (MaskKind, u64)> + '_ {
        self.0.iter().map(|(kind, n)| (*kind, *n))
    }

    /// How many of one kind.
    #[must_use]
    pub fn get(&self, kind: MaskKind) -> u64 {
        self.0.get(&kind).copied().unwrap_or(0)
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Whether the heading of a column says that the column is about persons.
#[must_use]
pub fn is_personal_heading(heading: &str) -> bool {
    is_personal_header(heading)
}

/// A part of a text to be replaced: start and end in characters.
type Span = (usize, usize, MaskKind);

/// Passes over a text; each may bring together what another takes out.
const MOST_PASSES: usize = 4;

/// The text with personal numbers and names masked and door numbers cut, and
/// what was found, in the order of the text.
///
/// ```
/// use gridmap::format::{MaskKind, mask_text};
/// let (text, found) = mask_text("报警人张三电话13800138000，住3栋2单元501室");
/// assert_eq!(text, "报警人[姓名]电话[电话]，住3栋");
/// assert_eq!(found, [MaskKind::Name, MaskKind::Mobile, MaskKind::Door]);
/// ```
#[must_use]
pub fn mask_text(text: &str) -> (String, Vec<MaskKind>) {
    let (mut out, mut found) = mask_once(text);
    // What is taken out can bring a building and a number together: 3栋2单元a1138….
    for _ in 1..MOST_PASSES {
        if found.is_empty() {
            break;
        }
        let (next, more) = mask_once(&out);
        if next == out {
            break;
        }
        out = next;
        found.extend(more);
    }
    (out, found)
}

/// Characters of a text that are looked at without asking for memory.
const SHORT: usize = 256;

fn mask_once(text: &str) -> (String, Vec<MaskKind>) {
    let mut short = ['\0'; SHORT];
    let long: Vec<char>;
    // A text has at most as many characters as bytes.
    let folded = if text.len() <= SHORT {
        let mut count = 0;
        for (place, c) in short.iter_mut().zip(text.chars()) {
            *place = fold(c);
            count += 1;
        }
        &short[..count]
    } else {
        long = text.chars().map(fold).collect();
        &long
    };
    let mut spans: Vec<Span> = Vec::new();
    numbers::find(folded, &mut spans);
    names::find(folded, &mut spans);
    address::find(folded, &mut spans);
    if spans.is_empty() {
        return (text.to_owned(), Vec::new());
    }
    // Where two overlap the earlier and longer one stands.
    spans.sort_by_key(|&(start, end, kind)| (start, std::cmp::Reverse(end), kind));
    let mut out = String::with_capacity(text.len());
    let mut found = Vec::new();
    let mut chars = text.chars();
    let mut at = 0;
    for (start, end, kind) in spans {
        if start < at {
            continue;
        }
        out.extend(chars.by_ref().take(start - at));
        out.push_str(kind.stand_in());
        found.push(kind);
        at = end;
        chars = skip(chars, end - start);
    }
    out.push_str(chars.as_str());
    (out, found)
}

fn skip(mut chars: std::str::Chars<'_>, count: usize) -> std::str::Chars<'_> {
    for _ in 0..count {
        chars.next();
    }
    chars
}

/// The end of the word if it stands at `at`.
fn starts(text: &[char], at: usize, word: &str) -> Option<usize> {
    let mut end = at;
    for c in word.chars() {
        if text.get(end) != Some(&c) {
            return None;
        }
        end += 1;
    }
    Some(end)
}

/// Full-width forms to ASCII, one character for one, so that positions stay.
pub(super) fn fold(c: char) -> char {
    match c {
        '\u{3000}' | '\u{a0}' | '\u{2002}'..='\u{200a}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '—' | '–' | '‐' | '‑' | '−' => '-',
        _ => c,
    }
}

fn is_hanzi(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests;
