//! One upload on its way: where it is, what is known, who may end it.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::child::Killer;
use super::choices::Choices;
use super::datum::CrsInfo;
use super::stage::{Counts, Staged};
use super::wire::Sketch;
use crate::model::Revision;

/// A file of an upload, in memory.
#[derive(Debug, Clone)]
pub struct UploadFile {
    /// Its name without folders.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Where an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The file is looked at for the first time.
    Reading,
    /// Its rows are read and compared.
    Checking,
    /// It can be stored.
    Ready,
    /// It is being stored.
    Storing,
    /// It is stored.
    Done,
    /// It cannot be read as told.
    Failed,
    /// It was given up; nothing was stored.
    Cancelled,
}

impl State {
    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Reading => "reading",
            State::Checking => "checking",
            State::Ready => "ready",
            State::Storing => "storing",
            State::Done => "done",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
        }
    }

    /// Nothing more will happen.
    pub const fn is_over(self) -> bool {
        matches!(self, State::Done | State::Cancelled)
    }
}

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The state.
    pub state: State,
    /// `reading`, `checking`, `comparing` or `storing`.
    pub step: &'static str,
    /// Rows so far.
    pub done: u64,
    /// Rows in all, 0 while not known.
    pub total: u64,
    /// Rows in a second, 0 while not known.
    pub rows_per_s: u64,
    /// Grows when there is something new to be fetched.
    pub version: u64,
}

/// Why an upload cannot go on, for programs and in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For programs.
    pub code: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What storing brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Rows that were not there.
    pub new: u64,
    /// Rows that replaced one.
    pub updated: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows without a place.
    pub unplaced: u64,
    /// Numbers and names masked in texts.
    pub masked: u64,
    /// Rows refused.
    pub rejected: u64,
    /// The ground that came with them.
    pub background: Option<StoredGround>,
    /// The state of the map with the rows.
    pub revision: Revision,
    /// The state before them.
    pub before: Revision,
    /// The same request was answered before; this is its outcome.
    pub repeated: bool,
    /// The key it was stored under.
    pub key: String,
}

/// A ground that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredGround {
    /// Pieces.
    pub features: u64,
    /// There was one before.
    pub replaced: bool,
}

/// What changes in the life of a session.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) state: State,
    pub(super) files: Option<Arc<[UploadFile]>>,
    pub(super) choices: Choices,
    /// Grows with every reading; results of an older one are thrown away.
    pub(super) round: u64,
    pub(super) killer: Killer,
    pub(super) sketch: Option<Arc<Sketch>>,
    pub(super) crs: CrsInfo,
    pub(super) staged: Option<Arc<Staged>>,
    /// What was counted, when the rows are stored and gone.
    pub(super) counts: Option<Counts>,
    pub(super) failure: Option<Failure>,
    pub(super) stored: Option<Stored>,
    pub(super) used: Instant,
    /// The place among those that may be open at once.
    pub(super) place: Option<OwnedSemaphorePermit>,
}

/// One upload.
#[derive(Debug)]
pub struct Session {
    /// Names it in addresses; cannot be guessed.
    pub id: String,
    /// Names of the files, masked, without folders.
    pub names: Vec<String>,
    /// Bytes of all files.
    pub size_bytes: u64,
    live: Mutex<Live>,
    progress: watch::Sender<Progress>,
}

/// What an answer shows of a session, from one moment.
#[derive(Debug, Clone)]
pub struct Look {
    /// How far it is.
    pub progress: Progress,
    /// What the user chose.
    pub choices: Choices,
    /// The shape of the file, once looked at.
    pub sketch: Option<Arc<Sketch>>,
    /// The coordinate system.
    pub crs: CrsInfo,
    /// The rows, once read and until they are stored.
    pub staged: Option<Arc<Staged>>,
    /// What was counted, also when they are stored.
    pub counts: Option<Counts>,
    /// Why it cannot go on.
    pub failure: Option<Failure>,
    /// What storing brought.
    pub stored: Option<Stored>,
}

/// Somebody who follows a session.
#[derive(Debug)]
pub struct Watcher {
    /// How far it is.
    pub changes: watch::Receiver<Progress>,
    session: Arc<Session>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // The time in which nobody looks begins here.
        self.session.touch();
    }
}

impl Session {
    pub(super) fn new(
        id: String,
        files: Vec<UploadFile>,
        choices: Choices,
        place: OwnedSemaphorePermit,
    ) -> Session {
        let masked = |file: &UploadFile| crate::format::mask_text(&file.name).0;
        Session {
            id,
            names: files.iter().map(masked).collect(),
            size_bytes: files.iter().map(|file| file.bytes.len() as u64).sum(),
            live: Mutex::new(Live {
                state: State::Reading,
                files: Some(files.into()),
                choices,
                round: 0,
                killer: Killer::default(),
                sketch: None,
                crs: CrsInfo::default(),
                staged: None,
                counts: None,
                failure: None,
                stored: None,
                used: Instant::now(),
                place: Some(place),
            }),
            progress: watch::Sender::new(Progress {
                state: State::Reading,
                step: "reading",
                done: 0,
                total: 0,
                rows_per_s: 0,
                version: 0,
            }),
        }
    }

    pub(super) fn live(&self) -> MutexGuard<'_, Live> {
        crate::service::lock(&self.live)
    }

    /// Everything an answer shows; also says that somebody still looks.
    pub fn look(&self) -> Look {
        let mut live = self.live();
        live.used = Instant::now();
        Look {
            progress: self.progress.borrow().clone(),
            choices: live.choices.clone(),
            sketch: live.sketch.clone(),
            crs: live.crs.clone(),
            staged: live.staged.clone(),
            counts: live
                .staged
                .as_ref()
                .map(|staged| staged.counts)
                .or(live.counts),
            failure: live.failure.clone(),
            stored: live.stored.clone(),
        }
    }

    /// Tells of progress as it comes. While somebody watches, the session
    /// lives and keeps its place.
    pub fn watch(self: &Arc<Self>) -> Watcher {
        Watcher {
            changes: self.progress.subscribe(),
            session: Arc::clone(self),
        }
    }

    /// How long nobody has asked or watched.
    pub(super) fn idle(&self) -> Duration {
        if self.progress.receiver_count() > 0 {
            return Duration::ZERO;
        }
        self.live().used.elapsed()
    }

    /// Gives the place up if nobody has asked or watched for so long; what is
    /// just being stored, and what is over, does not.
    pub(super) fn give_way(&self, least: Duration) -> bool {
        let mut live = self.live();
        let watched = self.progress.receiver_count() > 0;
        let kept = live.state == State::Storing || live.place.is_none();
        if watched || kept || live.used.elapsed() < least {
            return false;
        }
        self.let_go(&mut live);
        self.enter(&mut live, State::Cancelled, "reading");
        true
    }

    /// Says that somebody still looks.
    pub fn touch(&self) {
        self.live().used = Instant::now();
    }

    /// Moves on to a state; there is something new to fetch.
    pub(super) fn enter(&self, live: &mut Live, state: State, step: &'static str) {
        live.state = state;
        self.progress.send_modify(|progress| {
            progress.state = state;
            progress.step = step;
            progress.version += 1;
            if matches!(state, State::Reading | State::Checking) {
                (progress.done, progress.total, progress.rows_per_s) = (0, 0, 0);
            }
        });
    }

    /// Counts rows, if the reading is still the current one.
    pub(super) fn advance(
        &self,
        round: u64,
        step: &'static str,
        done: u64,
        total: u64,
        since: Instant,
    ) {
        if self.live().round != round {
            return;
        }
        let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.progress.send_modify(|progress| {
            progress.step = step;
            progress.done = done;
            progress.total = total;
            progress.rows_per_s = done * 1000 / millis.max(1);
        });
    }

    /// Gives everything back but what an answer still needs.
    pub(super) fn let_go(&self, live: &mut Live) {
        live.killer.cancel();
        live.files = None;
        live.staged = None;
        live.place = None;
        live.round += 1;
    }

    pub(super) fn fail(&self, round: u64, failure: Failure, keep_files: bool) {
        let mut live = self.live();
        if live.round != round || live.state.is_over() {
            return;
        }
        live.failure = Some(failure);
        live.staged = None;
        if !keep_files {
            self.let_go(&mut live);
        }
        self.enter(&mut live, State::Failed, "reading");
    }
}
