use std::collections::HashSet;

use crate::model::{Entity, FeatureId};

/// Gives every row its key and tells repeats.
#[derive(Debug, Default)]
pub(super) struct Keys {
    seen: HashSet<(String, String)>,
}

impl Keys {
    /// Completes the key of an entity. `Err` names the id that an earlier row
    /// of the file has.
    pub(super) fn assign<T: Entity + serde::Serialize>(
        &mut self,
        item: &mut T,
        default_source: &str,
        keep_repeats: bool,
    ) -> Result<(), String> {
        let meta = item.meta_mut();
        meta.id = FeatureId::NEW;
        if meta.source.trim().is_empty() {
            default_source.clone_into(&mut meta.source);
        }
        let named = !item.meta().source_id.is_empty();
        if !named {
            let id = format!("#{}", &content_hash(item)[..16]);
            item.meta_mut().source_id = id;
        }
        if self.take(item) {
            return Ok(());
        }
        let id = item.meta().source_id.clone();
        if !keep_repeats {
            return Err(id);
        }
        // The hash makes the id the same in the next import of the same file;
        // the number tells copies apart that are alike in everything.
        let hash = content_hash(item)[..8].to_owned();
        for copy in 1_u32.. {
            item.meta_mut().source_id = match copy {
                1 => format!("{id}~{hash}"),
                _ => format!("{id}~{hash}-{copy}"),
            };
            if self.take(item) {
                break;
            }
        }
        Ok(())
    }

    fn take<T: Entity>(&mut self, item: &T) -> bool {
        let meta = item.meta();
        self.seen
            .insert((meta.source.clone(), meta.source_id.clone()))
    }
}

/// Hash of everything an entity says, hexadecimal.
fn content_hash<T: serde::Serialize>(item: &T) -> String {
    let mut hasher = blake3::Hasher::new();
    // Writing into a hasher cannot fail, and the entities are plain data.
    serde_json::to_writer(&mut hasher, item).expect("plain data always serialize");
    hasher.finalize().to_hex().to_string()
}
