//! Layers as one GeoPackage: made in a temporary file away from the network
//! threads, then sent, then gone, also when nobody waits for it any more.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::error::Error;
use super::export_rows;
use super::lang::Lang;
use crate::index::Snapshot;
use crate::model::{LayerName, Scope, Timestamp};
use crate::query::{self, ItemsQuery};
use crate::store;
use crate::store::gpkg::package::{PackageLayer, write_package};

/// Media type of a GeoPackage.
pub(super) const MEDIA_TYPE: &str = "application/geopackage+sqlite3";

/// Bytes that are sent at once.
const CHUNK: usize = 256 * 1024;

/// What goes into the file.
pub(super) struct Package {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) scope: Scope,
    pub(super) layers: Vec<(LayerName, ItemsQuery)>,
    pub(super) lang: Lang,
    pub(super) made_at: Timestamp,
}

/// A file that is gone when this value is.
struct Temporary(PathBuf);

impl Temporary {
    /// A new, empty file that only this user may read.
    fn new() -> io::Result<Temporary> {
        let name = format!(
            "gridmap-export-{}-{:016x}.gpkg",
            std::process::id(),
            rand::random::<u64>()
        );
        let path = std::env::temp_dir().join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?;
        Ok(Temporary(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a temporary file is left behind");
        }
    }
}

/// Says so when the request is dropped.
struct Asking(Arc<AtomicBool>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Makes the file and answers with it.
///
/// # Errors
/// When it cannot be made; nothing was sent then.
pub(super) async fn answer(
    package: Package,
    name: HeaderValue,
    permit: OwnedSemaphorePermit,
) -> Result<Response, Error> {
    let gone = Arc::new(AtomicBool::new(false));
    let asking = Asking(Arc::clone(&gone));
    let runtime = tokio::runtime::Handle::current();
    let making = tokio::task::spawn_blocking(move || {
        let file = Temporary::new().map_err(|source| store::Error::Io {
            path: std::env::temp_dir(),
            source,
        })?;
        let stop = || gone.load(Ordering::Relaxed);
        let written = runtime.block_on(write(&package, &file.0, &stop))?;
        Ok::<_, store::Error>(written.map(|_| (file, permit)))
    });
    let made = making.await.map_err(Error::internal)??;
    // It stops only for a request that is gone.
    let (file, permit) = made.ok_or_else(Error::busy)?;
    drop(asking);
    let source = File::open(&file.0).map_err(Error::internal)?;
    let length = source.metadata().map_err(Error::internal)?.len();
    let (send, receive) = mpsc::channel::<io::Result<Bytes>>(4);
    tokio::task::spawn_blocking(move || {
        let _until_sent = (&file, &permit);
        if let Err(error) = copy(source, &send) {
            let _ = send.blocking_send(Err(error));
        }
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(receive)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn copy(mut source: File, send: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        (&mut source).take(CHUNK as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(());
        }
        if send.blocking_send(Ok(chunk.into())).is_err() {
            // The reader went away and needs no answer.
            return Ok(());
        }
    }
}

async fn write(
    package: &Package,
    path: &Path,
    stop: &dyn Fn() -> bool,
) -> Result<Option<u64>, store::Error> {
    let snapshot = package.snapshot.as_ref();
    let sheets: Vec<_> = package
        .layers
        .iter()
        .map(|(layer, _)| {
            let mut sheet = export_rows::sheet(snapshot, *layer, package.lang);
            sheet.made_at = Some(package.made_at);
            sheet
        })
        .collect();
    let layers = package.layers.iter().zip(&sheets);
    let layers = layers.map(|((layer, query), sheet)| {
        let page = query::items(snapshot, &package.scope, *layer, query);
        let rows = page.items.into_iter();
        PackageLayer {
            layer: *layer,
            sheet,
            rows: Box::new(rows.map(|item| export_rows::row(snapshot, sheet, &item))),
        }
    });
    write_package(path, layers.collect(), stop).await
}

/// Writes whole layers as a GeoPackage, for the command line; how many rows
/// it has. The file is missing or empty.
///
/// # Errors
/// When the file cannot be written.
pub async fn export_package(
    snapshot: Arc<Snapshot>,
    layers: &[LayerName],
    lang: Lang,
    path: &Path,
) -> Result<u64, store::Error> {
    let everything = ItemsQuery {
        limit: usize::MAX,
        ..ItemsQuery::default()
    };
    let package = Package {
        snapshot,
        scope: Scope::all(),
        layers: layers
            .iter()
            .map(|layer| (*layer, everything.clone()))
            .collect(),
        lang,
        made_at: Timestamp(jiff::Timestamp::now().as_second()),
    };
    let written = write(&package, path, &|| false).await?;
    Ok(written.unwrap_or(0))
}
