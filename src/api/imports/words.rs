//! The words of a preview: what a problem is called, what becomes of its rows
//! and what can be done.

use super::super::lang::Lang;
use crate::service::import::RowPlan;
use crate::service::imports::{
    NEW_CATEGORY, NO_COORDINATES, Note, PlaceChoice, ProblemGroup, Severity, Staged, StagedRow,
};

/// Codes with their titles and what the page can offer.
const CODES: &[(&str, &str, &str, &str)] = &[
    (NO_COORDINATES, "没有坐标", "No coordinates", "places"),
    (NEW_CATEGORY, "类别未认出", "Unknown category", "category"),
    ("kind", "看不出是哪一类", "Kind not clear", "category"),
    ("duplicate_id", "编号重复", "Repeated id", "none"),
    ("time_parse", "时间不成立", "Not a time", "mapping"),
    (
        "time_ambiguous",
        "日月先后不明",
        "Day and month unclear",
        "mapping",
    ),
    ("time_future", "时间在未来", "Time in the future", "none"),
    (
        "swapped",
        "经纬度颠倒",
        "Longitude and latitude swapped",
        "mapping",
    ),
    (
        "coord_missing",
        "经纬度缺一个",
        "One coordinate missing",
        "none",
    ),
    ("coord_parse", "坐标读不出", "Not a coordinate", "mapping"),
    (
        "coord_range",
        "坐标超出范围",
        "Coordinate out of range",
        "crs",
    ),
    (
        "coord_not_finite",
        "坐标不是数",
        "Coordinate is no number",
        "none",
    ),
    (
        "maybe_projected",
        "坐标像是平面坐标",
        "Metres in place of degrees",
        "crs",
    ),
    ("null_island", "坐标是 0, 0", "Coordinates 0, 0", "none"),
    (
        "outside_area",
        "离其他行很远",
        "Far from the other rows",
        "crs",
    ),
    ("crs", "坐标系", "Coordinate system", "crs"),
    ("mapping", "列没有对应好", "Columns not assigned", "mapping"),
    (
        "missing_field",
        "缺少必填内容",
        "Required value missing",
        "mapping",
    ),
    ("bad_value", "内容不合要求", "Value not usable", "none"),
    ("bad_id", "编号不能用", "Id not usable", "none"),
    (
        "id_mangled",
        "编号被表格软件改成科学计数",
        "Id rounded by a spreadsheet",
        "none",
    ),
    ("csv_columns", "列数不对", "Wrong number of cells", "none"),
    ("csv_syntax", "引号没有成对", "Open quote", "none"),
    ("encoding", "文字编码不对", "Wrong encoding", "encoding"),
    ("mojibake_suspected", "疑似乱码", "Damaged text", "encoding"),
    (
        "bad_text",
        "含有不能保存的字符",
        "Characters that cannot be kept",
        "none",
    ),
    ("text_too_long", "文字太长", "Text too long", "none"),
    ("too_many_fields", "属性太多", "Too many properties", "none"),
    ("corrupt", "文件损坏", "Damaged file", "none"),
    ("empty", "没有数据行", "No rows", "none"),
    ("no_geometry", "没有图形", "No geometry", "none"),
    (
        "geom_type",
        "图形类型不对",
        "Wrong type of geometry",
        "none",
    ),
    ("bad_position", "坐标写法不对", "Not a position", "none"),
    ("ring_too_short", "边界点太少", "Ring too short", "none"),
    ("ring_not_closed", "边界没有闭合", "Ring not closed", "none"),
    ("zero_area", "面积为零", "No area", "none"),
    (
        "line_too_short",
        "线没有长度",
        "Line without length",
        "none",
    ),
    (
        "self_intersection",
        "边界自相交",
        "Ring crosses itself",
        "none",
    ),
    ("self_touch", "边界自接触", "Ring touches itself", "none"),
    ("hole_outside", "洞在边界之外", "Hole outside", "none"),
    ("holes_overlap", "洞互相重叠", "Holes overlap", "none"),
    ("parts_overlap", "部分互相重叠", "Parts overlap", "none"),
    ("too_many_vertices", "顶点太多", "Too many corners", "none"),
    (
        "antimeridian",
        "跨越 180 度经线",
        "Crosses 180 degrees",
        "none",
    ),
    (
        "duplicate_vertices",
        "重复的顶点",
        "Repeated corners",
        "none",
    ),
    ("grid_overlap", "网格重叠", "Grids overlap", "none"),
    ("grid_gap", "网格之间有缝", "Gap between grids", "none"),
    (
        "pii_masked",
        "个人信息已遮盖",
        "Personal data masked",
        "none",
    ),
    (
        "pii_column_dropped",
        "个人信息列不写入",
        "Personal column left out",
        "none",
    ),
    ("duplicate_key", "同一个键出现两次", "One key twice", "none"),
    ("too_deep", "嵌套太深", "Nested too deep", "none"),
    ("json_syntax", "不是 JSON", "Not JSON", "none"),
    ("not_geojson", "不是 GeoJSON", "Not GeoJSON", "none"),
    (
        "ambiguous",
        "有多个表或图层",
        "Several sheets or layers",
        "sheet",
    ),
    ("wrong_format", "格式不对", "Wrong format", "none"),
    ("missing_part", "缺少配套文件", "A part is missing", "none"),
    ("not_zip", "不是 zip 压缩包", "Not a zip archive", "none"),
    ("zip_limits", "压缩包太大", "Archive too large", "none"),
    (
        "zip_path",
        "压缩包内路径不安全",
        "Unsafe path in the archive",
        "none",
    ),
    ("encrypted", "有密码", "Password needed", "none"),
    (
        "xml_syntax",
        "不是正确的 XML",
        "Not well-formed XML",
        "none",
    ),
    ("xml_doctype", "含 DOCTYPE", "DOCTYPE in the XML", "none"),
];

fn entry(code: &str) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    CODES.iter().find(|(known, ..)| *known == code)
}

/// What a problem is called.
pub(super) fn title(code: &str, lang: Lang) -> &'static str {
    match entry(code) {
        Some((_, zh, en, _)) => lang.pick(*zh, *en),
        None => lang.pick("需要留意", "Worth a look"),
    }
}

/// What the page can offer against it.
pub(super) fn action(code: &str) -> &'static str {
    entry(code).map_or("none", |(.., action)| action)
}

/// What becomes of the rows of a problem.
pub(super) fn what_happens(group: &ProblemGroup, staged: &Staged, lang: Lang) -> String {
    match (group.code.as_str(), group.severity) {
        (NO_COORDINATES, _) => no_coordinates(staged, lang),
        (NEW_CATEGORY, _) => {
            let words = example(group, lang);
            match lang {
                Lang::Zh => format!("“{words}”：不选就作为新类别入库"),
                Lang::En => format!("{words}: stored as new categories unless you choose one"),
            }
        }
        ("kind", Severity::Rejected) => lang
            .pick(
                "不入库；选一个类别，或给所有行定一个类型",
                "Refused; choose a category, or one kind for all rows",
            )
            .to_owned(),
        ("duplicate_id", Severity::Rejected) => lang
            .pick("跳过，保留先到的一行", "Skipped; the first row stays")
            .to_owned(),
        (_, Severity::Rejected) => {
            let text = lang.pick("不入库：", "Refused: ");
            format!("{text}{}", example(group, lang))
        }
        (_, Severity::Repaired) => {
            let text = lang.pick("已修正后入库：", "Stored after a repair: ");
            format!("{text}{}", example(group, lang))
        }
        (_, Severity::Warning) if group.rows == 0 => example(group, lang),
        (_, Severity::Warning) => {
            let text = lang.pick("照常入库，请核对：", "Stored as it is, please check: ");
            format!("{text}{}", example(group, lang))
        }
    }
}

fn example(group: &ProblemGroup, lang: Lang) -> String {
    let example = group.example.as_ref();
    example
        .map(|(zh, en)| lang.pick(zh, en).clone())
        .unwrap_or_default()
}

/// How many rows without coordinates could be placed.
fn no_coordinates(staged: &Staged, lang: Lang) -> String {
    let open = staged.places.iter().filter(|place| place.chosen.is_none());
    let (mut surely, mut perhaps) = (0, 0);
    for place in open {
        match (&place.proposal, place.others.is_empty()) {
            (Some(_), _) => surely += place.rows,
            (None, false) => perhaps += place.rows,
            (None, true) => {}
        }
    }
    let rest = staged.counts.unplaced.saturating_sub(surely + perhaps);
    match lang {
        Lang::Zh => {
            format!(
                "{surely} 行可按地名配上，{perhaps} 行有几个可能，{rest} 行留作未上图；不确认就都不上图"
            )
        }
        Lang::En => format!(
            "{surely} rows fit a name on the map, {perhaps} may fit several, {rest} stay without a place; unless confirmed none is placed"
        ),
    }
}

/// What becomes of one row.
pub(super) fn outcome(staged: &Staged, row: &StagedRow, lang: Lang) -> String {
    let refusal = row
        .notes
        .iter()
        .find(|note| note.severity == Severity::Rejected);
    let plan = match row.plan {
        None => {
            let reason = refusal
                .map(|note| title(&note.code, lang))
                .unwrap_or_default();
            return match lang {
                Lang::Zh => format!("不入库：{reason}"),
                Lang::En => format!("refused: {reason}"),
            };
        }
        Some(RowPlan::New) => lang.pick("可入库", "new"),
        Some(RowPlan::Updated) => lang.pick("更新已有的一行", "updates a row"),
        Some(RowPlan::Unchanged) => lang.pick("已有，没有变化", "there already"),
    };
    let mut parts = vec![plan.to_owned()];
    if let Some(place) = row.place.and_then(|slot| staged.places.get(slot as usize)) {
        match (&place.chosen, &place.proposal) {
            (Some(PlaceChoice::At { .. }), _) => {
                parts.push(lang.pick("按地名定位", "placed by its name").to_owned());
            }
            (None, Some(found)) if row.unplaced => parts.push(match lang {
                Lang::Zh => format!("可按“{}”定位", found.name),
                Lang::En => format!("could be placed at {}", found.name),
            }),
            _ if row.unplaced => parts.push(lang.pick("未上图", "without a place").to_owned()),
            _ => {}
        }
    } else if row.unplaced {
        parts.push(lang.pick("未上图", "without a place").to_owned());
    }
    if row.new_word {
        parts.push(lang.pick("新类别", "new category").to_owned());
    }
    for note in &row.notes {
        parts.push(title(&note.code, lang).to_owned());
    }
    parts.dedup();
    parts.join(lang.pick("，", ", "))
}

/// A note as a sentence with its column.
pub(super) fn told(note: &Note, lang: Lang) -> String {
    let reason = lang.pick(&note.zh, &note.en);
    match (&note.column, lang) {
        (Some(column), Lang::Zh) => format!("“{column}”列：{reason}"),
        (Some(column), Lang::En) => format!("{column}: {reason}"),
        (None, _) => reason.clone(),
    }
}

/// A coordinate system with those who use it.
pub(super) fn crs_title(crs: &str, lang: Lang) -> String {
    let (zh, en) = match crs {
        "wgs84" => ("WGS84 GPS、天地图", "WGS84: GPS, Tianditu"),
        "gcj02" => ("GCJ-02 高德、腾讯", "GCJ-02: Amap, Tencent"),
        "bd09" => ("BD-09 百度", "BD-09: Baidu"),
        "cgcs2000" => ("CGCS2000 经纬度", "CGCS2000 degrees"),
        "epsg:3857" => ("Web 墨卡托", "Web Mercator"),
        _ => {
            return match lang {
                Lang::Zh => format!("高斯-克吕格平面坐标 {}", crs.to_uppercase()),
                Lang::En => format!("Gauss-Krüger {}", crs.to_uppercase()),
            };
        }
    };
    lang.pick(zh, en).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_readers_has_a_title() {
        let mut seen = std::collections::HashSet::new();
        for (code, zh, en, action) in CODES {
            assert!(seen.insert(code), "{code} is there twice");
            assert!(!zh.is_empty() && !en.is_empty());
            let known = [
                "none", "crs", "mapping", "places", "encoding", "category", "sheet",
            ];
            assert!(known.contains(action), "{code}: {action}");
        }
        for code in crate::format::Code::ALL {
            assert!(entry(code.as_str()).is_some(), "{code} has no title");
        }
    }
}
