use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::net::UnixStream;

use serde::Serialize;

use super::super::told::{While as _, told};
use super::{Greeting, Reply, Request, place, version};
use crate::model::{Audit, CategoryTree, GroundChange, Revision};
use crate::service::{Batch, Edited, GroundOutcome, Outcome, Rows, UndoPlan, Undone};
use crate::store::{DataDir, IdempotencyKey};

/// A server that has the folder open.
#[derive(Debug)]
pub(in crate::cli) struct Server {
    reader: BufReader<UnixStream>,
    writer: BufWriter<UnixStream>,
    categories: CategoryTree,
    ground_within: Option<[f64; 4]>,
}

impl Server {
    /// Connects to the folder's server; `None` if there is none.
    pub(in crate::cli) fn find(folder: &DataDir) -> anyhow::Result<Option<Server>> {
        let Some(path) = place::find(folder) else {
            return Ok(None);
        };
        // A socket without a listener is a leftover.
        let Ok(stream) = UnixStream::connect(path) else {
            return Ok(None);
        };
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            // It is just stopping.
            return Ok(None);
        }
        let greeting: Greeting = serde_json::from_str(&line).while_doing(|| {
            (
                "此文件夹的服务是另一个版本；请重启服务",
                "the server of this folder speaks another version; restart it",
            )
        })?;
        let (theirs, ours) = (&greeting.gridmap, version());
        if *theirs != ours {
            return Err(told(
                format!("此文件夹的服务是 gridmap {theirs}，本程序是 {ours}；请使用同一版本"),
                format!(
                    "the server of this folder is gridmap {theirs}, this is {ours}; use the same version"
                ),
            ));
        }
        Ok(Some(Server {
            reader,
            writer: BufWriter::with_capacity(1 << 16, stream),
            categories: greeting.categories,
            ground_within: greeting.ground_within,
        }))
    }

    /// The server's categories.
    pub(in crate::cli) fn categories(&self) -> &CategoryTree {
        &self.categories
    }

    /// Hands over a batch and waits for what became of it.
    pub(in crate::cli) fn import(
        &mut self,
        batch: &Batch,
        dry_run: bool,
        audit: Audit,
        key: Option<IdempotencyKey>,
    ) -> anyhow::Result<Outcome> {
        let request = Request::Import {
            layer: batch.rows.layer(),
            rows: batch.rows.len() as u64,
            new_categories: batch.new_categories.clone(),
            extra_columns: batch.extra_columns.clone(),
            dry_run,
            audit,
            key,
        };
        self.send(&request)?;
        match &batch.rows {
            Rows::Grids(rows) => self.send_all(rows)?,
            Rows::Compounds(rows) => self.send_all(rows)?,
            Rows::Streets(rows) => self.send_all(rows)?,
            Rows::Routes(rows) => self.send_all(rows)?,
            Rows::Incidents(rows) => self.send_all(rows)?,
        }
        match self.reply()? {
            Reply::Imported(outcome) => Ok(outcome),
            Reply::Refused { zh, en } => Err(told(zh, en)),
            _ => Err(something_else()),
        }
    }

    /// West, south, east, north of what a ground is cut to.
    pub(in crate::cli) fn ground_within(&self) -> Option<[f64; 4]> {
        self.ground_within
    }

    /// Hands over a ground, or the wish that there be none.
    pub(in crate::cli) fn change_ground(
        &mut self,
        change: &GroundChange,
        dry_run: bool,
        audit: Audit,
        key: Option<IdempotencyKey>,
    ) -> anyhow::Result<GroundOutcome> {
        let ground = change.ground();
        let pieces = ground.map_or(&[][..], |ground| &ground.features);
        // A dry run compares nothing.
        let pieces = if dry_run { &[] } else { pieces };
        self.send(&Request::Ground {
            facts: ground.map(|ground| ground.facts.clone()),
            pieces: pieces.len() as u64,
            dry_run,
            audit,
            key,
        })?;
        self.send_all(pieces)?;
        match self.reply()? {
            Reply::Ground(outcome) => Ok(outcome),
            Reply::Refused { zh, en } => Err(told(zh, en)),
            _ => Err(something_else()),
        }
    }

    /// Replaces the category tree.
    pub(in crate::cli) fn set_categories(
        &mut self,
        tree: CategoryTree,
        audit: Audit,
    ) -> anyhow::Result<()> {
        self.send(&Request::Categories { tree, audit })?;
        match self.reply()? {
            Reply::Done => Ok(()),
            Reply::Refused { zh, en } => Err(told(zh, en)),
            _ => Err(something_else()),
        }
    }

    /// Takes a write back, or gives the plan back where the user has to say
    /// what becomes of rows that were changed since.
    pub(in crate::cli) fn undo(
        &mut self,
        revision: Revision,
        edited: Option<Edited>,
        audit: Audit,
    ) -> anyhow::Result<Result<Undone, UndoPlan>> {
        self.send(&Request::Undo {
            revision,
            edited,
            audit,
        })?;
        match self.reply()? {
            Reply::Undone(undone) => Ok(Ok(undone)),
            Reply::Edited {
                edited,
                edited_since,
                gone,
            } => Ok(Err(UndoPlan {
                edited,
                edited_since,
                gone,
                ..UndoPlan::default()
            })),
            Reply::Refused { zh, en } => Err(told(zh, en)),
            _ => Err(something_else()),
        }
    }

    fn send_all<T: Serialize>(&mut self, rows: &[T]) -> anyhow::Result<()> {
        rows.iter().try_for_each(|row| self.send(row))
    }

    fn send<T: Serialize>(&mut self, value: &T) -> anyhow::Result<()> {
        serde_json::to_writer(&mut self.writer, value)?;
        self.writer.write_all(b"\n")?;
        Ok(())
    }

    fn reply(&mut self) -> anyhow::Result<Reply> {
        self.writer.flush()?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        // The rows may or may not be stored then; to send them again is safe,
        // since a row that is there already counts as unchanged.
        serde_json::from_str(&line).while_doing(|| {
            (
                "服务在答复之前停止了；请重新运行",
                "the server stopped before it answered; run the import again",
            )
        })
    }
}

fn something_else() -> anyhow::Error {
    told("服务的答复无法识别", "the server answered something else")
}
