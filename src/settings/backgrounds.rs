//! Background maps: pictures from a tile server of the intranet or of 天地图, or
//! a file of the server's own.
//! `key_ref` says where the server finds the key of such a service, e.g. the
//! name of a variable of its environment. It never leaves the server: answers
//! say `has_key`, and a value that says so keeps the reference it had.

use std::collections::HashSet;

use serde_json::Value;

use super::check::{Check, Fields, Part};

const KNOWN: &[&str] = &[
    "name",
    "url",
    "labels_url",
    "subdomains",
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

/// What the address of a file of the server's backgrounds folder begins with.
const FILE: &str = "pmtiles:";

/// The most host parts that `{s}` may stand for.
const MAX_SUBDOMAINS: usize = 10;

pub(super) fn check(check: &mut Check, value: &Value) {
    let mut names = HashSet::new();
    let mut files = HashSet::new();
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
        let address = fields.must(check, "url");
        let text = address.as_ref().and_then(|part| part.value.as_str());
        match (address.as_ref(), text.and_then(|t| t.strip_prefix(FILE))) {
            (Some(part), Some(name)) => {
                file(check, part, name);
                if !files.insert(name) {
                    check.twice(&part.at, name);
                }
                of_file(check, &fields);
            }
            (part, _) => of_service(check, &fields, part),
        }
        if let Some(part) = fields.must(check, "datum") {
            datum(check, &part);
        }
        for name in ["attribution", "approval"] {
            if let Some(part) = fields.maybe(name) {
                check.text(&part, 200);
            }
        }
        if let Some(part) = fields.maybe("has_key")
            && !part.value.is_boolean()
        {
            check.wrong(&part.at, "应为 true 或 false", "must be true or false");
        }
    }
}

fn datum(check: &mut Check, part: &Part<'_>) {
    if part.value == "bd09" {
        check.wrong(
            &part.at,
            "百度地图有自己的瓦片网格，不能作底图；请改用 wgs84、cgcs2000 或 gcj02 的服务",
            "the tiles of 百度 have a grid of their own and cannot be shown; use a service in wgs84, cgcs2000 or gcj02",
        );
    } else {
        check.word(part, &["wgs84", "cgcs2000", "gcj02"]);
    }
}

/// Zooms and the size of a tile; where the file knows them they may be left
/// out.
fn extent(check: &mut Check, fields: &Fields<'_>, needed: bool) {
    let take = |check: &mut Check, name| match needed {
        true => fields.must(check, name),
        false => fields.maybe(name),
    };
    let zoom = |check: &mut Check, name| {
        let part = take(check, name)?;
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
    if let Some(part) = take(check, "tile_size")
        && !matches!(part.value.as_i64(), Some(256 | 512))
    {
        check.wrong(&part.at, "应为 256 或 512", "must be 256 or 512");
    }
}

/// What belongs to tiles that a service has.
fn of_service(check: &mut Check, fields: &Fields<'_>, address: Option<&Part<'_>>) {
    let labels = fields.maybe("labels_url");
    let subdomains = fields.maybe("subdomains");
    let templates = [address, labels.as_ref()];
    for part in templates.into_iter().flatten() {
        url(check, part);
        let spread = part.value.as_str().is_some_and(|text| text.contains("{s}"));
        if spread && subdomains.is_none() {
            check.wrong(
                &part.at,
                "地址里有 {s}，请填写 subdomains，如 [\"0\", \"1\"]",
                "the address has {s}; give `subdomains`, such as [\"0\", \"1\"]",
            );
        }
    }
    if let Some(list) = subdomains {
        for part in check.list(&list, MAX_SUBDOMAINS) {
            let sound = part.value.as_str().is_some_and(|text| {
                (1..=20).contains(&text.len())
                    && text
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            });
            if !sound {
                check.wrong(
                    &part.at,
                    "应为 1 到 20 个小写字母、数字或 -",
                    "must be 1 to 20 lower-case letters, digits or -",
                );
            }
        }
        if list.value.as_array().is_some_and(Vec::is_empty) {
            check.wrong(&list.at, "不能是空列表", "must not be empty");
        }
    }
    extent(check, fields, true);
    if let Some(part) = fields.must(check, "scheme") {
        check.word(&part, &["xyz", "tms"]);
    }
    if let Some(part) = fields.maybe("key_ref") {
        key_ref(check, &part);
    }
}

/// What belongs to a file: nothing of what a service needs.
fn of_file(check: &mut Check, fields: &Fields<'_>) {
    extent(check, fields, false);
    if let Some(part) = fields.maybe("scheme") {
        check.word(&part, &["xyz"]);
    }
    for name in ["labels_url", "subdomains", "key_ref"] {
        if let Some(part) = fields.maybe(name) {
            check.wrong(
                &part.at,
                "文件底图没有这一项",
                "a background from a file does not have this",
            );
        }
    }
}

/// The name of a file in the folder of backgrounds, never a path.
fn file(check: &mut Check, part: &Part<'_>, name: &str) {
    let plain = !name.starts_with('.')
        && name.len() <= 200
        && name.len() > ".pmtiles".len()
        && name.ends_with(".pmtiles")
        && !name
            .chars()
            .any(|c| c.is_control() || matches!(c, '/' | '\\' | ':'));
    if !plain {
        check.wrong(
            &part.at,
            "应为 pmtiles:文件名.pmtiles，文件放在服务器的底图文件夹里，不写路径",
            "must be pmtiles:NAME.pmtiles, a file in the server's folder of backgrounds, without a path",
        );
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
        let host = host.replace("{s}", "0");
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
    });
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`|#".contains(&b));
    let tiles = ["{z}", "{x}", "{y}"].iter().all(|mark| text.contains(mark));
    let marks = ["{z}", "{x}", "{y}", "{s}", "{key}"];
    let mut others = text.to_owned();
    for mark in marks {
        others = others.replace(mark, "");
    }
    if !(sound_host && plain && tiles) || others.contains(['{', '}']) {
        check.wrong(
            &part.at,
            "应为 http(s) 地址，含 {z}、{x}、{y}（另可用 {s}、{key}），如 http://10.0.0.8/tiles/{z}/{x}/{y}.png",
            "must be an http(s) address with {z}, {x} and {y} (and maybe {s} and {key}), such as http://10.0.0.8/tiles/{z}/{x}/{y}.png",
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
