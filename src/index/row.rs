//! One incident in the columns, decoded on demand.

use geo::Coord;

use super::{GridsOf, Part, Place, Profile};
use crate::model::{FeatureId, FoundBy, Incident, IncidentKind, Timestamp, Value};
use crate::tile::WorldPoint;

/// An incident of a snapshot; copying it copies a pointer and a number.
#[derive(Debug, Clone, Copy)]
pub struct Row<'s> {
    pub(super) part: &'s Part,
    pub(super) row: usize,
}

impl<'s> Row<'s> {
    /// The part it is in.
    pub fn part(self) -> &'s Part {
        self.part
    }

    /// Its row in the part's columns.
    pub fn index(self) -> usize {
        self.row
    }

    /// Row id in the store.
    pub fn id(self) -> FeatureId {
        self.part.segment().id(self.row)
    }

    /// World position; `None` if it has no place.
    pub fn world(self) -> Option<WorldPoint> {
        self.part.segment().world(self.row)
    }

    /// WGS84 position to 1e-7 degree; `None` if it has no place.
    pub fn at(self) -> Option<Coord<f64>> {
        self.part.segment().at(self.row)
    }

    /// When it happened.
    pub fn occurred_at(self) -> Timestamp {
        self.part.segment().occurred_at(self.row)
    }

    /// What it has in common with others.
    pub fn profile(self) -> &'s Profile {
        self.part.segment().profile(self.row)
    }

    /// True if only the day is known.
    pub fn date_only(self) -> bool {
        self.profile().date_only
    }

    /// Kind.
    pub fn kind(self) -> IncidentKind {
        self.profile().kind
    }

    /// Who found it.
    pub fn found_by(self) -> FoundBy {
        self.profile().found_by
    }

    /// Category code; may be empty.
    pub fn category(self) -> &'s str {
        &self.profile().category
    }

    /// Status; may be empty.
    pub fn status(self) -> &'s str {
        &self.profile().status
    }

    /// Source.
    pub fn source(self) -> &'s str {
        &self.profile().source
    }

    /// Its id in the source.
    pub fn source_id(self) -> &'s str {
        self.part.segment().cold(self.row).source_id
    }

    /// What happened; may be empty.
    pub fn text(self) -> &'s str {
        self.part.segment().cold(self.row).text
    }

    /// The grids it lies in.
    pub fn place(self, of: GridsOf) -> Place {
        let slot = self.part.place_slots()[self.row];
        self.part.place(usize::from(slot), of)
    }

    /// Slot of its 基础 grid.
    pub fn basic_grid(self, of: GridsOf) -> Option<u32> {
        self.place(of).basic
    }

    /// Slot of its 专属 grid.
    pub fn special_grid(self, of: GridsOf) -> Option<u32> {
        self.place(of).special
    }

    /// The whole incident.
    pub fn to_incident(self) -> Incident {
        self.part.segment().incident(self.row)
    }

    /// A built-in property or extra column; `Null` if there is none.
    pub fn value(self, name: &str) -> Value {
        let cold = || self.part.segment().cold(self.row);
        match name {
            "kind" => Value::text(self.kind().as_str()),
            "category" => Value::text(self.category()),
            "occurred_at" => Value::Instant(self.occurred_at()),
            "date_only" => Value::Bool(self.date_only()),
            "reported_at" => cold().reported_at.map_or(Value::Null, Value::Instant),
            "status" => Value::text(self.status()),
            "found" => Value::text(self.found_by().as_str()),
            "text" => Value::text(cold().text),
            "source" => Value::text(self.source()),
            "source_id" => Value::text(cold().source_id),
            _ => self
                .part
                .extra_slot(name)
                .map_or(Value::Null, |slot| self.part.extra(self.row, slot).into()),
        }
    }
}
