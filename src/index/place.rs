//! Which grids an incident lies in.

use serde::{Deserialize, Serialize};

/// Which grids count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GridsOf {
    /// Those valid on the day it occurred.
    #[default]
    Event,
    /// Those valid today.
    Today,
}

/// The grids of an incident, as slots of the snapshot's grids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// 基础 grid.
    pub basic: Option<u32>,
    /// 专属 grid.
    pub special: Option<u32>,
}
