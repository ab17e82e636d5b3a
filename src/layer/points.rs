//! Single incidents in tiles.
//!
//! Of the tags of an incident only the time is its own. The others follow from
//! its profile and its grid, so they are encoded once for each of these, not
//! once for each incident.

use std::ops::Range;

use super::Request;
use super::tags::{tag, tile_value};
use crate::index::{Part, Row, Snapshot};
use crate::model::Scope;
use crate::tile::{Key, LayerWriter, Tag, Value, Values, WorldBox};

const BUILT_IN: [&str; 6] = ["kind", "category", "occurred_at", "found", "status", "grid"];

/// The incidents of `area` that the request selects and `place` puts into the
/// tile.
pub(super) fn points(
    snapshot: &Snapshot,
    scope: &Scope,
    request: &Request<'_>,
    area: &WorldBox,
    mut place: impl FnMut(Row<'_>) -> Option<[i32; 2]>,
) -> Vec<u8> {
    let values = Values::new();
    let mut writer = LayerWriter::new("incidents", &values);
    let [kind, category, occurred_at, found, status, grid] = BUILT_IN.map(|f| writer.key(f));
    let more: Vec<(Key, &str)> = request
        .fields
        .iter()
        .filter(|f| !BUILT_IN.contains(&f.as_str()))
        .map(|f| (writer.key(f), f.as_str()))
        .collect();
    let mut shared = Shared::new([kind, category, found, status], grid);
    let selection = request.filter.compile(snapshot, scope);
    selection.visit_in(area, |row| {
        let Some(at) = place(row) else {
            return;
        };
        let prepared = shared.of(&mut writer, snapshot, request, row);
        let id = u64::try_from(row.id().0).ok();
        let time = (occurred_at, Tag::Int(row.occurred_at().0));
        if more.is_empty() {
            writer.point_like(id, at, prepared, &[time]);
            return;
        }
        let further: Vec<(Key, Value)> = more
            .iter()
            .filter_map(|(key, name)| tile_value(row.value(name)).map(|v| (*key, v)))
            .collect();
        let mut tags = vec![time];
        tags.extend(further.iter().map(|(key, value)| (*key, tag(value))));
        writer.point_like(id, at, prepared, &tags);
    });
    writer.finish()
}

/// Encoded tags of one tile that many incidents share.
struct Shared {
    keys: [Key; 4],
    grid_key: Key,
    /// Address of the part that `profiles` and `grid` are of.
    part: usize,
    profiles: Vec<Option<Range<usize>>>,
    profile_tags: Vec<u8>,
    /// The place of the last incident: in Morton order neighbors follow one
    /// another, mostly in the same grid.
    place: Option<u16>,
    grid_tags: Vec<u8>,
}

impl Shared {
    fn new(keys: [Key; 4], grid_key: Key) -> Shared {
        Shared {
            keys,
            grid_key,
            part: 0,
            profiles: Vec::new(),
            profile_tags: Vec::new(),
            place: None,
            grid_tags: Vec::new(),
        }
    }

    /// The tags of a row's profile, and of its grid.
    fn of(
        &mut self,
        writer: &mut LayerWriter<'_>,
        snapshot: &Snapshot,
        request: &Request<'_>,
        row: Row<'_>,
    ) -> [&[u8]; 2] {
        let part = row.part();
        let address = std::ptr::from_ref::<Part>(part).addr();
        if self.part != address {
            self.part = address;
            self.profiles.clear();
            self.profiles.resize(part.profiles().len(), None);
            self.profile_tags.clear();
            self.place = None;
        }
        let place = part.place_slots()[row.index()];
        if self.place != Some(place) {
            self.place = Some(place);
            self.grid_tags.clear();
            if let Some(slot) = row.basic_grid(request.filter.grids_of) {
                let code = Tag::Text(&snapshot.grids.get(slot).code);
                writer.prepare(&[(self.grid_key, code)], &mut self.grid_tags);
            }
        }
        let slot = usize::from(part.profile_slots()[row.index()]);
        let range = match &self.profiles[slot] {
            Some(range) => range.clone(),
            None => self.profile(writer, row, slot),
        };
        [&self.profile_tags[range], &self.grid_tags]
    }

    fn profile(&mut self, writer: &mut LayerWriter<'_>, row: Row<'_>, slot: usize) -> Range<usize> {
        let profile = row.profile();
        let words = [
            profile.kind.as_str(),
            &profile.category,
            profile.found_by.as_str(),
            &profile.status,
        ];
        let tags = self.keys.into_iter().zip(words);
        let start = self.profile_tags.len();
        for (key, word) in tags.filter(|(_, word)| !word.is_empty()) {
            writer.prepare(&[(key, Tag::Text(word))], &mut self.profile_tags);
        }
        let range = start..self.profile_tags.len();
        self.profiles[slot] = Some(range.clone());
        range
    }
}
