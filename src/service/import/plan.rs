use super::category::Categories;
use super::key::Keys;
use super::{Batch, ImportOptions, Numbered, Rejection, Rows, Summary};
use crate::index::{Collection, Snapshot, round_e7};
use crate::model::{ChangeSet, Entity, ExtraColumn, Incident, LayerName, MAX_EXTRA_COLUMNS};

/// Compares a batch with what is there: the changes that would take it in, and
/// what to tell the user.
pub fn plan(snapshot: &Snapshot, batch: Batch, options: &ImportOptions) -> (ChangeSet, Summary) {
    let layer = batch.rows.layer();
    let report = batch.report;
    let mut summary = Summary {
        layer,
        read: batch.rows.len() as u64 + report.rejected,
        accepted: 0,
        rejected: report.rejected,
        new: 0,
        updated: 0,
        unchanged: 0,
        unplaced: 0,
        masked: report.masked,
        dropped_columns: report.dropped_columns,
        problems: report.problems,
        new_categories: Vec::new(),
        stored: false,
        revision: snapshot.revision,
    };
    let mut changes = ChangeSet::default();
    keep_columns(
        snapshot,
        layer,
        report.extra_columns,
        &mut changes,
        &mut summary,
    );
    let mut sorter = Sorter {
        options,
        keys: Keys::default(),
        summary,
    };
    let name = layer.as_str();
    match batch.rows {
        Rows::Grids(rows) => {
            changes.grids.put = sorter.sort(rows, |_| name, by_key(&snapshot.grids));
        }
        Rows::Compounds(rows) => {
            changes.compounds.put = sorter.sort(rows, |_| name, by_key(&snapshot.compounds));
        }
        Rows::Streets(rows) => {
            changes.streets.put = sorter.sort(rows, |_| name, by_key(&snapshot.streets));
        }
        Rows::Routes(rows) => {
            changes.routes.put = sorter.sort(rows, |_| name, by_key(&snapshot.routes));
        }
        Rows::Incidents(rows) => plan_incidents(snapshot, rows, &mut sorter, &mut changes),
    }
    let mut summary = sorter.summary;
    summary.problems.sort_by_key(|problem| problem.row);
    (changes, summary)
}

fn plan_incidents(
    snapshot: &Snapshot,
    mut rows: Vec<Numbered<Incident>>,
    sorter: &mut Sorter<'_>,
    changes: &mut ChangeSet,
) {
    let mut categories = Categories::new(&snapshot.categories);
    for row in &mut rows {
        // The index keeps 1e-7 degrees; store and index must agree.
        row.item.at = row.item.at.map(round_e7);
        categories.resolve(&mut row.item);
    }
    (sorter.summary.new_categories, changes.categories) = categories.finish();
    let index = snapshot.incidents.key_index();
    let find = |item: &Incident| {
        let found = index.get(&item.meta.source, &item.meta.source_id)?;
        Some(found.to_incident())
    };
    changes.incidents.put = sorter.sort(rows, |item| item.kind.as_str(), find);
}

fn by_key<T: Entity>(collection: &Collection<T>) -> impl Fn(&T) -> Option<T> {
    |item| {
        let found = collection.by_key(&item.meta().source, &item.meta().source_id)?;
        Some(T::clone(found))
    }
}

/// Sorts rows into new, updated, unchanged and refused ones.
struct Sorter<'o> {
    options: &'o ImportOptions,
    keys: Keys,
    summary: Summary,
}

impl Sorter<'_> {
    fn sort<T: Entity + serde::Serialize>(
        &mut self,
        rows: Vec<Numbered<T>>,
        source: impl Fn(&T) -> &'static str,
        find: impl Fn(&T) -> Option<T>,
    ) -> Vec<T> {
        let mut put = Vec::with_capacity(rows.len());
        for Numbered { row, mut item } in rows {
            let default = self.options.source.as_deref();
            let default = default.unwrap_or_else(|| source(&item)).to_owned();
            let assigned = self
                .keys
                .assign(&mut item, &default, self.options.keep_repeats);
            if let Err(id) = assigned {
                self.refuse_repeat(row, &id);
                continue;
            }
            self.summary.accepted += 1;
            self.summary.unplaced += u64::from(item.geometry().is_none());
            match find(&item) {
                None => self.summary.new += 1,
                Some(old) if old.same_content(&item) => {
                    self.summary.unchanged += 1;
                    continue;
                }
                Some(old) => {
                    self.summary.updated += 1;
                    item.meta_mut().id = old.meta().id;
                }
            }
            put.push(item);
        }
        put
    }

    fn refuse_repeat(&mut self, row: u64, id: &str) {
        self.summary.rejected += 1;
        self.summary.problems.push(Rejection {
            row,
            column: None,
            code: "duplicate_id".to_owned(),
            reason: format!(
                "the id `{id}` is in an earlier row of this file; --repeat keep stores both"
            ),
        });
    }
}

/// Adds the batch's extra columns to the layer's list, up to its limit.
fn keep_columns(
    snapshot: &Snapshot,
    layer: LayerName,
    wanted: Vec<ExtraColumn>,
    changes: &mut ChangeSet,
    summary: &mut Summary,
) {
    let mut district = (*snapshot.district).clone();
    let columns = &mut district.extra_columns[layer.slot()];
    let before = columns.len();
    for column in wanted {
        if columns.iter().any(|known| known.name == column.name) {
            continue;
        }
        if columns.len() == MAX_EXTRA_COLUMNS {
            summary.problems.push(Rejection {
                row: 0,
                column: Some(column.name.clone()),
                code: "too_many_columns".to_owned(),
                reason: format!(
                    "`{}` is kept with its rows but not listed: a layer has at most {MAX_EXTRA_COLUMNS} extra columns",
                    column.name
                ),
            });
            continue;
        }
        columns.push(column);
    }
    if columns.len() > before {
        changes.district = Some(district);
    }
}
