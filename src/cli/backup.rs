//! `gridmap backup`: a whole copy, also while a server runs.

use super::args::BackupArgs;
use super::{Ending, folder};
use crate::store::Store;

pub(super) async fn run(args: BackupArgs) -> anyhow::Result<Ending> {
    let store = folder::open_existing(&args.data).await?;
    let written = store.backup(&args.file).await;
    store.close().await;
    written?;
    Ok(Ending::Done)
}
