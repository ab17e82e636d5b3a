//! A tree to a test: names are looked up, types are checked.

use std::collections::HashSet;

use super::CqlError;
use super::ast::{Comparison, Node, What};
use super::eval::{Field, Period, Place, Scalar, Test, Val, fold};
use super::like::{self, MAX_PATTERN, Pattern};
use super::parse::span_of;
use super::queryables::{Queryable, QueryableType, queryables};
use super::space::Literal;
use crate::model::{District, LayerName};
use crate::query::FilterError;

/// What kind of value a part has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Bool,
    Time,
}

impl Kind {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Kind::Text => ("文字", "a text"),
            Kind::Number => ("数", "a number"),
            Kind::Bool => ("真假值", "true or false"),
            Kind::Time => ("时间", "a time"),
        }
    }
}

/// Makes a filter ready for a layer.
pub(super) fn compile(
    tree: &Node,
    layer: LayerName,
    district: &District,
) -> Result<Test, CqlError> {
    let compiler = Compiler {
        layer,
        known: queryables(layer, district),
    };
    compiler.condition(tree)
}

struct Compiler {
    layer: LayerName,
    known: Vec<Queryable>,
}

impl Compiler {
    fn condition(&self, node: &Node) -> Result<Test, CqlError> {
        let all = |nodes: &[Node]| -> Result<Vec<Test>, CqlError> {
            nodes.iter().map(|node| self.condition(node)).collect()
        };
        Ok(match &node.what {
            What::And(nodes) => Test::All(all(nodes)?),
            What::Or(nodes) => Test::Any(all(nodes)?),
            What::Not(inner) => Test::Not(Box::new(self.condition(inner)?)),
            What::Bool(yes) => Test::Constant(*yes),
            What::Compare(how, pair) => self.comparison(*how, &pair[0], &pair[1])?,
            What::Between(three) => {
                let kind = self.common(&[&three[0], &three[1], &three[2]])?;
                let of = |node| self.of_kind(node, kind);
                Test::Between(of(&three[0])?, of(&three[1])?, of(&three[2])?)
            }
            What::In(one, list) => self.list(one, list)?,
            What::Like(pair) => self.like(&pair[0], &pair[1])?,
            What::IsNull(inner) => match &inner.what {
                What::Property(name) if self.is_geometry(name) => Test::Unplaced,
                _ => Test::IsNull(self.scalar(inner)?.0),
            },
            What::Spatial(how, pair) => {
                Test::Spatial(*how, self.place(&pair[0])?, self.place(&pair[1])?)
            }
            What::Temporal(how, pair) => {
                Test::Temporal(*how, self.period(&pair[0])?, self.period(&pair[1])?)
            }
            What::Property(_) => match self.scalar(node)? {
                (scalar, Kind::Bool) => {
                    let yes = Scalar::Constant(Val::Bool(true));
                    Test::Compare(Comparison::Equal, scalar, yes)
                }
                _ => return Err(no_condition(node.at)),
            },
            _ => return Err(no_condition(node.at)),
        })
    }

    fn comparison(&self, how: Comparison, a: &Node, b: &Node) -> Result<Test, CqlError> {
        let kind = self.common(&[a, b])?;
        if kind == Kind::Bool && !matches!(how, Comparison::Equal | Comparison::NotEqual) {
            return Err(CqlError::new(
                b.at,
                "真假值只能用 = 或 <> 比较",
                "true and false compare with = and <> only",
            ));
        }
        Ok(Test::Compare(
            how,
            self.of_kind(a, kind)?,
            self.of_kind(b, kind)?,
        ))
    }

    fn list(&self, one: &Node, list: &[Node]) -> Result<Test, CqlError> {
        let nodes: Vec<&Node> = std::iter::once(one).chain(list).collect();
        let kind = self.common(&nodes)?;
        let one = self.of_kind(one, kind)?;
        let list: Vec<Scalar> = list
            .iter()
            .map(|node| self.of_kind(node, kind))
            .collect::<Result<_, _>>()?;
        let texts: Option<HashSet<String>> = list
            .iter()
            .map(|item| match item {
                Scalar::Constant(Val::Text(text)) => Some(text.to_string()),
                _ => None,
            })
            .collect();
        Ok(match texts {
            Some(texts) => Test::Listed(one, texts),
            None => Test::In(one, list),
        })
    }

    fn like(&self, value: &Node, pattern: &Node) -> Result<Test, CqlError> {
        let value = self.of_kind(value, Kind::Text)?;
        let Scalar::Constant(Val::Text(text)) = self.of_kind(pattern, Kind::Text)? else {
            return Err(CqlError::new(
                pattern.at,
                "LIKE 右边应为文字，如 '元%'",
                "LIKE needs a text on its right, such as '元%'",
            ));
        };
        match Pattern::new(&text) {
            Some(pattern) => Ok(Test::Like(value, pattern)),
            None => Err(CqlError::new(
                pattern.at,
                format!("LIKE 的文字超过 {MAX_PATTERN} 个字符"),
                format!("the pattern is longer than {MAX_PATTERN} characters"),
            )),
        }
    }

    /// The kind that all nodes have; a quoted text beside a time is one.
    fn common(&self, nodes: &[&Node]) -> Result<Kind, CqlError> {
        let mut common: Option<Kind> = None;
        let mut texts_may_be_times = false;
        for node in nodes {
            let kind = self.scalar(node)?.1;
            let literal = matches!(node.what, What::Text(_));
            match common {
                None => {
                    common = Some(kind);
                    texts_may_be_times = literal;
                }
                Some(known) if known == kind => texts_may_be_times &= literal,
                Some(Kind::Time) if literal => {}
                Some(Kind::Text) if kind == Kind::Time && texts_may_be_times => {
                    common = Some(Kind::Time);
                }
                Some(known) => {
                    let ((a_zh, a_en), (b_zh, b_en)) = (known.names(), kind.names());
                    return Err(CqlError::new(
                        node.at,
                        format!("{a_zh}不能与{b_zh}比较"),
                        format!("{a_en} cannot be compared with {b_en}"),
                    ));
                }
            }
        }
        Ok(common.unwrap_or(Kind::Text))
    }

    fn of_kind(&self, node: &Node, wanted: Kind) -> Result<Scalar, CqlError> {
        let (scalar, kind) = self.scalar(node)?;
        if kind == wanted {
            return Ok(scalar);
        }
        if let (What::Text(text), Kind::Time) = (&node.what, wanted) {
            let Some(span) = span_of(text) else {
                return Err(CqlError::new(
                    node.at,
                    "应为日期或时刻，如 '2026-10-24'",
                    "expected a day or an instant such as '2026-10-24'",
                ));
            };
            return Ok(Scalar::Constant(Val::Time(span)));
        }
        let (zh, en) = wanted.names();
        Err(CqlError::new(
            node.at,
            format!("这里应为{zh}"),
            format!("expected {en} here"),
        ))
    }

    fn scalar(&self, node: &Node) -> Result<(Scalar, Kind), CqlError> {
        let constant = |value, kind| Ok((Scalar::Constant(value), kind));
        match &node.what {
            What::Text(text) => constant(Val::Text(text.clone().into()), Kind::Text),
            What::Number(n) => constant(Val::Number(*n), Kind::Number),
            What::Bool(yes) => constant(Val::Bool(*yes), Kind::Bool),
            What::Time(span) => constant(Val::Time(*span), Kind::Time),
            What::Property(name) => self.property(name, node.at),
            What::Casei(inner) => {
                let inner = self.of_kind(inner, Kind::Text)?;
                Ok((folded(inner, Scalar::Casei, like::casei), Kind::Text))
            }
            What::Accenti(inner) => {
                let inner = self.of_kind(inner, Kind::Text)?;
                Ok((folded(inner, Scalar::Accenti, like::accenti), Kind::Text))
            }
            What::Negate(inner) => {
                let inner = self.of_kind(inner, Kind::Number)?;
                Ok((Scalar::Negate(Box::new(inner)), Kind::Number))
            }
            What::Arithmetic(how, pair) => {
                let of = |node| self.of_kind(node, Kind::Number);
                let pair = [of(&pair[0])?, of(&pair[1])?];
                Ok((Scalar::Arithmetic(*how, Box::new(pair)), Kind::Number))
            }
            What::Shape(_) => Err(CqlError::new(
                node.at,
                "图形请用 S_INTERSECTS 等函数比较",
                "shapes are compared by functions such as S_INTERSECTS",
            )),
            What::Interval(_) | What::Open => Err(CqlError::new(
                node.at,
                "时间段请用 T_DURING 等函数比较",
                "intervals are compared by functions such as T_DURING",
            )),
            _ => Err(CqlError::new(
                node.at,
                "这里应为值，却是条件",
                "expected a value here, found a condition",
            )),
        }
    }

    fn property(&self, name: &str, at: usize) -> Result<(Scalar, Kind), CqlError> {
        let Some(known) = self.known.iter().find(|known| known.name == name) else {
            let names = self.known.iter().map(|known| known.name.as_str());
            let near = match FilterError::unknown(name, names) {
                FilterError::Unknown {
                    nearest: Some(near),
                    ..
                } => Some(near),
                _ => None,
            };
            let short: String = name.chars().take(40).collect();
            let (zh, en) = near.map_or_else(Default::default, |near| {
                (
                    format!("，是否指“{near}”？"),
                    format!("; did you mean `{near}`?"),
                )
            });
            return Err(CqlError::new(
                at,
                format!("没有属性“{short}”{zh}"),
                format!("there is no property `{short}`{en}"),
            ));
        };
        let kind = match known.queryable_type {
            QueryableType::Text => Kind::Text,
            QueryableType::Integer | QueryableType::Number => Kind::Number,
            QueryableType::Bool => Kind::Bool,
            QueryableType::Date | QueryableType::Instant => Kind::Time,
            QueryableType::Geometry => {
                return Err(CqlError::new(
                    at,
                    "图形请用 S_INTERSECTS 等函数比较",
                    "the geometry is compared by functions such as S_INTERSECTS",
                ));
            }
        };
        Ok((Scalar::Field(Field::named(name, self.layer)), kind))
    }

    fn is_geometry(&self, name: &str) -> bool {
        self.known
            .iter()
            .any(|known| known.name == name && known.queryable_type == QueryableType::Geometry)
    }

    fn place(&self, node: &Node) -> Result<Place, CqlError> {
        match &node.what {
            What::Shape(shape) => Ok(Place::Literal(Box::new(Literal::new((**shape).clone())))),
            What::Property(name) if self.is_geometry(name) => Ok(Place::Own),
            _ => Err(CqlError::new(
                node.at,
                "这里应为 geometry 或图形，如 POINT(117.28 31.83)",
                "expected `geometry` or a shape such as POINT(117.28 31.83)",
            )),
        }
    }

    fn period(&self, node: &Node) -> Result<Period, CqlError> {
        let What::Interval(pair) = &node.what else {
            return self.of_kind(node, Kind::Time).map(Period::One);
        };
        let end = |node: &Node| match node.what {
            What::Open => Ok(None),
            _ => self.of_kind(node, Kind::Time).map(Some),
        };
        let (from, to) = (end(&pair[0])?, end(&pair[1])?);
        if let (Some(Scalar::Constant(Val::Time(a))), Some(Scalar::Constant(Val::Time(b)))) =
            (&from, &to)
            && a.first > b.last
        {
            return Err(CqlError::new(
                node.at,
                "时间段的开始晚于结束",
                "the interval begins after its end",
            ));
        }
        Ok(Period::Between(from, to))
    }
}

/// A constant is folded now, anything else row by row.
fn folded(inner: Scalar, wrap: fn(Box<Scalar>) -> Scalar, how: fn(&str) -> String) -> Scalar {
    match inner {
        Scalar::Constant(value) => Scalar::Constant(fold(value, how)),
        other => wrap(Box::new(other)),
    }
}

fn no_condition(at: usize) -> CqlError {
    CqlError::new(
        at,
        "这里应为条件，如 status = '处置中'",
        "expected a condition such as status = '处置中'",
    )
}
