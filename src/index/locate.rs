//! Which grid a point lies in.

/// Point location over grids.
#[derive(Debug, Default)]
pub struct Locator {}
