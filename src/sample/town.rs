//! The drawn town as entities of the model.

use geo::{Coord, LineString, MultiLineString, MultiPolygon, Polygon};
use jiff::civil::Date;

use super::blocks::{self, Block};
use super::compounds::{self, Kind, Lot};
use super::geom::Pt;
use super::grids::{self, Cell};
use super::net::{Class, Net};
use super::{offices, plan, route};
use crate::model::{
    ChangeSet, Compound, CompoundKind, District, Grid, GridKind, Meta, Route, Street, StreetClass,
};

/// Where sample entities say they come from.
const SOURCE: &str = "sample";
/// Statistical code of the sub-district.
const SUBDISTRICT: &str = "340102014";

/// An invented sub-district.
#[derive(Debug, Clone)]
pub struct Town {
    /// Basic grids that tile the town, then the special ones over them.
    pub grids: Vec<Grid>,
    /// Key compounds, the station and the offices among them.
    pub compounds: Vec<Compound>,
    /// Streets between junctions, the railway among them.
    pub streets: Vec<Street>,
    /// Patrol routes.
    pub routes: Vec<Route>,
    /// The drawing, for whoever puts incidents on it.
    pub(crate) drawing: Drawing,
}

/// The town before it became entities.
#[derive(Debug, Clone)]
pub(crate) struct Drawing {
    pub(crate) net: Net,
    pub(crate) blocks: Vec<Block>,
    pub(crate) lots: Vec<Lot>,
}

/// Makes the town of a seed. The same seed gives the same town, to the last
/// bit.
pub fn town(seed: u64) -> Town {
    let (mut net, marks, spots) = plan::draw(seed);
    let mut blocks = blocks::cut_blocks(&mut net, &marks, seed);
    blocks::lay_lanes(&mut net, &blocks, seed);
    blocks::refresh(&net, &mut blocks);
    let small = offices::place(&net, &blocks, &spots);
    let mut lots = compounds::build(&mut net, &blocks, &small, seed);
    blocks::refresh(&net, &mut blocks);
    let cells = grids::divide_town(&net, &blocks, &mut lots);
    let routes = route::plan(&net, &lots);
    Town {
        grids: as_grids(&cells),
        compounds: lots
            .iter()
            .enumerate()
            .map(|(i, l)| as_compound(i, l))
            .collect(),
        streets: as_streets(&net),
        routes: routes
            .into_iter()
            .enumerate()
            .map(|(i, mut r)| {
                r.code = format!("{SUBDISTRICT}R{:02}", i + 1);
                r.meta = meta(format!("route-{:02}", i + 1));
                r
            })
            .collect(),
        drawing: Drawing { net, blocks, lots },
    }
}

/// The whole demo district: the town of a seed and its incidents, the last
/// of them on the day `until`.
pub fn district(seed: u64, until: Date) -> ChangeSet {
    let town = town(seed);
    let incidents = super::incidents(&town, seed, until);
    ChangeSet {
        grids: town.grids.into(),
        compounds: town.compounds.into(),
        streets: town.streets.into(),
        routes: town.routes.into(),
        incidents: incidents.into(),
        categories: None,
        district: Some(District {
            name: "嘉山路街道".to_owned(),
            note: Some("虚构示例".to_owned()),
            ..District::default()
        }),
        ..ChangeSet::default()
    }
}

/// Identity of a sample entity.
pub(crate) fn meta(source_id: String) -> Meta {
    Meta {
        source: SOURCE.to_owned(),
        source_id,
        ..Meta::default()
    }
}

fn ring(pts: &[Pt]) -> Polygon<f64> {
    let mut line: Vec<Coord<f64>> = pts.iter().map(|p| p.lonlat()).collect();
    line.extend(line.first().copied());
    Polygon::new(LineString::new(line), vec![])
}

fn as_grids(cells: &[Cell]) -> Vec<Grid> {
    let mut serial = [0usize; 3];
    cells
        .iter()
        .enumerate()
        .map(|(i, cell)| {
            let of = cell.community as usize;
            serial[of] += 1;
            let code = format!("{SUBDISTRICT}{:03}{:03}", of + 1, serial[of]);
            let name = match cell.special {
                Some(name) => format!("{name}专属网格"),
                None => format!("{}第{}网格", cell.community.name(), serial[of]),
            };
            Grid {
                meta: meta(code.clone()),
                code,
                name,
                kind: if cell.special.is_some() {
                    GridKind::Special
                } else {
                    GridKind::Basic
                },
                community: format!("{}社区", cell.community.name()),
                post: format!("网格长{}号岗", i + 1),
                households: cell.special.is_none().then_some(cell.households),
                valid_from: Some(jiff::civil::date(2020, 1, 1)),
                valid_to: None,
                area: MultiPolygon(vec![ring(&cell.ring)]),
            }
        })
        .collect()
}

fn as_compound(index: usize, lot: &Lot) -> Compound {
    let number = index + 1;
    Compound {
        meta: meta(format!("compound-{number:03}")),
        code: format!("{SUBDISTRICT}C{number:03}"),
        name: lot.name.clone(),
        kind: match lot.kind {
            Kind::Homes => CompoundKind::Residential,
            Kind::School => CompoundKind::School,
            Kind::Market => CompoundKind::Market,
            Kind::Hospital => CompoundKind::Hospital,
            Kind::Station => CompoundKind::Station,
            Kind::Office => CompoundKind::Office,
            Kind::Other => CompoundKind::Other,
        },
        community: format!("{}社区", lot.community.name()),
        priority: lot.priority,
        households: (lot.kind == Kind::Homes).then_some(lot.households),
        gates: lot.gates.iter().map(|g| g.lonlat()).collect(),
        shape: ring(&lot.ring).into(),
    }
}

fn as_streets(net: &Net) -> Vec<Street> {
    net.edges
        .iter()
        .enumerate()
        .map(|(i, edge)| Street {
            meta: meta(format!("street-{:04}", i + 1)),
            name: edge.name.clone(),
            class: match edge.class {
                Class::Arterial => StreetClass::Arterial,
                Class::Secondary => StreetClass::Secondary,
                Class::Branch => StreetClass::Branch,
                Class::Lane => StreetClass::Lane,
                Class::Path => StreetClass::Path,
                Class::Rail => StreetClass::Rail,
            },
            oneway: ONE_WAY.contains(&edge.name.as_str()),
            foot: edge.class != Class::Rail,
            line: MultiLineString(vec![LineString::new(
                edge.pts.iter().map(|p| p.lonlat()).collect(),
            )]),
        })
        .collect()
}

/// Streets that cars may use in one direction only.
const ONE_WAY: [&str; 2] = ["红街", "站塘路"];
