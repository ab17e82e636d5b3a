//! All incidents.

use super::Row;
use crate::model::FeatureId;
use crate::tile::WorldBox;

/// All incidents in monthly segments.
#[derive(Debug, Default)]
pub struct Incidents {}

/// Incidents by (source, source id), built for one import.
#[derive(Debug)]
pub struct KeyIndex<'s> {
    rows: std::collections::HashMap<u64, Vec<Row<'s>>>,
}

impl<'s> KeyIndex<'s> {
    /// The incident of a source.
    pub fn get(&self, _source: &str, _source_id: &str) -> Option<Row<'s>> {
        let _ = &self.rows;
        todo!()
    }
}

impl Incidents {
    /// How many there are.
    pub fn len(&self) -> usize {
        todo!()
    }
    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// How many have no place (未上图).
    pub fn unplaced(&self) -> usize {
        todo!()
    }
    /// One by its id.
    pub fn by_id(&self, _id: FeatureId) -> Option<Row<'_>> {
        todo!()
    }
    /// All, month by month.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        std::iter::empty()
    }
    /// A table by (source, source id); build it once per import.
    pub fn key_index(&self) -> KeyIndex<'_> {
        todo!()
    }
    /// Every placed incident in a box of the world, edges included.
    pub fn visit_in<'s>(&'s self, _area: &WorldBox, _visit: impl FnMut(Row<'s>)) {
        todo!()
    }
    /// Bytes of the columns and look-up tables.
    pub fn index_bytes(&self) -> usize {
        todo!()
    }
    /// Bytes of texts, source ids and extra columns.
    pub fn text_bytes(&self) -> usize {
        todo!()
    }
}
