//! What earlier imports left in the settings: profiles by name, and the
//! coordinate system of files that look alike.

use std::collections::BTreeMap;

use super::choices::Profile;
use super::wire::Sketch;
use crate::index::Snapshot;

/// Setting with the profiles by name.
pub(super) const PROFILES: &str = "import_profiles";

/// Setting with the coordinate systems by source.
pub(super) const SOURCE_CRS: &str = "source_crs";

/// The saved profiles; what is no profile is left out.
pub(super) fn profiles(snapshot: &Snapshot) -> BTreeMap<String, Profile> {
    let saved = setting(snapshot, PROFILES);
    let entries = saved.as_object().into_iter().flatten();
    entries
        .filter_map(|(name, value)| {
            let profile = serde_json::from_value(value.clone()).ok()?;
            Some((name.clone(), profile))
        })
        .collect()
}

/// The coordinate system remembered for a source.
pub(super) fn source_crs(snapshot: &Snapshot, source: &str) -> Option<String> {
    let saved = setting(snapshot, SOURCE_CRS);
    let name = saved.get(source)?.as_str()?;
    name.parse::<crate::crs::Crs>()
        .ok()
        .map(|crs| crs.to_string())
}

/// Under what the coordinate system of a file is remembered: the source that
/// the user named, else the headings, which a system writes the same each time.
pub(super) fn source_of(source: &str, sketch: &Sketch) -> String {
    if !source.is_empty() {
        return source.to_owned();
    }
    let mut hasher = blake3::Hasher::new();
    for column in &sketch.columns {
        hasher.update(column.name.as_bytes());
        hasher.update(b"\x1f");
    }
    format!("columns:{}", &hasher.finalize().to_hex()[..16])
}

/// A setting, `null` when there is none.
pub(super) fn setting(snapshot: &Snapshot, name: &str) -> serde_json::Value {
    let value = snapshot.settings.get(name);
    value.cloned().unwrap_or(serde_json::Value::Null)
}
