//! A tile service of the test's own, with every bad habit.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The smallest thing that begins like a PNG.
pub(crate) fn png(mark: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n", mark.as_bytes()].concat()
}

/// The service: where it is and what it was asked.
#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Upstream {
    pub(crate) async fn start() -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Upstream {
            port: listener.local_addr().unwrap().port(),
            asked: Arc::default(),
            connections: Arc::default(),
        };
        let serving = upstream.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *serving.connections.lock().unwrap() += 1;
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        upstream
    }

    /// The heads of the requests that came, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// Requests for a path that begins like this.
    pub(crate) fn count(&self, path: &str) -> usize {
        let start = format!("GET {path}");
        let asked = self.asked();
        asked.iter().filter(|head| head.starts_with(&start)).count()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut head = Vec::new();
        loop {
            let mut piece = [0; 4096];
            let Ok(length @ 1..) = stream.read(&mut piece).await else {
                return;
            };
            head.extend_from_slice(&piece[..length]);
            if !head.ends_with(b"\r\n\r\n") {
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut head)).unwrap();
            self.asked.lock().unwrap().push(text.clone());
            let path = text.split(' ').nth(1).unwrap().to_owned();
            if !self.answer(&mut stream, &path).await {
                return;
            }
        }
    }

    /// Whether the connection stays open.
    async fn answer(&self, stream: &mut TcpStream, path: &str) -> bool {
        let kind = path.split('/').nth(1).unwrap_or_default();
        let (status, more, body) = match kind {
            "ok" => ("200 OK", "content-type: image/png", png(path)),
            "slow" => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                ("200 OK", "content-type: image/png", png(path))
            }
            "hang" => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                return false;
            }
            "drip" => {
                let head =
                    "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 900\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).await;
                for _ in 0..60 {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    if stream.write_all(b"x").await.is_err() {
                        break;
                    }
                }
                return false;
            }
            "huge" => ("200 OK", "content-type: image/png", vec![0; 3 << 20]),
            "endless" => {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).await;
                let piece = [b"10000\r\n".to_vec(), vec![0; 65_536], b"\r\n".to_vec()].concat();
                while stream.write_all(&piece).await.is_ok() {}
                return false;
            }
            "page" => ("200 OK", "content-type: text/html", path.into()),
            "lie" => ("200 OK", "content-type: image/png", path.into()),
            "svg" => ("200 OK", "content-type: image/svg+xml", b"<svg/>".to_vec()),
            "none" => ("404 Not Found", "content-type: text/plain", path.into()),
            "refuse" => ("403 Forbidden", "content-type: text/plain", path.into()),
            "fail" => ("500 Oops", "content-type: text/plain", path.into()),
            "away" => ("302 Found", "location: http://127.0.0.1:1/", path.into()),
            "garbage" => {
                let _ = stream.write_all(b"SSH-2.0-OpenSSH\r\n").await;
                return false;
            }
            // Says that it stays and goes.
            "once" => {
                let body = png(path);
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
                return false;
            }
            other => panic!("{other}"),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\n{more}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream
            .write_all(&[head.as_bytes(), &body].concat())
            .await
            .is_ok()
    }
}
