//! What a request can fail with, as `application/problem+json` in the
//! reader's language (RFC 9457).

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::lang::Lang;

/// The media type of every error answer.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A refused or failed request.
///
/// Client errors carry a sentence in both languages and a stable code; server
/// errors carry an id under which the cause was logged, and nothing else.
#[derive(Debug, Clone)]
pub struct Error {
    status: StatusCode,
    code: &'static str,
    zh: String,
    en: String,
    retry_after_s: Option<u32>,
    more: Option<Box<More>>,
}

/// What only some errors carry.
#[derive(Debug, Clone, Default)]
struct More {
    /// The tag of what is there now.
    etag: Option<HeaderValue>,
    /// Further members of the answer, in Chinese and in English.
    members: Option<Arc<(Members, Members)>>,
}

/// Members of an answer in one language.
type Members = Map<String, Json>;

/// The body of an error answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub problem_type: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What was wrong and what to do.
    pub detail: String,
    /// A stable code for programs.
    #[schema(example = "bad-parameter")]
    pub code: &'static str,
    /// What belongs to this code alone: `current` of a 412, `problems` of a
    /// 422 and the like.
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: Map<String, Json>,
}

impl Error {
    /// An error with a sentence in each language.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Error {
        Error {
            status,
            code,
            zh: zh.into(),
            en: en.into(),
            retry_after_s: None,
            more: None,
        }
    }

    /// With further members, in Chinese and in English.
    #[must_use]
    pub fn with_members(mut self, zh: Map<String, Json>, en: Map<String, Json>) -> Error {
        self.more.get_or_insert_default().members = Some(Arc::new((zh, en)));
        self
    }

    /// With the tag of what is there now.
    #[must_use]
    pub fn with_etag(mut self, tag: HeaderValue) -> Error {
        self.more.get_or_insert_default().etag = Some(tag);
        self
    }

    /// 400 for a query parameter, with what it must look like.
    pub fn parameter(name: &str, zh: impl Display, en: impl Display) -> Error {
        Error::new(
            StatusCode::BAD_REQUEST,
            "bad-parameter",
            format!("参数 {name} 有误：{zh}"),
            format!("parameter `{name}`: {en}"),
        )
    }

    /// 400 for a parameter that this address does not know.
    pub fn unknown_parameter(name: &str, known: &[&str]) -> Error {
        let name: String = name.chars().take(80).collect();
        let known = known.join(", ");
        Error::new(
            StatusCode::BAD_REQUEST,
            "unknown-parameter",
            format!("不认识的参数“{name}”；此地址可用的参数：{known}"),
            format!("unknown parameter `{name}`; this address takes: {known}"),
        )
    }

    /// 400 for a body that is not what the address takes.
    pub fn body(zh: impl Display, en: impl Display) -> Error {
        Error::new(
            StatusCode::BAD_REQUEST,
            "bad-body",
            format!("请求内容有误：{zh}"),
            format!("request body: {en}"),
        )
    }

    /// 404 for something that does not exist, named in both languages.
    pub fn not_found(zh: impl Display, en: impl Display) -> Error {
        Error::new(
            StatusCode::NOT_FOUND,
            "not-found",
            format!("没有{zh}"),
            format!("there is no {en}"),
        )
    }

    /// 500, 503 or 507: logs the cause once under a new id, tells only the id.
    pub fn server(status: StatusCode, code: &'static str, cause: impl Display) -> Error {
        let id = next_id();
        tracing::error!(problem.id = %id, problem.code = code, cause = %cause, "request {id} failed: {cause}");
        Error::new(
            status,
            code,
            format!("服务器没能完成请求，原因已记入日志，编号 {id}"),
            format!("the server could not finish the request; the cause is in its log under {id}"),
        )
    }

    /// 500 for what should not happen.
    pub fn internal(cause: impl Display) -> Error {
        Error::server(StatusCode::INTERNAL_SERVER_ERROR, "internal", cause)
    }

    /// 503: too much work at once.
    pub fn busy() -> Error {
        Error::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "服务器正忙，请稍后再试",
            "the server is busy; try again in a moment",
        )
        .retry_after(2)
    }

    /// With the time after which to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Error {
        self.retry_after_s = Some(seconds);
        self
    }

    /// 503: the database does not answer. Reading goes on from memory.
    pub fn no_database(cause: impl Display) -> Error {
        let mut error = Error::server(
            StatusCode::SERVICE_UNAVAILABLE,
            "database-unreachable",
            cause,
        );
        error
            .zh
            .push_str("。数据库暂时连不上，地图仍可查看，请稍后再保存");
        error
            .en
            .push_str("; the database cannot be reached, the map stays readable, save again later");
        error.retry_after_s = Some(5);
        error
    }

    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer in one language.
    pub fn render(&self, lang: Lang) -> Response {
        let more = self.more.as_deref();
        let members = more.and_then(|more| more.members.as_deref());
        let problem = Problem {
            problem_type: "about:blank",
            title: title(self.status, lang),
            status: self.status.as_u16(),
            detail: match lang {
                Lang::Zh => self.zh.clone(),
                Lang::En => self.en.clone(),
            },
            code: self.code,
            members: members.map_or_else(Map::new, |(zh, en)| lang.pick(zh, en).clone()),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(lang.tag()),
        );
        if let Some(tag) = more.and_then(|more| more.etag.as_ref()) {
            headers.insert(header::ETAG, tag.clone());
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Error {
    /// Chinese at first; [`super::edge::localize`] knows the request and turns
    /// the answer into the reader's language.
    fn into_response(self) -> Response {
        let mut response = self.render(Lang::Zh);
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

fn title(status: StatusCode, lang: Lang) -> &'static str {
    if lang == Lang::En {
        return status.canonical_reason().unwrap_or("Error");
    }
    match status.as_u16() {
        400 => "请求有误",
        403 => "不允许",
        404 => "找不到",
        405 => "不支持的方法",
        406 => "没有所要的格式",
        408 => "等待请求超时",
        409 => "与现有数据冲突",
        410 => "已不保留",
        412 => "已被别人修改",
        413 => "内容太大",
        414 => "地址太长",
        415 => "不支持的内容类型",
        421 => "主机名不对",
        422 => "内容不合要求",
        428 => "缺少前提条件",
        500 => "内部错误",
        502 => "上游服务没有给出结果",
        503 => "暂时不可用",
        507 => "磁盘已满",
        _ => "出错",
    }
}

/// Short ids that differ within one run and, by the start time, between runs.
fn next_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    format!("{:06x}-{count:x}", now & 0xff_ffff)
}
