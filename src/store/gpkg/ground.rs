//! The ground: a table that is replaced as a whole, and its facts.

use geo::BoundingRect;
use rayon::prelude::*;
use sqlx::SqliteConnection;
use tokio_stream::StreamExt;

use super::rows::{Binder, RowCells};
use super::scan;
use super::write::PUT_SETTING;
use crate::model::{GroundChange, GroundFeature};
use crate::store::Error;
use crate::store::row::ground::{self, GROUND};

/// Pieces of one statement.
const MANY: usize = 64;

/// Pieces read at a time.
const BATCH: usize = 16_384;

/// The facts.
const FACTS: &str = "SELECT value FROM gridmap_settings WHERE name = 'ground'";

/// The pieces with ids from `?1` to `?2`.
const ALL: &str =
    "SELECT geom, class, kind, name FROM ground WHERE fid BETWEEN ?1 AND ?2 ORDER BY fid";

macro_rules! times4 {
    ($($row:tt)*) => { concat!($($row)*, ",", $($row)*, ",", $($row)*, ",", $($row)*) };
}

const PUT_ONE: &str = "INSERT INTO ground (geom, class, kind, name) VALUES (?,?,?,?)";

const PUT_MANY: &str = concat!(
    "INSERT INTO ground (geom, class, kind, name) VALUES ",
    times4!(times4!(times4!("(?,?,?,?)")))
);

/// Replaces the ground, or takes it away.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    change: &GroundChange,
) -> Result<(), Error> {
    sqlx::query("DELETE FROM ground")
        .execute(&mut *connection)
        .await?;
    let features = change.ground().map_or(&[][..], |ground| &ground.features);
    let mut chunks = features.chunks_exact(MANY);
    for chunk in chunks.by_ref() {
        insert(connection, PUT_MANY, chunk).await?;
    }
    for feature in chunks.remainder() {
        insert(connection, PUT_ONE, std::slice::from_ref(feature)).await?;
    }
    let bounds = features
        .par_iter()
        .filter_map(|feature| feature.geometry.bounding_rect())
        .map(|rect| [rect.min().x, rect.min().y, rect.max().x, rect.max().y])
        .reduce_with(|a, b| {
            [
                a[0].min(b[0]),
                a[1].min(b[1]),
                a[2].max(b[2]),
                a[3].max(b[3]),
            ]
        });
    let side = |n: usize| bounds.map(|bounds| bounds[n]);
    sqlx::query(
        "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now'), \
         min_x = ?1, min_y = ?2, max_x = ?3, max_y = ?4 WHERE table_name = 'ground'",
    )
    .bind(side(0))
    .bind(side(1))
    .bind(side(2))
    .bind(side(3))
    .execute(&mut *connection)
    .await?;
    match change {
        GroundChange::Put(put) => {
            sqlx::query(PUT_SETTING)
                .bind(GROUND)
                .bind(ground::facts_text(&put.facts)?)
                .execute(connection)
                .await?;
        }
        GroundChange::Remove => {
            sqlx::query("DELETE FROM gridmap_settings WHERE name = 'ground'")
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    statement: &'static str,
    features: &[GroundFeature],
) -> Result<(), Error> {
    let mut binder = Binder::default();
    for feature in features {
        ground::write(feature, &mut binder);
    }
    sqlx::query_with(statement, binder.finish())
        .execute(connection)
        .await?;
    Ok(())
}

/// The facts as the store has them.
pub(super) async fn facts(connection: &mut SqliteConnection) -> Result<Option<String>, Error> {
    Ok(sqlx::query_scalar(FACTS).fetch_optional(connection).await?)
}

/// The ground as it is now.
pub(super) async fn read(connection: &mut SqliteConnection) -> Result<GroundChange, Error> {
    let facts = facts(&mut *connection).await?;
    if facts.is_none() {
        return Ok(GroundChange::Remove);
    }
    let mut features = Vec::new();
    let mut unreadable = 0;
    let mut stream = sqlx::query(ALL)
        .bind(i64::MIN)
        .bind(i64::MAX)
        .fetch(connection);
    while let Some(row) = stream.try_next().await? {
        match ground::read(&mut RowCells::new(&row)) {
            Some(feature) => features.push(feature),
            None => unreadable += 1,
        }
    }
    ground::warn_unreadable(unreadable);
    Ok(ground::ground(facts, features))
}

/// The same with SQLite's own cursor, from a thread that may block.
pub(super) fn scan(
    handle: &mut sqlx::sqlite::LockedSqliteHandle<'_>,
    facts: String,
) -> Result<GroundChange, Error> {
    let mut features: Vec<GroundFeature> = Vec::new();
    let all = (i64::MIN, i64::MAX);
    let unreadable = scan::scan(
        handle,
        ALL,
        all,
        BATCH,
        |cells| ground::read(cells),
        &mut |rows| {
            features.extend(rows);
            true
        },
    )?;
    ground::warn_unreadable(unreadable);
    Ok(ground::ground(Some(facts), features))
}
