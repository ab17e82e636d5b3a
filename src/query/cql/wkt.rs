//! Shapes in a filter: WKT and `BBOX`, in degrees.

use geo::{
    Coord, CoordsIter, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint,
    MultiPolygon, Point, Polygon, Rect,
};

use super::CqlError;
use super::lex::Token;
use super::parse::{MAX_NESTING, Parser};
use crate::format::check_rings;

/// Words that begin a shape.
pub(super) fn begins_shape(word: &str) -> bool {
    matches!(
        word,
        "POINT"
            | "LINESTRING"
            | "POLYGON"
            | "MULTIPOINT"
            | "MULTILINESTRING"
            | "MULTIPOLYGON"
            | "GEOMETRYCOLLECTION"
            | "BBOX"
    )
}

impl Parser {
    /// A shape, its first word already taken.
    pub(super) fn shape(&mut self, word: &str, at: usize) -> Result<Geometry<f64>, CqlError> {
        let shape = self.any_shape(word, at, 0)?;
        sound(&shape, at)?;
        Ok(shape)
    }

    fn any_shape(
        &mut self,
        word: &str,
        at: usize,
        nesting: usize,
    ) -> Result<Geometry<f64>, CqlError> {
        if nesting > MAX_NESTING {
            return Err(super::parse::too_deep(at));
        }
        // Heights are read and left out.
        if word != "BBOX" && self.peeks_word("Z") {
            self.advance();
        }
        Ok(match word {
            "POINT" => {
                self.sign("(")?;
                let place = self.place()?;
                self.sign(")")?;
                Point(place).into()
            }
            "LINESTRING" => LineString(self.places()?).into(),
            "POLYGON" => self.polygon()?.into(),
            "MULTIPOINT" => {
                let places = self.list(|parser| {
                    // MULTIPOINT(1 2, 3 4) is as common as with brackets.
                    let bracket = parser.peeks_sign("(");
                    if bracket {
                        parser.advance();
                    }
                    let place = parser.place()?;
                    if bracket {
                        parser.sign(")")?;
                    }
                    Ok(Point(place))
                })?;
                MultiPoint(places).into()
            }
            "MULTILINESTRING" => {
                let lines = self.list(|parser| parser.places().map(LineString))?;
                MultiLineString(lines).into()
            }
            "MULTIPOLYGON" => MultiPolygon(self.list(Parser::polygon)?).into(),
            "GEOMETRYCOLLECTION" => {
                let shapes = self.list(|parser| {
                    let (word, at) = parser.keyword()?;
                    if !begins_shape(&word) || word == "BBOX" {
                        return Err(parser.expected_at(at, "图形", "a shape"));
                    }
                    parser.any_shape(&word, at, nesting + 1)
                })?;
                Geometry::GeometryCollection(GeometryCollection(shapes))
            }
            _ => self.bbox(at)?,
        })
    }

    /// `BBOX(west, south, east, north)`, or six numbers with heights.
    fn bbox(&mut self, at: usize) -> Result<Geometry<f64>, CqlError> {
        let numbers = self.list(Parser::signed)?;
        let [west, south, east, north] = match numbers[..] {
            [w, s, e, n] | [w, s, _, e, n, _] => [w, s, e, n],
            _ => return Err(self.expected_at(at, "四个数的 BBOX", "a BBOX of four numbers")),
        };
        if west > east || south > north {
            return Err(CqlError::new(
                at,
                "BBOX 应为 西,南,东,北，且西不大于东、南不大于北",
                "BBOX is west, south, east, north, west not above east, south not above north",
            ));
        }
        let (min, max) = (Coord { x: west, y: south }, Coord { x: east, y: north });
        Ok(match (west < east, south < north) {
            (true, true) => Rect::new(min, max).to_polygon().into(),
            (false, false) => Point(min).into(),
            _ => LineString(vec![min, max]).into(),
        })
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, CqlError> {
        let mut rings = self.list(|parser| parser.places().map(LineString))?;
        let holes = rings.split_off(1);
        let outer = rings.pop().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(outer, holes))
    }

    fn places(&mut self) -> Result<Vec<Coord<f64>>, CqlError> {
        let mut places = self.list(Parser::place)?;
        places.dedup();
        Ok(places)
    }

    /// Things in brackets with commas between; at least one.
    fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Parser) -> Result<T, CqlError>,
    ) -> Result<Vec<T>, CqlError> {
        self.sign("(")?;
        let mut out = vec![one(self)?];
        while self.peeks_sign(",") {
            self.advance();
            out.push(one(self)?);
        }
        self.sign(")")?;
        Ok(out)
    }

    /// Two numbers; more are heights and measures.
    fn place(&mut self) -> Result<Coord<f64>, CqlError> {
        let (x, y) = (self.signed()?, self.signed()?);
        while matches!(self.peek(), Token::Number(_)) || self.peeks_sign("-") {
            self.signed()?;
        }
        Ok(Coord { x, y })
    }

    fn signed(&mut self) -> Result<f64, CqlError> {
        let sign = if self.peeks_sign("-") {
            self.advance();
            -1.0
        } else {
            1.0
        };
        match self.peek() {
            Token::Number(n) => {
                let n = *n;
                self.advance();
                Ok(sign * n)
            }
            _ => Err(self.expected("数", "a number")),
        }
    }
}

/// Refuses what is not on the globe, and rings that enclose nothing or cross.
fn sound(shape: &Geometry<f64>, at: usize) -> Result<(), CqlError> {
    if let Some(bad) = shape
        .coords_iter()
        .find(|c| crate::crs::on_globe(*c).is_err())
    {
        return Err(CqlError::new(
            at,
            format!("{} {} 不是经度、纬度", bad.x, bad.y),
            format!(
                "{} {} is no longitude and latitude in degrees",
                bad.x, bad.y
            ),
        ));
    }
    let checked = match shape {
        Geometry::LineString(line) => line_is_long(line),
        Geometry::MultiLineString(lines) => lines.iter().all(line_is_long),
        Geometry::Polygon(area) => return rings(&MultiPolygon(vec![area.clone()]), at),
        Geometry::MultiPolygon(area) => return rings(area, at),
        Geometry::GeometryCollection(parts) => {
            return parts.iter().try_for_each(|part| sound(part, at));
        }
        _ => true,
    };
    if checked {
        return Ok(());
    }
    Err(CqlError::new(
        at,
        "线至少要有两个不同的点",
        "a line needs two different places",
    ))
}

fn line_is_long(line: &LineString<f64>) -> bool {
    line.0.len() > 1
}

fn rings(area: &MultiPolygon<f64>, at: usize) -> Result<(), CqlError> {
    check_rings(area).map_err(|reason| CqlError::new(at, reason.zh(), reason.en()))
}
