//! The binary parts of a Shapefile: shapes, their index, and dBase rows.

use geo::{BoundingRect, Coord, Geometry, Polygon};

use super::text::{lines_of, polygons_of};
use crate::format::encoding::Encoding;

/// Number of a shape type in the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShapeType {
    Point = 1,
    Line = 3,
    Area = 5,
}

impl ShapeType {
    /// The type of a geometry.
    pub(super) fn of(shape: &Geometry<f64>) -> Option<Self> {
        match shape {
            Geometry::Point(_) => Some(Self::Point),
            Geometry::LineString(_) | Geometry::MultiLineString(_) => Some(Self::Line),
            Geometry::Polygon(_) | Geometry::MultiPolygon(_) => Some(Self::Area),
            _ => None,
        }
    }
}

/// `.shp` and `.shx` on the way.
pub(super) struct Shapes {
    shape_type: ShapeType,
    shp: Vec<u8>,
    shx: Vec<u8>,
    records: i32,
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Shapes {
    pub(super) fn new(shape_type: ShapeType) -> Self {
        Self {
            shape_type,
            shp: vec![0; 100],
            shx: vec![0; 100],
            records: 0,
            west: f64::INFINITY,
            south: f64::INFINITY,
            east: f64::NEG_INFINITY,
            north: f64::NEG_INFINITY,
        }
    }

    /// Adds a record; `None` is a null shape.
    pub(super) fn add(&mut self, shape: Option<&Geometry<f64>>) {
        let mut content = Vec::new();
        match shape {
            None => content.extend_from_slice(&0i32.to_le_bytes()),
            Some(Geometry::Point(at)) => {
                content.extend_from_slice(&(ShapeType::Point as i32).to_le_bytes());
                place(&mut content, at.0);
            }
            Some(shape) => {
                content.extend_from_slice(&(self.shape_type as i32).to_le_bytes());
                parts(&mut content, shape, self.shape_type);
            }
        }
        if let Some(b) = shape.and_then(BoundingRect::bounding_rect) {
            self.west = self.west.min(b.min().x);
            self.south = self.south.min(b.min().y);
            self.east = self.east.max(b.max().x);
            self.north = self.north.max(b.max().y);
        }
        self.records += 1;
        // Offsets and lengths count words of two bytes.
        let length = words(content.len()).to_be_bytes();
        self.shx
            .extend_from_slice(&words(self.shp.len()).to_be_bytes());
        self.shx.extend_from_slice(&length);
        self.shp.extend_from_slice(&self.records.to_be_bytes());
        self.shp.extend_from_slice(&length);
        self.shp.extend_from_slice(&content);
    }

    /// The bytes of `.shp` and `.shx`.
    pub(super) fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        if self.west > self.east {
            (self.west, self.south, self.east, self.north) = (0.0, 0.0, 0.0, 0.0);
        }
        for bytes in [&mut self.shp, &mut self.shx] {
            let length = words(bytes.len());
            bytes[0..4].copy_from_slice(&9994i32.to_be_bytes());
            bytes[24..28].copy_from_slice(&length.to_be_bytes());
            bytes[28..32].copy_from_slice(&1000i32.to_le_bytes());
            bytes[32..36].copy_from_slice(&(self.shape_type as i32).to_le_bytes());
            let bounds = [self.west, self.south, self.east, self.north];
            for (n, value) in bounds.into_iter().enumerate() {
                bytes[36 + 8 * n..44 + 8 * n].copy_from_slice(&value.to_le_bytes());
            }
        }
        (self.shp, self.shx)
    }
}

fn words(bytes: usize) -> i32 {
    i32::try_from(bytes / 2).unwrap_or(i32::MAX)
}

fn place(out: &mut Vec<u8>, at: Coord) {
    out.extend_from_slice(&at.x.to_le_bytes());
    out.extend_from_slice(&at.y.to_le_bytes());
}

/// Box, counts, starts of the parts, places.
fn parts(out: &mut Vec<u8>, shape: &Geometry<f64>, shape_type: ShapeType) {
    let rings: Vec<Vec<Coord>> = if shape_type == ShapeType::Area {
        polygons_of(shape).into_iter().flat_map(rings).collect()
    } else {
        lines_of(shape).into_iter().map(<[Coord]>::to_vec).collect()
    };
    let bounds = shape.bounding_rect();
    let (min, max) = bounds.map_or((Coord::zero(), Coord::zero()), |b| (b.min(), b.max()));
    place(out, min);
    place(out, max);
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX).to_le_bytes();
    out.extend_from_slice(&count(rings.len()));
    out.extend_from_slice(&count(rings.iter().map(Vec::len).sum()));
    let mut start = 0;
    for ring in &rings {
        out.extend_from_slice(&count(start));
        start += ring.len();
    }
    for at in rings.iter().flatten() {
        place(out, *at);
    }
}

/// The rings of a polygon as the format wants them: outer ones clockwise,
/// holes the other way.
fn rings(area: &Polygon<f64>) -> Vec<Vec<Coord>> {
    let turned = |ring: &geo::LineString<f64>, clockwise: bool| {
        let twice: f64 = ring
            .lines()
            .map(|l| l.start.x * l.end.y - l.end.x * l.start.y)
            .sum();
        let mut places = ring.0.clone();
        if (twice < 0.0) != clockwise {
            places.reverse();
        }
        places
    };
    let mut out = vec![turned(area.exterior(), true)];
    out.extend(area.interiors().iter().map(|hole| turned(hole, false)));
    out
}

/// A column of a dBase table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DbfField {
    /// At most 10 bytes in the encoding of the table.
    pub(super) name: Vec<u8>,
    /// `C`, `N`, `L` or `D`.
    pub(super) kind: u8,
    pub(super) width: u8,
    pub(super) decimals: u8,
}

/// A dBase table: header, rows of fixed width, an end mark.
pub(super) fn dbf(fields: &[DbfField], rows: &[Vec<Vec<u8>>], encoding: Encoding) -> Vec<u8> {
    let record: usize = 1 + fields.iter().map(|f| usize::from(f.width)).sum::<usize>();
    let header = 32 + 32 * fields.len() + 1;
    let mut out = vec![0; 32];
    // dBase III, a date that means nothing, counts, the language.
    out[0..4].copy_from_slice(&[3, 100, 1, 1]);
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    out[4..8].copy_from_slice(&count.to_le_bytes());
    out[8..10].copy_from_slice(&u16::try_from(header).unwrap_or(u16::MAX).to_le_bytes());
    out[10..12].copy_from_slice(&u16::try_from(record).unwrap_or(u16::MAX).to_le_bytes());
    out[29] = if encoding == Encoding::GB18030 {
        0x4d
    } else {
        0
    };
    for field in fields {
        let mut head = [0; 32];
        head[..field.name.len()].copy_from_slice(&field.name);
        head[11] = field.kind;
        head[16] = field.width;
        head[17] = field.decimals;
        out.extend_from_slice(&head);
    }
    out.push(0x0d);
    for row in rows {
        out.push(b' ');
        for (field, cell) in fields.iter().zip(row) {
            let width = usize::from(field.width);
            let pad = width.saturating_sub(cell.len());
            // Numbers stand at the right.
            if field.kind == b'N' {
                out.extend(std::iter::repeat_n(b' ', pad));
            }
            out.extend_from_slice(&cell[..cell.len().min(width)]);
            if field.kind != b'N' {
                out.extend(std::iter::repeat_n(b' ', pad));
            }
        }
    }
    out.push(0x1a);
    out
}
