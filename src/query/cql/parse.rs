//! Words to a tree, by the precedence of the operators. The tree is checked
//! for sense later: here `(a + 1) > 2` and `(a > 1) AND b = 2` are both an
//! expression in brackets.

use super::CqlError;
use super::ast::{Arithmetic, Comparison, Node, Spatial, What};
use super::lex::{Lexeme, Token};
use super::span::{Relation, Span};
use super::wkt::begins_shape;
use crate::query::parse::{Moment, parse_moment};

/// Brackets and functions inside each other.
pub(super) const MAX_NESTING: usize = 40;
/// Levels of the tree.
const MAX_DEPTH: usize = 120;

/// Reads a whole filter.
pub(super) fn parse(words: Vec<Lexeme>) -> Result<Node, CqlError> {
    let mut parser = Parser {
        words,
        next: 0,
        nesting: 0,
    };
    let tree = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(tree),
        _ => Err(parser.expected("AND、OR、运算符或结尾", "AND, OR, an operator or the end")),
    }
}

pub(super) struct Parser {
    words: Vec<Lexeme>,
    next: usize,
    nesting: usize,
}

pub(super) fn too_deep(at: usize) -> CqlError {
    CqlError::new(
        at,
        format!("嵌套太深，最多 {MAX_NESTING} 层括号"),
        format!("nested too deep; at most {MAX_NESTING} brackets inside each other"),
    )
}

fn node(at: usize, what: What) -> Result<Node, CqlError> {
    let deepest = |nodes: &[Node]| nodes.iter().map(|node| node.depth).max().unwrap_or(0);
    let below = match &what {
        What::And(nodes) | What::Or(nodes) => deepest(nodes),
        What::Not(node)
        | What::IsNull(node)
        | What::Casei(node)
        | What::Accenti(node)
        | What::Negate(node) => node.depth,
        What::Compare(_, pair)
        | What::Like(pair)
        | What::Spatial(_, pair)
        | What::Temporal(_, pair)
        | What::Interval(pair)
        | What::Arithmetic(_, pair) => deepest(&pair[..]),
        What::Between(three) => deepest(&three[..]),
        What::In(one, list) => one.depth.max(deepest(list)),
        _ => 0,
    };
    let depth = below + 1;
    if depth > MAX_DEPTH {
        return Err(too_deep(at));
    }
    Ok(Node { at, depth, what })
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        &self.words[self.next].token
    }

    fn at(&self) -> usize {
        self.words[self.next].at
    }

    /// Goes on; the end stays the end.
    pub(super) fn advance(&mut self) {
        self.next = (self.next + 1).min(self.words.len() - 1);
    }

    pub(super) fn peeks_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(s) if *s == sign)
    }

    pub(super) fn peeks_word(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn takes_word(&mut self, keyword: &str) -> bool {
        let there = self.peeks_word(keyword);
        if there {
            self.advance();
        }
        there
    }

    fn word(&mut self, keyword: &str) -> Result<(), CqlError> {
        if self.takes_word(keyword) {
            return Ok(());
        }
        Err(self.expected(keyword, keyword))
    }

    pub(super) fn sign(&mut self, sign: &'static str) -> Result<(), CqlError> {
        if self.peeks_sign(sign) {
            self.advance();
            return Ok(());
        }
        Err(self.expected(&format!("“{sign}”"), &format!("`{sign}`")))
    }

    /// A word in capitals and where it is.
    pub(super) fn keyword(&mut self) -> Result<(String, usize), CqlError> {
        match self.peek() {
            Token::Word(word) => {
                let found = (word.to_ascii_uppercase(), self.at());
                self.advance();
                Ok(found)
            }
            _ => Err(self.expected("名称", "a name")),
        }
    }

    pub(super) fn expected(&self, zh: &str, en: &str) -> CqlError {
        let short = |text: &str| text.chars().take(20).collect::<String>();
        let found = match self.peek() {
            Token::End => ("已到结尾".to_owned(), "the end".to_owned()),
            Token::Word(word) | Token::Quoted(word) => (
                format!("却是“{}”", short(word)),
                format!("`{}`", short(word)),
            ),
            Token::Text(text) => (
                format!("却是 '{}'", short(text)),
                format!("'{}'", short(text)),
            ),
            Token::Number(n) => (format!("却是 {n}"), n.to_string()),
            Token::Sign(sign) => (format!("却是“{sign}”"), format!("`{sign}`")),
        };
        CqlError::new(
            self.at(),
            format!("应为{zh}，{}", found.0),
            format!("expected {en}, found {}", found.1),
        )
    }

    #[expect(clippy::unused_self, reason = "reads like `expected`")]
    pub(super) fn expected_at(&self, at: usize, zh: &str, en: &str) -> CqlError {
        CqlError::new(at, format!("应为{zh}"), format!("expected {en}"))
    }

    /// Everything that brackets may hold.
    fn expression(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        if self.nesting >= MAX_NESTING {
            return Err(too_deep(at));
        }
        self.nesting += 1;
        let mut either = vec![self.all()?];
        while self.takes_word("OR") {
            either.push(self.all()?);
        }
        self.nesting -= 1;
        match either.len() {
            1 => Ok(either.swap_remove(0)),
            _ => node(at, What::Or(either)),
        }
    }

    fn all(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        let mut all = vec![self.negation()?];
        while self.takes_word("AND") {
            all.push(self.negation()?);
        }
        match all.len() {
            1 => Ok(all.swap_remove(0)),
            _ => node(at, What::And(all)),
        }
    }

    fn negation(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        let mut odd = false;
        while self.takes_word("NOT") {
            odd = !odd;
        }
        let inner = self.predicate()?;
        if odd {
            return node(at, What::Not(Box::new(inner)));
        }
        Ok(inner)
    }

    fn predicate(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        let left = self.sum()?;
        let sign = match self.peek() {
            Token::Sign(sign) => *sign,
            _ => "",
        };
        let how = match sign {
            "=" => Some(Comparison::Equal),
            "<>" => Some(Comparison::NotEqual),
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::LessOrEqual),
            ">" => Some(Comparison::Greater),
            ">=" => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if let Some(how) = how {
            self.advance();
            let right = self.sum()?;
            return node(at, What::Compare(how, Box::new([left, right])));
        }
        if self.takes_word("IS") {
            let negated = self.takes_word("NOT");
            self.word("NULL")?;
            return negate(negated, node(at, What::IsNull(Box::new(left)))?);
        }
        let negated = self.takes_word("NOT");
        if self.takes_word("LIKE") {
            let pattern = self.sum()?;
            return negate(negated, node(at, What::Like(Box::new([left, pattern])))?);
        }
        if self.takes_word("BETWEEN") {
            let low = self.sum()?;
            self.word("AND")?;
            let high = self.sum()?;
            let what = What::Between(Box::new([left, low, high]));
            return negate(negated, node(at, what)?);
        }
        if self.takes_word("IN") {
            self.sign("(")?;
            let mut list = vec![self.sum()?];
            while self.peeks_sign(",") {
                self.advance();
                list.push(self.sum()?);
            }
            self.sign(")")?;
            return negate(negated, node(at, What::In(Box::new(left), list))?);
        }
        if negated {
            return Err(self.expected(" LIKE、IN 或 BETWEEN", "LIKE, IN or BETWEEN"));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        let mut left = self.product()?;
        loop {
            let how = match self.peek() {
                Token::Sign("+") => Arithmetic::Add,
                Token::Sign("-") => Arithmetic::Subtract,
                _ => return Ok(left),
            };
            self.advance();
            let right = self.product()?;
            left = node(at, What::Arithmetic(how, Box::new([left, right])))?;
        }
    }

    fn product(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        let mut left = self.power()?;
        loop {
            let how = match self.peek() {
                Token::Sign("*") => Arithmetic::Multiply,
                Token::Sign("/") => Arithmetic::Divide,
                Token::Sign("%") => Arithmetic::Modulo,
                Token::Word(word) if word.eq_ignore_ascii_case("div") => Arithmetic::Div,
                _ => return Ok(left),
            };
            self.advance();
            let right = self.power()?;
            left = node(at, What::Arithmetic(how, Box::new([left, right])))?;
        }
    }

    /// `a ^ b ^ c` is `a ^ (b ^ c)`.
    fn power(&mut self) -> Result<Node, CqlError> {
        let mut parts = vec![self.sign_of()?];
        while self.peeks_sign("^") {
            self.advance();
            parts.push(self.sign_of()?);
        }
        let mut right = parts.pop().expect("the first part is always there");
        while let Some(left) = parts.pop() {
            let at = left.at;
            right = node(
                at,
                What::Arithmetic(Arithmetic::Power, Box::new([left, right])),
            )?;
        }
        Ok(right)
    }

    fn sign_of(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        let mut negative = false;
        while self.peeks_sign("-") || self.peeks_sign("+") {
            negative ^= self.peeks_sign("-");
            self.advance();
        }
        let value = self.primary()?;
        match value.what {
            What::Number(n) if negative => node(at, What::Number(-n)),
            _ if negative => node(at, What::Negate(Box::new(value))),
            _ => Ok(value),
        }
    }

    fn primary(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        match self.peek().clone() {
            Token::Sign("(") => {
                self.advance();
                let inner = self.expression()?;
                self.sign(")")?;
                Ok(inner)
            }
            Token::Number(n) => {
                self.advance();
                node(at, What::Number(n))
            }
            Token::Text(text) => {
                self.advance();
                node(at, What::Text(text))
            }
            Token::Quoted(name) => {
                self.advance();
                node(at, What::Property(name))
            }
            Token::Word(word) => {
                self.advance();
                self.named(word, at)
            }
            _ => Err(self.expected("属性名、值或“(”", "a property, a value or `(`")),
        }
    }

    /// A keyword with brackets, a truth value, or a property.
    fn named(&mut self, word: String, at: usize) -> Result<Node, CqlError> {
        let upper = word.to_ascii_uppercase();
        let spaced_shape = begins_shape(&upper) && self.peeks_word("Z");
        if !self.peeks_sign("(") && !spaced_shape {
            return match upper.as_str() {
                "TRUE" => node(at, What::Bool(true)),
                "FALSE" => node(at, What::Bool(false)),
                "AND" | "OR" | "NOT" | "LIKE" | "IN" | "BETWEEN" | "IS" | "NULL" => {
                    Err(CqlError::new(
                        at,
                        format!("应为属性名或值，却是“{upper}”；属性名与关键字相同时请加双引号"),
                        format!(
                            "expected a property or a value, found {upper}; a property of that name needs double quotes"
                        ),
                    ))
                }
                _ => node(at, What::Property(word)),
            };
        }
        if begins_shape(&upper) {
            let shape = self.shape(&upper, at)?;
            return node(at, What::Shape(Box::new(shape)));
        }
        match upper.as_str() {
            "DATE" | "TIMESTAMP" => {
                self.sign("(")?;
                let span = self.moment(upper == "DATE")?;
                self.sign(")")?;
                node(at, What::Time(span))
            }
            "INTERVAL" => {
                let [from, to] = self.two(Parser::bound)?;
                node(at, What::Interval(Box::new([from, to])))
            }
            "CASEI" => node(at, What::Casei(Box::new(self.one()?))),
            "ACCENTI" => node(at, What::Accenti(Box::new(self.one()?))),
            _ => {
                if let Some(how) = spatial(&upper) {
                    let pair = self.two(Parser::expression)?;
                    return node(at, What::Spatial(how, Box::new(pair)));
                }
                if let Some(how) = temporal(&upper) {
                    let pair = self.two(Parser::expression)?;
                    return node(at, What::Temporal(how, Box::new(pair)));
                }
                let short: String = word.chars().take(40).collect();
                Err(CqlError::new(
                    at,
                    format!("没有函数“{short}”"),
                    format!("there is no function `{short}`"),
                ))
            }
        }
    }

    fn one(&mut self) -> Result<Node, CqlError> {
        self.sign("(")?;
        let inner = self.expression()?;
        self.sign(")")?;
        Ok(inner)
    }

    fn two(
        &mut self,
        mut part: impl FnMut(&mut Parser) -> Result<Node, CqlError>,
    ) -> Result<[Node; 2], CqlError> {
        self.sign("(")?;
        let first = part(self)?;
        self.sign(",")?;
        let second = part(self)?;
        self.sign(")")?;
        Ok([first, second])
    }

    /// An end of an interval: a quoted day or instant, `'..'`, or a property.
    fn bound(&mut self) -> Result<Node, CqlError> {
        let at = self.at();
        match self.peek() {
            Token::Text(text) if text == ".." => {
                self.advance();
                node(at, What::Open)
            }
            Token::Text(_) => {
                let span = self.moment_or_day()?;
                node(at, What::Time(span))
            }
            _ => self.expression(),
        }
    }

    fn moment(&mut self, day_only: bool) -> Result<Span, CqlError> {
        let at = self.at();
        let is_day = matches!(self.peek(), Token::Text(text) if text.len() == 10);
        if day_only != is_day {
            return Err(if day_only {
                self.expected_at(at, "日期，如 '2026-10-24'", "a day such as '2026-10-24'")
            } else {
                self.expected_at(
                    at,
                    "时刻，如 '2026-10-24T08:00:00Z'",
                    "an instant such as '2026-10-24T08:00:00Z'",
                )
            });
        }
        self.moment_or_day()
    }

    fn moment_or_day(&mut self) -> Result<Span, CqlError> {
        let at = self.at();
        let read = match self.peek() {
            Token::Text(text) => span_of(text),
            _ => None,
        };
        match read {
            Some(span) => {
                self.advance();
                Ok(span)
            }
            None => Err(self.expected_at(
                at,
                "日期或时刻，如 '2026-10-24' 或 '2026-10-24T08:00:00Z'",
                "a day or an instant such as '2026-10-24' or '2026-10-24T08:00:00Z'",
            )),
        }
    }
}

/// The span of a day or instant in quotes.
pub(super) fn span_of(text: &str) -> Option<Span> {
    match parse_moment(text)? {
        Moment::Day(day) => Span::day(day),
        Moment::Instant(at) => Some(Span::instant(at)),
    }
}

fn negate(negated: bool, inner: Node) -> Result<Node, CqlError> {
    if !negated {
        return Ok(inner);
    }
    node(inner.at, What::Not(Box::new(inner)))
}

fn spatial(word: &str) -> Option<Spatial> {
    Some(match word {
        "S_INTERSECTS" => Spatial::Intersects,
        "S_DISJOINT" => Spatial::Disjoint,
        "S_WITHIN" => Spatial::Within,
        "S_CONTAINS" => Spatial::Contains,
        "S_EQUALS" => Spatial::Equals,
        "S_TOUCHES" => Spatial::Touches,
        "S_CROSSES" => Spatial::Crosses,
        "S_OVERLAPS" => Spatial::Overlaps,
        _ => return None,
    })
}

fn temporal(word: &str) -> Option<Relation> {
    Some(match word {
        "T_AFTER" => Relation::After,
        "T_BEFORE" => Relation::Before,
        "T_CONTAINS" => Relation::Contains,
        "T_DISJOINT" => Relation::Disjoint,
        "T_DURING" => Relation::During,
        "T_EQUALS" => Relation::Equals,
        "T_FINISHEDBY" => Relation::FinishedBy,
        "T_FINISHES" => Relation::Finishes,
        "T_INTERSECTS" => Relation::Intersects,
        "T_MEETS" => Relation::Meets,
        "T_METBY" => Relation::MetBy,
        "T_OVERLAPPEDBY" => Relation::OverlappedBy,
        "T_OVERLAPS" => Relation::Overlaps,
        "T_STARTEDBY" => Relation::StartedBy,
        "T_STARTS" => Relation::Starts,
        _ => return None,
    })
}
