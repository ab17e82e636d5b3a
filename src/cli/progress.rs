//! What a long command is doing.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A spinner on a terminal, nothing elsewhere.
pub(super) struct Progress {
    bar: ProgressBar,
    chinese: bool,
}

impl Progress {
    pub(super) fn new(chinese: bool) -> Progress {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress { bar, chinese }
    }

    /// What is done now, in the user's language.
    pub(super) fn say(&self, zh: &str, en: &str) {
        self.bar.set_message(self.words(zh, en).to_owned());
    }

    /// The text in the user's language.
    pub(super) fn words<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        if self.chinese { zh } else { en }
    }

    /// Shows how many rows of a file are checked.
    pub(super) fn counting(&self, name: &str) -> impl Fn(u64) + Send + use<> {
        let (bar, name, chinese) = (self.bar.clone(), name.to_owned(), self.chinese);
        move |row| {
            if row.is_multiple_of(1_000) {
                bar.set_message(if chinese {
                    format!("正在校验 {name}：{row} 行")
                } else {
                    format!("checking {name}: {row} rows")
                });
            }
        }
    }

    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
