//! The browser map, embedded at build time: `index.html` and its assets, each
//! also as `.br` and `.gz`.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::edge;
use super::encode::{accepts, is_fresh, not_modified};
use super::error::Error;

/// What the build put into `$OUT_DIR/web/`; nothing when it was skipped.
#[derive(Debug, RustEmbed)]
#[folder = "$OUT_DIR/web/"]
#[allow_missing = true]
struct Web;

/// Shown in place of the map when the program was built without it.
const PLACEHOLDER: &str = include_str!("placeholder.html");

/// The style of the placeholder and of the browsable collection pages.
const PAGE_CSS: &str = include_str!("page.css");

/// The browser map's page.
pub(super) fn index(headers: &HeaderMap) -> Response {
    file("index.html", headers).unwrap_or_else(|| {
        let mut page = text("text/html; charset=utf-8", PLACEHOLDER);
        page.headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        page
    })
}

/// True if the map itself is built in.
pub fn is_built_in() -> bool {
    Web::get("index.html").is_some()
}

/// `GET /assets/{*path}`: scripts, styles, workers and icons.
pub(super) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    named(&format!("assets/{path}"), &headers)
}

/// Files beside the page that need a fixed name.
pub(super) async fn fixed(uri: axum::http::Uri, headers: HeaderMap) -> Response {
    named(uri.path().trim_start_matches('/'), &headers)
}

/// `GET /page.css`: the style of the server's own pages.
pub(super) async fn page_css() -> Response {
    text("text/css; charset=utf-8", PAGE_CSS)
}

fn named(path: &str, headers: &HeaderMap) -> Response {
    // The compressed copies are variants, not files of their own.
    let variant = path.ends_with(".br") || path.ends_with(".gz");
    let found = if variant { None } else { file(path, headers) };
    found.unwrap_or_else(|| Error::not_found("这个文件", "such file").into_response())
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Web::get(path)?;
    let packed = |coding: &str, suffix: &str| {
        accepts(headers, coding)
            .then(|| Web::get(&format!("{path}.{suffix}")))
            .flatten()
    };
    let (file, coding) = if let Some(file) = packed("br", "br") {
        (file, Some("br"))
    } else if let Some(file) = packed("gzip", "gz") {
        (file, Some("gzip"))
    } else {
        (plain.clone(), None)
    };
    let tag = tag(&plain, coding);
    let mut response = if is_fresh(headers, &tag) {
        not_modified(tag)
    } else {
        let mut response = Response::new(Body::from(file.data.into_owned()));
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(media_type(path)),
        );
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    };
    let lasting = if is_hashed(path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
    edge::vary(&mut response, "Accept-Encoding");
    Some(response)
}

/// True for names that carry a hash of their content, as the client's build
/// gives them (`assets/index-NRfOsbCY.js`): what they name never changes.
fn is_hashed(path: &str) -> bool {
    let stem = path
        .strip_prefix("assets/")
        .and_then(|name| name.split('.').next());
    stem.and_then(|stem| stem.len().checked_sub(9).and_then(|at| stem.get(at..)))
        .and_then(|tail| tail.strip_prefix('-'))
        .is_some_and(|hash| {
            hash.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        })
}

/// A strong tag: the content's hash and the coding, since each is other bytes.
fn tag(plain: &EmbeddedFile, coding: Option<&str>) -> HeaderValue {
    let hash = plain.metadata.sha256_hash();
    let hex: String = hash[..10].iter().map(|b| format!("{b:02x}")).collect();
    let coding = coding.unwrap_or("id");
    HeaderValue::try_from(format!("\"{hex}-{coding}\""))
        .expect("hexadecimal digits are header characters")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn text(media_type: &'static str, body: &'static str) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, media_type)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_names_last_forever() {
        assert!(is_hashed("assets/index-NRfOsbCY.js"));
        assert!(is_hashed("assets/worker-a_b-c1D2.mjs"));
        for no in [
            "assets/too-old.js",
            "assets/a.js",
            "assets/网格地图说明页.js",
            "index.html",
            "favicon-12345678.svg",
        ] {
            assert!(!is_hashed(no), "{no}");
        }
    }
}
