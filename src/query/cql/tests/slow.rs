//! The slow way: a walk over the tree as it was parsed.

use std::cmp::Ordering;

use geo::{Geometry, Relate};

use crate::index::Snapshot;
use crate::model::Value;
use crate::query::FeatureRef;
use crate::query::cql::ast::{Arithmetic, Comparison, Node, Spatial, What};
use crate::query::cql::parse::span_of;
use crate::query::cql::span::Span;

/// A value as the slow way sees it.
#[derive(Debug, Clone, PartialEq)]
enum Slow {
    Null,
    Text(String),
    Number(f64),
    Bool(bool),
    Time(Span),
}

fn slow_value(node: &Node, snapshot: &Snapshot, row: &FeatureRef<'_>) -> Slow {
    let value = |node: &Node| slow_value(node, snapshot, row);
    match &node.what {
        What::Text(text) => Slow::Text(text.clone()),
        What::Number(n) => Slow::Number(*n),
        What::Bool(yes) => Slow::Bool(*yes),
        What::Time(span) => Slow::Time(*span),
        What::Property(name) if name == "id" => Slow::Number(row.id().0 as f64),
        What::Property(name) if name == "grid" => match row {
            FeatureRef::Incident(incident) => incident
                .basic_grid(crate::index::GridsOf::Event)
                .map_or(Slow::Null, |slot| {
                    Slow::Text(snapshot.grids.get(slot).code.clone())
                }),
            _ => Slow::Null,
        },
        What::Property(name) => match row.value(name) {
            Value::Null => Slow::Null,
            Value::Text(text) => Slow::Text(text),
            Value::Integer(n) => Slow::Number(n as f64),
            Value::Number(n) => Slow::Number(n),
            Value::Bool(yes) => Slow::Bool(yes),
            Value::Date(day) => Slow::Time(Span::day(day).unwrap()),
            Value::Instant(at) => Slow::Time(Span::instant(at)),
        },
        What::Casei(inner) => match value(inner) {
            Slow::Text(text) => Slow::Text(text.to_lowercase()),
            _ => Slow::Null,
        },
        What::Accenti(inner) => value(inner),
        What::Negate(inner) => match value(inner) {
            Slow::Number(n) => Slow::Number(-n),
            _ => Slow::Null,
        },
        What::Arithmetic(how, pair) => match (value(&pair[0]), value(&pair[1])) {
            (Slow::Number(a), Slow::Number(b)) => {
                let n = match how {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                    Arithmetic::Div => (a / b).trunc(),
                    Arithmetic::Modulo => a % b,
                    Arithmetic::Power => a.powf(b),
                };
                if n.is_finite() {
                    Slow::Number(n)
                } else {
                    Slow::Null
                }
            }
            _ => Slow::Null,
        },
        other => panic!("no value: {other:?}"),
    }
}

fn slow_compare(how: Comparison, a: &Slow, b: &Slow) -> Option<bool> {
    let order = match (a, b) {
        (Slow::Null, _) | (_, Slow::Null) => return None,
        (Slow::Text(a), Slow::Text(b)) => a.cmp(b),
        (Slow::Number(a), Slow::Number(b)) => a.total_cmp(b),
        (Slow::Bool(a), Slow::Bool(b)) => a.cmp(b),
        (Slow::Time(a), Slow::Time(b)) => return Some(a.compare(how, *b)),
        // A quoted text beside a time is one.
        (Slow::Time(a), Slow::Text(b)) => return Some(a.compare(how, span_of(b)?)),
        (Slow::Text(a), Slow::Time(b)) => return Some(span_of(a)?.compare(how, *b)),
        other => panic!("{other:?}"),
    };
    Some(match how {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    })
}

fn slow_like(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|n| slow_like(&text[n..], rest)),
        Some((p, rest)) => text
            .split_first()
            .is_some_and(|(c, more)| (*p == '_' || p == c) && slow_like(more, rest)),
    }
}

fn slow_shape(node: &Node, row: &FeatureRef<'_>) -> Option<Geometry<f64>> {
    match &node.what {
        What::Shape(shape) => Some((**shape).clone()),
        _ => row.geometry(),
    }
}

fn slow_span(node: &Node, snapshot: &Snapshot, row: &FeatureRef<'_>) -> Option<Span> {
    let one = |node: &Node| match slow_value(node, snapshot, row) {
        Slow::Time(span) => Some(span),
        _ => None,
    };
    let What::Interval(pair) = &node.what else {
        return one(node);
    };
    let end = |node: &Node, open: i64| match node.what {
        What::Open => Some(Span {
            first: open,
            last: open,
        }),
        _ => one(node),
    };
    let (from, to) = (end(&pair[0], i64::MIN)?, end(&pair[1], i64::MAX)?);
    (from.first <= to.last).then_some(Span {
        first: from.first,
        last: to.last,
    })
}

/// The table of AND.
fn all_of(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let parts: Vec<_> = parts.collect();
    if parts.contains(&Some(false)) {
        Some(false)
    } else {
        (!parts.contains(&None)).then_some(true)
    }
}

/// The table of OR.
fn any_of(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all_of(parts.map(|part| part.map(|yes| !yes))).map(|yes| !yes)
}

/// Three-valued logic as a table, over the tree as it was parsed.
pub(super) fn slow(node: &Node, snapshot: &Snapshot, row: &FeatureRef<'_>) -> Option<bool> {
    let ask = |node: &Node| slow(node, snapshot, row);
    let value = |node: &Node| slow_value(node, snapshot, row);
    match &node.what {
        What::Bool(yes) => Some(*yes),
        What::Not(inner) => ask(inner).map(|yes| !yes),
        What::And(nodes) => all_of(nodes.iter().map(ask)),
        What::Or(nodes) => any_of(nodes.iter().map(ask)),
        What::Compare(how, pair) => slow_compare(*how, &value(&pair[0]), &value(&pair[1])),
        What::Between(three) => {
            let [x, low, high] = [value(&three[0]), value(&three[1]), value(&three[2])];
            let (a, b) = (
                slow_compare(Comparison::GreaterOrEqual, &x, &low),
                slow_compare(Comparison::LessOrEqual, &x, &high),
            );
            if a == Some(false) || b == Some(false) {
                Some(false)
            } else {
                Some(a? && b?)
            }
        }
        What::In(one, list) => {
            let x = value(one);
            any_of(
                list.iter()
                    .map(|item| slow_compare(Comparison::Equal, &x, &value(item))),
            )
        }
        What::Like(pair) => match (value(&pair[0]), value(&pair[1])) {
            (Slow::Text(text), Slow::Text(pattern)) => {
                let chars = |text: &str| text.chars().collect::<Vec<_>>();
                Some(slow_like(&chars(&text), &chars(&pattern)))
            }
            _ => None,
        },
        What::IsNull(inner) => Some(match &inner.what {
            What::Property(name) if name == "geometry" => row.geometry().is_none(),
            _ => value(inner) == Slow::Null,
        }),
        What::Spatial(how, pair) => {
            let (a, b) = (slow_shape(&pair[0], row)?, slow_shape(&pair[1], row)?);
            let matrix = a.relate(&b);
            Some(match how {
                Spatial::Intersects => matrix.is_intersects(),
                Spatial::Disjoint => matrix.is_disjoint(),
                Spatial::Within => matrix.is_within(),
                Spatial::Contains => matrix.is_contains(),
                Spatial::Equals => matrix.is_equal_topo(),
                Spatial::Touches => matrix.is_touches(),
                Spatial::Crosses => matrix.is_crosses(),
                Spatial::Overlaps => matrix.is_overlaps(),
            })
        }
        What::Temporal(how, pair) => {
            let (a, b) = (
                slow_span(&pair[0], snapshot, row)?,
                slow_span(&pair[1], snapshot, row)?,
            );
            Some(a.relates(*how, b))
        }
        What::Property(_) => match value(node) {
            Slow::Bool(yes) => Some(yes),
            _ => None,
        },
        other => panic!("no condition: {other:?}"),
    }
}
