//! Handing work to the server that has a folder open, over a socket in that
//! folder, so that one process writes and open maps see the change at once.
//!
//! Lines of JSON: the server greets with its version and categories; the
//! client sends a [`Request`] and, for an import, one line per row; the server
//! answers with a [`Reply`]. Only the same user can open the socket.

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod listener;
#[cfg(unix)]
mod place;
#[cfg(not(unix))]
mod without;

use serde::{Deserialize, Serialize};

use crate::model::{Audit, Category, CategoryTree, ExtraColumn, GroundFacts, LayerName, Revision};
use crate::service::{Edited, GroundOutcome, Outcome, UndoRow, Undone};
use crate::store::IdempotencyKey;

#[cfg(not(unix))]
pub(super) use without::{Listener, Server};
#[cfg(unix)]
pub(super) use {client::Server, listener::Listener};

/// What the server says first.
#[derive(Debug, Serialize, Deserialize)]
struct Greeting {
    /// Version of the program; both sides must be the same.
    gridmap: String,
    /// The category tree, to read words by.
    categories: CategoryTree,
    /// West, south, east, north of what a ground is cut to.
    ground_within: Option<[f64; 4]>,
}

/// What the client wants.
#[derive(Debug, Serialize, Deserialize)]
enum Request {
    /// Take in the rows that follow, one a line.
    Import {
        layer: LayerName,
        rows: u64,
        new_categories: Vec<Category>,
        extra_columns: Vec<ExtraColumn>,
        dry_run: bool,
        audit: Audit,
        key: Option<IdempotencyKey>,
    },
    /// Replace the ground by the pieces that follow, one a line, or take it
    /// away.
    Ground {
        facts: Option<GroundFacts>,
        pieces: u64,
        dry_run: bool,
        audit: Audit,
        key: Option<IdempotencyKey>,
    },
    /// Use this category tree from now on.
    Categories { tree: CategoryTree, audit: Audit },
    /// Take a write back.
    Undo {
        revision: Revision,
        edited: Option<Edited>,
        audit: Audit,
    },
}

/// What became of it.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    /// An import is done.
    Imported(Outcome),
    /// The ground is replaced or gone.
    Ground(GroundOutcome),
    /// The change is stored.
    Done,
    /// A write is taken back.
    Undone(Undone),
    /// Rows were changed since: the user has to say what becomes of them.
    Edited {
        edited: u64,
        edited_since: Vec<UndoRow>,
        gone: Vec<UndoRow>,
    },
    /// Nothing was stored, and why.
    Refused { zh: String, en: String },
}

/// The version that both sides must have.
fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
