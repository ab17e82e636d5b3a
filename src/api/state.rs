//! What every handler has at hand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRef;
use tokio::sync::{Semaphore, watch};

use super::edge::Hosts;
use super::edits::EditsView;
use super::error::Error;
use super::params::Params;
use crate::index::Snapshot;
use crate::layer::{Datum, Drawing};
use crate::model::{LayerName, Revision, Scope, Timestamp};
use crate::query::{Filter, Finder};
use crate::service::backgrounds::{BackgroundOptions, Backgrounds};
use crate::service::imports::{Imports, ImportsOptions};
use crate::service::{Proposals, Service};
use crate::store::IdempotencyKey;

/// Exports that are written at the same time; more are told to come back.
const MAX_EXPORTS: usize = 8;

/// The service and the few things that belong to the edge alone.
#[derive(Clone)]
pub struct AppState {
    /// The one stateful object.
    pub service: Arc<Service>,
    /// Files on their way in.
    pub imports: Arc<Imports>,
    /// Maps of others that lie under the layers.
    pub backgrounds: Arc<Backgrounds>,
    /// Which host names a request may name.
    pub hosts: Hosts,
    /// The clock; a function so that tests can stop it.
    pub clock: fn() -> Timestamp,
    /// Differs between two starts: entity tags of an earlier run, perhaps over
    /// other data with the same revision, must not match.
    pub run: Arc<str>,
    finder: Arc<Mutex<Option<Made<Finder>>>>,
    /// One for each datum.
    drawings: [Arc<Mutex<Option<Made<Drawing>>>>; 2],
    stopping: Arc<watch::Sender<bool>>,
    /// Answers to the last batches that came with a key: who did not get one
    /// asks again, with tags that its own change has outdated.
    answers: Arc<Mutex<VecDeque<(IdempotencyKey, EditsView)>>>,
    /// Grids that are being proposed.
    pub(super) proposals: Proposals,
    /// Exports that may run at once: each keeps a thread while it is read.
    pub(super) exports: Arc<Semaphore>,
}

/// Answers to batches that are kept.
const MAX_ANSWERS: usize = 64;

/// Something made from a snapshot without its incidents, and what it was made
/// from.
struct Made<T> {
    revisions: [Revision; 5],
    today: jiff::civil::Date,
    thing: Arc<T>,
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState")
            .field("hosts", &self.hosts)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl AppState {
    /// The state for a server that only this machine may use.
    pub fn new(service: Arc<Service>) -> AppState {
        AppState::with(service, ImportsOptions::default())
    }

    /// Like [`AppState::new`], with uploads taken in as told.
    pub fn with(service: Arc<Service>, imports: ImportsOptions) -> AppState {
        let started = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        AppState {
            imports: Imports::new(Arc::clone(&service), imports),
            service,
            backgrounds: Arc::new(Backgrounds::new(&BackgroundOptions::default())),
            hosts: Hosts::Loopback,
            clock: now,
            run: format!("{started:x}").into(),
            finder: Arc::default(),
            drawings: Default::default(),
            stopping: Arc::new(watch::Sender::new(false)),
            answers: Arc::default(),
            proposals: Proposals::default(),
            exports: Arc::new(Semaphore::new(MAX_EXPORTS)),
        }
    }

    /// With backgrounds found and fetched as told.
    #[must_use]
    pub fn with_backgrounds(mut self, options: &BackgroundOptions) -> AppState {
        self.backgrounds = Arc::new(Backgrounds::new(options));
        self
    }

    /// Tells open event streams to end, so that a stop need not wait for them.
    pub fn stop(&self) {
        self.imports.stop();
        self.stopping.send_replace(true);
    }

    /// Turns true when the server stops.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// The answer that was given under a key for the same batch.
    pub(super) fn answered(&self, key: &IdempotencyKey) -> Option<EditsView> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answers.iter().find(|(known, _)| known == key);
        known.map(|(_, answer)| answer.clone())
    }

    /// Keeps an answer for who asks again.
    pub(super) fn remember_answer(&self, key: IdempotencyKey, answer: &EditsView) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push_back((key, answer.clone()));
        if answers.len() > MAX_ANSWERS {
            answers.pop_front();
        }
    }

    /// What the caller may see. One scope that sees all, until accounts exist.
    #[expect(
        clippy::unused_self,
        reason = "accounts will make it depend on the caller"
    )]
    pub(super) fn scope(&self) -> Scope {
        Scope::all()
    }

    /// What is left of the parameters, as a filter of a layer.
    ///
    /// # Errors
    /// 400 for an unknown parameter or a value out of the grammar.
    pub(super) fn filter(&self, mut params: Params, layer: LayerName) -> Result<Filter, Error> {
        let snapshot = self.service.snapshot();
        let cql = params.cql(layer, &snapshot.district)?;
        let mut filter = params.filter(snapshot.district.extra_columns(layer))?;
        filter.cql = cql.map(Arc::new);
        Ok(filter)
    }

    /// Runs a question on the blocking pool, over one snapshot.
    ///
    /// # Errors
    /// 503 when too many run already; else what `work` returns.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Snapshot, &Scope) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (snapshot, scope) = (self.service.snapshot(), self.scope());
        self.service
            .compute(move || work(&snapshot, &scope))
            .await?
    }

    /// The search index of a snapshot.
    pub(super) fn finder(&self, snapshot: &Snapshot) -> Arc<Finder> {
        make_once(&self.finder, snapshot, |_| Finder::new(snapshot))
    }

    /// The shapes of a snapshot, projected in a datum.
    pub(super) fn drawing(&self, snapshot: &Snapshot, datum: Datum) -> Arc<Drawing> {
        make_once(&self.drawings[datum_slot(datum)], snapshot, |last| {
            Drawing::in_datum(snapshot, datum, last)
        })
    }

    /// The projected shapes if they are there already.
    pub(super) fn ready_drawing(&self, snapshot: &Snapshot, datum: Datum) -> Option<Arc<Drawing>> {
        let made = self.drawings[datum_slot(datum)].try_lock().ok()?;
        let known = made.as_ref()?;
        (made_from(snapshot) == (known.revisions, known.today)).then(|| Arc::clone(&known.thing))
    }
}

fn datum_slot(datum: Datum) -> usize {
    match datum {
        Datum::Wgs84 => 0,
        Datum::Gcj02 => 1,
    }
}

/// What things without incidents follow from.
fn made_from(snapshot: &Snapshot) -> ([Revision; 5], jiff::civil::Date) {
    let mut revisions = snapshot.layer_revisions;
    revisions[LayerName::Incidents.slot()] = Revision::default();
    (revisions, snapshot.today())
}

/// Makes a thing again only when a layer other than incidents or the day has
/// changed; who comes meanwhile waits for it instead of making it too.
fn make_once<T>(
    made: &Mutex<Option<Made<T>>>,
    snapshot: &Snapshot,
    make: impl FnOnce(Option<&T>) -> T,
) -> Arc<T> {
    let (revisions, today) = made_from(snapshot);
    // A panic while making leaves the old thing, which is still whole.
    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = &*made
        && (known.revisions, known.today) == (revisions, today)
    {
        return Arc::clone(&known.thing);
    }
    let thing = Arc::new(make(made.as_ref().map(|last| &*last.thing)));
    *made = Some(Made {
        revisions,
        today,
        thing: Arc::clone(&thing),
    });
    thing
}

impl FromRef<AppState> for Hosts {
    fn from_ref(state: &AppState) -> Hosts {
        state.hosts
    }
}

fn now() -> Timestamp {
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}
