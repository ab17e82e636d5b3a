//! 网格: the unit of neighbourhood work.

use geo::MultiPolygon;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Entity, Field, FieldType, LayerName, Meta, Value, words};

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

impl Entity for Grid {
    const LAYER: LayerName = LayerName::Grids;

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }

    fn geometry(&self) -> Option<geo::Geometry<f64>> {
        Some(super::meta::single(self.area.clone()))
    }

    fn fields() -> &'static [Field] {
        const FIELDS: &[Field] = &[
            Field::new("code", FieldType::Text, "编号", "Code"),
            Field::new("name", FieldType::Text, "名称", "Name"),
            Field::new("kind", FieldType::Text, "类型", "Kind"),
            Field::new("community", FieldType::Text, "社区", "Community"),
            Field::new("post", FieldType::Text, "网格长岗位", "Captain's post"),
            Field::new("households", FieldType::Integer, "户数", "Households"),
            Field::new("valid_from", FieldType::Date, "启用日期", "Valid from"),
            Field::new("valid_to", FieldType::Date, "停用日期", "Valid to"),
            Field::new("source", FieldType::Text, "来源", "Source"),
            Field::new("source_id", FieldType::Text, "来源编号", "Source id"),
        ];
        FIELDS
    }

    fn value(&self, name: &str) -> Value {
        match name {
            "code" => Value::text(&self.code),
            "name" => Value::text(&self.name),
            "kind" => Value::text(self.kind.as_str()),
            "community" => Value::text(&self.community),
            "post" => Value::text(&self.post),
            "households" => Value::integer(self.households),
            "valid_from" => self.valid_from.map_or(Value::Null, Value::Date),
            "valid_to" => self.valid_to.map_or(Value::Null, Value::Date),
            _ => self.meta.value(name),
        }
    }
}
