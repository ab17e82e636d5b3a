//! `If-Match` and the tags it takes (RFC 9110, 13.1.1): a change is made to
//! what its maker saw, or not at all.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value as Json, json};

use super::encode::strong_etag;
use super::error::Error;
use super::feature;
use crate::index::Snapshot;
use crate::model::Scope;
use crate::query::{self, FeatureRef};
use crate::service::edit::{Conflict, Expect};

/// The tag of one item: the fingerprint of the row, a point, and a hash of
/// what else the answer depends on, such as its language. Only the fingerprint
/// counts for `If-Match`, so any form of an item serves to change it.
pub(super) fn item_tag(
    snapshot: &Snapshot,
    feature: &FeatureRef<'_>,
    variant: &[&str],
) -> HeaderValue {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    let (basic, special) = match feature {
        FeatureRef::Incident(row) => feature::grid_codes(snapshot, *row),
        _ => (None, None),
    };
    let derived = [basic.unwrap_or_default(), special.unwrap_or_default()];
    for part in variant.iter().chain(&derived) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let rest = hasher.finalize().to_hex();
    strong_etag(&format!("{}.{}", feature.fingerprint(), &rest[..8]))
}

/// The fingerprint in a tag. A proxy that compresses may have made it weak;
/// what it says of the content still holds.
pub(super) fn fingerprint(tag: &str) -> &str {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    tag.split('.').next().unwrap_or(tag)
}

/// What the request expects of the thing it changes.
///
/// # Errors
/// 428 when it does not say.
pub(super) fn expected(headers: &HeaderMap) -> Result<Expect, Error> {
    let values = headers.get_all(header::IF_MATCH).iter();
    let tags: Vec<&str> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
        .collect();
    if tags.is_empty() {
        return Err(unconditional());
    }
    if tags.contains(&"*") {
        return Ok(Expect::Anything);
    }
    let prints = tags.into_iter().map(|tag| fingerprint(tag).to_owned());
    Ok(Expect::OneOf(prints.collect()))
}

/// True if the tag is among those expected.
pub(super) fn holds(expect: &Expect, print: &str) -> bool {
    match expect {
        Expect::Anything => true,
        Expect::OneOf(prints) => prints.iter().any(|known| known == print),
    }
}

fn unconditional() -> Error {
    Error::new(
        StatusCode::PRECONDITION_REQUIRED,
        "if-match-required",
        "修改前请先读取，并在 If-Match 中写明读到的 ETag，以免覆盖别人的修改",
        "read it first and send its ETag as If-Match, so that nobody's change is lost",
    )
}

/// 412 for a document, with what is there now.
pub(super) fn outdated(current: Json, tag: HeaderValue) -> Error {
    let members = Map::from_iter([("current".to_owned(), current)]);
    edited_since()
        .with_members(members.clone(), members)
        .with_etag(tag)
}

fn edited_since() -> Error {
    Error::new(
        StatusCode::PRECONDITION_FAILED,
        "edited-since",
        "您读取之后，这里已被别人修改；请对照现在的内容后再保存",
        "somebody changed this since you read it; compare with what is there now and save again",
    )
}

/// 412 with what is there now: `current` for one row, `conflicts` for a batch.
pub(super) fn conflict(
    snapshot: &Snapshot,
    scope: &Scope,
    conflicts: &[Conflict],
    batch: bool,
) -> Error {
    let error = edited_since();
    let now = |conflict: &Conflict| {
        let found = query::feature(snapshot, scope, conflict.layer, conflict.id);
        let view = found.map(|row| feature::view(snapshot, &row));
        let current = view.map_or(Json::Null, |view| {
            serde_json::to_value(view).unwrap_or(Json::Null)
        });
        (current, found.map(|row| row.fingerprint()))
    };
    let mut members = Map::new();
    if batch {
        let all = conflicts.iter().map(|conflict| {
            let (current, etag) = now(conflict);
            json!({"layer": conflict.layer, "id": conflict.id, "current": current, "etag": etag})
        });
        members.insert("conflicts".to_owned(), all.collect());
        return error.with_members(members.clone(), members);
    }
    let Some(conflict) = conflicts.first() else {
        return error;
    };
    let (current, etag) = now(conflict);
    members.insert("current".to_owned(), current);
    let error = error.with_members(members.clone(), members);
    match etag {
        Some(etag) => error.with_etag(strong_etag(&etag)),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_whatever_a_proxy_did_to_them() {
        for tag in ["\"ab12.cd\"", "W/\"ab12.cd\"", "\"ab12\"", " ab12.cd "] {
            assert_eq!(fingerprint(tag), "ab12", "{tag}");
        }
        let headers = |value: &str| {
            HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_str(value).unwrap())])
        };
        assert!(expected(&HeaderMap::new()).is_err());
        assert!(expected(&headers(" , ")).is_err());
        assert_eq!(expected(&headers("*")).unwrap(), Expect::Anything);
        let list = expected(&headers("\"a.1\", W/\"b.2\"")).unwrap();
        assert!(holds(&list, "a") && holds(&list, "b") && !holds(&list, "c"));
    }
}
