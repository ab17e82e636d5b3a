//! Proposed grids on real streets.

use geo::{Area, ConvexHull, LineString, MultiLineString, MultiPoint, MultiPolygon, Validation};
use gridmap::model::StreetClass;
use gridmap::partition::{BorderLine, Ground, Options, Wanted, edit, propose};

use crate::support::fixture;

/// The streets of a file within their hull. `class` names the property that
/// holds the class of a street.
fn ground(name: &str, class: &str) -> Option<Ground> {
    let text = std::fs::read_to_string(fixture(name)?).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut ground = Ground::default();
    for feature in all["features"].as_array().unwrap() {
        let Some(points) = feature["geometry"]["coordinates"].as_array() else {
            continue;
        };
        let line: LineString = points
            .iter()
            .filter_map(|p| Some((p[0].as_f64()?, p[1].as_f64()?)))
            .collect();
        let word = feature["properties"][class].as_str().unwrap_or("");
        let word = word.split(';').next().unwrap_or("");
        let class: StreetClass = word.parse().unwrap_or(StreetClass::Branch);
        ground.lines.push(BorderLine {
            line: MultiLineString(vec![line]),
            class: class.into(),
        });
    }
    let corners: MultiPoint = ground
        .lines
        .iter()
        .flat_map(|l| l.line.0.iter().flat_map(|l| l.points()))
        .collect();
    ground.boundary = corners.convex_hull().into();
    Some(ground)
}

#[test]
fn real_streets_are_divided_without_gap_or_overlap() {
    let sets = [
        ("geodata/futian_streets.geojson", "highway", 500),
        ("geodata/montreal_streets.geojson", "class", 500),
    ];
    for (name, class, faces) in sets {
        let Some(ground) = ground(name, class) else {
            continue;
        };
        let options = Options {
            wanted: Wanted::Grids(48),
            starts: 1,
            rounds: 2,
            ..Options::default()
        };
        let proposal = propose(&ground, &options).unwrap();
        assert!(
            proposal.faces.len() > faces,
            "{name}: {}",
            proposal.faces.len()
        );
        assert_eq!(proposal.grids.len(), 48, "{name}");
        let areas: Vec<MultiPolygon> = proposal.grids.iter().map(|g| g.area.clone()).collect();
        for area in &areas {
            assert_eq!(area.0.len(), 1, "{name}");
            assert!(area.is_valid(), "{name}");
        }
        let sum: f64 = areas.iter().map(Area::unsigned_area).sum();
        let whole = ground.boundary.unsigned_area();
        assert!((sum - whole).abs() / whole < 1e-9, "{name}: {sum} {whole}");
        let check = edit::coverage_check(&areas, Some(&ground.boundary));
        assert!(check.is_exact(), "{name}: {check:?}");
        let merged = edit::merge_grids(&areas.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(
            (merged.0.len(), merged.0[0].interiors().len()),
            (1, 0),
            "{name}"
        );
        let within = proposal.balance.share_within_20pct;
        assert!(within >= 0.75, "{name}: {:?}", proposal.balance);
    }
}
