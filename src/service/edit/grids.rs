//! Grids split, merged and divided anew. With a day, the old ones end on it and
//! the new ones begin: what happened before stays in the grids of its time.

use geo::{BooleanOps, LineString, MultiPolygon};
use jiff::civil::Date;

use super::batch::{Change, Edit, Expect};
use super::plan::{Conflict, Fault, Refused};
use crate::crs::area_m2;
use crate::format::Items;
use crate::index::Snapshot;
use crate::model::{FeatureId, Grid, GridKind, LayerName, Meta};
use crate::partition::edit::{self as border, EditError};
use crate::query::FeatureRef;

/// How near to a border the end of a drawn line must be, metres.
const SNAP_M: f64 = 10.0;
/// Areas below this are rounding.
const NOTHING_M2: f64 = 0.06;
/// A grid of which this share lies inside a boundary counts as inside.
const INSIDE: f64 = 0.999;

/// A grid to be split.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitGrid {
    /// The grid.
    pub id: FeatureId,
    /// What it was when it was drawn on.
    pub expect: Expect,
    /// The line.
    pub line: LineString<f64>,
    /// The day from which the halves hold; none changes the past too.
    pub valid_from: Option<Date>,
    /// Codes, the larger half first.
    pub codes: [String; 2],
    /// Names, the larger half first.
    pub names: [String; 2],
    /// Households, the larger half first, if known.
    pub households: [Option<u32>; 2],
}

/// Grids to be merged.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeGrids {
    /// The grids and what they were when they were chosen.
    pub grids: Vec<(FeatureId, Expect)>,
    /// The code of the one.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The day from which it holds; none changes the past too.
    pub valid_from: Option<Date>,
}

/// The edits that split a grid.
///
/// # Errors
/// When the grid is gone, the line does not split it, or the day does not fit.
pub fn split_grid(snapshot: &Snapshot, question: &SplitGrid) -> Result<Vec<Edit>, Refused> {
    let old = grid(snapshot, question.id, &question.expect)?;
    ends_on(&old, question.valid_from)?;
    let beside = neighbours(snapshot, &old, question.valid_from);
    let mut areas = vec![old.area.clone()];
    areas.extend(beside.iter().map(|grid| grid.area.clone()));
    let split = border::split_grid(&areas, 0, &question.line, SNAP_M).map_err(refused)?;
    let [larger, smaller] = split.parts;
    let part = |slot: usize, area: MultiPolygon<f64>| Grid {
        code: question.codes[slot].clone(),
        name: question.names[slot].clone(),
        households: question.households[slot],
        // One half keeps the post; the other needs one of its own.
        post: if slot == 0 {
            old.post.clone()
        } else {
            String::new()
        },
        area,
        ..old.clone()
    };
    let mut edits = replacing(
        &[(old.clone(), question.expect.clone())],
        vec![part(0, larger), part(1, smaller)],
        question.valid_from,
        0,
    );
    for changed in split.neighbours {
        let Some(neighbour) = changed.at.checked_sub(1).and_then(|at| beside.get(at)) else {
            continue;
        };
        // A corner more on the same border: nothing else changes.
        let grid = Grid {
            area: changed.area,
            ..neighbour.clone()
        };
        edits.push(Edit {
            layer: LayerName::Grids,
            change: Change::Restore(grid.meta.id, Expect::Anything, Items::Grids(vec![grid])),
        });
    }
    Ok(edits)
}

/// The edits that merge grids.
///
/// # Errors
/// When a grid is gone, they are of several kinds, share no border, or the day
/// does not fit.
pub fn merge_grids(snapshot: &Snapshot, question: &MergeGrids) -> Result<Vec<Edit>, Refused> {
    let mut old = Vec::new();
    for (id, expect) in &question.grids {
        let found = grid(snapshot, *id, expect)?;
        ends_on(&found, question.valid_from)?;
        old.push((found, expect.clone()));
    }
    let Some((first, _)) = old.first() else {
        return Err(refused(EditError::UnknownGrid));
    };
    if old.iter().any(|(grid, _)| grid.kind != first.kind) {
        return Err(fault(
            "mixed_kinds",
            "基础网格不能与专属网格合并",
            "a basic and a special grid cannot be merged",
        ));
    }
    let areas: Vec<&MultiPolygon<f64>> = old.iter().map(|(grid, _)| &grid.area).collect();
    let area = border::merge_grids(&areas).map_err(refused)?;
    let keeper = old.iter().position(|(grid, _)| grid.code == question.code);
    let keeper = keeper.unwrap_or(0);
    let kept = &old[keeper].0;
    let same_community = old.iter().all(|(grid, _)| grid.community == kept.community);
    let ends: Vec<Date> = old.iter().filter_map(|(grid, _)| grid.valid_to).collect();
    let merged = Grid {
        code: question.code.clone(),
        name: question.name.clone(),
        community: if same_community {
            kept.community.clone()
        } else {
            String::new()
        },
        households: old.iter().map(|(grid, _)| grid.households).sum(),
        valid_to: ends.into_iter().min(),
        area,
        ..kept.clone()
    };
    Ok(replacing(&old, vec![merged], question.valid_from, keeper))
}

/// The edits that put new basic grids in the place of those that lie inside of
/// them.
///
/// # Errors
/// When an old grid lies inside only in part, or the day does not fit.
pub fn replace_grids(
    snapshot: &Snapshot,
    new: Vec<Grid>,
    valid_from: Option<Date>,
) -> Result<Vec<Edit>, Refused> {
    let day = valid_from.unwrap_or_else(|| snapshot.today());
    let areas: Vec<&MultiPolygon<f64>> = new.iter().map(|grid| &grid.area).collect();
    let all: MultiPolygon<f64> = geo::unary_union(areas.into_iter().flatten());
    let mut old = Vec::new();
    let mut faults = Vec::new();
    for grid in snapshot.grids.items() {
        let lasts = grid.valid_to.is_none_or(|end| day < end);
        if grid.kind != GridKind::Basic || !lasts {
            continue;
        }
        let shared = area_m2(&grid.area.intersection(&all));
        if shared <= NOTHING_M2 {
            continue;
        }
        if shared < area_m2(&grid.area) * INSIDE {
            faults.push(Fault::new(
                0,
                "partly_inside",
                format!("网格“{}”只有一部分在新网格之内，请调整边界", grid.code),
                format!(
                    "only a part of grid `{}` lies in the new ones; change the boundary",
                    grid.code
                ),
            ));
            continue;
        }
        ends_on(grid, valid_from)?;
        old.push((Grid::clone(grid), Expect::Anything));
    }
    if !faults.is_empty() {
        return Err(Refused::Faults(faults));
    }
    Ok(replacing(&old, new, valid_from, usize::MAX))
}

/// Old grids end and new ones begin on a day; without one, the first new grid
/// is the old one at `keeper`, changed, and the other old ones go.
fn replacing(
    old: &[(Grid, Expect)],
    new: Vec<Grid>,
    valid_from: Option<Date>,
    keeper: usize,
) -> Vec<Edit> {
    let row = |id: FeatureId, expect: &Expect, grid: Grid| {
        Change::Restore(id, expect.clone(), Items::Grids(vec![grid]))
    };
    let add = |grid: Grid| {
        let meta = Meta {
            extra: grid.meta.extra.clone(),
            ..Meta::default()
        };
        let valid_from = valid_from.or(grid.valid_from);
        Change::Add(Items::Grids(vec![Grid {
            meta,
            valid_from,
            ..grid
        }]))
    };
    let mut new = new.into_iter();
    let mut changes = Vec::new();
    for (slot, (grid, expect)) in old.iter().enumerate() {
        let id = grid.meta.id;
        changes.push(match valid_from {
            Some(day) => row(
                id,
                expect,
                Grid {
                    valid_to: Some(day),
                    ..grid.clone()
                },
            ),
            None if slot == keeper => match new.next() {
                Some(changed) => row(id, expect, changed),
                None => Change::Delete(id, expect.clone()),
            },
            None => Change::Delete(id, expect.clone()),
        });
    }
    changes.extend(new.map(add));
    let layer = LayerName::Grids;
    let edits = changes.into_iter().map(|change| Edit { layer, change });
    edits.collect()
}

/// The grid, if it is what was expected: before anything else is said of it.
fn grid(snapshot: &Snapshot, id: FeatureId, expect: &Expect) -> Result<Grid, Refused> {
    let found = snapshot.grids.by_id(id).filter(|grid| match expect {
        Expect::Anything => true,
        Expect::OneOf(prints) => prints.contains(&FeatureRef::Grid(grid).fingerprint()),
    });
    found.map(|grid| Grid::clone(grid)).ok_or_else(|| {
        Refused::Conflicts(vec![Conflict {
            layer: LayerName::Grids,
            id,
        }])
    })
}

/// Refuses a day on which the grid is not in the middle of its time.
fn ends_on(grid: &Grid, day: Option<Date>) -> Result<(), Refused> {
    let Some(day) = day else { return Ok(()) };
    let begun = grid.valid_from.is_none_or(|from| from < day);
    let lasts = grid.valid_to.is_none_or(|to| day < to);
    if begun && lasts {
        return Ok(());
    }
    Err(fault(
        "bad_day",
        format!("网格“{}”在 {day} 前后并不都有效，请换一个日期", grid.code),
        format!(
            "grid `{}` is not valid both before and after {day}; choose another day",
            grid.code
        ),
    ))
}

/// Grids of the same kind around a grid that are there at the same time.
fn neighbours(snapshot: &Snapshot, grid: &Grid, from: Option<Date>) -> Vec<Grid> {
    let Some(bounds) = snapshot
        .grids
        .slot_of(grid.meta.id)
        .and_then(|slot| snapshot.grids.bounds(slot))
    else {
        return Vec::new();
    };
    // A corner on the border is beside the box by rounding at most.
    let margin = 1e-6;
    let around = crate::tile::Bounds {
        west: bounds.west - margin,
        south: bounds.south - margin,
        east: bounds.east + margin,
        north: bounds.north + margin,
    };
    let slots = snapshot.grids.touching(&around).into_iter();
    let rows = slots.map(|slot| snapshot.grids.get(slot));
    let start = from.or(grid.valid_from);
    rows.filter(|other| {
        let after = other
            .valid_to
            .is_none_or(|to| start.is_none_or(|start| start < to));
        let before = other
            .valid_from
            .is_none_or(|begin| grid.valid_to.is_none_or(|end| begin < end));
        other.meta.id != grid.meta.id && other.kind == grid.kind && after && before
    })
    .map(|other| Grid::clone(other))
    .collect()
}

fn fault(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Refused {
    Refused::Faults(vec![Fault::new(0, code, zh, en)])
}

fn refused(error: EditError) -> Refused {
    let code = match error {
        EditError::NotThrough => "not_through",
        EditError::ManyParts { .. } => "many_parts",
        EditError::TooSmall { .. } => "too_small",
        EditError::NotAdjacent => "not_adjacent",
        EditError::Overlap { .. } => "overlap",
        EditError::Gap { .. } => "gap",
        _ => "bad_shape",
    };
    fault(code, error.zh(), error.en())
}
