//! What no store takes: coordinates that are not finite, and U+0000 in text,
//! which PostgreSQL cannot hold. Checked before anything is written, so that
//! every store answers alike.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::Value;

use super::{Columns, Shape, Stored};
use crate::model::{ChangeSet, FeatureId, GroundChange, LayerChanges, Timestamp};
use crate::store::{Error, RESERVED_SETTINGS};

/// Fails for the first thing in the changes that cannot be stored.
pub(in crate::store) fn check(changes: &ChangeSet) -> Result<(), Error> {
    layer(&changes.grids)?;
    layer(&changes.compounds)?;
    layer(&changes.streets)?;
    layer(&changes.routes)?;
    layer(&changes.incidents)?;
    ground(changes.ground.as_ref())?;
    for item in changes.categories.iter().flat_map(|tree| tree.items()) {
        let texts = [&item.code, &item.name_zh, &item.name_en];
        let texts = texts.into_iter().chain(&item.parent).chain(&item.aliases);
        for text in texts {
            if text.contains('\0') {
                return Err(Error::Text {
                    what: format!("category {}", item.code.replace('\0', "")),
                });
            }
        }
    }
    check_settings(&changes.settings)
}

/// Fails for a name that a store needs itself, or U+0000.
fn check_settings(settings: &BTreeMap<String, Value>) -> Result<(), Error> {
    for name in settings.keys() {
        if RESERVED_SETTINGS.contains(&name.as_str()) {
            return Err(Error::ReservedSetting(name.clone()));
        }
        // JSON escapes U+0000 in values, so only the name can have one.
        if name.contains('\0') {
            return Err(Error::Text {
                what: format!("setting {}", name.replace('\0', "")),
            });
        }
    }
    Ok(())
}

fn ground(change: Option<&GroundChange>) -> Result<(), Error> {
    let ground = change.and_then(GroundChange::ground);
    for feature in ground.iter().flat_map(|ground| &ground.features) {
        let mut sound = Sound::default();
        super::ground::write(feature, &mut sound);
        if sound.shapeless {
            return Err(Error::Geometry {
                layer: super::ground::GROUND,
                source_id: feature.name.replace('\0', ""),
                reason: "a coordinate is not a finite number, or there is none".to_owned(),
            });
        }
        if sound.nul {
            return Err(Error::Text {
                what: format!("ground `{}`", feature.name.replace('\0', "")),
            });
        }
    }
    Ok(())
}

fn layer<T: Stored>(changes: &LayerChanges<T>) -> Result<(), Error> {
    let flaws = changes.put.par_iter().with_min_len(1024).map(flaw);
    match flaws.find_first(Option::is_some) {
        Some(Some(error)) => Err(error),
        _ => Ok(()),
    }
}

/// What is wrong with a row, if anything.
fn flaw<T: Stored>(item: &T) -> Option<Error> {
    let mut sound = Sound::default();
    item.write(&mut sound);
    let name = || item.meta().source_id.replace('\0', "");
    if sound.shapeless {
        return Some(Error::Geometry {
            layer: T::LAYER.as_str(),
            source_id: name(),
            reason: "a coordinate is not a finite number, or there is none".to_owned(),
        });
    }
    sound.nul.then(|| Error::Text {
        what: format!("{} `{}`", T::LAYER, name()),
    })
}

#[derive(Default)]
struct Sound {
    shapeless: bool,
    nul: bool,
}

impl Columns for Sound {
    fn id(&mut self, _: FeatureId) {}
    fn shape(&mut self, shape: Option<Shape<'_>>) {
        self.shapeless |= shape.is_some_and(|shape| !shape.is_sound());
    }
    fn text(&mut self, text: &str) {
        self.nul |= text.contains('\0');
    }
    fn json(&mut self, _: Option<String>) {
        // JSON has the escape instead.
    }
    fn count(&mut self, _: Option<u32>) {}
    fn yes(&mut self, _: bool) {}
    fn date(&mut self, _: Option<Date>) {}
    fn instant(&mut self, _: Option<Timestamp>) {}
}
