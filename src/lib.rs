//! gridmap: the map server for neighbourhood grid work (网格化治理).
//!
//! This list is the architecture: **a module uses only modules listed above
//! it**. `tests/it/tidy.rs` reads the list and fails on a path that points
//! downwards. See `docs/architecture.md`.

// --- toolkit: geometry and pixels that know nothing of sub-districts ---
pub mod crs;
pub mod tile;
pub mod raster;
// --- district: the domain, as values and pure functions ---
pub mod model;
pub mod sample;
pub mod format;
pub mod index;
pub mod query;
pub mod layer;
pub mod partition;
pub mod settings;
// --- server: state, I/O and the network ---
pub mod config;
pub mod telemetry;
pub mod store;
pub mod service;
pub mod api;
pub mod cli;
