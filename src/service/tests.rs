use geo::coord;

use super::*;
use crate::model::{Category, Entity, ExtraColumn, ExtraType, IncidentKind, LayerName};
use crate::store::GpkgStore;
use crate::store::tests::{audit, everything, incident, write};

fn batch(rows: Vec<crate::model::Incident>) -> Batch {
    Batch {
        rows: Rows::Incidents(rows),
        new_categories: Vec::new(),
        extra_columns: Vec::new(),
    }
}

#[tokio::test]
async fn rows_are_sorted_into_new_updated_and_unchanged() {
    let service = Service::in_memory(everything()).await.unwrap();
    let mut changed = incident("2", 117.5);
    changed.status = "办结".to_owned();
    let mut unnamed = incident("5", 117.5);
    unnamed.meta.source = String::new();
    let rows = vec![incident("1", 117.3), changed, unnamed];
    let tried = service
        .import(batch(rows.clone()), true, audit())
        .await
        .unwrap();
    assert!(!tried.stored);
    assert_eq!((tried.new, tried.updated, tried.unchanged), (1, 1, 1));
    assert_eq!(service.snapshot().incidents.len(), 2);

    let done = service
        .import(batch(rows.clone()), false, audit())
        .await
        .unwrap();
    assert!(done.stored && done.revision > tried.revision);
    let snapshot = service.snapshot();
    assert_eq!(snapshot.incidents.len(), 3);
    let keys = snapshot.incidents.key_index();
    assert!(
        keys.get("dispute", "5").is_some(),
        "the kind stands in for the source"
    );

    let again = service.import(batch(rows), false, audit()).await.unwrap();
    assert_eq!((again.new, again.updated, again.unchanged), (0, 0, 3));
    assert_eq!(again.revision, done.revision, "nothing to write");
}

#[tokio::test]
async fn positions_finer_than_the_index_are_no_update() {
    let service = Service::in_memory(everything()).await.unwrap();
    let mut fine = incident("7", 117.0);
    fine.at = Some(coord! { x: 117.123_456_789_012, y: 31.987_654_321_098 });
    service
        .import(batch(vec![fine.clone()]), false, audit())
        .await
        .unwrap();
    let again = service
        .import(batch(vec![fine]), false, audit())
        .await
        .unwrap();
    assert_eq!(again.unchanged, 1);
}

#[tokio::test]
async fn categories_and_columns_come_with_the_rows() {
    let service = Service::in_memory(everything()).await.unwrap();
    let mut batch = batch(vec![incident("8", 117.1)]);
    let category = Category {
        code: "dispute.new".to_owned(),
        parent: None,
        kind: IncidentKind::Dispute,
        name_zh: "新类".to_owned(),
        name_en: String::new(),
        sensitive: false,
        aliases: Vec::new(),
    };
    batch.new_categories = vec![category];
    batch.extra_columns = (0..40)
        .map(|n| ExtraColumn {
            name: format!("列{n}"),
            extra_type: ExtraType::Text,
        })
        .collect();
    let outcome = service.import(batch.clone(), false, audit()).await.unwrap();
    assert_eq!(outcome.new_categories, ["新类"]);
    assert_eq!(outcome.unlisted_columns.len(), 8);
    let snapshot = service.snapshot();
    assert!(snapshot.categories.get("dispute.new").is_some());
    assert_eq!(
        snapshot.district.extra_columns(LayerName::Incidents).len(),
        32
    );
    let again = service.import(batch, false, audit()).await.unwrap();
    assert!(again.new_categories.is_empty());
}

#[tokio::test]
async fn a_change_is_in_the_snapshot_and_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let store = GpkgStore::open(&folder.path().join("a.gpkg"))
        .await
        .unwrap();
    store.apply(&everything(), &write()).await.unwrap();
    let service = Service::open(Arc::new(store), ServiceOptions::default())
        .await
        .unwrap();
    let before = service.snapshot();
    let mut events = service.subscribe();
    let changes = ChangeSet {
        incidents: vec![incident("9", 117.9)].into(),
        ..ChangeSet::default()
    };
    let revision = service.apply(changes, audit()).await.unwrap();
    assert_eq!(service.revision(), revision);
    assert_eq!(
        before.incidents.len() + 1,
        service.snapshot().incidents.len()
    );
    let event = events.recv().await.unwrap();
    assert_eq!(event.revision, revision);
    let [layer] = &event.layers[..] else {
        panic!("{event:?}");
    };
    assert_eq!(layer.name, LayerName::Incidents);
    let [west, _, east, _] = layer.bbox.expect("a place");
    assert!(
        (west - 117.9).abs() < 1e-6 && (east - 117.9).abs() < 1e-6,
        "{event:?}"
    );
    assert_eq!(service.layer_revisions()[0], before.layer_revisions[0]);
    service.close().await;
}

#[tokio::test]
async fn a_foreign_edit_is_seen_within_a_second_and_a_half() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = GpkgStore::open(&path).await.unwrap();
    store.apply(&everything(), &write()).await.unwrap();
    let service = Service::open(Arc::new(store), ServiceOptions::default())
        .await
        .unwrap();
    let mut events = service.subscribe();
    let other = GpkgStore::open(&path).await.unwrap();
    let mut grid = everything().grids.put.remove(0);
    grid.name = "改过的名".to_owned();
    let changes = ChangeSet {
        grids: vec![grid].into(),
        ..ChangeSet::default()
    };
    let started = std::time::Instant::now();
    other.apply(&changes, &write()).await.unwrap();
    let event = events.recv().await.unwrap();
    assert!(
        started.elapsed().as_millis() < 1500,
        "{:?}",
        started.elapsed()
    );
    assert_eq!(event.layers[0].name, LayerName::Grids);
    assert_eq!(
        service.snapshot().grids.items()[0]
            .value("name")
            .to_string(),
        "改过的名"
    );
}

#[tokio::test]
async fn a_tile_is_made_once_until_its_layers_change() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let service = Service::in_memory(everything()).await.unwrap();
    let made = Arc::new(AtomicUsize::new(0));
    let key = || TileKey {
        layers: "grids".to_owned(),
        z: 0,
        x: 0,
        y: 0,
        variant: String::new(),
        coding: Coding::Identity,
        touched: vec![LayerName::Grids],
    };
    let tile = || {
        let made = Arc::clone(&made);
        service.tile(key(), false, move |snapshot| {
            made.fetch_add(1, Ordering::Relaxed);
            snapshot.grids.len().to_le_bytes().to_vec()
        })
    };
    let first = tile().await.unwrap();
    assert_eq!(tile().await.unwrap(), first);
    assert_eq!(made.load(Ordering::Relaxed), 1);
    let mut grid = everything().grids.put.remove(0);
    grid.meta.source_id = "second".to_owned();
    let changes = ChangeSet {
        grids: vec![grid].into(),
        ..ChangeSet::default()
    };
    service.apply(changes, audit()).await.unwrap();
    assert_ne!(tile().await.unwrap(), first);
    assert_eq!(made.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn work_that_panics_is_an_error_and_the_next_one_runs() {
    let service = Service::in_memory(ChangeSet::default()).await.unwrap();
    let failed = service.compute(|| -> u8 { panic!("on purpose") }).await;
    assert!(matches!(failed, Err(Error::Panicked(_))));
    assert_eq!(service.compute(|| 7).await.unwrap(), 7);
    assert_eq!(service.health().reason, None);
}
