//! The ground of an extract on its way in: what is read of the file, and what
//! came of it.

use std::sync::Arc;

use super::choices::Choices;
use super::session::Failure;
use super::stage::{Gathered, StagedGround};
use super::wire::{GroundJob, Sketch};
use crate::format::FileKind;
use crate::index::Snapshot;
use crate::model::{Ground, LayerName, Timestamp};
use crate::service::ground_within;

/// What is to be read of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The rows, for a layer.
    pub(super) rows: Option<LayerName>,
    /// The ground.
    pub(super) ground: Option<GroundJob>,
}

impl Wanted {
    /// What was chosen, as far as the file has it.
    pub(super) fn of(
        layer: LayerName,
        choices: &Choices,
        sketch: &Sketch,
        snapshot: &Snapshot,
    ) -> Wanted {
        let extract = sketch.has_ground();
        let within = ground_within(snapshot).map(|b| [b.west, b.south, b.east, b.north]);
        Wanted {
            rows: (choices.rows || !extract).then_some(layer),
            ground: (choices.background && extract).then_some(GroundJob { within }),
        }
    }
}

impl Sketch {
    /// The file is an OpenStreetMap extract.
    pub fn has_ground(&self) -> bool {
        self.format == FileKind::OsmPbf.as_str()
    }
}

/// The ground that was read; nothing when it was not wanted, or is empty.
pub(super) fn staged(gathered: &mut Gathered, wanted: Wanted, file: &str) -> Option<StagedGround> {
    let GroundJob { within } = wanted.ground?;
    let features = std::mem::take(&mut gathered.ground);
    let now = Timestamp(jiff::Timestamp::now().as_second());
    (!features.is_empty()).then(|| StagedGround {
        ground: Arc::new(Ground::new(features, file, now)),
        dropped: gathered.dropped,
        within,
    })
}

/// An extract from which the ground alone was wanted has none here.
pub(super) fn nothing() -> Failure {
    Failure {
        code: "no_background".to_owned(),
        zh: "文件在本区范围内没有道路、建筑、水系等底图内容；请换一份覆盖本区的 .osm.pbf".to_owned(),
        en: "the file has no roads, buildings or water within the district; take an extract that covers it".to_owned(),
    }
}
