//! Coordinate reference systems: what arrives, and the one kept inside.
//!
//! Inside the program a place is WGS84 lon/lat in degrees, x = lon.
//! Everything else exists only while files are read or written. CGCS2000
//! degrees count as WGS84: they differ by less than a metre, and no agreed
//! transformation exists.

pub mod bd09;
mod error;
pub mod gauss_kruger;
pub mod gcj02;
mod local;
mod measure;
pub mod web_mercator;
mod wkt;

use std::fmt;
use std::str::FromStr;

use geo::{Coord, MapCoords};
use proj4rs::proj::Proj;
use proj4rs::transform::transform;

pub use error::CrsError;
pub use gauss_kruger::Zone;
pub use local::LocalFrame;
pub use measure::{area_m2, distance_m, length_m};

/// A coordinate reference system that files may come in.
///
/// ```
/// use gridmap::crs::Crs;
/// assert_eq!("GCJ02".parse::<Crs>()?, Crs::Gcj02);
/// assert_eq!("epsg:4490".parse::<Crs>()?, Crs::Cgcs2000);
/// assert_eq!("EPSG:4548".parse::<Crs>()?.to_string(), "epsg:4548");
/// assert!("epsg:2384".parse::<Crs>().is_err());
/// # Ok::<(), gridmap::crs::CrsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Crs {
    /// GPS, OSM: EPSG:4326.
    #[default]
    Wgs84,
    /// 高德, 腾讯.
    Gcj02,
    /// 百度.
    Bd09,
    /// CGCS2000 degrees, EPSG:4490: the same numbers as WGS84.
    Cgcs2000,
    /// EPSG:3857.
    WebMercator,
    /// A CGCS2000 Gauss-Krüger zone.
    GaussKruger(Zone),
}

impl Crs {
    /// The system of an EPSG code.
    ///
    /// # Errors
    /// For any code that is not read, with the reason where there is one.
    pub fn from_epsg(code: u32) -> Result<Self, CrsError> {
        match code {
            4326 => Ok(Self::Wgs84),
            4490 => Ok(Self::Cgcs2000),
            3857 | 900_913 => Ok(Self::WebMercator),
            // Geographic, then the 6- and 3-degree zones.
            4610 | 2327..=2390 => Err(CrsError::OldDatum("Xian 1980")),
            4214 | 2401..=2442 | 21413..=21423 | 21453..=21463 => {
                Err(CrsError::OldDatum("Beijing 1954"))
            }
            _ => Zone::from_epsg(code)
                .map(Self::GaussKruger)
                .ok_or(CrsError::UnknownEpsg(code)),
        }
    }

    /// The system that the WKT text of a `.prj` file names.
    ///
    /// # Errors
    /// When the text is no WKT, or names a system that is not read.
    pub fn from_wkt(text: &str) -> Result<Self, CrsError> {
        wkt::from_wkt(text)
    }

    /// Whether its numbers are degrees (and not metres).
    #[must_use]
    pub fn is_degrees(self) -> bool {
        !matches!(self, Self::WebMercator | Self::GaussKruger(_))
    }
}

impl FromStr for Crs {
    type Err = CrsError;

    fn from_str(s: &str) -> Result<Self, CrsError> {
        let name: String = s
            .chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match name.as_str() {
            "wgs84" => Ok(Self::Wgs84),
            "gcj02" => Ok(Self::Gcj02),
            "bd09" | "bd09ll" => Ok(Self::Bd09),
            "cgcs2000" => Ok(Self::Cgcs2000),
            _ => match name.strip_prefix("epsg:").map(str::parse) {
                Some(Ok(code)) => Self::from_epsg(code),
                _ => Err(CrsError::UnknownName(s.chars().take(40).collect())),
            },
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wgs84 => f.write_str("wgs84"),
            Self::Gcj02 => f.write_str("gcj02"),
            Self::Bd09 => f.write_str("bd09"),
            Self::Cgcs2000 => f.write_str("cgcs2000"),
            Self::WebMercator => f.write_str("epsg:3857"),
            Self::GaussKruger(zone) => zone.fmt(f),
        }
    }
}

/// Converts between one [`Crs`] and WGS84. Make one per file: setting up a
/// projection costs more than using it.
#[derive(Debug)]
pub struct Transformer {
    crs: Crs,
    /// The projection, and the degrees on its own ellipsoid.
    projection: Option<(Proj, Proj)>,
}

impl Transformer {
    /// A converter for `crs`.
    ///
    /// # Errors
    /// When the projection cannot be set up, which no [`Crs`] here causes.
    pub fn new(crs: Crs) -> Result<Self, CrsError> {
        let projection = match crs {
            Crs::GaussKruger(zone) => {
                let degrees = Proj::from_proj_string("+proj=longlat +ellps=GRS80 +no_defs")
                    .map_err(|e| CrsError::Definition(e.to_string()))?;
                Some((zone.projection()?, degrees))
            }
            _ => None,
        };
        Ok(Self { crs, projection })
    }

    /// The system it converts from and to.
    #[must_use]
    pub fn crs(&self) -> Crs {
        self.crs
    }

    /// One place (x = lon or easting) to WGS84 lon/lat degrees.
    ///
    /// # Errors
    /// When a number is not finite, is out of the range of the system, or
    /// gives a place that is not on the globe.
    pub fn to_wgs84(&self, p: Coord) -> Result<Coord, CrsError> {
        self.check_input(p)?;
        let out = match self.crs {
            Crs::Wgs84 | Crs::Cgcs2000 => p,
            Crs::Gcj02 => gcj02::to_wgs84(p),
            Crs::Bd09 => bd09::to_wgs84(p),
            Crs::WebMercator => web_mercator::to_wgs84(p),
            Crs::GaussKruger(_) => self.project(p, true)?,
        };
        on_globe(out)
    }

    /// One WGS84 place to the numbers of the system (x = lon or easting).
    ///
    /// # Errors
    /// As [`Transformer::to_wgs84`].
    pub fn from_wgs84(&self, p: Coord) -> Result<Coord, CrsError> {
        on_globe(p)?;
        let out = match self.crs {
            Crs::Wgs84 | Crs::Cgcs2000 => p,
            Crs::Gcj02 => gcj02::from_wgs84(p),
            Crs::Bd09 => bd09::from_wgs84(p),
            Crs::WebMercator => web_mercator::from_wgs84(p),
            Crs::GaussKruger(_) => self.project(p, false)?,
        };
        if out.x.is_finite() && out.y.is_finite() {
            Ok(out)
        } else {
            Err(CrsError::OutOfRange { x: p.x, y: p.y })
        }
    }

    /// Every vertex of a geometry to WGS84.
    ///
    /// # Errors
    /// The first vertex that [`Transformer::to_wgs84`] refuses.
    pub fn geometry_to_wgs84<G: MapCoords<f64, f64>>(&self, g: &G) -> Result<G::Output, CrsError> {
        g.try_map_coords(|p| self.to_wgs84(p))
    }

    /// Every vertex of a geometry from WGS84.
    ///
    /// # Errors
    /// The first vertex that [`Transformer::from_wgs84`] refuses.
    pub fn geometry_from_wgs84<G: MapCoords<f64, f64>>(
        &self,
        g: &G,
    ) -> Result<G::Output, CrsError> {
        g.try_map_coords(|p| self.from_wgs84(p))
    }

    /// Metres have their own bounds: far outside of them the inverse
    /// projections still answer, with a place that means nothing.
    fn check_input(&self, p: Coord) -> Result<(), CrsError> {
        if !(p.x.is_finite() && p.y.is_finite()) {
            return Err(CrsError::NotFinite);
        }
        let fits = match self.crs {
            Crs::WebMercator => {
                p.x.abs() <= web_mercator::HALF_WORLD_M && p.y.abs() <= web_mercator::HALF_WORLD_M
            }
            Crs::GaussKruger(zone) => {
                (p.x - zone.false_easting_m()).abs() <= 1.5e6 && (-1e4..=1e7).contains(&p.y)
            }
            _ => return on_globe(p).map(|_| ()),
        };
        if fits {
            Ok(())
        } else {
            Err(CrsError::OutOfRange { x: p.x, y: p.y })
        }
    }

    fn project(&self, p: Coord, inverse: bool) -> Result<Coord, CrsError> {
        let Some((metres, degrees)) = &self.projection else {
            return Ok(p);
        };
        let (from, to, mut point) = if inverse {
            (metres, degrees, (p.x, p.y, 0.0))
        } else {
            (degrees, metres, (p.x.to_radians(), p.y.to_radians(), 0.0))
        };
        transform(from, to, &mut point)
            .map_err(|_refused| CrsError::OutOfRange { x: p.x, y: p.y })?;
        let (x, y, _) = point;
        Ok(if inverse {
            Coord {
                x: x.to_degrees(),
                y: y.to_degrees(),
            }
        } else {
            Coord { x, y }
        })
    }
}

/// Refuses what is no lon/lat place.
///
/// # Errors
/// When a number is not finite or is out of ±180 / ±90; the error says when
/// the two look swapped or look like metres.
pub fn on_globe(p: Coord) -> Result<Coord, CrsError> {
    if !(p.x.is_finite() && p.y.is_finite()) {
        return Err(CrsError::NotFinite);
    }
    if p.x.abs() <= 180.0 && p.y.abs() <= 90.0 {
        return Ok(p);
    }
    if p.x.abs() <= 90.0 && p.y.abs() <= 180.0 {
        return Err(CrsError::Swapped { x: p.x, y: p.y });
    }
    if p.x.abs() > 1000.0 && p.y.abs() > 1000.0 {
        return Err(CrsError::Projected { x: p.x, y: p.y });
    }
    Err(CrsError::OutOfRange { x: p.x, y: p.y })
}

#[cfg(test)]
mod tests;
