//! Changes by hand: what a person draws or types is checked against the rows
//! that the person saw, and applied whole or not at all.

mod batch;
mod plan;

use std::sync::Arc;

pub use batch::{Change, Edit, Expect, batch};
pub use plan::{Conflict, Fault, Keys, Plan, Planned, Refused};

use super::{Error, Service};
use crate::index::Snapshot;
use crate::model::{Audit, Revision};

/// What a person's change has led to.
#[derive(Debug, Clone)]
pub struct Edited<T> {
    /// The sub-district after it.
    pub snapshot: Arc<Snapshot>,
    /// The last change.
    pub revision: Revision,
    /// What the plan said.
    pub answer: T,
}

impl Service {
    /// Plans changes over the newest snapshot and applies them, so that nothing
    /// comes between the check and the write.
    ///
    /// # Errors
    /// What the plan refuses, or the store's error; nothing is written then.
    pub async fn edit<T: Send + 'static>(
        &self,
        audit: Audit,
        plan: impl FnOnce(&Snapshot) -> Planned<T> + Send + 'static,
    ) -> Result<Edited<T>, Refused> {
        let _one_at_a_time = self.importing.lock().await;
        self.catch_up().await?;
        let snapshot = self.snapshot();
        let plan = self.compute(move || plan(&snapshot)).await??;
        let revision = if plan.changes.is_empty() {
            self.revision()
        } else {
            self.apply(plan.changes, audit).await?
        };
        Ok(Edited {
            snapshot: self.snapshot(),
            revision,
            answer: plan.answer,
        })
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused::Service(error)
    }
}
