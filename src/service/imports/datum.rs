//! Which coordinate system an upload is in: what it names, what was
//! remembered, and how the sample falls under each system.

use crate::index::Snapshot;
use crate::query::Gazetteer;

use super::wire::Sketch;

/// What is known about the coordinate system.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CrsInfo {
    /// What the file names.
    pub named: Option<String>,
    /// What was remembered for files like this.
    pub remembered: Option<String>,
    /// What the rows are read in; `None` while it cannot be told.
    pub chosen: Option<String>,
    /// The user has to say it before rows can be stored.
    pub undecided: bool,
    /// The sample under each system, best first.
    pub candidates: Vec<Candidate>,
}

/// The sample under one coordinate system.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The system.
    pub crs: String,
    /// Points inside of the district, 0 to 1.
    pub inside_share: f64,
    /// Median distance from the place that a row names, metres.
    pub median_m: Option<f64>,
    /// The sample in WGS84 degrees.
    pub points: Vec<[f64; 2]>,
    /// Latitude stands first.
    pub axis_swapped: bool,
    /// Clearly the best.
    pub best: bool,
}

impl CrsInfo {
    /// Weighs what is known; what the user said comes first.
    pub(super) fn decide(
        sketch: &Sketch,
        said: Option<&str>,
        remembered: Option<String>,
        snapshot: &Snapshot,
        gazetteer: &Gazetteer,
    ) -> CrsInfo {
        let candidates = candidates(sketch, snapshot, gazetteer);
        let best = candidates.iter().find(|candidate| candidate.best);
        let chosen = said
            .map(str::to_owned)
            .or_else(|| sketch.named_crs.clone())
            .or_else(|| remembered.clone())
            .or_else(|| best.map(|candidate| candidate.crs.clone()));
        CrsInfo {
            named: sketch.named_crs.clone(),
            remembered,
            // A file without a single place needs no system.
            undecided: chosen.is_none() && !sketch.points.is_empty(),
            chosen,
            candidates,
        }
    }
}

fn candidates(_sketch: &Sketch, _snapshot: &Snapshot, _gazetteer: &Gazetteer) -> Vec<Candidate> {
    Vec::new()
}
