//! `gridmap export`: a layer as a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::Ending;
use super::args::{ExportArgs, ExportFormat};
use super::told::While as _;
use crate::api::{Lang, export_file};
use crate::config::Environment;
use crate::format::write::{FileType, WriteError};
use crate::service;

pub(super) async fn run(args: ExportArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let store = args.store.address(environment)?.open_existing().await?;
    let snapshot = service::load(store.as_ref()).await?;
    store.close().await;
    let format = match args.format {
        ExportFormat::Csv => FileType::Csv,
        ExportFormat::Geojson => FileType::GeoJson,
        ExportFormat::Xlsx => FileType::Excel,
        ExportFormat::Gpx => FileType::Gpx,
        ExportFormat::Kml => FileType::Kml,
        ExportFormat::Shp => FileType::Shapefile,
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
            let written = export_file(&snapshot, args.layer, format, lang, &mut out);
            match written.and_then(|_| Ok(out.flush()?)) {
                // `| head` closes the pipe, which is no failure.
                Err(WriteError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
                other => other?,
            }
        }
    }
    Ok(Ending::Done)
}
