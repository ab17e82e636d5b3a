//! dBase tables beside Shapefiles. Own reader: the encoding has to be guessed
//! from the bytes, since many files do not say it.

use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1252};

use super::encoding as text;
use super::fault::Fault;
use super::mapping::tidy_heading;
use super::problem::{Code, FileError, Problem};
use super::reason::Reason;
use super::text::decode_field;

/// The most fields a table may have (dBase has 255).
const MAX_FIELDS: usize = 1024;

/// A parsed table over its bytes.
#[derive(Debug)]
pub(super) struct Dbf<'a> {
    fields: Vec<Field>,
    records: Vec<&'a [u8]>,
    language: u8,
}

#[derive(Debug)]
struct Field {
    name: Vec<u8>,
    kind: u8,
    start: usize,
    width: usize,
}

/// The encoding of the texts.
pub(super) struct Choice {
    pub(super) encoding: &'static Encoding,
    pub(super) name: &'static str,
    pub(super) note: Option<Problem>,
}

impl<'a> Dbf<'a> {
    /// Reads the header and cuts the records; deleted ones stay, since the
    /// geometry file counts them.
    ///
    /// # Errors
    /// When the sizes in the header cannot be.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, FileError> {
        let corrupt = |reason: Reason| FileError::new(Code::Corrupt, reason);
        let header = bytes
            .get(..32)
            .ok_or_else(|| corrupt(Reason::DbfWithoutHeader))?;
        let count = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let header_size = usize::from(u16::from_le_bytes([header[8], header[9]]));
        let record_size = usize::from(u16::from_le_bytes([header[10], header[11]]));
        let language = header[29];
        let mut fields = Vec::new();
        let mut start = 1;
        let mut at = 32;
        while bytes.get(at).is_some_and(|b| *b != 0x0d) && at + 32 <= header_size {
            let field = bytes
                .get(at..at + 32)
                .ok_or_else(|| corrupt(Reason::DbfFieldsCut))?;
            let width = usize::from(field[16]);
            let name: Vec<u8> = field[..11]
                .iter()
                .copied()
                .take_while(|b| *b != 0)
                .collect();
            fields.push(Field {
                name,
                kind: field[11],
                start,
                width,
            });
            start += width;
            at += 32;
            if fields.len() > MAX_FIELDS {
                return Err(corrupt(Reason::DbfFieldsTooMany));
            }
        }
        if fields.is_empty() || start > record_size {
            return Err(corrupt(Reason::DbfFieldsDoNotFit));
        }
        let body = bytes
            .get(header_size..)
            .ok_or_else(|| corrupt(Reason::DbfCut))?;
        let records: Vec<&[u8]> = body.chunks_exact(record_size).take(count).collect();
        if records.len() < count {
            return Err(corrupt(Reason::DbfRecordsMissing {
                announced: count,
                found: records.len(),
            }));
        }
        Ok(Self {
            fields,
            records,
            language,
        })
    }

    /// How many records.
    pub(super) fn rows(&self) -> usize {
        self.records.len()
    }

    /// The headings; one that cannot be decoded gets a number.
    pub(super) fn headings(&self, encoding: &'static Encoding) -> Vec<String> {
        self.fields
            .iter()
            .enumerate()
            .map(|(n, f)| {
                decode_cut(&f.name, encoding)
                    .map_or_else(|| format!("field{}", n + 1), |h| tidy_heading(&h))
            })
            .collect()
    }

    /// The cells of a record by column; `None` when a text is not in the encoding.
    pub(super) fn cells(
        &self,
        row: usize,
        encoding: &'static Encoding,
    ) -> Option<Vec<(usize, String)>> {
        let record = self.records.get(row)?;
        self.fields
            .iter()
            .enumerate()
            .map(|(n, field)| Some((n, cell(field, record, encoding)?)))
            .collect()
    }

    fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let cells = self.records.iter().flat_map(|record| {
            self.fields
                .iter()
                .filter(|f| f.kind == b'C')
                .map(|f| trimmed(&record[f.start..f.start + f.width]))
        });
        self.fields.iter().map(|f| f.name.as_slice()).chain(cells)
    }
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|b| !matches!(b, b' ' | 0))
        .map_or(0, |n| n + 1);
    &bytes[..end]
}

fn cell(field: &Field, record: &[u8], encoding: &'static Encoding) -> Option<String> {
    let raw = trimmed(&record[field.start..field.start + field.width]);
    match field.kind {
        b'C' => decode_cut(raw, encoding),
        b'I' | b'+' if field.width == 4 => {
            let raw: [u8; 4] = record[field.start..field.start + 4].try_into().ok()?;
            Some(i32::from_le_bytes(raw).to_string())
        }
        b'D' => {
            let text = String::from_utf8_lossy(raw).trim().to_owned();
            let whole = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
            Some(if text.trim_matches('0').is_empty() {
                String::new()
            } else if whole {
                // As a day is written: eight digits alone would be a number.
                format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
            } else {
                text
            })
        }
        b'L' => Some(match raw.first() {
            Some(b'T' | b't' | b'Y' | b'y') => "true".into(),
            Some(b'F' | b'f' | b'N' | b'n') => "false".into(),
            _ => String::new(),
        }),
        b'N' | b'F' => {
            let text = String::from_utf8_lossy(raw).trim().to_owned();
            // Stars stand for a number that did not fit, or for nothing.
            Some(if text.starts_with('*') {
                String::new()
            } else {
                text
            })
        }
        _ => Some(String::new()),
    }
}

/// Decodes a text whose last character may have been cut at the width.
fn decode_cut(raw: &[u8], encoding: &'static Encoding) -> Option<String> {
    (0..=3.min(raw.len())).find_map(|cut| {
        decode_field(&raw[..raw.len() - cut], encoding).filter(|_| cut == 0 || raw.len() > 8)
    })
}

/// The encoding that the user named, else that of the `.cpg` file, of the
/// language byte, else by trying: UTF-8, then what the texts look like.
///
/// # Errors
/// When the file names an encoding that is not known, or its texts are not
/// in the one that the user named.
pub(super) fn choose_encoding(
    table: &Dbf<'_>,
    cpg: Option<&[u8]>,
    said: Option<text::Encoding>,
) -> Result<Choice, FileError> {
    let fits =
        |encoding: &'static Encoding| table.texts().all(|t| decode_cut(t, encoding).is_some());
    if let Some(said) = said {
        if !fits(said.0) {
            let name = said.name().to_owned();
            return Err(Fault::EncodingRefused { name }.of_file());
        }
        return Ok(Choice::of(said.0, None));
    }
    let named = match cpg {
        Some(cpg) => {
            let label = String::from_utf8_lossy(cpg);
            let label = label.trim().trim_start_matches('\u{feff}');
            if label.is_empty() {
                None
            } else {
                let found = label.parse::<text::Encoding>().map_err(|e| {
                    FileError::new(
                        Code::Encoding,
                        Reason::EncodingUnheardOf {
                            name: super::problem::quote(&e.0),
                        },
                    )
                })?;
                Some(found.0)
            }
        }
        None => match table.language {
            0x4d | 0x7a => Some(GB18030),
            0x4f | 0x78 => Some(encoding_rs::BIG5),
            _ => None,
        },
    };
    let guess = || {
        if fits(UTF_8) {
            return Some(UTF_8);
        }
        let texts: Vec<&[u8]> = table.texts().map(whole_characters).collect();
        text::guess(&texts).map(|e| e.0).filter(|e| fits(e))
    };
    let (encoding, note) = match named {
        Some(encoding) if fits(encoding) => (encoding, None),
        // The file says one thing and is another.
        Some(encoding) => match guess() {
            Some(other) => (
                other,
                Some(Reason::EncodingContradicted {
                    named: encoding.name(),
                    found: other.name(),
                }),
            ),
            None => (encoding, None),
        },
        None => match guess() {
            Some(encoding) if encoding == UTF_8 => (encoding, None),
            Some(encoding) => (
                encoding,
                Some(Reason::EncodingUnsaid {
                    fits: text::Encoding(encoding).name(),
                }),
            ),
            None => (WINDOWS_1252, Some(Reason::EncodingUnclear)),
        },
    };
    let note = note.map(|reason| Problem::of_file(Code::Encoding, reason));
    Ok(Choice::of(encoding, note))
}

impl Choice {
    fn of(encoding: &'static Encoding, note: Option<Problem>) -> Self {
        Self {
            encoding,
            name: text::Encoding(encoding).name(),
            note,
        }
    }
}

/// A text without the half of a two-byte character that the width cut off.
fn whole_characters(raw: &[u8]) -> &[u8] {
    let fits = |cut: &usize| decode_field(&raw[..raw.len() - cut], GB18030).is_some();
    let cut = (0..=3.min(raw.len())).find(fits).unwrap_or(0);
    &raw[..raw.len() - cut]
}
