//! Workbooks as offices send them.

use gridmap::format::{Input, Options, Severity, import};
use gridmap::model::LayerName;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use crate::format::{assert_expected_incidents, bytes, incidents, options};

#[test]
fn the_same_incidents_from_old_and_new_workbooks() {
    for (file, encoding) in [("incidents.xlsx", "utf-8"), ("incidents.xls", "utf-16")] {
        let input = bytes(&format!("formats/{file}"));
        let options = options("wgs84");
        let parsed = import(LayerName::Incidents, Input::Excel(&input), &options).unwrap();
        let report = &parsed.report;
        assert_eq!((report.read, report.rejected), (30, 0), "{file} {report:?}");
        assert_eq!(report.encoding, encoding);
        assert_expected_incidents(&parsed, 1e-9);
    }
}

/// A sheet with everything that people do to sheets.
fn awkward() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("说明").unwrap();
    sheet.write(0, 0, "本表每月报送").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("二月").unwrap();
    let day = Format::new().set_num_format("yyyy/m/d h:mm");
    sheet
        .merge_range(0, 0, 0, 6, "某街道二月警情表", &Format::new())
        .unwrap();
    sheet.write(1, 0, "单位：某所").unwrap();
    // Headings over two rows.
    for (column, heading) in ["编号", "类别", "发生时间", "地址"].iter().enumerate() {
        let column = u16::try_from(column).unwrap();
        sheet
            .merge_range(2, column, 3, column, heading, &Format::new())
            .unwrap();
    }
    sheet
        .merge_range(2, 4, 2, 5, "坐标", &Format::new())
        .unwrap();
    sheet.write(3, 4, "经度").unwrap();
    sheet.write(3, 5, "纬度").unwrap();
    // A whole-number id, a category merged over two rows, a real date.
    sheet.write(4, 0, 20_260_001.0).unwrap();
    sheet
        .merge_range(4, 1, 5, 1, "盗窃", &Format::new())
        .unwrap();
    let at = ExcelDateTime::from_ymd(2026, 2, 3)
        .unwrap()
        .and_hms(4, 5, 0)
        .unwrap();
    sheet.write_with_format(4, 2, &at, &day).unwrap();
    sheet.write(4, 3, "样例路1号").unwrap();
    sheet.write(4, 4, 117.285).unwrap();
    sheet.write(4, 5, 31.89).unwrap();
    // Numbers as text, a day number without its format, a formula's result.
    sheet.write(5, 0, "20260002").unwrap();
    sheet.write(5, 2, 46_056.5).unwrap();
    sheet.write(5, 3, "样例路2号").unwrap();
    sheet.write(5, 4, "117.286").unwrap();
    sheet
        .write_formula(5, 5, Formula::new("=F5+0.001").set_result("31.891"))
        .unwrap();
    // An id of 18 digits kept as a number is damaged; headings again; a total.
    sheet.write(7, 0, 340_102_014_001_001_777.0).unwrap();
    sheet.write(7, 1, "盗窃").unwrap();
    sheet.write(7, 2, "2026-02-05").unwrap();
    for (column, heading) in ["编号", "类别", "发生时间", "地址", "经度", "纬度"]
        .iter()
        .enumerate()
    {
        sheet
            .write(8, u16::try_from(column).unwrap(), *heading)
            .unwrap();
    }
    sheet.write(9, 0, "合 计").unwrap();
    sheet.write(9, 1, 3.0).unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("三月").unwrap();
    for (column, text) in ["编号", "类别", "发生时间"].iter().enumerate() {
        sheet
            .write(0, u16::try_from(column).unwrap(), *text)
            .unwrap();
    }
    for (column, text) in ["A9", "诈骗", "2026-03-01"].iter().enumerate() {
        sheet
            .write(1, u16::try_from(column).unwrap(), *text)
            .unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn titles_merged_cells_dates_and_totals() {
    let book = awkward();
    let parsed = import(LayerName::Incidents, Input::Excel(&book), &options("wgs84")).unwrap();
    let report = &parsed.report;
    let told = |code: &str| report.problems.iter().any(|p| p.code.as_str() == code);
    assert_eq!((report.read, report.accepted), (3, 2), "{report:#?}");
    let got = incidents(&parsed);
    assert_eq!(got[0].meta.source_id, "20260001");
    assert_eq!(got[0].occurred_at.to_rfc3339(), "2026-02-03T04:05:00+08:00");
    assert_eq!(got[1].meta.source_id, "20260002");
    assert_eq!(got[1].category, "police.theft");
    assert_eq!(got[1].occurred_at.to_rfc3339(), "2026-02-03T12:00:00+08:00");
    assert!((got[1].at.unwrap().y - 31.891).abs() < 1e-12);
    assert!(told("id_mangled") && told("ambiguous"), "{report:#?}");
    let repaired = report
        .problems
        .iter()
        .find(|p| p.severity == Severity::Repaired);
    assert_eq!(repaired.unwrap().code.as_str(), "time_parse");

    let other = Options {
        sheet: Some("三月".into()),
        ..options("wgs84")
    };
    let parsed = import(LayerName::Incidents, Input::Excel(&book), &other).unwrap();
    assert_eq!(incidents(&parsed)[0].meta.source_id, "A9");
    let none = Options {
        sheet: Some("四月".into()),
        ..options("wgs84")
    };
    let refused = import(LayerName::Incidents, Input::Excel(&book), &none).unwrap_err();
    assert!(refused.to_string().contains("三月"), "{refused}");
}

#[test]
fn a_web_page_named_xls() {
    let page = "<html><body><table border=1><tr><td colspan=4>月报</td></tr><tr><td>编号</td><td>类别</td><td>发生时间</td><td>电话</td></tr>\
        <tr><td>A1</td><td>盗窃</td><td>2026-02-01 03:00</td><td>13800138000</td></tr></table></body></html>";
    let gbk = encoding_rs::GBK.encode(page).0;
    for input in [page.as_bytes(), &gbk[..]] {
        let options = options("wgs84");
        let parsed = import(LayerName::Incidents, Input::Excel(input), &options).unwrap();
        assert_eq!(incidents(&parsed)[0].meta.source_id, "A1");
        assert_eq!(parsed.report.dropped_columns, ["电话"]);
    }
}

/// A workbook of one cell far away, as bytes: the parts of a good one with
/// another sheet.
fn with_sheet(xml: &str) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "x").unwrap();
    let good = book.save_to_buffer().unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(good)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..archive.len() {
        let mut file = archive.by_index(n).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        if name.ends_with("sheet1.xml") {
            content = xml.as_bytes().to_vec();
        }
        let options = zip::write::SimpleFileOptions::default();
        out.start_file(name, options).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn hostile_workbooks_are_refused_in_time() {
    let far = with_sheet(
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>",
    );
    let blank = format!(
        "<worksheet><sheetData>{}</sheetData></worksheet>",
        " ".repeat(60 << 20)
    );
    let bomb = with_sheet(&blank);
    let xls = bytes("formats/incidents.xls");
    let mut cases = vec![
        far,
        bomb,
        b"PK\x03\x04rubbish".to_vec(),
        Vec::new(),
        xls[..4000].to_vec(),
    ];
    // Every part of an old workbook damaged in turn.
    for at in (0..xls.len()).step_by(97) {
        let mut bad = xls.clone();
        bad[at] ^= 0xff;
        bad[(at + 1) % xls.len()] = 0xff;
        cases.push(bad);
    }
    let xlsx = bytes("formats/incidents.xlsx");
    for at in (0..xlsx.len()).step_by(101) {
        let mut bad = xlsx.clone();
        bad[at] ^= 0xff;
        cases.push(bad);
    }
    for (n, case) in cases.iter().enumerate() {
        let start = std::time::Instant::now();
        let got = import(LayerName::Incidents, Input::Excel(case), &options("wgs84"));
        assert!(start.elapsed().as_secs() < 2, "{n}: {:?}", start.elapsed());
        assert!(n > 4 || got.is_err(), "{n}");
    }
}
