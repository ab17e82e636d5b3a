//! `gridmap copy`: all content of a store into another one.

use std::sync::Arc;

use super::address::{StoreAddress, count, ensure_replaceable};
use super::args::CopyArgs;
use super::progress::Progress;
use super::told::told;
use super::{Ending, say};
use crate::config::Environment;
use crate::store::{self, Store};

pub(super) async fn run(args: CopyArgs, environment: &Environment) -> anyhow::Result<Ending> {
    if args.from == args.to {
        return Err(told(
            "--from 和 --to 是同一处",
            "--from and --to are the same store",
        ));
    }
    let from = args.from.open_existing().await?;
    let to = args.to.open_to_write().await?;
    let progress = Progress::new(environment.speaks_chinese());
    let copied =
        match ensure_replaceable(to.store.as_ref(), args.replace, &args.to.to_string()).await {
            Ok(()) => checked_copy(&from, &to.store, "copy", &progress).await,
            Err(error) => Err(error),
        };
    progress.done();
    from.close().await;
    to.store.close().await;
    let (rows, hash) = copied?;
    say(&copied_line(&progress, rows, &hash, &args.to));
    Ok(Ending::Done)
}

/// One line about a finished copy.
pub(super) fn copied_line(
    progress: &Progress,
    rows: usize,
    hash: &str,
    to: &StoreAddress,
) -> String {
    let zh = format!("已复制 {rows} 行到 {to}，内容摘要 {hash}\n");
    let en = format!("copied {rows} rows to {to}, content hash {hash}\n");
    progress.words(&zh, &en).to_owned()
}

/// Copies, then reads both stores again and compares them: rows and hash.
pub(super) async fn checked_copy(
    from: &Arc<dyn Store>,
    to: &Arc<dyn Store>,
    action: &str,
    progress: &Progress,
) -> anyhow::Result<(usize, String)> {
    let rows = count(from.as_ref()).await?;
    progress.say(
        &format!("正在复制 {rows} 行"),
        &format!("copying {rows} rows"),
    );
    store::copy(from.as_ref(), to.as_ref(), action).await?;
    progress.say("正在核对", "comparing");
    let hash = to.content_hash().await?;
    if from.content_hash().await? == hash {
        return Ok((rows, hash));
    }
    Err(told(
        "复制结果与原数据不同：期间有人写入；请加 --replace 再复制一次",
        "the copy differs from the original: somebody wrote into one of them meanwhile; copy again with --replace",
    ))
}
