//! Shapefiles in every encoding.

use geo::CoordsIter;
use gridmap::format::{Input, Options, import};
use gridmap::model::LayerName;
use serde_json::Value;

use super::{bytes, expected, grids};

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
