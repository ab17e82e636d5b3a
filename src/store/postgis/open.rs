//! Connections, and the schema that a database must have.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

use crate::store::Error;

/// How long an operation waits for a connection; then it says that the
/// database does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Connections of one server: the feed, a load, writes, questions about the past.
const CONNECTIONS: u32 = 5;

/// The files that make the schema, in order; numbers and names are those of
/// the GeoPackage store. A number is never changed once released.
const MIGRATIONS: [&str; 8] = [
    include_str!("../../../migrations/postgis/0001_base.sql"),
    include_str!("../../../migrations/postgis/0002_grids.sql"),
    include_str!("../../../migrations/postgis/0003_compounds.sql"),
    include_str!("../../../migrations/postgis/0004_streets.sql"),
    include_str!("../../../migrations/postgis/0005_routes.sql"),
    include_str!("../../../migrations/postgis/0006_incidents.sql"),
    include_str!("../../../migrations/postgis/0007_history.sql"),
    include_str!("../../../migrations/postgis/0008_ground.sql"),
];

/// The advisory lock of all writers: "gridmap\0" as a number.
const LOCK: i64 = i64::from_be_bytes(*b"gridmap\0");

/// Reads a `postgres://` address. The message does not repeat it, since it may
/// hold a password.
pub(super) fn options(url: &str) -> Result<PgConnectOptions, Error> {
    let known = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let options = known
        .then(|| url.parse::<PgConnectOptions>().ok())
        .flatten();
    let options = options.ok_or(Error::Address)?;
    Ok(options
        .application_name("gridmap")
        // Plans that a big layer is worth compiling for are none of ours.
        .options([("TimeZone", "UTC"), ("jit", "off")])
        .disable_statement_logging())
}

/// The database's name for messages, without a password.
pub(super) fn name(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or(options.get_username());
    match options.get_socket() {
        Some(socket) => format!("{}:{database}", socket.display()),
        None => format!("{}:{}/{database}", options.get_host(), options.get_port()),
    }
}

/// One connection, or the reason why there is none, which a pool would not tell.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    let connection = PgConnection::connect_with(options);
    match tokio::time::timeout(PATIENCE, connection).await {
        Ok(connection) => Ok(connection?),
        Err(_late) => Err(sqlx::Error::PoolTimedOut.into()),
    }
}

/// Connections that come back when the database does.
pub(super) fn pool(options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .idle_timeout(Some(Duration::from_secs(300)))
        .connect_lazy_with(options.clone())
}

/// Makes sure that the database has everything, in one transaction.
pub(super) async fn prepare(name: &str, connection: &mut PgConnection) -> Result<(), Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(LOCK)
        .execute(&mut *transaction)
        .await?;
    let encoding: String = sqlx::query_scalar("SELECT current_setting('server_encoding')")
        .fetch_one(&mut *transaction)
        .await?;
    if encoding != "UTF8" {
        return Err(Error::Database(sqlx::Error::Configuration(
            format!("the database {name} is in {encoding}; make one in UTF8").into(),
        )));
    }
    let known = i64::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    let found = recorded(&mut transaction).await?;
    if found > known {
        return Err(Error::Newer {
            path: PathBuf::from(name),
            found,
            known,
        });
    }
    if found == 0 {
        make_extension(&mut transaction).await?;
    }
    for (number, migration) in (1..).zip(MIGRATIONS) {
        if number > found {
            sqlx::raw_sql(migration).execute(&mut *transaction).await?;
        }
    }
    if found < known {
        sqlx::query("UPDATE gridmap.store SET version = $1::bigint")
            .bind(known)
            .execute(&mut *transaction)
            .await?;
    }
    // So that other programs can add an incident of today; our own writes make
    // the months that they need.
    sqlx::query(
        "SELECT gridmap.make_month((date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + n * interval '1 month')::date) \
         FROM generate_series(0, 2) n",
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// PostGIS, made by the database's owner or, where that needs more rights, by
/// an administrator before.
async fn make_extension(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("CREATE EXTENSION IF NOT EXISTS postgis")
        .execute(connection)
        .await
        .map_err(|error| Error::Database(sqlx::Error::Configuration(
            format!("PostGIS is missing; an administrator of the database must run `CREATE EXTENSION postgis` once ({error})").into(),
        )))?;
    Ok(())
}

/// The version that the database says it has, 0 for none.
async fn recorded(connection: &mut PgConnection) -> Result<i64, Error> {
    let exists: bool = sqlx::query_scalar("SELECT to_regclass('gridmap.store') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Ok(0);
    }
    let version: i64 = sqlx::query_scalar("SELECT version::bigint FROM gridmap.store")
        .fetch_one(connection)
        .await?;
    Ok(version)
}
