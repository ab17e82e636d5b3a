//! Changes to grids that exist.
