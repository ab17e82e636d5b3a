use std::path::PathBuf;

use super::Basis;
use crate::model::Revision;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be used.
    #[error("cannot use {path}: {source}")]
    Io {
        /// What was to be used.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{0} is not a GeoPackage; choose another --data folder or move the file away")]
    NotGeoPackage(PathBuf),
    /// A later version of the program wrote the file.
    #[error(
        "{path} was written by a newer gridmap (store version {found}, this program knows {known}); use the newer program"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version that this program writes.
        known: i64,
    },
    /// A table in the file cannot be used as one of the layers.
    #[error("table `{table}` in {path} cannot be used: {reason}")]
    Table {
        /// The file.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        reason: TableFlaw,
    },
    /// Another process holds the folder.
    #[error("{0} is in use by another gridmap; stop it or wait until it is done")]
    Locked(PathBuf),
    /// A coordinate is not a finite number.
    #[error("{layer}: the geometry of `{source_id}` cannot be stored: {reason}")]
    Geometry {
        /// The layer.
        layer: &'static str,
        /// The row.
        source_id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// U+0000, which not every store can hold.
    #[error("{what}: the text holds the character U+0000, which cannot be stored; take it out")]
    Text {
        /// The row, category or setting.
        what: String,
    },
    /// A setting with a name that the store itself needs.
    #[error("the setting `{0}` belongs to the store; choose another name")]
    ReservedSetting(String),
    /// The same idempotency key came with something else; nothing was written.
    #[error("the key `{0}` was used before for something else; use a new key")]
    KeyReused(String),
    /// Rows or documents changed since they were read; nothing was written.
    #[error(
        "{} changed since it was read; load it again and repeat the change",
        name_all(of, ", ", |basis| match basis {
            Basis::Row(layer, id) => format!("{layer}/{id}"),
            Basis::Categories => "the categories".to_owned(),
            Basis::Setting(name) => format!("the setting `{name}`"),
        })
    )]
    Conflict {
        /// What changed or is gone.
        of: Vec<Basis>,
    },
    /// The change log no longer has what was asked for.
    #[error("what came after revision {0} is no longer known: changes are kept for 400 days")]
    Forgotten(Revision),
    /// The address of a database cannot be read.
    #[error("the database address is not of the form postgres://user@host/database")]
    Address,
    /// The database does not answer; it may come back.
    #[error(
        "the database does not answer ({0}); what is on the map stays, nothing can be saved until it is back"
    )]
    Unreachable(sqlx::Error),
    /// Somebody else writes, and does not stop.
    #[error("another program is writing into the store; try again in a moment")]
    Busy,
    /// The disk is full; what was stored before is intact.
    #[error("the disk is full; free some space and try again, nothing was half stored")]
    DiskFull,
    /// The target of a backup exists.
    #[error("{0} exists already; choose a new file name")]
    Exists(PathBuf),
    /// The database said no.
    #[error("database: {0}")]
    Database(sqlx::Error),
}

/// Why a table cannot be one of the layers, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableFlaw {
    /// Rows have no number of their own.
    #[error("it has no primary key `fid`; write it again with ogr2ogr -lco FID=fid")]
    NoKey,
    /// No geometry where one is looked for.
    #[error(
        "it has no geometry column `geom`; write it again with ogr2ogr -lco GEOMETRY_NAME=geom"
    )]
    NoGeometry,
    /// Another coordinate system.
    #[error(
        "its coordinates are not WGS84 (EPSG:4326); write it again with ogr2ogr -t_srs EPSG:4326"
    )]
    NotWgs84,
    /// The key is not one.
    #[error("two rows have the same source and source_id")]
    KeyTwice,
}

impl TableFlaw {
    /// The sentence in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            TableFlaw::NoKey => "没有主键 fid；请用 ogr2ogr -lco FID=fid 重新生成",
            TableFlaw::NoGeometry => {
                "没有图形列 geom；请用 ogr2ogr -lco GEOMETRY_NAME=geom 重新生成"
            }
            TableFlaw::NotWgs84 => {
                "坐标不是 WGS84（EPSG:4326）；请用 ogr2ogr -t_srs EPSG:4326 重新生成"
            }
            TableFlaw::KeyTwice => "有两行的 source 和 source_id 相同",
        }
    }
}

impl Error {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Error::Io { path, source } => {
                format!("无法使用 {}：{}", path.display(), system_zh(source))
            }
            Error::NotGeoPackage(path) => format!(
                "{} 不是 GeoPackage；请另选 --data 文件夹，或移走该文件",
                path.display()
            ),
            Error::Newer { path, found, known } => format!(
                "{} 由更新版本的 gridmap 写成（数据版本 {found}，本程序只认到 {known}）；请使用更新的程序",
                path.display()
            ),
            Error::Table {
                path,
                table,
                reason,
            } => format!(
                "{} 中的表 {table} 无法使用：{}",
                path.display(),
                reason.zh()
            ),
            Error::Locked(path) => format!(
                "{} 正被另一个 gridmap 使用；请停止它，或等它完成",
                path.display()
            ),
            Error::Geometry {
                layer, source_id, ..
            } => format!("{layer}：“{source_id}”的图形无法保存：坐标不是有限的数"),
            Error::Text { what } => format!("{what}：文字中有无法保存的字符 U+0000，请删去"),
            Error::ReservedSetting(name) => {
                format!("设置“{name}”归数据库自己使用，请换一个名称")
            }
            Error::KeyReused(key) => format!("标识“{key}”已用于别的写入，请换一个"),
            Error::Conflict { of } => {
                let named = name_all(of, "、", |basis| match basis {
                    Basis::Row(layer, id) => format!("{layer}/{id}"),
                    Basis::Categories => "类别表".to_owned(),
                    Basis::Setting(name) => format!("设置“{name}”"),
                });
                format!("{named} 在读取之后已被改动，请重新载入后再改")
            }
            Error::Forgotten(revision) => {
                format!("版本 {revision} 之后的改动已不可查：改动保留 400 天")
            }
            Error::Address => "数据库地址应形如 postgres://用户@主机/数据库".to_owned(),
            Error::Unreachable(error) => {
                format!("数据库没有应答（{error}）；地图上的内容不变，恢复之前不能保存")
            }
            Error::Busy => "另一个程序正在写入，请稍后再试".to_owned(),
            Error::DiskFull => "磁盘已满；请腾出空间后重试，没有写入一半的数据".to_owned(),
            Error::Exists(path) => format!("{} 已存在；请换一个文件名", path.display()),
            Error::Database(error) => format!("数据库出错：{error}"),
        }
    }
}

/// What the operating system said, in Chinese, with its number to look up.
pub fn system_zh(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let words = match error.kind() {
        ErrorKind::NotFound => "找不到文件或文件夹",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "已经存在",
        ErrorKind::IsADirectory => "这是文件夹，不是文件",
        ErrorKind::NotADirectory => "这不是文件夹",
        ErrorKind::ReadOnlyFilesystem => "磁盘只读",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "磁盘空间不足",
        ErrorKind::FileTooLarge => "文件过大",
        ErrorKind::AddrInUse => "地址或端口已被占用",
        ErrorKind::AddrNotAvailable => "本机没有这个地址",
        ErrorKind::ConnectionRefused => "对方拒绝连接",
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => "对方中断了连接",
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "等待超时",
        ErrorKind::UnexpectedEof => "内容不完整",
        ErrorKind::InvalidData => "内容无法识别",
        ErrorKind::OutOfMemory => "内存不足",
        _ => return format!("系统提示：{error}"),
    };
    match error.raw_os_error() {
        Some(number) => format!("{words}（系统错误 {number}）"),
        None => words.to_owned(),
    }
}

/// The first few by name.
fn name_all(all: &[Basis], comma: &str, name: impl Fn(&Basis) -> String) -> String {
    let mut text = all.iter().take(3).map(name).collect::<Vec<_>>().join(comma);
    if all.len() > 3 {
        text.push_str(&format!(" (+{})", all.len() - 3));
    }
    text
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => Error::Unreachable(error),
            sqlx::Error::Database(inner) => match inner.code().as_deref() {
                // SQLITE_FULL; PostgreSQL's disk_full.
                Some("13" | "53100") => Error::DiskFull,
                // SQLITE_BUSY; PostgreSQL's lock_not_available.
                Some("5" | "55P03") => Error::Busy,
                // PostgreSQL is stopping, crashed or starting.
                Some("57P01" | "57P02" | "57P03") => Error::Unreachable(error),
                _ => Error::Database(error),
            },
            _ => Error::Database(error),
        }
    }
}
