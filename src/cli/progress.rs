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

    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
