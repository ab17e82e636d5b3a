//! Places by the words that files use for them: exact names first, then names
//! that stand inside of a longer text (元一名城南门).

use std::collections::{BTreeMap, HashMap};

use geo::{Coord, InteriorPoint, MultiLineString};

use crate::crs::distance_m;
use crate::index::Snapshot;
use crate::model::{FeatureId, LayerName, Scope};

/// Characters of a text that are looked at.
const LONGEST_TEXT: usize = 120;

/// A name of one character stands in too many texts.
const SHORTEST_NAME: usize = 2;

/// A thing with a name and a point that stands for it.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPlace {
    /// Compounds, grids or streets.
    pub layer: LayerName,
    /// Row id; of a street with several pieces, the longest piece's.
    pub id: FeatureId,
    /// The name as the map has it.
    pub name: String,
    /// A point inside, or half way along, WGS84 degrees.
    pub at: Coord<f64>,
}

/// How sure a match is; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The text is the name.
    Same,
    /// The name stands in the text.
    Inside,
    /// The text stands in the name.
    Part,
}

/// Names of compounds, grids and streets; make a new one when a layer changes.
#[derive(Debug, Default)]
pub struct Gazetteer {
    places: Vec<NamedPlace>,
    by_key: HashMap<String, Vec<usize>>,
    longest: usize,
}

impl Gazetteer {
    /// Reads the names that a scope sees. Streets of one name are one place,
    /// and of the grids only those valid today count.
    pub fn new(snapshot: &Snapshot, scope: &Scope) -> Gazetteer {
        let mut all = Gazetteer::default();
        for row in snapshot.compounds.items() {
            let Some(at) = row.shape.interior_point() else {
                continue;
            };
            let place = place(LayerName::Compounds, row.meta.id, &row.name, at.0);
            all.push(place, &[&row.name, &row.code]);
        }
        let today = snapshot.today();
        for row in snapshot.grids.items() {
            let valid = row.valid_from.is_none_or(|day| day <= today)
                && row.valid_to.is_none_or(|day| today < day);
            let Some(at) = row.area.interior_point() else {
                continue;
            };
            if valid && scope.sees_grid(&row.code) {
                let place = place(LayerName::Grids, row.meta.id, &row.name, at.0);
                all.push(place, &[&row.name, &row.code]);
            }
        }
        let mut streets: BTreeMap<&str, (f64, FeatureId, Coord)> = BTreeMap::new();
        for row in snapshot.streets.items() {
            let Some((length, at)) = half_way(&row.line) else {
                continue;
            };
            let best = streets
                .entry(&row.name)
                .or_insert((length, row.meta.id, at));
            if length > best.0 {
                *best = (length, row.meta.id, at);
            }
        }
        for (name, (_, id, at)) in streets {
            all.push(place(LayerName::Streets, id, name, at), &[name]);
        }
        all
    }

    fn push(&mut self, place: NamedPlace, words: &[&str]) {
        let slot = self.places.len();
        let mut keys: Vec<String> = words.iter().map(|word| key_of(word)).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let length = key.chars().count();
            if length >= SHORTEST_NAME {
                self.longest = self.longest.max(length);
                self.by_key.entry(key).or_default().push(slot);
            }
        }
        self.places.push(place);
    }

    /// All places.
    pub fn places(&self) -> &[NamedPlace] {
        &self.places
    }

    /// A place by its row.
    pub fn get(&self, layer: LayerName, id: FeatureId) -> Option<&NamedPlace> {
        let mut places = self.places.iter();
        places.find(|place| place.layer == layer && place.id == id)
    }

    /// The one place of a layer with this name; `None` when there is none, or
    /// more than one.
    pub fn named(&self, layer: LayerName, name: &str) -> Option<&NamedPlace> {
        let slots = self.by_key.get(&key_of(name))?;
        let mut hits = slots.iter().map(|&slot| &self.places[slot]);
        let first = hits.find(|place| place.layer == layer)?;
        hits.all(|place| place.layer != layer).then_some(first)
    }

    /// Places for a text, best first, at most `limit`: the text itself, then
    /// names inside of it, the longest first, then names that it begins or is
    /// part of. Of equals, compounds come before grids and grids before
    /// streets.
    pub fn find(&self, text: &str, limit: usize) -> Vec<(Likeness, &NamedPlace)> {
        let key: Vec<char> = key_of(text).chars().take(LONGEST_TEXT).collect();
        let mut hits: Vec<(Likeness, usize, usize)> = Vec::new();
        let whole: String = key.iter().collect();
        for start in 0..key.len() {
            let mut word = String::new();
            for (length, c) in (1..).zip(key[start..].iter().take(self.longest)) {
                word.push(*c);
                let Some(slots) = self.by_key.get(&word) else {
                    continue;
                };
                let how = if length == key.len() {
                    Likeness::Same
                } else {
                    Likeness::Inside
                };
                hits.extend(slots.iter().map(|&slot| (how, length, slot)));
            }
        }
        if hits.is_empty() && key.len() >= SHORTEST_NAME {
            let parts = self.by_key.iter().filter(|(name, _)| name.contains(&whole));
            for (name, slots) in parts {
                // The shorter the name, the more of it was said.
                let rest = usize::MAX - name.chars().count();
                hits.extend(slots.iter().map(|&slot| (Likeness::Part, rest, slot)));
            }
        }
        hits.sort_by_key(|&(how, length, slot)| (how, std::cmp::Reverse(length), slot));
        let mut seen = std::collections::HashSet::new();
        let fresh = hits.into_iter().filter(|(_, _, slot)| seen.insert(*slot));
        fresh
            .take(limit)
            .map(|(how, _, slot)| (how, &self.places[slot]))
            .collect()
    }

    /// The place that a text surely or probably means: `None` when nothing
    /// fits, or two things of one layer fit equally well.
    pub fn propose(&self, text: &str) -> Option<&NamedPlace> {
        let hits = self.find(text, 2);
        let (how, first) = *hits.first()?;
        if how == Likeness::Part {
            return None;
        }
        let doubt = hits.get(1).is_some_and(|(other, second)| {
            *other == how
                && second.layer == first.layer
                && key_of(&second.name) == key_of(&first.name)
        });
        (!doubt).then_some(first)
    }
}

fn place(layer: LayerName, id: FeatureId, name: &str, at: Coord) -> NamedPlace {
    NamedPlace {
        layer,
        id,
        name: name.to_owned(),
        at,
    }
}

/// For comparing: full-width forms as plain ones, lower case, no spaces and
/// no marks.
fn key_of(text: &str) -> String {
    let plain = text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    });
    plain
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Length in metres of the longest part and the point half way along it.
fn half_way(line: &MultiLineString<f64>) -> Option<(f64, Coord)> {
    let length = |part: &geo::LineString| -> f64 {
        part.lines()
            .map(|line| distance_m(line.start, line.end))
            .sum()
    };
    let (whole, part) = line
        .iter()
        .map(|part| (length(part), part))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let mut left = whole / 2.0;
    for side in part.lines() {
        let step = distance_m(side.start, side.end);
        if step >= left && step > 0.0 {
            return Some((whole, side.start + side.delta() * (left / step)));
        }
        left -= step;
    }
    part.0.first().map(|&at| (whole, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChangeSet, Compound, CompoundKind, Meta, Revision, Street, StreetClass};

    fn compound(id: i64, name: &str) -> Compound {
        Compound {
            meta: Meta {
                id: FeatureId(id),
                source_id: id.to_string(),
                ..Meta::default()
            },
            code: String::new(),
            name: name.to_owned(),
            kind: CompoundKind::Residential,
            community: String::new(),
            priority: 1,
            households: None,
            gates: Vec::new(),
            shape: geo::Point::new(117.0 + id as f64 * 0.01, 31.8).into(),
        }
    }

    fn street(id: i64, name: &str, length: f64) -> Street {
        let line = geo::LineString::from(vec![(117.0, 31.0), (117.0 + length, 31.0)]);
        Street {
            meta: Meta {
                id: FeatureId(id),
                source_id: id.to_string(),
                ..Meta::default()
            },
            name: name.to_owned(),
            class: StreetClass::Branch,
            oneway: false,
            foot: true,
            line: MultiLineString(vec![line]),
        }
    }

    fn gazetteer() -> Gazetteer {
        let rows = ChangeSet {
            compounds: vec![
                compound(1, "元一名城"),
                compound(2, "元一名城二期"),
                compound(3, "利港花园"),
                compound(4, "利港花园"),
            ]
            .into(),
            streets: vec![street(1, "利港路", 0.01), street(2, "利港路", 0.02)].into(),
            ..ChangeSet::default()
        };
        let day = jiff::civil::date(2026, 11, 1);
        let snapshot = Snapshot::build(rows, Revision(1), day);
        Gazetteer::new(&snapshot, &Scope::all())
    }

    fn names(hits: &[(Likeness, &NamedPlace)]) -> Vec<String> {
        hits.iter().map(|(_, place)| place.name.clone()).collect()
    }

    #[test]
    fn the_longest_name_inside_a_text_leads() {
        let all = gazetteer();
        let hits = all.find("元一名城（二期） 南门", 5);
        assert_eq!(names(&hits), ["元一名城二期", "元一名城"]);
        assert_eq!(all.propose("元一名城").map(|p| p.id), Some(FeatureId(1)));
        assert_eq!(
            all.propose(" 元一 名城。").map(|p| p.id),
            Some(FeatureId(1))
        );
        let part = all.find("元一", 5);
        assert_eq!(names(&part), ["元一名城", "元一名城二期"]);
        assert!(all.propose("元一").is_none(), "part of a name is no proof");
        assert!(all.find("不在这里", 5).is_empty());
        assert!(all.find("", 5).is_empty());
    }

    #[test]
    fn two_of_one_name_are_not_guessed() {
        let all = gazetteer();
        assert!(all.propose("利港花园北门").is_none());
        assert_eq!(all.find("利港花园北门", 5).len(), 2);
        assert!(all.named(LayerName::Compounds, "利港花园").is_none());
        assert!(all.named(LayerName::Compounds, "元一名城").is_some());
    }

    #[test]
    fn pieces_of_a_street_are_one_place_half_way_along_the_longest() {
        let all = gazetteer();
        let hits = all.find("利港路２６号门口", 5);
        assert_eq!(hits.len(), 1);
        let (_, found) = hits[0];
        assert_eq!(found.id, FeatureId(2));
        assert!((found.at.x - 117.01).abs() < 1e-9, "{:?}", found.at);
    }
}
