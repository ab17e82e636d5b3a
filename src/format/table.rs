//! What every reader yields: headings, and rows of cells with a shape.

use geo::Coord;

use super::problem::{Problem, Refusal};
use crate::crs::Crs;

/// A shape as the file has it: in the file's system, rings maybe open.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Point(Coord),
    Points(Vec<Coord>),
    Lines(Vec<Vec<Coord>>),
    /// Polygons of rings, the outer one first.
    Polygons(Vec<Vec<Vec<Coord>>>),
    /// A collection of other shapes, which no layer takes.
    Collection,
}

impl Shape {
    /// What it is.
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Point(_) => Kind::Point,
            Self::Points(_) => Kind::Points,
            Self::Lines(_) => Kind::Line,
            Self::Polygons(_) => Kind::Polygon,
            Self::Collection => Kind::Collection,
        }
    }
}

/// What kind of shape, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One place.
    Point,
    /// Several places.
    Points,
    /// One line or more.
    Line,
    /// One polygon or more.
    Polygon,
    /// Shapes of several kinds.
    Collection,
}

impl Kind {
    /// The Chinese name.
    #[must_use]
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Point => "点",
            Self::Points => "多个点",
            Self::Line => "线",
            Self::Polygon => "多边形",
            Self::Collection => "多种图形的集合",
        }
    }

    /// The English name, with its article.
    #[must_use]
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::Point => "a point",
            Self::Points => "several points",
            Self::Line => "a line",
            Self::Polygon => "a polygon",
            Self::Collection => "a collection of geometries",
        }
    }
}

/// One row.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// Number of the row of data, from 1.
    pub(super) row: u64,
    /// One cell for each heading.
    pub(super) cells: Vec<&'a str>,
    /// The shape, where the format has shapes.
    pub(super) shape: Option<&'a Shape>,
    /// The id that the format itself has (GeoJSON).
    pub(super) id: Option<&'a str>,
    /// Set when the row cannot be read at all.
    pub(super) refusal: Option<Refusal>,
}

/// A file as rows. May be gone through more than once.
pub(super) trait Table {
    /// The headings.
    fn columns(&self) -> &[String];

    /// Whether the rows have shapes of their own.
    fn has_shapes(&self) -> bool;

    /// How the text was encoded.
    fn encoding(&self) -> &'static str;

    /// What is worth knowing about the file as a whole.
    fn notes(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Visits the rows in order, until the visitor answers `false`.
    fn visit(&self, visitor: &mut dyn FnMut(Record<'_>) -> bool);

    /// Visits all rows in order, at most so many at a time.
    fn visit_many(&self, most: usize, visitor: &mut dyn FnMut(Vec<Record<'_>>));
}

/// A table kept in memory: GeoJSON, Shapefile.
#[derive(Debug, Default)]
pub(super) struct Features {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Feature>,
    pub(super) crs: Option<Crs>,
    pub(super) encoding: &'static str,
    pub(super) notes: Vec<Problem>,
}

/// One row of [`Features`].
#[derive(Debug, Default)]
pub(super) struct Feature {
    /// Column number and cell.
    pub(super) cells: Vec<(usize, String)>,
    pub(super) shape: Option<Shape>,
    pub(super) id: Option<String>,
    pub(super) refusal: Option<Refusal>,
}

impl Table for Features {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn has_shapes(&self) -> bool {
        true
    }

    fn encoding(&self) -> &'static str {
        self.encoding
    }

    fn notes(&self) -> Vec<Problem> {
        self.notes.clone()
    }

    fn visit(&self, visitor: &mut dyn FnMut(Record<'_>) -> bool) {
        self.records().all(visitor);
    }

    fn visit_many(&self, most: usize, visitor: &mut dyn FnMut(Vec<Record<'_>>)) {
        by_many(self.records(), most, visitor);
    }
}

impl Features {
    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.rows.iter().enumerate().map(|(n, feature)| {
            let mut cells = vec![""; self.columns.len()];
            for (column, cell) in &feature.cells {
                cells[*column] = cell;
            }
            Record {
                row: n as u64 + 1,
                cells,
                shape: feature.shape.as_ref(),
                id: feature.id.as_deref(),
                refusal: feature.refusal.clone(),
            }
        })
    }
}

/// Hands over rows, at most so many at a time.
pub(super) fn by_many<'t>(
    mut records: impl Iterator<Item = Record<'t>>,
    most: usize,
    visitor: &mut dyn FnMut(Vec<Record<'_>>),
) {
    loop {
        let some: Vec<Record<'t>> = records.by_ref().take(most).collect();
        if some.is_empty() {
            return;
        }
        visitor(some);
    }
}
