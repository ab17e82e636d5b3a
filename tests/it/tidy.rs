//! The architecture as a test: layering, purity, file sizes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

const LINE_LIMIT: usize = 600;

/// Words that must not occur in the bands that are pure.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant::now",
    "tokio::",
    "sqlx::",
    "axum::",
    "println!",
    "eprintln!",
];

/// Words of the domain that the toolkit must not know.
const DOMAIN: &[&str] = &["Incident", "Compound", "GridCode", "Subdistrict", "网格长"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Modules of `lib.rs` in order, with the band that each stands in.
fn modules() -> Vec<(String, &'static str)> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut band = "";
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("// --- ") {
            band = ["toolkit", "district", "server"]
                .into_iter()
                .find(|name| comment.starts_with(name))
                .unwrap();
        } else if let Some(module) = line.strip_prefix("pub mod ") {
            found.push((module.trim_end_matches(';').to_owned(), band));
        }
    }
    assert!(found.len() > 10, "lib.rs lists the modules");
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

/// Every source file with its top-level module and its text without comments
/// and in-file tests.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = root().join("src");
    let mut all = Vec::new();
    for path in rust_files(&src) {
        let relative = path.strip_prefix(&src).unwrap().to_path_buf();
        let first = relative.iter().next().unwrap().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if module == "lib" || module == "main" || relative.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        all.push((module, relative, code));
    }
    all
}

#[test]
fn a_module_uses_only_modules_listed_above_it() {
    let modules = modules();
    let order: HashMap<&str, usize> = modules
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (name.as_str(), at))
        .collect();
    let mut wrong = Vec::new();
    for (module, path, code) in sources() {
        for piece in code.split("crate::").skip(1) {
            let used: String = piece
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            match (order.get(used.as_str()), order.get(module.as_str())) {
                (Some(theirs), Some(ours)) if theirs > ours => {
                    wrong.push(format!("{} uses crate::{used}", path.display()));
                }
                _ => {}
            }
        }
        assert!(
            !code.contains("crate::{"),
            "{}: write one `use crate::module::…` per module",
            path.display()
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_core_is_pure_and_the_toolkit_knows_no_district() {
    let bands: HashMap<String, &str> = modules().into_iter().collect();
    let mut wrong = Vec::new();
    for (module, path, code) in sources() {
        let words: &[&[&str]] = match bands.get(&module).copied() {
            Some("toolkit") => &[IMPURE, DOMAIN],
            Some("district") => &[IMPURE],
            _ => &[],
        };
        for word in words.iter().flat_map(|list| list.iter()) {
            if code.contains(word) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_readable() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for path in rust_files(&root().join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next();
            let lines = code.map_or(0, |code| code.lines().count());
            if lines > LINE_LIMIT {
                long.push(format!("{}: {lines} lines", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "over {LINE_LIMIT} lines: {long:#?}");
}

#[test]
fn sql_is_constant() {
    let loose: Vec<String> = sources()
        .into_iter()
        .filter(|(_, path, code)| {
            // Tables of foreign files and extra columns have names that no
            // constant knows.
            let foreign = path.ends_with("gpkg/foreign.rs") || path.ends_with("gpkg/package.rs");
            code.contains("AssertSqlSafe") || code.contains("QueryBuilder") && !foreign
        })
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(loose.is_empty(), "SQL built at run time: {loose:#?}");
}
