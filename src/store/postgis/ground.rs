//! The ground: a table that is replaced as a whole, and its facts.

use rayon::prelude::*;
use sqlx::PgConnection;
use tokio_stream::StreamExt;

use super::read::finished;
use super::rows::{Copier, CopyFields, PgCells};
use super::write::{CHUNK, PUT_SETTING};
use crate::model::{GroundChange, GroundFeature};
use crate::store::Error;
use crate::store::row::ground::{self, GROUND};

/// Pieces decoded at a time.
const BATCH: usize = 32_768;

/// Replaces the ground, or takes it away.
pub(super) async fn put(connection: &mut PgConnection, change: &GroundChange) -> Result<(), Error> {
    // Not TRUNCATE: who reads an older state would find nothing.
    sqlx::query("DELETE FROM gridmap.ground")
        .execute(&mut *connection)
        .await?;
    let GroundChange::Put(put) = change else {
        sqlx::query("DELETE FROM gridmap.settings WHERE name = 'ground'")
            .execute(connection)
            .await?;
        return Ok(());
    };
    let mut copy = connection
        .copy_in_raw("COPY gridmap.ground (geom, class, kind, name) FROM STDIN (FORMAT binary)")
        .await?;
    let mut copier = Copier::new();
    for feature in &put.features {
        copier.piece(feature);
        if let Some(bytes) = copier.take(CHUNK) {
            copy.send(bytes).await?;
        }
    }
    copy.send(copier.finish()).await?;
    copy.finish().await?;
    sqlx::query(PUT_SETTING)
        .bind(GROUND)
        .bind(ground::facts_text(&put.facts)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// The ground as it is now.
pub(super) async fn read(connection: &mut PgConnection) -> Result<GroundChange, Error> {
    let facts: Option<String> =
        sqlx::query_scalar("SELECT value FROM gridmap.settings WHERE name = 'ground'")
            .fetch_optional(&mut *connection)
            .await?;
    if facts.is_none() {
        return Ok(GroundChange::Remove);
    }
    let mut features: Vec<GroundFeature> = Vec::new();
    let mut unreadable = 0;
    let mut stream = connection
        .copy_out_raw(
            "COPY (SELECT geom, class, kind, name FROM gridmap.ground ORDER BY fid) \
             TO STDOUT (FORMAT binary)",
        )
        .await?;
    let mut more = true;
    while more {
        let mut raw = Vec::with_capacity(BATCH);
        while raw.len() < BATCH && more {
            match stream.try_next().await? {
                Some(bytes) => raw.push(bytes),
                None => more = false,
            }
        }
        let decoded = tokio::task::spawn_blocking(move || decode(&raw));
        let (rows, left_out) = finished(decoded).await?;
        features.extend(rows);
        unreadable += left_out;
    }
    ground::warn_unreadable(unreadable);
    Ok(ground::ground(facts, features))
}

/// Rows of a binary COPY, and how many cannot be read.
fn decode(raw: &[impl AsRef<[u8]> + Sync]) -> (Vec<GroundFeature>, usize) {
    let read: Vec<Option<GroundFeature>> = raw
        .par_iter()
        .with_min_len(1024)
        .filter_map(|bytes| CopyFields::row(bytes.as_ref()))
        .map(|fields| ground::read(&mut PgCells(fields)))
        .collect();
    let total = read.len();
    let rows: Vec<GroundFeature> = read.into_iter().flatten().collect();
    let left_out = total - rows.len();
    (rows, left_out)
}
