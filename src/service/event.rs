use serde::Serialize;

use crate::index::Snapshot;
use crate::model::{ChangeSet, LayerName, Revision};

/// A new snapshot is there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// The last change it contains.
    pub revision: Revision,
    /// The layers that changed; none when only names or categories did.
    pub layers: Vec<LayerEvent>,
}

/// What changed in one layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerEvent {
    /// The layer.
    pub name: LayerName,
    /// The layer's last change.
    pub revision: Revision,
    /// `[west, south, east, north]` of old and new places in degrees; `None`
    /// when unknown or when nothing has a place.
    pub bbox: Option<[f64; 4]>,
}

impl Event {
    /// What the changes will touch; `old` is the snapshot before them.
    pub(super) fn of(old: &Snapshot, changes: &ChangeSet, revision: Revision) -> Event {
        let bounds = old.changed_bounds(changes);
        let layers = LayerName::ALL
            .iter()
            .filter(|layer| changes.touches(**layer))
            .map(|&name| LayerEvent {
                name,
                revision,
                bbox: bounds[name.slot()].map(|b| [b.west, b.south, b.east, b.north]),
            })
            .collect();
        Event { revision, layers }
    }

    /// Everything may have changed.
    pub(super) fn all(new: &Snapshot) -> Event {
        let layers = LayerName::ALL
            .iter()
            .map(|&name| LayerEvent {
                name,
                revision: new.layer_revisions[name.slot()],
                bbox: None,
            })
            .collect();
        Event {
            revision: new.revision,
            layers,
        }
    }
}
