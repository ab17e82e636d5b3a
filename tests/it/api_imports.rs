//! Imports over the network: upload, look, choose, store once, take back.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use gridmap::api::AppState;
use gridmap::format::default_categories;
use gridmap::service::Service;
use gridmap::service::imports::{ImportsOptions, Limits, Reader};
use serde_json::{Value, json};

use crate::api::{Answer, TestApp, district, imports};

fn fixture_bytes(path: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A form with files and perhaps a layer.
fn form(files: &[(&str, &[u8])], layer: Option<&str>) -> Vec<u8> {
    let mut body = Vec::new();
    if let Some(layer) = layer {
        let part =
            format!("--XX\r\nContent-Disposition: form-data; name=\"layer\"\r\n\r\n{layer}\r\n");
        body.extend(part.bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--XX--\r\n");
    body
}

/// Asks for imports the way a page does.
struct Clerk {
    app: TestApp,
}

impl Clerk {
    async fn new() -> Clerk {
        Clerk::with(imports()).await
    }

    /// Over the small district with the whole category table.
    async fn with(options: ImportsOptions) -> Clerk {
        let mut rows = district();
        rows.categories = Some(default_categories());
        let service = Service::in_memory(rows).await.unwrap();
        Clerk {
            app: TestApp {
                state: AppState::with(service, options),
            },
        }
    }

    async fn post_form(&self, files: &[(&str, &[u8])], layer: Option<&str>) -> Answer {
        let request = Request::post("/api/imports")
            .header(header::HOST, "localhost:8080")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX")
            .body(Body::from(form(files, layer)))
            .unwrap();
        self.app.send(request).await
    }

    /// Uploads and waits until the file is read.
    async fn upload(&self, files: &[(&str, &[u8])], layer: Option<&str>) -> (String, Value) {
        let answer = self.post_form(files, layer).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("location"), format!("/api/imports/{id}"));
        let session = self.settled(&id).await;
        (id, session)
    }

    async fn look(&self, id: &str) -> Value {
        self.app.json(&format!("/api/imports/{id}?lang=en")).await
    }

    async fn settled(&self, id: &str) -> Value {
        let started = Instant::now();
        loop {
            let session = self.look(id).await;
            let state = session["state"].as_str().unwrap();
            if !matches!(state, "reading" | "checking" | "storing") {
                return session;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{session}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.send_with(method, path, body, &[]).await
    }

    async fn send_with(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.app.send(request.body(body).unwrap()).await
    }

    async fn choose(&self, id: &str, options: &Value) -> Value {
        let path = format!("/api/imports/{id}/options");
        let answer = self.send("PUT", &path, Some(options)).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        self.settled(id).await
    }

    async fn commit(&self, id: &str, key: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = key
            .map(|key| ("idempotency-key", key))
            .into_iter()
            .collect();
        let path = format!("/api/imports/{id}/commit?lang=en");
        self.send_with("POST", &path, None, &headers).await
    }

    async fn rows(&self, id: &str, query: &str) -> Value {
        self.app
            .json(&format!("/api/imports/{id}/rows?lang=en&{query}"))
            .await
    }

    fn incidents(&self) -> usize {
        self.app.state.service.snapshot().incidents.len()
    }
}

const HEAD: &str = "编号,类别,发生时间,地址,经度,纬度\n";

/// A CSV of hotline rows with ids from `first`.
fn table(first: usize, count: usize) -> Vec<u8> {
    let mut out = HEAD.to_owned();
    for n in first..first + count {
        out += &format!(
            "h{n},占道经营,2026-10-{:02} 08:30,胜利0路{n}号,117.28{:02},31.82{:02}\n",
            n % 28 + 1,
            n % 90 + 10,
            n % 90 + 10
        );
    }
    out.into_bytes()
}

fn numbers(session: &Value) -> [u64; 5] {
    ["read", "new", "updated", "unchanged", "rejected"]
        .map(|name| session["counts"][name].as_u64().unwrap_or(u64::MAX))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dirty_table_is_shown_stored_and_taken_back() {
    let clerk = Clerk::new().await;
    let (before, revision) = (clerk.incidents(), clerk.app.state.service.revision());
    let dirty = fixture_bytes("formats/incidents_dirty.csv");
    let (id, _) = clerk
        .upload(&[("incidents_dirty.csv", &dirty)], Some("incidents"))
        .await;
    let session = clerk
        .choose(&id, &json!({"layer": "incidents", "crs": "wgs84"}))
        .await;
    assert_eq!(session["state"], "ready", "{session}");
    assert_eq!(numbers(&session), [30, 21, 0, 0, 9], "{session}");
    assert_eq!(session["crs"]["chosen"], "wgs84");
    let duplicate = session["problems"]
        .as_array()
        .unwrap()
        .iter()
        .find(|problem| problem["code"] == "duplicate_id")
        .unwrap();
    assert_eq!(
        (&duplicate["rows"], &duplicate["first_rows"]),
        (&json!(1), &json!([14]))
    );

    // The preview, page by page.
    let all = clerk.rows(&id, "limit=200").await;
    assert_eq!(all["total"], 30);
    let first = &all["rows"][0];
    assert_eq!(
        (&first["row"], &first["result"]),
        (&json!(1), &json!("new"))
    );
    assert_eq!(first["cells"].as_array().unwrap().len(), 6);
    assert!((first["at"][0].as_f64().unwrap() - 117.286_829).abs() < 1e-6);
    let bad = clerk.rows(&id, "show=rejected&limit=200").await;
    let numbers_of = |page: &Value| -> Vec<u64> {
        let rows = page["rows"].as_array().unwrap();
        rows.iter()
            .map(|row| row["row"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers_of(&bad), [4, 6, 8, 10, 12, 14, 16, 20, 22]);
    assert_eq!(bad["rows"][1]["notes"][0]["code"], "swapped");
    let page = clerk.rows(&id, "show=rejected&offset=7&limit=5").await;
    assert_eq!(
        (&page["total"], numbers_of(&page)),
        (&json!(9), vec![20, 22])
    );
    let one = clerk.rows(&id, "problem=time_parse").await;
    assert_eq!(numbers_of(&one), [10, 20]);

    // The refused rows to take home.
    let csv = clerk
        .app
        .get(&format!("/api/imports/{id}/rejected.csv?lang=en"))
        .await;
    assert_eq!(csv.status, 200);
    let text = csv.text();
    assert!(text.starts_with("\u{feff}"), "{text}");
    assert_eq!(text.lines().count(), 10, "{text}");
    assert!(text.contains("SJ202600004"), "{text}");

    // Nothing was stored so far.
    assert_eq!(clerk.incidents(), before);
    assert_eq!(clerk.app.state.service.revision(), revision);
    let stored = clerk.commit(&id, None).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let stored = stored.json();
    assert_eq!(
        (&stored["new"], &stored["rejected"]),
        (&json!(21), &json!(9))
    );
    assert_eq!(clerk.incidents(), before + 21);
    let session = clerk.look(&id).await;
    assert_eq!(
        (&session["state"], &session["result"]),
        (&json!("done"), &stored)
    );
    assert_eq!(numbers(&session), [30, 21, 0, 0, 9]);

    // Asked again: the same answer. With another key: it is stored already.
    assert_eq!(clerk.commit(&id, None).await.json(), stored);
    assert_eq!(clerk.commit(&id, Some("other")).await.status, 409);

    take_back(&clerk, &stored, before).await;
}

/// The import is listed and can be taken back once.
async fn take_back(clerk: &Clerk, stored: &Value, before: usize) {
    let writes = clerk.app.json("/api/writes?limit=5").await;
    let newest = &writes["writes"][0];
    assert_eq!(newest["revision"], stored["revision"]);
    assert_eq!(
        (&newest["action"], &newest["undoable"]),
        (&json!("import"), &json!(true))
    );
    assert_eq!(newest["reason"], "incidents_dirty.csv");
    assert_eq!(
        newest["counts"][0],
        json!({"layer": "incidents", "op": "insert", "rows": 21})
    );
    let undo = stored["undo"].as_str().unwrap();
    let plan = clerk.app.json(undo).await;
    assert_eq!(
        (&plan["rows"], &plan["edited_since"]),
        (&json!(21), &json!([]))
    );
    let undone = clerk
        .send("POST", undo, Some(&json!({"edited": "keep"})))
        .await;
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert_eq!(undone.json()["reverted"], 21);
    assert_eq!(clerk.incidents(), before);
    let twice = clerk
        .send("POST", undo, Some(&json!({"edited": "keep"})))
        .await;
    assert_eq!(twice.status, 409);
    let writes = clerk.app.json("/api/writes?limit=2").await;
    assert_eq!(writes["writes"][1]["undone_by"], undone.json()["revision"]);
    assert_eq!(writes["writes"][1]["undoable"], false);
    assert_eq!(clerk.app.get("/api/writes/999999/undo").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shapefile_comes_with_its_companions() {
    let clerk = Clerk::new().await;
    let files: Vec<(String, Vec<u8>)> = ["shp", "dbf", "cpg", "prj", "shx"]
        .iter()
        .map(|ending| {
            let name = format!("grids_gbk.{ending}");
            let bytes = fixture_bytes(&format!("formats/{name}"));
            (name, bytes)
        })
        .collect();
    let parts: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let (id, session) = clerk.upload(&parts, Some("grids")).await;
    assert_eq!(session["state"], "ready", "{session}");
    assert_eq!(numbers(&session), [6, 6, 0, 0, 0], "{session}");
    let rows = clerk.rows(&id, "limit=1").await;
    assert!(
        rows["rows"][0]["cells"].to_string().contains("样例一网格"),
        "{rows}"
    );
    let stored = clerk.commit(&id, Some("k-1")).await.json();
    assert_eq!(stored["new"], 6);

    // The same file again changes nothing, the same key answers as before.
    let (id, session) = clerk.upload(&parts, Some("grids")).await;
    assert_eq!(numbers(&session), [6, 0, 0, 6, 0]);
    let again = clerk.commit(&id, Some("k-1")).await.json();
    assert_eq!(
        (&again["revision"], &again["repeated"]),
        (&stored["revision"], &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_import() {
    let clerk = Clerk::new().await;
    let before = clerk.incidents();
    let crs = json!({"layer": "incidents", "crs": "wgs84"});
    for (first, status) in [(0, 200), (0, 200), (50, 422)] {
        let (id, _) = clerk
            .upload(&[("a.csv", &table(first, 20))], Some("incidents"))
            .await;
        clerk.choose(&id, &crs).await;
        let answer = clerk.commit(&id, Some("monday")).await;
        assert_eq!(answer.status, status, "{first}: {}", answer.text());
        assert_eq!(clerk.incidents(), before + 20);
    }
    let bad = clerk.commit("0", Some("monday")).await;
    assert_eq!(bad.status, 404);
    let (id, _) = clerk
        .upload(&[("a.csv", &table(0, 1))], Some("incidents"))
        .await;
    clerk.choose(&id, &crs).await;
    let long = "k".repeat(300);
    for key in ["", "a b", &long] {
        assert_eq!(clerk.commit(&id, Some(key)).await.status, 400, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_found_by_their_names_and_put_when_told() {
    let clerk = Clerk::new().await;
    let text = "编号,类别,发生时间,地址,经度,纬度\n\
                p1,占道经营,2026-10-01 08:30,元一名城南门,,\n\
                p2,占道经营,2026-10-01 08:30,元一名城南门,,\n\
                p3,占道经营,2026-10-01 08:30,不知何处,,\n\
                p4,占道经营,2026-10-01 08:30,胜利1路26号,,\n\
                p5,占道经营,2026-10-01 08:30,元一名城南门,117.2812,31.8212\n";
    let (id, _) = clerk
        .upload(&[("a.csv", text.as_bytes())], Some("incidents"))
        .await;
    let mut options = json!({"layer": "incidents", "crs": "wgs84"});
    let session = clerk.choose(&id, &options).await;
    assert_eq!(session["counts"]["unplaced"], 4, "{session}");
    assert_eq!(session["counts"]["to_confirm"], 3, "{session}");
    let places = clerk.app.json(&format!("/api/imports/{id}/places")).await;
    let items = places["items"].as_array().unwrap();
    assert_eq!(items.len(), 3, "{places}");
    assert_eq!(
        (&items[0]["text"], &items[0]["rows"]),
        (&json!("元一名城南门"), &json!(2))
    );
    assert_eq!(items[0]["proposal"]["name"], "元一名城");
    let place = |text: &str| items.iter().find(|item| item["text"] == text).unwrap();
    assert_eq!(place("胜利1路26号")["proposal"]["layer"], "streets");
    assert_eq!(place("不知何处")["proposal"], Value::Null);

    let proposal = &items[0]["proposal"];
    options["places"] = json!({
        "元一名城南门": {"layer": proposal["layer"], "id": proposal["id"]},
        "胜利1路26号": "unplaced",
    });
    let session = clerk.choose(&id, &options).await;
    assert_eq!(session["counts"]["unplaced"], 2, "{session}");
    assert_eq!(session["counts"]["to_confirm"], 0, "{session}");
    let rows = clerk.rows(&id, "limit=10").await;
    assert_eq!(rows["rows"][0]["at"], proposal["at"]);
    assert_eq!(clerk.commit(&id, None).await.status, 200);
    let snapshot = clerk.app.state.service.snapshot();
    let index = snapshot.incidents.key_index();
    let at = |id: &str| index.get("hotline", id).unwrap().at();
    assert!((at("p1").unwrap().x - proposal["at"][0].as_f64().unwrap()).abs() < 1e-6);
    assert!(at("p3").is_none() && at("p4").is_none());

    // Next week's export comes without coordinates again: the place stays.
    drop(index);
    let (id, _) = clerk
        .upload(&[("b.csv", text.as_bytes())], Some("incidents"))
        .await;
    let session = clerk
        .choose(&id, &json!({"layer": "incidents", "crs": "wgs84"}))
        .await;
    assert_eq!(numbers(&session), [5, 0, 0, 5, 0], "{session}");
    assert_eq!(session["counts"]["unplaced"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_words_become_what_the_clerk_says() {
    let clerk = Clerk::new().await;
    let text = "编号,种类,类别,发生时间,经度,纬度\n\
                w1,12345,半夜太吵,2026-10-01 08:30,117.2812,31.8212\n\
                w2,110,偷车,2026-10-01 08:30,117.2812,31.8212\n\
                w3,110,盗窃,2026-10-01 08:30,117.2812,31.8212\n";
    let (id, _) = clerk
        .upload(&[("a.csv", text.as_bytes())], Some("incidents"))
        .await;
    let mut options = json!({"layer": "incidents", "crs": "wgs84"});
    let session = clerk.choose(&id, &options).await;
    let words = session["new_categories"].as_array().unwrap();
    assert_eq!(words.len(), 2, "{session}");
    assert_eq!(session["counts"]["to_confirm"], 2);
    let noise = words
        .iter()
        .find(|word| word["word"] == "半夜太吵")
        .unwrap();
    assert_eq!(
        (&noise["kind"], &noise["rows"]),
        (&json!("hotline"), &json!(1))
    );
    // One is another word for what is there, the other really is new.
    options["categories"] = json!({"偷车": "police.theft", "半夜太吵": noise["code"]});
    let session = clerk.choose(&id, &options).await;
    assert_eq!(session["counts"]["to_confirm"], 0, "{session}");
    assert_eq!(clerk.commit(&id, None).await.status, 200);
    let snapshot = clerk.app.state.service.snapshot();
    let index = snapshot.incidents.key_index();
    assert_eq!(
        index.get("police", "w2").unwrap().category(),
        "police.theft"
    );
    let kind = Some(gridmap::model::IncidentKind::Police);
    let learned = snapshot.categories.find("偷车", kind).unwrap();
    assert_eq!(learned.code, "police.theft");
    let bad = json!({"layer": "incidents", "categories": {"x": "nothing"}});
    let (id, _) = clerk
        .upload(&[("a.csv", text.as_bytes())], Some("incidents"))
        .await;
    let path = format!("/api/imports/{id}/options");
    assert_eq!(clerk.send("PUT", &path, Some(&bad)).await.status, 422);
    let unknown = json!({"wat": 1});
    assert_eq!(clerk.send("PUT", &path, Some(&unknown)).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_cannot_be_are_refused() {
    let options = ImportsOptions {
        upload_bytes: 1 << 20,
        ..imports()
    };
    let clerk = Clerk::with(options).await;
    let big = vec![b'x'; (1 << 20) + 1];
    assert_eq!(clerk.post_form(&[("a.csv", &big)], None).await.status, 413);
    assert_eq!(clerk.post_form(&[], None).await.status, 400);
    assert_eq!(clerk.post_form(&[("a.csv", b"")], None).await.status, 400);
    assert_eq!(
        clerk
            .post_form(&[("a.csv", b"x")], Some("people"))
            .await
            .status,
        400
    );
    let many: Vec<(&str, &[u8])> = vec![("a.csv", b"x"); 17];
    assert_eq!(clerk.post_form(&many, None).await.status, 400);
    let json = clerk.send("POST", "/api/imports", Some(&json!({}))).await;
    assert_eq!(json.status, 415);
    let request = Request::post("/api/imports")
        .header(header::HOST, "localhost:8080")
        .header(header::CONTENT_TYPE, "multipart/form-data")
        .body(Body::empty())
        .unwrap();
    assert_eq!(clerk.app.send(request).await.status, 415, "no boundary");
    assert_eq!(clerk.app.get("/api/imports/abc").await.status, 404);
    // What no reader knows is refused with a sentence.
    let (_, session) = clerk.upload(&[("a.exe", b"MZ")], Some("grids")).await;
    assert_eq!(session["state"], "failed", "{session}");
    assert!(session["error"]["detail"].as_str().unwrap().len() > 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_are_open_at_once_and_failed_ones_give_way() {
    let clerk = Clerk::new().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        let (id, _) = clerk
            .upload(&[("a.csv", &table(0, 3))], Some("incidents"))
            .await;
        ids.push(id);
    }
    let fifth = clerk
        .post_form(&[("a.csv", &table(0, 3))], Some("incidents"))
        .await;
    assert_eq!(fifth.status, 503);
    assert!(!fifth.header("retry-after").is_empty());
    let gone = clerk
        .send("DELETE", &format!("/api/imports/{}", ids[0]), None)
        .await;
    assert_eq!(gone.status, 204);
    assert_eq!(clerk.look(&ids[0]).await["state"], "cancelled");
    let cancelled = clerk.commit(&ids[0], None).await;
    assert_eq!(cancelled.status, 409);
    // A file that can be helped by other options keeps its place, until
    // somebody needs it.
    let no_time = "编号,经度,纬度\n1,117.2812,31.8212\n";
    let (failed, session) = clerk
        .upload(&[("a.csv", no_time.as_bytes())], Some("incidents"))
        .await;
    assert_eq!(session["state"], "failed", "{session}");
    assert_eq!(session["error"]["code"], "mapping");
    let (_, session) = clerk
        .upload(&[("a.csv", &table(0, 3))], Some("incidents"))
        .await;
    assert_eq!(session["state"], "ready");
    let path = format!("/api/imports/{failed}/options");
    let late = clerk
        .send("PUT", &path, Some(&json!({"layer": "incidents"})))
        .await;
    assert_eq!(late.status, 409);
    assert_eq!(clerk.incidents(), 250);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_and_it_is_gone() {
    let clerk = Clerk::with(ImportsOptions {
        expire_after: Duration::from_millis(400),
        ..imports()
    })
    .await;
    let (id, _) = clerk
        .upload(&[("a.csv", &table(0, 3))], Some("incidents"))
        .await;
    for _ in 0..6 {
        // Every question starts the time anew.
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(
            clerk.app.get(&format!("/api/imports/{id}")).await.status,
            200
        );
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    let gone = clerk.app.get(&format!("/api/imports/{id}")).await;
    assert_eq!(gone.status, 404, "{}", gone.text());
}

/// Sees that a limit ends the reading process and nothing else.
async fn stopped_by(limits: Limits, file: &[u8]) {
    let clerk = Clerk::with(ImportsOptions {
        reader: Reader {
            limits,
            ..imports().reader
        },
        ..imports()
    })
    .await;
    let answer = clerk.post_form(&[("a.csv", file)], Some("incidents")).await;
    assert_eq!(answer.status, 202);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(clerk.app.get("/healthz").await.status, 200);
    let session = clerk.settled(&id).await;
    assert_eq!(session["state"], "failed", "{session}");
    assert_eq!(session["error"]["code"], "unsafe_file", "{session}");
    assert_eq!(clerk.app.get("/healthz").await.status, 200);
    assert_eq!(clerk.incidents(), 250);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_beyond_its_limits_is_ended_alone() {
    let file = table(0, 40_000);
    let limits = Limits::default();
    stopped_by(
        Limits {
            wall: Duration::from_millis(1),
            ..limits.clone()
        },
        &file,
    )
    .await;
    stopped_by(
        Limits {
            memory_bytes: 24 << 20,
            ..limits.clone()
        },
        &file,
    )
    .await;
    stopped_by(
        Limits {
            answer_bytes: 100_000,
            ..limits
        },
        &file,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_ends_the_reader_and_stores_nothing() {
    let clerk = Clerk::new().await;
    let file = table(0, 60_000);
    let answer = clerk
        .post_form(&[("a.csv", &file)], Some("incidents"))
        .await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    // It takes seconds to read; it is given up at once.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let path = format!("/api/imports/{id}");
    assert_eq!(clerk.send("DELETE", &path, None).await.status, 204);
    assert_eq!(clerk.look(&id).await["state"], "cancelled");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(clerk.look(&id).await["state"], "cancelled");
    assert_eq!(clerk.incidents(), 250);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_as_it_comes() {
    use tokio_stream::StreamExt as _;
    use tower::ServiceExt as _;
    let clerk = Clerk::new().await;
    let file = table(0, 3_000);
    let answer = clerk
        .post_form(&[("a.csv", &file)], Some("incidents"))
        .await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let request = Request::get(format!("/api/imports/{id}/events"))
        .header(header::HOST, "localhost:8080")
        .body(Body::empty())
        .unwrap();
    let response = gridmap::api::router(clerk.app.state.clone())
        .oneshot(request)
        .await
        .unwrap();
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    let mut body = response.into_body().into_data_stream();
    let mut text = String::new();
    let reading = async {
        while !text.contains("\"ready\"") {
            let piece = body.next().await.expect("the stream goes on").unwrap();
            text += &String::from_utf8_lossy(&piece);
        }
    };
    tokio::time::timeout(Duration::from_secs(60), reading)
        .await
        .unwrap();
    assert!(
        text.contains("event: progress") && text.contains("event: session"),
        "{text}"
    );
    assert!(text.contains("\"step\":\"checking\""), "{text}");
}

/// Everything under a folder that holds one of the words.
fn holders(folder: &std::path::Path, words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holders(&path, words));
            continue;
        }
        // A socket cannot be read, and keeps nothing.
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        for word in words {
            if holds(&bytes, word) {
                found.push(format!("{}: {word}", path.display()));
            }
        }
    }
    found
}

/// Where a number stands by itself; inside of a longer one it is another.
fn position(bytes: &[u8], word: &[u8]) -> Option<usize> {
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    bytes.windows(word.len()).enumerate().find_map(|(at, w)| {
        let alone = !digit(at.checked_sub(1).and_then(|at| bytes.get(at)))
            && !digit(bytes.get(at + word.len()));
        (w == word && alone).then_some(at)
    })
}

fn holds(bytes: &[u8], word: &str) -> bool {
    let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    position(bytes, word.as_bytes()).is_some() || bytes.windows(wide.len()).any(|w| w == wide)
}

/// The numbers that must be found nowhere: those of the corpus that are
/// personal for sure, as they are written and as bare digits.
fn forbidden() -> Vec<String> {
    let corpus = String::from_utf8(fixture_bytes("hostile/pii/texts.jsonl")).unwrap();
    let mut words = vec!["110101188503120114".to_owned(), "16012345678".to_owned()];
    for line in corpus.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let sure = case["find"].as_array().unwrap().iter().any(|kind| {
            kind.as_str()
                .is_some_and(|kind| matches!(kind, "id" | "mobile"))
        });
        if !sure {
            continue;
        }
        let text = case["text"].as_str().unwrap();
        let runs = text.split(|c: char| !(c.is_ascii_digit() || "- Xx".contains(c)));
        for run in runs.map(str::trim) {
            let digits: String = run.chars().filter(char::is_ascii_digit).collect();
            if digits.len() >= 11 {
                words.push(run.to_owned());
                words.push(digits);
            }
        }
    }
    words.push("16098765432".to_owned());
    words.sort();
    words.dedup();
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_persons_are_found_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::stored(&folder.path().join("gridmap.gpkg")).await;
    let clerk = Clerk { app };
    let words = forbidden();
    assert!(words.len() >= 14, "{words:?}");
    let corpus = String::from_utf8(fixture_bytes("hostile/pii/texts.jsonl")).unwrap();
    let texts: Vec<String> = corpus
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].clone())
        .map(|text| text.as_str().unwrap().to_owned())
        .collect();
    // In a text, in a place, in a cell that is refused, in a column of its
    // own, in an id, in a category, in a kept column and in the file's name.
    let mut csv = "编号,类别,发生时间,地址,经度,纬度,联系电话,备注,内容\n".to_owned();
    for (n, text) in texts.iter().enumerate() {
        csv += &format!("a{n},盗窃,2026-10-01 08:30,{text},,,16012345678,{text},{text}\n");
        csv += &format!("b{n},盗窃,{text},路,117.2812,31.8212,16012345678,,{text}\n");
        csv += &format!("c{n},盗窃,2026-10-01 08:30,路,{text},31.8212,16012345678,,x\n");
        csv += &format!("{text},盗窃,2026-10-01 08:30,路,117.2812,31.8212,16012345678,,x\n");
        csv += &format!("d{n},{text},2026-10-01 08:30,路,117.2812,31.8212,16012345678,,x\n");
    }
    let name = "台账16012345678.csv";
    let (id, _) = clerk
        .upload(&[(name, csv.as_bytes())], Some("incidents"))
        .await;
    let options = json!({
        "layer": "incidents", "crs": "wgs84", "set": {"kind": "police"},
        "keep": [{"column": "备注", "type": "text"}], "save_profile": "试验",
    });
    let session = clerk.choose(&id, &options).await;
    assert_eq!(session["state"], "ready", "{session}");
    assert!(
        session["counts"]["masked"].as_u64().unwrap() > 20,
        "{session}"
    );
    assert_eq!(session["dropped_columns"], json!(["联系电话"]));
    let mut shown = vec![session.to_string()];
    for query in [
        "limit=200",
        "limit=200&offset=100",
        "show=rejected&limit=200",
    ] {
        shown.push(clerk.rows(&id, query).await.to_string());
    }
    for path in ["places", "rejected.csv"] {
        let path = format!("/api/imports/{id}/{path}");
        shown.push(clerk.app.get(&path).await.text());
    }
    let stored = clerk.commit(&id, None).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    shown.push(stored.text());
    for path in [
        format!("/api/imports/{id}"),
        "/api/writes".to_owned(),
        "/api/export/incidents?format=csv".to_owned(),
        "/api/export/incidents?format=geojson".to_owned(),
        "/collections/incidents/items?limit=1000".to_owned(),
        "/api/meta".to_owned(),
    ] {
        let answer = clerk.app.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        shown.push(answer.text());
    }
    for text in &shown {
        for word in &words {
            let at = position(text.as_bytes(), word.as_bytes());
            let near = at.map(|at| {
                let from = text.floor_char_boundary(at.saturating_sub(80));
                &text[from..text.ceil_char_boundary(at + 40)]
            });
            assert_eq!(near, None, "{word}");
        }
    }
    // The file, its write-ahead log and whatever else lies there.
    assert_eq!(holders(folder.path(), &words), Vec::<String>::new());
    clerk.app.state.service.close().await;
    assert_eq!(holders(folder.path(), &words), Vec::<String>::new());
    assert!(
        !holders(folder.path(), &["a10".to_owned()]).is_empty(),
        "the search finds what is there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_datum_is_found_and_remembered() {
    let clerk = Clerk::new().await;
    // The grids that the places lie in.
    let grids = fixture_bytes("formats/grids.geojson");
    let (id, session) = clerk.upload(&[("grids.geojson", &grids)], None).await;
    assert_eq!(session["guessed_layer"], "grids", "{session}");
    assert_eq!(session["crs"]["named_by_file"], "wgs84");
    assert_eq!(clerk.commit(&id, None).await.status, 200);

    // Shifted by half a kilometre: most fall out of the grids as they are.
    let shifted = fixture_bytes("formats/incidents_gcj02_utf8.csv");
    let (id, session) = clerk.upload(&[("a.csv", &shifted)], None).await;
    assert_eq!(session["layer"], "incidents");
    let candidates = session["crs"]["candidates"].as_array().unwrap();
    assert_eq!(candidates[0]["crs"], "gcj02", "{session}");
    assert_eq!(
        (&candidates[0]["inside_share"], &candidates[0]["best"]),
        (&json!(1.0), &json!(true))
    );
    assert!(candidates[1]["inside_share"].as_f64().unwrap() < 0.9);
    assert!((10..=60).contains(&candidates[0]["points"].as_array().unwrap().len()));
    assert_eq!(
        (&session["crs"]["chosen"], &session["crs"]["undecided"]),
        (&json!("gcj02"), &json!(false))
    );
    let rows = clerk.rows(&id, "limit=1").await;
    let x = rows["rows"][0]["at"][0].as_f64().unwrap();
    assert!((x - 117.286_829).abs() < 1e-6, "{rows}");

    // Named by the clerk against the guess, and remembered with a profile.
    let options = json!({
        "layer": "incidents", "crs": "wgs84", "remember_crs": true, "save_profile": "周报",
        "map": {"occurred_at": session["columns"].as_array().unwrap().iter()
            .find(|column| column["field"] == "occurred_at").unwrap()["name"]},
    });
    clerk.choose(&id, &options).await;
    assert_eq!(clerk.commit(&id, None).await.status, 200);
    let (id, session) = clerk.upload(&[("b.csv", &shifted)], None).await;
    assert_eq!(session["crs"]["remembered"], "wgs84", "{session}");
    assert_eq!(session["crs"]["chosen"], "wgs84");
    assert_eq!(
        session["profile"],
        json!({"name": "周报", "available": ["周报"]})
    );
    assert_eq!(session["options"]["map"], options["map"]);
    assert_eq!(numbers(&session), [30, 0, 0, 30, 0], "{session}");
    let none = json!({"layer": "incidents", "profile": "没有"});
    let path = format!("/api/imports/{id}/options");
    assert_eq!(clerk.send("PUT", &path, Some(&none)).await.status, 422);

    // Other headings, few rows: nothing is guessed and nothing can be stored.
    let few = "编号,种类,发生时间,经度,纬度\n1,110,2026-10-01 08:30,117.2912,31.8912\n";
    let (id, session) = clerk.upload(&[("c.csv", few.as_bytes())], None).await;
    assert_eq!(
        (&session["state"], &session["crs"]["undecided"]),
        (&json!("ready"), &json!(true))
    );
    assert_eq!(session["problems"][0]["action"], "crs", "{session}");
    let refused = clerk.commit(&id, None).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["code"]),
        (409, &json!("crs-undecided"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn workbooks_and_packages_come_from_memory_alone() {
    let Some(folder) = crate::support::fixture("fixtures/formats") else {
        return;
    };
    let clerk = Clerk::new().await;
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (id, session) = clerk
        .upload(&[("incidents.xlsx", &read("incidents.xlsx"))], None)
        .await;
    assert_eq!(session["file"]["format"], "excel", "{session}");
    assert_eq!(session["sheets"].as_array().unwrap().len(), 2, "{session}");
    let session = clerk
        .choose(&id, &json!({"layer": "incidents", "crs": "wgs84"}))
        .await;
    assert_eq!(numbers(&session), [30, 30, 0, 0, 0], "{session}");
    let columns = session["columns"].as_array().unwrap();
    let time = columns
        .iter()
        .find(|c| c["field"] == "occurred_at")
        .unwrap();
    assert_eq!(
        (&time["personal"], &time["filled_share"]),
        (&json!(false), &json!(1.0))
    );
    let fields = session["fields"].as_array().unwrap();
    let wanted = fields
        .iter()
        .find(|field| field["name"] == "occurred_at")
        .unwrap();
    assert_eq!(
        (&wanted["required"], &wanted["title"]),
        (&json!(true), &json!("Occurred"))
    );

    // As a program leaves it that keeps a log beside it.
    let mut package = read("all_ogr.gpkg");
    package[18..20].fill(2);
    let (id, session) = clerk.upload(&[("all.gpkg", &package)], Some("grids")).await;
    assert_eq!(session["file"]["format"], "geopackage", "{session}");
    assert_eq!(numbers(&session), [6, 6, 0, 0, 0], "{session}");
    let other = session["sheets"].as_array().unwrap();
    let other = other.iter().find(|sheet| sheet["chosen"] == false).unwrap();
    assert!(other["rows"].as_u64().unwrap() > 0, "{session}");
    let sheet = json!({"layer": "grids", "sheet": "nothing of this name"});
    let session = clerk.choose(&id, &sheet).await;
    assert_eq!(
        (&session["state"], &session["error"]["code"]),
        (&json!("failed"), &json!("mapping"))
    );
    let session = clerk.choose(&id, &json!({"layer": "grids"})).await;
    assert_eq!(session["state"], "ready", "other options help");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoding_can_be_chosen() {
    let clerk = Clerk::new().await;
    let gbk = fixture_bytes("formats/incidents_gbk.csv");
    let (id, session) = clerk.upload(&[("a.csv", &gbk)], Some("incidents")).await;
    let encodings = session["encodings"].as_array().unwrap();
    let chosen = encodings.iter().find(|e| e["chosen"] == true).unwrap();
    assert_eq!(chosen["name"], "gb18030", "{session}");
    let wrong = json!({"layer": "incidents", "crs": "wgs84", "encoding": "utf-8"});
    let session = clerk.choose(&id, &wrong).await;
    assert_eq!(session["state"], "failed", "{session}");
    let right = json!({"layer": "incidents", "crs": "wgs84", "encoding": "gbk"});
    let session = clerk.choose(&id, &right).await;
    assert_eq!(numbers(&session), [30, 30, 0, 0, 0], "{session}");
    let path = format!("/api/imports/{id}/options");
    let none = json!({"encoding": "klingon"});
    assert_eq!(clerk.send("PUT", &path, Some(&none)).await.status, 422);
}

/// Every file of the hostile corpus, as any layer: the reader may refuse it,
/// but never breaks down, and nothing is stored.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_are_read_or_refused_but_break_nothing() {
    let clerk = Clerk::new().await;
    let revision = clerk.app.state.service.revision();
    let own = std::path::PathBuf::from(format!(
        "{}/tests/fixtures/hostile",
        env!("CARGO_MANIFEST_DIR")
    ));
    let all = crate::support::fixture("fixtures/hostile").unwrap_or(own);
    let mut asked = 0;
    for kind in ["csv", "geojson", "kml", "zip", "image", "pii"] {
        let Ok(entries) = std::fs::read_dir(all.join(kind)) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).unwrap();
            let layer = ["grids", "incidents"][asked % 2];
            let answer = clerk.post_form(&[(&name, &bytes)], Some(layer)).await;
            asked += 1;
            if answer.status == 400 {
                assert!(bytes.is_empty(), "{name}: {}", answer.text());
                continue;
            }
            assert_eq!(answer.status, 202, "{name}: {}", answer.text());
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let session = clerk.settled(&id).await;
            let state = session["state"].as_str().unwrap();
            assert!(matches!(state, "ready" | "failed"), "{name}: {session}");
            assert_ne!(session["error"]["code"], "unsafe_file", "{name}: {session}");
            if state == "failed" {
                let detail = session["error"]["detail"].as_str().unwrap();
                assert!(detail.chars().count() > 10, "{name}: {session}");
            } else {
                let [read, new, updated, unchanged, rejected] = numbers(&session);
                assert_eq!(read, new + updated + unchanged + rejected, "{name}");
                let rows = clerk.rows(&id, "limit=200").await;
                assert_eq!(rows["total"], read, "{name}");
            }
            clerk
                .send("DELETE", &format!("/api/imports/{id}"), None)
                .await;
        }
    }
    assert!(asked >= 90, "only {asked} files");
    assert_eq!(clerk.app.state.service.revision(), revision);
    assert_eq!(clerk.app.get("/healthz").await.status, 200);
}
