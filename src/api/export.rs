//! `GET /api/export/{layer}`: everything the filter selects, as a file. The
//! answer is made while it is sent, so its size costs no memory; a GeoPackage,
//! which may hold several layers, is made first.

use std::io::{self, Write};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::error::Error;
use super::export_package::{self, Package};
use super::export_rows;
use super::extract::{Segments, layer};
use super::lang::Lang;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::format::write::{self, FileType, WriteError};
use crate::index::Snapshot;
use crate::model::{LayerName, Scope};
use crate::query::{self, ItemsQuery};

/// Bytes that are sent at once.
const CHUNK: usize = 64 * 1024;

/// All features of a layer that the filter selects, as a file.
#[utoipa::path(get, path = "/api/export/{layer}", tag = "map", operation_id = "exportLayer",
    params(super::openapi::LayerPath, super::openapi::ExportQuery, super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The file",
        content((String = "text/csv"), (super::items::ItemsView = "application/geo+json"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "application/gpx+xml"),
            (String = "application/vnd.google-earth.kml+xml"), (String = "application/zip"),
            (String = "application/geopackage+sqlite3"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn export(
    State(state): State<AppState>,
    Segments(name): Segments<String>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let wanted = params.parsed("format", |word| {
        if word == "gpkg" {
            return Ok(None);
        }
        word.parse().map(Some).map_err(|()| {
            (
                "应为 csv、geojson、xlsx、gpx、kml、shp 或 gpkg".to_owned(),
                "must be csv, geojson, xlsx, gpx, kml, shp or gpkg".to_owned(),
            )
        })
    })?;
    let Some(file_type) = wanted.unwrap_or(Some(FileType::Csv)) else {
        return package(&state, &name, asked.lang, params).await;
    };
    if name.contains(',') {
        return Err(Error::parameter(
            "format",
            "多个图层只能导出为 gpkg；其他格式请逐个导出",
            "several layers fit into a gpkg only; export them one by one otherwise",
        ));
    }
    let layer = layer(&name)?;
    params.bbox()?;
    let (snapshot, scope) = (state.service.snapshot(), state.scope());
    let cql = params.cql(layer, &snapshot.district)?;
    let mut query = params.items(layer, &snapshot.district)?;
    (query.limit, query.offset, query.cql) = (usize::MAX, 0, cql);
    let day = (state.clock)().local_date();
    let made_at = (state.clock)();
    let name = file_name(
        &snapshot,
        layer.as_str(),
        &day.to_string(),
        file_type.ending(),
    );
    let lang = asked.lang;
    let permit = Arc::clone(&state.exports).try_acquire_owned();
    let permit = permit.map_err(|_all_taken| Error::busy())?;
    let (send, receive) = mpsc::channel::<Result<Bytes, io::Error>>(4);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut sheet = export_rows::sheet(&snapshot, layer, lang);
        sheet.made_at = Some(made_at);
        let page = query::items(&snapshot, &scope, layer, &query);
        let mut rows = page
            .items
            .iter()
            .map(|f| export_rows::row(&snapshot, &sheet, f));
        let mut out = Chunks {
            buffer: Vec::with_capacity(CHUNK + 4096),
            send: &send,
        };
        let written = write::write(file_type, &sheet, &mut rows, &mut out);
        if let Err(error) = written.map_err(broken).and_then(|_| out.flush()) {
            // A reader that went away needs no answer; another one must see
            // that the file is not whole.
            let _ = send.blocking_send(Err(error));
        }
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(receive)));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(file_type.media_type()),
    );
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Layers as one GeoPackage. The parameters hold for each of them, as if it
/// were asked alone.
async fn package(
    state: &AppState,
    names: &str,
    lang: Lang,
    mut params: Params,
) -> Result<Response, Error> {
    params.bbox()?;
    let snapshot = state.service.snapshot();
    let mut layers: Vec<(LayerName, ItemsQuery)> = Vec::new();
    for name in names.split(',') {
        let layer = layer(name)?;
        if layers.iter().any(|(known, _)| *known == layer) {
            return Err(Error::parameter(
                "layer",
                format!("{name} 出现了两次"),
                format!("{name} is named twice"),
            ));
        }
        let mut params = params.clone();
        let cql = params.cql(layer, &snapshot.district)?;
        let mut query = params.items(layer, &snapshot.district)?;
        (query.limit, query.offset, query.cql) = (usize::MAX, 0, cql);
        layers.push((layer, query));
    }
    let made_at = (state.clock)();
    let stem = match &layers[..] {
        [(layer, _)] => layer.as_str(),
        _ => "gridmap",
    };
    let name = file_name(&snapshot, stem, &made_at.local_date().to_string(), "gpkg");
    let permit = Arc::clone(&state.exports).try_acquire_owned();
    let permit = permit.map_err(|_all_taken| Error::busy())?;
    let package = Package {
        snapshot,
        scope: state.scope(),
        layers,
        lang,
        made_at,
    };
    export_package::answer(package, name, permit).await
}

fn broken(error: WriteError) -> io::Error {
    match error {
        WriteError::Io(error) => error,
        other => io::Error::other(other),
    }
}

/// Sends what is written in pieces.
struct Chunks<'a> {
    buffer: Vec<u8>,
    send: &'a mpsc::Sender<Result<Bytes, io::Error>>,
}

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK + 4096));
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.send.blocking_send(Ok(chunk.into())).map_err(gone)
    }
}

/// Writes a whole layer as a file, for the command line.
///
/// # Errors
/// When `out` cannot be written, or the format does not take the rows.
pub fn export_file(
    snapshot: &Snapshot,
    layer: LayerName,
    file_type: FileType,
    lang: Lang,
    out: &mut dyn Write,
) -> Result<write::Written, WriteError> {
    let everything = ItemsQuery {
        limit: usize::MAX,
        ..ItemsQuery::default()
    };
    let sheet = export_rows::sheet(snapshot, layer, lang);
    let page = query::items(snapshot, &Scope::all(), layer, &everything);
    let mut rows = page
        .items
        .iter()
        .map(|f| export_rows::row(snapshot, &sheet, f));
    write::write(file_type, &sheet, &mut rows, out)
}

/// `attachment` with the layer, the district's note and the day in the name.
fn file_name(snapshot: &Snapshot, layer: &str, day: &str, suffix: &str) -> HeaderValue {
    let plain = format!("{layer}-{day}.{suffix}");
    let note = snapshot.district.note.as_deref().unwrap_or_default();
    let mut encoded = String::new();
    for byte in note.bytes() {
        encoded.push_str(&format!("%{byte:02X}"));
    }
    let full = if encoded.is_empty() {
        plain.clone()
    } else {
        format!("{layer}-{day}-{encoded}.{suffix}")
    };
    let text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}
