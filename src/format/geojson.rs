//! GeoJSON (RFC 7946): features are read one by one, so that one bad feature
//! does not refuse the file. Broken JSON refuses it, with the line.

use std::collections::HashMap;
use std::fmt;

use geo::Coord;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::json::Json;
use super::problem::{Code, FileError, Problem, Refusal, quote};
use super::reason::Reason;
use super::table::{Feature, Features, Shape};
use super::text;
use crate::crs::Crs;

/// The most properties a feature may have.
const MAX_PROPERTIES: usize = 1000;
/// Longest id kept.
const MAX_ID: usize = 200;

/// Reads a FeatureCollection, a Feature or a bare geometry.
///
/// # Errors
/// When the bytes are no text, no JSON, no GeoJSON, or say something twice.
pub(super) fn read(bytes: &[u8]) -> Result<Features, FileError> {
    let decoded = text::decode(bytes)?;
    if decoded.text.trim().is_empty() {
        return Err(FileError::new(Code::Empty, Reason::FileEmpty));
    }
    let mut collector = Collector::default();
    let mut json = serde_json::Deserializer::from_str(&decoded.text);
    let top = Top(&mut collector)
        .deserialize(&mut json)
        .and_then(|top| json.end().map(|()| top))
        .map_err(|e| syntax_error(&e))?;
    if let Some(key) = top.doubled_key() {
        return Err(FileError::new(
            Code::DuplicateKey,
            Reason::KeyTwice { key: quote(key) },
        ));
    }
    match top.get("type").and_then(Json::as_str) {
        Some("FeatureCollection") if collector.seen => {}
        Some("Feature") => collector.feature(&top),
        Some(
            "Point" | "MultiPoint" | "LineString" | "MultiLineString" | "Polygon" | "MultiPolygon"
            | "GeometryCollection",
        ) => {
            collector.feature(&Json::Object(vec![
                ("type".into(), Json::Text("Feature".into())),
                ("geometry".into(), top.clone()),
            ]));
        }
        _ => {
            return Err(FileError::new(Code::NotGeojson, Reason::NotGeojson));
        }
    }
    let mut features = collector.features;
    features.encoding = decoded.encoding;
    features.crs = top.get("crs").map(named_crs).transpose()?.flatten();
    if decoded.encoding != "utf-8" {
        let encoding = decoded.encoding;
        features.notes.push(Problem::of_file(
            Code::Encoding,
            Reason::EncodingNotUtf8 { encoding },
        ));
    }
    Ok(features)
}

/// One feature as a table of one row; what is wrong with it is the error.
pub(super) fn one(json: &Json) -> Result<Features, Refusal> {
    let mut collector = Collector::default();
    let feature = collector.read(json)?;
    collector.features.rows.push(feature);
    collector.features.encoding = "utf-8";
    Ok(collector.features)
}

fn syntax_error(e: &serde_json::Error) -> FileError {
    let cause = e.to_string();
    let code = if cause.contains("recursion limit") {
        Code::TooDeep
    } else {
        Code::JsonSyntax
    };
    FileError::new(code, Reason::JsonSyntax { cause })
}

/// The `crs` member of old files: `urn:ogc:def:crs:EPSG::4490`.
fn named_crs(member: &Json) -> Result<Option<Crs>, FileError> {
    if *member == Json::Null {
        return Ok(None);
    }
    let name = member
        .get("properties")
        .and_then(|p| p.get("name"))
        .and_then(Json::as_str)
        .unwrap_or("");
    let upper = name.to_ascii_uppercase();
    if upper.contains("CRS84") || upper.contains("WGS84") {
        return Ok(Some(Crs::Wgs84));
    }
    let code = upper.rsplit(':').next().and_then(|n| n.parse().ok());
    match code {
        Some(code) => Crs::from_epsg(code).map(Some).map_err(FileError::crs),
        None => Err(FileError::new(
            Code::Crs,
            Reason::CrsNameUnknown { name: quote(name) },
        )),
    }
}

/// Features on their way into the table.
#[derive(Default)]
struct Collector {
    features: Features,
    numbers: HashMap<String, usize>,
    /// A `features` list was there.
    seen: bool,
}

impl Collector {
    fn feature(&mut self, json: &Json) {
        let feature = self.read(json).unwrap_or_else(|refusal| Feature {
            refusal: Some(refusal),
            ..Feature::default()
        });
        self.features.rows.push(feature);
    }

    fn read(&mut self, json: &Json) -> Result<Feature, Refusal> {
        if let Some(key) = json.doubled_key() {
            return Err(Refusal::new(
                Code::DuplicateKey,
                Reason::KeyTwice { key: quote(key) },
            ));
        }
        if json.get("type").and_then(Json::as_str) != Some("Feature") {
            return Err(Refusal::new(Code::NotGeojson, Reason::NotAFeature));
        }
        let properties = json.get("properties").unwrap_or(&Json::Null);
        if let Some(key) = properties.doubled_key() {
            return Err(Refusal::new(
                Code::DuplicateKey,
                Reason::PropertyTwice { key: quote(key) },
            ));
        }
        let cells = match properties {
            Json::Object(members) if members.len() > MAX_PROPERTIES => {
                return Err(Refusal::new(
                    Code::TooManyFields,
                    Reason::TooManyProperties {
                        count: members.len(),
                        most: MAX_PROPERTIES,
                    },
                ));
            }
            Json::Object(members) => members
                .iter()
                .filter_map(|(key, value)| Some((self.column(key)?, value.cell())))
                .collect(),
            Json::Null => Vec::new(),
            _ => return Err(Refusal::new(Code::NotGeojson, Reason::PropertiesNoObject)),
        };
        let geometry = json.get("geometry").unwrap_or(&Json::Null);
        Ok(Feature {
            cells,
            shape: shape(geometry)?,
            id: id(json.get("id"))?,
            refusal: None,
        })
    }

    /// The number of a column; `None` once there are too many.
    fn column(&mut self, key: &str) -> Option<usize> {
        if let Some(n) = self.numbers.get(key) {
            return Some(*n);
        }
        let n = self.features.columns.len();
        if n >= MAX_PROPERTIES {
            return None;
        }
        self.features.columns.push(key.to_owned());
        self.numbers.insert(key.to_owned(), n);
        Some(n)
    }
}

fn id(id: Option<&Json>) -> Result<Option<String>, Refusal> {
    match id {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) if text.chars().count() <= MAX_ID => Ok(Some(text.clone())),
        Some(Json::Integer(n)) => Ok(Some(n.to_string())),
        Some(_) => Err(Refusal::new(
            Code::BadId,
            Reason::IdNeither { most: MAX_ID },
        )),
    }
}

/// The shape of a geometry object; `None` for null.
pub(super) fn shape(geometry: &Json) -> Result<Option<Shape>, Refusal> {
    if *geometry == Json::Null {
        return Ok(None);
    }
    if let Some(key) = geometry.doubled_key() {
        return Err(Refusal::new(
            Code::DuplicateKey,
            Reason::KeyTwice { key: quote(key) },
        ));
    }
    let kind = geometry.get("type").and_then(Json::as_str).unwrap_or("");
    if kind == "GeometryCollection" {
        return Ok(Some(Shape::Collection));
    }
    let coordinates = geometry
        .get("coordinates")
        .ok_or_else(|| Refusal::new(Code::BadPosition, Reason::NoCoordinates))?;
    Ok(Some(match kind {
        "Point" => Shape::Point(position(coordinates)?),
        "MultiPoint" => Shape::Points(positions(coordinates)?),
        "LineString" => Shape::Lines(vec![positions(coordinates)?]),
        "MultiLineString" => Shape::Lines(
            list(coordinates)?
                .iter()
                .map(positions)
                .collect::<Result<_, _>>()?,
        ),
        "Polygon" => Shape::Polygons(vec![rings(coordinates)?]),
        "MultiPolygon" => Shape::Polygons(
            list(coordinates)?
                .iter()
                .map(rings)
                .collect::<Result<_, _>>()?,
        ),
        other => {
            return Err(Refusal::new(
                Code::GeomType,
                Reason::NotAGeometryType { name: quote(other) },
            ));
        }
    }))
}

fn list(json: &Json) -> Result<&[Json], Refusal> {
    json.as_list()
        .ok_or_else(|| Refusal::new(Code::BadPosition, Reason::CoordinatesNoList))
}

fn rings(json: &Json) -> Result<Vec<Vec<Coord>>, Refusal> {
    list(json)?.iter().map(positions).collect()
}

fn positions(json: &Json) -> Result<Vec<Coord>, Refusal> {
    list(json)?.iter().map(position).collect()
}

/// The first two numbers; a height and more are left out.
fn position(json: &Json) -> Result<Coord, Refusal> {
    match json.as_list() {
        Some([x, y, ..]) => match (x.as_number(), y.as_number()) {
            (Some(x), Some(y)) => Ok(Coord { x, y }),
            _ => Err(Refusal::new(
                Code::BadPosition,
                Reason::NotAPosition {
                    text: quote(&json.to_string()),
                },
            )),
        },
        _ => Err(Refusal::new(Code::BadPosition, Reason::PositionTooShort)),
    }
}

/// The whole document: `features` goes to the collector item by item, the
/// other members are returned.
struct Top<'a>(&'a mut Collector);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "features" {
                map.next_value_seed(List(self.0))?;
                members.push((key, Json::Null));
            } else {
                members.push((key, map.next_value()?));
            }
        }
        Ok(Json::Object(members))
    }
}

/// The list of features.
struct List<'a>(&'a mut Collector);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.seen = true;
        while let Some(item) = seq.next_element::<Json>()? {
            self.0.feature(&item);
        }
        Ok(())
    }
}
