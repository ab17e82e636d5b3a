//! `gridmap writes` and `gridmap undo`: what was written, and taking it back.

use std::fmt::Write as _;
use std::sync::Arc;

use super::address::{StoreAddress, open_database};
use super::args::{EditedArg, UndoArgs, WritesArgs};
use super::folder::{self, audit};
use super::handover::Server;
use super::told::told;
use super::{Ending, say};
use crate::config::Environment;
use crate::model::{Audit, Revision};
use crate::service::{Edited, Service, ServiceOptions, UndoError, UndoPlan, Undone};
use crate::store::{DataDir, Store};

/// Rows that are named.
const LISTED: usize = 20;

pub(super) async fn writes(args: WritesArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let store = args.store.address(environment)?.open_existing().await?;
    let notes = store.writes(args.before.map(Revision), args.limit).await;
    store.close().await;
    let notes = notes?;
    if args.json {
        say(&format!("{:#}\n", serde_json::json!({ "writes": notes })));
        return Ok(Ending::Done);
    }
    let chinese = environment.speaks_chinese();
    let mut out = String::new();
    for note in notes {
        let counts = note.counts.iter().flat_map(|(layer, ops)| {
            ops.iter()
                .map(move |(op, rows)| format!("{layer} {} {rows}", op.as_str()))
        });
        let counts: Vec<String> = counts.collect();
        let undone = match (note.undone_by, chinese) {
            (None, _) => String::new(),
            (Some(by), true) => format!("  已由 {by} 撤销"),
            (Some(by), false) => format!("  taken back by {by}"),
        };
        let at = note.at.to_rfc3339();
        // Writing into a text cannot fail.
        let _ = writeln!(
            out,
            "{}  {at}  {} {}  {}{undone}",
            note.revision,
            note.audit.action,
            note.audit.reason,
            counts.join(", ")
        );
    }
    say(&out);
    Ok(Ending::Done)
}

pub(super) async fn run(args: UndoArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let revision = Revision(args.revision);
    let edited = args.edited.map(|edited| match edited {
        EditedArg::Keep => Edited::Keep,
        EditedArg::Revert => Edited::Revert,
    });
    let audit = audit("undo", args.revision.to_string());
    let outcome = match args.store.address(environment)? {
        StoreAddress::Database(url) => {
            undo_in(open_database(&url).await?, revision, edited, audit).await?
        }
        StoreAddress::Folder(path) => {
            let folder = DataDir::create(&path)?;
            let server = || Server::find(&folder).transpose();
            match folder::lock(&folder, server).await? {
                Err(server) => {
                    let mut server = server?;
                    tokio::task::block_in_place(|| server.undo(revision, edited, audit))?
                }
                Ok(_lock) => {
                    let store = Arc::new(folder::open(&folder).await?);
                    undo_in(store, revision, edited, audit).await?
                }
            }
        }
    };
    Ok(tell(outcome, environment.speaks_chinese()))
}

async fn undo_in(
    store: Arc<dyn Store>,
    revision: Revision,
    edited: Option<Edited>,
    audit: Audit,
) -> anyhow::Result<Result<Undone, UndoPlan>> {
    let service = Service::open(store, ServiceOptions::default()).await?;
    let outcome = undo_or_ask(&service, revision, edited, audit).await;
    service.close().await;
    outcome.map_err(|error| told(error.zh(), error.to_string()))
}

/// Takes a write back; without a wish for rows that were changed since, gives
/// the plan back where there are any.
pub(super) async fn undo_or_ask(
    service: &Service,
    revision: Revision,
    edited: Option<Edited>,
    audit: Audit,
) -> Result<Result<Undone, UndoPlan>, UndoError> {
    if edited.is_none() {
        let plan = service.plan_undo(revision, Edited::Keep).await?;
        if plan.edited > 0 || !plan.gone.is_empty() {
            return Ok(Err(plan));
        }
    }
    let edited = edited.unwrap_or(Edited::Keep);
    service.undo(revision, edited, audit).await.map(Ok)
}

fn tell(outcome: Result<Undone, UndoPlan>, chinese: bool) -> Ending {
    let mut out = String::new();
    let mut line = |zh: String, en: String| {
        let _ = writeln!(out, "{}", if chinese { zh } else { en });
    };
    let ending = match outcome {
        Ok(undone) => {
            line(
                format!(
                    "已撤销：还原 {} 行，保留 {} 行（版本 {}）",
                    undone.reverted, undone.kept, undone.revision
                ),
                format!(
                    "taken back: {} rows restored, {} kept (revision {})",
                    undone.reverted, undone.kept, undone.revision
                ),
            );
            Ending::Done
        }
        Err(plan) => {
            let edited = plan.edited + plan.gone.len() as u64;
            line(
                format!(
                    "有 {edited} 行后来又改动过或已删除；请加 --edited keep（保留）或 --edited revert（一并还原）。没有改动任何数据"
                ),
                format!(
                    "{edited} rows were changed or deleted since; say --edited keep or --edited revert. Nothing was changed"
                ),
            );
            for row in plan.edited_since.iter().chain(&plan.gone).take(LISTED) {
                let text = format!("  {}/{} {}", row.layer, row.id, row.name);
                line(text.clone(), text);
            }
            Ending::Problems
        }
    };
    say(&out);
    ending
}
