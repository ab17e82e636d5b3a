//! Entities to bound values and rows back to entities. What another program
//! wrote into a row need not make sense: reading answers `None` then.

use geo::Coord;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Row as _, Sqlite};

use super::{blob, extra, moment};
use crate::model::{
    Checkpoint, Compound, CompoundKind, Entity, FeatureId, FoundBy, Grid, GridKind, Incident,
    IncidentKind, Meta, PatrolMode, Route, Street, StreetClass,
};

/// An entity as a row of its table.
pub(super) trait Stored: Entity {
    /// The geometry blob; `Err` for a shape that cannot be stored, `Ok(None)`
    /// for no place.
    fn blob(&self) -> Result<Option<Vec<u8>>, &'static str>;

    /// Binds the layer's own columns in the order of its table.
    fn bind(&self, out: &mut Binder);

    /// Reads a row; `None` if it is none of ours.
    fn read(cells: &mut Cells<'_>) -> Option<Self>;
}

/// Collects the values of a statement.
#[derive(Debug, Default)]
pub(super) struct Binder(SqliteArguments);

impl Binder {
    /// The collected values.
    pub(super) fn finish(self) -> SqliteArguments {
        self.0
    }

    /// Appends all columns of a row.
    pub(super) fn row<T: Stored>(&mut self, item: &T) -> Result<(), &'static str> {
        let meta = item.meta();
        let shape = item.blob()?;
        self.add((meta.id != FeatureId::NEW).then_some(meta.id.0));
        self.add(shape);
        item.bind(self);
        self.text(&meta.source);
        self.text(&meta.source_id);
        self.add(extra::write(&meta.extra));
        Ok(())
    }

    fn add<'t, T: sqlx::Encode<'t, Sqlite> + sqlx::Type<Sqlite>>(&mut self, value: T) {
        // Encoding a plain value cannot fail; a lost one would shift all others.
        self.0.add(value).expect("plain values always encode");
    }

    fn text(&mut self, text: &str) {
        self.add((!text.is_empty()).then_some(text));
    }
}

/// The cells of a row, read from left to right.
pub(super) struct Cells<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn new(row: &'r SqliteRow) -> Cells<'r> {
        Cells { row, next: 0 }
    }

    fn text(&mut self) -> Option<&'r str> {
        self.next += 1;
        self.row.try_get_unchecked(self.next - 1).ok().flatten()
    }

    fn string(&mut self) -> String {
        self.text().unwrap_or_default().to_owned()
    }

    fn integer(&mut self) -> Option<i64> {
        self.next += 1;
        self.row.try_get_unchecked(self.next - 1).ok().flatten()
    }

    fn count(&mut self) -> Option<u32> {
        self.integer().and_then(|number| u32::try_from(number).ok())
    }

    fn yes(&mut self) -> bool {
        self.integer().is_some_and(|number| number != 0)
    }

    fn bytes(&mut self) -> Option<&'r [u8]> {
        self.next += 1;
        self.row.try_get_unchecked(self.next - 1).ok().flatten()
    }

    /// A word of the model, or its first value where the cell is empty.
    fn word<T: std::str::FromStr>(&mut self, default: T) -> Option<T> {
        match self.text().filter(|text| !text.trim().is_empty()) {
            Some(word) => word.parse().ok(),
            None => Some(default),
        }
    }

    fn id(&mut self) -> FeatureId {
        FeatureId(self.integer().unwrap_or(0))
    }

    fn meta(&mut self, id: FeatureId) -> Meta {
        Meta {
            id,
            source: self.string(),
            source_id: self.string(),
            extra: self.text().map(extra::read).unwrap_or_default(),
        }
    }
}

const NOT_FINITE: &str = "a coordinate is not a finite number, or there is none";

impl Stored for Grid {
    fn blob(&self) -> Result<Option<Vec<u8>>, &'static str> {
        // Always a multi-polygon, as the table declares.
        let blob = blob::geometry(&self.area.clone().into()).ok_or(NOT_FINITE)?;
        Ok(Some(blob))
    }

    fn bind(&self, out: &mut Binder) {
        out.text(&self.code);
        out.text(&self.name);
        out.text(self.kind.as_str());
        out.text(&self.community);
        out.text(&self.post);
        out.add(self.households);
        out.add(self.valid_from.map(|day| day.to_string()));
        out.add(self.valid_to.map(|day| day.to_string()));
    }

    fn read(cells: &mut Cells<'_>) -> Option<Self> {
        let id = cells.id();
        let area = cells
            .bytes()
            .and_then(blob::read)
            .and_then(blob::polygons)?;
        Some(Grid {
            code: cells.string(),
            name: cells.string(),
            kind: cells.word(GridKind::Basic)?,
            community: cells.string(),
            post: cells.string(),
            households: cells.count(),
            valid_from: cells.text().and_then(moment::read_date),
            valid_to: cells.text().and_then(moment::read_date),
            area,
            meta: cells.meta(id),
        })
    }
}

impl Stored for Compound {
    fn blob(&self) -> Result<Option<Vec<u8>>, &'static str> {
        let blob = blob::geometry(&self.shape).ok_or(NOT_FINITE)?;
        Ok(Some(blob))
    }

    fn bind(&self, out: &mut Binder) {
        out.text(&self.code);
        out.text(&self.name);
        out.text(self.kind.as_str());
        out.text(&self.community);
        out.add(i64::from(self.priority));
        out.add(self.households);
        let gates: Vec<[f64; 2]> = self.gates.iter().map(|at| [at.x, at.y]).collect();
        out.add((!gates.is_empty()).then(|| serde_json::json!(gates).to_string()));
    }

    fn read(cells: &mut Cells<'_>) -> Option<Self> {
        let id = cells.id();
        let shape = cells.bytes().and_then(blob::read)?;
        Some(Compound {
            code: cells.string(),
            name: cells.string(),
            kind: cells.word(CompoundKind::Other)?,
            community: cells.string(),
            priority: u8::try_from(cells.integer().unwrap_or(3).clamp(1, 3)).unwrap_or(3),
            households: cells.count(),
            gates: cells.text().map(read_gates).unwrap_or_default(),
            shape,
            meta: cells.meta(id),
        })
    }
}

fn read_gates(text: &str) -> Vec<Coord<f64>> {
    let gates: Vec<[f64; 2]> = serde_json::from_str(text).unwrap_or_default();
    gates.into_iter().map(|[x, y]| Coord { x, y }).collect()
}

impl Stored for Street {
    fn blob(&self) -> Result<Option<Vec<u8>>, &'static str> {
        let blob = blob::geometry(&self.line.clone().into()).ok_or(NOT_FINITE)?;
        Ok(Some(blob))
    }

    fn bind(&self, out: &mut Binder) {
        out.text(&self.name);
        out.text(self.class.as_str());
        out.add(self.oneway);
        out.add(self.foot);
    }

    fn read(cells: &mut Cells<'_>) -> Option<Self> {
        let id = cells.id();
        let line = cells.bytes().and_then(blob::read).and_then(blob::lines)?;
        Some(Street {
            name: cells.string(),
            class: cells.word(StreetClass::Branch)?,
            oneway: cells.yes(),
            foot: cells.yes(),
            line,
            meta: cells.meta(id),
        })
    }
}

impl Stored for Route {
    fn blob(&self) -> Result<Option<Vec<u8>>, &'static str> {
        let blob = blob::geometry(&self.line.clone().into()).ok_or(NOT_FINITE)?;
        Ok(Some(blob))
    }

    fn bind(&self, out: &mut Binder) {
        out.text(&self.code);
        out.text(&self.name);
        out.text(self.mode.as_str());
        let stops: Vec<_> = self
            .checkpoints
            .iter()
            .map(|c| (&c.name, c.at.x, c.at.y))
            .collect();
        out.add((!stops.is_empty()).then(|| serde_json::json!(stops).to_string()));
    }

    fn read(cells: &mut Cells<'_>) -> Option<Self> {
        let id = cells.id();
        let line = cells.bytes().and_then(blob::read).and_then(blob::lines)?;
        Some(Route {
            code: cells.string(),
            name: cells.string(),
            mode: cells.word(PatrolMode::Foot)?,
            checkpoints: cells.text().map(read_stops).unwrap_or_default(),
            line,
            meta: cells.meta(id),
        })
    }
}

fn read_stops(text: &str) -> Vec<Checkpoint> {
    let stops: Vec<(String, f64, f64)> = serde_json::from_str(text).unwrap_or_default();
    let checkpoint = |(name, x, y)| Checkpoint {
        name,
        at: Coord { x, y },
    };
    stops.into_iter().map(checkpoint).collect()
}

impl Stored for Incident {
    fn blob(&self) -> Result<Option<Vec<u8>>, &'static str> {
        let blob = |at| blob::point(at).ok_or(NOT_FINITE);
        self.at.map(blob).transpose()
    }

    fn bind(&self, out: &mut Binder) {
        out.text(self.kind.as_str());
        out.text(&self.category);
        out.add(moment::instant_text(self.occurred_at));
        out.add(self.date_only);
        out.add(self.reported_at.map(moment::instant_text));
        out.text(&self.status);
        out.text(self.found_by.as_str());
        out.text(&self.text);
    }

    fn read(cells: &mut Cells<'_>) -> Option<Self> {
        let id = cells.id();
        let at = cells.bytes().and_then(blob::read_point);
        Some(Incident {
            kind: cells.word(IncidentKind::Police)?,
            category: cells.string(),
            occurred_at: cells.text().and_then(moment::read_instant)?,
            date_only: cells.yes(),
            reported_at: cells.text().and_then(moment::read_instant),
            status: cells.string(),
            found_by: cells.word(FoundBy::Resident)?,
            text: cells.string(),
            at,
            meta: cells.meta(id),
        })
    }
}
