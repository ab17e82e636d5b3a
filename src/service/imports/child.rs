//! Reading a file in a process of its own: a file that crashes a reader or
//! eats memory takes that process down and nothing else.

use std::io::{self, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use super::UploadFile;
use super::wire::{self, Job, Message, Refusal};

/// What a reading process may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Address space, bytes.
    pub memory_bytes: u64,
    /// Time of a processor for any file, seconds.
    pub cpu_base_s: u64,
    /// Further seconds for each megabyte of the file.
    pub cpu_per_mb_s: u64,
    /// Time on the wall, whatever the size.
    pub wall: Duration,
    /// What it may answer, bytes.
    pub answer_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        // A reader without optimization is some twenty times slower.
        let slow = if cfg!(debug_assertions) { 20 } else { 1 };
        Limits {
            memory_bytes: 1536 << 20,
            cpu_base_s: 5 * slow,
            cpu_per_mb_s: slow,
            wall: Duration::from_secs(120),
            answer_bytes: 1 << 30,
        }
    }
}

/// How files are read: the program that does it, and its limits.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The program; it is called with `read-child`.
    pub program: PathBuf,
    /// What it may take.
    pub limits: Limits,
}

impl Default for Reader {
    /// This very program.
    fn default() -> Reader {
        // The link leads to the running program also when its file was replaced.
        let link = PathBuf::from("/proc/self/exe");
        let program = if link.exists() {
            link
        } else {
            std::env::current_exe().unwrap_or_else(|_unknown| PathBuf::from("gridmap"))
        };
        Reader {
            program,
            limits: Limits::default(),
        }
    }
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("the reader refused the file")]
    Refused(Refusal),
    #[error("the reader took too long")]
    TooLong,
    #[error("the reader needed too much memory, or crashed")]
    Crashed,
    #[error("reading was cancelled")]
    Cancelled,
    #[error("the reader could not be started: {0}")]
    Start(io::Error),
}

/// Ends a reading process from elsewhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Killer {
    child: Arc<Mutex<Option<Child>>>,
    cancelled: Arc<AtomicBool>,
}

impl Killer {
    /// Ends the process now, or keeps it from starting.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        self.kill();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    fn kill(&self) {
        if let Some(child) = crate::service::lock(&self.child).as_mut() {
            // It may have ended by itself.
            let _ = child.kill();
        }
    }

    fn start(&self, mut command: Command) -> Result<(ChildStdin, impl io::Read), ReadError> {
        let mut slot = crate::service::lock(&self.child);
        if self.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
        let mut child = command.spawn().map_err(ReadError::Start)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        *slot = Some(child);
        pipes.ok_or_else(|| ReadError::Start(io::ErrorKind::BrokenPipe.into()))
    }

    fn wait(&self) -> io::Result<ExitStatus> {
        let child = crate::service::lock(&self.child).take();
        let Some(mut child) = child else {
            return Err(io::ErrorKind::NotFound.into());
        };
        // Whoever has closed its answers has nothing more to do.
        let _ = child.kill();
        child.wait()
    }
}

impl Reader {
    /// Has files read and hands on what the process says, until it is done.
    /// Blocks; call it away from the network threads.
    pub(super) fn read(
        &self,
        mut job: Job,
        files: &[UploadFile],
        killer: &Killer,
        mut told: impl FnMut(Message),
    ) -> Result<(), ReadError> {
        let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
        let megabytes = (bytes >> 20) as u64;
        job.memory_bytes = self.limits.memory_bytes;
        job.cpu_s = self.limits.cpu_base_s + megabytes * self.limits.cpu_per_mb_s;
        let (stdin, stdout) = killer.start(self.command())?;
        let overdue = AtomicBool::new(false);
        let outcome = std::thread::scope(|scope| {
            let (over, running) = mpsc::channel::<()>();
            scope.spawn(|| watch(running, self.limits.wall, killer, &overdue));
            // A process that died does not read to the end.
            scope.spawn(|| feed(stdin, &job, files));
            let outcome = self.listen(stdout, &mut told);
            // Also wakes the thread that still writes.
            killer.kill();
            drop(over);
            outcome
        });
        let status = killer.wait();
        match outcome {
            Ok(true) => Ok(()),
            Err(ReadError::Refused(refusal)) => Err(ReadError::Refused(refusal)),
            _ if killer.is_cancelled() => Err(ReadError::Cancelled),
            _ if overdue.load(Ordering::SeqCst) || status.is_ok_and(out_of_time) => {
                Err(ReadError::TooLong)
            }
            _ => Err(ReadError::Crashed),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("read-child")
            .env_clear()
            // Room that the allocator sets aside counts as taken.
            .env("MIMALLOC_ARENA_RESERVE", "65536")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // The words of a panic may quote the file.
            .stderr(Stdio::null());
        command
    }

    /// True when the process said that it is done.
    fn listen(
        &self,
        stdout: impl io::Read,
        told: &mut impl FnMut(Message),
    ) -> Result<bool, ReadError> {
        let mut input = BufReader::with_capacity(1 << 16, stdout);
        let mut room = self.limits.answer_bytes;
        loop {
            match wire::receive(&mut input, &mut room) {
                Ok(Some(Message::Refused(refusal))) => return Err(ReadError::Refused(refusal)),
                Ok(Some(message @ Message::Done(_))) => {
                    told(message);
                    return Ok(true);
                }
                Ok(Some(message)) => told(message),
                Ok(None) | Err(_) => return Ok(false),
            }
        }
    }
}

/// Ends the process when it runs longer than it may.
fn watch(running: mpsc::Receiver<()>, within: Duration, killer: &Killer, overdue: &AtomicBool) {
    if let Err(mpsc::RecvTimeoutError::Timeout) = running.recv_timeout(within) {
        overdue.store(true, Ordering::SeqCst);
        killer.kill();
    }
}

fn feed(stdin: ChildStdin, job: &Job, files: &[UploadFile]) {
    let mut out = BufWriter::with_capacity(1 << 16, stdin);
    let mut write = || -> io::Result<()> {
        wire::send(&mut out, job)?;
        for file in files {
            out.write_all(&file.bytes)?;
        }
        out.flush()
    };
    if let Err(error) = write() {
        tracing::debug!(%error, "the reader took less than the whole file");
    }
}

/// Whether the system ended it for the time it took.
#[cfg(unix)]
fn out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    /// `SIGXCPU`, the same on Linux, macOS and the BSDs.
    const TIME_IS_UP: i32 = 24;
    status.signal() == Some(TIME_IS_UP)
}

#[cfg(not(unix))]
fn out_of_time(_status: ExitStatus) -> bool {
    false
}
