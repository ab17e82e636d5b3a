//! From rows of the change log to what they tell; the same for every store.
//!
//! A log row is about one row of a table, or, for inserts, about all rows
//! from one id to another.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::history::{Content, Op, Past, Subject, Touched};
use super::row::ground::GROUND;
use super::row::image;
use crate::model::{Audit, FeatureId, LayerName, Revision, Timestamp};

/// What the log writes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Table {
    /// A layer.
    Layer(LayerName),
    /// The category table.
    Categories,
    /// The table of settings.
    Settings,
    /// Nothing: rows may have changed unseen, since the triggers were away.
    Gap,
}

impl Table {
    /// Reads the log's word.
    pub(super) fn read(word: &str) -> Option<Table> {
        match word {
            "categories" => Some(Table::Categories),
            "settings" => Some(Table::Settings),
            "gap" => Some(Table::Gap),
            _ => {
                let mut layers = LayerName::ALL.iter().copied();
                layers
                    .find(|layer| layer.as_str() == word)
                    .map(Table::Layer)
            }
        }
    }
}

/// A row of the change log.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LogRow {
    /// The number of the change.
    pub(super) seq: i64,
    /// When, seconds.
    pub(super) at: Option<i64>,
    /// Table.
    pub(super) table: Table,
    /// Row id, the first of a run.
    pub(super) fid: i64,
    /// The last row id.
    pub(super) last: i64,
    /// What was done.
    pub(super) op: Op,
    /// The row before, as JSON.
    pub(super) before: Option<String>,
    /// The write it belongs to.
    pub(super) write: Option<(Revision, Audit)>,
}

/// Names of categories or settings by table and row id.
pub(super) type Names = HashMap<(Table, i64), String>;

/// The past of a row of a layer; `rows` are its own, newest first.
pub(super) fn past_of_row(layer: LayerName, id: FeatureId, rows: Vec<LogRow>) -> Vec<Past> {
    let tell = |row: LogRow| {
        let before = row.before.as_deref();
        let before = before.and_then(|json| image::entity(layer, id, json));
        past(row, before)
    };
    rows.into_iter().map(tell).collect()
}

/// The past of a category or setting by name; `rows` are all of its table,
/// newest first, and `names` those of the rows that are there now.
pub(super) fn past_of_name(wanted: &str, mut names: Names, rows: Vec<LogRow>) -> Vec<Past> {
    let mut found = Vec::new();
    for row in rows {
        let before = row
            .before
            .as_deref()
            .and_then(|json| named(row.table, json));
        let key = (row.table, row.fid);
        // An update may have changed the name: both are told.
        let mut about = names.get(&key).is_some_and(|name| name == wanted);
        if let Some((name, _)) = &before {
            about |= name == wanted;
            names.insert(key, name.clone());
        }
        if about {
            found.push(past(row, before.map(|(_, content)| content)));
        }
    }
    found
}

fn past(row: LogRow, before: Option<Content>) -> Past {
    let (revision, audit) = match row.write {
        Some((revision, audit)) => (revision, Some(audit)),
        None => (Revision(row.seq), None),
    };
    Past {
        revision,
        at: row.at.map(Timestamp),
        audit,
        op: row.op,
        before,
    }
}

fn named(table: Table, json: &str) -> Option<(String, Content)> {
    match table {
        Table::Categories => {
            let category = image::category(json)?;
            Some((category.code.clone(), Content::Category(category)))
        }
        Table::Settings => {
            let (name, value) = image::setting(json)?;
            Some((name, Content::Setting(value)))
        }
        Table::Layer(_) | Table::Gap => None,
    }
}

/// First and last operation on a row, and its first before-image.
struct Net {
    first: Op,
    last: Op,
    before: Option<String>,
}

/// The net effect of `rows`, oldest first; `later` are the log rows after
/// them. `names` are those of the categories and settings that are there now.
pub(super) fn touched(rows: Vec<LogRow>, later: &[LogRow], mut names: Names) -> Vec<Touched> {
    for row in rows.iter().chain(later) {
        let json = row.before.as_deref();
        if let Some((name, _)) = json.and_then(|json| named(row.table, json)) {
            names.entry((row.table, row.fid)).or_insert(name);
        }
    }
    let mut since = HashSet::new();
    let mut runs = Vec::new();
    for row in later {
        if row.fid == row.last {
            since.insert((row.table, row.fid));
        } else {
            runs.push((row.table, row.fid, row.last));
        }
    }
    // What happened in a gap is not known: better ask than overwrite.
    let unsure = later.iter().any(|row| row.table == Table::Gap);
    let mut found = Vec::new();
    for (key, net) in net_effects(rows) {
        let (table, id) = key;
        let op = match (net.first, net.last) {
            (Op::Insert, Op::Delete) => continue,
            (Op::Insert, _) => Op::Insert,
            (_, Op::Delete) => Op::Delete,
            _ => Op::Update,
        };
        let name = || names.get(&key).cloned();
        let subject = match table {
            Table::Layer(layer) => Some(Subject::Row(layer, FeatureId(id))),
            Table::Categories => name().map(Subject::Category),
            // What a store keeps for itself cannot be taken back, but for the
            // ground.
            Table::Settings => name()
                .filter(|name| {
                    let name = name.as_str();
                    name == GROUND || !super::RESERVED_SETTINGS.contains(&name)
                })
                .map(Subject::Setting),
            Table::Gap => None,
        };
        let Some(subject) = subject else { continue };
        let before = net.before.as_deref().and_then(|json| match table {
            Table::Layer(layer) => image::entity(layer, FeatureId(id), json),
            _ => named(table, json).map(|(_, content)| content),
        });
        let in_run =
            |(of, first, last): &(Table, i64, i64)| *of == table && (*first..=*last).contains(&id);
        found.push(Touched {
            subject,
            op,
            edited_since: unsure || since.contains(&key) || runs.iter().any(in_run),
            before: before.map(Box::new),
        });
    }
    found
}

fn net_effects(rows: Vec<LogRow>) -> BTreeMap<(Table, i64), Net> {
    let mut effects: BTreeMap<(Table, i64), Net> = BTreeMap::new();
    for row in rows {
        let mut before = row.before;
        for id in row.fid..=row.last {
            effects
                .entry((row.table, id))
                .and_modify(|net| net.last = row.op)
                .or_insert_with(|| Net {
                    first: row.op,
                    last: row.op,
                    before: before.take(),
                });
        }
    }
    effects
}

/// A layer by its table's name.
pub(super) fn layer_of(word: &str) -> Option<LayerName> {
    match Table::read(word) {
        Some(Table::Layer(layer)) => Some(layer),
        _ => None,
    }
}
