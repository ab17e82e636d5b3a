//! What makes a town believable, as numbers. Used by tests and printed by
//! whoever wants to judge a town of their own.

use std::collections::{BTreeMap, HashMap};

use geo::{Coord, LineString, MultiPolygon};

use crate::model::{Grid, Street};

/// Metres per degree of longitude at a latitude, and of latitude (WGS84).
fn metres_per_degree(latitude: f64) -> (f64, f64) {
    let phi = latitude.to_radians();
    (
        111_412.84 * phi.cos() - 93.5 * (3.0 * phi).cos(),
        111_132.92 - 559.82 * (2.0 * phi).cos(),
    )
}

fn ring_area_deg2(ring: &LineString<f64>) -> f64 {
    let Some(o) = ring.0.first() else { return 0.0 };
    ring.0
        .windows(2)
        .map(|w| (w[0].x - o.x) * (w[1].y - o.y) - (w[1].x - o.x) * (w[0].y - o.y))
        .sum::<f64>()
        / 2.0
}

/// Area in square metres on a plane that is true at `latitude`: right to
/// 1e-3 within 10 km of it.
pub fn area_m2(area: &MultiPolygon<f64>, latitude: f64) -> f64 {
    let (mx, my) = metres_per_degree(latitude);
    area.0
        .iter()
        .map(|p| {
            let holes: f64 = p.interiors().iter().map(|r| ring_area_deg2(r).abs()).sum();
            (ring_area_deg2(p.exterior()).abs() - holes) * mx * my
        })
        .sum()
}

/// Latitude of the first vertex: near enough to all of a sub-district.
fn latitude<'a>(mut areas: impl Iterator<Item = &'a MultiPolygon<f64>>) -> f64 {
    areas
        .find_map(|a| a.0.first()?.exterior().0.first())
        .map_or(0.0, |c| c.y)
}

/// A coordinate as a key: equal keys are equal to the last bit.
fn key(c: Coord<f64>) -> (u64, u64) {
    (c.x.to_bits(), c.y.to_bits())
}

/// How grids lie beside each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tiling {
    /// Sum of the areas, m².
    pub sum_m2: f64,
    /// Area inside the outline, m².
    pub outline_m2: f64,
    /// Closed rings that the border edges which belong to one grid only
    /// form: 1 when there is an outline and no gap inside it.
    pub outlines: usize,
    /// Border edges that two grids walk in the same direction: 0 unless
    /// grids overlap.
    pub doubled: usize,
}

/// Cancels every border edge against its twin in the neighbor grid; what is
/// left is the outline. Works on bit-equal vertices, so any sliver shows.
pub fn tiling(grids: &[&MultiPolygon<f64>]) -> Tiling {
    let latitude = latitude(grids.iter().copied());
    let mut edges: BTreeMap<_, (Coord<f64>, Coord<f64>)> = BTreeMap::new();
    let mut doubled = 0;
    for ring in grids
        .iter()
        .flat_map(|g| g.0.iter())
        .map(geo::Polygon::exterior)
    {
        let forward = ring_area_deg2(ring) > 0.0;
        for w in ring.0.windows(2) {
            let (a, b) = if forward { (w[0], w[1]) } else { (w[1], w[0]) };
            if edges.remove(&(key(b), key(a))).is_none()
                && edges.insert((key(a), key(b)), (a, b)).is_some()
            {
                doubled += 1;
            }
        }
    }
    let next: HashMap<_, _> = edges.values().map(|&(a, b)| (key(a), (a, b))).collect();
    let mut open: BTreeMap<_, _> = edges.values().map(|&(a, _)| (key(a), ())).collect();
    let mut outlines = 0;
    let mut outline_m2 = 0.0;
    while let Some((start, ())) = open.pop_first() {
        let mut ring = Vec::new();
        let mut at = start;
        while let Some(&(a, b)) = next.get(&at) {
            ring.push(a);
            at = key(b);
            open.remove(&at);
            if at == start {
                ring.push(b);
                break;
            }
        }
        outlines += 1;
        outline_m2 += area_m2(
            &MultiPolygon(vec![geo::Polygon::new(LineString::new(ring), vec![])]),
            latitude,
        );
    }
    Tiling {
        sum_m2: grids.iter().map(|g| area_m2(g, latitude)).sum(),
        outline_m2,
        outlines,
        doubled,
    }
}

/// Median number of different vertices of the grids' outer rings.
pub fn median_vertices(grids: &[Grid]) -> usize {
    let mut counts: Vec<usize> = grids
        .iter()
        .map(|g| {
            g.area
                .0
                .iter()
                .map(|p| p.exterior().0.len().saturating_sub(1))
                .sum()
        })
        .collect();
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or(0)
}

/// Standard deviation of the grids' areas over their mean.
pub fn area_variation(grids: &[Grid]) -> f64 {
    let latitude = latitude(grids.iter().map(|g| &g.area));
    let areas: Vec<f64> = grids.iter().map(|g| area_m2(&g.area, latitude)).collect();
    let n = areas.len().max(1) as f64;
    let mean = areas.iter().sum::<f64>() / n;
    let variance = areas.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / n;
    variance.sqrt() / mean
}

/// Share of street length that runs within 5 degrees of the best-fitting
/// pair of perpendicular directions: 1 on a chessboard, about 0.11 when
/// directions are even.
pub fn axis_share(streets: &[Street]) -> f64 {
    let mut parts: Vec<(f64, f64)> = Vec::new();
    for line in streets.iter().flat_map(|s| s.line.0.iter()) {
        for w in line.0.windows(2) {
            let (mx, my) = metres_per_degree(w[0].y);
            let (dx, dy) = ((w[1].x - w[0].x) * mx, (w[1].y - w[0].y) * my);
            parts.push((dy.atan2(dx).to_degrees().rem_euclid(90.0), dx.hypot(dy)));
        }
    }
    let total: f64 = parts.iter().map(|p| p.1).sum();
    let within = |axis: f64| -> f64 {
        parts
            .iter()
            .filter(|(angle, _)| {
                let off = (angle - axis).abs();
                off.min(90.0 - off) <= 5.0
            })
            .map(|p| p.1)
            .sum()
    };
    (0..360)
        .map(|k| within(f64::from(k) / 4.0))
        .fold(0.0, f64::max)
        / total
}

/// The junctions of a noded street network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Junctions {
    /// Places where one street ends.
    pub dead_ends: usize,
    /// Places where three streets meet.
    pub three_way: usize,
    /// Places where four streets meet.
    pub four_way: usize,
    /// Places where five or more streets meet.
    pub more: usize,
    /// Places where one street goes on as another.
    pub joints: usize,
    /// Streets outside the largest connected part.
    pub cut_off: usize,
    /// Places where two streets cross or touch without a common end.
    pub crossings: usize,
}

impl Junctions {
    /// Dead ends as a share of all junctions (joints are none).
    pub fn dead_end_share(&self) -> f64 {
        let all = self.dead_ends + self.three_way + self.four_way + self.more;
        self.dead_ends as f64 / all.max(1) as f64
    }
}

/// Counts the junctions; ends are the same place when they are equal to the
/// last bit.
pub fn junctions(streets: &[Street]) -> Junctions {
    let mut degree: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    let mut parent: BTreeMap<(u64, u64), (u64, u64)> = BTreeMap::new();
    fn root(parent: &BTreeMap<(u64, u64), (u64, u64)>, mut k: (u64, u64)) -> (u64, u64) {
        while let Some(&up) = parent.get(&k) {
            if up == k {
                break;
            }
            k = up;
        }
        k
    }
    let lines: Vec<&LineString<f64>> = streets.iter().flat_map(|s| s.line.0.iter()).collect();
    let ends: Vec<((u64, u64), (u64, u64))> = lines
        .iter()
        .filter_map(|l| Some((key(*l.0.first()?), key(*l.0.last()?))))
        .collect();
    for &(a, b) in &ends {
        *degree.entry(a).or_default() += 1;
        *degree.entry(b).or_default() += 1;
        parent.entry(a).or_insert(a);
        parent.entry(b).or_insert(b);
        let (ra, rb) = (root(&parent, a), root(&parent, b));
        parent.insert(ra, rb);
    }
    let mut parts: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    for &(a, _) in &ends {
        *parts.entry(root(&parent, a)).or_default() += 1;
    }
    let largest = parts.values().copied().max().unwrap_or(0);
    let with = |d: usize| degree.values().filter(|&&x| x == d).count();
    Junctions {
        dead_ends: with(1),
        three_way: with(3),
        four_way: with(4),
        more: degree.values().filter(|&&x| x > 4).count(),
        joints: with(2),
        cut_off: ends.len() - largest,
        crossings: crossings(&lines),
    }
}

/// Pairs of segments of different streets that meet anywhere but at an end
/// of both streets.
fn crossings(lines: &[&LineString<f64>]) -> usize {
    use geo::line_intersection::{LineIntersection, line_intersection};
    let mut found = 0;
    let boxes: Vec<geo::Rect<f64>> = lines
        .iter()
        .filter_map(|l| geo::BoundingRect::bounding_rect(*l))
        .collect();
    for i in 0..lines.len() {
        for j in i + 1..lines.len() {
            if !geo::Intersects::intersects(&boxes[i], &boxes[j]) {
                continue;
            }
            let ends = |l: &LineString<f64>| [l.0[0], l.0[l.0.len() - 1]];
            for s in lines[i].lines() {
                for t in lines[j].lines() {
                    match line_intersection(s, t) {
                        Some(LineIntersection::SinglePoint { intersection, .. })
                            if ends(lines[i]).contains(&intersection)
                                && ends(lines[j]).contains(&intersection) => {}
                        Some(_) => found += 1,
                        None => {}
                    }
                }
            }
        }
    }
    found
}
