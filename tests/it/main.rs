//! The one integration test binary.

mod api;
mod api_edge;
mod api_hostile;
mod api_map;
mod api_ogc;
mod api_openapi;
mod cli;
mod format;

mod support;
mod tidy;
mod tiles;
