//! Stores as the command line sees them: both kinds, and from one to the other.

use std::path::Path;
use std::process::Output;

use crate::cli::table;
use crate::postgres::{Cluster, eventually};
use crate::process::{Server, run};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Runs a command that must succeed; answers what it prints.
fn done(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn refused(arguments: &[&str], why: &str) {
    let Output { status, stderr, .. } = run(arguments);
    assert_eq!(status.code(), Some(2), "{arguments:?}");
    assert!(text(&stderr).contains(why), "{}", text(&stderr));
}

fn import(store: &[&str], file: &Path) {
    let file = file.to_str().unwrap();
    let more = ["--crs", "wgs84", "--set", "kind=hotline", "--json"];
    done(&[&["import", "incidents", file], &more[..], store].concat());
}

fn hash(store: &[&str]) -> String {
    let hash = done(&[&["hash"], store].concat());
    assert_eq!(hash.len(), 64);
    hash
}

#[test]
fn a_folder_is_backed_up_restored_and_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (a, b, c) = (path("a"), path("b"), path("c"));
    let (backup, file) = (path("backup.gpkg"), path("rows.csv"));
    std::fs::write(&file, table(0, 100, "占道经营")).unwrap();
    let of = |name: &'static str, folder: &str| [name.to_owned(), folder.to_owned()];
    let [data, a_dir] = of("--data", &a);
    let store_a = [data.as_str(), a_dir.as_str()];
    import(&store_a, Path::new(&file));
    done(&["backup", &backup, "--data", &a]);
    let original = hash(&store_a);

    let told = done(&["restore", &backup, "--data", &b]);
    assert!(told.contains(&original), "{told}");
    assert_eq!(hash(&["--data", &b]), original);
    done(&["copy", "--from", &a, "--to", &c]);
    assert_eq!(hash(&["--data", &c]), original);

    std::fs::write(&file, table(100, 10, "占道经营")).unwrap();
    import(&["--data", &b], Path::new(&file));
    let more = hash(&["--data", &b]);
    assert_ne!(more, original);
    refused(&["restore", &backup, "--data", &b], "--replace");
    refused(&["copy", "--from", &a, "--to", &b], "110 rows");
    assert_eq!(hash(&["--data", &b]), more, "untouched");
    done(&["restore", &backup, "--data", &b, "--replace"]);
    assert_eq!(hash(&["--data", &b]), original);
    // What was there before is still there, and can be put back.
    let kept = format!("{b}/gridmap-before-restore.gpkg");
    done(&["restore", &kept, "--data", &b, "--replace"]);
    assert_eq!(hash(&["--data", &b]), more);

    refused(&["copy", "--from", &a, "--to", &a], "same store");
    refused(
        &["restore", &file, "--data", &b, "--replace"],
        "not a GeoPackage",
    );
    assert_eq!(hash(&["--data", &b]), more, "untouched");
    refused(&["hash"], "--data DIR");
    refused(
        &["hash", "--data", &a, "--database-url", "postgres://h/d"],
        "not both",
    );
    refused(&["hash", "--database-url", "mysql://h/d"], "postgres://");
}

#[test]
fn a_database_does_what_a_folder_does() {
    let Some(cluster) = Cluster::start("a_database_does_what_a_folder_does") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (data, file, backup) = (path("a"), path("rows.csv"), path("backup.gpkg"));
    let (first, second) = (cluster.database(), cluster.database());
    let database = ["--database-url", first.as_str()];
    let mut rows = table(0, 3000, "占道经营");
    rows += "h9999,117.3,31.9,2031-01-01 09:00,占道经营,not in any month made before\n";
    std::fs::write(&file, &rows).unwrap();
    import(&["--data", &data], Path::new(&file));
    import(&database, Path::new(&file));
    let wanted = hash(&["--data", &data]);
    assert_eq!(hash(&database), wanted, "the same file in either store");
    let csv = |store: &[&str]| done(&[&["export", "incidents", "--format", "csv"], store].concat());
    let lines = |text: String| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(csv(&database)), lines(csv(&["--data", &data])));

    done(&["backup", &backup, "--database-url", &first]);
    done(&["restore", &backup, "--database-url", &second]);
    assert_eq!(hash(&["--database-url", &second]), wanted);
    refused(&["copy", "--from", &data, "--to", &second], "--replace");
    done(&["copy", "--from", &first, "--to", &path("b")]);
    assert_eq!(hash(&["--data", &path("b")]), wanted);
    let categories = done(&["categories", "--database-url", &first]);
    assert!(categories.lines().count() > 10, "{categories}");

    let server = Server::of(&database);
    assert_eq!(server.incidents(), 3001);
    let name = first.rsplit('/').next().unwrap();
    cluster.psql(name, "DELETE FROM gridmap.incidents WHERE source_id = 'h5'");
    eventually("the edit is served", || server.incidents() == 3000);
    // By the command line beside the running server.
    std::fs::write(&file, table(0, 10, "占道经营")).unwrap();
    import(&database, Path::new(&file));
    eventually("the import is served", || server.incidents() == 3001);
    cluster.crash();
    assert_eq!(server.incidents(), 3001, "from memory");
    let refused_import = run(&[
        "import",
        "incidents",
        &file,
        "--crs",
        "wgs84",
        "--database-url",
        &first,
    ]);
    assert_eq!(refused_import.status.code(), Some(2));
    let why = text(&refused_import.stderr);
    assert!(why.contains("database"), "{why}");
    cluster.restart();
    cluster.psql(name, "DELETE FROM gridmap.incidents WHERE source_id = 'h6'");
    eventually("in sync again", || server.incidents() == 3000);
}
