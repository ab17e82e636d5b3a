//! Links between answers, with absolute addresses.

use serde::Serialize;
use utoipa::ToSchema;

use crate::query::EXTRA_PREFIX;

/// A web link (RFC 8288) as OGC API answers carry them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it is to this answer: `self`, `next`, `data`, …
    pub rel: &'static str,
    /// Media type of what is there.
    #[serde(rename = "type")]
    pub media_type: &'static str,
    /// For people.
    pub title: String,
}

/// A link; `href` is absolute.
pub fn link(
    href: impl Into<String>,
    rel: &'static str,
    media_type: &'static str,
    title: impl Into<String>,
) -> Link {
    Link {
        href: href.into(),
        rel,
        media_type,
        title: title.into(),
    }
}

/// `base?a=1&b=2` with the pairs percent-encoded; no `?` when there are none.
pub fn with_query<'a>(base: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = base.to_owned();
    for (n, (name, value)) in pairs.into_iter().enumerate() {
        out.push(if n == 0 { '?' } else { '&' });
        encode(&mut out, name);
        out.push('=');
        if !name.starts_with(EXTRA_PREFIX) {
            encode(&mut out, value);
            continue;
        }
        // Commas and per cent signs inside its values came escaped.
        for (n, part) in value.split(',').enumerate() {
            out.push_str(if n == 0 { "" } else { "," });
            for (n, piece) in part.split("%2C").enumerate() {
                out.push_str(if n == 0 { "" } else { "%2C" });
                encode(&mut out, &piece.replace("%25", "%"));
            }
        }
    }
    out
}

/// Percent-encodes all but the characters that are plain in any query.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,/:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_values() {
        let url = with_query("http://h/x", [("bbox", "1,2,3,4"), ("名 称", "a&b=c+d")]);
        assert_eq!(
            url,
            "http://h/x?bbox=1,2,3,4&%E5%90%8D%20%E7%A7%B0=a%26b%3Dc%2Bd"
        );
        assert_eq!(with_query("http://h/x", []), "http://h/x");
        let list = with_query("http://h/x", [("x.a", "b%2Cc,d%25 e")]);
        assert_eq!(list, "http://h/x?x.a=b%2Cc,d%25%20e");
    }
}
