//! The category tree: a table that the user edits.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::IncidentKind;

/// A category of incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Stable code, e.g. `police.theft.ebike`.
    pub code: String,
    /// Code of the category above, if any.
    pub parent: Option<String>,
    /// The kind of incident it belongs to.
    pub kind: IncidentKind,
    /// Chinese name.
    pub name_zh: String,
    /// English name; the Chinese one stands in when empty.
    pub name_en: String,
    /// Never shown as points to lower roles (domestic violence, minors).
    pub sensitive: bool,
    /// Other words that files use for it.
    pub aliases: Vec<String>,
}

/// All categories, parents before children, with look-up by code and word.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Category>", into = "Vec<Category>")]
pub struct CategoryTree {
    items: Vec<Category>,
    by_code: HashMap<String, usize>,
    by_word: HashMap<(IncidentKind, String), usize>,
}

impl From<Vec<Category>> for CategoryTree {
    /// Builds the tree; of two items with one code the first stays, and a
    /// parent that does not exist or would close a circle is dropped.
    fn from(items: Vec<Category>) -> CategoryTree {
        let mut tree = CategoryTree::default();
        for item in items {
            tree.push(item);
        }
        tree.cut_circles();
        tree.index_words();
        tree
    }
}

impl From<CategoryTree> for Vec<Category> {
    fn from(tree: CategoryTree) -> Vec<Category> {
        tree.items
    }
}

impl CategoryTree {
    /// Adds a category at the end; nothing happens if the code exists.
    pub fn add(&mut self, item: Category) {
        self.push(item);
        self.cut_circles();
        self.index_words();
    }

    /// All categories in table order.
    pub fn items(&self) -> &[Category] {
        &self.items
    }

    /// A category by code.
    pub fn get(&self, code: &str) -> Option<&Category> {
        self.by_code.get(code).map(|&slot| &self.items[slot])
    }

    /// Position of a code in [`CategoryTree::items`].
    pub fn slot(&self, code: &str) -> Option<usize> {
        self.by_code.get(code).copied()
    }

    /// Finds a category by code, name or alias; `kind` decides between
    /// categories that share a word (停车 is a dispute and a hotline subject).
    pub fn find(&self, word: &str, kind: Option<IncidentKind>) -> Option<&Category> {
        let word = word.trim();
        if let Some(item) = self.get(word) {
            return Some(item);
        }
        let lower = word.to_lowercase();
        let kinds: &[IncidentKind] = match &kind {
            Some(kind) => std::slice::from_ref(kind),
            None => IncidentKind::ALL,
        };
        kinds.iter().find_map(|&kind| {
            self.by_word
                .get(&(kind, lower.clone()))
                .map(|&slot| &self.items[slot])
        })
    }

    /// True if `code` is `ancestor` or lies below it.
    pub fn is_within(&self, code: &str, ancestor: &str) -> bool {
        let mut current = Some(code);
        while let Some(code) = current {
            if code == ancestor {
                return true;
            }
            current = self.get(code).and_then(|item| item.parent.as_deref());
        }
        false
    }

    fn push(&mut self, item: Category) {
        if !item.code.is_empty() && !self.by_code.contains_key(&item.code) {
            self.by_code.insert(item.code.clone(), self.items.len());
            self.items.push(item);
        }
    }

    /// Drops parents that do not exist or lead back to the item itself.
    fn cut_circles(&mut self) {
        for slot in 0..self.items.len() {
            let mut steps = 0;
            let mut current = self.items[slot].parent.clone();
            while let Some(code) = current {
                steps += 1;
                match self.by_code.get(&code) {
                    Some(&above) if above != slot && steps <= self.items.len() => {
                        current = self.items[above].parent.clone();
                    }
                    _ if steps == 1 || self.by_code.get(&code) == Some(&slot) => {
                        self.items[slot].parent = None;
                        break;
                    }
                    _ => break,
                }
            }
        }
    }

    fn index_words(&mut self) {
        self.by_word.clear();
        for (slot, item) in self.items.iter().enumerate() {
            let names = [&item.name_zh, &item.name_en];
            for word in names.into_iter().chain(&item.aliases) {
                let word = word.trim().to_lowercase();
                if !word.is_empty() {
                    self.by_word.entry((item.kind, word)).or_insert(slot);
                }
            }
        }
    }
}
