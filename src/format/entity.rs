//! Rows to entities, one function per layer.

use std::borrow::Cow;

use geo::{Coord, Geometry, Point};

use super::json::Json;
use super::options::Report;
use super::problem::{Code, Refusal, quote};
use super::reason::Reason;
use super::row::{Row, unknown_word};
use super::table::Shape;
use super::text::{MAX_TEXT, clean};
use crate::model::{
    Category, Checkpoint, Compound, CompoundKind, Entity, FoundBy, Grid, GridKind, Incident,
    IncidentKind, PatrolMode, Route, Street, StreetClass, Timestamp,
};

/// The most gates or checkpoints of one entity.
const MAX_POINTS: usize = 200;

/// An entity that can be read from a row.
pub(super) trait Draft: Entity {
    fn read(row: &mut Row<'_, '_, '_>) -> Result<Self, Refusal>;

    /// Adds what only shows when all rows are there.
    fn review(_items: &[Self], _rows: &[u64], _report: &mut Report) {}
}

impl Draft for Grid {
    fn read(row: &mut Row<'_, '_, '_>) -> Result<Self, Refusal> {
        let shape = shape(row)?;
        let area = row.context.door.area(&shape, &mut row.repairs)?;
        let (code, name) = code_and_name(row)?;
        if code.is_empty() {
            return Err(row.refuse("code", Code::MissingField, Reason::GridWithoutCode));
        }
        Ok(Self {
            meta: row.meta(&code)?,
            kind: row.word("kind", GridKind::Basic),
            community: row.name("community")?,
            post: row.name("post")?,
            households: row.count("households")?,
            valid_from: row.day("valid_from")?,
            valid_to: row.day("valid_to")?,
            area,
            code,
            name,
        })
    }

    fn review(items: &[Self], rows: &[u64], report: &mut Report) {
        super::review::grids(items, rows, report);
    }
}

impl Draft for Compound {
    fn read(row: &mut Row<'_, '_, '_>) -> Result<Self, Refusal> {
        let shape: Geometry = match shape(row) {
            Ok(area)
                if matches!(
                    *area,
                    Shape::Polygons(_) | Shape::Lines(_) | Shape::Collection
                ) =>
            {
                crate::model::meta::single(row.context.door.area(&area, &mut row.repairs)?)
            }
            Err(refusal) if refusal.code != Code::NoGeometry => return Err(refusal),
            _ => match row.place()? {
                Some(at) => Point(at).into(),
                None => return Err(Refusal::new(Code::NoGeometry, Reason::CompoundWithoutPlace)),
            },
        };
        let code = row.name("code")?;
        let name = row.name("name")?;
        if name.is_empty() {
            row.warn_once("name", "", Reason::CompoundWithoutName);
        }
        let gates = points(row, "gates")?
            .into_iter()
            .map(|(_, at)| at)
            .collect();
        Ok(Self {
            meta: row.meta("")?,
            kind: row.word("kind", CompoundKind::Other),
            community: row.name("community")?,
            priority: priority(row)?,
            households: row.count("households")?,
            code,
            name,
            gates,
            shape,
        })
    }
}

impl Draft for Street {
    fn read(row: &mut Row<'_, '_, '_>) -> Result<Self, Refusal> {
        let shape = shape(row)?;
        let line = row.context.door.lines(&shape, &mut row.repairs)?;
        let class = row.word("class", StreetClass::Branch);
        let direction = row.cell("oneway");
        // OpenStreetMap: -1 is one-way against the line.
        let against = direction.as_deref() == Some("-1");
        let foot_default = class != StreetClass::Rail;
        Ok(Self {
            meta: row.meta("")?,
            name: row.name("name")?,
            class,
            oneway: against || row.yes("oneway", false),
            foot: row.yes("foot", foot_default),
            line: if against { reversed(line) } else { line },
        })
    }
}

impl Draft for Route {
    fn read(row: &mut Row<'_, '_, '_>) -> Result<Self, Refusal> {
        let shape = shape(row)?;
        let line = row.context.door.lines(&shape, &mut row.repairs)?;
        let (code, name) = code_and_name(row)?;
        let checkpoints = points(row, "checkpoints")?
            .into_iter()
            .map(|(name, at)| Checkpoint { name, at })
            .collect();
        Ok(Self {
            meta: row.meta(&code)?,
            mode: row.word("mode", PatrolMode::Foot),
            code,
            name,
            checkpoints,
            line,
        })
    }
}

impl Draft for Incident {
    fn read(row: &mut Row<'_, '_, '_>) -> Result<Self, Refusal> {
        let at = row.place()?;
        let when = row
            .when("occurred_at")?
            .ok_or_else(|| row.refuse("occurred_at", Code::TimeParse, Reason::TimeMissing))?;
        // A column that says so counts: midnight may be a time.
        let date_only = row.yes("date_only", when.date_only);
        let reported_at = row.when("reported_at")?.map(|w| w.at);
        if let Some(now) = row.context.options.now
            && when.at > Timestamp(now.0 + 86_400)
        {
            let warning = row.refuse("occurred_at", Code::TimeFuture, Reason::TimeInFuture);
            row.warnings.push(warning);
        }
        let (kind, category) = kind_and_category(row)?;
        Ok(Self {
            meta: row.meta("")?,
            kind,
            category,
            found_by: row.word("found", FoundBy::Resident),
            occurred_at: when.at,
            date_only,
            reported_at,
            status: row.name("status")?,
            text: row.text("text", MAX_TEXT)?,
            at,
        })
    }
}

/// The shape of the row: its own, else the WKT in a column.
fn shape<'r>(row: &Row<'r, '_, '_>) -> Result<Cow<'r, Shape>, Refusal> {
    if let Some(shape) = row.record.shape {
        return Ok(Cow::Borrowed(shape));
    }
    match row.cell("wkt") {
        Some(cell) => super::wkt::parse(&cell)
            .map(Cow::Owned)
            .map_err(|r| row.at("wkt", r)),
        None => Err(Refusal::new(Code::NoGeometry, Reason::NoGeometry)),
    }
}

/// Code and name; one stands in for the other.
fn code_and_name(row: &mut Row<'_, '_, '_>) -> Result<(String, String), Refusal> {
    let (code, name) = (row.name("code")?, row.name("name")?);
    Ok(match (code.is_empty(), name.is_empty()) {
        (true, _) => (name.clone(), name),
        (_, true) => (code.clone(), code),
        _ => (code, name),
    })
}

/// 1 high, 2 middle, 3 low.
fn priority(row: &Row<'_, '_, '_>) -> Result<u8, Refusal> {
    let Some(cell) = row.cell("priority") else {
        return Ok(2);
    };
    match cell.trim_end_matches('级').to_lowercase().as_str() {
        "1" | "一" | "高" | "重点" | "a" | "high" => Ok(1),
        "2" | "二" | "中" | "b" | "middle" | "medium" => Ok(2),
        "3" | "三" | "低" | "一般" | "c" | "low" => Ok(3),
        other => Err(row.refuse(
            "priority",
            Code::BadValue,
            Reason::NotAPriority { cell: quote(other) },
        )),
    }
}

/// Kind and category from one or both columns.
fn kind_and_category(row: &mut Row<'_, '_, '_>) -> Result<(IncidentKind, String), Refusal> {
    let word = match row.cell("category") {
        Some(cell) => clean(&cell, 80).map_err(|r| row.at("category", r))?,
        None => String::new(),
    };
    let given = match row.cell("kind") {
        Some(cell) => match cell.parse::<IncidentKind>() {
            Ok(kind) => Some(kind),
            Err(unknown) => return Err(row.refuse("kind", Code::Kind, unknown_word(unknown))),
        },
        None => None,
    };
    // A column called 类别 often holds 警情, 纠纷, 诉求.
    let as_kind = word.parse::<IncidentKind>().ok();
    let Some(kind) = given.or(as_kind).or_else(|| guess_kind(row, &word)) else {
        let reason = if word.is_empty() {
            Reason::KindMissing
        } else {
            Reason::KindUnclear { word: quote(&word) }
        };
        return Err(row.refuse("kind", Code::Kind, reason));
    };
    if word.is_empty() || as_kind == Some(kind) {
        return Ok((kind, String::new()));
    }
    Ok((kind, category(row, &word, kind)))
}

/// The kind whose category has this name, else one that has the alias; the
/// hotline goes first, since its subjects are the widest.
fn guess_kind(row: &Row<'_, '_, '_>, word: &str) -> Option<IncidentKind> {
    let tree = &row.context.options.categories;
    if let Some(item) = tree.get(word) {
        return Some(item.kind);
    }
    let hits: Vec<&Category> = [
        IncidentKind::Hotline,
        IncidentKind::Police,
        IncidentKind::Dispute,
    ]
    .iter()
    .filter_map(|kind| tree.find(word, Some(*kind)))
    .collect();
    let named = hits
        .iter()
        .find(|c| c.name_zh == word || c.name_en.eq_ignore_ascii_case(word));
    named.or(hits.first()).map(|c| c.kind)
}

/// The code of a word; an unknown word becomes a new leaf of the kind.
fn category(row: &mut Row<'_, '_, '_>, word: &str, kind: IncidentKind) -> String {
    let known = row
        .context
        .options
        .categories
        .find(word, Some(kind))
        .filter(|c| c.kind == kind);
    if let Some(item) = known {
        return item.code.clone();
    }
    // Personal numbers have no place in a word either.
    let (word, found) = super::personal::mask_text(word);
    row.masked.extend(found);
    let added = &row.learning.known().new_categories;
    if let Some(item) = added.iter().find(|c| c.kind == kind && c.name_zh == word) {
        return item.code.clone();
    }
    let taken = |code: &str| {
        row.context.options.categories.get(code).is_some() || added.iter().any(|c| c.code == code)
    };
    let plain = format!("{kind}.{}", slug(&word));
    let code = if taken(&plain) {
        format!("{plain}-{}", &blake3::hash(word.as_bytes()).to_hex()[..6])
    } else {
        plain
    };
    let Some(learned) = row.learning.add() else {
        return code;
    };
    learned.new_categories.push(Category {
        code: code.clone(),
        parent: None,
        kind,
        name_en: if word.is_ascii() {
            word.clone()
        } else {
            String::new()
        },
        name_zh: word,
        sensitive: false,
        aliases: Vec::new(),
    });
    code
}

/// A word as a code: pinyin and ASCII, joined by `-`.
fn slug(word: &str) -> String {
    use pinyin::ToPinyin;
    let mut parts: Vec<String> = vec![String::new()];
    for c in word.chars().take(24) {
        if let Some(syllable) = c.to_pinyin() {
            parts.push(syllable.plain().replace('ü', "v"));
            parts.push(String::new());
        } else if c.is_ascii_alphanumeric() {
            if let Some(last) = parts.last_mut() {
                last.push(c.to_ascii_lowercase());
            }
        } else {
            parts.push(String::new());
        }
    }
    parts.retain(|p| !p.is_empty() && p.is_ascii());
    let slug = parts.join("-");
    if slug.is_empty() {
        blake3::hash(word.as_bytes()).to_hex()[..8].to_owned()
    } else {
        slug.chars().take(60).collect()
    }
}

fn reversed(mut line: geo::MultiLineString) -> geo::MultiLineString {
    line.0.reverse();
    for part in &mut line.0 {
        part.0.reverse();
    }
    line
}

/// Named points in one cell, as our own export writes them:
/// `[[117.28,31.89],…]` or `[{"name":"东门","lon":117.28,"lat":31.89},…]`.
fn points(row: &mut Row<'_, '_, '_>, field: &str) -> Result<Vec<(String, Coord)>, Refusal> {
    let Some(cell) = row.cell(field) else {
        return Ok(Vec::new());
    };
    let refuse = |row: &Row<'_, '_, '_>| row.refuse(field, Code::BadValue, Reason::NotPlaces);
    if !cell.starts_with('[') {
        // Names alone, as a table shows them, have no places to keep.
        row.warn_once(field, "", Reason::PlacesWithoutPosition);
        return Ok(Vec::new());
    }
    let json: Json = serde_json::from_str(&cell).map_err(|_syntax| refuse(row))?;
    let items = json
        .as_list()
        .filter(|l| l.len() <= MAX_POINTS)
        .ok_or_else(|| refuse(row))?;
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        let number = |key: &str, slot: usize| {
            item.get(key)
                .or_else(|| item.as_list()?.get(slot))
                .and_then(Json::as_number)
        };
        let (Some(x), Some(y)) = (number("lon", 0), number("lat", 1)) else {
            return Err(refuse(row));
        };
        let at = row
            .context
            .door
            .place(Coord { x, y })
            .map_err(|r| row.at(field, r))?;
        let name = item.get("name").and_then(Json::as_str).unwrap_or("");
        let name = clean(name, super::text::MAX_NAME).map_err(|r| row.at(field, r))?;
        let (name, found) = super::personal::mask_text(&name);
        row.masked.extend(found);
        out.push((name, at));
    }
    Ok(out)
}
