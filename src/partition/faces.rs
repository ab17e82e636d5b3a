//! Faces: the pieces of ground that grids are put together from.

use geo::Polygon;
use serde::{Deserialize, Serialize};

use super::arrangement::Arrangement;
use super::dissolve::polygons_of;
use super::input::{BorderClass, Ground, Options, Stop, never};
use super::lattice::{Lattice, REACH_M, middle};
use super::node::{NotNoded, node};
use super::problem::{PartitionError, Problem};
use super::units::Units;
use super::{lines, weigh};
use crate::crs::area_m2;

/// A border that two faces share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Adjacent {
    /// The lower face.
    pub a: u32,
    /// The higher one.
    pub b: u32,
    /// Length, metres.
    pub length_m: f64,
    /// How much of it runs along main roads, railway and water, metres.
    pub main_m: f64,
    /// What runs along most of it.
    pub class: BorderClass,
    /// What it costs as a border between grids, in metres of a lane.
    pub cost_m: f64,
}

/// The pieces of ground between the lines, none of which cuts a compound.
///
/// Faces are numbered from west to east by their first corner: the same ground
/// gives the same numbers. They fill the boundary, and where two meet, their
/// corners are equal to the last bit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Faces {
    /// Outlines, WGS84 degrees; outer rings counter-clockwise.
    pub polygons: Vec<Polygon<f64>>,
    /// Households in each.
    pub households: Vec<f64>,
    /// Area of each on the ellipsoid, m².
    pub area_m2: Vec<f64>,
    /// Length of each one's border on the boundary, metres.
    pub outer_m: Vec<f64>,
    /// Positions of the compounds that lie in each.
    pub compounds: Vec<Vec<usize>>,
    /// Households of each compound that count, in the order of the input.
    pub compound_households: Vec<f64>,
    /// Shared borders, sorted by faces.
    pub adjacency: Vec<Adjacent>,
    /// What was found on the way.
    pub problems: Vec<Problem>,
}

impl Faces {
    /// The faces of some ground.
    ///
    /// # Errors
    /// When there is no usable boundary, or too much of everything.
    pub fn new(ground: &Ground, options: &Options) -> Result<Faces, PartitionError> {
        Faces::new_unless(&never, ground, options)
    }

    /// As [`Faces::new`], until it is told to stop.
    ///
    /// # Errors
    /// As there, and [`PartitionError::Stopped`].
    pub fn new_unless(
        stop: Stop<'_>,
        ground: &Ground,
        options: &Options,
    ) -> Result<Faces, PartitionError> {
        let on = || match stop() {
            true => Err(PartitionError::Stopped),
            false => Ok(()),
        };
        check(options)?;
        if ground.boundary.0.is_empty() {
            return Err(PartitionError::EmptyBoundary);
        }
        let (center, half) = middle(&ground.boundary).ok_or(PartitionError::BadBoundary)?;
        if half > REACH_M {
            return Err(PartitionError::TooLarge);
        }
        let mut lattice = Lattice::around(center);
        let (sides, bad) = lines::sides(ground, &mut lattice, options.snap_m);
        let sides = node(sides, options.snap_m, stop).map_err(|why| match why {
            NotNoded::TooDense => PartitionError::TooDense,
            NotNoded::Stopped => PartitionError::Stopped,
        })?;
        on()?;
        let arrangement = Arrangement::new(&sides);
        on()?;
        let mut units = Units::new(&arrangement);
        if units.is_empty() {
            return Err(PartitionError::EmptyBoundary);
        }
        let mut faces = Faces::default();
        faces.dead_ends(ground, &arrangement, &lattice);
        let sites = weigh::sites(ground, &lattice, options);
        on()?;
        units.join_sites(&sites, &mut faces.problems);
        on()?;
        units.join_slivers(options.tiny_face_m2, &mut faces.problems);
        on()?;
        faces.outline(&units, &lattice);
        on()?;
        weigh::weigh(&mut faces, ground, &sites, &lattice, bad);
        Ok(faces)
    }

    /// How many faces there are.
    pub fn len(&self) -> usize {
        self.polygons.len()
    }

    /// True without any face.
    pub fn is_empty(&self) -> bool {
        self.polygons.is_empty()
    }

    /// True if households are known somewhere.
    pub fn has_households(&self) -> bool {
        self.households.iter().any(|h| *h > 0.0)
    }

    fn dead_ends(&mut self, ground: &Ground, arrangement: &Arrangement, lattice: &Lattice) {
        let boundary = lattice.outline(&ground.boundary);
        let inside = arrangement.dead.iter().filter(|s| {
            let middle = (s.a.meters() + s.b.meters()) / 2.0;
            boundary.contains(middle)
        });
        let lengths: Vec<f64> = inside
            .map(|s| {
                let d = s.b.meters() - s.a.meters();
                d.x.hypot(d.y)
            })
            .collect();
        if !lengths.is_empty() {
            self.problems.push(Problem::DeadEnds {
                count: lengths.len(),
                length_m: lengths.iter().sum(),
            });
        }
    }

    fn outline(&mut self, units: &Units, lattice: &Lattice) {
        let (halves, shared, outer_m) = units.borders();
        for half in halves {
            let degrees = |(a, b)| (lattice.degrees(a), lattice.degrees(b));
            let parts = polygons_of(half.into_iter().map(degrees).collect());
            let size = |p: &Polygon| p.exterior().0.len();
            let part = parts.0.into_iter().max_by_key(size);
            let part = part.unwrap_or_else(|| Polygon::new(geo::LineString(vec![]), vec![]));
            self.area_m2.push(area_m2(&part.clone().into()));
            self.polygons.push(part);
        }
        self.outer_m = outer_m;
        self.adjacency = shared;
        self.households = vec![0.0; self.polygons.len()];
        self.compounds = vec![Vec::new(); self.polygons.len()];
    }
}

/// Refuses options that make no sense.
pub(super) fn check(options: &Options) -> Result<(), PartitionError> {
    use super::input::Wanted;
    let bad = |option| Err(PartitionError::BadOption { option });
    let size = |size: f64| size.is_finite() && size > 0.0;
    let wanted = match options.wanted {
        Wanted::Households(h) => size(h),
        Wanted::AreaM2(m) => size(m),
        Wanted::Grids(n) => (1..=10_000).contains(&n),
    };
    if !wanted {
        return bad("wanted");
    }
    if !(options.tolerance > 0.0 && options.tolerance <= 1.0) {
        return bad("tolerance");
    }
    if !(1..=64).contains(&options.starts) {
        return bad("starts");
    }
    if options.rounds > 100 {
        return bad("rounds");
    }
    if !(0.0..=1e6).contains(&options.tiny_face_m2) {
        return bad("tiny_face_m2");
    }
    if !(0.0..=20.0).contains(&options.snap_m) {
        return bad("snap_m");
    }
    if !(0.0..=50.0).contains(&options.overlap_m) {
        return bad("overlap_m");
    }
    Ok(())
}

impl Faces {
    /// The middle of the box around a face, degrees.
    pub(super) fn middle(&self, face: usize) -> geo::Coord {
        let polygon = self.polygons.get(face);
        let bounds = polygon.and_then(geo::BoundingRect::bounding_rect);
        bounds.map_or(geo::Coord { x: 0.0, y: 0.0 }, |b| b.center())
    }

    /// True if the lists fit each other: faces may come back from a browser.
    pub(super) fn is_sound(&self) -> bool {
        let n = self.len();
        let finite =
            |list: &[f64]| list.len() == n && list.iter().all(|x| x.is_finite() && *x >= 0.0);
        let corners = self
            .polygons
            .iter()
            .flat_map(super::lattice::rings_of)
            .flat_map(|ring| &ring.0);
        finite(&self.households)
            && finite(&self.area_m2)
            && finite(&self.outer_m)
            && self.compounds.len() == n
            && corners
                .into_iter()
                .all(|c| c.x.is_finite() && c.y.is_finite())
            && self.adjacency.iter().all(|s| {
                s.a < s.b
                    && (s.b as usize) < n
                    && [s.length_m, s.main_m, s.cost_m]
                        .iter()
                        .all(|x| x.is_finite())
            })
    }
}
