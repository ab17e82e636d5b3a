//! From rows to changes: the whole store, or what the log names.

use sqlx::{Connection, Row, SqliteConnection, SqlitePool};
use tokio_stream::StreamExt;

use super::rows::{Cells, Stored};
use super::sql;
use crate::model::{
    Category, CategoryTree, ChangeSet, Compound, District, FeatureId, Grid, Incident, IncidentKind,
    LayerChanges, LayerName, Revision, Route, Street,
};
use crate::store::{Changes, Error, Sink};

/// Rows handed over at a time.
const BATCH: usize = 32_768;

/// The setting that holds the [`District`] as JSON.
pub(super) const DISTRICT: &str = "district";

pub(super) async fn load(pool: &SqlitePool, sink: Sink<'_>) -> Result<Revision, Error> {
    let mut connection = pool.acquire().await?;
    // One read transaction: all layers from the same state.
    let mut transaction = connection.begin().await?;
    let revision = current(&mut transaction).await?;
    sink(ChangeSet {
        categories: Some(categories(&mut transaction).await?),
        district: Some(district(&mut transaction).await?),
        ..ChangeSet::default()
    });
    load_layer::<Grid>(&mut transaction, sink, |c| &mut c.grids).await?;
    load_layer::<Compound>(&mut transaction, sink, |c| &mut c.compounds).await?;
    load_layer::<Street>(&mut transaction, sink, |c| &mut c.streets).await?;
    load_layer::<Route>(&mut transaction, sink, |c| &mut c.routes).await?;
    load_layer::<Incident>(&mut transaction, sink, |c| &mut c.incidents).await?;
    Ok(revision)
}

/// Where a layer's changes live in a change set.
type Slot<T> = fn(&mut ChangeSet) -> &mut LayerChanges<T>;

async fn load_layer<T: Stored>(
    connection: &mut SqliteConnection,
    sink: Sink<'_>,
    slot: Slot<T>,
) -> Result<(), Error> {
    let rows: i64 = sqlx::query_scalar(sql::of(T::LAYER).count)
        .fetch_one(&mut *connection)
        .await?;
    let mut unreadable = 0_usize;
    // The first batch brings room for all, so that a receiver that collects
    // them need not move a million rows again and again.
    let mut batch = Vec::with_capacity(usize::try_from(rows).unwrap_or(0));
    let mut hand_over = |rows: &mut Vec<T>| {
        let mut changes = ChangeSet::default();
        slot(&mut changes).put = std::mem::take(rows);
        sink(changes);
    };
    {
        let mut stream = sqlx::query(sql::of(T::LAYER).all).fetch(connection);
        while let Some(row) = stream.try_next().await? {
            match T::read(&mut Cells::new(&row)) {
                Some(item) => batch.push(item),
                None => unreadable += 1,
            }
            if batch.len() == BATCH {
                hand_over(&mut batch);
            }
        }
    }
    if !batch.is_empty() {
        hand_over(&mut batch);
    }
    warn_unreadable(T::LAYER, unreadable);
    Ok(())
}

fn warn_unreadable(layer: LayerName, rows: usize) {
    if rows > 0 {
        tracing::warn!(%layer, rows, "rows left out: their geometry, kind or time cannot be read");
    }
}

pub(super) async fn changes_since(pool: &SqlitePool, since: Revision) -> Result<Changes, Error> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let revision = current(&mut transaction).await?;
    if revision == since {
        return Ok(Changes::None);
    }
    let oldest: Option<i64> = sqlx::query_scalar("SELECT min(seq) FROM gridmap_changes")
        .fetch_one(&mut *transaction)
        .await?;
    if revision < since || oldest.is_none_or(|seq| seq > since.0 + 1) {
        return Ok(Changes::Reload);
    }
    let layers: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT layer FROM gridmap_changes WHERE seq > ?1")
            .bind(since.0)
            .fetch_all(&mut *transaction)
            .await?;
    let mut changes = ChangeSet::default();
    for layer in layers {
        let connection = &mut *transaction;
        match layer.as_str() {
            "grids" => changes.grids = changed(connection, since).await?,
            "compounds" => changes.compounds = changed(connection, since).await?,
            "streets" => changes.streets = changed(connection, since).await?,
            "routes" => changes.routes = changed(connection, since).await?,
            "incidents" => changes.incidents = changed(connection, since).await?,
            "categories" => changes.categories = Some(categories(connection).await?),
            "settings" => changes.district = Some(district(connection).await?),
            _ => {}
        }
    }
    Ok(Changes::Rows {
        revision,
        changes: Box::new(changes),
    })
}

async fn changed<T: Stored>(
    connection: &mut SqliteConnection,
    since: Revision,
) -> Result<LayerChanges<T>, Error> {
    let statements = sql::of(T::LAYER);
    let mut delete: Vec<FeatureId> = sqlx::query_scalar(statements.gone)
        .bind(since.0)
        .fetch_all(&mut *connection)
        .await?
        .into_iter()
        .map(FeatureId)
        .collect();
    let mut put = Vec::new();
    let known_gone = delete.len();
    let mut stream = sqlx::query(statements.changed)
        .bind(since.0)
        .fetch(connection);
    while let Some(row) = stream.try_next().await? {
        match T::read(&mut Cells::new(&row)) {
            Some(item) => put.push(item),
            // It made sense before the change, perhaps.
            None => delete.push(FeatureId(row.try_get(0)?)),
        }
    }
    warn_unreadable(T::LAYER, delete.len() - known_gone);
    Ok(LayerChanges {
        put,
        delete,
        replace: false,
    })
}

/// The number of the last change; it survives pruning of the log.
pub(super) async fn current(connection: &mut SqliteConnection) -> Result<Revision, Error> {
    let seq: Option<i64> =
        sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'gridmap_changes'")
            .fetch_optional(connection)
            .await?;
    Ok(Revision(seq.unwrap_or(0)))
}

async fn district(connection: &mut SqliteConnection) -> Result<District, Error> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT value FROM gridmap_settings WHERE name = ?1")
            .bind(DISTRICT)
            .fetch_optional(connection)
            .await?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

async fn categories(connection: &mut SqliteConnection) -> Result<CategoryTree, Error> {
    let rows = sqlx::query(
        "SELECT code, parent, kind, name_zh, name_en, sensitive, aliases FROM gridmap_categories ORDER BY id",
    )
    .fetch_all(connection)
    .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let text = |column| row.try_get_unchecked::<Option<String>, _>(column);
        let Ok(kind) = text(2)?.unwrap_or_default().parse::<IncidentKind>() else {
            continue;
        };
        let aliases = text(6)?.unwrap_or_default();
        items.push(Category {
            code: text(0)?.unwrap_or_default(),
            parent: text(1)?.filter(|code| !code.is_empty()),
            kind,
            name_zh: text(3)?.unwrap_or_default(),
            name_en: text(4)?.unwrap_or_default(),
            sensitive: row
                .try_get_unchecked::<Option<bool>, _>(5)?
                .unwrap_or(false),
            aliases: aliases
                .split('|')
                .filter(|alias| !alias.is_empty())
                .map(str::to_owned)
                .collect(),
        });
    }
    Ok(items.into())
}
