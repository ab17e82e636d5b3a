//! Entities as rows, the same for every store: which columns a layer has and
//! in what order. A store brings a writer of cells ([`Columns`]) and a reader
//! ([`Cells`]); before-images in JSON are read the same way.
//!
//! Columns are `fid, geom`, the layer's own, then `source, source_id, extra`.

pub(super) mod blob;
mod entities;
pub(super) mod extra;
pub(super) mod ground;
pub(super) mod image;
pub(super) mod moment;
mod sound;

use geo::{Coord, Geometry};
use jiff::civil::Date;

use super::history::Content;
use crate::model::{Entity, FeatureId, Meta, Timestamp};

pub(super) use blob::Shape;
pub(super) use sound::check;

/// An entity as a row of its table.
pub(super) trait Stored: Entity {
    /// The layer's own columns, in the order of its table.
    const COLUMNS: &'static [&'static str];

    /// The geometry; `None` for no place.
    fn shape(&self) -> Option<Shape<'_>>;

    /// Writes the layer's own columns in the order of its table.
    fn write_own<C: Columns>(&self, out: &mut C);

    /// Reads a row; `None` if it is none of ours. What another program wrote
    /// into a row need not make sense.
    fn read<C: Cells>(cells: &mut C) -> Option<Self>;

    /// The entity as one of any layer.
    fn into_content(self) -> Content;

    /// Writes all columns of a row.
    fn write<C: Columns>(&self, out: &mut C) {
        self.write_as(self.meta().id, out);
    }

    /// Writes all columns of a row under an id.
    fn write_as<C: Columns>(&self, id: FeatureId, out: &mut C) {
        let meta = self.meta();
        out.id(id);
        out.shape(self.shape());
        self.write_own(out);
        out.text(&meta.source);
        out.text(&meta.source_id);
        out.json(extra::write(&meta.extra));
    }
}

/// Takes the cells of a row from left to right.
pub(super) trait Columns {
    /// The row id, nothing for [`FeatureId::NEW`].
    fn id(&mut self, id: FeatureId);
    /// The geometry.
    fn shape(&mut self, shape: Option<Shape<'_>>);
    /// A text; an empty one is nothing.
    fn text(&mut self, text: &str);
    /// A text that is JSON.
    fn json(&mut self, text: Option<String>);
    /// A whole number.
    fn count(&mut self, count: Option<u32>);
    /// Yes or no.
    fn yes(&mut self, yes: bool);
    /// A calendar day.
    fn date(&mut self, date: Option<Date>);
    /// An instant, seconds.
    fn instant(&mut self, at: Option<Timestamp>);
}

/// Gives the cells of a row from left to right; `None` is nothing, or what
/// cannot be read.
pub(super) trait Cells {
    /// A whole number.
    fn integer(&mut self) -> Option<i64>;
    /// A text.
    fn text(&mut self) -> Option<&str>;
    /// Yes or no.
    fn yes(&mut self) -> bool;
    /// A calendar day.
    fn date(&mut self) -> Option<Date>;
    /// An instant, seconds.
    fn instant(&mut self) -> Option<Timestamp>;
    /// The bytes of a geometry.
    fn bytes(&mut self) -> Option<&[u8]>;

    /// The row id.
    fn id(&mut self) -> FeatureId {
        FeatureId(self.integer().unwrap_or(0))
    }

    /// A text, empty for nothing.
    fn string(&mut self) -> String {
        self.text().unwrap_or_default().to_owned()
    }

    /// A number of things.
    fn count(&mut self) -> Option<u32> {
        self.integer().and_then(|number| u32::try_from(number).ok())
    }

    /// A word of the model, or its first value where the cell is empty.
    fn word<T: std::str::FromStr>(&mut self, default: T) -> Option<T> {
        match self.text().filter(|text| !text.trim().is_empty()) {
            Some(word) => word.parse().ok(),
            None => Some(default),
        }
    }

    /// Any geometry.
    fn geometry(&mut self) -> Option<Geometry<f64>> {
        self.bytes().and_then(blob::read)
    }

    /// A place.
    fn point(&mut self) -> Option<Coord<f64>> {
        self.bytes().and_then(blob::read_point)
    }

    /// The last three columns.
    fn meta(&mut self, id: FeatureId) -> Meta {
        Meta {
            id,
            source: self.string(),
            source_id: self.string(),
            extra: self.text().map(extra::read).unwrap_or_default(),
        }
    }
}
