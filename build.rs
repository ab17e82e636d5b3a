//! Builds the browser client into `$OUT_DIR/web`, from where it is embedded.
//!
//! `WEB_MAP=auto` (default) builds when npm is there and else warns: the API
//! works without the client. `force` makes a missing npm an error (CI);
//! `skip` leaves the client out (quick work on the Rust side).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() {
    for path in [
        "src",
        "build",
        "public",
        "index.html",
        "package.json",
        "package-lock.json",
        "vite.config.ts",
        "tsconfig.json",
    ] {
        // A path that does not exist would make every build rerun this script.
        if Path::new("web-map").join(path).exists() {
            println!("cargo:rerun-if-changed=web-map/{path}");
        }
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=WEB_MAP");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("web");
    let mode = env::var("WEB_MAP").unwrap_or_else(|_| "auto".to_owned());
    let result = match mode.as_str() {
        "skip" => clear(&out),
        "auto" if !npm_exists() => clear(&out).map(|()| {
            println!(
                "cargo:warning=npm was not found: the browser map is left out, the API works. \
                 Install Node.js 20 with npm and build again to have the map."
            );
        }),
        "auto" | "force" => build(&out),
        other => Err(format!("WEB_MAP is `{other}`; use auto, force or skip")),
    };
    if let Err(error) = result {
        // Rust code is fine without the client, so only `force` stops here.
        if mode == "auto" {
            println!("cargo:warning=the browser map is left out: {error}");
            if let Err(error) = clear(&out) {
                println!("cargo:warning={error}");
            }
        } else {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}

/// Leaves an empty folder, so that embedding finds nothing but succeeds.
fn clear(out: &Path) -> Result<(), String> {
    match fs::remove_dir_all(out) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(format!("cannot empty {}: {error}", out.display()));
        }
        _ => {}
    }
    fs::create_dir_all(out).map_err(|error| format!("cannot create {}: {error}", out.display()))
}

fn npm_exists() -> bool {
    Command::new("npm")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

fn build(out: &Path) -> Result<(), String> {
    let root = Path::new("web-map");
    if !is_installed(root) {
        run(
            root,
            "npm",
            &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        )?;
    }
    let out = out.to_str().ok_or("OUT_DIR is not UTF-8")?;
    run(
        root,
        "npx",
        &[
            "--no-install",
            "vite",
            "build",
            "--outDir",
            out,
            "--emptyOutDir",
        ],
    )
}

/// True if `node_modules` was installed from the lock file as it is now.
fn is_installed(root: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    match (
        modified(&root.join("package-lock.json")),
        modified(&root.join("node_modules/.package-lock.json")),
    ) {
        (Some(lock), Some(installed)) => lock <= installed,
        _ => false,
    }
}

/// Runs a program and fails on its exit status, with what it printed.
fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "`{program} {}` failed:\n{}\n{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}
