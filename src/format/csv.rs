//! CSV as Chinese offices save it: UTF-8 with or without a mark, GBK,
//! commas, semicolons or tabs.

use std::collections::HashMap;

use super::encoding::Encoding;
use super::formula::unguarded;
use super::problem::{Code, FileError, Problem, Refusal};
use super::reason::Reason;
use super::table::{Record, Table};
use super::text::{self, Decoded};

/// The most columns a table may have.
const MAX_COLUMNS: usize = 1000;

/// A CSV file, decoded.
#[derive(Debug)]
pub(super) struct CsvTable {
    text: String,
    encoding: &'static str,
    delimiter: u8,
    columns: Vec<String>,
    /// Cells in the heading line, with empty ones at its end.
    width: usize,
}

impl CsvTable {
    /// Decodes the bytes and reads the headings.
    ///
    /// # Errors
    /// When the text cannot be decoded, a quote stays open, or the first
    /// line is no heading.
    pub(super) fn new(bytes: &[u8], said: Option<Encoding>) -> Result<Self, FileError> {
        let Decoded { text, encoding } = text::decode_maybe(bytes, said)?;
        if text.trim().is_empty() {
            return Err(FileError::new(Code::Empty, Reason::FileEmpty));
        }
        let delimiter = sniff(&text);
        if let Some(line) = open_quote(&text, delimiter) {
            return Err(FileError::new(Code::CsvSyntax, Reason::QuoteOpen { line }));
        }
        let mut table = Self {
            text,
            encoding,
            delimiter,
            columns: Vec::new(),
            width: 0,
        };
        (table.columns, table.width) = table.headings()?;
        Ok(table)
    }

    fn reader(&self) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(self.text.as_bytes())
    }

    fn headings(&self) -> Result<(Vec<String>, usize), FileError> {
        let first = self.reader().into_records().next();
        let Some(Ok(first)) = first else {
            return Err(FileError::new(Code::CsvSyntax, Reason::HeadingsUnreadable));
        };
        if first.len() > MAX_COLUMNS {
            return Err(FileError::new(
                Code::CsvColumns,
                Reason::TooManyColumns {
                    count: first.len(),
                    most: MAX_COLUMNS,
                },
            ));
        }
        let mut columns: Vec<String> = first.iter().map(super::mapping::tidy_heading).collect();
        while columns.len() > 1 && columns.last().is_some_and(String::is_empty) {
            columns.pop();
        }
        let data = |c: &String| c.parse::<f64>().is_ok() || super::time::parse(c, None).is_ok();
        if columns.iter().any(data) {
            return Err(FileError::new(Code::CsvColumns, Reason::HeadingsAreData));
        }
        Ok((columns, first.len()))
    }

    /// Two columns of one heading, if that heading is used.
    pub(super) fn doubled(&self) -> Vec<String> {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for column in self.columns.iter().filter(|c| !c.is_empty()) {
            *seen.entry(column).or_default() += 1;
        }
        seen.into_iter()
            .filter(|(_, n)| *n > 1)
            .map(|(c, _)| c.to_owned())
            .collect()
    }
}

impl Table for CsvTable {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn has_shapes(&self) -> bool {
        false
    }

    fn encoding(&self) -> &'static str {
        self.encoding
    }

    fn notes(&self) -> Vec<Problem> {
        self.doubled()
            .into_iter()
            .map(|column| {
                let name = column.clone();
                Problem::of_file(Code::CsvColumns, Reason::ColumnTwice { column }).at(&name)
            })
            .collect()
    }

    fn visit(&self, visitor: &mut dyn FnMut(Record<'_>) -> bool) {
        let mut lines = self.lines();
        let mut line = csv::StringRecord::new();
        let mut row = 0;
        while lines.next(&mut line) {
            row += 1;
            if !visitor(self.record(row, &line)) {
                return;
            }
        }
    }

    fn visit_many(&self, most: usize, visitor: &mut dyn FnMut(Vec<Record<'_>>)) {
        let mut lines = self.lines();
        // Used again and again.
        let mut read: Vec<csv::StringRecord> = Vec::new();
        let mut first = 1;
        loop {
            let mut count = 0;
            while count < most {
                if count == read.len() {
                    read.push(csv::StringRecord::new());
                }
                if !lines.next(&mut read[count]) {
                    break;
                }
                count += 1;
            }
            if count == 0 {
                return;
            }
            let numbered = (first..).zip(&read[..count]);
            visitor(numbered.map(|(row, line)| self.record(row, line)).collect());
            if count < most {
                return;
            }
            first += count as u64;
        }
    }
}

/// The lines of data.
struct Lines<'t> {
    reader: csv::Reader<&'t [u8]>,
    width: usize,
    heading: bool,
}

impl Lines<'_> {
    /// Reads the next line; `false` when there is none.
    fn next(&mut self, line: &mut csv::StringRecord) -> bool {
        while let Ok(true) = self.reader.read_record(line) {
            if std::mem::take(&mut self.heading) {
                continue;
            }
            // A line of nothing but commas at the end of a sheet.
            let empty = line.len() <= self.width && line.iter().all(str::is_empty);
            if !empty {
                return true;
            }
        }
        false
    }
}

impl CsvTable {
    fn lines(&self) -> Lines<'_> {
        Lines {
            reader: self.reader(),
            width: self.width,
            heading: true,
        }
    }

    fn record<'l>(&self, row: u64, line: &'l csv::StringRecord) -> Record<'l> {
        let wanted = self.columns.len();
        let mut rest = line.iter().skip(wanted);
        let extra = rest.any(|cell| !cell.trim().is_empty());
        let refusal = (line.len() < wanted || line.len() > MAX_COLUMNS || extra).then(|| {
            Refusal::new(
                Code::CsvColumns,
                Reason::CellCount {
                    cells: line.len(),
                    wanted,
                },
            )
        });
        let mut cells = Vec::with_capacity(wanted);
        cells.extend(line.iter().take(wanted).map(unguarded));
        cells.resize(wanted, "");
        Record {
            row,
            cells,
            shape: None,
            id: None,
            refusal,
        }
    }
}

/// The delimiter that the first line has most of, outside of quotes.
fn sniff(text: &str) -> u8 {
    let mut counts = [(b',', 0u32), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut quoted = false;
    for b in text.bytes() {
        match b {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                for (delimiter, n) in &mut counts {
                    *n += u32::from(*delimiter == b);
                }
            }
            _ => {}
        }
    }
    // `max_by_key` takes the last of equals; the comma is to win.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, n)| *n)
        .map_or(b',', |(d, _)| *d)
}

/// The line where a quote opens that never closes.
fn open_quote(text: &str, delimiter: u8) -> Option<u64> {
    let bytes = text.as_bytes();
    if !bytes.contains(&b'"') {
        return None;
    }
    let (mut line, mut opened) = (1, None);
    let mut field_start = true;
    let mut at = 0;
    while at < bytes.len() {
        let b = bytes[at];
        if opened.is_some() {
            if b == b'"' {
                if bytes.get(at + 1) == Some(&b'"') {
                    at += 1;
                } else {
                    opened = None;
                }
            }
        } else if b == b'"' && field_start {
            opened = Some(line);
        }
        field_start = opened.is_none() && (b == delimiter || b == b'\n' || b == b'\r');
        line += u64::from(b == b'\n' || (b == b'\r' && bytes.get(at + 1) != Some(&b'\n')));
        at += 1;
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
        let table = CsvTable::new(bytes, None).unwrap();
        let mut out = Vec::new();
        table.visit(&mut |r| {
            out.push(r.cells.iter().map(|c| (*c).to_owned()).collect());
            true
        });
        out
    }

    #[test]
    fn delimiters_quotes_and_line_ends() {
        assert_eq!(rows(b"a,b\n1,\"x,\"\"y\"\"\n\"\n"), [["1", "x,\"y\"\n"]]);
        assert_eq!(rows(b"a;b\r\n1;2\r\n"), [["1", "2"]]);
        assert_eq!(rows(b"a\tb\r1\t2\r3\t4"), [["1", "2"], ["3", "4"]]);
        assert_eq!(rows(b"\xef\xbb\xbfa,b,\n1,2,\n,,\n"), [["1", "2"]]);
    }

    #[test]
    fn files_that_are_refused() {
        for (bytes, code) in [
            (&b""[..], Code::Empty),
            (b" \n", Code::Empty),
            (b"a,b\n1,\"x\n2,y\n", Code::CsvSyntax),
            (b"JQ1,117.5,31.2\n", Code::CsvColumns),
        ] {
            assert_eq!(CsvTable::new(bytes, None).unwrap_err().code, code);
        }
        let open = CsvTable::new(b"a,b\n1,2\n1,\"x\n2,y\n", None).unwrap_err();
        assert!(open.reason == Reason::QuoteOpen { line: 3 }, "{open}");
    }
}
