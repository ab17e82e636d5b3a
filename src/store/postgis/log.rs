//! Reads of the change log: history, writes, what an undo needs.

use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, PgPool, Row};

use super::read::{READ, category_rows, forgotten, number_changes};
use crate::model::{Audit, FeatureId, LayerName, Revision, Timestamp};
use crate::store::log::{LogRow, Names, Table, past_of_name, past_of_row, touched};
use crate::store::{Error, Op, Past, Subject, Touched, WriteNote};

pub(super) async fn history(pool: &PgPool, subject: &Subject) -> Result<Vec<Past>, Error> {
    let mut connection = pool.acquire().await?;
    number_changes(&mut connection).await?;
    let mut transaction = connection.begin_with(READ).await?;
    match subject {
        Subject::Row(layer, id) => {
            let rows = rows_of(&mut transaction, *layer, *id).await?;
            Ok(past_of_row(*layer, *id, rows))
        }
        Subject::Category(code) => {
            let rows = rows_of_table(&mut transaction, "categories").await?;
            Ok(past_of_name(code, names(&mut transaction).await?, rows))
        }
        Subject::Setting(name) => {
            let rows = rows_of_table(&mut transaction, "settings").await?;
            Ok(past_of_name(name, names(&mut transaction).await?, rows))
        }
    }
}

pub(super) async fn writes(
    pool: &PgPool,
    before: Option<Revision>,
    limit: usize,
) -> Result<Vec<WriteNote>, Error> {
    let rows = sqlx::query(
        "SELECT before, revision, floor(extract(epoch FROM at))::bigint AS at, actor, action, reason, counts, undoes, \
         (SELECT max(u.revision) FROM gridmap.revisions u WHERE u.undoes = w.revision) AS undone_by \
         FROM gridmap.revisions w WHERE revision < $1 AND revision > before ORDER BY revision DESC LIMIT $2",
    )
    .bind(before.map_or(i64::MAX, |revision| revision.0))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await?;
    let note = |row: &PgRow| -> Result<WriteNote, sqlx::Error> {
        let counts: Option<String> = row.try_get("counts")?;
        let undoes: Option<i64> = row.try_get("undoes")?;
        let undone_by: Option<i64> = row.try_get("undone_by")?;
        Ok(WriteNote {
            before: Revision(row.try_get("before")?),
            revision: Revision(row.try_get("revision")?),
            at: Timestamp(row.try_get("at")?),
            audit: audit(row)?,
            counts: counts
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default(),
            undoes: undoes.map(Revision),
            undone_by: undone_by.map(Revision),
        })
    };
    Ok(rows.iter().map(note).collect::<Result<_, _>>()?)
}

pub(super) async fn touched_between(
    pool: &PgPool,
    from: Revision,
    to: Revision,
) -> Result<Vec<Touched>, Error> {
    let mut connection = pool.acquire().await?;
    number_changes(&mut connection).await?;
    let mut transaction = connection.begin_with(READ).await?;
    if forgotten(&mut transaction).await? > from {
        return Err(Error::Forgotten(from));
    }
    let rows = sqlx::query(
        "SELECT revision AS seq, floor(extract(epoch FROM at))::bigint AS at, layer, fid, fid_to, op, before \
         FROM gridmap.changes WHERE revision > $1 AND revision <= $2 ORDER BY revision",
    )
    .bind(from.0)
    .bind(to.0)
    .fetch_all(&mut *transaction)
    .await?;
    let later = sqlx::query(
        "SELECT revision AS seq, floor(extract(epoch FROM at))::bigint AS at, layer, fid, fid_to, op, \
         CASE WHEN layer IN ('categories', 'settings') THEN before END AS before \
         FROM gridmap.changes WHERE revision > $1 ORDER BY revision",
    )
    .bind(to.0)
    .fetch_all(&mut *transaction)
    .await?;
    let names = names(&mut transaction).await?;
    Ok(touched(read_all(rows)?, &read_all(later)?, names))
}

async fn rows_of(
    connection: &mut PgConnection,
    layer: LayerName,
    id: FeatureId,
) -> Result<Vec<LogRow>, Error> {
    let rows = sqlx::query(
        "SELECT c.revision AS seq, floor(extract(epoch FROM c.at))::bigint AS at, c.layer, c.fid, c.fid_to, c.op, c.before, \
           w.revision, w.actor, w.action, w.reason \
         FROM ( \
           SELECT * FROM gridmap.changes WHERE layer = $1 AND fid = $2 \
           UNION ALL \
           SELECT * FROM gridmap.changes WHERE layer = $1 AND fid_to IS NOT NULL AND fid < $2 AND fid_to >= $2 \
         ) c LEFT JOIN gridmap.revisions w ON w.before < c.revision AND w.id = \
           (SELECT id FROM gridmap.revisions r WHERE r.revision >= c.revision ORDER BY r.revision, r.id LIMIT 1) \
         WHERE c.revision IS NOT NULL ORDER BY c.revision DESC",
    )
    .bind(layer.as_str())
    .bind(id.0)
    .fetch_all(connection)
    .await?;
    read_all(rows)
}

async fn rows_of_table(
    connection: &mut PgConnection,
    table: &'static str,
) -> Result<Vec<LogRow>, Error> {
    let rows = sqlx::query(
        "SELECT c.revision AS seq, floor(extract(epoch FROM c.at))::bigint AS at, c.layer, c.fid, c.fid_to, c.op, c.before, \
           w.revision, w.actor, w.action, w.reason \
         FROM gridmap.changes c LEFT JOIN gridmap.revisions w ON w.before < c.revision AND w.id = \
           (SELECT id FROM gridmap.revisions r WHERE r.revision >= c.revision ORDER BY r.revision, r.id LIMIT 1) \
         WHERE c.layer = $1 AND c.revision IS NOT NULL ORDER BY c.revision DESC",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    // A run of several stands for each of them.
    let each = |row: LogRow| {
        (row.fid..=row.last).map(move |id| LogRow {
            fid: id,
            last: id,
            ..row.clone()
        })
    };
    Ok(read_all(rows)?.into_iter().flat_map(each).collect())
}

/// Names of the categories and settings that are there now.
async fn names(connection: &mut PgConnection) -> Result<Names, Error> {
    let categories = category_rows(&mut *connection).await?;
    let mut names: Names = categories
        .into_iter()
        .map(|(id, item)| ((Table::Categories, id), item.code))
        .collect();
    let settings: Vec<(i64, String)> = sqlx::query_as("SELECT id, name FROM gridmap.settings")
        .fetch_all(connection)
        .await?;
    let settings = settings.into_iter();
    names.extend(settings.map(|(id, name)| ((Table::Settings, id), name)));
    Ok(names)
}

/// Rows whose table and operation are known words.
fn read_all(rows: Vec<PgRow>) -> Result<Vec<LogRow>, Error> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let table = Table::read(row.try_get("layer")?);
        let op = Op::read(row.try_get("op")?);
        let (Some(table), Some(op)) = (table, op) else {
            continue;
        };
        let fid = row.try_get("fid")?;
        let last: Option<i64> = row.try_get("fid_to")?;
        // Only where the writes were asked for.
        let revision: Option<i64> = row.try_get("revision").unwrap_or(None);
        let write = match revision {
            Some(revision) => Some((Revision(revision), audit(&row)?)),
            None => None,
        };
        found.push(LogRow {
            seq: row.try_get("seq")?,
            at: row.try_get("at")?,
            table,
            fid,
            last: last.unwrap_or(fid),
            op,
            before: row.try_get("before")?,
            write,
        });
    }
    Ok(found)
}

fn audit(row: &PgRow) -> Result<Audit, sqlx::Error> {
    Ok(Audit {
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        reason: row.try_get("reason")?,
    })
}
