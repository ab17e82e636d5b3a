//! Conditions on extra columns that were kept at import: `x.<column>=…`.

use std::fmt::Display;

use jiff::civil::Date;

use super::FilterError;
use super::parse::{Param, escape, unescape};
use crate::model::{ExtraColumn, ExtraType, ValueRef};

/// What stands before the name of a column, so that no column can be taken
/// for a parameter.
pub const EXTRA_PREFIX: &str = "x.";

/// A condition on one extra column. A row without a value never passes.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtraFilter {
    /// Name of the column.
    pub column: String,
    /// What passes; any of these.
    pub wanted: Wanted,
}

/// Values that pass, by the type of the column. Sorted, none twice.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// These texts, letter by letter.
    Texts(Vec<String>),
    /// Numbers in these ranges.
    Numbers(Vec<Span<f64>>),
    /// Days in these ranges.
    Days(Vec<Span<Date>>),
}

/// From one value to another, both included; `None` is an open side. A single
/// value is a range of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span<T> {
    /// The lowest that passes.
    pub from: Option<T>,
    /// The highest that passes.
    pub to: Option<T>,
}

impl<T: PartialOrd + PartialEq + Copy + Display> Span<T> {
    fn holds(&self, value: T) -> bool {
        self.from.is_none_or(|from| from <= value) && self.to.is_none_or(|to| value <= to)
    }

    /// Reads `A`, `A..B`, `A..` or `..B`.
    fn parse(text: &str, value: impl Fn(&str) -> Option<T>) -> Option<Span<T>> {
        let Some((from, to)) = text.split_once("..") else {
            let one = value(text)?;
            return Some(Span {
                from: Some(one),
                to: Some(one),
            });
        };
        let side = |text: &str| match text.trim() {
            "" => Some(None),
            text => value(text).map(Some),
        };
        let span = Span {
            from: side(from)?,
            to: side(to)?,
        };
        match (span.from, span.to) {
            (None, None) => None,
            (Some(from), Some(to)) if from > to => None,
            _ => Some(span),
        }
    }

    fn canonical(&self) -> String {
        let side = |value: Option<T>| value.map_or_else(String::new, |value| value.to_string());
        if self.from == self.to {
            side(self.from)
        } else {
            format!("{}..{}", side(self.from), side(self.to))
        }
    }
}

impl ExtraFilter {
    /// Reads the list of a parameter by the type of its column.
    pub(super) fn parse(
        column: &ExtraColumn,
        param: &Param<'_>,
    ) -> Result<ExtraFilter, FilterError> {
        let parts = param.parts()?;
        let wanted = match column.extra_type {
            ExtraType::Text => {
                let mut texts: Vec<String> = parts.into_iter().map(unescape).collect();
                texts.sort_unstable();
                texts.dedup();
                Wanted::Texts(texts)
            }
            ExtraType::Number => {
                let read = |part: &&str| {
                    Span::parse(part, number).ok_or_else(|| {
                        param.bad_part(
                            part,
                            "应为数或范围，如 3、10..20、10..、..20",
                            "give numbers or ranges such as 3, 10..20, 10.. or ..20",
                        )
                    })
                };
                let mut spans = parts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                let low = |side: Option<f64>| side.unwrap_or(f64::NEG_INFINITY);
                let high = |side: Option<f64>| side.unwrap_or(f64::INFINITY);
                spans.sort_by(|a, b| {
                    let from = low(a.from).total_cmp(&low(b.from));
                    from.then(high(a.to).total_cmp(&high(b.to)))
                });
                spans.dedup();
                Wanted::Numbers(spans)
            }
            ExtraType::Date => {
                let read = |part: &&str| {
                    Span::parse(part, day).ok_or_else(|| {
                        param.bad_part(
                            part,
                            "应为日期或范围（含两端），如 2026-10-01、2026-10-01..2026-10-31、2026-10-01..",
                            "give days or ranges, both ends included, such as 2026-10-01, 2026-10-01..2026-10-31 or 2026-10-01..",
                        )
                    })
                };
                let mut spans = parts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                spans.sort_by_key(|span| (span.from, span.to.is_none(), span.to));
                spans.dedup();
                Wanted::Days(spans)
            }
        };
        Ok(ExtraFilter {
            column: column.name.clone(),
            wanted,
        })
    }

    /// True if a value passes.
    pub fn passes(&self, value: ValueRef<'_>) -> bool {
        match &self.wanted {
            Wanted::Texts(texts) => match value {
                ValueRef::Text(text) => texts
                    .binary_search_by(|wanted| wanted.as_str().cmp(text))
                    .is_ok(),
                _ => false,
            },
            Wanted::Numbers(spans) => value
                .as_number()
                .is_some_and(|number| spans.iter().any(|span| span.holds(number))),
            Wanted::Days(spans) => match value {
                ValueRef::Date(day) => spans.iter().any(|span| span.holds(day)),
                _ => false,
            },
        }
    }

    /// Equal conditions give equal text, different ones different text.
    pub(super) fn canonical(&self) -> String {
        let values: Vec<String> = match &self.wanted {
            Wanted::Texts(texts) => texts.iter().map(|text| escape(text)).collect(),
            Wanted::Numbers(spans) => spans.iter().map(Span::canonical).collect(),
            Wanted::Days(spans) => spans.iter().map(Span::canonical).collect(),
        };
        let column = escape(&self.column);
        format!("{EXTRA_PREFIX}{column}={}", values.join(","))
    }
}

/// A plain finite number; `-0` is 0.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'e' | b'E'));
    let number: f64 = plain.then(|| text.parse().ok()).flatten()?;
    number.is_finite().then_some(number + 0.0)
}

fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    shaped.then(|| text.parse().ok()).flatten()
}
