//! Which column is which field: what the user says, else what the headings
//! say. Columns about persons are dropped here.

use std::collections::HashMap;

use super::headings::{FIELDS, FieldWords};
use super::options::Options;
use super::personal::{fold, is_personal_cell, is_personal_header, looks_like_name};
use super::problem::{Code, FileError, quote};
use super::qualified::qualified;
use super::reason::Reason;
use super::table::Table;
use super::text::is_nothing;
use super::time;
use crate::crs::Crs;
use crate::model::{ExtraColumn, ExtraType, LayerName, MAX_EXTRA_COLUMNS};

/// Rows looked at to judge a column by its content.
const SAMPLE_ROWS: u64 = 2000;

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Origin {
    /// One column, or several joined by a space.
    Columns(Vec<usize>),
    /// The same for every row.
    Constant(String),
}

/// The fields of a file.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    fields: HashMap<&'static str, Origin>,
    /// Fields that are to stay empty, whatever the headings say.
    left_out: Vec<&'static str>,
    /// Extra columns to keep.
    pub(super) keep: Vec<(usize, ExtraColumn)>,
    /// Columns about persons.
    pub(super) dropped: Vec<usize>,
    /// What the dates of the file tell.
    pub(super) date_order: Option<time::DateOrder>,
}

/// A heading without marks, spaces at the ends, and doubled spaces.
pub(super) fn tidy_heading(heading: &str) -> String {
    let plain: String = heading
        .chars()
        .map(|c| {
            if c.is_whitespace() || c == '\u{3000}' {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !c.is_control() && *c != '\u{feff}' && *c != '\u{200b}')
        .collect();
    plain
        .split(' ')
        .filter(|p| !p.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(200)
        .collect()
}

/// For comparing: no case, spaces, `_`, `-`, and nothing in brackets.
fn compare_key(heading: &str) -> String {
    let folded: String = heading.chars().map(fold).collect();
    let bare = folded.split(['(', '（', '[', '【']).next().unwrap_or("");
    let bare = if bare.trim().is_empty() {
        &folded
    } else {
        bare
    };
    bare.chars()
        .filter(|c| !matches!(c, ' ' | '_' | '-' | '.' | ':' | '\'' | '’'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a heading means something here: a field of a layer, something
/// about a person, or the number of the row.
pub(super) fn is_known_heading(heading: &str) -> bool {
    let key = compare_key(heading);
    let coordinate = || {
        let bare = qualified(&key).bare;
        let of_places = |f: &&FieldWords| matches!(f.field, "lon" | "lat" | "lonlat");
        let mut fields = FIELDS.iter().filter(of_places);
        bare.len() > 1 && fields.any(|f| f.words.contains(&bare))
    };
    !key.is_empty()
        && (FIELDS.iter().any(|f| f.words.contains(&key.as_str()))
            || coordinate()
            || key == "序号"
            || is_personal_header(heading))
}

/// Whether a heading means a time or a day.
pub(super) fn is_time_heading(heading: &str) -> bool {
    const TIMES: [&str; 4] = ["occurred_at", "reported_at", "valid_from", "valid_to"];
    let key = compare_key(heading);
    let times = FIELDS.iter().filter(|f| TIMES.contains(&f.field));
    times.flat_map(|f| f.words).any(|word| *word == key)
}

impl Mapping {
    /// Where a field comes from, if it is there.
    pub(super) fn get(&self, field: &str) -> Option<&Origin> {
        self.fields.get(field)
    }

    /// Whether a place can be had from columns.
    pub(super) fn has_place(&self) -> bool {
        ["lonlat", "wkt"]
            .iter()
            .any(|f| self.fields.contains_key(f))
            || (self.fields.contains_key("lon") && self.fields.contains_key("lat"))
    }

    /// The heading of a field for messages.
    pub(super) fn heading<'a>(&self, field: &'a str, columns: &'a [String]) -> &'a str {
        match self.fields.get(field) {
            Some(Origin::Columns(slots)) => slots.first().map_or(field, |s| &columns[*s]),
            _ => field,
        }
    }

    /// The fields with their headings or constants, for the report.
    pub(super) fn describe(&self, columns: &[String]) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> = self
            .fields
            .iter()
            .map(|(field, origin)| {
                let from = match origin {
                    Origin::Columns(slots) => slots
                        .iter()
                        .map(|s| columns[*s].as_str())
                        .collect::<Vec<_>>()
                        .join("+"),
                    Origin::Constant(value) => format!("={value}"),
                };
                ((*field).to_owned(), from)
            })
            .collect();
        out.sort();
        out
    }

    /// The column of a field that comes from one column.
    pub(super) fn slot(&self, field: &str) -> Option<usize> {
        match self.fields.get(field) {
            Some(Origin::Columns(slots)) => slots.first().copied(),
            _ => None,
        }
    }

    /// Columns with the field each is taken for.
    pub(super) fn describe_slots(&self) -> Vec<(usize, &'static str)> {
        let columns = self
            .fields
            .iter()
            .filter_map(|(field, origin)| match origin {
                Origin::Columns(slots) => Some((slots, *field)),
                Origin::Constant(_) => None,
            });
        let mut out: Vec<(usize, &'static str)> = columns
            .flat_map(|(slots, field)| slots.iter().map(move |s| (*s, field)))
            .collect();
        out.sort_unstable();
        out
    }

    /// No fields, only the columns about persons.
    pub(super) fn personal_only(table: &dyn Table) -> Self {
        let sample = Sample::take(table);
        let columns = table.columns().iter().enumerate();
        let personal = columns.filter(|(slot, heading)| {
            is_personal_header(heading) || sample.is_personal(*slot) || sample.are_names(*slot)
        });
        Self {
            dropped: personal.map(|(slot, _)| slot).collect(),
            ..Self::default()
        }
    }

    /// Columns that are called as the properties are: nothing is guessed.
    /// `properties` are names with the field that reads each.
    pub(super) fn exact(
        columns: &[String],
        properties: &[(&'static str, &'static str)],
        extra: &[ExtraColumn],
    ) -> Self {
        let mut mapping = Self::default();
        for (slot, column) in columns.iter().enumerate() {
            let known = properties.iter().find(|(name, _)| name == column);
            if let Some((_, field)) = known {
                mapping.fields.insert(*field, Origin::Columns(vec![slot]));
            } else if let Some(kept) = extra.iter().find(|kept| kept.name == *column) {
                mapping.keep.push((slot, kept.clone()));
            }
        }
        mapping
    }

    /// Decides for one file.
    ///
    /// # Errors
    /// When the user names a field or a column that does not exist, or a
    /// column about persons.
    pub(super) fn decide(
        table: &dyn Table,
        layer: LayerName,
        options: &Options,
    ) -> Result<Self, FileError> {
        let columns = table.columns();
        let sample = Sample::take(table);
        let mut mapping = Self::default();
        for (slot, heading) in columns.iter().enumerate() {
            if is_personal_header(heading) || sample.is_personal(slot) {
                mapping.dropped.push(slot);
            }
        }
        mapping.explicit(columns, layer, options)?;
        mapping.guess(columns, layer, options, &sample)?;
        mapping.keep_columns(columns, options, &sample)?;
        mapping.keep_places(columns, layer);
        mapping.date_order = options.date_order.or_else(|| {
            let date_fields = ["occurred_at", "reported_at", "valid_from", "valid_to"];
            let slots: Vec<usize> = date_fields
                .iter()
                .filter_map(|f| match mapping.fields.get(f) {
                    Some(Origin::Columns(slots)) => slots.first().copied(),
                    _ => None,
                })
                .collect();
            time::order_of(
                slots
                    .iter()
                    .flat_map(|s| sample.cells[*s].iter().map(String::as_str)),
            )
        });
        Ok(mapping)
    }

    fn explicit(
        &mut self,
        columns: &[String],
        layer: LayerName,
        options: &Options,
    ) -> Result<(), FileError> {
        for (field, value) in &options.set {
            self.fields
                .insert(known_field(field, layer)?, Origin::Constant(value.clone()));
        }
        for (field, value) in &options.map {
            let field = known_field(field, layer)?;
            if value.trim().is_empty() {
                self.left_out.push(field);
                continue;
            }
            let whole = find(columns, value).map(|slot| vec![slot]);
            let slots = match whole {
                Some(slots) => Some(slots),
                None => value
                    .split('+')
                    .map(|part| find(columns, part))
                    .collect::<Option<Vec<_>>>(),
            };
            let slots = slots.ok_or_else(|| {
                FileError::new(
                    Code::Mapping,
                    Reason::NoColumn {
                        column: quote(value),
                        columns: columns.to_vec(),
                    },
                )
            })?;
            if let Some(slot) = slots.iter().find(|s| self.dropped.contains(s)) {
                return Err(FileError::new(
                    Code::PiiColumn,
                    Reason::PersonalColumnMapped {
                        column: columns[*slot].clone(),
                    },
                ));
            }
            self.fields.insert(field, Origin::Columns(slots));
        }
        Ok(())
    }

    fn guess(
        &mut self,
        columns: &[String],
        layer: LayerName,
        options: &Options,
        sample: &Sample,
    ) -> Result<(), FileError> {
        let keys: Vec<String> = columns.iter().map(|c| compare_key(c)).collect();
        let mut used: Vec<usize> = self
            .fields
            .values()
            .flat_map(|o| match o {
                Origin::Columns(slots) => slots.clone(),
                Origin::Constant(_) => Vec::new(),
            })
            .collect();
        let crs = options
            .crs
            .map(|c| c.to_string())
            .unwrap_or_else(|| "wgs84".into());
        for wanted in FIELDS.iter().filter(|f| f.layers.contains(&layer)) {
            if self.fields.contains_key(wanted.field) || self.left_out.contains(&wanted.field) {
                continue;
            }
            let free = |word: &str| -> Vec<usize> {
                let open = |s: &usize| !used.contains(s) && !self.dropped.contains(s);
                let slots = keys.iter().enumerate().filter(|(_, k)| *k == word);
                slots.map(|(s, _)| s).filter(open).collect()
            };
            let by_crs = matches!(wanted.field, "lon" | "lat");
            let slot = wanted
                .words
                .iter()
                .flat_map(|w| [Some((*w).to_owned()), by_crs.then(|| format!("{w}{crs}"))])
                .flatten()
                .map(|word| free(&word))
                .find(|slots| !slots.is_empty());
            if let Some([one, _, ..]) = slot.as_deref() {
                return Err(FileError::new(
                    Code::CsvColumns,
                    Reason::ColumnUnclear {
                        column: columns[*one].clone(),
                        field: wanted.field,
                    },
                ));
            }
            let slot = slot
                .and_then(|slots| slots.first().copied())
                .or_else(|| self.coordinate(wanted, &keys, &used, options));
            if let Some(slot) = slot {
                // A captain's post is kept, a captain's name is not.
                if wanted.field == "post" && sample.are_names(slot) {
                    self.dropped.push(slot);
                    continue;
                }
                used.push(slot);
                self.fields
                    .insert(wanted.field, Origin::Columns(vec![slot]));
            }
        }
        if self.fields.contains_key("lon") != self.fields.contains_key("lat") {
            self.fields.remove("lon");
            self.fields.remove("lat");
        }
        Ok(())
    }

    /// The column of a coordinate whose heading also says whose it is, such as
    /// `高德经度`: of several the one in the system that the user says, and
    /// latitudes beside the longitude.
    fn coordinate(
        &self,
        wanted: &FieldWords,
        keys: &[String],
        used: &[usize],
        options: &Options,
    ) -> Option<usize> {
        if !matches!(wanted.field, "lon" | "lat" | "lonlat") || self.has_place() {
            return None;
        }
        let lon = self.slot("lon").filter(|_| wanted.field == "lat");
        let beside = lon.map(|slot| qualified(&keys[slot]).crs);
        let means = |key: &str| {
            let found = qualified(key);
            // A single letter says too little without the name of a map.
            let said = found.bare.len() > 1 || found.crs.is_some();
            (said && found.bare != key && wanted.words.contains(&found.bare)).then_some(found.crs)
        };
        keys.iter()
            .enumerate()
            .filter(|(slot, _)| !used.contains(slot) && !self.dropped.contains(slot))
            .filter_map(|(slot, key)| Some((slot, means(key)?)))
            .min_by_key(|(slot, crs)| {
                let said = options.crs.is_some() && *crs == options.crs;
                let near = lon.map_or(*slot, |lon| slot.abs_diff(lon));
                (beside.is_some_and(|beside| beside != *crs), !said, near)
            })
            .map(|(slot, _)| slot)
    }

    /// The coordinate system that the headings of the coordinates name.
    pub(super) fn named_crs(&self, columns: &[String]) -> Option<Crs> {
        let slot = self.slot("lon").or_else(|| self.slot("lonlat"))?;
        qualified(&compare_key(&columns[slot])).crs
    }

    fn keep_columns(
        &mut self,
        columns: &[String],
        options: &Options,
        sample: &Sample,
    ) -> Result<(), FileError> {
        if options.keep.len() > MAX_EXTRA_COLUMNS {
            return Err(FileError::new(
                Code::Mapping,
                Reason::TooManyToKeep {
                    count: options.keep.len(),
                    most: MAX_EXTRA_COLUMNS,
                },
            ));
        }
        for wanted in &options.keep {
            let (name, given) = match wanted.rsplit_once(':') {
                Some((name, "text")) => (name, Some(ExtraType::Text)),
                Some((name, "number")) => (name, Some(ExtraType::Number)),
                Some((name, "date")) => (name, Some(ExtraType::Date)),
                _ => (wanted.as_str(), None),
            };
            let slot = find(columns, name).ok_or_else(|| {
                FileError::new(
                    Code::Mapping,
                    Reason::NoColumnToKeep {
                        column: quote(name),
                        columns: columns.to_vec(),
                    },
                )
            })?;
            if self.dropped.contains(&slot) {
                return Err(FileError::new(
                    Code::PiiColumn,
                    Reason::PersonalColumnKept {
                        column: columns[slot].clone(),
                    },
                ));
            }
            if self.keep.iter().any(|(s, _)| *s == slot) {
                continue;
            }
            let extra_type = given.unwrap_or_else(|| sample.extra_type(slot, options.date_order));
            self.keep.push((
                slot,
                ExtraColumn {
                    name: columns[slot].clone(),
                    extra_type,
                },
            ));
        }
        Ok(())
    }
}

impl Mapping {
    /// Keeps what names the place beside the text, as extra columns under
    /// their own headings: the address of a report is worth as much as what
    /// happened there, and has no field of its own. A column that is the text
    /// already is not kept twice.
    fn keep_places(&mut self, columns: &[String], layer: LayerName) {
        let place = FIELDS
            .iter()
            .find(|f| f.field == "place" && f.layers.contains(&layer));
        let Some(place) = place.filter(|f| !self.left_out.contains(&f.field)) else {
            return;
        };
        let used: Vec<usize> = self
            .fields
            .iter()
            .filter(|(field, _)| **field != place.field)
            .flat_map(|(_, origin)| match origin {
                Origin::Columns(slots) => slots.as_slice(),
                Origin::Constant(_) => &[],
            })
            .copied()
            .collect();
        let chosen = match self.fields.get(place.field) {
            Some(Origin::Columns(slots)) => slots.as_slice(),
            _ => &[],
        };
        let named = |slot: &usize| {
            let key = compare_key(&columns[*slot]);
            place.words.contains(&key.as_str())
        };
        let slots: Vec<usize> = (0..columns.len())
            .filter(|slot| chosen.contains(slot) || named(slot))
            .filter(|slot| !used.contains(slot) && !self.dropped.contains(slot))
            .filter(|slot| self.keep.iter().all(|(kept, _)| kept != slot))
            .collect();
        self.keep.extend(slots.into_iter().map(|slot| {
            let column = ExtraColumn {
                name: columns[slot].clone(),
                extra_type: ExtraType::Text,
            };
            (slot, column)
        }));
    }
}

fn known_field(field: &str, layer: LayerName) -> Result<&'static str, FileError> {
    let key = compare_key(field);
    FIELDS
        .iter()
        .find(|f| f.layers.contains(&layer) && compare_key(f.field) == key)
        .map(|f| f.field)
        .ok_or_else(|| {
            let fields = FIELDS
                .iter()
                .filter(|f| f.layers.contains(&layer))
                .map(|f| f.field.to_owned())
                .collect();
            FileError::new(
                Code::Mapping,
                Reason::NoField {
                    field: quote(field),
                    layer,
                    fields,
                },
            )
        })
}

/// A column by heading: as written, else without case and marks. `None` if
/// there is none, or more than one.
fn find(columns: &[String], name: &str) -> Option<usize> {
    let only = |test: &dyn Fn(&String) -> bool| {
        let mut hits = columns.iter().enumerate().filter(|(_, c)| test(c));
        let first = hits.next().map(|(s, _)| s);
        if hits.next().is_some() { None } else { first }
    };
    let tidy = tidy_heading(name);
    only(&|c| *c == tidy).or_else(|| only(&|c| compare_key(c) == compare_key(&tidy)))
}

/// The first cells of every column.
struct Sample {
    cells: Vec<Vec<String>>,
}

impl Sample {
    fn take(table: &dyn Table) -> Self {
        let mut cells: Vec<Vec<String>> = vec![Vec::new(); table.columns().len()];
        table.visit(&mut |record| {
            for (column, cell) in cells.iter_mut().zip(&record.cells) {
                if !is_nothing(cell) {
                    column.push(cell.chars().take(80).collect());
                }
            }
            record.row < SAMPLE_ROWS
        });
        Self { cells }
    }

    fn more_than_half(&self, slot: usize, test: impl Fn(&str) -> bool) -> bool {
        let cells = &self.cells[slot];
        let hits = cells.iter().filter(|c| test(c)).count();
        hits > 0 && hits * 2 > cells.len()
    }

    fn is_personal(&self, slot: usize) -> bool {
        self.more_than_half(slot, is_personal_cell)
    }

    fn are_names(&self, slot: usize) -> bool {
        self.more_than_half(slot, looks_like_name)
    }

    fn extra_type(&self, slot: usize, order: Option<time::DateOrder>) -> ExtraType {
        let cells = &self.cells[slot];
        let all = |test: &dyn Fn(&str) -> bool| !cells.is_empty() && cells.iter().all(|c| test(c));
        let order = order.or_else(|| time::order_of(cells.iter().map(String::as_str)));
        if all(&|c| super::options::plain_number(c).is_some() && !has_leading_zero(c)) {
            ExtraType::Number
        } else if all(&|c| time::parse_date(c, order).is_ok()) {
            ExtraType::Date
        } else {
            ExtraType::Text
        }
    }
}

/// 007 is a code, not a number.
fn has_leading_zero(cell: &str) -> bool {
    let digits = cell.trim().as_bytes();
    digits.len() > 1 && digits[0] == b'0' && digits[1] != b'.'
}
