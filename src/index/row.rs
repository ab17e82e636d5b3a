//! One incident in the columns, decoded on demand.

use geo::Coord;

use super::{GridsOf, Segment};
use crate::model::{FeatureId, FoundBy, Incident, IncidentKind, Timestamp, Value};
use crate::tile::WorldPoint;

/// An incident of a snapshot; copying it copies a pointer and a number.
#[derive(Debug, Clone, Copy)]
pub struct Row<'s> {
    pub(super) segment: &'s Segment,
    pub(super) row: u32,
}

impl<'s> Row<'s> {
    /// Row id in the store.
    pub fn id(self) -> FeatureId {
        todo!()
    }
    /// World position; `None` if it has no place.
    pub fn world(self) -> Option<WorldPoint> {
        todo!()
    }
    /// WGS84 position; `None` if it has no place.
    pub fn at(self) -> Option<Coord<f64>> {
        todo!()
    }
    /// When it happened.
    pub fn occurred_at(self) -> Timestamp {
        todo!()
    }
    /// True if only the day is known.
    pub fn date_only(self) -> bool {
        todo!()
    }
    /// Kind.
    pub fn kind(self) -> IncidentKind {
        todo!()
    }
    /// Who found it.
    pub fn found_by(self) -> FoundBy {
        todo!()
    }
    /// Category code; may be empty.
    pub fn category(self) -> &'s str {
        todo!()
    }
    /// Status; may be empty.
    pub fn status(self) -> &'s str {
        todo!()
    }
    /// Source.
    pub fn source(self) -> &'s str {
        todo!()
    }
    /// Slot of its 基础 grid.
    pub fn basic_grid(self, _of: GridsOf) -> Option<u32> {
        todo!()
    }
    /// Slot of its 专属 grid.
    pub fn special_grid(self, _of: GridsOf) -> Option<u32> {
        todo!()
    }
    /// The whole incident.
    pub fn to_incident(self) -> Incident {
        todo!()
    }
    /// A property by name.
    pub fn value(self, _name: &str) -> Value {
        todo!()
    }
}
