//! What the integration tests share.

use std::io::Write;
use std::path::PathBuf;

/// A file of the data sets that belong to other people and are therefore not
/// committed, e.g. `fixture("geodata/montreal_streets.geojson")`.
///
/// `GRIDMAP_FIXTURES` names the folder that holds them. Without it the test is
/// skipped, and says so past the capture of the test harness.
#[allow(dead_code, reason = "every data set may be absent from a checkout")]
pub(crate) fn fixture(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os("GRIDMAP_FIXTURES")
        .map(|folder| PathBuf::from(folder).join(name))
        .filter(|path| path.exists());
    if found.is_none() {
        // A test harness captures `eprintln!`; a skipped test must be seen.
        let _ = writeln!(std::io::stderr(), "SKIPPED {name}: needs GRIDMAP_FIXTURES");
    }
    found
}
