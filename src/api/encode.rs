//! Answers as bytes: entity tags, `304`, and gzip for what is worth it.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use libdeflater::{CompressionLvl, Compressor};

use super::edge::vary;
use super::error::Error;

/// Answers shorter than this are sent as they are.
const MIN_GZIP: usize = 1024;

/// Answers longer than this are compressed on the blocking pool.
const LONG: usize = 64 * 1024;

/// Above this an answer is sent as it is rather than held in memory twice.
const MAX_GZIP: usize = 64 * 1024 * 1024;

/// True if the client takes `coding` (RFC 9110 §12.5.3).
pub fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let (named, any) = wishes(headers, coding);
    named.or(any).unwrap_or(false)
}

/// True if the client takes `coding` and says so by name.
pub fn names(headers: &HeaderMap, coding: &str) -> bool {
    wishes(headers, coding).0.unwrap_or(false)
}

/// What a client says of a coding, and of all that it does not name.
fn wishes(headers: &HeaderMap, coding: &str) -> (Option<bool>, Option<bool>) {
    let (mut named, mut any) = (None, None);
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or_default().split(',') {
            let mut parts = item.split(';');
            let name = parts.next().unwrap_or_default().trim();
            let wanted = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .is_none_or(|q| q.trim().parse::<f32>().is_ok_and(|q| q > 0.0));
            if name.eq_ignore_ascii_case(coding) {
                named = Some(wanted);
            } else if name == "*" {
                any = Some(wanted);
            }
        }
    }
    (named, any)
}

/// One gzip member around the bytes; `None` if the memory for it is not there.
pub fn gzip(bytes: &[u8], level: i32) -> Option<Vec<u8>> {
    let level = CompressionLvl::new(level).unwrap_or_default();
    let mut compressor = Compressor::new(level);
    let mut out = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let length = compressor.gzip_compress(bytes, &mut out).ok()?;
    out.truncate(length);
    Some(out)
}

/// A weak entity tag: equal tags mean equal content, however encoded.
///
/// `parts` are what the content depends on; the layout of the answer changes
/// with the program, so its version is always one of them.
pub fn etag(parts: &[&str]) -> HeaderValue {
    let mut hasher = blake3::Hasher::new();
    for part in [env!("CARGO_PKG_VERSION")].iter().chain(parts) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let hex = hasher.finalize().to_hex();
    HeaderValue::try_from(format!("W/\"{}\"", &hex[..20]))
        .expect("hexadecimal digits are header characters")
}

/// A strong tag, for `If-Match`. The answer is then sent as it is: another
/// coding would be other bytes.
pub fn strong_etag(text: &str) -> HeaderValue {
    HeaderValue::try_from(format!("\"{text}\""))
        .expect("hexadecimal digits and points are header characters")
}

/// True if the client already has what the tag stands for.
pub fn is_fresh(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let strong = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let mine = strong(tag.to_str().unwrap_or_default());
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || strong(known) == mine)
}

/// `304` with the tag.
pub fn not_modified(tag: HeaderValue) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    response.headers_mut().insert(header::ETAG, tag);
    response
}

/// An answer of some media type with its tag.
pub fn tagged(tag: HeaderValue, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::ETAG, tag);
    response
}

/// Answers `304` to clients that have what they ask for, and compresses text
/// answers of known length for those that take gzip. Streams (events, exports)
/// pass through untouched.
pub(super) async fn compress(request: Request, next: Next) -> Response {
    let wanted = accepts(request.headers(), "gzip");
    let head = request.method() == Method::HEAD;
    let known = request.headers().get_all(header::IF_NONE_MATCH).iter();
    let known: HeaderMap = known
        .map(|tag| (header::IF_NONE_MATCH, tag.clone()))
        .collect();
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK
        && let Some(tag) = response.headers().get(header::ETAG)
        && is_fresh(&known, tag)
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        return response;
    }
    let strong = response
        .headers()
        .get(header::ETAG)
        .is_some_and(|tag| tag.as_bytes().starts_with(b"\""));
    let coded = response.headers().contains_key(header::CONTENT_ENCODING);
    if strong || coded || !is_text(response.headers()) {
        return response;
    }
    vary(&mut response, "Accept-Encoding");
    let length = response.body().size_hint().exact();
    let worth = length.is_some_and(|n| (MIN_GZIP as u64..=MAX_GZIP as u64).contains(&n));
    if head && wanted {
        // The length of the compressed answer is not known without making it.
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    if head || !wanted || !worth {
        return response;
    }
    match squeeze(response).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn squeeze(response: Response) -> Result<Response, Error> {
    let (mut parts, body) = response.into_parts();
    let plain = axum::body::to_bytes(body, MAX_GZIP)
        .await
        .map_err(Error::internal)?;
    let packed = if plain.len() > LONG {
        let plain = plain.clone();
        tokio::task::spawn_blocking(move || gzip(&plain, 4))
            .await
            .map_err(Error::internal)?
    } else {
        gzip(&plain, 4)
    };
    let body = match packed {
        Some(packed) => {
            let headers = &mut parts.headers;
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(packed.len()));
            Bytes::from(packed)
        }
        None => plain,
    };
    Ok(Response::from_parts(parts, body.into()))
}

fn is_text(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|media| {
            let media = media.split(';').next().unwrap_or(media).trim();
            media != "text/event-stream"
                && (media.starts_with("text/") || media.contains("json") || media.contains("xml"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn gzip_only_when_taken() {
        for (value, expect) in [
            ("gzip, deflate", true),
            ("br;q=1, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("*", true),
            ("*;q=1, gzip;q=0", false),
            ("identity", false),
            ("", false),
            ("gzip;q=nan", false),
        ] {
            let headers = headers(header::ACCEPT_ENCODING, value);
            assert_eq!(accepts(&headers, "gzip"), expect, "{value}");
        }
    }

    #[test]
    fn gzip_is_one_member_that_reads_back() {
        let text = "网格".repeat(5000);
        let packed = gzip(text.as_bytes(), 4).unwrap();
        assert!(packed.len() < text.len() / 10);
        let mut out = vec![0; text.len()];
        let n = libdeflater::Decompressor::new()
            .gzip_decompress(&packed, &mut out)
            .unwrap();
        assert_eq!(&out[..n], text.as_bytes());
    }

    #[test]
    fn tags_compare_weakly_and_do_not_collide_by_joining() {
        assert_ne!(etag(&["ab", "c"]), etag(&["a", "bc"]));
        let tag = etag(&["items", "7"]);
        let text = tag.to_str().unwrap().to_owned();
        let list = format!("\"x\", {}", text.trim_start_matches("W/"));
        assert!(is_fresh(&headers(header::IF_NONE_MATCH, &list), &tag));
        assert!(is_fresh(&headers(header::IF_NONE_MATCH, "*"), &tag));
        assert!(!is_fresh(&headers(header::IF_NONE_MATCH, "\"x\""), &tag));
    }
}
