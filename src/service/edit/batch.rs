//! Features put, patched and deleted by hand, several at once or one alone.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::plan::{self, Conflict, Fault, Keys, Plan, Planned, Refused, meta, meta_mut};
use crate::format::{Items, Options, feature_json, read_feature};
use crate::index::{Snapshot, round_e7};
use crate::model::{ChangeSet, FeatureId, Grid, LayerName, Scope, Timestamp};
use crate::query::{self, FeatureRef};

/// The source of rows that were typed or drawn here.
const BY_HAND: &str = "manual";

/// What the person believes about the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// Whatever it is now.
    Anything,
    /// It has one of these fingerprints.
    OneOf(Vec<String>),
}

/// What to do with a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new row: a GeoJSON feature.
    Create(Json),
    /// A new row that the program made.
    Add(Items),
    /// The whole row anew.
    Replace(FeatureId, Expect, Json),
    /// Some of it: an RFC 7396 merge patch of its GeoJSON.
    Patch(FeatureId, Expect, Json),
    /// It goes.
    Delete(FeatureId, Expect),
    /// It is what it was once, under its old id, whether it is there or not.
    Restore(FeatureId, Expect, Items),
}

/// One change of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The layer.
    pub layer: LayerName,
    /// What to do.
    pub change: Change,
}

impl Edit {
    fn row(&self) -> Option<(FeatureId, &Expect)> {
        match &self.change {
            Change::Create(_) | Change::Add(_) => None,
            Change::Replace(id, expect, _)
            | Change::Patch(id, expect, _)
            | Change::Restore(id, expect, _)
            | Change::Delete(id, expect) => Some((*id, expect)),
        }
    }
}

/// Plans edits; `now` is the clock, `new_id` gives source ids that nothing has.
/// The answer is how to find each row that was put, in the order of the edits.
///
/// # Errors
/// When a row is not what was expected, else when something cannot be stored:
/// all of what is wrong at once.
pub fn batch(
    snapshot: &Snapshot,
    scope: &Scope,
    edits: Vec<Edit>,
    now: Timestamp,
    mut new_id: impl FnMut() -> String,
) -> Planned<Vec<Keys>> {
    let mut conflicts = Vec::new();
    let mut current: Vec<Option<FeatureRef<'_>>> = Vec::with_capacity(edits.len());
    for edit in &edits {
        let Some((id, expect)) = edit.row() else {
            current.push(None);
            continue;
        };
        let found = query::feature(snapshot, scope, edit.layer, id);
        let comes_back = matches!(edit.change, Change::Restore(..));
        let as_seen = found.map_or(comes_back, |row| match expect {
            Expect::Anything => true,
            Expect::OneOf(prints) => prints.contains(&row.fingerprint()),
        });
        if !as_seen {
            conflicts.push(Conflict {
                layer: edit.layer,
                id,
            });
        }
        current.push(found);
    }
    if !conflicts.is_empty() {
        return Err(Refused::Conflicts(conflicts));
    }
    let options = Options {
        now: Some(now),
        categories: std::sync::Arc::clone(&snapshot.categories),
        ..Options::default()
    };
    let mut made = Made::new(snapshot);
    for (index, (edit, row)) in edits.into_iter().zip(current).enumerate() {
        made.take(index, edit, row, &options, &mut new_id);
    }
    made.check_codes();
    made.finish()
}

/// What the edits come to so far.
struct Made<'s> {
    snapshot: &'s Snapshot,
    changes: ChangeSet,
    keys: Vec<Keys>,
    faults: Vec<Fault>,
    rows: HashSet<(LayerName, FeatureId)>,
    named: HashSet<(LayerName, String, String)>,
    /// Grids whose code is new: index of the edit, slot in `changes`.
    coded: Vec<(usize, usize)>,
}

impl<'s> Made<'s> {
    fn new(snapshot: &'s Snapshot) -> Made<'s> {
        Made {
            snapshot,
            changes: ChangeSet::default(),
            keys: Vec::new(),
            faults: Vec::new(),
            rows: HashSet::new(),
            named: HashSet::new(),
            coded: Vec::new(),
        }
    }

    fn take(
        &mut self,
        index: usize,
        edit: Edit,
        row: Option<FeatureRef<'_>>,
        options: &Options,
        new_id: &mut impl FnMut() -> String,
    ) {
        let layer = edit.layer;
        if let Some((id, _)) = edit.row()
            && !self.rows.insert((layer, id))
        {
            self.faults.push(Fault::new(
                index,
                "duplicate_id",
                format!("{} {id} 在这批修改中出现了两次", layer.name_zh()),
                format!("{layer} {id} is there twice in this batch"),
            ));
            return;
        }
        let before = row.map(|row| row.to_items());
        let feature = match (edit.change, &before) {
            (Change::Delete(id, _), _) => {
                plan::delete(&mut self.changes, layer, id);
                return;
            }
            (Change::Add(item), _) => {
                self.put(index, item, None, new_id);
                return;
            }
            (Change::Restore(id, _, mut item), _) => {
                if let Some(meta) = meta_mut(&mut item) {
                    meta.id = id;
                }
                self.put(index, item, before.as_ref(), new_id);
                return;
            }
            (Change::Create(feature) | Change::Replace(_, _, feature), _) => feature,
            (Change::Patch(_, _, patch), Some(before)) => patched(before, patch),
            (Change::Patch(..), None) => Json::Null,
        };
        let extra = self.snapshot.district.extra_columns(layer);
        match read_feature(layer, &feature, options, extra, before.as_ref()) {
            Ok(typed) => self.put(index, typed.item, before.as_ref(), new_id),
            Err(problem) => self.faults.push(Fault::of(index, problem)),
        }
    }

    fn put(
        &mut self,
        index: usize,
        mut item: Items,
        before: Option<&Items>,
        new_id: &mut impl FnMut() -> String,
    ) {
        let layer = item.layer();
        let old = before.and_then(meta);
        let named = meta(&item).is_some_and(|new| !new.source_id.is_empty());
        if let Some(new) = meta_mut(&mut item) {
            new.id = old.map_or(new.id, |old| old.id);
            if new.source.is_empty() {
                new.source = old.map_or_else(|| BY_HAND.to_owned(), |old| old.source.clone());
            }
            if new.source_id.is_empty() {
                new.source_id = old.map_or_else(&mut *new_id, |old| old.source_id.clone());
            }
        }
        if let Items::Incidents(rows) = &mut item {
            for row in rows {
                // The index keeps 1e-7 degrees; store and index must agree.
                row.at = row.at.map(round_e7);
            }
        }
        let Some(new) = meta(&item) else { return };
        let key = (layer, new.source.clone(), new.source_id.clone());
        let same_key = old.is_some_and(|old| (&old.source, &old.source_id) == (&key.1, &key.2));
        let taken = named && !same_key && self.has_key(layer, &key.1, &key.2);
        if taken || !self.named.insert(key) {
            self.faults.push(Fault::new(
                index,
                "duplicate_id",
                format!("来源编号“{}”已经有了", new.source_id),
                format!(
                    "there is a row with the source id `{}` already",
                    new.source_id
                ),
            ));
            return;
        }
        self.keys.push(Keys::of(&item));
        if let Items::Grids(rows) = &item {
            let code_before = match before {
                Some(Items::Grids(rows)) => rows.first().map(|grid| grid.code.as_str()),
                _ => None,
            };
            if rows.first().map(|grid| grid.code.as_str()) != code_before {
                self.coded.push((index, self.changes.grids.put.len()));
            }
        }
        plan::put(&mut self.changes, item);
    }

    fn has_key(&self, layer: LayerName, source: &str, id: &str) -> bool {
        let s = self.snapshot;
        match layer {
            LayerName::Grids => s.grids.by_key(source, id).is_some(),
            LayerName::Compounds => s.compounds.by_key(source, id).is_some(),
            LayerName::Streets => s.streets.by_key(source, id).is_some(),
            LayerName::Routes => s.routes.by_key(source, id).is_some(),
            LayerName::Incidents => {
                let mut rows = s.incidents.rows();
                rows.any(|row| row.source() == source && row.source_id() == id)
            }
        }
    }

    /// Refuses a code that another grid has on the same days: filters and
    /// counts name grids by their code.
    fn check_codes(&mut self) {
        for &(index, slot) in &self.coded {
            let grid = &self.changes.grids.put[slot];
            let in_batch = self.changes.grids.put.iter().enumerate();
            let mut others = in_batch
                .filter(|(other, _)| *other != slot)
                .map(|(_, grid)| grid);
            let stays = |id: FeatureId| !self.rows.contains(&(LayerName::Grids, id));
            let stored = self.snapshot.grids.by_code(&grid.code).iter();
            let stored = stored.map(|slot| self.snapshot.grids.get(*slot));
            let mut stored = stored.filter(|other| stays(other.meta.id));
            let clash = |other: &Grid| other.code == grid.code && share_days(other, grid);
            if others.any(clash) || stored.any(|other| clash(other)) {
                let mut fault = Fault::new(
                    index,
                    "duplicate_code",
                    format!("同一时期已有编号为“{}”的网格", grid.code),
                    format!("another grid has the code `{}` on the same days", grid.code),
                );
                fault.property = Some("code".to_owned());
                self.faults.push(fault);
            }
        }
    }

    fn finish(self) -> Planned<Vec<Keys>> {
        if !self.faults.is_empty() {
            return Err(Refused::Faults(self.faults));
        }
        Ok(Plan {
            changes: self.changes,
            answer: self.keys,
        })
    }
}

/// True if there is a day on which both are valid.
fn share_days(a: &Grid, b: &Grid) -> bool {
    let before = |end: Option<jiff::civil::Date>, start: Option<jiff::civil::Date>| {
        end.is_none_or(|end| start.is_none_or(|start| start < end))
    };
    before(a.valid_to, b.valid_from) && before(b.valid_to, a.valid_from)
}

/// The row's GeoJSON with a merge patch applied.
fn patched(before: &Items, patch: Json) -> Json {
    let mut feature = feature_json(before);
    let patch_sets = |name: &str| patch.pointer(&format!("/properties/{name}")).is_some();
    if patch_sets("occurred_at") && !patch_sets("date_only") {
        // Whether only the day is known goes with the time.
        if let Some(properties) = feature["properties"].as_object_mut() {
            properties.remove("date_only");
        }
    }
    merge(&mut feature, patch);
    feature
}

/// RFC 7396: members that are null go, objects merge, all else replaces.
fn merge(target: &mut Json, patch: Json) {
    let Json::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Json::Object(serde_json::Map::new());
    }
    let Some(members) = target.as_object_mut() else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Json::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merge_patches_of_the_standard() {
        // RFC 7396, appendix A.
        for (target, patch, wanted) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!([1, 2]),
                json!({"a": "b", "c": null}),
                json!({"a": "b"}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            let mut target = target;
            merge(&mut target, patch.clone());
            assert_eq!(target, wanted, "{patch}");
        }
    }
}
