//! The columns of the five layers.

use geo::Coord;

use super::{Cells, Columns, Shape, Stored, blob};
use crate::model::{
    Checkpoint, Compound, CompoundKind, FoundBy, Grid, GridKind, Incident, IncidentKind,
    PatrolMode, Route, Street, StreetClass,
};
use crate::store::history::Content;

impl Stored for Grid {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "name",
        "kind",
        "community",
        "post",
        "households",
        "valid_from",
        "valid_to",
    ];

    fn shape(&self) -> Option<Shape<'_>> {
        // Always a multi-polygon, as the table declares.
        Some(Shape::Polygons(&self.area))
    }

    fn write_own<C: Columns>(&self, out: &mut C) {
        out.text(&self.code);
        out.text(&self.name);
        out.text(self.kind.as_str());
        out.text(&self.community);
        out.text(&self.post);
        out.count(self.households);
        out.date(self.valid_from);
        out.date(self.valid_to);
    }

    fn read<C: Cells>(cells: &mut C) -> Option<Self> {
        let id = cells.id();
        let area = cells.geometry().and_then(blob::polygons)?;
        Some(Grid {
            code: cells.string(),
            name: cells.string(),
            kind: cells.word(GridKind::Basic)?,
            community: cells.string(),
            post: cells.string(),
            households: cells.count(),
            valid_from: cells.date(),
            valid_to: cells.date(),
            area,
            meta: cells.meta(id),
        })
    }

    fn into_content(self) -> Content {
        Content::Grid(self)
    }
}

impl Stored for Compound {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "name",
        "kind",
        "community",
        "priority",
        "households",
        "gates",
    ];

    fn shape(&self) -> Option<Shape<'_>> {
        Some(Shape::Any(&self.shape))
    }

    fn write_own<C: Columns>(&self, out: &mut C) {
        out.text(&self.code);
        out.text(&self.name);
        out.text(self.kind.as_str());
        out.text(&self.community);
        out.count(Some(self.priority.into()));
        out.count(self.households);
        let gates: Vec<[f64; 2]> = self.gates.iter().map(|at| [at.x, at.y]).collect();
        out.json((!gates.is_empty()).then(|| serde_json::json!(gates).to_string()));
    }

    fn read<C: Cells>(cells: &mut C) -> Option<Self> {
        let id = cells.id();
        let shape = cells.geometry()?;
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

    fn into_content(self) -> Content {
        Content::Compound(self)
    }
}

fn read_gates(text: &str) -> Vec<Coord<f64>> {
    let gates: Vec<[f64; 2]> = serde_json::from_str(text).unwrap_or_default();
    gates.into_iter().map(|[x, y]| Coord { x, y }).collect()
}

impl Stored for Street {
    const COLUMNS: &'static [&'static str] = &["name", "class", "oneway", "foot"];

    fn shape(&self) -> Option<Shape<'_>> {
        Some(Shape::Lines(&self.line))
    }

    fn write_own<C: Columns>(&self, out: &mut C) {
        out.text(&self.name);
        out.text(self.class.as_str());
        out.yes(self.oneway);
        out.yes(self.foot);
    }

    fn read<C: Cells>(cells: &mut C) -> Option<Self> {
        let id = cells.id();
        let line = cells.geometry().and_then(blob::lines)?;
        Some(Street {
            name: cells.string(),
            class: cells.word(StreetClass::Branch)?,
            oneway: cells.yes(),
            foot: cells.yes(),
            line,
            meta: cells.meta(id),
        })
    }

    fn into_content(self) -> Content {
        Content::Street(self)
    }
}

impl Stored for Route {
    const COLUMNS: &'static [&'static str] = &["code", "name", "mode", "checkpoints"];

    fn shape(&self) -> Option<Shape<'_>> {
        Some(Shape::Lines(&self.line))
    }

    fn write_own<C: Columns>(&self, out: &mut C) {
        out.text(&self.code);
        out.text(&self.name);
        out.text(self.mode.as_str());
        let stops: Vec<_> = self
            .checkpoints
            .iter()
            .map(|c| (&c.name, c.at.x, c.at.y))
            .collect();
        out.json((!stops.is_empty()).then(|| serde_json::json!(stops).to_string()));
    }

    fn read<C: Cells>(cells: &mut C) -> Option<Self> {
        let id = cells.id();
        let line = cells.geometry().and_then(blob::lines)?;
        Some(Route {
            code: cells.string(),
            name: cells.string(),
            mode: cells.word(PatrolMode::Foot)?,
            checkpoints: cells.text().map(read_stops).unwrap_or_default(),
            line,
            meta: cells.meta(id),
        })
    }

    fn into_content(self) -> Content {
        Content::Route(self)
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
    const COLUMNS: &'static [&'static str] = &[
        "kind",
        "category",
        "occurred_at",
        "date_only",
        "reported_at",
        "status",
        "found",
        "text",
    ];

    fn shape(&self) -> Option<Shape<'_>> {
        self.at.map(Shape::Point)
    }

    fn write_own<C: Columns>(&self, out: &mut C) {
        out.text(self.kind.as_str());
        out.text(&self.category);
        out.instant(Some(self.occurred_at));
        out.yes(self.date_only);
        out.instant(self.reported_at);
        out.text(&self.status);
        out.text(self.found_by.as_str());
        out.text(&self.text);
    }

    fn read<C: Cells>(cells: &mut C) -> Option<Self> {
        let id = cells.id();
        let at = cells.point();
        Some(Incident {
            kind: cells.word(IncidentKind::Police)?,
            category: cells.string(),
            occurred_at: cells.instant()?,
            date_only: cells.yes(),
            reported_at: cells.instant(),
            status: cells.string(),
            found_by: cells.word(FoundBy::Resident)?,
            text: cells.string(),
            at,
            meta: cells.meta(id),
        })
    }

    fn into_content(self) -> Content {
        Content::Incident(self)
    }
}
