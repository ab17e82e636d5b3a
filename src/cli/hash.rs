//! `gridmap hash`: one line that is equal for equal content.

use super::args::HashArgs;
use super::{Ending, say};
use crate::config::Environment;

pub(super) async fn run(args: HashArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let store = args.store.address(environment)?.open_existing().await?;
    let hash = store.content_hash().await;
    store.close().await;
    say(&format!("{}\n", hash?));
    Ok(Ending::Done)
}
