//! Taking a write back: a pure plan from what it touched to the changes that
//! restore what was there before, and the use case around it.
//!
//! A row that was changed again since is not taken back unasked: it is listed,
//! and kept or reverted as the user chooses. Categories and settings that came
//! with the write go with it, unless something else uses or changed them.

mod plan;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use plan::plan;

use super::{Error, Service};
use crate::model::{Audit, ChangeSet, FeatureId, LayerName, Revision};
use crate::store::{Basis, Op, Write, WriteNote};

/// What to do with rows that were changed again since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edited {
    /// They stay as they are now.
    Keep,
    /// They too become what they were before the write.
    Revert,
}

/// A row of a plan that needs a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoRow {
    /// Its layer.
    pub layer: LayerName,
    /// Its id.
    pub id: FeatureId,
    /// Name, code or id in its source.
    pub name: String,
    /// What the write had done to it.
    pub what: Op,
}

/// What taking back would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UndoPlan {
    /// The changes that restore what was there.
    pub changes: ChangeSet,
    /// Rows that are restored without a question.
    pub rows: u64,
    /// Rows that were changed again since, at most a thousand.
    pub edited_since: Vec<UndoRow>,
    /// All of them.
    pub edited: u64,
    /// Rows that the write had put and that are gone since, at most a thousand.
    pub gone: Vec<UndoRow>,
    /// Rows that are restored.
    pub reverted: u64,
    /// Rows that stay as they are, changed or gone.
    pub kept: u64,
}

/// What taking back brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The state of the map after it.
    pub revision: Revision,
    /// Rows restored.
    pub reverted: u64,
    /// Rows that stay as they are.
    pub kept: u64,
}

/// Why a write is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no such write of this program.
    #[error("there is no write with revision {0}")]
    NoSuchWrite(Revision),
    /// It is taken back already.
    #[error("the write {0} was taken back by {1}")]
    UndoneBefore(Revision, Revision),
    /// It replaced or took away a ground, of which the log keeps no pieces.
    #[error(
        "the write {0} replaced or removed the background; import the file that it should come from again, nothing was taken back"
    )]
    GroundReplaced(Revision),
    /// What the store began with is no import.
    #[error("the write {0} made the store and cannot be taken back")]
    Beginning(Revision),
    /// The store said no.
    #[error(transparent)]
    Service(#[from] Error),
}

impl UndoError {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            UndoError::NoSuchWrite(revision) => format!("没有版本为 {revision} 的写入"),
            UndoError::UndoneBefore(revision, by) => {
                format!("写入 {revision} 已由 {by} 撤销")
            }
            UndoError::GroundReplaced(revision) => {
                format!(
                    "写入 {revision} 替换或删除了底图，旧底图没有保留；请重新导入原来的 .osm.pbf 文件，未撤销任何数据"
                )
            }
            UndoError::Beginning(revision) => {
                format!("写入 {revision} 建立了数据库，不能撤销")
            }
            UndoError::Service(error) => error.zh(),
        }
    }
}

impl From<crate::store::Error> for UndoError {
    fn from(error: crate::store::Error) -> UndoError {
        UndoError::Service(error.into())
    }
}

impl Service {
    /// The write with a revision.
    pub async fn write_note(&self, revision: Revision) -> Result<WriteNote, UndoError> {
        let above = Revision(revision.0.saturating_add(1));
        let notes = self.writes(Some(above), 1).await?;
        notes
            .into_iter()
            .find(|note| note.revision == revision)
            .ok_or(UndoError::NoSuchWrite(revision))
    }

    /// Whether a write can still be taken back. One that was taken back and
    /// brought again lives on in the write that brought it again.
    ///
    /// # Errors
    /// Why not.
    pub fn undoable(note: &WriteNote) -> Result<(), UndoError> {
        if matches!(note.audit.action.as_str(), "create" | "fill") {
            return Err(UndoError::Beginning(note.revision));
        }
        match note.undone_by {
            Some(by) => Err(UndoError::UndoneBefore(note.revision, by)),
            None => Ok(()),
        }
    }

    /// What taking a write back would do.
    ///
    /// # Errors
    /// When there is no such write, or it is taken back already.
    pub async fn plan_undo(
        &self,
        revision: Revision,
        edited: Edited,
    ) -> Result<UndoPlan, UndoError> {
        self.planned(revision, edited).await.map(|(plan, _)| plan)
    }

    async fn planned(
        &self,
        revision: Revision,
        edited: Edited,
    ) -> Result<(UndoPlan, Revision), UndoError> {
        let note = self.write_note(revision).await?;
        Service::undoable(&note)?;
        self.catch_up().await?;
        let snapshot = self.snapshot();
        let touched = self.touched(note.before, note.revision).await?;
        if touched.iter().any(plan::is_lost_ground) {
            return Err(UndoError::GroundReplaced(revision));
        }
        let seen = snapshot.revision;
        let planned = tokio::task::spawn_blocking(move || plan(&snapshot, touched, edited));
        let plan = planned.await.map_err(Error::from)?;
        Ok((plan, seen))
    }

    /// Takes a write back, whole or not at all. Taking that back again
    /// restores the write.
    ///
    /// # Errors
    /// When there is no such write, it is taken back already, or a row was
    /// changed at the same moment; then nothing changes.
    pub async fn undo(
        &self,
        revision: Revision,
        edited: Edited,
        audit: Audit,
    ) -> Result<Undone, UndoError> {
        let _one_at_a_time = self.importing.lock().await;
        let (plan, seen) = self.planned(revision, edited).await?;
        if plan.changes.is_empty() {
            return Ok(Undone {
                revision: seen,
                reverted: 0,
                kept: plan.kept,
            });
        }
        let write = Write {
            undoes: Some(revision),
            ..Write::by(&audit)
        };
        let write = write.over(Basis::of(&plan.changes), seen);
        let applied = self.write(plan.changes, &write).await?;
        Ok(Undone {
            revision: applied.revision,
            reverted: plan.reverted,
            kept: plan.kept,
        })
    }
}
