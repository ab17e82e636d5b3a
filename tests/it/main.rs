//! The one integration test binary.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that fails says so by panicking"
)]

mod api;
mod api_edge;
mod api_hostile;
mod api_map;
mod api_ogc;
mod api_openapi;
mod cli;
mod format;
mod format_excel;
mod format_files;
mod format_gis;
mod format_sketch;
mod format_write;
mod support;
mod tidy;
mod tiles;
