//! Background maps: pictures from a tile server of the intranet or of 天地图.
//! `key_ref` says where the server finds the key of such a service, e.g. the
//! name of a variable of its environment. It never leaves the server: answers
//! say `has_key`, and a value that says so keeps the reference it had.

use std::collections::HashSet;

use serde_json::Value;

use super::check::{Check, Part};

const KNOWN: &[&str] = &[
    "name",
    "url",
    "minzoom",
    "maxzoom",
    "tile_size",
    "scheme",
    "attribution",
    "approval",
    "datum",
    "key_ref",
    "has_key",
];

pub(super) fn check(check: &mut Check, value: &Value) {
    let mut names = HashSet::new();
    for item in check.list(&Part::whole(value), 50) {
        let Some(fields) = check.object(&item, KNOWN) else {
            continue;
        };
        if let Some(part) = fields.must(check, "name")
            && let Some(name) = check.name(&part, 40)
            && !names.insert(name)
        {
            check.twice(&part.at, name);
        }
        if let Some(part) = fields.must(check, "url") {
            url(check, &part);
        }
        let zoom = |check: &mut Check, name| {
            let part = fields.must(check, name)?;
            check.integer(&part, 0..=22)
        };
        let (low, high) = (zoom(check, "minzoom"), zoom(check, "maxzoom"));
        if let (Some(low), Some(high)) = (low, high)
            && low > high
        {
            check.wrong(
                fields.at(),
                "最小级别大于最大级别",
                "minzoom is above maxzoom",
            );
        }
        if let Some(part) = fields.must(check, "tile_size")
            && !matches!(part.value.as_i64(), Some(256 | 512))
        {
            check.wrong(&part.at, "应为 256 或 512", "must be 256 or 512");
        }
        if let Some(part) = fields.must(check, "scheme") {
            check.word(&part, &["xyz", "tms"]);
        }
        if let Some(part) = fields.must(check, "datum") {
            check.word(&part, &["wgs84", "cgcs2000", "gcj02", "bd09"]);
        }
        for name in ["attribution", "approval"] {
            if let Some(part) = fields.maybe(name) {
                check.text(&part, 200);
            }
        }
        if let Some(part) = fields.maybe("key_ref") {
            key_ref(check, &part);
        }
        if let Some(part) = fields.maybe("has_key")
            && !part.value.is_boolean()
        {
            check.wrong(&part.at, "应为 true 或 false", "must be true or false");
        }
    }
}

/// `http://host/path/{z}/{x}/{y}.png`, maybe with `{key}` and `{s}`.
fn url(check: &mut Check, part: &Part<'_>) {
    let Some(text) = check.text(part, 500) else {
        return;
    };
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let sound_host = host.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.:[]{}".contains(&b))
    });
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`|".contains(&b));
    let tiles = ["{z}", "{x}", "{y}"].iter().all(|mark| text.contains(mark));
    if !(sound_host && plain && tiles) {
        check.wrong(
            &part.at,
            "应为 http(s) 地址，含 {z}、{x}、{y}，如 http://10.0.0.8/tiles/{z}/{x}/{y}.png",
            "must be an http(s) address with {z}, {x} and {y}, such as http://10.0.0.8/tiles/{z}/{x}/{y}.png",
        );
        return;
    }
    // A key written into the address would be sent to every reader.
    let query = text.split_once('?').map_or("", |(_, query)| query);
    let secret = query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = name.to_ascii_lowercase();
        let secret = matches!(
            name.as_str(),
            "key" | "tk" | "token" | "ak" | "access_token" | "apikey" | "api_key"
        );
        secret && value != "{key}"
    });
    if secret {
        check.wrong(
            &part.at,
            "密钥不要写在地址里；请写成 {key}，并填写 key_ref",
            "do not write the key into the address; write {key} and give `key_ref`",
        );
    }
}

/// The name of a variable: capitals, digits and `_`.
fn key_ref(check: &mut Check, part: &Part<'_>) {
    let sound = part.value.as_str().is_some_and(|text| {
        text.starts_with("GRIDMAP_")
            && text.len() <= 60
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    });
    if !sound {
        check.wrong(
            &part.at,
            "应为服务器环境变量名，以 GRIDMAP_ 开头，如 GRIDMAP_TIANDITU_KEY",
            "must name a variable of the server's environment that begins with GRIDMAP_, such as GRIDMAP_TIANDITU_KEY",
        );
    }
}

/// What is kept: a background that says `has_key` keeps the reference that the
/// one of its name has.
pub(super) fn with_keys(value: &Value, current: Option<&Value>) -> Value {
    let mut value = value.clone();
    let known = |name: &Value| {
        let items = current?.as_array()?;
        let item = items.iter().find(|item| item["name"] == *name)?;
        item.get("key_ref").cloned()
    };
    for item in value.as_array_mut().into_iter().flatten() {
        let Some(members) = item.as_object_mut() else {
            continue;
        };
        let keeps = members.remove("has_key") == Some(Value::Bool(true));
        if keeps
            && !members.contains_key("key_ref")
            && let Some(key) = members.get("name").and_then(known)
        {
            members.insert("key_ref".to_owned(), key);
        }
    }
    value
}

/// What is sent out.
pub(super) fn without_keys(value: &Value) -> Value {
    let mut value = value.clone();
    for item in value.as_array_mut().into_iter().flatten() {
        if let Some(members) = item.as_object_mut() {
            let has_key = members.remove("key_ref").is_some_and(|key| !key.is_null());
            members.insert("has_key".to_owned(), has_key.into());
        }
    }
    value
}
