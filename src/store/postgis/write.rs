//! From changes to rows, in one transaction that holds the writers' lock.

use std::collections::BTreeMap;

use sqlx::{Connection, PgConnection, PgPool};

use super::ground;
use super::read::{DISTRICT, category_rows, current, forgotten};
use super::rows::Copier;
use super::sql::{
    self, DROP_INDEXES, LOCK_INCIDENTS, LayerSql, MAKE_INDEXES, MAKE_MONTHS, NO_INCIDENTS,
};
use crate::model::{
    CategoryTree, ChangeSet, District, FeatureId, LayerChanges, LayerName, Revision,
};
use crate::store::log::layer_of;
use crate::store::row::{Stored, check};
use crate::store::write::{document, documents_read, last_of_each, order_is_kept, rows_read};
use crate::store::{Applied, Basis, Counts, Error, KEEP_CHANGES, KEEP_S, Op, Write};

/// Bytes of rows sent at a time.
pub(super) const CHUNK: usize = 1 << 20;

/// Rows for which an empty table is filled without indexes.
const BULK: usize = 20_000;

/// Rows that change the planner's mind.
const MANY: usize = 200;

pub(super) async fn apply(
    pool: &PgPool,
    changes: &ChangeSet,
    write: &Write,
) -> Result<Applied, Error> {
    check(changes)?;
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let before: i64 = sqlx::query_scalar("SELECT gridmap.begin_write()")
        .fetch_one(&mut *transaction)
        .await?;
    let before = Revision(before);
    if let Some(first) = repeated(&mut transaction, write).await? {
        return Ok(first);
    }
    refuse_conflicts(&mut transaction, write).await?;
    put_all(&mut transaction, changes).await?;
    let revision = current(&mut transaction).await?;
    note(&mut transaction, before, revision, write).await?;
    forget(&mut transaction, before).await?;
    transaction.commit().await?;
    Ok(Applied {
        before,
        revision,
        repeated: false,
    })
}

async fn put_all(connection: &mut PgConnection, changes: &ChangeSet) -> Result<(), Error> {
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
async fn repeated(connection: &mut PgConnection, write: &Write) -> Result<Option<Applied>, Error> {
    let Some(key) = &write.key else {
        return Ok(None);
    };
    let first: Option<(i64, i64, String)> =
        sqlx::query_as("SELECT before, revision, digest FROM gridmap.revisions WHERE key = $1")
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

async fn refuse_conflicts(connection: &mut PgConnection, write: &Write) -> Result<(), Error> {
    if write.unless_changed.is_empty() {
        return Ok(());
    }
    // What the log no longer tells may have changed.
    let known = forgotten(connection).await?;
    let rows = rows_read(write);
    let layers: Vec<&str> = rows.iter().map(|(layer, ..)| layer.as_str()).collect();
    let ids: Vec<i64> = rows.iter().map(|(_, id, _)| id.0).collect();
    let read_at: Vec<i64> = rows.iter().map(|(.., revision)| revision.0).collect();
    let changed: Vec<(String, i64)> = sqlx::query_as(
        "SELECT w.layer, w.fid FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS w (layer, fid, read_at, n) \
         WHERE w.read_at < $4 \
         OR EXISTS (SELECT FROM gridmap.changes c WHERE c.layer = w.layer AND c.fid = w.fid AND c.revision > w.read_at) \
         OR EXISTS (SELECT FROM gridmap.changes c WHERE c.layer = w.layer AND c.fid_to IS NOT NULL \
                    AND c.fid < w.fid AND c.fid_to >= w.fid AND c.revision > w.read_at) \
         OR EXISTS (SELECT FROM gridmap.changes c WHERE c.layer = 'gap' AND c.revision > w.read_at) \
         ORDER BY n",
    )
    .bind(layers)
    .bind(ids)
    .bind(read_at)
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
    connection: &mut PgConnection,
    documents: &[(&str, Option<&str>, Revision)],
    known: Revision,
) -> Result<Vec<Basis>, Error> {
    let tables: Vec<&str> = documents.iter().map(|(table, ..)| *table).collect();
    let names: Vec<Option<&str>> = documents.iter().map(|(_, name, _)| *name).collect();
    let read_at: Vec<i64> = documents.iter().map(|(.., revision)| revision.0).collect();
    let changed: Vec<(Option<String>,)> = sqlx::query_as(
        "SELECT w.name FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS w (layer, name, read_at, n) \
         WHERE w.read_at < $4 \
         OR EXISTS (SELECT FROM gridmap.changes c WHERE c.layer = 'gap' AND c.revision > w.read_at) \
         OR EXISTS (SELECT FROM gridmap.changes c WHERE c.layer = w.layer AND c.revision > w.read_at \
                    AND (w.name IS NULL \
                         OR EXISTS (SELECT FROM gridmap.settings s WHERE s.name = w.name \
                                    AND s.id BETWEEN c.fid AND coalesce(c.fid_to, c.fid)) \
                         OR c.before::json ->> 'name' = w.name)) \
         ORDER BY n",
    )
    .bind(tables)
    .bind(names)
    .bind(read_at)
    .bind(known.0)
    .fetch_all(connection)
    .await?;
    Ok(changed.into_iter().map(|(name,)| document(name)).collect())
}

async fn put_layer<T: Stored>(
    connection: &mut PgConnection,
    changes: &LayerChanges<T>,
) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let statements = sql::of(T::LAYER);
    if changes.replace {
        let kept = changes.put.iter().map(|item| item.meta().id);
        sqlx::query(statements.delete_others)
            .bind(stored(kept))
            .execute(&mut *connection)
            .await?;
    }
    if !changes.delete.is_empty() {
        sqlx::query(statements.delete)
            .bind(stored(changes.delete.iter().copied()))
            .execute(&mut *connection)
            .await?;
    }
    if changes.put.is_empty() {
        return Ok(());
    }
    let last_id = send(connection, statements, &changes.put).await?;
    let mut bare = false;
    if T::LAYER == LayerName::Incidents {
        bare = changes.put.len() >= BULK && without_indexes(connection).await?;
        sqlx::query(MAKE_MONTHS).execute(&mut *connection).await?;
    }
    for statement in [statements.find, statements.update, statements.insert] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    if bare {
        sqlx::raw_sql(MAKE_INDEXES)
            .execute(&mut *connection)
            .await?;
    }
    if last_id > 0 {
        sqlx::query(statements.above)
            .bind(last_id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Takes the indexes off a table that has no rows, if nobody else is at it:
/// made at the end they cost half of what they cost row by row. Whoever comes
/// now waits for the end of the transaction; without it they are there still.
async fn without_indexes(connection: &mut PgConnection) -> Result<bool, Error> {
    let mut attempt = connection.begin().await?;
    match drop_indexes(&mut attempt).await {
        Ok(true) => {
            attempt.commit().await?;
            Ok(true)
        }
        // Not allowed, or somebody is at it: the ordinary way is open.
        Ok(false) | Err(Error::Busy | Error::Database(_)) => {
            attempt.rollback().await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

async fn drop_indexes(connection: &mut PgConnection) -> Result<bool, Error> {
    sqlx::query(LOCK_INCIDENTS)
        .execute(&mut *connection)
        .await?;
    // Asked under the lock: rows of others may have been committed meanwhile.
    let empty: bool = sqlx::query_scalar(NO_INCIDENTS)
        .fetch_one(&mut *connection)
        .await?;
    if empty {
        sqlx::raw_sql(DROP_INDEXES).execute(connection).await?;
    }
    Ok(empty)
}

/// Sends rows to the session's table; answers the highest id among them.
async fn send<T: Stored>(
    connection: &mut PgConnection,
    statements: &LayerSql,
    rows: &[T],
) -> Result<i64, Error> {
    sqlx::query(statements.incoming)
        .execute(&mut *connection)
        .await?;
    let newest = last_of_each(rows);
    let mut copy = connection.copy_in_raw(statements.copy_in).await?;
    let mut copier = Copier::new();
    let mut last_id = 0;
    for (item, &id) in rows.iter().zip(&newest) {
        let Some(id) = id else { continue };
        last_id = last_id.max(id.0);
        copier.row(id, item);
        if let Some(bytes) = copier.take(CHUNK) {
            copy.send(bytes).await?;
        }
    }
    copy.send(copier.finish()).await?;
    copy.finish().await?;
    if rows.len() > MANY {
        sqlx::query(statements.analyze)
            .execute(&mut *connection)
            .await?;
    }
    Ok(last_id)
}

fn stored(ids: impl Iterator<Item = FeatureId>) -> Vec<i64> {
    ids.map(|id| id.0).filter(|&id| id != 0).collect()
}

/// Name and value of a setting.
pub(super) const PUT_SETTING: &str = "INSERT INTO gridmap.settings AS s (name, value) VALUES ($1, $2) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE s.value != excluded.value";

async fn put_district(connection: &mut PgConnection, district: &District) -> Result<(), Error> {
    let text = serde_json::to_string(district).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    sqlx::query(PUT_SETTING)
        .bind(DISTRICT)
        .bind(text)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_settings(
    connection: &mut PgConnection,
    settings: &BTreeMap<String, serde_json::Value>,
) -> Result<(), Error> {
    for (name, value) in settings {
        if value.is_null() {
            sqlx::query("DELETE FROM gridmap.settings WHERE name = $1")
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
async fn put_categories(connection: &mut PgConnection, tree: &CategoryTree) -> Result<(), Error> {
    let rows = category_rows(connection).await?;
    let old: Vec<_> = rows.iter().map(|(_, item)| item).collect();
    let in_order = order_is_kept(&old, tree);
    let codes: Vec<&str> = tree.items().iter().map(|item| item.code.as_str()).collect();
    let codes = if in_order { codes } else { Vec::new() };
    sqlx::query("DELETE FROM gridmap.categories WHERE code <> ALL($1)")
        .bind(codes)
        .execute(&mut *connection)
        .await?;
    for item in tree.items() {
        if in_order && old.contains(&item) {
            continue;
        }
        sqlx::query(
            "INSERT INTO gridmap.categories (code, parent, kind, name_zh, name_en, sensitive, aliases) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, \
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
    connection: &mut PgConnection,
    before: Revision,
    revision: Revision,
    write: &Write,
) -> Result<(), Error> {
    let touched: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT layer, op, sum(coalesce(fid_to, fid) - fid + 1)::bigint FROM gridmap.changes WHERE revision > $1 GROUP BY layer, op",
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
        "INSERT INTO gridmap.revisions (before, revision, actor, action, reason, key, digest, undoes, counts) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(before.0)
    .bind(revision.0)
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
async fn forget(connection: &mut PgConnection, before: Revision) -> Result<(), Error> {
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT greatest($1, (SELECT max(revision) FROM gridmap.revisions WHERE at < now() - $2 * interval '1 second'))",
    )
    .bind(before.0 - KEEP_CHANGES)
    .bind(KEEP_S)
    .fetch_one(&mut *connection)
    .await?;
    let last = last.unwrap_or(0);
    if last <= forgotten(&mut *connection).await?.0 {
        return Ok(());
    }
    sqlx::query("DELETE FROM gridmap.changes WHERE revision <= $1")
        .bind(last)
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE gridmap.store SET forgotten = $1")
        .bind(last)
        .execute(connection)
        .await?;
    Ok(())
}
