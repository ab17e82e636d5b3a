//! The composition root: folder, store, service, socket, listener, stop.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::ServeArgs;
use super::handover::Listener;
use super::told::{While as _, told};
use super::{Ending, demo, folder, say};
use crate::api::{AppState, Server, ServerOptions};
use crate::config::Environment;
use crate::service::{Service, ServiceOptions};
use crate::store::DataDir;

pub(super) async fn run(args: ServeArgs, environment: &Environment) -> anyhow::Result<Ending> {
    if args.database_url.is_some() {
        return Err(told(
            "--database-url：尚不支持 PostGIS；请用 --data 文件夹，数据保存在一个 GeoPackage 文件里",
            "--database-url: a PostGIS store is not available yet; use --data DIR, which keeps everything in one GeoPackage file",
        ));
    }
    // Before anything is opened or filled: a refused address or a bad
    // certificate should be known at once.
    let server = Server::bind(&ServerOptions {
        listen: args.listen,
        tls: args.tls_cert.clone().zip(args.tls_key.clone()),
    })
    .await?;
    let folder = DataDir::create(&data_folder(&args, environment)?)?;
    let lock = folder::lock(&folder, || None::<()>).await?;
    if args.demo {
        say(&format!("data: {}\n", folder.path().display()));
        demo::prepare(&folder, args.fresh, args.until).await?;
    }
    let store = folder::open(&folder).await?;
    let options = ServiceOptions {
        tile_cache_bytes: args.tile_cache_mb.saturating_mul(1 << 20),
    };
    let service = Service::open(Arc::new(store), options).await?;
    let listener = Listener::start(&folder, Arc::clone(&service)).while_doing(|| {
        let socket = folder.socket();
        let socket = socket.display();
        (
            format!("无法监听 {socket}"),
            format!("cannot listen on {socket}"),
        )
    })?;
    say(&format!("gridmap: {}\n", server.url()));
    let served = server
        .run(AppState::new(Arc::clone(&service)), stopped())
        .await;
    drop(listener);
    service.close().await;
    drop(lock);
    served?;
    Ok(Ending::Done)
}

fn data_folder(args: &ServeArgs, environment: &Environment) -> anyhow::Result<PathBuf> {
    match (&args.data, args.demo) {
        (Some(data), _) => Ok(data.clone()),
        (None, true) => Ok(environment.demo_folder(std::env::temp_dir())),
        (None, false) => Err(told(
            "请用 --data 文件夹 指定数据位置，或用 --demo",
            "--data DIR is needed, or --demo",
        )),
    }
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
