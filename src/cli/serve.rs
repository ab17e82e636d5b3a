//! The composition root: folder, store, service, socket, listener, stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::address::{StoreAddress, open_database};
use super::args::ServeArgs;
use super::handover::Listener;
use super::told::While as _;
use super::{Ending, demo, folder, say};
use crate::api::{AppState, Server, ServerOptions};
use crate::config::{Environment, background_variable};
use crate::service::backgrounds::BackgroundOptions;
use crate::service::{Service, ServiceOptions};
use crate::store::DataDir;

/// How long the threads of a load live on without work, and a little more;
/// what they held is free only then.
const AFTER_LOAD: Duration = Duration::from_secs(12);

pub(super) async fn run(
    args: ServeArgs,
    environment: &Environment,
    give_back: fn(),
) -> anyhow::Result<Ending> {
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
        StoreAddress::Folder(path) => serve_folder(&path, &args, server, give_back).await?,
        StoreAddress::Database(url) => {
            let service = Service::open(open_database(&url).await?, options(&args)).await?;
            serve(server, &service, backgrounds(&args, None), give_back).await?;
        }
    }
    Ok(Ending::Done)
}

/// Serves the GeoPackage of a folder and takes imports over its socket.
async fn serve_folder(
    path: &Path,
    args: &ServeArgs,
    server: Server,
    give_back: fn(),
) -> anyhow::Result<()> {
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
    let others = backgrounds(args, Some(folder.backgrounds()));
    let served = serve(server, &service, others, give_back).await;
    drop(listener);
    drop(lock);
    served
}

fn options(args: &ServeArgs) -> ServiceOptions {
    ServiceOptions {
        tile_cache_bytes: args.tile_cache_mb.saturating_mul(1 << 20),
    }
}

/// Where maps of others are, and whom to ask for them.
fn backgrounds(args: &ServeArgs, folder: Option<PathBuf>) -> BackgroundOptions {
    BackgroundOptions {
        folder: args.backgrounds.clone().or(folder),
        only_hosts: args.background_hosts.clone(),
        variable: background_variable,
        ..BackgroundOptions::default()
    }
}

/// Answers until the process is asked to stop, then closes the store.
async fn serve(
    server: Server,
    service: &Arc<Service>,
    backgrounds: BackgroundOptions,
    give_back: fn(),
) -> anyhow::Result<()> {
    let tidy = tokio::spawn(async move {
        tokio::time::sleep(AFTER_LOAD).await;
        give_back();
    });
    say(&format!("gridmap: {}\n", server.url()));
    let state = AppState::new(Arc::clone(service)).with_backgrounds(&backgrounds);
    let served = server.run(state, stopped()).await;
    tidy.abort();
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
