//! Imports over the network, as batches: an upload in memory, read by a
//! process of its own, put beside the map for a preview, changed as the user
//! says, and stored whole or not at all.
//!
//! Sessions live in memory alone and end half an hour after the last question;
//! when all places are taken, one that nobody watches gives way earlier.
//! Nothing of an upload touches the disk before it is stored, and nothing
//! about persons leaves the reading process.

mod background;
mod child;
mod choices;
mod commit;
mod datum;
mod fields;
mod flow;
mod limits;
mod open;
mod page;
mod reader;
mod remembered;
mod session;
mod stage;
mod wire;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::service::{Service, lock};

pub use child::{Limits, Reader};
pub use choices::{
    Choices, Columns, Keep, Objection, PlaceChoice, Profile, RepeatChoice, Unplaced,
};
pub use commit::CommitError;
pub use datum::{Candidate, CrsInfo};
pub use flow::OptionsError;
pub use reader::read_child;
pub use session::{
    Failure, Look, Progress, Session, State, Stored, StoredGround, UploadFile, Watcher,
};
pub use stage::{
    Counts, NEW_CATEGORY, NO_COORDINATES, NewWord, PlaceText, ProblemGroup, Show, Staged,
    StagedGround, StagedRow,
};
pub use wire::{Column, Encoding, FieldInfo, Note, Severity, Sheet, Sketch, SketchPoint};

/// Sessions that are over and can still be asked how they ended.
const REMEMBERED: usize = 64;

/// How uploads are taken in.
#[derive(Debug, Clone)]
pub struct ImportsOptions {
    /// The process that reads them.
    pub reader: Reader,
    /// Bytes of one upload.
    pub upload_bytes: u64,
    /// Uploads that may be open at once.
    pub at_once: usize,
    /// A session that nobody asks about or watches ends after this.
    pub expire_after: Duration,
    /// A session that nobody asks about or watches for this long gives its
    /// place to an upload that would else be refused.
    pub give_way_after: Duration,
}

impl Default for ImportsOptions {
    fn default() -> ImportsOptions {
        ImportsOptions {
            reader: Reader::default(),
            upload_bytes: crate::format::MAX_FILE_BYTES as u64,
            at_once: 4,
            expire_after: Duration::from_secs(30 * 60),
            give_way_after: Duration::from_secs(2 * 60),
        }
    }
}

/// All uploads.
#[derive(Debug)]
pub struct Imports {
    service: Arc<Service>,
    options: ImportsOptions,
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    /// Ids of sessions that gave way, oldest first.
    gave_way: Mutex<VecDeque<String>>,
    places: Arc<Semaphore>,
}

/// What is known of an id.
#[derive(Debug, Clone)]
pub enum Found {
    /// The session.
    Session(Arc<Session>),
    /// It gave its place to another upload; nothing of it was stored.
    GaveWay,
    /// No such session, or it ended too long ago.
    Nothing,
}

/// A place for an upload, taken before its first byte is read.
#[derive(Debug)]
pub struct Place(OwnedSemaphorePermit);

impl Imports {
    /// Uploads into a service.
    pub fn new(service: Arc<Service>, options: ImportsOptions) -> Arc<Imports> {
        let places = Arc::new(Semaphore::new(options.at_once));
        let imports = Arc::new(Imports {
            service,
            options,
            sessions: Mutex::default(),
            gave_way: Mutex::default(),
            places,
        });
        // Without a runtime there is nobody to upload either.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(sweep(Arc::downgrade(&imports)));
        }
        imports
    }

    /// The most bytes of one upload.
    pub fn upload_bytes(&self) -> u64 {
        self.options.upload_bytes
    }

    /// Uploads that may be open at once.
    pub fn at_once(&self) -> usize {
        self.options.at_once
    }

    /// A place for one more upload; `None` when all are taken. Uploads that
    /// failed give way, and then those that nobody watches.
    pub fn place(&self) -> Option<Place> {
        self.drop_idle();
        loop {
            if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
                return Some(Place(permit));
            }
            if !self.drop_failed() && !self.drop_unwatched() {
                return None;
            }
        }
    }

    /// Takes the place of the failed upload that nobody has asked about for
    /// longest; it can still be asked why it failed.
    fn drop_failed(&self) -> bool {
        let sessions = lock(&self.sessions);
        let failed = sessions
            .values()
            .filter(|session| {
                let live = session.live();
                live.state == State::Failed && live.place.is_some()
            })
            .max_by_key(|session| session.idle());
        let Some(failed) = failed else {
            return false;
        };
        let mut live = failed.live();
        failed.let_go(&mut live);
        true
    }

    /// Gives up the upload that nobody has watched or asked about for longest,
    /// if that is long enough.
    fn drop_unwatched(&self) -> bool {
        let mut sessions = lock(&self.sessions);
        let least = self.options.give_way_after;
        let mut unwatched: Vec<(Duration, String)> = sessions
            .iter()
            .map(|(id, session)| (session.idle(), id.clone()))
            .filter(|(idle, _)| *idle >= least)
            .collect();
        unwatched.sort();
        while let Some((_, id)) = unwatched.pop() {
            let gave_way = sessions
                .get(&id)
                .is_some_and(|session| session.give_way(least));
            if gave_way {
                sessions.remove(&id);
                let mut ids = lock(&self.gave_way);
                ids.push_back(id);
                if ids.len() > REMEMBERED {
                    ids.pop_front();
                }
                return true;
            }
        }
        false
    }

    /// Begins with an upload: its file is read at once.
    pub fn start(
        self: &Arc<Self>,
        place: Place,
        files: Vec<UploadFile>,
        choices: Choices,
    ) -> Arc<Session> {
        let id = format!("{:032x}", rand::random::<u128>());
        let session = Arc::new(Session::new(id.clone(), files, choices, place.0));
        lock(&self.sessions).insert(id, Arc::clone(&session));
        self.forget_old();
        self.begin(&session);
        session
    }

    /// A session by its id; asking keeps it alive.
    pub fn find(&self, id: &str) -> Found {
        self.drop_idle();
        if let Some(session) = lock(&self.sessions).get(id) {
            session.touch();
            return Found::Session(Arc::clone(session));
        }
        if lock(&self.gave_way).iter().any(|gone| gone == id) {
            return Found::GaveWay;
        }
        Found::Nothing
    }

    /// Names of the saved profiles that fit an upload.
    pub fn profiles_for(&self, session: &Session) -> Vec<String> {
        let look = session.look();
        let Some(sketch) = look.sketch else {
            return Vec::new();
        };
        let layer = look.choices.layer.or(sketch.guessed_layer);
        let columns: Vec<String> = sketch.columns.iter().map(|c| c.name.clone()).collect();
        let profiles = remembered::profiles(&self.service.snapshot());
        let fits = |profile: &Profile| profile.layer == layer && profile.fits(&columns);
        let fitting = profiles.into_iter().filter(|(_, profile)| fits(profile));
        fitting.map(|(name, _)| name).collect()
    }

    /// Gives an upload up. What is just being stored is stored.
    pub fn cancel(&self, session: &Session) -> bool {
        let mut live = session.live();
        if live.state == State::Storing {
            return false;
        }
        if !live.state.is_over() {
            session.let_go(&mut live);
            session.enter(&mut live, State::Cancelled, "reading");
        }
        true
    }

    /// Ends every reading process, when the server stops.
    pub fn stop(&self) {
        for session in lock(&self.sessions).values() {
            self.cancel(session);
        }
    }

    /// Ends sessions that nobody asks about any more.
    fn drop_idle(&self) {
        let mut sessions = lock(&self.sessions);
        let idle = |session: &Arc<Session>| {
            session.idle() > self.options.expire_after && session.live().state != State::Storing
        };
        let gone: Vec<String> = sessions
            .iter()
            .filter(|(_, session)| idle(session))
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            if let Some(session) = sessions.remove(&id) {
                self.cancel(&session);
            }
        }
    }

    /// Of the sessions that are over only the newest can be asked about.
    fn forget_old(&self) {
        let mut sessions = lock(&self.sessions);
        let mut over: Vec<(Duration, String)> = sessions
            .iter()
            .filter(|(_, session)| session.live().place.is_none())
            .map(|(id, session)| (session.idle(), id.clone()))
            .collect();
        over.sort();
        for (_, id) in over.into_iter().skip(REMEMBERED) {
            sessions.remove(&id);
        }
    }
}

impl Drop for Imports {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Ends idle sessions until the uploads are gone.
async fn sweep(imports: Weak<Imports>) {
    loop {
        let Some(every) = imports
            .upgrade()
            .map(|imports| imports.options.expire_after / 4)
        else {
            return;
        };
        tokio::time::sleep(every.max(Duration::from_millis(50))).await;
        if let Some(imports) = imports.upgrade() {
            imports.drop_idle();
        }
    }
}
