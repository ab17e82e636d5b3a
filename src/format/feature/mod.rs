//! One feature that a person typed or drew, as GeoJSON: read through the same
//! door as a row of a file, and stricter where a file may be guessed at. A
//! word that is not known is refused, not replaced.

use super::entity::Draft;
use super::geojson;
use super::geometry::Door;
use super::json::Json;
use super::mapping::Mapping;
use super::options::{Items, Options};
use super::personal::{
    MaskCounts, is_personal_cell, is_personal_header, looks_like_name, mask_text,
};
use super::problem::{Code, Problem, Refusal, Severity, quote};
use super::reason::Reason;
use super::row::{Context, Learned, Learning, Row};
use super::table::Table;
use crate::crs::{Crs, Transformer};
use crate::model::{
    Compound, Entity, ExtraColumn, ExtraType, Grid, Incident, LayerName, Route, Street, Timestamp,
    Value,
};

/// Properties that answers carry and that nobody can set.
const DERIVED: &[&str] = &["grid", "special_grid", "etag"];

/// A feature as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// Exactly one row. Its source and source id are empty where the feature
    /// names none.
    pub item: Items,
    /// What was masked in its texts.
    pub masked: MaskCounts,
    /// Repairs that lose nothing, such as a ring that was open.
    pub notes: Vec<Problem>,
}

/// Reads one GeoJSON feature in WGS84 as a row of a layer.
///
/// `options` gives the category tree and the clock, `extra` the extra columns
/// of the layer. `current` is the row that the feature replaces: what it says
/// already is taken as it is.
///
/// # Errors
/// For the first thing that cannot be stored: a property that the layer does
/// not have or that is about persons, a value or word that cannot be read, a
/// geometry that the layer cannot have.
pub fn read_feature(
    layer: LayerName,
    feature: &serde_json::Value,
    options: &Options,
    extra: &[ExtraColumn],
    current: Option<&Items>,
) -> Result<Typed, Problem> {
    let read = match layer {
        LayerName::Grids => read::<Grid>(feature, options, extra, current, Items::Grids),
        LayerName::Compounds => {
            read::<Compound>(feature, options, extra, current, Items::Compounds)
        }
        LayerName::Streets => read::<Street>(feature, options, extra, current, Items::Streets),
        LayerName::Routes => read::<Route>(feature, options, extra, current, Items::Routes),
        LayerName::Incidents => {
            read::<Incident>(feature, options, extra, current, Items::Incidents)
        }
    };
    read.map_err(|refusal| Problem {
        row: None,
        ..refusal.on_row(0, Severity::Rejected)
    })
}

/// A key that some object of a JSON text has twice. Readers differ in which
/// one wins, so nothing is stored from such a text.
pub fn doubled_key(json: &[u8]) -> Option<String> {
    fn find(json: &Json) -> Option<String> {
        if let Some(key) = json.doubled_key() {
            return Some(quote(key));
        }
        match json {
            Json::List(items) => items.iter().find_map(find),
            Json::Object(members) => members.iter().find_map(|(_, value)| find(value)),
            _ => None,
        }
    }
    serde_json::from_slice::<Json>(json)
        .ok()
        .as_ref()
        .and_then(find)
}

fn read<T: TypedDraft>(
    feature: &serde_json::Value,
    options: &Options,
    extra: &[ExtraColumn],
    current: Option<&Items>,
    wrap: fn(Vec<T>) -> Items,
) -> Result<Typed, Refusal> {
    let current = current.and_then(T::of);
    let extra = &columns_of(extra, current);
    let json: Json = serde_json::from_value(feature.clone()).map_err(|e| {
        let cause = e.to_string();
        Refusal::new(Code::JsonSyntax, Reason::JsonSyntax { cause })
    })?;
    check_names::<T>(&json, extra)?;
    let table = geojson::one(&json)?;
    let mapping = Mapping::exact(table.columns(), &settable::<T>(), extra);
    let transformer = Transformer::new(Crs::Wgs84)
        .map_err(|cause| Refusal::new(Code::Crs, Reason::Crs { cause }))?;
    let context = Context {
        options,
        mapping: &mapping,
        columns: table.columns(),
        door: Door::new(transformer, false),
        has_shapes: true,
    };
    let mut learned = Learned::default();
    let mut result = Err(Refusal::new(Code::NotGeojson, Reason::NotAFeature));
    table.visit(&mut |record| {
        let mut learning = Learning::Now(&mut learned);
        let mut row = Row::new(&record, &context, &mut learning);
        result = one_row::<T>(&mut row, current);
        false
    });
    let (item, masked, notes) = result?;
    Ok(Typed {
        item: wrap(vec![item]),
        masked,
        notes,
    })
}

type OneRow<T> = (T, MaskCounts, Vec<Problem>);

fn one_row<T: TypedDraft>(
    row: &mut Row<'_, '_, '_>,
    current: Option<&T>,
) -> Result<OneRow<T>, Refusal> {
    if let Some(refusal) = &row.record.refusal {
        return Err(refusal.clone());
    }
    let mut item = T::read(row)?;
    // In a file an unknown word is told and the default stands; a person who
    // types can say it right at once.
    let strict = |note: &Refusal| match note.code {
        Code::BadValue => note.column.as_ref().is_some_and(|column| {
            let slot = row.context.columns.iter().position(|name| name == column);
            slot.is_some_and(|slot| !row.record.cells[slot].trim().is_empty())
        }),
        Code::TimeFuture => true,
        _ => false,
    };
    if let Some(slot) = row.warnings.iter().position(strict) {
        return Err(row.warnings.swap_remove(slot));
    }
    item.settle(row, current)?;
    let columns: Vec<&str> = current.map_or_else(Vec::new, |now| {
        now.meta()
            .extra
            .iter()
            .map(|(name, _)| name.as_str())
            .collect()
    });
    // JSON keeps no order; the row's own stays.
    let place = |name: &str| columns.iter().position(|known| *known == name);
    let unknown = columns.len();
    item.meta_mut()
        .extra
        .sort_by_key(|(name, _)| place(name).unwrap_or(unknown));
    let typed = |field: &str| row.cell(field).is_some();
    let named_source = typed("source");
    let named_id = row.cell("id").map(|id| id.trim().to_owned());
    let meta = item.meta_mut();
    match named_id {
        None => meta.source_id.clear(),
        // What it had is sent back.
        Some(id) if current.is_some_and(|now| now.meta().source_id == id) => meta.source_id = id,
        Some(id) if is_personal_cell(&id) => {
            let id = quote(&id);
            return Err(row.refuse("id", Code::PiiColumn, Reason::PersonalId { id }));
        }
        Some(_) => {}
    }
    if !named_source {
        meta.source.clear();
    }
    let mut masked = MaskCounts::default();
    for kind in row.masked.drain(..) {
        masked.add(kind);
    }
    let notes = row.repairs.drain(..);
    let notes = notes.map(|note| Problem {
        row: None,
        ..note.on_row(0, Severity::Repaired)
    });
    Ok((item, masked, notes.collect()))
}

/// The extra columns of the layer, and those that the row has beyond them.
fn columns_of<T: Entity>(extra: &[ExtraColumn], current: Option<&T>) -> Vec<ExtraColumn> {
    let mut columns = extra.to_vec();
    for (name, value) in current.map_or(&[][..], |now| &now.meta().extra) {
        if !columns.iter().any(|column| column.name == *name) {
            columns.push(ExtraColumn {
                name: name.clone(),
                extra_type: match value {
                    Value::Number(_) | Value::Integer(_) => ExtraType::Number,
                    Value::Date(_) => ExtraType::Date,
                    _ => ExtraType::Text,
                },
            });
        }
    }
    columns
}

/// Properties of a layer that can be set, with the field that reads each.
fn settable<T: Entity>() -> Vec<(&'static str, &'static str)> {
    let own = T::fields().iter().map(|field| match field.name {
        "source_id" => ("source_id", "id"),
        name => (name, name),
    });
    let gates = (T::LAYER == LayerName::Compounds).then_some(("gates", "gates"));
    own.chain(gates).collect()
}

/// Refuses properties that the layer does not have; those about persons with
/// a sentence of their own.
fn check_names<T: Entity>(json: &Json, extra: &[ExtraColumn]) -> Result<(), Refusal> {
    let Some(Json::Object(members)) = json.get("properties") else {
        return Ok(());
    };
    let settable = settable::<T>();
    for (name, value) in members {
        let known = settable.iter().any(|(known, _)| known == name)
            || extra.iter().any(|column| column.name == *name)
            || DERIVED.contains(&name.as_str());
        if known {
            continue;
        }
        if is_personal_header(name) || is_personal_cell(&value.cell()) {
            return Err(Refusal::new(
                Code::PiiColumn,
                Reason::PersonalProperty { name: quote(name) },
            )
            .at(name));
        }
        return Err(Refusal::new(
            Code::Mapping,
            Reason::NoProperty {
                name: quote(name),
                layer: T::LAYER,
            },
        )
        .at(name));
    }
    Ok(())
}

/// What a layer asks of typed rows beyond what it asks of files.
trait TypedDraft: Draft {
    /// The row among the items.
    fn of(items: &Items) -> Option<&Self>;

    /// Checks and settles what only one typed row can.
    fn settle(&mut self, _: &Row<'_, '_, '_>, _: Option<&Self>) -> Result<(), Refusal> {
        Ok(())
    }

    /// Places beside its shape, by the name of their property.
    fn places(&self) -> Option<(&'static str, serde_json::Value)> {
        None
    }
}

macro_rules! of {
    ($variant:ident) => {
        fn of(items: &Items) -> Option<&Self> {
            match items {
                Items::$variant(rows) => rows.first(),
                _ => None,
            }
        }
    };
}

impl TypedDraft for Grid {
    of!(Grids);

    fn settle(&mut self, row: &Row<'_, '_, '_>, current: Option<&Self>) -> Result<(), Refusal> {
        // A captain's post is kept, a captain's name is not.
        if looks_like_name(&self.post) && current.is_none_or(|now| now.post != self.post) {
            return Err(row.refuse("post", Code::PiiColumn, Reason::NameForPost));
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to < from
        {
            let reason = Reason::EndsBeforeItBegins {
                from: from.to_string(),
                to: to.to_string(),
            };
            return Err(row.refuse("valid_to", Code::BadValue, reason));
        }
        Ok(())
    }
}

impl TypedDraft for Compound {
    of!(Compounds);

    fn places(&self) -> Option<(&'static str, serde_json::Value)> {
        Some(("gates", gates_json(self)))
    }
}

impl TypedDraft for Street {
    of!(Streets);
}

impl TypedDraft for Route {
    of!(Routes);

    fn places(&self) -> Option<(&'static str, serde_json::Value)> {
        Some(("checkpoints", checkpoints_json(self)))
    }
}

impl TypedDraft for Incident {
    of!(Incidents);

    fn settle(&mut self, row: &Row<'_, '_, '_>, current: Option<&Self>) -> Result<(), Refusal> {
        settle_category(self, row, current)?;
        if self.date_only && current.is_none_or(|now| now.occurred_at != self.occurred_at) {
            // Only the day is known: it stands at its local midnight.
            let midnight = Timestamp::from_local_date(self.occurred_at.local_date());
            self.occurred_at = midnight.unwrap_or(self.occurred_at);
        }
        Ok(())
    }
}

/// Checks the category of an incident: a file may add to the tree, a form may
/// not.
fn settle_category(
    incident: &mut Incident,
    row: &Row<'_, '_, '_>,
    current: Option<&Incident>,
) -> Result<(), Refusal> {
    let word = row.cell("category").unwrap_or_default();
    let tree = &row.context.options.categories;
    // A code that the tree has lost stays on rows that have it.
    let kept = current.is_some_and(|now| now.kind == incident.kind && now.category == word);
    let listed = tree
        .get(&word)
        .is_some_and(|item| item.kind == incident.kind);
    if kept || listed {
        // A code may be spelled like its kind, which a file means by it.
        incident.category = word.into_owned();
        return Ok(());
    }
    if row.learning.known().new_categories.is_empty() {
        return Ok(());
    }
    let reason = match tree.find(&word, None) {
        Some(category) => Reason::CategoryOfOther {
            word: quote(&word),
            other: category.kind,
            kind: incident.kind,
        },
        None => Reason::NoCategory { word: quote(&word) },
    };
    Err(row.refuse("category", Code::BadValue, reason))
}

/// Whether a short text that a person typed says nothing about persons: no
/// number or plate, no name after a role, and no name alone.
pub fn is_impersonal(text: &str) -> bool {
    mask_text(text).1.is_empty() && !is_personal_cell(text) && !looks_like_name(text)
}

/// One row as the GeoJSON that [`read_feature`] reads back: every property that
/// can be set, nothing derived.
pub fn feature_json(item: &Items) -> serde_json::Value {
    match item {
        Items::Grids(rows) => one_json(rows.first()),
        Items::Compounds(rows) => one_json(rows.first()),
        Items::Streets(rows) => one_json(rows.first()),
        Items::Routes(rows) => one_json(rows.first()),
        Items::Incidents(rows) => one_json(rows.first()),
    }
}

fn one_json<T: TypedDraft>(row: Option<&T>) -> serde_json::Value {
    let Some(row) = row else {
        return serde_json::Value::Null;
    };
    let own = T::fields().iter();
    let own = own.map(|field| (field.name.to_owned(), row.value(field.name).to_json()));
    let mut properties: serde_json::Map<_, _> = own.collect();
    if let Some((name, places)) = row.places() {
        properties.insert(name.to_owned(), places);
    }
    for (name, value) in &row.meta().extra {
        let value = || value.to_json();
        properties.entry(name.clone()).or_insert_with(value);
    }
    let shape = row.geometry();
    serde_json::json!({
        "type": "Feature",
        "id": row.meta().id,
        "geometry": shape.map(|shape| ::geojson::Geometry::from(&shape)),
        "properties": properties,
    })
}

/// `[[lon, lat], …]`.
pub fn gates_json(compound: &Compound) -> serde_json::Value {
    let gates: Vec<[f64; 2]> = compound.gates.iter().map(|at| [at.x, at.y]).collect();
    serde_json::json!(gates)
}

/// `[{"name", "lon", "lat"}, …]` in order.
pub fn checkpoints_json(route: &Route) -> serde_json::Value {
    let stops = route.checkpoints.iter();
    stops
        .map(|stop| serde_json::json!({"name": stop.name, "lon": stop.at.x, "lat": stop.at.y}))
        .collect()
}

#[cfg(test)]
mod tests;
