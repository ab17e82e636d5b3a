//! The fields that an import takes, with their titles.

use super::wire::FieldInfo;
use crate::format::import_fields;
use crate::model::LayerName;

/// Fields that the layers themselves do not have, or call otherwise.
const TITLES: &[(&str, &str, &str)] = &[
    ("lon", "经度", "Longitude"),
    ("lat", "纬度", "Latitude"),
    ("lonlat", "经纬度（一列）", "Coordinates in one column"),
    ("wkt", "图形（WKT）", "Geometry as WKT"),
    ("code", "编码", "Code"),
    ("id", "来源编号", "Id in its source"),
    ("name", "名称", "Name"),
    ("kind", "种类", "Kind"),
    ("category", "类别", "Category"),
    ("occurred_at", "发生时间", "Occurred"),
    ("reported_at", "上报时间", "Reported"),
    ("status", "状态", "Status"),
    ("text", "内容", "Text"),
    ("place", "地点", "Place"),
    ("found", "发现方式", "Found by"),
    ("date_only", "只有日期", "Date only"),
    ("source", "来源", "Source"),
    ("community", "社区", "Community"),
    ("post", "网格长岗位", "Captain's post"),
    ("households", "户数", "Households"),
    ("valid_from", "启用日期", "Valid from"),
    ("valid_to", "停用日期", "Valid to"),
    ("priority", "等级", "Priority"),
    ("gates", "出入口", "Gates"),
    ("class", "道路等级", "Class"),
    ("oneway", "单行", "One-way"),
    ("foot", "可步行", "Walkable"),
    ("mode", "巡防方式", "Mode"),
    ("checkpoints", "必到点", "Checkpoints"),
];

/// What a layer takes; `shaped` says that the rows have shapes of their own.
pub(super) fn fields_of(layer: LayerName, shaped: bool) -> Vec<FieldInfo> {
    let place = ["lon", "lat", "lonlat", "wkt"];
    import_fields(layer)
        .into_iter()
        .filter(|field| !shaped || !place.contains(field))
        .map(|field| {
            let title = TITLES.iter().find(|(name, ..)| *name == field);
            let (zh, en) = title.map_or((field, field), |(_, zh, en)| (*zh, *en));
            FieldInfo {
                name: field.to_owned(),
                zh: zh.to_owned(),
                en: en.to_owned(),
                required: required(layer, field),
            }
        })
        .collect()
}

/// Without it no row of the layer can be taken.
fn required(layer: LayerName, field: &str) -> bool {
    match layer {
        LayerName::Incidents => field == "occurred_at",
        // Points may come as two columns, lines and areas only as one.
        LayerName::Grids | LayerName::Streets | LayerName::Routes => field == "wkt",
        LayerName::Compounds => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_title() {
        for &layer in LayerName::ALL {
            let fields = fields_of(layer, false);
            assert!(fields.len() > 5);
            for field in fields {
                assert_ne!(field.zh, field.name, "{layer}");
            }
        }
    }
}
