//! From changes to rows, in one transaction.

use geo::BoundingRect;
use sqlx::{Connection, SqliteConnection};

use super::read::{DISTRICT, current};
use super::rows::{Binder, Stored};
use super::sql::{self, MANY};
use super::{LOG_BOUND, moment};
use crate::model::{
    Audit, CategoryTree, ChangeSet, District, FeatureId, LayerChanges, Revision, Timestamp,
};
use crate::store::Error;

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    changes: &ChangeSet,
    audit: &Audit,
) -> Result<Revision, Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    if let Some(district) = &changes.district {
        put_district(&mut transaction, district).await?;
    }
    if let Some(tree) = &changes.categories {
        put_categories(&mut transaction, tree).await?;
    }
    put_layer(&mut transaction, &changes.grids).await?;
    put_layer(&mut transaction, &changes.compounds).await?;
    put_layer(&mut transaction, &changes.streets).await?;
    put_layer(&mut transaction, &changes.routes).await?;
    put_layer(&mut transaction, &changes.incidents).await?;
    let revision = current(&mut transaction).await?;
    note(&mut transaction, revision, audit).await?;
    sqlx::query("DELETE FROM gridmap_changes WHERE seq <= ?1")
        .bind(revision.0 - LOG_BOUND)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    // What a small change touched is worth keeping, a big import's pages are not.
    if changes.incidents.put.len() > 10_000 {
        sqlx::raw_sql("PRAGMA shrink_memory")
            .execute(connection)
            .await?;
    }
    Ok(revision)
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
    let mut chunks = changes.put.chunks_exact(MANY);
    for chunk in chunks.by_ref() {
        put_rows(connection, statements.put_many, chunk).await?;
    }
    for item in chunks.remainder() {
        put_rows(connection, statements.put_one, std::slice::from_ref(item)).await?;
    }
    update_contents(connection, statements, changes).await
}

async fn put_rows<T: Stored>(
    connection: &mut SqliteConnection,
    statement: &'static str,
    items: &[T],
) -> Result<(), Error> {
    let mut binder = Binder::default();
    for item in items {
        binder.row(item).map_err(|reason| Error::Geometry {
            layer: T::LAYER.as_str(),
            source_id: item.meta().source_id.clone(),
            reason: reason.to_owned(),
        })?;
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

async fn put_district(connection: &mut SqliteConnection, district: &District) -> Result<(), Error> {
    let text = serde_json::to_string(district).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    sqlx::query(
        "INSERT INTO gridmap_settings (name, value) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(DISTRICT)
    .bind(text)
    .execute(connection)
    .await?;
    Ok(())
}

async fn put_categories(
    connection: &mut SqliteConnection,
    tree: &CategoryTree,
) -> Result<(), Error> {
    sqlx::query("DELETE FROM gridmap_categories")
        .execute(&mut *connection)
        .await?;
    for item in tree.items() {
        sqlx::query(
            "INSERT INTO gridmap_categories (code, parent, kind, name_zh, name_en, sensitive, aliases) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
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
    revision: Revision,
    audit: &Audit,
) -> Result<(), Error> {
    let now = jiff::Timestamp::now().as_second();
    sqlx::query(
        "INSERT INTO gridmap_revisions (revision, at, actor, action, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(revision.0)
    .bind(moment::instant_text(Timestamp(now)))
    .bind(&audit.actor)
    .bind(&audit.action)
    .bind(&audit.reason)
    .execute(connection)
    .await?;
    Ok(())
}
