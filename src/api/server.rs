//! The listener: loopback only, with a cap on connections and a time limit on
//! every phase that a client could drag out.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::AppState;
use crate::store::system_zh;
use axum::Extension;
use axum_server::Handle;
use axum_server::accept::{Accept, DefaultAcceptor};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};

/// Connections served at the same time; more are closed at once.
const MAX_CONNECTIONS: usize = 1_024;

/// Time for a client to send the head of a request, and to stay idle between
/// two requests. `axum::serve` has no such limit.
const HEADER_WITHIN: Duration = Duration::from_secs(5);

/// Time for a client to take the next [`TAKE_LEAST`] bytes of an answer, or
/// what is left of it.
const TAKE_WITHIN: Duration = Duration::from_secs(20);

/// A client that sips less than this within [`TAKE_WITHIN`] is hung up on;
/// 3 kB/s is far below any line that a map is read over.
const TAKE_LEAST: usize = 64 * 1024;

/// The longest head of a request. Somewhat above the longest address that is
/// parsed at all, so that one beyond is told so (414).
const MAX_HEAD: usize = 96 * 1024;

/// Time for running requests to end after a stop was asked for.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Marks requests that came over TLS.
#[derive(Debug, Clone, Copy)]
pub struct Secure;

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Certificate and key files (PEM) for HTTPS.
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// Why the server did not start or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Asked to listen where others can reach it.
    #[error(
        "{0} is not a loopback address; there are no accounts yet, so anyone who reaches the \
         port could read everything; listen on 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// The port is taken or not allowed.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate or the key cannot be used.
    #[error("cannot use certificate {certificate} with key {key}: {source}")]
    Tls {
        /// Certificate file.
        certificate: String,
        /// Key file.
        key: String,
        /// What went wrong.
        source: io::Error,
    },
    /// The listener failed while running.
    #[error("the listener failed: {0}")]
    Io(#[from] io::Error),
}

impl ServeError {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            ServeError::NotLoopback(address) => format!(
                "{address} 不是本机回环地址；目前没有账号，能连上端口的人都能读到全部数据；请监听 127.0.0.1 或 [::1]"
            ),
            ServeError::Listen { address, source } => {
                format!("无法监听 {address}：{}", system_zh(source))
            }
            ServeError::Tls {
                certificate,
                key,
                source,
            } => format!(
                "证书 {certificate} 与密钥 {key} 无法使用：{}",
                system_zh(source)
            ),
            ServeError::Io(error) => format!("监听中断：{}", system_zh(error)),
        }
    }
}

/// A bound port, ready to serve.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
}

impl Server {
    /// Binds the port and reads the certificate.
    ///
    /// # Errors
    /// When the address is not a loopback one, the port is taken, or the
    /// certificate or key is unusable.
    pub async fn bind(options: &ServerOptions) -> Result<Server, ServeError> {
        let asked = options.listen;
        if !asked.ip().is_loopback() {
            return Err(ServeError::NotLoopback(asked));
        }
        let failed = |source| ServeError::Listen {
            address: asked,
            source,
        };
        let listener = TcpListener::bind(asked).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let tls = match &options.tls {
            None => None,
            Some((certificate, key)) => {
                // The database's client brings another provider; without a
                // choice there would be none. An earlier choice stands.
                let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
                let config = RustlsConfig::from_pem_file(certificate, key).await;
                Some(config.map_err(|source| ServeError::Tls {
                    certificate: certificate.display().to_string(),
                    key: key.display().to_string(),
                    source,
                })?)
            }
        };
        Ok(Server {
            listener,
            address,
            tls,
        })
    }

    /// The address that is listened on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address to open in a browser.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// Serves until `stop` is done, then lets running requests end.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(
        self,
        state: AppState,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let mut router = super::router(state.clone());
        if self.tls.is_some() {
            router = router.layer(Extension(Secure));
        }
        let handle = Handle::new();
        let stopper = handle.clone();
        let waiting = tokio::spawn(async move {
            stop.await;
            state.stop();
            stopper.graceful_shutdown(Some(STOP_WITHIN));
        });
        let mut server = axum_server::from_tcp(self.listener)?
            .handle(handle)
            .first_request_timeout(HEADER_WITHIN);
        limit(server.http_builder());
        let acceptor = Capped::new(DefaultAcceptor::new());
        let service = router.into_make_service();
        let result = match self.tls {
            None => server.acceptor(acceptor).serve(service).await,
            Some(config) => {
                let tls = RustlsAcceptor::new(config)
                    .handshake_timeout(HEADER_WITHIN)
                    .acceptor(acceptor);
                server.acceptor(tls).serve(service).await
            }
        };
        waiting.abort();
        Ok(result?)
    }
}

fn limit(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(HEADER_WITHIN)
        .max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(hyper_util::rt::TokioTimer::new())
        .max_concurrent_streams(64)
        .max_header_list_size(64 * 1024)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
}

/// Accepts up to [`MAX_CONNECTIONS`] connections and watches their writes.
#[derive(Debug, Clone)]
struct Capped<A> {
    inner: A,
    room: Arc<Semaphore>,
}

impl<A> Capped<A> {
    fn new(inner: A) -> Self {
        Capped {
            inner,
            room: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        }
    }
}

impl<A, S> Accept<TcpStream, S> for Capped<A>
where
    A: Accept<TcpStream, S, Stream = TcpStream, Service = S>,
    A::Future: Send + 'static,
    S: 'static,
{
    type Stream = Guarded;
    type Service = S;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Guarded, S)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let permit = Arc::clone(&self.room).try_acquire_owned();
        let inner = self.inner.accept(stream, service);
        Box::pin(async move {
            let permit = permit.map_err(|_full| io::ErrorKind::ConnectionRefused)?;
            let (stream, service) = inner.await?;
            // Answers are whole buffers; waiting for more to fill a packet only delays them.
            stream.set_nodelay(true)?;
            let stream = Guarded {
                stream,
                stalled: None,
                _permit: permit,
            };
            Ok((stream, service))
        })
    }
}

/// A connection that fails when the client takes too little of an answer for
/// [`TAKE_WITHIN`].
#[derive(Debug)]
struct Guarded {
    stream: TcpStream,
    stalled: Option<Stall>,
    _permit: OwnedSemaphorePermit,
}

/// Bytes wait for the client.
#[derive(Debug)]
struct Stall {
    until: Pin<Box<Sleep>>,
    /// Bytes taken since it began.
    taken: usize,
}

impl Guarded {
    fn watch(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Ready(Ok(taken)) => {
                if let Some(stall) = &mut self.stalled {
                    stall.taken += taken;
                    if stall.taken >= TAKE_LEAST {
                        self.stalled = None;
                    }
                }
                outcome
            }
            Poll::Ready(Err(_)) => outcome,
            Poll::Pending => {
                let stall = self.stalled.get_or_insert_with(|| Stall {
                    until: Box::pin(sleep(TAKE_WITHIN)),
                    taken: 0,
                });
                match stall.until.as_mut().poll(cx) {
                    Poll::Ready(()) => {
                        // What is not taken yet would stay in the system's
                        // memory for as long as the client likes.
                        self.stream.set_zero_linger()?;
                        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
                    }
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Only called once all was written: nothing waits any longer.
        self.stalled = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
