//! Random towns for tests. Vertices, and many of the incidents, lie on a
//! lattice of 1/128 degree, which is exact in binary and in seven decimals, so
//! that an oracle in whole numbers can decide about borders.

use geo::{Coord, LineString, MultiLineString, MultiPolygon, Polygon};
use jiff::civil::{Date, date};
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use crate::model::*;

/// Lattice units of a degree.
pub(crate) const UNITS: f64 = 128.0;
/// Corner of the town in lattice units: 117° E, 31° N.
const ORIGIN: (i64, i64) = (117 * 128, 31 * 128);
/// Grids on a side.
const SIDE: i64 = 5;
/// Lattice units between grid corners before they are moved about.
const PITCH: i64 = 8;

pub(crate) fn today() -> Date {
    date(2026, 11, 22)
}

/// A lattice point in degrees.
pub(crate) fn degrees(at: (i64, i64)) -> Coord<f64> {
    Coord {
        x: at.0 as f64 / UNITS,
        y: at.1 as f64 / UNITS,
    }
}

/// A place as whole numbers of 1/(128 · 10^7) degree: lattice points and
/// positions of seven decimals are both whole.
pub(crate) fn whole(at: Coord<f64>) -> (i128, i128) {
    let scale = |v: f64| (v * 1e7).round() as i128 * 128;
    (scale(at.x), scale(at.y))
}

/// True if the closed area covers the place, in whole numbers.
pub(crate) fn slow_covers(area: &MultiPolygon<f64>, at: Coord<f64>) -> bool {
    let p = whole(at);
    area.iter().any(|polygon| {
        let mut odd = false;
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            for pair in ring.0.windows(2) {
                let (a, b) = (whole(pair[0]), whole(pair[1]));
                let turn = (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0);
                let between = |u: i128, v: i128, w: i128| u.min(v) <= w && w <= u.max(v);
                if turn == 0 && between(a.0, b.0, p.0) && between(a.1, b.1, p.1) {
                    return true;
                }
                if (a.1 > p.1) != (b.1 > p.1) && (turn > 0) == (b.1 > a.1) {
                    odd = !odd;
                }
            }
        }
        odd
    })
}

/// A seeded source of towns.
pub(crate) struct Town {
    pub(crate) random: ChaCha8Rng,
    pub(crate) rows: ChangeSet,
    next_id: i64,
}

impl Town {
    pub(crate) fn new(seed: u64, incidents: usize) -> Town {
        let mut town = Town {
            random: ChaCha8Rng::seed_from_u64(seed),
            rows: ChangeSet::default(),
            next_id: 0,
        };
        town.add_categories();
        town.add_grids();
        town.add_ground();
        for _ in 0..incidents {
            let incident = town.incident();
            town.rows.incidents.put.push(incident);
        }
        town
    }

    fn meta(&mut self, source: &str) -> Meta {
        self.next_id += 1;
        Meta {
            id: FeatureId(self.next_id),
            source: source.to_owned(),
            source_id: format!("s{}", self.next_id),
            extra: Vec::new(),
        }
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, words: &[&'a T]) -> &'a T {
        words.choose(&mut self.random).expect("never empty")
    }

    /// A lattice point of the town or a little outside.
    pub(crate) fn lattice_point(&mut self) -> (i64, i64) {
        let mut side = || self.random.random_range(-3..=SIDE * PITCH + 3);
        (ORIGIN.0 + side(), ORIGIN.1 + side())
    }

    /// A vertex or lattice point, else any position of seven decimals.
    pub(crate) fn place(&mut self) -> Coord<f64> {
        match self.random.random_range(0..4) {
            0 => {
                let grid = self
                    .rows
                    .grids
                    .put
                    .choose(&mut self.random)
                    .expect("never empty");
                let ring = &grid.area.0[0].exterior().0;
                *ring.choose(&mut self.random).expect("never empty")
            }
            1 => degrees(self.lattice_point()),
            _ => {
                let corner = degrees(self.lattice_point());
                let x = corner.x + self.random.random_range(0.0..1.0 / UNITS);
                let y = corner.y + self.random.random_range(0.0..1.0 / UNITS);
                super::round_e7(Coord { x, y })
            }
        }
    }

    fn add_categories(&mut self) {
        let item = |code: &str, parent: Option<&str>, kind| Category {
            code: code.to_owned(),
            parent: parent.map(str::to_owned),
            kind,
            name_zh: code.to_owned(),
            name_en: String::new(),
            sensitive: false,
            aliases: Vec::new(),
        };
        self.rows.categories = Some(CategoryTree::from(vec![
            item("p", None, IncidentKind::Police),
            item("p.theft", Some("p"), IncidentKind::Police),
            item("p.theft.bike", Some("p.theft"), IncidentKind::Police),
            item("d", None, IncidentKind::Dispute),
            item("h", None, IncidentKind::Hotline),
        ]));
    }

    /// Basic grids that tile the town with shared borders, some of which are
    /// replaced by another on one day, and special grids anywhere.
    fn add_grids(&mut self) {
        let mut corners = Vec::new();
        for row in 0..=SIDE {
            for column in 0..=SIDE {
                let inner = |at: i64| (1..SIDE).contains(&at);
                let mut jitter = |inside: bool| {
                    if inside {
                        self.random.random_range(-3..=3)
                    } else {
                        0
                    }
                };
                let (dx, dy) = (jitter(inner(column)), jitter(inner(row)));
                corners.push((ORIGIN.0 + column * PITCH + dx, ORIGIN.1 + row * PITCH + dy));
            }
        }
        let corner = |column: i64, row: i64| corners[(row * (SIDE + 1) + column) as usize];
        for row in 0..SIDE {
            for column in 0..SIDE {
                let ring = vec![
                    corner(column, row),
                    corner(column + 1, row),
                    corner(column + 1, row + 1),
                    corner(column, row + 1),
                ];
                let code = format!("3401{:02}", (row * SIDE + column) * 7 % 25);
                let change = date(2026, 6, 15);
                if self.random.random_bool(0.2) {
                    self.add_grid(&code, GridKind::Basic, &ring, None, Some(change));
                    self.add_grid(
                        &format!("{code}n"),
                        GridKind::Basic,
                        &ring,
                        Some(change),
                        None,
                    );
                } else {
                    self.add_grid(&code, GridKind::Basic, &ring, None, None);
                }
            }
        }
        for number in 0..4 {
            let at = self.lattice_point();
            let ring = vec![
                at,
                (at.0 + 9, at.1 + 2),
                (at.0 + 6, at.1 + 7),
                (at.0, at.1 + 5),
            ];
            let from = (number == 0).then(|| date(2026, 3, 1));
            self.add_grid(&format!("Z{number}"), GridKind::Special, &ring, from, None);
        }
    }

    pub(crate) fn add_grid(
        &mut self,
        code: &str,
        kind: GridKind,
        ring: &[(i64, i64)],
        valid_from: Option<Date>,
        valid_to: Option<Date>,
    ) {
        let ring: Vec<Coord<f64>> = ring.iter().map(|at| degrees(*at)).collect();
        let grid = Grid {
            meta: self.meta("grids"),
            code: code.to_owned(),
            name: format!("网格{code}"),
            kind,
            community: self.pick(&["七里塘", "板桥", ""]).to_owned(),
            post: String::new(),
            households: self.random.random_bool(0.5).then_some(400),
            valid_from,
            valid_to,
            area: MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())]),
        };
        self.rows.grids.put.push(grid);
    }

    fn add_ground(&mut self) {
        for number in 0..12 {
            let at = self.lattice_point();
            let shape: geo::Geometry<f64> = if number % 3 == 0 {
                geo::Point(degrees(at)).into()
            } else {
                let ring = [at, (at.0 + 3, at.1), (at.0 + 3, at.1 + 2), (at.0, at.1 + 4)];
                let hole = [
                    (at.0 + 1, at.1 + 1),
                    (at.0 + 2, at.1 + 1),
                    (at.0 + 1, at.1 + 2),
                ];
                let line = |ring: &[(i64, i64)]| ring.iter().map(|at| degrees(*at)).collect();
                let holes = if number % 2 == 0 {
                    vec![line(&hole)]
                } else {
                    vec![]
                };
                Polygon::new(line(&ring), holes).into()
            };
            let compound = Compound {
                meta: self.meta("compounds"),
                code: String::new(),
                name: format!("小区{number}"),
                kind: CompoundKind::Residential,
                community: "板桥".to_owned(),
                priority: 1 + (number % 3),
                households: self.random.random_bool(0.7).then_some(100),
                gates: Vec::new(),
                shape,
            };
            self.rows.compounds.put.push(compound);
        }
        for number in 0..25 {
            let line = self.line();
            let street = Street {
                meta: self.meta("streets"),
                name: format!("路{}", number % 7),
                class: *self.pick(&[&StreetClass::Lane, &StreetClass::Branch, &StreetClass::Rail]),
                oneway: number % 2 == 0,
                foot: true,
                line,
            };
            self.rows.streets.put.push(street);
        }
        for number in 0..3 {
            let line = self.line();
            let route = Route {
                meta: self.meta("routes"),
                code: format!("R{number}"),
                name: format!("路线{number}"),
                mode: PatrolMode::Foot,
                checkpoints: Vec::new(),
                line,
            };
            self.rows.routes.put.push(route);
        }
    }

    pub(crate) fn line(&mut self) -> MultiLineString<f64> {
        let mut at = self.lattice_point();
        let mut points = vec![degrees(at)];
        for _ in 0..self.random.random_range(1..5) {
            at.0 += self.random.random_range(-4..=4);
            at.1 += self.random.random_range(-4..=4);
            points.push(degrees(at));
        }
        MultiLineString(vec![LineString(points)])
    }

    /// An incident with a new id.
    pub(crate) fn incident(&mut self) -> Incident {
        let kind = *self.pick(&[
            &IncidentKind::Police,
            &IncidentKind::Dispute,
            &IncidentKind::Hotline,
        ]);
        // Around the ends of days, months and the year.
        let day = self.random.random_range(0..420);
        let second = *self.pick(&[&0, &1, &86_399, &43_200, &61_234]);
        let occurred_at = Timestamp(1_730_476_800 + day * 86_400 + second);
        let source = self.pick(&["110", "12345", "网格"]);
        let mut meta = self.meta(source);
        if self.random.random_bool(0.3) {
            meta.extra = vec![
                (
                    "备注".to_owned(),
                    Value::Text(self.pick(&["有", "无,主", "50%"]).to_owned()),
                ),
                // As a store gives numbers back: whole ones as such.
                (
                    "金额".to_owned(),
                    match self.random.random_range(0..3) {
                        0 => Value::Integer(self.random.random_range(-2..3)),
                        _ => Value::Number(self.random.random()),
                    },
                ),
                (
                    "日期".to_owned(),
                    Value::Date(date(2026, 1, self.random.random_range(1..=31))),
                ),
                ("空".to_owned(), Value::Null),
            ];
        }
        Incident {
            meta,
            kind,
            category: self
                .pick(&["p", "p.theft", "p.theft.bike", "d", "h", "", "旧码"])
                .to_owned(),
            found_by: *self.pick(&[&FoundBy::Resident, &FoundBy::Patrol]),
            occurred_at,
            date_only: second == 0 && self.random.random_bool(0.5),
            reported_at: self
                .random
                .random_bool(0.5)
                .then(|| Timestamp(occurred_at.0 + 3600)),
            status: self.pick(&["处置中", "已办结", ""]).to_owned(),
            text: self
                .pick(&["电动车被盗", "", "楼上漏水，多次协调未果"])
                .to_owned(),
            at: self.random.random_bool(0.9).then(|| self.place()),
        }
    }

    pub(crate) fn snapshot(&self) -> super::Snapshot {
        super::Snapshot::build(self.rows.clone(), Revision(1), today())
    }
}

/// The grid that a place belongs to: of those of a kind valid on the day, the
/// one with the lowest (code, id) that covers it.
pub(crate) fn slow_grid(
    grids: &[Grid],
    kind: GridKind,
    at: Coord<f64>,
    day: Date,
) -> Option<FeatureId> {
    grids
        .iter()
        .filter(|grid| grid.kind == kind && grid.valid_on(day) && slow_covers(&grid.area, at))
        .min_by_key(|grid| (&grid.code, grid.meta.id))
        .map(|grid| grid.meta.id)
}
