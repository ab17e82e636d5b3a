//! `gridmap export`: a layer as a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::Ending;
use super::args::{ExportArgs, ExportFormat};
use super::told::{While as _, told};
use crate::api::{Lang, export_file, export_package};
use crate::config::Environment;
use crate::format::write::{FileType, WriteError};
use crate::index::Snapshot;
use crate::service;

pub(super) async fn run(args: ExportArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let store = args.store.address(environment)?.open_existing().await?;
    let snapshot = service::load(store.as_ref()).await?;
    store.close().await;
    let lang = if environment.speaks_chinese() {
        Lang::Zh
    } else {
        Lang::En
    };
    let format = match args.format {
        ExportFormat::Csv => FileType::Csv,
        ExportFormat::Geojson => FileType::GeoJson,
        ExportFormat::Xlsx => FileType::Excel,
        ExportFormat::Gpx => FileType::Gpx,
        ExportFormat::Kml => FileType::Kml,
        ExportFormat::Shp => FileType::Shapefile,
        ExportFormat::Gpkg => return package(&args, snapshot, lang).await,
    };
    let [layer] = args.layers[..] else {
        return Err(told(
            "多个图层只能导出为 gpkg；其他格式请逐个导出",
            "several layers fit into a gpkg only; export them one by one otherwise",
        ));
    };
    match &args.output {
        Some(path) => {
            let named = || {
                let path = path.display();
                (format!("无法写入 {path}"), format!("cannot write {path}"))
            };
            let file = File::create(path).while_doing(named)?;
            let mut out = BufWriter::new(file);
            export_file(&snapshot, layer, format, lang, &mut out).while_doing(named)?;
            out.flush().while_doing(named)?;
        }
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            let written = export_file(&snapshot, layer, format, lang, &mut out);
            match written.and_then(|_| Ok(out.flush()?)) {
                // `| head` closes the pipe, which is no failure.
                Err(WriteError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
                other => other?,
            }
        }
    }
    Ok(Ending::Done)
}

/// A GeoPackage is made beside its place and moved there when it is whole.
async fn package(args: &ExportArgs, snapshot: Snapshot, lang: Lang) -> anyhow::Result<Ending> {
    let mut once = args.layers.clone();
    once.sort_unstable();
    once.dedup();
    if once.len() < args.layers.len() {
        return Err(told("图层名重复", "a layer is named twice"));
    }
    let Some(path) = &args.output else {
        return Err(told(
            "gpkg 需要写入文件；请用 -o 指定",
            "a gpkg needs a file; name it with -o",
        ));
    };
    let named = || {
        let path = path.display();
        (format!("无法写入 {path}"), format!("cannot write {path}"))
    };
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    File::create(&part).while_doing(named)?;
    let snapshot = Arc::new(snapshot);
    let written = export_package(snapshot, &args.layers, lang, &part).await;
    let moved = written
        .while_doing(named)
        .and_then(|_| std::fs::rename(&part, path).while_doing(named));
    if moved.is_err() {
        // It is no whole file; who wants to know learns the first cause.
        let _ = std::fs::remove_file(&part);
    }
    moved?;
    Ok(Ending::Done)
}
