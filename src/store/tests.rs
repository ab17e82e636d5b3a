//! One suite for every store; GeoPackage's own tests are in `gpkg`.

use std::sync::Arc;

use geo::{coord, line_string, point, polygon};

use super::*;
use crate::model::*;

pub(crate) fn audit() -> Audit {
    Audit {
        actor: "test".to_owned(),
        action: "test".to_owned(),
        reason: String::new(),
    }
}

fn meta(id: &str) -> Meta {
    Meta {
        source: "s".to_owned(),
        source_id: id.to_owned(),
        ..Meta::default()
    }
}

pub(crate) fn incident(id: &str, lon: f64) -> Incident {
    Incident {
        meta: meta(id),
        kind: IncidentKind::Dispute,
        category: "dispute.noise".to_owned(),
        found_by: FoundBy::Patrol,
        occurred_at: Timestamp(1_700_000_000),
        date_only: false,
        reported_at: None,
        status: String::new(),
        text: "楼上装修".to_owned(),
        at: Some(coord! { x: lon, y: 31.9 }),
    }
}

fn compounds(area: geo::Polygon<f64>) -> Vec<Compound> {
    vec![
        Compound {
            meta: meta("c1"),
            code: String::new(),
            name: "元一名城".to_owned(),
            kind: CompoundKind::Residential,
            community: "板桥".to_owned(),
            priority: 1,
            households: None,
            gates: vec![coord! { x: 117.01, y: 31.02 }],
            shape: area.into(),
        },
        Compound {
            meta: meta("c2"),
            code: "x".to_owned(),
            name: "派出所".to_owned(),
            kind: CompoundKind::Station,
            community: String::new(),
            priority: 3,
            households: Some(1),
            gates: Vec::new(),
            shape: point!(x: 117.05, y: 31.05).into(),
        },
    ]
}

/// One row of every layer, each field filled.
pub(crate) fn everything() -> ChangeSet {
    let area = polygon![(x: 117.0, y: 31.0), (x: 117.1, y: 31.0), (x: 117.1, y: 31.1), (x: 117.0, y: 31.0)];
    let line = line_string![(x: 117.0, y: 31.0), (x: 117.1, y: 31.05)];
    let mut unplaced = incident("2", 0.0);
    unplaced.at = None;
    unplaced.reported_at = Some(Timestamp(1_700_000_100));
    unplaced.meta.extra = vec![("部门".to_owned(), Value::Text("城管".to_owned()))];
    ChangeSet {
        grids: vec![Grid {
            meta: meta("g"),
            code: "340102014001001".to_owned(),
            name: "第一网格".to_owned(),
            kind: GridKind::Special,
            community: "七里塘".to_owned(),
            post: "网格长一岗".to_owned(),
            households: Some(412),
            valid_from: Some(jiff::civil::date(2025, 1, 1)),
            valid_to: None,
            area: geo::MultiPolygon(vec![area.clone()]),
        }]
        .into(),
        compounds: compounds(area).into(),
        streets: vec![Street {
            meta: meta("st"),
            name: "胜利路".to_owned(),
            class: StreetClass::Arterial,
            oneway: true,
            foot: false,
            line: geo::MultiLineString(vec![line.clone()]),
        }]
        .into(),
        routes: vec![Route {
            meta: meta("r"),
            code: "1".to_owned(),
            name: "一号线".to_owned(),
            mode: PatrolMode::Ebike,
            checkpoints: vec![Checkpoint {
                name: "东门".to_owned(),
                at: coord! { x: 117.03, y: 31.01 },
            }],
            line: geo::MultiLineString(vec![line]),
        }]
        .into(),
        incidents: vec![incident("1", 117.3), unplaced].into(),
        categories: Some(
            vec![Category {
                code: "dispute.noise".to_owned(),
                parent: None,
                kind: IncidentKind::Dispute,
                name_zh: "噪音".to_owned(),
                name_en: "Noise".to_owned(),
                sensitive: true,
                aliases: vec!["噪声".to_owned(), "扰民".to_owned()],
            }]
            .into(),
        ),
        district: Some(District {
            name: "嘉山路街道".to_owned(),
            note: Some("虚构示例".to_owned()),
            ..District::default()
        }),
    }
}

pub(crate) async fn load(store: &dyn Store) -> (ChangeSet, Revision) {
    let mut all = ChangeSet::default();
    let revision = store
        .load(&mut |batch| {
            all.grids.put.extend(batch.grids.put);
            all.compounds.put.extend(batch.compounds.put);
            all.streets.put.extend(batch.streets.put);
            all.routes.put.extend(batch.routes.put);
            all.incidents.put.extend(batch.incidents.put);
            all.categories = batch.categories.or(all.categories.take());
            all.district = batch.district.or(all.district.take());
        })
        .await
        .unwrap();
    (all, revision)
}

fn without_ids(mut all: ChangeSet) -> ChangeSet {
    fn clear<T: Entity>(rows: &mut [T]) {
        for row in rows {
            assert!(row.meta().id.0 > 0, "the store numbers every row");
            row.meta_mut().id = FeatureId::NEW;
        }
    }
    clear(&mut all.grids.put);
    clear(&mut all.compounds.put);
    clear(&mut all.streets.put);
    clear(&mut all.routes.put);
    clear(&mut all.incidents.put);
    all
}

/// A store for each backend; the folder lives as long as the value.
async fn stores() -> Vec<(Arc<dyn Store>, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let gpkg = GpkgStore::open(&folder.path().join("gridmap.gpkg"))
        .await
        .unwrap();
    vec![
        (Arc::new(gpkg), Some(folder)),
        (Arc::new(MemoryStore::new()), None),
    ]
}

#[tokio::test]
async fn every_field_of_every_layer_comes_back() {
    for (store, _folder) in stores().await {
        let wanted = everything();
        let revision = store.apply(&wanted, &audit()).await.unwrap();
        let (all, loaded) = load(store.as_ref()).await;
        assert_eq!(without_ids(all), wanted, "{store:?}");
        assert_eq!(loaded, revision);
        assert_eq!(store.changes_since(revision).await.unwrap(), Changes::None);
    }
}

#[tokio::test]
async fn rows_are_replaced_by_id_or_key_and_deleted_by_id() {
    for (store, _folder) in stores().await {
        store.apply(&everything(), &audit()).await.unwrap();
        let (all, _) = load(store.as_ref()).await;
        let mut first = all.incidents.put[0].clone();
        first.status = "办结".to_owned();
        let mut same_key = incident("2", 117.4);
        same_key.text = "placed now".to_owned();
        let gone = all.compounds.put[0].meta.id;
        let changes = ChangeSet {
            incidents: vec![first.clone(), same_key, incident("3", 117.5)].into(),
            compounds: LayerChanges {
                delete: vec![gone],
                ..LayerChanges::default()
            },
            ..ChangeSet::default()
        };
        store.apply(&changes, &audit()).await.unwrap();
        let (now, _) = load(store.as_ref()).await;
        assert_eq!(now.incidents.put.len(), 3);
        assert_eq!(now.incidents.put[0], first);
        assert_eq!(now.incidents.put[1].meta.id, all.incidents.put[1].meta.id);
        assert_eq!(now.incidents.put[1].text, "placed now");
        assert_eq!(now.compounds.put, all.compounds.put[1..]);

        let replace = ChangeSet {
            incidents: LayerChanges {
                put: vec![first.clone(), incident("9", 117.9)],
                delete: Vec::new(),
                replace: true,
            },
            ..ChangeSet::default()
        };
        store.apply(&replace, &audit()).await.unwrap();
        let (now, _) = load(store.as_ref()).await;
        let ids: Vec<&str> = now
            .incidents
            .put
            .iter()
            .map(|i| i.meta.source_id.as_str())
            .collect();
        assert_eq!(ids, ["1", "9"]);
        assert_eq!(now.incidents.put[0].meta.id, first.meta.id);
    }
}

#[tokio::test]
async fn the_log_tells_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let store = GpkgStore::open(&folder.path().join("a.gpkg"))
        .await
        .unwrap();
    let before = store.apply(&everything(), &audit()).await.unwrap();
    let (all, _) = load(&store).await;
    let gone = all.streets.put[0].meta.id;
    let changes = ChangeSet {
        incidents: vec![incident("7", 117.7)].into(),
        streets: LayerChanges {
            delete: vec![gone],
            ..LayerChanges::default()
        },
        ..ChangeSet::default()
    };
    let after = store.apply(&changes, &audit()).await.unwrap();
    assert!(after > before);
    let Changes::Rows { revision, changes } = store.changes_since(before).await.unwrap() else {
        panic!("rows");
    };
    assert_eq!(revision, after);
    assert_eq!(changes.incidents.put.len(), 1);
    assert_eq!(changes.incidents.put[0].meta.source_id, "7");
    assert_eq!(changes.streets.delete, [gone]);
    assert!(changes.grids.is_empty() && changes.categories.is_none());
    let lost = Revision(after.0 + 1);
    assert_eq!(store.changes_since(lost).await.unwrap(), Changes::Reload);
}

#[tokio::test]
async fn a_bad_coordinate_stores_nothing_of_the_change() {
    for bad in [f64::NAN, f64::INFINITY] {
        let folder = tempfile::tempdir().unwrap();
        let store = GpkgStore::open(&folder.path().join("a.gpkg"))
            .await
            .unwrap();
        let changes = ChangeSet {
            incidents: vec![incident("1", 117.0), incident("2", bad)].into(),
            ..ChangeSet::default()
        };
        let error = store.apply(&changes, &audit()).await.unwrap_err();
        assert!(matches!(error, Error::Geometry { .. }), "{error}");
        assert!(load(&store).await.0.incidents.put.is_empty());
    }
}
