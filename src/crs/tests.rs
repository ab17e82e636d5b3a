use geo::{Coord, MultiPolygon, polygon};
use proptest::prelude::*;

use super::*;

fn fixture() -> Vec<Vec<String>> {
    let text = include_str!("../../tests/fixtures/crs/vectors.csv");
    text.lines()
        .skip(1)
        .map(|l| l.split(',').map(str::to_owned).collect())
        .collect()
}

/// From one system of the table to another, through the public functions.
fn convert(from: &str, to: &str, p: Coord) -> Coord {
    match (from, to) {
        ("GCJ02", "BD09") => bd09::from_gcj02(p),
        ("BD09", "GCJ02") => bd09::to_gcj02(p),
        _ => {
            let read = |name: &str| Transformer::new(name.parse().unwrap()).unwrap();
            let wgs = read(from).to_wgs84(p).unwrap();
            read(to).from_wgs84(wgs).unwrap()
        }
    }
}

#[test]
fn every_reference_row_within_its_tolerance() {
    let mut rows = 0;
    for row in fixture() {
        if row[2] == "closed_form" {
            continue;
        }
        let n = |i: usize| row[i].parse::<f64>().unwrap();
        let out = convert(&row[0], &row[1], Coord { x: n(3), y: n(4) });
        let tol = n(8);
        assert!(
            (out.x - n(5)).abs() <= tol && (out.y - n(6)).abs() <= tol,
            "{row:?} gave {out:?}"
        );
        rows += 1;
    }
    assert_eq!(rows, 243 - 22);
}

#[test]
fn the_closed_form_rows_are_what_we_do_not_do() {
    let differs = fixture().iter().filter(|r| r[2] == "closed_form").any(|r| {
        let n = |i: usize| r[i].parse::<f64>().unwrap();
        let out = bd09::to_gcj02(Coord { x: n(3), y: n(4) });
        (out.x - n(5)).abs() > 1e-7
    });
    assert!(differs);
}

#[test]
fn outside_the_rectangle_nothing_moves() {
    for p in [
        Coord { x: -73.6, y: 45.5 },
        Coord { x: 71.9, y: 40.0 },
        Coord { x: 100.0, y: 56.0 },
    ] {
        assert_eq!(gcj02::from_wgs84(p), p);
        assert_eq!(gcj02::to_wgs84(p), p);
        assert_eq!(bd09::from_wgs84(p), p);
        assert_eq!(bd09::to_wgs84(p), p);
    }
}

#[test]
fn names_and_codes() {
    for (text, crs) in [
        ("wgs84", Crs::Wgs84),
        ("GCJ-02", Crs::Gcj02),
        ("bd09", Crs::Bd09),
        ("CGCS2000", Crs::Cgcs2000),
        ("EPSG:4326", Crs::Wgs84),
        ("epsg:3857", Crs::WebMercator),
    ] {
        assert_eq!(text.parse::<Crs>().unwrap(), crs, "{text}");
    }
    for code in [4513u32, 4526, 4527, 4533, 4534, 4548, 4549, 4554] {
        let crs = Crs::from_epsg(code).unwrap();
        assert_eq!(crs.to_string(), format!("epsg:{code}"));
    }
    for (code, meridian) in [
        (4527, 117),
        (4548, 117),
        (4526, 114),
        (4554, 135),
        (4509, 117),
        (4498, 117),
    ] {
        assert_eq!(
            Zone::from_epsg(code).unwrap().meridian(),
            meridian,
            "{code}"
        );
    }
    for text in [
        "",
        "epsg:",
        "epsg:4555",
        "epsg:99999999999",
        "utm",
        "epsg:-1",
        "epsg:2384",
        "epsg:4214",
    ] {
        assert!(text.parse::<Crs>().is_err(), "{text}");
    }
    let refused = "epsg:2384".parse::<Crs>().unwrap_err().to_string();
    assert!(
        refused.contains("Xian 1980") && refused.contains("CGCS2000"),
        "{refused}"
    );
}

#[test]
fn prj_texts() {
    let esri = r#"PROJCS["CGCS2000_3_Degree_GK_CM_117E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    assert_eq!(Crs::from_wkt(esri).unwrap().to_string(), "epsg:4548");
    let zone39 = esri.replace("500000.0", "39500000.0");
    assert_eq!(Crs::from_wkt(&zone39).unwrap().to_string(), "epsg:4527");
    let wgs = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
    assert_eq!(Crs::from_wkt(wgs).unwrap(), Crs::Wgs84);
    let mercator = r#"PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0]]"#;
    assert_eq!(Crs::from_wkt(mercator).unwrap(), Crs::WebMercator);

    let xian = esri.replace("D_China_2000", "D_Xian_1980");
    assert!(matches!(Crs::from_wkt(&xian), Err(CrsError::OldDatum(_))));
    for bad in [
        "",
        "\0",
        "nonsense",
        "GEOGCS[",
        &"A[".repeat(50_000),
        &esri.replace("Gauss_Kruger", "Bonne"),
    ] {
        assert!(Crs::from_wkt(bad).is_err());
    }
}

#[test]
fn tables_in_either_order() {
    let Crs::GaussKruger(plain) = Crs::from_epsg(4548).unwrap() else {
        panic!()
    };
    let Crs::GaussKruger(zone39) = Crs::from_epsg(4527).unwrap() else {
        panic!()
    };
    let (e, n) = (526_997.016, 3_529_771.011);
    let want = Coord { x: e, y: n };
    assert_eq!(plain.east_north(e, n).unwrap(), want);
    assert_eq!(plain.east_north(n, e).unwrap(), want);
    let want = Coord { x: e + 39e6, y: n };
    assert_eq!(zone39.east_north(n, e + 39e6).unwrap(), want);
    assert_eq!(zone39.east_north(e + 39e6, n).unwrap(), want);

    let wrong = plain.east_north(n, e + 39e6).unwrap_err();
    assert!(wrong.to_string().contains("epsg:4527"), "{wrong}");
    let wrong = zone39.east_north(n, e).unwrap_err();
    assert!(wrong.to_string().contains("epsg:4548"), "{wrong}");
    let wrong = zone39.east_north(n, e + 40e6).unwrap_err();
    assert!(wrong.to_string().contains("epsg:4528"), "{wrong}");
}

#[test]
fn what_is_no_place_is_refused() {
    let all = [
        "wgs84",
        "gcj02",
        "bd09",
        "cgcs2000",
        "epsg:3857",
        "epsg:4548",
        "epsg:4527",
    ];
    for name in all {
        let t = Transformer::new(name.parse().unwrap()).unwrap();
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300] {
            for p in [Coord { x: bad, y: 31.0 }, Coord { x: 117.0, y: bad }] {
                assert!(t.to_wgs84(p).is_err(), "{name} {p:?}");
                assert!(t.from_wgs84(p).is_err(), "{name} {p:?}");
            }
        }
    }
    let t = Transformer::new(Crs::Wgs84).unwrap();
    let swapped = t.to_wgs84(Coord { x: 31.8, y: 117.2 });
    assert!(matches!(swapped, Err(CrsError::Swapped { .. })));
    let metres = t.to_wgs84(Coord {
        x: 526_997.0,
        y: 3_529_771.0,
    });
    assert!(matches!(metres, Err(CrsError::Projected { .. })));
}

#[test]
fn lengths_and_areas() {
    // One degree of a meridian: the radius of curvature at its middle,
    // a (1 - e²) / (1 - e² sin² 32°)^1.5 = 6 353 346 m, times π / 180.
    let d = distance_m(Coord { x: 117.0, y: 31.5 }, Coord { x: 117.0, y: 32.5 });
    assert!((d - 110_886.8).abs() < 0.5, "{d}");
    let square = polygon![
        exterior: [(x: 117.28, y: 31.88), (x: 117.29, y: 31.88), (x: 117.29, y: 31.89), (x: 117.28, y: 31.89)],
        interiors: [[(x: 117.282, y: 31.882), (x: 117.283, y: 31.882), (x: 117.283, y: 31.883), (x: 117.282, y: 31.883)]],
    ];
    let full = 946.1 * 1108.7;
    let area = area_m2(&MultiPolygon(vec![square]));
    assert!((area / (full * 0.99) - 1.0).abs() < 1e-3, "{area}");
}

proptest! {
    #[test]
    fn round_trips_are_within_a_millimetre(
        x in 73.5f64..135.0, y in 4.0f64..53.5, which in 0usize..5,
    ) {
        let p = Coord { x, y };
        let crs = match which {
            0 => Crs::Gcj02,
            1 => Crs::Bd09,
            2 => Crs::WebMercator,
            // The zone nearest to the place, with and without its number.
            _ => Crs::from_epsg(4513 + 21 * (which as u32 - 3) + ((x - 73.5) / 3.0) as u32).unwrap(),
        };
        let t = Transformer::new(crs).unwrap();
        let back = t.to_wgs84(t.from_wgs84(p).unwrap()).unwrap();
        prop_assert!(distance_m(p, back) < 1e-3, "{crs} {p:?} {back:?}");
    }

    #[test]
    fn no_place_moves_by_more_or_less_than_its_range_says(
        x in 71.0f64..139.0, y in -1.0f64..57.0, size in -7f64..1.5, tall in -7f64..1.5,
        places in prop::collection::vec((0f64..=1.0, 0f64..=1.0), 40),
    ) {
        let (width, height) = (10f64.powf(size), 10f64.powf(tall));
        let area = geo::Rect::new(Coord { x, y }, Coord { x: x + width, y: y + height });
        let range = gcj02::shift_range(area);
        // Corners and edges too, where the extremes of a slope are.
        let corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
        for (u, v) in places.into_iter().chain(corners) {
            let p = Coord { x: x + u * width, y: y + v * height };
            let moved = gcj02::from_wgs84(p) - p;
            let slack = 1e-12;
            prop_assert!(moved.x >= range.min().x - slack && moved.x <= range.max().x + slack, "{p:?} {moved:?} {range:?}");
            prop_assert!(moved.y >= range.min().y - slack && moved.y <= range.max().y + slack, "{p:?} {moved:?} {range:?}");
            prop_assert!(moved.x.abs() <= gcj02::LARGEST.x && moved.y.abs() <= gcj02::LARGEST.y);
        }
        // Worth having: a district is searched with some tens of metres more.
        if width <= 0.1 && height <= 0.1 && x > 73.0 && x < 137.0 && y > 1.0 && y < 55.0 {
            prop_assert!(range.width() < 0.0012 && range.height() < 0.0007, "{range:?}");
        }
    }

    #[test]
    fn the_local_frame_measures_like_the_ellipsoid(
        lon in -180f64..180.0, lat in -60f64..60.0, dx in -2000f64..2000.0, dy in -2000f64..2000.0,
    ) {
        let frame = LocalFrame::new(Coord { x: lon, y: lat });
        let there = frame.to_degrees(Coord { x: dx, y: dy });
        let back = frame.to_meters(there);
        prop_assert!((back.x - dx).abs() < 1e-6 && (back.y - dy).abs() < 1e-6);
        if there.x.abs() < 180.0 {
            let flat = dx.hypot(dy);
            prop_assert!((distance_m(frame.center(), there) - flat).abs() <= 5e-4 * flat + 1e-3);
        }
    }
}
