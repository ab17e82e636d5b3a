//! CPU work on the blocking pool, a bounded number at a time.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::Error;

/// How long work may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Jobs that may wait per core; a map view asks for about 20 tiles at once.
const WAITING_PER_CORE: usize = 128;

#[derive(Debug)]
pub(super) struct Jobs {
    running: Semaphore,
    waiting: Semaphore,
}

impl Jobs {
    pub(super) fn new() -> Jobs {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Jobs {
            running: Semaphore::new(cores),
            waiting: Semaphore::new(cores * WAITING_PER_CORE),
        }
    }

    /// Runs the work when its turn comes. Work that has begun runs to its end,
    /// also when the caller goes away.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let Ok(_place) = self.waiting.try_acquire() else {
            return Err(Error::Busy);
        };
        let Ok(Ok(_turn)) = tokio::time::timeout(PATIENCE, self.running.acquire()).await else {
            return Err(Error::Busy);
        };
        Ok(tokio::task::spawn_blocking(work).await?)
    }
}
