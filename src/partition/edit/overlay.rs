//! Grids laid over each other on the lattice.

use std::collections::BTreeMap;

use geo::{LineString, MultiPolygon};

use super::super::arrangement::{Arrangement, OUTSIDE};
use super::super::dissolve::{directed, polygons_of};
use super::super::input::{BorderClass, never};
use super::super::lattice::{Lattice, REACH_M, Spot, middle};
use super::super::node::{Side, node};
use super::EditError;

/// Areas below this are rounding, not faults: a sheet of paper, as in
/// [`crate::query::check_grids`].
pub(super) const NOTHING_M2: f64 = 0.06;

/// Some grids, and perhaps a line, cut where they meet.
#[derive(Debug)]
pub(super) struct Overlay {
    pub(super) lattice: Lattice,
    pub(super) arrangement: Arrangement,
    /// Area of each face, m².
    area: Vec<f64>,
}

impl Overlay {
    /// Grids, and lines that end on a border within `snap_m` of it.
    pub(super) fn new(
        grids: &[&MultiPolygon],
        line: Option<&LineString>,
        snap_m: f64,
    ) -> Result<Overlay, EditError> {
        let all = MultiPolygon(grids.iter().flat_map(|g| g.0.clone()).collect());
        let (center, half) = middle(&all).ok_or(EditError::BadShape)?;
        if half > REACH_M {
            return Err(EditError::BadShape);
        }
        let mut lattice = Lattice::around(center);
        let mut sides = Vec::new();
        for (a, b) in directed(&all) {
            let (Some(a), Some(b)) = (lattice.keep(a), lattice.keep(b)) else {
                return Err(EditError::BadShape);
            };
            sides.push(Side::new(a, b, BorderClass::Boundary, true));
        }
        for w in line.map(|l| l.0.windows(2)).into_iter().flatten() {
            let (Some(a), Some(b)) = (lattice.keep(w[0]), lattice.keep(w[1])) else {
                return Err(EditError::BadShape);
            };
            sides.push(Side::new(a, b, BorderClass::Path, false));
        }
        let sides = node(sides, snap_m, &never).map_err(|_dense| EditError::BadShape)?;
        let arrangement = Arrangement::new(&sides);
        let mut area = vec![0.0; arrangement.winding.len()];
        for (half, face) in arrangement.face.iter().enumerate() {
            let (a, b) = arrangement.ends(half);
            let (a, b) = (a.meters(), b.meters());
            area[*face] += (a.x * b.y - a.y * b.x) / 2.0;
        }
        Ok(Overlay {
            lattice,
            arrangement,
            area,
        })
    }

    /// Area under more than one grid, m².
    pub(super) fn overlap_m2(&self) -> f64 {
        self.faces(|winding| winding > 1)
            .map(|f| self.area[f])
            .sum()
    }

    /// Area enclosed by grids but in none, m².
    pub(super) fn gap_m2(&self) -> f64 {
        self.faces(|winding| winding == 0)
            .map(|f| self.area[f])
            .sum()
    }

    /// Faces within a grid.
    pub(super) fn inside(&self) -> Vec<usize> {
        self.faces(|winding| winding != 0).collect()
    }

    pub(super) fn area_m2(&self, face: usize) -> f64 {
        self.area[face]
    }

    fn faces(&self, choose: impl Fn(i32) -> bool) -> impl Iterator<Item = usize> {
        let all = self.arrangement.winding.iter().enumerate();
        all.filter(move |(face, winding)| *face != OUTSIDE && choose(**winding))
            .map(|(face, _)| face)
    }

    /// The union of the faces that are chosen, degrees.
    pub(super) fn union(&self, chosen: impl Fn(usize) -> bool) -> MultiPolygon {
        let face = &self.arrangement.face;
        let border = (0..face.len()).filter(|h| chosen(face[*h]) && !chosen(face[h ^ 1]));
        let degrees = |(a, b)| (self.lattice.degrees(a), self.lattice.degrees(b));
        polygons_of(border.map(|h| degrees(self.arrangement.ends(h))).collect())
    }

    /// Corners on the borders of the grids, degrees.
    pub(super) fn corners(&self) -> Vec<geo::Coord> {
        let rigid = self.arrangement.sides.iter().filter(|s| s.rigid);
        let spots: BTreeMap<Spot, ()> = rigid.flat_map(|s| [(s.a, ()), (s.b, ())]).collect();
        spots.keys().map(|p| self.lattice.degrees(*p)).collect()
    }
}
