//! Which grids the incidents lie in.

use std::collections::HashMap;
use std::sync::Arc;

use geo::Coord;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::locate::day_number;
use super::segment::Segment;
use super::{Collection, Locator};
use crate::model::{Grid, GridKind};

/// Which grids count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GridsOf {
    /// Those valid on the day it occurred.
    #[default]
    Event,
    /// Those valid today.
    Today,
}

/// The grids of an incident, as slots of the snapshot's grids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// 基础 grid.
    pub basic: Option<u32>,
    /// 专属 grid.
    pub special: Option<u32>,
}

/// The grids of a place, those of the day it occurred and today's.
pub(super) type PlacePair = [Place; 2];

/// Per row of a segment, the pair of places; neighbours share theirs.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) column: Box<[u16]>,
    pub(super) table: Box<[PlacePair]>,
}

/// Point location over the grids, ready for one "today".
#[derive(Debug, Clone, Default)]
pub(super) struct GridMap {
    basic: Arc<Locator>,
    special: Arc<Locator>,
    dated: bool,
    today: i32,
}

impl GridMap {
    pub(super) fn new(grids: &Collection<Grid>, today: Date) -> GridMap {
        let of_kind = |kind: GridKind| {
            let grids = (0_u32..).zip(grids.items());
            let areas = grids
                .filter(|(_, grid)| grid.kind == kind)
                .map(|(slot, grid)| (slot, grid.valid_from, grid.valid_to, &grid.area));
            Arc::new(Locator::new(areas))
        };
        let (basic, special) = (of_kind(GridKind::Basic), of_kind(GridKind::Special));
        GridMap {
            dated: basic.is_dated() || special.is_dated(),
            basic,
            special,
            today: day_number(today),
        }
    }

    /// The same grids on another day.
    pub(super) fn with_today(&self, today: Date) -> GridMap {
        GridMap {
            today: day_number(today),
            ..self.clone()
        }
    }

    /// True if the day matters.
    pub(super) fn is_dated(&self) -> bool {
        self.dated
    }

    /// The grids at a place on a local day since 1970-01-01.
    pub(super) fn place(&self, at: Coord<f64>, day: i32) -> Place {
        Place {
            basic: self.basic.find(at, day),
            special: self.special.find(at, day),
        }
    }

    /// The grids of every row of a segment.
    pub(super) fn places(&self, segment: &Segment) -> Places {
        let nowhere = PlacePair::default();
        let mut table = vec![nowhere];
        let mut slots: HashMap<PlacePair, u16> = HashMap::from([(nowhere, 0)]);
        let mut last = (nowhere, 0_u16);
        let column = (0..segment.len()).map(|row| {
            let Some(at) = segment.at(row) else {
                return 0;
            };
            let event = self.place(at, segment.occurred_at(row).local_day());
            let today = if self.dated {
                self.place(at, self.today)
            } else {
                event
            };
            let pair = [event, today];
            if pair != last.0 {
                let slot = *slots.entry(pair).or_insert_with(|| {
                    table.push(pair);
                    u16::try_from(table.len() - 1).unwrap_or(u16::MAX)
                });
                last = (pair, slot);
            }
            last.1
        });
        let column = column.collect();
        Places {
            column,
            table: table.into_boxed_slice(),
        }
    }
}

impl Places {
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.column) + size_of_val(&*self.table)
    }
}
