//! Proposed grids on their way: made on a thread of their own, kept in memory
//! until somebody saves them or nobody asks any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::partition::{
    AdjustError, Faces, Ground, Options, PartitionError, Proposal, propose_from,
};

/// A proposal is forgotten so long after the last request for it.
const KEPT: Duration = Duration::from_secs(30 * 60);
/// Proposals that are kept at most.
const MOST: usize = 8;

/// How far a proposal is.
#[derive(Debug, Clone)]
pub enum ProposalState {
    /// Lines are cut where they meet.
    Cutting,
    /// Faces are divided into grids.
    Dividing {
        /// How many there are.
        faces: usize,
    },
    /// It is there.
    Ready(Arc<Proposal>),
    /// There is none.
    Failed(PartitionError),
}

struct Job {
    state: ProposalState,
    asked: Instant,
}

/// All proposals.
#[derive(Clone)]
pub struct Proposals {
    jobs: Arc<Mutex<HashMap<String, Job>>>,
    /// One at a time: dividing keeps all cores busy.
    turn: Arc<Semaphore>,
}

impl Default for Proposals {
    fn default() -> Self {
        Proposals {
            jobs: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl std::fmt::Debug for Proposals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proposals").finish_non_exhaustive()
    }
}

impl Proposals {
    /// Begins a proposal; `None` when too many are kept already.
    pub fn begin(&self, ground: Ground, options: Options) -> Option<String> {
        let id = format!("{:016x}", rand::random::<u64>());
        {
            let mut jobs = self.lock();
            jobs.retain(|_, job| job.asked.elapsed() < KEPT);
            if jobs.len() >= MOST {
                return None;
            }
            let job = Job {
                state: ProposalState::Cutting,
                asked: Instant::now(),
            };
            jobs.insert(id.clone(), job);
        }
        let (mine, named) = (self.clone(), id.clone());
        tokio::spawn(async move {
            let Ok(_turn) = Arc::clone(&mine.turn).acquire_owned().await else {
                return;
            };
            let working = mine.clone();
            let named_there = named.clone();
            let work = move || working.make(&named_there, &ground, &options);
            if tokio::task::spawn_blocking(work).await.is_err() {
                tracing::error!("a proposal of grids stopped unexpectedly");
                mine.forget(&named);
            }
        });
        Some(id)
    }

    /// Step by step; a proposal that was cancelled goes no further.
    fn make(&self, id: &str, ground: &Ground, options: &Options) {
        if self.get(id).is_none() {
            return;
        }
        let faces = match Faces::new(ground, options) {
            Ok(faces) => faces,
            Err(error) => return self.set(id, ProposalState::Failed(error)),
        };
        let dividing = ProposalState::Dividing { faces: faces.len() };
        self.set(id, dividing);
        if self.get(id).is_none() {
            return;
        }
        let state = match propose_from(faces, options) {
            Ok(proposal) => ProposalState::Ready(Arc::new(proposal)),
            Err(error) => ProposalState::Failed(error),
        };
        self.set(id, state);
    }

    /// How far a proposal is; `None` when there is none of that id.
    pub fn get(&self, id: &str) -> Option<ProposalState> {
        let mut jobs = self.lock();
        jobs.retain(|_, job| job.asked.elapsed() < KEPT);
        jobs.get(id).map(|job| job.state.clone())
    }

    /// As [`Proposals::get`], and keeps it for longer.
    pub fn ask(&self, id: &str) -> Option<ProposalState> {
        let found = self.get(id)?;
        if let Some(job) = self.lock().get_mut(id) {
            job.asked = Instant::now();
        }
        Some(found)
    }

    /// Changes a proposal that is there by hand. The change is made on what is
    /// there when it is made: two at once are made one after the other.
    ///
    /// # Errors
    /// What the change refuses; `None` when no proposal is ready.
    pub fn adjust(
        &self,
        id: &str,
        change: impl FnOnce(&Proposal) -> Result<Proposal, AdjustError>,
    ) -> Option<Result<Arc<Proposal>, AdjustError>> {
        let mut jobs = self.lock();
        let job = jobs.get_mut(id)?;
        let ProposalState::Ready(proposal) = &job.state else {
            return None;
        };
        let changed = change(proposal).map(Arc::new);
        if let Ok(proposal) = &changed {
            job.state = ProposalState::Ready(Arc::clone(proposal));
            job.asked = Instant::now();
        }
        Some(changed)
    }

    /// Forgets a proposal; true if it was there.
    pub fn forget(&self, id: &str) -> bool {
        self.lock().remove(id).is_some()
    }

    fn set(&self, id: &str, state: ProposalState) {
        // A cancelled one does not come back.
        if let Some(job) = self.lock().get_mut(id) {
            job.state = state;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
