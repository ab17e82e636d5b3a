//! What is wrong with a question, in both languages.

/// Why the parameters of a query cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterError {
    /// No such parameter.
    Unknown {
        /// The name given.
        param: String,
        /// The known name nearest to it, if one is near.
        nearest: Option<String>,
    },
    /// Given twice.
    Repeated {
        /// The name.
        param: String,
    },
    /// The value cannot be read.
    Value {
        /// The name.
        param: String,
        /// The part that cannot be read.
        value: String,
        /// What is expected, in Chinese.
        expected_zh: String,
        /// What is expected, in English.
        expected_en: String,
    },
    /// A CQL2 filter cannot be understood.
    Cql {
        /// The character of the text at which it goes wrong, from 1.
        at: usize,
        /// What is wrong, in Chinese.
        zh: String,
        /// What is wrong, in English.
        en: String,
    },
}

impl FilterError {
    /// An unknown name, with the known one nearest to it.
    pub(super) fn unknown<'a>(param: &str, known: impl Iterator<Item = &'a str>) -> FilterError {
        let param: String = param.chars().take(40).collect();
        let near = known
            .map(|name| (edit_distance(&param.to_lowercase(), name), name))
            .min();
        let nearest = near
            .filter(|(distance, name)| *distance <= (name.len() / 2).clamp(1, 3))
            .map(|(_, name)| name.to_owned());
        FilterError::Unknown { param, nearest }
    }

    /// A column that the layer does not have.
    pub(super) fn no_column(column: &str, known: &[&str]) -> FilterError {
        FilterError::Value {
            param: "column".to_owned(),
            value: column.chars().take(80).collect(),
            expected_zh: format!("可用 {}", known.join("、")),
            expected_en: format!("use one of {}", known.join(", ")),
        }
    }

    /// A stable code for programs: `unknown_parameter`, `repeated_parameter`,
    /// `bad_value`, `bad_filter`.
    pub fn code(&self) -> &'static str {
        match self {
            FilterError::Unknown { .. } => "unknown_parameter",
            FilterError::Repeated { .. } => "repeated_parameter",
            FilterError::Value { .. } => "bad_value",
            FilterError::Cql { .. } => "bad_filter",
        }
    }

    /// The parameter at fault.
    pub fn param(&self) -> &str {
        match self {
            FilterError::Unknown { param, .. }
            | FilterError::Repeated { param }
            | FilterError::Value { param, .. } => param,
            FilterError::Cql { .. } => "filter",
        }
    }

    /// A sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            FilterError::Unknown {
                param,
                nearest: Some(near),
            } => {
                format!("没有参数“{param}”，是否指“{near}”？")
            }
            FilterError::Unknown {
                param,
                nearest: None,
            } => format!("没有参数“{param}”"),
            FilterError::Repeated { param } => format!("参数“{param}”只能出现一次"),
            FilterError::Value {
                param,
                value,
                expected_zh,
                ..
            } => {
                format!("参数“{param}”的值“{value}”无法识别：{expected_zh}")
            }
            FilterError::Cql { at, zh, .. } => format!("filter 第 {at} 个字符：{zh}"),
        }
    }

    /// A sentence in English.
    pub fn en(&self) -> String {
        match self {
            FilterError::Unknown {
                param,
                nearest: Some(near),
            } => {
                format!("unknown parameter `{param}`; did you mean `{near}`?")
            }
            FilterError::Unknown {
                param,
                nearest: None,
            } => {
                format!("unknown parameter `{param}`")
            }
            FilterError::Repeated { param } => format!("parameter `{param}` is given twice"),
            FilterError::Value {
                param,
                value,
                expected_en,
                ..
            } => {
                format!("cannot read `{value}` for parameter `{param}`: {expected_en}")
            }
            FilterError::Cql { at, en, .. } => format!("filter, character {at}: {en}"),
        }
    }
}

impl std::fmt::Display for FilterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for FilterError {}

/// Letters to insert, delete or replace (Levenshtein).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
