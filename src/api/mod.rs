//! The network edge: HTTP in, the service's answers out.
//!
//! A handler reads what was asked through the door types of [`extract`] and
//! [`params`], asks the service or a query over one snapshot, and writes a
//! view. One file per resource.

pub mod client;
pub mod edge;
pub mod encode;
pub mod error;
pub mod extract;
pub mod feature;
pub mod format;
pub mod html;
pub mod lang;
pub mod link;
pub mod params;
pub mod respond;
pub mod server;
pub mod state;

mod along;
mod backgrounds;
mod body;
mod categories;
mod check;
mod collections;
mod conformance;
mod coordinates;
mod counts;
mod document;
mod edits;
mod events;
mod export;
mod export_package;
mod export_rows;
mod grid_edits;
mod health;
mod here;
mod histogram;
mod history;
mod hits;
mod imports;
mod inside;
mod item_edits;
mod items;
mod items_html;
mod landing;
mod map_image;
mod meta;
mod nearest;
mod openapi;
mod precondition;
mod proposals;
mod queryables;
mod search;
mod settings;
mod stats;
mod style;
mod summary;
mod tilejson;
mod tiles;
mod tileset;
mod values;
mod within;
mod writes;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub use error::{Error, Problem};
pub use export::export_file;
pub use export_package::export_package;
pub use lang::Lang;
pub use server::{ServeError, Server, ServerOptions};
pub use state::AppState;

/// All addresses, with what holds for each of them around.
pub fn router(state: AppState) -> Router {
    let hosts = state.hosts;
    let addresses = addresses()
        .fallback(edge::no_such_address)
        .with_state(state);
    guarded(addresses, hosts)
}

/// Puts around some addresses what holds for every request and answer. The
/// last layer named is the first that a request meets.
pub fn guarded(addresses: Router, hosts: edge::Hosts) -> Router {
    // As a service of its own: layers put on the router itself would not see
    // the `Allow` that it adds to a 405.
    Router::new()
        .fallback_service(addresses)
        .layer(from_fn(edge::deadline))
        .layer(CatchPanicLayer::custom(edge::panicked))
        .layer(from_fn(edge::options))
        .layer(from_fn_with_state(hosts, edge::guard))
        .layer(from_fn(edge::localize))
        .layer(from_fn(encode::compress))
        .layer(from_fn(edge::secure))
}

fn addresses() -> Router<AppState> {
    Router::new()
        .merge(imports::addresses())
        .merge(backgrounds::addresses())
        .route("/", get(landing::landing))
        .route("/conformance", get(conformance::conformance))
        .route("/openapi.json", get(document::openapi))
        .route("/api.html", get(document::page))
        .route("/collections", get(collections::collections))
        .route("/collections/{layer}", get(collections::collection))
        .route(
            "/collections/{layer}/queryables",
            get(queryables::queryables),
        )
        .route(
            "/collections/{layer}/items",
            get(items::items).post(item_edits::create),
        )
        .route(
            "/collections/{layer}/items/{id}",
            get(items::item)
                .put(item_edits::replace)
                .patch(item_edits::update)
                .delete(item_edits::delete),
        )
        .route("/api/edits", post(edits::edits))
        .route(
            "/api/settings/{name}",
            get(settings::get).put(settings::put),
        )
        .route("/api/settings/{name}/history", get(settings::history))
        .route("/api/categories", get(categories::get).put(categories::put))
        .route("/api/history/{layer}/{id}", get(history::history))
        .route("/api/history/{layer}/{id}/restore", post(history::restore))
        .route("/tiles/{layers}", get(tilejson::tilejson))
        .route("/tiles/{layers}/{z}/{x}/{y}", get(tiles::tile))
        .route("/style.json", get(style::style))
        .route("/map.png", get(map_image::map_image))
        .route("/healthz", get(health::healthz))
        .route("/api/meta", get(meta::meta))
        .route("/api/counts", get(counts::counts))
        .route("/api/stats/grids", get(stats::grids))
        .route("/api/histogram", get(histogram::histogram))
        .route("/api/values", get(values::values))
        .route("/api/here", get(here::here))
        .route("/api/nearest", get(nearest::nearest))
        .route("/api/within", get(within::within))
        .route("/api/along", get(along::along))
        .route("/api/inside", post(inside::inside))
        .route("/api/search", get(search::search))
        .route("/api/feature/{layer}/{id}/summary", get(summary::summary))
        .route("/api/export/{layer}", get(export::export))
        .route(
            "/api/check/grids",
            get(check::grids).post(grid_edits::check),
        )
        .route("/api/grids/split", post(grid_edits::split))
        .route("/api/grids/merge", post(grid_edits::merge))
        .route("/api/grids/propose", post(proposals::propose))
        .route(
            "/api/grids/propose/{id}",
            get(proposals::get).delete(proposals::cancel),
        )
        .route("/api/grids/propose/{id}/move", post(proposals::move_face))
        .route("/api/grids/propose/{id}/save", post(proposals::save))
        .route("/api/events", get(events::events))
        .route("/api/writes", get(writes::writes))
        .route(
            "/api/writes/{revision}/undo",
            get(writes::plan).post(writes::undo),
        )
        .route("/page.css", get(client::page_css))
        .route("/assets/{*path}", get(client::asset))
        .route("/favicon.ico", get(client::fixed))
        .route("/favicon.svg", get(client::fixed))
        .route("/manifest.webmanifest", get(client::fixed))
}
