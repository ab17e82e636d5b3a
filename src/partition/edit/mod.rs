//! Changes to grids that exist already, such that no gap and no overlap
//! appears. Areas are WGS84 degrees; grids are named by their position in the
//! slice that is given.

mod check;
mod merge;
mod overlay;
mod ring;
mod snap;
mod split;
mod vertex;

use geo::MultiPolygon;
use serde::Serialize;

pub use check::{CoverageCheck, GridGap, GridOutside, GridOverlap, coverage_check};
pub use merge::merge_grids;
pub use snap::{Snapped, snap_to_neighbours};
pub use split::{Split, split_grid};
pub use vertex::move_shared_vertices;

/// A grid whose outline is now another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Its position in the slice.
    pub at: usize,
    /// The new outline.
    pub area: MultiPolygon<f64>,
}

/// Why an edit cannot be made; nothing is changed then.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EditError {
    /// No such grid.
    UnknownGrid,
    /// A coordinate is no place on earth, or a shape is empty.
    BadShape,
    /// The line does not reach from border to border.
    NotThrough,
    /// The line crosses the grid more than once.
    ManyParts {
        /// The pieces it makes.
        parts: usize,
    },
    /// A piece would be smaller than a room.
    TooSmall {
        /// Its area, m².
        area_m2: f64,
    },
    /// The grids share no border.
    NotAdjacent,
    /// The grids lie over each other, or would.
    Overlap {
        /// How much, m².
        area_m2: f64,
    },
    /// A gap would open.
    Gap {
        /// How much, m².
        area_m2: f64,
    },
    /// No corner is there.
    NoCorner,
    /// A border would cross itself or another one.
    Crosses,
}

impl EditError {
    /// A sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            EditError::UnknownGrid => "没有这个网格".to_owned(),
            EditError::BadShape => "图形为空或含有无效坐标".to_owned(),
            EditError::NotThrough => {
                "拆分线没有从边界画到边界，请把两端画到网格边界上或边界外".to_owned()
            }
            EditError::ManyParts { parts } => {
                format!("拆分线把网格分成了 {parts} 块，请只穿过一次")
            }
            EditError::TooSmall { area_m2 } => {
                format!("拆出的一块只有 {area_m2:.1} 平方米，请移动拆分线")
            }
            EditError::NotAdjacent => "这些网格没有共同的边界，不能合并".to_owned(),
            EditError::Overlap { area_m2 } => {
                format!("网格之间会有 {area_m2:.1} 平方米重叠，请先修正边界")
            }
            EditError::Gap { area_m2 } => {
                format!("网格之间会出现 {area_m2:.1} 平方米空隙，请先修正边界")
            }
            EditError::NoCorner => "这里没有边界拐点，请靠近拐点再拖动".to_owned(),
            EditError::Crosses => "移动后边界会相交，请换一个位置".to_owned(),
        }
    }

    /// A sentence in English.
    pub fn en(&self) -> String {
        match self {
            EditError::UnknownGrid => "there is no such grid".to_owned(),
            EditError::BadShape => "the shape is empty or holds coordinates that are no places".to_owned(),
            EditError::NotThrough => {
                "the line does not run from border to border; draw both ends onto or over the border".to_owned()
            }
            EditError::ManyParts { parts } => {
                format!("the line makes {parts} pieces; let it cross the grid once")
            }
            EditError::TooSmall { area_m2 } => {
                format!("one piece has only {area_m2:.1} m²; move the line")
            }
            EditError::NotAdjacent => "the grids share no border and cannot be merged".to_owned(),
            EditError::Overlap { area_m2 } => {
                format!("grids would overlap by {area_m2:.1} m²; correct the border first")
            }
            EditError::Gap { area_m2 } => {
                format!("a gap of {area_m2:.1} m² would open; correct the border first")
            }
            EditError::NoCorner => "no corner of a border is here; start nearer to one".to_owned(),
            EditError::Crosses => "borders would cross; choose another place".to_owned(),
        }
    }
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for EditError {}
