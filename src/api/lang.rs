//! The reader's language: `?lang=`, else `Accept-Language`, else Chinese.

use axum::http::{HeaderMap, Uri, header};

/// A language the server speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

impl Lang {
    /// The language of a request. Words the server does not know count as not
    /// said; whoever cares about the parameter checks it.
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Lang {
        let asked = uri.query().and_then(|query| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix("lang="))
                .and_then(Lang::parse)
        });
        asked.unwrap_or_else(|| {
            headers
                .get(header::ACCEPT_LANGUAGE)
                .and_then(|value| value.to_str().ok())
                .map_or(Lang::Zh, Lang::negotiate)
        })
    }

    /// A language by its tag: `zh`, `zh-CN`, `en`, …
    pub fn parse(tag: &str) -> Option<Lang> {
        let primary = tag.split('-').next().unwrap_or(tag);
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Lang::Zh),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// The language tag for `Content-Language` and `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// One of two texts.
    pub const fn pick<T: Copy>(self, zh: T, en: T) -> T {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn negotiate(header: &str) -> Lang {
        let mut best = (0.0, Lang::Zh);
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let quality = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            if let Some(lang) = Lang::parse(tag)
                && quality.is_finite()
                && quality > best.0
            {
                best = (quality, lang);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_by_quality_and_defaults_to_chinese() {
        assert_eq!(Lang::negotiate("en-US,en;q=0.9,zh;q=0.8"), Lang::En);
        assert_eq!(Lang::negotiate("zh-CN,zh;q=0.9,en;q=0.8"), Lang::Zh);
        assert_eq!(Lang::negotiate("en;q=0.3, zh;q=0.5"), Lang::Zh);
        assert_eq!(Lang::negotiate("fr,en;q=0.1"), Lang::En);
        assert_eq!(Lang::negotiate("fr, *"), Lang::Zh);
        assert_eq!(Lang::negotiate("en;q=nan"), Lang::Zh);
    }

    #[test]
    fn parameter_beats_header() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "zh".parse().unwrap());
        let uri: Uri = "/api/meta?f=json&lang=en".parse().unwrap();
        assert_eq!(Lang::of(&uri, &headers), Lang::En);
        assert_eq!(Lang::of(&"/".parse().unwrap(), &headers), Lang::Zh);
    }
}
