//! Clients that drag everything out, all at once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::process::{Server, run};

/// All of them must be gone after this.
const GONE_WITHIN: Duration = Duration::from_secs(40);

/// A connection whose side takes as little as the system allows.
async fn connect(address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    // Before it is connected, so that no larger window is ever promised.
    socket.set_recv_buffer_size(1).unwrap();
    // Large segments would make the server's side keep a megabyte for each.
    socket.set_tcp_mss(536).unwrap();
    socket.connect(&address.into()).unwrap();
    socket.set_nonblocking(true).unwrap();
    TcpStream::from_std(socket.into()).unwrap()
}

/// Sends a byte a second until the server hangs up.
async fn trickle(address: SocketAddr, head: String) {
    let mut stream = connect(address).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 4096];
    loop {
        match timeout(Duration::from_secs(1), stream.read(&mut answer)).await {
            Ok(Ok(0) | Err(_)) => return,
            // An answer, such as 408; the end comes after it.
            Ok(Ok(_)) => {}
            Err(_) => {
                if stream.write_all(b"a").await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Takes `sip` bytes of an answer every five seconds until the server hangs
/// up; tells how much came.
async fn sip(mut stream: TcpStream, sip: usize) -> usize {
    let (mut taken, mut buffer) = (0, vec![0; sip]);
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return taken,
            Ok(n) => taken += n,
        }
        for _ in 0..5 {
            sleep(Duration::from_secs(1)).await;
            // Bytes that came before the end could be read for hours.
            if matches!(stream.take_error(), Ok(Some(_)) | Err(_)) {
                return taken;
            }
        }
    }
}

/// A connection over which a large answer has begun; who is told to come back
/// does so.
async fn much(address: SocketAddr) -> TcpStream {
    let request =
        format!("GET /collections/incidents/items?limit=1000 HTTP/1.1\r\nHost: {address}\r\n\r\n");
    loop {
        let mut stream = connect(address).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        match &head {
            b"HTTP/1.1 200" => return stream,
            b"HTTP/1.1 503" => sleep(Duration::from_secs(1)).await,
            other => panic!("{}", String::from_utf8_lossy(other)),
        }
    }
}

/// The tile of zoom 14 in the middle of the data.
fn middle(server: &Server) -> String {
    let meta = server.get("/api/meta");
    let bound = |n: usize| meta["bounds"][n].as_f64().unwrap();
    let (lon, lat) = (bound(0).midpoint(bound(2)), bound(1).midpoint(bound(3)));
    let n = f64::from(1 << 14);
    let y = 1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI;
    let (x, y) = ((lon + 180.0) / 360.0 * n, y / 2.0 * n);
    format!(
        "/tiles/grids,streets,incidents/14/{}/{}",
        x.floor(),
        y.floor()
    )
}

/// A tile over a connection of its own, as another user would ask for it.
async fn tile(address: SocketAddr, path: &str) -> usize {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(15), stream.read_to_end(&mut answer))
        .await
        .expect("a tile comes although others are slow")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
    assert_eq!(head, "HTTP/1.1 200");
    answer.len()
}

#[test]
fn eight_hundred_slow_clients_hinder_nobody_and_are_hung_up_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let made = run(&[
        "sample",
        "--seed",
        "1",
        "--until",
        "2026-11-21",
        "--count",
        "5000",
        "--data",
        data.to_str().unwrap(),
    ]);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let server = Server::start(&data);
    let address: SocketAddr = server.address.parse().unwrap();
    let path = middle(&server);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut slow = tokio::task::JoinSet::new();
        for n in 0..100 {
            // Half of them take next to nothing, half a little all the time.
            let bytes = if n % 2 == 0 { 1 } else { 1024 };
            let stream = much(address).await;
            slow.spawn(async move {
                let taken = sip(stream, bytes).await;
                assert!(taken < 50_000, "{taken} bytes: the whole answer came");
            });
        }
        for _ in 0..500 {
            let head = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nX-Slow: ");
            slow.spawn(trickle(address, head));
        }
        for _ in 0..200 {
            let head = format!(
                "POST /api/inside HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{"
            );
            slow.spawn(trickle(address, head));
        }
        let (begun, mut tiles) = (Instant::now(), 0);
        while !slow.is_empty() {
            assert!(tile(address, &path).await > 1000);
            tiles += 1;
            let pause = sleep(Duration::from_secs(1));
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    Some(ended) = slow.join_next() => ended.unwrap(),
                }
            }
            assert!(
                begun.elapsed() < GONE_WITHIN,
                "{} of them are still there",
                slow.len()
            );
        }
        assert!(tiles > 5, "{tiles} tiles came meanwhile");
    });
}
