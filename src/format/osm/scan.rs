//! Going through an extract, and the places of its points.

use std::io::Cursor;

use geo::Coord;
use osmpbf::{BlobDecode, BlobReader, Element, TagIter};

use super::damaged;
use crate::format::fault::Fault;
use crate::format::problem::FileError;

/// The most points that may be needed: 240 MB while they are collected.
const MAX_POINTS: usize = 10_000_000;
/// Degrees of a unit.
const UNIT: f64 = 1e-7;

/// Calls `visit` for every element, in the order of the file.
///
/// # Errors
/// When a block cannot be read.
pub(super) fn each(
    bytes: &[u8],
    mut visit: impl FnMut(Element<'_>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut blocks = 0;
    for blob in BlobReader::new(Cursor::new(bytes)) {
        blocks += 1;
        let blob = blob.map_err(|e| damaged(&e))?;
        if let BlobDecode::OsmData(block) = blob.decode().map_err(|e| damaged(&e))? {
            let mut outcome = Ok(());
            block.for_each_element(|element| {
                if outcome.is_ok() {
                    outcome = visit(element);
                }
            });
            outcome?;
        }
    }
    if blocks == 0 {
        return Err(damaged(&"no blocks"));
    }
    Ok(())
}

/// A way: its points by number, and what it is called.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) id: i64,
    pub(super) points: Vec<i64>,
}

/// The value of a tag.
pub(super) fn tag<'a>(tags: TagIter<'a>, key: &str) -> Option<&'a str> {
    let mut tags = tags;
    tags.find(|(k, _)| *k == key).map(|(_, value)| value)
}

/// The Chinese name, else the name.
pub(super) fn name(tags: TagIter<'_>) -> String {
    let mut plain = None;
    for (key, value) in tags {
        match key {
            "name:zh" | "name:zh-Hans" => return clean(value),
            "name" => plain = Some(value),
            _ => {}
        }
    }
    plain.map(clean).unwrap_or_default()
}

fn clean(name: &str) -> String {
    crate::format::text::clean(name, crate::format::text::MAX_NAME).unwrap_or_default()
}

/// The places of numbered points.
pub(super) struct Places {
    ids: Vec<i64>,
    /// 1e-7 degrees; [`MISSING`] where the file has no such point.
    at: Vec<[i32; 2]>,
}

const MISSING: [i32; 2] = [i32::MIN, i32::MIN];

impl Places {
    /// Looks up the points of some ways.
    ///
    /// # Errors
    /// When there are more than are read, or the file is damaged.
    pub(super) fn of(bytes: &[u8], ids: Vec<i64>) -> Result<Self, FileError> {
        let mut ids = ids;
        ids.sort_unstable();
        ids.dedup();
        let mut places = Self {
            at: vec![MISSING; ids.len()],
            ids,
        };
        each(bytes, |element| {
            let (id, x, y) = match &element {
                Element::Node(n) => (n.id(), n.decimicro_lon(), n.decimicro_lat()),
                Element::DenseNode(n) => (n.id(), n.decimicro_lon(), n.decimicro_lat()),
                _ => return Ok(()),
            };
            if let Ok(slot) = places.ids.binary_search(&id) {
                places.at[slot] = [x, y];
            }
            Ok(())
        })?;
        Ok(places)
    }

    /// The place of a point; `None` if the file does not have it.
    pub(super) fn get(&self, id: i64) -> Option<Coord> {
        let at = self.at[self.ids.binary_search(&id).ok()?];
        (at != MISSING).then(|| Coord {
            x: f64::from(at[0]) * UNIT,
            y: f64::from(at[1]) * UNIT,
        })
    }

    /// The places of a row of points, without repeats; `None` if one is
    /// missing or off the globe.
    pub(super) fn line(&self, points: &[i64]) -> Option<Vec<Coord>> {
        let mut out = Vec::with_capacity(points.len());
        for point in points {
            let at = self.get(*point)?;
            if at.x.abs() > 180.0 || at.y.abs() > 90.0 {
                return None;
            }
            if out.last() != Some(&at) {
                out.push(at);
            }
        }
        Some(out)
    }
}

impl Places {
    /// The stretches of a way whose points the file has, of two places or
    /// more: extracts cut the ways at their edge.
    pub(super) fn stretches(&self, points: &[i64]) -> Vec<Vec<Coord>> {
        points
            .split(|p| self.get(*p).is_none())
            .filter_map(|run| self.line(run))
            .filter(|line| line.len() > 1)
            .collect()
    }
}

/// Sees that not too many points are asked for.
///
/// # Errors
/// Once they are more than are read.
pub(super) fn enough(points: usize) -> Result<(), FileError> {
    if points > MAX_POINTS {
        return Err(Fault::OsmTooLarge {
            most_million: MAX_POINTS / 1_000_000,
        }
        .of_file());
    }
    Ok(())
}
