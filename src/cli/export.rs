//! `gridmap export`: a layer as a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::args::{ExportArgs, ExportFormat};
use super::told::While as _;
use super::{Ending, folder};
use crate::api::{ExportFile, Lang, export_file};
use crate::config::Environment;
use crate::service;
use crate::store::Store;

pub(super) async fn run(args: ExportArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let store = folder::open_existing(&args.data).await?;
    let snapshot = service::load(&store).await?;
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
            let named = || {
                let path = path.display();
                (format!("无法写入 {path}"), format!("cannot write {path}"))
            };
            let file = File::create(path).while_doing(named)?;
            let mut out = BufWriter::new(file);
            export_file(&snapshot, args.layer, format, lang, &mut out).while_doing(named)?;
            out.flush().while_doing(named)?;
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
