//! One suite for every store; GeoPackage's own tests are in `gpkg`.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

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

pub(crate) fn write() -> Write {
    Write::by(&audit())
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
        settings: BTreeMap::from([(
            "shifts".to_owned(),
            serde_json::json!({"day": ["08:00", 8.5]}),
        )]),
        ground: None,
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
            all.settings.extend(batch.settings);
            all.ground = batch.ground.or(all.ground.take());
        })
        .await
        .unwrap();
    // A store may hand them over in any order.
    all.grids.put.sort_by_key(|row| row.meta.id);
    all.compounds.put.sort_by_key(|row| row.meta.id);
    all.streets.put.sort_by_key(|row| row.meta.id);
    all.routes.put.sort_by_key(|row| row.meta.id);
    all.incidents.put.sort_by_key(|row| row.meta.id);
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

#[path = "../../../tests/it/postgres.rs"]
pub(super) mod postgres;

mod documents;
mod ground;
mod history;

/// The PostgreSQL of this test process, if the machine has one.
pub(super) fn cluster() -> Option<&'static postgres::Cluster> {
    static CLUSTER: OnceLock<Option<postgres::Cluster>> = OnceLock::new();
    let start = || postgres::Cluster::start("store::tests");
    CLUSTER.get_or_init(start).as_ref()
}

/// A store for each backend; the folder lives as long as the value.
async fn stores() -> Vec<(Arc<dyn Store>, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let gpkg = GpkgStore::open(&folder.path().join("gridmap.gpkg"))
        .await
        .unwrap();
    let mut stores: Vec<(Arc<dyn Store>, _)> = vec![
        (Arc::new(gpkg), Some(folder)),
        (Arc::new(MemoryStore::new()), None),
    ];
    if let Some(cluster) = cluster() {
        let postgis = PostgisStore::open(&cluster.database()).await.unwrap();
        stores.push((Arc::new(postgis), None));
    }
    stores
}

/// The stores that keep a log for followers.
async fn durable_stores() -> Vec<(Arc<dyn Store>, Option<tempfile::TempDir>)> {
    let mut stores = stores().await;
    stores.remove(1);
    stores
}

#[tokio::test]
async fn every_field_of_every_layer_comes_back() {
    for (store, _folder) in stores().await {
        let wanted = everything();
        let revision = store.apply(&wanted, &write()).await.unwrap().revision;
        let (all, loaded) = load(store.as_ref()).await;
        assert_eq!(without_ids(all), wanted, "{store:?}");
        assert_eq!(loaded, revision);
        assert_eq!(store.changes_since(revision).await.unwrap(), Changes::None);
    }
}

#[tokio::test]
async fn rows_are_replaced_by_id_or_key_and_deleted_by_id() {
    for (store, _folder) in stores().await {
        store.apply(&everything(), &write()).await.unwrap();
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
        store.apply(&changes, &write()).await.unwrap();
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
        store.apply(&replace, &write()).await.unwrap();
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
    for (store, _folder) in stores().await {
        let before = store.apply(&everything(), &write()).await.unwrap().revision;
        let (all, _) = load(store.as_ref()).await;
        let gone = all.streets.put[0].meta.id;
        let mut edited = all.incidents.put[0].clone();
        edited.status = "办结".to_owned();
        let changes = ChangeSet {
            incidents: vec![incident("7", 117.7), edited.clone(), incident("8", 117.8)].into(),
            streets: LayerChanges {
                delete: vec![gone],
                ..LayerChanges::default()
            },
            settings: BTreeMap::from([
                ("shifts".to_owned(), serde_json::Value::Null),
                ("new".to_owned(), serde_json::json!(1)),
            ]),
            district: Some(District {
                name: "改名街道".to_owned(),
                ..District::default()
            }),
            ..ChangeSet::default()
        };
        let after = store.apply(&changes, &write()).await.unwrap().revision;
        assert!(after > before);
        let Changes::Rows { revision, changes } = store.changes_since(before).await.unwrap() else {
            panic!("rows");
        };
        assert_eq!(revision, after);
        let mut put = changes.incidents.put;
        put.sort_by_key(|row| row.meta.id);
        assert_eq!(put[0], edited);
        let ids: Vec<&str> = put.iter().map(|row| row.meta.source_id.as_str()).collect();
        assert_eq!(ids, ["1", "7", "8"], "{store:?}");
        assert_eq!(changes.streets.delete, [gone]);
        assert_eq!(changes.settings, everything_after_settings());
        assert_eq!(changes.district.unwrap().name, "改名街道");
        assert!(changes.grids.is_empty() && changes.categories.is_none());
        let lost = Revision(after.0 + 1);
        assert_eq!(store.changes_since(lost).await.unwrap(), Changes::Reload);
    }
}

fn everything_after_settings() -> BTreeMap<String, serde_json::Value> {
    BTreeMap::from([
        ("shifts".to_owned(), serde_json::Value::Null),
        ("new".to_owned(), serde_json::json!(1)),
    ])
}

#[tokio::test]
async fn many_rows_with_repeated_keys_and_ids_end_as_the_last_of_each() {
    for (store, _folder) in stores().await {
        store.apply(&everything(), &write()).await.unwrap();
        let (all, _) = load(store.as_ref()).await;
        let known = all.incidents.put[0].clone();
        let mut rows: Vec<Incident> = (0..1000)
            .map(|n| {
                let mut row = incident(&format!("n{}", n % 700), 117.0);
                row.text = n.to_string();
                row.occurred_at = Timestamp(1_600_000_000 + n * 100_000);
                row
            })
            .collect();
        let mut by_id = known.clone();
        by_id.meta.source_id = "renamed".to_owned();
        let mut by_key = by_id.clone();
        by_key.meta.id = FeatureId::NEW;
        by_key.text = "last".to_owned();
        // Another month, so another partition.
        by_key.occurred_at = Timestamp(known.occurred_at.0 + 100 * 86_400);
        rows.extend([by_id, by_key.clone()]);
        let changes = ChangeSet {
            incidents: rows.into(),
            ..ChangeSet::default()
        };
        let applied = store.apply(&changes, &write()).await.unwrap();
        let (now, _) = load(store.as_ref()).await;
        assert_eq!(now.incidents.put.len(), 702, "{store:?}");
        by_key.meta.id = known.meta.id;
        assert_eq!(now.incidents.put[0], by_key, "{store:?}");
        let text = |key: &str| {
            let row = now.incidents.put.iter().find(|r| r.meta.source_id == key);
            row.unwrap().text.clone()
        };
        assert_eq!(
            (text("n0"), text("n699")),
            ("700".to_owned(), "699".to_owned())
        );
        let touched = store
            .touched(applied.before, applied.revision)
            .await
            .unwrap();
        assert_eq!(touched.len(), 701, "{store:?}");
        let inserted = touched.iter().filter(|t| t.op == Op::Insert).count();
        assert_eq!(inserted, 700);
        assert_eq!(
            touched[0].before.as_deref(),
            Some(&Content::Incident(known))
        );
    }
}

#[tokio::test]
async fn a_copy_has_the_same_content_and_ids() {
    let stores = durable_stores().await;
    for (from, _folder) in &stores {
        from.apply(&everything(), &write()).await.unwrap();
        let (rows, _) = load(from.as_ref()).await;
        for (target, _folder) in self::stores().await {
            let other = ChangeSet {
                incidents: vec![incident("old", 117.0)].into(),
                settings: BTreeMap::from([("old".to_owned(), 1.into())]),
                ..ChangeSet::default()
            };
            target.apply(&other, &write()).await.unwrap();
            copy(from.as_ref(), target.as_ref(), "copy").await.unwrap();
            assert_eq!(
                target.content_hash().await.unwrap(),
                from.content_hash().await.unwrap(),
                "{from:?} to {target:?}"
            );
            assert_eq!(load(target.as_ref()).await.0.grids, rows.grids);
            // New rows get ids that nothing had.
            let more = ChangeSet {
                grids: vec![Grid {
                    meta: meta("more"),
                    ..rows.grids.put[0].clone()
                }]
                .into(),
                ..ChangeSet::default()
            };
            target.apply(&more, &write()).await.unwrap();
            assert_eq!(load(target.as_ref()).await.0.grids.put.len(), 2);
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.gpkg");
        from.backup(&file).await.unwrap();
        let restored = GpkgStore::open(&file).await.unwrap();
        assert_eq!(
            restored.content_hash().await.unwrap(),
            from.content_hash().await.unwrap()
        );
        assert!(matches!(from.backup(&file).await, Err(Error::Exists(_))));
    }
}

#[tokio::test]
async fn a_bad_coordinate_stores_nothing_of_the_change() {
    for bad in [f64::NAN, f64::INFINITY] {
        for (store, _folder) in stores().await {
            let changes = ChangeSet {
                incidents: vec![incident("1", 117.0), incident("2", bad)].into(),
                ..ChangeSet::default()
            };
            let error = store.apply(&changes, &write()).await.unwrap_err();
            assert!(matches!(error, Error::Geometry { .. }), "{error}");
            assert!(load(store.as_ref()).await.0.incidents.put.is_empty());
        }
    }
}

#[tokio::test]
async fn a_repeated_write_is_answered_but_not_written() {
    for (store, _folder) in stores().await {
        let key = |key: &str, digest: &str| Write {
            key: Some(IdempotencyKey {
                key: key.to_owned(),
                digest: digest.to_owned(),
            }),
            ..write()
        };
        let changes = ChangeSet {
            incidents: LayerChanges {
                put: vec![incident("1", 117.1)],
                delete: Vec::new(),
                replace: false,
            },
            ..ChangeSet::default()
        };
        let first = store.apply(&changes, &key("k", "d")).await.unwrap();
        assert!(!first.repeated && first.revision > first.before);
        store
            .apply(&everything(), &key("other", "d"))
            .await
            .unwrap();
        let (rows, revision) = load(store.as_ref()).await;
        let again = store.apply(&changes, &key("k", "d")).await.unwrap();
        assert_eq!(
            again,
            Applied {
                repeated: true,
                ..first
            }
        );
        let error = store.apply(&changes, &key("k", "x")).await.unwrap_err();
        assert!(matches!(error, Error::KeyReused(_)), "{error}");
        assert_eq!(load(store.as_ref()).await, (rows, revision));
        // A write that changes nothing is remembered as well.
        let none = ChangeSet::default();
        let empty = store.apply(&none, &key("e", "d")).await.unwrap();
        assert_eq!(empty.before, empty.revision);
        assert!(store.apply(&none, &key("e", "d")).await.unwrap().repeated);
    }
}

#[tokio::test]
async fn a_write_over_a_changed_row_is_refused_whole() {
    for (store, _folder) in stores().await {
        store.apply(&everything(), &write()).await.unwrap();
        let (rows, read_at) = load(store.as_ref()).await;
        let mut mine = rows.incidents.put[0].clone();
        let mut theirs = mine.clone();
        theirs.status = "theirs".to_owned();
        mine.status = "mine".to_owned();
        let put = |row: &Incident| ChangeSet {
            incidents: vec![row.clone()].into(),
            ..ChangeSet::default()
        };
        let ids: Vec<FeatureId> = rows.incidents.put.iter().map(|row| row.meta.id).collect();
        let unless = |at| Write {
            unless_changed: ids
                .iter()
                .map(|&id| (Basis::Row(LayerName::Incidents, id), at))
                .collect(),
            ..write()
        };
        let now = store.apply(&put(&theirs), &unless(read_at)).await.unwrap();
        let error = store
            .apply(&put(&mine), &unless(read_at))
            .await
            .unwrap_err();
        let Error::Conflict { of } = &error else {
            panic!("{error}");
        };
        assert_eq!(of[..], [Basis::Row(LayerName::Incidents, ids[0])]);
        assert!(error.to_string().contains("incidents/"), "{error}");
        assert_eq!(load(store.as_ref()).await.0.incidents.put[0], theirs);
        store
            .apply(&put(&mine), &unless(now.revision))
            .await
            .unwrap();
        assert_eq!(load(store.as_ref()).await.0.incidents.put[0], mine);
    }
}

#[tokio::test]
async fn every_store_refuses_u0000_in_text_and_takes_everything_else() {
    for (store, _folder) in stores().await {
        let put = |row: Incident| ChangeSet {
            incidents: vec![incident("ok", 117.0), row].into(),
            ..ChangeSet::default()
        };
        let mut bad = incident("1", 117.1);
        bad.text = "a\0b".to_owned();
        let error = store.apply(&put(bad), &write()).await.unwrap_err();
        assert!(matches!(error, Error::Text { .. }), "{error}");
        assert!(load(store.as_ref()).await.0.incidents.put.is_empty());
        let mut odd = incident("1", 117.1);
        odd.text = "\u{1}\u{7f}\u{feff}\u{10ffff}'\"\\%_$1 ?1 \r\n\t\u{202e}𠮷".to_owned();
        odd.meta.extra = vec![("列\u{0}".to_owned(), Value::Text("\u{0}".to_owned()))];
        odd.occurred_at = Timestamp(-5_000_000_000);
        odd.at = Some(coord! { x: -0.0, y: f64::MIN_POSITIVE });
        store.apply(&put(odd.clone()), &write()).await.unwrap();
        let (all, _) = load(store.as_ref()).await;
        odd.meta.id = all.incidents.put[1].meta.id;
        assert_eq!(all.incidents.put[1], odd, "{store:?}");
        let at = all.incidents.put[1].at.unwrap();
        assert!(at.x.is_sign_negative(), "bit for bit");
    }
}

#[tokio::test]
async fn equal_content_has_an_equal_hash_whatever_the_ids() {
    let mut hashes = Vec::new();
    for (store, _folder) in stores().await {
        let empty = store.content_hash().await.unwrap();
        // Other ids and another order.
        let mut rows = everything();
        let first = ChangeSet {
            incidents: vec![incident("x", 117.0), rows.incidents.put.pop().unwrap()].into(),
            ..ChangeSet::default()
        };
        store.apply(&first, &write()).await.unwrap();
        store.apply(&rows, &write()).await.unwrap();
        let (all, _) = load(store.as_ref()).await;
        let gone = all.incidents.put[0].meta.id;
        let delete = ChangeSet {
            incidents: LayerChanges {
                delete: vec![gone],
                ..LayerChanges::default()
            },
            ..ChangeSet::default()
        };
        store.apply(&delete, &write()).await.unwrap();
        let hash = store.content_hash().await.unwrap();
        assert_ne!(hash, empty);
        hashes.push(hash);
    }
    for (store, _folder) in stores().await {
        store.apply(&everything(), &write()).await.unwrap();
        hashes.push(store.content_hash().await.unwrap());
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1, "{hashes:?}");
}
