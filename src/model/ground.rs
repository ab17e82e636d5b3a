//! The ground (底图): roads, buildings, water, green, rails and names of places
//! from an OpenStreetMap extract, which the layers lie on.
//!
//! It is one thing, replaced as a whole; its pieces have no row of their own
//! in the change log. What is known about it as a whole are its facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};
use serde::{Deserialize, Serialize};

use super::{Timestamp, words};

words! {
    /// What a piece of ground is.
    GroundClass, "class of ground", "底图类别", "road, building, water, green, rail, place",
    /// A road, street or path; a line.
    Road = "road", "道路", "Roads", [];
    /// A building; an area.
    Building = "building", "建筑", "Buildings", [];
    /// Water: an area, or the line of a stream.
    Water = "water", "水系", "Water", [];
    /// Parks, woods, grass; an area.
    Green = "green", "绿地", "Green", [];
    /// A railway above ground; a line.
    Rail = "rail", "铁路", "Railways", [];
    /// The name of a place; a point.
    Place = "place", "地名", "Place names", [];
}

/// Whose data an extract is; to be shown wherever it is.
pub const OSM_ATTRIBUTION: &str = "© OpenStreetMap contributors";

/// Parts of a degree in which OpenStreetMap keeps coordinates.
const E7: f64 = 1e7;
/// Degrees of such a part.
const UNIT: f64 = 1e-7;

/// A piece of ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Packed", try_from = "Packed")]
pub struct GroundFeature {
    /// What it is.
    pub class: GroundClass,
    /// What exactly: the [`super::StreetClass`] of a road, else the word that
    /// OpenStreetMap uses: `park`, `river`, `suburb`.
    pub kind: String,
    /// The name; may be empty.
    pub name: String,
    /// The shape in WGS84 degrees; areas are valid.
    pub geometry: Geometry<f64>,
}

/// How many pieces there are of each class, zeros included.
pub type GroundCounts = BTreeMap<GroundClass, u64>;

/// What is known about a ground as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroundFacts {
    /// The file's name, without its folder.
    pub file: String,
    /// Whose data they are.
    pub attribution: String,
    /// When it was brought in.
    pub imported_at: Timestamp,
    /// Pieces by class.
    pub counts: GroundCounts,
    /// [`hash_of`] the pieces.
    pub hash: String,
}

/// A ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    /// What is known about it.
    pub facts: GroundFacts,
    /// The pieces, in the order of the file.
    pub features: Vec<GroundFeature>,
}

impl Ground {
    /// The ground of a file, brought in at a time.
    pub fn new(features: Vec<GroundFeature>, file: &str, imported_at: Timestamp) -> Ground {
        Ground {
            facts: GroundFacts {
                file: file.to_owned(),
                attribution: OSM_ATTRIBUTION.to_owned(),
                imported_at,
                counts: counts_of(&features),
                hash: hash_of(&features),
            },
            features,
        }
    }
}

/// What becomes of the ground of a store.
#[derive(Debug, Clone, PartialEq)]
pub enum GroundChange {
    /// This one takes the place of the one that is there, if any.
    Put(Arc<Ground>),
    /// It is taken away.
    Remove,
}

impl GroundChange {
    /// The ground after the change.
    pub fn ground(&self) -> Option<&Arc<Ground>> {
        match self {
            GroundChange::Put(ground) => Some(ground),
            GroundChange::Remove => None,
        }
    }
}

/// Pieces by class, zeros included.
pub fn counts_of(features: &[GroundFeature]) -> GroundCounts {
    let mut counts: GroundCounts = GroundClass::ALL.iter().map(|class| (*class, 0)).collect();
    for feature in features {
        *counts.entry(feature.class).or_default() += 1;
    }
    counts
}

/// A hash of pieces in their order, in 64 hexadecimal digits.
pub fn hash_of(features: &[GroundFeature]) -> String {
    let mut hasher = blake3::Hasher::new();
    for feature in features {
        hash_feature(&mut hasher, feature);
    }
    hasher.finalize().to_hex().to_string()
}

/// Adds a piece to a hash, so that no two look alike.
pub fn hash_feature(hasher: &mut blake3::Hasher, feature: &GroundFeature) {
    let mut bytes = Vec::with_capacity(256);
    for text in [feature.class.as_str(), &feature.kind, &feature.name] {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    let (shape, parts) = parts_of(&feature.geometry);
    bytes.push(shape as u8);
    bytes.extend_from_slice(&(parts.len() as u64).to_le_bytes());
    for rings in parts {
        bytes.extend_from_slice(&(rings.len() as u64).to_le_bytes());
        for ring in rings {
            bytes.extend_from_slice(&(ring.len() as u64).to_le_bytes());
            for at in ring {
                bytes.extend_from_slice(&at.x.to_le_bytes());
                bytes.extend_from_slice(&at.y.to_le_bytes());
            }
        }
    }
    hasher.update(&bytes);
}

/// The three shapes that a ground has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Point,
    Line,
    Area,
    /// Nothing that a ground has.
    Other,
}

/// Parts, each of rings or one line, of places.
fn parts_of(shape: &Geometry<f64>) -> (Form, Vec<Vec<&[Coord<f64>]>>) {
    fn rings(polygon: &Polygon<f64>) -> Vec<&[Coord<f64>]> {
        let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        all.map(|ring| ring.0.as_slice()).collect()
    }
    match shape {
        Geometry::Point(at) => (Form::Point, vec![vec![std::slice::from_ref(&at.0)]]),
        Geometry::LineString(line) => (Form::Line, vec![vec![&line.0]]),
        Geometry::MultiLineString(lines) => {
            let parts = lines.0.iter().map(|line| vec![line.0.as_slice()]);
            (Form::Line, parts.collect())
        }
        Geometry::Polygon(polygon) => (Form::Area, vec![rings(polygon)]),
        Geometry::MultiPolygon(parts) => (Form::Area, parts.0.iter().map(rings).collect()),
        _ => (Form::Other, Vec::new()),
    }
}

/// A piece on the wire between processes: places in 1e-7 degrees, as
/// OpenStreetMap has them, each told by its distance from the one before.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Packed {
    class: GroundClass,
    kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    form: Form,
    at: Vec<Vec<Vec<i64>>>,
}

impl From<GroundFeature> for Packed {
    fn from(feature: GroundFeature) -> Packed {
        let (form, parts) = parts_of(&feature.geometry);
        let mut last = [0, 0];
        let mut steps = |places: &[Coord<f64>]| -> Vec<i64> {
            let mut out = Vec::with_capacity(places.len() * 2);
            for at in places {
                let here = [(at.x * E7).round() as i64, (at.y * E7).round() as i64];
                out.push(here[0] - last[0]);
                out.push(here[1] - last[1]);
                last = here;
            }
            out
        };
        let at = parts
            .iter()
            .map(|rings| rings.iter().map(|ring| steps(ring)).collect())
            .collect();
        Packed {
            class: feature.class,
            kind: feature.kind,
            name: feature.name,
            form,
            at,
        }
    }
}

impl TryFrom<Packed> for GroundFeature {
    type Error = &'static str;

    fn try_from(packed: Packed) -> Result<GroundFeature, &'static str> {
        let mut last = [0_i64, 0_i64];
        let mut places = |steps: &Vec<i64>| -> Option<Vec<Coord<f64>>> {
            let mut out = Vec::with_capacity(steps.len() / 2);
            for step in steps.chunks(2) {
                let [dx, dy] = step else { return None };
                last = [last[0].checked_add(*dx)?, last[1].checked_add(*dy)?];
                let on_globe = last[0].unsigned_abs() <= 1_800_000_000
                    && last[1].unsigned_abs() <= 900_000_000;
                if !on_globe {
                    return None;
                }
                out.push(Coord {
                    x: last[0] as f64 * UNIT,
                    y: last[1] as f64 * UNIT,
                });
            }
            Some(out)
        };
        let mut parts: Vec<Vec<Vec<Coord<f64>>>> = Vec::with_capacity(packed.at.len());
        for rings in &packed.at {
            let rings: Option<Vec<_>> = rings.iter().map(&mut places).collect();
            parts.push(rings.ok_or("places that are none")?);
        }
        let geometry = shape_of(packed.form, parts).ok_or("a shape that is none")?;
        Ok(GroundFeature {
            class: packed.class,
            kind: packed.kind,
            name: packed.name,
            geometry,
        })
    }
}

fn shape_of(form: Form, parts: Vec<Vec<Vec<Coord<f64>>>>) -> Option<Geometry<f64>> {
    match form {
        Form::Point => {
            let at = parts.first()?.first()?.first()?;
            Some(Point(*at).into())
        }
        Form::Line => {
            let lines = parts.into_iter().flatten().map(LineString);
            let lines: MultiLineString<f64> = lines.collect();
            let sound = !lines.0.is_empty() && lines.0.iter().all(|line| line.0.len() > 1);
            sound.then(|| super::meta::single_line(lines))
        }
        Form::Area => {
            let areas = parts.into_iter().map(|rings| {
                let mut rings = rings.into_iter().map(LineString);
                let shell = rings.next()?;
                Some(Polygon::new(shell, rings.collect()))
            });
            let areas: MultiPolygon<f64> = MultiPolygon(areas.collect::<Option<Vec<_>>>()?);
            (!areas.0.is_empty()).then(|| super::meta::single(areas))
        }
        Form::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number as the reader of extracts makes it.
    fn osm(e7: i32) -> f64 {
        f64::from(e7) * UNIT
    }

    fn at(x: i32, y: i32) -> Coord<f64> {
        Coord {
            x: osm(x),
            y: osm(y),
        }
    }

    fn all_forms() -> Vec<GroundFeature> {
        let ring = |x: i32, side: i32| {
            LineString(vec![
                at(x, 5),
                at(x + side, 5),
                at(x + side, 5 + side),
                at(x, 5),
            ])
        };
        let area = Polygon::new(ring(1_172_345_671, 400), vec![ring(1_172_345_800, 50)]);
        let line = LineString(vec![at(-1_800_000_000, 900_000_000), at(7, -3), at(8, -3)]);
        let shapes: Vec<(GroundClass, Geometry<f64>)> = vec![
            (
                GroundClass::Place,
                Point(at(1_172_999_999, 318_888_887)).into(),
            ),
            (GroundClass::Road, line.clone().into()),
            (
                GroundClass::Water,
                MultiLineString(vec![line.clone(), line]).into(),
            ),
            (GroundClass::Building, area.clone().into()),
            (
                GroundClass::Green,
                MultiPolygon(vec![area.clone(), area]).into(),
            ),
        ];
        let feature = |(class, geometry)| GroundFeature {
            class,
            kind: "kind".to_owned(),
            name: if class == GroundClass::Road {
                String::new()
            } else {
                "名".to_owned()
            },
            geometry,
        };
        shapes.into_iter().map(feature).collect()
    }

    #[test]
    fn pieces_cross_the_wire_to_the_last_bit() {
        for feature in all_forms() {
            let json = serde_json::to_string(&feature).unwrap();
            let back: GroundFeature = serde_json::from_str(&json).unwrap();
            assert_eq!(back, feature, "{json}");
        }
    }

    #[test]
    fn what_is_no_shape_is_refused() {
        for (form, at) in [
            ("point", "[]"),
            ("point", "[[[1]]]"),
            ("line", "[[[1,2]]]"),
            ("area", "[[]]"),
            ("area", "[]"),
            ("other", "[]"),
            ("line", "[[[9223372036854775807,0,9223372036854775807,0]]]"),
            ("line", "[[[0,0,0,900000001]]]"),
        ] {
            let json = format!(r#"{{"class":"road","kind":"lane","form":"{form}","at":{at}}}"#);
            assert!(
                serde_json::from_str::<GroundFeature>(&json).is_err(),
                "{json}"
            );
        }
    }

    #[test]
    fn every_difference_changes_the_hash() {
        let features = all_forms();
        let hash = hash_of(&features);
        assert_eq!(hash, hash_of(&features.clone()));
        let mut swapped = features.clone();
        swapped.swap(0, 1);
        let mut renamed = features.clone();
        renamed[0].name = "名名".to_owned();
        let mut moved = features.clone();
        moved[0].geometry = Point(at(1_172_999_998, 318_888_887)).into();
        let mut kind = features.clone();
        (kind[0].kind, kind[0].name) = ("kind名".to_owned(), String::new());
        for other in [swapped, renamed, moved, kind, features[1..].to_vec()] {
            assert_ne!(hash_of(&other), hash);
        }
        let ground = Ground::new(features, "a.osm.pbf", Timestamp(1));
        assert_eq!(ground.facts.counts.len(), 6);
        assert_eq!(ground.facts.counts[&GroundClass::Rail], 0);
        assert_eq!(ground.facts.counts[&GroundClass::Water], 1);
    }
}
