//! A checked filter and its answer for a row: true, false or unknown.

use std::borrow::Cow;
use std::collections::HashSet;

use super::ast::{Arithmetic, Comparison, Spatial};
use super::like::{self, Pattern};
use super::space::{self, Literal};
use super::span::{Relation, Span};
use crate::index::{GridsOf, Snapshot};
use crate::model::{LayerName, TimeWindow, Timestamp, Value};
use crate::query::{FeatureRef, Filter};

/// A row and where it is.
pub(super) struct Subject<'s> {
    pub(super) snapshot: &'s Snapshot,
    pub(super) row: &'s FeatureRef<'s>,
}

/// A value while a filter is asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Val<'s> {
    Null,
    Text(Cow<'s, str>),
    Number(f64),
    Bool(bool),
    Time(Span),
}

/// A property, by the way to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Id,
    Kind,
    Category,
    OccurredAt,
    DateOnly,
    Status,
    Found,
    Source,
    SourceId,
    Text,
    Grid,
    SpecialGrid,
    /// Any other, by name.
    Other(String),
}

/// Something that has a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Constant(Val<'static>),
    Field(Field),
    Casei(Box<Scalar>),
    Accenti(Box<Scalar>),
    Negate(Box<Scalar>),
    Arithmetic(Arithmetic, Box<[Scalar; 2]>),
}

/// A time on one side of a temporal relation; `None` for an open end.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Period {
    One(Scalar),
    Between(Option<Scalar>, Option<Scalar>),
}

/// A shape on one side of a spatial relation.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    Own,
    Literal(Box<Literal>),
}

/// A filter or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Constant(bool),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Compare(Comparison, Scalar, Scalar),
    Between(Scalar, Scalar, Scalar),
    /// One of some texts.
    Listed(Scalar, HashSet<String>),
    In(Scalar, Vec<Scalar>),
    Like(Scalar, Pattern),
    IsNull(Scalar),
    Unplaced,
    Spatial(Spatial, Place, Place),
    Temporal(Relation, Period, Period),
}

impl Test {
    /// The answer for a row; `None` is unknown.
    pub(super) fn holds(&self, subject: &Subject<'_>) -> Option<bool> {
        match self {
            Test::Constant(yes) => Some(*yes),
            Test::Not(inner) => inner.holds(subject).map(|yes| !yes),
            Test::All(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match part.holds(subject) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => all = None,
                    }
                }
                all
            }
            Test::Any(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match part.holds(subject) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
            Test::Compare(how, a, b) => compare(*how, &a.value(subject), &b.value(subject)),
            Test::Between(x, low, high) => {
                let x = x.value(subject);
                let above = compare(Comparison::GreaterOrEqual, &x, &low.value(subject));
                let below = compare(Comparison::LessOrEqual, &x, &high.value(subject));
                match (above, below) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Test::Listed(x, list) => match x.value(subject) {
                Val::Text(text) => Some(list.contains(text.as_ref())),
                _ => None,
            },
            Test::In(x, list) => {
                let x = x.value(subject);
                let mut any = Some(false);
                for item in list {
                    match compare(Comparison::Equal, &x, &item.value(subject)) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
            Test::Like(x, pattern) => match x.value(subject) {
                Val::Text(text) => Some(pattern.matches(&text)),
                _ => None,
            },
            Test::IsNull(x) => Some(x.value(subject) == Val::Null),
            Test::Unplaced => Some(subject.row.shape().is_none()),
            Test::Spatial(how, a, b) => space::relates(*how, a, b, subject.row),
            Test::Temporal(how, a, b) => Some(a.span(subject)?.relates(*how, b.span(subject)?)),
        }
    }

    /// Narrows a filter to what this can be true of.
    pub(super) fn narrow(&self, filter: &mut Filter) {
        match self {
            Test::All(parts) => parts.iter().for_each(|part| part.narrow(filter)),
            Test::Spatial(how, Place::Own, Place::Literal(shape))
            | Test::Spatial(how, Place::Literal(shape), Place::Own)
                if *how != Spatial::Disjoint && filter.bbox.is_none() =>
            {
                filter.bbox = shape.bounds();
            }
            Test::Compare(
                how,
                Scalar::Field(Field::OccurredAt),
                Scalar::Constant(Val::Time(span)),
            ) => {
                narrow_window(&mut filter.window, *how, *span);
            }
            Test::Compare(
                how,
                Scalar::Constant(Val::Time(span)),
                Scalar::Field(Field::OccurredAt),
            ) => {
                narrow_window(&mut filter.window, mirrored(*how), *span);
            }
            Test::Between(Scalar::Field(Field::OccurredAt), low, high) => {
                if let Scalar::Constant(Val::Time(span)) = low {
                    narrow_window(&mut filter.window, Comparison::GreaterOrEqual, *span);
                }
                if let Scalar::Constant(Val::Time(span)) = high {
                    narrow_window(&mut filter.window, Comparison::LessOrEqual, *span);
                }
            }
            Test::Temporal(how, Period::One(Scalar::Field(Field::OccurredAt)), other) => {
                let Some(span) = other.constant() else {
                    return;
                };
                match how {
                    Relation::After => {
                        narrow_window(&mut filter.window, Comparison::Greater, span);
                    }
                    Relation::Before => narrow_window(&mut filter.window, Comparison::Less, span),
                    Relation::During | Relation::Intersects | Relation::Equals => {
                        intersect(&mut filter.window, span.window());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn mirrored(how: Comparison) -> Comparison {
    match how {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

/// Only rows of which the comparison with a constant can be true.
fn narrow_window(window: &mut TimeWindow, how: Comparison, span: Span) {
    let from = |at: i64| TimeWindow {
        start: Some(Timestamp(at)),
        end: None,
    };
    let until = |at: i64| TimeWindow {
        start: None,
        end: Some(Timestamp(at)),
    };
    let narrow = match how {
        Comparison::Equal => span.window(),
        Comparison::Greater => from(span.last.saturating_add(1)),
        Comparison::GreaterOrEqual => from(span.first),
        Comparison::Less => until(span.first),
        Comparison::LessOrEqual => until(span.last.saturating_add(1)),
        Comparison::NotEqual => return,
    };
    intersect(window, narrow);
}

fn intersect(window: &mut TimeWindow, other: TimeWindow) {
    window.start = window.start.max(other.start);
    window.end = match (window.end, other.end) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    if let (Some(start), Some(end)) = (window.start, window.end)
        && start > end
    {
        window.end = Some(start);
    }
}

/// `a how b`; unknown when either is missing.
pub(super) fn compare(how: Comparison, a: &Val<'_>, b: &Val<'_>) -> Option<bool> {
    let order = match (a, b) {
        (Val::Text(a), Val::Text(b)) => a.cmp(b),
        (Val::Number(a), Val::Number(b)) => a.partial_cmp(b)?,
        (Val::Bool(a), Val::Bool(b)) => a.cmp(b),
        (Val::Time(a), Val::Time(b)) => return Some(a.compare(how, *b)),
        _ => return None,
    };
    Some(match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    })
}

/// A result that is no finite number is unknown.
pub(super) fn calculate(how: Arithmetic, a: f64, b: f64) -> Option<f64> {
    let result = match how {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Div => (a / b).trunc(),
        Arithmetic::Modulo => a % b,
        Arithmetic::Power => a.powf(b),
    };
    result.is_finite().then_some(result)
}

impl Scalar {
    pub(super) fn value<'a>(&'a self, subject: &'a Subject<'_>) -> Val<'a> {
        match self {
            Scalar::Constant(value) => value.clone(),
            Scalar::Field(field) => field.value(subject),
            Scalar::Casei(inner) => fold(inner.value(subject), like::casei),
            Scalar::Accenti(inner) => fold(inner.value(subject), like::accenti),
            Scalar::Negate(inner) => match inner.value(subject) {
                Val::Number(n) => Val::Number(-n),
                _ => Val::Null,
            },
            Scalar::Arithmetic(how, pair) => {
                match (pair[0].value(subject), pair[1].value(subject)) {
                    (Val::Number(a), Val::Number(b)) => {
                        calculate(*how, a, b).map_or(Val::Null, Val::Number)
                    }
                    _ => Val::Null,
                }
            }
        }
    }
}

pub(super) fn fold(value: Val<'_>, how: fn(&str) -> String) -> Val<'static> {
    match value {
        Val::Text(text) => Val::Text(how(&text).into()),
        _ => Val::Null,
    }
}

impl Field {
    fn value<'a>(&'a self, subject: &'a Subject<'_>) -> Val<'a> {
        let FeatureRef::Incident(row) = subject.row else {
            return match self {
                Field::Other(name) => of_value(subject.row.value(name)),
                // Every other way leads to incidents alone.
                _ => number(subject.row.id().0),
            };
        };
        let code = |slot: Option<u32>| {
            slot.map_or(Val::Null, |slot| {
                text(&subject.snapshot.grids.get(slot).code)
            })
        };
        match self {
            Field::Id => number(row.id().0),
            Field::Kind => text(row.kind().as_str()),
            Field::Category => text(row.category()),
            Field::OccurredAt => Val::Time(Span::instant(row.occurred_at())),
            Field::DateOnly => Val::Bool(row.date_only()),
            Field::Status => text(row.status()),
            Field::Found => text(row.found_by().as_str()),
            Field::Source => text(row.source()),
            Field::SourceId => text(row.source_id()),
            Field::Text => text(row.text()),
            Field::Grid => code(row.basic_grid(GridsOf::Event)),
            Field::SpecialGrid => code(row.special_grid(GridsOf::Event)),
            Field::Other(name) => of_value(row.value(name)),
        }
    }

    /// The way to a property of a layer.
    pub(super) fn named(name: &str, layer: LayerName) -> Field {
        match (name, layer) {
            ("id", _) => Field::Id,
            ("kind", LayerName::Incidents) => Field::Kind,
            ("category", LayerName::Incidents) => Field::Category,
            ("occurred_at", LayerName::Incidents) => Field::OccurredAt,
            ("date_only", LayerName::Incidents) => Field::DateOnly,
            ("status", LayerName::Incidents) => Field::Status,
            ("found", LayerName::Incidents) => Field::Found,
            ("source", LayerName::Incidents) => Field::Source,
            ("source_id", LayerName::Incidents) => Field::SourceId,
            ("text", LayerName::Incidents) => Field::Text,
            ("grid", LayerName::Incidents) => Field::Grid,
            ("special_grid", LayerName::Incidents) => Field::SpecialGrid,
            (other, _) => Field::Other(other.to_owned()),
        }
    }
}

fn text(text: &str) -> Val<'_> {
    if text.is_empty() {
        Val::Null
    } else {
        Val::Text(Cow::Borrowed(text))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "ids and counts are far below 2^53"
)]
const fn number(n: i64) -> Val<'static> {
    Val::Number(n as f64)
}

/// The value of a property.
pub(super) fn of_value(value: Value) -> Val<'static> {
    match value {
        Value::Null => Val::Null,
        Value::Text(text) => Val::Text(text.into()),
        Value::Integer(n) => number(n),
        Value::Number(n) => Val::Number(n),
        Value::Bool(yes) => Val::Bool(yes),
        Value::Date(day) => Span::day(day).map_or(Val::Null, Val::Time),
        Value::Instant(at) => Val::Time(Span::instant(at)),
    }
}

impl Period {
    fn span(&self, subject: &Subject<'_>) -> Option<Span> {
        let time = |scalar: &Scalar| match scalar.value(subject) {
            Val::Time(span) => Some(span),
            _ => None,
        };
        self.span_by(time)
    }

    /// The span if it is the same for all rows.
    fn constant(&self) -> Option<Span> {
        self.span_by(|scalar| match scalar {
            Scalar::Constant(Val::Time(span)) => Some(*span),
            _ => None,
        })
    }

    fn span_by(&self, time: impl Fn(&Scalar) -> Option<Span>) -> Option<Span> {
        match self {
            Period::One(scalar) => time(scalar),
            Period::Between(from, to) => {
                let first = match from {
                    Some(from) => time(from)?.first,
                    None => i64::MIN,
                };
                let last = match to {
                    Some(to) => time(to)?.last,
                    None => i64::MAX,
                };
                (first <= last).then_some(Span { first, last })
            }
        }
    }
}
