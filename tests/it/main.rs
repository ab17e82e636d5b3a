//! The one integration test binary.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that fails says so by panicking"
)]

mod api;
mod api_columns;
mod api_edge;
mod api_hostile;
mod api_map;
mod api_ogc;
mod api_openapi;
mod cli;
mod cql;
mod edits;
mod format;
mod grid_edits;
mod settings;
mod support;
mod tidy;
mod tiles;
