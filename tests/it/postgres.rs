//! A private PostgreSQL with PostGIS for tests: its own folder, reached only
//! by a socket in it, stopped and removed when the test process ends, however
//! it ends.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    keeper: Child,
    /// Closing it, which also happens when this process dies, ends the cluster.
    alive: Option<ChildStdin>,
}

/// Makes and starts a cluster with the programs in `$1` and the folder `$2`,
/// and stops and removes it when the input ends.
const KEEPER: &str = r#"
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null || exit 1
cat >>"$2/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$2'
fsync = off
max_connections = 60
shared_buffers = 64MB
max_wal_size = 2GB
CONF
"$1/pg_ctl" -D "$2/data" -l "$2/log" -w start >/dev/null || { cat "$2/log" >&2; exit 1; }
echo ready
cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null
rm -rf "$2"
"#;

/// The folder of `initdb` and its friends, if PostGIS is there too; otherwise
/// says that the test is skipped.
fn programs(test: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let mut found: Vec<(u32, PathBuf)> = versions
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let extension = format!("/usr/share/postgresql/{name}/extension/postgis.control");
            let programs = Path::new("/usr/lib/postgresql").join(&name).join("bin");
            let complete = programs.join("initdb").exists() && Path::new(&extension).exists();
            complete.then_some((name.parse().ok()?, programs))
        })
        .collect();
    found.sort();
    let newest = found.pop().map(|(_, programs)| programs);
    if newest.is_none() {
        // A test harness captures `eprintln!`; a skipped test must be seen.
        let line = format!("SKIPPED {test}: needs PostgreSQL with PostGIS\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    newest
}

/// A command that does not run as root, which the server refuses.
fn unprivileged(program: &str) -> Command {
    let root = Command::new("id").arg("-u").output();
    if root.is_ok_and(|id| id.stdout == b"0\n") {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", program]);
        return command;
    }
    Command::new(program)
}

impl Cluster {
    /// Starts a cluster, or says that the test is skipped.
    pub(crate) fn start(test: &str) -> Option<Cluster> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let programs = programs(test)?;
        // Short, for the socket's path; writable by the server's user.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = PathBuf::from(format!("/tmp/gridmap-pg-{}-{number}", std::process::id()));
        let made = unprivileged("mkdir")
            .arg("-m")
            .arg("755")
            .arg(&folder)
            .status();
        assert!(made.expect("mkdir runs").success());
        let mut keeper = unprivileged("sh")
            .arg("-c")
            .arg(KEEPER)
            .arg("keeper")
            .args([&programs, &folder])
            .current_dir("/tmp")
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let alive = keeper.stdin.take().expect("a pipe");
        let mut ready = [0; 6];
        let out = keeper.stdout.as_mut().expect("a pipe");
        out.read_exact(&mut ready).expect("PostgreSQL starts");
        let cluster = Cluster {
            folder,
            programs,
            keeper,
            alive: Some(alive),
        };
        // Every new database has it, which saves each test a second.
        cluster.psql("template1", "CREATE EXTENSION postgis");
        Some(cluster)
    }

    /// The address of a new, empty database.
    pub(crate) fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("d{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The address of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    /// Runs SQL as another program would; answers what it prints.
    pub(crate) fn psql(&self, database: &str, sql: &str) -> String {
        let out = Command::new(self.programs.join("psql"))
            .args([
                "-X",
                "-A",
                "-t",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "postgres",
                "-h",
            ])
            .arg(&self.folder)
            .args(["-d", database, "-c", sql])
            .output()
            .expect("psql runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        assert!(out.status.success(), "{sql}: {}", text(&out.stderr));
        text(&out.stdout)
    }

    fn pg_ctl(&self, arguments: &[&str]) {
        let done = unprivileged(&self.programs.join("pg_ctl").display().to_string())
            .arg("-D")
            .arg(self.folder.join("data"))
            .arg("-l")
            .arg(self.folder.join("log"))
            .args(arguments)
            .current_dir("/tmp")
            .stdout(Stdio::null())
            .status();
        assert!(done.expect("pg_ctl runs").success(), "{arguments:?}");
    }

    /// Stops the server as a crash would.
    #[allow(dead_code, reason = "not every test binary stops it")]
    pub(crate) fn crash(&self) {
        self.pg_ctl(&["-m", "immediate", "stop"]);
    }

    /// Starts the server again.
    #[allow(dead_code, reason = "not every test binary stops it")]
    pub(crate) fn restart(&self) {
        self.pg_ctl(&["-w", "start"]);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The keeper sees the end of its input and cleans up.
        drop(self.alive.take());
        let _ = self.keeper.wait();
    }
}

/// Waits until something holds, at most ten seconds.
#[allow(dead_code, reason = "not every test binary waits")]
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
