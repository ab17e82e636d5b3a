//! 网格: the unit of neighbourhood work.

use geo::MultiPolygon;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Meta, Value, entity, words};

words! {
    /// 基础网格 or 专属网格 (schools, malls, parks; they may lie over basic ones).
    GridKind, "grid kind", "网格类型", "basic (基础), special (专属)",
    /// 基础网格: the basic grids tile the sub-district.
    Basic = "basic", "基础", "Basic", ["基础网格"];
    /// 专属网格
    Special = "special", "专属", "Special", ["专属网格", "专属型"];
}

/// A grid polygon with the days on which it is valid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Identity and origin.
    pub meta: Meta,
    /// Code as text; its length and meaning differ by year and source.
    pub code: String,
    /// Name.
    pub name: String,
    /// 基础 or 专属.
    pub kind: GridKind,
    /// Community (社区) name; may be empty.
    pub community: String,
    /// Post of the captain (网格长岗位), never a person.
    pub post: String,
    /// Households if known; else the sum of its compounds may stand in, said so.
    pub households: Option<u32>,
    /// First day of validity.
    pub valid_from: Option<Date>,
    /// First day on which it is no longer valid.
    pub valid_to: Option<Date>,
    /// The area in WGS84 degrees.
    pub area: MultiPolygon<f64>,
}

impl Grid {
    /// True if the grid is valid on that day: `[valid_from, valid_to)`.
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }
}

entity! {
    Grid, Grids, |this| Some(super::meta::single(this.area.clone())),
    "code": Text, "编号", "Code" = Value::text(&this.code);
    "name": Text, "名称", "Name" = Value::text(&this.name);
    "kind": Text, "类型", "Kind" = Value::text(this.kind.as_str());
    "community": Text, "社区", "Community" = Value::text(&this.community);
    "post": Text, "网格长岗位", "Captain's post" = Value::text(&this.post);
    "households": Integer, "户数", "Households" = Value::integer(this.households);
    "valid_from": Date, "启用日期", "Valid from" = this.valid_from.map_or(Value::Null, Value::Date);
    "valid_to": Date, "停用日期", "Valid to" = this.valid_to.map_or(Value::Null, Value::Date);
}
