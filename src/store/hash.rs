//! A hash of all content, to tell whether two stores hold the same.

use std::collections::BTreeMap;

use blake3::{Hash, Hasher};
use jiff::civil::Date;

use super::row::{Columns, Shape, Stored};
use crate::model::ground::hash_feature;
use crate::model::{
    CategoryTree, ChangeSet, District, FeatureId, GroundChange, GroundFacts, LayerChanges,
    Timestamp,
};

/// Collects batches of [`super::Store::load`] in any order of rows.
///
/// Rows count by layer and content, their keys included and row ids left out:
/// a store numbers rows as they come, and what was exported and imported again
/// is the same. One hash per row, sorted, is hashed; that equals hashing the
/// rows in the order of their keys as far as telling differences goes, and
/// needs 32 bytes a row; pieces of the ground are rows too. Categories count in
/// their order, settings by name.
#[derive(Debug, Default)]
pub(super) struct ContentHash {
    rows: Vec<[u8; 32]>,
    categories: CategoryTree,
    district: District,
    settings: BTreeMap<String, serde_json::Value>,
    facts: Option<GroundFacts>,
}

impl ContentHash {
    pub(super) fn add(&mut self, batch: ChangeSet) {
        self.layer(&batch.grids);
        self.layer(&batch.compounds);
        self.layer(&batch.streets);
        self.layer(&batch.routes);
        self.layer(&batch.incidents);
        if let Some(categories) = batch.categories {
            self.categories = categories;
        }
        if let Some(district) = batch.district {
            self.district = district;
        }
        self.settings.extend(batch.settings);
        if let Some(ground) = batch.ground.as_ref().and_then(GroundChange::ground) {
            self.facts = Some(ground.facts.clone());
            for feature in &ground.features {
                let mut hasher = Hasher::new();
                hash_feature(&mut hasher, feature);
                self.rows.push(*hasher.finalize().as_bytes());
            }
        }
    }

    fn layer<T: Stored>(&mut self, layer: &LayerChanges<T>) {
        for item in &layer.put {
            let mut cells = Cells(Hasher::new());
            cells.bytes(T::LAYER.as_str().as_bytes());
            item.write(&mut cells);
            self.rows.push(*cells.0.finalize().as_bytes());
        }
    }

    /// 64 hexadecimal digits.
    pub(super) fn finish(mut self) -> String {
        self.rows.sort_unstable();
        let mut all = Hasher::new();
        for row in &self.rows {
            all.update(row);
        }
        let words = (
            &self.categories,
            &self.district,
            &self.settings,
            &self.facts,
        );
        let words = serde_json::to_vec(&words).unwrap_or_default();
        all.update(&words);
        let hash: Hash = all.finalize();
        hash.to_hex().to_string()
    }
}

/// Each cell with a tag and its length, so that no two rows look alike.
struct Cells(Hasher);

impl Cells {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn number(&mut self, number: Option<i64>) {
        match number {
            None => self.0.update(&[0]),
            Some(number) => self.0.update(&[1]).update(&number.to_le_bytes()),
        };
    }
}

impl Columns for Cells {
    fn id(&mut self, _: FeatureId) {}
    fn shape(&mut self, shape: Option<Shape<'_>>) {
        let bytes = shape.map(|shape| shape.wkb()).unwrap_or_default();
        self.bytes(&bytes);
    }
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }
    fn json(&mut self, text: Option<String>) {
        self.bytes(text.unwrap_or_default().as_bytes());
    }
    fn count(&mut self, count: Option<u32>) {
        self.number(count.map(i64::from));
    }
    fn yes(&mut self, yes: bool) {
        self.number(Some(yes.into()));
    }
    fn date(&mut self, date: Option<Date>) {
        self.text(&date.map(|day| day.to_string()).unwrap_or_default());
    }
    fn instant(&mut self, at: Option<Timestamp>) {
        self.number(at.map(|at| at.0));
    }
}
