//! From rows to changes: what the log names.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection, SqlitePool};
use tokio_stream::StreamExt;

use super::rows::RowCells;
use super::{ground, sql};
use crate::model::{
    Category, CategoryTree, ChangeSet, District, FeatureId, IncidentKind, LayerChanges, LayerName,
    Revision,
};
use crate::store::log::Table;
use crate::store::row::ground::GROUND;
use crate::store::row::{Stored, image};
use crate::store::{Changes, Error, RELOAD_ABOVE, RESERVED_SETTINGS};

/// The setting that holds the [`District`] as JSON.
pub(super) const DISTRICT: &str = "district";

pub(super) fn warn_unreadable(layer: LayerName, rows: usize) {
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
    if revision < since || forgotten(&mut transaction).await? > since {
        return Ok(Changes::Reload);
    }
    let counts: Vec<(String, i64)> = sqlx::query_as(
        "SELECT layer, sum(coalesce(fid_to, fid) - fid + 1) FROM gridmap_changes WHERE seq > ?1 GROUP BY layer",
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

/// The last change that the log no longer has.
pub(super) async fn forgotten(connection: &mut SqliteConnection) -> Result<Revision, Error> {
    let oldest: Option<i64> = sqlx::query_scalar("SELECT min(seq) FROM gridmap_changes")
        .fetch_one(&mut *connection)
        .await?;
    match oldest {
        Some(seq) => Ok(Revision(seq - 1)),
        None => current(connection).await,
    }
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
    for statement in [statements.changed, statements.changed_runs] {
        let mut stream = sqlx::query(statement).bind(since.0).fetch(&mut *connection);
        while let Some(row) = stream.try_next().await? {
            match T::read(&mut RowCells::new(&row)) {
                Some(item) => put.push(item),
                // It made sense before the change, perhaps.
                None => delete.push(FeatureId(row.try_get(0)?)),
            }
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

pub(super) async fn district(connection: &mut SqliteConnection) -> Result<District, Error> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT value FROM gridmap_settings WHERE name = ?1")
            .bind(DISTRICT)
            .fetch_optional(connection)
            .await?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

/// A text in which another program may have put what is no UTF-8.
pub(super) fn lossy_text(row: &SqliteRow, column: &str) -> Result<Option<String>, sqlx::Error> {
    let bytes: Option<&[u8]> = row.try_get_unchecked(column)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}

/// All settings but the store's own.
pub(super) async fn settings(connection: &mut SqliteConnection) -> Result<Settings, Error> {
    let rows = sqlx::query("SELECT name, value FROM gridmap_settings ORDER BY name")
        .fetch_all(connection)
        .await?;
    let mut settings = named_values(&rows)?;
    for name in RESERVED_SETTINGS {
        settings.remove(name);
    }
    Ok(settings)
}

fn named_values(rows: &[SqliteRow]) -> Result<Settings, Error> {
    let mut settings = Settings::new();
    for row in rows {
        let text = |column| lossy_text(row, column).map(Option::unwrap_or_default);
        settings.insert(text("name")?, image::setting_value(&text("value")?));
    }
    Ok(settings)
}

/// Settings by name.
pub(super) type Settings = BTreeMap<String, serde_json::Value>;

/// The settings that the log names, `Null` for those that are gone.
async fn changed_settings(
    connection: &mut SqliteConnection,
    since: Revision,
    changes: &mut ChangeSet,
) -> Result<(), Error> {
    let mut settings = Settings::new();
    let changed =
        sqlx::query("SELECT before FROM gridmap_changes WHERE seq > ?1 AND layer = 'settings'")
            .bind(since.0)
            .fetch_all(&mut *connection)
            .await?;
    for row in changed {
        let json = lossy_text(&row, "before")?;
        if let Some((name, _)) = json.and_then(|json| image::setting(&json)) {
            settings.insert(name, serde_json::Value::Null);
        }
    }
    let now = sqlx::query(
        "SELECT name, value FROM gridmap_settings WHERE id IN \
         (SELECT fid FROM gridmap_changes WHERE seq > ?1 AND layer = 'settings')",
    )
    .bind(since.0)
    .fetch_all(&mut *connection)
    .await?;
    settings.extend(named_values(&now)?);
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
    connection: &mut SqliteConnection,
) -> Result<Vec<(i64, Category)>, Error> {
    let rows = sqlx::query(
        "SELECT id, code, parent, kind, name_zh, name_en, sensitive, aliases FROM gridmap_categories ORDER BY id",
    )
    .fetch_all(connection)
    .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let text = |column| lossy_text(&row, column).map(Option::unwrap_or_default);
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
                .try_get_unchecked::<Option<bool>, _>("sensitive")?
                .unwrap_or(false),
            aliases: image::aliases(&text("aliases")?),
        };
        items.push((row.try_get(0)?, item));
    }
    Ok(items)
}

pub(super) async fn categories(connection: &mut SqliteConnection) -> Result<CategoryTree, Error> {
    let rows = category_rows(connection).await?;
    Ok(rows
        .into_iter()
        .map(|(_, item)| item)
        .collect::<Vec<_>>()
        .into())
}
