//! A web page with a table, which many office systems send as .xls.

use super::cells::Cells;
use crate::format::fault::Fault;
use crate::format::problem::FileError;
use crate::format::text;
use crate::format::xml::strip_html;

/// The first table with more than one row.
///
/// # Errors
/// When there is none.
pub(super) fn read(bytes: &[u8]) -> Result<(String, Cells), FileError> {
    let text = text::decode(bytes)?.text;
    let mut cells = Cells::default();
    let (mut row, mut column) = (0u32, 0u32);
    let mut started = false;
    for tag in tags(&text) {
        match tag.name.as_str() {
            "tr" => {
                row += u32::from(started);
                (started, column) = (true, 0);
            }
            "td" | "th" => {
                cells.text((row, column), &strip_html(tag.inner))?;
                column = column.saturating_add(tag.span());
            }
            _ => {}
        }
    }
    cells.finish();
    if cells.rows().next().is_none() {
        return Err(Fault::BookDamaged {
            cause: "neither a workbook nor a web page with a table".to_owned(),
        }
        .of_file());
    }
    Ok(("table".to_owned(), cells))
}

/// An opening tag and what stands before the next cell or row.
struct HtmlTag<'a> {
    name: String,
    attributes: &'a str,
    inner: &'a str,
}

impl HtmlTag<'_> {
    /// The columns it covers.
    fn span(&self) -> u32 {
        let lower = self.attributes.to_ascii_lowercase();
        let span = lower.split_once("colspan").and_then(|(_, rest)| {
            let digits = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
            let end = digits.find(|c: char| !c.is_ascii_digit());
            digits[..end.unwrap_or(digits.len())].parse::<u32>().ok()
        });
        span.unwrap_or(1).clamp(1, 1000)
    }
}

/// The rows and cells of a page; inside of a cell stands whatever comes
/// before the next row or cell opens or closes.
fn tags(text: &str) -> impl Iterator<Item = HtmlTag<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find('<')?;
            let tail = &rest[at + 1..];
            let Some(name) = cell_tag(tail) else {
                rest = tail;
                continue;
            };
            let close = tail.find('>')?;
            let inner = &tail[close + 1..];
            let end = inner
                .match_indices('<')
                .find(|(n, _)| {
                    let next = &inner[n + 1..];
                    cell_tag(next.strip_prefix('/').unwrap_or(next)).is_some()
                        || starts(next, "/table")
                })
                .map_or(inner.len(), |(n, _)| n);
            rest = &inner[end..];
            return Some(HtmlTag {
                name: name.to_owned(),
                attributes: &tail[name.len()..close],
                inner: &inner[..end],
            });
        }
    })
}

fn cell_tag(tail: &str) -> Option<&'static str> {
    ["tr", "td", "th"].into_iter().find(|name| {
        let after = tail.as_bytes().get(name.len());
        starts(tail, name) && after.is_some_and(|c| !c.is_ascii_alphanumeric())
    })
}

fn starts(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_cells_of_a_page() {
        let page = "<html><head><style>td{mso:1}</style></head><body><TABLE><tr><th colspan=2>月报</th></tr>\
            <tr><td>编号<td>类别</td></tr><tr><td>1&nbsp;</td><td><b>盗</b>窃</td></tr></TABLE></body>";
        let (_, cells) = read(page.as_bytes()).unwrap();
        let rows: Vec<Vec<&str>> = cells
            .rows()
            .map(|r| r.iter().map(|c| cells.of(c)).collect())
            .collect();
        assert_eq!(
            rows,
            [vec!["月报"], vec!["编号", "类别"], vec!["1", "盗窃"]]
        );
        assert!(read(b"hello").is_err());
    }
}
