//! Shapefiles, with GBK attributes as Chinese GIS offices write them.

use geo::Coord;
use shapefile::record::polygon::PolygonRing;
use shapefile::{Point, Shape as ShpShape, ShapeReader};

use super::dbf::{self, Dbf};
use super::encoding::Encoding;
use super::problem::{Code, FileError, Problem, Refusal};
use super::reason::Reason;
use super::table::{Feature, Features, Shape};

/// Reads the geometry and, if there, the attributes.
///
/// # Errors
/// When a part is damaged, or the two do not have the same number of rows.
pub(super) fn read(
    shp: &[u8],
    dbf: Option<&[u8]>,
    cpg: Option<&[u8]>,
    said: Option<Encoding>,
) -> Result<Features, FileError> {
    let corrupt = |row: usize, e: &dyn std::fmt::Display| {
        FileError::new(
            Code::Corrupt,
            Reason::ShpDamaged {
                record: row,
                cause: e.to_string(),
            },
        )
    };
    let mut reader = ShapeReader::new(std::io::Cursor::new(shp)).map_err(|e| corrupt(0, &e))?;
    let mut features = Features {
        encoding: "none",
        ..Features::default()
    };
    for (n, shape) in reader.iter_shapes().enumerate() {
        let shape = shape.map_err(|e| corrupt(n + 1, &e))?;
        let mut feature = Feature::default();
        match convert(&shape) {
            Ok(shape) => feature.shape = shape,
            Err(refusal) => feature.refusal = Some(refusal),
        }
        features.rows.push(feature);
    }
    let Some(bytes) = dbf else {
        features
            .notes
            .push(Problem::of_file(Code::MissingPart, Reason::DbfMissing));
        return Ok(features);
    };
    let table = Dbf::parse(bytes)?;
    if table.rows() != features.rows.len() {
        return Err(FileError::new(
            Code::Corrupt,
            Reason::DbfOfAnother {
                shp: features.rows.len(),
                dbf: table.rows(),
            },
        ));
    }
    let encoding = dbf::choose_encoding(&table, cpg, said)?;
    features.encoding = encoding.name;
    if let Some(note) = encoding.note {
        features.notes.push(note);
    }
    features.columns = table.headings(encoding.encoding);
    for (n, feature) in features.rows.iter_mut().enumerate() {
        match table.cells(n, encoding.encoding) {
            Some(cells) => feature.cells = cells,
            None => {
                feature.refusal = Some(Refusal::new(
                    Code::Encoding,
                    Reason::NotInEncoding {
                        encoding: encoding.name,
                    },
                ));
            }
        }
    }
    Ok(features)
}

fn convert(shape: &ShpShape) -> Result<Option<Shape>, Refusal> {
    fn at<P: Copy>(x: fn(P) -> f64, y: fn(P) -> f64) -> impl Fn(&P) -> Coord {
        move |p| Coord { x: x(*p), y: y(*p) }
    }
    fn lines<P>(parts: &[Vec<P>], at: impl Fn(&P) -> Coord) -> Shape {
        Shape::Lines(
            parts
                .iter()
                .map(|part| part.iter().map(&at).collect())
                .collect(),
        )
    }
    let p = at(|p: Point| p.x, |p| p.y);
    let m = at(|p: shapefile::PointM| p.x, |p| p.y);
    let z = at(|p: shapefile::PointZ| p.x, |p| p.y);
    Ok(match shape {
        ShpShape::NullShape => None,
        ShpShape::Point(one) => Some(Shape::Point(p(one))),
        ShpShape::PointM(one) => Some(Shape::Point(m(one))),
        ShpShape::PointZ(one) => Some(Shape::Point(z(one))),
        ShpShape::Multipoint(many) => Some(Shape::Points(many.points().iter().map(p).collect())),
        ShpShape::MultipointM(many) => Some(Shape::Points(many.points().iter().map(m).collect())),
        ShpShape::MultipointZ(many) => Some(Shape::Points(many.points().iter().map(z).collect())),
        ShpShape::Polyline(line) => Some(lines(line.parts(), p)),
        ShpShape::PolylineM(line) => Some(lines(line.parts(), m)),
        ShpShape::PolylineZ(line) => Some(lines(line.parts(), z)),
        ShpShape::Polygon(area) => Some(polygons(area.rings(), p)),
        ShpShape::PolygonM(area) => Some(polygons(area.rings(), m)),
        ShpShape::PolygonZ(area) => Some(polygons(area.rings(), z)),
        ShpShape::Multipatch(_) => {
            return Err(Refusal::new(Code::GeomType, Reason::Multipatch));
        }
    })
}

/// Rings by their direction: clockwise is an outer one. A hole goes to the
/// outer ring that holds its first corner, else to the one before it.
fn polygons<P>(rings: &[PolygonRing<P>], at: impl Fn(&P) -> Coord) -> Shape {
    let mut parts: Vec<Vec<Vec<Coord>>> = Vec::new();
    let mut holes: Vec<(usize, Vec<Coord>)> = Vec::new();
    let all_inner = rings.iter().all(|r| matches!(r, PolygonRing::Inner(_)));
    for ring in rings {
        match ring {
            PolygonRing::Inner(points) if !all_inner => {
                holes.push((
                    parts.len().saturating_sub(1),
                    points.iter().map(&at).collect(),
                ));
            }
            PolygonRing::Outer(points) | PolygonRing::Inner(points) => {
                parts.push(vec![points.iter().map(&at).collect()]);
            }
        }
    }
    for (before, hole) in holes {
        let holder = parts
            .iter()
            .position(|part| hole.first().is_some_and(|p| holds(&part[0], *p)))
            .unwrap_or(before);
        if let Some(part) = parts.get_mut(holder) {
            part.push(hole);
        }
    }
    Shape::Polygons(parts)
}

/// Whether a ring holds a point; only to sort holes, the check comes later.
pub(super) fn holds(ring: &[Coord], p: Coord) -> bool {
    let mut inside = false;
    for pair in ring.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}
