//! 巡防路线: a line to walk, with the points that must be reached.

use geo::{Coord, MultiLineString};
use serde::{Deserialize, Serialize};

use super::{Entity, Field, FieldType, LayerName, Meta, Value, words};

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

impl Entity for Route {
    const LAYER: LayerName = LayerName::Routes;

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }

    fn geometry(&self) -> Option<geo::Geometry<f64>> {
        Some(super::meta::single_line(self.line.clone()))
    }

    fn fields() -> &'static [Field] {
        const FIELDS: &[Field] = &[
            Field::new("code", FieldType::Text, "编号", "Code"),
            Field::new("name", FieldType::Text, "名称", "Name"),
            Field::new("mode", FieldType::Text, "方式", "Mode"),
            Field::new("checkpoints", FieldType::Text, "必到点", "Checkpoints"),
            Field::new("source", FieldType::Text, "来源", "Source"),
            Field::new("source_id", FieldType::Text, "来源编号", "Source id"),
        ];
        FIELDS
    }

    fn value(&self, name: &str) -> Value {
        match name {
            "code" => Value::text(&self.code),
            "name" => Value::text(&self.name),
            "mode" => Value::text(self.mode.as_str()),
            "checkpoints" => {
                let names: Vec<&str> = self.checkpoints.iter().map(|c| c.name.as_str()).collect();
                Value::text(&names.join("、"))
            }
            _ => self.meta.value(name),
        }
    }
}
