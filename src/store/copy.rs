//! From one store to another.

use super::{Applied, Error, Store, Write};
use crate::model::{Audit, ChangeSet, GroundChange, LayerChanges};

/// Replaces all content of `to` with that of `from`, row ids kept, in one
/// write; equal content hashes afterwards are the proof. The past stays where
/// it is: the copy begins its own.
pub async fn copy(from: &dyn Store, to: &dyn Store, action: &str) -> Result<Applied, Error> {
    let mut all = collect(from).await?;
    let old = settings_of(to).await?;
    for name in old.into_keys() {
        all.settings.entry(name).or_insert(serde_json::Value::Null);
    }
    // Without one here there is none there either.
    all.ground.get_or_insert(GroundChange::Remove);
    let audit = Audit {
        actor: "cli".to_owned(),
        action: action.to_owned(),
        reason: String::new(),
    };
    to.apply(&all, &Write::by(&audit)).await
}

/// All rows of a store as one change that replaces everything.
async fn collect(store: &dyn Store) -> Result<ChangeSet, Error> {
    let mut all = ChangeSet::default();
    store
        .load(&mut |batch| {
            more(&mut all.grids, batch.grids);
            more(&mut all.compounds, batch.compounds);
            more(&mut all.streets, batch.streets);
            more(&mut all.routes, batch.routes);
            more(&mut all.incidents, batch.incidents);
            all.categories = batch.categories.or(all.categories.take());
            all.district = batch.district.or(all.district.take());
            all.settings.extend(batch.settings);
            all.ground = batch.ground.or(all.ground.take());
        })
        .await?;
    all.grids.replace = true;
    all.compounds.replace = true;
    all.streets.replace = true;
    all.routes.replace = true;
    all.incidents.replace = true;
    Ok(all)
}

fn more<T>(all: &mut LayerChanges<T>, batch: LayerChanges<T>) {
    if all.put.is_empty() {
        // The first batch has room for all.
        all.put = batch.put;
    } else {
        all.put.extend(batch.put);
    }
}

async fn settings_of(
    store: &dyn Store,
) -> Result<std::collections::BTreeMap<String, serde_json::Value>, Error> {
    let mut settings = std::collections::BTreeMap::new();
    store
        .load(&mut |batch| settings.extend(batch.settings))
        .await?;
    Ok(settings)
}
