//! Places where things happen: doors along the streets and houses inside the
//! compounds, each with its own weight.

use super::compounds::{Kind, Lot};
use super::dice::Dice;
use super::geom::{Pt, V, along, dist, holds, left, length};
use super::net::Class;
use super::plan::Use;
use super::town::Drawing;

/// What a site is, in the order of [`super::profile::Where`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Home = 0,
    Front = 1,
    Lane = 2,
    Trade = 3,
    Care = 4,
    Yard = 5,
}

/// A place where incidents happen.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) at: V,
    /// Direction in which incidents spread, and how far (m, standard
    /// deviation along and across).
    pub(crate) axis: V,
    pub(crate) spread: (f64, f64),
    pub(crate) setting: Setting,
    pub(crate) weight: f64,
    /// Index into [`Sites::names`].
    pub(crate) name: usize,
}

/// All sites of a town.
#[derive(Debug, Clone)]
pub(crate) struct Sites {
    pub(crate) sites: Vec<Site>,
    pub(crate) names: Vec<String>,
}

/// Lays out the sites of a town. Weights are heavy-tailed: a few doors bring
/// a good part of all calls, as they do everywhere.
pub(crate) fn lay_out(drawing: &Drawing, seed: u64) -> Sites {
    let mut dice = Dice::new(seed, 10);
    let mut out = Sites {
        sites: Vec::new(),
        names: Vec::new(),
    };
    houses(drawing, &mut out, &mut dice);
    fronts(drawing, &mut out, &mut dice);
    out
}

/// Pareto with shape 1.35, cut at 40.
fn heavy(dice: &mut Dice) -> f64 {
    (1.0 - dice.unit()).powf(-1.0 / 1.35).min(40.0)
}

fn houses(drawing: &Drawing, out: &mut Sites, dice: &mut Dice) {
    for lot in &drawing.lots {
        let ring = lot.ring_v();
        let setting = match lot.kind {
            Kind::Homes => Setting::Home,
            Kind::Market => Setting::Trade,
            Kind::School | Kind::Hospital => Setting::Care,
            Kind::Other => Setting::Yard,
            Kind::Station | Kind::Office => continue,
        };
        out.names.push(lot.name.clone());
        let name = out.names.len() - 1;
        let area = super::geom::ring_area(&ring);
        let count = (area / 1_500.0).clamp(4.0, 60.0) as usize;
        let mood = (0.55 * dice.normal()).exp();
        let total = match setting {
            Setting::Home => f64::from(lot.households) / 100.0 * mood,
            Setting::Trade => 26.0 * mood,
            Setting::Care => 6.0,
            _ => 3.0,
        };
        let weights: Vec<f64> = (0..count).map(|_| heavy(dice)).collect();
        let sum: f64 = weights.iter().sum();
        for weight in weights {
            let at = inside(&ring, dice);
            out.sites.push(Site {
                at,
                axis: V { x: 1.0, y: 0.0 },
                spread: (6.0, 6.0),
                setting,
                weight: total * weight / sum,
                name,
            });
        }
    }
}

/// A place inside a ring.
fn inside(ring: &[V], dice: &mut Dice) -> V {
    let (mut low, mut high) = (ring[0], ring[0]);
    for p in ring {
        low = V {
            x: low.x.min(p.x),
            y: low.y.min(p.y),
        };
        high = V {
            x: high.x.max(p.x),
            y: high.y.max(p.y),
        };
    }
    for _ in 0..60 {
        let p = V {
            x: dice.range(low.x, high.x),
            y: dice.range(low.y, high.y),
        };
        if holds(ring, p) {
            return p;
        }
    }
    ring[0]
}

fn fronts(drawing: &Drawing, out: &mut Sites, dice: &mut Dice) {
    let trade: Vec<V> = drawing
        .lots
        .iter()
        .filter(|l| l.kind == Kind::Market)
        .map(|l| super::geom::centroid(&l.ring_v()))
        .collect();
    let rings: Vec<Vec<V>> = drawing.lots.iter().map(Lot::ring_v).collect();
    for edge in &drawing.net.edges {
        if matches!(edge.class, Class::Rail | Class::Path) {
            continue;
        }
        let line = edge.line();
        let total = length(&line);
        let mut at = 14.0;
        let name = label(&edge.name, out);
        while at < total {
            let (p, direction) = along(&line, at);
            at += dice.range(22.0, 44.0);
            let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
            let deep = (edge.class.setback() * 0.75).max(4.0);
            let place = p + left(direction) * (side * deep);
            let block = drawing.blocks.iter().find(|b| holds(&b.ring, place));
            let Some(block) = block else {
                continue;
            };
            let lane = edge.class == Class::Lane;
            // Inside a compound its houses count, not its lanes.
            if lane && rings.iter().any(|r| holds(r, p)) {
                continue;
            }
            let pull: f64 = trade
                .iter()
                .map(|&t| 2.2 * (-dist(t, place) / 160.0).exp())
                .sum();
            let busy = match edge.class {
                Class::Arterial => 1.0,
                Class::Secondary => 0.85,
                Class::Branch => 0.55,
                _ => 0.5,
            };
            let shops = !lane && dice.chance(0.12 + 0.3 * pull.min(1.5));
            let yard = matches!(block.kind, Use::Works | Use::RailYard) && dice.chance(0.4);
            let quiet = match block.kind {
                Use::Works | Use::RailYard | Use::Park => 0.45,
                _ => 1.0,
            };
            out.sites.push(Site {
                at: place,
                axis: direction,
                spread: (8.0, 1.6),
                setting: match (lane, shops, block.kind) {
                    _ if yard => Setting::Yard,
                    (true, _, Use::Homes) => Setting::Home,
                    (true, ..) => Setting::Lane,
                    (_, true, _) => Setting::Trade,
                    _ => Setting::Front,
                },
                weight: 0.16 * busy * quiet * (1.0 + pull) * heavy(dice),
                name,
            });
        }
    }
}

fn label(street: &str, out: &mut Sites) -> usize {
    let name = if street.is_empty() { "背街" } else { street };
    if let Some(i) = out.names.iter().position(|n| n == name) {
        return i;
    }
    out.names.push(name.to_owned());
    out.names.len() - 1
}

impl Site {
    /// A place near the site, on the lattice.
    pub(crate) fn near(&self, dice: &mut Dice) -> Pt {
        let clip = |x: f64| x.clamp(-2.2, 2.2);
        let along = clip(dice.normal()) * self.spread.0;
        let across = clip(dice.normal()) * self.spread.1;
        Pt::snap(self.at + self.axis * along + left(self.axis) * across)
    }
}
