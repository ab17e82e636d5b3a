//! What an import tells the user: JSON for programs, sentences for people.

use std::fmt::Write as _;

use serde::Serialize;

use crate::format::{Report, Severity};
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
        let pick = |zh: String, en: String| if chinese { zh } else { en };
        let mut line = |zh: String, en: String| {
            // Writing into a text cannot fail.
            let _ = writeln!(out, "{}", pick(zh, en));
        };
        line(
            format!(
                "{}：读入 {} 行，接受 {}，退回 {}",
                self.file, read.read, read.accepted, read.rejected
            ),
            format!(
                "{}: {} rows read, {} accepted, {} rejected",
                self.file, read.read, read.accepted, read.rejected
            ),
        );
        line(
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
        );
        if !read.dropped_columns.is_empty() {
            let names = read.dropped_columns.join("、");
            line(
                format!("  未保存的个人信息列：{names}"),
                format!("  columns about persons that were left out: {names}"),
            );
        }
        if !outcome.new_categories.is_empty() {
            let names = outcome.new_categories.join("、");
            line(
                format!("  新类别：{names}"),
                format!("  new categories: {names}"),
            );
        }
        if !outcome.unlisted_columns.is_empty() {
            let names = outcome.unlisted_columns.join("、");
            line(
                format!("  附加列已满 32 个，未列出：{names}"),
                format!("  more than 32 extra columns, not listed: {names}"),
            );
        }
        for problem in read.problems.iter().take(LISTED) {
            let place = problem.row.map_or_else(String::new, |row| {
                pick(format!("第 {row} 行："), format!("row {row}: "))
            });
            let mark = match problem.severity {
                Severity::Rejected => "✗",
                Severity::Repaired | Severity::Warning => "·",
            };
            line(
                format!("  {mark} {place}{}", problem.reason),
                format!("  {mark} {place}{}", problem.reason),
            );
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
