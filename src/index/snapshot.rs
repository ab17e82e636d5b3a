//! One immutable value that holds everything.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use geo::Coord;
use jiff::civil::Date;

use super::collection::{bounds_of, union};
use super::facts::grid_facts;
use super::locate::day_number;
use super::place::GridMap;
use super::{Collection, GridFacts, GroundMap, Incidents};
use crate::model::{
    CategoryTree, ChangeSet, Compound, District, Entity, FeatureId, Grid, GroundChange,
    LayerChanges, LayerName, Revision, Route, Street, Timestamp,
};
use crate::tile::Bounds;

/// A degree of latitude, metres: the mean of the WGS84 ellipsoid.
const METRES_PER_DEGREE: f64 = 111_132.0;

/// How many rows a layer has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LayerCount {
    /// All rows.
    pub total: usize,
    /// Rows without a place (未上图).
    pub unplaced: usize,
}

/// The sub-district in memory; never changes.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The last change it contains.
    pub revision: Revision,
    /// The last change of each layer, in the order of [`LayerName::ALL`].
    pub layer_revisions: [Revision; 5],
    /// 网格, ordered by (code, id).
    pub grids: Arc<Collection<Grid>>,
    /// 重点小区.
    pub compounds: Arc<Collection<Compound>>,
    /// Streets.
    pub streets: Arc<Collection<Street>>,
    /// 巡防路线.
    pub routes: Arc<Collection<Route>>,
    /// Incidents.
    pub incidents: Arc<Incidents>,
    /// The category tree.
    pub categories: Arc<CategoryTree>,
    /// What the store says about itself.
    pub district: Arc<District>,
    /// Settings by name, each a JSON value that its owner understands.
    pub settings: Arc<BTreeMap<String, serde_json::Value>>,
    /// The ground under the layers; empty where none was brought in.
    pub ground: Arc<GroundMap>,
    today: Date,
    grid_map: Arc<GridMap>,
    facts: Arc<OnceLock<Box<[GridFacts]>>>,
}

impl Snapshot {
    /// A snapshot of all rows of a store, which must carry the ids that the
    /// store gave them; `today` is the local day.
    pub fn build(all: ChangeSet, revision: Revision, today: Date) -> Snapshot {
        let ground = ground_after(all.ground.as_ref());
        let grids = Collection::new(all.grids.put);
        let grid_map = GridMap::new(&grids, today);
        Snapshot {
            revision,
            layer_revisions: [revision; 5],
            grids: Arc::new(grids),
            compounds: Arc::new(Collection::new(all.compounds.put)),
            streets: Arc::new(Collection::new(all.streets.put)),
            routes: Arc::new(Collection::new(all.routes.put)),
            incidents: Arc::new(Incidents::build(all.incidents.put, &grid_map)),
            categories: Arc::new(all.categories.unwrap_or_default()),
            district: Arc::new(all.district.unwrap_or_default()),
            settings: Arc::new(all.settings),
            ground,
            today,
            grid_map: Arc::new(grid_map),
            facts: Arc::default(),
        }
    }

    /// The next snapshot; shares what did not change. When grids change, every
    /// incident is looked up again.
    pub fn apply(&self, changes: &ChangeSet, revision: Revision) -> Snapshot {
        let mut next = self.clone();
        next.revision = revision;
        for &layer in LayerName::ALL {
            if changes.touches(layer) {
                next.layer_revisions[layer.slot()] = revision;
            }
        }
        apply_layer(&mut next.grids, &changes.grids);
        apply_layer(&mut next.compounds, &changes.compounds);
        apply_layer(&mut next.streets, &changes.streets);
        apply_layer(&mut next.routes, &changes.routes);
        if !changes.grids.is_empty() || !changes.compounds.is_empty() {
            next.facts = Arc::default();
        }
        if !changes.incidents.is_empty() {
            let incidents = next.incidents.apply(&changes.incidents, &next.grid_map);
            next.incidents = Arc::new(incidents);
        }
        if !changes.grids.is_empty() {
            next.set_grid_map(GridMap::new(&next.grids, next.today));
        }
        if let Some(categories) = &changes.categories {
            next.categories = Arc::new(categories.clone());
        }
        if let Some(district) = &changes.district {
            next.district = Arc::new(district.clone());
        }
        if !changes.settings.is_empty() {
            let mut settings = (*next.settings).clone();
            for (name, value) in &changes.settings {
                if value.is_null() {
                    settings.remove(name);
                } else {
                    settings.insert(name.clone(), value.clone());
                }
            }
            next.settings = Arc::new(settings);
        }
        if changes.ground.is_some() {
            next.ground = ground_after(changes.ground.as_ref());
        }
        next
    }

    /// The same rows on another local day.
    pub fn with_today(&self, today: Date) -> Snapshot {
        let mut next = self.clone();
        next.today = today;
        let grid_map = self.grid_map.with_today(today);
        if grid_map.is_dated() {
            next.set_grid_map(grid_map);
        } else {
            next.grid_map = Arc::new(grid_map);
        }
        next
    }

    fn set_grid_map(&mut self, grid_map: GridMap) {
        self.incidents = Arc::new(self.incidents.with_grids(&grid_map));
        self.grid_map = Arc::new(grid_map);
    }

    /// The day that "today's grids" means.
    pub fn today(&self) -> Date {
        self.today
    }

    /// The last change of a layer.
    pub fn layer_revision(&self, layer: LayerName) -> Revision {
        self.layer_revisions[layer.slot()]
    }

    /// Old and new places of what the changes touch, per layer: ask the
    /// snapshot before they are applied. A layer that is replaced counts as a
    /// whole. When grids change, incidents count in the same box.
    pub fn changed_bounds(&self, changes: &ChangeSet) -> [Option<Bounds>; 5] {
        let mut bounds = [
            changed(&self.grids, &changes.grids),
            changed(&self.compounds, &changes.compounds),
            changed(&self.streets, &changes.streets),
            changed(&self.routes, &changes.routes),
            None,
        ];
        let old = |id: FeatureId| self.incidents.by_id(id).and_then(|row| row.at());
        let incidents = &changes.incidents;
        let ids = incidents.delete.iter().copied();
        let ids = ids.chain(incidents.put.iter().map(|row| row.meta.id));
        let places = ids
            .filter_map(old)
            .chain(incidents.put.iter().filter_map(|row| row.at));
        let mut touched = around(places);
        if incidents.replace {
            let all = around(self.incidents.rows().filter_map(|row| row.at()));
            touched = merge(touched, all);
        }
        bounds[LayerName::Incidents.slot()] = merge(touched, bounds[LayerName::Grids.slot()]);
        bounds
    }

    /// Slot of the 基础 grid at a place on a day: the lowest code whose closed
    /// area covers it.
    pub fn basic_grid_at(&self, at: Coord<f64>, day: Date) -> Option<u32> {
        self.grid_map.place(at, day_number(day)).basic
    }

    /// Slot of the 专属 grid at a place on a day.
    pub fn special_grid_at(&self, at: Coord<f64>, day: Date) -> Option<u32> {
        self.grid_map.place(at, day_number(day)).special
    }

    /// The envelope of all layers; takes time when there is nothing but
    /// incidents.
    pub fn extent(&self) -> Option<Bounds> {
        let layers = [
            self.grids.extent(),
            self.compounds.extent(),
            self.streets.extent(),
            self.routes.extent(),
        ];
        let ground = layers.into_iter().fold(None, merge);
        // One misplaced incident should not throw the map open to the world:
        // the ground decides where there is one.
        ground.or_else(|| around(self.incidents.rows().filter_map(|row| row.at())))
    }

    /// Where a ground is of use: within so many meters of the grids or, where
    /// there are none, of everything; `None` when nothing has a place.
    pub fn ground_wanted(&self, margin_m: f64) -> Option<Bounds> {
        let b = self.grids.extent().or_else(|| self.extent())?;
        let lat = margin_m / METRES_PER_DEGREE;
        let widest = b.north.abs().max(b.south.abs()).min(89.0);
        let lon = lat / widest.to_radians().cos();
        Some(Bounds {
            west: (b.west - lon).max(-180.0),
            south: (b.south - lat).max(-90.0),
            east: (b.east + lon).min(180.0),
            north: (b.north + lat).min(90.0),
        })
    }

    /// First and last incident.
    pub fn time_extent(&self) -> Option<(Timestamp, Timestamp)> {
        self.incidents.time_extent()
    }

    /// How many rows a layer has.
    pub fn count(&self, layer: LayerName) -> LayerCount {
        let total = match layer {
            LayerName::Grids => self.grids.len(),
            LayerName::Compounds => self.compounds.len(),
            LayerName::Streets => self.streets.len(),
            LayerName::Routes => self.routes.len(),
            LayerName::Incidents => self.incidents.len(),
        };
        let unplaced = match layer {
            LayerName::Incidents => self.incidents.unplaced(),
            _ => 0,
        };
        LayerCount { total, unplaced }
    }

    /// Facts about the grids, by slot; worked out at the first question.
    pub fn grid_facts(&self) -> &[GridFacts] {
        self.facts
            .get_or_init(|| grid_facts(&self.grids, &self.compounds))
    }
}

fn ground_after(change: Option<&GroundChange>) -> Arc<GroundMap> {
    let ground = change.and_then(GroundChange::ground);
    Arc::new(ground.map_or_else(GroundMap::default, |ground| GroundMap::new(ground)))
}

fn apply_layer<T: Entity>(layer: &mut Arc<Collection<T>>, changes: &LayerChanges<T>) {
    if !changes.is_empty() {
        *layer = Arc::new(layer.apply(changes));
    }
}

fn changed<T: Entity>(old: &Collection<T>, changes: &LayerChanges<T>) -> Option<Bounds> {
    let before = |id: FeatureId| old.slot_of(id).and_then(|slot| old.bounds(slot));
    let ids = changes.delete.iter().copied();
    let ids = ids.chain(changes.put.iter().map(|row| row.meta().id));
    let places = ids
        .filter_map(before)
        .chain(changes.put.iter().filter_map(bounds_of));
    let touched = places.fold(None, |all, b| Some(union(all, b)));
    let whole = changes.replace.then(|| old.extent()).flatten();
    merge(touched, whole)
}

fn merge(a: Option<Bounds>, b: Option<Bounds>) -> Option<Bounds> {
    match b {
        Some(b) => Some(union(a, b)),
        None => a,
    }
}

fn around(places: impl Iterator<Item = Coord<f64>>) -> Option<Bounds> {
    places.fold(None, |all, at| {
        let point = Bounds {
            west: at.x,
            south: at.y,
            east: at.x,
            north: at.y,
        };
        Some(union(all, point))
    })
}
