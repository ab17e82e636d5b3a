//! Finding things by code, name and pinyin.

use std::collections::BTreeMap;

use geo::{Coord, Geometry, InteriorPoint, MultiLineString};

use super::pinyin_match::Letters;
use crate::index::Snapshot;
use crate::model::{FeatureId, LayerName, Scope, Street};
use crate::tile::Bounds;

/// Search words of a snapshot's grids, compounds, streets and routes. It owns
/// them; make a new one when one of these layers changes.
#[derive(Debug, Default)]
pub struct Finder {
    entries: Vec<Entry>,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchItem {
    /// Row id.
    pub id: FeatureId,
    /// Code; may be empty.
    pub code: String,
    /// Name.
    pub name: String,
    /// More, in Chinese.
    pub detail_zh: String,
    /// More, in English.
    pub detail_en: String,
    /// A point to fly to.
    pub at: Coord<f64>,
    /// Its envelope.
    pub bounds: Bounds,
}

/// What was found in one layer, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchGroup {
    /// The layer.
    pub layer: LayerName,
    /// Best first.
    pub items: Vec<SearchItem>,
}

#[derive(Debug)]
struct Entry {
    layer: LayerName,
    item: SearchItem,
    /// The grid code that the scope must cover.
    grid_code: Option<String>,
    code: String,
    name: String,
    community: String,
    letters: Letters,
}

/// How well a text matches; less is better.
type Rank = u8;

impl Finder {
    /// Reads the names of a snapshot. Streets of one name are one thing.
    pub fn new(snapshot: &Snapshot) -> Finder {
        let mut finder = Finder::default();
        finder.add_grids(snapshot);
        finder.add_compounds(snapshot);
        finder.add_streets(snapshot);
        finder.add_routes(snapshot);
        finder
    }

    /// The best matches per layer, at most `limit` each; layers without any
    /// are left out. What is equal comes before what begins with the text,
    /// and that before what contains it.
    pub fn search(&self, scope: &Scope, text: &str, limit: usize) -> Vec<SearchGroup> {
        let question = normal(text);
        if question.is_empty() {
            return Vec::new();
        }
        let letters: String = question.chars().filter(|c| !c.is_whitespace()).collect();
        let mut found: BTreeMap<LayerName, Vec<(Rank, &Entry)>> = BTreeMap::new();
        for entry in &self.entries {
            let code = entry.grid_code.as_deref();
            if code.is_some_and(|code| !scope.sees_grid(code)) {
                continue;
            }
            if let Some(rank) = entry.rank(&question, &letters) {
                found.entry(entry.layer).or_default().push((rank, entry));
            }
        }
        let groups = found.into_iter().map(|(layer, mut hits)| {
            let order =
                |(rank, entry): &(Rank, &Entry)| (*rank, entry.name.chars().count(), entry.item.id);
            hits.sort_by_key(order);
            let items = hits.into_iter().take(limit);
            SearchGroup {
                layer,
                items: items.map(|(_, entry)| entry.item.clone()).collect(),
            }
        });
        groups.filter(|group| !group.items.is_empty()).collect()
    }

    fn push(&mut self, layer: LayerName, item: SearchItem, community: &str) {
        self.entries.push(Entry {
            layer,
            grid_code: (layer == LayerName::Grids).then(|| item.code.clone()),
            code: normal(&item.code),
            name: normal(&item.name),
            community: normal(community),
            letters: Letters::of(&item.name),
            item,
        });
    }

    fn add_grids(&mut self, snapshot: &Snapshot) {
        for (slot, grid) in (0..).zip(snapshot.grids.items()) {
            let (Some(bounds), Some(at)) =
                (snapshot.grids.bounds(slot), grid.area.interior_point())
            else {
                continue;
            };
            let detail = |kind: &str| join([kind, &grid.community]);
            let item = SearchItem {
                id: grid.meta.id,
                code: grid.code.clone(),
                name: grid.name.clone(),
                detail_zh: detail(&format!("{}网格", grid.kind.name_zh())),
                detail_en: detail(&format!("{} grid", grid.kind.name_en())),
                at: at.0,
                bounds,
            };
            self.push(LayerName::Grids, item, &grid.community);
        }
    }

    fn add_compounds(&mut self, snapshot: &Snapshot) {
        for (slot, row) in (0..).zip(snapshot.compounds.items()) {
            let (Some(bounds), Some(at)) = (snapshot.compounds.bounds(slot), inner(&row.shape))
            else {
                continue;
            };
            let detail = |kind: &str| join([kind, &row.community]);
            let item = SearchItem {
                id: row.meta.id,
                code: row.code.clone(),
                name: row.name.clone(),
                detail_zh: detail(row.kind.name_zh()),
                detail_en: detail(row.kind.name_en()),
                at,
                bounds,
            };
            self.push(LayerName::Compounds, item, &row.community);
        }
    }

    fn add_streets(&mut self, snapshot: &Snapshot) {
        let mut named: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (slot, street) in (0..).zip(snapshot.streets.items()) {
            if !street.name.is_empty() && snapshot.streets.bounds(slot).is_some() {
                named.entry(&street.name).or_default().push(slot);
            }
        }
        for (name, slots) in named {
            let of = |slot: &u32| -> &Street { snapshot.streets.get(*slot) };
            let bounds = slots
                .iter()
                .filter_map(|slot| snapshot.streets.bounds(*slot));
            let Some(bounds) = bounds.reduce(union) else {
                continue;
            };
            // The widest class names it, the piece in the middle shows it.
            let middle = of(&slots[slots.len() / 2]);
            let class = slots
                .iter()
                .map(|slot| of(slot).class)
                .min()
                .unwrap_or(middle.class);
            let Some(at) = middle_of(&middle.line) else {
                continue;
            };
            let item = SearchItem {
                id: middle.meta.id,
                code: String::new(),
                name: name.to_owned(),
                detail_zh: class.name_zh().to_owned(),
                detail_en: class.name_en().to_owned(),
                at,
                bounds,
            };
            self.push(LayerName::Streets, item, "");
        }
    }

    fn add_routes(&mut self, snapshot: &Snapshot) {
        for (slot, route) in (0..).zip(snapshot.routes.items()) {
            let (Some(bounds), Some(at)) = (snapshot.routes.bounds(slot), middle_of(&route.line))
            else {
                continue;
            };
            let item = SearchItem {
                id: route.meta.id,
                code: route.code.clone(),
                name: route.name.clone(),
                detail_zh: route.mode.name_zh().to_owned(),
                detail_en: route.mode.name_en().to_owned(),
                at,
                bounds,
            };
            self.push(LayerName::Routes, item, "");
        }
    }
}

impl Entry {
    fn rank(&self, question: &str, letters: &str) -> Option<Rank> {
        let in_text = |text: &str| -> Option<Rank> {
            match text.find(question)? {
                0 if text.len() == question.len() => Some(0),
                0 => Some(1),
                _ => Some(2),
            }
        };
        let in_letters = || -> Option<Rank> {
            let latin = letters.bytes().all(|b| b.is_ascii_alphanumeric());
            let reach = latin.then(|| self.letters.find(letters))??;
            Some(match (reach.from_start, reach.to_end) {
                (true, true) => 0,
                (true, false) => 1,
                (false, _) => 2,
            })
        };
        // Within equal, prefix, infix: code before name before pinyin.
        let ranks = [
            in_text(&self.code).map(|how| how * 3),
            in_text(&self.name).map(|how| how * 3 + 1),
            in_letters().map(|how| how * 3 + 2),
            in_text(&self.community).map(|_| 9),
        ];
        ranks.into_iter().flatten().min()
    }
}

/// Lower case, full-width letters and digits as plain ones, outer and doubled
/// spaces gone.
fn normal(text: &str) -> String {
    let plain = text.chars().take(80).map(|c| match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    });
    let lower = plain.collect::<String>().to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn join(parts: [&str; 2]) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn union(a: Bounds, b: Bounds) -> Bounds {
    Bounds {
        west: a.west.min(b.west),
        south: a.south.min(b.south),
        east: a.east.max(b.east),
        north: a.north.max(b.north),
    }
}

fn inner(shape: &Geometry<f64>) -> Option<Coord<f64>> {
    shape.interior_point().map(|at| at.0)
}

/// The middle vertex of the longest part, by vertices.
fn middle_of(line: &MultiLineString<f64>) -> Option<Coord<f64>> {
    let longest = line.iter().max_by_key(|part| part.0.len())?;
    longest.0.get(longest.0.len() / 2).copied()
}
