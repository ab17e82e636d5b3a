//! Taking a write back: a pure plan from what it touched to the changes that
//! restore what was there before, and the use case around it.
//!
//! A row that was changed again since is not taken back unasked: it is listed,
//! and kept or reverted as the user chooses. Categories and settings that came
//! with the write go with it, unless something else uses or changed them.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Error, Service};
use crate::index::{Collection, Snapshot};
use crate::model::{
    Audit, Category, ChangeSet, Entity, FeatureId, GroundChange, LayerChanges, LayerName, Revision,
};
use crate::store::{Content, Op, Subject, Touched, Write, WriteNote};

/// Rows that a plan names; it counts them all.
const NAMED: usize = 1_000;

/// What to do with rows that were changed again since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edited {
    /// They stay as they are now.
    Keep,
    /// They too become what they were before the write.
    Revert,
}

/// A row of a plan that needs a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoRow {
    /// Its layer.
    pub layer: LayerName,
    /// Its id.
    pub id: FeatureId,
    /// Name, code or id in its source.
    pub name: String,
    /// What the write had done to it.
    pub what: Op,
}

/// What taking back would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UndoPlan {
    /// The changes that restore what was there.
    pub changes: ChangeSet,
    /// Rows that are restored without a question.
    pub rows: u64,
    /// Rows that were changed again since, at most a thousand.
    pub edited_since: Vec<UndoRow>,
    /// All of them.
    pub edited: u64,
    /// Rows that the write had put and that are gone since, at most a thousand.
    pub gone: Vec<UndoRow>,
    /// Rows that are restored.
    pub reverted: u64,
    /// Rows that stay as they are, changed or gone.
    pub kept: u64,
}

/// What taking back brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The state of the map after it.
    pub revision: Revision,
    /// Rows restored.
    pub reverted: u64,
    /// Rows that stay as they are.
    pub kept: u64,
}

/// Why a write is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no such write of this program.
    #[error("there is no write with revision {0}")]
    NoSuchWrite(Revision),
    /// It is taken back already.
    #[error("the write {0} was taken back by {1}")]
    UndoneBefore(Revision, Revision),
    /// It replaced or took away a ground, of which the log keeps no pieces.
    #[error(
        "the write {0} replaced or removed the background; import the file that it should come from again, nothing was taken back"
    )]
    GroundReplaced(Revision),
    /// What the store began with is no import.
    #[error("the write {0} made the store and cannot be taken back")]
    Beginning(Revision),
    /// The store said no.
    #[error(transparent)]
    Service(#[from] Error),
}

impl UndoError {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            UndoError::NoSuchWrite(revision) => format!("没有版本为 {revision} 的写入"),
            UndoError::UndoneBefore(revision, by) => {
                format!("写入 {revision} 已由 {by} 撤销")
            }
            UndoError::GroundReplaced(revision) => {
                format!(
                    "写入 {revision} 替换或删除了底图，旧底图没有保留；请重新导入原来的 .osm.pbf 文件，未撤销任何数据"
                )
            }
            UndoError::Beginning(revision) => {
                format!("写入 {revision} 建立了数据库，不能撤销")
            }
            UndoError::Service(error) => error.zh(),
        }
    }
}

impl From<crate::store::Error> for UndoError {
    fn from(error: crate::store::Error) -> UndoError {
        UndoError::Service(error.into())
    }
}

/// The name of the setting that the facts of the ground are in the log.
const GROUND: &str = "ground";

/// A ground that was replaced or taken away, and is so still: there is nothing
/// to bring back.
fn is_lost_ground(item: &Touched) -> bool {
    item.subject == Subject::Setting(GROUND.to_owned())
        && !item.edited_since
        && item.op != Op::Insert
}

/// Plans to restore what was there before a stretch of changes.
pub fn plan(snapshot: &Snapshot, touched: Vec<Touched>, edited: Edited) -> UndoPlan {
    let mut planner = Planner {
        snapshot,
        edited,
        plan: UndoPlan::default(),
        index: None,
    };
    let mut tables = Vec::new();
    for item in touched {
        match item.subject {
            Subject::Row(layer, id) => planner.row(layer, id, item),
            Subject::Category(_) | Subject::Setting(_) => tables.push(item),
        }
    }
    let mut plan = planner.plan;
    restore_categories(snapshot, &tables, &mut plan.changes);
    for item in tables {
        if let Subject::Setting(name) = item.subject
            && !item.edited_since
        {
            if name == GROUND {
                // The first ground of a store goes as it came; any other was
                // refused before.
                if item.op == Op::Insert {
                    plan.changes.ground = Some(GroundChange::Remove);
                }
                continue;
            }
            let value = match item.before.map(|before| *before) {
                Some(Content::Setting(value)) => value,
                _ => serde_json::Value::Null,
            };
            plan.changes.settings.insert(name, value);
        }
    }
    plan
}

struct Planner<'s> {
    snapshot: &'s Snapshot,
    edited: Edited,
    plan: UndoPlan,
    /// Ids of incidents by key, built when first needed.
    index: Option<crate::index::KeyIndex<'s>>,
}

impl<'s> Planner<'s> {
    fn row(&mut self, layer: LayerName, id: FeatureId, item: Touched) {
        let snapshot = self.snapshot;
        let (edited_since, what) = (item.edited_since, item.op);
        let named = match layer {
            LayerName::Grids => name_in(&snapshot.grids, id),
            LayerName::Compounds => name_in(&snapshot.compounds, id),
            LayerName::Streets => name_in(&snapshot.streets, id),
            LayerName::Routes => name_in(&snapshot.routes, id),
            LayerName::Incidents => {
                let row = snapshot.incidents.by_id(id);
                row.map(|row| row.source_id().to_owned())
            }
        };
        let there = named.is_some();
        let before = item.before.map(|before| *before);
        let taken = before.as_ref().is_some_and(|b| self.key_taken(b, id));
        let entry = || UndoRow {
            layer,
            id,
            name: named
                .or_else(|| before.as_ref().map(name_of))
                .unwrap_or_default(),
            what,
        };
        match (what, there) {
            // It went as it came.
            (Op::Insert, false) => return,
            (Op::Update, false) => {
                let entry = entry();
                if self.plan.gone.len() < NAMED {
                    self.plan.gone.push(entry);
                }
                if self.edited == Edited::Keep || taken {
                    self.plan.kept += 1;
                    return;
                }
            }
            _ if edited_since || taken => {
                let entry = entry();
                self.plan.edited += 1;
                if self.plan.edited_since.len() < NAMED {
                    self.plan.edited_since.push(entry);
                }
                // Another row has its key now: there is no room for it.
                if self.edited == Edited::Keep || taken {
                    self.plan.kept += 1;
                    return;
                }
            }
            _ => self.plan.rows += 1,
        }
        self.plan.reverted += 1;
        match before {
            None => self.delete(layer, id),
            Some(content) => put(&mut self.plan.changes, content),
        }
    }

    /// Another row of the layer has the key that this one would come back with.
    fn key_taken(&mut self, before: &Content, id: FeatureId) -> bool {
        fn other<T: Entity>(all: &Collection<T>, row: &T, id: FeatureId) -> bool {
            let meta = row.meta();
            all.by_key(&meta.source, &meta.source_id)
                .is_some_and(|found| found.meta().id != id)
        }
        let snapshot = self.snapshot;
        match before {
            Content::Grid(row) => other(&snapshot.grids, row, id),
            Content::Compound(row) => other(&snapshot.compounds, row, id),
            Content::Street(row) => other(&snapshot.streets, row, id),
            Content::Route(row) => other(&snapshot.routes, row, id),
            Content::Incident(row) => {
                let index = self
                    .index
                    .get_or_insert_with(|| snapshot.incidents.key_index());
                index
                    .get(&row.meta.source, &row.meta.source_id)
                    .is_some_and(|found| found.id() != id)
            }
            Content::Category(_) | Content::Setting(_) => false,
        }
    }

    fn delete(&mut self, layer: LayerName, id: FeatureId) {
        let changes = &mut self.plan.changes;
        match layer {
            LayerName::Grids => changes.grids.delete.push(id),
            LayerName::Compounds => changes.compounds.delete.push(id),
            LayerName::Streets => changes.streets.delete.push(id),
            LayerName::Routes => changes.routes.delete.push(id),
            LayerName::Incidents => changes.incidents.delete.push(id),
        }
    }
}

fn put(changes: &mut ChangeSet, content: Content) {
    match content {
        Content::Grid(row) => changes.grids.put.push(row),
        Content::Compound(row) => changes.compounds.put.push(row),
        Content::Street(row) => changes.streets.put.push(row),
        Content::Route(row) => changes.routes.put.push(row),
        Content::Incident(row) => changes.incidents.put.push(row),
        // Tables are restored as wholes.
        Content::Category(_) | Content::Setting(_) => {}
    }
}

fn name_in<T: Entity>(all: &Collection<T>, id: FeatureId) -> Option<String> {
    all.by_id(id).map(|row| display(row.as_ref()))
}

fn name_of(content: &Content) -> String {
    match content {
        Content::Grid(row) => display(row),
        Content::Compound(row) => display(row),
        Content::Street(row) => display(row),
        Content::Route(row) => display(row),
        Content::Incident(row) => row.meta.source_id.clone(),
        Content::Category(item) => item.name_zh.clone(),
        Content::Setting(_) => String::new(),
    }
}

/// The first that is not empty of name, code and id in the source.
fn display<T: Entity>(row: &T) -> String {
    ["name", "code", "source_id"]
        .iter()
        .map(|field| row.value(field))
        .find(|value| !value.is_null())
        .map(|value| value.to_string())
        .unwrap_or_default()
}

/// The category tree without what the write brought, where nothing else uses
/// or changed it.
fn restore_categories(snapshot: &Snapshot, tables: &[Touched], changes: &mut ChangeSet) {
    let tree = &snapshot.categories;
    let mut items: Vec<Category> = tree.items().to_vec();
    let used = used_after(snapshot, changes);
    for item in tables.iter().filter(|item| !item.edited_since) {
        let Subject::Category(code) = &item.subject else {
            continue;
        };
        let at = items.iter().position(|known| known.code == *code);
        match (item.before.as_deref(), at) {
            (Some(Content::Category(before)), Some(at)) => items[at] = before.clone(),
            (Some(Content::Category(before)), None) => items.push(before.clone()),
            (_, Some(at)) => {
                let above = items
                    .iter()
                    .any(|other| other.parent.as_ref() == Some(code));
                if !above && !used.contains(code.as_str()) {
                    items.remove(at);
                }
            }
            _ => {}
        }
    }
    if items != tree.items() {
        changes.categories = Some(items.into());
    }
}

/// Codes of categories that incidents have after the changes.
fn used_after<'s>(snapshot: &'s Snapshot, changes: &'s ChangeSet) -> HashSet<&'s str> {
    let LayerChanges { put, delete, .. } = &changes.incidents;
    let gone: HashSet<FeatureId> = delete.iter().copied().collect();
    let gone: HashSet<FeatureId> = gone
        .into_iter()
        .chain(put.iter().map(|row| row.meta.id))
        .collect();
    let stay = snapshot
        .incidents
        .rows()
        .filter(|row| !gone.contains(&row.id()));
    stay.map(crate::index::Row::category)
        .chain(put.iter().map(|row| row.category.as_str()))
        .collect()
}

impl Service {
    /// The write with a revision.
    pub async fn write_note(&self, revision: Revision) -> Result<WriteNote, UndoError> {
        let above = Revision(revision.0.saturating_add(1));
        let notes = self.writes(Some(above), 1).await?;
        notes
            .into_iter()
            .find(|note| note.revision == revision)
            .ok_or(UndoError::NoSuchWrite(revision))
    }

    /// Whether a write can still be taken back. One that was taken back and
    /// brought again lives on in the write that brought it again.
    ///
    /// # Errors
    /// Why not.
    pub fn undoable(note: &WriteNote) -> Result<(), UndoError> {
        if matches!(note.audit.action.as_str(), "create" | "fill") {
            return Err(UndoError::Beginning(note.revision));
        }
        match note.undone_by {
            Some(by) => Err(UndoError::UndoneBefore(note.revision, by)),
            None => Ok(()),
        }
    }

    /// What taking a write back would do.
    ///
    /// # Errors
    /// When there is no such write, or it is taken back already.
    pub async fn plan_undo(
        &self,
        revision: Revision,
        edited: Edited,
    ) -> Result<UndoPlan, UndoError> {
        self.planned(revision, edited).await.map(|(plan, _)| plan)
    }

    async fn planned(
        &self,
        revision: Revision,
        edited: Edited,
    ) -> Result<(UndoPlan, Revision), UndoError> {
        let note = self.write_note(revision).await?;
        Service::undoable(&note)?;
        self.catch_up().await?;
        let snapshot = self.snapshot();
        let touched = self.touched(note.before, note.revision).await?;
        if touched.iter().any(is_lost_ground) {
            return Err(UndoError::GroundReplaced(revision));
        }
        let seen = snapshot.revision;
        let planned = tokio::task::spawn_blocking(move || plan(&snapshot, touched, edited));
        let plan = planned.await.map_err(Error::from)?;
        Ok((plan, seen))
    }

    /// Takes a write back, whole or not at all. Taking that back again
    /// restores the write.
    ///
    /// # Errors
    /// When there is no such write, it is taken back already, or a row was
    /// changed at the same moment; then nothing changes.
    pub async fn undo(
        &self,
        revision: Revision,
        edited: Edited,
        audit: Audit,
    ) -> Result<Undone, UndoError> {
        let _one_at_a_time = self.importing.lock().await;
        let (plan, seen) = self.planned(revision, edited).await?;
        if plan.changes.is_empty() {
            return Ok(Undone {
                revision: seen,
                reverted: 0,
                kept: plan.kept,
            });
        }
        let write = Write {
            unless_changed: rows_of(&plan.changes)
                .map(|(layer, id)| (layer, id, seen))
                .collect(),
            undoes: Some(revision),
            ..Write::by(&audit)
        };
        let applied = self.write(plan.changes, &write).await?;
        Ok(Undone {
            revision: applied.revision,
            reverted: plan.reverted,
            kept: plan.kept,
        })
    }
}

/// The rows that changes name.
fn rows_of(changes: &ChangeSet) -> impl Iterator<Item = (LayerName, FeatureId)> {
    fn ids<T: Entity>(changes: &LayerChanges<T>) -> Vec<(LayerName, FeatureId)> {
        let put = changes.put.iter().map(|row| row.meta().id);
        let all = put.chain(changes.delete.iter().copied());
        all.map(|id| (T::LAYER, id)).collect()
    }
    [
        ids(&changes.grids),
        ids(&changes.compounds),
        ids(&changes.streets),
        ids(&changes.routes),
        ids(&changes.incidents),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Batch, Rows, ServiceOptions};
    use crate::store::GpkgStore;
    use crate::store::tests::{audit, everything, incident, write};
    use std::sync::Arc;

    fn by(action: &str) -> Audit {
        Audit {
            action: action.to_owned(),
            ..audit()
        }
    }

    async fn service(folder: &std::path::Path) -> (Arc<GpkgStore>, Arc<Service>) {
        let store = GpkgStore::open(&folder.join("a.gpkg")).await.unwrap();
        use crate::store::Store as _;
        store.apply(&everything(), &write()).await.unwrap();
        let store = Arc::new(store);
        let shared: Arc<dyn crate::store::Store> = Arc::<GpkgStore>::clone(&store);
        let service = Service::open(shared, ServiceOptions::default())
            .await
            .unwrap();
        (store, service)
    }

    fn batch(rows: Vec<crate::model::Incident>) -> Batch {
        Batch {
            rows: Rows::Incidents(rows),
            new_categories: Vec::new(),
            extra_columns: Vec::new(),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_import_comes_and_goes_without_a_trace() {
        use crate::store::Store as _;
        let folder = tempfile::tempdir().unwrap();
        let (store, service) = service(folder.path()).await;
        let before = store.content_hash().await.unwrap();
        let mut changed = incident("2", 117.5);
        changed.status = "办结".to_owned();
        let mut with = batch(vec![incident("1", 117.3), changed, incident("9", 117.6)]);
        let mut category = service.snapshot().categories.items()[0].clone();
        category.code = "dispute.new".to_owned();
        category.name_zh = "新类".to_owned();
        with.new_categories = vec![category];
        let done = service.import(with, false, by("import")).await.unwrap();
        assert_ne!(store.content_hash().await.unwrap(), before);

        let plan = service
            .plan_undo(done.revision, Edited::Keep)
            .await
            .unwrap();
        assert_eq!((plan.rows, plan.edited), (2, 0), "{plan:?}");
        let undone = service
            .undo(done.revision, Edited::Keep, by("undo"))
            .await
            .unwrap();
        assert_eq!((undone.reverted, undone.kept), (2, 0));
        assert_eq!(store.content_hash().await.unwrap(), before);

        // Once is enough; taking the undo back brings the import again.
        let twice = service.undo(done.revision, Edited::Keep, by("undo")).await;
        assert!(
            matches!(twice, Err(UndoError::UndoneBefore(..))),
            "{twice:?}"
        );
        let again = service
            .undo(undone.revision, Edited::Keep, by("undo"))
            .await
            .unwrap();
        assert_eq!(service.snapshot().incidents.len(), 3);
        let third = service.undo(done.revision, Edited::Keep, by("undo")).await;
        assert!(
            matches!(third, Err(UndoError::UndoneBefore(..))),
            "{third:?}"
        );
        service
            .undo(again.revision, Edited::Keep, by("undo"))
            .await
            .unwrap();
        assert_eq!(store.content_hash().await.unwrap(), before);
        let nothing = service.undo(Revision(1), Edited::Keep, by("undo")).await;
        assert!(matches!(nothing, Err(UndoError::NoSuchWrite(_))));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn rows_edited_since_are_kept_or_reverted_as_told() {
        let folder = tempfile::tempdir().unwrap();
        let (_, service) = service(folder.path()).await;
        let mut changed = incident("2", 117.5);
        changed.status = "办结".to_owned();
        let rows = vec![incident("8", 117.3), incident("9", 117.4), changed];
        let done = service
            .import(batch(rows), false, by("import"))
            .await
            .unwrap();
        let find = |id: &str| {
            let snapshot = service.snapshot();
            let index = snapshot.incidents.key_index();
            let source = incident(id, 0.0).meta.source;
            index.get(&source, id).map(|row| row.to_incident())
        };
        // One new row is edited, the updated one is deleted.
        let mut edited = find("9").unwrap();
        edited.status = "处置中".to_owned();
        let gone = find("2").unwrap().meta.id;
        let changes = ChangeSet {
            incidents: LayerChanges {
                put: vec![edited],
                delete: vec![gone],
                replace: false,
            },
            ..ChangeSet::default()
        };
        service.apply(changes, by("edit")).await.unwrap();

        let plan = service
            .plan_undo(done.revision, Edited::Keep)
            .await
            .unwrap();
        assert_eq!((plan.rows, plan.edited, plan.gone.len()), (1, 1, 1));
        assert_eq!(plan.edited_since[0].name, "9");
        assert_eq!((plan.reverted, plan.kept), (1, 2));
        let all = service
            .plan_undo(done.revision, Edited::Revert)
            .await
            .unwrap();
        assert_eq!((all.reverted, all.kept), (3, 0));

        let undone = service
            .undo(done.revision, Edited::Revert, by("undo"))
            .await
            .unwrap();
        assert_eq!((undone.reverted, undone.kept), (3, 0));
        assert!(find("8").is_none() && find("9").is_none());
        assert_ne!(find("2").unwrap().status, "办结", "as before the import");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_category_that_others_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (_, service) = service(folder.path()).await;
        let mut with = batch(vec![incident("8", 117.3)]);
        let mut category = service.snapshot().categories.items()[0].clone();
        category.code = "dispute.new".to_owned();
        category.name_zh = "新类".to_owned();
        with.new_categories = vec![category];
        let done = service.import(with, false, by("import")).await.unwrap();
        let mut other = incident("9", 117.3);
        other.category = "dispute.new".to_owned();
        service
            .import(batch(vec![other]), false, by("import"))
            .await
            .unwrap();
        service
            .undo(done.revision, Edited::Keep, by("undo"))
            .await
            .unwrap();
        assert!(service.snapshot().categories.get("dispute.new").is_some());
        assert_eq!(service.snapshot().incidents.len(), 3);
    }
}
