//! The proposal: which face belongs to which grid, and how good that is.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, MultiPolygon};
use serde::{Deserialize, Serialize};

use super::dissolve::dissolve;
use super::divide::{Effort, divide};
use super::faces::{Faces, check};
use super::input::{Ground, Options, Stop, never};
use super::plan::{Basis, Plan, groups};
use super::problem::{PartitionError, Problem, Why};
use crate::crs::LocalFrame;

/// A proposed grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposedGrid {
    /// The area, WGS84 degrees: one part unless the boundary is in several.
    pub area: MultiPolygon<f64>,
    /// Households; 0 when none are known.
    pub households: f64,
    /// Area on the ellipsoid, m².
    pub area_m2: f64,
    /// Its faces, ascending.
    pub faces: Vec<u32>,
    /// Grids beside it, ascending.
    pub neighbours: Vec<u32>,
    /// Positions of its compounds in the input, ascending.
    pub compounds: Vec<usize>,
    /// 4π area / perimeter²: 1 for a circle, 0.785 for a square.
    pub compactness: f64,
    /// Why its size is not within the tolerance; `None` when it is.
    pub why: Option<Why>,
}

/// How even the grids are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// What is balanced.
    pub basis: Basis,
    /// The wanted size of a grid, households or m².
    pub wanted: f64,
    /// The smallest grid.
    pub min: f64,
    /// The largest grid.
    pub max: f64,
    /// Mean distance from the wanted size.
    pub mean_abs_dev: f64,
    /// Share of grids within 20 % of the wanted size.
    pub share_within_20pct: f64,
    /// Share of grids within the tolerance that was asked for.
    pub share_within_tolerance: f64,
    /// Mean compactness (4π area / perimeter²).
    pub mean_compactness: f64,
    /// The least compactness.
    pub min_compactness: f64,
    /// Share of the borders between grids that follows main roads, railway or
    /// water.
    pub main_border_share: f64,
}

/// A division of faces into grids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The faces.
    pub faces: Faces,
    /// The grid of each face.
    pub grid_of: Vec<u32>,
    /// The grids.
    pub grids: Vec<ProposedGrid>,
    /// How even they are.
    pub balance: Balance,
    /// What a person should know.
    pub problems: Vec<Problem>,
    /// What was asked for.
    pub options: Options,
}

/// Proposes grids for some ground.
///
/// # Errors
/// When the boundary or the options are unusable, or households are wanted
/// and none are known.
pub fn propose(ground: &Ground, options: &Options) -> Result<Proposal, PartitionError> {
    propose_from(Faces::new(ground, options)?, options)
}

/// Proposes grids from faces that were made before, e.g. for another size.
///
/// # Errors
/// When the options are unusable, there is no face, or households are wanted
/// and none are known.
pub fn propose_from(faces: Faces, options: &Options) -> Result<Proposal, PartitionError> {
    propose_unless(&never, faces, options)
}

/// As [`propose_from`], until it is told to stop.
///
/// # Errors
/// As there, and [`PartitionError::Stopped`].
pub fn propose_unless(
    stop: Stop<'_>,
    faces: Faces,
    options: &Options,
) -> Result<Proposal, PartitionError> {
    check(options)?;
    if faces.is_empty() || !faces.is_sound() {
        return Err(PartitionError::EmptyBoundary);
    }
    let plan = Plan::new(&faces, options)?;
    let mut graph = plan.graph(&faces, options.tolerance);
    let shared = groups(&faces, &graph, &plan);
    for (node, host) in &shared.hosts {
        graph.put_into(*node, *host);
    }
    let grids: usize = shared.groups.iter().map(|g| g.1).sum();
    let aim = plan.aim(&graph, grids, options.tolerance);
    let effort = Effort {
        seed: options.seed,
        starts: options.starts,
        rounds: options.rounds,
    };
    let part = divide(&graph, &shared.groups, aim, &effort, stop);
    let mut part = part.ok_or(PartitionError::Stopped)?;
    for (node, host) in shared.hosts {
        part[node] = part[host];
    }
    let grid_of = renumbered(&faces, &part, grids);
    let mut proposal = assemble(faces, grid_of, options, &plan);
    if let super::input::Wanted::Grids(wanted) = options.wanted
        && grids < wanted
    {
        let faces = proposal.faces.len();
        proposal.problems.push(Problem::FewFaces { wanted, faces });
    }
    Ok(proposal)
}

/// Numbers parts from north to south and west to east.
fn renumbered(faces: &Faces, part: &[usize], parts: usize) -> Vec<u32> {
    let order = reading_order(faces, part, parts);
    let mut number = vec![0; parts];
    for (new, old) in order.into_iter().enumerate() {
        number[old] = new as u32;
    }
    part.iter().map(|p| number[*p]).collect()
}

/// Parts in rows from north to south, each from west to east; a row is as
/// high as a typical part is wide.
pub(super) fn reading_order(faces: &Faces, part: &[usize], parts: usize) -> Vec<usize> {
    let area: f64 = faces.area_m2.iter().sum();
    let row_m = (area / parts.max(1) as f64).sqrt().max(1.0);
    let frame = LocalFrame::new(faces.middle(0));
    // Middles weighted by area.
    let mut middle = vec![(0.0, 0.0, 0.0); parts];
    for (face, &p) in part.iter().enumerate() {
        let m = frame.to_meters(faces.middle(face));
        let weight = faces.area_m2[face].max(f64::MIN_POSITIVE);
        let sum = &mut middle[p];
        *sum = (sum.0 + m.x * weight, sum.1 + m.y * weight, sum.2 + weight);
    }
    let at: Vec<Coord> = middle
        .iter()
        .map(|(x, y, w)| Coord {
            x: x / w.max(f64::MIN_POSITIVE),
            y: y / w.max(f64::MIN_POSITIVE),
        })
        .collect();
    let north = at.iter().map(|c| c.y).fold(f64::NEG_INFINITY, f64::max);
    let mut order: Vec<usize> = (0..parts).collect();
    order.sort_by(|a, b| {
        let row = |i: usize| ((north - at[i].y) / row_m).floor();
        row(*a)
            .total_cmp(&row(*b))
            .then(at[*a].x.total_cmp(&at[*b].x))
            .then(a.cmp(b))
    });
    order
}

/// Sums of one grid while it is put together.
#[derive(Default)]
struct Gathered {
    faces: Vec<u32>,
    neighbours: BTreeSet<u32>,
    perimeter_m: f64,
}

/// The proposal that an assignment of faces makes. Every grid has a face.
pub(super) fn assemble(
    faces: Faces,
    grid_of: Vec<u32>,
    options: &Options,
    plan: &Plan,
) -> Proposal {
    let mut gathered: BTreeMap<u32, Gathered> = BTreeMap::new();
    for (face, grid) in grid_of.iter().enumerate() {
        let grid = gathered.entry(*grid).or_default();
        grid.faces.push(face as u32);
        grid.perimeter_m += faces.outer_m[face];
    }
    let (mut border_m, mut main_m) = (0.0, 0.0);
    for shared in &faces.adjacency {
        let (a, b) = (grid_of[shared.a as usize], grid_of[shared.b as usize]);
        if a == b {
            continue;
        }
        border_m += shared.length_m;
        main_m += shared.main_m;
        for (one, other) in [(a, b), (b, a)] {
            let grid = gathered.entry(one).or_default();
            grid.neighbours.insert(other);
            grid.perimeter_m += shared.length_m;
        }
    }
    let limits = (
        plan.wanted * (1.0 - options.tolerance),
        plan.wanted * (1.0 + options.tolerance),
    );
    let grids: Vec<ProposedGrid> = gathered
        .into_values()
        .map(|g| proposed(&faces, g, plan.basis, limits))
        .collect();
    let balance = balance(&grids, plan, limits, main_m, border_m);
    let mut problems = faces.problems.clone();
    problems.extend(large(&faces, plan.basis, limits.1));
    problems.extend(shapes(&grids));
    Proposal {
        faces,
        grid_of,
        grids,
        balance,
        problems,
        options: *options,
    }
}

fn proposed(faces: &Faces, from: Gathered, basis: Basis, limits: (f64, f64)) -> ProposedGrid {
    let own = || from.faces.iter().map(|f| *f as usize);
    let area_m2: f64 = own().map(|f| faces.area_m2[f]).sum();
    let households: f64 = own().map(|f| faces.households[f]).sum();
    let mut compounds: Vec<usize> = own().flat_map(|f| faces.compounds[f].clone()).collect();
    compounds.sort_unstable();
    let mut grid = ProposedGrid {
        area: dissolve(own().map(|f| &faces.polygons[f])),
        households,
        area_m2,
        neighbours: from.neighbours.into_iter().collect(),
        compounds,
        compactness: 4.0 * std::f64::consts::PI * area_m2 / from.perimeter_m.powi(2).max(1e-9),
        why: None,
        faces: from.faces,
    };
    if !within(size(&grid, basis), limits) {
        grid.why = Some(why(faces, &grid, basis, limits.1));
    }
    grid
}

/// A grid's size.
pub(super) fn size(grid: &ProposedGrid, basis: Basis) -> f64 {
    match basis {
        Basis::Households => grid.households,
        Basis::Area => grid.area_m2,
    }
}

/// Rounding in sums must not put a grid outside.
fn within(size: f64, (low, high): (f64, f64)) -> bool {
    size >= low - high * 1e-9 && size <= high + high * 1e-9
}

fn why(faces: &Faces, grid: &ProposedGrid, basis: Basis, high: f64) -> Why {
    let sizes = basis.sizes(faces);
    let large = grid.faces.iter().find(|f| sizes[**f as usize] > high);
    if let Some(&face) = large {
        let households = |c: &usize| faces.compound_households.get(*c).copied().unwrap_or(0.0);
        let compound = grid.compounds.iter().find(|c| households(c) > high);
        return match compound {
            Some(&compound) if basis == Basis::Households => Why::CompoundTooLarge { compound },
            _ => Why::FaceTooLarge { face },
        };
    }
    if grid.neighbours.is_empty() {
        Why::NothingToShare
    } else {
        Why::NoBetterBorder
    }
}

fn balance(
    grids: &[ProposedGrid],
    plan: &Plan,
    limits: (f64, f64),
    main_m: f64,
    border_m: f64,
) -> Balance {
    let sizes = || grids.iter().map(|g| size(g, plan.basis));
    let shapes = || grids.iter().map(|g| g.compactness);
    let count = grids.len().max(1) as f64;
    let share = |limits: (f64, f64)| sizes().filter(|s| within(*s, limits)).count() as f64 / count;
    Balance {
        basis: plan.basis,
        wanted: plan.wanted,
        min: sizes().fold(f64::INFINITY, f64::min),
        max: sizes().fold(0.0, f64::max),
        mean_abs_dev: sizes().map(|s| (s - plan.wanted).abs()).sum::<f64>() / count,
        share_within_20pct: share((plan.wanted * 0.8, plan.wanted * 1.2)),
        share_within_tolerance: share(limits),
        mean_compactness: shapes().sum::<f64>() / count,
        min_compactness: shapes().fold(f64::INFINITY, f64::min),
        main_border_share: if border_m > 0.0 {
            main_m / border_m
        } else {
            0.0
        },
    }
}

/// Compounds and faces that no grid can hold within the tolerance.
fn large(faces: &Faces, basis: Basis, high: f64) -> Vec<Problem> {
    let mut out = Vec::new();
    let sizes = basis.sizes(faces);
    for (face, &size) in sizes.iter().enumerate().filter(|(_, size)| **size > high) {
        let compounds = faces.compounds[face].iter().copied();
        let households = |c: usize| faces.compound_households.get(c).copied().unwrap_or(0.0);
        let one = compounds.clone().find(|c| households(*c) > high);
        out.push(match one {
            Some(compound) if basis == Basis::Households => Problem::CompoundTooLarge {
                compound,
                households: households(compound),
            },
            _ => Problem::FaceTooLarge {
                face: face as u32,
                size,
            },
        });
    }
    out
}

fn shapes(grids: &[ProposedGrid]) -> Vec<Problem> {
    let mut out = Vec::new();
    for (grid, parts) in grids.iter().map(|g| &g.area.0).enumerate() {
        let grid = grid as u32;
        if parts.len() > 1 {
            out.push(Problem::SeveralParts {
                grid,
                parts: parts.len(),
            });
        }
        // A grid with a single neighbour in a hole of another one.
        let inner = grids.iter().enumerate().any(|(other, g)| {
            other as u32 != grid && g.neighbours == [grid] && is_in_hole(g, parts)
        });
        if inner {
            out.push(Problem::Encloses { grid });
        }
    }
    out
}

fn is_in_hole(inner: &ProposedGrid, around: &[geo::Polygon]) -> bool {
    let corners: BTreeSet<_> = around
        .iter()
        .flat_map(geo::Polygon::interiors)
        .flat_map(|ring| &ring.0)
        .map(|c| super::dissolve::key(*c))
        .collect();
    let outer = inner.area.iter().flat_map(|p| &p.exterior().0);
    outer
        .into_iter()
        .all(|c| corners.contains(&super::dissolve::key(*c)))
}
