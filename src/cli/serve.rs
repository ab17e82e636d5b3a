//! The composition root: folder, store, service, socket, listener, stop.

use std::path::Path;
use std::sync::Arc;

use super::address::{StoreAddress, open_database};
use super::args::ServeArgs;
use super::handover::Listener;
use super::told::While as _;
use super::{Ending, demo, folder, say};
use crate::api::{AppState, Server, ServerOptions};
use crate::config::Environment;
use crate::service::{Service, ServiceOptions};
use crate::store::DataDir;

pub(super) async fn run(args: ServeArgs, environment: &Environment) -> anyhow::Result<Ending> {
    // Before anything is opened or filled: a refused address or a bad
    // certificate should be known at once.
    let server = Server::bind(&ServerOptions {
        listen: args.listen,
        tls: args.tls_cert.clone().zip(args.tls_key.clone()),
    })
    .await?;
    let address = match (&args.store.data, args.demo) {
        (None, true) => StoreAddress::Folder(environment.demo_folder(std::env::temp_dir())),
        _ => args.store.address(environment)?,
    };
    match address {
        StoreAddress::Folder(path) => serve_folder(&path, &args, server).await?,
        StoreAddress::Database(url) => {
            let service = Service::open(open_database(&url).await?, options(&args)).await?;
            serve(server, &service).await?;
        }
    }
    Ok(Ending::Done)
}

/// Serves the GeoPackage of a folder and takes imports over its socket.
async fn serve_folder(path: &Path, args: &ServeArgs, server: Server) -> anyhow::Result<()> {
    let folder = DataDir::create(path)?;
    let lock = folder::lock(&folder, || None::<()>).await?;
    if args.demo {
        say(&format!("data: {}\n", folder.path().display()));
        demo::prepare(&folder, args.fresh, args.until).await?;
    }
    let store = folder::open(&folder).await?;
    let service = Service::open(Arc::new(store), options(args)).await?;
    let listener = Listener::start(&folder, Arc::clone(&service)).while_doing(|| {
        let socket = folder.socket();
        let socket = socket.display();
        (
            format!("无法监听 {socket}"),
            format!("cannot listen on {socket}"),
        )
    })?;
    let served = serve(server, &service).await;
    drop(listener);
    drop(lock);
    served
}

fn options(args: &ServeArgs) -> ServiceOptions {
    ServiceOptions {
        tile_cache_bytes: args.tile_cache_mb.saturating_mul(1 << 20),
    }
}

/// Answers until the process is asked to stop, then closes the store.
async fn serve(server: Server, service: &Arc<Service>) -> anyhow::Result<()> {
    say(&format!("gridmap: {}\n", server.url()));
    let served = server
        .run(AppState::new(Arc::clone(service)), stopped())
        .await;
    service.close().await;
    Ok(served?)
}

/// Done when the process is asked to stop.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a handler there is no graceful stop; the store survives a kill.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
