//! `gridmap restore`: a backup, or any GeoPackage with the layers, as the
//! store of a folder or a database.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::address::{StoreAddress, count, ensure_replaceable, in_use};
use super::args::RestoreArgs;
use super::copy::{checked_copy, copied_line};
use super::progress::Progress;
use super::told::While as _;
use super::{Ending, folder, say};
use crate::config::Environment;
use crate::model::Revision;
use crate::store::{DataDir, GpkgStore, Store};

pub(super) async fn run(args: RestoreArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let address = args.store.address(environment)?;
    let progress = Progress::new(environment.speaks_chinese());
    let restored = match &address {
        StoreAddress::Folder(path) => into_folder(&args.file, path, args.replace, &progress).await,
        StoreAddress::Database(_) => {
            into_database(&args.file, &address, args.replace, &progress).await
        }
    };
    progress.done();
    let (rows, hash) = restored?;
    say(&copied_line(&progress, rows, &hash, &address));
    Ok(Ending::Done)
}

/// Puts a copy of the file in the place of the folder's store, its history
/// included. What was there stays as `gridmap-before-restore.gpkg`.
async fn into_folder(
    file: &Path,
    path: &Path,
    replace: bool,
    progress: &Progress,
) -> anyhow::Result<(usize, String)> {
    let folder = DataDir::create(path)?;
    let Ok(_lock) = folder::lock(&folder, || None::<()>).await? else {
        return Err(in_use(path));
    };
    let place = folder.store();
    let mut last = Revision::default();
    if place.exists() {
        // Closing folds its log into the file, so that the file is all of it.
        let old = GpkgStore::open(&place).await?;
        let replaceable = ensure_replaceable(&old, replace, &path.display().to_string()).await;
        let revision = old.revision().await;
        old.close().await;
        replaceable?;
        last = revision?;
    }
    progress.say("正在恢复", "restoring");
    let fresh = folder.path().join("gridmap.gpkg.restoring");
    let outcome = prepare(file, &fresh, last).await;
    let swapped = outcome.and_then(|outcome| {
        keep_old(&place)?;
        std::fs::rename(&fresh, &place)?;
        #[cfg(unix)]
        File::open(folder.path())?.sync_all()?;
        Ok(outcome)
    });
    if swapped.is_err() {
        remove(&fresh);
    }
    swapped
}

/// Copies the backup and brings the copy up to this program's version; the
/// backup itself is not touched. Its next changes get numbers above `last`.
async fn prepare(file: &Path, fresh: &Path, last: Revision) -> anyhow::Result<(usize, String)> {
    remove(fresh);
    let name = file.display();
    std::fs::copy(file, fresh)
        .while_doing(|| (format!("无法读取 {name}"), format!("cannot read {name}")))?;
    let store = GpkgStore::open(fresh).await.while_doing(|| {
        (
            format!("{name} 无法恢复"),
            format!("{name} cannot be restored"),
        )
    })?;
    let numbered = store.number_above(last).await;
    let rows = count(&store).await;
    let hash = store.content_hash().await;
    store.close().await;
    File::open(fresh)?.sync_all()?;
    numbered?;
    Ok((rows?, hash?))
}

fn keep_old(place: &Path) -> anyhow::Result<()> {
    if place.exists() {
        let kept = place.with_file_name("gridmap-before-restore.gpkg");
        remove(&kept);
        // Both names at once, so that there is a store whenever the power fails.
        if std::fs::hard_link(place, &kept).is_err() {
            std::fs::copy(place, &kept)?;
        }
    }
    Ok(())
}

/// Removes a file and what SQLite puts beside it, if they are there.
fn remove(path: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let _missing = std::fs::remove_file(name);
    }
}

async fn into_database(
    file: &Path,
    address: &StoreAddress,
    replace: bool,
    progress: &Progress,
) -> anyhow::Result<(usize, String)> {
    let to = address.open_to_write().await?;
    ensure_replaceable(to.store.as_ref(), replace, &address.to_string()).await?;
    // Opening may upgrade a file; the backup itself is not touched.
    let fresh = std::env::temp_dir().join(format!("gridmap-restore-{}.gpkg", std::process::id()));
    let prepared = prepare(file, &fresh, Revision::default()).await;
    let copied = match prepared {
        Ok(_) => {
            let from: Arc<dyn Store> = Arc::new(GpkgStore::open(&fresh).await?);
            let copied = checked_copy(&from, &to.store, "restore", progress).await;
            from.close().await;
            copied
        }
        Err(error) => Err(error),
    };
    to.store.close().await;
    remove(&fresh);
    copied
}
