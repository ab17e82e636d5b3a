//! Backgrounds of others: what is listed, and where tiles come from.

#[cfg(unix)]
mod chain;
mod files;
mod services;
mod upstream;

use gridmap::service::backgrounds::BackgroundOptions;
use serde_json::Value;

use crate::api::TestApp;

/// A server with these options and this setting.
async fn app(options: &BackgroundOptions, setting: &Value) -> TestApp {
    let mut app = TestApp::new().await;
    app.state = app.state.with_backgrounds(options);
    set(&app, setting).await;
    app
}

async fn set(app: &TestApp, setting: &Value) {
    let path = "/api/settings/backgrounds";
    let before = app.get(path).await;
    let headers = [
        ("if-match", before.header("etag")),
        ("content-type", "application/json"),
    ];
    let answer = app.change("PUT", path, &headers, Some(setting)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn list(app: &TestApp) -> Vec<Value> {
    let answer = app.json("/api/backgrounds").await;
    answer["backgrounds"].as_array().unwrap().clone()
}

/// The address of a tile of a background that is listed.
fn at(listed: &Value, member: &str, z: u8, x: u32, y: u32) -> String {
    let template = listed[member].as_str().unwrap();
    template
        .replace("{z}", &z.to_string())
        .replace("{x}", &x.to_string())
        .replace("{y}", &y.to_string())
}
