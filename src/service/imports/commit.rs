//! Storing an upload: whole or not at all, and once however often it is asked.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::choices::Choices;
use super::session::{Session, State, Stored, StoredGround, UploadFile};
use super::stage::Staged;
use super::wire::Sketch;
use super::{Imports, remembered};
use crate::index::Snapshot;
use crate::model::{Audit, CategoryTree, ChangeSet, GroundChange};
use crate::service;
use crate::store::{self, IdempotencyKey, Write};

/// How often rows are compared anew when another program writes in between.
const TRIES: usize = 3;

/// Why an upload was not stored.
#[derive(Debug)]
pub enum CommitError {
    /// It is not ready: still read, failed, given up.
    NotReady(State),
    /// The coordinate system has to be chosen first.
    CrsUndecided,
    /// It is being stored for another request.
    InFlight,
    /// It is stored already, under another key.
    StoredBefore(Box<Stored>),
    /// The store said no; nothing was stored.
    Service(service::Error),
}

impl Imports {
    /// Stores the rows of a session that is ready. It goes on also when the
    /// caller goes away; who asks again with the same key gets the same answer.
    ///
    /// # Errors
    /// When it is not ready or the store refuses; then nothing is stored.
    pub async fn commit(
        self: &Arc<Self>,
        session: &Arc<Session>,
        key: String,
        actor: &str,
    ) -> Result<Stored, CommitError> {
        let (staged, sketch, choices, crs, files) = {
            let mut live = session.live();
            match live.state {
                State::Storing => return Err(CommitError::InFlight),
                State::Done => {
                    let stored = live.stored.clone().ok_or(CommitError::InFlight)?;
                    return if stored.key == key {
                        Ok(stored)
                    } else {
                        Err(CommitError::StoredBefore(Box::new(stored)))
                    };
                }
                State::Ready => {}
                state => return Err(CommitError::NotReady(state)),
            }
            if live.crs.undecided {
                return Err(CommitError::CrsUndecided);
            }
            let (Some(staged), Some(sketch)) = (live.staged.clone(), live.sketch.clone()) else {
                return Err(CommitError::NotReady(live.state));
            };
            session.enter(&mut live, State::Storing, "storing");
            (
                staged,
                sketch,
                live.choices.clone(),
                live.crs.chosen.clone(),
                live.files.clone(),
            )
        };
        let audit = Audit {
            actor: actor.to_owned(),
            action: "import".to_owned(),
            reason: session.names.join(", "),
        };
        let (imports, session) = (Arc::clone(self), Arc::clone(session));
        let storing = tokio::spawn(async move {
            let ground = staged.ground.as_ref().map(|g| Arc::clone(&g.ground));
            // A ground is told by its file: what is cut from it depends on
            // the rows that this very import brings.
            let of_ground = files.filter(|_| ground.is_some());
            let more = move |snapshot: &Snapshot, changes: &mut ChangeSet| {
                learn(snapshot, changes, &choices, &sketch, crs.as_deref());
                changes.ground = ground.map(GroundChange::Put);
            };
            let outcome = imports.store(&staged, of_ground, &key, audit, more).await;
            session.settle(outcome)
        });
        match storing.await {
            Ok(outcome) => outcome.map_err(CommitError::Service),
            Err(error) => Err(CommitError::Service(error.into())),
        }
    }

    async fn store(
        &self,
        staged: &Arc<Staged>,
        of_ground: Option<Arc<[UploadFile]>>,
        key: &str,
        audit: Audit,
        more: impl FnOnce(&Snapshot, &mut ChangeSet) + Clone + Send + 'static,
    ) -> Result<Stored, service::Error> {
        let hashed = Arc::clone(staged);
        let digest = move || match of_ground {
            None => hashed.batch.digest(),
            Some(files) => {
                let mut hash = blake3::Hasher::new();
                hash.update(hashed.batch.digest().as_bytes());
                files.iter().for_each(|file| _ = hash.update(&file.bytes));
                hash.finalize().to_hex().to_string()
            }
        };
        let digest = tokio::task::spawn_blocking(digest).await?;
        let replaced = self.service.snapshot().ground.facts().is_some();
        let write = Write {
            key: Some(IdempotencyKey {
                key: key.to_owned(),
                digest,
            }),
            ..Write::by(&audit)
        };
        let mut tries = 0;
        let (outcome, applied) = loop {
            tries += 1;
            let more = more.clone();
            match self
                .service
                .import_with(staged.shared(), more, &write)
                .await
            {
                // What the rows add to was changed at the same moment.
                Err(service::Error::Store(store::Error::Conflict { .. })) if tries < TRIES => {}
                other => break other?,
            }
        };
        Ok(Stored {
            new: outcome.new,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            unplaced: staged.counts.unplaced,
            masked: staged.counts.masked,
            rejected: staged.counts.rejected,
            background: staged.ground.as_ref().map(|staged| StoredGround {
                features: staged.ground.features.len() as u64,
                replaced,
            }),
            revision: applied.revision,
            before: applied.before,
            repeated: applied.repeated,
            key: key.to_owned(),
        })
    }
}

impl Session {
    /// Done, or ready for another try.
    fn settle(&self, outcome: Result<Stored, service::Error>) -> Result<Stored, service::Error> {
        let mut live = self.live();
        match outcome {
            Ok(stored) => {
                live.stored = Some(stored.clone());
                let counts = live.staged.as_ref().map(|staged| staged.counts);
                self.let_go(&mut live);
                live.counts = counts;
                self.enter(&mut live, State::Done, "storing");
                Ok(stored)
            }
            Err(error) => {
                self.enter(&mut live, State::Ready, "storing");
                Err(error)
            }
        }
    }
}

/// What the import teaches for the next one: words of categories, a profile,
/// the coordinate system of files like this.
fn learn(
    snapshot: &Snapshot,
    changes: &mut ChangeSet,
    choices: &Choices,
    sketch: &Sketch,
    crs: Option<&str>,
) {
    let tree: &CategoryTree = changes.categories.as_ref().unwrap_or(&snapshot.categories);
    let taught = choices.with_words(tree);
    if taught != *tree {
        changes.categories = Some(taught);
    }
    if let Some(name) = &choices.save_profile {
        let layer = choices.layer.or(sketch.guessed_layer);
        if let Some(profile) = layer.map(|layer| choices.as_profile(layer)) {
            put(
                snapshot,
                changes,
                remembered::PROFILES,
                name,
                json!(profile),
            );
        }
    }
    if let (true, Some(crs)) = (choices.remember_crs, crs) {
        let source = remembered::source_of(&choices.source, sketch);
        put(
            snapshot,
            changes,
            remembered::SOURCE_CRS,
            &source,
            json!(crs),
        );
    }
}

/// Puts one entry into a setting that is a table.
fn put(snapshot: &Snapshot, changes: &mut ChangeSet, name: &str, key: &str, value: Value) {
    let mut table: Map<String, Value> = match remembered::setting(snapshot, name) {
        Value::Object(table) => table,
        _ => Map::new(),
    };
    if table.get(key) != Some(&value) {
        table.insert(key.to_owned(), value);
        changes
            .settings
            .insert(name.to_owned(), Value::Object(table));
    }
}
