//! What the user says about an upload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::ReadOptions;
use crate::crs::Crs;
use crate::format::Encoding;
use crate::model::{CategoryTree, ExtraType, FeatureId, LayerName, MAX_EXTRA_COLUMNS};

/// The longest word, name or column of a choice, characters.
const LONGEST: usize = 200;

/// All that can be chosen; a new set replaces the old one whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// The layer that the rows go to; the guess unless told.
    #[schema(value_type = Option<String>)]
    pub layer: Option<LayerName>,
    /// The sheet or table.
    pub sheet: Option<String>,
    /// The encoding of the text.
    pub encoding: Option<String>,
    /// The coordinate system.
    pub crs: Option<String>,
    /// Columns of fields, over the guess.
    pub map: BTreeMap<String, Columns>,
    /// One value of a field for all rows.
    pub set: BTreeMap<String, String>,
    /// Extra columns to keep.
    pub keep: Vec<Keep>,
    /// The file has latitude before longitude.
    pub swap: bool,
    /// What to do with the second row of one key.
    pub repeat: RepeatChoice,
    /// The source of rows that name none.
    pub source: String,
    /// Where the rows of a place text go.
    pub places: BTreeMap<String, PlaceChoice>,
    /// Categories of words that the tree does not know.
    pub categories: BTreeMap<String, String>,
    /// The saved profile that these choices came from.
    pub profile: Option<String>,
    /// Save the choices under this name when the rows are stored.
    pub save_profile: Option<String>,
    /// Remember the coordinate system for files like this one.
    pub remember_crs: bool,
    /// Take the rows; of an OpenStreetMap extract they can be left, together
    /// with `background`. Other files have nothing else.
    pub rows: bool,
    /// Take the ground of an OpenStreetMap extract as the background.
    pub background: bool,
}

impl Default for Choices {
    fn default() -> Choices {
        Choices {
            layer: None,
            sheet: None,
            encoding: None,
            crs: None,
            map: BTreeMap::new(),
            set: BTreeMap::new(),
            keep: Vec::new(),
            swap: false,
            repeat: RepeatChoice::default(),
            source: String::new(),
            places: BTreeMap::new(),
            categories: BTreeMap::new(),
            profile: None,
            save_profile: None,
            remember_crs: false,
            rows: true,
            background: true,
        }
    }
}

/// One column, or several whose cells are joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Columns {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// An extra column to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// Its heading.
    pub column: String,
    /// Its type; what the cells tell unless told.
    #[serde(rename = "type", default)]
    #[schema(value_type = Option<String>, example = "text")]
    pub column_type: Option<ExtraType>,
}

/// What to do with the second row of one key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RepeatChoice {
    /// Refuse it.
    #[default]
    Reject,
    /// Keep both.
    Keep,
}

/// Where the rows of a place text go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum PlaceChoice {
    /// To a thing of the map.
    At {
        /// Compounds, grids or streets.
        #[schema(value_type = String)]
        layer: LayerName,
        /// Its row id.
        #[schema(value_type = i64)]
        id: FeatureId,
    },
    /// Nowhere: they stay 未上图.
    Unplaced(Unplaced),
}

/// The word for no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unplaced {
    /// `unplaced`
    Unplaced,
}

/// A set of choices that was saved by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The layer it is for.
    pub layer: Option<LayerName>,
    /// Columns of fields.
    pub map: BTreeMap<String, Columns>,
    /// Values for all rows.
    pub set: BTreeMap<String, String>,
    /// Extra columns.
    pub keep: Vec<Keep>,
    /// The encoding of the text.
    pub encoding: Option<String>,
    /// What to do with the second row of one key.
    pub repeat: RepeatChoice,
}

impl Profile {
    /// Every column that it speaks of is there.
    pub(super) fn fits(&self, columns: &[String]) -> bool {
        let mapped = self.map.values().flat_map(Columns::names);
        let kept = self.keep.iter().map(|keep| keep.column.as_str());
        let mut wanted = mapped.chain(kept).peekable();
        wanted.peek().is_some() && wanted.all(|name| columns.iter().any(|column| column == name))
    }
}

impl Columns {
    /// The headings.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = match self {
            Columns::One(name) => std::slice::from_ref(name),
            Columns::Many(names) => names,
        };
        names.iter().map(String::as_str)
    }
}

/// A choice that cannot be, in Chinese and English.
pub type Objection = (String, String);

impl Choices {
    /// Refuses what no file could satisfy.
    ///
    /// # Errors
    /// The first choice that cannot be.
    pub fn check(&self, categories: &CategoryTree) -> Result<(), Objection> {
        let no = |zh: String, en: String| Err((zh, en));
        let mapped = self
            .map
            .iter()
            .flat_map(|(field, columns)| std::iter::once(field.as_str()).chain(columns.names()));
        let set = self.set.iter().flat_map(|(field, value)| [field, value]);
        let single = [
            &self.sheet,
            &self.encoding,
            &self.crs,
            &self.profile,
            &self.save_profile,
        ];
        let texts = mapped
            .chain(set.map(String::as_str))
            .chain(single.into_iter().flatten().map(String::as_str))
            .chain(self.keep.iter().map(|keep| keep.column.as_str()))
            .chain([self.source.as_str()]);
        for text in texts {
            if text.chars().count() > LONGEST || text.contains(char::is_control) {
                return no(
                    format!("每项选择不超过 {LONGEST} 个字，且不含控制字符"),
                    format!(
                        "no choice is longer than {LONGEST} characters or has control characters"
                    ),
                );
            }
        }
        if !self.rows && !self.background {
            return no(
                "请至少选择导入街巷或底图中的一项".to_owned(),
                "choose the rows, the background, or both".to_owned(),
            );
        }
        if self.keep.len() > MAX_EXTRA_COLUMNS {
            return no(
                format!("附加列最多 {MAX_EXTRA_COLUMNS} 个"),
                format!("at most {MAX_EXTRA_COLUMNS} extra columns are kept"),
            );
        }
        if let Some(Err(error)) = self.crs.as_deref().map(str::parse::<Crs>) {
            return no(
                format!("坐标系无法识别：{error}"),
                format!("`crs`: {error}"),
            );
        }
        let encoding = self.encoding.as_deref().map(str::parse::<Encoding>);
        if let Some(Err(error)) = encoding {
            return no(
                format!("编码“{}”无法识别", error.0),
                format!("`encoding`: {error}"),
            );
        }
        if self
            .save_profile
            .as_deref()
            .is_some_and(|name| name.trim().is_empty())
        {
            return no(
                "方案应有名称".to_owned(),
                "a profile needs a name".to_owned(),
            );
        }
        for (word, code) in &self.categories {
            // A code that is not there yet stands for the new category that
            // the preview named.
            let new = code.contains('.') && !code.contains(char::is_whitespace);
            if categories.get(code).is_none() && !new {
                return no(
                    format!("“{word}”：没有类别 {code}"),
                    format!("`{word}`: there is no category {code}"),
                );
            }
        }
        Ok(())
    }

    /// What the readers need of it.
    pub(super) fn for_reader(&self, crs: Option<&str>) -> ReadOptions {
        let map = self.map.iter().map(|(field, columns)| {
            let names: Vec<&str> = columns.names().collect();
            (field.clone(), names.join("+"))
        });
        let keep = self.keep.iter().map(|keep| match keep.column_type {
            None => keep.column.clone(),
            Some(ExtraType::Text) => format!("{}:text", keep.column),
            Some(ExtraType::Number) => format!("{}:number", keep.column),
            Some(ExtraType::Date) => format!("{}:date", keep.column),
        });
        ReadOptions {
            sheet: self.sheet.clone(),
            encoding: self.encoding.clone(),
            crs: crs.map(str::to_owned),
            map: map.collect(),
            set: self.set.clone().into_iter().collect(),
            keep: keep.collect(),
            swap: self.swap,
            keep_repeats: self.repeat == RepeatChoice::Keep,
            source: self.source.clone(),
        }
    }

    /// Takes over a saved profile.
    pub(super) fn take_profile(&mut self, name: &str, profile: &Profile) {
        self.layer = profile.layer.or(self.layer);
        self.map.clone_from(&profile.map);
        self.set.clone_from(&profile.set);
        self.keep.clone_from(&profile.keep);
        self.encoding = profile.encoding.clone().or(self.encoding.take());
        self.repeat = profile.repeat;
        self.profile = Some(name.to_owned());
    }

    /// The part that a profile keeps.
    pub(super) fn as_profile(&self, layer: LayerName) -> Profile {
        Profile {
            layer: Some(layer),
            map: self.map.clone(),
            set: self.set.clone(),
            keep: self.keep.clone(),
            encoding: self.encoding.clone(),
            repeat: self.repeat,
        }
    }

    /// The tree in which the chosen words are other words of their categories.
    pub(super) fn with_words(&self, tree: &CategoryTree) -> CategoryTree {
        let known: Vec<(&String, &String)> = self
            .categories
            .iter()
            .filter(|(_, code)| tree.get(code).is_some())
            .collect();
        if known.is_empty() {
            return tree.clone();
        }
        let mut items = tree.items().to_vec();
        for item in &mut items {
            for (word, _) in known.iter().filter(|(_, code)| **code == item.code) {
                let there =
                    item.aliases.iter().any(|alias| alias == *word) || item.name_zh == **word;
                if !there {
                    item.aliases.push((*word).clone());
                }
            }
        }
        // A word means one category of a kind: the chosen one.
        for item in &mut items {
            let kind = item.kind;
            item.aliases.retain(|alias| {
                known.iter().all(|(word, code)| {
                    *word != alias
                        || **code == item.code
                        || tree.get(code).is_none_or(|chosen| chosen.kind != kind)
                })
            });
        }
        items.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::default_categories;

    #[test]
    fn choices_read_as_the_contract_writes_them() {
        let json = serde_json::json!({
            "layer": "incidents", "sheet": null, "encoding": null, "crs": "gcj02",
            "map": {"occurred_at": "报警时间", "text": ["地点", "内容"]},
            "set": {"kind": "police"}, "keep": [{"column": "来源渠道", "type": "text"}],
            "swap": false, "repeat": "keep", "source": "110",
            "places": {"元一名城": {"layer": "compounds", "id": 3}, "不详": "unplaced"},
            "categories": {"噪音": "hotline.noise"},
            "profile": null, "save_profile": "110 台账", "remember_crs": true,
            "rows": true, "background": false
        });
        let choices: Choices = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&choices).unwrap(), json);
        let tree = default_categories();
        choices.check(&tree).unwrap();
        let read = choices.for_reader(choices.crs.as_deref());
        assert_eq!(read.map[1], ("text".to_owned(), "地点+内容".to_owned()));
        assert_eq!(read.keep, ["来源渠道:text"]);
        assert!(read.keep_repeats);
        for bad in [
            serde_json::json!({"crs": "epsg:2384"}),
            serde_json::json!({"categories": {"噪音": "nothing"}}),
            serde_json::json!({"source": "a\u{0}"}),
            serde_json::json!({"save_profile": " "}),
            serde_json::json!({"rows": false, "background": false}),
            serde_json::json!({"set": {"kind": "x".repeat(300)}}),
        ] {
            let choices: Choices = serde_json::from_value(bad.clone()).unwrap();
            assert!(choices.check(&tree).is_err(), "{bad}");
        }
        assert!(serde_json::from_value::<Choices>(serde_json::json!({"wat": 1})).is_err());
        let word = serde_json::json!({"places": {"x": "nowhere"}});
        assert!(serde_json::from_value::<Choices>(word).is_err());
    }

    #[test]
    fn a_chosen_word_means_its_category_from_now_on() {
        let tree = default_categories();
        let kind = crate::model::IncidentKind::Hotline;
        assert!(tree.find("半夜太吵", Some(kind)).is_none());
        let choices = Choices {
            categories: BTreeMap::from([("半夜太吵".to_owned(), "hotline.noise".to_owned())]),
            ..Choices::default()
        };
        let with = choices.with_words(&tree);
        let found = with.find("半夜太吵", Some(kind)).map(|c| c.code.as_str());
        assert_eq!(found, Some("hotline.noise"));
        assert_eq!(with.items().len(), tree.items().len());
    }

    #[test]
    fn a_profile_fits_only_where_its_columns_are() {
        let profile = Profile {
            map: BTreeMap::from([("text".to_owned(), Columns::One("地点".to_owned()))]),
            ..Profile::default()
        };
        assert!(profile.fits(&["编号".to_owned(), "地点".to_owned()]));
        assert!(!profile.fits(&["编号".to_owned()]));
        assert!(!Profile::default().fits(&["编号".to_owned()]));
    }
}
