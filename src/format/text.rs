//! Bytes to text: UTF-8, UTF-16 with a mark, GB18030 (which holds GBK), or
//! what the user names.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::encoding::{self, Encoding};
use super::fault::Fault;
use super::personal::Signs;
use super::problem::{Code, FileError, Refusal};
use super::reason::Reason;

/// Longest name, status, code or word kept.
pub(super) const MAX_NAME: usize = 200;
/// Longest description kept.
pub(super) const MAX_TEXT: usize = 10_000;

/// A decoded file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// `utf-8`, `utf-16`, `gb18030`, seldom another.
    pub(super) encoding: &'static str,
}

/// Decodes a whole file. Strict UTF-8 comes first, since GB18030 reads UTF-8
/// bytes as other characters without any error.
///
/// # Errors
/// When neither fits, or lines of both kinds are in one file.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, FileError> {
    for (mark, encoding) in [(b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let text = encoding
                .decode_without_bom_handling_and_without_replacement(rest)
                .ok_or_else(|| FileError::new(Code::Encoding, Reason::Utf16Damaged))?;
            return Ok(Decoded {
                text: text.into_owned(),
                encoding: "utf-16",
            });
        }
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded {
            text: text.to_owned(),
            encoding: "utf-8",
        });
    }
    if let Some(line) = utf8_line(bytes) {
        return Err(FileError::new(
            Code::Encoding,
            Reason::EncodingsMixed { line },
        ));
    }
    let guessed = encoding::guess(&[bytes]);
    match guessed.and_then(|e| Some((e, e.decode(bytes)?))) {
        Some((encoding, text)) => Ok(Decoded {
            text,
            encoding: encoding.name(),
        }),
        None => {
            let at = std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), |_| 0);
            let line = 1 + bytes[..at].iter().filter(|b| **b == b'\n').count();
            Err(FileError::new(
                Code::Encoding,
                Reason::EncodingUnknown { line },
            ))
        }
    }
}

/// Decodes a whole file by an encoding that the user named; strict.
///
/// # Errors
/// When a byte does not fit.
pub(super) fn decode_as(bytes: &[u8], encoding: Encoding) -> Result<String, FileError> {
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    let bytes = marks
        .iter()
        .find_map(|mark| bytes.strip_prefix(*mark))
        .unwrap_or(bytes);
    encoding.decode(bytes).ok_or_else(|| {
        Fault::EncodingRefused {
            name: encoding.name().to_owned(),
        }
        .of_file()
    })
}

/// Decodes by the encoding named, else by [`decode`].
///
/// # Errors
/// As those.
pub(super) fn decode_maybe(bytes: &[u8], said: Option<Encoding>) -> Result<Decoded, FileError> {
    match said {
        Some(encoding) => Ok(Decoded {
            text: decode_as(bytes, encoding)?,
            encoding: encoding.name(),
        }),
        None => decode(bytes),
    }
}

/// The first line that is UTF-8 with three hanzi or more. GBK text reads as
/// such by chance only in a word or two.
fn utf8_line(bytes: &[u8]) -> Option<usize> {
    bytes
        .split(|b| *b == b'\n')
        .position(|line| {
            std::str::from_utf8(line).is_ok_and(|text| {
                text.chars()
                    .filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}'))
                    .count()
                    >= 3
            })
        })
        .map(|n| n + 1)
}

/// Decodes one field of a dBase table by a known encoding; strict.
pub(super) fn decode_field(
    bytes: &[u8],
    encoding: &'static encoding_rs::Encoding,
) -> Option<String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
}

/// Whether a text was damaged before it came here: UTF-8 read as GBK and the
/// other way round.
pub(super) fn is_mojibake(text: &str) -> bool {
    // UTF-8 hanzi read as GBK give these rare characters again and again.
    static TELLTALE: Signs =
        Signs::all(&["鐨閭婚噷鍣闊虫壈姘鏄鍦鍙鍜浣鎴鍏鐢璺鍖绔鍥氬鏍鏉鎵绾犵悍鍚炴皯鍔炲叕"]);
    let (mut odd, mut all, mut telling) = (0, 0, false);
    for c in text.chars() {
        all += 1;
        odd += usize::from(TELLTALE.has(c));
        telling |= matches!(c, '锟' | '烫' | '\u{fffd}');
    }
    if telling && (text.contains("锟斤拷") || text.contains('\u{fffd}') || text.contains("烫烫烫"))
    {
        return true;
    }
    odd >= 3 && odd * 2 >= all
}

/// A text fit to keep: trimmed, with no control signs, none that turn the
/// direction of writing, no zero-width ones, not too long.
///
/// # Errors
/// NUL and other control characters, and too long texts, are refused.
pub(super) fn clean(text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    let (mut hides, mut marks, mut length) = (false, 0, 0);
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | ' '..='~' | '\u{3000}'..='\u{9fff}' => {}
            bad if bad.is_control() => {
                return Err(Refusal::new(
                    Code::BadText,
                    Reason::ControlCharacter {
                        code: format!("U+{:04X}", u32::from(bad)),
                    },
                ));
            }
            hidden if is_hidden(hidden) => {
                hides = true;
                continue;
            }
            '\u{300}'..='\u{36f}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}' => marks += 1,
            _ => {}
        }
        length += 1;
    }
    if marks > 20 {
        return Err(Refusal::new(Code::BadText, Reason::CombiningMarks));
    }
    if length > most {
        return Err(Refusal::new(
            Code::TextTooLong,
            Reason::TextTooLong { length, most },
        ));
    }
    Ok(if hides {
        text.chars().filter(|c| !is_hidden(*c)).collect()
    } else {
        text.to_owned()
    })
}

/// Turns the direction of writing, or has no width.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Bytes of the longest cell that means nothing.
const LONGEST_NOTHING: usize = "未知".len();

/// Cells that mean "nothing": empty, NA, 无, 未知, -.
pub(super) fn is_nothing(cell: &str) -> bool {
    let cell = cell.trim();
    if cell.len() > LONGEST_NOTHING {
        return false;
    }
    cell.is_empty()
        || matches!(
            cell,
            "-" | "--" | "—" | "/" | "\\N" | "无" | "未知" | "暂无" | "空"
        )
        || ["na", "n/a", "#n/a", "null", "none", "nil"]
            .iter()
            .any(|w| cell.eq_ignore_ascii_case(w))
}
