//! Extra columns as one JSON object per row, in the order of the file, so that
//! QGIS users can read them and a second import finds them unchanged.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::model::{Timestamp, Value};

/// `None` when there are no extra columns.
pub(in crate::store) fn write(extra: &[(String, Value)]) -> Option<String> {
    if extra.is_empty() {
        return None;
    }
    serde_json::to_string(&Columns(extra)).ok()
}

/// What [`write`] wrote; nothing for text that is no JSON object.
pub(in crate::store) fn read(text: &str) -> Vec<(String, Value)> {
    serde_json::from_str::<Read>(text).map_or_else(|_| Vec::new(), |read| read.0)
}

struct Columns<'a>(&'a [(String, Value)]);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, &Cell::from(value))?;
        }
        map.end()
    }
}

/// A value whose type JSON alone would lose is wrapped in an object.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Cell {
    Null(()),
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    Date { date: jiff::civil::Date },
    Instant { instant: i64 },
}

impl From<&Value> for Cell {
    fn from(value: &Value) -> Cell {
        match value {
            Value::Null => Cell::Null(()),
            Value::Text(text) => Cell::Text(text.clone()),
            Value::Integer(number) => Cell::Integer(*number),
            Value::Number(number) => Cell::Number(*number),
            Value::Bool(yes) => Cell::Bool(*yes),
            Value::Date(date) => Cell::Date { date: *date },
            Value::Instant(at) => Cell::Instant { instant: at.0 },
        }
    }
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Value {
        match cell {
            Cell::Null(()) => Value::Null,
            Cell::Bool(yes) => Value::Bool(yes),
            Cell::Integer(number) => Value::Integer(number),
            Cell::Number(number) => Value::Number(number),
            Cell::Text(text) => Value::Text(text),
            Cell::Date { date } => Value::Date(date),
            Cell::Instant { instant } => Value::Instant(Timestamp(instant)),
        }
    }
}

struct Read(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Read;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of columns")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
                let mut columns = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let cell: Cell = map.next_value().map_err(de::Error::custom)?;
                    columns.push((name, cell.into()));
                }
                Ok(Read(columns))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_type_and_order() {
        let extra = vec![
            ("部门".to_owned(), Value::Text("城管".to_owned())),
            ("b".to_owned(), Value::Number(5.0)),
            ("a".to_owned(), Value::Integer(5)),
            ("d".to_owned(), Value::Date(jiff::civil::date(2026, 1, 2))),
            ("n".to_owned(), Value::Null),
            ("t".to_owned(), Value::Instant(Timestamp(7))),
            ("y".to_owned(), Value::Bool(true)),
        ];
        let text = write(&extra).unwrap();
        assert!(
            text.starts_with(r#"{"部门":"城管","b":5.0,"a":5,"#),
            "{text}"
        );
        assert_eq!(read(&text), extra);
        assert_eq!(write(&[]), None);
        assert!(read("[1]").is_empty());
    }
}
