//! Which coordinate system a file is in: each likely one is tried, and the
//! one whose places fall into the known grids and near the compounds they
//! name ranks first. The user decides; a close call preselects nothing.

use geo::{BoundingRect, Contains, Coord, MultiPolygon, Rect};
use serde::Serialize;

use crate::crs::{Crs, Transformer, Zone, distance_m};

/// Fewer places than this say nothing.
const ENOUGH: usize = 10;
/// The most places tried.
const MAX_POINTS: usize = 2_000;
/// The most places handed back for the map.
const SHOWN: usize = 200;
/// What the best must be ahead by: ten points of a hundred.
const CLEAR: f64 = 0.10;
/// Named places that count as evidence from this number on.
const ENOUGH_NAMED: usize = 5;
/// A median distance beyond which a name is no evidence, metres. The datums
/// lie 568 and 885 m apart.
const FAR_M: f64 = 600.0;

/// A place of the file, as its numbers stand there.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplePoint {
    /// First number: longitude or easting, if the file is right.
    pub x: f64,
    /// Second number.
    pub y: f64,
    /// A text that may hold the name of a known place.
    pub name: Option<String>,
}

/// A system that the file may be in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The system; as [`Options::crs`](super::Options::crs).
    #[serde(serialize_with = "as_text")]
    pub crs: Crs,
    /// Latitude stands first; as [`Options::swap`](super::Options::swap).
    pub swapped: bool,
    /// Share of the places inside of a known grid, 0 to 1.
    pub inside_share: f64,
    /// Median distance to the known place whose name the row has, metres.
    pub median_m: Option<f64>,
    /// Rows with such a name.
    pub named: usize,
    /// Some of the places in WGS84, longitude and latitude.
    pub shown: Vec<[f64; 2]>,
    /// What it is ranked by, 0 to 1.
    pub score: f64,
}

fn as_text<S: serde::Serializer>(crs: &Crs, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(crs)
}

/// The systems in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DatumGuess {
    /// The best first; systems that put no place on the globe are left out.
    pub candidates: Vec<Candidate>,
    /// The first is far enough ahead to be preselected.
    pub clear: bool,
}

/// Tries every system that the numbers may be in.
///
/// `areas` are known grids, `places` known compounds with a point inside, both
/// in WGS84.
#[must_use]
pub fn candidates(
    points: &[SamplePoint],
    areas: &[MultiPolygon],
    places: &[(String, Coord)],
) -> DatumGuess {
    let points = thinned(points);
    let boxes: Vec<(Rect, &MultiPolygon)> = areas
        .iter()
        .filter_map(|area| Some((area.bounding_rect()?, area)))
        .collect();
    let named: Vec<Option<Coord>> = points.iter().map(|p| place_of(p, places)).collect();
    let mut all: Vec<Candidate> = systems(&points)
        .into_iter()
        .filter_map(|(crs, swapped)| judge(crs, swapped, &points, &boxes, &named))
        .collect();
    // Stable: of equals the more common system stays first.
    all.sort_by(|a, b| {
        let near = |c: &Candidate| c.median_m.unwrap_or(f64::INFINITY);
        b.score
            .total_cmp(&a.score)
            .then(near(a).total_cmp(&near(b)))
    });
    let clear = match all.as_slice() {
        [] => false,
        [one] => one.score >= CLEAR && points.len() >= ENOUGH,
        [first, second, ..] => points.len() >= ENOUGH && first.score - second.score >= CLEAR,
    };
    DatumGuess {
        candidates: all,
        clear,
    }
}

/// Finite places, spread over the file.
fn thinned(points: &[SamplePoint]) -> Vec<&SamplePoint> {
    let step = points.len().div_ceil(MAX_POINTS).max(1);
    let spread = points.iter().step_by(step);
    spread
        .filter(|p| p.x.is_finite() && p.y.is_finite() && (p.x != 0.0 || p.y != 0.0))
        .collect()
}

/// The known place with the longest name that the text holds.
fn place_of(point: &SamplePoint, places: &[(String, Coord)]) -> Option<Coord> {
    let text = point.name.as_deref()?;
    places
        .iter()
        .filter(|(name, _)| name.chars().count() >= 2 && text.contains(name.as_str()))
        .max_by_key(|(name, _)| name.len())
        .map(|(_, at)| *at)
}

/// Systems by the size of the numbers, the common ones first.
fn systems(points: &[&SamplePoint]) -> Vec<(Crs, bool)> {
    let most = |test: &dyn Fn(&SamplePoint) -> bool| {
        !points.is_empty() && points.iter().filter(|p| test(p)).count() * 2 > points.len()
    };
    let mut out = Vec::new();
    if most(&|p| p.x.abs() <= 180.0 && p.y.abs() <= 180.0) {
        let degrees = [Crs::Wgs84, Crs::Gcj02, Crs::Bd09];
        let straight = most(&|p| p.y.abs() <= 90.0);
        let swapped = most(&|p| p.x.abs() <= 90.0);
        out.extend(degrees.iter().filter(|_| straight).map(|c| (*c, false)));
        out.extend(degrees.iter().filter(|_| swapped).map(|c| (*c, true)));
        return out;
    }
    out.extend(
        zones(points)
            .into_iter()
            .map(|z| (Crs::GaussKruger(z), false)),
    );
    if most(&|p| p.x.abs() > 5e6 && p.x.abs() < 2.1e7 && p.y.abs() < 2.1e7) {
        out.push((Crs::WebMercator, false));
    }
    out
}

/// Zones that the eastings fit: the one whose number they carry, else all of
/// three degrees, of which only the right one puts the places here. (A bare
/// easting of a six-degree zone is the same number.)
fn zones(points: &[&SamplePoint]) -> Vec<Zone> {
    let all = || (4513..=4554).chain(4491..=4501).filter_map(Zone::from_epsg);
    let fits = |zone: &Zone| {
        let near = |v: f64| (v - zone.false_easting_m()).abs() < 4.5e5;
        let north = |v: f64| (1e5..6.1e6).contains(&v);
        let hits = points
            .iter()
            .filter(|p| near(p.x) && north(p.y) || near(p.y) && north(p.x))
            .count();
        hits * 2 > points.len()
    };
    all().filter(fits).collect()
}

fn judge(
    crs: Crs,
    swapped: bool,
    points: &[&SamplePoint],
    areas: &[(Rect, &MultiPolygon)],
    named: &[Option<Coord>],
) -> Option<Candidate> {
    let transformer = Transformer::new(crs).ok()?;
    let wgs84 = |p: &SamplePoint| {
        let p = if swapped {
            Coord { x: p.y, y: p.x }
        } else {
            Coord { x: p.x, y: p.y }
        };
        let p = match crs {
            Crs::GaussKruger(zone) => zone.east_north(p.x, p.y).ok()?,
            _ => p,
        };
        transformer.to_wgs84(p).ok()
    };
    let (mut inside, mut placed) = (0usize, Vec::new());
    let mut distances = Vec::new();
    for (point, name) in points.iter().zip(named) {
        let Some(at) = wgs84(point) else { continue };
        let holds = |(b, area): &(Rect, &MultiPolygon)| {
            let boxed =
                at.x >= b.min().x && at.x <= b.max().x && at.y >= b.min().y && at.y <= b.max().y;
            boxed && area.contains(&at)
        };
        inside += usize::from(areas.iter().any(holds));
        distances.extend(name.map(|known| distance_m(at, known)));
        placed.push([at.x, at.y]);
    }
    if placed.is_empty() {
        return None;
    }
    distances.sort_by(f64::total_cmp);
    let median_m = distances.get(distances.len() / 2).copied();
    #[expect(clippy::cast_precision_loss, reason = "at most a few thousand")]
    let inside_share = inside as f64 / points.len() as f64;
    let score = match median_m {
        Some(median) if distances.len() >= ENOUGH_NAMED => {
            f64::midpoint(inside_share, (1.0 - median / FAR_M).max(0.0))
        }
        _ => inside_share,
    };
    let step = placed.len().div_ceil(SHOWN).max(1);
    Some(Candidate {
        crs,
        swapped,
        inside_share,
        median_m,
        named: distances.len(),
        shown: placed.into_iter().step_by(step).collect(),
        score,
    })
}

#[cfg(test)]
mod tests {
    use rand::seq::IndexedRandom;
    use rand::{Rng, SeedableRng};

    use super::*;
    use crate::sample;

    struct Known {
        areas: Vec<MultiPolygon>,
        places: Vec<(String, Coord)>,
        incidents: Vec<Coord>,
    }

    fn known() -> Known {
        let all = sample::district(7, jiff::civil::date(2026, 11, 1));
        let places = all.compounds.put.iter().filter_map(|c| {
            let at = c.shape.bounding_rect()?.center();
            Some((c.name.clone(), at))
        });
        Known {
            areas: all.grids.put.iter().map(|g| g.area.clone()).collect(),
            places: places.collect(),
            incidents: all.incidents.put.iter().filter_map(|i| i.at).collect(),
        }
    }

    fn systems_under_test() -> Vec<(Crs, bool)> {
        let zone = |epsg| Crs::GaussKruger(Zone::from_epsg(epsg).unwrap());
        vec![
            (Crs::Wgs84, false),
            (Crs::Gcj02, false),
            (Crs::Bd09, false),
            (Crs::Wgs84, true),
            (Crs::Gcj02, true),
            (Crs::Bd09, true),
            (zone(4548), false),
            (zone(4548), true),
            (zone(4527), false),
            (Crs::WebMercator, false),
        ]
    }

    /// A place as a file in that system has it.
    fn raw(at: Coord, crs: Crs, swapped: bool, name: Option<&str>) -> SamplePoint {
        let p = Transformer::new(crs).unwrap().from_wgs84(at).unwrap();
        let (x, y) = if swapped { (p.y, p.x) } else { (p.x, p.y) };
        SamplePoint {
            x,
            y,
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn the_right_system_ranks_first_in_every_set() {
        let known = known();
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let (mut sets, mut clear) = (0, 0);
        for (crs, swapped) in systems_under_test() {
            for size in [60, 200, 1000] {
                for _ in 0..10 {
                    let points: Vec<SamplePoint> = known
                        .incidents
                        .choose_multiple(&mut rng, size)
                        .map(|at| raw(*at, crs, swapped, None))
                        .collect();
                    let guess = candidates(&points, &known.areas, &[]);
                    let best = &guess.candidates[0];
                    // Gauss-Krüger numbers are told apart by their size alone.
                    let swap = swapped && crs.is_degrees();
                    assert_eq!((best.crs, best.swapped), (crs, swap), "{size} {guess:?}");
                    sets += 1;
                    clear += u32::from(guess.clear);
                }
            }
        }
        assert_eq!(sets, 300);
        assert!(clear > 200, "{clear} of {sets} are clear");
    }

    #[test]
    fn names_decide_where_the_grids_cannot() {
        let known = known();
        let middle = known
            .incidents
            .iter()
            .fold(Coord::zero(), |sum, p| sum + *p)
            / f64::from(u32::try_from(known.incidents.len()).unwrap());
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let mut near = |at: Coord| Coord {
            x: at.x + rng.random_range(-1e-3..1e-3),
            y: at.y + rng.random_range(-1e-3..1e-3),
        };
        for (crs, swapped) in systems_under_test().into_iter().take(6) {
            // Places in the middle stay inside, whatever they are read as.
            let points: Vec<SamplePoint> = (0..100)
                .map(|_| raw(near(middle), crs, swapped, None))
                .collect();
            let guess = candidates(&points, &known.areas, &known.places);
            assert!(!guess.clear, "{guess:?}");
            // The same with names of compounds in their texts.
            let points: Vec<SamplePoint> = known
                .places
                .iter()
                .map(|(name, at)| {
                    let text = format!("{name}3栋附近");
                    raw(near(*at), crs, swapped, Some(&text))
                })
                .collect();
            let guess = candidates(&points, &known.areas, &known.places);
            let best = &guess.candidates[0];
            assert_eq!((best.crs, best.swapped, guess.clear), (crs, swapped, true));
            assert!(
                best.median_m.unwrap() < 250.0 && best.named > 20,
                "{best:?}"
            );
        }
    }

    #[test]
    fn nothing_is_said_without_evidence() {
        let point = |x, y| SamplePoint { x, y, name: None };
        assert_eq!(candidates(&[], &[], &[]), DatumGuess::default());
        let nowhere = candidates(&[point(f64::NAN, 1.0), point(0.0, 0.0)], &[], &[]);
        assert!(nowhere.candidates.is_empty());
        let few = candidates(&[point(117.28, 31.85)], &known().areas, &[]);
        assert!(!few.clear && few.candidates.len() == 3, "{few:?}");
    }
}
