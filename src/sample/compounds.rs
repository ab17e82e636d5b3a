//! Key compounds: outlines set back from the streets, gates on the side of a
//! street, and the roads inside.

use geo::algorithm::buffer::{BufferStyle, LineCap, LineJoin};
use geo::{Area, BooleanOps, Buffer, LineString, MultiPolygon, Polygon};

use super::access::{roads, yard_gate};
use super::blocks::Block;
use super::dice::Dice;
use super::geom::{
    Pt, V, centroid, closed, extent, left, long_axis, outer, polygon, ring_area, thin,
};
use super::net::Net;
use super::offices::Small;
use super::plan::{Community, Use};

/// What a compound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Homes,
    School,
    Market,
    Hospital,
    Station,
    Office,
    Other,
}

/// A compound as drawn.
#[derive(Debug, Clone)]
pub(crate) struct Lot {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) community: Community,
    /// Its outline, counter-clockwise, first vertex not repeated.
    pub(crate) ring: Vec<Pt>,
    pub(crate) gates: Vec<Pt>,
    pub(crate) households: u32,
    pub(crate) priority: u8,
    /// Index of the block it stands in.
    pub(crate) block: usize,
}

impl Lot {
    /// The outline in metres.
    pub(crate) fn ring_v(&self) -> Vec<V> {
        self.ring.iter().map(|p| p.v()).collect()
    }
}

fn grown(line: &[V], by: f64) -> MultiPolygon<f64> {
    let style = BufferStyle::new(by)
        .line_cap(LineCap::Square)
        .line_join(LineJoin::Miter(0.6));
    LineString::new(line.to_vec()).buffer_with_style(style)
}

/// The area without a margin, its largest part.
pub(crate) fn shrunk(area: &Polygon<f64>, by: f64) -> Option<Polygon<f64>> {
    let style = BufferStyle::new(-by).line_join(LineJoin::Miter(0.6));
    largest(area.buffer_with_style(style))
}

fn largest(areas: MultiPolygon<f64>) -> Option<Polygon<f64>> {
    areas
        .into_iter()
        .max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))
        .map(|p| Polygon::new(p.exterior().clone(), vec![]))
}

/// The ground of a block that may be built on.
fn buildable(net: &Net, block: &Block, taken: &[Polygon<f64>]) -> Option<Polygon<f64>> {
    let mut ground = polygon(&block.ring);
    for &(e, _) in &block.face {
        let edge = &net.edges[e];
        let strip = grown(&edge.line(), edge.class.setback());
        ground = largest(ground.difference(&strip))?;
    }
    for lot in taken {
        let style = BufferStyle::new(7.0).line_join(LineJoin::Miter(0.6));
        let wide = lot.buffer_with_style(style);
        ground = largest(ground.difference(&wide))?;
    }
    // Opening takes away spikes and rounds the corners a little.
    let inner = shrunk(&ground, 9.0)?;
    let style = BufferStyle::new(8.0).line_join(LineJoin::Round(0.5));
    let ground = largest(inner.buffer_with_style(style))?;
    Some(polygon(&thin(&closed(&outer(&ground)), 0.8)))
}

/// Cuts ground into lots of about `target` m² with walls `gap` apart.
fn lots(ground: Polygon<f64>, target: f64, gap: f64, dice: &mut Dice) -> Vec<Polygon<f64>> {
    let mut done = Vec::new();
    let mut todo = vec![ground];
    while let Some(piece) = todo.pop() {
        let area = piece.unsigned_area();
        if area < target * dice.range(1.1, 1.7) {
            done.push(piece);
            continue;
        }
        let ring = outer(&piece);
        let axis = long_axis(&ring);
        let half = extent(&ring, left(axis)) * 1.5;
        let across = super::geom::turn(left(axis), 0.08 * dice.normal());
        let middle = centroid(&ring) + axis * (extent(&ring, axis) * dice.range(-0.12, 0.12));
        let wall = grown(&[middle - across * half, middle + across * half], gap / 2.0);
        let parts = piece.difference(&wall);
        if parts.0.len() < 2 {
            done.push(piece);
        } else {
            todo.extend(parts.0.into_iter().filter(|p| p.unsigned_area() > 2_500.0));
        }
    }
    done
}

/// Names for ordinary compounds, by community; invented.
const HOMES: [&[&str]; 3] = [
    &[
        "七里塘小区",
        "塘北花园",
        "望塘新村",
        "滨塘花园",
        "香榭花园",
        "丽景苑",
        "翠庭雅居",
        "银杏苑",
        "月亮湾小区",
        "学府华庭",
        "云水居",
        "芳草园",
        "纺织新村",
        "绿洲家园",
        "枫桥苑",
        "春晖苑",
        "荷风苑",
        "长宁小区",
        "城北人家",
        "和风苑",
        "橡胶厂宿舍",
        "桂花苑",
        "东方明居",
        "文苑小区",
        "碧水新村",
    ],
    &[
        "板桥新村",
        "板桥花园",
        "桥南小区",
        "面粉厂宿舍",
        "金色家园",
        "嘉和花园",
        "裕丰花园",
        "阳光里小区",
        "瑶海人家",
        "恒安家园",
        "老桥雅苑",
        "青年公寓",
        "锦绣苑",
        "南渠小区",
        "丰收新村",
    ],
    &[
        "三角线新村",
        "铁路一村",
        "铁路二村",
        "机务新村",
        "车辆段宿舍",
        "东站小区",
        "嘉山苑",
        "胜利新村",
        "胜利花园",
        "锦江新村",
        "星河湾小区",
        "城东名邸",
        "百合公寓",
        "银河苑",
        "站前花园",
        "信号楼小区",
        "康宁苑",
        "金桥花园",
        "东苑小区",
        "朝阳新村",
        "清风苑",
        "欣荣小区",
    ],
];

/// Builds every compound with its roads.
pub(crate) fn build(net: &mut Net, blocks: &[Block], offices: &[Small], seed: u64) -> Vec<Lot> {
    let mut dice = Dice::new(seed, 4);
    let mut names: Vec<Vec<&'static str>> = HOMES.iter().map(|n| n.to_vec()).collect();
    for list in &mut names {
        dice.shuffle(list);
    }
    let mut out: Vec<Lot> = Vec::new();
    let grounds: Vec<Option<Polygon<f64>>> = blocks
        .iter()
        .enumerate()
        .map(|(i, block)| {
            let taken: Vec<Polygon<f64>> = offices
                .iter()
                .filter(|s| s.block == i)
                .map(Small::ground)
                .collect();
            buildable(net, block, &taken)
        })
        .collect();
    for small in offices {
        let place = Place {
            block: &blocks[small.block],
            index: small.block,
        };
        let name = small.spot.name.to_owned();
        place.add(net, &small.ring, name, small.kind, 1, &mut out, &mut dice);
    }
    let estates = estate_names(blocks);
    for (index, (block, ground)) in blocks.iter().zip(grounds).enumerate() {
        let Some(ground) = ground else { continue };
        let place = Place { block, index };
        match block.kind {
            Use::Homes => homes(net, &place, ground, &mut names, &mut out, &mut dice),
            Use::Estate => {
                estate(
                    net,
                    &place,
                    ground,
                    estates[index],
                    &mut names,
                    &mut out,
                    &mut dice,
                );
            }
            Use::School | Use::Market | Use::Mall | Use::Hospital => {
                let kind = match block.kind {
                    Use::School => Kind::School,
                    Use::Hospital => Kind::Hospital,
                    _ => Kind::Market,
                };
                let mut parts = lots(ground, 40_000.0, 10.0, &mut dice);
                parts.sort_by(|a, b| b.unsigned_area().total_cmp(&a.unsigned_area()));
                parts.truncate(1);
                for part in parts {
                    place.add(
                        net,
                        &outer(&part),
                        block.name.to_owned(),
                        kind,
                        2,
                        &mut out,
                        &mut dice,
                    );
                }
            }
            Use::RailYard if block.area > 40_000.0 => {
                place.add(
                    net,
                    &outer(&ground),
                    block.name.to_owned(),
                    Kind::Other,
                    1,
                    &mut out,
                    &mut dice,
                );
            }
            Use::Old | Use::Works | Use::Park | Use::RailYard | Use::Outside => {}
        }
    }
    out
}

/// Where a compound is put.
struct Place<'a> {
    block: &'a Block,
    index: usize,
}

impl Place<'_> {
    #[expect(
        clippy::too_many_arguments,
        reason = "one call builds one compound whole"
    )]
    fn add(
        &self,
        net: &mut Net,
        ring: &[V],
        name: String,
        kind: Kind,
        gates: usize,
        out: &mut Vec<Lot>,
        dice: &mut Dice,
    ) {
        let made = if kind == Kind::Other {
            yard_gate(net, ring, dice)
        } else {
            roads(net, ring, gates, dice)
        };
        let mut line: Vec<V> = ring.to_vec();
        for &gate in &made {
            insert_vertex(&mut line, gate);
        }
        let mut pts: Vec<Pt> = line.iter().map(|&p| Pt::snap(p)).collect();
        pts.dedup();
        let area = ring_area(ring);
        let households = match kind {
            Kind::Homes => (area / 1e4 * dice.range(82.0, 150.0)).round() as u32,
            _ => 0,
        };
        let priority = match kind {
            Kind::School | Kind::Hospital => 1,
            Kind::Market => 2,
            Kind::Homes if households > 340 => 1,
            Kind::Homes if households > 190 => 2,
            _ => 3,
        };
        out.push(Lot {
            name,
            kind,
            community: self.block.community,
            ring: pts,
            gates: made.iter().map(|&g| Pt::snap(g)).collect(),
            households,
            priority,
            block: self.index,
        });
    }
}

/// Puts a place of the outline among its vertices, so that a gate lies on it.
fn insert_vertex(ring: &mut Vec<V>, p: V) {
    let n = ring.len();
    let nearest = (0..n)
        .map(|i| (i, super::geom::project(p, ring[i], ring[(i + 1) % n]).2))
        .min_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((i, _)) = nearest {
        ring.insert(i + 1, p);
    }
}

fn homes(
    net: &mut Net,
    place: &Place<'_>,
    ground: Polygon<f64>,
    names: &mut [Vec<&'static str>],
    out: &mut Vec<Lot>,
    dice: &mut Dice,
) {
    let size = dice.range(42_000.0, 70_000.0);
    let parts = lots(ground, size, 9.0, dice);
    // Not all homes are a key compound: some ground stays unnamed, but has
    // its lanes.
    let spare = if parts.len() > 1 { 0.38 } else { 0.26 };
    for part in parts {
        if part.unsigned_area() < 6_500.0 {
            continue;
        }
        if dice.chance(spare) {
            roads(net, &outer(&part), 1, dice);
            continue;
        }
        let Some(name) = names[place.block.community as usize].pop() else {
            continue;
        };
        place.add(
            net,
            &outer(&part),
            name.to_owned(),
            Kind::Homes,
            2,
            out,
            dice,
        );
    }
}

fn estate(
    net: &mut Net,
    place: &Place<'_>,
    ground: Polygon<f64>,
    name: Option<&'static str>,
    names: &mut [Vec<&'static str>],
    out: &mut Vec<Lot>,
    dice: &mut Dice,
) {
    let Some(name) = name.or_else(|| names[place.block.community as usize].pop()) else {
        return;
    };
    place.add(
        net,
        &outer(&ground),
        name.to_owned(),
        Kind::Homes,
        3,
        out,
        dice,
    );
}

/// The estates' own names go to their largest blocks.
fn estate_names(blocks: &[Block]) -> Vec<Option<&'static str>> {
    let mut names = vec![None; blocks.len()];
    for (community, own) in [
        (
            Community::Qilitang,
            &["元一名城A区", "元一名城B区", "元一名城C区"][..],
        ),
        (Community::Sanjiaoxian, &["利港银河新城"][..]),
    ] {
        let mut zones: Vec<usize> = (0..blocks.len())
            .filter(|&i| blocks[i].kind == Use::Estate && blocks[i].community == community)
            .collect();
        zones.sort_by(|&a, &b| blocks[b].area.total_cmp(&blocks[a].area));
        for (&block, name) in zones.iter().zip(own) {
            names[block] = Some(*name);
        }
    }
    names
}
