//! `gridmap backup`: a whole copy, also while a server runs.

use super::Ending;
use super::args::BackupArgs;
use crate::config::Environment;

pub(super) async fn run(args: BackupArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let store = args.store.address(environment)?.open_existing().await?;
    let written = store.backup(&args.file).await;
    store.close().await;
    written?;
    Ok(Ending::Done)
}
