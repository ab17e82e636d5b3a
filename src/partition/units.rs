//! Faces joined where no border may run: inside compounds, and around slivers.

use std::collections::BTreeMap;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::arrangement::Arrangement;
use super::faces::Adjacent;
use super::input::BorderClass;
use super::lattice::Spot;
use super::problem::Problem;
use super::weigh::SiteOutline;

/// A face narrower than this is no ground but the gap between two lines, m.
const NARROW_M: f64 = 3.0;

/// Length of a shared border by class.
type Lengths = [f64; BorderClass::ALL.len()];

/// The faces inside the boundary, gathered into units.
#[derive(Debug)]
pub(super) struct Units<'a> {
    arrangement: &'a Arrangement,
    parent: Vec<usize>,
}

/// What decides whether a unit is a sliver.
#[derive(Debug, Clone, Default)]
struct Measure {
    area: f64,
    perimeter: f64,
    beside: BTreeMap<usize, Lengths>,
}

impl<'a> Units<'a> {
    pub(super) fn new(arrangement: &'a Arrangement) -> Units<'a> {
        Units {
            arrangement,
            parent: (0..arrangement.winding.len()).collect(),
        }
    }

    /// True if the boundary encloses nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.arrangement.winding.iter().all(|w| *w == 0)
    }

    fn root(&self, mut face: usize) -> usize {
        while self.parent[face] != face {
            face = self.parent[face];
        }
        face
    }

    /// The lower number stays.
    fn join(&mut self, a: usize, b: usize) {
        let (ra, rb) = (self.root(a), self.root(b));
        let root = ra.min(rb);
        // Shorter ways for whoever asks next.
        for face in [a, b, ra, rb] {
            self.parent[face] = root;
        }
    }

    /// The faces on both hands of a side; `None` for what is outside.
    fn hands(&self, side: usize) -> [Option<usize>; 2] {
        [2 * side, 2 * side + 1].map(|half| {
            let face = self.arrangement.face[half];
            (self.arrangement.winding[face] != 0).then_some(face)
        })
    }

    /// Joins the faces on both hands of every side that runs inside a compound.
    pub(super) fn join_sites(&mut self, sites: &[SiteOutline], problems: &mut Vec<Problem>) {
        let sides = &self.arrangement.sides;
        let tree = RTree::bulk_load(
            sides
                .iter()
                .enumerate()
                .map(|(e, s)| {
                    let corner = |p: Spot| [p.meters().x, p.meters().y];
                    let shape = Rectangle::from_corners(corner(s.a), corner(s.b));
                    GeomWithData::new(shape, e)
                })
                .collect(),
        );
        for site in sites {
            let (low, high) = site.outline.bounds();
            // A point has no outline.
            if low[0] > high[0] {
                continue;
            }
            let hits = tree.locate_in_envelope_intersecting(AABB::from_corners(low, high));
            let mut hits: Vec<usize> = hits.map(|hit| hit.data).collect();
            hits.sort_unstable();
            let mut strongest = None;
            for e in hits {
                let [Some(left), Some(right)] = self.hands(e) else {
                    continue;
                };
                let s = &sides[e];
                if !site
                    .outline
                    .is_crossed(s.a.meters(), s.b.meters(), site.depth)
                {
                    continue;
                }
                self.join(left, right);
                strongest = strongest.min(Some(s.class)).or(Some(s.class));
            }
            if let Some(class) = strongest.filter(|c| c.is_main()) {
                problems.push(Problem::CompoundCrossed {
                    compound: site.number,
                    class,
                });
            }
        }
    }

    fn measures(&self) -> BTreeMap<usize, Measure> {
        let mut out: BTreeMap<usize, Measure> = BTreeMap::new();
        for (e, s) in self.arrangement.sides.iter().enumerate() {
            let length = length_m(s.a, s.b);
            let roots = self.hands(e).map(|face| face.map(|f| self.root(f)));
            if roots[0] == roots[1] {
                continue;
            }
            for (hand, root) in roots.iter().enumerate() {
                let Some(root) = *root else { continue };
                let (a, b) = self.arrangement.ends(2 * e + hand);
                let (a, b) = (a.meters(), b.meters());
                let measure = out.entry(root).or_default();
                measure.area += (a.x * b.y - a.y * b.x) / 2.0;
                measure.perimeter += length;
                if let Some(other) = roots[1 - hand] {
                    measure.beside.entry(other).or_default()[s.class as usize] += length;
                }
            }
        }
        out
    }

    /// Joins every sliver to the neighbour it shares most with, along the
    /// line that is the least as a border.
    pub(super) fn join_slivers(&mut self, tiny_m2: f64, problems: &mut Vec<Problem>) {
        let mut units = self.measures();
        let (mut count, mut area_m2) = (0, 0.0);
        loop {
            let mut slivers: Vec<(f64, usize)> = units
                .iter()
                .filter(|(_, m)| {
                    let narrow = 2.0 * m.area < NARROW_M * m.perimeter;
                    (m.area < tiny_m2 || narrow) && !m.beside.is_empty()
                })
                .map(|(root, m)| (m.area, *root))
                .collect();
            if slivers.is_empty() {
                break;
            }
            slivers.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
            for (area, sliver) in slivers {
                // It may have grown, or be gone, by a join before it.
                let Some(measure) = units.get(&sliver).filter(|m| m.area == area) else {
                    continue;
                };
                let Some(into) = best_neighbour(measure) else {
                    continue;
                };
                count += 1;
                area_m2 += area;
                self.join(sliver, into);
                merge(&mut units, sliver, into);
            }
        }
        if count > 0 {
            problems.push(Problem::SliversJoined { count, area_m2 });
        }
    }

    /// For each unit, in the order of their numbers: the sides around it,
    /// then all shared borders, then the length of each one's outer border.
    #[allow(clippy::type_complexity, reason = "three lists that belong together")]
    pub(super) fn borders(&self) -> (Vec<Vec<(Spot, Spot)>>, Vec<Adjacent>, Vec<f64>) {
        let mut first: BTreeMap<usize, Spot> = BTreeMap::new();
        for (e, s) in self.arrangement.sides.iter().enumerate() {
            for face in self.hands(e).into_iter().flatten() {
                let least = first.entry(self.root(face)).or_insert(s.a);
                *least = s.a.min(*least);
            }
        }
        let mut order: Vec<(Spot, usize)> = first.iter().map(|(root, p)| (*p, *root)).collect();
        order.sort_unstable();
        let number: BTreeMap<usize, usize> = order.iter().map(|o| o.1).zip(0..).collect();
        let mut halves = vec![Vec::new(); order.len()];
        let mut outer = vec![0.0; order.len()];
        let mut shared: BTreeMap<(usize, usize), Lengths> = BTreeMap::new();
        for (e, s) in self.arrangement.sides.iter().enumerate() {
            let units = self.hands(e).map(|f| f.map(|f| number[&self.root(f)]));
            if units[0] == units[1] {
                continue;
            }
            for (hand, unit) in units.iter().enumerate() {
                if let Some(unit) = *unit {
                    halves[unit].push(self.arrangement.ends(2 * e + hand));
                }
            }
            match units {
                [Some(a), Some(b)] => {
                    let lengths = shared.entry((a.min(b), a.max(b))).or_default();
                    lengths[s.class as usize] += length_m(s.a, s.b);
                }
                [Some(a), None] | [None, Some(a)] => outer[a] += length_m(s.a, s.b),
                [None, None] => {}
            }
        }
        let shared = shared.into_iter().map(|((a, b), l)| adjacent(a, b, &l));
        (halves, shared.collect(), outer)
    }
}

fn length_m(a: Spot, b: Spot) -> f64 {
    let d = b.meters() - a.meters();
    d.x.hypot(d.y)
}

fn best_neighbour(measure: &Measure) -> Option<usize> {
    let worth = |lengths: &Lengths| -> f64 {
        let each = BorderClass::ALL.iter().zip(lengths);
        each.map(|(class, length)| (class.cost() + 1.0) * length)
            .sum()
    };
    let beside = measure.beside.iter();
    beside
        .map(|(other, lengths)| (worth(lengths), *other))
        .max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1)))
        .map(|(_, other)| other)
}

/// Keeps the measures right when two units become one.
fn merge(units: &mut BTreeMap<usize, Measure>, a: usize, b: usize) {
    let (stays, goes) = (a.min(b), a.max(b));
    let Some(gone) = units.remove(&goes) else {
        return;
    };
    let shared = gone.beside.get(&stays).copied().unwrap_or_default();
    for (other, lengths) in &gone.beside {
        if let Some(measure) = units.get_mut(other) {
            measure.beside.remove(&goes);
            if *other != stays {
                add(measure.beside.entry(stays).or_default(), lengths);
            }
        }
    }
    let measure = units.entry(stays).or_default();
    measure.area += gone.area;
    measure.perimeter += gone.perimeter - 2.0 * shared.iter().sum::<f64>();
    for (other, lengths) in gone.beside.iter().filter(|(other, _)| **other != stays) {
        add(measure.beside.entry(*other).or_default(), lengths);
    }
}

fn add(to: &mut Lengths, more: &Lengths) {
    for (length, more) in to.iter_mut().zip(more) {
        *length += more;
    }
}

fn adjacent(a: usize, b: usize, lengths: &Lengths) -> Adjacent {
    let each = || {
        BorderClass::ALL
            .iter()
            .copied()
            .zip(lengths.iter().copied())
    };
    let most = each().max_by(|x, y| x.1.total_cmp(&y.1));
    Adjacent {
        a: a as u32,
        b: b as u32,
        length_m: lengths.iter().sum(),
        main_m: each().filter(|(c, _)| c.is_main()).map(|(_, l)| l).sum(),
        class: most.map_or(BorderClass::Path, |(class, _)| class),
        cost_m: each().map(|(class, l)| class.cost() * l).sum(),
    }
}
