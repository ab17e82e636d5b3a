//! The browsable pages: text escaped once, here; no script, no inline style.

use std::fmt::Write as _;

use axum::http::HeaderValue;
use axum::response::Response;

use super::encode::tagged;
use super::format::HTML;
use super::lang::Lang;
use super::link::Link;

/// A page under construction.
#[derive(Debug)]
pub struct Page {
    out: String,
    /// The reader's language.
    pub lang: Lang,
}

impl Page {
    /// Starts a page. `note` is shown beside the product's name, e.g. 虚构示例.
    pub fn new(lang: Lang, title: &str, note: Option<&str>) -> Page {
        let mut page = Page {
            out: String::new(),
            lang,
        };
        page.raw("<!doctype html>\n<html lang=\"");
        page.raw(lang.tag());
        page.raw("\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.element("title", title);
        page.raw("<link rel=\"stylesheet\" href=\"/page.css\">\n</head>\n<body>\n<header>\n");
        page.raw("<span class=\"product\">gridmap</span>\n");
        if let Some(note) = note {
            page.raw("<span class=\"chip\">");
            page.text(note);
            page.raw("</span>\n");
        }
        page.raw("<nav>");
        for (href, zh, en) in [
            ("/", "地图", "Map"),
            ("/?f=html", "数据服务", "Data service"),
            ("/collections?f=html", "图层", "Collections"),
        ] {
            page.anchor(href, lang.pick(zh, en));
            page.raw(" ");
        }
        page.raw("</nav>\n</header>\n<main>\n");
        page.element("h1", title);
        page
    }

    /// Ends the page and makes it an answer.
    pub fn finish(mut self, tag: HeaderValue) -> Response {
        self.raw("</main>\n</body>\n</html>\n");
        tagged(tag, HTML, self.out)
    }

    /// Markup as it stands. Only ever called with literals.
    pub fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Text, escaped for content and for quoted attributes.
    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                _ => self.out.push(c),
            }
        }
    }

    /// An element around text.
    pub fn element(&mut self, name: &'static str, text: &str) {
        let _ = write!(self.out, "<{name}>");
        self.text(text);
        let _ = writeln!(self.out, "</{name}>");
    }

    /// A link.
    pub fn anchor(&mut self, href: &str, text: &str) {
        self.raw("<a href=\"");
        self.text(href);
        self.raw("\">");
        self.text(text);
        self.raw("</a>");
    }

    /// A table cell; numbers stand at the right.
    pub fn cell(&mut self, text: &str, number: bool) {
        self.raw(if number {
            "<td class=\"number\">"
        } else {
            "<td>"
        });
        self.text(text);
        self.raw("</td>");
    }

    /// A list of links with their titles.
    pub fn links(&mut self, links: &[Link]) {
        self.element("h2", self.lang.pick("链接", "Links"));
        self.raw("<dl>\n");
        for link in links {
            self.element("dt", link.rel);
            self.raw("<dd>");
            self.anchor(&link.href, &link.title);
            self.raw("</dd>\n");
        }
        self.raw("</dl>\n");
    }
}

/// A JSON value as people read it in a table.
pub fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let mut page = Page::new(Lang::En, "<script>", Some("\"x\""));
        page.anchor("/?q=\"><b>", "'&'");
        assert!(!page.out.contains("<script"));
        assert!(!page.out.contains("<b>"));
        assert!(page.out.contains("&lt;script&gt;"));
        assert!(
            page.out
                .contains("href=\"/?q=&quot;&gt;&lt;b&gt;\">&#39;&amp;&#39;</a>")
        );
    }
}
