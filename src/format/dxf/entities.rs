//! Pairs of group code and value, and the entities made of them.

use geo::Coord;

use crate::format::fault::Fault;
use crate::format::problem::FileError;
use crate::format::text::{MAX_NAME, clean};

/// The most corners of one entity.
const MAX_CORNERS: usize = 200_000;
/// The angle of the straight pieces that an arc is cut into, degrees.
const ARC_STEP_DEG: f64 = 6.0;

/// What of a drawing is read.
pub(super) enum Entity {
    /// A label.
    Text { at: Coord, text: String },
    /// A line or an open polyline.
    Line { layer: String, places: Vec<Coord> },
    /// A closed polyline.
    Ring { layer: String, places: Vec<Coord> },
    /// The boundaries of a filled area.
    Hatch {
        layer: String,
        rings: Vec<Vec<Coord>>,
    },
}

/// The entities of a drawing.
#[derive(Default)]
pub(super) struct Drawing {
    pub(super) entities: Vec<Entity>,
    /// Block inserts, which are not read.
    pub(super) blocks: u64,
}

/// A group code and its value.
#[derive(Clone, Copy)]
struct Pair<'a> {
    code: i32,
    value: &'a str,
}

impl Pair<'_> {
    fn number(self) -> Option<f64> {
        self.value.parse::<f64>().ok().filter(|n| n.is_finite())
    }

    fn count(self) -> usize {
        self.value.parse().unwrap_or(0)
    }
}

/// Reads pairs one after the other.
pub(super) struct Reader<'a> {
    lines: std::str::Lines<'a>,
    line: usize,
    ahead: Option<Pair<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            lines: text.lines(),
            line: 0,
            ahead: None,
        }
    }

    /// The next pair; `None` at the end.
    fn next(&mut self) -> Result<Option<Pair<'a>>, FileError> {
        if let Some(pair) = self.ahead.take() {
            return Ok(Some(pair));
        }
        let Some(code) = self.lines.next() else {
            return Ok(None);
        };
        self.line += 1;
        if code.trim().is_empty() && self.lines.clone().next().is_none() {
            return Ok(None);
        }
        let damaged = Fault::DxfDamaged { line: self.line };
        let code = code.trim().parse().map_err(|_syntax| damaged.of_file())?;
        let value = self.lines.next().unwrap_or_default();
        self.line += 1;
        Ok(Some(Pair {
            code,
            value: value.trim(),
        }))
    }

    /// The pairs of one entity: up to the next one with code 0.
    fn body(&mut self) -> Result<Vec<Pair<'a>>, FileError> {
        let mut pairs = Vec::new();
        while let Some(pair) = self.next()? {
            if pair.code == 0 {
                self.ahead = Some(pair);
                break;
            }
            pairs.push(pair);
        }
        Ok(pairs)
    }

    /// All entities of the section that holds them.
    pub(super) fn drawing(mut self) -> Result<Drawing, FileError> {
        let mut drawing = Drawing::default();
        let mut inside = false;
        let mut first = true;
        while let Some(pair) = self.next()? {
            if std::mem::take(&mut first)
                && !matches!((pair.code, pair.value), (0, "SECTION") | (999, _))
            {
                return Err(Fault::DxfDamaged { line: 1 }.of_file());
            }
            if pair.code != 0 {
                continue;
            }
            match pair.value {
                "SECTION" => {
                    let name = self.next()?;
                    inside = name.is_some_and(|n| n.code == 2 && n.value == "ENTITIES");
                }
                "ENDSEC" => inside = false,
                "EOF" => break,
                kind if inside => self.entity(kind, &mut drawing)?,
                _ => {}
            }
        }
        Ok(drawing)
    }

    fn entity(&mut self, kind: &str, drawing: &mut Drawing) -> Result<(), FileError> {
        let pairs = self.body()?;
        let layer = first(&pairs, 8).unwrap_or_default().to_owned();
        let entity = match kind {
            "LINE" => {
                let ends = [place(&pairs, 10), place(&pairs, 11)];
                let places = ends.into_iter().flatten().collect();
                Some(Entity::Line { layer, places })
            }
            "LWPOLYLINE" => Some(polyline(layer, &corners(&pairs), flags(&pairs))),
            "POLYLINE" => {
                let flags = flags(&pairs);
                // Meshes have vertices too, but no outline.
                let mesh = flags & (16 | 64) != 0;
                let corners = self.vertices()?;
                (!mesh).then(|| polyline(layer, &corners, flags))
            }
            "TEXT" | "ATTRIB" | "ATTDEF" | "MTEXT" => label(&pairs),
            "HATCH" => Some(Entity::Hatch {
                layer,
                rings: hatch(&pairs),
            }),
            "INSERT" => {
                drawing.blocks += 1;
                None
            }
            _ => None,
        };
        drawing.entities.extend(entity);
        Ok(())
    }

    /// The vertices that follow an old polyline.
    fn vertices(&mut self) -> Result<Vec<Corner>, FileError> {
        let mut out = Vec::new();
        while let Some(pair) = self.next()? {
            match (pair.code, pair.value) {
                (0, "VERTEX") => {
                    let pairs = self.body()?;
                    // Points of a spline's frame are not on the line.
                    if flags(&pairs) & 16 == 0 && out.len() < MAX_CORNERS {
                        out.extend(corners(&pairs));
                    }
                }
                (0, "SEQEND") => {
                    self.body()?;
                    break;
                }
                _ => {
                    self.ahead = Some(pair);
                    break;
                }
            }
        }
        Ok(out)
    }
}

fn first<'a>(pairs: &[Pair<'a>], code: i32) -> Option<&'a str> {
    pairs.iter().find(|p| p.code == code).map(|p| p.value)
}

fn flags(pairs: &[Pair<'_>]) -> u32 {
    first(pairs, 70)
        .and_then(|v| v.parse().ok())
        .unwrap_or_default()
}

/// The place under codes `code` and `code + 10`.
fn place(pairs: &[Pair<'_>], code: i32) -> Option<Coord> {
    let number = |code: i32| pairs.iter().find(|p| p.code == code)?.number();
    Some(Coord {
        x: number(code)?,
        y: number(code + 10)?,
    })
}

/// A corner, and how the side after it bulges: the tangent of a quarter of
/// its angle.
#[derive(Clone, Copy)]
struct Corner {
    at: Coord,
    bulge: f64,
}

fn corners(pairs: &[Pair<'_>]) -> Vec<Corner> {
    let mut out: Vec<Corner> = Vec::new();
    let mut x = None;
    for pair in pairs {
        match (pair.code, pair.number()) {
            (10, number) => x = number,
            (20, Some(y)) => {
                if let Some(x) = x.take()
                    && out.len() < MAX_CORNERS
                {
                    let at = Coord { x, y };
                    out.push(Corner { at, bulge: 0.0 });
                }
            }
            (42, Some(bulge)) => {
                if let Some(last) = out.last_mut() {
                    last.bulge = bulge;
                }
            }
            _ => {}
        }
    }
    out
}

fn polyline(layer: String, corners: &[Corner], flags: u32) -> Entity {
    let closed = flags & 1 != 0;
    let places = straight(corners, closed);
    if closed {
        Entity::Ring { layer, places }
    } else {
        Entity::Line { layer, places }
    }
}

/// The places of a polyline, arcs cut into straight pieces; closed if so.
fn straight(corners: &[Corner], closed: bool) -> Vec<Coord> {
    let mut out = Vec::with_capacity(corners.len() + 1);
    for (n, corner) in corners.iter().enumerate() {
        out.push(corner.at);
        let next = corners
            .get(n + 1)
            .or(closed.then(|| &corners[0]))
            .map(|c| c.at);
        if let Some(next) = next
            && corner.bulge != 0.0
        {
            arc(&mut out, corner.at, next, corner.bulge);
        }
    }
    if closed
        && let (Some(first), Some(last)) = (out.first().copied(), out.last())
        && first != *last
    {
        out.push(first);
    }
    out
}

/// The places between two ends of an arc.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 60 pieces"
)]
fn arc(out: &mut Vec<Coord>, from: Coord, to: Coord, bulge: f64) {
    let angle = 4.0 * bulge.atan();
    let chord = to - from;
    let length = chord.x.hypot(chord.y);
    let radius = length / 2.0 / (angle / 2.0).sin();
    let pieces = (angle.to_degrees().abs() / ARC_STEP_DEG)
        .ceil()
        .clamp(1.0, 60.0) as u32;
    // The centre lies to the left of the chord for a positive angle.
    let away = radius * (angle / 2.0).cos();
    let centre = Coord {
        x: f64::midpoint(from.x, to.x) - chord.y / length * away,
        y: f64::midpoint(from.y, to.y) + chord.x / length * away,
    };
    let start = (from.y - centre.y).atan2(from.x - centre.x);
    for n in 1..pieces {
        let at = start + angle * f64::from(n) / f64::from(pieces);
        let p = Coord {
            x: centre.x + radius.abs() * at.cos(),
            y: centre.y + radius.abs() * at.sin(),
        };
        if p.x.is_finite() && p.y.is_finite() {
            out.push(p);
        }
    }
}

/// The text of a label without its formatting.
fn label(pairs: &[Pair<'_>]) -> Option<Entity> {
    let at = place(pairs, 11)
        .filter(|at| at.x != 0.0 || at.y != 0.0)
        .filter(|_| first(pairs, 72).is_some_and(|v| v != "0"))
        .or(place(pairs, 10))?;
    // Long texts come in pieces: 3, 3, …, 1.
    let whole: String = pairs
        .iter()
        .filter(|p| matches!(p.code, 1 | 3))
        .map(|p| p.value)
        .collect();
    let plain = unformatted(&whole);
    let text = clean(&plain, MAX_NAME).ok().filter(|t| !t.is_empty())?;
    Some(Entity::Text { at, text })
}

/// `{\fSimSun|b0;034-001}`, `\U+7F51`, `\P`, `%%d` to plain text.
fn unformatted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '{', '}', '%']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if let Some(code) = tail.strip_prefix("\\U+") {
            let hex = code.get(..4).and_then(|h| u32::from_str_radix(h, 16).ok());
            out.extend(hex.and_then(char::from_u32));
            rest = code.get(4..).unwrap_or("");
        } else if let Some(after) = tail.strip_prefix("%%") {
            let mark = after.chars().next();
            out.push_str(match mark {
                Some('d' | 'D') => "°",
                _ => "",
            });
            rest = mark.map_or("", |c| &after[c.len_utf8()..]);
        } else if let Some(after) = tail.strip_prefix('\\') {
            let mark = after.chars().next();
            let here = mark.map_or("", |c| &after[c.len_utf8()..]);
            rest = match mark {
                Some('P' | '~') => {
                    out.push(' ');
                    here
                }
                Some(c @ ('\\' | '{' | '}')) => {
                    out.push(c);
                    here
                }
                // Font, height, width, colour and so on end with a semicolon.
                Some('f' | 'F' | 'H' | 'W' | 'C' | 'c' | 'Q' | 'T' | 'A' | 'p' | 'S') => {
                    here.find(';').map_or("", |n| &here[n + 1..])
                }
                _ => here,
            };
        } else {
            if tail.starts_with('%') {
                out.push('%');
            }
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// The boundaries of a hatch: polylines, or straight edges that follow each
/// other.
fn hatch(pairs: &[Pair<'_>]) -> Vec<Vec<Coord>> {
    let mut rings = Vec::new();
    let start = pairs.iter().position(|p| p.code == 91);
    let mut rest = start.map_or(&pairs[pairs.len()..], |n| &pairs[n + 1..]);
    while let Some(at) = rest.iter().position(|p| p.code == 92) {
        let polyline = rest[at].count() & 2 != 0;
        let body = &rest[at + 1..];
        // 97 counts the source objects and ends a boundary; 75 begins the rest.
        let end = body
            .iter()
            .position(|p| matches!(p.code, 92 | 97 | 75))
            .unwrap_or(body.len());
        let (path, after) = body.split_at(end);
        let ring = if polyline {
            straight(&corners(path), true)
        } else {
            edges(path)
        };
        if ring.len() >= 4 {
            rings.push(ring);
        }
        rest = after;
    }
    rings
}

/// A ring of straight edges; one with arcs or splines is not read.
fn edges(path: &[Pair<'_>]) -> Vec<Coord> {
    let mut out: Vec<Coord> = Vec::new();
    for edge in path.split(|p| p.code == 72).skip(1) {
        let (Some(from), Some(to)) = (place(edge, 10), place(edge, 11)) else {
            return Vec::new();
        };
        // An arc has a centre and a radius.
        if edge.iter().any(|p| matches!(p.code, 40 | 94)) || out.len() >= MAX_CORNERS {
            return Vec::new();
        }
        if out.last() != Some(&from) {
            out.push(from);
        }
        out.push(to);
    }
    if let (Some(first), Some(last)) = (out.first().copied(), out.last())
        && first != *last
    {
        out.push(first);
    }
    out
}
