//! Which row of a sheet holds the headings.

use super::cells::{Cell, Cells};
use crate::format::mapping::{is_known_heading, tidy_heading};
use crate::format::{time, wkt};

/// Rows looked at: title, department, period, a note, the headings.
const LOOK_AT: usize = 30;
/// Longest text that can be a heading, characters.
const MAX_HEADING: usize = 60;

/// The headings of a sheet.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    /// Column numbers and headings.
    pub(super) columns: Vec<(u16, String)>,
    /// The row of the sheet, from 0; the lower one of two.
    pub(super) row: u32,
    /// How many headings mean something here.
    pub(super) known: usize,
}

/// What a row looks like.
struct Look<'a> {
    cells: &'a [Cell],
    known: usize,
    /// Texts only, none of them a date or long.
    words: bool,
}

/// Finds the row with the most headings that are known, else the first row
/// of words that is about as wide as the widest.
pub(super) fn find(sheet: &Cells) -> Option<Header> {
    let rows: Vec<Look<'_>> = sheet
        .rows()
        .take(LOOK_AT)
        .map(|cells| look(sheet, cells))
        .collect();
    let widest = rows.iter().map(|r| r.cells.len()).max()?;
    let most = rows
        .iter()
        .filter(|r| r.words)
        .map(|r| r.known)
        .max()
        .unwrap_or(0);
    let at = if most >= 2 {
        // Not the very most: headings are repeated on later pages.
        let enough = |r: &Look<'_>| r.words && r.known >= 2 && r.known * 3 >= most * 2;
        rows.iter().position(enough)?
    } else {
        let wide = |r: &Look<'_>| r.words && r.cells.len() * 2 >= widest;
        rows.iter()
            .position(|r| wide(r) && (r.cells.len() > 1 || widest == 1))?
    };
    // Two rows of headings: 坐标 above 经度 and 纬度.
    let next = rows
        .get(at + 1)
        .filter(|r| r.words && r.known > 0 && r.cells[0].row == rows[at].cells[0].row + 1);
    let above = at
        .checked_sub(1)
        .map(|n| &rows[n])
        .filter(|r| r.words && r.cells.len() > 1);
    let (upper, lower) = match (next, above) {
        (Some(next), _) => (Some(&rows[at]), next),
        (None, above) => (above, &rows[at]),
    };
    let mut columns: Vec<(u16, String)> = Vec::new();
    for row in upper.into_iter().chain([lower]) {
        for cell in row.cells {
            let heading = tidy_heading(sheet.of(cell));
            match columns
                .iter_mut()
                .find(|(column, _)| *column == cell.column)
            {
                Some(old) => old.1 = heading,
                None => columns.push((cell.column, heading)),
            }
        }
    }
    columns.sort_by_key(|(column, _)| *column);
    Some(Header {
        known: columns.iter().filter(|(_, h)| is_known_heading(h)).count(),
        columns,
        row: lower.cells[0].row,
    })
}

fn look<'a>(sheet: &Cells, cells: &'a [Cell]) -> Look<'a> {
    let texts = || cells.iter().map(|c| sheet.of(c));
    let is_word = |text: &str| {
        text.chars().count() <= MAX_HEADING
            && text.parse::<f64>().is_err()
            && time::parse(text, None).is_err()
            && wkt::parse(text).is_err()
    };
    Look {
        cells,
        known: texts().filter(|t| is_known_heading(t)).count(),
        words: cells.iter().all(|c| !c.number) && texts().all(is_word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &[&[&str]]) -> Cells {
        let mut cells = Cells::default();
        for (row, texts) in rows.iter().enumerate() {
            for (column, text) in texts.iter().enumerate() {
                let at = (u32::try_from(row).unwrap(), u32::try_from(column).unwrap());
                cells.text(at, text).unwrap();
            }
        }
        cells.finish();
        cells
    }

    fn headings(rows: &[&[&str]]) -> (u32, Vec<String>) {
        let header = find(&sheet(rows)).unwrap();
        (
            header.row,
            header.columns.into_iter().map(|(_, h)| h).collect(),
        )
    }

    #[test]
    fn below_titles_and_over_two_rows() {
        let (row, names) = headings(&[
            &["某街道 2026 年 2 月警情统计表"],
            &["填报单位：某所", "", "2026-02-28"],
            &["编号", "类别", "发生时间", "经度", "纬度"],
            &["1", "盗窃", "2026-02-01", "117.2", "31.8"],
        ]);
        assert_eq!((row, names.len()), (2, 5));
        let (row, names) = headings(&[
            &["编号", "类别", "发生时间", "坐标", ""],
            &["", "", "", "经度", "纬度"],
            &["1", "盗窃", "2026-02-01", "117.2", "31.8"],
        ]);
        assert_eq!(row, 1);
        assert_eq!(names, ["编号", "类别", "发生时间", "经度", "纬度"]);
        // Nothing known: the first wide row of words.
        let (row, names) = headings(&[&["台账"], &["甲栏", "乙栏", "丙栏"], &["a", "b", "c"]]);
        assert_eq!((row, names.len()), (1, 3));
        assert!(find(&sheet(&[&["1", "2"], &["3", "4"]])).is_none());
        assert!(find(&sheet(&[])).is_none());
    }
}
