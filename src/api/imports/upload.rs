//! `POST /api/imports`: a file with its companions, into memory alone.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, RequestExt};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::error::Error;
use super::super::params::Params;
use super::super::state::AppState;
use crate::model::LayerName;
use crate::service::imports::{Choices, UploadFile};

/// The most files of one upload: a Shapefile with all its companions.
const MAX_FILES: usize = 16;

/// Time for the next bytes of an upload to come.
const NEXT_BYTES_WITHIN: Duration = Duration::from_secs(15);

/// How long what is too much is still read, so that the answer is.
const DRAIN_WITHIN: Duration = Duration::from_secs(20);

/// The upload was taken; reading goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Started {
    /// Names the import in addresses.
    id: String,
}

/// The parts of an upload.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(in crate::api) struct UploadForm {
    /// One file, or a Shapefile with its companions.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
    /// The layer; guessed unless told.
    layer: Option<String>,
}

/// Uploads a file; it is read in the background and stored only when told.
#[utoipa::path(post, path = "/api/imports", tag = "import", operation_id = "startImport",
    params(crate::api::openapi::LangQuery),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, description = "It is being read", body = Started,
            headers(("Location" = String, description = "The import"))),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many imports at once", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn upload(
    State(state): State<AppState>,
    params: Params,
    mut request: Request,
) -> Result<Response, Error> {
    params.finish()?;
    check_media_type(request.headers())?;
    let limit = state.imports.upload_bytes();
    DefaultBodyLimit::disable().apply(&mut request);
    let Some(place) = state.imports.place() else {
        drain(request, limit).await;
        return Err(too_many(state.imports.at_once()));
    };
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    // The marks between the parts are not part of the files.
    if declared.is_some_and(|length| length > limit + (1 << 20)) {
        drain(request, limit).await;
        return Err(too_large(limit));
    }
    let form = Multipart::from_request(request, &state)
        .await
        .map_err(|_unread| not_multipart())?;
    let (files, layer) = receive(form, limit).await?;
    let choices = Choices {
        layer,
        ..Choices::default()
    };
    let session = state.imports.start(place, files, choices);
    let location = format!("/api/imports/{}", session.id);
    let started = Started {
        id: session.id.clone(),
    };
    let mut response = (StatusCode::ACCEPTED, Json(started)).into_response();
    if let Ok(value) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    Ok(response)
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Error> {
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|media| {
            let media = media.split(';').next().unwrap_or_default().trim();
            media.eq_ignore_ascii_case("multipart/form-data")
        });
    let plain = headers
        .get(header::CONTENT_ENCODING)
        .is_none_or(|coding| coding == "identity");
    if form && plain {
        Ok(())
    } else {
        Err(not_multipart())
    }
}

fn not_multipart() -> Error {
    Error::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not-multipart",
        "上传应为未压缩的 multipart/form-data，文件放在 file 部分",
        "an upload must be multipart/form-data without a content encoding, the file in a part called `file`",
    )
}

fn too_large(limit: u64) -> Error {
    Error::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body-too-large",
        format!("文件超过 {} MB，请拆分后再导入", limit >> 20),
        format!("the file is larger than {} MB; split it", limit >> 20),
    )
}

fn too_many(most: usize) -> Error {
    Error::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too-many-imports",
        format!("已有 {most} 个导入在进行；请先完成或取消其中一个，再上传；页面已关闭的导入两分钟后让出名额"),
        format!("{most} imports are open already; finish or cancel one of them first; one whose page is closed gives way after two minutes"),
    )
    .retry_after(10)
}

fn broken(error: &MultipartError) -> Error {
    tracing::debug!(%error, "an upload broke off");
    Error::body(
        "上传没有传完，或分段有误",
        "the upload broke off or its parts are wrong",
    )
}

fn too_slow() -> Error {
    Error::new(
        StatusCode::REQUEST_TIMEOUT,
        "body-too-slow",
        "上传停顿过久",
        "the upload stalled",
    )
}

/// Reads on for a while without keeping anything: a browser shows the answer
/// only when it could send all it had.
async fn drain(request: Request, most: u64) {
    let mut stream = request.into_limited_body().into_data_stream();
    let reading = async {
        let mut seen = 0;
        while let Some(Ok(bytes)) = tokio_stream::StreamExt::next(&mut stream).await {
            seen += bytes.len() as u64;
            if seen > most.saturating_mul(2) {
                return;
            }
        }
    };
    // Whatever is left is cut off.
    let _ = tokio::time::timeout(DRAIN_WITHIN, reading).await;
}

async fn within<T>(work: impl Future<Output = Result<T, MultipartError>>) -> Result<T, Error> {
    match tokio::time::timeout(NEXT_BYTES_WITHIN, work).await {
        Ok(outcome) => outcome.map_err(|error| broken(&error)),
        Err(_) => Err(too_slow()),
    }
}

/// All parts, as long as they are allowed.
async fn receive(
    mut form: Multipart,
    limit: u64,
) -> Result<(Vec<UploadFile>, Option<LayerName>), Error> {
    let mut files = Vec::new();
    let mut layer = None;
    let mut left = limit;
    while let Some(mut field) = within(form.next_field()).await? {
        match field.name() {
            Some("file") if files.len() == MAX_FILES => {
                return Err(Error::body(
                    format!("一次最多上传 {MAX_FILES} 个文件"),
                    format!("at most {MAX_FILES} files at once"),
                ));
            }
            Some("file") => {
                let name = plain_name(field.file_name().unwrap_or_default());
                match read(&mut field, &mut left).await? {
                    Some(bytes) => files.push(UploadFile { name, bytes }),
                    None => {
                        drop(field);
                        drain_form(form, limit).await;
                        return Err(too_large(limit));
                    }
                }
            }
            Some("layer") if layer.is_none() => {
                let mut room = 64;
                let word = read(&mut field, &mut room).await?;
                let word = word.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
                let named = word.as_deref().and_then(super::super::extract::layer_named);
                let wrong = || {
                    Error::body(
                        "layer 应为 grids、compounds、streets、routes 或 incidents",
                        "`layer` must be grids, compounds, streets, routes or incidents",
                    )
                };
                layer = Some(named.ok_or_else(wrong)?);
            }
            _ => {
                return Err(Error::body(
                    "只接受 file 和 layer 部分",
                    "only the parts `file` and `layer` are taken",
                ));
            }
        }
    }
    if files.is_empty() || files.iter().all(|file| file.bytes.is_empty()) {
        return Err(Error::body(
            "没有文件，或文件是空的",
            "there is no file, or it is empty",
        ));
    }
    Ok((files, layer))
}

/// The bytes of one part; `None` when there are more than may come.
async fn read(field: &mut Field<'_>, left: &mut u64) -> Result<Option<Bytes>, Error> {
    let mut all = Vec::new();
    while let Some(chunk) = within(field.chunk()).await? {
        match left.checked_sub(chunk.len() as u64) {
            Some(rest) => *left = rest,
            None => return Ok(None),
        }
        all.extend_from_slice(&chunk);
    }
    // It stays for a while: without the room that growing left over.
    all.shrink_to_fit();
    Ok(Some(all.into()))
}

/// Like [`drain`], in the middle of a form.
async fn drain_form(mut form: Multipart, most: u64) {
    let reading = async {
        let mut left = most;
        while let Ok(Some(mut field)) = form.next_field().await {
            while let Ok(Some(chunk)) = field.chunk().await {
                match left.checked_sub(chunk.len() as u64) {
                    Some(rest) => left = rest,
                    None => return,
                }
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_WITHIN, reading).await;
}

/// The name without folders and control characters, short.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).collect();
    // The ending says what it is: a long name is cut at its front.
    let length = clean.chars().count();
    clean.chars().skip(length.saturating_sub(150)).collect()
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn names_lose_their_folders_and_keep_their_ending() {
        assert_eq!(plain_name("C:\\用户\\台账.xlsx"), "台账.xlsx");
        assert_eq!(plain_name("../../etc/a\u{0}b.csv"), "ab.csv");
        assert_eq!(plain_name(""), "");
        let long = format!("{}.csv", "长".repeat(400));
        assert!(plain_name(&long).ends_with("长.csv"));
        assert_eq!(plain_name(&long).chars().count(), 150);
    }
}
