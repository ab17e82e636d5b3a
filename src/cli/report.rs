//! What an import tells the user: JSON for programs, sentences for people.

use std::fmt::Write as _;

use serde::Serialize;

use super::places::Unmatched;
use crate::format::{Problem, Report, Severity};
use crate::service::Outcome;

/// Problems that the sentences list; JSON has them all.
const LISTED: usize = 20;

/// The report of one file.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FileReport {
    /// The file's name, without its folder.
    pub(super) file: String,
    /// What reading told.
    #[serde(flatten)]
    pub(super) read: Report,
    /// What storing told.
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// Texts of rows without coordinates that the table of places lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unmatched_places: Vec<Unmatched>,
}

impl FileReport {
    /// True if something is wrong with the data.
    pub(super) fn has_problems(&self) -> bool {
        self.read.has_rejected()
    }

    /// The report in the user's language.
    pub(super) fn sentences(&self, chinese: bool) -> String {
        let (read, outcome) = (&self.read, &self.outcome);
        let mut out = String::new();
        let mut line = |zh: String, en: String| {
            // Writing into a text cannot fail.
            let _ = writeln!(out, "{}", if chinese { zh } else { en });
        };
        for (zh, en) in self.counts() {
            line(zh, en);
        }
        let lists = [
            (
                "未保存的个人信息列",
                "columns about persons that were left out",
                &read.dropped_columns,
            ),
            ("新类别", "new categories", &outcome.new_categories),
            (
                "附加列已满 32 个，未列出",
                "more than 32 extra columns, not listed",
                &outcome.unlisted_columns,
            ),
        ];
        for (zh, en, names) in lists {
            if !names.is_empty() {
                let (in_zh, in_en) = (names.join("、"), names.join(", "));
                line(format!("  {zh}：{in_zh}"), format!("  {en}: {in_en}"));
            }
        }
        for place in self.unmatched_places.iter().take(LISTED) {
            line(missing(place, true), missing(place, false));
        }
        for problem in read.problems.iter().take(LISTED) {
            line(told(problem, true), told(problem, false));
        }
        let left = read.problems.len().saturating_sub(LISTED) as u64 + read.more_problems;
        if left > 0 {
            line(
                format!("  … 另有 {left} 条，用 --json 查看全部"),
                format!("  … and {left} more, all with --json"),
            );
        }
        if !outcome.stored {
            line(
                "  没有写入任何数据".to_owned(),
                "  nothing was stored".to_owned(),
            );
        }
        out
    }

    /// How many rows, and what became of them, in (Chinese, English).
    fn counts(&self) -> [(String, String); 2] {
        let (read, outcome) = (&self.read, &self.outcome);
        [
            (
                format!(
                    "{}：读入 {} 行，接受 {}，退回 {}",
                    self.file, read.read, read.accepted, read.rejected
                ),
                format!(
                    "{}: {} rows read, {} accepted, {} rejected",
                    self.file, read.read, read.accepted, read.rejected
                ),
            ),
            (
                format!(
                    "  新增 {}，更新 {}，未变 {}，未上图 {}（坐标系 {}，编码 {}）",
                    outcome.new,
                    outcome.updated,
                    outcome.unchanged,
                    read.unplaced,
                    read.crs,
                    read.encoding
                ),
                format!(
                    "  {} new, {} updated, {} unchanged, {} without a place (read as {}, {})",
                    outcome.new,
                    outcome.updated,
                    outcome.unchanged,
                    read.unplaced,
                    read.crs,
                    read.encoding
                ),
            ),
        ]
    }
}

/// A text that leads nowhere, with what it may mean.
fn missing(place: &Unmatched, chinese: bool) -> String {
    let (text, rows) = (&place.text, place.rows);
    let maybe = match (&place.proposal, chinese) {
        (None, _) => String::new(),
        (Some((layer, name)), true) => format!("，也许是{}“{name}”", layer.name_zh()),
        (Some((layer, name)), false) => format!(", perhaps `{name}` of the {layer}"),
    };
    if chinese {
        format!("  · “{text}”没有位置（{rows} 行）{maybe}")
    } else {
        format!("  · `{text}` has no place ({rows} rows){maybe}")
    }
}

fn told(problem: &Problem, chinese: bool) -> String {
    let place = match problem.row {
        Some(row) if chinese => format!("第 {row} 行："),
        Some(row) => format!("row {row}: "),
        None => String::new(),
    };
    let mark = match problem.severity {
        Severity::Rejected => "✗",
        Severity::Repaired | Severity::Warning => "·",
    };
    let reason = if chinese {
        problem.reason.zh()
    } else {
        problem.reason.en()
    };
    format!("  {mark} {place}{reason}")
}

/// All files of one command: the report itself for one file, else sums with
/// the reports below `files`.
pub(super) fn json(reports: &[FileReport]) -> serde_json::Value {
    if let [report] = reports {
        return serde_json::json!(report);
    }
    let sum = |pick: fn(&FileReport) -> u64| reports.iter().map(pick).sum::<u64>();
    serde_json::json!({
        "read": sum(|r| r.read.read),
        "accepted": sum(|r| r.read.accepted),
        "rejected": sum(|r| r.read.rejected),
        "new": sum(|r| r.outcome.new),
        "updated": sum(|r| r.outcome.updated),
        "unchanged": sum(|r| r.outcome.unchanged),
        "unplaced": sum(|r| r.read.unplaced),
        "stored": reports.iter().all(|r| r.outcome.stored),
        "files": reports,
    })
}
