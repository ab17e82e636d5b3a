//! Mapbox Vector Tiles 2.1, written by hand.
//!
//! Attribute values are encoded once, in a [`Values`] dictionary that belongs
//! to the layer; a tile copies the bytes of those it uses. This is several
//! times faster than building messages, and gives the same tiles.
//! <https://github.com/mapbox/vector-tile-spec/tree/master/2.1>

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::EXTENT;
use super::rings::{Point, Rings};

/// An attribute value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number; NaN and infinities are written as they are.
    Double(f64),
    /// Yes or no.
    Bool(bool),
}

impl Value {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(s) => field_bytes(out, 1, s.as_bytes()),
            Self::Double(v) => {
                out.push(3 << 3 | 1);
                out.extend_from_slice(&v.to_le_bytes());
            }
            Self::Int(v) => encode_int(out, *v),
            Self::Bool(v) => {
                out.push(7 << 3);
                out.push(u8::from(*v));
            }
        }
    }
}

/// Whole numbers in the shorter of the two signed forms.
fn encode_int(out: &mut Vec<u8>, v: i64) {
    if let Ok(unsigned) = u64::try_from(v) {
        out.push(5 << 3);
        varint(out, unsigned);
    } else {
        out.push(6 << 3);
        varint(out, ((v << 1) ^ (v >> 63)) as u64);
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Self::Text(s.to_owned())
    }
}

/// A value's place in a [`Values`] dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(u32);

/// Values encoded once and used by many tiles.
#[derive(Debug, Clone, Default)]
pub struct Values {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    known: HashMap<Vec<u8>, ValueId>,
}

impl Values {
    /// An empty dictionary.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of a value, which is added when it is new.
    pub fn intern(&mut self, value: &Value) -> ValueId {
        let mut bytes = Vec::new();
        value.encode(&mut bytes);
        if let Some(id) = self.known.get(&bytes) {
            return *id;
        }
        let id = ValueId(self.ends.len() as u32);
        self.bytes.extend_from_slice(&bytes);
        self.ends.push(self.bytes.len() as u32);
        self.known.insert(bytes, id);
        id
    }

    fn get(&self, id: ValueId) -> &[u8] {
        let i = id.0 as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.bytes[start..self.ends[i] as usize]
    }
}

/// A key's place in a layer, as [`LayerWriter::key`] returns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(u32);

/// A value for one feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tag<'t> {
    /// One of the layer's dictionary.
    Known(ValueId),
    /// A whole number that is not worth keeping in a dictionary, as times are.
    Int(i64),
    /// Text that the dictionary does not have.
    Text(&'t str),
    /// A number that the dictionary does not have.
    Double(f64),
    /// Yes or no.
    Bool(bool),
}

/// Writes one layer of one tile.
#[derive(Debug)]
pub struct LayerWriter<'v> {
    name: String,
    values: &'v Values,
    keys: Vec<String>,
    /// Encoded features with their field headers.
    features: Vec<u8>,
    count: usize,
    /// Encoded values of this tile with their field headers.
    used: Vec<u8>,
    used_count: u32,
    by_id: Vec<u32>,
    by_int: HashMap<i64, u32, BuildHasherDefault<Quick>>,
    by_text: HashMap<String, u32, BuildHasherDefault<Quick>>,
    by_bytes: HashMap<Vec<u8>, u32>,
    geometry: Vec<u8>,
    tags: Vec<u8>,
}

const UNSEEN: u32 = u32::MAX;

/// A short hash for the few thousand values of a tile. Nobody gains by making
/// them collide: a tile's own size is the limit.
#[derive(Debug, Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // The odd number nearest to 2^64 divided by the golden ratio.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_i64(&mut self, word: i64) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        // The product's high bits are the good ones; tables use the low ones.
        self.0.rotate_left(26)
    }
}

impl<'v> LayerWriter<'v> {
    /// An empty layer whose values come from `values`.
    pub fn new(name: &str, values: &'v Values) -> Self {
        Self {
            name: name.to_owned(),
            values,
            keys: Vec::new(),
            features: Vec::new(),
            count: 0,
            used: Vec::new(),
            used_count: 0,
            by_id: vec![UNSEEN; values.ends.len()],
            by_int: HashMap::default(),
            by_text: HashMap::default(),
            by_bytes: HashMap::new(),
            geometry: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// Makes a key known; the same name gives the same key.
    pub fn key(&mut self, name: &str) -> Key {
        let position = self.keys.iter().position(|k| k == name);
        let index = position.unwrap_or_else(|| {
            self.keys.push(name.to_owned());
            self.keys.len() - 1
        });
        Key(index as u32)
    }

    /// How many features were written.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether no feature was written.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a point. `tags` are pairs of keys of this layer and values; those
    /// of the dictionary should be given as such, or the tile holds them twice.
    pub fn point(&mut self, id: Option<u64>, at: [i32; 2], tags: &[(Key, Tag<'_>)]) {
        self.geometry.clear();
        varint(&mut self.geometry, command(MOVE_TO, 1));
        varint(&mut self.geometry, zigzag(i64::from(at[0])));
        varint(&mut self.geometry, zigzag(i64::from(at[1])));
        self.feature(id, POINT, tags);
    }

    /// Adds a line of one or several parts, which have two or more points each
    /// and none twice in a row. Nothing is written for no parts.
    pub fn line(&mut self, id: Option<u64>, parts: &Rings, tags: &[(Key, Tag<'_>)]) {
        self.paths(id, LINE, parts, tags);
    }

    /// Adds polygons as [`super::area_in_tile`] returns them. Nothing is
    /// written for no rings.
    pub fn polygon(&mut self, id: Option<u64>, rings: &Rings, tags: &[(Key, Tag<'_>)]) {
        self.paths(id, POLYGON, rings, tags);
    }

    fn paths(&mut self, id: Option<u64>, kind: u8, parts: &Rings, tags: &[(Key, Tag<'_>)]) {
        if parts.is_empty() {
            return;
        }
        self.geometry.clear();
        let mut cursor = [0, 0];
        for part in parts.iter() {
            path(&mut self.geometry, &mut cursor, part);
            if kind == POLYGON {
                varint(&mut self.geometry, command(CLOSE_PATH, 1));
            }
        }
        self.feature(id, kind, tags);
    }

    /// Encodes pairs that many features share, for [`LayerWriter::point_like`]
    /// of this layer; appended to `out`.
    pub fn prepare(&mut self, tags: &[(Key, Tag<'_>)], out: &mut Vec<u8>) {
        for (key, tag) in tags {
            let value = self.value(*tag);
            varint(out, u64::from(key.0));
            varint(out, u64::from(value));
        }
    }

    /// Adds a point whose tags are some prepared ones, in order, and `tags`
    /// after them.
    pub fn point_like(
        &mut self,
        id: Option<u64>,
        at: [i32; 2],
        prepared: [&[u8]; 2],
        tags: &[(Key, Tag<'_>)],
    ) {
        self.geometry.clear();
        varint(&mut self.geometry, command(MOVE_TO, 1));
        varint(&mut self.geometry, zigzag(i64::from(at[0])));
        varint(&mut self.geometry, zigzag(i64::from(at[1])));
        self.tags.clear();
        for part in prepared {
            self.tags.extend_from_slice(part);
        }
        self.add_tags(tags);
        self.write_feature(id, POINT);
    }

    fn feature(&mut self, id: Option<u64>, kind: u8, tags: &[(Key, Tag<'_>)]) {
        self.tags.clear();
        self.add_tags(tags);
        self.write_feature(id, kind);
    }

    fn add_tags(&mut self, tags: &[(Key, Tag<'_>)]) {
        let mut out = std::mem::take(&mut self.tags);
        self.prepare(tags, &mut out);
        self.tags = out;
    }

    /// Writes what `tags` and `geometry` hold.
    fn write_feature(&mut self, id: Option<u64>, kind: u8) {
        let id_len = id.map_or(0, |id| 1 + varint_len(id));
        let tags_len = if self.tags.is_empty() {
            0
        } else {
            field_len(self.tags.len())
        };
        let body = id_len + tags_len + 2 + field_len(self.geometry.len());
        let out = &mut self.features;
        out.push(2 << 3 | 2);
        varint(out, body as u64);
        if let Some(id) = id {
            out.push(1 << 3);
            varint(out, id);
        }
        if !self.tags.is_empty() {
            field_bytes(out, 2, &self.tags);
        }
        out.push(3 << 3);
        out.push(kind);
        field_bytes(out, 4, &self.geometry);
        self.count += 1;
    }

    fn value(&mut self, tag: Tag<'_>) -> u32 {
        let next = self.used_count;
        match tag {
            Tag::Known(id) => {
                let slot = &mut self.by_id[id.0 as usize];
                if *slot != UNSEEN {
                    return *slot;
                }
                *slot = next;
                field_bytes(&mut self.used, 4, self.values.get(id));
            }
            Tag::Int(v) => {
                if let Some(seen) = self.by_int.get(&v) {
                    return *seen;
                }
                self.by_int.insert(v, next);
                self.new_value(|out| encode_int(out, v));
            }
            Tag::Text(text) => {
                if let Some(seen) = self.by_text.get(text) {
                    return *seen;
                }
                self.by_text.insert(text.to_owned(), next);
                self.new_value(|out| field_bytes(out, 1, text.as_bytes()));
            }
            Tag::Double(v) => return self.rare_value(&Value::Double(v)),
            Tag::Bool(v) => return self.rare_value(&Value::Bool(v)),
        }
        self.used_count += 1;
        next
    }

    fn new_value(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = Vec::with_capacity(16);
        encode(&mut bytes);
        field_bytes(&mut self.used, 4, &bytes);
    }

    fn rare_value(&mut self, value: &Value) -> u32 {
        let mut bytes = Vec::with_capacity(10);
        value.encode(&mut bytes);
        if let Some(seen) = self.by_bytes.get(&bytes) {
            return *seen;
        }
        let next = self.used_count;
        field_bytes(&mut self.used, 4, &bytes);
        self.by_bytes.insert(bytes, next);
        self.used_count += 1;
        next
    }

    /// The finished layer message with its field header, or nothing when no
    /// feature was written. Layers of different names joined end to end are a
    /// tile.
    pub fn finish(self) -> Vec<u8> {
        if self.count == 0 {
            return Vec::new();
        }
        let mut head = vec![15 << 3, 2];
        field_bytes(&mut head, 1, self.name.as_bytes());
        let mut tail = Vec::new();
        for key in &self.keys {
            field_bytes(&mut tail, 3, key.as_bytes());
        }
        tail.extend_from_slice(&self.used);
        tail.push(5 << 3);
        varint(&mut tail, u64::from(EXTENT));
        let body = head.len() + self.features.len() + tail.len();
        let mut out = Vec::with_capacity(body + 6);
        out.push(3 << 3 | 2);
        varint(&mut out, body as u64);
        out.extend_from_slice(&head);
        out.extend_from_slice(&self.features);
        out.extend_from_slice(&tail);
        out
    }
}

const POINT: u8 = 1;
const LINE: u8 = 2;
const POLYGON: u8 = 3;
const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

fn command(id: u64, count: usize) -> u64 {
    id | (count as u64) << 3
}

fn path(out: &mut Vec<u8>, cursor: &mut Point, points: &[Point]) {
    let mut step = |out: &mut Vec<u8>, p: Point| {
        varint(out, zigzag(p[0] - cursor[0]));
        varint(out, zigzag(p[1] - cursor[1]));
        *cursor = p;
    };
    let Some((first, rest)) = points.split_first() else {
        return;
    };
    varint(out, command(MOVE_TO, 1));
    step(out, *first);
    varint(out, command(LINE_TO, rest.len()));
    for p in rest {
        step(out, *p);
    }
}

/// Coordinates are 32 bits wide on the wire; shapes are cut to tiles before,
/// so nothing is lost.
fn zigzag(v: i64) -> u64 {
    u64::from(((v as i32) << 1 ^ (v as i32) >> 31) as u32)
}

#[inline]
fn varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

fn varint_len(v: u64) -> usize {
    (64 - (v | 1).leading_zeros() as usize).div_ceil(7)
}

fn field_len(content: usize) -> usize {
    1 + varint_len(content as u64) + content
}

fn field_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    out.push(field << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use fast_mvt::{MvtReaderRef, MvtValueRef};
    use proptest::prelude::*;

    fn rings(list: &[&[Point]]) -> Rings {
        let mut out = Rings::new();
        for r in list {
            out.push(r);
        }
        out
    }

    #[test]
    fn a_reader_by_others_reads_the_same_layer() {
        let mut values = Values::new();
        let red = values.intern(&"红".into());
        assert_eq!(values.intern(&"红".into()), red);
        let half = values.intern(&Value::Double(0.5));
        let yes = values.intern(&Value::Bool(true));
        values.intern(&"unused".into());
        let mut w = LayerWriter::new("areas", &values);
        let (name, n) = (w.key("name"), w.key("n"));
        let rest = w.key("rest");
        assert_eq!(w.key("name"), name);
        w.point(
            Some(7),
            [5, -3],
            &[(name, Tag::Known(red)), (n, Tag::Int(-5))],
        );
        let square: &[Point] = &[[0, 0], [10, 0], [10, 10], [0, 10]];
        let hole: &[Point] = &[[2, 2], [2, 4], [4, 4], [4, 2]];
        w.polygon(None, &rings(&[square, hole]), &[(rest, Tag::Known(half))]);
        w.line(
            Some(1 << 40),
            &rings(&[&[[0, 0], [4095, 4096]], &[[7, 7], [8, 8]]]),
            &[
                (name, Tag::Known(red)),
                (rest, Tag::Known(yes)),
                (n, Tag::Int(1 << 40)),
            ],
        );
        assert_eq!(w.len(), 3);
        let bytes = w.finish();

        let reader = MvtReaderRef::new(&bytes).unwrap();
        let layer = reader.layers().next().unwrap();
        assert_eq!(
            (layer.name(), layer.version(), layer.extent()),
            ("areas", 2, 4096)
        );
        assert_eq!(layer.values().count(), 5);
        assert_eq!(layer.keys(), ["name", "n", "rest"]);
        let features: Vec<_> = layer.features().collect();
        assert_eq!(features[0].id(), Some(7));
        assert_eq!(
            features[0].properties_vec().unwrap(),
            [
                ("name", MvtValueRef::String("红")),
                ("n", MvtValueRef::SInt(-5))
            ]
        );
        assert_eq!(features[1].id(), None);
        assert_eq!(features[2].id(), Some(1 << 40));
        let shapes: Vec<_> = features
            .iter()
            .map(|f| format!("{:?}", f.geometry().unwrap()))
            .collect();
        assert_eq!(
            shapes,
            [
                "POINT(5 -3)",
                "POLYGON((0 0,10 0,10 10,0 10,0 0),(2 2,2 4,4 4,4 2,2 2))",
                "MULTILINESTRING((0 0,4095 4096),(7 7,8 8))",
            ]
        );
    }

    #[test]
    fn nothing_is_written_for_nothing() {
        let values = Values::new();
        let mut w = LayerWriter::new("empty", &values);
        w.polygon(Some(1), &Rings::new(), &[]);
        assert!(w.is_empty() && w.finish().is_empty());
    }

    proptest! {
        #[test]
        fn lengths_of_numbers_are_right(v: u64) {
            let mut out = Vec::new();
            varint(&mut out, v);
            prop_assert_eq!(out.len(), varint_len(v));
        }

        #[test]
        fn coordinates_and_numbers_come_back(
            points in prop::collection::vec((any::<i16>(), any::<i16>()), 2..40),
            ints in prop::collection::vec(any::<i64>(), 1..9),
        ) {
            let mut line: Vec<Point> = points.iter().map(|p| [p.0.into(), p.1.into()]).collect();
            line.dedup();
            prop_assume!(line.len() >= 2);
            let values = Values::new();
            let mut w = LayerWriter::new("a", &values);
            let k = w.key("k");
            for v in &ints {
                w.line(None, &rings(&[&line]), &[(k, Tag::Int(*v))]);
            }
            let bytes = w.finish();
            let reader = MvtReaderRef::new(&bytes).unwrap();
            let layer = reader.layers().next().unwrap();
            for (f, v) in layer.features().zip(&ints) {
                let got = match f.properties_vec().unwrap()[0].1 {
                    MvtValueRef::UInt(u) => i64::try_from(u).unwrap(),
                    MvtValueRef::SInt(i) => i,
                    other => panic!("{other:?}"),
                };
                prop_assert_eq!(got, *v);
                let fast_mvt::MvtGeometry::LineString(back) = f.geometry().unwrap() else { panic!() };
                let back: Vec<Point> = back.0.iter().map(|c| [c.x.into(), c.y.into()]).collect();
                prop_assert_eq!(&back, &line);
            }
        }
    }
}
