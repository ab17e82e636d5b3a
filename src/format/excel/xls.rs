//! A look at an .xls before the library reads it: the old format lets a file
//! of a few bytes announce a billion cells, which the library would allocate.

use crate::format::fault::Fault;
use crate::format::problem::FileError;

/// How every compound file begins.
pub(super) const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// The most cells in the box around the filled cells of a sheet.
const MAX_CELLS: u64 = 6_000_000;
/// Ends of chains have this number or a higher one.
const NO_SECTOR: u32 = 0xffff_fffa;

/// Refuses what is no workbook, needs a password, or announces too much.
///
/// # Errors
/// As the faults say.
pub(super) fn check(bytes: &[u8]) -> Result<(), FileError> {
    let file = Compound::open(bytes).ok_or_else(|| damaged("no compound file"))?;
    if file.find("EncryptedPackage").is_some() {
        return Err(Fault::BookEncrypted {}.of_file());
    }
    let book = ["Workbook", "Book"].iter().find_map(|n| file.find(n));
    let book = book.ok_or_else(|| damaged("no workbook in it"))?;
    records(&file.stream(book))
}

fn damaged(cause: &str) -> FileError {
    Fault::BookDamaged {
        cause: cause.to_owned(),
    }
    .of_file()
}

/// Walks the records of the workbook.
fn records(stream: &[u8]) -> Result<(), FileError> {
    let too_large = || {
        Fault::BookTooLarge {
            most: MAX_CELLS as usize,
        }
        .of_file()
    };
    let mut at = 0;
    let mut bounds = Bounds::default();
    while let Some(head) = stream.get(at..at + 4) {
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let Some(data) = stream.get(at + 4..at + 4 + length) else {
            break;
        };
        at += 4 + length;
        match kind {
            // FILEPASS
            0x002f => return Err(Fault::BookEncrypted {}.of_file()),
            // BOF: another sheet
            0x0809 => bounds = Bounds::default(),
            // DIMENSIONS: four bytes a row and two a column, ends excluded
            0x0200 => {
                let rows = (word32(data, 0), word32(data, 4));
                let columns = (word(data, 8), word(data, 10));
                let (Some(r0), Some(r1), Some(c0), Some(c1)) =
                    (rows.0, rows.1, columns.0, columns.1)
                else {
                    // The short form of old versions.
                    if data.len() == 10 {
                        continue;
                    }
                    return Err(damaged("sheet dimensions"));
                };
                let backwards = r1 < r0 || c1 < c0;
                let boxed = u64::from(r1.saturating_sub(r0)) * u64::from(c1.saturating_sub(c0));
                if backwards && r1 + u32::from(c1) > 0 || r1 > 65_536 || c1 > 256 {
                    return Err(damaged("sheet dimensions"));
                }
                if boxed > 65_536 * 256 {
                    return Err(too_large());
                }
            }
            // Cells of all kinds begin with row and column.
            0x0006 | 0x00bd | 0x00d6 | 0x00fd | 0x0201 | 0x0203 | 0x0204 | 0x0205 | 0x027e => {
                if let (Some(row), Some(column)) = (word(data, 0), word(data, 2)) {
                    bounds.add(row, column);
                    // MULRK: several columns
                    if kind == 0x00bd && data.len() >= 6 {
                        bounds.add(row, word(data, data.len() - 2).unwrap_or(column));
                    }
                    if bounds.cells() > MAX_CELLS || bounds.right > 256 {
                        return Err(too_large());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The box around the cells of a sheet.
#[derive(Default)]
struct Bounds {
    some: bool,
    top: u16,
    bottom: u16,
    left: u16,
    right: u16,
}

impl Bounds {
    fn add(&mut self, row: u16, column: u16) {
        if !self.some {
            (self.some, self.top, self.left) = (true, row, column);
        }
        self.top = self.top.min(row);
        self.bottom = self.bottom.max(row);
        self.left = self.left.min(column);
        self.right = self.right.max(column);
    }

    fn cells(&self) -> u64 {
        (u64::from(self.bottom - self.top) + 1) * (u64::from(self.right - self.left) + 1)
    }
}

fn word(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

fn word32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

/// A compound file: sectors in chains.
struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    directory: Vec<u8>,
    mini_stream: Vec<u8>,
    cutoff: u32,
}

/// Where a stream begins and how long it is.
#[derive(Clone, Copy)]
struct Place {
    start: u32,
    length: u32,
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let shift = word(bytes, 30)?;
        if !matches!(shift, 9 | 12) {
            return None;
        }
        let mut file = Self {
            bytes,
            sector: 1 << shift,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            directory: Vec::new(),
            mini_stream: Vec::new(),
            cutoff: word32(bytes, 56)?,
        };
        // The first 109 sectors of the table stand in the header.
        let mut tables: Vec<u32> = (0..109).map_while(|n| word32(bytes, 76 + 4 * n)).collect();
        let mut next = word32(bytes, 68)?;
        let mut steps = bytes.len() / file.sector + 1;
        while next < NO_SECTOR && steps > 0 {
            let sector = file.at(next)?;
            let last = sector.len() - 4;
            tables.extend((0..last / 4).map_while(|n| word32(sector, 4 * n)));
            next = word32(sector, last)?;
            steps -= 1;
        }
        let most = bytes.len() / file.sector + 1;
        for table in tables.into_iter().filter(|t| *t < NO_SECTOR).take(most) {
            let sector = file.at(table)?;
            let numbers = (0..sector.len() / 4).map_while(|n| word32(sector, 4 * n));
            file.fat.extend(numbers.collect::<Vec<_>>());
        }
        file.directory = file.chain(word32(bytes, 48)?, usize::MAX);
        let mini = file.chain(word32(bytes, 60)?, usize::MAX);
        file.mini_fat = (0..mini.len() / 4)
            .map_while(|n| word32(&mini, 4 * n))
            .collect();
        let root = file.entries().next()?;
        file.mini_stream = file.chain(root.1.start, root.1.length as usize);
        Some(file)
    }

    fn at(&self, sector: u32) -> Option<&'a [u8]> {
        let start = (sector as usize + 1).checked_mul(self.sector)?;
        self.bytes.get(start..start + self.sector)
    }

    /// The bytes of a chain of sectors.
    fn chain(&self, start: u32, most: usize) -> Vec<u8> {
        let (mut out, mut next) = (Vec::new(), start);
        while out.len() < most.min(self.bytes.len()) {
            let Some(sector) = self.at(next) else { break };
            out.extend_from_slice(sector);
            match self.fat.get(next as usize) {
                Some(after) => next = *after,
                None => break,
            }
        }
        out.truncate(most);
        out
    }

    fn entries(&self) -> impl Iterator<Item = (String, Place)> + '_ {
        self.directory.chunks_exact(128).map(|entry| {
            let length = usize::from(word(entry, 64).unwrap_or(0)).min(64);
            let units: Vec<u16> = (0..length / 2)
                .filter_map(|n| word(entry, 2 * n))
                .take_while(|u| *u != 0)
                .collect();
            let place = Place {
                start: word32(entry, 116).unwrap_or(NO_SECTOR),
                length: word32(entry, 120).unwrap_or(0),
            };
            (String::from_utf16_lossy(&units), place)
        })
    }

    fn find(&self, name: &str) -> Option<Place> {
        let mut hits = self.entries().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        hits.next().map(|(_, place)| place)
    }

    fn stream(&self, place: Place) -> Vec<u8> {
        if place.length >= self.cutoff {
            return self.chain(place.start, place.length as usize);
        }
        let (mut out, mut next) = (Vec::new(), place.start as usize);
        while out.len() < place.length as usize {
            let Some(sector) = self.mini_stream.get(next * 64..next * 64 + 64) else {
                break;
            };
            out.extend_from_slice(sector);
            match self.mini_fat.get(next) {
                Some(after) => next = *after as usize,
                None => break,
            }
        }
        out
    }
}
