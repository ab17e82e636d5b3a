//! The folder of backgrounds: `*.pmtiles`, looked at again when it is asked
//! for, so that a file can be added or replaced while the server runs.
//!
//! Everything here waits for the disk; call it on the blocking pool.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::super::lock;
use super::text;
use crate::store::system_zh;
use crate::tile::TileCoord;
use crate::tile::pmtiles::{
    ArchiveFault, Directory, Found, HEADER_BYTES, Header, MAX_DIRECTORY, MAX_METADATA, MAX_TILE,
    Packing, Span, TileKind, tile_number, unpack,
};

/// Files that are looked at; what comes later in the alphabet is left out.
const MAX_FILES: usize = 100;

/// The folder is read again for an id that is not known, but not more often
/// than this: anyone can ask for ids.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Directories may be this deep below one another; writers use one level.
const MAX_DEPTH: usize = 4;

/// Entries of directories that are kept for each file, 24 bytes each.
const KEPT_ENTRIES: usize = 400_000;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileFault {
    /// It is not sound.
    #[error(transparent)]
    Archive(#[from] ArchiveFault),
    /// The system does not let it be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl FileFault {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            FileFault::Archive(fault) => fault.zh(),
            FileFault::Io(error) => format!("文件无法读取：{}", system_zh(error)),
        }
    }
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Stamp> {
        let about = std::fs::metadata(path)?;
        if !about.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&about);
        #[cfg(not(unix))]
        let inode = 0;
        Ok(Stamp {
            length: about.len(),
            modified: about.modified().ok(),
            inode,
        })
    }
}

/// A file of the folder, in one state.
#[derive(Debug)]
pub struct MapFile {
    /// Its name in the folder.
    pub name: String,
    /// What it is in addresses.
    pub id: String,
    path: PathBuf,
    stamp: Stamp,
    /// What is in it, or why that cannot be told.
    pub opened: Result<Archive, FileFault>,
}

/// An archive that was opened.
#[derive(Debug)]
pub struct Archive {
    file: File,
    length: u64,
    /// What the tiles are.
    pub header: Header,
    root: Directory,
    leaves: Mutex<Leaves>,
    /// What the file says of itself.
    pub about: About,
    /// Eight digits that differ between states of the file.
    pub version: String,
}

#[derive(Debug, Default)]
struct Leaves {
    by_offset: HashMap<u64, Arc<Directory>>,
    entries: usize,
}

/// What a file says of itself.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct About {
    /// A name for people, if it has one.
    pub name: Option<String>,
    /// Whom to name, without markup.
    pub attribution: String,
    /// Names of vector layers.
    pub layers: Vec<String>,
}

/// A tile as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTile {
    /// Its bytes, never empty.
    pub bytes: Vec<u8>,
    /// How they are packed.
    pub packing: Packing,
}

/// The folder and what was found in it.
#[derive(Debug)]
pub(super) struct Folder {
    path: Option<PathBuf>,
    found: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    files: BTreeMap<String, Arc<MapFile>>,
    looked: Option<Instant>,
}

impl Folder {
    pub(super) fn new(path: Option<PathBuf>) -> Folder {
        Folder {
            path,
            found: Mutex::default(),
        }
    }

    /// The files that are there now, by name.
    pub(super) fn files(&self) -> Vec<Arc<MapFile>> {
        let mut found = lock(&self.found);
        self.look(&mut found);
        found.files.values().cloned().collect()
    }

    /// The file of an id as it is now.
    pub(super) fn file(&self, id: &str) -> Option<Arc<MapFile>> {
        let mut found = lock(&self.found);
        let known = |found: &Seen| found.files.values().find(|file| file.id == id).cloned();
        match known(&found) {
            Some(file) if Stamp::of(&file.path).is_ok_and(|now| now == file.stamp) => {
                return Some(file);
            }
            // It was replaced or has gone.
            Some(_) => {}
            None if found.looked.is_some_and(|at| at.elapsed() < LOOK_EVERY) => return None,
            None => {}
        }
        self.look(&mut found);
        known(&found)
    }

    fn look(&self, found: &mut Seen) {
        let last = std::mem::take(&mut found.files);
        found.looked = Some(Instant::now());
        // A folder that is not there has no files.
        let Some(root) = self.path.as_ref().and_then(|p| p.canonicalize().ok()) else {
            return;
        };
        let Ok(entries) = std::fs::read_dir(&root) else {
            return;
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names
            .filter(|name| name.ends_with(".pmtiles") && !name.starts_with('.'))
            .collect();
        names.sort_unstable();
        names.truncate(MAX_FILES);
        for name in names {
            // A link may lead to a file of the folder, not out of it.
            let Ok(path) = root.join(&name).canonicalize() else {
                continue;
            };
            let Some(stamp) = path.starts_with(&root).then(|| Stamp::of(&path).ok()) else {
                continue;
            };
            let Some(stamp) = stamp else { continue };
            let same = last
                .get(&name)
                .filter(|file| file.stamp == stamp && file.path == path);
            let file = match same {
                Some(file) => Arc::clone(file),
                None => Arc::new(MapFile {
                    id: id_of(&name),
                    opened: Archive::open(&path, &stamp),
                    name: name.clone(),
                    path,
                    stamp,
                }),
            };
            if let Err(fault) = &file.opened
                && same.is_none()
            {
                tracing::warn!(file = %name, "background {name} cannot be used: {fault}");
            }
            found.files.insert(name, file);
        }
    }
}

/// What a file is in addresses.
pub(super) fn id_of(name: &str) -> String {
    text::digits(&["pmtiles", name], 10)
}

impl Archive {
    fn open(path: &Path, stamp: &Stamp) -> Result<Archive, FileFault> {
        let file = File::open(path)?;
        let read = |span: Span, most: u64| read(&file, stamp.length, span, most);
        let head = Span {
            offset: 0,
            length: (HEADER_BYTES as u64).min(stamp.length),
        };
        let head = read(head, head.length)?;
        let header = Header::read(&head)?;
        let tiles_end = header.tiles.offset.checked_add(header.tiles.length);
        if tiles_end.is_none_or(|end| end > stamp.length) {
            return Err(ArchiveFault::Broken.into());
        }
        let root = read(header.root, MAX_DIRECTORY)?;
        let about = match header.metadata.length {
            0 => About::default(),
            _ => {
                let stored = read(header.metadata, MAX_METADATA)?;
                let plain = unpack(&stored, header.inner, MAX_METADATA)?;
                serde_json::from_slice(&plain)
                    .map_or_else(|_| About::default(), |json| about(&json))
            }
        };
        let state = format!("{stamp:?}");
        Ok(Archive {
            length: stamp.length,
            root: Directory::read(&root, header.inner)?,
            leaves: Mutex::default(),
            version: text::digits(&[&state, &format!("{head:?}")], 8),
            about,
            header,
            file,
        })
    }

    /// A tile, or `None` where there is none.
    ///
    /// # Errors
    /// When the file is damaged or cannot be read any more.
    pub fn tile(&self, tile: TileCoord) -> Result<Option<StoredTile>, FileFault> {
        let number = tile_number(tile);
        let mut found = self.root.find(number);
        for _ in 0..MAX_DEPTH {
            match found {
                None => return Ok(None),
                Some(Found::Tile { length: 0, .. }) => return Ok(None),
                Some(Found::Tile { offset, length }) => {
                    let span = self.header.tiles.part(offset, length)?;
                    return Ok(Some(StoredTile {
                        bytes: read(&self.file, self.length, span, MAX_TILE)?,
                        packing: self.header.packing,
                    }));
                }
                Some(Found::Leaf { offset, length }) => {
                    found = self.leaf(offset, length)?.find(number);
                }
            }
        }
        Err(ArchiveFault::Broken.into())
    }

    fn leaf(&self, offset: u64, length: u64) -> Result<Arc<Directory>, FileFault> {
        if let Some(known) = lock(&self.leaves).by_offset.get(&offset) {
            return Ok(Arc::clone(known));
        }
        let span = self.header.leaves.part(offset, length)?;
        let stored = read(&self.file, self.length, span, MAX_DIRECTORY)?;
        let leaf = Arc::new(Directory::read(&stored, self.header.inner)?);
        let mut leaves = lock(&self.leaves);
        if leaves.entries + leaf.len() > KEPT_ENTRIES {
            *leaves = Leaves::default();
        }
        if leaves.by_offset.insert(offset, Arc::clone(&leaf)).is_none() {
            leaves.entries += leaf.len();
        }
        Ok(leaf)
    }

    /// How the tiles are made, as far as styles must know.
    pub fn schema(&self) -> &'static str {
        if self.header.kind != TileKind::Mvt {
            return "raster";
        }
        let has = |name: &str| self.about.layers.iter().any(|layer| layer == name);
        if has("roads") && (has("earth") || has("water")) && (has("pois") || has("places")) {
            "protomaps"
        } else if has("transportation") && (has("water") || has("building") || has("place")) {
            "openmaptiles"
        } else {
            "other"
        }
    }

    /// Pixels on a side of a tile: 512 for vectors; pictures are asked.
    pub fn tile_size(&self) -> u16 {
        if self.header.kind != TileKind::Mvt {
            return if self.wide() { 512 } else { 256 };
        }
        512
    }

    /// True if the first tile of the first zoom is a PNG of 512 pixels.
    fn wide(&self) -> bool {
        let first = self.root.first_tile();
        let span = first.and_then(|(offset, length)| self.header.tiles.part(offset, length).ok());
        let head = span.map(|span| Span {
            length: span.length.min(24),
            ..span
        });
        let bytes = head.and_then(|span| read(&self.file, self.length, span, MAX_TILE).ok());
        bytes.is_some_and(|bytes| {
            bytes.starts_with(b"\x89PNG") && bytes.get(16..20) == Some(&[0, 0, 2, 0])
        })
    }
}

fn read(file: &File, length: u64, span: Span, most: u64) -> Result<Vec<u8>, FileFault> {
    if span.length > most {
        return Err(ArchiveFault::Large.into());
    }
    let end = span.offset.checked_add(span.length);
    let bytes = usize::try_from(span.length).ok();
    let (Some(_), Some(bytes)) = (end.filter(|end| *end <= length), bytes) else {
        return Err(ArchiveFault::Broken.into());
    };
    let mut out = vec![0; bytes];
    read_at(file, &mut out, span.offset)?;
    Ok(out)
}

#[cfg(unix)]
fn read_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

#[cfg(windows)]
fn read_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < out.len() {
        let rest = &mut out[done..];
        match std::os::windows::fs::FileExt::seek_read(file, rest, offset + done as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            more => done += more,
        }
    }
    Ok(())
}

fn about(json: &Value) -> About {
    let said = |name: &str, most: usize| json[name].as_str().map(|t| text::plain(t, most));
    let layers = json["vector_layers"].as_array();
    let ids = layers
        .into_iter()
        .flatten()
        .take(100)
        .filter_map(|layer| Some(text::plain(layer["id"].as_str()?, 60)));
    About {
        name: said("name", 60).filter(|name| !name.is_empty()),
        attribution: said("attribution", 200).unwrap_or_default(),
        layers: ids.collect(),
    }
}
