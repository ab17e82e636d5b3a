//! From changes to rows, in one transaction.

use std::collections::BTreeMap;

use geo::BoundingRect;
use sqlx::{Connection, SqliteConnection};

use super::bulk::{self, BULK};
use super::ground;
use super::read::{DISTRICT, category_rows, current, forgotten};
use super::rows::Binder;
use super::sql::{self, MANY};
use crate::model::{
    Category, CategoryTree, ChangeSet, District, FeatureId, GroundChange, LayerChanges, Revision,
    Timestamp,
};
use crate::store::log::layer_of;
use crate::store::row::{Stored, check, moment};
use crate::store::write::{document, documents_read, order_is_kept, rows_read};
use crate::store::{Applied, Basis, Counts, Error, KEEP_CHANGES, KEEP_S, Op, Write};

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    changes: &ChangeSet,
    write: &Write,
) -> Result<Applied, Error> {
    check(changes)?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    if let Some(first) = repeated(&mut transaction, write).await? {
        return Ok(first);
    }
    refuse_conflicts(&mut transaction, write).await?;
    let before = current(&mut transaction).await?;
    // Nothing here replaces rows behind the triggers' back: they need not look.
    sqlx::raw_sql("DELETE FROM gridmap_replaced; INSERT INTO gridmap_replaced (layer, fid) VALUES ('own', 0);")
        .execute(&mut *transaction)
        .await?;
    put_all(&mut transaction, changes).await?;
    sqlx::query("DELETE FROM gridmap_replaced")
        .execute(&mut *transaction)
        .await?;
    let revision = current(&mut transaction).await?;
    let now = Timestamp(jiff::Timestamp::now().as_second());
    note(&mut transaction, before, revision, now, write).await?;
    forget(&mut transaction, before, now).await?;
    transaction.commit().await?;
    // What a small change touched is worth keeping, a big import's pages are not.
    let ground = changes.ground.as_ref().and_then(GroundChange::ground);
    let pieces = ground.map_or(0, |ground| ground.features.len());
    if changes.incidents.put.len() + pieces > 10_000 {
        sqlx::raw_sql("PRAGMA shrink_memory")
            .execute(connection)
            .await?;
    }
    Ok(Applied {
        before,
        revision,
        repeated: false,
    })
}

async fn put_all(connection: &mut SqliteConnection, changes: &ChangeSet) -> Result<(), Error> {
    if let Some(district) = &changes.district {
        put_district(connection, district).await?;
    }
    if let Some(tree) = &changes.categories {
        put_categories(connection, tree).await?;
    }
    put_settings(connection, &changes.settings).await?;
    if let Some(change) = &changes.ground {
        ground::put(connection, change).await?;
    }
    put_layer(connection, &changes.grids).await?;
    put_layer(connection, &changes.compounds).await?;
    put_layer(connection, &changes.streets).await?;
    put_layer(connection, &changes.routes).await?;
    put_layer(connection, &changes.incidents).await
}

/// What was answered when the write came first.
async fn repeated(
    connection: &mut SqliteConnection,
    write: &Write,
) -> Result<Option<Applied>, Error> {
    let Some(key) = &write.key else {
        return Ok(None);
    };
    let first: Option<(i64, i64, String)> =
        sqlx::query_as("SELECT before, revision, digest FROM gridmap_revisions WHERE key = ?1")
            .bind(&key.key)
            .fetch_optional(connection)
            .await?;
    match first {
        Some((_, _, digest)) if digest != key.digest => Err(Error::KeyReused(key.key.clone())),
        Some((before, revision, _)) => Ok(Some(Applied {
            before: Revision(before),
            revision: Revision(revision),
            repeated: true,
        })),
        None => Ok(None),
    }
}

async fn refuse_conflicts(connection: &mut SqliteConnection, write: &Write) -> Result<(), Error> {
    if write.unless_changed.is_empty() {
        return Ok(());
    }
    // What the log no longer tells may have changed.
    let known = forgotten(connection).await?;
    let rows = rows_read(write);
    let rows: Vec<_> = rows
        .iter()
        .map(|(layer, id, read_at)| (layer, id.0, read_at.0))
        .collect();
    let changed: Vec<(String, i64)> = sqlx::query_as(
        "SELECT value ->> 0 AS layer, value ->> 1 AS id FROM json_each(?1) AS wanted WHERE value ->> 2 < ?2 \
         OR EXISTS (SELECT 1 FROM gridmap_changes c WHERE c.layer = value ->> 0 AND c.fid = value ->> 1 AND c.seq > value ->> 2) \
         OR EXISTS (SELECT 1 FROM gridmap_changes c WHERE c.layer = value ->> 0 AND c.fid_to NOTNULL \
                    AND c.fid < value ->> 1 AND c.fid_to >= value ->> 1 AND c.seq > value ->> 2) \
         OR EXISTS (SELECT 1 FROM gridmap_changes c WHERE c.layer = 'gap' AND c.seq > value ->> 2) \
         ORDER BY wanted.key",
    )
    .bind(serde_json::json!(rows).to_string())
    .bind(known.0)
    .fetch_all(&mut *connection)
    .await?;
    let row = |(word, id): (String, i64)| Some(Basis::Row(layer_of(&word)?, FeatureId(id)));
    let mut of: Vec<Basis> = changed.into_iter().filter_map(row).collect();
    let documents = documents_read(write);
    if !documents.is_empty() {
        of.extend(changed_documents(connection, &documents, known).await?);
    }
    if of.is_empty() {
        Ok(())
    } else {
        Err(Error::Conflict { of })
    }
}

/// The documents of which a part changed after they were read. A setting that
/// is gone is known by what it was.
async fn changed_documents(
    connection: &mut SqliteConnection,
    documents: &[(&str, Option<&str>, Revision)],
    known: Revision,
) -> Result<Vec<Basis>, Error> {
    let wanted: Vec<_> = documents
        .iter()
        .map(|(table, name, read_at)| (table, name, read_at.0))
        .collect();
    let changed: Vec<(Option<String>,)> = sqlx::query_as(
        "SELECT wanted.value ->> 1 AS name FROM json_each(?1) AS wanted WHERE wanted.value ->> 2 < ?2 \
         OR EXISTS (SELECT 1 FROM gridmap_changes c WHERE c.layer = 'gap' AND c.seq > wanted.value ->> 2) \
         OR EXISTS (SELECT 1 FROM gridmap_changes c WHERE c.layer = wanted.value ->> 0 AND c.seq > wanted.value ->> 2 \
                    AND (wanted.value ->> 1 ISNULL \
                         OR c.fid IN (SELECT s.id FROM gridmap_settings s WHERE s.name = wanted.value ->> 1) \
                         OR CASE WHEN json_valid(c.before) THEN c.before ->> 'name' END = wanted.value ->> 1)) \
         ORDER BY wanted.key",
    )
    .bind(serde_json::json!(wanted).to_string())
    .bind(known.0)
    .fetch_all(connection)
    .await?;
    Ok(changed.into_iter().map(|(name,)| document(name)).collect())
}

async fn put_layer<T: Stored>(
    connection: &mut SqliteConnection,
    changes: &LayerChanges<T>,
) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let statements = sql::of(T::LAYER);
    if changes.replace {
        let kept = changes.put.iter().map(|item| item.meta().id);
        sqlx::query(statements.delete_others)
            .bind(json_ids(kept))
            .execute(&mut *connection)
            .await?;
    }
    if !changes.delete.is_empty() {
        sqlx::query(statements.delete)
            .bind(json_ids(changes.delete.iter().copied()))
            .execute(&mut *connection)
            .await?;
    }
    put_all_rows(connection, statements, &changes.put).await?;
    update_contents(connection, statements, changes).await
}

async fn put_all_rows<T: Stored>(
    connection: &mut SqliteConnection,
    statements: &sql::LayerSql,
    rows: &[T],
) -> Result<(), Error> {
    if rows.len() >= BULK {
        let there: i64 = sqlx::query_scalar(statements.bulk.any)
            .fetch_one(&mut *connection)
            .await?;
        if there == 0 {
            return bulk::fill(connection, statements, rows).await;
        }
        if rows.iter().all(|row| row.meta().id == FeatureId::NEW) {
            return bulk::append(connection, statements, rows).await;
        }
    }
    let mut chunks = rows.chunks_exact(MANY);
    for chunk in chunks.by_ref() {
        put_rows(connection, statements.put_many, chunk).await?;
    }
    for item in chunks.remainder() {
        put_rows(connection, statements.put_one, std::slice::from_ref(item)).await?;
    }
    Ok(())
}

async fn put_rows<T: Stored>(
    connection: &mut SqliteConnection,
    statement: &'static str,
    items: &[T],
) -> Result<(), Error> {
    let mut binder = Binder::default();
    for item in items {
        item.write(&mut binder);
    }
    sqlx::query_with(statement, binder.finish())
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps `gpkg_contents` true: the time of the change and the bounds, which
/// may shrink only when rows went away.
async fn update_contents<T: Stored>(
    connection: &mut SqliteConnection,
    statements: &sql::LayerSql,
    changes: &LayerChanges<T>,
) -> Result<(), Error> {
    if changes.replace || !changes.delete.is_empty() {
        sqlx::query(statements.measure).execute(connection).await?;
        return Ok(());
    }
    let mut bounds: Option<geo::Rect<f64>> = None;
    for rect in changes
        .put
        .iter()
        .filter_map(|item| item.geometry()?.bounding_rect())
    {
        bounds = Some(match bounds {
            None => rect,
            Some(all) => geo::Rect::new(
                geo::coord! { x: all.min().x.min(rect.min().x), y: all.min().y.min(rect.min().y) },
                geo::coord! { x: all.max().x.max(rect.max().x), y: all.max().y.max(rect.max().y) },
            ),
        });
    }
    let corner = |pick: fn(geo::Rect<f64>) -> f64| bounds.map(pick);
    sqlx::query(statements.widen)
        .bind(corner(|r| r.min().x))
        .bind(corner(|r| r.min().y))
        .bind(corner(|r| r.max().x))
        .bind(corner(|r| r.max().y))
        .execute(connection)
        .await?;
    Ok(())
}

fn json_ids(ids: impl Iterator<Item = FeatureId>) -> String {
    let ids: Vec<i64> = ids.map(|id| id.0).filter(|&id| id != 0).collect();
    serde_json::json!(ids).to_string()
}

/// Name and value of a setting.
pub(super) const PUT_SETTING: &str = "INSERT INTO gridmap_settings (name, value) VALUES (?1, ?2) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value != excluded.value";

async fn put_district(connection: &mut SqliteConnection, district: &District) -> Result<(), Error> {
    let text = serde_json::to_string(district).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    sqlx::query(PUT_SETTING)
        .bind(DISTRICT)
        .bind(text)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_settings(
    connection: &mut SqliteConnection,
    settings: &BTreeMap<String, serde_json::Value>,
) -> Result<(), Error> {
    for (name, value) in settings {
        if value.is_null() {
            sqlx::query("DELETE FROM gridmap_settings WHERE name = ?1")
                .bind(name)
                .execute(&mut *connection)
                .await?;
        } else {
            sqlx::query(PUT_SETTING)
                .bind(name)
                .bind(value.to_string())
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// Writes what differs, so that the history of each category is its own. The
/// order of the table is that of the row ids: what stays must stay in order.
async fn put_categories(
    connection: &mut SqliteConnection,
    tree: &CategoryTree,
) -> Result<(), Error> {
    let rows = category_rows(connection).await?;
    let old: Vec<&Category> = rows.iter().map(|(_, item)| item).collect();
    let in_order = order_is_kept(&old, tree);
    let codes: Vec<&str> = tree.items().iter().map(|item| item.code.as_str()).collect();
    let codes = if in_order { codes } else { Vec::new() };
    sqlx::query(
        "DELETE FROM gridmap_categories WHERE code NOT IN (SELECT value FROM json_each(?1))",
    )
    .bind(serde_json::json!(codes).to_string())
    .execute(&mut *connection)
    .await?;
    for item in tree.items() {
        if in_order && old.contains(&item) {
            continue;
        }
        sqlx::query(
            "INSERT INTO gridmap_categories (code, parent, kind, name_zh, name_en, sensitive, aliases) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, \
             kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en, \
             sensitive = excluded.sensitive, aliases = excluded.aliases",
        )
        .bind(&item.code)
        .bind(&item.parent)
        .bind(item.kind.as_str())
        .bind(&item.name_zh)
        .bind(&item.name_en)
        .bind(item.sensitive)
        .bind(item.aliases.join("|"))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn note(
    connection: &mut SqliteConnection,
    before: Revision,
    revision: Revision,
    now: Timestamp,
    write: &Write,
) -> Result<(), Error> {
    let touched: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT layer, op, sum(coalesce(fid_to, fid) - fid + 1) FROM gridmap_changes WHERE seq > ?1 GROUP BY layer, op",
    )
    .bind(before.0)
    .fetch_all(&mut *connection)
    .await?;
    let mut counts = Counts::new();
    for (layer, op, rows) in touched {
        if let Some(op) = Op::read(&op) {
            let rows = u64::try_from(rows).unwrap_or(0);
            counts.entry(layer).or_default().insert(op, rows);
        }
    }
    let counts = serde_json::to_string(&counts).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let audit = &write.audit;
    sqlx::query(
        "INSERT INTO gridmap_revisions (before, revision, at, actor, action, reason, key, digest, undoes, counts) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(before.0)
    .bind(revision.0)
    .bind(moment::instant_text(now))
    .bind(&audit.actor)
    .bind(&audit.action)
    .bind(&audit.reason)
    .bind(write.key.as_ref().map(|key| &key.key))
    .bind(write.key.as_ref().map(|key| &key.digest))
    .bind(write.undoes.map(|revision| revision.0))
    .bind(counts)
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops what is older than the log keeps; the newest write always stays.
async fn forget(
    connection: &mut SqliteConnection,
    before: Revision,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "DELETE FROM gridmap_changes WHERE seq <= max(?1, \
         coalesce((SELECT max(revision) FROM gridmap_revisions WHERE at < ?2), 0))",
    )
    .bind(before.0 - KEEP_CHANGES)
    .bind(moment::instant_text(Timestamp(now.0 - KEEP_S)))
    .execute(connection)
    .await?;
    Ok(())
}
