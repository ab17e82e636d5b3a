//! Proposed grids on their way: made on a thread of their own, kept in memory
//! until somebody saves them or nobody asks any more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::partition::{
    AdjustError, Faces, Ground, Options, PartitionError, Proposal, Stop, propose_unless,
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
    /// True when the job is gone; who works on it looks here.
    unwanted: Arc<AtomicBool>,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.unwanted.store(true, Ordering::Relaxed);
    }
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
        let unwanted = Arc::new(AtomicBool::new(false));
        {
            let mut jobs = self.lock();
            jobs.retain(|_, job| job.asked.elapsed() < KEPT);
            if jobs.len() >= MOST {
                return None;
            }
            let job = Job {
                state: ProposalState::Cutting,
                asked: Instant::now(),
                unwanted: Arc::clone(&unwanted),
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
            let work = move || {
                let stop = || unwanted.load(Ordering::Relaxed);
                working.make(&named_there, &ground, &options, &stop);
            };
            if tokio::task::spawn_blocking(work).await.is_err() {
                tracing::error!("a proposal of grids stopped unexpectedly");
                mine.forget(&named);
            }
        });
        Some(id)
    }

    /// Step by step; a proposal that was cancelled ends within a step's loops.
    fn make(&self, id: &str, ground: &Ground, options: &Options, stop: Stop<'_>) {
        let state = Faces::new_unless(stop, ground, options).and_then(|faces| {
            let dividing = ProposalState::Dividing { faces: faces.len() };
            self.set(id, dividing);
            propose_unless(stop, faces, options)
        });
        match state {
            Ok(proposal) => self.set(id, ProposalState::Ready(Arc::new(proposal))),
            Err(PartitionError::Stopped) => {}
            Err(error) => self.set(id, ProposalState::Failed(error)),
        }
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

#[cfg(test)]
mod tests {
    use geo::{Coord, LineString, MultiLineString, Polygon};

    use super::*;
    use crate::partition::{BorderClass, BorderLine, Wanted};

    /// 2,664 edges of streets that are not quite straight, over 1,369 blocks.
    fn town() -> Ground {
        let blocks = 37;
        let side = 0.08;
        let step = side / f64::from(blocks);
        let bent = |i: i32, j: i32| f64::from((i * 7 + j * 13) % 5 - 2) * step * 0.04;
        let at = |i: i32, j: i32| Coord {
            x: 114.0 + f64::from(i) * step + bent(i, j),
            y: 22.5 + f64::from(j) * step + bent(j, i),
        };
        let street = |points: Vec<Coord>| BorderLine {
            line: MultiLineString(vec![LineString(points)]),
            class: BorderClass::Branch,
        };
        let mut lines = Vec::new();
        for k in 1..blocks {
            lines.push(street((0..=blocks).map(|n| at(k, n)).collect()));
            lines.push(street((0..=blocks).map(|n| at(n, k)).collect()));
        }
        let (low, high) = (at(0, 0), at(blocks, blocks));
        let ring = [
            (low.x, low.y),
            (high.x, low.y),
            (high.x, high.y),
            (low.x, high.y),
        ];
        Ground {
            boundary: Polygon::new(LineString::from(ring.to_vec()), vec![]).into(),
            lines,
            ..Ground::default()
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_forgotten_proposal_ends_at_once_wherever_it_is() {
        let options = Options {
            wanted: Wanted::Grids(48),
            ..Options::default()
        };
        let ground = town();
        let mut delays = Vec::new();
        // In both steps, at the beginning and later.
        for (wait, after_ms) in [
            (false, 0),
            (false, 40),
            (false, 250),
            (true, 0),
            (true, 50),
            (true, 300),
            (true, 900),
        ] {
            let proposals = Proposals::default();
            let id = proposals.begin(ground.clone(), options).unwrap();
            while wait && matches!(proposals.get(&id), Some(ProposalState::Cutting)) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(after_ms)).await;
            let done = matches!(proposals.get(&id), Some(ProposalState::Ready(_)));
            assert!(!done, "the town is large enough");
            assert!(proposals.forget(&id));
            let since = Instant::now();
            // Its turn is over when nothing of it runs any more.
            let turn = proposals.turn.acquire().await;
            delays.push(since.elapsed());
            drop(turn);
            assert!(proposals.get(&id).is_none());
        }
        delays.sort();
        println!("ended after {delays:?}");
        // The median: a busy machine may hold up one of them. Without
        // optimizing, the same steps take some twenty times as long.
        let most = if cfg!(debug_assertions) { 2000 } else { 100 };
        let median = delays[delays.len() / 2];
        assert!(median < Duration::from_millis(most), "{delays:?}");
    }
}
