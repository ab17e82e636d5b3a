//! Rows that other programs replace without saying so.

use super::*;
use crate::model::Incident;

/// What happened to a row, newest first, with its text before.
async fn past(store: &GpkgStore, id: i64) -> Vec<(Op, Option<String>)> {
    let subject = Subject::Row(LayerName::Incidents, FeatureId(id));
    let past = store.history(&subject).await.unwrap();
    let text = |before| match before {
        Content::Incident(Incident { text, .. }) => text,
        other => panic!("{other:?}"),
    };
    past.into_iter()
        .map(|change| (change.op, change.before.map(text)))
        .collect()
}

async fn three_rows(path: &Path) -> (GpkgStore, Revision) {
    let store = GpkgStore::open(path).await.unwrap();
    let mut rows = [
        incident("a", 117.1),
        incident("b", 117.2),
        incident("c", 117.3),
    ];
    for row in &mut rows {
        row.text = format!("text of {}", row.meta.source_id);
    }
    let changes = ChangeSet {
        incidents: rows.to_vec().into(),
        ..ChangeSet::default()
    };
    let made = store.apply(&changes, &write()).await.unwrap();
    (store, made.revision)
}

#[tokio::test]
async fn what_another_program_replaces_leaves_what_it_was() {
    for recursive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gpkg");
        let (store, made) = three_rows(&path).await;
        let mut other = plain(&path).await;
        if recursive {
            run(&mut other, "PRAGMA recursive_triggers = ON").await;
        }
        // By id, then by key under a new id, then one that is both.
        run(
            &mut other,
            "INSERT OR REPLACE INTO incidents (fid, kind, occurred_at, text, source, source_id) \
             VALUES (1, 'police', '2026-01-01T00:00:00Z', 'new a', 's', 'a')",
        )
        .await;
        let was = |text: &str| Some(text.to_owned());
        let replaced = [
            (Op::Insert, None),
            (Op::Delete, was("text of a")),
            (Op::Insert, None),
        ];
        assert_eq!(past(&store, 1).await, replaced, "recursive {recursive}");
        run(
            &mut other,
            "REPLACE INTO incidents (kind, occurred_at, text, source, source_id) \
             VALUES ('police', '2026-01-01T00:00:00Z', 'new b', 's', 'b')",
        )
        .await;
        let gone = [(Op::Delete, was("text of b")), (Op::Insert, None)];
        assert_eq!(past(&store, 2).await, gone, "recursive {recursive}");
        assert_eq!(past(&store, 4).await, [(Op::Insert, None)]);
        run(
            &mut other,
            "REPLACE INTO incidents (fid, kind, occurred_at, text, source, source_id) \
             VALUES (3, 'police', '2026-01-01T00:00:00Z', 'new c', 's', 'a')",
        )
        .await;
        assert_eq!(past(&store, 1).await[0], (Op::Delete, was("new a")));
        assert_eq!(
            past(&store, 3).await[..2],
            [(Op::Insert, None), (Op::Delete, was("text of c"))]
        );
        // A follower learns which rows are gone.
        let Changes::Rows { changes, .. } = store.changes_since(made).await.unwrap() else {
            panic!("rows");
        };
        let put: Vec<i64> = changes
            .incidents
            .put
            .iter()
            .map(|row| row.meta.id.0)
            .collect();
        let gone: Vec<i64> = changes.incidents.delete.iter().map(|id| id.0).collect();
        assert_eq!((put, gone), (vec![3, 4], vec![1, 2]));
        // And the past of a row that an undo would bring back is whole.
        let now = store.revision().await.unwrap();
        let touched = store.touched(made, now).await.unwrap();
        let befores = touched.iter().filter(|touched| touched.before.is_some());
        assert_eq!(befores.count(), 3, "{touched:?}");
    }
}

#[tokio::test]
async fn inserts_that_replace_nothing_log_no_deletion() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let (store, _) = three_rows(&path).await;
    let mut other = plain(&path).await;
    let statements = [
        "INSERT OR IGNORE INTO incidents (fid, text, source, source_id) VALUES (1, 'x', 's', 'z')",
        "INSERT OR IGNORE INTO incidents (text, source, source_id) VALUES ('x', 's', 'b')",
        "INSERT INTO incidents (fid, text, source, source_id) VALUES (3, 'x', 's', 'c') \
         ON CONFLICT (fid) DO UPDATE SET text = 'updated'",
    ];
    for statement in statements {
        run(&mut other, statement).await;
    }
    let refused = sqlx::query("INSERT INTO incidents (fid, text) VALUES (2, 'x')")
        .execute(&mut other)
        .await;
    assert!(refused.is_err(), "an id twice");
    let fresh = "INSERT INTO incidents (fid, text, source, source_id) VALUES (9, 'x', 's', 'n')";
    run(&mut other, fresh).await;
    assert_eq!(past(&store, 1).await, [(Op::Insert, None)]);
    assert_eq!(past(&store, 2).await, [(Op::Insert, None)]);
    let updated = [
        (Op::Update, Some("text of c".to_owned())),
        (Op::Insert, None),
    ];
    assert_eq!(past(&store, 3).await, updated);
    assert_eq!(past(&store, 9).await, [(Op::Insert, None)]);
    // Our own writes replace by update, and set nothing aside.
    let mut row = load(&store).await.0.incidents.put.remove(0);
    row.text = "ours".to_owned();
    let changes = ChangeSet {
        incidents: vec![row].into(),
        ..ChangeSet::default()
    };
    store.apply(&changes, &write()).await.unwrap();
    let ours = [
        (Op::Update, Some("text of a".to_owned())),
        (Op::Insert, None),
    ];
    assert_eq!(past(&store, 1).await, ours);
    let aside: i64 = sqlx::query_scalar("SELECT count(*) FROM gridmap_replaced")
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!(aside, 0);
}
