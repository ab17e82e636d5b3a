//! What the inspector says about one feature.

use geo::{Geometry, MultiLineString, MultiPolygon};

use super::feature::feature;
use super::{FeatureRef, Filter, along, inside, within};
use crate::index::{Row, Snapshot};
use crate::model::{FeatureId, IncidentKind, LayerName, Scope};

/// Incidents this near to a line or a point belong to it.
const NEAR_M: f64 = 50.0;

/// How many recent incidents are told.
const RECENT: usize = 10;

/// Counts per kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindCounts {
    /// All.
    pub total: u64,
    /// 警情
    pub police: u64,
    /// 纠纷
    pub dispute: u64,
    /// 12345 诉求
    pub hotline: u64,
}

/// Incidents of one feature.
#[derive(Debug, Clone)]
pub struct Summary<'s> {
    /// The feature.
    pub feature: FeatureRef<'s>,
    /// Its incidents that pass the filter.
    pub counts: KindCounts,
    /// Those of the period of equal length before; `None` if the period is open.
    pub previous_total: Option<u64>,
    /// By local hour, without those of which only the day is known.
    pub by_hour: [u64; 24],
    /// By weekday, Monday first.
    pub by_weekday: [u64; 7],
    /// The last ten, newest first.
    pub recent: Vec<Row<'s>>,
}

/// The incidents of a feature; `None` if there is no such feature.
///
/// To a grid belong those assigned to it, to an area those in it or on its
/// edge, to a street, a route and a compound that is a point those within
/// 50 m, and to an incident itself.
pub fn summary<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    layer: LayerName,
    id: FeatureId,
    filter: &Filter,
) -> Option<Summary<'s>> {
    let feature = feature(snapshot, scope, layer, id)?;
    let mut summary = Summary {
        feature,
        counts: KindCounts::default(),
        previous_total: None,
        by_hour: [0; 24],
        by_weekday: [0; 7],
        recent: Vec::new(),
    };
    let mut rows = rows_of(snapshot, scope, &feature, filter);
    for row in &rows {
        summary.count(*row);
    }
    let newest = |row: &Row<'s>| std::cmp::Reverse((row.occurred_at(), row.id()));
    if rows.len() > RECENT {
        rows.select_nth_unstable_by_key(RECENT, newest);
        rows.truncate(RECENT);
    }
    rows.sort_by_key(newest);
    summary.recent = rows;
    summary.previous_total = filter.window.previous().map(|window| {
        let before = filter.with_window(window);
        rows_of(snapshot, scope, &feature, &before).len() as u64
    });
    Some(summary)
}

impl<'s> Summary<'s> {
    fn count(&mut self, row: Row<'s>) {
        self.counts.total += 1;
        *match row.kind() {
            IncidentKind::Police => &mut self.counts.police,
            IncidentKind::Dispute => &mut self.counts.dispute,
            IncidentKind::Hotline => &mut self.counts.hotline,
        } += 1;
        let at = row.occurred_at();
        if !row.date_only() {
            self.by_hour[usize::from(at.local_hour())] += 1;
        }
        self.by_weekday[usize::from(at.local_weekday() - 1)] += 1;
    }
}

fn rows_of<'s>(
    snapshot: &'s Snapshot,
    scope: &Scope,
    feature: &FeatureRef<'s>,
    filter: &Filter,
) -> Vec<Row<'s>> {
    let incidents = LayerName::Incidents;
    let near_line = |line: &MultiLineString<f64>| {
        let hits = along(snapshot, scope, incidents, line, NEAR_M, filter);
        hits.into_iter().map(|hit| hit.feature).collect()
    };
    let found: Vec<FeatureRef<'s>> = match *feature {
        FeatureRef::Grid(grid) => {
            let mut rows = Vec::new();
            if let Some(slot) = snapshot.grids.slot_of(grid.meta.id) {
                let selection = filter.compile(snapshot, scope).in_grid(slot);
                selection.visit(|row| rows.push(row));
            }
            return rows;
        }
        FeatureRef::Compound(compound) => match &compound.shape {
            Geometry::Polygon(polygon) => {
                let area = MultiPolygon(vec![polygon.clone()]);
                inside(snapshot, scope, incidents, &area, filter)
            }
            Geometry::MultiPolygon(area) => inside(snapshot, scope, incidents, area, filter),
            Geometry::Point(at) => {
                let hits = within(snapshot, scope, incidents, at.0, NEAR_M, filter);
                hits.into_iter().map(|hit| hit.feature).collect()
            }
            _ => Vec::new(),
        },
        FeatureRef::Street(street) => near_line(&street.line),
        FeatureRef::Route(route) => near_line(&route.line),
        FeatureRef::Incident(row) => {
            let passes = filter.compile(snapshot, scope).matches(row);
            return if passes { vec![row] } else { Vec::new() };
        }
    };
    let rows = found.into_iter().filter_map(|feature| match feature {
        FeatureRef::Incident(row) => Some(row),
        _ => None,
    });
    rows.collect()
}
