//! 巡防路线: a line to walk, with the points that must be reached.

use geo::{Coord, MultiLineString};
use serde::{Deserialize, Serialize};

use super::{Meta, Value, entity, words};

words! {
    /// How a patrol moves.
    PatrolMode, "patrol mode", "巡防方式", "foot (步行), ebike (电动车), car (汽车)",
    /// 步行
    Foot = "foot", "步行", "On foot", ["walk", "徒步"];
    /// 电动车
    Ebike = "ebike", "电动车", "E-bike", ["e-bike", "骑行", "bike"];
    /// 汽车
    Car = "car", "汽车", "Car", ["车巡", "驾车"];
}

/// 必到点: a place that the route must reach, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Name of the place.
    pub name: String,
    /// Where it is, WGS84 degrees.
    pub at: Coord<f64>,
}

/// A patrol route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Identity and origin.
    pub meta: Meta,
    /// Code; may be empty.
    pub code: String,
    /// Name.
    pub name: String,
    /// How the patrol moves.
    pub mode: PatrolMode,
    /// Places to reach, in order.
    pub checkpoints: Vec<Checkpoint>,
    /// The line in WGS84 degrees.
    pub line: MultiLineString<f64>,
}

entity! {
    Route, Routes, |this| Some(super::meta::single_line(this.line.clone())),
    "code": Text, "编号", "Code" = Value::text(&this.code);
    "name": Text, "名称", "Name" = Value::text(&this.name);
    "mode": Text, "方式", "Mode" = Value::text(this.mode.as_str());
    "checkpoints": Text, "必到点", "Checkpoints" = {
        let names: Vec<&str> = this.checkpoints.iter().map(|c| c.name.as_str()).collect();
        Value::text(&names.join("、"))
    };
}
