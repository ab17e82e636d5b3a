//! Files made to do harm, or by accident; what must come of each is in their
//! manifest.

use std::time::Instant;

use gridmap::format::{FileError, Input, Options, Parsed, Severity, import};
use gridmap::model::LayerName;
use serde_json::Value;

use super::{bytes, incidents, options};

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
