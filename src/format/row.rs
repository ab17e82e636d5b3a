//! One row on its way to an entity: values by field, cleaned and masked.

use std::borrow::Cow;
use std::collections::HashSet;
use std::str::FromStr;

use geo::Coord;
use jiff::civil::Date;

use super::coordinate;
use super::geometry::{Door, wrong_type};
use super::mapping::{Mapping, Origin};
use super::options::{Options, plain_number};
use super::personal::{MaskKind, mask_text};
use super::problem::{Code, Refusal, quote};
use super::reason::Reason;
use super::table::{Kind, Record, Shape};
use super::text::{self, MAX_NAME, clean, is_nothing};
use super::time;
use crate::model::{Category, ExtraType, Meta, UnknownWord, Value};

/// Unknown words warned of in one file.
const MAX_WARNED: usize = 1000;

/// What stays the same for all rows of a file.
pub(super) struct Context<'a> {
    pub(super) options: &'a Options,
    pub(super) mapping: &'a Mapping,
    pub(super) columns: &'a [String],
    pub(super) door: Door,
    /// Whether rows have shapes of their own.
    pub(super) has_shapes: bool,
}

/// What the rows so far have brought; it grows in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// Categories found in the file that the tree lacks.
    pub(super) new_categories: Vec<Category>,
    /// Unknown words already warned of.
    warned: HashSet<(String, String)>,
}

/// Whether a row may add to what was learned.
pub(super) enum Learning<'l> {
    /// All rows before it have been read.
    Now(&'l mut Learned),
    /// Other rows are read beside it: `true` says that it brings something
    /// new, and what was read of it is not to be used.
    Later(&'l Learned, bool),
}

impl Learning<'_> {
    pub(super) fn known(&self) -> &Learned {
        match self {
            Learning::Now(learned) => learned,
            Learning::Later(learned, _) => learned,
        }
    }

    /// What was learned so far, to add to; `None` when it has to wait.
    pub(super) fn add(&mut self) -> Option<&mut Learned> {
        match self {
            Learning::Now(learned) => Some(learned),
            Learning::Later(_, again) => {
                *again = true;
                None
            }
        }
    }
}

/// One row, with what was noted on the way.
pub(super) struct Row<'r, 'c, 'x> {
    pub(super) record: &'c Record<'r>,
    pub(super) context: &'c Context<'x>,
    pub(super) learning: &'c mut Learning<'x>,
    pub(super) masked: Vec<MaskKind>,
    pub(super) warnings: Vec<Refusal>,
    pub(super) repairs: Vec<Refusal>,
}

impl<'r, 'c, 'x> Row<'r, 'c, 'x> {
    pub(super) fn new(
        record: &'c Record<'r>,
        context: &'c Context<'x>,
        learning: &'c mut Learning<'x>,
    ) -> Self {
        Row {
            record,
            context,
            learning,
            masked: Vec::new(),
            warnings: Vec::new(),
            repairs: Vec::new(),
        }
    }

    /// The cell of a field; `None` when there is no column or nothing in it.
    pub(super) fn cell(&self, field: &str) -> Option<Cow<'r, str>> {
        let some = |cell: &'r str| (!is_nothing(cell)).then(|| cell.trim());
        match self.context.mapping.get(field)? {
            Origin::Constant(value) => {
                (!is_nothing(value)).then(|| Cow::Owned(value.trim().to_owned()))
            }
            Origin::Columns(slots) => match slots.as_slice() {
                [one] => some(self.record.cells[*one]).map(Cow::Borrowed),
                many => {
                    let parts: Vec<&str> = many
                        .iter()
                        .filter_map(|s| some(self.record.cells[*s]))
                        .collect();
                    (!parts.is_empty()).then(|| Cow::Owned(parts.join(" ")))
                }
            },
        }
    }

    /// The heading of a field, for messages.
    pub(super) fn heading(&self, field: &str) -> String {
        self.context
            .mapping
            .heading(field, self.context.columns)
            .to_owned()
    }

    /// A refusal that names the column of a field.
    pub(super) fn at(&self, field: &str, refusal: Refusal) -> Refusal {
        refusal.at(&self.heading(field))
    }

    pub(super) fn refuse(&self, field: &str, code: Code, reason: Reason) -> Refusal {
        self.at(field, Refusal::new(code, reason))
    }

    /// A text to keep: cleaned and masked; empty when there is none.
    pub(super) fn text(&mut self, field: &str, most: usize) -> Result<String, Refusal> {
        match self.cell(field) {
            Some(cell) => self.keep_text(&cell, most).map_err(|r| self.at(field, r)),
            None => Ok(String::new()),
        }
    }

    /// A short text.
    pub(super) fn name(&mut self, field: &str) -> Result<String, Refusal> {
        self.text(field, MAX_NAME)
    }

    fn keep_text(&mut self, cell: &str, most: usize) -> Result<String, Refusal> {
        let clean = clean(cell, most)?;
        if text::is_mojibake(&clean) {
            self.warnings.push(Refusal::new(
                Code::Mojibake,
                Reason::Mojibake {
                    text: quote(&clean),
                },
            ));
        }
        let (masked, found) = mask_text(&clean);
        self.masked.extend(found);
        Ok(masked)
    }

    /// A word of a fixed list. An unknown one is warned of once, and the
    /// default stands.
    pub(super) fn word<T: FromStr<Err = UnknownWord>>(&mut self, field: &str, default: T) -> T {
        let Some(cell) = self.cell(field) else {
            return default;
        };
        // OpenStreetMap writes two values as `primary;trunk`: the first leads.
        let first = cell.split(';').next().unwrap_or_default();
        match cell
            .parse()
            .or_else(|unknown| first.parse().or(Err(unknown)))
        {
            Ok(value) => value,
            Err(unknown) => {
                self.warn_once(field, &cell, unknown_word(unknown));
                default
            }
        }
    }

    pub(super) fn warn_once(&mut self, field: &str, word: &str, reason: Reason) {
        let warned = &self.learning.known().warned;
        if warned.len() >= MAX_WARNED {
            return;
        }
        let heading = self.heading(field);
        let key = (heading, word.to_owned());
        if warned.contains(&key) {
            return;
        }
        if let Some(learned) = self.learning.add() {
            let warning = Refusal::new(Code::BadValue, reason).at(&key.0);
            learned.warned.insert(key);
            self.warnings.push(warning);
        }
    }

    /// A count.
    pub(super) fn count(&self, field: &str) -> Result<Option<u32>, Refusal> {
        let Some(cell) = self.cell(field) else {
            return Ok(None);
        };
        let number = cell.trim_end_matches(['户', '家']).replace(',', "");
        match plain_number(&number) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to fit"
            )]
            Some(n) if n >= 0.0 && n <= f64::from(u32::MAX) && n.fract() == 0.0 => {
                Ok(Some(n as u32))
            }
            _ => Err(self.refuse(
                field,
                Code::BadValue,
                Reason::NotWhole { cell: quote(&cell) },
            )),
        }
    }

    /// Yes or no.
    pub(super) fn yes(&mut self, field: &str, default: bool) -> bool {
        let Some(cell) = self.cell(field) else {
            return default;
        };
        match cell.as_ref() {
            // As programs write it.
            "true" | "1" => return true,
            "false" | "0" => return false,
            _ => {}
        }
        match cell.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "是" | "t" | "f1" | "designated" | "单行" | "√" => {
                true
            }
            "false" | "no" | "n" | "0" | "否" | "f" | "双向" | "×" => false,
            other => {
                let reason = Reason::NeitherYesNorNo { cell: quote(other) };
                self.warn_once(field, other, reason);
                default
            }
        }
    }

    /// A day.
    pub(super) fn day(&self, field: &str) -> Result<Option<Date>, Refusal> {
        self.cell(field)
            .map(|cell| time::parse_date(&cell, self.context.mapping.date_order))
            .transpose()
            .map_err(|r| self.at(field, r))
    }

    /// An instant.
    pub(super) fn when(&self, field: &str) -> Result<Option<time::When>, Refusal> {
        self.cell(field)
            .map(|cell| time::parse(&cell, self.context.mapping.date_order))
            .transpose()
            .map_err(|r| self.at(field, r))
    }

    /// The place of a point row: its shape, else its columns. `None` when the
    /// row says that it has none.
    pub(super) fn place(&self) -> Result<Option<Coord>, Refusal> {
        match self.record.shape {
            Some(Shape::Point(p)) => return self.context.door.place(*p).map(Some),
            Some(Shape::Points(points)) if points.len() == 1 => {
                return self.context.door.place(points[0]).map(Some);
            }
            Some(other) => return Err(wrong_type(other, Kind::Point)),
            None if self.context.has_shapes => return Ok(None),
            None => {}
        }
        if let Some(cell) = self.cell("wkt") {
            return match super::wkt::parse(&cell).map_err(|r| self.at("wkt", r))? {
                Shape::Point(p) => self
                    .context
                    .door
                    .place(p)
                    .map(Some)
                    .map_err(|r| self.at("wkt", r)),
                other => Err(self.at("wkt", wrong_type(&other, Kind::Point))),
            };
        }
        if self.context.mapping.get("lon").is_some() {
            return match (self.cell("lon"), self.cell("lat")) {
                (None, None) => Ok(None),
                (Some(x), Some(y)) => {
                    let (x, _) = coordinate::parse_number(&x).map_err(|r| self.at("lon", r))?;
                    let (y, _) = coordinate::parse_number(&y).map_err(|r| self.at("lat", r))?;
                    self.context
                        .door
                        .place(Coord { x, y })
                        .map(Some)
                        .map_err(|r| self.at("lon", r))
                }
                (None, _) => Err(self.refuse("lon", Code::CoordMissing, Reason::LongitudeMissing)),
                (_, None) => Err(self.refuse("lat", Code::CoordMissing, Reason::LatitudeMissing)),
            };
        }
        match self.cell("lonlat") {
            None => Ok(None),
            Some(pair) => coordinate::parse_pair(&pair)
                .and_then(|p| self.context.door.place(p))
                .map(Some)
                .map_err(|r| self.at("lonlat", r)),
        }
    }

    /// Source, id and extra columns. Without a column for the id the code of
    /// the layer stands in, then the id that GeoJSON has, then `key`, then a
    /// hash of the row.
    pub(super) fn meta(&mut self, key: &str) -> Result<Meta, Refusal> {
        let source = self.name("source")?;
        let source = if source.is_empty() {
            self.context.options.source.clone()
        } else {
            source
        };
        let id = match (
            self.cell("id").or_else(|| self.cell("code")),
            self.record.id,
        ) {
            (Some(id), _) => id.into_owned(),
            (None, Some(id)) => id.to_owned(),
            (None, None) => key.to_owned(),
        };
        if is_mangled(&id) {
            return Err(self.refuse("id", Code::IdMangled, Reason::IdRounded { id: quote(&id) }));
        }
        let id = clean(&id, MAX_NAME).map_err(|r| self.at("id", r))?;
        let found = mask_text(&id).1;
        let source_id = if id.is_empty() {
            self.hash()
        } else if is_personal_id(&id, &found) {
            // The row is known by all it says instead.
            self.masked.extend(found);
            self.hash()
        } else {
            id
        };
        Ok(Meta {
            source,
            source_id,
            extra: self.extra()?,
            ..Meta::default()
        })
    }

    /// A key from what the row says, the columns about persons left out and
    /// the rest masked, so that nothing about a person hides in it.
    fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (slot, cell) in self.record.cells.iter().enumerate() {
            if !self.context.mapping.dropped.contains(&slot) {
                hasher.update(mask_text(cell.trim()).0.as_bytes());
            }
            hasher.update(b"\x1f");
        }
        if let Some(shape) = self.record.shape {
            hasher.update(format!("{shape:?}").as_bytes());
        }
        format!("#{}", &hasher.finalize().to_hex()[..16])
    }

    fn extra(&mut self) -> Result<Vec<(String, Value)>, Refusal> {
        let mapping = self.context.mapping;
        let mut out = Vec::with_capacity(mapping.keep.len());
        for (slot, column) in &mapping.keep {
            let cell = self.record.cells[*slot];
            let value = if is_nothing(cell) {
                Value::Null
            } else {
                self.extra_value(cell, column.extra_type)
                    .map_err(|r| r.at(&column.name))?
            };
            out.push((column.name.clone(), value));
        }
        Ok(out)
    }

    fn extra_value(&mut self, cell: &str, extra_type: ExtraType) -> Result<Value, Refusal> {
        match extra_type {
            ExtraType::Text => self.keep_text(cell, 2000).map(|t| Value::text(&t)),
            ExtraType::Number => plain_number(cell).map(Value::Number).ok_or_else(|| {
                Refusal::new(Code::BadValue, Reason::NotANumber { cell: quote(cell) })
            }),
            ExtraType::Date => {
                time::parse_date(cell, self.context.mapping.date_order).map(Value::Date)
            }
        }
    }
}

/// An unknown word as a reason; the word may be as long as a cell.
pub(super) fn unknown_word(unknown: UnknownWord) -> Reason {
    Reason::UnknownWord {
        cause: UnknownWord {
            word: quote(&unknown.word),
            ..unknown
        },
    }
}

/// Whether an id is a number of a person. What may as well be a serial number
/// is one: cards and landlines by their length, and 18 digits of region, day
/// and count, of which one in eleven has the check digit of an identity number.
fn is_personal_id(id: &str, found: &[MaskKind]) -> bool {
    let serial = || {
        let year = id.get(6..10).and_then(|year| year.parse::<u16>().ok());
        id.len() == 18 && year.is_some_and(|year| year >= 2015)
    };
    found.iter().any(|kind| match kind {
        MaskKind::Id => !serial(),
        MaskKind::Mobile | MaskKind::Email | MaskKind::Name => true,
        MaskKind::Landline | MaskKind::Plate | MaskKind::BankCard | MaskKind::Door => false,
    })
}

/// 4.41E+17: a long number that a spreadsheet cut.
fn is_mangled(id: &str) -> bool {
    if !id.contains('+') {
        return false;
    }
    let upper = id.to_ascii_uppercase();
    upper.split_once("E+").is_some_and(|(m, e)| {
        !m.is_empty()
            && m.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && !e.is_empty()
            && e.bytes().all(|b| b.is_ascii_digit())
    })
}
