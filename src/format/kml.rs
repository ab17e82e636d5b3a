//! KML and KMZ: Placemarks with their geometry, data and description. Own
//! reader, since the known ones never return or overflow on small files.

use std::collections::HashMap;

use geo::Coord;

use super::archive::Archive;
use super::encoding::Encoding;
use super::fault::Fault;
use super::problem::{FileError, Refusal, quote};
use super::table::{Feature, Features, Shape};
use super::xml::{self, Piece, Tag, Xml};

/// The most columns that Placemarks may have together.
const MAX_COLUMNS: usize = 1000;

/// Reads the KML of a KMZ: `doc.kml`, else the first one.
///
/// # Errors
/// As [`read`], and when there is none.
pub(super) fn read_kmz(bytes: &[u8], said: Option<Encoding>) -> Result<Features, FileError> {
    let mut archive = Archive::open(bytes)?;
    let all = archive.with_ending("kml");
    let main = all
        .iter()
        .find(|e| e.path.eq_ignore_ascii_case("doc.kml"))
        .or(all.first());
    let main = main.ok_or_else(|| archive.nothing(Fault::KmzWithoutKml {}))?;
    let text = archive.read(main)?;
    read(&text, said)
}

/// Reads a KML document.
///
/// # Errors
/// When it is no well-formed KML.
pub(super) fn read(bytes: &[u8], said: Option<Encoding>) -> Result<Features, FileError> {
    let (text, encoding) = xml::decode(bytes, said)?;
    let mut xml = Xml::new(&text);
    xml.root("kml")?;
    let mut reader = Kml {
        columns: Columns::default(),
        rows: Vec::new(),
        folders: Vec::new(),
        labels: 0,
    };
    reader.document(&mut xml)?;
    let mut features = Features {
        columns: reader.columns.names,
        rows: reader.rows,
        encoding,
        ..Features::default()
    };
    if reader.labels > 0 {
        let note = Fault::LabelPoints {
            count: reader.labels,
        };
        features.notes.push(note.note());
    }
    Ok(features)
}

/// Headings in the order of their first use.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Columns {
    /// The number of a heading; `None` once there are too many.
    pub(super) fn number(&mut self, name: &str) -> Option<usize> {
        if let Some(n) = self.numbers.get(name) {
            return Some(*n);
        }
        if self.names.len() >= MAX_COLUMNS {
            return None;
        }
        let name = super::mapping::tidy_heading(name);
        if let Some(n) = self.numbers.get(&name) {
            return Some(*n);
        }
        self.names.push(name.clone());
        self.numbers.insert(name, self.names.len() - 1);
        Some(self.names.len() - 1)
    }

    /// Adds a cell, unless the row has one there.
    pub(super) fn put(&mut self, feature: &mut Feature, name: &str, value: String) {
        if value.trim().is_empty() {
            return;
        }
        if let Some(column) = self.number(name)
            && !feature.cells.iter().any(|(c, _)| *c == column)
        {
            feature.cells.push((column, value));
        }
    }
}

struct Kml {
    columns: Columns,
    rows: Vec<Feature>,
    /// Names of the folders around.
    folders: Vec<String>,
    /// Areas that came with a label point.
    labels: u64,
}

impl Kml {
    /// Everything down to the end; Folders are counted, not recursed into.
    fn document(&mut self, xml: &mut Xml<'_>) -> Result<(), FileError> {
        // Names of the open elements that matter: the parent of a `name`.
        let mut open: Vec<String> = Vec::new();
        loop {
            match xml.next()? {
                Piece::Open(tag) if tag.name == "Placemark" => self.placemark(xml)?,
                Piece::Open(tag)
                    if matches!(
                        tag.name.as_str(),
                        "Style" | "StyleMap" | "Schema" | "Region"
                    ) =>
                {
                    xml.skip()?;
                }
                Piece::Open(tag) => {
                    if tag.name == "Folder" {
                        self.folders.push(String::new());
                    }
                    open.push(tag.name);
                }
                Piece::Close(name) => {
                    open.pop();
                    if name == "Folder" {
                        self.folders.pop();
                    }
                    if name == "name" && open.last().is_some_and(|parent| parent == "Folder") {
                        let text = xml.take_text().trim().to_owned();
                        if let Some(folder) = self.folders.last_mut() {
                            *folder = text;
                        }
                    }
                }
                Piece::End => return Ok(()),
            }
        }
    }

    fn placemark(&mut self, xml: &mut Xml<'_>) -> Result<(), FileError> {
        let mut feature = Feature::default();
        let mut shapes = Shapes::default();
        let mut key: Option<String> = None;
        let mut description = String::new();
        loop {
            match xml.next()? {
                Piece::Open(tag) => match tag.name.as_str() {
                    "Data" | "SimpleData" | "SimpleArrayData" => {
                        key = tag.attribute("name").map(str::to_owned);
                    }
                    "Point" | "LineString" | "LinearRing" | "Polygon" | "Track" => {
                        shapes.read(xml, &tag)?;
                    }
                    "Model" | "Style" | "LookAt" | "Camera" | "Region" => xml.skip()?,
                    _ => {}
                },
                Piece::Close(name) => match name.as_str() {
                    "Placemark" => break,
                    "name" => self.columns.put(&mut feature, "name", xml.take_text()),
                    "description" => description = xml::strip_html(&xml.take_text()),
                    "when" => self.columns.put(&mut feature, "time", xml.take_text()),
                    "value" | "SimpleData" => {
                        if let Some(key) = key.take() {
                            let text = xml.take_text().trim().to_owned();
                            self.columns.put(&mut feature, &key, text);
                        }
                    }
                    _ => {}
                },
                Piece::End => break,
            }
        }
        self.columns.put(&mut feature, "description", description);
        if let Some(folder) = self.folders.iter().rev().find(|f| !f.is_empty()) {
            let folder = folder.clone();
            self.columns.put(&mut feature, "folder", folder);
        }
        match shapes.whole() {
            Ok((shape, labelled)) => {
                feature.shape = shape;
                self.labels += u64::from(labelled);
            }
            Err(refusal) => feature.refusal = Some(refusal),
        }
        self.rows.push(feature);
        Ok(())
    }
}

/// The geometries of one Placemark.
#[derive(Default)]
struct Shapes {
    points: Vec<Coord>,
    lines: Vec<Vec<Coord>>,
    polygons: Vec<Vec<Vec<Coord>>>,
    refusal: Option<Refusal>,
    some: bool,
}

impl Shapes {
    /// Reads one geometry to its end.
    fn read(&mut self, xml: &mut Xml<'_>, tag: &Tag) -> Result<(), FileError> {
        self.some = true;
        let mut rings: Vec<Vec<Coord>> = Vec::new();
        // A ring of holes may come before the outer one.
        let (mut inner, mut outer_at) = (false, None);
        let mut track = Vec::new();
        loop {
            match xml.next()? {
                Piece::Open(open) => match open.name.as_str() {
                    "innerBoundaryIs" => inner = true,
                    "outerBoundaryIs" => inner = false,
                    _ => {}
                },
                Piece::Close(name) if name == "coordinates" => {
                    let places = coordinates(&xml.take_text());
                    let places = self.or_refuse(places);
                    if !inner && outer_at.is_none() {
                        outer_at = Some(rings.len());
                    }
                    rings.push(places);
                }
                // gx:coord of a gx:Track: three numbers with spaces.
                Piece::Close(name) if name == "coord" => {
                    let text = xml.take_text();
                    let parts: Vec<&str> = text.split_whitespace().collect();
                    let place = place(&parts, &text);
                    match place {
                        Ok(place) => track.push(place),
                        Err(refusal) => self.refusal = Some(refusal),
                    }
                }
                Piece::Close(name) if name == tag.name => break,
                Piece::Close(_) => {}
                Piece::End => break,
            }
        }
        match tag.name.as_str() {
            "Point" => self.points.extend(rings.into_iter().flatten()),
            "Polygon" => {
                if let Some(outer) = outer_at {
                    rings[..=outer].rotate_right(1);
                }
                self.polygons.push(rings);
            }
            "Track" => self.lines.push(track),
            // A ring by itself is an area.
            "LinearRing" => self.polygons.push(rings),
            _ => self.lines.extend(rings),
        }
        Ok(())
    }

    fn or_refuse(&mut self, places: Result<Vec<Coord>, Refusal>) -> Vec<Coord> {
        places.unwrap_or_else(|refusal| {
            self.refusal.get_or_insert(refusal);
            Vec::new()
        })
    }

    /// All as one shape, and whether label points were left out.
    fn whole(self) -> Result<(Option<Shape>, bool), Refusal> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let kinds = (
            !self.points.is_empty(),
            !self.lines.is_empty(),
            !self.polygons.is_empty(),
        );
        Ok(match kinds {
            (false, false, false) if self.some => {
                return Err(Fault::CoordText {
                    text: String::new(),
                }
                .of_row());
            }
            (false, false, false) => (None, false),
            (label, false, true) => (Some(Shape::Polygons(self.polygons)), label),
            (true, false, false) => match self.points.as_slice() {
                [one] => (Some(Shape::Point(*one)), false),
                _ => (Some(Shape::Points(self.points)), false),
            },
            (false, true, false) => (Some(Shape::Lines(self.lines)), false),
            _ => (Some(Shape::Collection), false),
        })
    }
}

/// `lon,lat[,alt]` tuples between spaces; spaces around commas do no harm.
fn coordinates(text: &str) -> Result<Vec<Coord>, Refusal> {
    let mut tuples: Vec<String> = Vec::new();
    let mut joined = false;
    for word in text.split_whitespace() {
        let glued = joined || word.starts_with(',');
        match tuples.last_mut() {
            Some(last) if glued => last.push_str(word),
            _ => tuples.push(word.to_owned()),
        }
        joined = word.ends_with(',');
    }
    tuples
        .iter()
        .map(|tuple| {
            let parts: Vec<&str> = tuple.trim_end_matches(',').split(',').collect();
            place(&parts, tuple)
        })
        .collect()
}

fn place(parts: &[&str], text: &str) -> Result<Coord, Refusal> {
    let refuse = || Fault::CoordText { text: quote(text) }.of_row();
    let number = |n: usize| -> Result<f64, Refusal> {
        let part = parts.get(n).ok_or_else(refuse)?.trim();
        part.parse::<f64>().map_err(|_syntax| refuse())
    };
    let at = Coord {
        x: number(0)?,
        y: number(1)?,
    };
    if parts.len() > 4 || !at.x.is_finite() || !at.y.is_finite() {
        return Err(refuse());
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_as_programs_write_them() {
        let c = |x, y| Coord { x, y };
        assert_eq!(
            coordinates(" 117.1,31.2,0\n117.3, 31.4 117.5 ,31.6,0 ").unwrap(),
            [c(117.1, 31.2), c(117.3, 31.4), c(117.5, 31.6)]
        );
        assert!(coordinates("").unwrap().is_empty());
        for bad in ["117", "a,b", "NaN,31", "1,2,3,4,5", "inf,3"] {
            assert!(coordinates(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn folders_data_holes_and_labels() {
        let text = "<kml><Document><Folder><name>一片区</name><Folder><Placemark><name>甲</name>\
            <description><![CDATA[<b>备注</b>]]></description>\
            <ExtendedData><Data name=\"户数\"><value>12</value></Data></ExtendedData>\
            <MultiGeometry><Point><coordinates>1,1</coordinates></Point><Polygon>\
            <innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs>\
            <outerBoundaryIs><LinearRing><coordinates>0,0 4,0 4,4 0,0</coordinates></LinearRing></outerBoundaryIs>\
            </Polygon></MultiGeometry></Placemark></Folder></Folder></Document></kml>";
        let features = read(text.as_bytes(), None).unwrap();
        assert_eq!(features.columns, ["name", "户数", "description", "folder"]);
        let row = &features.rows[0];
        let cells: Vec<&str> = row.cells.iter().map(|(_, c)| c.as_str()).collect();
        assert_eq!(cells, ["甲", "12", "备注", "一片区"]);
        let Some(Shape::Polygons(parts)) = &row.shape else {
            panic!("{:?}", row.shape)
        };
        assert_eq!(parts[0].len(), 2);
        assert_eq!(parts[0][0][1], Coord { x: 4.0, y: 0.0 });
        assert_eq!(features.notes.len(), 1);
    }

    #[test]
    fn forty_bytes_return() {
        assert!(read(b"<kml><Document><Placemark><name>a</name>", None).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_document_gives_an_answer(parts in proptest::collection::vec(0usize..14, 0..40)) {
            const PIECES: [&str; 14] = ["<Placemark>", "</Placemark>", "<Folder>", "</Folder>", "<name>a</name>",
                "<Point>", "</Point>", "<coordinates>1,2 3,4</coordinates>", "<Polygon>", "</Polygon>",
                "<innerBoundaryIs>", "</innerBoundaryIs>", "<MultiGeometry/>", "<Data name=\"x\"><value>1</value></Data>"];
            let text: String = std::iter::once("<kml>").chain(parts.iter().map(|p| PIECES[*p])).chain(["</kml>"]).collect();
            let _ = read(text.as_bytes(), None);
        }
    }
}
