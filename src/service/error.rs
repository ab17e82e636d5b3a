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

impl Error {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Error::Busy => "待处理的工作过多，请稍后再试".to_owned(),
            Error::Panicked(_) => "处理意外中断".to_owned(),
            Error::Store(error) => error.zh(),
        }
    }
}
