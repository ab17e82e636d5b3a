//! Cells in PostgreSQL's binary form: entities to rows of COPY, and rows of
//! COPY or of a query back to cells.
//!
//! Integers are big-endian; days and microseconds count from 2000-01-01.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use sqlx::Row;
use sqlx::postgres::{PgRow, PgValueFormat};

use crate::model::{FeatureId, GroundFeature, Timestamp};
use crate::store::row::{Cells, Columns, Shape, Stored, ground};

/// What begins a binary COPY: signature, no flags, no extension.
const HEAD: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The first day of PostgreSQL's calendar arithmetic.
const EPOCH: Date = date(2000, 1, 1);

/// 2000-01-01 in UTC seconds.
const EPOCH_S: i64 = 946_684_800;

/// Instants that a `timestamptz` of a calendar with years 1 to 9999 holds; the
/// index keeps no others either.
const RANGE_S: (i64, i64) = (-62_135_596_800, 253_402_300_799);

/// Rows for a binary COPY, with a running number before the columns.
#[derive(Debug)]
pub(super) struct Copier {
    bytes: Vec<u8>,
    rows: i64,
}

impl Copier {
    pub(super) fn new() -> Copier {
        Copier {
            bytes: HEAD.to_vec(),
            rows: 0,
        }
    }

    pub(super) fn row<T: Stored>(&mut self, id: FeatureId, item: &T) {
        // Running number, id, geometry, own columns, source, its id, extra.
        let fields = i16::try_from(T::COLUMNS.len() + 6).expect("a handful of columns");
        self.bytes.extend_from_slice(&fields.to_be_bytes());
        self.rows += 1;
        self.field(Some(&self.rows.to_be_bytes()));
        item.write_as(id, self);
    }

    /// A piece of the ground, without a number.
    pub(super) fn piece(&mut self, feature: &GroundFeature) {
        self.bytes.extend_from_slice(&4_i16.to_be_bytes());
        ground::write(feature, self);
    }

    /// What is ready to be sent, once it is at least so many bytes.
    pub(super) fn take(&mut self, at_least: usize) -> Option<Vec<u8>> {
        (self.bytes.len() >= at_least).then(|| std::mem::take(&mut self.bytes))
    }

    /// The rest, with the mark of the end.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        self.bytes
    }

    fn field(&mut self, bytes: Option<&[u8]>) {
        let length = bytes.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes.unwrap_or_default());
    }
}

impl Columns for Copier {
    fn id(&mut self, id: FeatureId) {
        let id = (id != FeatureId::NEW).then(|| id.0.to_be_bytes());
        self.field(id.as_ref().map(<[u8; 8]>::as_slice));
    }

    fn shape(&mut self, shape: Option<Shape<'_>>) {
        self.field(shape.map(|shape| shape.ewkb()).as_deref());
    }

    fn text(&mut self, text: &str) {
        self.field((!text.is_empty()).then_some(text.as_bytes()));
    }

    fn json(&mut self, text: Option<String>) {
        self.field(text.as_deref().map(str::as_bytes));
    }

    fn count(&mut self, count: Option<u32>) {
        let count = count.map(|count| i64::from(count).to_be_bytes());
        self.field(count.as_ref().map(<[u8; 8]>::as_slice));
    }

    fn yes(&mut self, yes: bool) {
        self.field(Some(&[yes.into()]));
    }

    fn date(&mut self, date: Option<Date>) {
        let days = date.map(|day| (day - EPOCH).get_days().to_be_bytes());
        self.field(days.as_ref().map(<[u8; 4]>::as_slice));
    }

    fn instant(&mut self, at: Option<Timestamp>) {
        let micros = at.map(|at| {
            let seconds = at.0.clamp(RANGE_S.0, RANGE_S.1) - EPOCH_S;
            (seconds * 1_000_000).to_be_bytes()
        });
        self.field(micros.as_ref().map(<[u8; 8]>::as_slice));
    }
}

/// Where fields come from, one after the other.
pub(super) trait Fields {
    /// The bytes of the next field; `None` for nothing.
    fn next(&mut self) -> Option<&[u8]>;
}

/// The fields of a row of COPY.
pub(super) struct CopyFields<'b>(&'b [u8]);

impl<'b> CopyFields<'b> {
    /// A row of a binary COPY; `None` for the mark of its end.
    pub(super) fn row(mut bytes: &'b [u8]) -> Option<CopyFields<'b>> {
        if bytes.starts_with(&HEAD[..11]) {
            bytes = bytes.get(HEAD.len()..)?;
        }
        let (count, rest) = bytes.split_first_chunk::<2>()?;
        (i16::from_be_bytes(*count) > 0).then_some(CopyFields(rest))
    }
}

impl Fields for CopyFields<'_> {
    fn next(&mut self) -> Option<&[u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        let length = usize::try_from(i32::from_be_bytes(*length)).ok()?;
        let (field, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }
}

/// The fields of a row of a query with parameters, which come in binary form.
pub(super) struct RowFields<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> RowFields<'r> {
    pub(super) fn new(row: &'r PgRow) -> RowFields<'r> {
        RowFields { row, next: 0 }
    }
}

impl Fields for RowFields<'_> {
    fn next(&mut self) -> Option<&[u8]> {
        self.next += 1;
        let value = self.row.try_get_raw(self.next - 1).ok()?;
        match value.format() {
            PgValueFormat::Binary => value.as_bytes().ok(),
            PgValueFormat::Text => None,
        }
    }
}

/// Reads cells out of fields.
pub(super) struct PgCells<F>(pub(super) F);

impl<F: Fields> PgCells<F> {
    fn whole<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.0.next()?.try_into().ok()
    }
}

impl<F: Fields> Cells for PgCells<F> {
    fn integer(&mut self) -> Option<i64> {
        self.whole().map(i64::from_be_bytes)
    }

    fn text(&mut self) -> Option<&str> {
        std::str::from_utf8(self.0.next()?).ok()
    }

    fn yes(&mut self) -> bool {
        self.whole::<1>() == Some([1])
    }

    fn date(&mut self) -> Option<Date> {
        let days = self.whole().map(i32::from_be_bytes)?;
        // `infinity` is the largest number and outside the calendar.
        EPOCH.checked_add(i64::from(days).days()).ok()
    }

    fn instant(&mut self) -> Option<Timestamp> {
        let micros = self.whole().map(i64::from_be_bytes)?;
        let infinite = micros == i64::MAX || micros == i64::MIN;
        (!infinite).then(|| Timestamp(micros.div_euclid(1_000_000) + EPOCH_S))
    }

    fn bytes(&mut self) -> Option<&[u8]> {
        self.0.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Incident;
    use crate::store::tests::{everything, incident};

    fn back(item: &Incident) -> Option<Incident> {
        let mut copier = Copier::new();
        copier.row(item.meta.id, item);
        let bytes = copier.finish();
        let mut fields = CopyFields::row(&bytes)?;
        // The running number.
        fields.next();
        Incident::read(&mut PgCells(fields))
    }

    #[test]
    fn rows_come_back_from_their_binary_form() {
        for item in everything().incidents.put {
            assert_eq!(back(&item), Some(item));
        }
        let mut old = incident("1", 117.0);
        old.occurred_at = Timestamp(-1);
        assert_eq!(back(&old), Some(old));
        assert!(CopyFields::row(&(-1_i16).to_be_bytes()).is_none());
        assert!(CopyFields::row(b"").is_none());
    }

    #[test]
    fn cut_rows_give_nothing_and_do_not_panic() {
        let mut copier = Copier::new();
        copier.row(FeatureId(1), &incident("1", 117.0));
        let bytes = copier.finish();
        for length in 0..bytes.len() {
            if let Some(fields) = CopyFields::row(&bytes[..length]) {
                let _ = Incident::read(&mut PgCells(fields));
            }
        }
    }
}
