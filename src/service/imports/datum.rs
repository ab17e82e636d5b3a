//! Which coordinate system an upload is in: what it names, what was
//! remembered, and how the sample falls under each system.

use geo::MultiPolygon;

use super::wire::Sketch;
use crate::format::datum::{self, SamplePoint};
use crate::index::Snapshot;
use crate::model::LayerName;
use crate::query::Gazetteer;

/// Points of the sample that a map shows.
const SHOWN: usize = 60;

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
    /// Some of the sample in WGS84 degrees.
    pub points: Vec<[f64; 2]>,
    /// Latitude stands first.
    pub axis_swapped: bool,
    /// Clearly the best.
    pub best: bool,
}

impl CrsInfo {
    /// Weighs what is known. What the user said comes first, then what the
    /// file names where that can be relied on, then what was remembered, then
    /// the candidate that is clearly the best, then what a heading names.
    pub(super) fn decide(
        sketch: &Sketch,
        said: Option<&str>,
        remembered: Option<String>,
        snapshot: &Snapshot,
        gazetteer: &Gazetteer,
    ) -> CrsInfo {
        let candidates = candidates(sketch, snapshot, gazetteer);
        let best = candidates.iter().find(|candidate| candidate.best);
        let named = sketch.named_crs.clone();
        let chosen = said
            .map(str::to_owned)
            .or_else(|| named.clone().filter(|_| !sketch.crs_needed))
            .or_else(|| remembered.clone())
            .or_else(|| best.map(|candidate| candidate.crs.clone()))
            .or_else(|| named.clone());
        CrsInfo {
            named,
            remembered,
            // A file without a single place needs no system.
            undecided: chosen.is_none() && !sketch.points.is_empty(),
            chosen,
            candidates,
        }
    }

    /// The chosen system is the clear best, which has latitude first.
    pub(super) fn is_swapped(&self) -> bool {
        let best = self.candidates.iter().find(|candidate| candidate.best);
        best.is_some_and(|best| best.axis_swapped && Some(&best.crs) == self.chosen.as_ref())
    }
}

fn candidates(sketch: &Sketch, snapshot: &Snapshot, gazetteer: &Gazetteer) -> Vec<Candidate> {
    let points: Vec<SamplePoint> = sketch
        .points
        .iter()
        .map(|point| SamplePoint {
            x: point.x,
            y: point.y,
            name: Some(point.text.clone()).filter(|text| !text.is_empty()),
        })
        .collect();
    let today = snapshot.today();
    let grids = snapshot.grids.items().iter().filter(|grid| {
        grid.valid_from.is_none_or(|day| day <= today)
            && grid.valid_to.is_none_or(|day| today < day)
    });
    let areas: Vec<MultiPolygon> = grids.map(|grid| grid.area.clone()).collect();
    let compounds = gazetteer
        .places()
        .iter()
        .filter(|place| place.layer == LayerName::Compounds);
    let places: Vec<_> = compounds
        .map(|place| (place.name.clone(), place.at))
        .collect();
    let guess = datum::candidates(&points, &areas, &places);
    guess
        .candidates
        .into_iter()
        .enumerate()
        .map(|(rank, candidate)| {
            let step = candidate.shown.len().div_ceil(SHOWN).max(1);
            Candidate {
                crs: candidate.crs.to_string(),
                inside_share: candidate.inside_share,
                median_m: candidate.median_m,
                points: candidate.shown.into_iter().step_by(step).collect(),
                axis_swapped: candidate.swapped,
                best: rank == 0 && guess.clear,
            }
        })
        .collect()
}
