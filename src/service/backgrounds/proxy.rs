//! Tiles of other services: who may be asked with which key, each tile asked
//! for once at a time, kept for a while, and failures remembered for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{OnceCell, Semaphore};

use super::super::lock;
use super::fetch::{Cause, Client, Picture};
use super::hosts::HostList;
use super::{BackgroundError, BackgroundOptions};
use crate::settings::BackgroundService;
use crate::settings::background::host_of;
use crate::tile::TileCoord;

/// Tiles that are fetched at the same time.
const MAX_FETCHES: usize = 24;

/// How long a tile may wait for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(10);

/// How long a picture is kept.
const PICTURE_FOR: Duration = Duration::from_secs(12 * 3600);

/// How long is believed that there is no tile.
const NOTHING_FOR: Duration = Duration::from_secs(60);

/// How long a failed tile is not asked for again.
const FAILURE_FOR: Duration = Duration::from_secs(10);

/// How long a host is not asked again that cannot be reached.
const HOST_DOWN_FOR: Duration = Duration::from_secs(5);

/// Bytes that an entry costs beside its picture.
const OVERHEAD: usize = 200;

type Outcome = Result<Option<Picture>, Cause>;

/// What all who wait for a tile will get.
type Cell = Arc<OnceCell<Result<Outcome, Busy>>>;

type Flights = Mutex<HashMap<Name, Cell>>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name {
    /// Of all that decides what is asked but the tile.
    service: [u8; 16],
    tile: TileCoord,
}

pub(super) struct Proxy {
    client: Client,
    kept: Kept,
    flights: Flights,
    turns: Semaphore,
    down: Mutex<HashMap<String, (Instant, Cause)>>,
    only: Option<HostList>,
    variable: fn(&str) -> Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Busy;

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy")
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}

impl Proxy {
    pub(super) fn new(options: &BackgroundOptions) -> Proxy {
        Proxy {
            client: Client::new(),
            kept: Kept::new(options.cache_bytes),
            flights: Mutex::default(),
            turns: Semaphore::new(MAX_FETCHES),
            down: Mutex::default(),
            only: options.only_hosts.clone(),
            variable: options.variable,
        }
    }

    /// The key for one of the templates, empty if it takes none.
    ///
    /// # Errors
    /// When a host of the template may not be asked, or not with the key.
    pub(super) fn key(
        &self,
        service: &BackgroundService,
        template: &str,
    ) -> Result<String, BackgroundError> {
        if let Some(only) = &self.only
            && let Some(host) = service.hosts(template).find(|host| !only.has(host))
        {
            return Err(BackgroundError::HostRefused { host });
        }
        if !template.contains("{key}") {
            return Ok(String::new());
        }
        let variable = service.key_ref.clone().ok_or(BackgroundError::KeyUnnamed)?;
        let read = |name: &str| {
            let value = (self.variable)(name)?;
            Some(value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let Some(key) = read(&variable) else {
            return Err(BackgroundError::KeyMissing { variable });
        };
        let variable = format!("{variable}_HOSTS");
        let hosts = HostList::read(&read(&variable).unwrap_or_default());
        if hosts.is_empty() {
            return Err(BackgroundError::HostsMissing { variable });
        }
        match service.hosts(template).find(|host| !hosts.has(host)) {
            Some(host) => Err(BackgroundError::HostNotOfKey { host, variable }),
            None => Ok(key),
        }
    }

    /// A tile by one of the templates of a service; `None` where the service
    /// has none.
    pub(super) async fn tile(
        &self,
        service: &BackgroundService,
        template: &str,
        tile: TileCoord,
    ) -> Result<Option<Picture>, BackgroundError> {
        let key = self.key(service, template)?;
        let address = service.address(template, tile, &key);
        // No key: the template has it behind the host.
        let host = host_of(&address).unwrap_or_default();
        let name = Name {
            service: fingerprint(service, template, &key),
            tile,
        };
        let told = |cause| BackgroundError::Unreachable {
            host: host.clone(),
            cause,
        };
        if let Some(outcome) = self.kept.get(&name) {
            return outcome.map_err(told);
        }
        let flight = Flight::join(&self.flights, name.clone());
        let outcome = flight
            .cell
            .get_or_init(|| async {
                let outcome = self.fetch(&host, &address).await?;
                self.kept.put(name, &outcome);
                Ok(outcome)
            })
            .await
            .clone();
        match outcome {
            Ok(outcome) => outcome.map_err(told),
            Err(Busy) => Err(BackgroundError::Busy),
        }
    }

    async fn fetch(&self, host: &str, address: &str) -> Result<Outcome, Busy> {
        let Ok(Ok(_turn)) = tokio::time::timeout(TURN_WITHIN, self.turns.acquire()).await else {
            return Err(Busy);
        };
        // Known only once it is this tile's turn: while a host does not
        // answer, the tiles behind the first need not find that out again.
        let down = lock(&self.down).get(host).copied();
        if let Some((since, cause)) = down
            && since.elapsed() < HOST_DOWN_FOR
        {
            return Ok(Err(cause));
        }
        let outcome = self.client.get(address).await;
        if let Err(cause) = outcome {
            let what = cause.en();
            tracing::warn!(%host, "a background tile did not come from {host}: {what}");
        }
        let mut down = lock(&self.down);
        down.retain(|_, (since, _)| since.elapsed() < HOST_DOWN_FOR);
        if let Err(cause) = outcome
            && cause.is_of_host()
        {
            down.insert(host.to_owned(), (Instant::now(), cause));
        }
        Ok(outcome)
    }
}

/// The key is part of it: with another key the answers may be others.
fn fingerprint(service: &BackgroundService, template: &str, key: &str) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    let parts = [template, key, &service.subdomains.join(",")];
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.update(&[u8::from(service.tms)]);
    let hash = hasher.finalize();
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// One of those who wait for a tile. When the last goes, also without having
/// got it, nothing of it stays.
struct Flight<'p> {
    all: &'p Flights,
    name: Name,
    cell: Cell,
}

impl<'p> Flight<'p> {
    fn join(all: &'p Flights, name: Name) -> Flight<'p> {
        let cell = Arc::clone(lock(all).entry(name.clone()).or_default());
        Flight { all, name, cell }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut all = lock(self.all);
        let same = all
            .get(&self.name)
            .is_some_and(|c| Arc::ptr_eq(c, &self.cell));
        // Who has the outcome leaves nothing to wait for; two are the map's
        // and this one's.
        if same && (self.cell.initialized() || Arc::strong_count(&self.cell) == 2) {
            all.remove(&self.name);
        }
    }
}

/// Outcomes in two generations: a full young one becomes the old one, and what
/// is asked for again moves back.
struct Kept {
    half_budget: usize,
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Name, (Outcome, Instant)>,
    old: HashMap<Name, (Outcome, Instant)>,
    young_bytes: usize,
}

impl Kept {
    fn new(budget: usize) -> Kept {
        Kept {
            half_budget: budget / 2,
            generations: Mutex::default(),
        }
    }

    fn get(&self, name: &Name) -> Option<Outcome> {
        let mut generations = lock(&self.generations);
        let now = Instant::now();
        let (outcome, until) = match generations.young.get(name) {
            Some(entry) => entry.clone(),
            None => {
                let entry = generations.old.remove(name)?;
                self.insert(&mut generations, name.clone(), entry.clone());
                entry
            }
        };
        (now < until).then_some(outcome)
    }

    fn put(&self, name: Name, outcome: &Outcome) {
        let lasts = match outcome {
            Ok(Some(_)) => PICTURE_FOR,
            Ok(None) => NOTHING_FOR,
            Err(_) => FAILURE_FOR,
        };
        let entry = (outcome.clone(), Instant::now() + lasts);
        self.insert(&mut lock(&self.generations), name, entry);
    }

    fn insert(&self, generations: &mut Generations, name: Name, entry: (Outcome, Instant)) {
        let size = size_of(&entry.0);
        if size > self.half_budget {
            return;
        }
        if generations.young_bytes + size > self.half_budget {
            generations.old = std::mem::take(&mut generations.young);
            generations.young_bytes = 0;
        }
        generations.young_bytes += size;
        if let Some((before, _)) = generations.young.insert(name, entry) {
            generations.young_bytes -= size_of(&before);
        }
    }
}

fn size_of(outcome: &Outcome) -> usize {
    let bytes = match outcome {
        Ok(Some(picture)) => picture.bytes.len(),
        _ => 0,
    };
    bytes + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(x: u32) -> Name {
        Name {
            service: [0; 16],
            tile: TileCoord::new(20, x, 0).unwrap(),
        }
    }

    fn picture(bytes: usize) -> Outcome {
        Ok(Some(Picture {
            bytes: vec![0; bytes].into(),
            media: "image/png",
            hash: "".into(),
        }))
    }

    #[test]
    fn the_memory_has_a_budget_and_keeps_what_is_asked_for() {
        let kept = Kept::new(100_000);
        for x in 0..500 {
            kept.put(name(x), &picture(1000));
            kept.put(name(x), &picture(1000));
            assert!(kept.get(&name(0)).is_some());
        }
        kept.put(name(600), &picture(60_000));
        let generations = lock(&kept.generations);
        let all = generations.young.values().chain(generations.old.values());
        let bytes: usize = all.map(|(outcome, _)| size_of(outcome)).sum();
        assert!(bytes <= 100_000 && bytes > 40_000, "{bytes}");
        let young: usize = generations.young.values().map(|(o, _)| size_of(o)).sum();
        assert_eq!(young, generations.young_bytes);
        drop(generations);
        assert!(kept.get(&name(600)).is_none(), "larger than half");
        assert!(kept.get(&name(100)).is_none());
        assert!(kept.get(&name(499)).is_some());
        kept.put(name(499), &Err(Cause::Slow));
        assert_eq!(kept.get(&name(499)), Some(Err(Cause::Slow)));
    }

    #[test]
    fn nothing_stays_of_a_tile_that_nobody_waits_for() {
        let flights = Mutex::default();
        let (one, two) = (
            Flight::join(&flights, name(1)),
            Flight::join(&flights, name(1)),
        );
        assert!(Arc::ptr_eq(&one.cell, &two.cell));
        drop(one);
        assert_eq!(lock(&flights).len(), 1);
        drop(two);
        assert_eq!(lock(&flights).len(), 0);
        let done = Flight::join(&flights, name(1));
        let late = Flight::join(&flights, name(1));
        assert!(done.cell.set(Ok(Ok(None))).is_ok());
        drop(done);
        assert_eq!(lock(&flights).len(), 0);
        // One that came after does not take away the next flight.
        let next = Flight::join(&flights, name(1));
        drop(late);
        assert_eq!(lock(&flights).len(), 1);
        drop(next);
    }
}
