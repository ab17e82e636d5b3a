//! Requests that no honest client sends, over a real socket: refused with the
//! right status, quickly, and the server lives on.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gridmap::api::{AppState, Server, ServerOptions};
use gridmap::service::Service;
use gridmap::service::imports::ImportsOptions;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::api::{district, imports};

/// A server on a free port; stops when dropped.
struct Running {
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

async fn start() -> Running {
    let service = Service::in_memory(district())
        .await
        .expect("rows are sound");
    let options = ServerOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        tls: None,
    };
    let server = Server::bind(&options).await.expect("a free port");
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(server.run(AppState::with(service, limited()), async {
        let _ = stopped.await;
    }));
    Running {
        address,
        _stop: stop,
    }
}

/// Uploads with a cap that a test can exceed.
fn limited() -> ImportsOptions {
    ImportsOptions {
        upload_bytes: 4 << 20,
        ..imports()
    }
}

/// Sends bytes, closes the sending side if told, and reads what comes.
async fn exchange(address: SocketAddr, bytes: &[u8], within: Duration) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    // A server that refuses early may close before everything is sent.
    let _ = stream.write_all(bytes).await;
    let mut out = Vec::new();
    let _ = tokio::time::timeout(within, stream.read_to_end(&mut out)).await;
    out
}

fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line)
        .ok()?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()
}

async fn healthy(address: SocketAddr) {
    let asked = Instant::now();
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = exchange(address, request, Duration::from_secs(2)).await;
    assert_eq!(status(&answer), Some(200));
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
}

/// The bytes of one recorded request; `None` for those that ask for what this
/// server does not have (accounts, uploads over HTTP).
fn request(case: &Value, address: SocketAddr) -> Option<Vec<u8>> {
    let url = case["url"].as_str()?;
    if url.starts_with("{write_one}") {
        return None;
    }
    if let Some(recipe) = case["body_recipe"].as_str().filter(|_| url == "{import}") {
        return Some(upload(recipe, address));
    }
    let url = url
        .replace("{import}", "/api/imports")
        .replace("{tile}", "/tiles/grids,streets")
        .replace("{items}", "/collections/incidents/items")
        .replace("{write}", "/api/inside");
    let mut head = format!("{} {url} HTTP/1.1\r\n", case["method"].as_str()?);
    let mut host = false;
    if let Some(headers) = case["headers"].as_object() {
        for (name, value) in headers {
            host |= name.eq_ignore_ascii_case("host");
            head += &format!("{name}: {}\r\n", value.as_str()?);
        }
    }
    if !host {
        head += &format!("Host: {address}\r\n");
    }
    if let Some(bytes) = case["header_bytes"].as_u64() {
        head += &format!("X-Long: {}\r\n", "a".repeat(usize::try_from(bytes).ok()?));
    }
    for n in 0..case["header_count"].as_u64().unwrap_or(0) {
        head += &format!("X-{n}: 1\r\n");
    }
    let body = case["body"].as_str().unwrap_or("");
    if !body.is_empty() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    Some(format!("{head}Connection: close\r\n\r\n{body}").into_bytes())
}

/// The uploads that are too big to keep.
fn upload(recipe: &str, address: SocketAddr) -> Vec<u8> {
    let head = |more: &str| {
        format!(
            "POST /api/imports HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: multipart/form-data; boundary=b\r\n{more}\r\n"
        )
    };
    let part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n";
    match recipe {
        // Refused by its head: what it unpacks to is never known.
        "gzip zeros 1GiB" => {
            let body = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
            let more = format!(
                "Content-Encoding: gzip\r\nContent-Length: {}\r\n",
                body.len()
            );
            [head(&more).as_bytes(), &body].concat()
        }
        "chunked zeros limit+1" => {
            let mut bytes = head("Transfer-Encoding: chunked\r\n").into_bytes();
            let mut chunk = |piece: &[u8]| {
                bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
                bytes.extend(piece);
                bytes.extend(b"\r\n");
            };
            chunk(part.as_bytes());
            for _ in 0..4 {
                chunk(&vec![0; 1 << 20]);
            }
            chunk(&[0]);
            chunk(b"\r\n--b--\r\n");
            bytes.extend(b"0\r\n\r\n");
            bytes
        }
        other => panic!("no such recipe: {other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_requests_get_an_allowed_status() {
    let server = start().await;
    let cases = include_str!("../fixtures/hostile/requests.jsonl");
    let (mut asked, mut failures) = (0, Vec::new());
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("one case a line");
        let Some(bytes) = request(&case, server.address) else {
            continue;
        };
        asked += 1;
        let started = Instant::now();
        let answer = exchange(server.address, &bytes, Duration::from_secs(10)).await;
        let took = started.elapsed();
        let got = status(&answer);
        let text = String::from_utf8_lossy(&answer).to_lowercase();
        let allowed = case["status"].as_array().expect("statuses");
        // 421 is how a foreign host name is refused.
        let fine = got.is_some_and(|got| allowed.contains(&got.into()));
        if !fine {
            failures.push(format!(
                "{}: {got:?}, allowed {:?}",
                case["id"], case["status"]
            ));
        }
        if took > Duration::from_secs(2) {
            failures.push(format!("{}: took {took:?}", case["id"]));
        }
        for member in ["must_not_contain", "must_not_header"] {
            for forbidden in case[member].as_array().into_iter().flatten() {
                if text.contains(&forbidden.as_str().unwrap().to_lowercase()) {
                    failures.push(format!("{}: answer has {forbidden}", case["id"]));
                }
            }
        }
        healthy(server.address).await;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(asked >= 60, "only {asked} cases were asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_bytes_are_refused_or_dropped() {
    let server = start().await;
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/hostile/http_raw"
    );
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 10);
    for file in files {
        let bytes = std::fs::read(&file).expect("readable");
        let started = Instant::now();
        let answer = exchange(server.address, &bytes, Duration::from_secs(35)).await;
        let took = started.elapsed();
        // Closed by itself: no file keeps a connection past the header limit.
        assert!(
            took < Duration::from_secs(34),
            "{}: {took:?}",
            file.display()
        );
        if let Some(status) = status(&answer) {
            assert!(status < 500, "{}: {status}", file.display());
        }
        let answers = answer.windows(8).filter(|w| w == b"HTTP/1.1").count();
        assert!(
            answers <= 1,
            "{}: a second request was smuggled in",
            file.display()
        );
        healthy(server.address).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trickling_headers_are_cut_off_while_others_are_served() {
    let server = start().await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        let address = server.address;
        slow.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("it listens");
            let started = Instant::now();
            let _ = stream
                .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
                .await;
            let mut buffer = [0; 256];
            loop {
                tokio::select! {
                    read = stream.read(&mut buffer) => match read {
                        Ok(0) | Err(_) => return started.elapsed(),
                        Ok(_) => {}
                    },
                    () = tokio::time::sleep(Duration::from_millis(500)) => {
                        if stream.write_all(b"a").await.is_err() {
                            return started.elapsed();
                        }
                    }
                }
            }
        }));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    healthy(server.address).await;
    for task in slow {
        let open = task.await.expect("no panic");
        assert!(open < Duration::from_secs(15), "still open after {open:?}");
    }
}

#[tokio::test]
async fn only_loopback_addresses_are_listened_on() {
    for listen in ["0.0.0.0:0", "[::]:0", "10.0.0.1:0"] {
        let options = ServerOptions {
            listen: listen.parse().unwrap(),
            tls: None,
        };
        let refused = Server::bind(&options).await.expect_err(listen).to_string();
        assert!(
            refused.contains("loopback") && refused.contains("accounts"),
            "{refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_event_streams_at_once() {
    let server = start().await;
    let request = b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut buffer = vec![0; 4096];
    let mut text = String::new();
    while !text.contains("event: hello") {
        let n = stream.read(&mut buffer).await.unwrap();
        assert!(n > 0, "closed too early: {text}");
        text += &String::from_utf8_lossy(&buffer[..n]);
    }
    let asked = Instant::now();
    drop(server);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "still open after {:?}", asked.elapsed());
}
