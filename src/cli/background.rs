//! `gridmap import background`: the ground of an OpenStreetMap extract under
//! the layers, through the server that has the folder open or, without one,
//! straight into the store.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::address::{StoreAddress, open_database};
use super::args::ImportArgs;
use super::folder::{self, audit, file_name};
use super::handover::Server;
use super::input::UserFile;
use super::progress::Progress;
use super::told::{While as _, told};
use super::{Ending, say};
use crate::config::Environment;
use crate::crs::Crs;
use crate::format::{Background, FileKind, read_background};
use crate::model::{Ground, GroundChange, GroundCounts, LayerName, Timestamp};
use crate::service::{GroundOutcome, Service, ServiceOptions, ground_within};
use crate::store::{DataDir, IdempotencyKey, Store, Write, WriteLock};
use crate::tile::Bounds;

/// What became of a background, for programs.
#[derive(Debug, Serialize)]
struct Told {
    /// Nothing when it was taken away.
    file: Option<String>,
    features: u64,
    counts: Option<GroundCounts>,
    /// Areas and lines left out: open, or crossing themselves.
    dropped: u64,
    /// West, south, east, north of what it was cut to.
    within: Option<[f64; 4]>,
    #[serde(flatten)]
    outcome: GroundOutcome,
}

pub(super) async fn run(args: ImportArgs, environment: &Environment) -> anyhow::Result<Ending> {
    check(&args)?;
    let chinese = environment.speaks_chinese();
    let progress = Progress::new(chinese);
    let address = args.store.address(environment)?;
    let mut target = Target::open(&address).await?;
    let done = one(&args, &mut target, &progress).await;
    progress.done();
    target.close().await;
    let told = done?;
    if args.json {
        say(&format!("{:#}\n", serde_json::json!(told)));
    } else {
        say(&told.sentences(chinese));
    }
    Ok(Ending::Done)
}

/// Refuses what only rows have.
fn check(args: &ImportArgs) -> anyhow::Result<()> {
    let for_rows = !args.map.is_empty()
        || !args.set.is_empty()
        || !args.keep.is_empty()
        || args.sheet.is_some()
        || args.encoding.is_some()
        || args.source.is_some()
        || args.repeat.is_some()
        || args.places.is_some()
        || args.swap
        || args.strict
        || args.crs.is_some_and(|crs| crs != Crs::Wgs84);
    if for_rows {
        return Err(told(
            "导入底图只用 --dry-run、--json、--key、--remove；坐标系总是 wgs84",
            "a background takes --dry-run, --json, --key and --remove alone; it is always in wgs84",
        ));
    }
    if args.files.len() > 1 {
        return Err(told(
            "底图只能来自一个文件，新的会替换旧的",
            "a background comes from one file; a new one replaces it",
        ));
    }
    Ok(())
}

async fn one(args: &ImportArgs, target: &mut Target, progress: &Progress) -> anyhow::Result<Told> {
    let Some(path) = args.files.first() else {
        let key = args.key.clone().map(|key| IdempotencyKey {
            key,
            digest: "no background".to_owned(),
        });
        let outcome = target
            .change(GroundChange::Remove, args.dry_run, "", key)
            .await?;
        return Ok(Told {
            file: None,
            features: 0,
            counts: None,
            dropped: 0,
            within: None,
            outcome,
        });
    };
    let name = file_name(path);
    progress.say(&format!("正在读取 {name}"), &format!("reading {name}"));
    let file = UserFile::read(path, args.format, None, LayerName::Streets).await?;
    let UserFile::Plain {
        kind: FileKind::OsmPbf,
        bytes,
    } = file
    else {
        return Err(told(
            format!("{name} 不是 OpenStreetMap 提取文件；底图请用 .osm.pbf"),
            format!("{name} is no OpenStreetMap extract; a background comes from an .osm.pbf"),
        ));
    };
    let within = target.within();
    let key = args.key.clone();
    let reading = tokio::task::spawn_blocking(move || {
        // The file alone tells two writes apart: what it is cut to may change
        // between two tries.
        let digest = key.map(|key| IdempotencyKey {
            key,
            digest: blake3::hash(&bytes).to_hex().to_string(),
        });
        let bounds = within.map(|[west, south, east, north]| Bounds {
            west,
            south,
            east,
            north,
        });
        read_background(&bytes, bounds.as_ref()).map(|read| (read, digest))
    });
    let (Background { features, dropped }, key) = reading
        .await?
        .while_doing(|| (name.clone(), name.clone()))?;
    if features.is_empty() {
        return Err(told(
            format!("{name} 在本区范围内没有底图内容；请换一份覆盖本区的提取文件"),
            format!("{name} has nothing within the district; take an extract that covers it"),
        ));
    }
    let pieces = features.len();
    progress.say(
        &format!("正在写入 {pieces} 个底图要素"),
        &format!("storing {pieces} pieces of the background"),
    );
    let now = Timestamp(jiff::Timestamp::now().as_second());
    let ground = Arc::new(Ground::new(features, &name, now));
    let change = GroundChange::Put(Arc::clone(&ground));
    let outcome = target.change(change, args.dry_run, &name, key).await?;
    Ok(Told {
        file: Some(name),
        features: pieces as u64,
        counts: Some(ground.facts.counts.clone()),
        dropped,
        within,
        outcome,
    })
}

impl Told {
    fn sentences(&self, chinese: bool) -> String {
        let mut out = String::new();
        let mut line = |zh: String, en: String| {
            // Writing into a text cannot fail.
            let _ = writeln!(out, "{}", if chinese { zh } else { en });
        };
        match (&self.file, self.outcome.replaced) {
            (None, true) => line("已删除底图".to_owned(), "the background is gone".to_owned()),
            (None, false) => line("没有底图".to_owned(), "there is no background".to_owned()),
            (Some(file), replaced) => {
                let (features, dropped) = (self.features, self.dropped);
                line(
                    format!("{file}：底图要素 {features} 个，舍弃不完整的 {dropped} 个"),
                    format!(
                        "{file}: {features} pieces of background, {dropped} left out as incomplete"
                    ),
                );
                let counts = self.counts.iter().flatten();
                let zh = counts
                    .clone()
                    .map(|(class, count)| format!("{} {count}", class.name_zh()));
                let en = counts.map(|(class, count)| format!("{class} {count}"));
                line(
                    format!("  {}", zh.collect::<Vec<_>>().join("，")),
                    format!("  {}", en.collect::<Vec<_>>().join(", ")),
                );
                if let Some([west, south, east, north]) = self.within {
                    line(
                        format!("  只取本区外扩 3 公里：{west:.4},{south:.4},{east:.4},{north:.4}"),
                        format!(
                            "  cut to the district and 3 km around: {west:.4},{south:.4},{east:.4},{north:.4}"
                        ),
                    );
                }
                if replaced {
                    line(
                        "  替换了原来的底图".to_owned(),
                        "  it takes the place of the one before".to_owned(),
                    );
                }
            }
        }
        if !self.outcome.stored {
            line(
                "  没有写入任何数据".to_owned(),
                "  nothing was stored".to_owned(),
            );
        }
        out
    }
}

/// Where the background goes.
enum Target {
    /// The server that has the folder open.
    Server(Box<Server>),
    /// The store, with the folder's lock.
    Store(Arc<Service>, Option<WriteLock>),
}

impl Target {
    /// Finds the folder's server, or takes the lock, waiting if need be; or
    /// opens the database.
    async fn open(address: &StoreAddress) -> anyhow::Result<Target> {
        let (store, lock): (Arc<dyn Store>, _) = match address {
            StoreAddress::Database(url) => (open_database(url).await?, None),
            StoreAddress::Folder(path) => {
                let folder = DataDir::create(path)?;
                let server = || Server::find(&folder).transpose();
                match folder::lock(&folder, server).await? {
                    Err(server) => return Ok(Target::Server(Box::new(server?))),
                    Ok(lock) => (Arc::new(folder::open(&folder).await?), Some(lock)),
                }
            }
        };
        let service = Service::open(store, ServiceOptions::default()).await?;
        Ok(Target::Store(service, lock))
    }

    /// West, south, east, north of what a background is cut to.
    fn within(&self) -> Option<[f64; 4]> {
        match self {
            Target::Server(server) => server.ground_within(),
            Target::Store(service, _) => {
                ground_within(&service.snapshot()).map(|b| [b.west, b.south, b.east, b.north])
            }
        }
    }

    async fn change(
        &mut self,
        change: GroundChange,
        dry_run: bool,
        reason: &str,
        key: Option<IdempotencyKey>,
    ) -> anyhow::Result<GroundOutcome> {
        let audit = match &change {
            GroundChange::Put(_) => audit("import", reason),
            GroundChange::Remove => audit("delete", "background"),
        };
        match self {
            // Reads and writes of the socket block; nothing else runs here.
            Target::Server(server) => {
                tokio::task::block_in_place(|| server.change_ground(&change, dry_run, audit, key))
            }
            Target::Store(service, _) => {
                let write = Write {
                    key,
                    ..Write::by(&audit)
                };
                Ok(service.change_ground(change, dry_run, &write).await?)
            }
        }
    }

    async fn close(self) {
        if let Target::Store(service, _lock) = self {
            service.close().await;
        }
    }
}
