//! Key compounds: outlines set back from the streets, gates on the side of a
//! street, and the roads inside.

use geo::algorithm::buffer::{BufferStyle, LineCap, LineJoin};
use geo::{Area, BooleanOps, Buffer, LineString, MultiPolygon, Polygon};

use super::blocks::Block;
use super::dice::Dice;
use super::geom::{
    Pt, V, centroid, closed, crossing, dist, dot, extent, holds, left, length, lerp, long_axis,
    outer, polygon, ring_area, thin, unit,
};
use super::grow::{Cut, attach, cut, heading, spur};
use super::net::{Class, Net};
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

fn shrunk(area: &Polygon<f64>, by: f64) -> Option<Polygon<f64>> {
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

/// A place on the street side of an outline: where the access road leaves
/// the street, and where it passes the outline.
struct Entry {
    street: V,
    gate: V,
    class: Class,
}

fn entries(net: &Net, ring: &[V]) -> Vec<Entry> {
    let line = closed(ring);
    let total = length(&line);
    let mut found = Vec::new();
    let mut at = 6.0;
    while at < total {
        let (gate, direction) = super::geom::along(&line, at);
        at += 9.0;
        let Some(foot) = net.nearest(gate, |e| !matches!(e.class, Class::Rail | Class::Path))
        else {
            continue;
        };
        let edge = &net.edges[foot.edge];
        let Some(way) = heading(foot.at, gate) else {
            continue;
        };
        let outside = left(direction) * -1.0;
        let from_nodes = [edge.a, edge.b]
            .iter()
            .map(|&n| dist(net.nodes[n].v(), foot.at))
            .fold(f64::INFINITY, f64::min);
        if foot.distance < edge.class.setback() + 9.0
            && from_nodes > 24.0
            && dot(way * -1.0, outside) > 0.9
        {
            found.push(Entry {
                street: foot.at,
                gate,
                class: edge.class,
            });
        }
    }
    found
}

/// Lays the access roads and inner roads of an outline; gives the gates.
fn roads(net: &mut Net, ring: &[V], gates: usize, dice: &mut Dice) -> Vec<V> {
    let mut open = entries(net, ring);
    dice.shuffle(&mut open);
    // A gate lies on a side street rather than on an arterial.
    open.sort_by_key(|e| usize::from(e.class == Class::Arterial));
    let area = ring_area(ring);
    let core = shrunk(&polygon(ring), dice.range(17.0, 24.0))
        .map(|p| thin(&closed(&outer(&p)), 2.5))
        .filter(|c| c.len() > 3 && area > 13_000.0 && dice.chance(0.7));
    let mut made: Vec<V> = Vec::new();
    for entry in &open {
        if made.len() >= gates {
            break;
        }
        if made.iter().any(|g| dist(*g, entry.gate) < 90.0) {
            continue;
        }
        let ok = match &core {
            Some(core) => enter_loop(net, entry, core, made.is_empty()),
            None => enter_straight(net, entry, ring, made.is_empty(), dice),
        };
        if ok {
            made.push(entry.gate);
        }
    }
    if !made.is_empty() {
        inner_lanes(net, ring, core.as_deref(), area, dice);
    }
    made
}

/// One short access road: a yard full of tracks has no ring road.
fn yard_gate(net: &mut Net, ring: &[V], dice: &mut Dice) -> Vec<V> {
    let mut open = entries(net, ring);
    dice.shuffle(&mut open);
    for entry in &open {
        let Some(way) = heading(entry.street, entry.gate) else {
            continue;
        };
        let line = [entry.street, entry.gate + way * 22.0];
        if net.is_clear(&line, 9.0, false) && attach(net, line.to_vec(), Class::Lane, "") {
            return vec![entry.gate];
        }
    }
    Vec::new()
}

/// An access road to a road that runs around inside the outline.
fn enter_loop(net: &mut Net, entry: &Entry, core: &[V], first: bool) -> bool {
    let Some(way) = heading(entry.street, entry.gate) else {
        return false;
    };
    let far = entry.gate + way * 60.0;
    let hit = core
        .windows(2)
        .enumerate()
        .filter_map(|(i, w)| crossing(entry.gate, far, w[0], w[1]).map(|(t, _)| (t, i)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(t, i)| (i, lerp(entry.gate, far, t)));
    let Some((i, hit)) = hit else {
        return false;
    };
    if !net.is_clear(&[entry.street, hit], 9.0, !first) {
        return false;
    }
    if first {
        let mut ring = vec![hit];
        ring.extend(core[i + 1..core.len() - 1].iter().copied());
        ring.extend(core[..=i].iter().copied());
        ring.dedup_by(|a, b| dist(*a, *b) < 4.0);
        while ring.len() > 3 && dist(ring[ring.len() - 1], hit) < 4.0 {
            ring.pop();
        }
        ring.push(hit);
        net.lay(&ring, Class::Lane, "");
    }
    let Some(foot) = net.nearest(hit, |e| e.class == Class::Lane) else {
        return false;
    };
    let edge = &net.edges[foot.edge];
    let near = |n: usize| (0.5..9.0).contains(&dist(net.nodes[n].v(), hit));
    if near(edge.a) || near(edge.b) {
        return false;
    }
    let node = net.split(foot, 0.5);
    let end = net.nodes[node].v();
    attach(net, vec![entry.street, end], Class::Lane, "")
}

/// An access road that goes on into the compound.
fn enter_straight(net: &mut Net, entry: &Entry, ring: &[V], first: bool, dice: &mut Dice) -> bool {
    let Some(way) = heading(entry.street, entry.gate) else {
        return false;
    };
    if !first {
        return false;
    }
    let depth = {
        let mut d = 10.0;
        while d < 260.0 && holds(ring, entry.gate + way * (d + 16.0)) {
            d += 4.0;
        }
        d * dice.range(0.72, 0.95)
    };
    let end = entry.gate + way * depth;
    let middle = lerp(entry.gate, end, 0.55) + left(way) * dice.range(-5.0, 5.0);
    let line = super::geom::curve(&[entry.street, entry.gate, middle, end]);
    net.is_clear(&line, 9.0, false) && attach(net, line, Class::Lane, "")
}

/// What branches off the first road inside.
fn inner_lanes(net: &mut Net, ring: &[V], core: Option<&[V]>, area: f64, dice: &mut Dice) {
    let how = Cut {
        gap: 15.0,
        clear: 13.0,
        stray: 0.06,
        least: 1_800.0,
        ..Cut::lane(11_000.0)
    };
    let Some(core) = core else {
        spine_spurs(net, ring, area, dice);
        return;
    };
    let mut inner = core.to_vec();
    inner.pop();
    let mut parts = vec![inner];
    if area > 20_000.0 {
        let all = std::mem::take(&mut parts);
        for part in all {
            match cut(net, &part, &how, "", dice, None) {
                Some(two) => parts.extend(two),
                None => parts.push(part),
            }
        }
    }
    for part in parts {
        if ring_area(&part) > 6_000.0 && dice.chance(0.55) {
            spur(net, &part, &how, "", (0.4, 0.7), dice);
        }
    }
}

/// Short lanes to both sides of the road in the middle.
fn spine_spurs(net: &mut Net, ring: &[V], area: f64, dice: &mut Dice) {
    let want = ((area / 7_000.0) as usize).clamp(1, 4);
    let mut made = 0;
    for _ in 0..30 {
        if made == want {
            break;
        }
        let inside: Vec<usize> = (0..net.edges.len())
            .filter(|&i| {
                let e = &net.edges[i];
                e.class == Class::Lane
                    && e.name.is_empty()
                    && holds(ring, e.pts[e.pts.len() - 1].v())
            })
            .collect();
        if inside.is_empty() {
            break;
        }
        let edge = &net.edges[inside[dice.below(inside.len())]];
        let line = edge.line();
        let (start, along) = super::geom::along(&line, length(&line) * dice.range(0.3, 0.95));
        let side = if dice.chance(0.5) {
            left(along)
        } else {
            left(along) * -1.0
        };
        let mut reach = 8.0;
        while reach < 120.0 && holds(ring, start + side * (reach + 14.0)) {
            reach += 4.0;
        }
        let len = reach * dice.range(0.7, 1.0);
        if len < 24.0 || !holds(ring, start) {
            continue;
        }
        let line = [start, start + unit(side) * len];
        let near_node = net.nodes.iter().any(|n| dist(n.v(), start) < 16.0);
        if !near_node && net.is_clear(&line, 14.0, false) {
            attach(net, line.to_vec(), Class::Lane, "");
            made += 1;
        }
    }
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
