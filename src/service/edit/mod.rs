//! Changes by hand: what a person draws or types is checked against the rows
//! that the person saw, and applied whole or not at all.

mod batch;
mod documents;
mod grids;
mod plan;

use std::sync::Arc;

pub use batch::{Change, Edit, Expect, batch};
pub use documents::{category_counts, fingerprint, plan_categories, plan_setting, setting_value};
pub use grids::{MergeGrids, SplitGrid, merge_grids, replace_grids, split_grid};
pub use plan::{Conflict, Fault, Keys, Plan, Planned, Refused, items_of};

use super::{Error, Service};
use crate::index::Snapshot;
use crate::model::{Audit, Revision};
use crate::store::{self, Basis, IdempotencyKey, Write};

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

/// How often a plan is made anew when another program writes in between.
const TRIES: usize = 3;

impl Service {
    /// Plans changes over the newest snapshot and applies them, so that nothing
    /// comes between the check and the write: no other request of this program,
    /// and of another program only what touches no row or document of the plan.
    ///
    /// # Errors
    /// What the plan refuses, or the store's error; nothing is written then.
    pub async fn edit<T: Send + 'static>(
        &self,
        audit: Audit,
        key: Option<IdempotencyKey>,
        plan: impl Fn(&Snapshot) -> Planned<T> + Send + Sync + 'static,
    ) -> Result<Edited<T>, Refused> {
        let _one_at_a_time = self.importing.lock().await;
        let plan = Arc::new(plan);
        let mut write = Write {
            key,
            ..Write::by(&audit)
        };
        let mut tries = 0;
        loop {
            tries += 1;
            self.catch_up().await?;
            let snapshot = self.snapshot();
            let seen = snapshot.revision;
            let planning = Arc::clone(&plan);
            let planned = self.compute(move || planning(&snapshot)).await??;
            write = write.over(Basis::of(&planned.changes), seen);
            if planned.changes.is_empty() {
                return Ok(self.edited(seen, planned.answer));
            }
            match self.write(planned.changes, &write).await {
                Ok(applied) => return Ok(self.edited(applied.revision, planned.answer)),
                Err(Error::Store(store::Error::Conflict { of })) if tries == TRIES => {
                    return Err(conflicts(of));
                }
                Err(Error::Store(store::Error::Conflict { .. })) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn edited<T>(&self, revision: Revision, answer: T) -> Edited<T> {
        Edited {
            snapshot: self.snapshot(),
            revision,
            answer,
        }
    }
}

/// Rows by name; where only documents changed, the store's own words.
fn conflicts(of: Vec<Basis>) -> Refused {
    let row = |basis: &Basis| match basis {
        Basis::Row(layer, id) => Some(Conflict {
            layer: *layer,
            id: *id,
        }),
        Basis::Categories | Basis::Setting(_) => None,
    };
    let rows: Vec<Conflict> = of.iter().filter_map(row).collect();
    if rows.is_empty() {
        return Error::Store(store::Error::Conflict { of }).into();
    }
    Refused::Conflicts(rows)
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused::Service(error)
    }
}
