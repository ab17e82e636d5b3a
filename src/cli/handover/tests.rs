use std::sync::Arc;

use super::*;
use crate::model::ChangeSet;
use crate::service::{Batch, Rows, Service};
use crate::store::DataDir;
use crate::store::tests::{audit, everything, incident};

fn batch(ids: &[&str]) -> Batch {
    Batch {
        rows: Rows::Incidents(ids.iter().map(|id| incident(id, 117.25)).collect()),
        new_categories: Vec::new(),
        extra_columns: Vec::new(),
    }
}

/// A folder whose path has at least so many bytes.
fn folder(length: usize) -> (tempfile::TempDir, DataDir) {
    let temporary = tempfile::tempdir().unwrap();
    let mut path = temporary.path().to_owned();
    while path.as_os_str().len() < length {
        path.push("一个很长的文件夹名");
    }
    let folder = DataDir::create(&path).unwrap();
    (temporary, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_reach_the_server_whatever_the_length_of_the_path() {
    for length in [0, 150] {
        let (_temporary, folder) = folder(length);
        assert!(Server::find(&folder).unwrap().is_none());
        let service = Service::in_memory(everything()).await.unwrap();
        let listener = Listener::start(&folder, Arc::clone(&service)).unwrap();
        let mut events = service.subscribe();
        let mut server = Server::find(&folder).unwrap().expect("a server");
        assert_eq!(server.categories().items().len(), 1);
        let outcome = tokio::task::block_in_place(|| {
            server.import(&batch(&["1", "3", "4"]), false, audit(), None)
        })
        .unwrap();
        assert_eq!((outcome.new, outcome.updated, outcome.stored), (2, 1, true));
        assert_eq!(service.snapshot().incidents.len(), 4);
        assert_eq!(events.recv().await.unwrap().revision, outcome.revision);
        // A second file over the same connection.
        let again = tokio::task::block_in_place(|| {
            server.import(&batch(&["1", "3", "4"]), false, audit(), None)
        })
        .unwrap();
        assert_eq!((again.new, again.unchanged), (0, 3));
        drop(listener);
        assert!(Server::find(&folder).unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leftover_socket_is_replaced_and_only_the_owner_may_connect() {
    use std::os::unix::fs::PermissionsExt;
    let (_temporary, folder) = folder(0);
    drop(std::os::unix::net::UnixListener::bind(folder.socket()).unwrap());
    assert!(folder.socket().exists());
    assert!(Server::find(&folder).unwrap().is_none());
    let service = Service::in_memory(ChangeSet::default()).await.unwrap();
    let _listener = Listener::start(&folder, service).unwrap();
    assert!(Server::find(&folder).unwrap().is_some());
    let mode = std::fs::metadata(folder.socket())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_breaks_off_stores_nothing() {
    use std::io::Write;
    let (_temporary, folder) = folder(0);
    let service = Service::in_memory(ChangeSet::default()).await.unwrap();
    let _listener = Listener::start(&folder, Arc::clone(&service)).unwrap();
    let mut stream = std::os::unix::net::UnixStream::connect(folder.socket()).unwrap();
    let request = Request::Import {
        layer: LayerName::Incidents,
        rows: 2,
        new_categories: Vec::new(),
        extra_columns: Vec::new(),
        dry_run: false,
        audit: audit(),
        key: None,
    };
    writeln!(stream, "{}", serde_json::to_string(&request).unwrap()).unwrap();
    let row = serde_json::to_string(&incident("1", 117.0)).unwrap();
    writeln!(stream, "{row}").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert_eq!(answer.lines().count(), 1, "only the greeting: {answer}");
    assert_eq!(service.snapshot().incidents.len(), 0);
}
