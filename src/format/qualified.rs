//! Headings of coordinates that also say whose they are: `高德经度`,
//! `百度坐标`, `gcj02_lng`, `案发地点经度`.

use crate::crs::Crs;

/// Words before or after the name of a coordinate, longest first, with the
/// system that they stand for, if any. Maps are named for what they give out.
const QUALIFIERS: &[(&str, Option<Crs>)] = &[
    ("cgcs2000", Some(Crs::Cgcs2000)),
    ("国家2000", Some(Crs::Cgcs2000)),
    ("天地图", Some(Crs::Cgcs2000)),
    ("国测局", Some(Crs::Gcj02)),
    ("bd09ll", Some(Crs::Bd09)),
    ("tencent", Some(Crs::Gcj02)),
    ("案发地点", None),
    ("事发地点", None),
    ("发案地点", None),
    ("发生地点", None),
    ("报警地点", None),
    ("报警位置", None),
    ("baidu", Some(Crs::Bd09)),
    ("gaode", Some(Crs::Gcj02)),
    ("gcj02", Some(Crs::Gcj02)),
    ("wgs84", Some(Crs::Wgs84)),
    ("location", None),
    ("案发地", None),
    ("事发地", None),
    ("发案地", None),
    ("发生地", None),
    ("报警地", None),
    ("中心点", None),
    ("amap", Some(Crs::Gcj02)),
    ("bd09", Some(Crs::Bd09)),
    ("高德", Some(Crs::Gcj02)),
    ("腾讯", Some(Crs::Gcj02)),
    ("火星", Some(Crs::Gcj02)),
    ("百度", Some(Crs::Bd09)),
    ("gcj", Some(Crs::Gcj02)),
    ("wgs", Some(Crs::Wgs84)),
    ("gps", Some(Crs::Wgs84)),
    ("现场", None),
    ("事件", None),
    ("案件", None),
    ("警情", None),
    ("地点", None),
    ("位置", None),
    ("定位", None),
    ("地址", None),
    ("地图", None),
    ("地理", None),
    ("大地", None),
    ("小区", None),
    ("网格", None),
    ("中心", None),
    ("坐标", None),
    ("bd", Some(Crs::Bd09)),
    ("的", None),
];

/// A heading without what says whose coordinate it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Qualified<'k> {
    /// The name of the coordinate alone.
    pub(super) bare: &'k str,
    /// The system that the words stand for.
    pub(super) crs: Option<Crs>,
}

/// Takes a heading that was made ready for comparing apart. A heading that
/// says nothing of the kind comes back whole.
pub(super) fn qualified(key: &str) -> Qualified<'_> {
    let (mut bare, mut crs) = (key, None);
    loop {
        let cut = QUALIFIERS.iter().find_map(|(word, says)| {
            let rest = bare
                .strip_prefix(word)
                .or_else(|| bare.strip_suffix(word))?;
            (!rest.is_empty()).then_some((rest, *says))
        });
        let Some((rest, says)) = cut else {
            return Qualified { bare, crs };
        };
        bare = rest;
        crs = crs.or(says);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_coordinate_it_is() {
        for (key, bare, crs) in [
            ("经度", "经度", None),
            ("高德经度", "经度", Some(Crs::Gcj02)),
            ("经度高德", "经度", Some(Crs::Gcj02)),
            ("gcj02lng", "lng", Some(Crs::Gcj02)),
            ("lngbd09", "lng", Some(Crs::Bd09)),
            ("wgs84纬度", "纬度", Some(Crs::Wgs84)),
            ("案发地点经度", "经度", None),
            ("百度地图坐标", "坐标", Some(Crs::Bd09)),
            ("小区名称", "名称", None),
            ("名称", "名称", None),
            ("高德", "高德", None),
        ] {
            assert_eq!(qualified(key), Qualified { bare, crs }, "{key}");
        }
    }
}
