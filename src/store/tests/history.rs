//! What every store remembers: the past of rows, writes, settings.

use super::*;

#[tokio::test]
async fn the_past_of_rows_categories_and_settings_is_told() {
    for (store, _folder) in stores().await {
        let made = store.apply(&everything(), &write()).await.unwrap();
        let (rows, _) = load(store.as_ref()).await;
        let old = rows.grids.put[0].clone();
        let mut grid = old.clone();
        grid.area.0.clear();
        grid.area.0.push(polygon![(x: 116.0, y: 31.0), (x: 116.1, y: 31.0), (x: 116.1, y: 31.1), (x: 116.0, y: 31.0)]);
        let mut categories = rows.categories.clone().unwrap().items().to_vec();
        categories[0].sensitive = false;
        categories.push(Category {
            code: "police.new".to_owned(),
            kind: IncidentKind::Police,
            ..categories[0].clone()
        });
        let changes = ChangeSet {
            grids: vec![grid].into(),
            categories: Some(categories.into()),
            settings: BTreeMap::from([
                ("shifts".to_owned(), serde_json::Value::Null),
                ("new".to_owned(), serde_json::json!(5)),
            ]),
            ..ChangeSet::default()
        };
        let by = Write::by(&Audit {
            actor: "editor".to_owned(),
            action: "edit".to_owned(),
            reason: "边界调整".to_owned(),
        });
        let applied = store.apply(&changes, &by).await.unwrap();
        assert_eq!(applied.before, made.revision);
        let past = store
            .history(&Subject::Row(LayerName::Grids, old.meta.id))
            .await
            .unwrap();
        assert_eq!(past.len(), 2, "{past:?}");
        assert_eq!(past[0].revision, applied.revision);
        assert_eq!(past[0].audit.as_ref(), Some(&by.audit));
        assert_eq!(past[0].op, Op::Update);
        assert_eq!(past[0].before, Some(Content::Grid(old)));
        assert_eq!((past[1].op, past[1].revision), (Op::Insert, made.revision));
        let of = |subject| {
            let store = Arc::clone(&store);
            async move {
                let past = store.history(&subject).await.unwrap();
                past.into_iter()
                    .map(|p| (p.op, p.before))
                    .collect::<Vec<_>>()
            }
        };
        let was = rows.categories.unwrap().items()[0].clone();
        let noise = of(Subject::Category("dispute.noise".to_owned())).await;
        assert_eq!(
            noise,
            [
                (Op::Update, Some(Content::Category(was))),
                (Op::Insert, None)
            ]
        );
        let new = of(Subject::Category("police.new".to_owned())).await;
        assert_eq!(new, [(Op::Insert, None)]);
        let shifts = of(Subject::Setting("shifts".to_owned())).await;
        let value = Content::Setting(rows.settings["shifts"].clone());
        assert_eq!(shifts, [(Op::Delete, Some(value)), (Op::Insert, None)]);
        assert_eq!(of(Subject::Setting("none".to_owned())).await, []);
    }
}

/// Rows moved, added and deleted, a layer emptied, a setting made.
fn some_of_each(rows: &ChangeSet) -> ChangeSet {
    let mut moved = rows.incidents.put[1].clone();
    moved.at = Some(coord! { x: 117.7, y: 31.7 });
    ChangeSet {
        incidents: LayerChanges {
            put: vec![moved, incident("8", 117.8), incident("9", 117.9)],
            delete: vec![rows.incidents.put[0].meta.id],
            replace: false,
        },
        streets: LayerChanges {
            put: Vec::new(),
            delete: Vec::new(),
            replace: true,
        },
        settings: BTreeMap::from([("new".to_owned(), serde_json::json!(5))]),
        ..ChangeSet::default()
    }
}

#[tokio::test]
async fn writes_are_listed_and_can_be_taken_back() {
    for (store, _folder) in stores().await {
        let first = store.apply(&everything(), &write()).await.unwrap();
        let (rows, _) = load(store.as_ref()).await;
        let hash = store.content_hash().await.unwrap();
        let changes = some_of_each(&rows);
        let second = store.apply(&changes, &write()).await.unwrap();
        assert_ne!(store.content_hash().await.unwrap(), hash);
        let notes = store.writes(None, 10).await.unwrap();
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert_eq!(notes[0].revision, second.revision);
        assert_eq!(notes[0].before, second.before);
        let incidents = &notes[0].counts["incidents"];
        assert_eq!(
            (
                incidents[&Op::Insert],
                incidents[&Op::Update],
                incidents[&Op::Delete]
            ),
            (2, 1, 1)
        );
        assert_eq!(notes[0].counts["streets"][&Op::Delete], 1);
        let older = store.writes(Some(second.revision), 10).await.unwrap();
        assert_eq!(older[..], notes[1..]);

        // Somebody edits one of the new rows.
        let (now, _) = load(store.as_ref()).await;
        let mut edited = now.incidents.put.last().unwrap().clone();
        edited.status = "edited".to_owned();
        let edit = ChangeSet {
            incidents: vec![edited.clone()].into(),
            ..ChangeSet::default()
        };
        store.apply(&edit, &write()).await.unwrap();
        let touched = store.touched(second.before, second.revision).await.unwrap();
        let told: Vec<_> = touched
            .iter()
            .map(|t| (t.subject.clone(), t.op, t.edited_since))
            .collect();
        let row = |layer, id| Subject::Row(layer, id);
        let id = |n: usize| now.incidents.put[n].meta.id;
        assert_eq!(
            told,
            [
                (
                    row(LayerName::Streets, rows.streets.put[0].meta.id),
                    Op::Delete,
                    false
                ),
                (
                    row(LayerName::Incidents, rows.incidents.put[0].meta.id),
                    Op::Delete,
                    false
                ),
                (row(LayerName::Incidents, id(0)), Op::Update, false),
                (row(LayerName::Incidents, id(1)), Op::Insert, false),
                (row(LayerName::Incidents, id(2)), Op::Insert, true),
                (Subject::Setting("new".to_owned()), Op::Insert, false),
            ],
            "{store:?}"
        );
        let undo = Write {
            undoes: Some(second.revision),
            ..write()
        };
        let undone = store.apply(&take_back(&touched), &undo).await.unwrap();
        assert_eq!(store.content_hash().await.unwrap(), hash, "{store:?}");
        let notes = store.writes(None, 10).await.unwrap();
        assert_eq!(notes[0].undoes, Some(second.revision));
        assert_eq!(notes[2].undone_by, Some(undone.revision));
        // The old rows are back under their ids.
        let (back, _) = load(store.as_ref()).await;
        assert_eq!(sorted(back.incidents.put), sorted(rows.incidents.put));
        assert_eq!(back.streets, rows.streets);
        assert!(first.revision < undone.revision);
    }
}

fn sorted(mut rows: Vec<Incident>) -> Vec<Incident> {
    rows.sort_by_key(|row| row.meta.id);
    rows
}

/// The changes that take everything back.
fn take_back(touched: &[Touched]) -> ChangeSet {
    let mut changes = ChangeSet::default();
    for item in touched {
        match (&item.subject, item.before.as_deref()) {
            (Subject::Row(LayerName::Incidents, id), None) => changes.incidents.delete.push(*id),
            (Subject::Setting(name), None) => {
                changes
                    .settings
                    .insert(name.clone(), serde_json::Value::Null);
            }
            (_, Some(Content::Incident(row))) => changes.incidents.put.push(row.clone()),
            (_, Some(Content::Street(row))) => changes.streets.put.push(row.clone()),
            other => panic!("{other:?}"),
        }
    }
    changes
}

#[tokio::test]
async fn settings_are_kept_changed_and_taken_away() {
    for (store, _folder) in stores().await {
        store.apply(&everything(), &write()).await.unwrap();
        let put = |name: &str, value: serde_json::Value| ChangeSet {
            settings: BTreeMap::from([(name.to_owned(), value)]),
            ..ChangeSet::default()
        };
        let text = serde_json::json!({"b": 1.0, "a": ["一", "\u{0}", null]});
        store
            .apply(&put("x", text.clone()), &write())
            .await
            .unwrap();
        assert_eq!(load(store.as_ref()).await.0.settings["x"], text);
        let same = store.apply(&put("x", text), &write()).await.unwrap();
        assert_eq!(same.before, same.revision, "no change");
        let null = put("x", serde_json::Value::Null);
        store.apply(&null, &write()).await.unwrap();
        assert_eq!(load(store.as_ref()).await.0.settings, everything().settings);
        for name in RESERVED_SETTINGS {
            let error = store
                .apply(&put(name, 1.into()), &write())
                .await
                .unwrap_err();
            assert!(matches!(error, Error::ReservedSetting(_)), "{error}");
        }
    }
}
