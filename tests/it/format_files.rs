//! KML, KMZ, GPX and zipped Shapefiles, good and hostile.

use std::time::Instant;

use gridmap::format::{FileError, Input, Items, Options, Parsed, import};
use gridmap::model::{Compound, LayerName, Route};
use serde_json::Value;

use crate::format::{bytes, check_case, expected, manifest, options};

fn routes(parsed: &Parsed) -> &[Route] {
    match &parsed.items {
        Items::Routes(items) => items,
        other => panic!("{other:?}"),
    }
}

fn compounds(parsed: &Parsed) -> &[Compound] {
    match &parsed.items {
        Items::Compounds(items) => items,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_routes_in_three_forms() {
    let expected = expected();
    let features = expected["routes"]["features"].as_array().unwrap();
    let (kml, kmz, gpx) = (
        bytes("formats/routes.kml"),
        bytes("formats/routes.kmz"),
        bytes("formats/routes.gpx"),
    );
    for input in [Input::Kml(&kml), Input::Kmz(&kmz), Input::Gpx(&gpx)] {
        let keep = Options {
            keep: vec!["length_note".into()],
            ..options("wgs84")
        };
        let parsed = import(LayerName::Routes, input, &keep).unwrap();
        assert_eq!(parsed.report.rejected, 0, "{:?}", parsed.report);
        let got = routes(&parsed);
        assert_eq!(got.len(), 2);
        for (route, feature) in got.iter().zip(features) {
            let p = &feature["properties"];
            assert_eq!(route.name, p["name"].as_str().unwrap());
            let note = p["length_note"].as_str().unwrap_or_default();
            let kept = &route.meta.extra[0].1;
            assert_eq!(kept.to_string(), note);
            let want = feature["geometry"]["coordinates"].as_array().unwrap();
            let line = &route.line.0[0].0;
            assert_eq!(line.len(), want.len());
            for (c, w) in line.iter().zip(want) {
                let near = (c.x - w[0].as_f64().unwrap()).abs() < 1e-9
                    && (c.y - w[1].as_f64().unwrap()).abs() < 1e-9;
                assert!(near, "{c:?} {w}");
            }
        }
    }
}

#[test]
fn waypoints_become_checkpoints_or_compounds() {
    let text = r#"<?xml version="1.0"?><gpx><wpt lat="31.8881" lon="117.289"><ele>30</ele><name>东门</name></wpt>
        <wpt lat="31.888" lon="117.283"><name>西门</name></wpt><wpt lat="31.95" lon="117.4"><name>远处</name></wpt>
        <rte><name>甲线</name><rtept lat="31.888" lon="117.282"/><rtept lat="31.8882" lon="117.29"/></rte></gpx>"#;
    let input = Input::Gpx(text.as_bytes());
    let parsed = import(LayerName::Routes, input, &options("wgs84")).unwrap();
    let names: Vec<&str> = routes(&parsed)[0]
        .checkpoints
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(names, ["西门", "东门"]);
    assert!(
        parsed
            .report
            .problems
            .iter()
            .any(|p| p.code.as_str() == "outside_area")
    );
    let parsed = import(LayerName::Compounds, input, &options("wgs84")).unwrap();
    assert_eq!(compounds(&parsed).len(), 3);
    assert_eq!(compounds(&parsed)[0].name, "东门");
}

#[test]
fn closed_lines_are_areas_for_grids() {
    let text = "<kml><Document><Placemark><name>一网格</name><LineString><coordinates>\
        117.28,31.88 117.29,31.88 117.29,31.89 117.28,31.88</coordinates></LineString></Placemark>\
        <Placemark><name>标注</name><Point><coordinates>117.285,31.885</coordinates></Point></Placemark></Document></kml>";
    let input = Input::Kml(text.as_bytes());
    let parsed = import(LayerName::Grids, input, &options("wgs84")).unwrap();
    assert_eq!((parsed.report.accepted, parsed.report.rejected), (1, 0));
    let codes: Vec<&str> = parsed
        .report
        .problems
        .iter()
        .map(|p| p.code.as_str())
        .collect();
    assert_eq!(codes, ["ring_not_closed", "geom_type"]);
}

/// The reader that a case of the manifest is for.
fn read(case: &Value, input: &[u8]) -> Option<Result<Parsed, FileError>> {
    let input = match case["channel"].as_str()? {
        "import.kml" => Input::Kml(input),
        "import.kmz" => Input::Kmz(input),
        "import.shpzip" => Input::ShapefileZip(input),
        _ => return None,
    };
    let options = Options {
        source: "test".into(),
        ..Options::default()
    };
    Some(import(LayerName::Compounds, input, &options))
}

#[test]
fn hostile_documents_and_archives_end_as_the_manifest_allows() {
    let (mut cases, mut failures) = (0, Vec::new());
    for case in manifest() {
        let Some(file) = case["file"].as_str() else {
            continue;
        };
        if !["kml/", "zip/"].iter().any(|f| file.starts_with(f)) {
            continue;
        }
        let input = bytes(&format!("hostile/{file}"));
        let start = Instant::now();
        let Some(got) = read(&case, &input) else {
            continue;
        };
        cases += 1;
        assert!(
            start.elapsed().as_secs() < 2,
            "{file}: {:?}",
            start.elapsed()
        );
        failures.extend(check_case(&case, file, &got));
        if let (Ok(parsed), Some(text)) = (&got, case["expect_text"].as_object()) {
            let want = text.iter().find(|(key, _)| *key != "row").unwrap().1;
            let name = &compounds(parsed)[0].name;
            if name != want.as_str().unwrap() {
                failures.push(format!("{file}: {name}, not {want}"));
            }
        }
    }
    assert_eq!(cases, 35, "cases of the manifest");
    assert!(failures.is_empty(), "{failures:#?}");
}
