//! Before-images: a row as JSON, as the triggers of either store write it.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{Cells, Stored, moment};
use crate::model::{
    Category, Compound, FeatureId, Grid, Incident, IncidentKind, LayerName, Route, Street,
    Timestamp,
};
use crate::store::history::Content;

/// A row of a layer before a change; `None` for what is no row of ours.
pub(in crate::store) fn entity(layer: LayerName, id: FeatureId, json: &str) -> Option<Content> {
    match layer {
        LayerName::Grids => read::<Grid>(id, json),
        LayerName::Compounds => read::<Compound>(id, json),
        LayerName::Streets => read::<Street>(id, json),
        LayerName::Routes => read::<Route>(id, json),
        LayerName::Incidents => read::<Incident>(id, json),
    }
}

/// A category before a change.
pub(in crate::store) fn category(json: &str) -> Option<Category> {
    let row = object(json)?;
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let owned = |name: &str| text(name).unwrap_or_default().to_owned();
    Some(Category {
        code: owned("code"),
        parent: text("parent")
            .filter(|code| !code.is_empty())
            .map(str::to_owned),
        kind: text("kind")?.parse::<IncidentKind>().ok()?,
        name_zh: owned("name_zh"),
        name_en: owned("name_en"),
        sensitive: row.get("sensitive").is_some_and(truth),
        aliases: aliases(text("aliases").unwrap_or_default()),
    })
}

/// The other words of a category, as its table has them.
pub(in crate::store) fn aliases(text: &str) -> Vec<String> {
    let words = text.split('|').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Name and value of a setting before a change; a value that is no JSON is
/// taken as text.
pub(in crate::store) fn setting(json: &str) -> Option<(String, Value)> {
    let row = object(json)?;
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    Some((text("name")?.to_owned(), setting_value(text("value")?)))
}

/// A setting's value; one that is no JSON is taken as text.
pub(in crate::store) fn setting_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn object(json: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(json).ok()
}

fn truth(value: &Value) -> bool {
    value.as_bool().unwrap_or(false) || value.as_i64().is_some_and(|number| number != 0)
}

fn read<T: Stored>(id: FeatureId, json: &str) -> Option<Content> {
    let mut cells = JsonCells {
        row: object(json)?,
        id: Some(id),
        names: ["geom"]
            .iter()
            .chain(T::COLUMNS)
            .chain(&["source", "source_id", "extra"]),
        bytes: Vec::new(),
    };
    T::read(&mut cells).map(T::into_content)
}

struct JsonCells<N> {
    row: Map<String, Value>,
    /// The first cell.
    id: Option<FeatureId>,
    /// The names of the others.
    names: N,
    bytes: Vec<u8>,
}

impl<N: Iterator<Item = &'static &'static str>> JsonCells<N> {
    fn next(&mut self) -> Option<&Value> {
        self.row.get(*self.names.next()?)
    }
}

impl<N: Iterator<Item = &'static &'static str>> Cells for JsonCells<N> {
    fn integer(&mut self) -> Option<i64> {
        match self.id.take() {
            Some(id) => Some(id.0),
            None => self.next()?.as_i64(),
        }
    }

    fn text(&mut self) -> Option<&str> {
        self.next()?.as_str()
    }

    fn yes(&mut self) -> bool {
        self.next().is_some_and(truth)
    }

    fn date(&mut self) -> Option<Date> {
        self.text().and_then(moment::read_date)
    }

    fn instant(&mut self) -> Option<Timestamp> {
        self.text().and_then(moment::read_instant)
    }

    fn bytes(&mut self) -> Option<&[u8]> {
        let hex = self.next()?.as_str()?;
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        let bytes: Option<Vec<u8>> = hex
            .as_bytes()
            .chunks(2)
            .map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?))
            .collect();
        self.bytes = bytes?;
        Some(&self.bytes)
    }
}
