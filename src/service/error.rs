/// Why the service could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Too much work is waiting; try again soon.
    #[error("too much work is waiting; try again in a moment")]
    Busy,
    /// The work failed in a way that it should not.
    #[error("the work stopped unexpectedly")]
    Panicked(#[from] tokio::task::JoinError),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}
