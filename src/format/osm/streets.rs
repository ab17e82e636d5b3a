//! Streets of an extract, cut where they meet.

use osmpbf::{Element, TagIter};

use super::scan::{Places, Way, each, enough, name, tag};
use crate::format::fault::Fault;
use crate::format::problem::FileError;
use crate::format::table::{Feature, Features, Shape};
use crate::model::StreetClass;

const COLUMNS: [&str; 5] = ["id", "name", "class", "oneway", "foot"];

/// A street on the way.
struct Street {
    way: Way,
    name: String,
    class: StreetClass,
    oneway: &'static str,
    foot: &'static str,
}

/// Reads the streets and rails.
///
/// # Errors
/// When the file is damaged or too large.
pub(super) fn read(bytes: &[u8]) -> Result<Features, FileError> {
    let mut streets: Vec<Street> = Vec::new();
    let mut points = 0;
    each(bytes, |element| {
        if let Element::Way(way) = element
            && let Some(class) = class(way.tags())
        {
            let refs: Vec<i64> = way.refs().collect();
            points += refs.len();
            enough(points)?;
            streets.push(Street {
                class,
                name: name(way.tags()),
                oneway: oneway(way.tags()),
                foot: foot(way.tags(), class),
                way: Way {
                    id: way.id(),
                    points: refs,
                },
            });
        }
        Ok(())
    })?;
    let mut all: Vec<i64> = streets.iter().flat_map(|s| s.way.points.clone()).collect();
    all.sort_unstable();
    // Points that more than one street has, or one street twice.
    let mut shared: Vec<i64> = all
        .windows(2)
        .filter(|w| w[0] == w[1])
        .map(|w| w[0])
        .collect();
    shared.dedup();
    let places = Places::of(bytes, all)?;
    let mut features = Features {
        columns: COLUMNS.map(str::to_owned).to_vec(),
        encoding: "utf-8",
        ..Features::default()
    };
    let mut broken = 0;
    for street in &streets {
        let pieces = pieces(&street.way.points, &shared);
        let lines = pieces.into_iter().flat_map(|p| places.stretches(p));
        let before = features.rows.len();
        let rows = lines.enumerate().map(|(n, line)| street.feature(n, line));
        features.rows.extend(rows);
        broken += u64::from(features.rows.len() == before);
    }
    if broken > 0 {
        features
            .notes
            .push(Fault::OsmBroken { count: broken }.note());
    }
    Ok(features)
}

impl Street {
    fn feature(&self, n: usize, line: Vec<geo::Coord>) -> Feature {
        let cells = [
            format!("way/{}-{n}", self.way.id),
            self.name.clone(),
            self.class.as_str().to_owned(),
            self.oneway.to_owned(),
            self.foot.to_owned(),
        ];
        Feature {
            cells: cells.into_iter().enumerate().collect(),
            shape: Some(Shape::Lines(vec![line])),
            ..Feature::default()
        }
    }
}

/// The class of a way; `None` for what is no street or not there to be seen.
pub(super) fn class(tags: TagIter<'_>) -> Option<StreetClass> {
    let (mut highway, mut railway, mut area, mut tunnel) = (None, None, false, false);
    for (key, value) in tags {
        match key {
            "highway" => highway = Some(value),
            "railway" => railway = Some(value),
            "area" => area = value == "yes",
            "tunnel" => tunnel = value != "no",
            _ => {}
        }
    }
    if let Some(value) = highway {
        return value.parse().ok().filter(|_| !area);
    }
    // Trams run in streets; lines under the ground are on no map of streets.
    let rail = railway.is_some_and(|v| matches!(v, "rail" | "light_rail" | "subway"));
    (rail && !tunnel).then_some(StreetClass::Rail)
}

fn oneway(tags: TagIter<'_>) -> &'static str {
    match tag(tags.clone(), "oneway") {
        Some("yes" | "true" | "1") => "yes",
        Some("-1" | "reverse") => "-1",
        Some(_) => "no",
        None => {
            let round = tag(tags.clone(), "junction").is_some_and(|v| v == "roundabout");
            let fast = tag(tags, "highway").is_some_and(|v| v == "motorway");
            if round || fast { "yes" } else { "no" }
        }
    }
}

fn foot(tags: TagIter<'_>, class: StreetClass) -> &'static str {
    match tag(tags.clone(), "foot") {
        Some("no" | "private" | "use_sidepath") => return "no",
        Some(_) => return "yes",
        None => {}
    }
    let fast = tag(tags.clone(), "highway")
        .is_some_and(|v| v.starts_with("motorway") || v.starts_with("trunk_link"));
    let closed = tag(tags, "access").is_some_and(|v| matches!(v, "no" | "private"));
    if class == StreetClass::Rail || fast || closed {
        "no"
    } else {
        "yes"
    }
}

/// A row of points cut at those that are shared.
fn pieces<'a>(points: &'a [i64], shared: &[i64]) -> Vec<&'a [i64]> {
    let mut out = Vec::new();
    let mut start = 0;
    for at in 1..points.len() {
        let last = at + 1 == points.len();
        if last || shared.binary_search(&points[at]).is_ok() {
            out.push(&points[start..=at]);
            start = at;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streets_are_cut_where_they_meet() {
        assert_eq!(
            pieces(&[1, 2, 3, 4], &[2, 9]),
            [&[1, 2][..], &[2, 3, 4][..]]
        );
        assert_eq!(pieces(&[1, 2, 1], &[1]), [&[1, 2, 1][..]]);
        assert!(pieces(&[1], &[]).is_empty() && pieces(&[], &[]).is_empty());
    }
}
