//! The importer against files as they come and as they should not come.

use std::path::PathBuf;
use std::time::Instant;

use geo::{Coord, CoordsIter};
use gridmap::crs::Crs;
use gridmap::format::{FileError, Input, Items, Options, Parsed, Repeat, Severity, import};
use gridmap::model::{Entity, Grid, Incident, IncidentKind, LayerName};
use serde_json::Value;

pub(crate) fn bytes(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(path);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn options(crs: &str) -> Options {
    Options {
        crs: Some(crs.parse().unwrap()),
        source: "test".into(),
        ..Options::default()
    }
}

pub(crate) fn incidents(parsed: &Parsed) -> &[Incident] {
    match &parsed.items {
        Items::Incidents(items) => items,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn grids(parsed: &Parsed) -> &[Grid] {
    match &parsed.items {
        Items::Grids(items) => items,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn expected() -> Value {
    serde_json::from_slice(&bytes("formats/expected.json")).unwrap()
}

/// The 30 incidents of `expected.json`, to the precision of the file.
pub(crate) fn assert_expected_incidents(parsed: &Parsed, tolerance_deg: f64) {
    let expected = expected();
    let features = expected["incidents"]["features"].as_array().unwrap();
    let got = incidents(parsed);
    assert_eq!(got.len(), features.len());
    for (incident, feature) in got.iter().zip(features) {
        let p = &feature["properties"];
        assert_eq!(incident.meta.source_id, p["no"].as_str().unwrap());
        assert_eq!(incident.text, p["address"].as_str().unwrap());
        let time = p["time"].as_str().unwrap().replace(' ', "T") + "+08:00";
        assert_eq!(incident.occurred_at.to_rfc3339(), time);
        assert!(!incident.date_only && !incident.category.is_empty());
        let at = incident.at.unwrap();
        let want = &feature["geometry"]["coordinates"];
        let (x, y) = (want[0].as_f64().unwrap(), want[1].as_f64().unwrap());
        assert!(
            (at.x - x).abs() < tolerance_deg && (at.y - y).abs() < tolerance_deg,
            "{at:?} {x} {y}"
        );
    }
}

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
    let expected: Value =
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
fn grids_from_shapefiles_in_every_encoding() {
    let expected = expected();
    let features = expected["grids"]["features"].as_array().unwrap();
    for (name, cpg, tolerance) in [
        ("grids_gbk", true, 1e-9),
        ("grids_utf8", true, 1e-9),
        ("grids_gbk_ldid4d", false, 1e-9),
        ("grids_gbk_nocpg", false, 1e-9),
        ("grids_cgcs2000_gk117", true, 1e-8),
    ] {
        let part = |ext: &str| bytes(&format!("formats/{name}.{ext}"));
        let (shp, dbf, prj) = (part("shp"), part("dbf"), part("prj"));
        let cpg = cpg.then(|| part("cpg"));
        let input = Input::Shapefile {
            shp: &shp,
            dbf: Some(&dbf),
            cpg: cpg.as_deref(),
            prj: Some(&prj),
        };
        let options = Options {
            source: "test".into(),
            ..Options::default()
        };
        let parsed = import(LayerName::Grids, input, &options).unwrap();
        assert_eq!(parsed.report.rejected, 0, "{name}: {:?}", parsed.report);
        let got = grids(&parsed);
        assert_eq!(got.len(), 6);
        for (grid, feature) in got.iter().zip(features) {
            let p = &feature["properties"];
            assert_eq!(grid.code, p["code"].as_str().unwrap(), "{name}");
            assert_eq!(grid.name, p["name"].as_str().unwrap(), "{name}");
            assert_eq!(grid.post, p["leader_post"].as_str().unwrap(), "{name}");
            assert_eq!(grid.households.map(u64::from), p["households"].as_u64());
            let ring = feature["geometry"]["coordinates"][0].as_array().unwrap();
            for c in grid.area.coords_iter() {
                let near = |w: &Value| {
                    (w[0].as_f64().unwrap() - c.x).abs() < tolerance
                        && (w[1].as_f64().unwrap() - c.y).abs() < tolerance
                };
                assert!(ring.iter().any(near), "{name} {c:?}");
            }
        }
    }
}

#[test]
fn routes_and_grids_from_geojson() {
    let parsed = import(
        LayerName::Routes,
        Input::GeoJson(&bytes("formats/routes.geojson")),
        &options("wgs84"),
    )
    .unwrap();
    assert_eq!((parsed.report.accepted, parsed.report.rejected), (2, 0));
    let parsed = import(
        LayerName::Grids,
        Input::GeoJson(&bytes("formats/grids.geojson")),
        &options("wgs84"),
    )
    .unwrap();
    assert_eq!((parsed.report.accepted, parsed.report.rejected), (6, 0));
}

fn csv(text: &str, options: &Options) -> Parsed {
    import(LayerName::Incidents, Input::Csv(text.as_bytes()), options).unwrap()
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
fn times_row_by_row() {
    let manifest = manifest();
    let case = manifest.iter().find(|c| c["id"] == "times").unwrap();
    let parsed = import(
        LayerName::Incidents,
        Input::Csv(&bytes("hostile/csv/times.csv")),
        &options("wgs84"),
    )
    .unwrap();
    for (n, allowed) in case["expect_rows"].as_array().unwrap().iter().enumerate() {
        let row = n as u64 + 1;
        let got = parsed
            .rows
            .iter()
            .position(|r| *r == row)
            .map(|at| incidents(&parsed)[at].occurred_at.0);
        let allowed = allowed.as_array().unwrap();
        let ok = allowed.iter().any(|a| match a.as_str() {
            None => got.is_none(),
            Some("warn") => {
                got.is_some() && parsed.report.problems.iter().any(|p| p.row == Some(row))
            }
            Some(instant) => got == Some(instant.parse::<jiff::Timestamp>().unwrap().as_second()),
        });
        assert!(ok, "{}: {got:?} not in {allowed:?}", case["spellings"][n]);
    }
}

pub(crate) fn manifest() -> Vec<Value> {
    String::from_utf8(bytes("hostile/manifest.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Names of the manifest that have another name here.
fn same_code(theirs: &str) -> &str {
    match theirs {
        "maybe_swapped" => "swapped",
        "zero_length" => "line_too_short",
        "spike" => "self_intersection",
        other => other,
    }
}

/// The layer whose door the case is for, by what is in the file.
fn target(case: &Value, text: &str) -> LayerName {
    if case["channel"] == "import.csv" {
        LayerName::Incidents
    } else if case["target"] == "grid" || text.contains("Polygon") {
        LayerName::Grids
    } else if text.contains("LineString") {
        LayerName::Routes
    } else {
        LayerName::Compounds
    }
}

#[test]
fn hostile_files_end_as_the_manifest_allows() {
    let (mut cases, mut failures) = (0, Vec::new());
    for case in manifest() {
        let (Some(file), Some(channel)) = (case["file"].as_str(), case["channel"].as_str()) else {
            continue;
        };
        if !matches!(channel, "import.csv" | "import.geojson") {
            continue;
        }
        cases += 1;
        let input = bytes(&format!("hostile/{file}"));
        let layer = target(&case, &String::from_utf8_lossy(&input));
        let reader = if channel == "import.csv" {
            Input::Csv(&input)
        } else {
            Input::GeoJson(&input)
        };
        let start = Instant::now();
        let got = import(
            layer,
            reader,
            &Options {
                source: "test".into(),
                ..Options::default()
            },
        );
        assert!(
            start.elapsed().as_millis() < 2000,
            "{file}: {:?}",
            start.elapsed()
        );
        failures.extend(check_case(&case, file, &got));
    }
    assert_eq!(cases, 96, "cases of the manifest");
    assert!(failures.is_empty(), "{failures:#?}");
}

/// What is not as the manifest says.
pub(crate) fn check_case(case: &Value, file: &str, got: &Result<Parsed, FileError>) -> Vec<String> {
    let words = |key: &str| -> Vec<String> {
        let list = case[key].as_array().into_iter().flatten();
        list.map(|o| o.as_str().unwrap().to_owned()).collect()
    };
    let (outcome, codes): (&str, Vec<&str>) = match got {
        Err(e) => ("rejected_file", vec![e.code.as_str()]),
        Ok(parsed) => {
            let report = &parsed.report;
            let has = |s: Severity| report.problems.iter().any(|p| p.severity == s);
            let outcome = if report.rejected > 0 {
                "rows_rejected"
            } else if has(Severity::Repaired) {
                "accepted_repaired"
            } else if has(Severity::Warning) {
                "accepted_warning"
            } else {
                "accepted"
            };
            (
                outcome,
                report.problems.iter().map(|p| p.code.as_str()).collect(),
            )
        }
    };
    let mut wrong = Vec::new();
    // Notes beside an accepted file do no harm.
    let noted = outcome.starts_with("accepted") && words("outcome").iter().any(|o| o == "accepted");
    if !noted && !words("outcome").iter().any(|o| o == outcome) {
        wrong.push(format!("{file}: {outcome}, allowed {:?}", words("outcome")));
    }
    let wanted = words("codes");
    let told = wanted.iter().any(|w| codes.contains(&same_code(w)));
    if !noted && !wanted.is_empty() && !told {
        wrong.push(format!(
            "{file}: {codes:?}, one of {wanted:?} should be told"
        ));
    }
    if let Ok(parsed) = got {
        wrong.extend(check_rows(case, file, parsed));
    }
    wrong
}

fn check_rows(case: &Value, file: &str, parsed: &Parsed) -> Vec<String> {
    let report = &parsed.report;
    let mut wrong = Vec::new();
    if report.read != report.accepted + report.rejected {
        wrong.push(format!("{file}: {report:?}"));
    }
    for (key, n) in [("accepted", report.accepted), ("rejected", report.rejected)] {
        let range = match &case[key] {
            Value::Number(want) => want.as_u64().unwrap()..=want.as_u64().unwrap(),
            Value::Array(ends) => ends[0].as_u64().unwrap()..=ends[1].as_u64().unwrap(),
            _ => continue,
        };
        if !range.contains(&n) {
            wrong.push(format!(
                "{file}: {key} {n}, not {range:?}: {:?}",
                report.problems
            ));
        }
    }
    let all = format!("{:?} {report:?}", parsed.items);
    for digits in case["forbidden"].as_array().into_iter().flatten() {
        if all.contains(digits.as_str().unwrap()) {
            wrong.push(format!("{file}: {digits} is still there"));
        }
    }
    if let (Some(text), Some(want)) = (
        case["expect_text"].as_object(),
        case["expect_text"]["描述"].as_str(),
    ) {
        let at = parsed
            .rows
            .iter()
            .position(|r| Some(*r) == text["row"].as_u64())
            .unwrap();
        if incidents(parsed)[at].text != want {
            wrong.push(format!(
                "{file}: {:?} is not {want:?}",
                incidents(parsed)[at].text
            ));
        }
    }
    wrong
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

#[test]
fn points_and_lists_of_places() {
    let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"properties":{"name":"北线","mode":"电动车","checkpoints":[{"name":"东门","lon":117.28,"lat":31.89}]},"geometry":{"type":"LineString","coordinates":[[117.28,31.88],[117.29,31.88]]}}]}"#;
    let parsed = import(
        LayerName::Routes,
        Input::GeoJson(text.as_bytes()),
        &options("wgs84"),
    )
    .unwrap();
    let Items::Routes(routes) = &parsed.items else {
        panic!()
    };
    assert_eq!(routes[0].checkpoints[0].name, "东门");
    assert_eq!(
        routes[0].checkpoints[0].at,
        Coord {
            x: 117.28,
            y: 31.89
        }
    );
    let text = "名称,经度,纬度,等级\n某小区,117.28,31.89,高\n无处,,,\n";
    let parsed = import(
        LayerName::Compounds,
        Input::Csv(text.as_bytes()),
        &options("gcj02"),
    )
    .unwrap();
    assert_eq!((parsed.report.accepted, parsed.report.rejected), (1, 1));
}

fn open_data(name: &str, layer: LayerName, change: impl FnOnce(&mut Options)) -> Option<Parsed> {
    let path = crate::support::fixture(&format!("geodata/{name}"))?;
    let bytes = std::fs::read(path).unwrap();
    let mut options = options("wgs84");
    change(&mut options);
    let input = if name.ends_with(".csv") {
        Input::Csv(&bytes)
    } else {
        Input::GeoJson(&bytes)
    };
    let parsed = import(layer, input, &options).unwrap();
    assert_eq!(
        parsed.report.read,
        parsed.report.accepted + parsed.report.rejected
    );
    Some(parsed)
}

#[test]
fn real_files_of_five_cities() {
    let set = |field: &str, value: &str| (field.to_owned(), value.to_owned());
    if let Some(p) = open_data("montreal_streets.geojson", LayerName::Streets, |_| {}) {
        assert_eq!((p.report.accepted, p.report.rejected), (2945, 0));
    }
    let police =
        |o: &mut Options| o.set = vec![set("kind", "police"), set("category", "police.traffic")];
    if let Some(p) = open_data(
        "montreal_bike_collisions_2016.geojson",
        LayerName::Incidents,
        police,
    ) {
        assert_eq!((p.report.accepted, p.report.rejected), (347, 0));
        assert!(
            incidents(&p)
                .iter()
                .all(|i| i.date_only && i.category == "police.traffic")
        );
    }
    if let Some(p) = open_data("futian_streets.geojson", LayerName::Streets, |_| {}) {
        assert_eq!(
            (p.report.accepted, p.report.rejected),
            (2593, 0),
            "{:?}",
            p.report.problems
        );
        let Items::Streets(streets) = &p.items else {
            panic!()
        };
        assert_eq!(streets.iter().filter(|s| s.oneway).count(), 1181);
        assert_eq!(streets.iter().filter(|s| !s.name.is_empty()).count(), 1306);
    }
    if let Some(p) = open_data(
        "cincinnati_burglary_2016_2018.csv",
        LayerName::Incidents,
        |o| o.set = vec![set("kind", "police")],
    ) {
        assert_eq!((p.report.read, p.report.rejected), (8723, 1774));
    }
    let keep = |o: &mut Options| {
        o.set = vec![set("kind", "police")];
        o.repeat = Repeat::Keep;
    };
    if let Some(p) = open_data(
        "cincinnati_burglary_2016_2018.csv",
        LayerName::Incidents,
        keep,
    ) {
        assert_eq!((p.report.accepted, p.report.unplaced), (8723, 426));
        assert!(
            incidents(&p)
                .iter()
                .all(|i| i.category == "police.theft.burglary")
        );
    }
    if let Some(p) = open_data("nyc_311_animals_2025.csv", LayerName::Incidents, |o| {
        o.set = vec![set("kind", "hotline")];
    }) {
        assert_eq!(
            (p.report.read, p.report.rejected, p.report.unplaced),
            (4969, 0, 62),
            "{:?}",
            p.report.problems
        );
    }
}
