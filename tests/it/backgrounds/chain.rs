//! The program as a process: folders, variables, an office's own certificate.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::files::Made;
use crate::process::{Server, gridmap};
use crate::tls::curl;

fn serve(arguments: &[&str], variables: &[(&str, &str)]) -> Server {
    let mut command = gridmap(&["serve", "--listen", "127.0.0.1:0"]);
    let child = command.args(arguments).envs(variables.iter().copied());
    let mut child = child
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim().rsplit("://").next().unwrap();
    let address = address.trim_end_matches('/').to_owned();
    Server::told(child, address)
}

/// An answer as text, head and all.
fn ask(server: &Server, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let host = &server.address;
    let length = body.len();
    let request = format!(
        "{head}\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The certificate of an office, and one that it signed for this machine with
/// its key.
fn office(folder: &Path) -> [PathBuf; 3] {
    let file = |name: &str| folder.join(name);
    let openssl = |arguments: &str| {
        let made = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(folder)
            .output()
            .expect("openssl is there; tests/setup.sh installs it");
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
    };
    let fresh = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!(
        "req -x509 {fresh} -days 2 -subj /CN=office -keyout ca.key -out ca.pem"
    ));
    let name = "-subj /CN=localhost -addext subjectAltName=DNS:localhost";
    openssl(&format!("req {fresh} {name} -keyout own.key -out own.csr"));
    openssl(
        "x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out own.pem",
    );
    [file("ca.pem"), file("own.pem"), file("own.key")]
}

fn set(server: &Server, setting: &Value) {
    let before = ask(server, "GET /api/settings/backgrounds HTTP/1.1", "");
    let tag = before.to_lowercase();
    let tag = tag
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap();
    let head = format!(
        "PUT /api/settings/backgrounds HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: {tag}"
    );
    let answer = ask(server, &head, &setting.to_string());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn tile(server: &Server, listed: &Value) -> String {
    let path = listed["tiles"].as_str().unwrap();
    let path = path
        .replace("{z}", "6")
        .replace("{x}", "1")
        .replace("{y}", "1");
    ask(server, &format!("GET {path} HTTP/1.1"), "")
}

/// One server is the tile service of another, over HTTPS with a certificate
/// that no system knows.
#[test]
fn a_service_with_the_certificate_of_an_office() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let [office, certificate, key] = office(folder.path());
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    // The folder beside the data is found by itself.
    Made::picture().put(&folder.path().join("upstream/backgrounds"), "p.pmtiles");
    let upstream = serve(
        &[
            "--data",
            &path("upstream"),
            "--tls-cert",
            certificate,
            "--tls-key",
            key,
        ],
        &[],
    );
    let port = upstream.address.rsplit(':').next().unwrap();
    let said = curl(
        &office,
        &[&format!("https://localhost:{port}/api/backgrounds")],
    );
    let said = String::from_utf8(said.stdout).unwrap();
    let listed: Value = serde_json::from_str(said.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let template = listed["backgrounds"][0]["tiles"].as_str().unwrap();
    let template = template.split('?').next().unwrap();

    let setting = json!([{"name": "上级", "url": format!("https://localhost:{port}{template}?v={{key}}"),
        "minzoom": 0, "maxzoom": 18, "tile_size": 256, "scheme": "xyz", "datum": "wgs84",
        "key_ref": "GRIDMAP_OFFICE_KEY"}]);
    let key = [
        ("GRIDMAP_OFFICE_KEY", "k"),
        ("GRIDMAP_OFFICE_KEY_HOSTS", "localhost"),
    ];
    let trusted = [&key[..], &[("SSL_CERT_FILE", office.to_str().unwrap())]].concat();
    for (name, variables, expected) in [
        ("trusts", &trusted[..], "HTTP/1.1 200"),
        ("does not", &key[..], "HTTP/1.1 502"),
        ("no key", &[], "HTTP/1.1 409"),
    ] {
        let server = serve(&["--data", &path(name)], variables);
        set(&server, &setting);
        let listed = server.get("/api/backgrounds")["backgrounds"][0].clone();
        let answer = tile(&server, &listed);
        assert!(answer.starts_with(expected), "{name}: {answer}");
        match name {
            "trusts" => assert!(answer.contains("image/png"), "{answer}"),
            "does not" => assert!(answer.contains("证书"), "{answer}"),
            _ => assert!(answer.contains("GRIDMAP_OFFICE_KEY"), "{answer}"),
        }
    }
    let limited = serve(
        &[
            "--data",
            &path("limited"),
            "--background-hosts",
            "10.0.0.8,.gov.cn",
        ],
        &trusted,
    );
    set(&limited, &setting);
    let listed = limited.get("/api/backgrounds")["backgrounds"][0].clone();
    assert_eq!(listed["problem"]["code"], "background_host_refused");
    assert!(tile(&limited, &listed).starts_with("HTTP/1.1 409"));
}

#[test]
fn the_folder_can_be_elsewhere_and_hosts_must_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let maps = folder.path().join("maps");
    Made::picture().put(&maps, "p.pmtiles");
    let arguments = |path: &Path| path.to_str().unwrap().to_owned();
    let server = serve(
        &[
            "--data",
            &arguments(&data),
            "--backgrounds",
            &arguments(&maps),
        ],
        &[],
    );
    let listed = server.get("/api/backgrounds")["backgrounds"][0].clone();
    assert_eq!(listed["name"], "p");
    assert!(tile(&server, &listed).starts_with("HTTP/1.1 200"));
    let refused = gridmap(&[
        "serve",
        "--data",
        &arguments(&data),
        "--background-hosts",
        "",
    ])
    .output()
    .unwrap();
    assert_eq!(refused.status.code(), Some(2));
}
