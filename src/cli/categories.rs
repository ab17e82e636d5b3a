//! `gridmap categories`: the table out and in.

use std::path::Path;

use super::Ending;
use super::address::{StoreAddress, open_database};
use super::args::CategoriesArgs;
use super::folder::{self, audit, file_name};
use super::handover::Server;
use super::told::While as _;
use crate::config::Environment;
use crate::format::read_categories;
use crate::model::{Audit, CategoryTree, ChangeSet};
use crate::service;
use crate::store::{DataDir, Store, Write};

pub(super) async fn run(args: CategoriesArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let address = args.store.address(environment)?;
    match &args.set {
        Some(file) => set(&address, file).await,
        None => print(&address).await,
    }
}

async fn print(address: &StoreAddress) -> anyhow::Result<Ending> {
    let store = address.open_existing().await?;
    let snapshot = service::load(store.as_ref()).await?;
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

async fn set(address: &StoreAddress, file: &Path) -> anyhow::Result<Ending> {
    let bytes = std::fs::read(file).while_doing(|| {
        let file = file.display();
        (format!("无法读取 {file}"), format!("cannot read {file}"))
    })?;
    let tree: CategoryTree = read_categories(&bytes)?;
    let audit = audit("categories", file_name(file));
    let changes = ChangeSet {
        categories: Some(tree.clone()),
        ..ChangeSet::default()
    };
    let folder = match address {
        StoreAddress::Database(url) => {
            let store = open_database(url).await?;
            return put(store.as_ref(), &changes, &audit).await;
        }
        StoreAddress::Folder(path) => DataDir::create(path)?,
    };
    let server = || Server::find(&folder).transpose();
    let _lock = match folder::lock(&folder, server).await? {
        Ok(lock) => lock,
        Err(server) => {
            server?.set_categories(tree, audit)?;
            return Ok(Ending::Done);
        }
    };
    put(&folder::open(&folder).await?, &changes, &audit).await
}

async fn put(store: &dyn Store, changes: &ChangeSet, audit: &Audit) -> anyhow::Result<Ending> {
    let stored = store.apply(changes, &Write::by(audit)).await;
    store.close().await;
    stored?;
    Ok(Ending::Done)
}
