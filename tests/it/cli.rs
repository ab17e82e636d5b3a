//! The program as a process: import, serve, stop, kill.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::{Server, gridmap, run};

const HEAD: &str = "编号,经度,纬度,发生时间,类别,内容\n";

/// `count` hotline rows with ids from `first`.
pub(crate) fn table(first: usize, count: usize, text: &str) -> String {
    let mut out = HEAD.to_owned();
    for n in first..first + count {
        let (lon, lat) = (
            117.30 + (n % 100) as f64 * 1e-4,
            31.88 + (n / 100 % 100) as f64 * 1e-4,
        );
        out += &format!(
            "h{n},{lon:.4},{lat:.4},2026-10-{:02} 08:30,占道经营,{text}\n",
            n % 28 + 1
        );
    }
    out
}

pub(crate) fn import(data: &Path, file: &Path, more: &[&str]) -> (i32, Value) {
    let mut arguments = vec![
        "import",
        "incidents",
        file.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
        "--crs",
        "wgs84",
        "--set",
        "kind=hotline",
        "--json",
    ];
    arguments.extend(more);
    let output = run(&arguments);
    let text = String::from_utf8_lossy(&output.stdout);
    let report = serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr))
    });
    (output.status.code().unwrap(), report)
}

pub(crate) fn counts(report: &Value) -> [u64; 6] {
    [
        "read",
        "accepted",
        "rejected",
        "new",
        "updated",
        "unchanged",
    ]
    .map(|name| report[name].as_u64().unwrap_or(u64::MAX))
}

#[test]
fn an_import_is_counted_kept_and_idempotent() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("a.csv");
    let mut text = table(0, 50, "占道经营");
    text += "h7,117.3,31.9,2026-10-01 09:00,占道经营,again\n";
    text += "h99,999,31.9,2026-10-01 09:00,占道经营,nowhere\n";
    std::fs::write(&file, &text).unwrap();

    let (code, report) = import(&data, &file, &["--dry-run"]);
    assert_eq!(
        (code, &report["stored"]),
        (1, &Value::Bool(false)),
        "{report}"
    );
    let (code, report) = import(&data, &file, &["--strict"]);
    assert_eq!(
        (code, &report["stored"]),
        (1, &Value::Bool(false)),
        "{report}"
    );

    let (code, report) = import(&data, &file, &[]);
    let [read, accepted, rejected, new, updated, unchanged] = counts(&report);
    assert_eq!(code, 1, "{report}");
    assert_eq!(read, 52);
    assert_eq!(read, accepted + rejected);
    assert!(rejected >= 1, "the repeated id");
    assert_eq!((new, updated, unchanged), (accepted, 0, 0));
    let repeated = &report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["code"] == "duplicate_id");
    assert!(repeated.is_some(), "{report}");

    let (_, again) = import(&data, &file, &[]);
    assert_eq!(counts(&again)[3..], [0, 0, accepted], "{again}");

    std::fs::write(&file, table(0, 60, "噪音扰民")).unwrap();
    let (code, changed) = import(&data, &file, &[]);
    assert_eq!(code, 0, "{changed}");
    let [_, _, _, new, updated, unchanged] = counts(&changed);
    assert_eq!((updated, new + unchanged), (50, 10), "{changed}");
}

#[cfg(unix)]
#[test]
fn a_server_shows_imports_and_foreign_edits_at_once_and_stops_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("a.csv");
    std::fs::write(&file, table(0, 200, "占道经营")).unwrap();
    let server = Server::start(&data);
    assert_eq!(server.incidents(), 0);

    let mut events = BufReader::new(server.connect("/api/events"));
    let (_, report) = import(&data, &file, &[]);
    let told = Instant::now();
    assert_eq!(counts(&report)[3], 200, "{report}");
    let mut line = String::new();
    while !line.contains("\"incidents\"") {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "the stream ended");
    }
    assert!(
        told.elapsed() < Duration::from_millis(1500),
        "{:?}",
        told.elapsed()
    );
    assert_eq!(server.incidents(), 200);

    // Several commands at once; the server takes them one after the other.
    let others: Vec<_> = (1..=4)
        .map(|n| {
            let file = folder.path().join(format!("{n}.csv"));
            std::fs::write(&file, table(n * 1000, 100, "占道经营")).unwrap();
            let data = data.clone();
            std::thread::spawn(move || import(&data, &file, &[]))
        })
        .collect();
    for other in others {
        assert_eq!(counts(&other.join().unwrap().1)[3], 100);
    }
    assert_eq!(server.incidents(), 600);
    server.stop();
    assert!(!data.join("gridmap.gpkg-wal").exists());
    assert!(!data.join("gridmap.sock").exists());
    assert_eq!(Server::start(&data).incidents(), 600);
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("a.csv");
    let batch = 400;
    let mut acknowledged = 0;
    for round in 0..10_u64 {
        let server = Server::start(&data);
        let before = server.incidents();
        assert!(
            before >= acknowledged,
            "round {round}: {before} of {acknowledged} rows"
        );
        assert_eq!(before % batch, 0, "round {round}: a batch is half there");
        acknowledged = before;
        let first = before as usize;
        std::fs::write(&file, table(first, batch as usize, "占道经营")).unwrap();
        let mut client = gridmap(&[
            "import",
            "incidents",
            file.to_str().unwrap(),
            "--data",
            data.to_str().unwrap(),
            "--crs",
            "wgs84",
            "--set",
            "kind=hotline",
            "--json",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
        // From before the rows arrive to after they are stored.
        std::thread::sleep(Duration::from_millis(5 + round * 17));
        drop(server);
        if client.wait().unwrap().code() == Some(0) {
            acknowledged += batch;
        }
    }
    let last = Server::start(&data);
    assert!(last.incidents() >= acknowledged);
    assert_eq!(last.incidents() % batch, 0);
    let check = run(&[
        "backup",
        folder.path().join("copy.gpkg").to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
    ]);
    assert!(check.status.success());
}

#[test]
fn wishes_that_cannot_be_met_are_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let file = folder.path().join("a.csv");
    std::fs::write(&file, table(0, 1, "x")).unwrap();
    let file = file.to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (
            &["serve", "--data", data, "--listen", "0.0.0.0:0"],
            "loopback",
        ),
        (
            &["serve", "--database-url", "postgres://127.0.0.1:9/x"],
            "does not answer",
        ),
        (&["import", "incidents", file, "--data", data], "--crs"),
        (
            &["import", "people", file, "--data", data, "--crs", "wgs84"],
            "grids, compounds",
        ),
        (
            &[
                "import",
                "incidents",
                "a.xlsx",
                "--data",
                data,
                "--crs",
                "wgs84",
            ],
            "CSV",
        ),
        (
            &[
                "export",
                "grids",
                "--format",
                "csv",
                "--data",
                "/tmp/no such gridmap folder",
            ],
            "no store",
        ),
    ];
    for (arguments, word) in cases {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
    assert!(
        !Path::new("/tmp/no such gridmap folder").exists(),
        "reading makes no folder"
    );
}

#[test]
fn the_demo_says_where_it_is_and_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = gridmap(&[
        "serve",
        "--demo",
        "--until",
        "2026-11-21",
        "--listen",
        "127.0.0.1:0",
    ])
    .env("XDG_CACHE_HOME", folder.path())
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let place = lines.next().unwrap().unwrap();
    assert!(place.contains(folder.path().to_str().unwrap()), "{place}");
    let address = lines.next().unwrap().unwrap();
    let address = address
        .rsplit("http://")
        .next()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let server = Server::told(child, address);
    let meta = server.get("/api/meta");
    assert_eq!(meta["district"]["note"], "虚构示例");
    assert!(server.incidents() > 50_000);
    assert!(
        meta["time"]["last"]
            .as_str()
            .unwrap()
            .starts_with("2026-11-21"),
        "{meta}"
    );
}

#[test]
fn a_report_speaks_one_language() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let file = folder.path().join("a.csv");
    // One row of each: taken, no time, no place, a phone, twice, no kind.
    let rows = "编号,经度,纬度,发生时间,类别,内容,姓名,户数\n\
        1,117.30,31.88,2026-10-01 08:30,占道经营,电话13800138000,李四,3\n\
        2,117.30,31.88,某日,占道经营,,,\n\
        3,31.88,117.30,2026-10-01,占道经营,,,\n\
        4,117.30,,2026-10-01,占道经营,,,\n\
        1,117.30,31.88,2026-10-01,占道经营,,,\n\
        5,117.30,31.88,2099-10-01,某事,,,\n";
    std::fs::write(&file, rows).unwrap();
    let file = file.to_str().unwrap();
    let report = |locale: &str, more: &[&str]| {
        let output = gridmap(&[
            "import",
            "incidents",
            file,
            "--data",
            data,
            "--crs",
            "wgs84",
        ])
        .args(more)
        .arg("--dry-run")
        .env("LC_ALL", locale)
        .output()
        .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let zh = report("zh_CN.UTF-8", &[]);
    for line in zh.lines() {
        let words = line.split(|c: char| !c.is_ascii_alphabetic());
        let english: Vec<&str> = words.filter(|word| word.len() > 2).collect();
        let known = [
            "csv", "wgs", "utf", "kind", "set", "map", "police", "dispute", "hotline",
        ];
        assert!(
            english.iter().all(|word| known.contains(word)),
            "{english:?} in {line}"
        );
    }
    let en = report("en_US.UTF-8", &[]);
    assert_eq!(en.lines().count(), zh.lines().count(), "{zh}{en}");
    // Chinese is left only in what is quoted and in names of columns.
    for line in en.lines() {
        let bare: String = line.split('`').step_by(2).collect();
        let hanzi = bare.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(!hanzi || line.contains("about persons"), "{line}");
    }
    let json: Value = serde_json::from_str(&report("zh_CN.UTF-8", &["--json"])).unwrap();
    for problem in json["problems"].as_array().unwrap() {
        assert!(
            en.contains(problem["reason"].as_str().unwrap()),
            "{problem}"
        );
        assert!(
            zh.contains(problem["reason_zh"].as_str().unwrap()),
            "{problem}"
        );
    }
}

#[test]
fn what_goes_wrong_as_a_whole_is_told_in_the_readers_language() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let file = folder.path().join("a.csv");
    std::fs::write(&file, table(0, 1, "x")).unwrap();
    let file = file.to_str().unwrap();
    for (arguments, zh, en) in [
        (
            [
                "import",
                "incidents",
                "/nowhere.csv",
                "--data",
                data,
                "--crs",
                "wgs84",
            ],
            "无法读取 /nowhere.csv：找不到文件",
            "cannot read /nowhere.csv: No such file",
        ),
        (
            [
                "import",
                "incidents",
                file,
                "--data",
                "/dev/null/x",
                "--crs",
                "wgs84",
            ],
            "无法使用 /dev/null/x：这不是文件夹",
            "cannot use /dev/null/x: Not a directory",
        ),
        (
            ["import", "grids", file, "--data", data, "--crs", "wgs84"],
            "a.csv：没有找到图形列",
            "a.csv: no column was taken for the geometry",
        ),
    ] {
        for (locale, words) in [("zh_CN.UTF-8", zh), ("en_US.UTF-8", en)] {
            let output = gridmap(&arguments).env("LC_ALL", locale).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains(words), "{locale}: {said}");
        }
    }
}
