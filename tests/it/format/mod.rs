//! The importer against files as they come and as they should not come, by
//! format; here what they share.

mod csv;
mod geojson;
mod hostile;
mod open_data;
mod shapefile;

use std::path::PathBuf;

use gridmap::format::{Input, Items, Options, Parsed, import};
use gridmap::model::{Grid, Incident, LayerName};
use serde_json::Value;

pub(crate) use hostile::{check_case, manifest};

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

fn csv(text: &str, options: &Options) -> Parsed {
    import(LayerName::Incidents, Input::Csv(text.as_bytes()), options).unwrap()
}
