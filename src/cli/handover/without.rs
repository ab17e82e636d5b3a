//! Systems without local sockets: writers wait for the folder's lock.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use crate::model::{Audit, CategoryTree, GroundChange, Revision};
use crate::service::{Batch, Edited, GroundOutcome, Outcome, Service, UndoPlan, Undone};
use crate::store::{DataDir, IdempotencyKey};

/// Never there.
#[derive(Debug)]
pub(in crate::cli) struct Server(Infallible);

impl Server {
    pub(in crate::cli) fn find(_folder: &DataDir) -> anyhow::Result<Option<Server>> {
        Ok(None)
    }

    pub(in crate::cli) fn categories(&self) -> &CategoryTree {
        match self.0 {}
    }

    pub(in crate::cli) fn ground_within(&self) -> Option<[f64; 4]> {
        match self.0 {}
    }

    pub(in crate::cli) fn change_ground(
        &mut self,
        _change: &GroundChange,
        _dry_run: bool,
        _audit: Audit,
        _key: Option<IdempotencyKey>,
    ) -> anyhow::Result<GroundOutcome> {
        match self.0 {}
    }

    pub(in crate::cli) fn import(
        &mut self,
        _batch: &Batch,
        _dry_run: bool,
        _audit: Audit,
        _key: Option<IdempotencyKey>,
    ) -> anyhow::Result<Outcome> {
        match self.0 {}
    }

    pub(in crate::cli) fn undo(
        &mut self,
        _revision: Revision,
        _edited: Option<Edited>,
        _audit: Audit,
    ) -> anyhow::Result<Result<Undone, UndoPlan>> {
        match self.0 {}
    }

    pub(in crate::cli) fn set_categories(
        &mut self,
        _tree: CategoryTree,
        _audit: Audit,
    ) -> anyhow::Result<()> {
        match self.0 {}
    }
}

/// Listens to nothing.
#[derive(Debug)]
pub(in crate::cli) struct Listener;

impl Listener {
    pub(in crate::cli) fn start(_folder: &DataDir, _service: Arc<Service>) -> io::Result<Listener> {
        Ok(Listener)
    }
}
