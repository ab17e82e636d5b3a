//! The commands. [`serve`] is where everything is wired together, once.

mod address;
mod args;
mod background;
mod backup;
mod categories;
mod copy;
mod demo;
mod export;
mod folder;
mod handover;
mod hash;
mod import;
mod input;
mod places;
mod progress;
mod report;
mod restore;
mod sample;
mod serve;
mod told;
mod undo;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, ImportTarget};

use crate::config::Environment;
use crate::telemetry;

/// How a command ended, as the exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// 0
    Done,
    /// 1: done, or not done at the user's wish, because something is wrong
    /// with the data.
    Problems,
}

/// Runs the program: 0 done, 1 problems were found, 2 nothing could be done.
///
/// `give_back` returns free memory to the system; it is called some time after
/// much was loaded.
pub fn main(give_back: fn()) -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ReadChild) {
        return read_child();
    }
    telemetry::start();
    let environment = Environment::read();
    match run(cli, &environment, give_back) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Problems) => ExitCode::from(1),
        Err(error) => {
            eprintln!(
                "gridmap: {}",
                told::line(&error, environment.speaks_chinese())
            );
            ExitCode::from(2)
        }
    }
}

/// Reads an upload for a server: no runtime, no log, nothing but the pipes.
fn read_child() -> ExitCode {
    let mut input = std::io::stdin().lock();
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    match crate::service::imports::read_child(&mut input, &mut output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_pipe) => ExitCode::from(2),
    }
}

/// Prints text; a reader that went away (`| head`) is no reason to fail.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if out
        .write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .is_err()
    {
        tracing::debug!("nobody reads the output");
    }
}

fn run(cli: Cli, environment: &Environment, give_back: fn()) -> anyhow::Result<Ending> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => serve::run(args, environment, give_back).await,
            Command::Import(args) => match args.target {
                ImportTarget::Layer(layer) => import::run(layer, args, environment).await,
                ImportTarget::Background => background::run(args, environment).await,
            },
            Command::Export(args) => export::run(args, environment).await,
            Command::Sample(args) => sample::run(args, environment).await,
            Command::Categories(args) => categories::run(args, environment).await,
            Command::Backup(args) => backup::run(args, environment).await,
            Command::Restore(args) => restore::run(args, environment).await,
            Command::Copy(args) => copy::run(args, environment).await,
            Command::Hash(args) => hash::run(args, environment).await,
            Command::Writes(args) => undo::writes(args, environment).await,
            Command::Undo(args) => undo::run(args, environment).await,
            // Taken care of before there is a runtime.
            Command::ReadChild => Ok(Ending::Done),
        }
    })
}
