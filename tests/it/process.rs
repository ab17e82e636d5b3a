//! The program as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

pub(crate) fn gridmap(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridmap"));
    command
        .args(arguments)
        .env("LC_ALL", "en_US.UTF-8")
        .env_remove("GRIDMAP_DATABASE_URL");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    gridmap(arguments).output().unwrap()
}

/// A server over a folder; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    /// A process that has told its address.
    pub(crate) fn told(child: Child, address: String) -> Server {
        Server { child, address }
    }

    /// A server over a folder.
    pub(crate) fn start(data: &Path) -> Server {
        Server::of(&["--data", data.to_str().unwrap()])
    }

    /// A server with the store and what else the arguments name.
    pub(crate) fn of(more: &[&str]) -> Server {
        let arguments = ["serve", "--listen", "127.0.0.1:0"];
        let mut child = gridmap(&[&arguments, more].concat())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .rsplit("://")
            .next()
            .unwrap()
            .trim_end_matches('/')
            .to_owned();
        Server { child, address }
    }

    pub(crate) fn connect(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let mut text = String::new();
        self.connect(path).read_to_string(&mut text).unwrap();
        let start = text.find('{').unwrap_or_else(|| panic!("{text}"));
        let end = text.rfind('}').unwrap();
        serde_json::from_str(&text[start..=end]).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub(crate) fn incidents(&self) -> u64 {
        self.get("/collections/incidents/items?limit=1")["numberMatched"]
            .as_u64()
            .unwrap()
    }

    #[cfg(unix)]
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(
            self.child.wait().unwrap().success(),
            "a clean stop ends with 0"
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
