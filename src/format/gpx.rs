//! GPX from hand-held receivers and phones: tracks and routes as lines with
//! the waypoints beside them as checkpoints, or the waypoints as points.

use geo::Coord;
use serde_json::json;

use super::encoding::Encoding;
use super::fault::Fault;
use super::kml::Columns;
use super::problem::{FileError, Refusal, quote};
use super::table::{Feature, Features, Shape};
use super::xml::{self, Piece, Tag, Xml};
use crate::crs::LocalFrame;

/// How far from a track a waypoint may lie to be a checkpoint of it, metres.
const BESIDE_M: f64 = 200.0;

/// What a GPX file holds.
pub(super) struct Gpx {
    columns: Columns,
    /// Tracks and routes.
    lines: Vec<Feature>,
    points: Vec<Waypoint>,
    encoding: &'static str,
}

struct Waypoint {
    name: String,
    at: Option<Coord>,
    feature: Feature,
}

/// Reads a GPX document.
///
/// # Errors
/// When it is no well-formed GPX.
pub(super) fn read(bytes: &[u8], said: Option<Encoding>) -> Result<Gpx, FileError> {
    let (text, encoding) = xml::decode(bytes, said)?;
    let mut xml = Xml::new(&text);
    xml.root("gpx")?;
    let mut gpx = Gpx {
        columns: Columns::default(),
        lines: Vec::new(),
        points: Vec::new(),
        encoding,
    };
    loop {
        match xml.next()? {
            Piece::Open(tag) => match tag.name.as_str() {
                "trk" | "rte" => gpx.line(&mut xml, &tag)?,
                "wpt" => gpx.waypoint(&mut xml, &tag)?,
                _ => xml.skip()?,
            },
            Piece::Close(_) => {}
            Piece::End => return Ok(gpx),
        }
    }
}

impl Gpx {
    /// How many tracks and routes, and how many waypoints.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.lines.len() as u64, self.points.len() as u64)
    }

    /// Tracks and routes as rows, waypoints as their checkpoints.
    pub(super) fn into_lines(mut self) -> Features {
        let mut near: Vec<Vec<(f64, usize)>> = vec![Vec::new(); self.lines.len()];
        let mut far = 0;
        // Tracks that this program wrote say themselves which places they have.
        let column = self.columns.names.iter().position(|c| c == "checkpoints");
        let complete: Vec<bool> = self
            .lines
            .iter()
            .map(|line| line.cells.iter().any(|(c, _)| Some(*c) == column))
            .collect();
        for (n, point) in self.points.iter().enumerate() {
            let nearest = point.at.and_then(|at| {
                let along = self.lines.iter().enumerate();
                let found = along.filter_map(|(line, f)| Some((line, beside(f, at)?)));
                found.min_by(|a, b| a.1.0.total_cmp(&b.1.0))
            });
            match nearest {
                Some((line, (away_m, along_m))) if away_m <= BESIDE_M => {
                    if !complete[line] {
                        near[line].push((along_m, n));
                    }
                }
                _ => far += 1,
            }
        }
        for (line, mut stops) in near.into_iter().enumerate() {
            stops.sort_by(|a, b| a.0.total_cmp(&b.0));
            let list: Vec<serde_json::Value> = stops
                .iter()
                .filter_map(|(_, n)| {
                    let point = &self.points[*n];
                    let at = point.at?;
                    Some(json!({"name": point.name, "lon": at.x, "lat": at.y}))
                })
                .collect();
            if !list.is_empty() {
                let text = serde_json::Value::Array(list).to_string();
                self.columns.put(&mut self.lines[line], "checkpoints", text);
            }
        }
        let mut features = Features {
            columns: self.columns.names,
            rows: self.lines,
            encoding: self.encoding,
            ..Features::default()
        };
        if far > 0 {
            features
                .notes
                .push(Fault::FarWaypoints { count: far }.note());
        }
        features
    }

    /// Waypoints as rows.
    pub(super) fn into_points(self) -> Features {
        Features {
            columns: self.columns.names,
            rows: self.points.into_iter().map(|p| p.feature).collect(),
            encoding: self.encoding,
            ..Features::default()
        }
    }

    fn line(&mut self, xml: &mut Xml<'_>, line: &Tag) -> Result<(), FileError> {
        let mut feature = Feature::default();
        let mut parts: Vec<Vec<Coord>> = vec![Vec::new()];
        let mut in_point = false;
        loop {
            match xml.next()? {
                Piece::Open(tag) => match tag.name.as_str() {
                    "trkseg" => parts.push(Vec::new()),
                    "trkpt" | "rtept" => {
                        in_point = true;
                        match place(&tag) {
                            Ok(at) => {
                                if let Some(part) = parts.last_mut() {
                                    part.push(at);
                                }
                            }
                            Err(refusal) => feature.refusal = Some(refusal),
                        }
                    }
                    _ => {}
                },
                Piece::Close(name) if name == line.name => break,
                Piece::Close(name) if matches!(name.as_str(), "trkpt" | "rtept") => {
                    in_point = false;
                }
                Piece::Close(name) if !in_point => self.cell(&mut feature, &name, xml),
                Piece::Close(_) => {}
                Piece::End => break,
            }
        }
        parts.retain(|part| !part.is_empty());
        feature.shape = (!parts.is_empty()).then_some(Shape::Lines(parts));
        self.lines.push(feature);
        Ok(())
    }

    fn waypoint(&mut self, xml: &mut Xml<'_>, tag: &Tag) -> Result<(), FileError> {
        let mut feature = Feature::default();
        let at = match place(tag) {
            Ok(at) => Some(at),
            Err(refusal) => {
                feature.refusal = Some(refusal);
                None
            }
        };
        feature.shape = at.map(Shape::Point);
        let mut label = String::new();
        loop {
            match xml.next()? {
                Piece::Close(name) if name == "wpt" => break,
                Piece::Close(name) => {
                    let before = feature.cells.len();
                    self.cell(&mut feature, &name, xml);
                    if name == "name" && feature.cells.len() > before {
                        label = feature.cells[before].1.clone();
                    }
                }
                Piece::Open(_) => {}
                Piece::End => break,
            }
        }
        self.points.push(Waypoint {
            name: label,
            at,
            feature,
        });
        Ok(())
    }

    /// The text of an element as a cell; groups of elements have none.
    fn cell(&mut self, feature: &mut Feature, name: &str, xml: &mut Xml<'_>) {
        let heading = match name {
            "desc" | "cmt" => "description",
            // What receivers write about themselves.
            "ele" | "sym" | "src" | "number" | "sat" | "fix" | "hdop" | "vdop" | "pdop"
            | "course" | "speed" | "magvar" | "geoidheight" | "extensions" | "trkseg" => {
                xml.take_text();
                return;
            }
            other => other,
        };
        let mut text = xml.take_text();
        if heading == "description" {
            text = xml::strip_html(&text);
        }
        self.columns.put(feature, heading, text.trim().to_owned());
    }
}

fn place(tag: &Tag) -> Result<Coord, Refusal> {
    let read = |name: &str| {
        let text = tag.attribute(name).unwrap_or_default();
        let number = text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        number.ok_or_else(|| Fault::CoordText { text: quote(text) }.of_row())
    };
    Ok(Coord {
        x: read("lon")?,
        y: read("lat")?,
    })
}

/// How far a place is from a line, and how far along it, metres.
fn beside(line: &Feature, at: Coord) -> Option<(f64, f64)> {
    let Some(Shape::Lines(parts)) = &line.shape else {
        return None;
    };
    let frame = LocalFrame::new(at);
    let (mut best, mut walked): (Option<(f64, f64)>, f64) = (None, 0.0);
    for part in parts {
        for pair in part.windows(2) {
            let (a, b) = (frame.to_meters(pair[0]), frame.to_meters(pair[1]));
            let step = b - a;
            let length = step.x.hypot(step.y);
            let t = if length > 0.0 {
                (-(a.x * step.x + a.y * step.y) / (length * length)).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let near = a + step * t;
            let away = near.x.hypot(near.y);
            if best.is_none_or(|(old, _)| away < old) {
                best = Some((away, walked + t * length));
            }
            walked += length;
        }
    }
    best
}
