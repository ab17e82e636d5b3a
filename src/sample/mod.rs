//! The demo district: an invented sub-district 嘉山路街道 (虚构示例).
//!
//! Everything is made from a seed: through streets bent from one drawing,
//! blocks cut between them, lanes and compounds inside, grids gathered along
//! the streets, patrol routes over the network, and two years of incidents.
//! Nothing in it is a survey of a real place and nobody in it exists.

mod access;
mod blocks;
mod compounds;
mod dice;
mod export;
mod geom;
mod grids;
mod grow;
mod incidents;
pub mod measure;
mod names;
mod net;
mod offices;
mod plan;
mod profile;
mod rhythm;
mod route;
mod site;
mod town;

pub use export::geojson;
pub use incidents::{PlantedCluster, clusters, incidents};
pub use town::{Town, district, town};

#[cfg(test)]
mod tests;
