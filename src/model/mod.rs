//! The nouns of the field: grids, compounds, streets, routes, incidents.
//!
//! Entities are plain data. Whoever puts one on a wire writes a view for that
//! wire; generic readers (export, property filters, the OGC items) go through
//! [`Entity::fields`] and [`Entity::value`].

pub mod category;
pub mod change;
pub mod compound;
pub mod field;
pub mod grid;
pub mod ground;
pub mod incident;
pub mod layer_name;
pub mod meta;
pub mod route;
pub mod scope;
pub mod street;
pub mod time;

pub use category::{Category, CategoryTree};
pub use change::{Audit, ChangeSet, District, LayerChanges, Revision};
pub use compound::{Compound, CompoundKind};
pub use field::{Field, FieldType, Value, ValueRef};
pub use grid::{Grid, GridKind};
pub use ground::{Ground, GroundChange, GroundClass, GroundCounts, GroundFacts, GroundFeature};
pub use incident::{FoundBy, Incident, IncidentKind};
pub use layer_name::LayerName;
pub use meta::{Entity, ExtraColumn, ExtraType, FeatureId, MAX_EXTRA_COLUMNS, Meta};
pub use route::{Checkpoint, PatrolMode, Route};
pub use scope::Scope;
pub use street::{Street, StreetClass};
pub use time::{TimeWindow, Timestamp};

/// A word that is none of the allowed ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a {what}; use one of {allowed}")]
pub struct UnknownWord {
    /// What was expected, e.g. `layer`.
    pub what: &'static str,
    /// The same in Chinese, e.g. `图层`.
    pub what_zh: &'static str,
    /// What was given.
    pub word: String,
    /// The allowed words, for the message.
    pub allowed: &'static str,
}

impl UnknownWord {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        let UnknownWord {
            what_zh,
            word,
            allowed,
            ..
        } = self;
        format!("“{word}”不是{what_zh}；可用 {allowed}")
    }
}

/// Declares an enum of words with a stable code, a Chinese and an English
/// name, and the other words people write for it.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal, $what_zh:literal, $allowed:literal,
     $( $(#[$vdoc:meta])* $variant:ident = $code:literal, $zh:literal, $en:literal, [$($alias:literal),*] );+ $(;)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[$vdoc])* #[serde(rename = $code)] $variant ),+ }

        impl $name {
            /// Every value, in display order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The stable code used in stores, URLs and tiles.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            /// The Chinese name.
            pub const fn name_zh(self) -> &'static str {
                match self { $($name::$variant => $zh),+ }
            }

            /// The English name.
            pub const fn name_en(self) -> &'static str {
                match self { $($name::$variant => $en),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::UnknownWord;

            /// Reads the code, a name in either language, or a common alias.
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    // Nearly all are codes.
                    $( $code => return Ok($name::$variant), )+
                    _ => {}
                }
                let lower = word.trim().to_lowercase();
                match lower.as_str() {
                    $( $code $(| $alias)* => return Ok($name::$variant), )+
                    _ => {}
                }
                for value in $name::ALL {
                    if lower == value.name_zh().to_lowercase() || lower == value.name_en().to_lowercase() {
                        return Ok(*value);
                    }
                }
                Err($crate::model::UnknownWord { what: $what, what_zh: $what_zh, word: word.to_owned(), allowed: $allowed })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
use words;

/// Makes a struct an [`Entity`]: its shape, and one line for each built-in
/// property with name, type, both titles and value. `source` and `source_id`
/// come after them, then the extra columns.
macro_rules! entity {
    ($type:ident, $layer:ident, |$this:ident| $shape:expr,
     $( $name:literal: $kind:ident, $zh:literal, $en:literal = $value:expr; )+) => {
        impl $crate::model::Entity for $type {
            const LAYER: $crate::model::LayerName = $crate::model::LayerName::$layer;

            fn meta(&self) -> &$crate::model::Meta {
                &self.meta
            }

            fn meta_mut(&mut self) -> &mut $crate::model::Meta {
                &mut self.meta
            }

            fn geometry(&self) -> Option<geo::Geometry<f64>> {
                let $this = self;
                $shape
            }

            fn fields() -> &'static [$crate::model::Field] {
                use $crate::model::{Field, FieldType};
                const FIELDS: &[Field] = &[
                    $( Field::new($name, FieldType::$kind, $zh, $en), )+
                    Field::new("source", FieldType::Text, "来源", "Source"),
                    Field::new("source_id", FieldType::Text, "来源编号", "Source id"),
                ];
                FIELDS
            }

            fn value(&self, name: &str) -> $crate::model::Value {
                let $this = self;
                match name {
                    $( $name => $value, )+
                    _ => $this.meta.value(name),
                }
            }
        }
    };
}
use entity;

#[cfg(test)]
mod tests;
