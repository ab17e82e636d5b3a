//! A bare axum server that answers every address with the same bytes: what
//! HTTP alone costs, to measure warm tiles by. `bare BYTES` prints its address.

use axum::Router;
use axum::http::header;
use axum::routing::any;
use bytes::Bytes;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> std::io::Result<()> {
    let size = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let body = Bytes::from(vec![7_u8; size.unwrap_or(2500)]);
    let app = Router::new().fallback(any(async move || {
        let headers = [
            (header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile"),
            (header::CONTENT_ENCODING, "gzip"),
        ];
        (headers, body)
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}
