//! Connections, and the tables that a file must have.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection, SqlitePool};

use super::{functions, sql};
use crate::model::LayerName;
use crate::store::{Error, TableFlaw};

/// How long a statement waits for another program's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// "GPKG".
const APPLICATION_ID: i64 = 0x4750_4B47;

/// The layers and tables that this program writes, in order. A number is never
/// changed once released; a new one is added.
const MIGRATIONS: [&str; 9] = [
    include_str!("../../../migrations/gpkg/0001_base.sql"),
    include_str!("../../../migrations/gpkg/0002_grids.sql"),
    include_str!("../../../migrations/gpkg/0003_compounds.sql"),
    include_str!("../../../migrations/gpkg/0004_streets.sql"),
    include_str!("../../../migrations/gpkg/0005_routes.sql"),
    include_str!("../../../migrations/gpkg/0006_incidents.sql"),
    include_str!("../../../migrations/gpkg/0007_history.sql"),
    include_str!("../../../migrations/gpkg/0008_ground.sql"),
    include_str!("../../../migrations/gpkg/0009_replace.sql"),
];

/// The version that first kept what rows were before a change.
const HISTORY: i64 = 7;

/// Columns that 0007 wants in tables of 0001. SQLite has no `ADD COLUMN IF
/// NOT EXISTS`.
const HISTORY_COLUMNS: [(&str, &str, &str); 8] = [
    (
        "gridmap_changes",
        "fid_to",
        "ALTER TABLE gridmap_changes ADD COLUMN fid_to INTEGER",
    ),
    (
        "gridmap_changes",
        "at",
        "ALTER TABLE gridmap_changes ADD COLUMN at INTEGER",
    ),
    (
        "gridmap_changes",
        "before",
        "ALTER TABLE gridmap_changes ADD COLUMN before TEXT",
    ),
    (
        "gridmap_revisions",
        "before",
        "ALTER TABLE gridmap_revisions ADD COLUMN before INTEGER",
    ),
    (
        "gridmap_revisions",
        "key",
        "ALTER TABLE gridmap_revisions ADD COLUMN key TEXT",
    ),
    (
        "gridmap_revisions",
        "digest",
        "ALTER TABLE gridmap_revisions ADD COLUMN digest TEXT",
    ),
    (
        "gridmap_revisions",
        "undoes",
        "ALTER TABLE gridmap_revisions ADD COLUMN undoes INTEGER",
    ),
    (
        "gridmap_revisions",
        "counts",
        "ALTER TABLE gridmap_revisions ADD COLUMN counts TEXT",
    ),
];

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(64)
        // Loading a million rows takes seconds and is no cause for alarm.
        .disable_statement_logging()
}

/// The one connection that writes; creates the file.
pub(super) async fn writer(path: &Path) -> Result<SqliteConnection, Error> {
    let io = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    // Before any statement: SQLite must not write a header into a file that
    // is something else.
    if let Ok(file) = std::fs::File::open(path) {
        let mut head = Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(file, 16), &mut head).map_err(io)?;
        if !head.is_empty() && head != b"SQLite format 3\0" {
            return Err(Error::NotGeoPackage(path.to_owned()));
        }
    }
    let options = options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // Pages of a big import that do not fit are written twice or more:
        // 256 MB at most, given back after the import.
        .pragma("cache_size", "-262144");
    let mut connection = SqliteConnection::connect_with(&options).await?;
    functions::register(&mut connection).await?;
    Ok(connection)
}

/// One connection that only reads.
pub(super) async fn reader(path: &Path) -> Result<SqliteConnection, Error> {
    Ok(SqliteConnection::connect_with(&options(path).pragma("query_only", "1")).await?)
}

/// Connections that read.
pub(super) async fn readers(path: &Path) -> Result<SqlitePool, Error> {
    let pool = SqlitePoolOptions::new()
        .max_connections(3)
        .acquire_timeout(BUSY_TIMEOUT)
        .after_connect(|connection, _| Box::pin(functions::register(connection)));
    Ok(pool.connect_with(options(path)).await?)
}

/// A connection to nothing, to take the place of a closed one.
pub(super) async fn spare() -> Result<SqliteConnection, Error> {
    Ok(SqliteConnection::connect_with(&SqliteConnectOptions::new().in_memory(true)).await?)
}

/// Makes sure that the file has everything, in one transaction.
pub(super) async fn prepare(path: &Path, connection: &mut SqliteConnection) -> Result<(), Error> {
    let application_id: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut *connection)
        .await?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master")
        .fetch_one(&mut *connection)
        .await?;
    if tables > 0 && application_id != APPLICATION_ID {
        return Err(Error::NotGeoPackage(path.to_owned()));
    }
    let known = i64::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    let found = recorded(connection).await?;
    if found > known {
        return Err(Error::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    if tables == 0 {
        sqlx::raw_sql("PRAGMA application_id = 1196444487; PRAGMA user_version = 10400;")
            .execute(&mut *connection)
            .await?;
    }
    if found == known && complete(connection).await? {
        return Ok(());
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for layer in LayerName::ALL {
        let statements = sql::of(*layer);
        let adopted = Adopted {
            table: statements.table,
            describe: statements.describe,
            columns: statements.columns,
        };
        adopt(path, &adopted, &mut transaction).await?;
    }
    adopt(path, &GROUND, &mut transaction).await?;
    for (number, migration) in (1..).zip(MIGRATIONS) {
        if number == HISTORY {
            add_history_columns(&mut transaction).await?;
        }
        sqlx::raw_sql(migration)
            .execute(&mut *transaction)
            .await
            .map_err(|error| refused(path, error))?;
    }
    if found < HISTORY {
        // Without before-images they tell too little.
        sqlx::query("DELETE FROM gridmap_changes")
            .execute(&mut *transaction)
            .await?;
    }
    // Rows may have come or gone while the triggers were not there. The gap
    // makes whoever follows the log load everything.
    sqlx::query(
        "INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('gap', 0, 'update', strftime('%s','now'))",
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "INSERT INTO gridmap_settings (name, value) VALUES ('store_version', ?1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value != excluded.value",
    )
    .bind(known.to_string())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

async fn add_history_columns(connection: &mut SqliteConnection) -> Result<(), Error> {
    for (table, column, add) in HISTORY_COLUMNS {
        let there: i64 =
            sqlx::query_scalar("SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2")
                .bind(table)
                .bind(column)
                .fetch_one(&mut *connection)
                .await?;
        if there == 0 {
            sqlx::query(add).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// The version that the file says it has, 0 for none.
async fn recorded(connection: &mut SqliteConnection) -> Result<i64, Error> {
    let exists: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'gridmap_settings'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if exists == 0 {
        return Ok(0);
    }
    let version: Option<String> =
        sqlx::query_scalar("SELECT value FROM gridmap_settings WHERE name = 'store_version'")
            .fetch_optional(connection)
            .await?;
    Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// True if no trigger or table of ours is missing: another program may have
/// replaced a layer table, and the triggers with it.
async fn complete(connection: &mut SqliteConnection) -> Result<bool, Error> {
    // Five log triggers and seven index triggers a layer, six of our own tables.
    let triggers: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND (name LIKE 'gridmap\\_%' ESCAPE '\\' \
         OR (name LIKE 'rtree\\_%\\_geom\\_%' ESCAPE '\\' AND tbl_name IN ('grids','compounds','streets','routes','incidents') \
             AND name NOT LIKE '%update1' AND name NOT LIKE '%update3'))",
    )
    .fetch_one(&mut *connection)
    .await?;
    let columns: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pragma_table_info('ground') WHERE name IN ('fid','geom','class','kind','name')",
    )
    .fetch_one(connection)
    .await?;
    Ok(triggers == 5 * 12 + 6 && columns == 5)
}

/// A table that another program may have made.
struct Adopted {
    table: &'static str,
    /// Names of its columns.
    describe: &'static str,
    /// Columns with the statement that adds each.
    columns: &'static [(&'static str, &'static str)],
}

/// The table of the ground.
const GROUND: Adopted = Adopted {
    table: "ground",
    describe: "SELECT name, pk FROM pragma_table_info('ground')",
    columns: &[
        ("class", "ALTER TABLE ground ADD COLUMN class TEXT"),
        ("kind", "ALTER TABLE ground ADD COLUMN kind TEXT"),
        ("name", "ALTER TABLE ground ADD COLUMN name TEXT"),
    ],
};

/// Adds missing columns to a table made elsewhere.
async fn adopt(
    path: &Path,
    adopted: &Adopted,
    connection: &mut SqliteConnection,
) -> Result<(), Error> {
    let rows = sqlx::query(adopted.describe)
        .fetch_all(&mut *connection)
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let columns: Vec<(String, i64)> = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let table_error = |reason| Error::Table {
        path: path.to_owned(),
        table: adopted.table,
        reason,
    };
    if !columns.iter().any(|(name, key)| name == "fid" && *key == 1) {
        return Err(table_error(TableFlaw::NoKey));
    }
    if !columns.iter().any(|(name, _)| name == "geom") {
        return Err(table_error(TableFlaw::NoGeometry));
    }
    let srs: Option<i64> =
        sqlx::query_scalar("SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = ?1")
            .bind(adopted.table)
            .fetch_optional(&mut *connection)
            .await?;
    if srs.is_some_and(|srs| srs != 4326) {
        return Err(table_error(TableFlaw::NotWgs84));
    }
    for (name, add) in adopted.columns {
        if !columns.iter().any(|(column, _)| column == name) {
            sqlx::query(*add).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

fn refused(path: &Path, error: sqlx::Error) -> Error {
    let text = error.to_string();
    let table = LayerName::ALL
        .iter()
        .map(|layer| sql::of(*layer).table)
        .find(|table| text.contains(&format!("{table}.source")));
    match table {
        Some(table) => Error::Table {
            path: path.to_owned(),
            table,
            reason: TableFlaw::KeyTwice,
        },
        None => error.into(),
    }
}
