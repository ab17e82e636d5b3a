//! The tree of a filter as it is written, before anything is known of the
//! layer.

use geo::Geometry;

use super::span::{Relation, Span};

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How two numbers make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// Whole quotient, towards zero.
    Div,
    Modulo,
    Power,
}

/// How two shapes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spatial {
    Intersects,
    Disjoint,
    Within,
    Contains,
    Equals,
    Touches,
    Crosses,
    Overlaps,
}

/// A node with its place in the text and the nodes below it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Byte of the text.
    pub(super) at: usize,
    /// Levels below, itself counted.
    pub(super) depth: usize,
    pub(super) what: What,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Bool(bool),
    Compare(Comparison, Box<[Node; 2]>),
    Like(Box<[Node; 2]>),
    In(Box<Node>, Vec<Node>),
    Between(Box<[Node; 3]>),
    IsNull(Box<Node>),
    Spatial(Spatial, Box<[Node; 2]>),
    Temporal(Relation, Box<[Node; 2]>),
    Property(String),
    Text(String),
    Number(f64),
    Time(Span),
    Interval(Box<[Node; 2]>),
    /// `..`, an open end.
    Open,
    Shape(Box<Geometry<f64>>),
    Casei(Box<Node>),
    Accenti(Box<Node>),
    Arithmetic(Arithmetic, Box<[Node; 2]>),
    Negate(Box<Node>),
}
