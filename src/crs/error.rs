//! Why a system or a place is refused.

use super::Zone;

/// Why a coordinate system or a coordinate is refused. The sentences say
/// what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CrsError {
    /// No such name.
    #[error(
        "unknown coordinate system `{0}`; use wgs84, gcj02, bd09, cgcs2000 or epsg:N \
         (4326, 4490, 3857, or a CGCS2000 zone such as epsg:4548)"
    )]
    UnknownName(String),
    /// An EPSG code that is not read.
    #[error(
        "epsg:{0} is not read here; convert the file to WGS84 (epsg:4326) or to CGCS2000 \
         (epsg:4490, zones 4513-4554) first"
    )]
    UnknownEpsg(u32),
    /// Xian 1980 or Beijing 1954.
    #[error(
        "{0} has no published transformation to WGS84 and a guess would be tens of metres off; \
         ask the office that made the file for CGCS2000 or WGS84 coordinates"
    )]
    OldDatum(&'static str),
    /// A `.prj` text that names nothing known.
    #[error(
        "the .prj text names a coordinate system that is not read here ({0}); name it with \
         --crs, or convert the file to WGS84 or CGCS2000 first"
    )]
    UnknownWkt(String),
    /// A projection that could not be set up.
    #[error("the projection cannot be set up: {0}")]
    Definition(String),
    /// Easting of another zone.
    #[error("these eastings do not belong to {given}; they fit {fits}")]
    OtherZone {
        /// The zone that was named.
        given: Zone,
        /// The zone that fits.
        fits: Zone,
    },
    /// NaN or infinite.
    #[error("a coordinate is not a finite number")]
    NotFinite,
    /// Latitude before longitude.
    #[error("{x}, {y} is not on the globe as longitude, latitude; the two look swapped")]
    Swapped {
        /// First number.
        x: f64,
        /// Second number.
        y: f64,
    },
    /// Metres where degrees were expected.
    #[error("{x}, {y} are not degrees but look like metres; name the projection, e.g. epsg:4548")]
    Projected {
        /// First number.
        x: f64,
        /// Second number.
        y: f64,
    },
    /// Elsewhere.
    #[error("{x}, {y} is outside the range of the coordinate system")]
    OutOfRange {
        /// First number.
        x: f64,
        /// Second number.
        y: f64,
    },
}
