use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use super::super::undo::undo_or_ask;
use super::{Greeting, Reply, Request, place, version};
use crate::model::{ChangeSet, Ground, GroundChange, LayerName};
use crate::service::{self, Batch, Rows, Service, ground_within};
use crate::store::{DataDir, Write as Terms};

/// How long a client may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// A row of the largest area that the readers let through is a few megabytes.
const LONGEST_LINE: u64 = 64 << 20;

/// The socket of a folder, served until the value is dropped.
#[derive(Debug)]
pub(in crate::cli) struct Listener {
    folder: DataDir,
    path: PathBuf,
}

impl Listener {
    /// Binds the folder's socket and serves it from a thread of its own; the
    /// caller holds the folder's lock.
    pub(in crate::cli) fn start(folder: &DataDir, service: Arc<Service>) -> io::Result<Listener> {
        let path = place::claim(folder)?;
        let listener = UnixListener::bind(&path)?;
        place::restrict(&path)?;
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("handover".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    let (service, runtime) = (Arc::clone(&service), runtime.clone());
                    let Ok(stream) = stream else { continue };
                    // One at a time would let a client that says nothing block
                    // all others; few come, so a thread each is cheap.
                    std::thread::spawn(move || {
                        if let Err(error) = serve(stream, &service, &runtime) {
                            tracing::warn!(%error, "an import over the socket was cut short");
                        }
                    });
                }
            })?;
        Ok(Listener {
            folder: folder.clone(),
            path,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        place::release(&self.folder, &self.path);
    }
}

fn serve(stream: UnixStream, service: &Service, runtime: &Handle) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let mut writer = stream.try_clone()?;
    let greeting = Greeting {
        gridmap: version(),
        categories: (*service.snapshot().categories).clone(),
        ground_within: ground_within(&service.snapshot())
            .map(|b| [b.west, b.south, b.east, b.north]),
    };
    send(&mut writer, &greeting)?;
    let mut lines = Lines {
        reader: BufReader::with_capacity(1 << 16, stream),
        line: Vec::new(),
    };
    // Several files may come over one connection.
    while let Some(request) = lines.next::<Request>()? {
        let reply = answer(request, &mut lines, service, runtime)?;
        send(&mut writer, &reply)?;
    }
    Ok(())
}

fn answer(
    request: Request,
    lines: &mut Lines,
    service: &Service,
    runtime: &Handle,
) -> io::Result<Reply> {
    let reply = match request {
        Request::Import {
            layer,
            rows,
            new_categories,
            extra_columns,
            dry_run,
            audit,
            key,
        } => {
            let rows = match layer {
                LayerName::Grids => Rows::Grids(lines.take(rows)?),
                LayerName::Compounds => Rows::Compounds(lines.take(rows)?),
                LayerName::Streets => Rows::Streets(lines.take(rows)?),
                LayerName::Routes => Rows::Routes(lines.take(rows)?),
                LayerName::Incidents => Rows::Incidents(lines.take(rows)?),
            };
            let batch = Batch {
                rows,
                new_categories,
                extra_columns,
            };
            let terms = Terms {
                key,
                ..Terms::by(&audit)
            };
            let outcome = runtime.block_on(async {
                if dry_run {
                    return service.import(batch, true, audit).await;
                }
                let stored = service.import_with(batch, |_, _| {}, &terms).await;
                stored.map(|(outcome, _)| outcome)
            });
            outcome.map_or_else(|e| refused(&e), Reply::Imported)
        }
        Request::Ground {
            facts,
            pieces,
            dry_run,
            audit,
            key,
        } => {
            let features = lines.take(pieces)?;
            let change = facts.map_or(GroundChange::Remove, |facts| {
                GroundChange::Put(Arc::new(Ground { facts, features }))
            });
            let terms = Terms {
                key,
                ..Terms::by(&audit)
            };
            let outcome = runtime.block_on(service.change_ground(change, dry_run, &terms));
            outcome.map_or_else(|e| refused(&e), Reply::Ground)
        }
        Request::Categories { tree, audit } => {
            let changes = ChangeSet {
                categories: Some(tree),
                ..ChangeSet::default()
            };
            let outcome = runtime.block_on(service.apply(changes, audit));
            outcome.map_or_else(|e| refused(&e), |_| Reply::Done)
        }
        Request::Undo {
            revision,
            edited,
            audit,
        } => match runtime.block_on(undo_or_ask(service, revision, edited, audit)) {
            Ok(Ok(undone)) => Reply::Undone(undone),
            Ok(Err(plan)) => Reply::Edited {
                edited: plan.edited,
                edited_since: plan.edited_since,
                gone: plan.gone,
            },
            Err(error) => Reply::Refused {
                zh: error.zh(),
                en: error.to_string(),
            },
        },
    };
    Ok(reply)
}

fn refused(error: &service::Error) -> Reply {
    Reply::Refused {
        zh: error.zh(),
        en: error.to_string(),
    }
}

struct Lines {
    reader: BufReader<UnixStream>,
    line: Vec<u8>,
}

impl Lines {
    /// The next line as a value; `None` at the end.
    fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        self.line.clear();
        let mut limited = self.reader.by_ref().take(LONGEST_LINE);
        if limited.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        if self.line.last() != Some(&b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(serde_json::from_slice(&self.line)?))
    }

    /// So many values; nothing is taken in unless all of them came.
    fn take<T: DeserializeOwned>(&mut self, count: u64) -> io::Result<Vec<T>> {
        let mut values = Vec::new();
        for _ in 0..count {
            let value = self.next()?;
            values.push(value.ok_or(io::ErrorKind::UnexpectedEof)?);
        }
        Ok(values)
    }
}

fn send<T: Serialize>(writer: &mut impl Write, value: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    writer.write_all(&line)
}
