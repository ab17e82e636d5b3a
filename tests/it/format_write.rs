//! Files that are written: read back by our readers, and by other programs.

use std::io::Cursor;
use std::process::Command;

use calamine::{Data, Reader, Xlsx};
use gridmap::api::{Lang, export_file};
use gridmap::format::write::FileType;
use gridmap::format::{FileKind, Items, Options, Parsed, import, sniff};
use gridmap::index::Snapshot;
use gridmap::model::{
    ChangeSet, Entity, ExtraColumn, ExtraType, FeatureId, Incident, LayerName, Revision, Timestamp,
    Value,
};
use gridmap::sample;
use jiff::civil::date;

/// Row ids, as a store gives them.
fn number<T: Entity>(rows: &mut [T]) {
    for (n, row) in rows.iter_mut().enumerate() {
        row.meta_mut().id = FeatureId(i64::try_from(n).unwrap() + 1);
    }
}

/// The demo district with awkward rows: formulas, quotes, markup, no place,
/// midnight, extra columns, ids of two sources.
fn snapshot() -> Snapshot {
    let mut all: ChangeSet = sample::district(7, date(2026, 11, 1));
    all.incidents.put.truncate(300);
    number(&mut all.grids.put);
    number(&mut all.compounds.put);
    number(&mut all.streets.put);
    number(&mut all.routes.put);
    number(&mut all.incidents.put);
    let mut odd = all.incidents.put[0].clone();
    odd.meta.id.0 = 900_001;
    odd.meta.source_id = "=1+1".to_owned();
    odd.text = "=cmd|' /C calc'!A0, 说\"好\"<b>&amp;\n第二行".to_owned();
    odd.at = None;
    odd.occurred_at = Timestamp::from_local_date(date(2026, 10, 1)).unwrap();
    odd.date_only = false;
    all.incidents.put.push(odd);
    let columns = [
        ("备注", ExtraType::Text, Value::text("-5 度")),
        ("楼层", ExtraType::Number, Value::Number(3.5)),
        ("登记日", ExtraType::Date, Value::Date(date(2026, 1, 5))),
    ];
    for incident in &mut all.incidents.put {
        let extra = columns
            .iter()
            .map(|(name, _, v)| ((*name).to_owned(), v.clone()));
        incident.meta.extra = extra.collect();
    }
    let mut district = all.district.clone().unwrap_or_default();
    district.extra_columns[LayerName::Incidents.slot()] = columns
        .iter()
        .map(|(name, kind, _)| ExtraColumn {
            name: (*name).to_owned(),
            extra_type: *kind,
        })
        .collect();
    all.district = Some(district);
    Snapshot::build(all, Revision(1), date(2026, 11, 2))
}

fn written(snapshot: &Snapshot, layer: LayerName, file_type: FileType, lang: Lang) -> Vec<u8> {
    let mut out = Vec::new();
    export_file(snapshot, layer, file_type, lang, &mut out).unwrap();
    out
}

fn read_back(bytes: &[u8], layer: LayerName, file_type: FileType) -> Parsed {
    let name = format!("a.{}", file_type.ending());
    let kind = sniff(&name, &bytes[..bytes.len().min(4096)]);
    let keep = match layer {
        LayerName::Incidents if file_type != FileType::Gpx => vec!["备注", "楼层", "登记日"],
        _ => Vec::new(),
    };
    let options = Options {
        crs: Some(gridmap::crs::Crs::Wgs84),
        keep: keep.into_iter().map(str::to_owned).collect(),
        ..Options::default()
    };
    let parsed = import(layer, kind.input(bytes).unwrap(), &options).unwrap();
    assert_eq!(
        parsed.report.rejected, 0,
        "{file_type:?} {layer} {:?}",
        parsed.report.problems
    );
    parsed
}

/// Every row of the layer has the same content in the other list.
fn assert_same<T: Entity + std::fmt::Debug>(
    want: &[T],
    got: &[T],
    what: &str,
    mut forget: impl FnMut(&mut T),
) {
    assert_eq!(want.len(), got.len(), "{what}");
    let mut want = want.to_vec();
    let mut got = got.to_vec();
    for list in [&mut want, &mut got] {
        list.sort_by(|a, b| {
            (&a.meta().source, &a.meta().source_id).cmp(&(&b.meta().source, &b.meta().source_id))
        });
        list.iter_mut().for_each(&mut forget);
    }
    for (want, got) in want.iter().zip(&got) {
        assert!(want.same_content(got), "{what}:\n{want:#?}\n{got:#?}");
    }
}

fn items<T: Entity>(rows: &[std::sync::Arc<T>]) -> Vec<T> {
    rows.iter().map(|row| T::clone(row)).collect()
}

#[test]
fn every_format_reads_back_as_the_same_rows() {
    let snapshot = snapshot();
    let incidents: Vec<Incident> = snapshot.incidents.rows().map(|r| r.to_incident()).collect();
    for lang in [Lang::Zh, Lang::En] {
        for file_type in FileType::ALL {
            for layer in LayerName::ALL.iter().copied() {
                // GPX has no areas with holes, and no rows without a place.
                let gpx = file_type == FileType::Gpx;
                if gpx && layer != LayerName::Routes && layer != LayerName::Streets {
                    continue;
                }
                let what = format!("{file_type:?} {layer} {lang:?}");
                let bytes = written(&snapshot, layer, file_type, lang);
                // Places beside the shape are for people only in a Shapefile.
                let flat = file_type == FileType::Shapefile;
                match read_back(&bytes, layer, file_type).items {
                    Items::Grids(got) => {
                        assert_same(&items(snapshot.grids.items()), &got, &what, |_| {});
                    }
                    Items::Compounds(got) => {
                        // Points and areas are two Shapefiles, of which one is read.
                        if !flat {
                            assert_same(&items(snapshot.compounds.items()), &got, &what, |_| {});
                        }
                    }
                    Items::Streets(got) => {
                        assert_same(&items(snapshot.streets.items()), &got, &what, |_| {});
                    }
                    Items::Routes(got) => {
                        assert_same(&items(snapshot.routes.items()), &got, &what, |route| {
                            if flat {
                                route.checkpoints.clear();
                            }
                        });
                    }
                    Items::Incidents(got) => assert_same(&incidents, &got, &what, |_| {}),
                    _ => unreachable!(),
                }
            }
        }
    }
}

#[test]
fn a_workbook_has_typed_cells_and_no_formulas() {
    let bytes = written(&snapshot(), LayerName::Incidents, FileType::Excel, Lang::Zh);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).unwrap();
    let headings: Vec<String> = range
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    let at = |heading: &str| headings.iter().position(|h| h == heading).unwrap();
    assert!(range.height() > 300);
    let (mut dates, mut guarded) = (0, 0);
    for row in range.rows().skip(1) {
        dates += usize::from(matches!(row[at("发生时间")], Data::DateTime(_)));
        assert!(matches!(row[at("登记日")], Data::DateTime(_)));
        assert!(matches!(row[at("楼层")], Data::Float(_)));
        for cell in row {
            if let Data::String(text) = cell {
                assert!(!text.starts_with(['=', '+', '-', '@']), "{text}");
                guarded += usize::from(text.starts_with('\''));
            }
        }
    }
    assert_eq!(dates, range.height() - 1);
    assert!(guarded > 300);
    assert_eq!(
        book.worksheet_formula(&name).unwrap().used_cells().count(),
        0
    );
}

#[test]
fn other_programs_open_the_files() {
    let snapshot = snapshot();
    let folder = tempfile::tempdir().unwrap();
    for file_type in FileType::ALL {
        for layer in [LayerName::Grids, LayerName::Routes, LayerName::Incidents] {
            let bytes = written(&snapshot, layer, file_type, Lang::Zh);
            let path = folder
                .path()
                .join(format!("{layer}.{}", file_type.ending()));
            std::fs::write(&path, bytes).unwrap();
            let shown = path.display().to_string();
            let source = match file_type {
                FileType::Shapefile => format!("/vsizip/{shown}"),
                _ => shown,
            };
            let output = Command::new("ogrinfo")
                .args(["-ro", "-al", "-so", &source])
                .output()
                .expect("ogrinfo is on the machine: see tests/setup.sh");
            let said = String::from_utf8_lossy(&output.stdout);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{source}: {told}");
            assert!(!told.contains("ERROR"), "{source}: {told}");
            let count = snapshot.count(layer).total;
            let wanted = match (file_type, layer) {
                // Checkpoints are rows of a layer of their own there.
                (FileType::Gpx, _) => None,
                _ => Some(format!("Feature Count: {count}")),
            };
            if let Some(wanted) = wanted {
                assert!(said.contains(&wanted), "{source}: {wanted}\n{said}");
            }
        }
    }
    // Hanzi in names and values of a Shapefile arrive.
    let path = folder.path().join("grids.zip");
    let output = Command::new("ogrinfo")
        .args([
            "-ro",
            "-al",
            "-geom=NO",
            &format!("/vsizip/{}", path.display()),
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("网格长岗位") || said.contains("网格"),
        "{said}"
    );
}

#[test]
fn kinds_are_told_from_content() {
    let snapshot = snapshot();
    for (file_type, kind) in [
        (FileType::Csv, FileKind::Csv),
        (FileType::GeoJson, FileKind::GeoJson),
        (FileType::Excel, FileKind::Excel),
        (FileType::Gpx, FileKind::Gpx),
        (FileType::Kml, FileKind::Kml),
        (FileType::Shapefile, FileKind::ShapefileZip),
    ] {
        let bytes = written(&snapshot, LayerName::Grids, file_type, Lang::En);
        let name = if file_type == FileType::Csv {
            "a.csv"
        } else {
            "a"
        };
        assert_eq!(sniff(name, &bytes[..bytes.len().min(4096)]), kind);
    }
}
