//! The ground in every store: whole or not there, and read anew only when it
//! changed.

use geo::{Geometry, MultiPolygon};

use super::*;

/// A ground with every shape; `n` pieces of each.
fn ground(file: &str, n: i32) -> Arc<Ground> {
    let mut features = Vec::new();
    for at in 0..n {
        let x = 117.0 + f64::from(at) * 1e-4;
        let area =
            polygon![(x: x, y: 31.0), (x: x + 1e-5, y: 31.0), (x: x, y: 31.00001), (x: x, y: 31.0)];
        let line = line_string![(x: x, y: 31.1), (x: x, y: 31.2), (x: x + 0.01, y: 31.3)];
        let shapes: [(GroundClass, &str, &str, Geometry<f64>); 5] = [
            (GroundClass::Building, "house", "", area.clone().into()),
            (
                GroundClass::Water,
                "lake",
                "南湖",
                MultiPolygon(vec![area]).into(),
            ),
            (GroundClass::Road, "lane", "胜利路", line.clone().into()),
            (
                GroundClass::Rail,
                "rail",
                "",
                geo::MultiLineString(vec![line]).into(),
            ),
            (
                GroundClass::Place,
                "suburb",
                file,
                point!(x: x, y: 31.0).into(),
            ),
        ];
        features.extend(shapes.map(|(class, kind, name, geometry)| GroundFeature {
            class,
            kind: kind.to_owned(),
            name: name.to_owned(),
            geometry,
        }));
    }
    Arc::new(Ground::new(features, file, Timestamp(1_790_000_000)))
}

fn put(ground: &Arc<Ground>) -> ChangeSet {
    ChangeSet {
        ground: Some(GroundChange::Put(Arc::clone(ground))),
        ..ChangeSet::default()
    }
}

async fn now(store: &dyn Store) -> Option<Arc<Ground>> {
    let change = load(store).await.0.ground;
    change.and_then(|change| change.ground().cloned())
}

#[tokio::test]
async fn a_ground_is_replaced_and_removed_as_a_whole() {
    for (store, _folder) in stores().await {
        assert_eq!(now(store.as_ref()).await, None);
        let empty = store.content_hash().await.unwrap();
        let (first, second) = (ground("a.osm.pbf", 30), ground("b.osm.pbf", 7));
        let made = store.apply(&put(&first), &write()).await.unwrap();
        assert!(made.revision > made.before);
        assert_eq!(
            now(store.as_ref()).await,
            Some(Arc::clone(&first)),
            "{store:?}"
        );
        let hash = store.content_hash().await.unwrap();
        assert_ne!(hash, empty);

        store.apply(&put(&second), &write()).await.unwrap();
        assert_eq!(
            now(store.as_ref()).await,
            Some(second),
            "nothing of the first"
        );
        store.apply(&put(&first), &write()).await.unwrap();
        assert_eq!(store.content_hash().await.unwrap(), hash);

        let remove = ChangeSet {
            ground: Some(GroundChange::Remove),
            ..ChangeSet::default()
        };
        let gone = store.apply(&remove, &write()).await.unwrap();
        assert!(gone.revision > gone.before);
        assert_eq!(now(store.as_ref()).await, None);
        assert_eq!(store.content_hash().await.unwrap(), empty);
        let again = store.apply(&remove, &write()).await.unwrap();
        assert_eq!(again.revision, again.before, "there was none");
        // The past has the facts of each.
        let past = store
            .history(&Subject::Setting("ground".to_owned()))
            .await
            .unwrap();
        let ops: Vec<Op> = past.iter().map(|past| past.op).collect();
        assert_eq!(ops, [Op::Delete, Op::Update, Op::Update, Op::Insert]);
        let touched = store.touched(made.before, made.revision).await.unwrap();
        assert_eq!(touched.len(), 1);
        assert_eq!(touched[0].subject, Subject::Setting("ground".to_owned()));
        assert!(touched[0].edited_since);
        // Nobody sets the facts by themselves.
        let facts = ChangeSet {
            settings: BTreeMap::from([("ground".to_owned(), serde_json::json!({}))]),
            ..ChangeSet::default()
        };
        let error = store.apply(&facts, &write()).await.unwrap_err();
        assert!(matches!(error, Error::ReservedSetting(_)), "{error}");
    }
}

#[tokio::test]
async fn a_ground_that_cannot_be_stored_leaves_everything_as_it_was() {
    for (store, _folder) in stores().await {
        let first = ground("a.osm.pbf", 3);
        store.apply(&put(&first), &write()).await.unwrap();
        let mut bad = Arc::unwrap_or_clone(ground("b.osm.pbf", 3));
        bad.features[7].geometry = point!(x: f64::NAN, y: 0.0).into();
        let mut nul = Arc::unwrap_or_clone(ground("c.osm.pbf", 3));
        nul.features[7].name = "a\0b".to_owned();
        for bad in [bad, nul] {
            let changes = ChangeSet {
                incidents: vec![incident("1", 117.0)].into(),
                ..put(&Arc::new(bad))
            };
            store.apply(&changes, &write()).await.unwrap_err();
            assert_eq!(now(store.as_ref()).await, Some(Arc::clone(&first)));
            assert!(load(store.as_ref()).await.0.incidents.put.is_empty());
        }
        // A repeated write is answered and not written.
        let key = Write {
            key: Some(IdempotencyKey {
                key: "k".to_owned(),
                digest: "d".to_owned(),
            }),
            ..write()
        };
        store.apply(&put(&ground("k", 1)), &key).await.unwrap();
        let repeated = store.apply(&put(&first), &key).await.unwrap();
        assert!(repeated.repeated);
        assert_eq!(now(store.as_ref()).await.unwrap().facts.file, "k");
    }
}

#[tokio::test]
async fn followers_read_the_ground_anew_only_when_it_changed() {
    for (store, _folder) in durable_stores().await {
        let first = ground("a.osm.pbf", 50);
        let all = ChangeSet {
            ground: put(&first).ground,
            ..everything()
        };
        let made = store.apply(&all, &write()).await.unwrap();
        let other = ChangeSet {
            incidents: vec![incident("7", 117.7)].into(),
            settings: BTreeMap::from([("new".to_owned(), serde_json::json!(1))]),
            ..ChangeSet::default()
        };
        let edited = store.apply(&other, &write()).await.unwrap();
        let since = async |revision| match store.changes_since(revision).await.unwrap() {
            Changes::Rows { changes, .. } => *changes,
            other => panic!("{other:?}"),
        };
        assert_eq!(since(made.revision).await.ground, None, "{store:?}");
        let second = ground("b.osm.pbf", 20);
        let replaced = store.apply(&put(&second), &write()).await.unwrap();
        let changes = since(edited.revision).await;
        assert_eq!(changes.ground, Some(GroundChange::Put(second)));
        assert!(changes.settings.is_empty() && changes.incidents.is_empty());
        let remove = ChangeSet {
            ground: Some(GroundChange::Remove),
            ..ChangeSet::default()
        };
        store.apply(&remove, &write()).await.unwrap();
        let changes = since(replaced.revision).await;
        assert_eq!(changes.ground, Some(GroundChange::Remove));
    }
}

#[tokio::test]
async fn copies_and_backups_have_the_ground() {
    for (from, _folder) in durable_stores().await {
        let all = ChangeSet {
            ground: put(&ground("a.osm.pbf", 70)).ground,
            ..everything()
        };
        from.apply(&all, &write()).await.unwrap();
        let hash = from.content_hash().await.unwrap();
        for (target, _folder) in stores().await {
            copy(from.as_ref(), target.as_ref(), "copy").await.unwrap();
            assert_eq!(target.content_hash().await.unwrap(), hash);
            assert_eq!(now(target.as_ref()).await, now(from.as_ref()).await);
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.gpkg");
        from.backup(&file).await.unwrap();
        let restored = GpkgStore::open(&file).await.unwrap();
        assert_eq!(restored.content_hash().await.unwrap(), hash);
        // A copy of a store without one takes the old one away.
        let (bare, _bare_folder) = durable_stores().await.remove(0);
        bare.apply(&everything(), &write()).await.unwrap();
        copy(bare.as_ref(), &restored, "copy").await.unwrap();
        assert_eq!(now(&restored).await, None);
    }
}
