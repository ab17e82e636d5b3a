//! `gridmap import`: files into a layer, through the server that has the
//! folder open or, without one, straight into the store.

use std::path::Path;
use std::sync::Arc;

use super::address::{StoreAddress, open_database};
use super::args::{ImportArgs, RepeatArg};
use super::folder::{self, audit, file_name};
use super::handover::Server;
use super::input::UserFile;
use super::places::Places;
use super::progress::Progress;
use super::report::{FileReport, json};
use super::told::{While as _, told};
use super::{Ending, say};
use crate::config::Environment;
use crate::format::{Items, Options, Parsed, Repeat, Report, SeenRow, Watcher, import_watched};
use crate::index::Snapshot;
use crate::model::{CategoryTree, LayerName, Scope, Timestamp};
use crate::query::Gazetteer;
use crate::service::{self, Batch, Outcome, Rows, import::plan};
use crate::store::{Basis, DataDir, IdempotencyKey, Store, Write, WriteLock};

pub(super) async fn run(
    layer: LayerName,
    args: ImportArgs,
    environment: &Environment,
) -> anyhow::Result<Ending> {
    if args.remove {
        return Err(told(
            "--remove 只用于底图：gridmap import background --remove",
            "--remove is for the background alone: gridmap import background --remove",
        ));
    }
    let chinese = environment.speaks_chinese();
    let progress = Progress::new(chinese);
    let address = args.store.address(environment)?;
    let mut target = Target::open(&address).await?;
    let mut reports = Vec::new();
    let mut failed = None;
    let places = target.places(&args, &address).await?;
    for (n, path) in args.files.iter().enumerate() {
        let key = args.key.as_ref().map(|key| match n {
            0 => key.clone(),
            n => format!("{key}#{}", n + 1),
        });
        let file = (layer, path.as_path());
        match one_file(file, &args, &mut target, places.as_ref(), key, &progress).await {
            Ok(report) => reports.push(report),
            // What other files brought is stored and must be told.
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    progress.done();
    target.close().await;
    if args.json {
        if !reports.is_empty() {
            say(&format!("{:#}\n", json(&reports)));
        }
    } else {
        for report in &reports {
            say(&report.sentences(chinese));
        }
    }
    match failed {
        Some(error) => Err(error),
        None if reports.iter().any(FileReport::has_problems) => Ok(Ending::Problems),
        None => Ok(Ending::Done),
    }
}

async fn one_file(
    (layer, path): (LayerName, &Path),
    args: &ImportArgs,
    target: &mut Target,
    places: Option<&(Places, Gazetteer)>,
    key: Option<String>,
    progress: &Progress,
) -> anyhow::Result<FileReport> {
    let name = file_name(path);
    progress.say(&format!("正在读取 {name}"), &format!("reading {name}"));
    let file = UserFile::read(path, args.format, args.sheet.as_deref(), layer).await?;
    if args.crs.is_none() && !file.names_crs() {
        return Err(told(
            format!(
                "{name} 没有注明坐标系：请加 --crs wgs84、gcj02（高德、腾讯）、bd09（百度）、cgcs2000 或 epsg:N；选错会偏约 500 米"
            ),
            format!(
                "{name} does not say its coordinate system: add --crs wgs84, gcj02 (Amap, Tencent), bd09 (Baidu), cgcs2000 or epsg:N; a wrong one is off by some 500 m"
            ),
        ));
    }
    let options = options(args, target.categories());
    let counting = progress.counting(&name);
    let reading = tokio::task::spawn_blocking(move || {
        let mut texts = Vec::new();
        let mut told = |row: SeenRow| {
            counting(row.row);
            if row.accepted {
                texts.push(row.place);
            }
        };
        let watcher = Watcher {
            cells: false,
            told: &mut told,
        };
        let parsed = import_watched(layer, file.input()?, &options, Some(watcher));
        parsed.map(|parsed| (parsed, texts))
    });
    let (parsed, texts) = reading
        .await?
        .while_doing(|| (name.clone(), name.clone()))?;
    let (mut batch, mut read) = split(parsed);
    let mut unmatched_places = Vec::new();
    if let (Some((places, gazetteer)), Rows::Incidents(incidents)) = (places, &mut batch.rows) {
        progress.say("正在按地名定位", "placing by name");
        unmatched_places = places.put(incidents, &texts, gazetteer);
        let unplaced = incidents.iter().filter(|incident| incident.at.is_none());
        read.unplaced = unplaced.count() as u64;
    }
    let rows = read.accepted;
    progress.say(
        &format!("正在写入 {rows} 行"),
        &format!("storing {rows} rows"),
    );
    // A strict import of a file with bad rows only counts.
    let dry_run = args.dry_run || (args.strict && read.has_rejected());
    let key = key.map(|key| IdempotencyKey {
        key,
        digest: batch.digest(),
    });
    let outcome = target.import(batch, dry_run, &name, key).await?;
    Ok(FileReport {
        file: name,
        read,
        outcome,
        unmatched_places,
    })
}

fn options(args: &ImportArgs, categories: Arc<CategoryTree>) -> Options {
    Options {
        crs: args.crs,
        sheet: args.sheet.clone(),
        encoding: args.encoding,
        map: args.map.clone(),
        set: args.set.clone(),
        keep: args.keep.clone(),
        swap: args.swap,
        repeat: match args.repeat {
            Some(RepeatArg::Keep) => Repeat::Keep,
            None => Repeat::Reject,
        },
        source: args.source.clone().unwrap_or_default(),
        now: Some(Timestamp(jiff::Timestamp::now().as_second())),
        categories,
        ..Options::default()
    }
}

fn split(parsed: Parsed) -> (Batch, Report) {
    let rows = match parsed.items {
        Items::Grids(rows) => Rows::Grids(rows),
        Items::Compounds(rows) => Rows::Compounds(rows),
        Items::Streets(rows) => Rows::Streets(rows),
        Items::Routes(rows) => Rows::Routes(rows),
        Items::Incidents(rows) => Rows::Incidents(rows),
    };
    let batch = Batch {
        rows,
        new_categories: parsed.new_categories,
        extra_columns: parsed.extra_columns,
    };
    (batch, parsed.report)
}

/// Where the rows go.
enum Target {
    /// The server that has the folder open.
    Server(Box<Server>),
    /// The store, with the folder's lock.
    Store(Box<Local>),
}

struct Local {
    store: Arc<dyn Store>,
    snapshot: Snapshot,
    /// The store has rows that `snapshot` lacks.
    behind: bool,
    /// A folder's; databases have their own.
    _lock: Option<WriteLock>,
}

impl Target {
    /// Finds the folder's server, or takes the lock, waiting if need be; or
    /// opens the database.
    async fn open(address: &StoreAddress) -> anyhow::Result<Target> {
        let path = match address {
            StoreAddress::Database(url) => {
                return Target::local(open_database(url).await?, None).await;
            }
            StoreAddress::Folder(path) => path,
        };
        let folder = DataDir::create(path)?;
        let server = || Server::find(&folder).transpose();
        match folder::lock(&folder, server).await? {
            Err(server) => Ok(Target::Server(Box::new(server?))),
            Ok(lock) => {
                let store = folder::open(&folder).await?;
                Target::local(Arc::new(store), Some(lock)).await
            }
        }
    }

    async fn local(store: Arc<dyn Store>, lock: Option<WriteLock>) -> anyhow::Result<Target> {
        let snapshot = service::load(store.as_ref()).await?;
        Ok(Target::Store(Box::new(Local {
            store,
            snapshot,
            behind: false,
            _lock: lock,
        })))
    }

    fn categories(&self) -> Arc<CategoryTree> {
        match self {
            Target::Server(server) => Arc::new(server.categories().clone()),
            Target::Store(local) => Arc::clone(&local.snapshot.categories),
        }
    }

    /// The table of places, held against the map.
    async fn places(
        &self,
        args: &ImportArgs,
        address: &StoreAddress,
    ) -> anyhow::Result<Option<(Places, Gazetteer)>> {
        let Some(path) = &args.places else {
            return Ok(None);
        };
        let gazetteer = match self {
            Target::Store(local) => Gazetteer::new(&local.snapshot, &Scope::all()),
            Target::Server(_) => {
                // Reading needs no lock.
                let store = address.open_existing().await?;
                let snapshot = service::load(store.as_ref()).await?;
                store.close().await;
                Gazetteer::new(&snapshot, &Scope::all())
            }
        };
        Ok(Some((Places::read(path, &gazetteer)?, gazetteer)))
    }

    async fn import(
        &mut self,
        batch: Batch,
        dry_run: bool,
        name: &str,
        key: Option<IdempotencyKey>,
    ) -> anyhow::Result<Outcome> {
        let audit = audit("import", name);
        match self {
            // Reads and writes of the socket block; nothing else runs here.
            Target::Server(server) => {
                tokio::task::block_in_place(|| server.import(&batch, dry_run, audit, key))
            }
            Target::Store(local) => {
                if local.behind {
                    // An earlier file of this command brought rows.
                    local.snapshot = service::load(local.store.as_ref()).await?;
                    local.behind = false;
                }
                let (changes, mut outcome) = plan(&local.snapshot, batch);
                if dry_run {
                    return Ok(outcome);
                }
                if !changes.is_empty() || key.is_some() {
                    let write = Write {
                        key,
                        ..Write::by(&audit)
                    };
                    let write = write.over(Basis::documents(&changes), local.snapshot.revision);
                    let applied = local.store.apply(&changes, &write).await?;
                    outcome.revision = applied.revision;
                    local.behind = true;
                }
                outcome.stored = true;
                Ok(outcome)
            }
        }
    }

    async fn close(self) {
        if let Target::Store(local) = self {
            local.store.close().await;
        }
    }
}
