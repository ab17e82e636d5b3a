//! The drawing the town starts from: border, through streets and railway as
//! control points, and what the quarters between them are. All of it is
//! invented. The seed bends it: a smooth warp, a small turn, and a jitter of
//! every control point.

use super::compounds::Kind;
use super::dice::Dice;
use super::geom::{V, curve, dot, turn, v};
use super::net::{Class, Net};

/// What fills a quarter or a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// Gated residential compounds.
    Homes,
    /// Old houses along lanes.
    Old,
    /// A large housing estate of several zones.
    Estate,
    Works,
    School,
    Market,
    Mall,
    Hospital,
    Park,
    RailYard,
    /// Ground of the neighbor sub-district: streets, but no grid.
    Outside,
}

/// One of the three communities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Community {
    Qilitang,
    Banqiao,
    Sanjiaoxian,
}

impl Community {
    /// Chinese name without 社区.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Qilitang => "七里塘",
            Banqiao => "板桥",
            Sanjiaoxian => "三角线",
        }
    }
}

/// A mark that says what lies around a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) at: V,
    pub(crate) community: Community,
    pub(crate) kind: Use,
    /// Name of what stands there; empty when it has none of its own.
    pub(crate) name: &'static str,
    /// Area to carve out around the place in m²; 0 when the mark only says
    /// what the quarter is.
    pub(crate) carve: f64,
}

struct Way {
    name: &'static str,
    class: Class,
    /// Whether the first and the last point lie on a street drawn before.
    joins: (bool, bool),
    points: &'static [(f64, f64)],
}

const fn way(
    name: &'static str,
    class: Class,
    joins: (bool, bool),
    points: &'static [(f64, f64)],
) -> Way {
    Way {
        name,
        class,
        joins,
        points,
    }
}

/// Ways in the order they are drawn; later ones cross or join earlier ones.
const WAYS: &[Way] = &[
    way(
        "北苑大道",
        Class::Arterial,
        (false, false),
        &[
            (-1010.0, 900.0),
            (-760.0, 985.0),
            (-480.0, 1040.0),
            (-180.0, 1020.0),
            (150.0, 985.0),
            (500.0, 1030.0),
            (860.0, 950.0),
            (1110.0, 865.0),
        ],
    ),
    way(
        "铁路",
        Class::Rail,
        (false, false),
        &[
            (-1330.0, -800.0),
            (-1050.0, -880.0),
            (-780.0, -915.0),
            (-400.0, -912.0),
            (50.0, -850.0),
            (500.0, -715.0),
            (900.0, -555.0),
            (1260.0, -385.0),
            (1560.0, -210.0),
        ],
    ),
    way(
        "淮西路",
        Class::Secondary,
        (false, false),
        &[
            (-730.0, -1080.0),
            (-790.0, -890.0),
            (-905.0, -640.0),
            (-1080.0, -330.0),
            (-1185.0, -30.0),
            (-1150.0, 270.0),
            (-1015.0, 560.0),
            (-850.0, 800.0),
            (-745.0, 1000.0),
            (-700.0, 1150.0),
        ],
    ),
    way(
        "东站路",
        Class::Arterial,
        (false, false),
        &[
            (770.0, 1160.0),
            (850.0, 950.0),
            (965.0, 640.0),
            (1005.0, 330.0),
            (1100.0, 20.0),
            (1225.0, -240.0),
            (1290.0, -400.0),
            (1330.0, -560.0),
        ],
    ),
    way(
        "嘉山路",
        Class::Arterial,
        (false, false),
        &[
            (-1390.0, 20.0),
            (-1190.0, -20.0),
            (-830.0, -95.0),
            (-440.0, -70.0),
            (-80.0, 55.0),
            (280.0, 150.0),
            (650.0, 135.0),
            (1030.0, 225.0),
            (1260.0, 300.0),
        ],
    ),
    way(
        "胜利路",
        Class::Arterial,
        (false, false),
        &[
            (-285.0, 1190.0),
            (-230.0, 1010.0),
            (-190.0, 780.0),
            (-75.0, 480.0),
            (65.0, 110.0),
            (125.0, -230.0),
            (255.0, -540.0),
            (370.0, -780.0),
            (430.0, -950.0),
        ],
    ),
    way(
        "七里塘路",
        Class::Arterial,
        (true, false),
        &[
            (-1070.0, 450.0),
            (-740.0, 440.0),
            (-430.0, 545.0),
            (-110.0, 590.0),
            (200.0, 660.0),
            (510.0, 570.0),
            (780.0, 590.0),
            (965.0, 690.0),
            (1130.0, 790.0),
        ],
    ),
    way(
        "板桥路",
        Class::Secondary,
        (true, true),
        &[
            (-1030.0, -430.0),
            (-700.0, -370.0),
            (-310.0, -420.0),
            (120.0, -300.0),
            (480.0, -330.0),
            (820.0, -235.0),
            (1110.0, -60.0),
        ],
    ),
    way(
        "元一大道",
        Class::Secondary,
        (true, true),
        &[
            (-400.0, -60.0),
            (-455.0, 200.0),
            (-570.0, 480.0),
            (-540.0, 760.0),
            (-470.0, 1035.0),
        ],
    ),
    way(
        "银河路",
        Class::Secondary,
        (true, true),
        &[
            (510.0, 570.0),
            (485.0, 370.0),
            (570.0, 140.0),
            (615.0, -90.0),
            (575.0, -310.0),
        ],
    ),
    way(
        "铁路北街",
        Class::Secondary,
        (true, true),
        &[
            (-860.0, -730.0),
            (-420.0, -775.0),
            (40.0, -705.0),
            (310.0, -620.0),
            (620.0, -520.0),
            (920.0, -385.0),
            (1215.0, -250.0),
        ],
    ),
    way(
        "三角线路",
        Class::Secondary,
        (true, true),
        &[
            (640.0, 135.0),
            (790.0, -50.0),
            (900.0, -205.0),
            (1050.0, -330.0),
        ],
    ),
    way(
        "塘北路",
        Class::Branch,
        (true, true),
        &[
            (-195.0, 800.0),
            (90.0, 850.0),
            (350.0, 760.0),
            (520.0, 570.0),
        ],
    ),
    way(
        "板桥南路",
        Class::Branch,
        (true, true),
        &[
            (-830.0, -95.0),
            (-770.0, -360.0),
            (-610.0, -560.0),
            (-450.0, -772.0),
        ],
    ),
    way(
        "红街",
        Class::Branch,
        (true, true),
        &[(235.0, 140.0), (180.0, 390.0), (215.0, 655.0)],
    ),
    way(
        "站塘路",
        Class::Branch,
        (true, true),
        &[(-455.0, 200.0), (-250.0, 250.0), (-15.0, 330.0)],
    ),
    way(
        "银河南路",
        Class::Branch,
        (true, true),
        &[(480.0, -330.0), (560.0, -440.0), (620.0, -520.0)],
    ),
    way(
        "老桥路",
        Class::Branch,
        (true, true),
        &[
            (-440.0, -70.0),
            (-330.0, -240.0),
            (-310.0, -420.0),
            (-190.0, -580.0),
            (-200.0, -745.0),
        ],
    ),
    way(
        "",
        Class::Rail,
        (true, true),
        &[
            (60.0, -848.0),
            (330.0, -738.0),
            (560.0, -640.0),
            (800.0, -545.0),
            (1030.0, -495.0),
        ],
    ),
];

use Community::{Banqiao, Qilitang, Sanjiaoxian};

const fn mark(
    x: f64,
    y: f64,
    community: Community,
    kind: Use,
    name: &'static str,
    carve: f64,
) -> Mark {
    Mark {
        at: V { x, y },
        community,
        kind,
        name,
        carve,
    }
}

const MARKS: &[Mark] = &[
    mark(800.0, 880.0, Qilitang, Use::Outside, "", 48_000.0),
    mark(-990.0, -540.0, Banqiao, Use::Outside, "", 46_000.0),
    mark(-930.0, 690.0, Qilitang, Use::Outside, "", 40_000.0),
    mark(-800.0, 700.0, Qilitang, Use::Homes, "", 0.0),
    mark(-370.0, 800.0, Qilitang, Use::Homes, "", 0.0),
    mark(-290.0, 680.0, Qilitang, Use::School, "七里塘学校", 34_000.0),
    mark(200.0, 920.0, Qilitang, Use::Homes, "", 0.0),
    mark(650.0, 800.0, Qilitang, Use::Homes, "", 0.0),
    mark(470.0, 800.0, Qilitang, Use::Park, "七里塘公园", 62_000.0),
    mark(120.0, 730.0, Qilitang, Use::Old, "", 0.0),
    mark(-800.0, 200.0, Qilitang, Use::Estate, "元一名城", 0.0),
    mark(-230.0, 90.0, Qilitang, Use::Old, "", 0.0),
    mark(-300.0, 400.0, Qilitang, Use::Homes, "", 0.0),
    mark(70.0, 430.0, Sanjiaoxian, Use::Homes, "", 0.0),
    mark(340.0, 400.0, Sanjiaoxian, Use::Homes, "", 0.0),
    mark(
        300.0,
        220.0,
        Sanjiaoxian,
        Use::Mall,
        "蓝光时代红街",
        36_000.0,
    ),
    mark(760.0, 380.0, Sanjiaoxian, Use::Estate, "利港银河新城", 0.0),
    mark(-980.0, -200.0, Banqiao, Use::Works, "", 0.0),
    mark(-600.0, -220.0, Banqiao, Use::Homes, "", 0.0),
    mark(-80.0, -180.0, Banqiao, Use::Old, "", 0.0),
    mark(
        -150.0,
        -20.0,
        Banqiao,
        Use::Market,
        "板桥农贸市场",
        22_000.0,
    ),
    mark(-850.0, -550.0, Banqiao, Use::Works, "", 0.0),
    mark(-500.0, -560.0, Banqiao, Use::Homes, "", 0.0),
    mark(0.0, -520.0, Banqiao, Use::Homes, "", 0.0),
    mark(-560.0, -480.0, Banqiao, Use::School, "板桥小学", 26_000.0),
    mark(350.0, -100.0, Sanjiaoxian, Use::Homes, "", 0.0),
    mark(
        480.0,
        40.0,
        Sanjiaoxian,
        Use::Hospital,
        "嘉山路街道医院",
        26_000.0,
    ),
    mark(680.0, -150.0, Sanjiaoxian, Use::Old, "", 0.0),
    mark(930.0, 20.0, Sanjiaoxian, Use::Homes, "", 0.0),
    mark(350.0, -440.0, Sanjiaoxian, Use::Old, "", 0.0),
    mark(800.0, -350.0, Sanjiaoxian, Use::Homes, "", 0.0),
    mark(1080.0, -200.0, Sanjiaoxian, Use::Works, "", 0.0),
    mark(-500.0, -850.0, Banqiao, Use::Works, "", 0.0),
    mark(120.0, -770.0, Banqiao, Use::Works, "", 0.0),
    mark(
        560.0,
        -590.0,
        Sanjiaoxian,
        Use::RailYard,
        "嘉山铁路货场",
        0.0,
    ),
];

/// A small lot on a named street.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) community: Community,
    pub(crate) at: V,
    /// The street it stands on; empty for any.
    pub(crate) street: &'static str,
    /// Width and depth, m.
    pub(crate) size: (f64, f64),
}

const fn spot(
    name: &'static str,
    kind: Kind,
    community: Community,
    at: (f64, f64),
    street: &'static str,
    size: (f64, f64),
) -> Spot {
    Spot {
        name,
        kind,
        community,
        at: V { x: at.0, y: at.1 },
        street,
        size,
    }
}

const SPOTS: &[Spot] = &[
    spot(
        "胜利路派出所",
        Kind::Station,
        Sanjiaoxian,
        (110.0, -120.0),
        "胜利路",
        (58.0, 44.0),
    ),
    spot(
        "嘉山路街道办事处",
        Kind::Office,
        Qilitang,
        (-300.0, -10.0),
        "嘉山路",
        (64.0, 42.0),
    ),
    spot(
        "七里塘社区",
        Kind::Office,
        Qilitang,
        (-300.0, 560.0),
        "",
        (40.0, 30.0),
    ),
    spot(
        "板桥社区",
        Kind::Office,
        Banqiao,
        (-420.0, -390.0),
        "",
        (40.0, 30.0),
    ),
    spot(
        "三角线社区",
        Kind::Office,
        Sanjiaoxian,
        (780.0, -240.0),
        "",
        (40.0, 30.0),
    ),
];

/// The seed's way of bending the drawing.
struct Warp {
    waves: Vec<(V, V, f64)>,
    angle: f64,
}

impl Warp {
    fn new(dice: &mut Dice) -> Self {
        let waves = (0..5)
            .map(|_| {
                let direction = turn(v(1.0, 0.0), dice.range(0.0, std::f64::consts::TAU));
                let push = turn(
                    v(dice.range(9.0, 20.0), 0.0),
                    dice.range(0.0, std::f64::consts::TAU),
                );
                let wave = direction * (std::f64::consts::TAU / dice.range(800.0, 1700.0));
                (wave, push, dice.range(0.0, std::f64::consts::TAU))
            })
            .collect();
        let angle = dice.range(-0.07, 0.07);
        Warp { waves, angle }
    }

    fn bend(&self, p: V) -> V {
        let mut q = turn(p, self.angle);
        for &(wave, push, phase) in &self.waves {
            q = q + push * (dot(p, wave) + phase).sin();
        }
        q
    }
}

/// The through streets as a network, and the bent marks and spots.
pub(crate) fn draw(seed: u64) -> (Net, Vec<Mark>, Vec<Spot>) {
    let mut dice = Dice::new(seed, 1);
    let warp = Warp::new(&mut dice);
    let mut net = Net::default();
    for way in WAYS {
        let mut points: Vec<V> = way
            .points
            .iter()
            .map(|&(x, y)| {
                let jitter = v(dice.range(-7.0, 7.0), dice.range(-7.0, 7.0));
                warp.bend(v(x, y)) + jitter
            })
            .collect();
        let last = points.len() - 1;
        for (joins, at) in [(way.joins.0, 0), (way.joins.1, last)] {
            if !joins {
                continue;
            }
            let rail = way.class == Class::Rail;
            if let Some(foot) = net.nearest(points[at], |e| (e.class == Class::Rail) == rail) {
                let node = net.split(foot, 14.0);
                points[at] = net.nodes[node].v();
            }
        }
        net.weave(&curve(&points), way.class, way.name);
    }
    let marks = MARKS
        .iter()
        .map(|m| Mark {
            at: warp.bend(m.at),
            ..*m
        })
        .collect();
    let spots = SPOTS
        .iter()
        .map(|s| Spot {
            at: warp.bend(s.at),
            ..*s
        })
        .collect();
    (net, marks, spots)
}
