//! What a person should know about a proposal, in both languages.

use serde::{Deserialize, Serialize};

use super::input::BorderClass;

/// Why no grids can be made at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartitionError {
    /// The boundary encloses nothing.
    EmptyBoundary,
    /// A coordinate of the boundary is not a place on earth.
    BadBoundary,
    /// The boundary is larger than a city.
    TooLarge,
    /// Too many lines or crossings.
    TooDense,
    /// A size in households is wanted, but none are known.
    NoHouseholds,
    /// An option out of its range.
    BadOption {
        /// Its name.
        option: &'static str,
    },
    /// Nobody wants the outcome any more.
    Stopped,
}

impl PartitionError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            PartitionError::EmptyBoundary => "empty_boundary",
            PartitionError::BadBoundary => "bad_boundary",
            PartitionError::TooLarge => "too_large",
            PartitionError::TooDense => "too_dense",
            PartitionError::NoHouseholds => "no_households",
            PartitionError::BadOption { .. } => "bad_option",
            PartitionError::Stopped => "stopped",
        }
    }

    /// A sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            PartitionError::EmptyBoundary => "边界是空的，请先画出社区或街道的边界".to_owned(),
            PartitionError::BadBoundary => "边界里有无效的坐标，请检查边界文件".to_owned(),
            PartitionError::TooLarge => {
                "边界范围过大（超过 300 公里），请按街道或社区分别划分".to_owned()
            }
            PartitionError::TooDense => {
                "道路线或交叉点过多，请按社区分别划分，或先去掉步道".to_owned()
            }
            PartitionError::NoHouseholds => {
                "没有任何户数，无法按户数划分；请录入小区户数，或改为按网格数、按面积划分"
                    .to_owned()
            }
            PartitionError::BadOption { option } => format!("参数“{option}”超出允许范围"),
            PartitionError::Stopped => "已取消；需要时请重新生成".to_owned(),
        }
    }

    /// A sentence in English.
    pub fn en(&self) -> String {
        match self {
            PartitionError::EmptyBoundary => {
                "the boundary is empty; draw the boundary of the community first".to_owned()
            }
            PartitionError::BadBoundary => {
                "the boundary holds coordinates that are no places; check its file".to_owned()
            }
            PartitionError::TooLarge => {
                "the boundary is over 300 km wide; divide one sub-district at a time".to_owned()
            }
            PartitionError::TooDense => {
                "too many lines or crossings; divide one community at a time or leave out paths"
                    .to_owned()
            }
            PartitionError::NoHouseholds => {
                "no households are known; enter those of the compounds, or divide by number of grids or by area"
                    .to_owned()
            }
            PartitionError::BadOption { option } => format!("option `{option}` is out of range"),
            PartitionError::Stopped => "it was cancelled; propose again".to_owned(),
        }
    }
}

impl std::fmt::Display for PartitionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for PartitionError {}

/// Something that was found on the way; the proposal stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Problem {
    /// Lines inside the boundary that end without enclosing anything.
    DeadEnds {
        /// Stretches between corners.
        count: usize,
        /// Their length.
        length_m: f64,
    },
    /// Faces too small or too narrow for a grid, joined to a neighbour.
    SliversJoined {
        /// How many.
        count: usize,
        /// Their area.
        area_m2: f64,
    },
    /// A compound has more households than a grid may have.
    CompoundTooLarge {
        /// Its position in the input.
        compound: usize,
        /// Its households.
        households: f64,
    },
    /// A face between lines holds more than a grid may hold: a street is missing.
    FaceTooLarge {
        /// The face.
        face: u32,
        /// Its households or square metres.
        size: f64,
    },
    /// A main road, railway or water runs through a compound; it was not used.
    CompoundCrossed {
        /// Position of the compound in the input.
        compound: usize,
        /// What crosses it.
        class: BorderClass,
    },
    /// The boundary runs through a compound.
    CompoundOnBoundary {
        /// Position of the compound in the input.
        compound: usize,
        /// Share of its area inside the boundary.
        inside: f64,
    },
    /// A compound lies outside the boundary and does not count.
    CompoundOutside {
        /// Its position in the input.
        compound: usize,
    },
    /// Points with households outside the boundary; they do not count.
    PointsOutside {
        /// How many.
        count: usize,
        /// Their households.
        households: f64,
    },
    /// More households are known than the given total; the total was not used.
    TotalTooSmall {
        /// What was given.
        total: f64,
        /// What is known.
        known: f64,
    },
    /// Shapes with coordinates that are no places, or numbers that are none;
    /// they were left out.
    BadShapes {
        /// How many.
        count: usize,
    },
    /// There are fewer faces than wanted grids.
    FewFaces {
        /// Wanted grids.
        wanted: usize,
        /// Faces.
        faces: usize,
    },
    /// A grid of several parts, because the boundary is in several parts.
    SeveralParts {
        /// The grid.
        grid: u32,
        /// How many parts.
        parts: usize,
    },
    /// A grid encloses another one.
    Encloses {
        /// The outer grid.
        grid: u32,
    },
}

impl Problem {
    /// A sentence in Chinese; compounds and grids are counted from 1.
    pub fn zh(&self) -> String {
        match self {
            Problem::DeadEnds { count, length_m } => {
                format!("{count} 段断头路（共 {length_m:.0} 米）围不成区域，未用作边界")
            }
            Problem::SliversJoined { count, area_m2 } => {
                format!("{count} 个过小或过窄的地块（共 {area_m2:.0} 平方米）已并入相邻地块")
            }
            Problem::CompoundTooLarge {
                compound,
                households,
            } => format!(
                "第 {} 个小区有 {households:.0} 户，超过一个网格的规模，单独成格",
                compound + 1
            ),
            Problem::FaceTooLarge { face, size } => format!(
                "第 {} 个地块（{size:.0}）超过一个网格的规模，且内部没有道路可分，请补画道路",
                face + 1
            ),
            Problem::CompoundCrossed { compound, class } => format!(
                "有{}穿过第 {} 个小区，未用作边界，请核对小区范围",
                class_zh(*class),
                compound + 1
            ),
            Problem::CompoundOnBoundary { compound, inside } => format!(
                "边界穿过第 {} 个小区（边界内占 {:.0}%），请核对边界或小区范围",
                compound + 1,
                inside * 100.0
            ),
            Problem::CompoundOutside { compound } => {
                format!("第 {} 个小区不在边界内，未计入", compound + 1)
            }
            Problem::PointsOutside { count, households } => {
                format!("{count} 个点（{households:.0} 户）不在边界内，未计入")
            }
            Problem::TotalTooSmall { total, known } => {
                format!("总户数 {total:.0} 小于小区等已知户数之和 {known:.0}，已按已知户数计算")
            }
            Problem::BadShapes { count } => format!("{count} 个图形或数值无效，已忽略"),
            Problem::FewFaces { wanted, faces } => {
                format!("道路只围出 {faces} 个地块，不足以划分 {wanted} 个网格")
            }
            Problem::SeveralParts { grid, parts } => {
                format!("第 {} 个网格由 {parts} 块组成，因为边界不相连", grid + 1)
            }
            Problem::Encloses { grid } => format!("第 {} 个网格包围了另一个网格", grid + 1),
        }
    }

    /// A sentence in English; compounds and grids are counted from 1.
    pub fn en(&self) -> String {
        match self {
            Problem::DeadEnds { count, length_m } => {
                format!("{count} dead ends ({length_m:.0} m) enclose nothing and are no borders")
            }
            Problem::SliversJoined { count, area_m2 } => {
                format!("{count} tiny or narrow faces ({area_m2:.0} m²) joined a neighbour")
            }
            Problem::CompoundTooLarge {
                compound,
                households,
            } => format!(
                "compound {} has {households:.0} households, more than a grid; it stands alone",
                compound + 1
            ),
            Problem::FaceTooLarge { face, size } => format!(
                "face {} ({size:.0}) is larger than a grid and has no street inside; draw the missing street",
                face + 1
            ),
            Problem::CompoundCrossed { compound, class } => format!(
                "{} runs through compound {} and is no border there; check the compound's outline",
                class_en(*class),
                compound + 1
            ),
            Problem::CompoundOnBoundary { compound, inside } => format!(
                "the boundary runs through compound {} ({:.0} % inside); check one of the two",
                compound + 1,
                inside * 100.0
            ),
            Problem::CompoundOutside { compound } => {
                format!("compound {} lies outside the boundary", compound + 1)
            }
            Problem::PointsOutside { count, households } => {
                format!("{count} points ({households:.0} households) lie outside the boundary")
            }
            Problem::TotalTooSmall { total, known } => format!(
                "the total of {total:.0} households is less than the known {known:.0}; the known ones were taken"
            ),
            Problem::BadShapes { count } => {
                format!("{count} shapes or numbers are invalid and were left out")
            }
            Problem::FewFaces { wanted, faces } => {
                format!("streets enclose only {faces} faces, too few for {wanted} grids")
            }
            Problem::SeveralParts { grid, parts } => format!(
                "grid {} has {parts} parts, because the boundary is not connected",
                grid + 1
            ),
            Problem::Encloses { grid } => format!("grid {} encloses another one", grid + 1),
        }
    }
}

/// Why a grid is not within the tolerance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// One of its compounds alone is too large.
    CompoundTooLarge {
        /// Position of the compound in the input.
        compound: usize,
    },
    /// One of its faces alone is too large, and no line divides it.
    FaceTooLarge {
        /// The face.
        face: u32,
    },
    /// Every neighbour would then be off, or nothing is left to share.
    NothingToShare,
    /// No border along the lines was found that does better.
    NoBetterBorder,
}

impl Why {
    /// A sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Why::CompoundTooLarge { compound } => {
                format!("其中第 {} 个小区本身就超出规模，小区不能拆分", compound + 1)
            }
            Why::FaceTooLarge { face } => {
                format!("其中第 {} 个地块本身就超出规模，内部没有道路可分", face + 1)
            }
            Why::NothingToShare => "没有可以调剂的相邻网格".to_owned(),
            Why::NoBetterBorder => "沿现有道路找不到更均衡的边界".to_owned(),
        }
    }

    /// A sentence in English.
    pub fn en(&self) -> String {
        match self {
            Why::CompoundTooLarge { compound } => format!(
                "compound {} alone is too large, and compounds are not divided",
                compound + 1
            ),
            Why::FaceTooLarge { face } => {
                format!(
                    "face {} alone is too large and has no street inside",
                    face + 1
                )
            }
            Why::NothingToShare => "there is no neighbour to share with".to_owned(),
            Why::NoBetterBorder => {
                "no border along the lines was found that does better".to_owned()
            }
        }
    }
}

fn class_zh(class: BorderClass) -> &'static str {
    match class {
        BorderClass::Boundary => "边界线",
        BorderClass::Rail => "铁路",
        BorderClass::Water => "水面",
        BorderClass::Arterial => "主干路",
        BorderClass::Secondary => "次干路",
        BorderClass::Branch => "支路",
        BorderClass::Lane => "巷",
        BorderClass::Path => "步道",
    }
}

fn class_en(class: BorderClass) -> &'static str {
    match class {
        BorderClass::Boundary => "the seam of the boundary",
        BorderClass::Rail => "a railway",
        BorderClass::Water => "water",
        BorderClass::Arterial => "an arterial road",
        BorderClass::Secondary => "a secondary road",
        BorderClass::Branch => "a branch street",
        BorderClass::Lane => "a lane",
        BorderClass::Path => "a path",
    }
}
