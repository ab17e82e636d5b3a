//! Documents that two programs change at once: settings, categories, district.

use super::*;

/// Two handles on one store for each backend, as two programs have them.
async fn pairs() -> Vec<([Arc<dyn Store>; 2], Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gridmap.gpkg");
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut pairs: Vec<([Arc<dyn Store>; 2], _)> = vec![
        (
            [
                Arc::new(GpkgStore::open(&path).await.unwrap()),
                Arc::new(GpkgStore::open(&path).await.unwrap()),
            ],
            Some(folder),
        ),
        ([Arc::clone(&memory), memory], None),
    ];
    if let Some(cluster) = cluster() {
        let url = cluster.database();
        pairs.push((
            [
                Arc::new(PostgisStore::open(&url).await.unwrap()),
                Arc::new(PostgisStore::open(&url).await.unwrap()),
            ],
            None,
        ));
    }
    pairs
}

fn setting(name: &str, value: serde_json::Value) -> ChangeSet {
    ChangeSet {
        settings: BTreeMap::from([(name.to_owned(), value)]),
        ..ChangeSet::default()
    }
}

/// Writes over what was seen; what is in the way, if something is.
async fn over(store: &dyn Store, changes: &ChangeSet, seen: Revision) -> Vec<Basis> {
    let write = write().over(Basis::of(changes), seen);
    match store.apply(changes, &write).await {
        Ok(_) => Vec::new(),
        Err(Error::Conflict { of }) => of,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_document_that_another_program_changed_is_not_overwritten() {
    let shifts = || vec![Basis::Setting("shifts".to_owned())];
    for ([mine, theirs], _folder) in pairs().await {
        theirs.apply(&everything(), &write()).await.unwrap();
        let (rows, seen) = load(mine.as_ref()).await;
        assert_eq!(over(&*theirs, &setting("shifts", 1.into()), seen).await, []);
        let (changed, now) = load(mine.as_ref()).await;
        let two = setting("shifts", 2.into());
        assert_eq!(over(&*mine, &two, seen).await, shifts(), "{mine:?}");
        assert_eq!(
            load(mine.as_ref()).await,
            (changed, now),
            "nothing is half written"
        );
        // What they did not touch is free.
        assert_eq!(over(&*mine, &setting("teams", 3.into()), seen).await, []);
        assert_eq!(over(&*mine, &two, now).await, []);
        assert_eq!(load(theirs.as_ref()).await.0.settings["shifts"], 2);

        // One that went, and one that came and went.
        let gone = setting("shifts", serde_json::Value::Null);
        let (_, seen) = load(mine.as_ref()).await;
        assert_eq!(over(&*theirs, &gone, seen).await, []);
        assert_eq!(over(&*mine, &two, seen).await, shifts());
        theirs.apply(&two, &write()).await.unwrap();
        let (_, seen) = load(mine.as_ref()).await;
        theirs.apply(&gone, &write()).await.unwrap();
        assert_eq!(over(&*mine, &two, seen).await, shifts());

        // One that only came: nothing tells what it was before.
        let (_, seen) = load(mine.as_ref()).await;
        assert_eq!(over(&*theirs, &setting("fresh", 1.into()), seen).await, []);
        let fresh = [Basis::Setting("fresh".to_owned())];
        assert_eq!(over(&*mine, &setting("fresh", 2.into()), seen).await, fresh);

        // The tree is one document, whatever part of it changed.
        let (_, seen) = load(mine.as_ref()).await;
        let mut items = rows.categories.clone().unwrap().items().to_vec();
        items.push(Category {
            code: "dispute.other".to_owned(),
            ..items[0].clone()
        });
        let tree = |items: Vec<Category>| ChangeSet {
            categories: Some(items.into()),
            ..ChangeSet::default()
        };
        assert_eq!(over(&*theirs, &tree(items.clone()), seen).await, []);
        let first = tree(items[..1].to_vec());
        assert_eq!(over(&*mine, &first, seen).await, [Basis::Categories]);
        assert_eq!(over(&*mine, &setting("shifts", 4.into()), seen).await, []);

        // Everything in the way is named, documents and rows.
        let (all, seen) = load(mine.as_ref()).await;
        let mut row = all.incidents.put[0].clone();
        row.status = "theirs".to_owned();
        let both = ChangeSet {
            incidents: vec![row.clone()].into(),
            district: Some(District {
                name: "改名街道".to_owned(),
                ..District::default()
            }),
            ..tree(items[..1].to_vec())
        };
        theirs.apply(&both, &write()).await.unwrap();
        let ChangeSet { district, .. } = everything();
        let mine_now = ChangeSet {
            district,
            incidents: vec![row.clone()].into(),
            ..tree(items)
        };
        let of = over(&*mine, &mine_now, seen).await;
        let row = Basis::Row(LayerName::Incidents, row.meta.id);
        let district = Basis::Setting("district".to_owned());
        assert_eq!(of, [row, district, Basis::Categories], "{mine:?}");
        let error = Error::Conflict { of };
        assert!(
            error.to_string().contains("the categories changed"),
            "{error}"
        );
        assert!(error.zh().contains("设置“district”"), "{}", error.zh());
    }
}

/// Counts up in a setting, as often as told, seeing each time what is there.
async fn count_up(store: Arc<dyn Store>, times: usize) -> usize {
    let mut refused = 0;
    for _ in 0..times {
        loop {
            let (all, seen) = load(store.as_ref()).await;
            let n = all.settings.get("n").and_then(serde_json::Value::as_u64);
            let next = setting("n", (n.unwrap_or(0) + 1).into());
            if over(&*store, &next, seen).await.is_empty() {
                break;
            }
            refused += 1;
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_at_one_setting_lose_nothing() {
    for ([one, two], _folder) in pairs().await {
        let first = tokio::spawn(count_up(Arc::clone(&one), 20));
        let second = tokio::spawn(count_up(two, 20));
        let refused = first.await.unwrap() + second.await.unwrap();
        let (all, _) = load(one.as_ref()).await;
        assert_eq!(all.settings["n"], 40, "{one:?}, refused {refused}");
    }
}
