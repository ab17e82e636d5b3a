//! Errors of the commands, told in the user's language.

use std::error::Error;
use std::fmt;

use crate::api::ServeError;
use crate::format::{CategoryError, FileError};
use crate::service;
use crate::store;

/// A sentence in both languages, with what led to it.
#[derive(Debug)]
pub(super) struct Told {
    zh: String,
    en: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl Error for Told {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.cause.as_deref()? as &(dyn Error + 'static))
    }
}

/// An error of its own, in Chinese and English.
pub(super) fn told(zh: impl Into<String>, en: impl Into<String>) -> anyhow::Error {
    Told {
        zh: zh.into(),
        en: en.into(),
        cause: None,
    }
    .into()
}

/// Says what was tried when something failed.
pub(super) trait While<T> {
    /// The frame in (Chinese, English).
    fn while_doing<Z, E>(self, frame: impl FnOnce() -> (Z, E)) -> anyhow::Result<T>
    where
        Z: Into<String>,
        E: Into<String>;
}

impl<T, F: Error + Send + Sync + 'static> While<T> for Result<T, F> {
    fn while_doing<Z, E>(self, frame: impl FnOnce() -> (Z, E)) -> anyhow::Result<T>
    where
        Z: Into<String>,
        E: Into<String>,
    {
        self.map_err(|cause| {
            let (zh, en) = frame();
            Told {
                zh: zh.into(),
                en: en.into(),
                cause: Some(Box::new(cause)),
            }
            .into()
        })
    }
}

/// The whole error as one line.
pub(super) fn line(error: &anyhow::Error, chinese: bool) -> String {
    let mut parts = Vec::new();
    for cause in error.chain() {
        let (words, is_last) = part(cause, chinese);
        parts.push(words);
        if is_last {
            break;
        }
    }
    parts.join(if chinese { "：" } else { ": " })
}

/// One link of the chain, and whether it tells those below it itself.
fn part(cause: &(dyn Error + 'static), chinese: bool) -> (String, bool) {
    if !chinese {
        let whole =
            cause.is::<store::Error>() || cause.is::<service::Error>() || cause.is::<ServeError>();
        return (cause.to_string(), whole);
    }
    if let Some(told) = cause.downcast_ref::<Told>() {
        return (told.zh.clone(), false);
    }
    let zh = None
        .or_else(|| Some(cause.downcast_ref::<store::Error>()?.zh()))
        .or_else(|| Some(cause.downcast_ref::<service::Error>()?.zh()))
        .or_else(|| {
            Some(
                cause
                    .downcast_ref::<store::gpkg::foreign::ForeignError>()?
                    .zh(),
            )
        })
        .or_else(|| Some(cause.downcast_ref::<ServeError>()?.zh()))
        .or_else(|| Some(cause.downcast_ref::<FileError>()?.reason.zh()))
        .or_else(|| Some(cause.downcast_ref::<CategoryError>()?.zh()))
        .or_else(|| Some(store::system_zh(cause.downcast_ref::<std::io::Error>()?)));
    match zh {
        Some(zh) => (zh, true),
        None => (cause.to_string(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::path::PathBuf;

    #[test]
    fn a_chain_is_told_in_one_language() {
        let missing = || io::Error::from_raw_os_error(2);
        let failed: Result<(), _> = Err(missing());
        let error = failed
            .while_doing(|| ("无法读取 a.csv", "cannot read a.csv"))
            .unwrap_err();
        assert_eq!(
            line(&error, true),
            "无法读取 a.csv：找不到文件或文件夹（系统错误 2）"
        );
        let english = line(&error, false);
        assert!(
            english.starts_with("cannot read a.csv: No such file"),
            "{english}"
        );

        let error: anyhow::Error = store::Error::Io {
            path: PathBuf::from("x"),
            source: missing(),
        }
        .into();
        assert_eq!(
            line(&error, true),
            "无法使用 x：找不到文件或文件夹（系统错误 2）"
        );
        // The system's words are there once.
        assert_eq!(line(&error, false).matches("No such file").count(), 1);
        assert_eq!(line(&told("甲", "a"), true), "甲");
    }
}
