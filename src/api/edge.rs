//! What holds for every request and answer, whatever the address: security
//! headers, the host name, the origin of writes, languages, sizes, time.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::Error;
use super::lang::Lang;

/// What a page may load and do. Scripts, styles and workers come from this
/// server alone; `data:` and `blob:` images are the map's own icons.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
     worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
     font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

const FIXED: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "geolocation=(self), camera=(), microphone=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The longest path and query together.
const MAX_URI: usize = 16 * 1024;

/// How long a request may take until its answer begins.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The same for an upload or storing it: half a gigabyte over a slow line.
/// Uploads have a limit of their own between two pieces.
const UPLOAD_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Adds the security headers to every answer, errors included.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    response
}

/// Which host names a request may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hosts {
    /// Only loopback names. A foreign site whose name was pointed at
    /// 127.0.0.1 (DNS rebinding) is turned away.
    Loopback,
    /// Any name.
    Any,
}

/// Refuses foreign host names, and writes that another site caused.
pub(super) async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let refusal = check_uri(request.uri())
        .and_then(|()| check_host(hosts, &request))
        .and_then(|()| check_origin(&request));
    match refusal {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check_uri(uri: &Uri) -> Result<(), Error> {
    let length = uri.path().len() + uri.query().map_or(0, str::len);
    if length > MAX_URI {
        return Err(Error::new(
            StatusCode::URI_TOO_LONG,
            "uri-too-long",
            format!("地址超过 {MAX_URI} 个字符"),
            format!("the address is longer than {MAX_URI} characters"),
        ));
    }
    Ok(())
}

/// The host and port that a request names: the target's authority (HTTP/2,
/// absolute form), else the `Host` header.
pub fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => headers.get(header::HOST)?.to_str().ok(),
    }
}

fn check_host(hosts: Hosts, request: &Request) -> Result<(), Error> {
    let ok = authority(request.uri(), request.headers()).is_some_and(|named| match hosts {
        Hosts::Any => named
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b)),
        Hosts::Loopback => is_loopback(named),
    });
    if ok {
        return Ok(());
    }
    Err(Error::new(
        StatusCode::MISDIRECTED_REQUEST,
        "wrong-host",
        "此服务只供本机使用；请用 localhost 或 127.0.0.1 打开",
        "this server is for this machine only; open it as localhost or 127.0.0.1",
    ))
}

/// True for `localhost`, `127.x.y.z` and `[::1]`, with or without a port.
pub fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    if let Some(v6) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return v6
            .parse::<std::net::Ipv6Addr>()
            .is_ok_and(|ip| ip.is_loopback());
    }
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// A write, or a question sent as a write, must come from our own pages or
/// from a program: browsers say so in `Sec-Fetch-Site` or `Origin`.
fn check_origin(request: &Request) -> Result<(), Error> {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return Ok(());
    }
    let text = |name| {
        request
            .headers()
            .get(name)
            .map(|v: &HeaderValue| v.to_str().unwrap_or("?"))
    };
    let same_site = match text(HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => true,
    };
    let same_origin = text(header::ORIGIN).is_none_or(|origin| {
        let host = authority(request.uri(), request.headers());
        let named = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        named.is_some() && named == host
    });
    if same_site && same_origin {
        return Ok(());
    }
    Err(Error::new(
        StatusCode::FORBIDDEN,
        "foreign-origin",
        "此请求来自别的网站，已拒绝",
        "this request came from another site and was refused",
    ))
}

/// Turns error answers into the reader's language.
pub(super) async fn localize(request: Request, next: Next) -> Response {
    let lang = Lang::of(request.uri(), request.headers());
    let head = request.method() == Method::HEAD;
    let mut response = next.run(request).await;
    let error = response.extensions_mut().remove::<Arc<Error>>();
    // The router answers a wrong method with nothing but `Allow`.
    let bare = response.status() == StatusCode::METHOD_NOT_ALLOWED;
    if let Some(error) = error.or_else(|| bare.then(|| Arc::new(no_such_method()))) {
        let said = [header::ALLOW, HeaderName::from_static("accept-patch")];
        let said = said.map(|name| (response.headers_mut().remove(&name), name));
        response = error.render(lang);
        for (value, name) in said {
            if let Some(value) = value {
                response.headers_mut().insert(name, value);
            }
        }
        vary(&mut response, "Accept-Language");
        if head {
            *response.body_mut() = axum::body::Body::empty();
        }
    }
    response
}

/// Answers `OPTIONS` with the methods that the address takes.
pub(super) async fn options(request: Request, next: Next) -> Response {
    let asked = request.method() == Method::OPTIONS;
    let response = next.run(request).await;
    if !asked || response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let methods = response
        .headers()
        .get(header::ALLOW)
        .and_then(|allow| allow.to_str().ok())
        .unwrap_or_default();
    let methods = format!("{methods},OPTIONS");
    let mut answer = StatusCode::NO_CONTENT.into_response();
    if let Ok(value) = HeaderValue::try_from(methods.trim_start_matches(',')) {
        answer.headers_mut().insert(header::ALLOW, value);
    }
    answer
}

/// Gives up on answers that do not begin in time.
pub(super) async fn deadline(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let upload = *request.method() == Method::POST && path.starts_with("/api/imports");
    let within = if upload { UPLOAD_WITHIN } else { ANSWER_WITHIN };
    match tokio::time::timeout(within, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::server(
            StatusCode::SERVICE_UNAVAILABLE,
            "too-slow",
            format!("no answer within {within:?} for {path}"),
        )
        .into_response(),
    }
}

/// The answer to a panic: the message goes to the log, an id to the reader.
pub(super) fn panicked(payload: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let message = payload
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned());
    Error::internal(format!("panic: {message}")).into_response()
}

/// No such address.
pub(super) async fn no_such_address() -> Error {
    Error::new(
        StatusCode::NOT_FOUND,
        "not-found",
        "没有这个地址；可用的地址见 /openapi.json",
        "there is no such address; see /openapi.json for those that exist",
    )
}

/// The address exists, the method does not.
fn no_such_method() -> Error {
    Error::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "此地址不支持这个方法，可用的见 Allow",
        "this address does not take that method; see Allow for those it does",
    )
}

/// Adds a name to `Vary`.
pub(super) fn vary(response: &mut Response, name: &'static str) {
    let known = response
        .headers()
        .get_all(header::VARY)
        .iter()
        .any(|v| v.to_str().is_ok_and(|v| v.contains(name)));
    if !known {
        response
            .headers_mut()
            .append(header::VARY, HeaderValue::from_static(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_names() {
        for yes in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1",
            "127.8.9.1:80",
            "[::1]",
            "[::1]:8080",
        ] {
            assert!(is_loopback(yes), "{yes}");
        }
        for no in [
            "evil.invalid",
            "localhost.evil.invalid",
            "127.0.0.1.evil.invalid:80",
            "10.0.0.1",
            "[::2]:80",
            "a@localhost",
            "",
            "localhost:",
            "localhost:80x",
        ] {
            assert!(!is_loopback(no), "{no}");
        }
    }

    #[test]
    fn writes_come_from_our_own_pages() {
        let request = |headers: &[(&str, &str)]| {
            let mut builder = Request::builder()
                .method("POST")
                .uri("/api/inside")
                .header("host", "localhost:8080");
            for (name, value) in headers {
                builder = builder.header(*name, *value);
            }
            builder.body(axum::body::Body::empty()).unwrap()
        };
        assert!(check_origin(&request(&[])).is_ok());
        let ours = [
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://localhost:8080"),
        ];
        assert!(check_origin(&request(&ours)).is_ok());
        for theirs in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.invalid"),
            ("origin", "null"),
            ("origin", "http://localhost:9090"),
        ] {
            assert!(check_origin(&request(&[theirs])).is_err(), "{theirs:?}");
        }
    }
}
