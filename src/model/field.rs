//! Properties by name: the schema that export, filters and the API share.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// A property value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Nothing known.
    #[default]
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A calendar day.
    Date(jiff::civil::Date),
    /// An instant.
    Instant(Timestamp),
}

/// A property value that is only looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// Nothing known.
    Null,
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A calendar day.
    Date(jiff::civil::Date),
    /// An instant.
    Instant(Timestamp),
}

impl ValueRef<'_> {
    /// A number of either type.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts and amounts are far below 2^53"
    )]
    pub const fn as_number(&self) -> Option<f64> {
        match *self {
            ValueRef::Integer(number) => Some(number as f64),
            ValueRef::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Value {
        match value {
            ValueRef::Null => Value::Null,
            ValueRef::Text(text) => Value::Text(text.to_owned()),
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Number(number) => Value::Number(number),
            ValueRef::Bool(yes) => Value::Bool(yes),
            ValueRef::Date(day) => Value::Date(day),
            ValueRef::Instant(at) => Value::Instant(at),
        }
    }
}

impl Value {
    /// The value to look at.
    pub fn borrow(&self) -> ValueRef<'_> {
        match self {
            Value::Null => ValueRef::Null,
            Value::Text(text) => ValueRef::Text(text),
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Number(number) => ValueRef::Number(*number),
            Value::Bool(yes) => ValueRef::Bool(*yes),
            Value::Date(day) => ValueRef::Date(*day),
            Value::Instant(at) => ValueRef::Instant(*at),
        }
    }

    /// Text, or `Null` when empty.
    pub fn text(text: &str) -> Value {
        if text.is_empty() {
            Value::Null
        } else {
            Value::Text(text.to_owned())
        }
    }

    /// A whole number, or `Null`.
    pub fn integer(number: Option<impl Into<i64>>) -> Value {
        number.map_or(Value::Null, |n| Value::Integer(n.into()))
    }

    /// True for `Null`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The value as JSON: instants as RFC 3339 with the offset of Asia/Shanghai.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Text(text) => text.as_str().into(),
            Value::Integer(number) => (*number).into(),
            Value::Number(number) => (*number).into(),
            Value::Bool(yes) => (*yes).into(),
            Value::Date(day) => day.to_string().into(),
            Value::Instant(at) => at.to_rfc3339().into(),
        }
    }
}

impl std::fmt::Display for Value {
    /// The value as people write it in a table cell; nothing for `Null`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Text(text) => f.write_str(text),
            Value::Integer(number) => number.fmt(f),
            Value::Number(number) => number.fmt(f),
            Value::Bool(yes) => yes.fmt(f),
            Value::Date(day) => day.fmt(f),
            Value::Instant(at) => f.write_str(&at.to_rfc3339()),
        }
    }
}

/// Type of a built-in property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Yes or no.
    Bool,
    /// A calendar day.
    Date,
    /// An instant.
    Instant,
}

/// A built-in property of a layer.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name in stores, URLs, tiles and exports.
    pub name: &'static str,
    /// Its type.
    pub field_type: FieldType,
    /// The Chinese title.
    pub zh: &'static str,
    /// The English title.
    pub en: &'static str,
}

impl Field {
    /// A field with its titles.
    pub const fn new(
        name: &'static str,
        field_type: FieldType,
        zh: &'static str,
        en: &'static str,
    ) -> Field {
        Field {
            name,
            field_type,
            zh,
            en,
        }
    }
}
