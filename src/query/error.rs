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
}

impl FilterError {
    /// A stable code for programs: `unknown_parameter`, `repeated_parameter`,
    /// `bad_value`.
    pub fn code(&self) -> &'static str {
        match self {
            FilterError::Unknown { .. } => "unknown_parameter",
            FilterError::Repeated { .. } => "repeated_parameter",
            FilterError::Value { .. } => "bad_value",
        }
    }

    /// The parameter at fault.
    pub fn param(&self) -> &str {
        match self {
            FilterError::Unknown { param, .. }
            | FilterError::Repeated { param }
            | FilterError::Value { param, .. } => param,
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
        }
    }
}

impl std::fmt::Display for FilterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for FilterError {}
