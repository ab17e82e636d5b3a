//! Texts of files from outside, and short names made of hashes.

/// The first digits of a hash over parts, in hexadecimal.
pub(super) fn digits(parts: &[&str], count: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..count].to_owned()
}

/// A text without markup and control characters, at most so many characters.
pub(super) fn plain(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        // A tag that does not end takes the rest with it.
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    for (entity, sign) in [
        ("&copy;", "©"),
        ("&#169;", "©"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        out = out.replace(entity, sign);
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    let one_line = words.join(" ");
    one_line
        .chars()
        .filter(|c| !c.is_control())
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_words_stay() {
        for (text, expected) in [
            (
                "<a href=\"https://www.openstreetmap.org/copyright\" target=\"_blank\">&copy; OpenStreetMap</a> contributors",
                "© OpenStreetMap contributors",
            ),
            ("a\n\t b\u{7}", "a b"),
            ("x <script>alert(1)</script", "x alert(1)"),
            ("&amp;lt;", "&lt;"),
            ("天地图", "天地图"),
        ] {
            assert_eq!(plain(text, 200), expected);
        }
        assert_eq!(plain(&"字".repeat(300), 5), "字字字字字");
        assert_ne!(digits(&["ab", "c"], 10), digits(&["a", "bc"], 10));
    }
}
