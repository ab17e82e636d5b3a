//! The rows of an upload beside the map: what would become of each, and what
//! a person should look at before it is stored. Pure; nothing is written.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::choices::{Choices, PlaceChoice};
use super::wire::{Note, Seen, Severity, Summary};
use crate::index::Snapshot;
use crate::model::{
    Category, CategoryTree, FeatureId, Ground, GroundFeature, Incident, LayerName, Revision,
};
use crate::query::{Gazetteer, NamedPlace};
use crate::service::import::{Batch, RowPlan, Rows, plan_rows};

/// Row numbers that a problem names.
const NAMED_ROWS: usize = 5;

/// Places beside the proposal.
const OTHER_PLACES: usize = 5;

/// Code of rows without coordinates.
pub const NO_COORDINATES: &str = "no_coordinates";

/// Code of words that become new categories.
pub const NEW_CATEGORY: &str = "new_category";

/// Everything known about an upload that was read.
#[derive(Debug)]
pub struct Staged {
    /// The layer.
    pub layer: LayerName,
    /// Rows in the order of the file.
    pub rows: Vec<StagedRow>,
    /// The numbers; [`Counts::read`] is the sum of the next four.
    pub counts: Counts,
    /// Problems by code, refusals first.
    pub problems: Vec<ProblemGroup>,
    /// Texts that name places of rows without coordinates, the most used first.
    pub places: Vec<PlaceText>,
    /// Words that the category tree does not know.
    pub words: Vec<NewWord>,
    /// What was masked, by kind.
    pub masked: Vec<(String, u64)>,
    /// Columns about persons, left out.
    pub dropped_columns: Vec<String>,
    /// The encoding the text was read in.
    pub encoding: String,
    /// The state of the map that the rows were compared with.
    pub revision: Revision,
    /// The ground of an extract, if it is taken and not empty.
    pub ground: Option<StagedGround>,
    /// The accepted rows.
    pub(super) batch: Batch,
}

/// The ground of an extract.
#[derive(Debug, Clone)]
pub struct StagedGround {
    /// The ground itself.
    pub ground: Arc<Ground>,
    /// Areas and lines left out, since they are open or cross themselves.
    pub dropped: u64,
    /// West, south, east, north of what it was cut to.
    pub within: Option<[f64; 4]>,
}

/// One row of the file.
#[derive(Debug)]
pub struct StagedRow {
    /// Row of data, from 1.
    pub row: u64,
    /// The cells as a JSON array of texts and nulls, masked.
    pub cells: Box<str>,
    /// What becomes of it; `None` when it is refused.
    pub plan: Option<RowPlan>,
    /// Its place in WGS84 degrees.
    pub at: Option<geo::Coord>,
    /// It is taken without a place.
    pub unplaced: bool,
    /// Position in [`Staged::places`] of the text that names its place.
    pub place: Option<u32>,
    /// A person should look at it before it is stored.
    pub to_confirm: bool,
    /// It has a word that becomes a new category.
    pub new_word: bool,
    /// What is wrong with it, or was repaired.
    pub notes: Vec<Note>,
}

/// Numbers of rows; `to_confirm` and `unplaced` are parts of the accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub read: u64,
    /// Not there yet.
    pub new: u64,
    /// Replace one.
    pub updated: u64,
    /// There already.
    pub unchanged: u64,
    /// Refused.
    pub rejected: u64,
    /// A person should look at them.
    pub to_confirm: u64,
    /// Without a place.
    pub unplaced: u64,
    /// Numbers and names masked in texts.
    pub masked: u64,
}

/// One kind of problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemGroup {
    /// For programs.
    pub code: String,
    /// What became of the rows.
    pub severity: Severity,
    /// How many rows; 0 when it is about the file.
    pub rows: u64,
    /// The first of them.
    pub first_rows: Vec<u64>,
    /// The first in words: Chinese, English.
    pub example: Option<(String, String)>,
}

/// A text that names places, and what it may mean.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceText {
    /// The text, masked.
    pub text: String,
    /// Rows without coordinates that have it.
    pub rows: u64,
    /// What it surely or probably means.
    pub proposal: Option<NamedPlace>,
    /// What else it may mean.
    pub others: Vec<NamedPlace>,
    /// What the user chose.
    pub chosen: Option<PlaceChoice>,
}

/// A word that the category tree does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWord {
    /// The word.
    pub word: String,
    /// Rows that have it.
    pub rows: u64,
    /// The new category that it becomes; `None` when it does not tell the kind
    /// and its rows are refused.
    pub category: Option<Category>,
    /// The user said so.
    pub chosen: bool,
}

/// Gathers what the reading process tells.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    rows: Vec<StagedRow>,
    items: Option<Rows>,
    places: Vec<String>,
    place_slots: HashMap<String, u32>,
    unclear: BTreeMap<String, u64>,
    pub(super) ground: Vec<GroundFeature>,
    pub(super) dropped: u64,
    pub(super) summary: Summary,
}

impl Gathered {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn add_rows(&mut self, rows: Vec<Seen>) {
        for row in rows {
            if let Some(word) = row.word {
                *self.unclear.entry(word).or_default() += 1;
            }
            let place = row.place.map(|text| self.place_slot(text));
            let cells = serde_json::to_string(&row.cells).unwrap_or_else(|_never| "[]".to_owned());
            self.rows.push(StagedRow {
                row: row.row,
                cells: cells.into(),
                // The real plan follows when all rows are there.
                plan: row.accepted.then_some(RowPlan::New),
                at: None,
                unplaced: false,
                place,
                to_confirm: false,
                new_word: false,
                notes: row.notes,
            });
        }
    }

    fn place_slot(&mut self, text: String) -> u32 {
        if let Some(&slot) = self.place_slots.get(&text) {
            return slot;
        }
        let slot = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push(text.clone());
        self.place_slots.insert(text, slot);
        slot
    }

    pub(super) fn add_items(&mut self, items: Rows) {
        match (&mut self.items, items) {
            (Some(Rows::Grids(all)), Rows::Grids(more)) => all.extend(more),
            (Some(Rows::Compounds(all)), Rows::Compounds(more)) => all.extend(more),
            (Some(Rows::Streets(all)), Rows::Streets(more)) => all.extend(more),
            (Some(Rows::Routes(all)), Rows::Routes(more)) => all.extend(more),
            (Some(Rows::Incidents(all)), Rows::Incidents(more)) => all.extend(more),
            (all, items) => *all = Some(items),
        }
    }
}

/// No rows of a layer.
fn nothing(layer: LayerName) -> Rows {
    match layer {
        LayerName::Grids => Rows::Grids(Vec::new()),
        LayerName::Compounds => Rows::Compounds(Vec::new()),
        LayerName::Streets => Rows::Streets(Vec::new()),
        LayerName::Routes => Rows::Routes(Vec::new()),
        LayerName::Incidents => Rows::Incidents(Vec::new()),
    }
}

/// Puts the rows beside the map. `None` when the reader's rows and items do
/// not belong together, which a whole answer cannot cause.
pub(super) fn stage(
    layer: LayerName,
    gathered: Gathered,
    choices: &Choices,
    snapshot: &Snapshot,
    gazetteer: &Gazetteer,
) -> Option<Staged> {
    let Gathered {
        mut rows,
        items,
        places,
        unclear,
        summary,
        ..
    } = gathered;
    let mut items = items.unwrap_or_else(|| nothing(layer));
    let accepted: Vec<usize> = (0..rows.len())
        .filter(|&at| rows[at].plan.is_some())
        .collect();
    if accepted.len() != items.len() || items.layer() != layer {
        return None;
    }
    let mut places = place_texts(places, choices, gazetteer);
    if let Rows::Incidents(incidents) = &mut items {
        put_in_place(incidents, &accepted, &rows, &places, gazetteer);
    }
    let batch = Batch {
        rows: items,
        new_categories: summary.new_categories.clone(),
        extra_columns: summary.extra_columns.clone(),
    };
    let (_, _, plans) = plan_rows(snapshot, batch.clone());
    let kept: HashSet<usize> = plans.kept_places.iter().copied().collect();
    for (item, &at) in accepted.iter().enumerate() {
        let row = &mut rows[at];
        row.plan = plans.rows.get(item).copied();
        if let Rows::Incidents(incidents) = &batch.rows {
            row.at = incidents[item].at;
            row.unplaced = row.at.is_none() && !kept.contains(&item);
        }
    }
    attach_late_notes(&mut rows, &summary.notes);
    let words = new_words(
        &batch,
        &accepted,
        &mut rows,
        unclear,
        choices,
        &snapshot.categories,
    );
    for row in &mut rows {
        let place = row.place.and_then(|slot| places.get_mut(slot as usize));
        let mut undecided = false;
        if let Some(place) = place.filter(|_| row.unplaced || row.at.is_some()) {
            place.rows += 1;
            let candidates = place.proposal.is_some() || !place.others.is_empty();
            undecided = row.unplaced && place.chosen.is_none() && candidates;
        }
        row.to_confirm = row.plan.is_some() && (undecided || row.new_word || !row.notes.is_empty());
    }
    let counts = count(&rows, &summary);
    let problems = problems(&rows, &summary, &words);
    sort_places(&mut places, &mut rows);
    Some(Staged {
        layer,
        rows,
        counts,
        problems,
        places,
        words,
        masked: summary.masked,
        dropped_columns: summary.dropped_columns,
        encoding: summary.encoding,
        revision: snapshot.revision,
        ground: None,
        batch,
    })
}

fn place_texts(texts: Vec<String>, choices: &Choices, gazetteer: &Gazetteer) -> Vec<PlaceText> {
    texts
        .into_iter()
        .map(|text| {
            let proposal = gazetteer.propose(&text).cloned();
            let hits = gazetteer.find(&text, OTHER_PLACES + 1).into_iter();
            let others = hits
                .map(|(_, place)| place.clone())
                .filter(|place| Some(place) != proposal.as_ref())
                .take(OTHER_PLACES);
            PlaceText {
                others: others.collect(),
                rows: 0,
                chosen: choices.places.get(&text).cloned(),
                proposal,
                text,
            }
        })
        .collect()
}

/// Gives incidents without coordinates the point of the place that the user
/// chose for their text.
fn put_in_place(
    incidents: &mut [Incident],
    accepted: &[usize],
    rows: &[StagedRow],
    places: &[PlaceText],
    gazetteer: &Gazetteer,
) {
    let point = |layer: LayerName, id: FeatureId| gazetteer.get(layer, id).map(|place| place.at);
    let points: Vec<Option<geo::Coord>> = places
        .iter()
        .map(|place| match place.chosen {
            Some(PlaceChoice::At { layer, id }) => point(layer, id),
            _ => None,
        })
        .collect();
    for (incident, &at) in incidents.iter_mut().zip(accepted) {
        let slot = rows[at].place.filter(|_| incident.at.is_none());
        incident.at = incident
            .at
            .or_else(|| points.get(slot? as usize).copied().flatten());
    }
}

fn attach_late_notes(rows: &mut [StagedRow], notes: &[(Option<u64>, Note)]) {
    for (number, note) in notes {
        let Some(number) = number else { continue };
        if let Ok(at) = rows.binary_search_by_key(number, |row| row.row) {
            rows[at].notes.push(note.clone());
        }
    }
}

/// Words that become new categories, and those that do not tell the kind.
fn new_words(
    batch: &Batch,
    accepted: &[usize],
    rows: &mut [StagedRow],
    unclear: BTreeMap<String, u64>,
    choices: &Choices,
    tree: &CategoryTree,
) -> Vec<NewWord> {
    let fresh = batch
        .new_categories
        .iter()
        .filter(|c| tree.get(&c.code).is_none());
    let fresh: HashMap<&str, &Category> = fresh.map(|c| (c.code.as_str(), c)).collect();
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    if let Rows::Incidents(incidents) = &batch.rows {
        for (incident, &at) in incidents.iter().zip(accepted) {
            if let Some(category) = fresh.get(incident.category.as_str()) {
                *counted.entry(&category.code).or_default() += 1;
                rows[at].new_word = !choices.categories.contains_key(&category.name_zh);
            }
        }
    }
    let named = fresh.iter().map(|(code, category)| NewWord {
        word: category.name_zh.clone(),
        rows: counted.get(code).copied().unwrap_or(0),
        chosen: choices.categories.contains_key(&category.name_zh),
        category: Some((*category).clone()),
    });
    let unclear = unclear.into_iter().map(|(word, rows)| NewWord {
        word,
        rows,
        category: None,
        chosen: false,
    });
    let mut words: Vec<NewWord> = named.chain(unclear).collect();
    words.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.word.cmp(&b.word)));
    words
}

fn count(rows: &[StagedRow], summary: &Summary) -> Counts {
    let mut counts = Counts {
        read: rows.len() as u64,
        masked: summary.masked.iter().map(|(_, count)| count).sum(),
        ..Counts::default()
    };
    for row in rows {
        match row.plan {
            None => counts.rejected += 1,
            Some(RowPlan::New) => counts.new += 1,
            Some(RowPlan::Updated) => counts.updated += 1,
            Some(RowPlan::Unchanged) => counts.unchanged += 1,
        }
        counts.to_confirm += u64::from(row.to_confirm);
        counts.unplaced += u64::from(row.unplaced);
    }
    counts
}

fn problems(rows: &[StagedRow], summary: &Summary, words: &[NewWord]) -> Vec<ProblemGroup> {
    let mut groups: BTreeMap<(Severity, String), ProblemGroup> = BTreeMap::new();
    let mut add = |code: &str, severity: Severity, row: Option<u64>, note: Option<&Note>| {
        let key = (severity, code.to_owned());
        let group = groups.entry(key).or_insert_with(|| ProblemGroup {
            code: code.to_owned(),
            severity,
            rows: 0,
            first_rows: Vec::new(),
            example: None,
        });
        if let Some(row) = row {
            group.rows += 1;
            if group.first_rows.len() < NAMED_ROWS {
                group.first_rows.push(row);
            }
        }
        if let (None, Some(note)) = (&group.example, note) {
            group.example = Some((note.zh.clone(), note.en.clone()));
        }
    };
    for row in rows {
        let mut told = HashSet::new();
        for note in &row.notes {
            // A row counts once for each kind of problem.
            if told.insert((note.severity, &note.code)) {
                add(&note.code, note.severity, Some(row.row), Some(note));
            }
        }
        if row.unplaced {
            add(NO_COORDINATES, Severity::Warning, Some(row.row), None);
        }
        if row.new_word {
            add(NEW_CATEGORY, Severity::Warning, Some(row.row), None);
        }
    }
    for (_, note) in summary.notes.iter().filter(|(row, _)| row.is_none()) {
        add(&note.code, note.severity, None, Some(note));
    }
    let mut groups: Vec<ProblemGroup> = groups.into_values().collect();
    for group in groups.iter_mut().filter(|group| group.code == NEW_CATEGORY) {
        let fresh = words.iter().filter(|w| w.category.is_some() && !w.chosen);
        let names: Vec<&str> = fresh.take(3).map(|word| word.word.as_str()).collect();
        group.example = Some((names.join("、"), names.join(", ")));
    }
    groups.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.rows.cmp(&a.rows)));
    groups
}

/// The most used text first; rows keep pointing at theirs.
fn sort_places(places: &mut Vec<PlaceText>, rows: &mut [StagedRow]) {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&places[a], &places[b]);
        b.rows.cmp(&a.rows).then_with(|| a.text.cmp(&b.text))
    });
    let mut position = vec![0_u32; order.len()];
    for (new, &old) in (0_u32..).zip(&order) {
        position[old] = new;
    }
    for row in rows {
        row.place = row.place.map(|slot| position[slot as usize]);
    }
    let mut sorted: Vec<PlaceText> = order.iter().map(|&old| places[old].clone()).collect();
    // Rows that kept an older place need no text.
    let used = sorted.iter().take_while(|place| place.rows > 0).count();
    sorted.truncate(used);
    *places = sorted;
}

/// Which rows a preview shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// All.
    #[default]
    All,
    /// Those to be looked at.
    Confirm,
    /// The refused ones.
    Rejected,
}

impl Staged {
    /// One page of the rows that a filter selects, and how many there are.
    pub fn page(
        &self,
        show: Show,
        problem: Option<&str>,
        offset: usize,
        limit: usize,
    ) -> (usize, Vec<&StagedRow>) {
        let wanted = |row: &&StagedRow| {
            let shown = match show {
                Show::All => true,
                Show::Confirm => row.to_confirm,
                Show::Rejected => row.plan.is_none(),
            };
            shown && problem.is_none_or(|code| row.has(code))
        };
        let mut page = Vec::new();
        let mut total = 0;
        for row in self.rows.iter().filter(wanted) {
            if total >= offset && page.len() < limit {
                page.push(row);
            }
            total += 1;
        }
        (total, page)
    }

    /// What the rows need beside themselves: the batch that would be stored.
    pub(super) fn shared(self: &Arc<Self>) -> Batch {
        self.batch.clone()
    }
}

impl StagedRow {
    /// Whether it has this kind of problem.
    pub fn has(&self, code: &str) -> bool {
        match code {
            NO_COORDINATES => self.unplaced,
            NEW_CATEGORY => self.new_word,
            _ => self.notes.iter().any(|note| note.code == code),
        }
    }
}
