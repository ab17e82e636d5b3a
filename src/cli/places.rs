//! A table of places for rows without coordinates: `text,layer,name`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use geo::Coord;
use serde::{Deserialize, Serialize};

use super::told::{While as _, told};
use crate::model::{Incident, LayerName};
use crate::query::Gazetteer;

/// The word for texts that stay without a place.
const UNPLACED: &str = "unplaced";

/// Where texts lead.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<String, Option<Coord>>);

/// A text that leads nowhere yet.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Unmatched {
    /// The text, masked.
    pub(super) text: String,
    /// Rows that have it.
    pub(super) rows: u64,
    /// What it may mean: layer and name.
    pub(super) proposal: Option<(LayerName, String)>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    layer: String,
    #[serde(default)]
    name: String,
}

impl Places {
    /// Reads the table. Every name must be on the map once.
    pub(super) fn read(path: &Path, gazetteer: &Gazetteer) -> anyhow::Result<Places> {
        let named = || {
            let path = path.display();
            (format!("无法读取 {path}"), format!("cannot read {path}"))
        };
        let bytes = std::fs::read(path).while_doing(named)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut places = HashMap::new();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        for line in reader.deserialize::<Line>() {
            let line = line.while_doing(named)?;
            let at = if line.layer.trim() == UNPLACED {
                None
            } else {
                Some(find(&line, gazetteer)?)
            };
            places.insert(line.text.trim().to_owned(), at);
        }
        Ok(Places(places))
    }

    /// Puts incidents without coordinates where their texts lead; `texts` has
    /// one entry for each incident. Returns the texts that lead nowhere, the
    /// most used first.
    pub(super) fn put(
        &self,
        incidents: &mut [Incident],
        texts: &[Option<String>],
        gazetteer: &Gazetteer,
    ) -> Vec<Unmatched> {
        let mut open: BTreeMap<&str, u64> = BTreeMap::new();
        for (incident, text) in incidents.iter_mut().zip(texts) {
            let Some(text) = text.as_deref().filter(|_| incident.at.is_none()) else {
                continue;
            };
            match self.0.get(text) {
                Some(at) => incident.at = *at,
                None => *open.entry(text).or_default() += 1,
            }
        }
        let mut unmatched: Vec<Unmatched> = open
            .into_iter()
            .map(|(text, rows)| Unmatched {
                text: text.to_owned(),
                rows,
                proposal: gazetteer
                    .propose(text)
                    .map(|place| (place.layer, place.name.clone())),
            })
            .collect();
        unmatched.sort_by_key(|item| std::cmp::Reverse(item.rows));
        unmatched
    }
}

fn find(line: &Line, gazetteer: &Gazetteer) -> anyhow::Result<Coord> {
    let (word, name) = (&line.layer, &line.name);
    let layer: LayerName = word.parse()?;
    gazetteer
        .named(layer, name)
        .map(|place| place.at)
        .ok_or_else(|| {
            told(
                format!(
                    "地点表：地图上没有（或不止一个）{}“{name}”",
                    layer.name_zh()
                ),
                format!("places: `{name}` is not on the map once among the {layer}"),
            )
        })
}
