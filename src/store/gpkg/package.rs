//! Layers as a GeoPackage 1.4 for other programs: the rows and columns of an
//! export, and nothing that the store keeps for itself. Extra columns have
//! names of their own, so names stand in SQL here too: quoted.

use std::path::Path;

use geo::{BoundingRect, Geometry, MultiLineString, MultiPolygon, Rect};
use geopackage_core::{ddl, triggers, version};
use sqlx::query_builder::QueryBuilder;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection};

use super::foreign::quoted;
use super::functions;
use crate::format::write::{ColumnType, Row, Sheet, places_json};
use crate::model::{LayerName, Timestamp, Value};
use crate::store::Error;
use crate::store::row::blob::Shape;
use crate::store::row::moment::instant_text;

/// EPSG:4326.
const SRS_ID: i32 = 4326;
/// GeoPackage 1.4.0.
const USER_VERSION: i64 = 10_400;
/// Values of one statement; SQLite takes 32,766.
const VALUES: usize = 4_000;

/// A layer of the file.
pub struct PackageLayer<'a> {
    /// Which one; its name is the table's.
    pub layer: LayerName,
    /// Its columns.
    pub sheet: &'a Sheet,
    /// Its rows, in order. A row without a place has no geometry.
    pub rows: Box<dyn Iterator<Item = Row> + 'a>,
}

impl std::fmt::Debug for PackageLayer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackageLayer")
            .field("layer", &self.layer)
            .finish_non_exhaustive()
    }
}

/// Writes layers into a file that is missing or empty; how many rows it has,
/// `None` when `stop` said so. What is there then is no whole file.
///
/// # Errors
/// When the file cannot be written.
pub async fn write_package(
    path: &Path,
    layers: Vec<PackageLayer<'_>>,
    stop: &dyn Fn() -> bool,
) -> Result<Option<u64>, Error> {
    // Nobody reads it before it is whole, and a crash leaves none.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await?;
    functions::register(&mut connection).await?;
    let written = fill(&mut connection, layers, stop).await;
    connection.close().await?;
    written
}

async fn fill(
    connection: &mut SqliteConnection,
    layers: Vec<PackageLayer<'_>>,
    stop: &dyn Fn() -> bool,
) -> Result<Option<u64>, Error> {
    let mut transaction = connection.begin().await?;
    let head = [
        ddl::CREATE_GPKG_SPATIAL_REF_SYS,
        ddl::CREATE_GPKG_CONTENTS,
        ddl::CREATE_GPKG_GEOMETRY_COLUMNS,
        ddl::CREATE_GPKG_EXTENSIONS,
    ];
    for statement in head.into_iter().chain(ddl::SEED_SPATIAL_REF_SYS) {
        sqlx::query(statement).execute(&mut *transaction).await?;
    }
    let mut rows = 0;
    for layer in layers {
        match put_layer(&mut transaction, layer, stop).await? {
            Some(more) => rows += more,
            None => return Ok(None),
        }
    }
    // Told by numbers that the file begins with.
    run(
        &mut transaction,
        format!("PRAGMA application_id = {}", version::APPLICATION_ID_GPKG),
    )
    .await?;
    run(
        &mut transaction,
        format!("PRAGMA user_version = {USER_VERSION}"),
    )
    .await?;
    transaction.commit().await?;
    Ok(Some(rows))
}

async fn run(connection: &mut SqliteConnection, statement: String) -> Result<(), Error> {
    let mut builder = QueryBuilder::<Sqlite>::new(statement);
    builder.build().execute(connection).await?;
    Ok(())
}

async fn put_layer(
    connection: &mut SqliteConnection,
    layer: PackageLayer<'_>,
    stop: &dyn Fn() -> bool,
) -> Result<Option<u64>, Error> {
    let PackageLayer { layer, sheet, rows } = layer;
    let table = layer.as_str();
    let names = column_names(sheet);
    let columns: Vec<String> = sheet
        .columns
        .iter()
        .zip(&names)
        .map(|(column, name)| format!(", {} {}", quoted(name), sql_type(column.column_type)))
        .collect();
    run(
        connection,
        format!(
            "CREATE TABLE {} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {}{})",
            quoted(table),
            geometry_type(layer),
            columns.concat()
        ),
    )
    .await?;
    let quoted_names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    let insert = format!(
        "INSERT INTO {} (fid, geom, {}) ",
        quoted(table),
        quoted_names.join(", ")
    );
    let mut bounds: Option<Rect> = None;
    let mut count = 0;
    let at_once = (VALUES / (names.len() + 2)).max(1);
    let mut rows = rows.fuse();
    loop {
        let chunk: Vec<Row> = rows.by_ref().take(at_once).collect();
        if chunk.is_empty() {
            break;
        }
        if stop() {
            return Ok(None);
        }
        count += chunk.len() as u64;
        let mut statement = QueryBuilder::<Sqlite>::new(insert.clone());
        statement.push_values(chunk, |mut values, row| {
            let places = places_json(&row).map(|list| list.to_string());
            let shape = row.geometry.map(|shape| as_declared(layer, shape));
            let shape = shape.filter(|shape| Shape::Any(shape).is_sound());
            if let Some(more) = shape.as_ref().and_then(BoundingRect::bounding_rect) {
                bounds = Some(bounds.map_or(more, |known| union(known, more)));
            }
            values.push_bind(row.id);
            values.push_bind(shape.map(|shape| Shape::Any(&shape).gpkg()));
            for (column, value) in sheet.columns.iter().zip(row.values) {
                match (column.column_type, value) {
                    (ColumnType::Places, _) => values.push_bind(places.clone()),
                    (_, Value::Null) => values.push_bind(None::<String>),
                    (_, Value::Text(text)) => values.push_bind(text),
                    (_, Value::Integer(number)) => values.push_bind(number),
                    (_, Value::Number(number)) => values.push_bind(number),
                    (_, Value::Bool(yes)) => values.push_bind(yes),
                    (_, Value::Date(day)) => values.push_bind(day.to_string()),
                    (_, Value::Instant(at)) => values.push_bind(instant_text(at)),
                };
            }
        });
        statement.build().execute(&mut *connection).await?;
    }
    register(connection, sheet, layer, bounds).await?;
    index(connection, table).await?;
    Ok(Some(count))
}

fn union(a: Rect, b: Rect) -> Rect {
    Rect::new(
        (a.min().x.min(b.min().x), a.min().y.min(b.min().y)),
        (a.max().x.max(b.max().x), a.max().y.max(b.max().y)),
    )
}

/// The lines of the standard's own tables.
async fn register(
    connection: &mut SqliteConnection,
    sheet: &Sheet,
    layer: LayerName,
    bounds: Option<Rect>,
) -> Result<(), Error> {
    let said = [&sheet.note, &sheet.attribution];
    let said: Vec<&str> = said.into_iter().flatten().map(String::as_str).collect();
    let now = Timestamp(jiff::Timestamp::now().as_second());
    sqlx::query(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, min_x, min_y, max_x, max_y, srs_id) \
         VALUES (?1, 'features', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(layer.as_str())
    .bind(&sheet.title)
    .bind(said.join(" · "))
    .bind(instant_text(sheet.made_at.unwrap_or(now)))
    .bind(bounds.map(|b| b.min().x))
    .bind(bounds.map(|b| b.min().y))
    .bind(bounds.map(|b| b.max().x))
    .bind(bounds.map(|b| b.max().y))
    .bind(SRS_ID)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m) \
         VALUES (?1, 'geom', ?2, ?3, 0, 0)",
    )
    .bind(layer.as_str())
    .bind(geometry_type(layer))
    .bind(SRS_ID)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope) \
         VALUES (?1, 'geom', ?2, ?3, ?4)",
    )
    .bind(layer.as_str())
    .bind(triggers::EXTENSION_NAME)
    .bind(triggers::EXTENSION_DEFINITION)
    .bind(triggers::EXTENSION_SCOPE)
    .execute(connection)
    .await?;
    Ok(())
}

/// The spatial index, filled once, and the triggers that keep it from then on.
async fn index(connection: &mut SqliteConnection, table: &str) -> Result<(), Error> {
    let unnamed = |_| Error::Database(sqlx::Error::Protocol("a layer without a name".to_owned()));
    let mut statements = vec![
        triggers::create_rtree_table_sql(table, "geom").map_err(unnamed)?,
        triggers::populate_rtree_sql(table, "geom", "fid").map_err(unnamed)?,
    ];
    statements.extend(triggers::create_triggers_sql(table, "geom", "fid").map_err(unnamed)?);
    for statement in statements {
        run(connection, statement).await?;
    }
    Ok(())
}

/// Names of the columns, each once whatever its case; a second one gets a
/// number.
fn column_names(sheet: &Sheet) -> Vec<String> {
    let mut taken = vec!["fid".to_owned(), "geom".to_owned(), "rowid".to_owned()];
    let mut names = Vec::with_capacity(sheet.columns.len());
    for column in &sheet.columns {
        let mut name = column.name.clone();
        let mut number = 1;
        while taken.contains(&name.to_lowercase()) {
            number += 1;
            name = format!("{}_{number}", column.name);
        }
        taken.push(name.to_lowercase());
        names.push(name);
    }
    names
}

const fn sql_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text | ColumnType::Places => "TEXT",
        ColumnType::Integer => "INTEGER",
        ColumnType::Number => "DOUBLE",
        ColumnType::Bool => "BOOLEAN",
        ColumnType::Date => "DATE",
        ColumnType::Instant => "DATETIME",
    }
}

/// As the store's own tables declare it.
const fn geometry_type(layer: LayerName) -> &'static str {
    match layer {
        LayerName::Grids => "MULTIPOLYGON",
        LayerName::Compounds => "GEOMETRY",
        LayerName::Streets | LayerName::Routes => "MULTILINESTRING",
        LayerName::Incidents => "POINT",
    }
}

fn as_declared(layer: LayerName, shape: Geometry<f64>) -> Geometry<f64> {
    match (layer, shape) {
        (LayerName::Grids, Geometry::Polygon(part)) => MultiPolygon(vec![part]).into(),
        (LayerName::Streets | LayerName::Routes, Geometry::LineString(line)) => {
            MultiLineString(vec![line]).into()
        }
        (_, shape) => shape,
    }
}
