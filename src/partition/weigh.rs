//! Which face each compound lies in, and how many households each face has.

use geo::{Coord, Geometry, LineString};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::faces::Faces;
use super::input::{Ground, Options, Site};
use super::lattice::{Lattice, rings_of};
use super::outline::Outline;
use super::problem::Problem;

/// Samples along each side of the box around a compound.
const SAMPLES: usize = 16;
/// A share below this is inexact drawing.
const SLIP: f64 = 0.1;
/// How deep behind a street people are taken to live, m.
const DEPTH_M: f64 = 40.0;

/// A compound in metres.
#[derive(Debug)]
pub(super) struct SiteOutline {
    /// Its position in the input.
    pub(super) number: usize,
    pub(super) outline: Outline,
    /// How deep a line must run inside to be a way of the compound, m.
    pub(super) depth: f64,
    /// The place of a compound without an outline.
    point: Option<Coord>,
    households: f64,
}

/// The compounds whose coordinates are places.
pub(super) fn sites(ground: &Ground, lattice: &Lattice, options: &Options) -> Vec<SiteOutline> {
    let all = ground.compounds.iter().enumerate();
    all.filter_map(|(number, site)| outline(number, site, lattice, options))
        .collect()
}

fn outline(
    number: usize,
    site: &Site,
    lattice: &Lattice,
    options: &Options,
) -> Option<SiteOutline> {
    let mut rings: Vec<&LineString> = Vec::new();
    let point = match &site.shape {
        Geometry::Polygon(p) => {
            rings.extend(rings_of(p));
            None
        }
        Geometry::MultiPolygon(area) => {
            rings.extend(area.iter().flat_map(rings_of));
            None
        }
        Geometry::Point(p) => Some(p.0),
        other => Some(geo::Centroid::centroid(other)?.0),
    };
    let corners = || rings.iter().flat_map(|r| &r.0).chain(&point);
    // Beyond a thousand km the frame means nothing, and nothing is there.
    let place = |c: &Coord| {
        let m = lattice.meters(*c);
        m.x.abs() < 1e6 && m.y.abs() < 1e6
    };
    let households = site.households.unwrap_or(0.0);
    if corners().next().is_none() || !corners().all(place) || !is_count(households) {
        return None;
    }
    let rings = rings.into_iter().map(|ring| {
        let meters = ring.0.iter().map(|c| lattice.meters(*c));
        meters.collect()
    });
    let outline = Outline::new(rings);
    Some(SiteOutline {
        number,
        depth: options.overlap_m.min(outline.half_width() / 2.0),
        outline,
        point: point.map(|c| lattice.meters(c)),
        households,
    })
}

fn is_count(households: f64) -> bool {
    households.is_finite() && (0.0..=1e9).contains(&households)
}

/// Finds faces by place, in metres.
struct Locator {
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    outlines: Vec<Outline>,
}

impl Locator {
    fn new(faces: &Faces, lattice: &Lattice) -> Locator {
        let meters = |ring: &LineString| ring.0.iter().map(|c| lattice.meters(*c)).collect();
        let outlines: Vec<Outline> = faces
            .polygons
            .iter()
            .map(|p| Outline::new(rings_of(p).map(meters)))
            .collect();
        let boxes = outlines.iter().enumerate().map(|(face, outline)| {
            let (low, high) = outline.bounds();
            GeomWithData::new(Rectangle::from_corners(low, high), face)
        });
        Locator {
            boxes: RTree::bulk_load(boxes.collect()),
            outlines,
        }
    }

    fn face(&self, p: Coord) -> Option<usize> {
        let at = AABB::from_point([p.x, p.y]);
        let near = self.boxes.locate_in_envelope_intersecting(at);
        near.map(|hit| hit.data)
            .filter(|face| self.outlines[*face].contains(p))
            .min()
    }
}

/// Puts compounds and households into the faces.
pub(super) fn weigh(
    faces: &mut Faces,
    ground: &Ground,
    sites: &[SiteOutline],
    lattice: &Lattice,
    bad: usize,
) {
    let locator = Locator::new(faces, lattice);
    faces.compound_households = vec![0.0; ground.compounds.len()];
    let mut bad = bad + ground.compounds.len() - sites.len();
    let mut built = vec![0.0; faces.len()];
    for site in sites {
        place_site(faces, site, &locator, &mut built);
    }
    let (mut lost, mut lost_households) = (0, 0.0);
    for point in &ground.points {
        let m = lattice.meters(point.at);
        if !(m.x.is_finite() && m.y.is_finite() && is_count(point.households)) {
            bad += 1;
        } else if let Some(face) = locator.face(m) {
            faces.households[face] += point.households;
        } else {
            lost += 1;
            lost_households += point.households;
        }
    }
    if lost > 0 {
        faces.problems.push(Problem::PointsOutside {
            count: lost,
            households: lost_households,
        });
    }
    if let Some(total) = ground.total_households {
        if is_count(total) {
            spread(faces, total, &built);
        } else {
            bad += 1;
        }
    }
    if bad > 0 {
        faces.problems.push(Problem::BadShapes { count: bad });
    }
}

fn place_site(faces: &mut Faces, site: &SiteOutline, locator: &Locator, built: &mut [f64]) {
    let compound = site.number;
    let mut hits: Vec<(usize, f64)> = Vec::new();
    let (mut inside, mut all) = (0.0, 0.0);
    for p in samples(site) {
        all += 1.0;
        let Some(face) = locator.face(p) else {
            continue;
        };
        inside += 1.0;
        match hits.iter_mut().find(|(f, _)| *f == face) {
            Some((_, n)) => *n += 1.0,
            None => hits.push((face, 1.0)),
        }
    }
    // The largest share first; small ones are inexact drawing.
    hits.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
    let Some(&(home, _)) = hits.first() else {
        faces.problems.push(Problem::CompoundOutside { compound });
        return;
    };
    let mut share = inside / all;
    if share < SLIP {
        faces.problems.push(Problem::CompoundOutside { compound });
        return;
    }
    if share < 1.0 - SLIP {
        let inside = share;
        let problem = Problem::CompoundOnBoundary { compound, inside };
        faces.problems.push(problem);
    } else {
        share = 1.0;
    }
    hits.retain(|(_, n)| *n >= SLIP * inside);
    let counted: f64 = hits.iter().map(|(_, n)| n).sum();
    for (face, n) in hits {
        faces.households[face] += site.households * share * n / counted;
        built[face] += site.outline.area() * share * n / counted;
    }
    faces.compounds[home].push(compound);
    faces.compound_households[compound] = site.households * share;
}

/// Places spread evenly over a compound; at least one.
fn samples(site: &SiteOutline) -> Vec<Coord> {
    if let Some(point) = site.point {
        return vec![point];
    }
    let (low, high) = site.outline.bounds();
    let step = |axis: usize| (high[axis] - low[axis]) / SAMPLES as f64;
    let cells = (0..SAMPLES * SAMPLES).map(|k| Coord {
        x: low[0] + step(0) * ((k % SAMPLES) as f64 + 0.5),
        y: low[1] + step(1) * ((k / SAMPLES) as f64 + 0.5),
    });
    let inside: Vec<Coord> = cells.filter(|p| site.outline.contains(*p)).collect();
    if inside.is_empty() {
        return vec![Coord {
            x: (low[0] + high[0]) / 2.0,
            y: (low[1] + high[1]) / 2.0,
        }];
    }
    inside
}

/// Spreads what is left of the total over the ground without compounds, but no
/// further from lines than houses stand: yards and parks are not full of them.
fn spread(faces: &mut Faces, total: f64, built: &[f64]) {
    let known: f64 = faces.households.iter().sum();
    if known > total {
        faces.problems.push(Problem::TotalTooSmall { total, known });
        return;
    }
    let mut around = faces.outer_m.clone();
    for shared in &faces.adjacency {
        around[shared.a as usize] += shared.length_m;
        around[shared.b as usize] += shared.length_m;
    }
    let open: Vec<f64> = faces
        .area_m2
        .iter()
        .zip(built.iter().zip(around))
        .map(|(area, (built, around))| (area - built).clamp(0.0, DEPTH_M * around))
        .collect();
    let all: f64 = open.iter().sum();
    let (open, all) = if all > 0.0 {
        (open, all)
    } else {
        (faces.area_m2.clone(), faces.area_m2.iter().sum())
    };
    for (households, open) in faces.households.iter_mut().zip(open) {
        *households += (total - known) * open / all;
    }
}
