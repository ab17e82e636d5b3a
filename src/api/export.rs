//! `GET /api/export/{layer}`: everything the filter selects, as a file. The
//! answer is made while it is sent, so its size costs no memory.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::error::Error;
use super::export_rows::{CsvRows, GeoJsonRows, Rows};
use super::extract::{Segments, layer};
use super::format::GEOJSON;
use super::lang::Lang;
use super::params::Params;
use super::respond::Asked;
use super::state::AppState;
use crate::index::Snapshot;
use crate::model::{LayerName, Scope};
use crate::query::{self, ItemsQuery};

/// Bytes that are sent at once.
const CHUNK: usize = 64 * 1024;

/// All features of a layer that the filter selects, as a file.
#[utoipa::path(get, path = "/api/export/{layer}", tag = "map", operation_id = "exportLayer",
    params(super::openapi::LayerPath, super::openapi::ExportQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The file",
        content((String = "text/csv"), (super::items::ItemsView = "application/geo+json"))),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn export(
    State(state): State<AppState>,
    Segments(name): Segments<String>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let layer = layer(&name)?;
    let csv = params.parsed("format", |word| match word {
        "csv" => Ok(true),
        "geojson" => Ok(false),
        _ => Err((
            "应为 csv 或 geojson".to_owned(),
            "must be csv or geojson".to_owned(),
        )),
    })?;
    let csv = csv.unwrap_or(true);
    params.bbox()?;
    let (snapshot, scope) = (state.service.snapshot(), state.scope());
    let mut query = params.items(layer, &snapshot.district)?;
    (query.limit, query.offset) = (usize::MAX, 0);
    let day = (state.clock)().local_date();
    let (suffix, media_type) = if csv {
        ("csv", "text/csv; charset=utf-8")
    } else {
        ("geojson", GEOJSON)
    };
    let name = file_name(&snapshot, layer, &day.to_string(), suffix);
    let lang = asked.lang;
    let permit = Arc::clone(&state.exports).try_acquire_owned();
    let permit = permit.map_err(|_all_taken| Error::busy())?;
    let (send, receive) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        if csv {
            let rows = CsvRows::new(&snapshot, layer, lang);
            write(rows, &snapshot, &scope, layer, &query, &send);
        } else {
            let rows = GeoJsonRows::default();
            write(rows, &snapshot, &scope, layer, &query, &send);
        }
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(receive)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Writes all rows in chunks until done or the reader is gone.
fn write(
    mut rows: impl Rows,
    snapshot: &Snapshot,
    scope: &Scope,
    layer: LayerName,
    query: &ItemsQuery,
    send: &mpsc::Sender<Result<Bytes, std::io::Error>>,
) {
    let page = query::items(snapshot, scope, layer, query);
    let mut out = Vec::with_capacity(CHUNK + 4096);
    rows.begin(&mut out, snapshot);
    for item in &page.items {
        rows.row(&mut out, snapshot, item);
        if out.len() >= CHUNK {
            let chunk = std::mem::replace(&mut out, Vec::with_capacity(CHUNK + 4096));
            if send.blocking_send(Ok(chunk.into())).is_err() {
                return;
            }
        }
    }
    rows.end(&mut out);
    // A reader that went away needs no last chunk.
    let _ = send.blocking_send(Ok(out.into()));
}

/// A format that layers are exported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFile {
    /// For spreadsheets.
    Csv,
    /// One feature a line.
    GeoJson,
}

/// Writes a whole layer as a file, for the command line.
///
/// # Errors
/// When `out` cannot be written.
pub fn export_file(
    snapshot: &Snapshot,
    layer: LayerName,
    file: ExportFile,
    lang: Lang,
    out: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    let mut rows: Box<dyn Rows> = match file {
        ExportFile::Csv => Box::new(CsvRows::new(snapshot, layer, lang)),
        ExportFile::GeoJson => Box::new(GeoJsonRows::default()),
    };
    let everything = ItemsQuery {
        limit: usize::MAX,
        ..ItemsQuery::default()
    };
    let page = query::items(snapshot, &Scope::all(), layer, &everything);
    let mut buffer = Vec::with_capacity(CHUNK + 4096);
    rows.begin(&mut buffer, snapshot);
    for item in &page.items {
        rows.row(&mut buffer, snapshot, item);
        if buffer.len() >= CHUNK {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    rows.end(&mut buffer);
    out.write_all(&buffer)
}

/// `attachment` with the layer, the district's note and the day in the name.
fn file_name(snapshot: &Snapshot, layer: LayerName, day: &str, suffix: &str) -> HeaderValue {
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
