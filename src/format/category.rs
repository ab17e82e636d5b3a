//! The category table: `geodata/codes/categories.csv`, which users edit.

use serde::Deserialize;

use super::problem::quote;
use super::reason::Reason;
use super::row::unknown_word;
use crate::model::{Category, CategoryTree, IncidentKind};

/// The table that ships with the program.
const DEFAULT: &str = include_str!("../../geodata/codes/categories.csv");

/// Why a category table is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("category table, line {line}: {reason}")]
pub struct CategoryError {
    /// Line in the file, the heading is line 1.
    pub line: u64,
    /// What is wrong.
    pub reason: Reason,
}

impl CategoryError {
    /// The sentence in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        format!("类别表第 {} 行：{}", self.line, self.reason.zh())
    }
}

/// One line of the table.
#[derive(Deserialize)]
struct Line {
    code: String,
    parent: String,
    kind: String,
    name_zh: String,
    name_en: String,
    sensitive: String,
    aliases: String,
}

/// The category tree that ships with the program.
#[must_use]
pub fn default_categories() -> CategoryTree {
    read_categories(DEFAULT.as_bytes()).expect("the shipped table is checked by a test")
}

/// Reads a table with the columns code, parent, kind, name_zh, name_en,
/// sensitive (true/false), aliases (separated by `|`), UTF-8.
///
/// # Errors
/// The first line that is wrong: an empty or doubled code, a parent that does
/// not come before or is of another kind, an unknown kind.
pub fn read_categories(bytes: &[u8]) -> Result<CategoryTree, CategoryError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut items: Vec<Category> = Vec::new();
    let mut reader = csv::Reader::from_reader(bytes);
    for (n, line) in reader.deserialize::<Line>().enumerate() {
        let line_number = n as u64 + 2;
        let refuse = |reason: Reason| CategoryError {
            line: line_number,
            reason,
        };
        let line = line.map_err(|e| {
            refuse(Reason::CategoryLine {
                cause: e.to_string(),
            })
        })?;
        let item = category(line).map_err(refuse)?;
        if items.iter().any(|other| other.code == item.code) {
            return Err(refuse(Reason::CategoryCodeTwice { code: item.code }));
        }
        if let Some(parent) = &item.parent {
            match items.iter().find(|other| other.code == *parent) {
                Some(above) if above.kind == item.kind => {}
                Some(_) => {
                    return Err(refuse(Reason::CategoryParentKind {
                        parent: parent.clone(),
                    }));
                }
                None => {
                    return Err(refuse(Reason::CategoryParentLater {
                        parent: parent.clone(),
                    }));
                }
            }
        }
        items.push(item);
    }
    Ok(CategoryTree::from(items))
}

fn category(line: Line) -> Result<Category, Reason> {
    let code = line.code.trim();
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if code.is_empty() || code.len() > 80 || !code.chars().all(plain) {
        return Err(Reason::NotACategoryCode { code: quote(code) });
    }
    if line.name_zh.trim().is_empty() {
        return Err(Reason::CategoryWithoutName {
            code: code.to_owned(),
        });
    }
    let sensitive = match line.sensitive.trim() {
        "true" | "1" | "是" => true,
        "false" | "0" | "" | "否" => false,
        other => {
            return Err(Reason::NotSensitive { word: quote(other) });
        }
    };
    let parent = line.parent.trim();
    Ok(Category {
        code: code.to_owned(),
        parent: (!parent.is_empty()).then(|| parent.to_owned()),
        kind: line.kind.parse::<IncidentKind>().map_err(unknown_word)?,
        name_zh: line.name_zh.trim().to_owned(),
        name_en: line.name_en.trim().to_owned(),
        sensitive,
        aliases: line
            .aliases
            .split('|')
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_covers_the_words_of_the_field() {
        let tree = default_categories();
        let police = Some(IncidentKind::Police);
        for (word, kind, code) in [
            ("电信网络诈骗", police, "police.fraud"),
            ("传销", police, "police.pyramid"),
            ("养老诈骗", police, "police.elder_fraud"),
            ("四类可防性案件", police, "police.theft"),
            ("盗窃", police, "police.theft"),
            ("入室盗窃", police, "police.theft.burglary"),
            ("盗窃电动车", police, "police.theft.ebike"),
            ("黄赌", police, "police.vice"),
            ("涉黑涉恶", police, "police.gang"),
            ("邪教", police, "police.cult"),
            ("邻里纠纷", None, "dispute.neighbor"),
            ("噪音扰民", Some(IncidentKind::Hotline), "hotline.noise"),
            (
                "噪音扰民",
                Some(IncidentKind::Dispute),
                "dispute.neighbor.noise",
            ),
            (
                "违建",
                Some(IncidentKind::Hotline),
                "hotline.illegal_building",
            ),
        ] {
            let found = tree.find(word, kind).map(|c| c.code.as_str());
            assert_eq!(found, Some(code), "{word}");
        }
        assert!(tree.get("dispute.family").unwrap().sensitive);
        assert!(tree.is_within("police.theft.ebike", "police.theft"));
        for item in tree.items() {
            assert!(item.code.starts_with(item.kind.as_str()), "{}", item.code);
        }
    }

    #[test]
    fn one_word_means_one_category_of_a_kind() {
        let tree = default_categories();
        let mut seen = std::collections::HashMap::new();
        for item in tree.items() {
            for word in item.aliases.iter().chain([&item.name_zh, &item.name_en]) {
                let other = seen.insert((item.kind, word.to_lowercase()), &item.code);
                assert!(other.is_none_or(|o| *o == item.code), "{word}: {other:?}");
            }
        }
    }

    #[test]
    fn bad_tables_name_the_line() {
        let head = "code,parent,kind,name_zh,name_en,sensitive,aliases\n";
        for (line, words) in [
            ("a,,police,甲,,false,\na,,police,乙,,false,", "twice"),
            ("a,b,police,甲,,false,", "before"),
            ("a,,thief,甲,,false,", "thief"),
            ("A b,,police,甲,,false,", "no code"),
            ("a,,police,,,false,", "no name"),
            ("a,,police,甲,,maybe,", "maybe"),
            ("a,,police", "line"),
        ] {
            let error = read_categories(format!("{head}{line}\n").as_bytes()).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
            assert!(error.line >= 2);
        }
    }
}
