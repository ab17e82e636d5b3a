//! Asking a tile service: `GET` alone, no redirects, a limit on time and on
//! bytes, pictures only. What goes wrong is told as a [`Cause`], which holds
//! no text of the other side and nothing of the address: the key is in it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::uri::Scheme;
use axum::http::{HeaderMap, Request, Response, Uri, header};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::super::lock;
use super::hosts::is_forbidden;

/// Time for an answer, from the name of the host to the last byte.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// Time to reach the host.
const CONNECT_WITHIN: Duration = Duration::from_secs(4);

/// Bytes of a picture, at most. A tile of 512 pixels as PNG is under one.
const MAX_PICTURE: usize = 2 << 20;

/// Open connections that wait for the next tile, for each host.
const MAX_IDLE: usize = 8;

/// A connection is not used again after this time without use.
const IDLE_FOR: Duration = Duration::from_secs(15);

/// Why a tile did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// No answer in time.
    Slow,
    /// The name of the host is not known.
    Name,
    /// The name leads to an address that is never asked.
    Forbidden,
    /// Nobody listens there.
    Connect,
    /// The certificate is not trusted, or TLS failed otherwise.
    Tls,
    /// The answer broke off or is no HTTP.
    Broken,
    /// The service sends elsewhere.
    Redirect(u16),
    /// The service refuses.
    Status(u16),
    /// More bytes than a tile has.
    Large,
    /// Something else than a picture.
    NoPicture,
}

impl Cause {
    /// What happened, in Chinese.
    pub fn zh(self) -> String {
        match self {
            Cause::Slow => "8 秒内没有应答".to_owned(),
            Cause::Name => "域名解析不到".to_owned(),
            Cause::Forbidden => "域名指向链路本地地址，不予访问".to_owned(),
            Cause::Connect => "连不上".to_owned(),
            Cause::Tls => {
                "证书不受信任或 TLS 握手失败；单位自己的 CA 证书要装进服务器的系统证书库".to_owned()
            }
            Cause::Broken => "应答中断或不是 HTTP".to_owned(),
            Cause::Redirect(status) => {
                format!("应答 {status} 要求跳转，本程序不跟随；请直接填写最终地址")
            }
            Cause::Status(status @ (401 | 403 | 418)) => {
                format!("应答 {status}，密钥可能无效、类型不对或超出配额")
            }
            Cause::Status(status) => format!("应答 {status}"),
            Cause::Large => "瓦片超过 2 MB".to_owned(),
            Cause::NoPicture => "应答不是图片".to_owned(),
        }
    }

    /// What happened, in English.
    pub fn en(self) -> String {
        match self {
            Cause::Slow => "there was no answer within 8 s".to_owned(),
            Cause::Name => "the name is not known".to_owned(),
            Cause::Forbidden => {
                "the name leads to a link-local address, which is never asked".to_owned()
            }
            Cause::Connect => "it cannot be reached".to_owned(),
            Cause::Tls => "the certificate is not trusted or TLS failed; the CA of an office belongs into the system's certificates".to_owned(),
            Cause::Broken => "the answer broke off or is no HTTP".to_owned(),
            Cause::Redirect(status) => {
                format!("it answers {status}, a redirect, which is not followed; give the final address")
            }
            Cause::Status(status @ (401 | 403 | 418)) => {
                format!("it answers {status}; the key may be wrong, of another kind, or over its quota")
            }
            Cause::Status(status) => format!("it answers {status}"),
            Cause::Large => "the tile has more than 2 MB".to_owned(),
            Cause::NoPicture => "the answer is no picture".to_owned(),
        }
    }

    /// True if another tile of the host would fare no better.
    pub(super) fn is_of_host(self) -> bool {
        matches!(
            self,
            Cause::Name | Cause::Forbidden | Cause::Connect | Cause::Tls
        )
    }
}

/// A picture that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its bytes.
    pub bytes: Bytes,
    /// Its media type.
    pub media: &'static str,
    /// Digits that are equal for equal bytes.
    pub hash: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Endpoint {
    secure: bool,
    host: String,
    port: u16,
}

type Sender = SendRequest<Empty<Bytes>>;

/// The client with its open connections.
pub(super) struct Client {
    tls: OnceCell<Result<TlsConnector, Cause>>,
    idle: Mutex<HashMap<Endpoint, Vec<(Sender, Instant)>>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new() -> Client {
        Client {
            tls: OnceCell::new(),
            idle: Mutex::default(),
        }
    }

    /// The picture at an address, `None` when the service has none there.
    pub(super) async fn get(&self, address: &str) -> Result<Option<Picture>, Cause> {
        let within = timeout(ANSWER_WITHIN, self.ask(address));
        within.await.unwrap_or(Err(Cause::Slow))
    }

    async fn ask(&self, address: &str) -> Result<Option<Picture>, Cause> {
        let address: Uri = address.parse().map_err(|_not_an_address| Cause::Name)?;
        let endpoint = endpoint(&address).ok_or(Cause::Name)?;
        // A connection from before may have been closed meanwhile.
        while let Some(mut sender) = self.idle(&endpoint) {
            if let Ok(response) = sender.send_request(request(&address)?).await {
                return self.take(endpoint, sender, response).await;
            }
        }
        let mut sender = timeout(CONNECT_WITHIN, self.connect(&endpoint))
            .await
            .unwrap_or(Err(Cause::Connect))?;
        let response = sender.send_request(request(&address)?).await;
        let response = response.map_err(|_texts_of_the_other_side| Cause::Broken)?;
        self.take(endpoint, sender, response).await
    }

    async fn take(
        &self,
        endpoint: Endpoint,
        mut sender: Sender,
        response: Response<Incoming>,
    ) -> Result<Option<Picture>, Cause> {
        let status = response.status();
        match status.as_u16() {
            200 => {}
            // Services say so beyond the edge of what they have.
            204 | 404 => return Ok(None),
            300..=399 => return Err(Cause::Redirect(status.as_u16())),
            other => return Err(Cause::Status(other)),
        }
        let declared = is_picture(response.headers());
        if !declared {
            return Err(Cause::NoPicture);
        }
        let bytes = read(response.into_body()).await?;
        let media = media_of(&bytes).ok_or(Cause::NoPicture)?;
        if sender.ready().await.is_ok() {
            self.keep(endpoint, sender);
        }
        let hash = blake3::hash(&bytes).to_hex();
        Ok(Some(Picture {
            bytes,
            media,
            hash: hash[..20].into(),
        }))
    }

    fn idle(&self, endpoint: &Endpoint) -> Option<Sender> {
        let mut idle = lock(&self.idle);
        let open = idle.get_mut(endpoint)?;
        while let Some((sender, since)) = open.pop() {
            if since.elapsed() < IDLE_FOR && !sender.is_closed() {
                return Some(sender);
            }
        }
        idle.remove(endpoint);
        None
    }

    fn keep(&self, endpoint: Endpoint, sender: Sender) {
        let mut idle = lock(&self.idle);
        idle.retain(|_, open| {
            open.retain(|(sender, since)| since.elapsed() < IDLE_FOR && !sender.is_closed());
            !open.is_empty()
        });
        let open = idle.entry(endpoint).or_default();
        if open.len() < MAX_IDLE {
            open.push((sender, Instant::now()));
        }
    }

    async fn connect(&self, endpoint: &Endpoint) -> Result<Sender, Cause> {
        let host = endpoint.host.as_str();
        let found = tokio::net::lookup_host((host, endpoint.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|_unknown| Cause::Name)?.collect();
        let asked: Vec<SocketAddr> = found
            .iter()
            .copied()
            .filter(|address| !is_forbidden(address.ip()))
            .collect();
        // The address that was looked at is the one that is asked: a name
        // that leads elsewhere the next time gains nothing.
        let stream = match (asked.is_empty(), found.is_empty()) {
            (false, _) => TcpStream::connect(&asked[..]).await,
            (true, false) => return Err(Cause::Forbidden),
            (true, true) => return Err(Cause::Name),
        };
        let stream = stream.map_err(|_refused| Cause::Connect)?;
        if !endpoint.secure {
            return open(stream).await;
        }
        let name = ServerName::try_from(endpoint.host.clone());
        let name = name.map_err(|_no_name| Cause::Tls)?;
        let tls = self.tls.get_or_init(connector).await.clone()?;
        let stream = tls.connect(name, stream).await;
        open(stream.map_err(|_not_trusted| Cause::Tls)?).await
    }
}

fn endpoint(address: &Uri) -> Option<Endpoint> {
    let secure = match address.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        Some(scheme) if *scheme == Scheme::HTTP => false,
        _ => return None,
    };
    let host = address
        .host()?
        .trim_start_matches('[')
        .trim_end_matches(']');
    Some(Endpoint {
        secure,
        host: host.to_ascii_lowercase(),
        port: address.port_u16().unwrap_or(if secure { 443 } else { 80 }),
    })
}

fn request(address: &Uri) -> Result<Request<Empty<Bytes>>, Cause> {
    let path = address.path_and_query().map_or("/", |path| path.as_str());
    let host = address.authority().map_or("", |host| host.as_str());
    Request::get(path)
        .header(header::HOST, host)
        .header(
            header::USER_AGENT,
            concat!("gridmap/", env!("CARGO_PKG_VERSION")),
        )
        .header(header::ACCEPT, "image/*")
        .body(Empty::new())
        .map_err(|_not_an_address| Cause::Name)
}

async fn open<S>(stream: S) -> Result<Sender, Cause>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(64 * 1024)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_broken| Cause::Broken)?;
    // Ends with its sender; errors are told there.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// Trusts what the system trusts, so that the CA of an office is enough.
async fn connector() -> Result<TlsConnector, Cause> {
    let loading = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs);
    let found = loading.await.map_err(|_panicked| Cause::Tls)?;
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_no_versions| Cause::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn read(mut body: Incoming) -> Result<Bytes, Cause> {
    if body.size_hint().lower() > MAX_PICTURE as u64 {
        return Err(Cause::Large);
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_broke_off| Cause::Broken)?;
        if let Some(more) = frame.data_ref() {
            if bytes.len() + more.len() > MAX_PICTURE {
                return Err(Cause::Large);
            }
            bytes.extend_from_slice(more);
        }
    }
    Ok(bytes.freeze())
}

/// Whether an answer says that it is a picture of a kind that is shown.
fn is_picture(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE);
    let said = said.and_then(|said| said.to_str().ok()).unwrap_or_default();
    let media = said.split(';').next().unwrap_or_default().trim();
    ["png", "jpeg", "jpg", "webp", "gif", "avif"]
        .iter()
        .any(|kind| media.eq_ignore_ascii_case(&format!("image/{kind}")))
}

/// What the first bytes say; a text that calls itself a picture is none.
fn media_of(bytes: &[u8]) -> Option<&'static str> {
    let brand = |at: usize, mark: &[u8]| bytes.get(at..at + mark.len()) == Some(mark);
    if brand(0, b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if brand(0, b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if brand(0, b"RIFF") && brand(8, b"WEBP") {
        Some("image/webp")
    } else if brand(0, b"GIF87a") || brand(0, b"GIF89a") {
        Some("image/gif")
    } else if brand(4, b"ftypavif") || brand(4, b"ftypavis") {
        Some("image/avif")
    } else {
        None
    }
}
