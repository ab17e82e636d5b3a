//! Imports over the network: upload, look, choose, store once, take back.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use gridmap::api::AppState;
use gridmap::format::default_categories;
use gridmap::service::Service;
use gridmap::service::imports::ImportsOptions;
use serde_json::{Value, json};

use crate::api::{Answer, TestApp, district, imports};

pub(crate) fn fixture_bytes(path: &str) -> Vec<u8> {
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
pub(crate) struct Clerk {
    pub(crate) app: TestApp,
}

impl Clerk {
    pub(crate) async fn new() -> Clerk {
        Clerk::with(imports()).await
    }

    /// Over the small district with the whole category table.
    pub(crate) async fn with(options: ImportsOptions) -> Clerk {
        let mut rows = district();
        rows.categories = Some(default_categories());
        let service = Service::in_memory(rows).await.unwrap();
        Clerk {
            app: TestApp {
                state: AppState::with(service, options),
            },
        }
    }

    pub(crate) async fn post_form(&self, files: &[(&str, &[u8])], layer: Option<&str>) -> Answer {
        let request = Request::post("/api/imports")
            .header(header::HOST, "localhost:8080")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX")
            .body(Body::from(form(files, layer)))
            .unwrap();
        self.app.send(request).await
    }

    /// Uploads and waits until the file is read.
    pub(crate) async fn upload(
        &self,
        files: &[(&str, &[u8])],
        layer: Option<&str>,
    ) -> (String, Value) {
        let answer = self.post_form(files, layer).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("location"), format!("/api/imports/{id}"));
        let session = self.settled(&id).await;
        (id, session)
    }

    pub(crate) async fn look(&self, id: &str) -> Value {
        self.app.json(&format!("/api/imports/{id}?lang=en")).await
    }

    pub(crate) async fn settled(&self, id: &str) -> Value {
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

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.send_with(method, path, body, &[]).await
    }

    pub(crate) async fn send_with(
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

    pub(crate) async fn choose(&self, id: &str, options: &Value) -> Value {
        let path = format!("/api/imports/{id}/options");
        let answer = self.send("PUT", &path, Some(options)).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        self.settled(id).await
    }

    pub(crate) async fn commit(&self, id: &str, key: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = key
            .map(|key| ("idempotency-key", key))
            .into_iter()
            .collect();
        let path = format!("/api/imports/{id}/commit?lang=en");
        self.send_with("POST", &path, None, &headers).await
    }

    pub(crate) async fn rows(&self, id: &str, query: &str) -> Value {
        self.app
            .json(&format!("/api/imports/{id}/rows?lang=en&{query}"))
            .await
    }

    pub(crate) fn incidents(&self) -> usize {
        self.app.state.service.snapshot().incidents.len()
    }
}

const HEAD: &str = "编号,类别,发生时间,地址,经度,纬度\n";

/// A CSV of hotline rows with ids from `first`.
pub(crate) fn table(first: usize, count: usize) -> Vec<u8> {
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

pub(crate) fn numbers(session: &Value) -> [u64; 5] {
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
