//! Outlines from DXF drawings: closed polylines, hatch boundaries, and lines
//! that close to rings, with their layer and the text inside. Own reader:
//! the format is pairs of lines, and the known one drops hatches.

mod entities;
mod rings;

use geo::Coord;

use self::entities::{Entity, Reader};
use super::encoding::Encoding;
use super::fault::Fault;
use super::problem::FileError;
use super::shapefile::holds;
use super::table::{Feature, Features, Shape};
use super::text;

const COLUMNS: [&str; 3] = ["layer", "name", "code"];

/// Reads a drawing.
///
/// # Errors
/// When it is no ASCII DXF, or has no outlines and no lines.
pub(super) fn read(bytes: &[u8], said: Option<Encoding>) -> Result<Features, FileError> {
    if bytes.starts_with(b"AutoCAD Binary DXF") {
        return Err(Fault::DxfBinary {}.of_file());
    }
    if bytes.starts_with(b"AC10") {
        return Err(Fault::Dwg {}.of_file());
    }
    let decoded = text::decode_maybe(bytes, said)?;
    let drawing = Reader::new(&decoded.text).drawing()?;
    let mut texts = Vec::new();
    let mut areas: Vec<Outline> = Vec::new();
    let mut open: Vec<(String, Vec<Coord>)> = Vec::new();
    for entity in drawing.entities {
        match entity {
            Entity::Text { at, text } => texts.push((at, text)),
            Entity::Line { layer, places } => match rings::closed(&places) {
                Some(ring) => areas.push(Outline::new(layer, vec![ring])),
                None if places.len() > 1 => open.push((layer, places)),
                None => {}
            },
            Entity::Ring { layer, places } => areas.push(Outline::new(layer, vec![places])),
            Entity::Hatch { layer, rings } => {
                areas.extend(
                    rings::nested(rings)
                        .into_iter()
                        .map(|part| Outline::new(layer.clone(), part)),
                );
            }
        }
    }
    let (chained, left) = rings::chain(open);
    areas.extend(
        chained
            .into_iter()
            .map(|(layer, ring)| Outline::new(layer, vec![ring])),
    );
    if areas.is_empty() && left.is_empty() {
        return Err(Fault::DxfNothing {}.of_file());
    }
    name(&mut areas, &texts);
    let mut features = Features {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        encoding: decoded.encoding,
        ..Features::default()
    };
    features
        .rows
        .extend(areas.into_iter().map(Outline::feature));
    // Lines stand behind the areas: for streets and routes they are the rows.
    features
        .rows
        .extend(left.into_iter().map(|(layer, line)| Feature {
            cells: vec![(0, layer)],
            shape: Some(Shape::Lines(vec![line])),
            ..Feature::default()
        }));
    if drawing.blocks > 0 {
        let count = drawing.blocks;
        features.notes.push(Fault::DxfBlocks { count }.note());
    }
    Ok(features)
}

/// An outline with its holes.
struct Outline {
    layer: String,
    rings: Vec<Vec<Coord>>,
    name: String,
    code: String,
}

impl Outline {
    fn new(layer: String, rings: Vec<Vec<Coord>>) -> Self {
        Self {
            layer,
            rings,
            name: String::new(),
            code: String::new(),
        }
    }

    fn feature(self) -> Feature {
        let cells = [self.layer, self.name, self.code];
        Feature {
            cells: cells.into_iter().enumerate().collect(),
            shape: Some(Shape::Polygons(vec![self.rings])),
            ..Feature::default()
        }
    }
}

/// Gives each text to the smallest outline around it: digits are its code,
/// other words its name.
fn name(areas: &mut [Outline], texts: &[(Coord, String)]) {
    let sizes: Vec<(f64, [f64; 4])> = areas
        .iter()
        .map(|area| (rings::area(&area.rings[0]), rings::bounds(&area.rings[0])))
        .collect();
    for (at, text) in texts {
        let holds = |n: &usize| {
            let [west, south, east, north] = sizes[*n].1;
            let boxed = at.x >= west && at.x <= east && at.y >= south && at.y <= north;
            boxed && holds(&areas[*n].rings[0], *at)
        };
        let smallest = (0..areas.len())
            .filter(holds)
            .min_by(|a, b| sizes[*a].0.total_cmp(&sizes[*b].0));
        let Some(n) = smallest else { continue };
        let is_code = text.len() >= 2
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && text.bytes().any(|b| b.is_ascii_digit());
        let slot = if is_code {
            &mut areas[n].code
        } else {
            &mut areas[n].name
        };
        if slot.is_empty() {
            slot.clone_from(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(entities: &str) -> String {
        let tags = entities.replace(' ', "\n");
        format!("0\nSECTION\n2\nENTITIES\n{tags}\n0\nENDSEC\n0\nEOF\n")
    }

    fn shapes(text: &str) -> Vec<(Vec<String>, Shape)> {
        let features = read(text.as_bytes(), None).unwrap();
        features
            .rows
            .into_iter()
            .map(|f| {
                let cells = f.cells.into_iter().map(|(_, c)| c).collect();
                (cells, f.shape.unwrap())
            })
            .collect()
    }

    #[test]
    fn closed_polylines_with_the_text_inside() {
        let text = drawing(
            "0 LWPOLYLINE 8 网格 90 4 70 1 10 0 20 0 10 4 20 0 10 4 20 4 10 0 20 4 \
             0 TEXT 8 注记 10 1 20 1 1 幸福网格 0 MTEXT 10 2 20 2 1 {\\fSimSun;034-001} 0 TEXT 10 9 20 9 1 外面",
        );
        let got = shapes(&text);
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].0, ["网格", "幸福网格", "034-001"]);
    }

    #[test]
    fn lines_chain_to_rings_and_old_polylines_and_arcs() {
        let text = drawing(
            "0 LINE 8 A 10 0 20 0 11 4 21 0 0 LINE 8 A 10 4 20 4 11 4 21 0 0 LINE 8 A 10 0 20 0 11 4 21 4 \
             0 LINE 8 A 10 8 20 8 11 9 21 9 \
             0 POLYLINE 8 B 70 1 0 VERTEX 10 0 20 0 0 VERTEX 10 2 20 0 42 1 0 VERTEX 10 2 20 2 0 SEQEND",
        );
        let got = shapes(&text);
        let kinds: Vec<&str> = got
            .iter()
            .map(|(_, s)| match s {
                Shape::Polygons(_) => "area",
                _ => "line",
            })
            .collect();
        assert_eq!(kinds, ["area", "area", "line"]);
        // A bulge of 1 is half a circle.
        let Shape::Polygons(parts) = &got[0].1 else {
            panic!()
        };
        let far = parts[0][0].iter().map(|c| c.x).fold(0.0, f64::max);
        assert!((far - 3.0).abs() < 0.01, "{far}");
    }

    #[test]
    fn hatches_with_holes() {
        let square = |a: i32, b: i32| {
            format!(
                "92 7 72 0 73 1 93 4 10 {a} 20 {a} 10 {b} 20 {a} 10 {b} 20 {b} 10 {a} 20 {b} 97 0"
            )
        };
        let text = drawing(&format!(
            "0 HATCH 8 H 10 0 20 0 2 SOLID 70 1 91 2 {} {} 75 1",
            square(0, 9),
            square(3, 5)
        ));
        let got = shapes(&text);
        let Shape::Polygons(parts) = &got[0].1 else {
            panic!()
        };
        assert_eq!((parts.len(), parts[0].len()), (1, 2));
    }

    #[test]
    fn what_is_refused() {
        for text in [
            "",
            "hello",
            "0\nSECTION\n2\nENTITIES\n0\nEOF\n",
            "0\nSECTION\nx\n1\n",
        ] {
            assert!(read(text.as_bytes(), None).is_err(), "{text}");
        }
        assert!(read(b"AC1032 rest", None).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_tags_give_an_answer(tags in proptest::collection::vec((0usize..16, 0usize..8), 0..60)) {
            const CODES: [&str; 16] = ["0", "0", "10", "20", "11", "21", "42", "70", "72", "73", "90", "91", "92", "93", "8", "1"];
            const VALUES: [&str; 8] = ["HATCH", "LWPOLYLINE", "LINE", "POLYLINE", "VERTEX", "1", "99999999", "-3.5e300"];
            let body: String = tags.iter().map(|(c, v)| format!("{}\n{}\n", CODES[*c], VALUES[*v])).collect();
            let _ = read(format!("0\nSECTION\n2\nENTITIES\n{body}").as_bytes(), None);
        }
    }
}
