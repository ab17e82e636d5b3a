//! HTTPS with a certificate of one's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::process::{Server, run};

/// A certificate for this machine that signs itself, and its key.
fn pair(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-out",
        ])
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl is there; tests/setup.sh installs it");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    (certificate, key)
}

/// Asks as a client that trusts this certificate alone.
pub(crate) fn curl(certificate: &Path, more: &[&str]) -> Output {
    Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--include",
            "--max-time",
            "20",
            "--cacert",
        ])
        .arg(certificate)
        .args(more)
        .output()
        .expect("curl is there; tests/setup.sh installs it")
}

fn text(output: &Output) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    String::from_utf8_lossy(&output.stdout).into_owned() + &err
}

#[test]
fn a_server_with_a_certificate_speaks_https_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = pair(folder.path());
    let data = folder.path().join("data");
    let tls = [
        "--data",
        data.to_str().unwrap(),
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let server = Server::of(&tls);
    let port = server.address.rsplit(':').next().unwrap();

    for host in ["localhost", "127.0.0.1"] {
        let base = format!("https://{host}:{port}");
        let health = curl(&certificate, &[&format!("{base}/healthz")]);
        let said = text(&health);
        assert!(health.status.success(), "{said}");
        assert!(
            said.contains("200") && said.contains("\"status\":\"ok\""),
            "{said}"
        );
        // Links name the scheme that the client used.
        let landing = curl(&certificate, &[&format!("{base}/collections?f=json")]);
        let said = text(&landing);
        assert!(
            said.contains(&format!("{base}/collections/grids")),
            "{said}"
        );
        assert!(
            !said.contains("http://localhost") && !said.contains("http://127"),
            "{said}"
        );
    }
    let old = curl(
        &certificate,
        &["--http1.1", &format!("https://localhost:{port}/healthz")],
    );
    assert!(
        old.status.success() && text(&old).starts_with("HTTP/1.1 200"),
        "{}",
        text(&old)
    );

    // A client that does not know the certificate, and one without TLS.
    let stranger = Command::new("curl")
        .args([
            "--silent",
            "--max-time",
            "20",
            &format!("https://localhost:{port}/healthz"),
        ])
        .output()
        .unwrap();
    assert_eq!(stranger.status.code(), Some(60), "{}", text(&stranger));
    let bare = curl(&certificate, &[&format!("http://localhost:{port}/healthz")]);
    assert!(!text(&bare).contains("\"status\""), "{}", text(&bare));
    let after = curl(
        &certificate,
        &[&format!("https://localhost:{port}/healthz")],
    );
    assert!(after.status.success(), "{}", text(&after));
}

#[test]
fn a_bad_pair_is_told_before_anything_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, _) = pair(folder.path());
    let certificate = certificate.to_str().unwrap();
    let data = folder.path().join("data");
    for key in [certificate, "/nowhere.pem"] {
        let output = run(&[
            "serve",
            "--data",
            data.to_str().unwrap(),
            "--listen",
            "127.0.0.1:0",
            "--tls-cert",
            certificate,
            "--tls-key",
            key,
        ]);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains(key) && said.contains("cannot use certificate"),
            "{said}"
        );
    }
    assert!(!data.exists());
}
