//! What is read only when an incident is looked at: source id, text, reported
//! time, extra columns. One arena of bytes per segment.

use jiff::civil::Date;

use crate::model::{Incident, Timestamp, Value, ValueRef};

/// Rows between two remembered offsets.
const STRIDE: usize = 16;

/// The arena of a segment.
#[derive(Debug, Default)]
pub(super) struct Cold {
    bytes: Box<[u8]>,
    /// Where every 16th row starts.
    starts: Box<[u32]>,
    keys: Box<[Box<str>]>,
}

/// The texts of one incident.
#[derive(Debug)]
pub(super) struct ColdRow<'s> {
    pub(super) source_id: &'s str,
    pub(super) text: &'s str,
    pub(super) reported_at: Option<Timestamp>,
    extra: Reader<'s>,
    keys: &'s [Box<str>],
}

impl ColdRow<'_> {
    pub(super) fn extra(mut self) -> Vec<(String, Value)> {
        let count = self.extra.number();
        (0..count)
            .map(|_| {
                let key = usize::try_from(self.extra.number()).unwrap_or(usize::MAX);
                let key = self.keys.get(key).map_or("", |key| &**key);
                (key.to_owned(), self.extra.value().into())
            })
            .collect()
    }
}

/// Builds an arena row by row.
#[derive(Debug, Default)]
pub(super) struct ColdBuilder {
    bytes: Vec<u8>,
    starts: Vec<u32>,
    keys: Vec<Box<str>>,
    rows: usize,
    row: Vec<u8>,
}

impl ColdBuilder {
    /// Adds the next row. `false` when the arena is full (4 GB).
    pub(super) fn push(&mut self, incident: &Incident) {
        if self.rows.is_multiple_of(STRIDE) {
            // A segment has at most 65,536 rows: 64 kB of text each would fill it.
            self.starts
                .push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        }
        self.rows += 1;
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        put_text(&mut row, &incident.meta.source_id);
        put_text(&mut row, &incident.text);
        match incident.reported_at {
            None => row.push(0),
            Some(at) => {
                row.push(1);
                put_signed(&mut row, at.0.wrapping_sub(incident.occurred_at.0));
            }
        }
        put_number(&mut row, incident.meta.extra.len() as u64);
        for (key, value) in &incident.meta.extra {
            let slot = self.keys.iter().position(|known| **known == **key);
            let slot = slot.unwrap_or_else(|| {
                self.keys.push(key.as_str().into());
                self.keys.len() - 1
            });
            put_number(&mut row, slot as u64);
            put_value(&mut row, value);
        }
        put_number(&mut self.bytes, row.len() as u64);
        self.bytes.extend_from_slice(&row);
        self.row = row;
    }

    pub(super) fn finish(self) -> Cold {
        Cold {
            bytes: self.bytes.into_boxed_slice(),
            starts: self.starts.into_boxed_slice(),
            keys: self.keys.into_boxed_slice(),
        }
    }
}

impl Cold {
    /// The texts of a row; `occurred_at` is what the reported time counts from.
    pub(super) fn row(&self, row: usize, occurred_at: Timestamp) -> ColdRow<'_> {
        let mut reader = self.reader(row);
        let source_id = reader.text();
        let text = reader.text();
        let reported_at =
            (reader.byte() == 1).then(|| Timestamp(occurred_at.0.wrapping_add(reader.signed())));
        ColdRow {
            source_id,
            text,
            reported_at,
            extra: reader,
            keys: &self.keys,
        }
    }

    /// Where a row's bytes begin.
    fn reader(&self, row: usize) -> Reader<'_> {
        let start = self
            .starts
            .get(row / STRIDE)
            .map_or(0, |&start| start as usize);
        let mut reader = Reader(self.bytes.get(start..).unwrap_or(&[]));
        for _ in 0..row % STRIDE {
            let length = reader.number();
            reader.take(length);
        }
        let length = reader.number();
        Reader(reader.take(length))
    }

    /// The number of an extra column; `None` if no row has it.
    pub(super) fn extra_slot(&self, column: &str) -> Option<usize> {
        self.keys.iter().position(|key| **key == *column)
    }

    /// One extra column of a row, by the column's number, without making the
    /// others.
    pub(super) fn extra(&self, row: usize, slot: usize) -> ValueRef<'_> {
        let mut reader = self.reader(row);
        for _ in ["source_id", "text"] {
            let length = reader.number();
            reader.take(length);
        }
        if reader.byte() == 1 {
            reader.signed();
        }
        for _ in 0..reader.number() {
            let key = reader.number();
            let value = reader.value();
            if key == slot as u64 {
                return value;
            }
        }
        ValueRef::Null
    }

    pub(super) fn text_bytes(&self) -> usize {
        self.bytes.len() + self.keys.iter().map(|key| key.len()).sum::<usize>()
    }

    pub(super) fn index_bytes(&self) -> usize {
        self.starts.len() * size_of::<u32>()
    }
}

fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0),
        Value::Text(text) => {
            out.push(1);
            put_text(out, text);
        }
        Value::Integer(number) => {
            out.push(2);
            put_signed(out, *number);
        }
        Value::Number(number) => {
            out.push(3);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Bool(yes) => out.extend_from_slice(&[4, u8::from(*yes)]),
        Value::Date(day) => {
            out.push(5);
            put_signed(out, day.year().into());
            out.extend_from_slice(&[day.month().cast_unsigned(), day.day().cast_unsigned()]);
        }
        Value::Instant(at) => {
            out.push(6);
            put_signed(out, at.0);
        }
    }
}

/// Reads what the builder wrote; past the end everything is zero or empty.
#[derive(Debug)]
struct Reader<'s>(&'s [u8]);

impl<'s> Reader<'s> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn take(&mut self, length: u64) -> &'s [u8] {
        let length = usize::try_from(length).map_or(self.0.len(), |n| n.min(self.0.len()));
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    fn signed(&mut self) -> i64 {
        let number = self.number();
        (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
    }

    fn text(&mut self) -> &'s str {
        let length = self.number();
        std::str::from_utf8(self.take(length)).unwrap_or("")
    }

    fn value(&mut self) -> ValueRef<'s> {
        match self.byte() {
            1 => ValueRef::Text(self.text()),
            2 => ValueRef::Integer(self.signed()),
            3 => {
                let bytes = self.take(8).try_into().unwrap_or([0; 8]);
                ValueRef::Number(f64::from_le_bytes(bytes))
            }
            4 => ValueRef::Bool(self.byte() == 1),
            5 => {
                let year = i16::try_from(self.signed()).unwrap_or(0);
                let (month, day) = (self.byte().cast_signed(), self.byte().cast_signed());
                Date::new(year, month, day).map_or(ValueRef::Null, ValueRef::Date)
            }
            6 => ValueRef::Instant(Timestamp(self.signed())),
            _ => ValueRef::Null,
        }
    }
}
