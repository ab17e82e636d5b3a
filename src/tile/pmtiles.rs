//! PMTiles 3, one file that holds the tiles of a map: the header, the
//! directories and the numbering of tiles. Bytes in, values out; reading the
//! file is the caller's. <https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>
//!
//! Files come from outside, so nothing is believed: a count is held against the
//! bytes there are before anything is allocated, what is packed unpacks to a
//! limit, and numbers that overflow are faults.

use libdeflater::{DecompressionError, Decompressor};

use super::coord::TileCoord;

/// Bytes of the header, at the beginning of the file.
pub const HEADER_BYTES: usize = 127;

/// Bytes of a directory as stored, at most.
pub const MAX_DIRECTORY: u64 = 1 << 20;

/// Bytes of the metadata as stored, at most.
pub const MAX_METADATA: u64 = 1 << 20;

/// Bytes of a tile as stored, at most.
pub const MAX_TILE: u64 = 4 << 20;

/// How much more bytes may be once they are unpacked.
const MAX_GROWTH: usize = 16;

/// How a part of the file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip.
    Gzip,
}

/// What the tiles are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileKind {
    /// Mapbox vector tiles.
    Mvt,
    /// PNG pictures.
    Png,
    /// JPEG pictures.
    Jpeg,
    /// WebP pictures.
    Webp,
    /// AVIF pictures.
    Avif,
}

impl TileKind {
    /// A short name: `mvt`, `png` and so on.
    pub const fn as_str(self) -> &'static str {
        match self {
            TileKind::Mvt => "mvt",
            TileKind::Png => "png",
            TileKind::Jpeg => "jpeg",
            TileKind::Webp => "webp",
            TileKind::Avif => "avif",
        }
    }
}

/// A stretch of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

impl Span {
    /// A stretch within this one, which an entry names by its own offset.
    ///
    /// # Errors
    /// When it reaches beyond.
    pub fn part(self, offset: u64, length: u64) -> Result<Span, ArchiveFault> {
        let end = offset.checked_add(length);
        let start = self.offset.checked_add(offset);
        match (start, end) {
            (Some(start), Some(end)) if end <= self.length => Ok(Span {
                offset: start,
                length,
            }),
            _ => Err(ArchiveFault::Broken),
        }
    }
}

/// The header of an archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The first directory.
    pub root: Span,
    /// JSON about the map.
    pub metadata: Span,
    /// Further directories.
    pub leaves: Span,
    /// The tiles.
    pub tiles: Span,
    /// How directories and metadata are packed.
    pub inner: Packing,
    /// How tiles are packed.
    pub packing: Packing,
    /// What the tiles are.
    pub kind: TileKind,
    /// First zoom with tiles.
    pub minzoom: u8,
    /// Last zoom with tiles.
    pub maxzoom: u8,
    /// West, south, east, north in degrees; `None` when they make no sense.
    pub bounds: Option<[f64; 4]>,
}

/// Why a file cannot be read as an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveFault {
    /// Something else, or an older version.
    #[error("this is no PMTiles file of version 3; convert it with `pmtiles convert`")]
    Foreign,
    /// The numbers contradict each other or the file is cut off.
    #[error("the file is damaged or was not copied to its end; copy it again")]
    Broken,
    /// Packed in a way that is not read.
    #[error("the file is packed with {0}; make it again with gzip, or without packing")]
    Packing(&'static str),
    /// Tiles of a kind that is not shown.
    #[error("the tiles are of a kind that cannot be shown; MVT, PNG, JPEG, WebP and AVIF can")]
    Kind,
    /// More than is read.
    #[error("a part of the file is larger than this program reads")]
    Large,
}

impl ArchiveFault {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            ArchiveFault::Foreign => {
                "不是第 3 版的 PMTiles 文件；请用 pmtiles convert 转换".to_owned()
            }
            ArchiveFault::Broken => "文件已损坏或没有复制完整；请重新复制".to_owned(),
            ArchiveFault::Packing(name) => {
                format!("文件用 {name} 压缩，本程序不读；请改用 gzip 或不压缩重新生成")
            }
            ArchiveFault::Kind => {
                "瓦片的类型不能显示；可以是 MVT、PNG、JPEG、WebP、AVIF".to_owned()
            }
            ArchiveFault::Large => "文件中有一部分超过本程序读取的上限".to_owned(),
        }
    }
}

impl Header {
    /// Reads the first [`HEADER_BYTES`] bytes of a file.
    ///
    /// # Errors
    /// When this is no archive that can be shown.
    pub fn read(bytes: &[u8]) -> Result<Header, ArchiveFault> {
        let head = bytes
            .first_chunk::<HEADER_BYTES>()
            .filter(|head| head.starts_with(b"PMTiles\x03"))
            .ok_or(ArchiveFault::Foreign)?;
        let long = |at: usize| {
            let eight = head[at..].first_chunk::<8>().copied();
            u64::from_le_bytes(eight.unwrap_or_default())
        };
        let span = |at: usize| Span {
            offset: long(at),
            length: long(at + 8),
        };
        let degrees = |at: usize| {
            let four = head[at..].first_chunk::<4>().copied();
            f64::from(i32::from_le_bytes(four.unwrap_or_default())) / 1e7
        };
        let [west, south, east, north] = [102, 106, 110, 114].map(degrees);
        let on_globe = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
        let sound = on_globe && west < east && south < north;
        let (minzoom, maxzoom) = (head[100], head[101].min(TileCoord::MAX_ZOOM));
        if minzoom > maxzoom {
            return Err(ArchiveFault::Broken);
        }
        Ok(Header {
            root: span(8),
            metadata: span(24),
            leaves: span(40),
            tiles: span(56),
            inner: packing(head[97])?,
            packing: packing(head[98])?,
            kind: match head[99] {
                1 => TileKind::Mvt,
                2 => TileKind::Png,
                3 => TileKind::Jpeg,
                4 => TileKind::Webp,
                5 => TileKind::Avif,
                _ => return Err(ArchiveFault::Kind),
            },
            minzoom,
            maxzoom,
            bounds: sound.then_some([west, south, east, north]),
        })
    }
}

fn packing(code: u8) -> Result<Packing, ArchiveFault> {
    match code {
        // Unknown is said by writers that pack nothing.
        0 | 1 => Ok(Packing::Plain),
        2 => Ok(Packing::Gzip),
        3 => Err(ArchiveFault::Packing("brotli")),
        4 => Err(ArchiveFault::Packing("zstd")),
        _ => Err(ArchiveFault::Broken),
    }
}

/// What an entry of a directory points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A stretch of [`Header::tiles`].
    Tile {
        /// Where it begins there.
        offset: u64,
        /// Bytes.
        length: u64,
    },
    /// A directory in [`Header::leaves`] that knows more.
    Leaf {
        /// Where it begins there.
        offset: u64,
        /// Bytes.
        length: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    id: u64,
    offset: u64,
    length: u32,
    run: u32,
}

/// A directory: which tiles are where, by the number of the tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    entries: Vec<Entry>,
}

impl Directory {
    /// Reads a directory as it is stored.
    ///
    /// # Errors
    /// When it is damaged or too large.
    pub fn read(stored: &[u8], inner: Packing) -> Result<Directory, ArchiveFault> {
        let plain = unpack(stored, inner, MAX_DIRECTORY)?;
        let mut rest = &plain[..];
        let count = varint(&mut rest)?;
        // Each entry has four numbers of at least a byte.
        let count = usize::try_from(count).ok().filter(|n| *n <= rest.len() / 4);
        let count = count.ok_or(ArchiveFault::Broken)?;
        let mut entries = Vec::with_capacity(count);
        let mut id = 0_u64;
        for n in 0..count {
            let step = varint(&mut rest)?;
            if n > 0 && step == 0 {
                return Err(ArchiveFault::Broken);
            }
            id = id.checked_add(step).ok_or(ArchiveFault::Broken)?;
            entries.push(Entry {
                id,
                offset: 0,
                length: 0,
                run: 0,
            });
        }
        for entry in &mut entries {
            entry.run = short(&mut rest)?;
        }
        for entry in &mut entries {
            entry.length = short(&mut rest)?;
        }
        let mut next = 0_u64;
        for (n, entry) in entries.iter_mut().enumerate() {
            entry.offset = match varint(&mut rest)? {
                0 if n == 0 => return Err(ArchiveFault::Broken),
                0 => next,
                given => given - 1,
            };
            next = entry
                .offset
                .checked_add(entry.length.into())
                .ok_or(ArchiveFault::Broken)?;
        }
        Ok(Directory { entries })
    }

    /// What is known about a tile, by its number.
    pub fn find(&self, id: u64) -> Option<Found> {
        let after = self.entries.partition_point(|entry| entry.id <= id);
        let entry = self.entries.get(after.checked_sub(1)?)?;
        let (offset, length) = (entry.offset, u64::from(entry.length));
        if entry.run == 0 {
            return Some(Found::Leaf { offset, length });
        }
        (id - entry.id < u64::from(entry.run)).then_some(Found::Tile { offset, length })
    }

    /// Offset and length of the first tile that it knows itself.
    pub fn first_tile(&self) -> Option<(u64, u64)> {
        let tile = self.entries.iter().find(|entry| entry.run > 0)?;
        Some((tile.offset, tile.length.into()))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The bytes of a stored part. What unpacks to more than
/// [`MAX_GROWTH`] times `most` is refused.
///
/// # Errors
/// When it is damaged or too large.
pub fn unpack(stored: &[u8], packing: Packing, most: u64) -> Result<Vec<u8>, ArchiveFault> {
    if stored.len() as u64 > most {
        return Err(ArchiveFault::Large);
    }
    if packing == Packing::Plain {
        return Ok(stored.to_vec());
    }
    let most = usize::try_from(most).map_or(usize::MAX, |most| most.saturating_mul(MAX_GROWTH));
    // A member ends with its plain length, RFC 1952; a hint, it may lie.
    let hint = stored.last_chunk::<4>().copied().unwrap_or_default();
    let hint = (u32::from_le_bytes(hint) as usize).min(stored.len().saturating_mul(64));
    let mut room = hint.clamp(64, most);
    let mut decompressor = Decompressor::new();
    loop {
        let mut plain = vec![0; room];
        match decompressor.gzip_decompress(stored, &mut plain) {
            Ok(length) => {
                plain.truncate(length);
                return Ok(plain);
            }
            Err(DecompressionError::InsufficientSpace) if room < most => {
                room = room.saturating_mul(4).min(most);
            }
            Err(DecompressionError::InsufficientSpace) => return Err(ArchiveFault::Large),
            Err(DecompressionError::BadData) => return Err(ArchiveFault::Broken),
        }
    }
}

fn varint(rest: &mut &[u8]) -> Result<u64, ArchiveFault> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, more) = rest.split_first().ok_or(ArchiveFault::Broken)?;
        *rest = more;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return Err(ArchiveFault::Broken);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(ArchiveFault::Broken)
}

fn short(rest: &mut &[u8]) -> Result<u32, ArchiveFault> {
    u32::try_from(varint(rest)?).map_err(|_too_long| ArchiveFault::Broken)
}

/// The number of a tile: zooms one after another, each along its Hilbert
/// curve.
pub fn tile_number(tile: TileCoord) -> u64 {
    let z = u32::from(tile.z());
    // 1 + 4 + 16 … of the zooms above.
    let before = ((1_u64 << (2 * z)) - 1) / 3;
    let (mut x, mut y) = (u64::from(tile.x()), u64::from(tile.y()));
    let mut along = 0;
    for level in (0..z).rev() {
        let side = 1_u64 << level;
        let (right, below) = (u64::from(x & side > 0), u64::from(y & side > 0));
        along += side * side * ((3 * right) ^ below);
        x &= side - 1;
        y &= side - 1;
        if below == 0 {
            if right == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
    }
    before + along
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn number(z: u8, x: u32, y: u32) -> u64 {
        tile_number(TileCoord::new(z, x, y).unwrap())
    }

    #[test]
    fn tiles_are_numbered_as_in_the_specification() {
        // The table of the specification.
        for (z, x, y, n) in [
            (0, 0, 0, 0),
            (1, 0, 0, 1),
            (1, 0, 1, 2),
            (1, 1, 1, 3),
            (1, 1, 0, 4),
            (2, 0, 0, 5),
            (12, 3423, 1763, 19_078_479),
        ] {
            assert_eq!(number(z, x, y), n, "{z}/{x}/{y}");
        }
        // Each number once, and neighbours on the curve are neighbours.
        for z in 1..=6_u8 {
            let mut by_number = BTreeMap::new();
            for x in 0..1_u32 << z {
                for y in 0..1_u32 << z {
                    assert_eq!(by_number.insert(number(z, x, y), (x, y)), None);
                }
            }
            let places: Vec<_> = by_number.values().collect();
            for pair in places.windows(2) {
                let steps = pair[0].0.abs_diff(pair[1].0) + pair[0].1.abs_diff(pair[1].1);
                assert_eq!(steps, 1, "zoom {z}");
            }
        }
        assert!(number(22, 4_194_303, 4_194_303) < u64::MAX / 8);
    }

    fn push(out: &mut Vec<u8>, mut value: u64) {
        while value >= 0x80 {
            out.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }

    fn write(entries: &[(u64, u64, u32, u32)]) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, entries.len() as u64);
        let mut last = 0;
        for entry in entries {
            push(&mut out, entry.0 - last);
            last = entry.0;
        }
        for entry in entries {
            push(&mut out, entry.3.into());
        }
        for entry in entries {
            push(&mut out, entry.2.into());
        }
        let mut next = None;
        for entry in entries {
            if next == Some(entry.1) {
                push(&mut out, 0);
            } else {
                push(&mut out, entry.1 + 1);
            }
            next = Some(entry.1 + u64::from(entry.2));
        }
        out
    }

    #[test]
    fn a_count_that_lies_allocates_nothing() {
        for bytes in [
            &b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"[..],
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x80",
            b"",
            b"\x02\x01\x01\x01\x01",
            // Two entries for one tile.
            b"\x02\x01\x00\x01\x01\x01\x01\x01\x01",
            // The first offset follows nothing.
            b"\x01\x01\x01\x01\x00",
        ] {
            let read = Directory::read(bytes, Packing::Plain);
            assert_eq!(read, Err(ArchiveFault::Broken), "{bytes:?}");
        }
        assert_eq!(Directory::read(b"\x00", Packing::Plain).unwrap().len(), 0);
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let zeros = vec![0_u8; 40 << 20];
        let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::best());
        let mut bomb = vec![0; packer.gzip_compress_bound(zeros.len())];
        let length = packer.gzip_compress(&zeros, &mut bomb).unwrap();
        bomb.truncate(length);
        assert!(bomb.len() < 1 << 20);
        let unpacked = unpack(&bomb, Packing::Gzip, MAX_DIRECTORY);
        assert_eq!(unpacked, Err(ArchiveFault::Large));
        let end = bomb.len() - 4;
        bomb[end..].copy_from_slice(&[1, 0, 0, 0]);
        assert!(unpack(&bomb, Packing::Gzip, MAX_TILE).is_err());
        assert_eq!(
            unpack(&vec![0; 9 << 20], Packing::Plain, MAX_TILE),
            Err(ArchiveFault::Large)
        );
    }

    #[test]
    fn headers_that_cannot_be_shown_say_why() {
        let mut good = [0_u8; HEADER_BYTES];
        good[..8].copy_from_slice(b"PMTiles\x03");
        (good[97], good[98], good[99], good[101]) = (2, 2, 1, 14);
        good[110..114].copy_from_slice(&1_000_000_000_i32.to_le_bytes());
        good[114..118].copy_from_slice(&300_000_000_i32.to_le_bytes());
        let header = Header::read(&good).unwrap();
        assert_eq!((header.kind, header.maxzoom), (TileKind::Mvt, 14));
        assert_eq!(header.bounds, Some([0.0, 0.0, 100.0, 30.0]));
        for (at, value, fault) in [
            (7, 2, ArchiveFault::Foreign),
            (0, b'Q', ArchiveFault::Foreign),
            (97, 3, ArchiveFault::Packing("brotli")),
            (98, 4, ArchiveFault::Packing("zstd")),
            (98, 9, ArchiveFault::Broken),
            (99, 0, ArchiveFault::Kind),
            (100, 15, ArchiveFault::Broken),
        ] {
            let mut bad = good;
            bad[at] = value;
            assert_eq!(Header::read(&bad), Err(fault), "{at}");
            assert!(!fault.zh().is_empty() && !fault.to_string().is_empty());
        }
        assert_eq!(Header::read(&good[..126]), Err(ArchiveFault::Foreign));
        let span = Span {
            offset: 100,
            length: 50,
        };
        assert!(span.part(0, 50).is_ok() && span.part(1, 50).is_err());
        assert!(span.part(u64::MAX, 2).is_err());
    }

    proptest! {
        #[test]
        fn a_directory_finds_what_looking_at_each_entry_finds(
            steps in prop::collection::vec((1_u64..9, 0_u32..5, 1_u32..900, 0_u64..2), 0..60),
            ask in 0_u64..400,
        ) {
            let (mut id, mut end) = (0, 0_u64);
            let mut entries = Vec::new();
            for (step, run, length, gap) in steps {
                id += step;
                entries.push((id, end + gap * 1000, length, run));
                end = end + gap * 1000 + u64::from(length);
                id += u64::from(run.saturating_sub(1));
            }
            let directory = Directory::read(&write(&entries), Packing::Plain).unwrap();
            let slow = entries.iter().rev().find(|e| e.0 <= ask).and_then(|e| {
                let (offset, length) = (e.1, u64::from(e.2));
                match e.3 {
                    0 => Some(Found::Leaf { offset, length }),
                    run if ask < e.0 + u64::from(run) => Some(Found::Tile { offset, length }),
                    _ => None,
                }
            });
            prop_assert_eq!(directory.find(ask), slow);
        }

        #[test]
        fn nothing_that_is_thrown_at_it_panics(bytes in prop::collection::vec(any::<u8>(), 0..400), packed: bool) {
            let packing = if packed { Packing::Gzip } else { Packing::Plain };
            if let Ok(directory) = Directory::read(&bytes, packing) {
                for id in [0, 1, 1000, u64::MAX] {
                    directory.find(id);
                }
            }
            let mut head = b"PMTiles\x03".to_vec();
            head.extend(&bytes);
            if let Ok(header) = Header::read(&head) {
                prop_assert!(header.minzoom <= header.maxzoom && header.maxzoom <= 22);
            }
        }
    }
}
