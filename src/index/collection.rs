//! A layer of things that are not numerous: by id, by key, by code, by place.

use std::collections::HashMap;
use std::sync::Arc;

use geo::BoundingRect;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::model::{Entity, FeatureId, LayerChanges, Value};
use crate::tile::Bounds;

/// An envelope in degrees with the slot it belongs to. No geometry types:
/// the tree must not tie us to the R-tree that the geometry library uses.
type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// Rows of one layer with their look-up tables; never changes.
///
/// A *slot* is a position in [`Collection::items`]. Items are ordered by
/// (code, id), so of two grids the one with the lower code has the lower slot.
#[derive(Debug)]
pub struct Collection<T> {
    items: Vec<Arc<T>>,
    bounds: Vec<Option<Bounds>>,
    by_id: HashMap<FeatureId, u32>,
    by_key: HashMap<(String, String), u32>,
    by_code: HashMap<String, Vec<u32>>,
    tree: RTree<Entry>,
    extent: Option<Bounds>,
}

impl<T: Entity> Default for Collection<T> {
    fn default() -> Self {
        Collection::new(Vec::new())
    }
}

impl<T: Entity> Collection<T> {
    /// Indexes rows. Rows without a stored id are left out; of two rows with
    /// one id the last stays.
    pub fn new(rows: Vec<T>) -> Collection<T> {
        Collection::from_shared(rows.into_iter().map(Arc::new))
    }

    fn from_shared(rows: impl Iterator<Item = Arc<T>>) -> Collection<T> {
        let mut unique: HashMap<FeatureId, Arc<T>> = HashMap::new();
        for row in rows.filter(|row| row.meta().id.0 > 0) {
            unique.insert(row.meta().id, row);
        }
        let mut coded: Vec<(String, Arc<T>)> = unique
            .into_values()
            .map(|row| (code_of(row.as_ref()), row))
            .collect();
        coded.sort_by(|a, b| (&a.0, a.1.meta().id).cmp(&(&b.0, b.1.meta().id)));
        let mut collection = Collection {
            items: Vec::with_capacity(coded.len()),
            bounds: Vec::with_capacity(coded.len()),
            by_id: HashMap::with_capacity(coded.len()),
            by_key: HashMap::with_capacity(coded.len()),
            by_code: HashMap::new(),
            tree: RTree::new(),
            extent: None,
        };
        let mut entries = Vec::with_capacity(coded.len());
        for (slot, (code, row)) in (0_u32..).zip(coded) {
            let meta = row.meta();
            collection.by_id.insert(meta.id, slot);
            let key = (meta.source.clone(), meta.source_id.clone());
            collection.by_key.insert(key, slot);
            if !code.is_empty() {
                collection.by_code.entry(code).or_default().push(slot);
            }
            let bounds = bounds_of(row.as_ref());
            if let Some(b) = bounds {
                let corners = Rectangle::from_corners([b.west, b.south], [b.east, b.north]);
                entries.push(Entry::new(corners, slot));
                collection.extent = Some(union(collection.extent, b));
            }
            collection.bounds.push(bounds);
            collection.items.push(row);
        }
        collection.tree = RTree::bulk_load(entries);
        collection
    }

    /// The collection after some changes; rows that stay are shared.
    pub fn apply(&self, changes: &LayerChanges<T>) -> Collection<T> {
        let kept = self
            .items
            .iter()
            .filter(|row| !changes.replace && !changes.delete.contains(&row.meta().id));
        let put = changes.put.iter().map(|row| Arc::new(row.clone()));
        Collection::from_shared(kept.map(Arc::clone).chain(put))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All rows in slot order.
    pub fn items(&self) -> &[Arc<T>] {
        &self.items
    }

    /// The row at a slot that this collection gave out.
    pub fn get(&self, slot: u32) -> &Arc<T> {
        &self.items[slot as usize]
    }

    /// The slot of a row.
    pub fn slot_of(&self, id: FeatureId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// A row by its id.
    pub fn by_id(&self, id: FeatureId) -> Option<&Arc<T>> {
        self.slot_of(id).map(|slot| self.get(slot))
    }

    /// A row by where it came from.
    pub fn by_key(&self, source: &str, source_id: &str) -> Option<&Arc<T>> {
        let key = (source.to_owned(), source_id.to_owned());
        self.by_key.get(&key).map(|&slot| self.get(slot))
    }

    /// The slots with a code, ascending: grids keep theirs over the years.
    pub fn by_code(&self, code: &str) -> &[u32] {
        self.by_code.get(code).map_or(&[], Vec::as_slice)
    }

    /// The envelope of a row; `None` if it has no place.
    pub fn bounds(&self, slot: u32) -> Option<Bounds> {
        self.bounds[slot as usize]
    }

    /// The envelope of all rows.
    pub fn extent(&self) -> Option<Bounds> {
        self.extent
    }

    /// Slots whose envelope meets a box, edges included, ascending. They are
    /// candidates: the exact test is the caller's.
    pub fn touching(&self, area: &Bounds) -> Vec<u32> {
        let window = AABB::from_corners([area.west, area.south], [area.east, area.north]);
        let hits = self.tree.locate_in_envelope_intersecting(window);
        let mut slots: Vec<u32> = hits.map(|entry| entry.data).collect();
        slots.sort_unstable();
        slots
    }
}

/// The code that a layer's rows have, or nothing.
fn code_of<T: Entity>(row: &T) -> String {
    match row.value("code") {
        Value::Text(code) if T::fields().iter().any(|field| field.name == "code") => code,
        _ => String::new(),
    }
}

/// The envelope of a row in degrees.
pub(super) fn bounds_of<T: Entity>(row: &T) -> Option<Bounds> {
    let rect = row.geometry()?.bounding_rect()?;
    let bounds = Bounds {
        west: rect.min().x,
        south: rect.min().y,
        east: rect.max().x,
        north: rect.max().y,
    };
    let sides = [bounds.west, bounds.south, bounds.east, bounds.north];
    sides.iter().all(|side| side.is_finite()).then_some(bounds)
}

/// The envelope of an envelope, if any, and another.
pub(super) fn union(a: Option<Bounds>, b: Bounds) -> Bounds {
    a.map_or(b, |a| Bounds {
        west: a.west.min(b.west),
        south: a.south.min(b.south),
        east: a.east.max(b.east),
        north: a.north.max(b.north),
    })
}
