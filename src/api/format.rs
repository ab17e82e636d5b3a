//! Which form an answer takes: `?f=`, else `Accept`.

use axum::http::{HeaderMap, header};

use super::error::Error;
use super::params::Params;

/// The forms of the OGC resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON; for features, GeoJSON.
    Json,
    /// A page for people.
    Html,
}

/// Media type of GeoJSON.
pub const GEOJSON: &str = "application/geo+json";
/// Media type of JSON.
pub const JSON: &str = "application/json";
/// Media type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

impl Format {
    /// Takes `f` (`json`, `geojson` or `html`), else looks at `Accept`.
    ///
    /// # Errors
    /// 400 for another word in `f`.
    pub fn of(params: &mut Params, headers: &HeaderMap) -> Result<Format, Error> {
        let asked = params.parsed("f", |word| match word {
            "json" | "geojson" => Ok(Format::Json),
            "html" => Ok(Format::Html),
            _ => Err((
                "应为 json 或 html".to_owned(),
                "must be json or html".to_owned(),
            )),
        })?;
        Ok(asked.unwrap_or_else(|| Format::accepted(headers)))
    }

    /// Its word in `f`.
    pub const fn word(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Html => "html",
        }
    }

    /// HTML only for those who name it and prefer it to JSON, as browsers do.
    fn accepted(headers: &HeaderMap) -> Format {
        let (mut html, mut json) = (0.0_f32, 0.0_f32);
        for value in headers.get_all(header::ACCEPT) {
            for range in value.to_str().unwrap_or_default().split(',') {
                let mut parts = range.split(';');
                let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
                let quality = parts
                    .find_map(|p| p.trim().strip_prefix("q="))
                    .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
                match media.as_str() {
                    "text/html" | "application/xhtml+xml" => html = html.max(quality),
                    "application/json" | GEOJSON => json = json.max(quality),
                    _ => {}
                }
            }
        }
        if html > json {
            Format::Html
        } else {
            Format::Json
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_json() {
        let accept = |value: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, value.parse().unwrap())]);
            Format::accepted(&headers)
        };
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(accept(browser), Format::Html);
        assert_eq!(accept("application/json"), Format::Json);
        assert_eq!(accept("*/*"), Format::Json);
        assert_eq!(
            accept("text/html;q=0.5, application/geo+json"),
            Format::Json
        );
        assert_eq!(Format::accepted(&HeaderMap::new()), Format::Json);
    }
}
