//! The ground in memory: every piece projected once, in one tree for each zoom
//! that pieces are first shown at, so that a low zoom never looks at houses.

use std::collections::HashMap;

use geo::{Geometry, MultiLineString, MultiPolygon};
use rayon::prelude::*;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::model::{Ground, GroundClass, GroundFacts, GroundFeature};
use crate::tile::{Area, Bounds, Path, WorldBox, WorldPoint, doubled_area};

/// The first and the last zoom of tiles of the ground; deeper ones are drawn
/// from the last.
pub const GROUND_ZOOMS: [u8; 2] = [6, 16];

/// Grows when the same pieces give other tiles: tiles are kept for a year.
const FORM: u32 = 1;

/// A box in world units, which are exact in this type, with the slot it
/// belongs to.
type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// The shape of a piece in world units.
#[derive(Debug, Clone, PartialEq)]
pub enum GroundShape {
    /// A place.
    Point(WorldPoint),
    /// A line.
    Line(Path),
    /// An area.
    Area(Area),
}

impl GroundShape {
    fn of(geometry: &Geometry<f64>) -> Option<GroundShape> {
        match geometry {
            Geometry::Point(at) => WorldPoint::from_lon_lat(at.x(), at.y()).map(Self::Point),
            Geometry::LineString(line) => {
                Path::from_lon_lat(&MultiLineString(vec![line.clone()])).map(Self::Line)
            }
            Geometry::MultiLineString(lines) => Path::from_lon_lat(lines).map(Self::Line),
            Geometry::Polygon(area) => {
                Area::from_lon_lat(&MultiPolygon(vec![area.clone()])).map(Self::Area)
            }
            Geometry::MultiPolygon(areas) => Area::from_lon_lat(areas).map(Self::Area),
            _ => None,
        }
    }

    /// The smallest box around it.
    pub fn bbox(&self) -> WorldBox {
        match self {
            GroundShape::Point(at) => WorldBox { min: *at, max: *at },
            GroundShape::Line(path) => path.bbox(),
            GroundShape::Area(area) => area.bbox(),
        }
    }

    /// Square world units; 0 for what is no area.
    fn size(&self) -> f64 {
        match self {
            GroundShape::Area(area) => {
                area.rings().iter().map(doubled_area).sum::<i128>() as f64 / 2.0
            }
            _ => 0.0,
        }
    }
}

/// A piece of the ground.
#[derive(Debug, Clone, PartialEq)]
pub struct GroundPiece {
    /// What it is.
    pub class: GroundClass,
    /// Its shape.
    pub shape: GroundShape,
    /// The first zoom that shows it.
    pub first_zoom: u8,
    kind: u32,
    name: u32,
}

/// The ground of a map; never changes.
#[derive(Debug, Default)]
pub struct GroundMap {
    facts: Option<GroundFacts>,
    version: String,
    pieces: Vec<GroundPiece>,
    words: Vec<Box<str>>,
    /// One tree for each of [`GROUND_ZOOMS`] and those between.
    trees: Vec<RTree<Entry>>,
    bounds: Option<Bounds>,
}

impl GroundMap {
    /// Projects and indexes all pieces, on all cores; those without a shape on
    /// the map are left out.
    pub fn new(ground: &Ground) -> GroundMap {
        let shape = |feature: &GroundFeature| {
            let shape = GroundShape::of(&feature.geometry)?;
            let zoom = first_zoom(feature.class, &feature.kind, &shape);
            Some((shape, zoom))
        };
        let shapes: Vec<_> = ground.features.par_iter().map(shape).collect();
        let mut words = Words::default();
        let mut pieces = Vec::with_capacity(shapes.len());
        for (feature, shape) in ground.features.iter().zip(shapes) {
            if let Some((shape, first_zoom)) = shape {
                pieces.push(GroundPiece {
                    class: feature.class,
                    shape,
                    first_zoom,
                    kind: words.intern(&feature.kind),
                    name: words.intern(&feature.name),
                });
            }
        }
        let zooms = usize::from(GROUND_ZOOMS[1] - GROUND_ZOOMS[0]) + 1;
        let mut entries: Vec<Vec<Entry>> = vec![Vec::new(); zooms];
        for (slot, piece) in (0_u32..).zip(&pieces) {
            let corners = rectangle(&piece.shape.bbox());
            entries[usize::from(piece.first_zoom - GROUND_ZOOMS[0])]
                .push(Entry::new(corners, slot));
        }
        let whole = pieces.iter().map(|piece| piece.shape.bbox());
        let whole = whole.reduce(|all, bbox| all.union(&bbox));
        // Not what the store says: another program may have changed the rows.
        let hash = crate::model::ground::hash_of(&ground.features);
        let version = blake3::hash(format!("{FORM} {hash}").as_bytes()).to_hex();
        GroundMap {
            facts: Some(ground.facts.clone()),
            version: version[..8].to_owned(),
            pieces,
            words: words.all,
            trees: entries.into_par_iter().map(RTree::bulk_load).collect(),
            bounds: whole.map(|bbox| {
                let ((west, north), (east, south)) = (bbox.min.lon_lat(), bbox.max.lon_lat());
                Bounds {
                    west,
                    south,
                    east,
                    north,
                }
            }),
        }
    }

    /// What is known about it; `None` where there is no ground.
    pub fn facts(&self) -> Option<&GroundFacts> {
        self.facts.as_ref()
    }

    /// Eight hexadecimal digits that differ where tiles differ.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How many pieces there are.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The envelope of all pieces.
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// The word for what exactly a piece is.
    pub fn kind(&self, piece: &GroundPiece) -> &str {
        &self.words[piece.kind as usize]
    }

    /// The name of a piece; may be empty.
    pub fn name(&self, piece: &GroundPiece) -> &str {
        &self.words[piece.name as usize]
    }

    /// The pieces that a zoom shows and whose box meets a window, in the order
    /// of the file.
    pub fn shown(&self, zoom: u8, window: &WorldBox) -> impl Iterator<Item = &GroundPiece> {
        let trees = usize::from((zoom + 1).saturating_sub(GROUND_ZOOMS[0]));
        let corners = rectangle(window);
        let window = AABB::from_corners(corners.lower(), corners.upper());
        let found = self.trees.iter().take(trees);
        let found = found.flat_map(|tree| tree.locate_in_envelope_intersecting(window));
        let mut slots: Vec<u32> = found.map(|entry| entry.data).collect();
        slots.sort_unstable();
        slots.into_iter().map(|slot| &self.pieces[slot as usize])
    }
}

fn rectangle(bbox: &WorldBox) -> Rectangle<[f64; 2]> {
    let corner = |at: WorldPoint| [f64::from(at.x), f64::from(at.y)];
    Rectangle::from_corners(corner(bbox.min), corner(bbox.max))
}

/// Each word once.
#[derive(Debug, Default)]
struct Words {
    all: Vec<Box<str>>,
    known: HashMap<Box<str>, u32>,
}

impl Words {
    fn intern(&mut self, word: &str) -> u32 {
        if let Some(&slot) = self.known.get(word) {
            return slot;
        }
        let slot = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(word.into());
        self.known.insert(word.into(), slot);
        slot
    }
}

/// The first zoom that shows a piece: that of its kind, and for areas the
/// first at which they are large enough to be seen.
fn first_zoom(class: GroundClass, kind: &str, shape: &GroundShape) -> u8 {
    let first = zoom_of_kind(class, kind);
    if !matches!(shape, GroundShape::Area(_)) {
        return first;
    }
    let size = shape.size();
    let seen = |zoom: &u8| {
        // A pixel of a tile with 512 of them, square world units.
        let pixel = 2_f64.powi(46 - 2 * i32::from(*zoom));
        size >= pixels_of(class, *zoom) * pixel
    };
    (first..GROUND_ZOOMS[1])
        .find(seen)
        .unwrap_or(GROUND_ZOOMS[1])
}

/// Square pixels from which an area is shown.
fn pixels_of(class: GroundClass, zoom: u8) -> f64 {
    match (class, zoom) {
        (GroundClass::Building, ..14) => 24.0,
        (GroundClass::Building, 14) => 6.0,
        (GroundClass::Building, _) => 4.0,
        (GroundClass::Green, _) => 16.0,
        _ => 8.0,
    }
}

/// The first zoom that shows something of a kind.
fn zoom_of_kind(class: GroundClass, kind: &str) -> u8 {
    match (class, kind) {
        (GroundClass::Road, "arterial") => 6,
        (GroundClass::Road, "secondary") => 9,
        (GroundClass::Road, "branch") => 12,
        (GroundClass::Road, "lane") => 14,
        (GroundClass::Road, _) => 15,
        (GroundClass::Rail, _) => 8,
        (GroundClass::Building, _) => 13,
        (GroundClass::Water, "river") => 8,
        (GroundClass::Water, "canal") => 10,
        (GroundClass::Water, "stream") => 12,
        (GroundClass::Water, "drain" | "ditch") => 14,
        (GroundClass::Water, _) => GROUND_ZOOMS[0],
        (GroundClass::Green, "forest" | "wood" | "park" | "nature_reserve") => 8,
        (GroundClass::Green, "farmland" | "meadow" | "orchard") => 11,
        (GroundClass::Green, _) => 13,
        (GroundClass::Place, "country" | "state" | "province" | "region" | "city") => 6,
        (GroundClass::Place, "town" | "county" | "municipality") => 8,
        (GroundClass::Place, "borough" | "district") => 9,
        (GroundClass::Place, "suburb") => 10,
        (GroundClass::Place, "village") => 11,
        (GroundClass::Place, "quarter") => 12,
        (GroundClass::Place, "neighbourhood" | "hamlet") => 13,
        (GroundClass::Place, _) => 14,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::tile::TileCoord;
    use geo::{Coord, LineString, Point, Polygon};

    fn square(x: f64, y: f64, side: f64) -> Geometry<f64> {
        let at = |dx: f64, dy: f64| Coord {
            x: x + dx,
            y: y + dy,
        };
        let ring = vec![
            at(0.0, 0.0),
            at(side, 0.0),
            at(side, side),
            at(0.0, side),
            at(0.0, 0.0),
        ];
        Polygon::new(LineString(ring), vec![]).into()
    }

    fn feature(class: GroundClass, kind: &str, geometry: Geometry<f64>) -> GroundFeature {
        GroundFeature {
            class,
            kind: kind.to_owned(),
            name: String::new(),
            geometry,
        }
    }

    fn many() -> Ground {
        let mut features = Vec::new();
        for n in 0..400 {
            let (x, y) = (
                117.2 + f64::from(n % 20) * 0.004,
                31.8 + f64::from(n / 20) * 0.004,
            );
            let side = 0.0001 * f64::from(1 + n % 7) * f64::from(1 + n % 7);
            let line = LineString(vec![
                Coord { x, y },
                Coord {
                    x: x + 0.01,
                    y: y + side,
                },
            ]);
            features.push(match n % 5 {
                0 => feature(GroundClass::Building, "yes", square(x, y, side)),
                1 => feature(GroundClass::Green, "park", square(x, y, side)),
                2 => feature(
                    GroundClass::Road,
                    ["arterial", "branch"][n as usize % 2],
                    line.into(),
                ),
                3 => feature(GroundClass::Water, "water", square(x, y, side)),
                _ => feature(GroundClass::Place, "suburb", Point::new(x, y).into()),
            });
        }
        features.push(feature(
            GroundClass::Place,
            "town",
            Point::new(f64::NAN, 0.0).into(),
        ));
        Ground::new(features, "a.osm.pbf", Timestamp(0))
    }

    #[test]
    fn a_window_has_what_trying_every_piece_finds() {
        let map = GroundMap::new(&many());
        assert_eq!(map.len(), 400, "what has no place is left out");
        let centre = WorldPoint::from_lon_lat(117.24, 31.84).unwrap();
        let mut before = 0;
        for zoom in GROUND_ZOOMS[0]..=GROUND_ZOOMS[1] {
            let window = TileCoord::containing(centre, zoom).world_buffered(64);
            let fast: Vec<&GroundPiece> = map.shown(zoom, &window).collect();
            let wanted = |piece: &&GroundPiece| {
                piece.first_zoom <= zoom && piece.shape.bbox().intersects(&window)
            };
            let slow: Vec<&GroundPiece> = map.pieces.iter().filter(wanted).collect();
            assert_eq!(fast, slow, "{zoom}");
            let everywhere = WorldBox {
                min: WorldPoint { x: 0, y: 0 },
                max: WorldPoint {
                    x: u32::MAX,
                    y: u32::MAX,
                },
            };
            let all = map.shown(zoom, &everywhere).count();
            assert!(all >= before, "a deeper zoom never shows less");
            before = all;
        }
        assert_eq!(before, 400, "the last zoom shows all");
        assert_eq!(
            map.shown(5, &TileCoord::containing(centre, 5).world())
                .count(),
            0
        );
    }

    #[test]
    fn large_areas_come_before_small_ones_and_main_roads_before_lanes() {
        let zoom = |class, kind, geometry: Geometry<f64>| {
            first_zoom(class, kind, &GroundShape::of(&geometry).unwrap())
        };
        let by_side = [1.0, 0.1, 0.01, 0.001, 0.0001, 0.000_01];
        let zooms =
            by_side.map(|side| zoom(GroundClass::Water, "water", square(117.0, 31.0, side)));
        assert!(
            zooms.is_sorted() && zooms[0] == 6 && zooms[5] == 16,
            "{zooms:?}"
        );
        let house = zoom(
            GroundClass::Building,
            "house",
            square(117.0, 31.0, 0.000_07),
        );
        assert_eq!(house, 15, "seven metres are no 6 square pixels below");
        let hall = zoom(GroundClass::Building, "house", square(117.0, 31.0, 0.002));
        assert_eq!(hall, 13);
    }

    #[test]
    fn the_version_follows_the_pieces() {
        let ground = many();
        let mut other = ground.clone();
        other.features[7].name = "名".to_owned();
        let map = GroundMap::new(&ground);
        assert_eq!(map.version().len(), 8);
        assert_eq!(map.version(), GroundMap::new(&ground).version());
        assert_ne!(map.version(), GroundMap::new(&other).version());
        let b = map.bounds().unwrap();
        assert!((b.west - 117.2).abs() < 1e-6 && b.north > 31.87);
        assert!(GroundMap::default().facts().is_none());
    }
}
