//! The ground that the layers lie on.

use std::collections::{HashMap, HashSet};

use geo::{BoundingRect, Geometry, LineString, MultiLineString, Point};
use osmpbf::{Element, RelMemberType, TagIter};

use super::rings;
use super::scan::{Places, Way, each, enough, name};
use super::streets;
use crate::format::problem::FileError;
use crate::model::{GroundClass, GroundFeature, StreetClass};
use crate::tile::Bounds;

/// The ground of a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Background {
    /// The pieces, in the order of the file.
    pub features: Vec<GroundFeature>,
    /// Areas and lines left out, since they lack points, do not close, or
    /// cross themselves.
    pub dropped: u64,
}

/// The longest word for a kind, bytes.
const LONGEST_KIND: usize = 40;

/// What the tags of an area or line say.
#[derive(Debug, Clone)]
struct Meaning {
    class: GroundClass,
    kind: String,
    /// An area, if the way closes.
    area: bool,
}

/// A multipolygon on the way.
struct Relation {
    meaning: Meaning,
    name: String,
    /// Ways with whether they bound a hole.
    members: Vec<(i64, bool)>,
}

/// Reads everything, or what touches a box.
///
/// # Errors
/// When the file is damaged or too large.
pub(super) fn read(bytes: &[u8], within: Option<&Bounds>) -> Result<Background, FileError> {
    let near = within.map(|b| inside(bytes, b)).transpose()?;
    let touches = |points: &[i64]| {
        let near = near.as_ref();
        near.is_none_or(|ids| points.iter().any(|p| ids.binary_search(p).is_ok()))
    };
    let mut relations = relations(bytes)?;
    let members: HashSet<i64> = relations
        .iter()
        .flat_map(|r| r.members.iter().map(|(way, _)| *way))
        .collect();
    let (mut ways, mut parts, mut points) = (Vec::new(), HashMap::new(), 0);
    let mut touched: HashSet<i64> = HashSet::new();
    each(bytes, |element| {
        let Element::Way(way) = element else {
            return Ok(());
        };
        let meaning = meaning(way.tags());
        let member = members.contains(&way.id());
        if meaning.is_none() && !member {
            return Ok(());
        }
        let refs: Vec<i64> = way.refs().collect();
        let here = touches(&refs);
        if member {
            if here {
                touched.insert(way.id());
            }
            points += refs.len();
            parts.insert(way.id(), refs.clone());
        }
        if let Some(meaning) = meaning.filter(|_| here) {
            points += refs.len();
            let way_name = name(way.tags());
            let id = way.id();
            ways.push((meaning, way_name, Way { id, points: refs }));
        }
        enough(points)
    })?;
    relations.retain(|r| r.members.iter().any(|(way, _)| touched.contains(way)));
    let needed: HashSet<i64> = relations
        .iter()
        .flat_map(|r| r.members.iter().map(|(way, _)| *way))
        .collect();
    parts.retain(|id, _| needed.contains(id));
    let of_ways = ways.iter().flat_map(|(_, _, way)| way.points.iter());
    let all: Vec<i64> = of_ways.chain(parts.values().flatten()).copied().collect();
    let places = Places::of(bytes, all)?;
    let mut background = Background::default();
    // A way that bounds a relation of the same class is drawn by it.
    for (meaning, name, way) in ways {
        background.way(meaning, name, &way, &places);
    }
    for relation in relations {
        background.relation(relation, &parts, &places);
    }
    background.names(bytes, within)?;
    if let Some(b) = within {
        background.features.retain(|f| meets(&f.geometry, b));
    }
    Ok(background)
}

/// Numbers of the points inside a box, sorted.
fn inside(bytes: &[u8], b: &Bounds) -> Result<Vec<i64>, FileError> {
    let mut ids = Vec::new();
    each(bytes, |element| {
        let (id, x, y) = match &element {
            Element::Node(n) => (n.id(), n.lon(), n.lat()),
            Element::DenseNode(n) => (n.id(), n.lon(), n.lat()),
            _ => return Ok(()),
        };
        if x >= b.west && x <= b.east && y >= b.south && y <= b.north {
            ids.push(id);
        }
        enough(ids.len())
    })?;
    ids.sort_unstable();
    Ok(ids)
}

fn meets(shape: &Geometry<f64>, b: &Bounds) -> bool {
    shape.bounding_rect().is_some_and(|r| {
        r.min().x <= b.east && r.max().x >= b.west && r.min().y <= b.north && r.max().y >= b.south
    })
}

fn relations(bytes: &[u8]) -> Result<Vec<Relation>, FileError> {
    let mut out = Vec::new();
    let mut members = 0;
    each(bytes, |element| {
        let Element::Relation(relation) = element else {
            return Ok(());
        };
        let is_area =
            super::scan::tag(relation.tags(), "type").is_some_and(|t| t == "multipolygon");
        let meaning = meaning(relation.tags()).filter(|m| is_area && m.area);
        if let Some(meaning) = meaning {
            let ways = relation.members().filter_map(|m| {
                let hole = m.role().is_ok_and(|role| role == "inner");
                (m.member_type == RelMemberType::Way).then_some((m.member_id, hole))
            });
            let ways: Vec<(i64, bool)> = ways.collect();
            members += ways.len();
            out.push(Relation {
                meaning,
                name: name(relation.tags()),
                members: ways,
            });
        }
        enough(members)
    })?;
    Ok(out)
}

/// What the tags mean for the ground, if anything.
fn meaning(tags: TagIter<'_>) -> Option<Meaning> {
    use GroundClass::{Building, Green, Rail, Road, Water};
    if let Some(class) = streets::class(tags.clone()) {
        let rail = class == StreetClass::Rail;
        return Some(Meaning {
            class: if rail { Rail } else { Road },
            kind: class.as_str().to_owned(),
            area: false,
        });
    }
    let mut found: Option<Meaning> = None;
    for (key, value) in tags {
        let (class, area) = match (key, value) {
            ("building", "no") => continue,
            ("building", _) => (Building, true),
            ("natural", "water") | ("waterway", "riverbank" | "dock") => (Water, true),
            ("landuse", "reservoir" | "basin") | ("water", _) => (Water, true),
            ("waterway", "river" | "stream" | "canal" | "drain" | "ditch") => (Water, false),
            ("leisure", "park" | "garden" | "pitch" | "golf_course" | "nature_reserve") => {
                (Green, true)
            }
            (
                "landuse",
                "grass" | "forest" | "meadow" | "village_green" | "recreation_ground" | "cemetery"
                | "orchard" | "farmland",
            ) => (Green, true),
            ("natural", "wood" | "grassland" | "scrub" | "heath") => (Green, true),
            _ => continue,
        };
        // A building in a park is a building.
        if found
            .as_ref()
            .is_none_or(|old| class == Building && old.class != Building)
        {
            found = Some(Meaning {
                class,
                kind: word(value).unwrap_or(key).to_owned(),
                area,
            });
        }
    }
    found
}

/// A value as a word; anybody may write what is none into a tag.
fn word(value: &str) -> Option<&str> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (value != "yes" && value.len() <= LONGEST_KIND && value.bytes().all(plain)).then_some(value)
}

impl Background {
    fn way(&mut self, meaning: Meaning, name: String, way: &Way, places: &Places) {
        let closed = way.points.len() >= 4 && way.points.first() == way.points.last();
        if meaning.area && !closed {
            self.dropped += 1;
            return;
        }
        let geometry: Option<Geometry<f64>> = if meaning.area {
            rings::area(vec![way.points.clone()], Vec::new(), places)
                .map(crate::model::meta::single)
        } else {
            let lines = places.stretches(&way.points).into_iter().map(LineString);
            let lines: MultiLineString = lines.collect();
            (!lines.0.is_empty()).then(|| crate::model::meta::single_line(lines))
        };
        self.add(meaning, name, geometry);
    }

    fn relation(&mut self, relation: Relation, parts: &HashMap<i64, Vec<i64>>, places: &Places) {
        let of = |holes: bool| -> Option<Vec<Vec<i64>>> {
            let ways = relation.members.iter().filter(|(_, hole)| *hole == holes);
            let ways: Option<Vec<&[i64]>> = ways
                .map(|(id, _)| parts.get(id).map(Vec::as_slice))
                .collect();
            rings::close(&ways?)
        };
        let area = of(false)
            .zip(of(true))
            .and_then(|(outer, inner)| rings::area(outer, inner, places));
        let geometry = area.map(crate::model::meta::single);
        self.add(relation.meaning, relation.name, geometry);
    }

    fn add(&mut self, meaning: Meaning, name: String, geometry: Option<Geometry<f64>>) {
        match geometry {
            Some(geometry) => self.features.push(GroundFeature {
                class: meaning.class,
                kind: meaning.kind,
                name,
                geometry,
            }),
            None => self.dropped += 1,
        }
    }

    /// Names of places, which are points with tags.
    fn names(&mut self, bytes: &[u8], within: Option<&Bounds>) -> Result<(), FileError> {
        let mut found = Vec::new();
        let mut place = |kind: Option<&str>, name: String, x: f64, y: f64| {
            let near =
                within.is_none_or(|b| x >= b.west && x <= b.east && y >= b.south && y <= b.north);
            if let Some(kind) = kind
                && near
                && !name.is_empty()
            {
                found.push(GroundFeature {
                    class: GroundClass::Place,
                    kind: word(kind).unwrap_or("locality").to_owned(),
                    name,
                    geometry: Point::new(x, y).into(),
                });
            }
        };
        each(bytes, |element| {
            match element {
                Element::Node(n) => {
                    let kind = super::scan::tag(n.tags(), "place");
                    if kind.is_some() {
                        place(kind, name(n.tags()), n.lon(), n.lat());
                    }
                }
                Element::DenseNode(n) => {
                    // Dense points have tags of their own type.
                    let (mut kind, mut plain, mut chinese) = (None, None, None);
                    for (key, value) in n.tags() {
                        match key {
                            "place" => kind = Some(value),
                            "name" => plain = Some(value),
                            "name:zh" | "name:zh-Hans" => chinese = Some(value),
                            _ => {}
                        }
                    }
                    if kind.is_some() {
                        let name = chinese.or(plain).unwrap_or_default();
                        let name = crate::format::text::clean(name, crate::format::text::MAX_NAME);
                        place(kind, name.unwrap_or_default(), n.lon(), n.lat());
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        self.features.extend(found);
        Ok(())
    }
}
