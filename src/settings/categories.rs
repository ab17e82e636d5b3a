//! The category tree as a whole, checked before it replaces the one in use.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::check::{Check, Part, Wrong};
use crate::model::{Category, CategoryTree, IncidentKind};

/// The most categories.
const MOST: usize = 2000;
/// The longest name.
const NAME: usize = 40;

/// A new tree, and codes that take the place of others.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoryChange {
    /// The tree.
    pub tree: CategoryTree,
    /// Old code to new code, for the incidents that have the old one.
    pub replace: HashMap<String, String>,
}

/// Reads `{categories: […], replace: {old: new}}`. Codes stay what they are:
/// they are what incidents keep.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check_categories(value: &Value) -> Result<CategoryChange, Vec<Wrong>> {
    let mut check = Check::default();
    let whole = Part::whole(value);
    let mut items: Vec<Category> = Vec::new();
    let mut replace = HashMap::new();
    if let Some(fields) = check.object(&whole, &["categories", "replace"]) {
        let parts = fields.must(&mut check, "categories");
        let parts = parts
            .map(|part| check.list(&part, MOST))
            .unwrap_or_default();
        for part in &parts {
            if let Some(item) = category(&mut check, part) {
                if items.iter().any(|known| known.code == item.code) {
                    check.twice(&format!("{}/code", part.at), &item.code);
                }
                items.push(item);
            }
        }
        parents(&mut check, &items);
        if let Some(part) = fields.maybe("replace") {
            for (old, new) in check.entries(&part, MOST) {
                let Some(code) = check.text(&new, 80) else {
                    continue;
                };
                if !items.iter().any(|item| item.code == code) || old == code {
                    check.wrong(
                        &new.at,
                        "应为新类别表中的另一个类别",
                        "must be another category of the new tree",
                    );
                }
                replace.insert(old.to_owned(), code.to_owned());
            }
        }
    }
    check.finish()?;
    // Parents come before children.
    let tree = CategoryTree::from(sorted(items));
    Ok(CategoryChange { tree, replace })
}

fn category(check: &mut Check, part: &Part<'_>) -> Option<Category> {
    let known = [
        "code",
        "parent",
        "kind",
        "name_zh",
        "name_en",
        "sensitive",
        "aliases",
    ];
    let fields = check.object(part, &known)?;
    let code = fields
        .must(check, "code")
        .and_then(|part| code(check, &part));
    let kinds: Vec<&str> = IncidentKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kind = fields.must(check, "kind").and_then(|part| {
        let word = check.word(&part, &kinds)?;
        word.parse::<IncidentKind>().ok()
    });
    let name_zh = fields
        .must(check, "name_zh")
        .and_then(|part| check.term(&part, NAME));
    let english = fields
        .maybe("name_en")
        .filter(|part| part.value.as_str() != Some(""));
    let name_en = english.and_then(|part| check.term(&part, 2 * NAME));
    let sensitive = fields.maybe("sensitive");
    if let Some(part) = &sensitive
        && !part.value.is_boolean()
    {
        check.wrong(&part.at, "应为 true 或 false", "must be true or false");
    }
    let mut aliases = Vec::new();
    if let Some(part) = fields.maybe("aliases") {
        for alias in check.list(&part, 50) {
            aliases.extend(check.term(&alias, NAME).map(str::to_owned));
        }
    }
    Some(Category {
        code: code?.to_owned(),
        parent: fields
            .maybe("parent")
            .and_then(|part| part.value.as_str())
            .filter(|parent| !parent.is_empty())
            .map(str::to_owned),
        kind: kind?,
        name_zh: name_zh?.to_owned(),
        name_en: name_en.unwrap_or_default().to_owned(),
        sensitive: sensitive.is_some_and(|part| part.value == &Value::Bool(true)),
        aliases,
    })
}

fn code<'v>(check: &mut Check, part: &Part<'v>) -> Option<&'v str> {
    let text = check.text(part, 80)?;
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if !text.chars().all(plain) {
        check.wrong(
            &part.at,
            "编码只能有小写字母、数字和 . _ -",
            "a code has small letters, digits and . _ - only",
        );
        return None;
    }
    Some(text)
}

/// Parents exist, are of the same kind, and no circle closes.
fn parents(check: &mut Check, items: &[Category]) {
    let by_code: HashMap<&str, &Category> = items.iter().map(|i| (i.code.as_str(), i)).collect();
    for (slot, item) in items.iter().enumerate() {
        let at = format!("/categories/{slot}/parent");
        let mut above = item.parent.as_deref();
        let mut steps = 0;
        while let Some(code) = above {
            let Some(parent) = by_code.get(code) else {
                if steps == 0 {
                    check.wrong(
                        &at,
                        format!("没有上级类别“{code}”"),
                        format!("there is no category `{code}` above it"),
                    );
                }
                break;
            };
            if steps == 0 && parent.kind != item.kind {
                check.wrong(
                    &at,
                    "上级类别属于另一种事件",
                    "the category above is of another kind",
                );
            }
            steps += 1;
            if steps > items.len() {
                check.wrong(
                    &at,
                    "上级类别绕成了圈",
                    "the categories above form a circle",
                );
                break;
            }
            above = parent.parent.as_deref();
        }
    }
}

/// Children after their parents, else in the given order.
fn sorted(items: Vec<Category>) -> Vec<Category> {
    let codes: HashSet<String> = items.iter().map(|item| item.code.clone()).collect();
    let mut placed: HashSet<String> = HashSet::new();
    let mut out = Vec::with_capacity(items.len());
    let mut rest = items;
    // One round for each level that comes too early; a circle ends it.
    loop {
        let before = rest.len();
        let (ready, late): (Vec<_>, Vec<_>) = rest.into_iter().partition(|item| {
            let parent = item.parent.as_ref();
            let is_ready = parent.is_none_or(|code| placed.contains(code) || !codes.contains(code));
            if is_ready {
                placed.insert(item.code.clone());
            }
            is_ready
        });
        out.extend(ready);
        rest = late;
        if rest.is_empty() || rest.len() == before {
            out.append(&mut rest);
            return out;
        }
    }
}
