//! Settings as plain data. Builds nothing and opens nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Where the server listens unless told otherwise.
pub const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Reads a variable of the process that holds the key of a background, or says
/// whom that may be sent to. Settings name such variables; the prefix keeps
/// them from naming others.
pub fn background_variable(name: &str) -> Option<String> {
    name.starts_with("GRIDMAP_")
        .then(|| std::env::var(name).ok())
        .flatten()
}

/// Memory for finished tiles unless told otherwise, megabytes.
pub const DEFAULT_TILE_CACHE_MB: usize = 64;

/// Seed of the demo district.
pub const DEMO_SEED: u64 = 1;

/// The environment, as far as the program reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `XDG_CACHE_HOME`.
    pub cache_home: Option<PathBuf>,
    /// `HOME`, or `USERPROFILE` on Windows.
    pub home: Option<PathBuf>,
    /// `GRIDMAP_DATABASE_URL`.
    pub database_url: Option<String>,
    /// The first that is set of `LC_ALL`, `LC_MESSAGES`, `LANG`.
    pub locale: Option<String>,
}

impl Environment {
    /// Reads the environment of the process.
    pub fn read() -> Environment {
        let path = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Environment {
            cache_home: path("XDG_CACHE_HOME").map(PathBuf::from),
            home: path("HOME")
                .or_else(|| path("USERPROFILE"))
                .map(PathBuf::from),
            database_url: std::env::var("GRIDMAP_DATABASE_URL")
                .ok()
                .filter(|url| !url.is_empty()),
            locale: ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty())),
        }
    }

    /// The folder of the demo: `gridmap/demo` in the user's cache, else in the
    /// folder for temporary files that the caller knows.
    pub fn demo_folder(&self, temporary: PathBuf) -> PathBuf {
        let cache = match (&self.cache_home, &self.home) {
            (Some(cache), _) if cache.is_absolute() => cache.clone(),
            (_, Some(home)) => home.join(".cache"),
            _ => temporary,
        };
        cache.join("gridmap").join("demo")
    }

    /// True if messages should be Chinese.
    pub fn speaks_chinese(&self) -> bool {
        self.locale
            .as_deref()
            .is_some_and(|locale| locale.starts_with("zh"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_goes_into_the_users_cache() {
        let environment = |cache: Option<&str>, home: Option<&str>| Environment {
            cache_home: cache.map(PathBuf::from),
            home: home.map(PathBuf::from),
            database_url: None,
            locale: None,
        };
        let folder = |e: Environment| e.demo_folder(PathBuf::from("/tmp"));
        assert_eq!(
            folder(environment(Some("/c"), Some("/h"))),
            PathBuf::from("/c/gridmap/demo")
        );
        assert_eq!(
            folder(environment(Some("relative"), Some("/h"))),
            PathBuf::from("/h/.cache/gridmap/demo")
        );
        assert_eq!(
            folder(environment(None, None)),
            PathBuf::from("/tmp/gridmap/demo")
        );
    }
}
