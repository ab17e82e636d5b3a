//! The imported background from the file to the tile: by command line, by
//! browser, beside a running server, killed at random times.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use fast_mvt::{MvtReaderRef, MvtValueRef};
use gridmap::model::ground::hash_of;
use gridmap::model::{ChangeSet, GroundChange};
use gridmap::store::{GpkgStore, Store};
use gridmap::tile::{TileCoord, WorldPoint};
use serde_json::{Value, json};

use crate::api::{SOUTH, TestApp, WEST};
use crate::api_imports::Clerk;
use crate::osm::Extract;
use crate::postgres::{Cluster, eventually};
use crate::process::{Server, gridmap, run};

/// A quarter around a place: `blocks` streets each way, a house in each block,
/// a lake with an island, a park, a railway, a stream, two names.
pub(crate) fn quarter(west: f64, south: f64, blocks: u32) -> Vec<u8> {
    let mut extract = Extract::new();
    let step = 0.001;
    let side = f64::from(blocks) * step;
    for n in 0..=blocks {
        let at = f64::from(n) * step;
        let class = if n % 5 == 0 { "primary" } else { "residential" };
        let name = format!("第{n}路");
        let tags = [("highway", class), ("name", name.as_str())];
        // As mappers do it: a piece a block.
        for m in 0..blocks {
            let (a, b) = (f64::from(m) * step, f64::from(m + 1) * step);
            extract.line(&[[west + a, south + at], [west + b, south + at]], &tags);
        }
        for m in 0..blocks {
            if n < blocks {
                let house = [west + at + 0.0003, south + f64::from(m) * step + 0.0003];
                extract.square(house, 0.0003, &[("building", "yes")]);
            }
        }
    }
    let lake = extract.square([west, south - 0.004], 0.003, &[]);
    let island = extract.square([west + 0.001, south - 0.003], 0.0005, &[]);
    extract.area(lake, &[island], &[("natural", "water"), ("name", "南湖")]);
    extract.square(
        [west + 0.004, south - 0.004],
        0.003,
        &[("leisure", "park"), ("name", "公园")],
    );
    extract.line(
        &[[west, south - 0.01], [west + side, south - 0.01]],
        &[("railway", "rail")],
    );
    extract.line(
        &[[west, south - 0.02], [west + side, south - 0.021]],
        &[("waterway", "river")],
    );
    // Open: not an area.
    extract.line(
        &[[west, south], [west + 0.1, south], [west, south + 0.1]],
        &[("building", "yes")],
    );
    extract.node(
        west,
        south,
        &[("place", "suburb"), ("name", "新站"), ("name:zh", "新站区")],
    );
    extract.node(west + 0.001, south, &[("place", "hamlet"), ("name", "村")]);
    extract.finish()
}

const BLOCKS: u32 = 10;

fn counts() -> Value {
    let n = u64::from(BLOCKS);
    json!({"road": (n + 1) * n, "building": n * n, "water": 2, "green": 1, "rail": 1, "place": 2})
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Runs a command that must succeed; answers the JSON that it prints.
fn told(arguments: &[&str]) -> Value {
    let Output {
        status,
        stdout,
        stderr,
    } = run(arguments);
    assert!(status.success(), "{arguments:?}: {}", text(&stderr));
    serde_json::from_slice(&stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&stdout)))
}

/// The arguments of an import of a background.
fn with<'a>(more: &[&'a str], store: &[&'a str]) -> Vec<&'a str> {
    [&["import", "background"], more, store].concat()
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Layers of a tile with the properties of their features.
fn layers(tile: &[u8]) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let mut found = BTreeMap::new();
    for layer in MvtReaderRef::new(tile).unwrap().layers() {
        let features = layer.features().map(|feature| {
            let properties = feature.properties_vec().unwrap().into_iter();
            let pairs = properties.map(|(key, value)| match value {
                MvtValueRef::String(text) => (key.to_owned(), text.to_owned()),
                other => panic!("{other:?}"),
            });
            pairs.collect()
        });
        found.insert(layer.name().to_owned(), features.collect());
    }
    found
}

fn tile_at(lon: f64, lat: f64, zoom: u8) -> TileCoord {
    TileCoord::containing(WorldPoint::from_lon_lat(lon, lat).unwrap(), zoom)
}

#[tokio::test]
async fn an_upload_brings_streets_and_background_in_one_write() {
    let clerk = Clerk::new().await;
    let app = &clerk.app;
    assert_eq!(
        app.json("/api/backgrounds").await,
        json!({"backgrounds": []})
    );
    let nowhere = tile_at(WEST, SOUTH, 14);
    assert_eq!(
        app.get(&format!("/background/osm/{nowhere}")).await.status,
        404
    );

    let file = quarter(WEST, SOUTH, BLOCKS);
    let (id, session) = clerk.upload(&[("a.osm.pbf", &file)], None).await;
    assert_eq!(session["state"], "ready", "{session}");
    assert_eq!(session["layer"], "streets");
    let part = &session["background"];
    assert_eq!(part["counts"], counts(), "{session}");
    assert_eq!(
        (&part["taken"], &part["dropped"]),
        (&json!(true), &json!(1))
    );
    let within: Vec<f64> = serde_json::from_value(part["within"].clone()).unwrap();
    assert!(within[0] < WEST - 0.03 && within[1] < SOUTH - 0.025 && within[0] > WEST - 0.034);
    assert_eq!(part["replaces"], Value::Null);
    let revision = app.state.service.revision();
    let stored = clerk
        .send("POST", &format!("/api/imports/{id}/commit"), None)
        .await;
    let stored = stored.json();
    let pieces: u64 = counts()
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(
        stored["background"],
        json!({"features": pieces, "replaced": false})
    );
    assert_eq!(stored["before"], revision.0);
    assert!(stored["new"].as_u64().unwrap() > 100, "{stored}");

    let list = app.json("/api/backgrounds").await;
    let entry = &list["backgrounds"][0];
    assert_eq!(
        (&entry["id"], &entry["kind"]),
        (&json!("osm"), &json!("osm"))
    );
    assert_eq!(entry["counts"], counts());
    assert_eq!(entry["file"], "a.osm.pbf");
    assert_eq!(entry["attribution"], "© OpenStreetMap contributors");
    let bounds: Vec<f64> = serde_json::from_value(entry["bounds"].clone()).unwrap();
    assert!((bounds[0] - WEST).abs() < 1e-6 && (bounds[1] - (SOUTH - 0.021)).abs() < 1e-6);
    let address = entry["tiles"].as_str().unwrap();
    tiles_are_served(app, address).await;

    // The first background goes with its import, the streets too.
    let writes = app.json("/api/writes").await;
    assert_eq!(writes["writes"][0]["undoable"], true);
    let undo = stored["undo"].as_str().unwrap();
    let undone = clerk
        .send("POST", undo, Some(&json!({"edited": "keep"})))
        .await;
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert_eq!(
        app.json("/api/backgrounds").await,
        json!({"backgrounds": []})
    );
}

async fn tiles_are_served(app: &TestApp, address: &str) {
    let (template, version) = address.split_once("?v=").unwrap();
    assert_eq!(template, "/background/osm/{z}/{x}/{y}");
    let of = |tile: TileCoord| format!("/background/osm/{tile}");
    let tile = tile_at(WEST + 0.005, SOUTH + 0.005, 14);
    let fresh = app.get(&format!("{}?v={version}", of(tile))).await;
    assert_eq!(fresh.status, 200);
    assert_eq!(
        fresh.header("content-type"),
        "application/vnd.mapbox-vector-tile"
    );
    assert_eq!(
        fresh.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let tag = fresh.header("etag").to_owned();
    for other in [of(tile), format!("{}?v=00000000", of(tile))] {
        let answer = app.get(&other).await;
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(
            (answer.header("etag"), &answer.body),
            (tag.as_str(), &fresh.body)
        );
    }
    let known = app.get_with(&of(tile), &[("if-none-match", &tag)]).await;
    assert_eq!(known.status, 304);
    let found = layers(&fresh.body);
    let roads = &found["road"];
    // One feature for each name: its ten pieces are joined.
    assert!(
        roads
            .iter()
            .any(|road| road["name"] == "第3路" && road["class"] == "branch")
    );
    let third = roads.iter().filter(|road| road["name"] == "第3路");
    assert_eq!(third.count(), 1, "{roads:?}");
    assert!(found["building"].len() > 20);
    let deep = app
        .get(&of(tile_at(WEST + 0.0001, SOUTH - 0.0001, 16)))
        .await;
    let deep = layers(&deep.body);
    assert!(deep.contains_key("water"), "{:?}", deep.keys());
    assert!(
        deep["water"]
            .iter()
            .all(|lake| lake["name"] == "南湖" && lake["kind"] == "water")
    );
    let names = app
        .get(&of(tile_at(WEST + 0.0001, SOUTH + 0.0001, 10)))
        .await;
    let names = layers(&names.body);
    assert_eq!(
        names["place"],
        [BTreeMap::from([
            ("kind".to_owned(), "suburb".to_owned()),
            ("name".to_owned(), "新站区".to_owned()),
        ])]
    );
    assert!(!names.contains_key("building"), "no houses at zoom 10");
    let sea = app.get(&of(tile_at(0.0, 0.0, 10))).await;
    assert_eq!((sea.status.as_u16(), sea.body.len()), (204, 0));
    for zoom in [0, 5, 17] {
        assert_eq!(app.get(&of(tile_at(WEST, SOUTH, zoom))).await.status, 404);
    }
    assert_eq!(app.get("/background/osm/14/1/x").await.status, 400);
    assert_eq!(app.get("/background/nothing/14/1/1").await.status, 404);
}

#[tokio::test]
async fn the_background_or_the_streets_can_be_left() {
    let clerk = Clerk::new().await;
    let file = quarter(WEST, SOUTH, BLOCKS);
    let (id, session) = clerk.upload(&[("a.osm.pbf", &file)], None).await;
    assert_eq!(session["options"]["rows"], true);
    let options = format!("/api/imports/{id}/options");
    let neither = json!({"rows": false, "background": false});
    let refused = clerk.send("PUT", &options, Some(&neither)).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["code"]),
        (422, &json!("bad-options"))
    );

    let streets = json!({"background": false});
    assert_eq!(
        clerk.send("PUT", &options, Some(&streets)).await.status,
        202
    );
    let session = clerk.settled(&id).await;
    assert_eq!(session["background"]["taken"], false);
    assert_eq!(session["background"]["counts"], Value::Null);
    assert!(session["counts"]["new"].as_u64().unwrap() > 100);

    let alone = json!({"rows": false});
    assert_eq!(clerk.send("PUT", &options, Some(&alone)).await.status, 202);
    let session = clerk.settled(&id).await;
    assert_eq!(session["state"], "ready", "{session}");
    assert_eq!(session["counts"]["read"], 0);
    assert_eq!(session["background"]["counts"], counts());
    let streets = clerk.app.state.service.snapshot().streets.len();
    let commit = format!("/api/imports/{id}/commit");
    let stored = clerk.send("POST", &commit, None).await.json();
    assert_eq!(
        (&stored["new"], &stored["background"]["replaced"]),
        (&json!(0), &json!(false))
    );
    assert_eq!(clerk.app.state.service.snapshot().streets.len(), streets);

    // A second one replaces it, which cannot be taken back.
    let other = quarter(WEST, SOUTH, 3);
    let (id, session) = clerk.upload(&[("b.osm.pbf", &other)], None).await;
    assert_eq!(session["background"]["replaces"]["file"], "a.osm.pbf");
    let commit = format!("/api/imports/{id}/commit");
    let stored = clerk.send("POST", &commit, None).await.json();
    assert_eq!(stored["background"]["replaced"], true);
    let streets = clerk.app.state.service.snapshot().streets.len();
    for method in ["GET", "POST"] {
        let wish = json!({"edited": "keep"});
        let body = (method == "POST").then_some(&wish);
        let undo = format!("{}?lang=en", stored["undo"].as_str().unwrap());
        let refused = clerk.send(method, &undo, body).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["code"]),
            (409, &json!("ground-replaced"))
        );
        assert!(refused.text().contains("again"), "{}", refused.text());
    }
    assert_eq!(
        clerk.app.state.service.snapshot().streets.len(),
        streets,
        "nothing by half"
    );

    // Far away there is nothing to take.
    let far = quarter(WEST + 5.0, SOUTH, 3);
    let (id, session) = clerk.upload(&[("c.osm.pbf", &far)], None).await;
    assert_eq!(session["background"]["counts"]["road"], 0);
    let options = format!("/api/imports/{id}/options");
    clerk.send("PUT", &options, Some(&alone)).await;
    let session = clerk.settled(&id).await;
    assert_eq!(
        (&session["state"], &session["error"]["code"]),
        (&json!("failed"), &json!("no_background"))
    );

    // Other files have none.
    let table =
        "code,name,geom\n1,a,\"POLYGON((117.28 31.82,117.29 31.82,117.29 31.83,117.28 31.82))\"\n";
    let (_, session) = clerk
        .upload(&[("g.csv", table.as_bytes())], Some("grids"))
        .await;
    assert_eq!(session["background"], Value::Null);
}

#[test]
fn the_command_line_brings_and_takes_a_background() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "城区.osm.pbf", &quarter(WEST, SOUTH, BLOCKS));
    let small = written(folder.path(), "b.osm.pbf", &quarter(WEST, SOUTH, 3));
    let table = written(folder.path(), "t.csv", b"id,lon,lat\n1,117,31\n");
    let (file, small) = (file.to_str().unwrap(), small.to_str().unwrap());
    let data = folder.path().join("data");
    let store = ["--data", data.to_str().unwrap()];

    let tried = told(&with(&[file, "--dry-run", "--json"], &store));
    assert_eq!(
        (&tried["stored"], &tried["counts"]),
        (&json!(false), &counts())
    );
    let done = told(&with(&[file, "--json"], &store));
    assert_eq!(
        (&done["stored"], &done["replaced"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&done["within"], &done["dropped"]),
        (&Value::Null, &json!(1))
    );
    let said = run(&with(&[small], &store));
    assert!(text(&said.stdout).contains("takes the place"), "{said:?}");
    for (bad, why) in [
        (&[table.to_str().unwrap()][..], ".osm.pbf"),
        (&[file, small], "one file"),
        (&[file, "--map", "name=x"], "--dry-run"),
        (&[file, "--crs", "gcj02"], "wgs84"),
        (&[file, "--remove"], "--remove"),
        (&[], "FILE"),
    ] {
        let refused = run(&with(bad, &store));
        assert_eq!(refused.status.code(), Some(2), "{bad:?}");
        assert!(
            text(&refused.stderr).contains(why),
            "{}",
            text(&refused.stderr)
        );
    }
    let wrong = run(&[&["import", "streets", "--remove"], &store[..]].concat());
    assert_eq!(wrong.status.code(), Some(2));

    // Through the server that has the folder open; a browser sees it.
    let server = Server::start(&data);
    let list = || server.get("/api/backgrounds")["backgrounds"].clone();
    assert_eq!(list()[0]["file"], "b.osm.pbf");
    let key = ["--json", "--key", "k1"];
    let done = told(&with(&[&[file], &key[..]].concat(), &store));
    assert_eq!(done["replaced"], true);
    assert_eq!(list()[0]["file"], "城区.osm.pbf");
    let again = told(&with(&[&[file], &key[..]].concat(), &store));
    assert_eq!(again["revision"], done["revision"], "written once");
    let other = run(&with(&[&[small], &key[..]].concat(), &store));
    assert_eq!(
        other.status.code(),
        Some(2),
        "the key stands for another file"
    );
    let removed = told(&with(&["--remove", "--json"], &store));
    assert_eq!(
        (&removed["replaced"], &removed["stored"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(list(), json!([]));
    told(&with(&[file, "--json"], &store));
    drop(server);
}

#[test]
fn copies_have_the_background_and_grids_say_how_much_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "a.osm.pbf", &quarter(WEST, SOUTH, BLOCKS));
    let data = folder.path().join("data");
    let store = ["--data", data.to_str().unwrap()];
    told(&with(&[file.to_str().unwrap(), "--json"], &store));
    let (backup, second) = (folder.path().join("b.gpkg"), folder.path().join("second"));
    let (backup, second) = (backup.to_str().unwrap(), second.to_str().unwrap());
    assert!(
        run(&["backup", backup, "--data", store[1]])
            .status
            .success()
    );
    assert!(run(&["restore", backup, "--data", second]).status.success());
    let hash = |data: &str| text(&run(&["hash", "--data", data]).stdout);
    assert_eq!(hash(second), hash(store[1]));
    let grid = written(
        folder.path(),
        "grid.csv",
        b"code,name,geom\n1,a,\"POLYGON((117.28 31.82,117.281 31.82,117.281 31.821,117.28 31.82))\"\n",
    );
    let grids = [
        "import",
        "grids",
        grid.to_str().unwrap(),
        "--crs",
        "wgs84",
        "--data",
        second,
    ];
    assert!(run(&grids).status.success());
    let large = written(folder.path(), "large.osm.pbf", &quarter(WEST, SOUTH, 60));
    let cut = told(&[
        "import",
        "background",
        large.to_str().unwrap(),
        "--json",
        "--data",
        second,
    ]);
    let roads = cut["counts"]["road"].as_u64().unwrap();
    assert!(roads > 500 && roads < 61 * 60, "{cut}");
    assert!(cut["within"].is_array());
}

#[test]
fn a_database_keeps_a_background_for_every_server() {
    let Some(cluster) = Cluster::start("a_database_keeps_a_background_for_every_server") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "a.osm.pbf", &quarter(WEST, SOUTH, BLOCKS));
    let url = cluster.database();
    let store = ["--database-url", url.as_str()];
    let server = Server::of(&store);
    let list = || server.get("/api/backgrounds")["backgrounds"].clone();
    assert_eq!(list(), json!([]));
    let import = ["import", "background", file.to_str().unwrap(), "--json"];
    let done = told(&[&import[..], &store].concat());
    assert_eq!(done["counts"], counts());
    eventually("the background is served", || {
        list()[0]["counts"] == counts()
    });
    let name = url.rsplit('/').next().unwrap();
    // The index finds pieces, as QGIS asks for them.
    cluster.psql(
        name,
        "DO $$ BEGIN ASSERT (SELECT bool_and(ST_IsValid(geom)) AND count(*) > 200 FROM gridmap.ground \
         WHERE geom && ST_MakeEnvelope(117, 31, 118, 32, 4326)); END $$",
    );
    let remove = ["import", "background", "--remove", "--json"];
    told(&[&remove[..], &store].concat());
    eventually("it is gone", || list() == json!([]));
}

/// The ground of a store, which must be whole.
async fn whole(path: &Path) -> Option<(String, usize)> {
    let store = GpkgStore::open(path).await.unwrap();
    let mut found = None;
    let mut read = |batch: ChangeSet| {
        if let Some(GroundChange::Put(ground)) = batch.ground {
            assert_eq!(hash_of(&ground.features), ground.facts.hash, "by half");
            found = Some((ground.facts.file.clone(), ground.features.len()));
        }
    };
    store.load(&mut read).await.unwrap();
    store.close().await;
    found
}

#[tokio::test]
async fn a_killed_import_leaves_the_old_background_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        written(folder.path(), "a.osm.pbf", &quarter(WEST, SOUTH, 40)),
        written(folder.path(), "b.osm.pbf", &quarter(WEST, SOUTH, 35)),
    ];
    let data = folder.path().join("data");
    let path = data.join("gridmap.gpkg");
    let start = |file: &Path| {
        let arguments = [
            "import",
            "background",
            file.to_str().unwrap(),
            "--data",
            data.to_str().unwrap(),
        ];
        let mut command = gridmap(&arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let started = std::time::Instant::now();
    assert!(start(&files[0]).wait().unwrap().success());
    let took = started.elapsed();
    let mut now = whole(&path).await.unwrap();
    let (mut killed, mut share) = (0, 95);
    for round in 1..=12_u32 {
        let file = &files[round as usize % 2];
        let mut import = start(file);
        // Late, when it is writing; earlier where the machine is quick.
        let after = took * (share - round % 4 * 10) / 100;
        std::thread::sleep(after);
        import.kill().unwrap();
        let acknowledged = import.wait().unwrap().success();
        killed += u32::from(!acknowledged);
        share = if acknowledged {
            share * 9 / 10
        } else {
            (share * 21 / 20).min(120)
        }
        .max(40);
        let after = whole(&path).await.unwrap();
        if acknowledged {
            assert_eq!(after.0, file.file_name().unwrap().to_str().unwrap());
        }
        assert!(after == now || after.0 != now.0, "one of the two");
        now = after;
    }
    assert!(killed > 2, "only {killed} of 12 were killed at work");
    // And it can be written again.
    assert!(start(&files[1]).wait().unwrap().success());
    assert_eq!(whole(&path).await.unwrap().0, "b.osm.pbf");
}
