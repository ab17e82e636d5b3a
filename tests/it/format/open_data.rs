//! Real files of five cities.

use gridmap::format::{Input, Items, Options, Parsed, Repeat, import};
use gridmap::model::LayerName;

use super::{incidents, options};

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
