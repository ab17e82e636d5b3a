//! Tables as text.

use geo::Coord;
use gridmap::crs::Crs;
use gridmap::format::{Input, Options, Repeat, Severity, import};
use gridmap::model::{Entity, IncidentKind, LayerName, Value};
use serde_json::Value as Json;

use super::{assert_expected_incidents, bytes, csv, grids, incidents, options};

#[test]
fn the_same_incidents_in_seven_forms() {
    for (file, crs, encoding, tolerance) in [
        ("incidents_utf8_bom.csv", "wgs84", "utf-8", 1e-9),
        ("incidents_gbk.csv", "wgs84", "gb18030", 1e-9),
        ("incidents_gcj02_utf8.csv", "gcj02", "utf-8", 2e-7),
        ("incidents_bd09_gbk.csv", "bd09", "gb18030", 2e-7),
        ("incidents_gk117_XisNorth.csv", "epsg:4548", "gb18030", 2e-8),
    ] {
        let parsed = import(
            LayerName::Incidents,
            Input::Csv(&bytes(&format!("formats/{file}"))),
            &options(crs),
        )
        .unwrap();
        assert_eq!(parsed.report.encoding, encoding, "{file}");
        assert_eq!(
            (parsed.report.read, parsed.report.rejected),
            (30, 0),
            "{file} {:?}",
            parsed.report
        );
        assert_expected_incidents(&parsed, tolerance);
    }
    let geojson = bytes("formats/incidents.geojson");
    let parsed = import(
        LayerName::Incidents,
        Input::GeoJson(&geojson),
        &options("wgs84"),
    )
    .unwrap();
    assert_expected_incidents(&parsed, 1e-12);

    // Four-byte characters survive.
    let parsed = import(
        LayerName::Incidents,
        Input::Csv(&bytes("formats/incidents_gb18030.csv")),
        &options("wgs84"),
    )
    .unwrap();
    assert_eq!((parsed.report.read, parsed.report.rejected), (30, 0));
    assert!(
        incidents(&parsed)
            .iter()
            .any(|i| i.text.chars().any(|c| u32::from(c) > 0x3000))
    );
}

#[test]
fn kinds_follow_from_categories() {
    let parsed = import(
        LayerName::Incidents,
        Input::Csv(&bytes("formats/incidents_gbk.csv")),
        &options("wgs84"),
    )
    .unwrap();
    let kind_of = |code: &str| {
        incidents(&parsed)
            .iter()
            .find(|i| i.category == code)
            .map(|i| i.kind)
    };
    assert_eq!(kind_of("police.theft"), Some(IncidentKind::Police));
    assert_eq!(kind_of("police.fraud"), Some(IncidentKind::Police));
    assert_eq!(kind_of("dispute.neighbor"), Some(IncidentKind::Dispute));
    assert_eq!(kind_of("hotline.noise"), Some(IncidentKind::Hotline));
    assert!(
        parsed.new_categories.is_empty(),
        "{:?}",
        parsed.new_categories
    );
}

#[test]
fn the_dirty_rows_and_no_others() {
    let expected: Json =
        serde_json::from_slice(&bytes("formats/incidents_dirty.expected.json")).unwrap();
    let mut dirty: Vec<u64> = expected["dirty_rows_1_based_data"]
        .as_object()
        .unwrap()
        .keys()
        .map(|k| k.parse().unwrap())
        .collect();
    dirty.sort_unstable();
    let parsed = import(
        LayerName::Incidents,
        Input::Csv(&bytes("formats/incidents_dirty.csv")),
        &options("wgs84"),
    )
    .unwrap();
    let mut rejected: Vec<(u64, &str)> = parsed
        .report
        .problems
        .iter()
        .filter(|p| p.severity == Severity::Rejected)
        .map(|p| (p.row.unwrap(), p.code.as_str()))
        .collect();
    rejected.sort_unstable();
    assert_eq!(
        rejected,
        [
            (4, "coord_missing"),
            (6, "swapped"),
            (8, "null_island"),
            (10, "time_parse"),
            (12, "coord_parse"),
            (14, "duplicate_id"),
            (16, "csv_columns"),
            (20, "time_parse"),
            (22, "coord_range"),
        ],
    );
    // Row 18 has degrees, minutes and seconds, which are read.
    dirty.retain(|row| *row != 18);
    assert_eq!(rejected.iter().map(|r| r.0).collect::<Vec<_>>(), dirty);
    let at = parsed.rows.iter().position(|r| *r == 18).unwrap();
    assert!(
        (incidents(&parsed)[at].at.unwrap().x - (117.0 + 18.0 / 60.0 + 12.5 / 3600.0)).abs() < 1e-9
    );
    assert_eq!(
        parsed.report.read,
        parsed.report.accepted + parsed.report.rejected
    );
}

#[test]
fn columns_by_name_and_by_hand() {
    let text = "单号,大类,事由,何时,位置x,位置y,备注,楼层,登记日\nA1,警情,打牌赌钱,2026-01-02 03:04,117.28,31.89,电话13800138000,3,2026-01-05\n";
    let mut options = options("wgs84");
    for (field, column) in [
        ("id", "单号"),
        ("category", "事由"),
        ("occurred_at", "何时"),
        ("lon", "位置X"),
        ("lat", "位置Y"),
    ] {
        options.map.push((field.into(), column.into()));
    }
    options.keep = vec!["备注".into(), "楼层".into(), "登记日".into()];
    let parsed = csv(text, &options);
    let one = &incidents(&parsed)[0];
    assert_eq!(one.meta.source_id, "A1");
    assert_eq!(one.kind, IncidentKind::Police);
    // A word that the tree lacks becomes a leaf of its kind.
    assert_eq!(one.category, "police.da-pai-du-qian");
    assert_eq!(parsed.new_categories[0].name_zh, "打牌赌钱");
    assert_eq!(one.value("备注").to_string(), "电话[电话]");
    assert_eq!(one.value("楼层").to_json(), serde_json::json!(3.0));
    assert_eq!(one.value("登记日").to_json(), "2026-01-05");
    assert_eq!(parsed.report.masked.total(), 1);

    for (field, column) in [("who", "单号"), ("id", "没有")] {
        options.map = vec![(field.into(), column.into())];
        let refused =
            import(LayerName::Incidents, Input::Csv(text.as_bytes()), &options).unwrap_err();
        assert_eq!(refused.code.as_str(), "mapping");
    }
}

#[test]
fn a_field_told_to_have_no_column_stays_empty() {
    let text = "编号,类别,时间,地址,经度,纬度\nA1,盗窃,2026-01-02 03:04,样例路9号,117.28,31.89\n";
    let mut options = options("wgs84");
    let guessed = csv(text, &options);
    assert!(!incidents(&guessed)[0].text.is_empty());
    options.map = vec![("text".into(), String::new())];
    let left_out = csv(text, &options);
    assert_eq!(incidents(&left_out)[0].text, "");
    let fields = &left_out.report.columns;
    assert!(
        fields.iter().all(|(field, _)| field != "text"),
        "{fields:?}"
    );
    assert!(
        fields.iter().any(|(_, column)| column == "类别"),
        "{fields:?}"
    );
}

#[test]
fn the_address_is_kept_beside_the_text() {
    let row = "A1,盗窃,2026-01-02 03:04,电动车被盗,样例路9号3栋501室,样例小区,117.28,31.89";
    let table = |heading: &str| format!("{heading}\n{row}\n");
    let both = table("编号,类别,时间,描述,地址,小区,经度,纬度");
    let parsed = csv(&both, &options("wgs84"));
    let one = &incidents(&parsed)[0];
    assert_eq!(one.text, "电动车被盗");
    // Kept under its own heading, and masked like any text.
    assert_eq!(one.value("地址"), Value::Text("样例路9号3栋".into()));
    assert_eq!(one.value("小区"), Value::Text("样例小区".into()));
    let names: Vec<&str> = parsed
        .extra_columns
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(names, ["地址", "小区"]);

    // Alone, the address is the text.
    let alone = table("编号,类别,时间,甲,地址,乙,经度,纬度");
    let parsed = csv(&alone, &options("wgs84"));
    assert_eq!(incidents(&parsed)[0].text, "样例路9号3栋");
    assert!(
        parsed.extra_columns.is_empty(),
        "{:?}",
        parsed.extra_columns
    );

    // The user's word goes first: joined, another column, or none.
    let map = |pairs: &[(&str, &str)]| Options {
        map: pairs
            .iter()
            .map(|(f, c)| ((*f).into(), (*c).into()))
            .collect(),
        ..options("wgs84")
    };
    let parsed = csv(&both, &map(&[("text", "描述+地址"), ("place", "小区")]));
    assert_eq!(incidents(&parsed)[0].text, "电动车被盗 样例路9号3栋");
    assert_eq!(parsed.extra_columns.len(), 1);
    let parsed = csv(&both, &map(&[("place", "")]));
    assert!(
        parsed.extra_columns.is_empty(),
        "{:?}",
        parsed.extra_columns
    );
    let other = table("编号,类别,时间,描述,在哪里,乙,经度,纬度");
    let parsed = csv(&other, &map(&[("place", "在哪里")]));
    assert_eq!(
        incidents(&parsed)[0].value("在哪里").to_string(),
        "样例路9号3栋"
    );
    let kept = Options {
        keep: vec!["地址:text".into()],
        ..options("wgs84")
    };
    assert_eq!(csv(&both, &kept).extra_columns.len(), 2, "once each");
}

#[test]
fn columns_about_persons_go_by_heading_and_by_content() {
    let text = "编号,类别,发生时间,姓名,备用,经度,纬度\nA1,盗窃,2026-01-02,王小明,13800138000,117.28,31.89\nA2,盗窃,2026-01-03,李四,139 1234 5678,NA,NA\n";
    let parsed = csv(text, &options("wgs84"));
    assert_eq!(parsed.report.dropped_columns, ["姓名", "备用"]);
    assert_eq!((parsed.report.accepted, parsed.report.unplaced), (2, 1));
    assert!(incidents(&parsed)[0].date_only);
    let all = format!("{:?}", parsed.items);
    assert!(!all.contains("138001") && !all.contains("王小明"));
    for keep in ["姓名", "备用"] {
        let options = Options {
            keep: vec![keep.into()],
            ..options("wgs84")
        };
        let refused =
            import(LayerName::Incidents, Input::Csv(text.as_bytes()), &options).unwrap_err();
        assert_eq!(refused.code.as_str(), "pii_column_dropped");
    }
}

#[test]
fn repeated_and_missing_ids() {
    let text = "编号,类别,时间\nA1,盗窃,2026-01-02\nA1,盗窃,2026-01-03\n,盗窃,2026-01-04\n,盗窃,2026-01-05\n,盗窃,2026-01-04\n";
    let parsed = csv(text, &options("wgs84"));
    assert_eq!((parsed.report.accepted, parsed.report.rejected), (3, 2));
    let parsed = csv(
        text,
        &Options {
            repeat: Repeat::Keep,
            ..options("wgs84")
        },
    );
    let ids: Vec<&str> = incidents(&parsed)
        .iter()
        .map(|i| i.meta.source_id.as_str())
        .collect();
    assert_eq!(parsed.report.rejected, 0);
    assert_eq!(ids[..2], ["A1", "A1~2"]);
    assert!(ids[2].starts_with('#') && ids[2] != ids[3] && ids[4] == format!("{}~2", ids[2]));
    // The same file gives the same keys.
    let again = csv(
        text,
        &Options {
            repeat: Repeat::Keep,
            ..options("wgs84")
        },
    );
    assert_eq!(again.items, parsed.items);
}

#[test]
fn swapped_files_are_read_when_told() {
    let input = bytes("hostile/csv/swapped_cols.csv");
    let parsed = import(LayerName::Incidents, Input::Csv(&input), &options("wgs84")).unwrap();
    assert_eq!(parsed.report.accepted, 0);
    let parsed = import(
        LayerName::Incidents,
        Input::Csv(&input),
        &Options {
            swap: true,
            ..options("wgs84")
        },
    )
    .unwrap();
    assert_eq!(parsed.report.rejected, 0);
    assert_eq!(
        incidents(&parsed)[0].at,
        Some(Coord {
            x: 121.47,
            y: 31.23
        })
    );
}

#[test]
fn coordinates_of_a_named_zone_are_checked_against_it() {
    let text = "编号,类别,时间,X,Y\nA1,盗窃,2026-01-02,3529525.488,39527136.169\n";
    let parsed = csv(text, &options("epsg:4548"));
    assert_eq!(parsed.report.problems[0].code.as_str(), "crs");
    assert!(parsed.report.problems[0].reason.en().contains("epsg:4527"));
    let parsed = csv(text, &options("epsg:4527"));
    assert!((incidents(&parsed)[0].at.unwrap().x - 117.286829).abs() < 1e-6);
    assert!("epsg:2384".parse::<Crs>().is_err());
}

#[test]
fn tables_with_wkt_give_grids_and_lines() {
    let text = "编码,名称,户数,WKT\nG1,一网格,12,\"POLYGON((117.28 31.88,117.29 31.88,117.29 31.89,117.28 31.88))\"\nG2,二网格,x,\"POLYGON((117.30 31.88,117.31 31.88,117.31 31.89))\"\n";
    let parsed = import(
        LayerName::Grids,
        Input::Csv(text.as_bytes()),
        &options("wgs84"),
    )
    .unwrap();
    assert_eq!((parsed.report.accepted, parsed.report.rejected), (1, 1));
    assert_eq!(parsed.report.problems[0].column.as_deref(), Some("户数"));
    assert_eq!(grids(&parsed)[0].households, Some(12));
    let refused = import(
        LayerName::Streets,
        Input::Csv("名称\n路\n".as_bytes()),
        &options("wgs84"),
    )
    .unwrap_err();
    assert!(refused.reason.en().contains("wkt"), "{refused}");
}
