//! Settings and the category tree: documents that are replaced as a whole.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Expect;
use super::plan::{Fault, Plan, Planned, Refused};
use crate::index::Snapshot;
use crate::model::{ChangeSet, FeatureId};
use crate::settings::{CategoryChange, SettingName, Wrong};

/// A hash of a document: 20 hexadecimal digits.
pub fn fingerprint(value: &Value) -> String {
    let hash = blake3::hash(value.to_string().as_bytes());
    hash.to_hex()[..20].to_owned()
}

/// A setting as it is kept, or what holds while nothing was set.
pub fn setting_value(snapshot: &Snapshot, name: SettingName) -> Value {
    let kept = snapshot.settings.get(name.as_str());
    kept.cloned().unwrap_or_else(|| name.unset())
}

fn is_as_seen(expect: &Expect, value: &Value) -> bool {
    match expect {
        Expect::Anything => true,
        Expect::OneOf(prints) => prints.contains(&fingerprint(value)),
    }
}

/// What is wrong with a document, as faults.
pub(super) fn faults(wrongs: Vec<Wrong>, code: &'static str) -> Refused {
    let faults = wrongs.into_iter().map(|wrong| {
        let at = if wrong.at.is_empty() {
            String::new()
        } else {
            format!("{} ", wrong.at)
        };
        let mut fault = Fault::new(
            0,
            code,
            format!("{at}{}", wrong.zh),
            format!("{at}{}", wrong.en),
        );
        fault.property = Some(wrong.at);
        fault
    });
    Refused::Faults(faults.collect())
}

/// Plans another value of a setting.
///
/// # Errors
/// When the setting is not what was expected, or the value is not sound.
pub fn plan_setting(
    snapshot: &Snapshot,
    name: SettingName,
    expect: &Expect,
    value: &Value,
) -> Planned<()> {
    let current = setting_value(snapshot, name);
    if !is_as_seen(expect, &current) {
        return Err(Refused::Outdated);
    }
    let is_compound = |id| snapshot.compounds.by_id(FeatureId(id)).is_some();
    let kept = name
        .check(value, Some(&current), &is_compound)
        .map_err(|wrongs| faults(wrongs, "bad_setting"))?;
    let mut changes = ChangeSet::default();
    if kept != current {
        changes.settings.insert(name.as_str().to_owned(), kept);
    }
    Ok(Plan {
        changes,
        answer: (),
    })
}

/// How many incidents each category code has.
pub fn category_counts(snapshot: &Snapshot) -> BTreeMap<&str, u64> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for row in snapshot.incidents.rows() {
        if !row.category().is_empty() {
            *counts.entry(row.category()).or_default() += 1;
        }
    }
    counts
}

/// Plans another category tree. Incidents of a code that another one replaces
/// are changed with it.
///
/// # Errors
/// When the tree is not what was expected (`current` is its JSON), or a code
/// with incidents would go or change its kind without a replacement.
pub fn plan_categories(
    snapshot: &Snapshot,
    expect: &Expect,
    current: &Value,
    change: &CategoryChange,
) -> Planned<()> {
    if !is_as_seen(expect, current) {
        return Err(Refused::Outdated);
    }
    let mut in_use = Vec::new();
    let mut moved: HashMap<&str, &str> = HashMap::new();
    for (code, count) in category_counts(snapshot) {
        let Some(old) = snapshot.categories.get(code) else {
            continue;
        };
        let new = change.replace.get(code).map_or(code, String::as_str);
        match change.tree.get(new) {
            Some(item) if item.kind == old.kind => {
                if new != code {
                    moved.insert(code, new);
                }
            }
            _ => in_use.push((code.to_owned(), count)),
        }
    }
    if !in_use.is_empty() {
        return Err(Refused::InUse(in_use));
    }
    let mut changes = ChangeSet::default();
    if change.tree != *snapshot.categories {
        changes.categories = Some(change.tree.clone());
    }
    if !moved.is_empty() {
        for row in snapshot.incidents.rows() {
            if let Some(new) = moved.get(row.category()) {
                let mut incident = row.to_incident();
                incident.category = (*new).to_owned();
                changes.incidents.put.push(incident);
            }
        }
    }
    Ok(Plan {
        changes,
        answer: (),
    })
}
