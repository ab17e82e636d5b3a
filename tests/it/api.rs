//! A server over a small hand-made district, asked without a socket.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use geo::{Coord, LineString, MultiLineString, MultiPolygon, Polygon};
use gridmap::api::{AppState, router};
use gridmap::model::{
    Audit, Category, CategoryTree, ChangeSet, Checkpoint, Compound, CompoundKind, District,
    FeatureId, FoundBy, Grid, GridKind, Incident, IncidentKind, Meta, PatrolMode, Route, Street,
    StreetClass, Timestamp,
};
use gridmap::service::imports::{ImportsOptions, Reader};
use gridmap::service::{Service, ServiceOptions};
use gridmap::store::GpkgStore;
use serde_json::Value;
use tower::ServiceExt;

/// South-west corner of the district; grids are squares of a hundredth degree.
pub(crate) const WEST: f64 = 117.28;
pub(crate) const SOUTH: f64 = 31.82;
const SIDE: f64 = 0.01;

/// 2026-10-01T00:00:00+08:00, a Thursday.
pub(crate) const FIRST: i64 = 1_790_784_000;

/// Placed incidents, one every 7 hours.
pub(crate) const PLACED: usize = 240;
/// Incidents without a place.
pub(crate) const UNPLACED: usize = 10;

/// A server under test.
pub(crate) struct TestApp {
    pub(crate) state: AppState,
}

/// How uploads are taken in: by the built program, not by the test.
pub(crate) fn imports() -> ImportsOptions {
    ImportsOptions {
        reader: Reader {
            program: env!("CARGO_BIN_EXE_gridmap").into(),
            ..Reader::default()
        },
        ..ImportsOptions::default()
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl TestApp {
    pub(crate) async fn new() -> TestApp {
        TestApp::of(district()).await
    }

    /// Over these rows.
    pub(crate) async fn of(rows: ChangeSet) -> TestApp {
        let service = Service::in_memory(rows).await.expect("rows are sound");
        TestApp {
            state: AppState::with(service, imports()),
        }
    }

    /// Over a GeoPackage, whose changes are told row by row.
    pub(crate) async fn stored(path: &std::path::Path) -> TestApp {
        let store = GpkgStore::open(path).await.expect("a new file");
        let service = Service::open(Arc::new(store), ServiceOptions::default())
            .await
            .expect("an empty store");
        let audit = Audit {
            actor: "test".to_owned(),
            action: "fill".to_owned(),
            reason: String::new(),
        };
        service.apply(district(), audit).await.expect("sound rows");
        TestApp {
            state: AppState::with(service, imports()),
        }
    }

    /// Another server over a GeoPackage that is there.
    pub(crate) async fn open(path: &std::path::Path) -> TestApp {
        let store = GpkgStore::open(path).await.expect("a file");
        let service = Service::open(Arc::new(store), ServiceOptions::default())
            .await
            .expect("a sound store");
        TestApp {
            state: AppState::new(service),
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = router(self.state.clone())
            .oneshot(request)
            .await
            .expect("the router never fails");
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: axum::body::to_bytes(body, usize::MAX)
                .await
                .expect("the body ends"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path).header(header::HOST, "localhost:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("a sound request"))
            .await
    }

    /// The JSON of an answer that must be 200.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The id of the first feature of a layer, as it stands in addresses.
    pub(crate) async fn first_id(&self, layer: &str) -> String {
        let page = self
            .json(&format!("/collections/{layer}/items?limit=1"))
            .await;
        page["features"][0]["id"].to_string()
    }

    /// A request with a JSON body, or none.
    pub(crate) async fn change(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let typed = headers.iter().any(|(name, _)| *name == "content-type");
        if body.is_some() && !typed {
            request = request.header(header::CONTENT_TYPE, "application/geo+json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).expect("a sound request"))
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header(header::HOST, "localhost:8080")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        self.send(request.expect("a sound request")).await
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("readable"))
    }
}

fn meta(source_id: impl ToString) -> Meta {
    Meta {
        id: FeatureId::NEW,
        source: "test".to_owned(),
        source_id: source_id.to_string(),
        extra: Vec::new(),
    }
}

fn square(column: f64, row: f64, side: f64) -> MultiPolygon {
    let (x, y) = (WEST + column * SIDE, SOUTH + row * SIDE);
    let d = side * SIDE;
    let ring = LineString::from(vec![(x, y), (x + d, y), (x + d, y + d), (x, y + d), (x, y)]);
    MultiPolygon(vec![Polygon::new(ring, vec![])])
}

/// Four basic grids in a square, one special grid over the middle, three
/// compounds, four streets, one route, 250 incidents.
pub(crate) fn district() -> ChangeSet {
    ChangeSet {
        grids: grids().into(),
        compounds: compounds().into(),
        streets: streets().into(),
        routes: vec![route()].into(),
        incidents: incidents().into(),
        categories: Some(CategoryTree::from(categories())),
        district: Some(District {
            name: "测试街道".to_owned(),
            note: Some("虚构示例".to_owned()),
            ..District::default()
        }),
        ..ChangeSet::default()
    }
}

fn grids() -> Vec<Grid> {
    let grid = |n: u32, kind, area| Grid {
        meta: meta(n),
        code: format!("WG{n:03}"),
        name: format!("第{n}网格"),
        kind,
        community: if n.is_multiple_of(2) {
            "七里塘"
        } else {
            "板桥"
        }
        .to_owned(),
        post: format!("网格长{n}号岗"),
        households: (n != 4).then_some(400 + n),
        valid_from: None,
        valid_to: None,
        area,
    };
    let mut grids: Vec<Grid> = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
        .into_iter()
        .zip(1..)
        .map(|((x, y), n)| grid(n, GridKind::Basic, square(x, y, 1.0)))
        .collect();
    grids.push(grid(5, GridKind::Special, square(0.75, 0.75, 0.5)));
    grids[3].valid_from = Some(jiff::civil::date(2026, 1, 1));
    grids[4].valid_to = Some(jiff::civil::date(2025, 1, 1));
    grids
}

fn compounds() -> Vec<Compound> {
    let kinds = [
        CompoundKind::Residential,
        CompoundKind::School,
        CompoundKind::Station,
    ];
    let names = ["元一名城", "胜利路小学", "胜利路派出所"];
    (0_u8..3)
        .map(|n| {
            let at = Coord {
                x: WEST + 0.003 + f64::from(n) * 0.005,
                y: SOUTH + 0.004,
            };
            Compound {
                meta: meta(n),
                code: format!("C{n}"),
                name: names[usize::from(n)].to_owned(),
                kind: kinds[usize::from(n)],
                community: "七里塘".to_owned(),
                priority: n + 1,
                households: Some(100),
                gates: vec![at],
                shape: geo::Point(at).into(),
            }
        })
        .collect()
}

fn streets() -> Vec<Street> {
    (0_u32..4)
        .map(|n| {
            let y = SOUTH + 0.002 + f64::from(n) * 0.005;
            Street {
                meta: meta(n),
                name: format!("胜利{n}路"),
                class: StreetClass::ALL[n as usize],
                oneway: n == 1,
                foot: true,
                line: MultiLineString(vec![LineString::from(vec![(WEST, y), (WEST + 0.02, y)])]),
            }
        })
        .collect()
}

fn route() -> Route {
    let line = [(WEST, SOUTH + 0.005), (WEST + 0.02, SOUTH + 0.005)];
    Route {
        meta: meta(1),
        code: "R1".to_owned(),
        name: "一号线".to_owned(),
        mode: PatrolMode::Foot,
        checkpoints: vec![Checkpoint {
            name: "南门".to_owned(),
            at: line[0].into(),
        }],
        line: MultiLineString(vec![LineString::from(line.to_vec())]),
    }
}

fn incidents() -> Vec<Incident> {
    (0..PLACED + UNPLACED)
        .map(|n| {
            let placed = n < PLACED;
            // Steps that share no factor with the sizes spread the points.
            let (column, row) = ((n * 37 % 200) as f64, (n * 91 % 200) as f64);
            let at = Coord {
                x: WEST + 0.000_05 + column * 0.0001,
                y: SOUTH + 0.000_05 + row * 0.0001,
            };
            let kind = IncidentKind::ALL[n % 3];
            Incident {
                meta: meta(n),
                kind,
                category: match kind {
                    IncidentKind::Police => "police.theft".to_owned(),
                    IncidentKind::Dispute => "dispute".to_owned(),
                    IncidentKind::Hotline => "hotline".to_owned(),
                },
                found_by: FoundBy::ALL[usize::from(n % 5 == 0)],
                occurred_at: Timestamp(FIRST + n as i64 * 7 * 3600),
                date_only: n % 50 == 49,
                reported_at: None,
                status: if n % 2 == 0 { "已办结" } else { "处置中" }.to_owned(),
                text: format!("第{n}件 <b>&\"'"),
                at: placed.then_some(at),
            }
        })
        .collect()
}

fn categories() -> Vec<Category> {
    let category = |code: &str, parent: Option<&str>, kind, zh: &str, en: &str| Category {
        code: code.to_owned(),
        parent: parent.map(str::to_owned),
        kind,
        name_zh: zh.to_owned(),
        name_en: en.to_owned(),
        sensitive: false,
        aliases: Vec::new(),
    };
    vec![
        category("police", None, IncidentKind::Police, "警情", "Police"),
        category(
            "police.theft",
            Some("police"),
            IncidentKind::Police,
            "盗窃",
            "Theft",
        ),
        category("dispute", None, IncidentKind::Dispute, "纠纷", "Dispute"),
        category("hotline", None, IncidentKind::Hotline, "诉求", "Hotline"),
    ]
}
