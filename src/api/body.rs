//! Bodies of changes: JSON of known media types, whole and in time, no key
//! twice.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::error::Error;
use super::extract::read_bytes;
use crate::format::doubled_key;
use crate::store::IdempotencyKey;

/// The largest body of a change: 100,000 corners with room to spare.
const MAX_CHANGE: usize = 16 * 1024 * 1024;

/// The longest idempotency key.
const MAX_KEY: usize = 200;

/// Media types of a whole feature or document.
pub(super) const WHOLE: &[&str] = &["application/json", "application/geo+json"];
/// Media types of a patch; plain JSON is taken for one.
pub(super) const PATCH: &[&str] = &[
    "application/merge-patch+json",
    "application/json",
    "application/geo+json",
];

/// Reads the body of a change.
///
/// # Errors
/// 415 for another media type, 413 and 408 when it is too much or too slow,
/// 400 when it is not such JSON or says something twice.
pub(super) async fn read<T: DeserializeOwned>(
    request: Request,
    media_types: &'static [&'static str],
) -> Result<T, Error> {
    Ok(read_keyed(request, media_types, None).await?.0)
}

/// As [`read`], with what makes it safe to send again: the key named in the
/// `Idempotency-Key` header, or by `key` in the body.
///
/// # Errors
/// As [`read`], and 400 for a key that is empty or too long.
pub(super) async fn read_keyed<T: DeserializeOwned>(
    request: Request,
    media_types: &'static [&'static str],
    key: Option<fn(&T) -> Option<&str>>,
) -> Result<(T, Option<IdempotencyKey>), Error> {
    check_media_type(request.headers(), media_types)?;
    let named = request.headers().get("idempotency-key").cloned();
    let bytes = read_bytes(request, MAX_CHANGE).await?;
    let value: T = serde_json::from_slice(&bytes)
        .map_err(|e| Error::body(format!("不是所要的 JSON（{e}）"), e))?;
    if let Some(key) = doubled_key(&bytes) {
        return Err(Error::body(
            format!("“{key}”出现了两次"),
            format!("the key `{key}` is there twice"),
        ));
    }
    let in_body = key.and_then(|key| key(&value)).map(str::to_owned);
    let named = named.map(|named| named.to_str().unwrap_or_default().to_owned());
    let key = in_body.or(named).map(|key| {
        if key.is_empty() || key.len() > MAX_KEY {
            return Err(Error::body(
                format!("幂等键应为 1 到 {MAX_KEY} 个字符"),
                format!("an idempotency key has 1 to {MAX_KEY} characters"),
            ));
        }
        let digest = blake3::hash(&bytes).to_hex().to_string();
        Ok(IdempotencyKey { key, digest })
    });
    Ok((value, key.transpose()?))
}

fn check_media_type(headers: &HeaderMap, known: &[&str]) -> Result<(), Error> {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|media| media.split(';').next().unwrap_or_default().trim());
    let fits = media.is_some_and(|media| known.iter().any(|k| media.eq_ignore_ascii_case(k)));
    let plain = headers
        .get(header::CONTENT_ENCODING)
        .is_none_or(|coding| coding == "identity");
    if fits && plain {
        return Ok(());
    }
    let list = known.join(", ");
    Err(Error::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not-json",
        format!("请求内容应为未压缩的 {list}"),
        format!("the body must be {list} without a content encoding"),
    ))
}

/// Whether the answer to a change may be left out (RFC 7240).
pub(super) fn wants_minimal(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter();
    let mut wishes = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']));
    wishes.any(|wish| wish.replace(' ', "").eq_ignore_ascii_case("return=minimal"))
}
