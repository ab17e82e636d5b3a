//! Streets: what a town is read by, and what patrols walk on.

use geo::MultiLineString;
use serde::{Deserialize, Serialize};

use super::{Meta, Value, entity, words};

words! {
    /// Street class, from arterial to path, and the railway.
    StreetClass, "street class", "街道等级", "arterial (主干路), secondary (次干路), branch (支路), lane (巷), path (步道), rail (铁路)",
    /// 快速路、主干路
    Arterial = "arterial", "主干路", "Arterial", ["motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "autoroute", "nationale", "快速路", "artérielle", "artere"];
    /// 次干路
    Secondary = "secondary", "次干路", "Secondary", ["secondary_link", "tertiary", "tertiary_link", "collectrice", "collectrice municipale"];
    /// 支路
    Branch = "branch", "支路", "Branch", ["residential", "unclassified", "living_street", "locale", "road", "街"];
    /// 巷
    Lane = "lane", "巷", "Lane", ["service", "alley", "里弄", "小巷"];
    /// 步道
    Path = "path", "步道", "Path", ["footway", "pedestrian", "steps", "cycleway", "track", "piste"];
    /// 铁路
    Rail = "rail", "铁路", "Railway", ["railway", "light_rail", "subway"];
}

/// A street line between junctions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Street {
    /// Identity and origin.
    pub meta: Meta,
    /// Name; may be empty.
    pub name: String,
    /// Class.
    pub class: StreetClass,
    /// Vehicles only in the direction of the line.
    pub oneway: bool,
    /// Open on foot.
    pub foot: bool,
    /// The line in WGS84 degrees.
    pub line: MultiLineString<f64>,
}

entity! {
    Street, Streets, |this| Some(super::meta::single_line(this.line.clone())),
    "name": Text, "名称", "Name" = Value::text(&this.name);
    "class": Text, "等级", "Class" = Value::text(this.class.as_str());
    "oneway": Bool, "单行", "One-way" = Value::Bool(this.oneway);
    "foot": Bool, "可步行", "On foot" = Value::Bool(this.foot);
}
