use super::*;
use crate::model::LayerChanges;
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
