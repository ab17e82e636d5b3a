//! The datum that tiles are drawn in. Maps of 高德 and 腾讯 are in GCJ-02, so
//! what lies on them has to be moved by the same amount, corner by corner.

use std::collections::HashMap;

use geo::{Coord, MapCoords, MultiLineString, MultiPolygon, Rect};

use crate::crs::gcj02;
use crate::tile::{Area, Bounds, Path, TileCoord, WorldBox, WorldPoint};

/// More than the rounding of a projected place and the error of [`Shifts`],
/// degrees: twelve world units.
const ROUNDING: f64 = 1e-6;

/// log2 of the side of a square of [`Shifts`] in world units: 600 m.
const SQUARE_BITS: u8 = 16;

/// What the coordinates of a tile are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Datum {
    /// WGS84, as everything in the program; CGCS2000 counts as equal.
    #[default]
    Wgs84,
    /// GCJ-02, the shifted datum of Chinese web maps.
    Gcj02,
}

impl Datum {
    /// Every datum.
    pub const ALL: [Datum; 2] = [Datum::Wgs84, Datum::Gcj02];

    /// The name in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Datum::Wgs84 => "wgs84",
            Datum::Gcj02 => "gcj02",
        }
    }

    /// The datum of a name.
    pub fn named(name: &str) -> Option<Datum> {
        Datum::ALL.into_iter().find(|datum| datum.as_str() == name)
    }

    /// Polygons projected in this datum.
    pub(super) fn area(self, polygons: &MultiPolygon<f64>) -> Option<Area> {
        match self {
            Datum::Wgs84 => Area::from_lon_lat(polygons),
            Datum::Gcj02 => Area::from_lon_lat(&polygons.map_coords(gcj02::from_wgs84)),
        }
    }

    /// Lines projected in this datum.
    pub(super) fn path(self, lines: &MultiLineString<f64>) -> Option<Path> {
        match self {
            Datum::Wgs84 => Path::from_lon_lat(lines),
            Datum::Gcj02 => Path::from_lon_lat(&lines.map_coords(gcj02::from_wgs84)),
        }
    }

    /// A place projected in this datum.
    pub(super) fn point(self, at: Coord) -> Option<WorldPoint> {
        let at = match self {
            Datum::Wgs84 => at,
            Datum::Gcj02 => gcj02::from_wgs84(at),
        };
        WorldPoint::from_lon_lat(at.x, at.y)
    }

    /// Where to look for things, in WGS84, whose envelopes in this datum meet
    /// a box of it; `holding` is the envelope of all that there is to find.
    ///
    /// A side between two corners is straight in either datum, so a corner
    /// far outside the box decides what a long side does within it: the box
    /// is moved back by every shift that a corner can have.
    pub(super) fn sources(self, target: Bounds, holding: Option<Bounds>) -> Bounds {
        match (self, holding) {
            (Datum::Gcj02, Some(holding)) => moved_back(target, gcj02::shift_range(rect(holding))),
            _ => target,
        }
    }

    /// Where points are in WGS84 that lie in a tile of this datum.
    pub(super) fn source_box(self, tile: TileCoord) -> WorldBox {
        if self == Datum::Wgs84 {
            return tile.world();
        }
        let bounds = tile.bounds();
        // A point of the tile lies no further away than the largest shift, so
        // only shifts of that neighbourhood matter, and so once more.
        let near = moved_back(bounds, gcj02::shift_range(widened(bounds, gcj02::LARGEST)));
        let near = moved_back(bounds, gcj02::shift_range(rect(near)));
        let corner = |lon: f64, lat: f64| WorldPoint::from_lon_lat(lon, lat);
        let corners = corner(near.west, near.north).zip(corner(near.east, near.south));
        corners.map_or_else(|| tile.world(), |(min, max)| WorldBox { min, max })
    }

    /// An envelope in this datum that holds whatever lies in one of WGS84.
    pub(super) fn envelope(self, bounds: Bounds) -> Bounds {
        if self == Datum::Wgs84 {
            return bounds;
        }
        let range = gcj02::shift_range(rect(bounds));
        Bounds {
            west: bounds.west + range.min().x,
            south: bounds.south + range.min().y,
            east: bounds.east + range.max().x,
            north: bounds.north + range.max().y,
        }
    }
}

/// Moves many points to GCJ-02: the shift is worked out at the corners of
/// squares and mixed between them, a twentieth of the work in a town. The
/// fastest wave of the formula bends by 2 cm within 600 m, so places are right
/// to six world units (5 cm), and a place depends on the point alone, not on
/// who asks.
#[derive(Debug, Default)]
pub(super) struct Shifts {
    squares: HashMap<(u32, u32), Square>,
    last: Option<((u32, u32), Square)>,
}

/// Shifts in world units at the corners: north-west, north-east, south-west,
/// south-east; `None` where the formula begins or ends.
type Square = Option<[(i64, i64); 4]>;

impl Shifts {
    /// Where a WGS84 place is in GCJ-02.
    pub(super) fn place(&mut self, at: WorldPoint) -> Option<WorldPoint> {
        let key = (at.x >> SQUARE_BITS, at.y >> SQUARE_BITS);
        let square = match self.last {
            Some((last, square)) if last == key => square,
            _ => *self.squares.entry(key).or_insert_with(|| square(key)),
        };
        self.last = Some((key, square));
        let Some(corners) = square else {
            return exact(at);
        };
        let side = 1_i64 << SQUARE_BITS;
        let (u, v) = (i64::from(at.x) % side, i64::from(at.y) % side);
        let mix = |nw: i64, ne: i64, sw: i64, se: i64| {
            let (north, south) = (nw * (side - u) + ne * u, sw * (side - u) + se * u);
            (north * (side - v) + south * v) >> (2 * SQUARE_BITS)
        };
        let [nw, ne, sw, se] = corners;
        let moved = |from: u32, by: i64| u32::try_from(i64::from(from) + by).ok();
        Some(WorldPoint {
            x: moved(at.x, mix(nw.0, ne.0, sw.0, se.0))?,
            y: moved(at.y, mix(nw.1, ne.1, sw.1, se.1))?,
        })
    }
}

fn exact(at: WorldPoint) -> Option<WorldPoint> {
    let (x, y) = at.lon_lat();
    Datum::Gcj02.point(Coord { x, y })
}

fn square((x, y): (u32, u32)) -> Square {
    let corner = |dx: u32, dy: u32| {
        let unit = |n: u32| u32::try_from(u64::from(n) << SQUARE_BITS).ok();
        let at = WorldPoint {
            x: unit(x.checked_add(dx)?)?,
            y: unit(y.checked_add(dy)?)?,
        };
        let (lon, lat) = at.lon_lat();
        let moved = gcj02::applies(Coord { x: lon, y: lat }).then(|| exact(at));
        let moved = moved.flatten()?;
        let by = |to: u32, from: u32| i64::from(to) - i64::from(from);
        Some((by(moved.x, at.x), by(moved.y, at.y)))
    };
    Some([corner(0, 0)?, corner(1, 0)?, corner(0, 1)?, corner(1, 1)?])
}

fn moved_back(target: Bounds, range: Rect) -> Bounds {
    Bounds {
        west: target.west - range.max().x - ROUNDING,
        south: target.south - range.max().y - ROUNDING,
        east: target.east - range.min().x + ROUNDING,
        north: target.north - range.min().y + ROUNDING,
    }
}

fn widened(bounds: Bounds, by: Coord) -> Rect {
    let (low, high) = (
        Coord {
            x: bounds.west,
            y: bounds.south,
        },
        Coord {
            x: bounds.east,
            y: bounds.north,
        },
    );
    Rect::new(low - by, high + by)
}

fn rect(bounds: Bounds) -> Rect {
    widened(bounds, Coord { x: 0.0, y: 0.0 })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fast_mvt::MvtReaderRef;
    use geo::{LineString, MapCoordsInPlace};
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::plan::reach;
    use super::super::tests::{numbers, town};
    use super::super::{Drawing, Layers, Request, tile};
    use super::*;
    use crate::index::{Collection, Snapshot};
    use crate::model::{ChangeSet, FeatureId, Meta, Revision, Scope, Street, StreetClass};
    use crate::query::Filter;
    use crate::tile::cover;

    fn street(id: i64, line: Vec<Coord>) -> Street {
        Street {
            meta: Meta {
                id: FeatureId(id),
                source: "test".into(),
                source_id: id.to_string(),
                extra: vec![],
            },
            name: String::new(),
            class: StreetClass::Arterial,
            oneway: false,
            foot: true,
            line: MultiLineString::new(vec![LineString::new(line)]),
        }
    }

    /// The world box of shifted corners.
    fn shifted_box(line: &MultiLineString<f64>) -> WorldBox {
        let corners = line.0.iter().flat_map(|part| part.0.iter());
        WorldBox::around(corners.map(|c| {
            let p = gcj02::from_wgs84(*c);
            WorldPoint::from_lon_lat(p.x, p.y).unwrap()
        }))
        .unwrap()
    }

    fn snapshot() -> Snapshot {
        Snapshot::build(town(), Revision(1), date(2026, 11, 22))
    }

    fn bytes(
        snapshot: &Snapshot,
        drawing: &Drawing,
        layers: &str,
        tile_coord: TileCoord,
    ) -> Vec<u8> {
        let layers: Layers = layers.parse().unwrap();
        let request = Request {
            layers: &layers,
            tile: tile_coord,
            filter: &Filter::default(),
            fields: &[],
            grids_on: None,
        };
        tile(snapshot, drawing, &Scope::all(), &request)
    }

    /// The tiles of a zoom that something of the town may be in.
    fn tiles(snapshot: &Snapshot, z: u8) -> Vec<TileCoord> {
        let b = Datum::Gcj02.envelope(snapshot.extent().unwrap());
        let corner = |lon, lat| WorldPoint::from_lon_lat(lon, lat).unwrap();
        let area = WorldBox {
            min: corner(b.west, b.north),
            max: corner(b.east, b.south),
        };
        cover(&area, z).collect()
    }

    proptest! {
        /// Whatever lies in a tile of the shifted plane, found by shifting
        /// everything and looking at all of it, is among the candidates.
        #[test]
        fn no_shape_is_missed(
            x in 70.0f64..139.0, y in -1.0f64..57.0, spread in -4.0f64..1.0,
            corners in prop::collection::vec(prop::collection::vec((-1.0f64..1.0, -1.0f64..1.0), 2..5), 1..40),
            z in 5_u8..=20, pick in 0usize..40,
        ) {
            let spread = 10_f64.powf(spread);
            let streets: Vec<Street> = (1..).zip(&corners).map(|(id, line)| {
                let at = |(u, v): &(f64, f64)| Coord { x: x + u * spread, y: y + v * spread };
                street(id, line.iter().map(at).collect())
            }).collect();
            // A tile at a corner of one of them, and one between two corners.
            let line = &streets[pick % streets.len()].line;
            let (a, b) = (line.0[0].0[0], line.0[0].0[1]);
            let collection = Collection::new(streets);
            for p in [gcj02::from_wgs84(a), (gcj02::from_wgs84(a) + gcj02::from_wgs84(b)) / 2.0] {
                let tile = TileCoord::containing(WorldPoint::from_lon_lat(p.x, p.y).unwrap(), z);
                let found = collection.touching(&Datum::Gcj02.sources(reach(tile), collection.extent()));
                for (slot, item) in (0_u32..).zip(collection.items()) {
                    if shifted_box(&item.line).intersects(&tile.world_buffered(64)) {
                        prop_assert!(found.contains(&slot), "{tile} {:?}", item.line);
                    }
                }
            }
        }

        #[test]
        fn mixed_shifts_are_right_to_six_units(
            x in 71.9f64..138.0, y in 0.8f64..56.0,
            near in prop::collection::vec((-0.01f64..0.01, -0.01f64..0.01), 30),
        ) {
            let mut shifts = Shifts::default();
            for (dx, dy) in near {
                let at = WorldPoint::from_lon_lat(x + dx, y + dy).unwrap();
                let (mixed, right) = (shifts.place(at).unwrap(), exact(at).unwrap());
                prop_assert!(mixed.x.abs_diff(right.x) <= 6 && mixed.y.abs_diff(right.y) <= 6, "{mixed:?} {right:?}");
                prop_assert_eq!(Shifts::default().place(at), Some(mixed));
            }
        }

        #[test]
        fn no_point_is_missed(x in 71.0f64..139.0, y in -1.0f64..57.0, z in 0_u8..=20, u in 0f64..=1.0, v in 0f64..=1.0) {
            let at = WorldPoint::from_lon_lat(x, y).unwrap();
            let tile = TileCoord::containing(at, z);
            let b = tile.bounds();
            let inside = Coord { x: b.west + u * (b.east - b.west), y: b.south + v * (b.north - b.south) };
            for shown in [inside, Coord { x: b.west, y: b.north }, Coord { x: b.east - 1e-9, y: b.south + 1e-9 }] {
                let source = gcj02::to_wgs84(shown);
                // At the rectangle's edge some places have no source.
                let there = gcj02::from_wgs84(source);
                let drawn = WorldPoint::from_lon_lat(there.x, there.y).unwrap();
                if tile.world().contains(drawn) {
                    let source = WorldPoint::from_lon_lat(source.x, source.y).unwrap();
                    prop_assert!(Datum::Gcj02.source_box(tile).contains(source), "{tile} {shown:?}");
                }
            }
        }
    }

    #[test]
    fn every_incident_is_in_one_tile_and_one_cell() {
        let snapshot = snapshot();
        let drawing = Drawing::in_datum(&snapshot, Datum::Gcj02, None);
        let placed: Vec<(u64, WorldPoint)> = snapshot
            .incidents
            .rows()
            .filter_map(|row| {
                let at = row.world()?.lon_lat();
                let p = gcj02::from_wgs84(Coord { x: at.0, y: at.1 });
                Some((
                    u64::try_from(row.id().0).unwrap(),
                    WorldPoint::from_lon_lat(p.x, p.y)?,
                ))
            })
            .collect();
        assert_eq!(placed.len(), 2700);
        for z in [6, 10, 13] {
            let mut total = 0;
            for at in tiles(&snapshot, z) {
                let tile = bytes(&snapshot, &drawing, "incidents", at);
                total += numbers(&tile, "count").iter().sum::<u64>();
            }
            assert_eq!(total, 2700, "zoom {z}");
        }
        for z in [14, 16, 18] {
            let mut seen = 0;
            let mut with_some = 0;
            for at in tiles(&snapshot, z) {
                let expected: BTreeSet<u64> = placed
                    .iter()
                    .filter(|(_, p)| at.world().contains(*p))
                    .map(|(id, _)| *id)
                    .collect();
                let tile = bytes(&snapshot, &drawing, "incidents", at);
                let mut found = Vec::new();
                if !tile.is_empty() {
                    let reader = MvtReaderRef::new(&tile).unwrap();
                    let layer = reader.layers().next().unwrap();
                    found.extend(layer.features().map(|f| f.id().unwrap()));
                    with_some += 1;
                }
                assert_eq!(found.len(), expected.len(), "{at}");
                assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{at}");
                seen += expected.len();
            }
            assert_eq!(seen, 2700, "zoom {z}");
            assert!(with_some > 1);
        }
    }

    /// Every corner in a tile is the exact geometry's, shifted and put onto
    /// the tile's lattice, and none is lost.
    #[test]
    fn corners_are_the_shifted_ones_to_one_tile_unit() {
        let snapshot = snapshot();
        let drawing = Drawing::in_datum(&snapshot, Datum::Gcj02, None);
        let mut wanted_of: HashMap<u64, Vec<Coord>> = HashMap::new();
        for street in snapshot.streets.items() {
            let id = u64::try_from(street.meta.id.0).unwrap();
            wanted_of.insert(id, street.line.0[0].0.clone());
        }
        for (z, layer) in [
            (16, "streets"),
            (19, "streets"),
            (16, "grids"),
            (18, "grids"),
        ] {
            if layer == "grids" {
                wanted_of.clear();
                for grid in snapshot.grids.items() {
                    let id = u64::try_from(grid.meta.id.0).unwrap();
                    wanted_of.insert(id, grid.area.0[0].exterior().0.clone());
                }
            }
            let mut checked = 0;
            for at in tiles(&snapshot, z)
                .into_iter()
                .step_by(if z == 16 { 1 } else { 7 })
            {
                let tile = bytes(&snapshot, &drawing, layer, at);
                if tile.is_empty() {
                    continue;
                }
                let reader = MvtReaderRef::new(&tile).unwrap();
                for feature in reader.layers().next().unwrap().features() {
                    let id = feature.id().unwrap();
                    let units = |c: &Coord| {
                        let p = gcj02::from_wgs84(*c);
                        let n = f64::from(1_u32 << z) * 4096.0;
                        let y = p.y.to_radians().tan().asinh();
                        let x = (p.x / 360.0 + 0.5) * n;
                        let y = (0.5 - y / std::f64::consts::TAU) * n;
                        Coord {
                            x: x - f64::from(at.x()) * 4096.0,
                            y: y - f64::from(at.y()) * 4096.0,
                        }
                    };
                    let wanted: Vec<Coord> = wanted_of[&id].iter().map(units).collect();
                    let text = format!("{:?}", feature.geometry().unwrap());
                    let numbers: Vec<f64> = text
                        .split(|c: char| !(c.is_ascii_digit() || c == '-' || c == '.'))
                        .filter_map(|n| n.parse().ok())
                        .collect();
                    let drawn: Vec<Coord> = numbers
                        .chunks_exact(2)
                        .map(|p| Coord { x: p[0], y: p[1] })
                        .collect();
                    let within =
                        |c: &Coord| (1.0..4095.0).contains(&c.x) && (1.0..4095.0).contains(&c.y);
                    let near =
                        |a: &Coord, b: &Coord| (a.x - b.x).abs() <= 1.0 && (a.y - b.y).abs() <= 1.0;
                    for corner in drawn.iter().filter(|c| within(c)) {
                        checked += 1;
                        assert!(
                            wanted.iter().any(|w| near(corner, w)),
                            "{at} {layer} {id}: {corner:?} of {wanted:?}"
                        );
                    }
                    for corner in wanted.iter().filter(|c| within(c)) {
                        assert!(
                            drawn.iter().any(|d| near(corner, d)),
                            "{at} {layer} {id}: {corner:?} lost"
                        );
                    }
                }
            }
            assert!(checked > 20, "{layer} at {z}: {checked}");
        }
    }

    #[test]
    fn shifted_grids_still_share_their_borders() {
        use geo::Area as _;
        let snapshot = snapshot();
        let drawing = Drawing::in_datum(&snapshot, Datum::Gcj02, None);
        for z in [9, 11, 13, 15, 18] {
            let areas: Vec<_> = drawing.grids.basic.at(z).iter().flatten().collect();
            assert_eq!(areas.len(), 24);
            let all: Vec<_> = areas.iter().map(|a| a.to_geo()).collect();
            let sum: f64 = all.iter().map(|a| a.unsigned_area()).sum();
            let union = geo::unary_union(&all);
            assert!((sum - union.unsigned_area()).abs() < 1e-9 * sum, "zoom {z}");
            assert_eq!(union.0.len(), 1);
            assert!(union.0[0].interiors().is_empty());
        }
    }

    #[test]
    fn a_layer_that_stays_is_not_drawn_again() {
        let snapshot = snapshot();
        let plain = Drawing::new(&snapshot, None);
        let first = Drawing::in_datum(&snapshot, Datum::Gcj02, Some(&plain));
        assert!(!std::sync::Arc::ptr_eq(&plain.grids, &first.grids));
        let mut changed = ChangeSet::default();
        changed.streets.put.push(street(
            9_000,
            vec![
                Coord {
                    x: 117.28,
                    y: 31.86,
                },
                Coord {
                    x: 117.29,
                    y: 31.87,
                },
            ],
        ));
        let next = snapshot.apply(&changed, Revision(2));
        let second = Drawing::in_datum(&next, Datum::Gcj02, Some(&first));
        assert!(std::sync::Arc::ptr_eq(&first.grids, &second.grids));
        assert!(!std::sync::Arc::ptr_eq(&first.streets, &second.streets));
        // Other days are in the same datum.
        let past = second.on(Some(date(2019, 1, 1)));
        assert_eq!(past.datum, Datum::Gcj02);
        assert_eq!(past.grids.basic.at(20)[0], second.grids.basic.at(20)[0]);
    }

    #[test]
    fn outside_china_both_datums_are_the_same() {
        let away = |c: Coord| Coord {
            x: c.x - 190.0,
            y: c.y + 13.0,
        };
        let mut rows = town();
        for grid in &mut rows.grids.put {
            grid.area.map_coords_in_place(away);
        }
        for compound in &mut rows.compounds.put {
            compound.shape.map_coords_in_place(away);
        }
        for street in &mut rows.streets.put {
            street.line.map_coords_in_place(away);
        }
        rows.routes.put.clear();
        for incident in &mut rows.incidents.put {
            incident.at = incident.at.map(away);
        }
        let snapshot = Snapshot::build(rows, Revision(1), date(2026, 11, 22));
        let plain = Drawing::new(&snapshot, None);
        let shifted = Drawing::in_datum(&snapshot, Datum::Gcj02, None);
        let all = "grids,grids_label,compounds,compounds_label,streets,incidents";
        let mut some = 0;
        for z in [8, 13, 15, 17] {
            for at in tiles(&snapshot, z) {
                let tile = bytes(&snapshot, &plain, all, at);
                assert_eq!(tile, bytes(&snapshot, &shifted, all, at), "{at}");
                some += usize::from(!tile.is_empty());
            }
        }
        assert!(some > 50, "{some}");
    }
}
