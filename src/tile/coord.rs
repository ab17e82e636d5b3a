//! Where a tile is: the `z/x/y` address, the world it covers, and the integer
//! projection that all tiles share.
//!
//! The world is the Web Mercator square (EPSG:3857) divided into 2^32 units on
//! each side, x to the east and y to the south. One unit is 9.3 mm at the
//! equator, so a tile coordinate is a subtraction and a shift, and it is exact
//! up to zoom 20.

use std::f64::consts::PI;

/// Units on one side of a tile, as most vector tile clients expect.
pub const EXTENT: u32 = 4096;

/// log2 of [`EXTENT`].
const EXTENT_BITS: u8 = 12;

/// Units on one side of the world.
const WORLD: f64 = 4_294_967_296.0;

/// A point of the world in units of 2^-32 of its side: x east, y south.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorldPoint {
    /// Units east of the antimeridian.
    pub x: u32,
    /// Units south of the northern edge of the square (85.0511° N).
    pub y: u32,
}

impl WorldPoint {
    /// Projects WGS84 degrees.
    ///
    /// Latitudes beyond the Mercator square are moved to its edge, longitudes
    /// beyond ±180° to ±180°. `None` when a number is not finite.
    ///
    /// ```
    /// use gridmap::tile::WorldPoint;
    /// let p = WorldPoint::from_lon_lat(0.0, 0.0).expect("finite");
    /// assert_eq!((p.x, p.y), (1 << 31, 1 << 31));
    /// assert!(WorldPoint::from_lon_lat(f64::NAN, 0.0).is_none());
    /// ```
    pub fn from_lon_lat(lon: f64, lat: f64) -> Option<Self> {
        if !(lon.is_finite() && lat.is_finite()) {
            return None;
        }
        let x = (lon / 360.0 + 0.5) * WORLD;
        // ±89.9° is far outside the square and keeps the tangent finite.
        let phi = lat.clamp(-89.9, 89.9).to_radians();
        let y = (0.5 - (PI / 4.0 + phi / 2.0).tan().ln() / (2.0 * PI)) * WORLD;
        Some(Self {
            x: clamp_unit(x),
            y: clamp_unit(y),
        })
    }

    /// The centre of this unit in WGS84 degrees, `(lon, lat)`.
    ///
    /// Projecting the result gives the same point again.
    pub fn lon_lat(self) -> (f64, f64) {
        (
            lon_of(f64::from(self.x) + 0.5),
            lat_of(f64::from(self.y) + 0.5),
        )
    }

    /// The position along the Morton (Z-order) curve; sorting by it keeps
    /// neighbours together, and every tile is one contiguous range.
    pub fn morton(self) -> u64 {
        spread(self.x) | (spread(self.y) << 1)
    }
}

fn clamp_unit(value: f64) -> u32 {
    // `as` saturates, which is the clamping we want at the far edge.
    value.floor() as u32
}

fn lon_of(x: f64) -> f64 {
    (x / WORLD - 0.5) * 360.0
}

fn lat_of(y: f64) -> f64 {
    (2.0 * ((0.5 - y / WORLD) * 2.0 * PI).exp().atan() - PI / 2.0).to_degrees()
}

fn spread(value: u32) -> u64 {
    let mut v = u64::from(value);
    v = (v | (v << 16)) & 0x0000_FFFF_0000_FFFF;
    v = (v | (v << 8)) & 0x00FF_00FF_00FF_00FF;
    v = (v | (v << 4)) & 0x0F0F_0F0F_0F0F_0F0F;
    v = (v | (v << 2)) & 0x3333_3333_3333_3333;
    (v | (v << 1)) & 0x5555_5555_5555_5555
}

/// A rectangle of the world in whole units; all four edges are inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorldBox {
    /// North-west corner.
    pub min: WorldPoint,
    /// South-east corner, inclusive.
    pub max: WorldPoint,
}

impl WorldBox {
    /// The smallest box around some points; `None` when there are none.
    pub fn around(points: impl IntoIterator<Item = WorldPoint>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let start = Self {
            min: first,
            max: first,
        };
        Some(points.fold(start, |b, p| Self {
            min: WorldPoint {
                x: b.min.x.min(p.x),
                y: b.min.y.min(p.y),
            },
            max: WorldPoint {
                x: b.max.x.max(p.x),
                y: b.max.y.max(p.y),
            },
        }))
    }

    /// Whether the point lies in the box.
    pub fn contains(&self, p: WorldPoint) -> bool {
        (self.min.x..=self.max.x).contains(&p.x) && (self.min.y..=self.max.y).contains(&p.y)
    }

    /// Whether the boxes share at least one unit.
    pub fn intersects(&self, other: &Self) -> bool {
        self.min.x <= other.max.x
            && other.min.x <= self.max.x
            && self.min.y <= other.max.y
            && other.min.y <= self.max.y
    }

    /// The smallest box that covers both.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            min: WorldPoint {
                x: self.min.x.min(other.min.x),
                y: self.min.y.min(other.min.y),
            },
            max: WorldPoint {
                x: self.max.x.max(other.max.x),
                y: self.max.y.max(other.max.y),
            },
        }
    }
}

/// A rectangle in WGS84 degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Western edge.
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

/// Why an address does not name a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoordError {
    /// A part is not a plain decimal number.
    #[error("tile {part} must be a whole number without sign or leading zeros")]
    NotANumber {
        /// Which part: `z`, `x` or `y`.
        part: &'static str,
    },
    /// Deeper than the pyramid.
    #[error("zoom {0} is outside 0 to {max}", max = TileCoord::MAX_ZOOM)]
    Zoom(u32),
    /// No such column or row at this zoom.
    #[error("tile {part} {value} does not exist at zoom {zoom}; the last one is {last}")]
    Outside {
        /// Which part: `x` or `y`.
        part: &'static str,
        /// The number given.
        value: u32,
        /// The zoom given.
        zoom: u8,
        /// The largest number at this zoom.
        last: u32,
    },
}

/// The address of one tile in the Web Mercator pyramid (XYZ scheme, y south).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileCoord {
    z: u8,
    x: u32,
    y: u32,
}

impl TileCoord {
    /// The deepest zoom served; a tile unit is then a quarter of a world unit.
    pub const MAX_ZOOM: u8 = 22;

    /// An address that exists.
    ///
    /// # Errors
    /// When the zoom or the column or row is outside the pyramid.
    pub fn new(z: u8, x: u32, y: u32) -> Result<Self, CoordError> {
        if z > Self::MAX_ZOOM {
            return Err(CoordError::Zoom(z.into()));
        }
        let last = (1 << z) - 1;
        for (part, value) in [("x", x), ("y", y)] {
            if value > last {
                return Err(CoordError::Outside {
                    part,
                    value,
                    zoom: z,
                    last,
                });
            }
        }
        Ok(Self { z, x, y })
    }

    /// Reads the three parts of a path. Only canonical decimals are taken, so
    /// that each tile has exactly one URL and one cache entry.
    ///
    /// # Errors
    /// When a part is not canonical or the tile does not exist.
    ///
    /// ```
    /// use gridmap::tile::TileCoord;
    /// assert!(TileCoord::parse("14", "13656", "6744").is_ok());
    /// assert!(TileCoord::parse("014", "1", "1").is_err());
    /// assert!(TileCoord::parse("1", "2", "0").is_err());
    /// ```
    pub fn parse(z: &str, x: &str, y: &str) -> Result<Self, CoordError> {
        let zoom = decimal("z", z)?;
        let zoom = u8::try_from(zoom)
            .ok()
            .filter(|z| *z <= Self::MAX_ZOOM)
            .ok_or(CoordError::Zoom(zoom))?;
        Self::new(zoom, decimal("x", x)?, decimal("y", y)?)
    }

    /// The tile at zoom `z` that a point is in; `z` is capped at
    /// [`TileCoord::MAX_ZOOM`].
    pub fn containing(point: WorldPoint, z: u8) -> Self {
        let z = z.min(Self::MAX_ZOOM);
        let shift = 32 - u32::from(z);
        let cell = |v: u32| u32::try_from(u64::from(v) >> shift).unwrap_or(0);
        Self {
            z,
            x: cell(point.x),
            y: cell(point.y),
        }
    }

    /// Zoom level.
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column, from the west.
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row, from the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// The tile that contains this one at the next zoom up, if any.
    pub fn parent(self) -> Option<Self> {
        (self.z > 0).then(|| Self {
            z: self.z - 1,
            x: self.x / 2,
            y: self.y / 2,
        })
    }

    /// The tile's edges in WGS84 degrees.
    pub fn bounds(self) -> Bounds {
        let side = WORLD / f64::from(1_u32 << self.z);
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        Bounds {
            west: lon_of(x * side),
            south: lat_of((y + 1.0) * side),
            east: lon_of((x + 1.0) * side),
            north: lat_of(y * side),
        }
    }

    /// The world units that belong to this tile: every unit is in exactly one
    /// tile of a zoom.
    pub fn world(self) -> WorldBox {
        self.world_buffered(0)
    }

    /// The world units within `buffer` tile units ([`EXTENT`] to the side) of
    /// this tile, cut off at the edge of the world.
    pub fn world_buffered(self, buffer: u32) -> WorldBox {
        let side = 1_i64 << (32 - self.z);
        // Rounded up, so that nothing that reaches the buffer is left out.
        let margin = (side * i64::from(buffer) + i64::from(EXTENT) - 1) >> EXTENT_BITS;
        let edge = |v: i64| u32::try_from(v.clamp(0, i64::from(u32::MAX))).unwrap_or(u32::MAX);
        let (west, north) = (i64::from(self.x) * side, i64::from(self.y) * side);
        WorldBox {
            min: WorldPoint {
                x: edge(west - margin),
                y: edge(north - margin),
            },
            max: WorldPoint {
                x: edge(west + side - 1 + margin),
                y: edge(north + side - 1 + margin),
            },
        }
    }

    /// World to tile units: x east and y south of the north-west corner,
    /// rounded down, so a point of the tile is in `0..4096`. Beyond the tile
    /// the numbers go on, negative to the north and west.
    #[inline]
    pub fn local(self, p: WorldPoint) -> (i64, i64) {
        let side = 32 - self.z;
        let dx = i64::from(p.x) - (i64::from(self.x) << side);
        let dy = i64::from(p.y) - (i64::from(self.y) << side);
        match side.checked_sub(EXTENT_BITS) {
            Some(shift) => (dx >> shift, dy >> shift),
            None => {
                let shift = EXTENT_BITS - side;
                (dx << shift, dy << shift)
            }
        }
    }
}

impl std::fmt::Display for TileCoord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

fn decimal(part: &'static str, text: &str) -> Result<u32, CoordError> {
    let canonical = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    canonical
        .then(|| text.parse().ok())
        .flatten()
        .ok_or(CoordError::NotANumber { part })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_tiles() {
        // Values of the slippy map formula for Hefei, worked out by hand:
        // x = 2^14 (117.28 / 360 + 0.5) = 13529.5…, y from asinh(tan φ).
        let p = WorldPoint::from_lon_lat(117.28, 31.86).unwrap();
        let tile = TileCoord::containing(p, 14);
        assert_eq!((tile.x(), tile.y()), (13529, 6660));
        let b = TileCoord::new(0, 0, 0).unwrap().bounds();
        assert!((b.north - 85.051_128_779_806_6).abs() < 1e-9);
        assert!((b.west + 180.0).abs() < 1e-12);
    }

    #[test]
    fn only_canonical_addresses() {
        for (z, x, y) in [
            ("", "0", "0"),
            ("+1", "0", "0"),
            ("1", "01", "0"),
            ("1", " 1", "0"),
            ("1", "1.0", "0"),
            ("1", "-1", "0"),
            ("1", "1", "1"),
            ("23", "0", "0"),
            ("9999999999", "0", "0"),
            ("0", "1", "0"),
        ] {
            let ok = TileCoord::parse(z, x, y).is_ok();
            assert_eq!(ok, (z, x, y) == ("1", "1", "1"), "{z}/{x}/{y}");
        }
        assert_eq!(
            TileCoord::parse("2", "4", "0").unwrap_err().to_string(),
            "tile x 4 does not exist at zoom 2; the last one is 3"
        );
    }

    #[test]
    fn poles_and_antimeridian_stay_in_the_square() {
        let p = WorldPoint::from_lon_lat(180.0, -90.0).unwrap();
        assert_eq!((p.x, p.y), (u32::MAX, u32::MAX));
        let p = WorldPoint::from_lon_lat(-180.0, 90.0).unwrap();
        assert_eq!((p.x, p.y), (0, 0));
        assert!(WorldPoint::from_lon_lat(0.0, f64::INFINITY).is_none());
    }

    #[test]
    fn the_buffer_stops_at_the_edge_of_the_world() {
        let b = TileCoord::new(1, 1, 1).unwrap().world_buffered(64);
        assert_eq!(b.max.x, u32::MAX);
        assert_eq!(b.min.x, (1 << 31) - (1 << 31) / 64);
    }

    proptest! {
        #[test]
        fn projecting_the_centre_gives_the_unit_back(x: u32, y: u32) {
            let p = WorldPoint { x, y };
            let (lon, lat) = p.lon_lat();
            prop_assert_eq!(WorldPoint::from_lon_lat(lon, lat), Some(p));
        }

        #[test]
        fn local_agrees_with_division(x: u32, y: u32, z in 0_u8..=22) {
            let p = WorldPoint { x, y };
            let tile = TileCoord::containing(p, z);
            prop_assert!(tile.world().contains(p));
            let (lx, ly) = tile.local(p);
            let unit = 2_f64.powi(32 - i32::from(z)) / 4096.0;
            let slow = ((f64::from(x) / unit) - f64::from(tile.x()) * 4096.0).floor();
            prop_assert_eq!(lx as f64, slow);
            prop_assert!((0..4096).contains(&lx) && (0..4096).contains(&ly));
        }

        #[test]
        fn a_tile_is_one_range_of_the_morton_curve(x: u32, y: u32, z in 0_u8..=16, other: u32) {
            let tile = TileCoord::containing(WorldPoint { x, y }, z);
            let b = tile.world();
            let q = WorldPoint { x: other, y: other.rotate_left(13) };
            let between = (b.min.morton()..=b.max.morton()).contains(&q.morton());
            prop_assert_eq!(between, b.contains(q));
        }
    }
}
