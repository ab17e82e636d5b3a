//! What imports remember: profiles by name, coordinate systems by source.

use serde_json::Value;

use super::check::{Check, Part};
use crate::crs::Crs;
use crate::format::{import_fields, is_personal_heading};
use crate::model::{LayerName, MAX_EXTRA_COLUMNS};

/// The most profiles or sources.
const MOST: usize = 500;
/// The longest name of a column.
const COLUMN: usize = 200;

/// `{name: {layer, map, set, keep, encoding, repeat}}`.
pub(super) fn profiles(check: &mut Check, value: &Value) {
    for (name, profile) in check.entries(&Part::whole(value), MOST) {
        key(check, name, &profile);
        let known = ["layer", "map", "set", "keep", "encoding", "repeat"];
        let Some(fields) = check.object(&profile, &known) else {
            continue;
        };
        let layers: Vec<&str> = LayerName::ALL.iter().map(|l| l.as_str()).collect();
        let layer = fields.maybe("layer").and_then(|part| {
            let word = check.word(&part, &layers)?;
            LayerName::ALL.iter().find(|l| l.as_str() == word).copied()
        });
        if let Some(map) = fields.maybe("map") {
            for (field, columns) in check.entries(&map, 100) {
                known_field(check, layer, field, &columns);
                if columns.value.is_array() {
                    for one in check.list(&columns, 20) {
                        column(check, &one);
                    }
                } else {
                    column(check, &columns);
                }
            }
        }
        if let Some(set) = fields.maybe("set") {
            for (field, constant) in check.entries(&set, 100) {
                known_field(check, layer, field, &constant);
                check.name(&constant, COLUMN);
            }
        }
        if let Some(keep) = fields.maybe("keep") {
            for item in check.list(&keep, MAX_EXTRA_COLUMNS) {
                let Some(kept) = check.object(&item, &["column", "type"]) else {
                    continue;
                };
                if let Some(part) = kept.must(check, "column") {
                    column(check, &part);
                }
                if let Some(part) = kept.maybe("type") {
                    check.word(&part, &["text", "number", "date"]);
                }
            }
        }
        if let Some(part) = fields.maybe("encoding") {
            check.word(
                &part,
                &["utf-8", "gb18030", "gbk", "utf-16", "utf-16le", "utf-16be"],
            );
        }
        if let Some(part) = fields.maybe("repeat") {
            check.word(&part, &["reject", "keep"]);
        }
    }
}

/// `{source: crs}`.
pub(super) fn source_crs(check: &mut Check, value: &Value) {
    for (source, crs) in check.entries(&Part::whole(value), MOST) {
        key(check, source, &crs);
        let Some(text) = check.text(&crs, 40) else {
            continue;
        };
        if let Err(error) = text.parse::<Crs>() {
            check.wrong(&crs.at, error.zh(), error.to_string());
        }
    }
}

/// A name in front of a colon, as [`Check::name`].
fn key(check: &mut Check, name: &str, at: &Part<'_>) {
    let value = Value::from(name);
    let part = Part {
        value: &value,
        at: at.at.clone(),
    };
    check.name(&part, COLUMN);
}

fn known_field(check: &mut Check, layer: Option<LayerName>, field: &str, at: &Part<'_>) {
    let Some(layer) = layer else { return };
    let known = import_fields(layer);
    if !known.contains(&field) {
        let list = known.join(", ");
        check.wrong(
            &at.at,
            format!("{}没有这个字段；可用 {list}", layer.name_zh()),
            format!("{layer} have no such field; use {list}"),
        );
    }
}

/// The heading of a column that may be read.
fn column(check: &mut Check, part: &Part<'_>) {
    if let Some(heading) = check.text(part, COLUMN)
        && is_personal_heading(heading)
    {
        check.wrong(
            &part.at,
            "这一列与个人有关，不能导入",
            "this column is about persons and cannot be imported",
        );
    }
}
