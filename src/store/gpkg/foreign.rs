//! GeoPackages that other people made, as rows for the importer: read-only,
//! never the store's own file. The schema is theirs, so this is the one place
//! where a name stands in SQL: it is in the file's list of tables, and quoted.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::query_builder::QueryBuilder;
use sqlx::sqlite::{SqliteConnectOptions, SqliteOwnedBuf, SqliteRow};
use sqlx::{ConnectOptions, Connection, Row, Sqlite, SqliteConnection, TypeInfo, ValueRef};
use tokio_stream::StreamExt;

use crate::crs::{Crs, CrsError};
use crate::format::{ForeignRow, ForeignTable, Inner, MAX_FILE_BYTES};
use crate::model::{LayerName, Value};

/// The most tables looked at.
const MAX_TABLES: i64 = 200;
/// The most columns of a table.
const MAX_COLUMNS: usize = 1000;
/// The most rows read.
const MAX_ROWS: usize = 2_000_000;
/// How every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How long a file may keep the database busy.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Why a foreign GeoPackage is not read. Each says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// Not to be opened.
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    /// Something else.
    #[error("this is no GeoPackage; export the layer as GeoPackage (.gpkg) anew")]
    NotGeoPackage,
    /// Rows are in the log beside the file.
    #[error(
        "another program has the file open and has not written everything into it; close it there first"
    )]
    Open,
    /// No feature table.
    #[error("the GeoPackage has no vector layers")]
    NoLayers,
    /// Not the one asked for.
    #[error("there is no layer `{wanted}`; there are {found}")]
    NoSuchLayer {
        /// What was asked for.
        wanted: String,
        /// What is there.
        found: String,
    },
    /// More than is read.
    #[error("the layer has more than {0} rows, or more than 512 MB; split it")]
    TooLarge(usize),
    /// Damaged, or made to take forever.
    #[error("the GeoPackage is damaged: {0}")]
    Damaged(#[from] sqlx::Error),
}

impl ForeignError {
    /// The sentence in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Io(error) => format!("无法读取文件：{error}"),
            Self::NotGeoPackage => "这不是 GeoPackage；请重新导出为 .gpkg".to_owned(),
            Self::Open => "另一个程序正打开该文件，内容尚未写完；请先在那里关闭".to_owned(),
            Self::NoLayers => "GeoPackage 里没有矢量图层".to_owned(),
            Self::NoSuchLayer { wanted, found } => {
                format!("没有名为“{wanted}”的图层；文件里有：{found}")
            }
            Self::TooLarge(most) => format!("图层超过 {most} 行或 512 MB；请拆分后再导入"),
            Self::Damaged(error) => format!("GeoPackage 已损坏：{error}"),
        }
    }
}

/// A feature table of the file.
struct Found {
    table: String,
    geometry: String,
    geometry_type: String,
    srs: i64,
    rows: u64,
}

/// Reads a layer: the one called `wanted`, else one called like `layer`, else
/// the first whose geometries suit it.
///
/// # Errors
/// As [`ForeignError`] says; nothing in the file is changed.
pub async fn read(
    path: &Path,
    wanted: Option<&str>,
    layer: Option<LayerName>,
) -> Result<ForeignTable, ForeignError> {
    let mut connection = open(path).await?;
    let read = tables(&mut connection, wanted, layer).await;
    // Nothing was written, so closing cannot lose anything.
    let _ = connection.close().await;
    read
}

/// Like [`read`], from a file's bytes; nothing is written anywhere.
///
/// # Errors
/// As [`ForeignError`] says.
pub async fn read_bytes(
    mut bytes: Vec<u8>,
    wanted: Option<&str>,
    layer: Option<LayerName>,
) -> Result<ForeignTable, ForeignError> {
    if !bytes.starts_with(MAGIC) {
        return Err(ForeignError::NotGeoPackage);
    }
    // 2 and 2 announce a log beside the file, which SQLite cannot have in
    // memory; the upload has none.
    if let Some(versions) = bytes.get_mut(18..20) {
        versions.fill(1);
    }
    let owned = SqliteOwnedBuf::try_from(bytes.as_slice())?;
    drop(bytes);
    let mut connection = connect(SqliteConnectOptions::new().in_memory(true)).await?;
    connection.deserialize(None, owned, true).await?;
    let read = tables(&mut connection, wanted, layer).await;
    // Nothing was written, so closing cannot lose anything.
    let _ = connection.close().await;
    read
}

async fn tables(
    connection: &mut SqliteConnection,
    wanted: Option<&str>,
    layer: Option<LayerName>,
) -> Result<ForeignTable, ForeignError> {
    let found = list(connection).await?;
    let layers: Vec<Inner> = found
        .iter()
        .map(|f| Inner {
            name: f.table.clone(),
            rows: f.rows,
        })
        .collect();
    let chosen = choose(&found, wanted, layer)?;
    let (crs, crs_error) = system(connection, chosen.srs).await?;
    let mut table = rows(connection, chosen).await?;
    table.crs = crs;
    table.crs_error = crs_error;
    table.layers = layers;
    Ok(table)
}

async fn open(path: &Path) -> Result<SqliteConnection, ForeignError> {
    let mut head = [0; 16];
    let mut file = std::fs::File::open(path)?;
    std::io::Read::read_exact(&mut file, &mut head)
        .map_err(|_short| ForeignError::NotGeoPackage)?;
    if head != *MAGIC {
        return Err(ForeignError::NotGeoPackage);
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(Path::new(&log)).is_ok_and(|log| log.len() > 0) {
        return Err(ForeignError::Open);
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .immutable(true);
    connect(options).await
}

async fn connect(options: SqliteConnectOptions) -> Result<SqliteConnection, ForeignError> {
    let options = options
        .pragma("temp_store", "MEMORY")
        // Functions and virtual tables that a schema names are not called.
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("query_only", "1")
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let started = Instant::now();
    let mut handle = connection.lock_handle().await?;
    handle.set_progress_handler(10_000, move || started.elapsed() < TIME_LIMIT);
    drop(handle);
    Ok(connection)
}

/// The feature tables; views are left out, since they run what they like.
async fn list(connection: &mut SqliteConnection) -> Result<Vec<Found>, ForeignError> {
    let listed = sqlx::query(
        "SELECT c.table_name, g.column_name, g.geometry_type_name, g.srs_id \
         FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name \
         JOIN sqlite_master m ON m.name = c.table_name \
         WHERE c.data_type = 'features' AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' \
         ORDER BY c.rowid LIMIT ?1",
    )
    .bind(MAX_TABLES)
    .fetch_all(&mut *connection)
    .await
    .map_err(|error| match &error {
        sqlx::Error::Database(e) if e.message().contains("no such table") => {
            ForeignError::NotGeoPackage
        }
        _ => error.into(),
    })?;
    let mut found = Vec::new();
    for row in listed {
        let table: String = row.try_get(0)?;
        let mut count = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM ");
        count.push(quoted(&table));
        let rows: i64 = count
            .build_query_scalar()
            .fetch_one(&mut *connection)
            .await?;
        found.push(Found {
            geometry: row.try_get(1)?,
            geometry_type: row.try_get(2)?,
            srs: row.try_get(3)?,
            rows: u64::try_from(rows).unwrap_or(0),
            table,
        });
    }
    if found.is_empty() {
        return Err(ForeignError::NoLayers);
    }
    Ok(found)
}

fn choose<'f>(
    found: &'f [Found],
    wanted: Option<&str>,
    layer: Option<LayerName>,
) -> Result<&'f Found, ForeignError> {
    let named = |name: &str| found.iter().find(|f| f.table.eq_ignore_ascii_case(name));
    if let Some(wanted) = wanted {
        return named(wanted).ok_or_else(|| ForeignError::NoSuchLayer {
            wanted: wanted.chars().take(40).collect(),
            found: found
                .iter()
                .map(|f| f.table.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        });
    }
    let suits = |f: &&Found| {
        let kind = f.geometry_type.to_ascii_uppercase();
        f.rows > 0
            && layer.is_none_or(|layer| match layer {
                LayerName::Grids => kind.contains("POLYGON"),
                LayerName::Streets | LayerName::Routes => kind.contains("LINE"),
                LayerName::Incidents => kind.contains("POINT"),
                LayerName::Compounds => kind.contains("POINT") || kind.contains("POLYGON"),
            })
    };
    layer
        .and_then(|layer| named(layer.as_str()))
        .or_else(|| found.iter().find(suits))
        .or_else(|| found.iter().find(|f| f.rows > 0))
        .or(found.first())
        .ok_or(ForeignError::NoLayers)
}

/// What the file says about a coordinate system.
async fn system(
    connection: &mut SqliteConnection,
    srs: i64,
) -> Result<(Option<Crs>, Option<CrsError>), ForeignError> {
    // -1 and 0 stand for not known.
    if srs <= 0 {
        return Ok((None, None));
    }
    let row = sqlx::query(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?1",
    )
    .bind(srs)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok((None, None));
    };
    let organization: String = row.try_get(0)?;
    let code: i64 = row.try_get(1)?;
    let definition: String = row.try_get(2)?;
    let by_code = match u32::try_from(code) {
        Ok(code) if organization.eq_ignore_ascii_case("epsg") => Crs::from_epsg(code),
        _ => Err(CrsError::UnknownName(organization)),
    };
    Ok(
        match by_code.or_else(|e| Crs::from_wkt(&definition).or(Err(e))) {
            Ok(crs) => (Some(crs), None),
            Err(error) => (None, Some(error)),
        },
    )
}

async fn rows(
    connection: &mut SqliteConnection,
    found: &Found,
) -> Result<ForeignTable, ForeignError> {
    let described = sqlx::query("SELECT name, pk FROM pragma_table_info(?1)")
        .bind(&found.table)
        .fetch_all(&mut *connection)
        .await?;
    let mut columns = Vec::new();
    for row in described.iter().take(MAX_COLUMNS) {
        let (name, key): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        // The row number of GDAL means nothing outside of the file.
        let counter = key == 1
            && ["fid", "ogc_fid", "ogr_fid"]
                .iter()
                .any(|n| name.eq_ignore_ascii_case(n));
        if !counter && !name.eq_ignore_ascii_case(&found.geometry) {
            columns.push(name);
        }
    }
    let mut select = QueryBuilder::<Sqlite>::new("SELECT ");
    select.push(quoted(&found.geometry));
    for column in &columns {
        select.push(", ").push(quoted(column));
    }
    select.push(" FROM ").push(quoted(&found.table));
    let mut table = ForeignTable {
        columns,
        layer: found.table.clone(),
        ..ForeignTable::default()
    };
    let query = select.build();
    let mut stream = query.fetch(connection);
    let mut bytes = 0usize;
    while let Some(row) = stream.next().await {
        let row = one(&row?, table.columns.len())?;
        bytes += row.geometry.as_ref().map_or(0, Vec::len);
        bytes += row.values.iter().map(size).sum::<usize>();
        if table.rows.len() >= MAX_ROWS || bytes > MAX_FILE_BYTES {
            return Err(ForeignError::TooLarge(MAX_ROWS));
        }
        table.rows.push(row);
    }
    drop(stream);
    Ok(table)
}

/// About how much memory a value takes, bytes.
fn size(value: &Value) -> usize {
    32 + match value {
        Value::Text(text) => text.len(),
        _ => 0,
    }
}

fn one(row: &SqliteRow, columns: usize) -> Result<ForeignRow, sqlx::Error> {
    let geometry = {
        let raw = row.try_get_raw(0)?;
        let blob = !raw.is_null() && raw.type_info().name() == "BLOB";
        blob.then(|| row.try_get_unchecked::<Vec<u8>, _>(0))
            .transpose()?
    };
    let values = (1..=columns).map(|n| value(row, n));
    Ok(ForeignRow {
        id: None,
        geometry,
        values: values.collect::<Result<_, _>>()?,
    })
}

/// A value by what is stored, whatever the column was declared as.
fn value(row: &SqliteRow, n: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(n)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" => Value::Integer(row.try_get_unchecked(n)?),
        "REAL" => Value::Number(row.try_get_unchecked(n)?),
        "TEXT" => {
            // Bytes, since a foreign text may be no UTF-8.
            let bytes: Vec<u8> = row.try_get_unchecked(n)?;
            Value::text(&String::from_utf8_lossy(&bytes))
        }
        // Pictures and the like.
        _ => Value::Null,
    })
}

/// A name as an SQL identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(
            quoted("a\"; DROP TABLE b; --"),
            "\"a\"\"; DROP TABLE b; --\""
        );
    }
}
