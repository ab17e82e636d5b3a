//! What happened to the rows: the words in which a store tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{
    Audit, Category, Compound, Entity, FeatureId, Grid, Incident, LayerName, Revision, Route,
    Street, Timestamp,
};

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A row of a layer.
    Row(LayerName, FeatureId),
    /// A category, by code.
    Category(String),
    /// A setting, by name.
    Setting(String),
}

/// What a subject was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// A grid.
    Grid(Grid),
    /// A compound.
    Compound(Compound),
    /// A street.
    Street(Street),
    /// A route.
    Route(Route),
    /// An incident.
    Incident(Incident),
    /// A category.
    Category(Category),
    /// A setting's value.
    Setting(Value),
}

impl Content {
    /// What it is about; settings do not know their name.
    pub fn subject(&self) -> Option<Subject> {
        fn row<T: Entity>(item: &T) -> Option<Subject> {
            Some(Subject::Row(T::LAYER, item.meta().id))
        }
        match self {
            Content::Grid(item) => row(item),
            Content::Compound(item) => row(item),
            Content::Street(item) => row(item),
            Content::Route(item) => row(item),
            Content::Incident(item) => row(item),
            Content::Category(item) => Some(Subject::Category(item.code.clone())),
            Content::Setting(_) => None,
        }
    }
}

/// What was done to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// It was not there before.
    Insert,
    /// It was changed.
    Update,
    /// It was taken away.
    Delete,
}

impl Op {
    /// The word in the change log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Op::Insert => "insert",
            Op::Update => "update",
            Op::Delete => "delete",
        }
    }

    /// Reads the word of the change log.
    pub(super) fn read(word: &str) -> Option<Op> {
        [Op::Insert, Op::Update, Op::Delete]
            .into_iter()
            .find(|op| op.as_str() == word)
    }
}

/// One change in the past of a subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The revision that the change made: that of its write, or, for another
    /// program's, its own.
    pub revision: Revision,
    /// When; unknown for changes by other programs that an old store logged.
    pub at: Option<Timestamp>,
    /// Who, what and why; `None` when another program wrote into the store.
    pub audit: Option<Audit>,
    /// What was done.
    pub op: Op,
    /// What the subject was before; nothing for an insert.
    pub before: Option<Content>,
}

/// Rows per layer name (or `categories`, `settings`) and operation.
pub type Counts = BTreeMap<String, BTreeMap<Op, u64>>;

/// One write that this program did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WriteNote {
    /// The last change before it.
    pub before: Revision,
    /// Its last change; the write's name in [`super::Write::undoes`].
    pub revision: Revision,
    /// When.
    pub at: Timestamp,
    /// Who, what and why.
    pub audit: Audit,
    /// How many rows of what it touched.
    pub counts: Counts,
    /// The write that it took back.
    pub undoes: Option<Revision>,
    /// The newest write that took it back.
    pub undone_by: Option<Revision>,
}

/// The net effect of a stretch of changes on one subject: what an undo needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// What was touched.
    pub subject: Subject,
    /// What was done in sum: a row that came and went is left out, one that
    /// was deleted and put back counts as updated.
    pub op: Op,
    /// It was changed again after the stretch.
    pub edited_since: bool,
    /// What it was before the stretch; nothing for an insert.
    pub before: Option<Box<Content>>,
}
