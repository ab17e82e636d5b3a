//! XML from users, pulled one event at a time: no DOCTYPE, no entities but
//! the five, depth counted, everything closed at the end.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::encoding::Encoding;
use super::fault::Fault;
use super::problem::{FileError, quote};
use super::text;

/// The deepest nesting read. Folders of an office nest less than ten deep.
const MAX_DEPTH: usize = 200;
/// Longest text of one element, bytes: a line of a million places.
const MAX_TEXT: usize = 64 << 20;

/// An event.
#[derive(Debug)]
pub(super) enum Piece {
    /// `<name a="b">`; the name without its prefix.
    Open(Tag),
    /// `</name>`.
    Close(String),
    /// The end.
    End,
}

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag {
    /// The name without its prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// An attribute by its name without prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let hit = self.attributes.iter().find(|(key, _)| key == name);
        hit.map(|(_, value)| value.as_str())
    }
}

/// A document being read.
pub(super) struct Xml<'a> {
    source: &'a str,
    reader: Reader<&'a [u8]>,
    /// Text since the last tag opened.
    text: String,
    depth: usize,
}

/// The text of a document by its mark, its declaration or its looks.
///
/// # Errors
/// When it is not in the encoding it names, nor in any that is likely.
pub(super) fn decode(
    bytes: &[u8],
    said: Option<Encoding>,
) -> Result<(String, &'static str), FileError> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let declared = head
        .split_once("encoding=")
        .filter(|(before, _)| before.contains("<?xml") && !before.contains("?>"))
        .and_then(|(_, rest)| {
            let mark = rest.chars().next()?;
            rest[1..].split(mark).next()?.parse::<Encoding>().ok()
        });
    let plain = |e: &Encoding| *e == Encoding::UTF_8 || *e == Encoding::GB18030;
    match said.or(declared.filter(|e| !plain(e) && e.name() != "utf-16")) {
        Some(encoding) => Ok((text::decode_as(bytes, encoding)?, encoding.name())),
        // Files that name GBK and are UTF-8, and the other way round, are common.
        None => text::decode(bytes).map(|d| (d.text, d.encoding)),
    }
}

impl<'a> Xml<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        let mut reader = Reader::from_str(source);
        reader.config_mut().expand_empty_elements = true;
        Self {
            source,
            reader,
            text: String::new(),
            depth: 0,
        }
    }

    /// The root element; must be called first.
    ///
    /// # Errors
    /// When the root has another name, or there is none.
    pub(super) fn root(&mut self, wanted: &str) -> Result<Tag, FileError> {
        match self.next()? {
            Piece::Open(tag) if tag.name.eq_ignore_ascii_case(wanted) => Ok(tag),
            Piece::Open(tag) => Err(Fault::XmlRoot {
                wanted: wanted.to_owned(),
                found: quote(&tag.name),
            }
            .of_file()),
            _ => Err(self.syntax("no element")),
        }
    }

    /// The next tag.
    ///
    /// # Errors
    /// When the document is not well-formed, has a DOCTYPE or nests too deep.
    pub(super) fn next(&mut self) -> Result<Piece, FileError> {
        loop {
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(e) => return Err(self.syntax(&e.to_string())),
            };
            match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(Fault::XmlTooDeep { most: MAX_DEPTH }.of_file());
                    }
                    self.text.clear();
                    return self.tag(&start).map(Piece::Open);
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Piece::Close(end.local_name().as_ref().to_owned()));
                }
                Event::Text(text) => self.add(&text.xml10_content())?,
                Event::CData(text) => self.add(&text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let text = resolve(reference.as_ref())
                        .ok_or_else(|| self.syntax("an entity that is not known"))?;
                    self.add(text.encode_utf8(&mut [0; 4]))?;
                }
                Event::DocType(_) => return Err(Fault::XmlDoctype {}.of_file()),
                Event::Eof if self.depth > 0 => return Err(self.syntax("not all is closed")),
                Event::Eof => return Ok(Piece::End),
                _ => {}
            }
        }
    }

    /// The text since the last tag opened, taken.
    pub(super) fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// Goes past the end of the element that was opened last.
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub(super) fn skip(&mut self) -> Result<(), FileError> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), FileError> {
        if self.depth == 0 && !text.trim().is_empty() {
            return Err(self.syntax("text outside of the elements"));
        }
        if self.text.len() + text.len() > MAX_TEXT {
            return Err(self.syntax("a text is too long"));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn tag(&self, start: &quick_xml::events::BytesStart<'_>) -> Result<Tag, FileError> {
        let mut attributes = Vec::new();
        for attribute in start.attributes().take(100) {
            let attribute = attribute.map_err(|e| self.syntax(&e.to_string()))?;
            let value: Cow<'_, str> = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|e| self.syntax(&e.to_string()))?;
            let key = attribute.key.local_name().as_ref().to_owned();
            attributes.push((key, value.into_owned()));
        }
        Ok(Tag {
            name: start.local_name().as_ref().to_owned(),
            attributes,
        })
    }

    fn syntax(&self, cause: &str) -> FileError {
        let at = usize::try_from(self.reader.buffer_position())
            .unwrap_or(usize::MAX)
            .min(self.source.len());
        let line = 1 + self.source.as_bytes()[..at]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        Fault::XmlSyntax {
            line,
            cause: quote(cause),
        }
        .of_file()
    }
}

/// `amp`, `#20013`, `#x4e2d`.
fn resolve(reference: &str) -> Option<char> {
    Some(match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = reference.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

/// The words of an HTML text: no tags, no scripts, entities read.
pub(super) fn strip_html(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.trim().to_owned();
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let name: String = tail[1..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect::<String>()
            .to_ascii_lowercase();
        if name.is_empty() {
            // A plain "less than".
            out.push('<');
            rest = &tail[1..];
            continue;
        }
        if matches!(name.as_str(), "br" | "br/" | "/p" | "/tr" | "/div" | "/li") {
            out.push('\n');
        } else if matches!(name.as_str(), "/td" | "/th" | "td" | "th") {
            out.push(' ');
        }
        let end = match name.as_str() {
            "script" => "</script>",
            "style" => "</style>",
            _ => ">",
        };
        rest = find_any_case(tail, end).map_or("", |n| &tail[n + end.len()..]);
    }
    out.push_str(rest);
    let out = entities(&out);
    let lines: Vec<String> = out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

fn find_any_case(text: &str, wanted: &str) -> Option<usize> {
    let mut windows = text.as_bytes().windows(wanted.len());
    windows.position(|w| w.eq_ignore_ascii_case(wanted.as_bytes()))
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let known = tail
            .find(';')
            .filter(|n| *n <= 10)
            .and_then(|n| match &tail[..n] {
                "nbsp" => Some((' ', n)),
                name => resolve(name).map(|c| (c, n)),
            });
        match known {
            Some((c, n)) => {
                out.push(c);
                rest = &tail[n + 1..];
            }
            None => {
                out.push('&');
                rest = tail;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_words() {
        for (html, want) in [
            ("平常的话", "平常的话"),
            ("<b>东门</b><br>值守 24&nbsp;小时", "东门\n值守 24 小时"),
            ("<script>alert(1)</script>a &lt; b", "a < b"),
            ("<table><tr><td>编号</td><td>7</td></tr></table>", "编号 7"),
            ("a < b & c", "a < b & c"),
            ("<", "<"),
            ("<b", ""),
        ] {
            assert_eq!(strip_html(html), want, "{html}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (text, code) in [
            ("<a><b></a>", "xml_syntax"),
            ("<a>", "xml_syntax"),
            ("<!DOCTYPE a><a/>", "xml_doctype"),
            ("<a>&x;</a>", "xml_syntax"),
            (&"<a>".repeat(300), "too_deep"),
        ] {
            let mut xml = Xml::new(text);
            let error = loop {
                match xml.next() {
                    Ok(Piece::End) => panic!("{text}"),
                    Ok(_) => {}
                    Err(e) => break e,
                }
            };
            assert_eq!(error.code.as_str(), code, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "[<>/&;a-c!\\[\\]CDAT\" =中-]{0,60}") {
            let _ = strip_html(&text);
            let mut xml = Xml::new(&text);
            for _ in 0..200 {
                match xml.next() {
                    Ok(Piece::End) | Err(_) => break,
                    Ok(_) => {}
                }
            }
        }
    }
}
