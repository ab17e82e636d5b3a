//! Rows written down one after the other, ready to be bound without a copy.

use jiff::civil::Date;

use super::statement::Bound;
use crate::model::{FeatureId, Timestamp};
use crate::store::row::{Columns, Shape, moment};

/// The values of many rows, row by row.
#[derive(Debug, Default)]
pub(super) struct Packed {
    /// Texts and blobs without anything between.
    bytes: Vec<u8>,
    values: Vec<Value>,
}

/// A value; texts and blobs by their end in the bytes, where the next begins.
#[derive(Debug, Clone, Copy)]
enum Value {
    Nothing,
    Number(i64),
    Text(usize),
    Bytes(usize),
}

impl Packed {
    /// The values in the order in which they came.
    pub(super) fn values(&self) -> impl Iterator<Item = Bound<'_>> {
        let mut at = 0;
        self.values.iter().map(move |value| {
            let from = at;
            match *value {
                Value::Nothing => Bound::Nothing,
                Value::Number(number) => Bound::Number(number),
                Value::Text(end) => {
                    at = end;
                    // Only whole texts were put there.
                    std::str::from_utf8(&self.bytes[from..end]).map_or(Bound::Nothing, Bound::Text)
                }
                Value::Bytes(end) => {
                    at = end;
                    Bound::Bytes(&self.bytes[from..end])
                }
            }
        })
    }

    fn maybe<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => put(self, value),
            None => self.values.push(Value::Nothing),
        }
    }

    fn put_text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.values.push(Value::Text(self.bytes.len()));
    }

    fn put_number(&mut self, number: i64) {
        self.values.push(Value::Number(number));
    }
}

impl Columns for Packed {
    fn id(&mut self, id: FeatureId) {
        self.maybe((id != FeatureId::NEW).then_some(id.0), Self::put_number);
    }

    fn shape(&mut self, shape: Option<Shape<'_>>) {
        self.maybe(shape, |this, shape| {
            shape.put_gpkg(&mut this.bytes);
            this.values.push(Value::Bytes(this.bytes.len()));
        });
    }

    fn text(&mut self, text: &str) {
        self.maybe((!text.is_empty()).then_some(text), Self::put_text);
    }

    fn json(&mut self, text: Option<String>) {
        self.maybe(text, |this, text| this.put_text(&text));
    }

    fn count(&mut self, count: Option<u32>) {
        self.maybe(count, |this, count| this.put_number(count.into()));
    }

    fn yes(&mut self, yes: bool) {
        self.put_number(yes.into());
    }

    fn date(&mut self, date: Option<Date>) {
        self.maybe(date, |this, day| this.put_text(&day.to_string()));
    }

    fn instant(&mut self, at: Option<Timestamp>) {
        self.maybe(at, |this, at| this.put_text(&moment::instant_text(at)));
    }
}
