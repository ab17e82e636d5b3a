use std::collections::HashMap;

use crate::model::{Category, CategoryTree, Incident, IncidentKind};

/// Turns the category words of a file into codes.
#[derive(Debug)]
pub(super) struct Categories<'t> {
    tree: &'t CategoryTree,
    known: HashMap<(IncidentKind, String), String>,
    added: Vec<Category>,
}

impl<'t> Categories<'t> {
    pub(super) fn new(tree: &'t CategoryTree) -> Categories<'t> {
        Categories {
            tree,
            known: HashMap::new(),
            added: Vec::new(),
        }
    }

    /// Replaces the word by its code; an unknown word becomes a category of
    /// the incident's kind.
    pub(super) fn resolve(&mut self, incident: &mut Incident) {
        let word = incident.category.trim();
        if word.is_empty() {
            incident.category.clear();
            return;
        }
        let key = (incident.kind, word.to_owned());
        if let Some(code) = self.known.get(&key) {
            incident.category.clone_from(code);
            return;
        }
        let code = match self.tree.find(word, Some(incident.kind)) {
            Some(item) => item.code.clone(),
            None => self.add(incident.kind, word),
        };
        self.known.insert(key, code.clone());
        incident.category = code;
    }

    fn add(&mut self, kind: IncidentKind, word: &str) -> String {
        // From the word, so that another store makes the same code of it.
        let hash = blake3::hash(word.to_lowercase().as_bytes()).to_hex();
        let code = format!("{kind}.w{}", &hash[..8]);
        if !self.added.iter().any(|item| item.code == code) {
            self.added.push(Category {
                code: code.clone(),
                parent: None,
                kind,
                name_zh: word.to_owned(),
                name_en: String::new(),
                sensitive: false,
                aliases: Vec::new(),
            });
        }
        code
    }

    /// The words that were added, and the tree with them, if any.
    pub(super) fn finish(self) -> (Vec<String>, Option<CategoryTree>) {
        if self.added.is_empty() {
            return (Vec::new(), None);
        }
        let words = self.added.iter().map(|c| c.name_zh.clone()).collect();
        let mut items = self.tree.items().to_vec();
        items.extend(self.added);
        (words, Some(items.into()))
    }
}
