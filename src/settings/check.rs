//! Reading a JSON value piece by piece, noting everything that is wrong.

use serde_json::{Map, Value};

use crate::format::{is_impersonal, mask_text};

/// The most faults that are told.
const MAX_WRONGS: usize = 50;

/// Something wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where in the value: a JSON pointer such as `/0/name`.
    pub at: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Check {
    wrongs: Vec<Wrong>,
}

/// A part of the value and where it is.
#[derive(Debug, Clone)]
pub(super) struct Part<'v> {
    pub(super) value: &'v Value,
    pub(super) at: String,
}

impl<'v> Part<'v> {
    pub(super) fn whole(value: &'v Value) -> Part<'v> {
        Part {
            value,
            at: String::new(),
        }
    }

    fn below(&self, key: &str, value: &'v Value) -> Part<'v> {
        let key = key.replace('~', "~0").replace('/', "~1");
        Part {
            value,
            at: format!("{}/{key}", self.at),
        }
    }
}

/// An object with the names that it may have.
#[derive(Debug)]
pub(super) struct Fields<'v> {
    part: Part<'v>,
    members: &'v Map<String, Value>,
}

impl Check {
    pub(super) fn wrong(&mut self, at: &str, zh: impl Into<String>, en: impl Into<String>) {
        if self.wrongs.len() < MAX_WRONGS {
            self.wrongs.push(Wrong {
                at: at.to_owned(),
                zh: zh.into(),
                en: en.into(),
            });
        }
    }

    pub(super) fn finish(self) -> Result<(), Vec<Wrong>> {
        if self.wrongs.is_empty() {
            Ok(())
        } else {
            Err(self.wrongs)
        }
    }

    /// The items of a list of at most `most`.
    pub(super) fn list<'v>(&mut self, part: &Part<'v>, most: usize) -> Vec<Part<'v>> {
        match part.value.as_array() {
            Some(items) if items.len() <= most => items
                .iter()
                .enumerate()
                .map(|(n, item)| part.below(&n.to_string(), item))
                .collect(),
            Some(_) => {
                let (zh, en) = (format!("最多 {most} 项"), format!("at most {most} items"));
                self.wrong(&part.at, zh, en);
                Vec::new()
            }
            None => {
                self.wrong(&part.at, "应为列表", "must be a list");
                Vec::new()
            }
        }
    }

    /// The members of an object of free names, at most `most`.
    pub(super) fn entries<'v>(&mut self, part: &Part<'v>, most: usize) -> Vec<(&'v str, Part<'v>)> {
        match part.value.as_object() {
            Some(members) if members.len() <= most => members
                .iter()
                .map(|(key, value)| (key.as_str(), part.below(key, value)))
                .collect(),
            Some(_) => {
                let (zh, en) = (format!("最多 {most} 项"), format!("at most {most} members"));
                self.wrong(&part.at, zh, en);
                Vec::new()
            }
            None => {
                self.wrong(&part.at, "应为对象", "must be an object");
                Vec::new()
            }
        }
    }

    /// An object that has no other members than these.
    pub(super) fn object<'v>(&mut self, part: &Part<'v>, known: &[&str]) -> Option<Fields<'v>> {
        let Some(members) = part.value.as_object() else {
            self.wrong(&part.at, "应为对象", "must be an object");
            return None;
        };
        for name in members
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            let at = part.below(name, part.value).at;
            let list = known.join(", ");
            let short: String = name.chars().take(40).collect();
            self.wrong(
                &at,
                format!("没有“{short}”这一项；可用 {list}"),
                format!("there is no `{short}` here; use {list}"),
            );
        }
        Some(Fields {
            part: part.clone(),
            members,
        })
    }

    /// A text of 1 to `most` characters on one line.
    pub(super) fn text<'v>(&mut self, part: &Part<'v>, most: usize) -> Option<&'v str> {
        let text = part.value.as_str().filter(|text| {
            let length = text.chars().count();
            (1..=most).contains(&length)
                && text.trim() == *text
                && !text.chars().any(char::is_control)
        });
        if text.is_none() {
            self.wrong(
                &part.at,
                format!("应为 1 到 {most} 个字的文字，前后没有空格"),
                format!("must be a text of 1 to {most} characters without blanks at its ends"),
            );
        }
        text
    }

    /// A name of a thing: a text that says nothing about persons.
    pub(super) fn name<'v>(&mut self, part: &Part<'v>, most: usize) -> Option<&'v str> {
        let text = self.text(part, most)?;
        if !is_impersonal(text) {
            self.wrong(
                &part.at,
                "这像是人名或个人号码；请填写小组、班次或用途的名称",
                "this reads like the name or a number of a person; name the group, the shift or the purpose",
            );
            return None;
        }
        Some(text)
    }

    /// A word of the field, such as a category. Words like 黄赌 read like names,
    /// so only numbers of persons are refused.
    pub(super) fn term<'v>(&mut self, part: &Part<'v>, most: usize) -> Option<&'v str> {
        let text = self.text(part, most)?;
        if !mask_text(text).1.is_empty() {
            self.wrong(
                &part.at,
                "这里有个人号码；请填写类别的名称",
                "this holds a number of a person; name the category",
            );
            return None;
        }
        Some(text)
    }

    /// A whole number in a range.
    pub(super) fn integer(
        &mut self,
        part: &Part<'_>,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let number = part.value.as_i64().filter(|n| range.contains(n));
        if number.is_none() {
            let (low, high) = (range.start(), range.end());
            self.wrong(
                &part.at,
                format!("应为 {low} 到 {high} 的整数"),
                format!("must be a whole number from {low} to {high}"),
            );
        }
        number
    }

    /// One of some words.
    pub(super) fn word<'v>(&mut self, part: &Part<'v>, words: &[&str]) -> Option<&'v str> {
        let word = part.value.as_str().filter(|word| words.contains(word));
        if word.is_none() {
            let list = words.join(", ");
            self.wrong(
                &part.at,
                format!("应为 {list} 之一"),
                format!("must be one of {list}"),
            );
        }
        word
    }

    /// Notes a name that another item has.
    pub(super) fn twice(&mut self, at: &str, name: &str) {
        self.wrong(
            at,
            format!("“{name}”出现了两次"),
            format!("`{name}` is there twice"),
        );
    }
}

impl<'v> Fields<'v> {
    /// A member that may be missing or null.
    pub(super) fn maybe(&self, name: &str) -> Option<Part<'v>> {
        let value = self.members.get(name).filter(|value| !value.is_null())?;
        Some(self.part.below(name, value))
    }

    /// A member that must be there.
    pub(super) fn must(&self, check: &mut Check, name: &str) -> Option<Part<'v>> {
        let found = self.maybe(name);
        if found.is_none() {
            let at = format!("{}/{name}", self.part.at);
            check.wrong(&at, "必须填写", "is required");
        }
        found
    }

    pub(super) fn at(&self) -> &str {
        &self.part.at
    }
}
