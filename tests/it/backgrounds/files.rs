//! Files of the backgrounds folder.

use std::collections::BTreeMap;
use std::path::Path;

use gridmap::service::backgrounds::BackgroundOptions;
use gridmap::tile::TileCoord;
use gridmap::tile::pmtiles::tile_number;
use serde_json::{Value, json};

use super::{app, at, list, set};
use crate::api::TestApp;

/// What an archive holds.
pub(super) struct Made {
    kind: u8,
    packing: u8,
    inner: u8,
    metadata: Value,
    tiles: Vec<((u8, u32, u32), Vec<u8>)>,
    /// Entries of a leaf directory; 0 for none.
    leaf: usize,
}

impl Made {
    fn vector(mark: &str) -> Made {
        let tile = |z, x, y| {
            let plain = format!("{mark} {z}/{x}/{y}").repeat(20);
            ((z, x, y), gzip(plain.as_bytes()))
        };
        Made {
            kind: 1,
            packing: 2,
            inner: 2,
            metadata: json!({"name": "合肥底图", "vector_layers": [{"id": "earth"}, {"id": "roads"}, {"id": "places"}],
                "attribution": "<a href=\"https://example.invalid\">&copy; OpenStreetMap</a> contributors"}),
            tiles: vec![
                tile(4, 13, 6),
                tile(4, 13, 7),
                tile(5, 26, 12),
                tile(5, 27, 13),
            ],
            leaf: 0,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let numbered: BTreeMap<u64, &Vec<u8>> = self
            .tiles
            .iter()
            .map(|((z, x, y), tile)| (tile_number(TileCoord::new(*z, *x, *y).unwrap()), tile))
            .collect();
        let mut data = Vec::new();
        let mut entries = Vec::new();
        for (number, tile) in numbered {
            entries.push((number, data.len() as u64, tile.len() as u64, 1));
            data.extend_from_slice(tile);
        }
        let pack = |bytes: Vec<u8>| if self.inner == 2 { gzip(&bytes) } else { bytes };
        let mut leaves = Vec::new();
        if self.leaf > 0 {
            let mut above = Vec::new();
            for part in entries.chunks(self.leaf) {
                let leaf = pack(directory(part));
                above.push((part[0].0, leaves.len() as u64, leaf.len() as u64, 0));
                leaves.extend(leaf);
            }
            entries = above;
        }
        let root = pack(directory(&entries));
        let metadata = pack(self.metadata.to_string().into_bytes());
        let mut out = b"PMTiles\x03".to_vec();
        let mut offset = 127;
        for part in [&root, &metadata, &leaves, &data] {
            out.extend((offset as u64).to_le_bytes());
            out.extend((part.len() as u64).to_le_bytes());
            offset += part.len();
        }
        out.extend([0; 24]);
        let zooms = self.tiles.iter().map(|((z, ..), _)| *z);
        let (low, high) = (zooms.clone().min().unwrap(), zooms.max().unwrap());
        out.extend([1, self.inner, self.packing, self.kind, low, high]);
        for degrees in [117.0, 31.5, 117.6, 32.0] {
            out.extend(((degrees * 1e7) as i32).to_le_bytes());
        }
        out.resize(127, 0);
        [out, root, metadata, leaves, data].concat()
    }

    /// One picture of 512 pixels.
    pub(super) fn picture() -> Made {
        let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0\0\0\x02\0";
        Made {
            kind: 2,
            packing: 1,
            inner: 1,
            metadata: json!({}),
            tiles: vec![((6, 1, 1), head.to_vec())],
            leaf: 0,
        }
    }

    pub(super) fn put(&self, folder: &Path, name: &str) {
        std::fs::create_dir_all(folder).unwrap();
        // As a careful operator does: the file is there whole or not at all.
        let half = folder.join("half.part");
        std::fs::write(&half, self.bytes()).unwrap();
        std::fs::rename(half, folder.join(name)).unwrap();
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    gridmap::api::encode::gzip(bytes, 6).unwrap()
}

fn plain(bytes: &[u8]) -> String {
    let mut out = vec![0; 1 << 16];
    let length = libdeflater::Decompressor::new()
        .gzip_decompress(bytes, &mut out)
        .unwrap();
    String::from_utf8(out[..length].to_vec()).unwrap()
}

fn directory(entries: &[(u64, u64, u64, u64)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut push = |mut value: u64| {
        while value >= 0x80 {
            out.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    };
    push(entries.len() as u64);
    let mut last = 0;
    for entry in entries {
        push(entry.0 - last);
        last = entry.0;
    }
    entries.iter().for_each(|entry| push(entry.3));
    entries.iter().for_each(|entry| push(entry.2));
    entries.iter().for_each(|entry| push(entry.1 + 1));
    out
}

fn options(folder: &Path) -> BackgroundOptions {
    BackgroundOptions {
        folder: Some(folder.to_owned()),
        ..BackgroundOptions::default()
    }
}

async fn tile(app: &TestApp, listed: &Value, z: u8, x: u32, y: u32) -> (u16, Vec<u8>) {
    let answer = app
        .get_with(
            &at(listed, "tiles", z, x, y),
            &[("accept-encoding", "gzip")],
        )
        .await;
    (answer.status.as_u16(), answer.body.to_vec())
}

#[tokio::test]
async fn tiles_are_passed_on_as_they_are_stored() {
    for leaf in [0, 1, 3] {
        let folder = tempfile::tempdir().unwrap();
        Made {
            leaf,
            ..Made::vector("a")
        }
        .put(folder.path(), "hefei.pmtiles");
        let app = app(&options(folder.path()), &json!([])).await;
        let listed = list(&app).await.remove(0);
        assert_eq!(listed["kind"], "pmtiles");
        assert_eq!(
            (&listed["name"], &listed["schema"]),
            (&json!("合肥底图"), &json!("protomaps"))
        );
        assert_eq!(listed["attribution"], "© OpenStreetMap contributors");
        assert_eq!(
            (&listed["format"], &listed["tile_size"]),
            (&json!("mvt"), &json!(512))
        );
        assert_eq!(
            (&listed["minzoom"], &listed["maxzoom"]),
            (&json!(4), &json!(5))
        );
        assert_eq!(listed["bounds"], json!([117.0, 31.5, 117.6, 32.0]));
        assert_eq!(listed["vector_layers"], json!(["earth", "roads", "places"]));
        assert_eq!(
            (&listed["datum"], &listed["problem"]),
            (&json!("wgs84"), &Value::Null)
        );

        let path = at(&listed, "tiles", 5, 26, 12);
        let packed = app.get_with(&path, &[("accept-encoding", "gzip")]).await;
        assert_eq!(packed.status, 200, "{}", packed.text());
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_eq!(
            packed.header("content-type"),
            "application/vnd.mapbox-vector-tile"
        );
        assert_eq!(
            packed.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(plain(&packed.body), "a 5/26/12".repeat(20));
        let unpacked = app.get(&path).await;
        assert_eq!(unpacked.header("content-encoding"), "");
        assert_eq!(unpacked.text(), "a 5/26/12".repeat(20));
        assert_eq!(unpacked.header("etag"), packed.header("etag"));
        assert!(unpacked.header("vary").contains("Accept-Encoding"));
        let known = [("if-none-match", packed.header("etag"))];
        assert_eq!(app.get_with(&path, &known).await.status, 304);
        // Without the state of the file nothing is kept for ever.
        let bare = path.split('?').next().unwrap();
        assert_eq!(app.get(bare).await.header("cache-control"), "no-cache");
        let other = app.get(&format!("{bare}?v=00000000")).await;
        assert_eq!(other.header("cache-control"), "no-cache");

        for (z, x, y, expected) in [
            (4, 13, 7, 200),
            (5, 27, 13, 200),
            (5, 0, 0, 204),
            (4, 0, 15, 204),
            (3, 6, 3, 404),
            (6, 1, 1, 404),
        ] {
            let (status, _) = tile(&app, &listed, z, x, y).await;
            assert_eq!(status, expected, "{z}/{x}/{y} leaf {leaf}");
        }
        let labels = bare.replace("/5/26", "/labels/5/26");
        assert_eq!(app.get(&labels).await.status, 404);
    }
}

#[tokio::test]
async fn an_entry_gives_a_file_its_name_and_approval() {
    let folder = tempfile::tempdir().unwrap();
    Made::vector("a").put(folder.path(), "b.pmtiles");
    Made::picture().put(folder.path(), "a 影像.pmtiles");
    let openmaptiles = Made {
        metadata: json!({"vector_layers": [{"id": "transportation"}, {"id": "water"}]}),
        ..Made::vector("o")
    };
    openmaptiles.put(folder.path(), "c.pmtiles");
    let setting = json!([
        {"name": "没有的", "url": "pmtiles:none.pmtiles", "datum": "wgs84"},
        {"name": "审定底图", "url": "pmtiles:b.pmtiles", "datum": "gcj02", "approval": "皖S(2026)1号",
            "attribution": "某院", "minzoom": 5, "maxzoom": 18},
    ]);
    let app = app(&options(folder.path()), &setting).await;
    let all = list(&app).await;
    let names: Vec<&str> = all
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["没有的", "审定底图", "a 影像", "c"]);
    assert_eq!(all[0]["problem"]["code"], "background_file_missing");
    assert_eq!(
        (
            &all[1]["datum"],
            &all[1]["approval"],
            &all[1]["attribution"]
        ),
        (&json!("gcj02"), &json!("皖S(2026)1号"), &json!("某院"))
    );
    // The entry can take zooms away, not add them.
    assert_eq!(
        (&all[1]["minzoom"], &all[1]["maxzoom"]),
        (&json!(5), &json!(5))
    );
    assert_eq!(tile(&app, &all[1], 4, 13, 6).await.0, 404);
    assert_eq!(tile(&app, &all[1], 5, 26, 12).await.0, 200);
    assert_eq!(
        (&all[2]["format"], &all[2]["schema"], &all[2]["tile_size"]),
        (&json!("png"), &json!("raster"), &json!(512))
    );
    assert!(all[2].get("vector_layers").is_none());
    let picture = app.get(&at(&all[2], "tiles", 6, 1, 1)).await;
    assert_eq!(
        (
            picture.header("content-type"),
            picture.header("content-encoding")
        ),
        ("image/png", "")
    );
    assert_eq!(all[3]["schema"], "openmaptiles");
    assert_eq!(app.get(&at(&all[0], "tiles", 5, 1, 1)).await.status, 404);
    // The file comes.
    Made::vector("n").put(folder.path(), "none.pmtiles");
    assert_eq!(list(&app).await[0]["problem"], Value::Null);
}

#[tokio::test]
async fn files_come_and_change_while_the_server_runs() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("backgrounds");
    let app = app(&options(&folder), &json!([])).await;
    assert_eq!(list(&app).await, Vec::<Value>::new(), "no folder, no files");
    Made::vector("first").put(&folder, "a.pmtiles");
    let first = list(&app).await.remove(0);
    let (_, body) = tile(&app, &first, 5, 26, 12).await;
    assert!(plain(&body).starts_with("first"));
    // Tiles alone notice it too, without the list.
    Made::vector("other").put(&folder, "a.pmtiles");
    let (_, body) = tile(&app, &first, 5, 26, 12).await;
    assert!(plain(&body).starts_with("other"), "{}", plain(&body));
    let stale = app.get(&at(&first, "tiles", 5, 26, 12)).await;
    assert_eq!(
        stale.header("cache-control"),
        "no-cache",
        "an old address is not kept"
    );
    let second = list(&app).await.remove(0);
    assert_eq!(first["id"], second["id"]);
    assert_ne!(first["tiles"], second["tiles"]);
    // Overwritten in place, half way, then whole.
    let whole = Made::vector("third one").bytes();
    std::fs::write(folder.join("a.pmtiles"), &whole[..whole.len() - 30]).unwrap();
    let half = list(&app).await.remove(0);
    assert_eq!(half["problem"]["code"], "background_file_unreadable");
    assert_eq!(tile(&app, &half, 5, 26, 12).await.0, 409);
    std::fs::write(folder.join("a.pmtiles"), &whole).unwrap();
    let (_, body) = tile(&app, &first, 5, 26, 12).await;
    assert!(plain(&body).starts_with("third"));
    std::fs::remove_file(folder.join("a.pmtiles")).unwrap();
    assert_eq!(tile(&app, &first, 5, 26, 12).await.0, 404);
    assert_eq!(list(&app).await.len(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("backgrounds");
    Made::vector("in").put(&folder, "in.pmtiles");
    Made::vector("out").put(parent.path(), "out.pmtiles");
    std::os::unix::fs::symlink(parent.path().join("out.pmtiles"), folder.join("a.pmtiles"))
        .unwrap();
    std::os::unix::fs::symlink("in.pmtiles", folder.join("z.pmtiles")).unwrap();
    std::os::unix::fs::symlink("..", folder.join("up.pmtiles")).unwrap();
    std::fs::create_dir(folder.join("dir.pmtiles")).unwrap();
    std::fs::write(folder.join(".hidden.pmtiles"), Made::vector("h").bytes()).unwrap();
    let fifo = folder.join("fifo.pmtiles");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let app = app(&options(&folder), &json!([])).await;
    let all = list(&app).await;
    assert_eq!(all.len(), 2, "{all:?}");
    for listed in &all {
        let (_, body) = tile(&app, listed, 5, 26, 12).await;
        assert!(plain(&body).starts_with("in "));
    }
    for id in ["..%2Fout.pmtiles", "in.pmtiles", "..", "%2e%2e"] {
        let answer = app.get(&format!("/background/{id}/5/26/12")).await;
        assert_eq!(answer.status, 404, "{id}");
    }
    // A setting cannot name a way out either.
    let path = "/api/settings/backgrounds";
    let before = app.get(path).await;
    let headers = [
        ("if-match", before.header("etag")),
        ("content-type", "application/json"),
    ];
    let bad = json!([{"name": "x", "url": "pmtiles:../out.pmtiles", "datum": "wgs84"}]);
    assert_eq!(
        app.change("PUT", path, &headers, Some(&bad)).await.status,
        422
    );
    set(&app, &json!([])).await;
}

#[tokio::test]
async fn damaged_files_are_told_and_harm_nothing() {
    let folder = tempfile::tempdir().unwrap();
    Made::vector("good").put(folder.path(), "zz good.pmtiles");
    let sound = Made {
        leaf: 2,
        ..Made::vector("x")
    }
    .bytes();
    let mut names = Vec::new();
    let mut put = |name: String, bytes: &[u8]| {
        std::fs::write(folder.path().join(format!("{name}.pmtiles")), bytes).unwrap();
        names.push(name);
    };
    for cut in [0, 7, 126, 127, 140, 300, sound.len() - 1] {
        put(format!("cut {cut:04}"), &sound[..cut.min(sound.len())]);
    }
    put("version 2".into(), &[b"PMTiles\x02", &sound[8..]].concat());
    for (name, at, code) in [
        ("brotli inner", 97, 3),
        ("zstd tiles", 98, 4),
        ("kind", 99, 9),
    ] {
        let mut bytes = sound.clone();
        bytes[at] = code;
        put(name.into(), &bytes);
    }
    // Offsets and lengths that lead anywhere.
    for field in 0..8 {
        for value in [u64::MAX, u64::MAX - 126, 1 << 40, sound.len() as u64 + 1] {
            let mut bytes = sound.clone();
            bytes[8 + field * 8..16 + field * 8].copy_from_slice(&value.to_le_bytes());
            put(format!("field {field} {value:x}"), &bytes);
        }
    }
    let app = app(&options(folder.path()), &json!([])).await;
    let all = list(&app).await;
    assert_eq!(all.len(), names.len() + 1);
    let mut unreadable = 0;
    for listed in &all {
        let name = listed["name"].as_str().unwrap();
        let problem = &listed["problem"];
        if name.starts_with("cut") || name.starts_with("version") || name.starts_with("kind") {
            assert_eq!(problem["code"], "background_file_unreadable", "{listed}");
        }
        if name == "brotli inner" {
            assert!(problem["zh"].as_str().unwrap().contains("brotli"));
        }
        if name == "zstd tiles" {
            assert!(problem["en"].as_str().unwrap().contains("zstd"));
        }
        unreadable += usize::from(!problem.is_null());
        for (z, x, y) in [(4, 13, 6), (5, 26, 12), (5, 0, 0), (0, 0, 0)] {
            let (status, _) = tile(&app, listed, z, x, y).await;
            let expected: &[u16] = if problem.is_null() {
                &[200, 204, 404, 409]
            } else {
                &[409]
            };
            assert!(expected.contains(&status), "{listed}: {status}");
        }
    }
    assert!(unreadable > 25, "{unreadable}");
    let good = all.last().unwrap();
    assert_eq!(tile(&app, good, 5, 26, 12).await.0, 200);
    // Bytes turned over one by one: nothing panics, and the good file stays.
    let mut dice = 88_172_645_463_325_252_u64;
    for _ in 0..60 {
        let mut bytes = sound.clone();
        for _ in 0..3 {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let at = (dice % bytes.len() as u64) as usize;
            bytes[at] ^= (dice >> 40) as u8;
        }
        std::fs::write(folder.path().join("cut 0000.pmtiles"), &bytes).unwrap();
        let listed = list(&app).await.remove(0);
        for (z, x, y) in [(4, 13, 6), (5, 26, 12), (5, 27, 13)] {
            let (status, _) = tile(&app, &listed, z, x, y).await;
            assert!([200, 204, 404, 409].contains(&status), "{status}");
        }
    }
}
