//! Colours of grids by what they measure.

use std::collections::HashMap;

use super::Measure;
use crate::index::Snapshot;
use crate::layer::Theme;
use crate::model::Scope;
use crate::query::{Filter, grid_stats};
use crate::raster::{class_of, quantile_breaks, ramp_step};

/// Classes of the grids' figures.
#[derive(Debug)]
pub(super) struct Choropleth {
    pub(super) measure: Measure,
    pub(super) breaks: Vec<f64>,
    /// Incidents without a place, which no colour shows.
    pub(super) unplaced: u64,
    /// By slot; `None` where the figure is unknown or too small to compare.
    values: HashMap<u32, Option<f64>>,
}

impl Choropleth {
    pub(super) fn new(
        snapshot: &Snapshot,
        scope: &Scope,
        filter: &Filter,
        measure: Measure,
    ) -> Self {
        let stats = grid_stats(snapshot, scope, filter);
        let value = |count: u64, rate: Option<f64>, few: bool| match measure {
            Measure::Count => Some(count as f64),
            // A rate of a handful of incidents says nothing, none says none.
            Measure::Rate if count == 0 && rate.is_some() => Some(0.0),
            Measure::Rate => rate.filter(|_| !few),
        };
        let values: HashMap<u32, Option<f64>> = stats
            .grids
            .iter()
            .map(|g| (g.slot, value(g.count, g.rate_per_1000, g.few)))
            .collect();
        let known: Vec<f64> = values.values().copied().flatten().collect();
        Self {
            measure,
            breaks: quantile_breaks(&known, 5, measure == Measure::Count),
            unplaced: stats.unplaced,
            values,
        }
    }

    /// The colour of a grid; `None` means hatching.
    pub(super) fn color(&self, slot: u32, theme: &Theme) -> Option<&'static str> {
        let value = self.values.get(&slot).copied().flatten()?;
        Some(self.class_color(class_of(value, &self.breaks), theme))
    }

    /// The colour of a class: zero is the ground.
    pub(super) fn class_color(&self, class: usize, theme: &Theme) -> &'static str {
        if class == 0 {
            return theme.land;
        }
        theme.density[ramp_step(class, self.breaks.len())]
    }

    /// Whether some grid is hatched.
    pub(super) fn has_unknown(&self) -> bool {
        self.values.values().any(Option::is_none)
    }
}
