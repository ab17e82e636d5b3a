//! Coordinates that people paste: two numbers in either order, or degrees,
//! minutes and seconds. What datum they are in nobody knows, so all three
//! readings are candidates.

use geo::Coord;

use crate::crs::{Crs, Transformer, on_globe};

/// One reading of a pasted text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// `wgs84`, `gcj02` or `bd09`.
    pub(super) datum: &'static str,
    /// The numbers as pasted, longitude first.
    pub(super) pasted: Coord,
    /// The place in WGS84 degrees.
    pub(super) at: Coord,
}

/// All readings of a text; none if it is no pair of coordinates.
///
/// The order is known when one number can only be a longitude, or when both
/// carry letters; else longitude first, and latitude first as a second guess.
pub(super) fn read(text: &str) -> Vec<Candidate> {
    let Some((first, second)) = pair(text) else {
        return Vec::new();
    };
    let mut orders = Vec::new();
    let (a, b) = (first.value, second.value);
    let fits = |lon: f64, lat: f64| lon.abs() <= 180.0 && lat.abs() <= 90.0;
    let in_china =
        |lon: f64, lat: f64| (72.0..=138.0).contains(&lon) && (0.5..=56.0).contains(&lat);
    let lon_first = first.axis != Some(Axis::Lat) && second.axis != Some(Axis::Lon) && fits(a, b);
    let lat_first = first.axis != Some(Axis::Lon) && second.axis != Some(Axis::Lat) && fits(b, a);
    let likely_lat_first = in_china(b, a) && !in_china(a, b);
    if lon_first && !(lat_first && likely_lat_first) {
        orders.push(Coord { x: a, y: b });
    }
    if lat_first && !(lon_first && in_china(a, b)) {
        orders.push(Coord { x: b, y: a });
    }
    orders
        .into_iter()
        .flat_map(|pasted| {
            [
                (Crs::Wgs84, "wgs84"),
                (Crs::Gcj02, "gcj02"),
                (Crs::Bd09, "bd09"),
            ]
            .into_iter()
            .filter_map(move |(crs, datum)| {
                let at = Transformer::new(crs).ok()?.to_wgs84(pasted).ok()?;
                let at = on_globe(at).ok()?;
                Some(Candidate { datum, pasted, at })
            })
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Lon,
    Lat,
}

#[derive(Debug, Clone, Copy)]
struct Angle {
    value: f64,
    axis: Option<Axis>,
}

fn pair(text: &str) -> Option<(Angle, Angle)> {
    if text.len() > 120 {
        return None;
    }
    let text: String =
        text.chars()
            .map(|c| match c {
                ',' | '\u{ff0c}' | ';' | '\u{ff1b}' | '、' => ',',
                '。' | '\u{ff0e}' => '.',
                '°' | '度' | 'º' => '°',
                '′' | '\u{2018}' | '\u{2019}' | '分' => '\'',
                '″' | '\u{201c}' | '\u{201d}' | '秒' => '"',
                '东' => 'E',
                '西' => 'W',
                '北' => 'N',
                '南' => 'S',
                '经' | '纬' | ':' | '\u{ff1a}' | '(' | '\u{ff08}' | ')' | '\u{ff09}' | '['
                | ']' => ' ',
                '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
                c => c.to_ascii_uppercase(),
            })
            .collect();
    let text = text.trim();
    let parts: Vec<&str> = if text.contains(',') {
        text.split(',').collect()
    } else if text.contains('°') {
        split_at_letters(text)?
    } else {
        text.split_whitespace().collect()
    };
    let [first, second] = parts[..] else {
        return None;
    };
    Some((angle(first)?, angle(second)?))
}

/// `N31°49' E117°17'` and `31°49'N 117°17'E` without a comma.
fn split_at_letters(text: &str) -> Option<Vec<&str>> {
    let second = text.rfind('°')?;
    let start = text[..second]
        .rfind(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .map_or(0, |at| at + 1);
    let leading = text[..start].trim_end().ends_with(['N', 'S', 'E', 'W'])
        && text.starts_with(['N', 'S', 'E', 'W']);
    let cut = if leading {
        text[..start].trim_end().len() - 1
    } else {
        start
    };
    (cut > 0).then(|| vec![&text[..cut], &text[cut..]])
}

/// Decimal degrees or degrees, minutes and seconds, with or without a letter.
fn angle(text: &str) -> Option<Angle> {
    let text = text.trim();
    let letter = text.chars().find(char::is_ascii_alphabetic);
    let (axis, sign) = match letter {
        None => (None, 1.0),
        Some('E') => (Some(Axis::Lon), 1.0),
        Some('W') => (Some(Axis::Lon), -1.0),
        Some('N') => (Some(Axis::Lat), 1.0),
        Some('S') => (Some(Axis::Lat), -1.0),
        Some(_) => return None,
    };
    let body = text.trim_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let mut value = 0.0;
    let (negative, body) = match body.strip_prefix('-') {
        Some(rest) if letter.is_none() => (true, rest),
        _ => (false, body),
    };
    let mut rest = body;
    for (unit, scale, limit) in [('°', 1.0, 180.0), ('\'', 60.0, 60.0), ('"', 3600.0, 60.0)] {
        let (number, after) = match rest.split_once(unit) {
            Some(split) => split,
            // A last number without its sign: `31°49'30` or plain degrees.
            None if unit == '°' || !rest.trim().is_empty() && rest == body => (rest, ""),
            None => continue,
        };
        let number = number.trim();
        let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let part: f64 = plain.then(|| number.parse().ok()).flatten()?;
        if part > limit {
            return None;
        }
        value += part / scale;
        rest = after;
    }
    if !rest.trim().is_empty() {
        return None;
    }
    Some(Angle {
        value: if negative { -value } else { sign * value },
        axis,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<(f64, f64)> {
        let candidate = *read(text).first()?;
        let round = |v: f64| (v * 1e5).round() / 1e5;
        Some((round(candidate.pasted.x), round(candidate.pasted.y)))
    }

    #[test]
    fn reads_what_people_paste() {
        let place = Some((117.28333, 31.825));
        for text in [
            "117.28333,31.825",
            "31.825, 117.28333",
            "31.825,117.28333",
            "117.28333 31.825",
            "(117.28333;31.825)",
            "117.28333E 31.825N",
            "N31°49'30\" E117°17'00\"",
            "31°49'30\"N 117°17'00\"E",
            "31°49′30″N, 117°17′0″E",
            "东经117°17′ 北纬31°49′30″",
            "北纬31度49分30秒,东经117度17分",
            "\u{ff11}17.28333\u{ff0c}31.825",
        ] {
            let got = first(text).map(|(x, y)| ((x * 1e4).round(), (y * 1e4).round()));
            let want = place.map(|(x, y): (f64, f64)| ((x * 1e4).round(), (y * 1e4).round()));
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn three_datums_of_one_place_in_china_lie_apart() {
        let readings = read("117.28333,31.825");
        assert_eq!(readings.len(), 3);
        assert_eq!(readings[0].at, readings[0].pasted);
        for pair in [(0, 1), (1, 2), (0, 2)] {
            let d = crate::crs::distance_m(readings[pair.0].at, readings[pair.1].at);
            assert!((100.0..3000.0).contains(&d), "{pair:?}: {d} m");
        }
    }

    #[test]
    fn both_orders_where_nobody_can_know() {
        let readings = read("10.5,20.25");
        assert_eq!(readings.len(), 6);
    }

    #[test]
    fn names_and_codes_are_no_coordinates() {
        for text in [
            "",
            ",",
            "1",
            "元一名城",
            "WG190",
            "190,",
            "1,2,3",
            "nan,nan",
            "inf,1",
            "200,100",
            "31°61', 117°0'",
            "117.2.3,31",
            "a1,b2",
            "1e2,3",
            "--1,2",
            "°,°",
            "N,E",
            "12345 诉求",
        ] {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }
}
