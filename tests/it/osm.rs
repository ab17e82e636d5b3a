//! Small OpenStreetMap extracts made by hand, so that no data of other people
//! is needed. Written from the description of the format: blobs of protocol
//! buffers, here without compression.
//! <https://wiki.openstreetmap.org/wiki/PBF_Format>

/// An extract in the making.
#[derive(Debug, Default)]
pub(crate) struct Extract {
    strings: Vec<String>,
    nodes: Vec<Vec<u8>>,
    ways: Vec<Vec<u8>>,
    relations: Vec<Vec<u8>>,
    points: i64,
    lines: i64,
}

/// Elements of one block.
const BLOCK: usize = 4_000;

impl Extract {
    pub(crate) fn new() -> Extract {
        Extract {
            strings: vec![String::new()],
            ..Extract::default()
        }
    }

    fn string(&mut self, text: &str) -> u64 {
        let at = self.strings.iter().position(|known| known == text);
        let at = at.unwrap_or_else(|| {
            self.strings.push(text.to_owned());
            self.strings.len() - 1
        });
        at as u64
    }

    fn tags(&mut self, tags: &[(&str, &str)]) -> [Vec<u8>; 2] {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (key, value) in tags {
            varint(&mut keys, self.string(key));
            varint(&mut values, self.string(value));
        }
        [keys, values]
    }

    /// A point; answers its number.
    pub(crate) fn node(&mut self, lon: f64, lat: f64, tags: &[(&str, &str)]) -> i64 {
        self.points += 1;
        let [keys, values] = self.tags(tags);
        let mut node = Vec::new();
        number(&mut node, 1, zigzag(self.points));
        bytes(&mut node, 2, &keys);
        bytes(&mut node, 3, &values);
        number(&mut node, 8, zigzag((lat * 1e7).round() as i64));
        number(&mut node, 9, zigzag((lon * 1e7).round() as i64));
        self.nodes.push(node);
        self.points
    }

    /// A way over points that are there; answers its number.
    pub(crate) fn way(&mut self, points: &[i64], tags: &[(&str, &str)]) -> i64 {
        self.lines += 1;
        let [keys, values] = self.tags(tags);
        let mut way = Vec::new();
        number(&mut way, 1, self.lines as u64);
        bytes(&mut way, 2, &keys);
        bytes(&mut way, 3, &values);
        bytes(&mut way, 8, &steps(points));
        self.ways.push(way);
        self.lines
    }

    /// A line with points of its own.
    pub(crate) fn line(&mut self, places: &[[f64; 2]], tags: &[(&str, &str)]) -> i64 {
        let points: Vec<i64> = places.iter().map(|[x, y]| self.node(*x, *y, &[])).collect();
        self.way(&points, tags)
    }

    /// A rectangle with points of its own.
    pub(crate) fn square(&mut self, at: [f64; 2], side: f64, tags: &[(&str, &str)]) -> i64 {
        let [x, y] = at;
        let corners = [[x, y], [x + side, y], [x + side, y + side], [x, y + side]];
        let mut points: Vec<i64> = corners
            .iter()
            .map(|[x, y]| self.node(*x, *y, &[]))
            .collect();
        points.push(points[0]);
        self.way(&points, tags)
    }

    /// A multipolygon of ways, the later ones holes.
    pub(crate) fn area(&mut self, outer: i64, inner: &[i64], tags: &[(&str, &str)]) {
        let all: Vec<(&str, &str)> = tags
            .iter()
            .copied()
            .chain([("type", "multipolygon")])
            .collect();
        let [keys, values] = self.tags(&all);
        let (mut roles, mut types) = (Vec::new(), Vec::new());
        let (outside, inside) = (self.string("outer"), self.string("inner"));
        varint(&mut roles, outside);
        inner.iter().for_each(|_| varint(&mut roles, inside));
        (0..=inner.len()).for_each(|_| varint(&mut types, 1));
        let members: Vec<i64> = std::iter::once(outer)
            .chain(inner.iter().copied())
            .collect();
        let mut relation = Vec::new();
        number(&mut relation, 1, self.relations.len() as u64 + 1);
        bytes(&mut relation, 2, &keys);
        bytes(&mut relation, 3, &values);
        bytes(&mut relation, 8, &roles);
        bytes(&mut relation, 9, &steps(&members));
        bytes(&mut relation, 10, &types);
        self.relations.push(relation);
    }

    /// The file.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut head = Vec::new();
        bytes(&mut head, 4, b"OsmSchema-V0.6");
        let mut out = Vec::new();
        blob(&mut out, "OSMHeader", &head);
        let mut table = Vec::new();
        for text in &self.strings {
            bytes(&mut table, 1, text.as_bytes());
        }
        let kinds = [(1, &self.nodes), (3, &self.ways), (4, &self.relations)];
        for (field, elements) in kinds {
            for chunk in elements.chunks(BLOCK) {
                let mut group = Vec::new();
                chunk
                    .iter()
                    .for_each(|element| bytes(&mut group, field, element));
                let mut block = Vec::new();
                bytes(&mut block, 1, &table);
                bytes(&mut block, 2, &group);
                blob(&mut out, "OSMData", &block);
            }
        }
        out
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

/// Each number by its distance from the one before.
fn steps(numbers: &[i64]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut last = 0;
    for number in numbers {
        varint(&mut out, zigzag(number - last));
        last = *number;
    }
    out
}

fn blob(out: &mut Vec<u8>, kind: &str, content: &[u8]) {
    let mut body = Vec::new();
    bytes(&mut body, 1, content);
    number(&mut body, 2, content.len() as u64);
    let mut head = Vec::new();
    bytes(&mut head, 1, kind.as_bytes());
    number(&mut head, 3, body.len() as u64);
    out.extend_from_slice(&u32::try_from(head.len()).unwrap().to_be_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(&body);
}
