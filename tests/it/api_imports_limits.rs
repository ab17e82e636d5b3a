//! Imports that are too much, give up, or hold what must not be kept.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use gridmap::service::imports::{ImportsOptions, Limits, Reader};
use serde_json::{Value, json};

use crate::api::{TestApp, imports};
use crate::api_imports::{Clerk, fixture_bytes, table};

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

/// Follows an import as a page does, until it is dropped.
async fn follow(clerk: &Clerk, id: &str) -> Body {
    use tower::ServiceExt as _;
    let request = Request::get(format!("/api/imports/{id}/events"))
        .header(header::HOST, "localhost:8080")
        .body(Body::empty())
        .unwrap();
    let router = gridmap::api::router(clerk.app.state.clone());
    router.oneshot(request).await.unwrap().into_body()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_page_gives_way_to_a_new_upload() {
    let clerk = Clerk::with(ImportsOptions {
        give_way_after: Duration::from_millis(1000),
        ..imports()
    })
    .await;
    let file = table(0, 3);
    let files: [(&str, &[u8]); 1] = [("a.csv", &file)];
    let post = || clerk.post_form(&files, Some("incidents"));
    let path = |id: &str| format!("/api/imports/{id}");
    let mut ids = Vec::new();
    let mut pages = Vec::new();
    for _ in 0..4 {
        let (id, _) = clerk.upload(&files, Some("incidents")).await;
        pages.push(follow(&clerk, &id).await);
        ids.push(id);
    }
    // All are open on a page, however long: nobody gives way.
    tokio::time::sleep(Duration::from_millis(1300)).await;
    let refused = post().await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    // Two pages are closed, the third first; the time begins there.
    drop(pages.remove(2));
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(pages.remove(0));
    assert_eq!(post().await.status, 503);
    tokio::time::sleep(Duration::from_millis(1300)).await;
    let taken = post().await;
    assert_eq!(taken.status, 202, "{}", taken.text());
    for (method, tail) in [
        ("GET", ""),
        ("GET", "/events"),
        ("POST", "/commit"),
        ("DELETE", ""),
    ] {
        let gone = clerk
            .send(method, &format!("{}{tail}?lang=en", path(&ids[2])), None)
            .await;
        assert_eq!(gone.status, 410, "{method} {tail}");
        let problem = gone.json();
        assert_eq!(problem["code"], "import-gave-way");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("upload the file again"),
            "{problem}"
        );
    }
    // The first still has its place, and who asks keeps it.
    assert_eq!(clerk.look(&ids[0]).await["state"], "ready");
    assert_eq!(post().await.status, 503);
    for open in [&ids[1], &ids[3]] {
        assert_eq!(clerk.look(open).await["state"], "ready");
        assert_eq!(clerk.send("DELETE", &path(open), None).await.status, 204);
    }
    // Its page comes back within the time: it is not lost.
    let page = follow(&clerk, &ids[0]).await;
    tokio::time::sleep(Duration::from_millis(1300)).await;
    for _ in 0..3 {
        // Two free places, and that of the upload which nobody looked at.
        assert_eq!(post().await.status, 202);
    }
    assert_eq!(post().await.status, 503);
    assert_eq!(clerk.look(&ids[0]).await["state"], "ready");
    drop(page);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_stored_gives_no_way() {
    let clerk = Clerk::with(ImportsOptions {
        at_once: 1,
        give_way_after: Duration::ZERO,
        ..imports()
    })
    .await;
    let small = table(0, 1);
    let (id, _) = clerk
        .upload(&[("a.csv", &table(0, 12_000))], Some("incidents"))
        .await;
    let chosen = json!({"layer": "incidents", "crs": "wgs84"});
    assert_eq!(clerk.choose(&id, &chosen).await["state"], "ready");
    let storing = clerk.commit(&id, None);
    let asking = async {
        let mut refused = 0;
        loop {
            match clerk.look(&id).await["state"].as_str().unwrap() {
                "ready" => tokio::task::yield_now().await,
                "storing" => {
                    let answer = clerk.post_form(&[("b.csv", &small)], None).await;
                    // It may have been stored in between.
                    if answer.status == 202 {
                        return refused;
                    }
                    assert_eq!(answer.status, 503);
                    refused += 1;
                }
                "done" => return refused,
                state => panic!("{state}"),
            }
        }
    };
    let (stored, refused) = tokio::join!(storing, asking);
    assert_eq!(stored.status, 200, "{}", stored.text());
    assert!(refused > 0, "it was asked while it was stored");
    assert_eq!(clerk.incidents(), 250 + 12_000);
    // What is stored needs no place.
    assert_eq!(
        clerk.post_form(&[("b.csv", &small)], None).await.status,
        202
    );
    assert_eq!(clerk.look(&id).await["state"], "done");
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
        // What the allocator took before the limit, 64 MB, is not enough.
        &table(0, 160_000),
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
    let file = table(0, 120_000);
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
