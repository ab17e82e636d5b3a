//! WKT in a cell of a table: `POLYGON((…))`. Not recursive, so no depth of
//! brackets can harm; collections are told apart but not read.

use geo::Coord;

use super::problem::{Code, Refusal, quote};
use super::reason::Reason;
use super::table::Shape;

/// Reads one geometry.
///
/// # Errors
/// When the text is no WKT of a type that layers have.
pub(super) fn parse(cell: &str) -> Result<Shape, Refusal> {
    let refuse = || Refusal::new(Code::BadPosition, Reason::NotWkt { cell: quote(cell) });
    let text = cell.trim();
    // PostGIS writes `SRID=4326;` in front.
    let text = match text.split_once(';') {
        Some((srid, rest)) if srid.to_ascii_uppercase().starts_with("SRID=") => rest.trim(),
        _ => text,
    };
    let open = text.find('(').ok_or_else(refuse)?;
    let head = text[..open].to_ascii_uppercase();
    let kind = head.split_whitespace().next().unwrap_or("");
    let depth = match kind {
        "POINT" | "LINESTRING" | "MULTIPOINT" => 1,
        "POLYGON" | "MULTILINESTRING" => 2,
        "MULTIPOLYGON" => 3,
        "GEOMETRYCOLLECTION" => return Ok(Shape::Collection),
        _ => return Err(refuse()),
    };
    let parts = lists(&text[open..], depth, kind == "MULTIPOINT").ok_or_else(refuse)?;
    let lines = || parts.iter().flatten().cloned().collect::<Vec<_>>();
    Ok(match kind {
        "POINT" => match lines().first().map(Vec::as_slice) {
            Some([one]) => Shape::Point(*one),
            _ => return Err(refuse()),
        },
        "MULTIPOINT" => Shape::Points(lines().concat()),
        "LINESTRING" | "MULTILINESTRING" => Shape::Lines(lines()),
        _ => Shape::Polygons(parts),
    })
}

/// Parts of lists of positions; `depth` brackets stand around a position.
fn lists(text: &str, depth: usize, brackets_round_points: bool) -> Option<Vec<Vec<Vec<Coord>>>> {
    let mut parts: Vec<Vec<Vec<Coord>>> = Vec::new();
    let mut now = 0;
    let mut rest = text;
    loop {
        let at = rest.find(['(', ')', ','])?;
        let (numbers, tail) = (&rest[..at], &rest[at + 1..]);
        if !numbers.trim().is_empty() {
            if now < depth {
                return None;
            }
            parts.last_mut()?.last_mut()?.push(position(numbers)?);
        }
        match rest.as_bytes()[at] {
            b'(' => {
                now += 1;
                let most = depth + usize::from(brackets_round_points);
                if now > most {
                    return None;
                }
                // The outermost bracket of a polygon opens its only part.
                if now == depth.saturating_sub(1).max(1) {
                    parts.push(Vec::new());
                }
                if now == depth {
                    parts.last_mut()?.push(Vec::new());
                }
            }
            b')' => {
                now = usize::checked_sub(now, 1)?;
                if now == 0 {
                    return tail.trim().is_empty().then_some(parts);
                }
            }
            _ => {}
        }
        rest = tail;
    }
}

/// The first two numbers.
fn position(text: &str) -> Option<Coord> {
    let mut numbers = text
        .split_ascii_whitespace()
        .map(super::options::plain_number);
    let (x, y) = (numbers.next()??, numbers.next()??);
    numbers.all(|n| n.is_some()).then_some(Coord { x, y })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type() {
        let c = |x: f64, y: f64| Coord { x, y };
        for (text, shape) in [
            ("POINT(1 2)", Shape::Point(c(1.0, 2.0))),
            ("SRID=4326;Point Z (1 2 3)", Shape::Point(c(1.0, 2.0))),
            (
                "MULTIPOINT((1 2),(3 4))",
                Shape::Points(vec![c(1.0, 2.0), c(3.0, 4.0)]),
            ),
            (
                "MULTIPOINT(1 2,3 4)",
                Shape::Points(vec![c(1.0, 2.0), c(3.0, 4.0)]),
            ),
            (
                "linestring (1 2, 3 4)",
                Shape::Lines(vec![vec![c(1.0, 2.0), c(3.0, 4.0)]]),
            ),
            (
                "MULTILINESTRING((1 2,3 4),(5 6,7 8))",
                Shape::Lines(vec![
                    vec![c(1.0, 2.0), c(3.0, 4.0)],
                    vec![c(5.0, 6.0), c(7.0, 8.0)],
                ]),
            ),
            (
                "POLYGON((0 0,1 0,1 1),(2 2,3 2,3 3))",
                Shape::Polygons(vec![vec![
                    vec![c(0.0, 0.0), c(1.0, 0.0), c(1.0, 1.0)],
                    vec![c(2.0, 2.0), c(3.0, 2.0), c(3.0, 3.0)],
                ]]),
            ),
            (
                "MULTIPOLYGON(((0 0,1 0,1 1)),((2 2,3 2,3 3)))",
                Shape::Polygons(vec![
                    vec![vec![c(0.0, 0.0), c(1.0, 0.0), c(1.0, 1.0)]],
                    vec![vec![c(2.0, 2.0), c(3.0, 2.0), c(3.0, 3.0)]],
                ]),
            ),
            ("GEOMETRYCOLLECTION(POINT(1 2))", Shape::Collection),
        ] {
            assert_eq!(parse(text).unwrap(), shape, "{text}");
        }
        let deep = format!("POLYGON{}", "(".repeat(80_000));
        for text in [
            "",
            "POINT",
            "POINT()",
            "POINT(1)",
            "POINT(nan nan)",
            "POINT(1 2",
            "POINT(1 2))",
            "POINT(1 2) x",
            "CIRCLE(1 2)",
            "POLYGON(1 2)",
            &deep,
        ] {
            assert!(parse(text).is_err(), "{}", &text[..text.len().min(20)]);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "(POINT|POLYGON|MULTIPOLYGON)[(), 0-9a-z]{0,40}") {
            let _ = parse(&text);
        }
    }
}
