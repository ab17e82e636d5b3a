//! Backgrounds of others: files of a folder, and tiles of services that the
//! server fetches, so that browsers ask nobody else and no key leaves it.

mod fetch;
mod files;
mod hosts;
mod proxy;
mod text;

use std::path::PathBuf;
use std::sync::Arc;

use crate::layer::Datum;
use crate::settings::{Background, BackgroundSource};
use crate::tile::TileCoord;
use crate::tile::pmtiles::TileKind;

pub use fetch::{Cause, Picture};
pub use files::{About, Archive, FileFault, MapFile, StoredTile};
pub use hosts::HostList;

/// How backgrounds are found and fetched.
#[derive(Debug, Clone)]
pub struct BackgroundOptions {
    /// The folder of `*.pmtiles`; one that is not there has no files.
    pub folder: Option<PathBuf>,
    /// If set, no other host is ever asked.
    pub only_hosts: Option<HostList>,
    /// Reads a variable of the server's environment, where keys are.
    pub variable: fn(&str) -> Option<String>,
    /// Memory for fetched tiles, bytes.
    pub cache_bytes: usize,
}

impl Default for BackgroundOptions {
    fn default() -> Self {
        BackgroundOptions {
            folder: None,
            only_hosts: None,
            variable: |_| None,
            cache_bytes: 64 << 20,
        }
    }
}

/// Why a background or a tile of it cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackgroundError {
    /// Its tiles have a grid of their own.
    #[error(
        "the tiles of 百度 have a grid of their own and cannot be shown; use a service in wgs84, cgcs2000 or gcj02"
    )]
    Datum,
    /// `{key}` without a name of a variable.
    #[error("the address has {{key}}, but no variable that holds the key is named; set `key_ref`")]
    KeyUnnamed,
    /// The variable is not set.
    #[error(
        "the key is missing; set the variable {variable} in the environment of the server and start it again"
    )]
    KeyMissing {
        /// Its name.
        variable: String,
    },
    /// It is not said whom the key may be sent to.
    #[error(
        "it is not said which hosts may be sent the key; set {variable} in the environment of the server, such as `.tianditu.gov.cn`, and start it again"
    )]
    HostsMissing {
        /// The variable that says so.
        variable: String,
    },
    /// The key is not for this host.
    #[error(
        "the key is not sent to {host}; if it should be, add it to the variable {variable} and start the server again"
    )]
    HostNotOfKey {
        /// The host.
        host: String,
        /// The variable with the list.
        variable: String,
    },
    /// The server was told to ask other hosts only.
    #[error(
        "this server does not ask {host}; if it should, start it with --background-hosts that names it"
    )]
    HostRefused {
        /// The host.
        host: String,
    },
    /// The folder has no such file.
    #[error("there is no file {name} in the server's folder of backgrounds")]
    FileMissing {
        /// Its name.
        name: String,
    },
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] FileFault),
    /// A tile did not come.
    #[error("no tile came from {host}: {}", .cause.en())]
    Unreachable {
        /// Who was asked.
        host: String,
        /// What happened.
        cause: Cause,
    },
    /// Too many tiles are being fetched.
    #[error("too many tiles are being fetched; try again in a moment")]
    Busy,
}

impl BackgroundError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            BackgroundError::Datum => "background_datum",
            BackgroundError::KeyUnnamed | BackgroundError::KeyMissing { .. } => {
                "background_key_missing"
            }
            BackgroundError::HostsMissing { .. } => "background_key_hosts_missing",
            BackgroundError::HostNotOfKey { .. } => "background_key_host",
            BackgroundError::HostRefused { .. } => "background_host_refused",
            BackgroundError::FileMissing { .. } => "background_file_missing",
            BackgroundError::File(_) => "background_file_unreadable",
            BackgroundError::Unreachable { .. } => "background_unreachable",
            BackgroundError::Busy => "busy",
        }
    }

    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            BackgroundError::Datum => {
                "百度地图有自己的瓦片网格，不能作底图；请改用 wgs84、cgcs2000 或 gcj02 的服务"
                    .to_owned()
            }
            BackgroundError::KeyUnnamed => {
                "地址里有 {key}，但没有填写存放密钥的变量名 key_ref".to_owned()
            }
            BackgroundError::KeyMissing { variable } => {
                format!("缺少密钥；请在服务器环境变量 {variable} 中设置，然后重新启动")
            }
            BackgroundError::HostsMissing { variable } => format!(
                "没有说明密钥可以发给哪些主机；请设置服务器环境变量 {variable}，如 .tianditu.gov.cn，然后重新启动"
            ),
            BackgroundError::HostNotOfKey { host, variable } => format!(
                "密钥不会发给 {host}；如确需发送，请把它加进环境变量 {variable}，然后重新启动"
            ),
            BackgroundError::HostRefused { host } => {
                format!("本服务器不访问 {host}；如确需访问，请在启动参数 --background-hosts 中列出")
            }
            BackgroundError::FileMissing { name } => format!("底图文件夹里没有 {name}"),
            BackgroundError::File(fault) => fault.zh(),
            BackgroundError::Unreachable { host, cause } => {
                format!("{host} 没有给出瓦片：{}", cause.zh())
            }
            BackgroundError::Busy => "正在获取的瓦片过多，请稍后再试".to_owned(),
        }
    }
}

/// What kind of background it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackgroundKind {
    /// A file of the folder.
    Pmtiles,
    /// A service that is asked by the server.
    Raster,
}

impl BackgroundKind {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            BackgroundKind::Pmtiles => "pmtiles",
            BackgroundKind::Raster => "raster",
        }
    }
}

/// A background as it is listed.
#[derive(Debug)]
pub struct Listed {
    /// What it is in addresses.
    pub id: String,
    /// What kind it is.
    pub kind: BackgroundKind,
    /// Its name.
    pub name: String,
    /// `mvt`, `png`, `jpeg`, `webp`, `avif`, or `raster` for any picture.
    pub format: &'static str,
    /// Whether there is a second picture to lay above.
    pub labels: bool,
    /// Differs between two states of what it shows.
    pub version: String,
    /// First zoom with tiles.
    pub minzoom: u8,
    /// Last zoom with tiles.
    pub maxzoom: u8,
    /// Pixels on a side of a tile.
    pub tile_size: u16,
    /// West, south, east, north in degrees, if known.
    pub bounds: Option<[f64; 4]>,
    /// What its tiles are in.
    pub datum: Datum,
    /// Whom to name.
    pub attribution: String,
    /// The approval number (审图号).
    pub approval: String,
    /// How vector tiles are made: `protomaps`, `openmaptiles`, `other`; or
    /// `raster`.
    pub schema: &'static str,
    /// Names of vector layers, for files.
    pub layers: Option<Vec<String>>,
    /// Why it cannot be shown, if so.
    pub problem: Option<BackgroundError>,
}

/// All backgrounds of others.
#[derive(Debug)]
pub struct Backgrounds {
    folder: files::Folder,
    proxy: proxy::Proxy,
}

impl Backgrounds {
    /// Looks nowhere yet.
    pub fn new(options: &BackgroundOptions) -> Backgrounds {
        Backgrounds {
            folder: files::Folder::new(options.folder.clone()),
            proxy: proxy::Proxy::new(options),
        }
    }

    /// Everything there is: the entries that are set, in order, then files
    /// that no entry names, by name. Waits for the disk.
    pub fn list(&self, set: &[Background]) -> Vec<Listed> {
        let files = self.folder.files();
        let mut listed: Vec<Listed> = set
            .iter()
            .map(|entry| match &entry.source {
                BackgroundSource::Service(_) => self.listed(entry),
                BackgroundSource::File(name) => {
                    match files.iter().find(|file| file.name == *name) {
                        Some(file) => of_file(file, Some(entry)),
                        None => missing(name, entry),
                    }
                }
            })
            .collect();
        let named = |file: &MapFile| {
            set.iter()
                .any(|entry| matches!(&entry.source, BackgroundSource::File(n) if *n == file.name))
        };
        let rest = files.iter().filter(|file| !named(file));
        listed.extend(rest.map(|file| of_file(file, None)));
        listed
    }

    /// The service of an id.
    pub fn service<'s>(id: &str, set: &'s [Background]) -> Option<&'s Background> {
        set.iter().find(|entry| {
            matches!(entry.source, BackgroundSource::Service(_)) && service_id(&entry.name) == id
        })
    }

    /// The file of an id, with its first and last zoom. Waits for the disk.
    pub fn file(&self, id: &str, set: &[Background]) -> Option<(Arc<MapFile>, (u8, u8))> {
        let file = self.folder.file(id)?;
        let entry = set.iter().find(
            |entry| matches!(&entry.source, BackgroundSource::File(name) if *name == file.name),
        );
        let zooms = zooms(&file, entry);
        Some((file, zooms))
    }

    /// A tile of a service, or of its labels; `None` where there is none.
    ///
    /// # Errors
    /// When it may not be asked for, or did not come.
    pub async fn fetch(
        &self,
        entry: &Background,
        labels: bool,
        tile: TileCoord,
    ) -> Result<Option<Picture>, BackgroundError> {
        if entry.datum.is_none() {
            return Err(BackgroundError::Datum);
        }
        let BackgroundSource::Service(service) = &entry.source else {
            return Ok(None);
        };
        let template = match (labels, &service.labels) {
            (false, _) => &service.url,
            (true, Some(labels)) => labels,
            (true, None) => return Ok(None),
        };
        self.proxy.tile(service, template, tile).await
    }

    fn listed(&self, entry: &Background) -> Listed {
        let (mut labels, mut version) = (false, String::new());
        let mut problem = entry.datum.is_none().then_some(BackgroundError::Datum);
        if let BackgroundSource::Service(service) = &entry.source {
            labels = service.labels.is_some();
            version = text::digits(
                &[&service.url, service.labels.as_deref().unwrap_or_default()],
                8,
            );
            let templates = std::iter::once(&service.url).chain(&service.labels);
            problem = problem.or_else(|| {
                templates
                    .map(|template| self.proxy.key(service, template))
                    .find_map(Result::err)
            });
        }
        let (minzoom, maxzoom) = entry_zooms(entry);
        Listed {
            id: service_id(&entry.name),
            kind: BackgroundKind::Raster,
            name: entry.name.clone(),
            format: "raster",
            labels,
            version,
            minzoom,
            maxzoom,
            tile_size: entry.tile_size.unwrap_or(256),
            bounds: None,
            datum: entry.datum.unwrap_or_default(),
            attribution: entry.attribution.clone(),
            approval: entry.approval.clone(),
            schema: "raster",
            layers: None,
            problem,
        }
    }
}

/// The zooms of an entry, as far as it tells them.
pub fn entry_zooms(entry: &Background) -> (u8, u8) {
    (
        entry.minzoom.unwrap_or(0),
        entry.maxzoom.unwrap_or(TileCoord::MAX_ZOOM),
    )
}

/// The same name keeps its id when the address of the service changes, so
/// that a chosen background stays chosen.
fn service_id(name: &str) -> String {
    text::digits(&["raster", name], 10)
}

/// The zooms that a file has and its entry does not take away.
fn zooms(file: &MapFile, entry: Option<&Background>) -> (u8, u8) {
    let (low, high) = match &file.opened {
        Ok(archive) => (archive.header.minzoom, archive.header.maxzoom),
        Err(_) => (0, 0),
    };
    let asked = entry.map_or((low, high), |entry| {
        (entry.minzoom.unwrap_or(low), entry.maxzoom.unwrap_or(high))
    });
    (asked.0.clamp(low, high), asked.1.clamp(low, high))
}

fn of_file(file: &MapFile, entry: Option<&Background>) -> Listed {
    let archive = file.opened.as_ref().ok();
    let about = archive.map(|archive| &archive.about);
    let stem = file.name.trim_end_matches(".pmtiles");
    let name = entry
        .map(|entry| entry.name.clone())
        .or_else(|| about.and_then(|about| about.name.clone()));
    let (minzoom, maxzoom) = zooms(file, entry);
    let told = entry.map(|entry| entry.attribution.clone());
    let own = about.map(|about| about.attribution.clone());
    let datum = entry.map_or(Some(Datum::Wgs84), |entry| entry.datum);
    let fault = file.opened.as_ref().err().map(|fault| match fault {
        FileFault::Archive(fault) => FileFault::Archive(*fault),
        FileFault::Io(error) => FileFault::Io(error.kind().into()),
    });
    Listed {
        id: file.id.clone(),
        kind: BackgroundKind::Pmtiles,
        name: name.unwrap_or_else(|| stem.to_owned()),
        format: archive.map_or("mvt", |archive| archive.header.kind.as_str()),
        labels: false,
        version: archive.map_or_else(String::new, |archive| archive.version.clone()),
        minzoom,
        maxzoom,
        tile_size: entry
            .and_then(|entry| entry.tile_size)
            .or_else(|| archive.map(Archive::tile_size))
            .unwrap_or(512),
        bounds: archive.and_then(|archive| archive.header.bounds),
        datum: datum.unwrap_or_default(),
        attribution: told
            .filter(|text| !text.is_empty())
            .or(own)
            .unwrap_or_default(),
        approval: entry.map_or_else(String::new, |entry| entry.approval.clone()),
        schema: archive.map_or("other", Archive::schema),
        layers: archive
            .filter(|archive| archive.header.kind == TileKind::Mvt)
            .map(|archive| archive.about.layers.clone()),
        problem: fault
            .map(BackgroundError::File)
            .or_else(|| datum.is_none().then_some(BackgroundError::Datum)),
    }
}

fn missing(name: &str, entry: &Background) -> Listed {
    let (minzoom, maxzoom) = entry_zooms(entry);
    Listed {
        id: files::id_of(name),
        kind: BackgroundKind::Pmtiles,
        name: entry.name.clone(),
        format: "mvt",
        labels: false,
        version: String::new(),
        minzoom,
        maxzoom,
        tile_size: entry.tile_size.unwrap_or(512),
        bounds: None,
        datum: entry.datum.unwrap_or_default(),
        attribution: entry.attribution.clone(),
        approval: entry.approval.clone(),
        schema: "other",
        layers: None,
        problem: Some(BackgroundError::FileMissing {
            name: name.to_owned(),
        }),
    }
}
