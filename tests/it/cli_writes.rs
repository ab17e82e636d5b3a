//! Writes as a process sees them: keys, places, undo, and a kill between
//! storing and the answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::{counts, import, table};
use crate::process::{Server, run};

/// What `gridmap writes` lists, newest first.
fn writes(data: &Path) -> Vec<Value> {
    let output = run(&["writes", "--data", data.to_str().unwrap(), "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    json["writes"].as_array().unwrap().clone()
}

fn undo(data: &Path, revision: &Value, more: &[&str]) -> (i32, String) {
    let revision = revision.to_string();
    let mut arguments = vec!["undo", &revision, "--data", data.to_str().unwrap()];
    arguments.extend(more);
    let output = run(&arguments);
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn a_write_is_listed_and_taken_back_with_and_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("a.csv");
    std::fs::write(&file, table(0, 50, "占道经营")).unwrap();
    import(&data, &file, &[]);
    std::fs::write(&file, table(40, 20, "噪音扰民")).unwrap();
    let (_, second) = import(&data, &file, &[]);
    assert_eq!(counts(&second)[3..], [10, 10, 0]);
    let listed = writes(&data);
    assert_eq!(listed[0]["audit"]["reason"], "a.csv");
    assert_eq!(
        listed[0]["counts"]["incidents"],
        json!({"insert": 10, "update": 10})
    );

    // Without a server: the first import, of which ten rows were changed since.
    let (code, said) = undo(&data, &listed[1]["revision"], &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("10 rows were changed"), "{said}");
    let (code, said) = undo(&data, &listed[0]["revision"], &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("20 rows restored, 0 kept"), "{said}");
    let (code, said) = undo(&data, &listed[0]["revision"], &[]);
    assert_eq!(code, 2, "{said}");
    let first_time = format!("was taken back by {}", writes(&data)[0]["revision"]);
    assert!(said.contains(&first_time), "{said}");

    // Through the server that has the folder open.
    let server = Server::start(&data);
    assert_eq!(server.incidents(), 50);
    let (code, said) = undo(&data, &listed[1]["revision"], &["--edited", "revert"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(server.incidents(), 0);
    let (code, said) = undo(&data, &json!(999_999), &[]);
    assert_eq!((code, said.contains("no write")), (2, true), "{said}");
}

#[test]
fn a_key_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("a.csv");
    let other = folder.path().join("b.csv");
    std::fs::write(&file, table(0, 30, "占道经营")).unwrap();
    std::fs::write(&other, table(100, 30, "占道经营")).unwrap();
    let (_, first) = import(&data, &file, &["--key", "k"]);
    assert_eq!(counts(&first)[3], 30);
    for with_server in [false, true] {
        let server = with_server.then(|| Server::start(&data));
        let (_, again) = import(&data, &file, &["--key", "k"]);
        assert_eq!(counts(&again)[3..], [0, 0, 30]);
        let output = run(&[
            "import",
            "incidents",
            other.to_str().unwrap(),
            "--data",
            data.to_str().unwrap(),
            "--crs",
            "wgs84",
            "--key",
            "k",
        ]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("used before"), "{said}");
        drop(server);
    }
    assert_eq!(Server::start(&data).incidents(), 30);
}

#[test]
fn places_come_from_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let compounds = folder.path().join("compounds.csv");
    let text = "编号,名称,经度,纬度\n1,元一名城,117.3,31.9\n2,利港花园,117.31,31.91\n";
    std::fs::write(&compounds, text).unwrap();
    let made = run(&[
        "import",
        "compounds",
        compounds.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
        "--crs",
        "wgs84",
    ]);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let file = folder.path().join("a.csv");
    let rows = "编号,类别,发生时间,地址,经度,纬度\n\
                1,占道经营,2026-10-01 08:30,元一北门,,\n\
                2,占道经营,2026-10-01 08:30,利港花园东门,,\n\
                3,占道经营,2026-10-01 08:30,利港花园东门,,\n\
                4,占道经营,2026-10-01 08:30,不详,,\n";
    std::fs::write(&file, rows).unwrap();
    let places = folder.path().join("places.csv");
    let wrong = "text,layer,name\n元一北门,compounds,没有这里\n";
    std::fs::write(&places, wrong).unwrap();
    let refused = run(&[
        "import",
        "incidents",
        file.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
        "--crs",
        "wgs84",
        "--places",
        places.to_str().unwrap(),
    ]);
    assert_eq!(refused.status.code(), Some(2));
    let table = "\u{feff}text,layer,name\n元一北门,compounds,元一名城\n不详,unplaced,\n";
    std::fs::write(&places, table).unwrap();
    let server = Server::start(&data);
    let with = ["--places", places.to_str().unwrap()];
    let (code, report) = import(&data, &file, &with);
    assert_eq!((code, &report["unplaced"]), (0, &json!(3)), "{report}");
    assert_eq!(
        report["unmatched_places"],
        json!([{"text": "利港花园东门", "rows": 2, "proposal": ["compounds", "利港花园"]}])
    );
    let found = server.get("/collections/incidents/items?limit=10&placed=true");
    assert_eq!(found["numberMatched"], 1);
    let at = &found["features"][0]["geometry"]["coordinates"];
    assert_eq!(at, &json!([117.3, 31.9]));
}

/// One request; `None` when the server was gone before it answered.
fn ask(
    address: &str,
    method: &str,
    path: &str,
    kind: &str,
    key: &str,
    body: &[u8],
) -> Option<Value> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Idempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let body = text.split_once("\r\n\r\n")?.1;
    Some(serde_json::from_str(body).unwrap_or(Value::Null))
}

/// Uploads and waits until it can be stored.
fn ready(address: &str, rows: &str) -> String {
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"layer\"\r\n\r\nincidents\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{rows}\r\n--b--\r\n"
    );
    let multipart = "multipart/form-data; boundary=b";
    let started = ask(
        address,
        "POST",
        "/api/imports",
        multipart,
        "-",
        form.as_bytes(),
    )
    .unwrap();
    let id = started["id"].as_str().unwrap().to_owned();
    let path = format!("/api/imports/{id}");
    let options = json!({"layer": "incidents", "crs": "wgs84", "set": {"kind": "hotline"}});
    let options = options.to_string();
    let choose = format!("{path}/options");
    ask(
        address,
        "PUT",
        &choose,
        "application/json",
        "-",
        options.as_bytes(),
    )
    .unwrap();
    for _ in 0..600 {
        let session = ask(address, "GET", &path, "text/plain", "-", b"").unwrap();
        match session["state"].as_str().unwrap() {
            "ready" => return id,
            "reading" | "checking" => std::thread::sleep(Duration::from_millis(50)),
            _ => panic!("{session}"),
        }
    }
    panic!("not ready in time");
}

#[test]
fn a_kill_between_storing_and_the_answer_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let batch = 300_u64;
    let mut unanswered_but_stored = 0;
    for round in 0..8_u64 {
        let first = usize::try_from(round * batch).unwrap();
        let rows = table(first, batch as usize, "占道经营");
        let key = format!("round-{round}");
        let server = Server::start(&data);
        assert_eq!(server.incidents(), round * batch);
        let id = ready(&server.address, &rows);
        let path = format!("/api/imports/{id}/commit");
        let address = server.address.clone();
        let asked = {
            let (path, key) = (path.clone(), key.clone());
            std::thread::spawn(move || ask(&address, "POST", &path, "text/plain", &key, b""))
        };
        // From before it is stored to after the answer.
        std::thread::sleep(Duration::from_millis(round * 12));
        drop(server);
        let answered = asked.join().unwrap().is_some();

        let server = Server::start(&data);
        let there = server.incidents();
        assert!(
            there == round * batch || there == (round + 1) * batch,
            "round {round}: {there} rows"
        );
        let stored = there == (round + 1) * batch;
        assert!(stored || !answered, "round {round}: an answer without rows");
        unanswered_but_stored += u32::from(stored && !answered);
        // The clerk does not know and does it all again, twice.
        for _ in 0..2 {
            let id = ready(&server.address, &rows);
            let path = format!("/api/imports/{id}/commit");
            let done = ask(&server.address, "POST", &path, "text/plain", &key, b"").unwrap();
            assert!(done["revision"].is_i64(), "round {round}: {done}");
            assert_eq!(
                server.incidents(),
                (round + 1) * batch,
                "round {round}: {done}"
            );
        }
    }
    eprintln!("stored without an answer in {unanswered_but_stored} of 8 rounds");
}
