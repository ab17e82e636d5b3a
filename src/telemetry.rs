//! Log set-up: one line per event on standard error.

use tracing_subscriber::EnvFilter;

/// Begins logging. `GRIDMAP_LOG` says what, e.g. `gridmap=debug`; warnings and
/// the program's own notices are shown without it.
pub fn start() {
    let filter = EnvFilter::try_from_env("GRIDMAP_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,gridmap=info"));
    // A second start, in tests, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
