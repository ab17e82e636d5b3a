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

impl CrsError {
    /// The sentence in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::UnknownName(name) => format!(
                "没有坐标系“{name}”；可用 wgs84、gcj02、bd09、cgcs2000 或 epsg:N\
                 （4326、4490、3857，或 CGCS2000 分带，如 epsg:4548）"
            ),
            Self::UnknownEpsg(code) => format!(
                "不支持 epsg:{code}；请先把文件转换为 WGS84（epsg:4326）或 CGCS2000\
                 （epsg:4490，分带 4513-4554）"
            ),
            Self::OldDatum(name) => format!(
                "{} 没有公开的转换参数，估算会差几十米；请向制图单位索取 CGCS2000 或 WGS84 坐标",
                match *name {
                    "Xian 1980" => "西安 80",
                    "Beijing 1954" => "北京 54",
                    other => other,
                }
            ),
            Self::UnknownWkt(name) => format!(
                ".prj 文件注明的坐标系（{name}）不支持；请用 --crs 指定，或先转换为 WGS84 或 CGCS2000"
            ),
            Self::Definition(cause) => format!("无法建立投影：{cause}"),
            Self::OtherZone { given, fits } => {
                format!("东坐标不属于 {given}，而符合 {fits}")
            }
            Self::NotFinite => "坐标不是有限的数".to_owned(),
            Self::Swapped { x, y } => {
                format!("{x}, {y} 作为经度、纬度不在地球上；像是两者颠倒了")
            }
            Self::Projected { x, y } => {
                format!("{x}, {y} 不是度，像是米；请指定投影坐标系，如 epsg:4548")
            }
            Self::OutOfRange { x, y } => format!("{x}, {y} 超出坐标系的范围"),
        }
    }
}
