//! From rows to changes: the whole store, or what the log names.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;
use sqlx::{Connection, PgConnection, PgPool, Row};
use tokio_stream::StreamExt;

use super::rows::{CopyFields, PgCells, RowFields};
use super::{ground, sql};
use crate::model::{
    Category, CategoryTree, ChangeSet, Compound, District, FeatureId, Grid, Incident, IncidentKind,
    LayerChanges, LayerName, Revision, Route, Street,
};
use crate::store::log::Table;
use crate::store::row::ground::GROUND;
use crate::store::row::{Stored, image};
use crate::store::{Changes, Error, RELOAD_ABOVE, RESERVED_SETTINGS, Sink};

/// Rows handed over at a time.
const BATCH: usize = 32_768;

/// One state for all statements of a transaction that only reads.
pub(super) const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The setting that holds the [`District`] as JSON.
pub(super) const DISTRICT: &str = "district";

pub(super) async fn load(pool: &PgPool, sink: Sink<'_>) -> Result<Revision, Error> {
    let mut connection = pool.acquire().await?;
    number_changes(&mut connection).await?;
    let mut transaction = connection.begin_with(READ).await?;
    let revision = current(&mut transaction).await?;
    sink(ChangeSet {
        categories: Some(categories(&mut transaction).await?),
        district: Some(district(&mut transaction).await?),
        settings: settings(&mut transaction).await?,
        ..ChangeSet::default()
    });
    load_layer::<Grid>(&mut transaction, sink, |c| &mut c.grids).await?;
    load_layer::<Compound>(&mut transaction, sink, |c| &mut c.compounds).await?;
    load_layer::<Street>(&mut transaction, sink, |c| &mut c.streets).await?;
    load_layer::<Route>(&mut transaction, sink, |c| &mut c.routes).await?;
    load_layer::<Incident>(&mut transaction, sink, |c| &mut c.incidents).await?;
    let ground = ground::read(&mut transaction).await?;
    if ground.ground().is_some() {
        sink(ChangeSet {
            ground: Some(ground),
            ..ChangeSet::default()
        });
    }
    Ok(revision)
}

/// Where a layer's changes live in a change set.
type Slot<T> = fn(&mut ChangeSet) -> &mut LayerChanges<T>;

async fn load_layer<T: Stored>(
    connection: &mut PgConnection,
    sink: Sink<'_>,
    slot: Slot<T>,
) -> Result<(), Error> {
    let statements = sql::of(T::LAYER);
    let rows: i64 = sqlx::query_scalar(statements.count)
        .fetch_one(&mut *connection)
        .await?;
    // The first batch brings room for all, so that a receiver that collects
    // them need not move a million rows again and again.
    let mut room = usize::try_from(rows).unwrap_or(0);
    let mut unreadable = 0_usize;
    let mut hand_over = |decoded: (Vec<T>, usize)| {
        let (rows, left_out) = decoded;
        unreadable += left_out;
        let mut changes = ChangeSet::default();
        let put = &mut slot(&mut changes).put;
        *put = rows;
        put.reserve(std::mem::take(&mut room).saturating_sub(put.len()));
        sink(changes);
    };
    // While one batch is decoded on all cores, the next one comes in.
    let mut decoding = None;
    let mut stream = connection.copy_out_raw(statements.copy_out).await?;
    let mut more = true;
    while more {
        let mut raw = Vec::with_capacity(BATCH);
        while raw.len() < BATCH && more {
            match stream.try_next().await? {
                Some(bytes) => raw.push(bytes),
                None => more = false,
            }
        }
        let next = tokio::task::spawn_blocking(move || decode::<T>(&raw));
        if let Some(job) = decoding.replace(next) {
            hand_over(finished(job).await?);
        }
    }
    if let Some(job) = decoding {
        hand_over(finished(job).await?);
    }
    warn_unreadable(T::LAYER, unreadable);
    Ok(())
}

pub(super) async fn finished<T>(job: tokio::task::JoinHandle<T>) -> Result<T, Error> {
    job.await
        .map_err(|error| Error::Database(sqlx::Error::Decode(error.into())))
}

/// Rows of a binary COPY, and how many cannot be read.
fn decode<T: Stored>(raw: &[impl AsRef<[u8]> + Sync]) -> (Vec<T>, usize) {
    let read: Vec<Option<T>> = raw
        .par_iter()
        .with_min_len(1024)
        .filter_map(|bytes| CopyFields::row(bytes.as_ref()))
        .map(|fields| T::read(&mut PgCells(fields)))
        .collect();
    let total = read.len();
    let rows: Vec<T> = read.into_iter().flatten().collect();
    let left_out = total - rows.len();
    (rows, left_out)
}

fn warn_unreadable(layer: LayerName, rows: usize) {
    if rows > 0 {
        tracing::warn!(%layer, rows, "rows left out: their geometry, kind or time cannot be read");
    }
}

/// Numbers what other programs changed, so that it is part of the log.
pub(super) async fn number_changes(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("SELECT gridmap.number_changes()")
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn changes_since(pool: &PgPool, since: Revision) -> Result<Changes, Error> {
    let mut connection = pool.acquire().await?;
    number_changes(&mut connection).await?;
    let mut transaction = connection.begin_with(READ).await?;
    let revision = current(&mut transaction).await?;
    if revision == since {
        return Ok(Changes::None);
    }
    if revision < since || forgotten(&mut transaction).await? > since {
        return Ok(Changes::Reload);
    }
    let counts: Vec<(String, i64)> = sqlx::query_as(
        "SELECT layer, sum(coalesce(fid_to, fid) - fid + 1)::bigint FROM gridmap.changes WHERE revision > $1 GROUP BY layer",
    )
    .bind(since.0)
    .fetch_all(&mut *transaction)
    .await?;
    if counts.iter().map(|(_, rows)| rows).sum::<i64>() > RELOAD_ABOVE {
        return Ok(Changes::Reload);
    }
    let mut changes = ChangeSet::default();
    for (word, _) in counts {
        let connection = &mut *transaction;
        match Table::read(&word) {
            Some(Table::Layer(LayerName::Grids)) => {
                changes.grids = changed(connection, since).await?;
            }
            Some(Table::Layer(LayerName::Compounds)) => {
                changes.compounds = changed(connection, since).await?;
            }
            Some(Table::Layer(LayerName::Streets)) => {
                changes.streets = changed(connection, since).await?;
            }
            Some(Table::Layer(LayerName::Routes)) => {
                changes.routes = changed(connection, since).await?;
            }
            Some(Table::Layer(LayerName::Incidents)) => {
                changes.incidents = changed(connection, since).await?;
            }
            Some(Table::Categories) => changes.categories = Some(categories(connection).await?),
            Some(Table::Settings) => changed_settings(connection, since, &mut changes).await?,
            Some(Table::Gap) => return Ok(Changes::Reload),
            None => {}
        }
    }
    Ok(Changes::Rows {
        revision,
        changes: Box::new(changes),
    })
}

async fn changed<T: Stored>(
    connection: &mut PgConnection,
    since: Revision,
) -> Result<LayerChanges<T>, Error> {
    let ids: Vec<i64> = sqlx::query_scalar(
        "SELECT DISTINCT g FROM gridmap.changes c, generate_series(c.fid, coalesce(c.fid_to, c.fid)) g \
         WHERE c.revision > $1 AND c.layer = $2 ORDER BY g",
    )
    .bind(since.0)
    .bind(T::LAYER.as_str())
    .fetch_all(&mut *connection)
    .await?;
    let mut put = Vec::with_capacity(ids.len());
    let mut unreadable = 0;
    {
        let mut stream = sqlx::query(sql::of(T::LAYER).by_id)
            .bind(&ids)
            .fetch(&mut *connection);
        while let Some(row) = stream.try_next().await? {
            match T::read(&mut PgCells(RowFields::new(&row))) {
                Some(item) => put.push(item),
                None => unreadable += 1,
            }
        }
    }
    warn_unreadable(T::LAYER, unreadable);
    let found: HashSet<i64> = put.iter().map(|item: &T| item.meta().id.0).collect();
    Ok(LayerChanges {
        put,
        // Gone, or no longer making sense.
        delete: ids
            .into_iter()
            .filter(|id| !found.contains(id))
            .map(FeatureId)
            .collect(),
        replace: false,
    })
}

/// The last change that the log no longer has.
pub(super) async fn forgotten(connection: &mut PgConnection) -> Result<Revision, Error> {
    let last = sqlx::query_scalar("SELECT forgotten FROM gridmap.store");
    Ok(Revision(last.fetch_one(connection).await?))
}

/// The number of the last change.
pub(super) async fn current(connection: &mut PgConnection) -> Result<Revision, Error> {
    let last = sqlx::query_scalar("SELECT gridmap.current_revision()");
    Ok(Revision(last.fetch_one(connection).await?))
}

async fn district(connection: &mut PgConnection) -> Result<District, Error> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT value FROM gridmap.settings WHERE name = $1")
            .bind(DISTRICT)
            .fetch_optional(connection)
            .await?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

/// Settings by name.
type Settings = BTreeMap<String, serde_json::Value>;

/// All settings but the store's own.
async fn settings(connection: &mut PgConnection) -> Result<Settings, Error> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT name, value FROM gridmap.settings")
        .fetch_all(connection)
        .await?;
    let mut settings = values(rows);
    for name in RESERVED_SETTINGS {
        settings.remove(name);
    }
    Ok(settings)
}

fn values(rows: Vec<(String, String)>) -> Settings {
    rows.into_iter()
        .map(|(name, text)| (name, image::setting_value(&text)))
        .collect()
}

/// The settings that the log names, `Null` for those that are gone.
async fn changed_settings(
    connection: &mut PgConnection,
    since: Revision,
    changes: &mut ChangeSet,
) -> Result<(), Error> {
    let before: Vec<String> = sqlx::query_scalar(
        "SELECT before FROM gridmap.changes WHERE revision > $1 AND layer = 'settings' AND before IS NOT NULL",
    )
    .bind(since.0)
    .fetch_all(&mut *connection)
    .await?;
    let now: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, value FROM gridmap.settings WHERE id IN (SELECT g FROM gridmap.changes c, \
         generate_series(c.fid, coalesce(c.fid_to, c.fid)) g WHERE c.revision > $1 AND c.layer = 'settings')",
    )
    .bind(since.0)
    .fetch_all(&mut *connection)
    .await?;
    let before = before.iter().filter_map(|json| image::setting(json));
    let mut settings: Settings = before
        .map(|(name, _)| (name, serde_json::Value::Null))
        .collect();
    settings.extend(values(now));
    for name in RESERVED_SETTINGS {
        match settings.remove(name) {
            Some(_) if name == DISTRICT => changes.district = Some(district(connection).await?),
            Some(_) if name == GROUND => changes.ground = Some(ground::read(connection).await?),
            _ => {}
        }
    }
    changes.settings = settings;
    Ok(())
}

/// The category table in order, with its row ids.
pub(super) async fn category_rows(
    connection: &mut PgConnection,
) -> Result<Vec<(i64, Category)>, Error> {
    let rows = sqlx::query(
        "SELECT id, code, parent, kind, name_zh, name_en, sensitive, aliases FROM gridmap.categories ORDER BY id",
    )
    .fetch_all(connection)
    .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let text = |column| {
            row.try_get::<Option<String>, _>(column)
                .map(Option::unwrap_or_default)
        };
        let Ok(kind) = text("kind")?.parse::<IncidentKind>() else {
            continue;
        };
        let parent = text("parent")?;
        let item = Category {
            code: text("code")?,
            parent: (!parent.is_empty()).then_some(parent),
            kind,
            name_zh: text("name_zh")?,
            name_en: text("name_en")?,
            sensitive: row
                .try_get::<Option<bool>, _>("sensitive")?
                .unwrap_or(false),
            aliases: image::aliases(&text("aliases")?),
        };
        items.push((row.try_get("id")?, item));
    }
    Ok(items)
}

async fn categories(connection: &mut PgConnection) -> Result<CategoryTree, Error> {
    let rows = category_rows(connection).await?;
    let items: Vec<Category> = rows.into_iter().map(|(_, item)| item).collect();
    Ok(items.into())
}
