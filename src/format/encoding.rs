//! Text encodings: what the user names, and what bytes look like.

use std::fmt;
use std::str::FromStr;

use chardetng::EncodingDetector;
use encoding_rs::{BIG5, EUC_KR, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::fault::Fault;

/// A text encoding by name, as a user or a `.cpg` file says it.
///
/// ```
/// use gridmap::format::Encoding;
/// assert_eq!("GBK".parse::<Encoding>()?.to_string(), "gb18030");
/// assert_eq!("cp936".parse::<Encoding>()?, "gb2312".parse()?);
/// assert_eq!("65001".parse::<Encoding>()?.to_string(), "utf-8");
/// # Ok::<(), gridmap::format::UnknownEncoding>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encoding(pub(super) &'static encoding_rs::Encoding);

/// An encoding name that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", Fault::EncodingUnknown { name: self.0.clone() }.en())]
pub struct UnknownEncoding(pub String);

impl Encoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(UTF_8);
    /// GB18030, which holds GBK and GB2312.
    pub const GB18030: Self = Self(GB18030);

    /// The name in reports: lower case, `gb18030` for GBK as well.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            e if e == UTF_8 => "utf-8",
            e if e == GB18030 => "gb18030",
            e if e == BIG5 => "big5",
            e if e == UTF_16LE || e == UTF_16BE => "utf-16",
            other => other.name(),
        }
    }

    /// The text, or `None` when a byte does not fit.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        self.0
            .decode_without_bom_handling_and_without_replacement(bytes)
            .map(std::borrow::Cow::into_owned)
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for Encoding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(label: &str) -> Result<Self, UnknownEncoding> {
        let label = label
            .trim()
            .trim_start_matches('\u{feff}')
            .to_ascii_lowercase();
        let bare = label
            .trim_start_matches("cp")
            .trim_start_matches("ansi_")
            .trim_start_matches("ansi ");
        let found = match bare {
            "936" | "54936" | "oem" => Some(GB18030),
            "950" => Some(BIG5),
            "932" => Some(SHIFT_JIS),
            "949" => Some(EUC_KR),
            "65001" | "utf8" => Some(UTF_8),
            _ => encoding_rs::Encoding::for_label(label.as_bytes())
                .or_else(|| encoding_rs::Encoding::for_label(format!("windows-{bare}").as_bytes())),
        };
        found
            .map(|e| Self(if e == GBK { GB18030 } else { e }))
            .ok_or_else(|| UnknownEncoding(label.chars().take(40).collect()))
    }
}

/// Which encoding texts that are not UTF-8 have: GB18030 where it fits and
/// reads like Chinese, else what a detector says, if that fits.
pub(super) fn guess(texts: &[&[u8]]) -> Option<Encoding> {
    let chinese = fits(Encoding::GB18030, texts);
    if chinese && reads_like_gb(texts) {
        return Some(Encoding::GB18030);
    }
    let mut detector = EncodingDetector::new();
    for text in texts {
        detector.feed(text, false);
        detector.feed(b"\n", false);
    }
    detector.feed(b"", true);
    // Without a country, since that of GBK would always win.
    let (guessed, sure) = detector.guess_assess(None, false);
    let other = Encoding(if guessed == GBK { GB18030 } else { guessed });
    let foreign = other.0 == BIG5 || other.0 == SHIFT_JIS || other.0 == EUC_KR;
    if foreign && sure && fits(other, texts) {
        return Some(other);
    }
    chinese.then_some(Encoding::GB18030)
}

/// Whether most two-byte characters are in the part of GBK that GB2312 has,
/// which ordinary Chinese hardly leaves. Big5 read as GBK is all over the plane.
fn reads_like_gb(texts: &[&[u8]]) -> bool {
    let (mut common, mut all) = (0usize, 0usize);
    for text in texts {
        let mut at = 0;
        while at + 1 < text.len() {
            if text[at] < 0x80 {
                at += 1;
                continue;
            }
            // Four-byte characters have a digit in second place.
            if text[at + 1].is_ascii_digit() {
                at += 4;
                continue;
            }
            all += 1;
            common += usize::from(matches!(text[at], 0xa1..=0xf7) && text[at + 1] >= 0xa1);
            at += 2;
        }
    }
    all == 0 || common * 10 >= all * 9
}

/// Whether every text fits an encoding.
pub(super) fn fits(encoding: Encoding, texts: &[&[u8]]) -> bool {
    texts.iter().all(|t| encoding.decode(t).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_programs_write_them() {
        for (label, name) in [
            ("GBK", "gb18030"),
            ("gb2312", "gb18030"),
            ("ANSI_936", "gb18030"),
            ("CP936", "gb18030"),
            ("936", "gb18030"),
            ("\u{feff}UTF-8", "utf-8"),
            ("big5", "big5"),
            ("950", "big5"),
            ("1252", "windows-1252"),
            ("UTF-16LE", "utf-16"),
        ] {
            assert_eq!(label.parse::<Encoding>().unwrap().name(), name, "{label}");
        }
        assert!("klingon".parse::<Encoding>().is_err());
    }

    #[test]
    fn chinese_texts_are_told_apart() {
        let texts = [
            "幸福里小区北门发生邻里噪音纠纷",
            "居民反映楼下烧烤店油烟扰民，请城管部门处理",
            "电动车违停占用消防通道",
        ];
        for (encoding, traditional) in [(GB18030, false), (BIG5, true)] {
            let bytes: Vec<Vec<u8>> = texts
                .iter()
                .map(|t| {
                    // Traditional forms of the same, since Big5 lacks the simple ones.
                    let t = if traditional {
                        "居民反映樓下燒烤店油煙擾民，請城管部門處理電動車違停佔用消防通道"
                    } else {
                        t
                    };
                    encoding.encode(t).0.into_owned()
                })
                .collect();
            let slices: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
            assert_eq!(guess(&slices), Some(Encoding(encoding)));
        }
        // Three characters are enough for the usual case.
        let short = GB18030.encode("幸福里").0;
        assert_eq!(guess(&[&short]), Some(Encoding::GB18030));
    }
}
