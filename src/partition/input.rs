//! What the grid maker is given.

use geo::{Coord, Geometry, MultiLineString, MultiPolygon};
use serde::{Deserialize, Serialize};

use crate::model::{Compound, Street, StreetClass};

/// What runs along a border, the most fitting first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BorderClass {
    /// The seam between two polygons of the boundary.
    Boundary,
    /// 铁路
    Rail,
    /// 河道、水面
    Water,
    /// 主干路
    Arterial,
    /// 次干路
    Secondary,
    /// 支路
    Branch,
    /// 巷
    Lane,
    /// 步道
    Path,
}

impl BorderClass {
    /// Every class, the most fitting first.
    pub const ALL: [BorderClass; 8] = [
        BorderClass::Boundary,
        BorderClass::Rail,
        BorderClass::Water,
        BorderClass::Arterial,
        BorderClass::Secondary,
        BorderClass::Branch,
        BorderClass::Lane,
        BorderClass::Path,
    ];

    /// True for what people do not cross lightly: the seam, railway, water and
    /// the two upper classes of streets.
    pub const fn is_main(self) -> bool {
        matches!(
            self,
            BorderClass::Boundary
                | BorderClass::Rail
                | BorderClass::Water
                | BorderClass::Arterial
                | BorderClass::Secondary
        )
    }

    /// What a metre of border along it costs; below 0 it is worth having.
    pub(super) const fn cost(self) -> f64 {
        match self {
            BorderClass::Boundary => -2.0,
            BorderClass::Rail | BorderClass::Water => -0.6,
            BorderClass::Arterial => -0.2,
            BorderClass::Secondary => 0.2,
            BorderClass::Branch => 0.7,
            BorderClass::Lane => 1.0,
            BorderClass::Path => 1.3,
        }
    }
}

impl From<StreetClass> for BorderClass {
    fn from(class: StreetClass) -> BorderClass {
        match class {
            StreetClass::Arterial => BorderClass::Arterial,
            StreetClass::Secondary => BorderClass::Secondary,
            StreetClass::Branch => BorderClass::Branch,
            StreetClass::Lane => BorderClass::Lane,
            StreetClass::Path => BorderClass::Path,
            StreetClass::Rail => BorderClass::Rail,
        }
    }
}

/// A line that a border may run along, WGS84 degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct BorderLine {
    /// The line.
    pub line: MultiLineString<f64>,
    /// What runs there.
    pub class: BorderClass,
}

impl From<&Street> for BorderLine {
    fn from(street: &Street) -> BorderLine {
        BorderLine {
            line: street.line.clone(),
            class: street.class.into(),
        }
    }
}

/// A compound, which no border may cross.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Point, polygon or multi-polygon in WGS84 degrees.
    pub shape: Geometry<f64>,
    /// Households if known.
    pub households: Option<f64>,
}

impl From<&Compound> for Site {
    fn from(compound: &Compound) -> Site {
        Site {
            shape: compound.shape.clone(),
            households: compound.households.map(f64::from),
        }
    }
}

/// Households known at a place outside compounds, e.g. a building.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HouseholdPoint {
    /// Where, WGS84 degrees.
    pub at: Coord<f64>,
    /// How many.
    pub households: f64,
}

/// The ground to be divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    /// Streets, railway and water lines; they may reach beyond the boundary.
    pub lines: Vec<BorderLine>,
    /// The community or sub-district, WGS84 degrees. Where two of its polygons
    /// touch, the seam is a border line of its own.
    pub boundary: MultiPolygon<f64>,
    /// Compounds.
    pub compounds: Vec<Site>,
    /// Households beside those of the compounds.
    pub points: Vec<HouseholdPoint>,
    /// All households of the ground if known; what compounds and points do not
    /// explain is spread evenly over the ground outside compounds.
    pub total_households: Option<f64>,
}

impl Default for Ground {
    /// No ground at all.
    fn default() -> Ground {
        Ground {
            lines: Vec::new(),
            boundary: MultiPolygon(Vec::new()),
            compounds: Vec::new(),
            points: Vec::new(),
            total_households: None,
        }
    }
}

/// How large a grid should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Households per grid.
    Households(f64),
    /// Square metres per grid.
    AreaM2(f64),
    /// So many grids: of as many households each, or as much area if no
    /// households are known.
    Grids(usize),
}

/// How grids are made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// How large a grid should be.
    pub wanted: Wanted,
    /// How far a grid may be off, as a share of the wanted size.
    pub tolerance: f64,
    /// The same seed gives the same grids.
    pub seed: u64,
    /// How many divisions are tried, 1 to 64; the best is taken.
    pub starts: u32,
    /// How long each is improved, 0 to 100; time grows in proportion.
    pub rounds: u32,
    /// A face smaller than this joins a neighbour, m².
    pub tiny_face_m2: f64,
    /// Line ends as near as this to the boundary or to another line reach it, m.
    pub snap_m: f64,
    /// A line may run this deep in a compound before it counts as a way inside
    /// the compound: drawings are not exact, m.
    pub overlap_m: f64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            wanted: Wanted::Households(400.0),
            tolerance: 0.2,
            seed: 1,
            starts: 4,
            rounds: 30,
            tiny_face_m2: 300.0,
            snap_m: 0.5,
            overlap_m: 2.0,
        }
    }
}

/// Asked again and again in the long loops, from several threads: true when
/// nobody wants the outcome any more. Once true it stays true.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// For who waits until the end.
pub(super) const fn never() -> bool {
    false
}
