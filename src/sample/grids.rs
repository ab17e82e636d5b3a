//! Blocks gathered into basic grids of comparable size, and the special
//! grids that lie over single blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::Block;
use super::compounds::{Kind, Lot};
use super::geom::{Pt, V, centroid};
use super::net::{Class, Net, ring_v};
use super::plan::{Community, Use};

/// How many basic grids the sub-district has.
pub(crate) const BASIC: usize = 48;
/// Households that a grid should come near to.
const WANTED: f64 = 400.0;

/// A grid as drawn.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) ring: Vec<Pt>,
    pub(crate) community: Community,
    /// Name of what a special grid is made for; `None` for a basic grid.
    pub(crate) special: Option<&'static str>,
    pub(crate) households: u32,
}

/// Households of a block's ground that belong to no compound.
fn scattered(block: &Block) -> f64 {
    let per_hectare = match block.kind {
        Use::Old => 96.0,
        Use::Homes => 26.0,
        Use::Mall => 22.0,
        Use::Market | Use::Estate => 14.0,
        Use::Works => 9.0,
        Use::School | Use::Hospital | Use::Park => 4.0,
        Use::RailYard => 2.0,
        Use::Outside => 0.0,
    };
    block.area / 1e4 * per_hectare
}

/// How much a street between two grids holds them apart.
fn divide(class: Class) -> f64 {
    match class {
        Class::Arterial => 3.5,
        Class::Secondary => 1.7,
        Class::Rail => 50.0,
        _ => 1.0,
    }
}

struct Group {
    community: Community,
    households: f64,
    area: f64,
    around: f64,
}

/// Gathers the blocks: for each block the number of its group.
fn gather(net: &Net, blocks: &[Block], lots: &[Lot]) -> Vec<usize> {
    let mut groups: Vec<Option<Group>> = blocks
        .iter()
        .enumerate()
        .map(|(i, b)| {
            let housed: u32 = lots
                .iter()
                .filter(|l| l.block == i)
                .map(|l| l.households)
                .sum();
            Some(Group {
                community: b.community,
                households: f64::from(housed) + scattered(b),
                area: b.area,
                around: b.face.iter().map(|&(e, _)| net.edges[e].length()).sum(),
            })
        })
        .collect();
    let mut owner: Vec<usize> = (0..blocks.len()).collect();
    // (group, group) → (length, length times how much the street divides)
    let mut borders: BTreeMap<(usize, usize), (f64, f64)> = BTreeMap::new();
    let mut sides: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, block) in blocks.iter().enumerate() {
        for &(e, _) in &block.face {
            if let Some(&j) = sides.get(&e) {
                let entry = borders.entry((i.min(j), i.max(j))).or_default();
                let len = net.edges[e].length();
                entry.0 += len;
                entry.1 += len * divide(net.edges[e].class);
            } else {
                sides.insert(e, i);
            }
        }
    }
    let mut count = blocks.len();
    while count > BASIC {
        let cost = |(&(a, b), &(len, weighed)): (&(usize, usize), &(f64, f64))| {
            let (x, y) = (groups[a].as_ref()?, groups[b].as_ref()?);
            if x.community != y.community || len < 40.0 {
                return None;
            }
            let around = x.around + y.around - 2.0 * len;
            let shape = around * around / (4.0 * std::f64::consts::PI * (x.area + y.area));
            let size = (x.households + y.households) / WANTED;
            Some((size.max(0.25) * (weighed / len) * shape.powf(1.3), (a, b)))
        };
        let Some((_, (a, b))) = borders
            .iter()
            .filter_map(cost)
            .min_by(|x, y| x.0.total_cmp(&y.0))
        else {
            break;
        };
        let shared = borders.remove(&(a, b)).map_or(0.0, |s| s.0);
        if let Some(gone) = groups[b].take()
            && let Some(stays) = groups[a].as_mut()
        {
            stays.households += gone.households;
            stays.area += gone.area;
            stays.around += gone.around - 2.0 * shared;
        }
        let moved: Vec<(usize, (f64, f64))> = borders
            .iter()
            .filter(|((x, y), _)| *x == b || *y == b)
            .map(|((x, y), s)| (if *x == b { *y } else { *x }, *s))
            .collect();
        borders.retain(|(x, y), _| *x != b && *y != b);
        for (other, s) in moved {
            let entry = borders.entry((a.min(other), a.max(other))).or_default();
            entry.0 += s.0;
            entry.1 += s.1;
        }
        for o in &mut owner {
            if *o == b {
                *o = a;
            }
        }
        count -= 1;
    }
    owner
}

/// The grids, basic ones first, in the order of their codes. Households of
/// compounds are drawn towards what a grid may hold.
pub(crate) fn divide_town(net: &Net, blocks: &[Block], lots: &mut [Lot]) -> Vec<Cell> {
    let owner = gather(net, blocks, lots);
    let mut side: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    for (i, block) in blocks.iter().enumerate() {
        side.extend(block.face.iter().map(|&half| (half, owner[i])));
    }
    let border: BTreeSet<usize> = (0..net.edges.len())
        .filter(|&e| side.get(&(e, true)) != side.get(&(e, false)))
        .collect();
    let mut cells = Vec::new();
    for face in net.faces(|e| border.contains(&e)) {
        let Some(&group) = face.iter().find_map(|half| side.get(half)) else {
            continue;
        };
        let own: Vec<usize> = (0..blocks.len()).filter(|&i| owner[i] == group).collect();
        cells.push(Cell {
            ring: net.ring(&face),
            community: blocks[group].community,
            special: None,
            households: settle(blocks, &own, lots),
        });
    }
    for block in blocks {
        let special = match block.kind {
            Use::RailYard | Use::Park | Use::Mall => !block.name.is_empty(),
            Use::School => block.name == "七里塘学校",
            _ => false,
        };
        if special {
            cells.push(Cell {
                ring: net.ring(&block.face),
                community: block.community,
                special: Some(block.name),
                households: 0,
            });
        }
    }
    // Numbered within a community from north to south and west to east.
    cells.sort_by_key(|cell| {
        let middle = middle(cell);
        (
            cell.special.is_some(),
            cell.community,
            -(middle.y / 260.0).round() as i64,
            middle.x as i64,
        )
    });
    cells
}

/// Middle of a grid.
pub(crate) fn middle(cell: &Cell) -> V {
    centroid(&ring_v(&cell.ring))
}

/// Households of a grid, with its compounds scaled so that it comes out
/// between about 300 and 520.
fn settle(blocks: &[Block], own: &[usize], lots: &mut [Lot]) -> u32 {
    let loose: f64 = own.iter().map(|&i| scattered(&blocks[i])).sum();
    let housed: f64 = lots
        .iter()
        .filter(|l| own.contains(&l.block))
        .map(|l| f64::from(l.households))
        .sum();
    let raw = loose + housed;
    let wanted = (WANTED * (raw / WANTED).powf(0.4)).clamp(292.0, 528.0);
    let factor = wanted / raw.max(1.0);
    let mut sum = 0;
    for lot in lots.iter_mut().filter(|l| own.contains(&l.block)) {
        lot.households = (f64::from(lot.households) * factor).round() as u32;
        if lot.kind == Kind::Homes {
            lot.priority = match lot.households {
                300.. => 1,
                150.. => 2,
                _ => 3,
            };
        }
        sum += lot.households;
    }
    (wanted.round() as u32).max(sum)
}
