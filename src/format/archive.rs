//! Zip archives from users: sizes are counted while unpacking, since headers
//! lie; names may be GBK; nothing is ever written to a path.

use std::io::{Cursor, Read};

use encoding_rs::GB18030;
use zip::ZipArchive;
use zip::result::ZipError;

use super::fault::Fault;
use super::problem::{FileError, quote};

/// The most entries of an archive.
const MAX_ENTRIES: usize = 5_000;
/// What any archive may unpack to, bytes.
const FLOOR_BYTES: u64 = 32 << 20;
/// What a large one may unpack to: a dBase table of blanks packs 150:1.
const MAX_RATIO: u64 = 300;
/// The most that is ever unpacked, bytes.
const MAX_BYTES: u64 = super::import::MAX_FILE_BYTES as u64;

/// An archive with the names of its entries.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    entries: Vec<Entry>,
    /// The first name that leads out of the archive.
    refused: Option<String>,
    /// Bytes that may still be unpacked.
    left: u64,
    limit: u64,
}

/// A file in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    index: usize,
    /// Path inside the archive, `/` between the parts.
    pub(super) path: String,
}

impl Entry {
    /// The name without folders and ending.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// Whether the name has this ending, in any case.
    pub(super) fn has_ending(&self, ending: &str) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, e)| e.eq_ignore_ascii_case(ending))
    }

    /// The path without its ending.
    fn trunk(&self) -> &str {
        self.path.rsplit_once('.').map_or(&self.path, |(t, _)| t)
    }
}

impl<'a> Archive<'a> {
    /// Reads the list of entries.
    ///
    /// # Errors
    /// When the bytes are no zip, or hold more entries than are read.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, FileError> {
        let mut zip =
            ZipArchive::new(Cursor::new(bytes)).map_err(|_unread| Fault::NotZip {}.of_file())?;
        if zip.len() > MAX_ENTRIES {
            return Err(Fault::ZipTooMany {
                entries: zip.len(),
                most: MAX_ENTRIES,
            }
            .of_file());
        }
        let mut entries = Vec::new();
        let mut refused = None;
        for index in 0..zip.len() {
            let Ok(file) = zip.by_index_raw(index) else {
                continue;
            };
            if file.is_dir() {
                continue;
            }
            let path = decode_name(file.name_raw()).replace('\\', "/");
            // Rubbish that macOS adds.
            let hidden = path
                .split('/')
                .any(|part| part.starts_with('.') && part != "..");
            if hidden || path.starts_with("__MACOSX/") {
                continue;
            }
            let climbs = path.split('/').any(|part| part == "..")
                || path.starts_with('/')
                || path.as_bytes().get(1) == Some(&b':')
                || path.contains('\0');
            if climbs || file.is_symlink() {
                refused.get_or_insert(path);
            } else {
                entries.push(Entry { index, path });
            }
        }
        let limit = (bytes.len() as u64)
            .saturating_mul(MAX_RATIO)
            .clamp(FLOOR_BYTES, MAX_BYTES);
        Ok(Self {
            zip,
            entries,
            refused,
            left: limit,
            limit,
        })
    }

    /// Entries with an ending.
    pub(super) fn with_ending(&self, ending: &str) -> Vec<Entry> {
        let wanted = self.entries.iter().filter(|e| e.has_ending(ending));
        wanted.cloned().collect()
    }

    /// The entry beside another one: the same path, another ending.
    pub(super) fn beside(&self, entry: &Entry, ending: &str) -> Option<Entry> {
        let twin = |e: &&Entry| {
            e.has_ending(ending) && e.trunk().to_lowercase() == entry.trunk().to_lowercase()
        };
        self.entries.iter().find(twin).cloned()
    }

    /// Why there is nothing of use: a name was refused, else `fault`.
    pub(super) fn nothing(&self, fault: Fault) -> FileError {
        match &self.refused {
            Some(name) => Fault::ZipPath { name: quote(name) }.of_file(),
            None => fault.of_file(),
        }
    }

    /// Unpacks one entry.
    ///
    /// # Errors
    /// When it is encrypted or damaged, or the archive unpacks to too much.
    pub(super) fn read(&mut self, entry: &Entry) -> Result<Vec<u8>, FileError> {
        let mut out = Vec::new();
        self.unpack(entry, |chunk| out.extend_from_slice(chunk))?;
        Ok(out)
    }

    /// Unpacks every entry to nowhere, so that another reader may be given
    /// the archive: no entry is above `most` bytes, and all are within limits.
    ///
    /// # Errors
    /// As [`Archive::read`].
    pub(super) fn check(&mut self, most: u64) -> Result<(), FileError> {
        for entry in self.entries.clone() {
            let before = self.left;
            self.unpack(&entry, |_| {})?;
            if before - self.left > most {
                return Err(too_large(most));
            }
        }
        self.left = self.limit;
        Ok(())
    }

    fn unpack(&mut self, entry: &Entry, mut take: impl FnMut(&[u8])) -> Result<(), FileError> {
        let damaged = || {
            Fault::ZipEntry {
                name: quote(&entry.path),
            }
            .of_file()
        };
        let mut file = self.zip.by_index(entry.index).map_err(|e| match e {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)
            | ZipError::InvalidPassword => Fault::ZipEncrypted {}.of_file(),
            _ => damaged(),
        })?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let n = file.read(&mut buffer).map_err(|_damaged| damaged())?;
            if n == 0 {
                return Ok(());
            }
            let Some(left) = self.left.checked_sub(n as u64) else {
                return Err(too_large(self.limit));
            };
            self.left = left;
            take(&buffer[..n]);
        }
    }
}

fn too_large(most: u64) -> FileError {
    Fault::ZipTooLarge {
        most_mb: most >> 20,
    }
    .of_file()
}

/// Archives made on Chinese Windows have names in GBK and do not say so.
fn decode_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode(raw).0.into_owned(),
    }
}
