//! Bringing in the ground, and taking it away.

use serde::{Deserialize, Serialize};

use super::{Error, Service};
use crate::index::Snapshot;
use crate::model::{ChangeSet, GroundChange, Revision};
use crate::store::Write;
use crate::tile::Bounds;

/// How far around the grids a ground reaches, metres: more than a screen at
/// the zoom at which streets are read.
const MARGIN_M: f64 = 3_000.0;

/// The box that a ground is cut to; `None` while nothing else is there.
pub fn ground_within(snapshot: &Snapshot) -> Option<Bounds> {
    snapshot.ground_wanted(MARGIN_M)
}

/// What became of a ground.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroundOutcome {
    /// There was one before.
    pub replaced: bool,
    /// The change is in the store now.
    pub stored: bool,
    /// The store's last change.
    pub revision: Revision,
}

impl Service {
    /// Replaces the ground or takes it away, under conditions. A dry run only
    /// says whether there is one.
    pub async fn change_ground(
        &self,
        change: GroundChange,
        dry_run: bool,
        write: &Write,
    ) -> Result<GroundOutcome, Error> {
        let _one_at_a_time = self.importing.lock().await;
        self.catch_up().await?;
        let replaced = self.snapshot().ground.facts().is_some();
        let nothing = change.ground().is_none() && !replaced;
        if !dry_run && (!nothing || write.key.is_some()) {
            let changes = ChangeSet {
                ground: Some(change),
                ..ChangeSet::default()
            };
            self.write(changes, write).await?;
        }
        Ok(GroundOutcome {
            replaced,
            stored: !dry_run,
            revision: self.revision(),
        })
    }
}
