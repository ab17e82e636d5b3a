//! `gridmap categories`: the table out and in.

use std::path::Path;

use super::Ending;
use super::args::CategoriesArgs;
use super::folder::{self, audit, file_name};
use super::handover::Server;
use super::told::While as _;
use crate::format::read_categories;
use crate::model::{CategoryTree, ChangeSet};
use crate::service;
use crate::store::{DataDir, Store, Write};

pub(super) async fn run(args: CategoriesArgs) -> anyhow::Result<Ending> {
    match &args.set {
        Some(file) => set(&args.data, file).await,
        None => print(&args.data).await,
    }
}

async fn print(data: &Path) -> anyhow::Result<Ending> {
    let store = folder::open_existing(data).await?;
    let snapshot = service::load(&store).await?;
    store.close().await;
    let mut writer = csv::Writer::from_writer(std::io::stdout());
    writer.write_record([
        "code",
        "parent",
        "kind",
        "name_zh",
        "name_en",
        "sensitive",
        "aliases",
    ])?;
    for item in snapshot.categories.items() {
        writer.write_record([
            item.code.as_str(),
            item.parent.as_deref().unwrap_or_default(),
            item.kind.as_str(),
            &item.name_zh,
            &item.name_en,
            if item.sensitive { "true" } else { "false" },
            &item.aliases.join("|"),
        ])?;
    }
    writer.flush()?;
    Ok(Ending::Done)
}

async fn set(data: &Path, file: &Path) -> anyhow::Result<Ending> {
    let bytes = std::fs::read(file).while_doing(|| {
        let file = file.display();
        (format!("无法读取 {file}"), format!("cannot read {file}"))
    })?;
    let tree: CategoryTree = read_categories(&bytes)?;
    let audit = audit("categories", file_name(file));
    let folder = DataDir::create(data)?;
    let server = || Server::find(&folder).transpose();
    let lock = match folder::lock(&folder, server).await? {
        Ok(lock) => lock,
        Err(server) => {
            server?.set_categories(tree, audit)?;
            return Ok(Ending::Done);
        }
    };
    let store = folder::open(&folder).await?;
    let changes = ChangeSet {
        categories: Some(tree),
        ..ChangeSet::default()
    };
    let stored = store.apply(&changes, &Write::by(&audit)).await;
    store.close().await;
    drop(lock);
    stored?;
    Ok(Ending::Done)
}
