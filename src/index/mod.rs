//! The nouns in memory: one immutable [`Snapshot`] that every answer is a
//! function of.
//!
//! Trees find candidates; exact predicates decide.

mod blocks;
mod cold;
mod collection;
mod exact;
mod facts;
mod ground;
mod incidents;
mod locate;
mod part;
mod place;
mod row;
mod segment;
mod snapshot;

pub use collection::Collection;
pub use exact::{covers, round_e7};
pub use facts::{GridFacts, HouseholdsFrom};
pub use ground::{GROUND_ZOOMS, GroundMap, GroundPiece, GroundShape};
pub use incidents::{Incidents, KeyIndex};
pub use locate::Locator;
pub use part::Part;
pub use place::{GridsOf, Place};
pub use row::Row;
pub use segment::Profile;
pub use snapshot::{LayerCount, Snapshot};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod town;
