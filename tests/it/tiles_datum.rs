//! Tiles in GCJ-02 over HTTP.

use geo::Coord;
use gridmap::crs::gcj02;

use crate::api::{SOUTH, TestApp, WEST};

fn tile_of(lon: f64, lat: f64, z: u8) -> (u32, u32) {
    let p = gridmap::tile::WorldPoint::from_lon_lat(lon, lat).unwrap();
    let tile = gridmap::tile::TileCoord::containing(p, z);
    (tile.x(), tile.y())
}

#[tokio::test]
async fn each_datum_has_its_own_tiles_and_tags() {
    let app = TestApp::new().await;
    let middle = Coord {
        x: WEST + 0.005,
        y: SOUTH + 0.005,
    };
    let (x, y) = tile_of(middle.x, middle.y, 15);
    for layers in ["grids", "incidents", "grids,compounds,streets,routes"] {
        let path = format!("/tiles/{layers}/15/{x}/{y}");
        let plain = app.get(&path).await;
        assert_eq!(plain.status, 200);
        let wgs84 = app.get(&format!("{path}?datum=wgs84")).await;
        assert_eq!(wgs84.body, plain.body);
        assert_eq!(wgs84.header("etag"), plain.header("etag"));
        for _ in 0..2 {
            // The second comes from the cache, beside the other datum's.
            let gcj02 = app.get(&format!("{path}?datum=gcj02")).await;
            assert_eq!(gcj02.status, 200);
            assert_ne!(gcj02.body, plain.body);
            assert_ne!(gcj02.header("etag"), plain.header("etag"));
            let known = [("if-none-match", gcj02.header("etag"))];
            let again = app.get_with(&format!("{path}?datum=gcj02"), &known).await;
            assert_eq!(again.status, 304);
            let known = [("if-none-match", plain.header("etag"))];
            let other = app.get_with(&format!("{path}?datum=gcj02"), &known).await;
            assert_eq!(other.status, 200);
        }
        assert_eq!(app.get(&path).await.body, plain.body);
    }
    for bad in ["bd09", "GCJ02", "", "cgcs2000"] {
        let path = format!("/tiles/grids/15/{x}/{y}?datum={bad}");
        let answer = app.get_with(&path, &[("accept-language", "en")]).await;
        assert_eq!(answer.status, 400, "{bad}");
        let detail = answer.json()["detail"].to_string();
        assert!(detail.contains("wgs84 or gcj02"), "{detail}");
        let answer = app.get(&format!("/tiles/grids?datum={bad}")).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn the_description_has_the_shifted_bounds() {
    let app = TestApp::new().await;
    let plain = app.json("/tiles/grids,incidents").await;
    let moved = app.json("/tiles/grids,incidents?datum=gcj02").await;
    let template = moved["tiles"][0].as_str().unwrap();
    assert!(template.ends_with("?datum=gcj02"), "{template}");
    let side = |json: &serde_json::Value, n: usize| json["bounds"][n].as_f64().unwrap();
    for (x, y, outer) in [(0, 1, -1.0), (2, 3, 1.0)] {
        let corner = gcj02::from_wgs84(Coord {
            x: side(&plain, x),
            y: side(&plain, y),
        });
        for (n, exact) in [(x, corner.x), (y, corner.y)] {
            // Not inside what is there, and not far outside of it.
            let beyond = (side(&moved, n) - exact) * outer;
            assert!((-1e-9..0.001).contains(&beyond), "{n}: {beyond}");
        }
    }
}
