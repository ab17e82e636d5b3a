//! CGCS2000 Gauss-Krüger zones: metres east and north of a central meridian,
//! as surveyors and cadastres in China use them.
//!
//! Officially X is north and Y is east; in this program `x` is always the
//! easting. [`Zone::east_north`] sorts out which of two numbers is which.

use std::fmt;

use geo::Coord;
use proj4rs::proj::Proj;

use super::CrsError;

/// One CGCS2000 Gauss-Krüger zone, of 3 or of 6 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone {
    epsg: u16,
    meridian: u8,
    /// The zone number written in front of the easting, if it is.
    prefix: Option<u8>,
}

impl Zone {
    /// The zone of an EPSG code: 4513-4533 (3 degrees, zone number in the
    /// easting), 4534-4554 (3 degrees, without), 4491-4501 and 4502-4512
    /// (the same for 6 degrees). `None` for any other code.
    #[must_use]
    pub fn from_epsg(epsg: u32) -> Option<Self> {
        let epsg = u16::try_from(epsg).ok()?;
        // Each family starts at the central meridian 75 E.
        let (first, step, first_prefix) = match epsg {
            4491..=4501 => (4491, 6, Some(13)),
            4502..=4512 => (4502, 6, None),
            4513..=4533 => (4513, 3, Some(25)),
            4534..=4554 => (4534, 3, None),
            _ => return None,
        };
        let nth = u8::try_from(epsg - first).ok()?;
        Some(Self {
            epsg,
            meridian: 75 + step * nth,
            prefix: first_prefix.map(|p: u8| p + nth),
        })
    }

    /// The 3-degree zone with this central meridian and false easting
    /// (500 000 or zone · 1 000 000 + 500 000), as a `.prj` file gives them;
    /// a 6-degree zone when only its prefix fits.
    #[must_use]
    pub fn from_parameters(meridian: f64, false_easting_m: f64) -> Option<Self> {
        (4513..=4554)
            .chain(4491..=4512)
            .filter_map(Self::from_epsg)
            .find(|z| {
                (f64::from(z.meridian) - meridian).abs() < 1e-9
                    && (z.false_easting_m() - false_easting_m).abs() < 1e-3
            })
    }

    /// The EPSG code.
    #[must_use]
    pub fn epsg(self) -> u16 {
        self.epsg
    }

    /// The central meridian, degrees east.
    #[must_use]
    pub fn meridian(self) -> u8 {
        self.meridian
    }

    /// The easting of the central meridian, metres.
    #[must_use]
    pub fn false_easting_m(self) -> f64 {
        f64::from(self.prefix.unwrap_or(0)) * 1e6 + 5e5
    }

    /// The definition for `proj4rs`.
    pub(super) fn projection(self) -> Result<Proj, CrsError> {
        let definition = format!(
            "+proj=tmerc +lat_0=0 +lon_0={} +k=1 +x_0={} +y_0=0 +ellps=GRS80 +units=m +no_defs",
            self.meridian,
            self.false_easting_m()
        );
        Proj::from_proj_string(&definition).map_err(|e| CrsError::Definition(e.to_string()))
    }

    /// Sorts two numbers of a table into (easting, northing) by their size,
    /// since headings like `X` and `Y` mean either. Where the size does not
    /// tell, the order given is kept.
    ///
    /// # Errors
    /// When the easting carries the number of another zone, or none where
    /// this zone has one, with the EPSG code that would fit.
    pub fn east_north(self, first: f64, second: f64) -> Result<Coord, CrsError> {
        let direct = self.is_easting(first) && is_northing(second);
        let swapped = self.is_easting(second) && is_northing(first);
        let (x, y) = match (direct, swapped) {
            (false, true) => (second, first),
            _ => (first, second),
        };
        if !self.is_easting(x)
            && let Some(other) = self.sibling(x).or_else(|| self.sibling(y))
        {
            return Err(CrsError::OtherZone {
                given: self,
                fits: other,
            });
        }
        Ok(Coord { x, y })
    }

    fn is_easting(self, value: f64) -> bool {
        // A zone is 3 or 6 degrees wide; tables reach a neighbor over.
        (value - self.false_easting_m()).abs() < 4.5e5
    }

    /// The zone of the same meridian or the same width that a value would be
    /// an easting of.
    fn sibling(self, value: f64) -> Option<Self> {
        let range = if self.epsg < 4513 {
            4491..=4512
        } else {
            4513..=4554
        };
        range.filter_map(Self::from_epsg).find(|z| {
            *z != self
                && z.is_easting(value)
                && (z.prefix.is_some() || z.meridian == self.meridian)
                // A bare easting looks like a northing of the far south.
                && (z.prefix.is_some() || self.prefix.is_some())
        })
    }
}

fn is_northing(value: f64) -> bool {
    // From the equator to 54 degrees north.
    (0.0..6.1e6).contains(&value)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epsg:{}", self.epsg)
    }
}
