//! 网格划分: grids proposed from streets, a boundary and compounds.
//!
//! Lines are cut where they meet on a lattice ([`Faces`]); the faces between
//! them, joined where a border would run through a compound, are the nodes of
//! a graph; the graph is divided into connected parts of even size
//! ([`propose`]). What a person changes goes through [`move_face`], [`merge`],
//! [`split`] and [`rebalance`]; [`edit`] changes grids that exist already.
//!
//! Everything here is a function of its input and a seed, whatever the number
//! of threads. Who may change their mind gives a [`Stop`] along; it ends the
//! work and changes no outcome.

mod adjust;
mod arrangement;
mod dissolve;
mod divide;
pub mod edit;
mod energy;
mod faces;
mod graph;
mod input;
mod lattice;
mod lines;
mod node;
mod number;
mod outline;
mod plan;
mod problem;
mod proposal;
mod tree;
mod units;
mod weigh;

pub use adjust::{AdjustError, assign, merge, move_face, rebalance, split};
pub use faces::{Adjacent, Faces};
pub use input::{BorderClass, BorderLine, Ground, HouseholdPoint, Options, Site, Stop, Wanted};
pub use number::to_grids;
pub use plan::Basis;
pub use problem::{PartitionError, Problem, Why};
pub use proposal::{Balance, Proposal, ProposedGrid, propose, propose_from, propose_unless};

#[cfg(test)]
mod tests;
