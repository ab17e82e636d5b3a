//! What a grid is, beside its outline: area, households.

/// Where a number of households comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HouseholdsFrom {
    /// The grid's own column.
    Grid,
    /// The sum over the compounds in it.
    Compounds,
}

/// Facts about one grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridFacts {
    /// Area on the ellipsoid, square metres.
    pub area_m2: f64,
    /// Households, if known.
    pub households: Option<u32>,
    /// Where the number comes from.
    pub households_from: Option<HouseholdsFrom>,
}
