//! Drawings, GeoPackages of other programs, OpenStreetMap.

use std::path::Path;
use std::process::Command;

use geo::{Area, BoundingRect, Coord, CoordsIter, Geometry};
use gridmap::format::{
    FileKind, ForeignTable, Input, Items, Options, import, read_background, sniff,
};
use gridmap::model::{GroundClass, LayerName, StreetClass};
use gridmap::store::gpkg::foreign::{self, ForeignError};
use gridmap::tile::Bounds;
use serde_json::Value;

use crate::format::{assert_expected_incidents, bytes, expected, grids, options};
use crate::support::fixture;

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/formats")
        .join(name)
}

/// Corners of the expected grids.
fn corners() -> Vec<Coord> {
    let expected = expected();
    let features = expected["grids"]["features"].as_array().unwrap();
    let rings = features
        .iter()
        .flat_map(|f| f["geometry"]["coordinates"][0].as_array().unwrap());
    rings
        .map(|c: &Value| Coord {
            x: c[0].as_f64().unwrap(),
            y: c[1].as_f64().unwrap(),
        })
        .collect()
}

fn assert_grid_shapes(parsed: &gridmap::format::Parsed, tolerance_deg: f64, what: &str) {
    let corners = corners();
    let got = grids(parsed);
    assert_eq!(got.len(), 6, "{what} {:?}", parsed.report);
    for grid in got {
        for c in grid.area.coords_iter() {
            let near =
                |w: &Coord| (w.x - c.x).abs() < tolerance_deg && (w.y - c.y).abs() < tolerance_deg;
            assert!(corners.iter().any(near), "{what} {c:?}");
        }
    }
}

#[test]
fn outlines_from_drawings() {
    let input = bytes("formats/grids_gk117.dxf");
    assert_eq!(sniff("x", &input[..200]), FileKind::Dxf);
    let mut named = options("epsg:4548");
    // A drawing without labels has no names: the layer stands in.
    named.set = vec![("name".into(), "样例".into())];
    named.repeat = gridmap::format::Repeat::Keep;
    let parsed = import(LayerName::Grids, Input::Dxf(&input), &named).unwrap();
    assert_grid_shapes(&parsed, 1e-8, "fixture");
    let asked = Options::default();
    let refused = import(LayerName::Grids, Input::Dxf(&input), &asked).unwrap_err();
    assert_eq!(refused.code.as_str(), "crs");

    // GDAL writes areas as hatches.
    let folder = tempfile::tempdir().unwrap();
    let dxf = folder.path().join("hatch.dxf");
    let done = Command::new("ogr2ogr")
        .args(["-f", "DXF"])
        .arg(&dxf)
        .arg(path("grids.geojson"))
        .output()
        .expect("ogr2ogr is on the machine: see tests/setup.sh");
    assert!(done.status.success(), "{done:?}");
    let input = std::fs::read(&dxf).unwrap();
    assert!(input.windows(5).any(|w| w == b"HATCH"));
    named.crs = Some(gridmap::crs::Crs::Wgs84);
    let parsed = import(LayerName::Grids, Input::Dxf(&input), &named).unwrap();
    assert_grid_shapes(&parsed, 1e-9, "hatches");
}

#[test]
fn what_is_not_read_says_what_to_do() {
    let fgb = bytes("formats/incidents.fgb");
    let kind = sniff("incidents.fgb", &fgb[..100]);
    assert_eq!(kind, FileKind::FlatGeobuf);
    let refused = kind.input(&fgb).unwrap_err();
    assert!(refused.to_string().contains("GeoPackage"), "{refused}");
    for (name, head) in [("a.dwg", &b"AC1032"[..]), ("a.shp", b""), ("a.doc", b"x")] {
        assert!(sniff(name, head).input(head).is_err(), "{name}");
    }
}

async fn table(file: &Path, wanted: Option<&str>, layer: LayerName) -> ForeignTable {
    foreign::read(file, wanted, Some(layer)).await.unwrap()
}

#[tokio::test]
async fn layers_of_a_geopackage_made_by_gdal() {
    let file = path("all_ogr.gpkg");
    let before = std::fs::read(&file).unwrap();
    let read = table(&file, None, LayerName::Incidents).await;
    let names: Vec<&str> = read.layers.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["grids", "incidents", "routes"]);
    let parsed = import(
        LayerName::Incidents,
        Input::Features(&read),
        &options("wgs84"),
    )
    .unwrap();
    assert_expected_incidents(&parsed, 1e-9);
    let read = table(&file, None, LayerName::Grids).await;
    let parsed = import(LayerName::Grids, Input::Features(&read), &options("wgs84")).unwrap();
    assert_grid_shapes(&parsed, 1e-9, "gpkg");
    assert_eq!(grids(&parsed)[1].households, Some(317));
    let read = table(&file, Some("ROUTES"), LayerName::Grids).await;
    assert_eq!((read.layer.as_str(), read.rows.len()), ("routes", 2));
    let refused = foreign::read(&file, Some("none"), None).await.unwrap_err();
    assert!(
        refused.to_string().contains("grids, incidents"),
        "{refused}"
    );
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(!file.with_extension("gpkg-wal").exists());
}

#[tokio::test]
async fn systems_of_a_geopackage() {
    let folder = tempfile::tempdir().unwrap();
    for (epsg, answer) in [("4548", Some("epsg:4548")), ("32650", None)] {
        let file = folder.path().join(format!("{epsg}.gpkg"));
        let done = Command::new("ogr2ogr")
            .args(["-f", "GPKG", "-t_srs", &format!("EPSG:{epsg}")])
            .arg(&file)
            .arg(path("grids.geojson"))
            .output()
            .unwrap();
        assert!(done.status.success());
        let read = table(&file, None, LayerName::Grids).await;
        let parsed = import(
            LayerName::Grids,
            Input::Features(&read),
            &Options::default(),
        );
        match answer {
            Some(name) => {
                let parsed = parsed.unwrap();
                assert_eq!(parsed.report.crs, name);
                assert_grid_shapes(&parsed, 1e-8, epsg);
            }
            None => assert_eq!(parsed.unwrap_err().code.as_str(), "crs"),
        }
    }
}

#[tokio::test]
async fn hostile_geopackages_are_refused_or_read_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read(path("all_ogr.gpkg")).unwrap();
    let file = folder.path().join("bad.gpkg");
    for at in (100..good.len()).step_by(1999) {
        let mut bad = good.clone();
        for n in 0..8 {
            bad[(at + n) % good.len()] ^= 0xa5;
        }
        std::fs::write(&file, &bad).unwrap();
        let start = std::time::Instant::now();
        if let Ok(read) = foreign::read(&file, None, Some(LayerName::Grids)).await {
            let _ = import(LayerName::Grids, Input::Features(&read), &options("wgs84"));
        }
        assert!(start.elapsed().as_secs() < 2, "{at}");
    }
    std::fs::write(&file, b"SQLite format 3\0 and no more").unwrap();
    assert!(foreign::read(&file, None, None).await.is_err());
    std::fs::write(&file, b"something else entirely").unwrap();
    let refused = foreign::read(&file, None, None).await.unwrap_err();
    assert!(matches!(refused, ForeignError::NotGeoPackage));
    assert!(
        foreign::read(Path::new("/nowhere.gpkg"), None, None)
            .await
            .is_err()
    );

    // A table whose name tries to be SQL, and a view that never ends.
    std::fs::copy(path("all_ogr.gpkg"), &file).unwrap();
    let script = r#"
        CREATE TABLE "a"" ; DROP TABLE grids; --" (fid INTEGER PRIMARY KEY, geom BLOB, "x"" y" TEXT);
        INSERT INTO "a"" ; DROP TABLE grids; --" ("x"" y") VALUES ('seen');
        INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('a" ; DROP TABLE grids; --', 'features', 'a', 4326);
        INSERT INTO gpkg_geometry_columns VALUES ('a" ; DROP TABLE grids; --', 'geom', 'POINT', 4326, 0, 0);
        CREATE VIEW forever AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, NULL AS geom FROM n;
        INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('forever', 'features', 'forever', 4326);
        INSERT INTO gpkg_geometry_columns VALUES ('forever', 'geom', 'POINT', 4326, 0, 0);
    "#;
    let done = Command::new("sqlite3")
        .arg(&file)
        .arg(script)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let odd = "a\" ; DROP TABLE grids; --";
    let read = table(&file, Some(odd), LayerName::Incidents).await;
    assert_eq!(read.columns, ["x\" y"]);
    assert_eq!(read.rows[0].values[0].to_string(), "seen");
    assert_eq!(read.layers.len(), 4, "views are left out");
    assert!(foreign::read(&file, Some("forever"), None).await.is_err());
}

#[test]
fn streets_and_ground_of_helsinki() {
    let Some(file) = fixture("geodata/helsinki_centre.osm.pbf") else {
        return;
    };
    let input = std::fs::read(file).unwrap();
    assert_eq!(sniff("x", &input[..100]), FileKind::OsmPbf);
    let parsed = import(
        LayerName::Streets,
        Input::OsmPbf(&input),
        &Options::default(),
    )
    .unwrap();
    assert_eq!(parsed.report.rejected, 0, "{:?}", parsed.report.problems);
    let Items::Streets(streets) = &parsed.items else {
        panic!()
    };
    let ids: std::collections::HashSet<&str> = streets
        .iter()
        .filter(|s| s.class != StreetClass::Rail)
        .map(|s| s.meta.source_id.split_once('-').unwrap().0)
        .collect();
    // GDAL 3.6 counts as many ways of these classes.
    assert_eq!(ids.len(), 2_302);
    assert!(streets.len() > 3_000);
    let mannerheim = streets.iter().filter(|s| s.name == "Mannerheimintie");
    assert!(mannerheim.clone().count() > 10);
    assert!(
        mannerheim
            .clone()
            .any(|s| s.class == StreetClass::Arterial && s.oneway)
    );
    assert!(import(LayerName::Grids, Input::OsmPbf(&input), &Options::default()).is_err());

    let ground = read_background(&input, None).unwrap();
    let count = |class| ground.features.iter().filter(|f| f.class == class).count();
    // GDAL 3.6: 494 buildings, of which GEOS calls 23 invalid and the edge of
    // the extract cuts others, which GDAL closes; 7 names of places.
    assert_eq!(count(GroundClass::Building), 445);
    assert!(ground.dropped >= 49);
    assert_eq!(count(GroundClass::Place), 7);
    assert!(count(GroundClass::Water) >= 7 && count(GroundClass::Green) >= 18);
    assert!(count(GroundClass::Road) > 2_200);
    for feature in &ground.features {
        let areas: Vec<geo::Polygon> = match &feature.geometry {
            Geometry::Polygon(p) => vec![p.clone()],
            Geometry::MultiPolygon(m) => m.0.clone(),
            _ => Vec::new(),
        };
        assert!(
            areas
                .iter()
                .all(|p| geo::Validation::is_valid(p) && p.unsigned_area() > 0.0)
        );
    }
    let courts = ground.features.iter().filter(|f| match &f.geometry {
        Geometry::Polygon(p) => !p.interiors().is_empty(),
        Geometry::MultiPolygon(m) => m.iter().any(|p| !p.interiors().is_empty()),
        _ => false,
    });
    assert!(courts.count() > 40, "relations have holes");

    // A small box has what touches it, whole.
    let b = Bounds {
        west: 24.938,
        south: 60.168,
        east: 24.945,
        north: 60.171,
    };
    let near = read_background(&input, Some(&b)).unwrap();
    let touching = |f: &&gridmap::model::GroundFeature| {
        let r = f.geometry.bounding_rect().unwrap();
        r.min().x <= b.east && r.max().x >= b.west && r.min().y <= b.north && r.max().y >= b.south
    };
    assert!(!near.features.is_empty() && near.features.iter().all(|f| touching(&f)));
    let with_corner = |f: &&gridmap::model::GroundFeature| {
        f.geometry
            .coords_iter()
            .any(|c| c.x >= b.west && c.x <= b.east && c.y >= b.south && c.y <= b.north)
    };
    let whole = ground.features.iter().filter(with_corner).count();
    assert_eq!(near.features.iter().filter(with_corner).count(), whole);
}

#[test]
fn hostile_extracts_are_refused() {
    let Some(file) = fixture("geodata/helsinki_centre.osm.pbf") else {
        return;
    };
    let good = std::fs::read(file).unwrap();
    let mut cases = vec![
        Vec::new(),
        good[..good.len() / 2].to_vec(),
        b"\0\0\0\x0d\x0a\x09OSMHeader".to_vec(),
    ];
    for at in (0..good.len()).step_by(60_013) {
        let mut bad = good.clone();
        bad[at] ^= 0x5a;
        cases.push(bad);
    }
    for (n, case) in cases.iter().enumerate() {
        let start = std::time::Instant::now();
        let got = read_background(case, None);
        assert!(n > 2 || got.is_err(), "{n}");
        assert!(start.elapsed().as_secs() < 20, "{n}: {:?}", start.elapsed());
    }
}
