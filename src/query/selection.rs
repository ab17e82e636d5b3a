//! A filter made ready for one snapshot.

use crate::index::{Row, Snapshot};
use crate::tile::WorldBox;

/// The incidents of a snapshot that pass a filter and lie in a scope.
#[derive(Debug)]
pub struct Selection<'s> {
    pub(super) snapshot: &'s Snapshot,
}

impl<'s> Selection<'s> {
    /// True if the incident passes.
    pub fn matches(&self, _row: Row<'s>) -> bool {
        let _ = self.snapshot;
        todo!()
    }
    /// Calls back with every incident that passes.
    pub fn visit(&self, _visit: impl FnMut(Row<'s>)) {
        todo!()
    }
    /// Calls back with every placed incident in the box that passes.
    pub fn visit_in(&self, _area: &WorldBox, _visit: impl FnMut(Row<'s>)) {
        todo!()
    }
    /// How many pass.
    pub fn count(&self) -> u64 {
        todo!()
    }
}
