//! `gridmap export`: a layer as a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use anyhow::Context;

use super::Ending;
use super::args::{ExportArgs, ExportFormat};
use crate::api::{ExportFile, Lang, export_file};
use crate::config::Environment;
use crate::service;

pub(super) async fn run(args: ExportArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let store = args.store.address(environment)?.open_existing().await?;
    let snapshot = service::load(store.as_ref()).await?;
    store.close().await;
    let format = match args.format {
        ExportFormat::Csv => ExportFile::Csv,
        ExportFormat::Geojson => ExportFile::GeoJson,
    };
    let lang = if environment.speaks_chinese() {
        Lang::Zh
    } else {
        Lang::En
    };
    match &args.output {
        Some(path) => {
            let named = || format!("cannot write {}", path.display());
            let file = File::create(path).with_context(named)?;
            let mut out = BufWriter::new(file);
            export_file(&snapshot, args.layer, format, lang, &mut out).with_context(named)?;
            out.flush().with_context(named)?;
        }
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            match export_file(&snapshot, args.layer, format, lang, &mut out)
                .and_then(|()| out.flush())
            {
                // `| head` closes the pipe, which is no failure.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                other => other?,
            }
        }
    }
    Ok(Ending::Done)
}
