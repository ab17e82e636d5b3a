//! Cells of SQLite: entities to bound values and rows back to cells.

use jiff::civil::Date;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Row as _, Sqlite};

use crate::model::{FeatureId, Timestamp};
use crate::store::row::{Cells, Columns, Shape, moment};

/// Collects the values of a statement.
#[derive(Debug, Default)]
pub(super) struct Binder(SqliteArguments);

impl Binder {
    /// The collected values.
    pub(super) fn finish(self) -> SqliteArguments {
        self.0
    }

    fn add<'t, T: sqlx::Encode<'t, Sqlite> + sqlx::Type<Sqlite>>(&mut self, value: T) {
        // Encoding a plain value cannot fail; a lost one would shift all others.
        self.0.add(value).expect("plain values always encode");
    }
}

impl Columns for Binder {
    fn id(&mut self, id: FeatureId) {
        self.add((id != FeatureId::NEW).then_some(id.0));
    }

    fn shape(&mut self, shape: Option<Shape<'_>>) {
        self.add(shape.map(|shape| shape.gpkg()));
    }

    fn text(&mut self, text: &str) {
        self.add((!text.is_empty()).then_some(text));
    }

    fn json(&mut self, text: Option<String>) {
        self.add(text);
    }

    fn count(&mut self, count: Option<u32>) {
        self.add(count);
    }

    fn yes(&mut self, yes: bool) {
        self.add(yes);
    }

    fn date(&mut self, date: Option<Date>) {
        self.add(date.map(|day| day.to_string()));
    }

    fn instant(&mut self, at: Option<Timestamp>) {
        self.add(at.map(moment::instant_text));
    }
}

/// The cells of a row.
pub(super) struct RowCells<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> RowCells<'r> {
    pub(super) fn new(row: &'r SqliteRow) -> RowCells<'r> {
        RowCells { row, next: 0 }
    }

    fn get<T>(&mut self) -> Option<T>
    where
        T: sqlx::Decode<'r, Sqlite>,
    {
        self.next += 1;
        self.row.try_get_unchecked(self.next - 1).ok().flatten()
    }
}

impl Cells for RowCells<'_> {
    fn integer(&mut self) -> Option<i64> {
        self.get()
    }

    fn text(&mut self) -> Option<&str> {
        self.get()
    }

    fn yes(&mut self) -> bool {
        self.get::<i64>().is_some_and(|number| number != 0)
    }

    fn date(&mut self) -> Option<Date> {
        self.get().and_then(moment::read_date)
    }

    fn instant(&mut self) -> Option<Timestamp> {
        self.get().and_then(moment::read_instant)
    }

    fn bytes(&mut self) -> Option<&[u8]> {
        self.get()
    }
}
