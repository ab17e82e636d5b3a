//! The OpenAPI document and the server say the same.

use serde_json::Value;

use crate::api::TestApp;

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            all.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    all
}

/// An address with every path parameter filled in.
fn address(path: &str, id: &str) -> String {
    let path = match path {
        // A proposal is there for half an hour only: see `grid_edits`.
        path if path.starts_with("/api/grids/propose/") => return path.to_owned(),
        "/tiles/{layers}" => "/tiles/grids",
        "/tiles/{layers}/{z}/{x}/{y}" => "/tiles/grids/14/13529/6662",
        "/background/osm/{z}/{x}/{y}" => "/background/osm/14/13529/6662",
        // A session of its own is needed; `api_imports.rs` has them.
        path if path.starts_with("/api/imports/{id}") => {
            return path.replace("{id}", "00000000000000000000000000000000");
        }
        "/background/{id}/{z}/{x}/{y}" => "/background/0000000000/14/13529/6662",
        "/background/{id}/labels/{z}/{x}/{y}" => "/background/0000000000/labels/14/13529/6662",
        path => path,
    };
    path.replace("{layer}", "incidents")
        .replace("{id}", id)
        .replace("{revision}", "1")
        .replace("{name}", "teams")
}

#[tokio::test]
async fn every_documented_parameter_is_known_and_no_other() {
    let app = TestApp::new().await;
    let id = app.first_id("incidents").await;
    let document = app.json("/openapi.json").await;
    let operations = operations(&document);
    assert!(operations.len() >= 25, "{}", operations.len());
    for (method, path, operation) in operations {
        if method != "GET" || path == "/api/events" || path.ends_with("/events") {
            continue;
        }
        let here = address(&path, &id);
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let query: Vec<&str> = parameters
            .iter()
            .filter(|p| p["in"] == "query")
            .map(|p| p["name"].as_str().unwrap())
            .collect();
        for name in &query {
            // A value that nothing takes: it may be refused, but as a value.
            let answer = app.get(&format!("{here}?{name}=%01")).await;
            assert!(
                answer.status.as_u16() < 500,
                "{here} {name}: {}",
                answer.text()
            );
            if answer.status == 400 {
                let code = answer.json()["code"].clone();
                assert_ne!(code, "unknown-parameter", "{here}: {name} is documented");
            }
        }
        let answer = app.get(&format!("{here}?no_such_parameter=1")).await;
        assert_eq!(answer.status, 400, "{here}");
    }
}

#[tokio::test]
async fn documented_addresses_exist() {
    let app = TestApp::new().await;
    let id = app.first_id("incidents").await;
    let document = app.json("/openapi.json").await;
    for (method, path, operation) in operations(&document) {
        if path == "/api/events" {
            continue;
        }
        for member in ["operationId", "summary", "responses", "tags"] {
            assert!(!operation[member].is_null(), "{path} has no {member}");
        }
        if method == "GET" {
            // These live for half an hour, an undo needs a write, a tile of
            // the imported background an import.
            let passing = path.starts_with("/api/grids/propose/")
                || path.starts_with("/api/imports/{id}")
                || path.starts_with("/background/osm/")
                // Nothing is set and no file is there.
                || path.starts_with("/background/{id}/")
                || path == "/api/writes/{revision}/undo";
            let there = app.get(&address(&path, &id)).await.status != 404;
            assert!(there || passing, "{path}");
            continue;
        }
        let allowed = app.change("OPTIONS", &address(&path, &id), &[], None).await;
        assert!(
            allowed
                .header("allow")
                .split(',')
                .any(|m| m.trim() == method),
            "{method} {path}: {}",
            allowed.header("allow")
        );
    }
}

#[tokio::test]
async fn references_lead_somewhere() {
    let app = TestApp::new().await;
    let document = app.json("/openapi.json").await;
    let text = document.to_string();
    let mut count = 0;
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(
            document.pointer(pointer).is_some(),
            "{pointer} leads nowhere"
        );
        count += 1;
    }
    assert!(count > 20);
}

/// The document knows a schema by its name alone: of two types with one name,
/// one would describe the other's answers.
#[test]
fn no_two_schemas_have_one_name() {
    let mut seen = std::collections::HashMap::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src"
    ))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for part in text.split("#[derive(").skip(1) {
                let (derived, rest) = part.split_once(")]").unwrap();
                if !derived.contains("ToSchema") {
                    continue;
                }
                // Attributes stand between the derive and the type.
                let mut lines = rest.lines().map(str::trim).skip(1);
                let renamed = |line: &str| {
                    let name = line.split("schema(as = ").nth(1)?;
                    Some(name.split(')').next()?.to_owned())
                };
                let named = |line: &str| {
                    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
                    words.find(|word| matches!(*word, "struct" | "enum"))?;
                    words.next().map(str::to_owned)
                };
                let name = lines
                    .find_map(|line| match line.starts_with("//") {
                        true => None,
                        false => renamed(line).or_else(|| named(line)),
                    })
                    .expect("a derive stands before a type");
                let before = seen.insert(name.clone(), path.clone());
                assert_eq!(before, None, "{name} is also in {}", path.display());
            }
        }
    }
    assert!(seen.len() > 20, "{seen:?}");
}
