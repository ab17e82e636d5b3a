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
mod api_imports;
mod api_imports_files;
mod api_imports_limits;
mod api_map;
mod api_ogc;
mod api_openapi;
mod backgrounds;
mod cli;
mod cli_writes;
mod cql;
mod edits;
mod export_package;
mod format;
mod format_excel;
mod format_files;
mod format_gis;
mod format_sketch;
mod format_write;
mod grid_edits;
mod ground;
mod osm;
mod partition;
mod postgres;
mod process;
mod settings;
mod sockets;
mod stores;
mod stores_killed;
mod support;
mod tidy;
mod tiles;
mod tiles_datum;
mod tls;
