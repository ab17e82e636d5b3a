//! Which store the user means, and opening it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::folder::{self, audit};
use super::told::{While as _, told};
use crate::config::Environment;
use crate::format::default_categories;
use crate::model::{ChangeSet, GroundChange};
use crate::store::{DataDir, PostgisStore, Store, Write, WriteLock};

/// Where the store is.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct StoreArgs {
    /// Folder of the store
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// PostGIS instead of a folder: postgres://user@host/database, with the
    /// password in PGPASSWORD or ~/.pgpass; GRIDMAP_DATABASE_URL says the same
    #[arg(long, value_name = "URL")]
    pub(super) database_url: Option<String>,
}

/// A folder with a GeoPackage, or a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StoreAddress {
    /// `--data DIR`
    Folder(PathBuf),
    /// `--database-url URL`
    Database(String),
}

impl StoreArgs {
    /// The one store that is meant; an option counts more than the environment.
    pub(super) fn address(&self, environment: &Environment) -> anyhow::Result<StoreAddress> {
        match (&self.data, &self.database_url, &environment.database_url) {
            (Some(_), Some(_), _) => Err(told(
                "--data 和 --database-url 只能用一个",
                "say --data or --database-url, not both",
            )),
            (Some(data), None, _) => Ok(StoreAddress::Folder(data.clone())),
            (None, Some(url), _) | (None, None, Some(url)) => {
                Ok(StoreAddress::Database(url.clone()))
            }
            (None, None, None) => Err(told(
                "请指定数据位置：--data 文件夹，或 --database-url postgres://用户@主机/数据库",
                "say which store: --data DIR, or --database-url postgres://user@host/database",
            )),
        }
    }
}

impl std::str::FromStr for StoreAddress {
    type Err = std::convert::Infallible;

    /// An address that begins as PostgreSQL's do is one; all else is a folder.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let database = ["postgres://", "postgresql://"];
        Ok(if database.iter().any(|scheme| text.starts_with(scheme)) {
            StoreAddress::Database(text.to_owned())
        } else {
            StoreAddress::Folder(PathBuf::from(text))
        })
    }
}

/// A store to write into, and the right to do so.
pub(super) struct Writable {
    /// The store.
    pub(super) store: Arc<dyn Store>,
    _lock: Option<WriteLock>,
}

impl StoreAddress {
    /// Opens a store that is there, only to read it; a server may have it
    /// open too.
    pub(super) async fn open_existing(&self) -> anyhow::Result<Arc<dyn Store>> {
        match self {
            StoreAddress::Folder(path) => Ok(Arc::new(folder::open_existing(path).await?)),
            StoreAddress::Database(url) => open_database(url).await,
        }
    }

    /// Opens or makes a store; a folder must be in use by nobody else.
    pub(super) async fn open_to_write(&self) -> anyhow::Result<Writable> {
        let (store, lock): (Arc<dyn Store>, _) = match self {
            StoreAddress::Folder(path) => {
                let folder = DataDir::create(path)?;
                let lock = match folder::lock(&folder, || None::<()>).await? {
                    Ok(lock) => lock,
                    Err(()) => return Err(in_use(path)),
                };
                (Arc::new(folder::open(&folder).await?), Some(lock))
            }
            StoreAddress::Database(url) => (open_database(url).await?, None),
        };
        Ok(Writable { store, _lock: lock })
    }
}

/// Another process has the folder.
pub(super) fn in_use(path: &Path) -> anyhow::Error {
    let path = path.display();
    told(
        format!("{path} 正被另一个 gridmap 使用"),
        format!("{path} is in use"),
    )
}

/// Opens a database; a new one gets the category table that ships with the
/// program.
pub(super) async fn open_database(url: &str) -> anyhow::Result<Arc<dyn Store>> {
    let store = PostgisStore::open(url)
        .await
        .while_doing(|| ("无法打开数据库", "cannot open the database"))?;
    fill_new(&store).await?;
    Ok(Arc::new(store))
}

/// Gives a store that nobody wrote into the category table that ships with
/// the program.
pub(super) async fn fill_new(store: &dyn Store) -> anyhow::Result<()> {
    if store.writes(None, 1).await?.is_empty() {
        let changes = ChangeSet {
            categories: Some(default_categories()),
            ..ChangeSet::default()
        };
        let write = Write::by(&audit("create", "new store"));
        store.apply(&changes, &write).await?;
    }
    Ok(())
}

/// Rows of all layers, settings included.
pub(super) async fn count(store: &dyn Store) -> anyhow::Result<usize> {
    let mut rows = 0;
    store
        .load(&mut |batch| {
            rows += batch.grids.len()
                + batch.compounds.len()
                + batch.streets.len()
                + batch.routes.len()
                + batch.incidents.len()
                + batch.settings.len()
                + batch
                    .ground
                    .iter()
                    .filter_map(GroundChange::ground)
                    .map(|g| g.features.len())
                    .sum::<usize>();
        })
        .await?;
    Ok(rows)
}

/// Fails if there is something in the store that the user did not offer to
/// lose.
pub(super) async fn ensure_replaceable(
    store: &dyn Store,
    replace: bool,
    name: &str,
) -> anyhow::Result<()> {
    let rows = if replace { 0 } else { count(store).await? };
    if rows == 0 {
        return Ok(());
    }
    Err(told(
        format!("{name} 中已有 {rows} 行；加 --replace 才会全部替换"),
        format!("{name} holds {rows} rows already; add --replace to replace all of them"),
    ))
}

impl std::fmt::Display for StoreAddress {
    /// For messages; an address may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreAddress::Folder(path) => Path::display(path).fmt(f),
            StoreAddress::Database(_) => f.write_str("the database"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_counts_more_than_the_environment() {
        let environment = |url: Option<&str>| Environment {
            database_url: url.map(str::to_owned),
            ..Environment::default()
        };
        let args = |data: Option<&str>, url: Option<&str>| StoreArgs {
            data: data.map(PathBuf::from),
            database_url: url.map(str::to_owned),
        };
        let some = environment(Some("postgres://h/e"));
        let database = |url: &str| StoreAddress::Database(url.to_owned());
        let folder = StoreAddress::Folder(PathBuf::from("d"));
        let address = |args: StoreArgs, env: &Environment| args.address(env).ok();
        assert_eq!(address(args(Some("d"), None), &some), Some(folder.clone()));
        assert_eq!(
            address(args(None, Some("postgres://h/o")), &some),
            Some(database("postgres://h/o"))
        );
        assert_eq!(
            address(args(None, None), &some),
            Some(database("postgres://h/e"))
        );
        assert_eq!(address(args(None, None), &environment(None)), None);
        assert_eq!(address(args(Some("d"), Some("u")), &some), None);
        assert_eq!("d".parse(), Ok(folder));
        assert_eq!("postgresql://x".parse(), Ok(database("postgresql://x")));
    }
}
