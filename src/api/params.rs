//! The query string, read strictly: each parameter once, each one known,
//! percent-encoding whole and UTF-8.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::error::Error;
use super::lang::Lang;
use crate::query::EXTRA_PREFIX;

/// The most characters a query string may have.
const MAX_QUERY: usize = 8 * 1024;

/// The parameters of a request. Handlers take what they know and then call
/// [`Params::finish`], which refuses the rest.
#[derive(Debug, Clone)]
pub struct Params {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
    /// The reader's language.
    pub lang: Lang,
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let lang = Lang::of(&parts.uri, &parts.headers);
        Params::parse(parts.uri.query().unwrap_or_default(), lang)
    }
}

impl Params {
    /// Reads a query string.
    ///
    /// # Errors
    /// When it is too long, not UTF-8 after decoding, or names one twice.
    pub fn parse(query: &str, lang: Lang) -> Result<Params, Error> {
        if query.len() > MAX_QUERY {
            return Err(Error::new(
                axum::http::StatusCode::URI_TOO_LONG,
                "uri-too-long",
                format!("查询参数超过 {MAX_QUERY} 个字符"),
                format!("the query string is longer than {MAX_QUERY} characters"),
            ));
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = decode_pair(name, value)?;
            if pairs.iter().any(|(known, _)| *known == name) {
                let name: String = name.chars().take(80).collect();
                return Err(Error::new(
                    axum::http::StatusCode::BAD_REQUEST,
                    "duplicate-parameter",
                    format!("参数“{name}”出现了两次"),
                    format!("parameter `{name}` is given twice"),
                ));
            }
            pairs.push((name, value));
        }
        Ok(Params {
            pairs,
            known: Vec::new(),
            lang,
        })
    }

    /// The value of a parameter, if given. An empty value counts as given.
    pub fn take(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let slot = self.pairs.iter().position(|(key, _)| key == name)?;
        Some(self.pairs.swap_remove(slot).1)
    }

    /// Like [`Params::take`], parsed by `parse`, whose error is the sentence in
    /// (Chinese, English).
    ///
    /// # Errors
    /// 400 naming the parameter.
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, (String, String)>,
    ) -> Result<Option<T>, Error> {
        self.take(name)
            .map(|text| parse(&text).map_err(|(zh, en)| Error::parameter(name, zh, en)))
            .transpose()
    }

    /// Replaces the value of a parameter, which stays to be taken.
    ///
    /// # Errors
    /// 400 naming the parameter.
    pub fn rewrite(
        &mut self,
        name: &str,
        rewrite: impl FnOnce(&str) -> Result<String, (String, String)>,
    ) -> Result<(), Error> {
        if let Some((_, value)) = self.pairs.iter_mut().find(|(key, _)| key == name) {
            *value = rewrite(value).map_err(|(zh, en)| Error::parameter(name, zh, en))?;
        }
        Ok(())
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// 400 when it is missing.
    pub fn required(&mut self, name: &'static str) -> Result<String, Error> {
        self.take(name)
            .ok_or_else(|| Error::parameter(name, "必须给出", "it is required"))
    }

    /// A whole number within a range.
    ///
    /// # Errors
    /// 400 when it is not one, or outside.
    pub fn integer<T: FromStr + PartialOrd + std::fmt::Display + Copy>(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<T>,
    ) -> Result<Option<T>, Error> {
        self.parsed(name, |text| {
            let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            plain
                .then(|| text.parse::<T>().ok())
                .flatten()
                .filter(|number| range.contains(number))
                .ok_or_else(|| {
                    let (low, high) = (range.start(), range.end());
                    (
                        format!("应为 {low} 到 {high} 的整数"),
                        format!("must be a whole number from {low} to {high}"),
                    )
                })
        })
    }

    /// A finite number within a range.
    ///
    /// # Errors
    /// 400 when it is not one (NaN and infinities are not), or outside.
    pub fn number(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<Option<f64>, Error> {
        self.parsed(name, |text| {
            finite(text)
                .filter(|number| range.contains(number))
                .ok_or_else(|| {
                    let (low, high) = (range.start(), range.end());
                    (
                        format!("应为 {low} 到 {high} 的数"),
                        format!("must be a number from {low} to {high}"),
                    )
                })
        })
    }

    /// A parameter that is `true` or `false`; `false` unless given.
    ///
    /// # Errors
    /// 400 for another word.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Error> {
        let flag = self.parsed(name, |text| {
            text.parse().map_err(|_neither: std::str::ParseBoolError| {
                (
                    "应为 true 或 false".to_owned(),
                    "must be true or false".to_owned(),
                )
            })
        })?;
        Ok(flag.unwrap_or(false))
    }

    /// Parameters not taken yet whose name `wanted` says yes to.
    pub fn take_where(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let (taken, rest) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|(name, _)| wanted(name));
        self.pairs = rest;
        taken
    }

    /// Everything not taken yet, and the names of what was.
    ///
    /// # Errors
    /// 400 when `lang` is not a language.
    pub(super) fn rest(mut self) -> Result<Rest, Error> {
        self.check_lang()?;
        Ok((self.pairs, self.known))
    }

    /// Refuses what nobody took. `lang` is known everywhere.
    ///
    /// # Errors
    /// 400 naming the first unknown parameter and the known ones.
    pub fn finish(mut self) -> Result<(), Error> {
        self.check_lang()?;
        match self.pairs.first() {
            None => Ok(()),
            Some((name, _)) => {
                self.known.sort_unstable();
                self.known.dedup();
                Err(Error::unknown_parameter(name, &self.known))
            }
        }
    }

    fn check_lang(&mut self) -> Result<(), Error> {
        self.parsed("lang", |text| {
            Lang::parse(text)
                .ok_or_else(|| ("应为 zh 或 en".to_owned(), "must be zh or en".to_owned()))
        })?;
        Ok(())
    }
}

/// Pairs left over, and the names that were taken.
type Rest = (Vec<(String, String)>, Vec<&'static str>);

/// A finite decimal number; `nan`, `inf` and blanks are refused.
pub fn finite(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    plain
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .filter(|number| number.is_finite())
}

/// The pairs of a query string that was read before; what cannot be decoded is
/// left out.
pub(super) fn pairs_of(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            decode_pair(name, value).ok()
        })
        .collect()
}

/// Decodes a name and its value. In the lists of extra columns an encoded
/// comma belongs to a value, so those are cut apart before they are decoded,
/// and put together in the way that the filter grammar reads.
fn decode_pair(name: &str, value: &str) -> Result<(String, String), Error> {
    let name = decode(name)?;
    if !name.starts_with(EXTRA_PREFIX) {
        return Ok((name, decode(value)?));
    }
    let escape = |text: String| text.replace('%', "%25").replace(',', "%2C");
    let part = |part: &str| decode(part).map(escape);
    let parts = value.split(',').map(part).collect::<Result<Vec<_>, _>>()?;
    Ok((name, parts.join(",")))
}

/// Percent-decodes one part of a query string; `+` is a blank.
fn decode(text: &str) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (rest.next().and_then(hex), rest.next().and_then(hex));
                match (high, low) {
                    (Some(high), Some(low)) => high * 16 + low,
                    _ => return Err(bad_encoding()),
                }
            }
            other => other,
        });
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))
        .ok_or_else(bad_encoding)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn bad_encoding() -> Error {
    Error::new(
        axum::http::StatusCode::BAD_REQUEST,
        "bad-encoding",
        "查询参数不是合法的 UTF-8 百分号编码",
        "the query string is not percent-encoded UTF-8",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Result<Params, Error> {
        Params::parse(query, Lang::Zh)
    }

    #[test]
    fn decodes_whole_utf8_only() {
        let mut ok = params("q=%E5%85%83+a%2Bb").unwrap();
        assert_eq!(ok.take("q").as_deref(), Some("元 a+b"));
        let mut list = params("x.%E5%88%97=a%2Cb,c%25,d%2525").unwrap();
        assert_eq!(list.pairs[0].0, "x.列");
        assert_eq!(list.pairs.remove(0).1, "a%2Cb,c%25,d%2525");
        for bad in ["q=%E5%85", "q=%", "q=%4", "q=%zz", "q=a%00b", "%ff=1"] {
            assert!(params(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn refuses_twice_and_unknown() {
        assert!(params("limit=1&limit=2").is_err());
        assert!(params("limit=1&%6cimit=2").is_err());
        let mut known = params("limit=5&lang=en").unwrap();
        assert_eq!(known.integer("limit", 1..=10_u32).unwrap(), Some(5));
        assert!(known.finish().is_ok());
        assert!(params("x=1").unwrap().finish().is_err());
        assert!(params("lang=fr").unwrap().finish().is_err());
    }

    #[test]
    fn numbers_are_plain_and_finite() {
        for bad in [
            "-1",
            "0",
            "+5",
            "1e3",
            "99999999999999999999",
            "",
            " 5",
            "\u{ff15}",
        ] {
            let query = format!("limit={}", bad.replace('+', "%2B").replace(' ', "%20"));
            let mut params = params(&query).unwrap();
            assert!(params.integer("limit", 1..=10_000_u32).is_err(), "{bad}");
        }
        for bad in ["nan", "inf", "-inf", "infinity", "", "1,5", "1 ", "1e999"] {
            assert_eq!(finite(bad), None, "{bad}");
        }
        assert_eq!(finite("-1.5e1"), Some(-15.0));
    }
}
