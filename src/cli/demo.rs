//! The folder of the demo district.

use jiff::ToSpan;
use jiff::civil::Date;

use super::folder::{self, audit};
use super::told::told;
use crate::config::DEMO_SEED;
use crate::format::default_categories;
use crate::model::{ChangeSet, LayerChanges, Timestamp};
use crate::sample;
use crate::store::{DataDir, GpkgStore, Store, Write};

/// The file that says which demo the folder holds.
const MARK: &str = "demo.txt";

/// Fills the folder with the demo district unless it holds the one wanted.
/// Rows that the user brought in stay until a new day or `--fresh`.
pub(super) async fn prepare(
    folder: &DataDir,
    fresh: bool,
    until: Option<Date>,
) -> anyhow::Result<()> {
    let until = until.unwrap_or_else(yesterday);
    let wanted = format!(
        "{} seed {DEMO_SEED} until {until}\n",
        env!("CARGO_PKG_VERSION")
    );
    let mark = folder.path().join(MARK);
    let found = std::fs::read_to_string(&mark).unwrap_or_default();
    if found == wanted && !fresh && folder.store().exists() {
        return Ok(());
    }
    if folder.store().exists() && found.is_empty() {
        let folder = folder.path().display();
        return Err(told(
            format!("{folder} 里的数据不是示例；请另选 --data 文件夹"),
            format!("{folder} holds a store that is no demo; use another --data folder"),
        ));
    }
    for name in ["gridmap.gpkg", "gridmap.gpkg-wal", "gridmap.gpkg-shm"] {
        match std::fs::remove_file(folder.path().join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    // Before the store, so that a folder half filled counts as a demo.
    std::fs::write(&mark, "being made\n")?;
    let store = folder::open(folder).await?;
    fill(&store, DEMO_SEED, until).await?;
    store.close().await;
    std::fs::write(&mark, wanted)?;
    Ok(())
}

/// Puts the district into a store in place of what is there.
pub(super) async fn fill(store: &GpkgStore, seed: u64, until: Date) -> anyhow::Result<()> {
    let made = tokio::task::spawn_blocking(move || sample::district(seed, until)).await?;
    replace(store, made, &format!("seed {seed} until {until}")).await
}

/// Puts rows into a store in place of what is there.
pub(super) async fn replace(
    store: &dyn Store,
    rows: ChangeSet,
    reason: &str,
) -> anyhow::Result<()> {
    fn whole<T>(layer: LayerChanges<T>) -> LayerChanges<T> {
        LayerChanges {
            replace: true,
            ..layer
        }
    }
    let changes = ChangeSet {
        grids: whole(rows.grids),
        compounds: whole(rows.compounds),
        streets: whole(rows.streets),
        routes: whole(rows.routes),
        incidents: whole(rows.incidents),
        categories: rows.categories.or_else(|| Some(default_categories())),
        district: rows.district,
        settings: rows.settings,
        ground: rows.ground,
    };
    store
        .apply(&changes, &Write::by(&audit("sample", reason)))
        .await?;
    Ok(())
}

fn yesterday() -> Date {
    let today = Timestamp(jiff::Timestamp::now().as_second()).local_date();
    today.saturating_sub(1.day())
}
