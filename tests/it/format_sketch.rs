//! What the page shows of a file before it is imported.

use gridmap::format::{FileKind, Input, Options, ValueKind, datum, import, sketch};
use gridmap::model::LayerName;
use rust_xlsxwriter::Workbook;

use crate::format::{bytes, options};

#[test]
fn columns_fields_samples_and_nothing_personal() {
    let text = "编号,姓名,联系电话,类别,发生时间,情况,备用,经纬度\n\
        A1,王小明,13800138000,盗窃,2026-01-02 03:04,报警人王小明电话13800138000称被盗,13900139000,\"117.28,31.89\"\n\
        A2,李四,13800138001,盗窃,2026-01-03 03:04,,13900139001,\"117.29,31.90\"\n";
    let sketch = sketch(Input::Csv(text.as_bytes()), None, &Options::default()).unwrap();
    assert_eq!(sketch.kind, FileKind::Csv);
    assert_eq!(
        (sketch.rows, sketch.layer, sketch.layer_guessed),
        (2, LayerName::Incidents, true)
    );
    assert!(sketch.crs.is_none() && sketch.crs_needed && sketch.error.is_none());
    let of = |name: &str| sketch.columns.iter().find(|c| c.name == name).unwrap();
    for name in ["姓名", "联系电话", "备用"] {
        assert!(of(name).personal && of(name).samples.is_empty(), "{name}");
    }
    assert_eq!(of("发生时间").field.as_deref(), Some("occurred_at"));
    assert_eq!(of("发生时间").value_kind, ValueKind::Time);
    assert_eq!(of("经纬度").value_kind, ValueKind::Place);
    assert_eq!(of("编号").samples, ["A1", "A2"]);
    assert!((of("情况").filled - 0.5).abs() < 1e-9);
    assert_eq!(sketch.places.len(), 2);
    let all = serde_json::to_string(&sketch).unwrap();
    for secret in ["王小明", "李四", "13800138000", "13900139000"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn headings_say_whose_coordinates_they_are() {
    let file = |head: &str| {
        format!("编号,类型,发生时间,{head}\nA1,警情,2026-01-02 03:04,117.28,31.89,117.30,31.92\n")
    };
    let look = |head: &str, crs: Option<&str>| {
        let options = Options {
            crs: crs.map(|crs| crs.parse().unwrap()),
            ..Options::default()
        };
        let sketch = sketch(Input::Csv(file(head).as_bytes()), None, &options).unwrap();
        let field = |wanted: &str| {
            let mut columns = sketch.columns.iter();
            let found = columns.find(|c| c.field.as_deref() == Some(wanted));
            found.map(|c| c.name.clone()).unwrap_or_default()
        };
        (
            field("lon"),
            field("lat"),
            sketch.crs.clone().unwrap_or_default(),
        )
    };
    let of = |lon: &str, lat: &str, crs: &str| (lon.to_owned(), lat.to_owned(), crs.to_owned());
    for (head, lon, lat, crs) in [
        ("高德经度,高德纬度,a,b", "高德经度", "高德纬度", "gcj02"),
        ("bd_lng,bd_lat,a,b", "bd_lng", "bd_lat", "bd09"),
        (
            "案发地点经度,案发地点纬度,a,b",
            "案发地点经度",
            "案发地点纬度",
            "",
        ),
        // Of two pairs the first, and never one number of each.
        (
            "GCJ02经度,GCJ02纬度,百度经度,百度纬度",
            "GCJ02经度",
            "GCJ02纬度",
            "gcj02",
        ),
        (
            "百度纬度,百度经度,GCJ02经度,GCJ02纬度",
            "百度经度",
            "百度纬度",
            "bd09",
        ),
        // A plain pair comes first.
        ("高德经度,高德纬度,经度,纬度", "经度", "纬度", ""),
    ] {
        assert_eq!(look(head, None), of(lon, lat, crs), "{head}");
    }
    let both = "GCJ02经度,GCJ02纬度,百度经度,百度纬度";
    assert_eq!(look(both, Some("bd09")), of("百度经度", "百度纬度", "bd09"));
}

#[test]
fn layers_are_guessed_for_every_fixture() {
    let shp = |name: &str, ext: &str| bytes(&format!("formats/{name}.{ext}"));
    let (g, d, p) = (
        shp("grids_gbk_nocpg", "shp"),
        shp("grids_gbk_nocpg", "dbf"),
        shp("grids_gbk_nocpg", "prj"),
    );
    let files = [
        bytes("formats/incidents.xlsx"),
        bytes("formats/incidents_bd09_gbk.csv"),
        bytes("formats/grids.geojson"),
        bytes("formats/routes.kml"),
        bytes("formats/routes.gpx"),
        bytes("formats/grids_gk117.dxf"),
        bytes("hostile/zip/shp_gbk_ok.zip"),
    ];
    let cases = [
        (Input::Excel(&files[0]), LayerName::Incidents, 30, None),
        (Input::Csv(&files[1]), LayerName::Incidents, 30, None),
        (
            Input::GeoJson(&files[2]),
            LayerName::Grids,
            6,
            Some("wgs84"),
        ),
        (Input::Kml(&files[3]), LayerName::Routes, 2, Some("wgs84")),
        (Input::Gpx(&files[4]), LayerName::Routes, 2, Some("wgs84")),
        (Input::Dxf(&files[5]), LayerName::Grids, 6, None),
        (
            Input::ShapefileZip(&files[6]),
            LayerName::Compounds,
            2,
            Some("wgs84"),
        ),
        (
            Input::Shapefile {
                shp: &g,
                dbf: Some(&d),
                cpg: None,
                prj: Some(&p),
            },
            LayerName::Grids,
            6,
            Some("wgs84"),
        ),
    ];
    for (input, layer, rows, crs) in cases {
        let sketch = sketch(input, None, &Options::default()).unwrap();
        let got = (sketch.layer, sketch.rows, sketch.crs.as_deref());
        assert_eq!(got, (layer, rows, crs), "{:?}", sketch.kind);
        assert_eq!(sketch.crs_needed, crs.is_none());
        assert!(!sketch.places.is_empty());
        // What the sketch says the import does.
        let options = Options {
            crs: Some(gridmap::crs::Crs::Wgs84),
            ..options("wgs84")
        };
        let fields: Vec<String> = sketch
            .columns
            .iter()
            .filter_map(|c| c.field.clone())
            .collect();
        if let Ok(parsed) = import(layer, input, &options) {
            for (field, _) in &parsed.report.columns {
                assert!(fields.contains(field), "{field}");
            }
        }
    }
}

#[test]
fn encodings_are_offered_with_a_line_each() {
    let gbk = bytes("formats/incidents_gbk.csv");
    let sketch1 = sketch(Input::Csv(&gbk), None, &Options::default()).unwrap();
    let names: Vec<&str> = sketch1
        .encodings
        .iter()
        .map(|e| e.encoding.name())
        .collect();
    assert_eq!(names.first(), Some(&"gb18030"), "{names:?}");
    assert!(
        sketch1.encodings[0].line.contains("盗窃"),
        "{:?}",
        sketch1.encodings
    );
    let ascii = sketch(
        Input::Csv(b"id,lon,lat\n1,117.2,31.8\n"),
        None,
        &Options::default(),
    )
    .unwrap();
    assert!(ascii.encodings.is_empty());
    let part = |ext: &str| bytes(&format!("formats/grids_gbk_nocpg.{ext}"));
    let (shp, dbf) = (part("shp"), part("dbf"));
    let input = Input::Shapefile {
        shp: &shp,
        dbf: Some(&dbf),
        cpg: None,
        prj: None,
    };
    let sketch2 = sketch(input, None, &Options::default()).unwrap();
    let gb = sketch2
        .encodings
        .iter()
        .find(|e| e.encoding.name() == "gb18030")
        .unwrap();
    assert!(gb.line.contains("样例一网格"), "{}", gb.line);
    assert!(sketch2.crs_needed);
    // Switching is obeyed, and refused where it cannot be.
    let said = |name: &str| Options {
        encoding: Some(name.parse().unwrap()),
        ..Options::default()
    };
    assert!(import(LayerName::Incidents, Input::Csv(&gbk), &said("gbk")).is_ok());
    let refused = import(LayerName::Incidents, Input::Csv(&gbk), &said("utf-8")).unwrap_err();
    assert_eq!(refused.code.as_str(), "encoding");
    let refused = import(LayerName::Grids, input, &said("utf-8")).unwrap_err();
    assert_eq!(refused.code.as_str(), "encoding");
}

#[test]
fn sheets_are_listed_and_a_bad_wish_is_an_error_not_a_refusal() {
    let mut book = Workbook::new();
    for (name, ids) in [("一月", vec!["a"]), ("二月", vec!["b", "c"])] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (column, heading) in ["编号", "类别", "发生时间"].iter().enumerate() {
            sheet
                .write(0, u16::try_from(column).unwrap(), *heading)
                .unwrap();
        }
        for (row, id) in ids.iter().enumerate() {
            let row = u32::try_from(row).unwrap() + 1;
            sheet.write(row, 0, *id).unwrap();
            sheet.write(row, 1, "盗窃").unwrap();
            sheet.write(row, 2, "2026-01-02").unwrap();
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let second = Options {
        sheet: Some("二月".into()),
        ..Options::default()
    };
    let seen = sketch(Input::Excel(&bytes), None, &second).unwrap();
    let inner: Vec<(&str, u64)> = seen
        .inner
        .iter()
        .map(|i| (i.name.as_str(), i.rows))
        .collect();
    assert_eq!(inner, [("一月", 1), ("二月", 2)]);
    assert_eq!((seen.sheet.as_deref(), seen.rows), (Some("二月"), 2));
    let wish = Options {
        map: vec![("lon".into(), "没有".into())],
        ..Options::default()
    };
    let seen = sketch(Input::Excel(&bytes), Some(LayerName::Incidents), &wish).unwrap();
    assert_eq!(seen.error.unwrap().code.as_str(), "mapping");
    assert_eq!(seen.columns.len(), 3);
}

#[test]
fn the_datum_is_found_from_a_sketch() {
    let areas: Vec<geo::MultiPolygon> = {
        let parsed = import(
            LayerName::Grids,
            Input::GeoJson(&bytes("formats/grids.geojson")),
            &options("wgs84"),
        )
        .unwrap();
        let gridmap::format::Items::Grids(grids) = parsed.items else {
            panic!()
        };
        grids.into_iter().map(|g| g.area).collect()
    };
    for (file, crs) in [
        ("incidents_utf8_bom.csv", "wgs84"),
        ("incidents_gcj02_utf8.csv", "gcj02"),
        ("incidents_bd09_gbk.csv", "bd09"),
        ("incidents_gk117_XisNorth.csv", "epsg:4548"),
    ] {
        let input = bytes(&format!("formats/{file}"));
        let seen = sketch(Input::Csv(&input), None, &Options::default()).unwrap();
        let guess = datum::candidates(&seen.places, &areas, &[]);
        assert_eq!(guess.candidates[0].crs.to_string(), crs, "{file}");
        assert!(guess.clear, "{file} {guess:?}");
        assert!(
            (guess.candidates[0].inside_share - 1.0).abs() < 1e-9,
            "{file}"
        );
    }
}
