//! Settings that people edit: teams, visits, shifts, import profiles, the
//! coordinate systems of sources, backgrounds. Each is one JSON value with a
//! form that is checked before it is kept; everything that is wrong is told at
//! once, in both languages. No setting has room for a person: names of teams
//! and the like are refused when they read like one.

pub mod background;
mod backgrounds;
mod categories;
mod check;
mod imports;
mod patrol;

use serde_json::{Value, json};

pub use background::{Background, BackgroundService, BackgroundSource};
pub use categories::{CategoryChange, check_categories};
pub use check::Wrong;

use check::Check;

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SettingName {
    /// `[{name, size, mode}]`: who walks.
    Teams,
    /// `{by_priority: {"1": {per, times}}, by_compound: [{compound, per, times}]}`.
    Visits,
    /// `[{name, start, end, days}]`.
    Shifts,
    /// `{name: {layer, map, set, keep, encoding, repeat}}`.
    ImportProfiles,
    /// `{source: crs}`.
    SourceCrs,
    /// `[{name, url, labels_url, subdomains, minzoom, maxzoom, tile_size, scheme,
    /// attribution, approval, datum, key_ref}]`.
    Backgrounds,
}

impl SettingName {
    /// Every setting.
    pub const ALL: [SettingName; 6] = [
        SettingName::Teams,
        SettingName::Visits,
        SettingName::Shifts,
        SettingName::ImportProfiles,
        SettingName::SourceCrs,
        SettingName::Backgrounds,
    ];

    /// The name in stores and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            SettingName::Teams => "teams",
            SettingName::Visits => "visits",
            SettingName::Shifts => "shifts",
            SettingName::ImportProfiles => "import_profiles",
            SettingName::SourceCrs => "source_crs",
            SettingName::Backgrounds => "backgrounds",
        }
    }

    /// The setting of a name.
    pub fn named(name: &str) -> Option<SettingName> {
        SettingName::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// What holds while nothing was set.
    pub fn unset(self) -> Value {
        match self {
            SettingName::Teams | SettingName::Shifts | SettingName::Backgrounds => json!([]),
            SettingName::ImportProfiles | SettingName::SourceCrs => json!({}),
            SettingName::Visits => json!({"by_priority": {}, "by_compound": []}),
        }
    }

    /// Checks a value; `current` is the one it replaces, which holds what is
    /// never sent out, and `is_compound` knows the ids of compounds. Returns
    /// what is to be kept.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(
        self,
        value: &Value,
        current: Option<&Value>,
        is_compound: &dyn Fn(i64) -> bool,
    ) -> Result<Value, Vec<Wrong>> {
        let mut check = Check::default();
        match self {
            SettingName::Teams => patrol::teams(&mut check, value),
            SettingName::Visits => patrol::visits(&mut check, value, is_compound),
            SettingName::Shifts => patrol::shifts(&mut check, value),
            SettingName::ImportProfiles => imports::profiles(&mut check, value),
            SettingName::SourceCrs => imports::source_crs(&mut check, value),
            SettingName::Backgrounds => backgrounds::check(&mut check, value),
        }
        check.finish()?;
        Ok(match self {
            SettingName::Backgrounds => backgrounds::with_keys(value, current),
            _ => value.clone(),
        })
    }

    /// The value as it may leave the server.
    pub fn shown(self, value: &Value) -> Value {
        match self {
            SettingName::Backgrounds => backgrounds::without_keys(value),
            _ => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
