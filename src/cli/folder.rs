//! Opening the folder of a store.

use std::path::Path;
use std::time::Duration;

use super::address::fill_new;
use super::told::{While as _, told};
use crate::config::Environment;
use crate::model::Audit;
use crate::store::{DataDir, Error, GpkgStore, WriteLock};

/// How long a command waits for another process to be done with the folder.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time between two looks at the lock.
const BETWEEN: Duration = Duration::from_millis(100);

/// The program itself as the actor of a change.
pub(super) fn audit(action: &str, reason: impl Into<String>) -> Audit {
    Audit {
        actor: "cli".to_owned(),
        action: action.to_owned(),
        reason: reason.into(),
    }
}

/// Takes the write lock, waiting up to ten seconds; says so once.
///
/// `meanwhile` is asked between two tries; an answer ends the waiting.
pub(super) async fn lock<T>(
    folder: &DataDir,
    mut meanwhile: impl FnMut() -> Option<T>,
) -> Result<Result<WriteLock, T>, Error> {
    let mut waited = Duration::ZERO;
    loop {
        match folder.try_lock() {
            Ok(lock) => return Ok(Ok(lock)),
            Err(Error::Locked(path)) if waited >= PATIENCE => return Err(Error::Locked(path)),
            Err(Error::Locked(path)) => {
                if let Some(answer) = meanwhile() {
                    return Ok(Err(answer));
                }
                if waited.is_zero() {
                    say_waiting(&path);
                }
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(BETWEEN).await;
        waited += BETWEEN;
    }
}

fn say_waiting(path: &Path) {
    let (seconds, path) = (PATIENCE.as_secs(), path.display());
    if Environment::read().speaks_chinese() {
        eprintln!("gridmap: {path} 正被另一个 gridmap 使用，最多等待 {seconds} 秒");
    } else {
        eprintln!("gridmap: waiting up to {seconds} s for another gridmap that uses {path}");
    }
}

/// Opens or creates the store of a folder whose lock the caller holds; a new
/// one gets the category table that ships with the program.
pub(super) async fn open(folder: &DataDir) -> anyhow::Result<GpkgStore> {
    let path = folder.store();
    let store = GpkgStore::open(&path).await.while_doing(|| {
        let path = path.display();
        (format!("无法打开 {path}"), format!("cannot open {path}"))
    })?;
    fill_new(&store).await?;
    Ok(store)
}

/// Opens the store of a folder only to read it; a server may have it open too.
pub(super) async fn open_existing(path: &Path) -> anyhow::Result<GpkgStore> {
    let store = path.join("gridmap.gpkg");
    if !store.exists() {
        let path = path.display();
        return Err(told(
            format!("{path} 中没有数据；请先运行 gridmap import 或 gridmap serve"),
            format!("there is no store in {path}; `gridmap import` or `gridmap serve` makes one"),
        ));
    }
    Ok(GpkgStore::open(&store).await?)
}

/// The file's name without its folder, which may tell a user's name.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
