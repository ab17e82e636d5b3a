//! 重点小区: the places that patrols must not miss.

use geo::{Coord, Geometry};
use serde::{Deserialize, Serialize};

use super::{Meta, Value, entity, words};

words! {
    /// What kind of place it is.
    CompoundKind, "compound kind", "小区类型", "residential (小区), school (学校), market (市场), hospital (医院), station (派出所), office (办公), other (其他)",
    /// 小区
    Residential = "residential", "小区", "Residential", ["住宅小区", "居民小区", "住宅"];
    /// 学校
    School = "school", "学校", "School", ["校园"];
    /// 市场、商场
    Market = "market", "市场", "Market", ["商场", "商圈", "农贸市场"];
    /// 医院
    Hospital = "hospital", "医院", "Hospital", ["卫生院"];
    /// 派出所
    Station = "station", "派出所", "Police station", ["警务室"];
    /// 社区居委会、街道办
    Office = "office", "办公", "Office", ["社区", "居委会"];
    /// 其他
    Other = "other", "其他", "Other", [""];
}

/// A key compound: an area, or a point where no outline is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compound {
    /// Identity and origin.
    pub meta: Meta,
    /// Code; may be empty.
    pub code: String,
    /// Name.
    pub name: String,
    /// What kind of place it is.
    pub kind: CompoundKind,
    /// Community (社区) name; may be empty.
    pub community: String,
    /// 1 high, 2 middle, 3 low.
    pub priority: u8,
    /// Households if known.
    pub households: Option<u32>,
    /// Gates (出入口) in WGS84 degrees.
    pub gates: Vec<Coord<f64>>,
    /// Point, polygon or multi-polygon in WGS84 degrees.
    pub shape: Geometry<f64>,
}

entity! {
    Compound, Compounds, |this| Some(this.shape.clone()),
    "code": Text, "编号", "Code" = Value::text(&this.code);
    "name": Text, "名称", "Name" = Value::text(&this.name);
    "kind": Text, "类型", "Kind" = Value::text(this.kind.as_str());
    "community": Text, "社区", "Community" = Value::text(&this.community);
    "priority": Integer, "等级", "Priority" = Value::Integer(this.priority.into());
    "households": Integer, "户数", "Households" = Value::integer(this.households);
}
