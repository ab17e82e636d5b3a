//! `GET /api/imports/{id}/rejected.csv`: the refused rows to take home, repair
//! and bring again.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::super::error::Error;
use super::super::extract::Segments;
use super::super::lang::Lang;
use super::super::params::{Params, finite};
use super::super::state::AppState;
use super::words;
use crate::format::write::csv_cell as cell;
use crate::service::imports::{Severity, Show, Sketch, Staged};

/// The refused rows of an import as CSV for spreadsheets: masked, without the
/// columns about persons, and with the reasons in a last column.
#[utoipa::path(get, path = "/api/imports/{id}/rejected.csv", tag = "import", operation_id = "getRejectedRows",
    params(crate::api::openapi::ImportPath, crate::api::openapi::LangQuery),
    responses((status = 200, description = "The rows", body = String, content_type = "text/csv"),
        (status = "4XX", description = "Refused", body = crate::api::error::Problem, content_type = "application/problem+json")))]
pub(in crate::api) async fn rejected(
    State(state): State<AppState>,
    Segments(id): Segments<String>,
    params: Params,
) -> Result<Response, Error> {
    let lang = params.lang;
    params.finish()?;
    let look = super::find(&state, &id)?.look();
    let (Some(sketch), Some(staged)) = (look.sketch, look.staged) else {
        return Err(not_read());
    };
    let body = state
        .service
        .compute(move || table(&sketch, &staged, lang))
        .await?;
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    let media = HeaderValue::from_static("text/csv; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, media);
    let name = HeaderValue::from_static(
        "attachment; filename=\"rejected.csv\"; filename*=UTF-8''%E4%B8%8D%E5%85%A5%E5%BA%93.csv",
    );
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// 409: there are no rows to show yet, or no more.
pub(super) fn not_read() -> Error {
    Error::new(
        StatusCode::CONFLICT,
        "no-rows",
        "现在没有可看的行：文件还没读完，或已经入库",
        "there are no rows to show: the file is still being read, or it is stored",
    )
}

fn table(sketch: &Sketch, staged: &Staged, lang: Lang) -> String {
    let mut out = "\u{feff}".to_owned();
    let kept: Vec<usize> = (0..sketch.columns.len())
        .filter(|&slot| !sketch.columns[slot].personal)
        .collect();
    for &slot in &kept {
        cell(&mut out, &sketch.columns[slot].name);
        out.push(',');
    }
    cell(&mut out, lang.pick("不入库的原因", "Reason for refusal"));
    out.push_str("\r\n");
    let (_, rows) = staged.page(Show::Rejected, None, 0, usize::MAX);
    for row in rows {
        let cells: Vec<Option<String>> = serde_json::from_str(&row.cells).unwrap_or_default();
        for &slot in &kept {
            let text = cells.get(slot).and_then(Option::as_deref).unwrap_or("");
            // A number is no formula, whatever its sign.
            if finite(text).is_some() {
                out.push_str(text);
            } else {
                cell(&mut out, text);
            }
            out.push(',');
        }
        let refusals = row
            .notes
            .iter()
            .filter(|n| n.severity == Severity::Rejected);
        let reasons: Vec<String> = refusals.map(|note| words::told(note, lang)).collect();
        cell(&mut out, &reasons.join(lang.pick("；", "; ")));
        out.push_str("\r\n");
    }
    out
}
