//! `.prj` files: WKT to one of the systems read here.

use super::{Crs, CrsError, Zone};

/// Longest text worth parsing; real ones have about 600 bytes.
const MAX_BYTES: usize = 16 * 1024;
/// Deepest nesting worth parsing; real ones have about 6 levels.
const MAX_DEPTH: usize = 32;

/// See [`Crs::from_wkt`].
pub(super) fn from_wkt(text: &str) -> Result<Crs, CrsError> {
    let text = text
        .trim_start_matches('\u{feff}')
        .trim_matches(['\0', ' ', '\r', '\n', '\t']);
    let name = || CrsError::UnknownWkt(wkt_name(text));
    if text.len() > MAX_BYTES || depth(text) > MAX_DEPTH {
        return Err(CrsError::UnknownWkt(
            "the text is too long or too deep".into(),
        ));
    }
    let flat: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if flat.contains("xian1980") || flat.contains("xian80") {
        return Err(CrsError::OldDatum("Xian 1980"));
    }
    if flat.contains("beijing1954") || flat.contains("beijing54") {
        return Err(CrsError::OldDatum("Beijing 1954"));
    }
    let definition = proj4wkt::wkt_to_projstring(text).map_err(|_unread| name())?;
    from_definition(&definition, &flat).ok_or_else(name)
}

/// Matches the parameters of a proj string, since names differ by program.
fn from_definition(definition: &str, flat: &str) -> Option<Crs> {
    let get = |key: &str| {
        definition
            .split_ascii_whitespace()
            .find_map(|part| part.strip_prefix('+')?.strip_prefix(key)?.strip_prefix('='))
    };
    let number = |key: &str, default: f64| get(key).map_or(Some(default), |v| v.parse().ok());

    let a = number("a", 6_378_137.0)?;
    // A shift to another datum, or a foreign meridian, is not ours.
    let shifted = get("towgs84").is_some_and(|v| v.split(',').any(|n| n.parse() != Ok(0.0)));
    let meridian = get("pm").is_some_and(|v| v != "greenwich" && v.parse() != Ok(0.0));
    if (a - 6_378_137.0).abs() > 0.01 || shifted || meridian {
        return None;
    }
    let china =
        flat.contains("cgcs2000") || flat.contains("china2000") || flat.contains("system2000");
    match get("proj")? {
        "longlat" | "latlong" if china => Some(Crs::Cgcs2000),
        "longlat" | "latlong" => flat.contains("wgs").then_some(Crs::Wgs84),
        "tmerc" | "etmerc" if china => {
            let plain = number("k", 1.0)? == 1.0
                && number("k_0", 1.0)? == 1.0
                && number("lat_0", 0.0)? == 0.0
                && number("y_0", 0.0)? == 0.0
                && get("units").is_none_or(|u| u == "m");
            let zone = Zone::from_parameters(number("lon_0", 0.0)?, number("x_0", 0.0)?)?;
            plain.then_some(Crs::GaussKruger(zone))
        }
        "webmerc" => Some(Crs::WebMercator),
        "merc" => flat.contains("pseudomercator").then_some(Crs::WebMercator),
        _ => None,
    }
}

/// The quoted name at the start, for the message.
fn wkt_name(text: &str) -> String {
    let name = text.split('"').nth(1).unwrap_or("unreadable text");
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0usize, 0);
    for b in text.bytes() {
        match b {
            b'[' | b'(' => now += 1,
            b']' | b')' => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}
