//! From bytes to a preview: look at the file, decide what is not said, read
//! the rows, put them beside the map.

use std::sync::Arc;
use std::time::Instant;

use super::background::Wanted;
use super::child::{Killer, ReadError};
use super::choices::{Choices, Objection};
use super::datum::CrsInfo;
use super::session::{Failure, Session, State, UploadFile};
use super::stage::{Gathered, Staged, stage};
use super::wire::{FileHead, Job, Message, Refusal, Sketch};
use super::{Imports, background, remembered};
use crate::index::Snapshot;
use crate::model::{LayerName, Scope, Timestamp};
use crate::query::Gazetteer;

/// Why choices are not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionsError {
    /// The upload is over, or being stored.
    Over(State),
    /// One cannot be.
    Objection(Objection),
}

/// Choices can help against these; the file is kept for another try.
const CURABLE: &[&str] = &[
    "mapping",
    "crs",
    "encoding",
    "ambiguous",
    "kind",
    "csv_columns",
    "pii_column_dropped",
    "background",
];

/// One reading of an upload.
struct Round {
    number: u64,
    files: Arc<[UploadFile]>,
    choices: Choices,
    /// What an earlier reading found out, if it still holds.
    sketch: Option<Arc<Sketch>>,
    killer: Killer,
}

/// Why a reading came to nothing.
enum Stop {
    Read(ReadError),
    Failure(Failure, bool),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Stop {
        Stop::Read(error)
    }
}

impl Imports {
    /// Takes new choices and reads again.
    ///
    /// # Errors
    /// When the upload is over or a choice cannot be.
    pub fn choose(
        self: &Arc<Self>,
        session: &Arc<Session>,
        mut choices: Choices,
    ) -> Result<(), OptionsError> {
        let snapshot = self.service.snapshot();
        choices
            .check(&snapshot.categories)
            .map_err(OptionsError::Objection)?;
        {
            let mut live = session.live();
            if live.files.is_none() || live.state == State::Storing {
                return Err(OptionsError::Over(live.state));
            }
            if let Some(name) = choices.profile.clone()
                && live.choices.profile.as_deref() != Some(&name)
            {
                let profiles = remembered::profiles(&snapshot);
                let profile = profiles.get(&name).ok_or_else(|| {
                    OptionsError::Objection((
                        format!("没有名为“{name}”的方案"),
                        format!("there is no profile `{name}`"),
                    ))
                })?;
                choices.take_profile(&name, profile);
            }
            live.choices = choices;
        }
        self.begin(session);
        Ok(())
    }

    /// Reads an upload anew in the background, ending a reading that runs.
    pub(super) fn begin(self: &Arc<Self>, session: &Arc<Session>) {
        let round = {
            let mut live = session.live();
            let Some(files) = live.files.clone() else {
                return;
            };
            live.killer.cancel();
            live.killer = Killer::default();
            live.round += 1;
            live.failure = None;
            live.staged = None;
            let state = match live.sketch {
                None => State::Reading,
                Some(_) => State::Checking,
            };
            session.enter(&mut live, state, state.as_str());
            Round {
                number: live.round,
                files,
                choices: live.choices.clone(),
                sketch: live.sketch.clone(),
                killer: live.killer.clone(),
            }
        };
        let (imports, session) = (Arc::clone(self), Arc::clone(session));
        tokio::spawn(async move {
            let (number, reader) = (round.number, Arc::clone(&session));
            let reading = tokio::task::spawn_blocking(move || imports.run(&reader, round));
            let (failure, keep) = match reading.await {
                Ok(Ok(())) => return,
                // Whoever cancelled has said what comes next.
                Ok(Err(Stop::Read(ReadError::Cancelled))) => return,
                Ok(Err(Stop::Read(error))) => failure_of(error),
                Ok(Err(Stop::Failure(failure, keep))) => (failure, keep),
                // What should not happen must not leave it waiting for ever.
                Err(panic) => {
                    tracing::error!(cause = %panic, "an import stopped unexpectedly");
                    failure_of(ReadError::Crashed)
                }
            };
            session.fail(number, failure, keep);
        });
    }

    fn run(&self, session: &Arc<Session>, mut round: Round) -> Result<(), Stop> {
        let snapshot = self.service.snapshot();
        let gazetteer = Gazetteer::new(&snapshot, &Scope::all());
        let first_time = round.sketch.is_none();
        let mut sketch = self.sketch(&round, &snapshot)?;
        let layer = round.choices.layer.or(sketch.guessed_layer);
        if first_time && self.take_fitting_profile(&mut round, &sketch, layer, &snapshot) {
            session.live().choices = round.choices.clone();
            // The columns are held against the profile.
            sketch = self.sketch(&round, &snapshot)?;
        }
        let source = remembered::source_of(&round.choices.source, &sketch);
        let crs = CrsInfo::decide(
            &sketch,
            round.choices.crs.as_deref(),
            remembered::source_crs(&snapshot, &source),
            &snapshot,
            &gazetteer,
        );
        let rows;
        let seen = Arc::new(sketch);
        {
            let mut live = session.live();
            if live.round != round.number {
                return Err(ReadError::Cancelled.into());
            }
            if first_time && round.choices.crs.is_none() && crs.is_swapped() {
                round.choices.swap = true;
                live.choices.swap = true;
            }
            rows = seen.rows;
            live.sketch = Some(Arc::clone(&seen));
            live.crs = crs.clone();
            session.enter(&mut live, State::Checking, "checking");
        }
        let Some(layer) = layer else {
            let failure = Failure {
                code: "layer".to_owned(),
                zh: "看不出要导入到哪个图层；请选择图层".to_owned(),
                en: "it is not clear which layer the file is for; choose one".to_owned(),
            };
            return Err(Stop::Failure(failure, true));
        };
        let wanted = Wanted::of(layer, &round.choices, &seen, &snapshot);
        let mut gathered = self.rows(session, &round, wanted, &crs, rows, &snapshot)?;
        let file = session.names.first().map_or("", String::as_str);
        let ground = background::staged(&mut gathered, wanted, file);
        if ground.is_none() && wanted.rows.is_none() {
            return Err(Stop::Failure(background::nothing(), true));
        }
        let total = gathered.len() as u64;
        session.advance(round.number, "comparing", total, total, Instant::now());
        let staged = stage(layer, gathered, &round.choices, &snapshot, &gazetteer);
        let mut staged = staged.ok_or(ReadError::Crashed)?;
        staged.ground = ground;
        self.ready(session, round.number, staged);
        Ok(())
    }

    fn ready(&self, session: &Session, round: u64, staged: Staged) {
        let mut live = session.live();
        if live.round != round {
            return;
        }
        live.staged = Some(Arc::new(staged));
        session.enter(&mut live, State::Ready, "comparing");
    }

    fn job(&self, round: &Round, snapshot: &Snapshot, crs: Option<&str>) -> Job {
        let files = round.files.iter().map(|file| FileHead {
            name: file.name.clone(),
            bytes: file.bytes.len() as u64,
        });
        Job {
            sketch: false,
            sketch_layer: round.choices.layer,
            layer: None,
            ground: None,
            options: round.choices.for_reader(crs),
            files: files.collect(),
            categories: round.choices.with_words(&snapshot.categories),
            now: Timestamp(jiff::Timestamp::now().as_second()),
            memory_bytes: 0,
            cpu_s: 0,
        }
    }

    /// Has the file looked at.
    fn sketch(&self, round: &Round, snapshot: &Snapshot) -> Result<Sketch, Stop> {
        let mut job = self.job(round, snapshot, round.choices.crs.as_deref());
        job.sketch = true;
        let mut found = None;
        let told = |message: Message| {
            if let Message::Sketch(sketch) = message {
                found = Some(*sketch);
            }
        };
        self.options
            .reader
            .read(job, &round.files, &round.killer, told)?;
        Ok(found.ok_or(ReadError::Crashed)?)
    }

    /// Takes over the one saved profile that fits a file nobody spoke of yet.
    fn take_fitting_profile(
        &self,
        round: &mut Round,
        sketch: &Sketch,
        layer: Option<LayerName>,
        snapshot: &Snapshot,
    ) -> bool {
        if round.choices.profile.is_some() || !round.choices.map.is_empty() {
            return false;
        }
        let columns: Vec<String> = sketch.columns.iter().map(|c| c.name.clone()).collect();
        let profiles = remembered::profiles(snapshot);
        let mut fitting = profiles
            .iter()
            .filter(|(_, profile)| profile.layer == layer && profile.fits(&columns));
        let (Some((name, profile)), None) = (fitting.next(), fitting.next()) else {
            return false;
        };
        round.choices.take_profile(name, profile);
        true
    }

    /// Has the rows read.
    fn rows(
        &self,
        session: &Session,
        round: &Round,
        wanted: Wanted,
        crs: &CrsInfo,
        total: u64,
        snapshot: &Snapshot,
    ) -> Result<Gathered, Stop> {
        // While the system is undecided the preview shows the numbers as they are.
        let chosen = crs.chosen.as_deref().or(Some("wgs84"));
        let mut job = self.job(round, snapshot, chosen);
        job.layer = wanted.rows;
        job.ground = wanted.ground;
        let mut gathered = Gathered::default();
        let since = Instant::now();
        let told = |message: Message| match message {
            Message::Seen(rows) => {
                gathered.add_rows(rows);
                let done = gathered.len() as u64;
                session.advance(round.number, "checking", done, total, since);
            }
            Message::Ground { features, dropped } => {
                gathered.ground.extend(features);
                gathered.dropped += dropped;
            }
            Message::Items(items) => gathered.add_items(items),
            Message::Done(summary) => gathered.summary = *summary,
            Message::Progress { .. } | Message::Sketch(_) | Message::Refused(_) => {}
        };
        self.options
            .reader
            .read(job, &round.files, &round.killer, told)?;
        Ok(gathered)
    }
}

/// What the user is told, and whether other choices may help.
fn failure_of(error: ReadError) -> (Failure, bool) {
    let told = |code: &str, zh: &str, en: &str| Failure {
        code: code.to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
    };
    match error {
        ReadError::Refused(Refusal { code, zh, en }) => {
            let curable = CURABLE.contains(&code.as_str());
            (Failure { code, zh, en }, curable)
        }
        ReadError::TooLong => {
            let zh = "文件无法安全读取：读取用时超出限度，已中止；请拆分或另存后再导入";
            let en = "the file cannot be read safely: it took longer than allowed and was stopped; split it or save it anew";
            (told("unsafe_file", zh, en), false)
        }
        ReadError::Crashed => {
            let zh =
                "文件无法安全读取：读取程序因内存超限或文件损坏而中止；请检查文件，或另存后再导入";
            let en = "the file cannot be read safely: its reader ran out of memory or broke down; check the file or save it anew";
            (told("unsafe_file", zh, en), false)
        }
        ReadError::Start(cause) => {
            tracing::error!(%cause, "the reading process cannot be started");
            let zh = "服务器无法启动读取程序，原因已记入日志";
            let en = "the server cannot start the reading process; the cause is in its log";
            (told("reader_start", zh, en), false)
        }
        ReadError::Cancelled => (told("cancelled", "已取消", "cancelled"), false),
    }
}
