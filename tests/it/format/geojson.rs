//! GeoJSON.

use geo::Coord;
use gridmap::format::{Input, Items, import};
use gridmap::model::LayerName;

use super::{bytes, options};

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
