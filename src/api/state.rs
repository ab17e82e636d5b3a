//! What every handler has at hand.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRef;
use tokio::sync::watch;

use super::edge::Hosts;
use super::error::Error;
use crate::index::Snapshot;
use crate::model::{LayerName, Revision, Scope, Timestamp};
use crate::query::Finder;
use crate::service::Service;

/// The service and the few things that belong to the edge alone.
#[derive(Clone)]
pub struct AppState {
    /// The one stateful object.
    pub service: Arc<Service>,
    /// Which host names a request may name.
    pub hosts: Hosts,
    /// The clock; a function so that tests can stop it.
    pub clock: fn() -> Timestamp,
    /// Differs between two starts: entity tags of an earlier run, perhaps over
    /// other data with the same revision, must not match.
    pub run: Arc<str>,
    finder: Arc<Mutex<Option<Found>>>,
    stopping: Arc<watch::Sender<bool>>,
}

/// A search index and the revisions it was built from.
type Found = ([Revision; 5], Arc<Finder>);

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
        let started = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        AppState {
            service,
            hosts: Hosts::Loopback,
            clock: now,
            run: format!("{started:x}").into(),
            finder: Arc::default(),
            stopping: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Tells open event streams to end, so that a stop need not wait for them.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Turns true when the server stops.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// What the caller may see. One scope that sees all, until accounts exist.
    #[expect(
        clippy::unused_self,
        reason = "accounts will make it depend on the caller"
    )]
    pub(super) fn scope(&self) -> Scope {
        Scope::all()
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

    /// The search index for a snapshot, built again only when the names changed.
    pub(super) fn finder(&self, snapshot: &Snapshot) -> Arc<Finder> {
        let mut revisions = snapshot.layer_revisions;
        revisions[LayerName::Incidents.slot()] = Revision::default();
        // A panic while building leaves the old value, which is still right.
        let mut found = self.finder.lock().unwrap_or_else(PoisonError::into_inner);
        match &*found {
            Some((known, finder)) if *known == revisions => Arc::clone(finder),
            _ => {
                let finder = Arc::new(Finder::new(snapshot));
                *found = Some((revisions, Arc::clone(&finder)));
                finder
            }
        }
    }
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
