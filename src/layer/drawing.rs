//! The shapes of a snapshot, projected once and simplified once per zoom band.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use geo::{Geometry, MultiPolygon};
use jiff::civil::Date;

use super::datum::Datum;
use super::tags::tile_value;
use crate::index::{Collection, Snapshot};
use crate::model::{Compound, Entity, Grid, Route, Street};
use crate::tile::{
    Area, Path, TileCoord, ValueId, Values, WorldPoint, label_point, simplify_coverage,
};

/// The deepest zoom of each simplified band. Deeper tiles show every point.
const BANDS: [u8; 4] = [9, 11, 13, 15];

/// Tolerance of simplification in tile units: at 512 px a tile, under half a
/// pixel.
pub(super) const TOLERANCE: f64 = 3.0;

/// Other days whose grids are kept ready.
const DAYS_KEPT: usize = 4;

/// What tiles need of the grids, compounds, streets and routes of a snapshot.
///
/// Making it for the next snapshot from the last drawing costs only what
/// changed.
#[derive(Debug, Clone)]
pub struct Drawing {
    pub(super) datum: Datum,
    pub(super) grids: Arc<GridShapes>,
    pub(super) compounds: Arc<CompoundShapes>,
    pub(super) streets: Arc<StreetShapes>,
    pub(super) routes: Arc<RouteShapes>,
    /// The grids of other days, the one asked for last at the end.
    other_days: Arc<Mutex<Vec<Arc<GridShapes>>>>,
}

impl Drawing {
    /// Projects the shapes of a snapshot; layers that `last` was made from are
    /// taken over.
    pub fn new(snapshot: &Snapshot, last: Option<&Drawing>) -> Self {
        Self::in_datum(snapshot, Datum::Wgs84, last)
    }

    /// Like [`Drawing::new`] in a datum. Corners are moved before anything is
    /// projected: what two shapes share they share in every datum.
    pub fn in_datum(snapshot: &Snapshot, datum: Datum, last: Option<&Drawing>) -> Self {
        let last = last.filter(|last| last.datum == datum);
        let today = snapshot.today();
        let same_source = |d: &&Drawing| Arc::ptr_eq(&d.grids.source, &snapshot.grids);
        let same_grids = |d: &&Drawing| same_source(d) && d.grids.day == today;
        let same_compounds = |d: &&Drawing| Arc::ptr_eq(&d.compounds.source, &snapshot.compounds);
        let same_streets = |d: &&Drawing| Arc::ptr_eq(&d.streets.source, &snapshot.streets);
        let same_routes = |d: &&Drawing| Arc::ptr_eq(&d.routes.source, &snapshot.routes);
        Self {
            datum,
            grids: last.filter(same_grids).map_or_else(
                || Arc::new(GridShapes::new(&snapshot.grids, datum, today)),
                |d| Arc::clone(&d.grids),
            ),
            compounds: last.filter(same_compounds).map_or_else(
                || Arc::new(CompoundShapes::new(&snapshot.compounds, datum)),
                |d| Arc::clone(&d.compounds),
            ),
            streets: last.filter(same_streets).map_or_else(
                || Arc::new(StreetShapes::new(&snapshot.streets, datum)),
                |d| Arc::clone(&d.streets),
            ),
            routes: last.filter(same_routes).map_or_else(
                || Arc::new(RouteShapes::new(&snapshot.routes, datum)),
                |d| Arc::clone(&d.routes),
            ),
            other_days: last
                .filter(same_source)
                .map_or_else(Arc::default, |d| Arc::clone(&d.other_days)),
        }
    }

    /// The same with the grids of another day, as [`grids_day`] names it;
    /// made once for each of the days asked for last.
    #[must_use]
    pub fn on(&self, day: Option<Date>) -> Drawing {
        let Some(day) = day else {
            return self.clone();
        };
        // A panic while making leaves the list whole.
        let mut kept = self
            .other_days
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let shapes = match kept.iter().position(|shapes| shapes.day == day) {
            Some(at) => kept.remove(at),
            None => Arc::new(GridShapes::new(&self.grids.source, self.datum, day)),
        };
        if kept.len() == DAYS_KEPT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&shapes));
        Drawing {
            grids: shapes,
            ..self.clone()
        }
    }
}

/// A name for the set of grids that is valid on a day: the day from which on
/// it is, [`Date::MIN`] if it always was. `None` for the set that is valid
/// today, so that days which show the same have the same name.
pub fn grids_day(snapshot: &Snapshot, day: Date) -> Option<Date> {
    let since = |day: Date| {
        let grids = snapshot.grids.items().iter();
        let changes = grids.flat_map(|grid| [grid.valid_from, grid.valid_to]);
        changes.flatten().filter(|change| *change <= day).max()
    };
    let asked = since(day);
    (asked != since(snapshot.today())).then(|| asked.unwrap_or(Date::MIN))
}

/// Encoded properties of a layer's entities: for each field its value by slot.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) values: Values,
    rows: Vec<Vec<Option<ValueId>>>,
}

impl Columns {
    fn new<T: Entity>(source: &Collection<T>, fields: &[&str]) -> Self {
        let mut values = Values::new();
        let rows = source
            .items()
            .iter()
            .map(|item| {
                let ids = fields
                    .iter()
                    .map(|field| tile_value(item.value(field)).map(|value| values.intern(&value)));
                ids.collect()
            })
            .collect();
        Self { values, rows }
    }

    pub(super) fn row(&self, slot: u32) -> &[Option<ValueId>] {
        &self.rows[slot as usize]
    }
}

/// Areas by slot, in full and simplified.
#[derive(Debug)]
pub(super) struct Areas {
    full: Vec<Option<Area>>,
    bands: [OnceLock<Vec<Option<Area>>>; BANDS.len()],
}

impl Areas {
    fn new(full: Vec<Option<Area>>) -> Self {
        Self {
            full,
            bands: Default::default(),
        }
    }

    /// The areas as a zoom shows them.
    pub(super) fn at(&self, z: u8) -> &[Option<Area>] {
        let Some(band) = BANDS.iter().position(|deepest| z <= *deepest) else {
            return &self.full;
        };
        self.bands[band].get_or_init(|| {
            let unit = f64::from(1_u32 << (20 - BANDS[band]));
            let present: Vec<&Area> = self.full.iter().flatten().collect();
            let mut simple = simplify_coverage(&present, TOLERANCE * unit).into_iter();
            let place = |full: &Option<Area>| full.as_ref().and_then(|_| simple.next());
            self.full.iter().map(place).collect()
        })
    }
}

#[derive(Debug)]
pub(super) struct GridShapes {
    pub(super) source: Arc<Collection<Grid>>,
    /// The day whose grids these are.
    day: Date,
    pub(super) columns: Columns,
    /// Only grids valid that day have an area. The two kinds may lie over one
    /// another, so each is a coverage of its own.
    pub(super) basic: Areas,
    pub(super) special: Areas,
    pub(super) labels: Vec<Option<WorldPoint>>,
}

impl GridShapes {
    pub(super) const FIELDS: &[&str] = &["code", "name", "kind", "community", "households"];

    fn new(source: &Arc<Collection<Grid>>, datum: Datum, day: Date) -> Self {
        use crate::model::GridKind;
        let areas = |kind: GridKind| {
            let area = |grid: &Arc<Grid>| {
                (grid.kind == kind && grid.valid_on(day))
                    .then(|| datum.area(&grid.area))
                    .flatten()
            };
            Areas::new(source.items().iter().map(area).collect())
        };
        let (basic, special) = (areas(GridKind::Basic), areas(GridKind::Special));
        let labels = basic
            .full
            .iter()
            .zip(&special.full)
            .map(|(a, b)| a.as_ref().or(b.as_ref()).and_then(label_point))
            .collect();
        Self {
            source: Arc::clone(source),
            day,
            columns: Columns::new(source, Self::FIELDS),
            basic,
            special,
            labels,
        }
    }
}

#[derive(Debug)]
pub(super) struct CompoundShapes {
    pub(super) source: Arc<Collection<Compound>>,
    pub(super) columns: Columns,
    pub(super) areas: Areas,
    pub(super) labels: Vec<Option<WorldPoint>>,
}

impl CompoundShapes {
    pub(super) const FIELDS: &[&str] = &["name", "kind", "priority"];

    fn new(source: &Arc<Collection<Compound>>, datum: Datum) -> Self {
        let areas: Vec<_> = source
            .items()
            .iter()
            .map(|c| polygons(&c.shape).and_then(|p| datum.area(&p)))
            .collect();
        let labels = source
            .items()
            .iter()
            .zip(&areas)
            .map(|(c, area)| match (area, &c.shape) {
                (Some(area), _) => label_point(area),
                (None, Geometry::Point(p)) => datum.point(p.0),
                _ => None,
            })
            .collect();
        Self {
            source: Arc::clone(source),
            columns: Columns::new(source, Self::FIELDS),
            areas: Areas::new(areas),
            labels,
        }
    }
}

fn polygons(shape: &Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match shape {
        Geometry::Polygon(p) => Some(MultiPolygon::new(vec![p.clone()])),
        Geometry::MultiPolygon(p) => Some(p.clone()),
        _ => None,
    }
}

#[derive(Debug)]
pub(super) struct StreetShapes {
    pub(super) source: Arc<Collection<Street>>,
    pub(super) columns: Columns,
    pub(super) paths: Vec<Option<Path>>,
}

impl StreetShapes {
    pub(super) const FIELDS: &[&str] = &["name", "class", "oneway", "foot"];

    fn new(source: &Arc<Collection<Street>>, datum: Datum) -> Self {
        let path = |s: &Arc<Street>| datum.path(&s.line);
        Self {
            source: Arc::clone(source),
            columns: Columns::new(source, Self::FIELDS),
            paths: source.items().iter().map(path).collect(),
        }
    }
}

/// A checkpoint on the map.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) slot: u32,
    pub(super) ordinal: i64,
    pub(super) at: WorldPoint,
}

#[derive(Debug)]
pub(super) struct RouteShapes {
    pub(super) source: Arc<Collection<Route>>,
    pub(super) columns: Columns,
    pub(super) paths: Vec<Option<Path>>,
    pub(super) stops: Vec<Stop>,
}

impl RouteShapes {
    pub(super) const FIELDS: &[&str] = &["code", "name", "mode"];

    fn new(source: &Arc<Collection<Route>>, datum: Datum) -> Self {
        let path = |r: &Arc<Route>| datum.path(&r.line);
        let mut stops = Vec::new();
        for (slot, route) in (0_u32..).zip(source.items()) {
            for (ordinal, stop) in (1_i64..).zip(&route.checkpoints) {
                if let Some(at) = datum.point(stop.at) {
                    stops.push(Stop { slot, ordinal, at });
                }
            }
        }
        Self {
            source: Arc::clone(source),
            columns: Columns::new(source, Self::FIELDS),
            paths: source.items().iter().map(path).collect(),
            stops,
        }
    }
}

/// Tiles within a band look the same at one scale, so this is the zoom whose
/// tolerance applies to lines.
pub(super) fn line_tolerance(tile: TileCoord) -> f64 {
    // Beyond this zoom the source itself is coarser than a pixel.
    if tile.z() >= 16 { 0.0 } else { TOLERANCE }
}
